//! Watched channels, in which other bots post the vendor's notices: messages there are judged like those handed in, and the
//! result is shown there.

use super::notice::{Decided, places};
use super::unit_of_work::UnitOfWork;
use super::{Actor, Incoming, Permits, RequestContext, Role, Settings, Warden};
use crate::answer::{Answer, Fatal};
use crate::domain::Timestamp;
use crate::domain::effect::{Post, PostKind, Reaction};
use crate::domain::id::{ChannelId, Label, Person, WorkspaceId};
use crate::domain::instance::Instance;
use crate::domain::notice::{self, NoticeRecord, NoticeStatus, through_channel};
use crate::domain::outcome::Outcome;
use crate::domain::payload::Payload;
use crate::domain::watch::Blind;
use crate::render;
use crate::store::{StoreResult, Tx};

/// The prefix of keys of replies in watched channels.
const ANSWER: &str = "re:";

/// A watched channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The ids of the webhooks and bots whose messages are read.
    pub sources: Vec<Label>,
    pub since: Timestamp,
    /// The Discord id of the last message looked at.
    pub last: Option<String>,
}

/// A message in a watched channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelMessage {
    pub channel: ChannelId,
    /// Its id on Discord.
    pub message: String,
    /// The webhook or bot that posted it.
    pub by: Person,
    /// The notices in it; without text if nothing is readable.
    pub said: Vec<notice::Message>,
}

impl Warden {
    /// Whether any workspace watches a channel.
    pub async fn watches_anything(&self) -> StoreResult<bool> {
        self.store.system().watches_anything().await
    }

    /// The watch on a channel; `None` if it is not watched.
    pub async fn watched(
        &self,
        workspace: &WorkspaceId,
        channel: &ChannelId,
    ) -> StoreResult<Option<Watched>> {
        let mut tx = self.store.read(workspace).await?;
        let settings = self.settings_in(&mut tx).await?;
        let sources = sources(&settings, channel);
        if sources.is_empty() {
            return Ok(None);
        }
        let watch = tx.watch(channel).await?;
        Ok(watch.map(|watch| Watched {
            sources: sources.to_vec(),
            since: watch.since,
            last: watch.last,
        }))
    }

    /// Takes a message of a watched channel as a notice, once, however often it arrives. The reactions and replies commit
    /// together with the mark that the message was looked at. `false` if its author is no longer watched there; nothing is taken
    /// then.
    ///
    /// # Errors
    /// When the database cannot be read or written; nothing is taken then.
    pub async fn on_channel_message(
        &self,
        workspace: &WorkspaceId,
        heard: &ChannelMessage,
    ) -> Result<bool, Fatal> {
        let actor = listener(workspace, heard);
        let configured = self.configured();
        let context = self.context(&configured, &actor);
        let taking = context.read_channel_message(heard);
        let log = |taken: &Result<Vec<Outcome>, Fatal>, ms| {
            for outcome in taken.iter().flatten() {
                tracing::info!(who = %actor.person.id, verb = "notice", heard.message = heard.message, outcome = outcome.as_str(), duration.ms = ms, "a message of a watched channel was decided");
            }
        };
        let taken = self.in_span(&actor, Box::pin(taking), log).await?;
        Ok(!taken.is_empty())
    }

    /// Marks a watched channel as looked at, up to a message.
    pub async fn looked_at(
        &self,
        workspace: &WorkspaceId,
        channel: &ChannelId,
        message: &str,
    ) -> StoreResult<()> {
        let mut tx = self.store.write(workspace).await?;
        tx.looked_at(channel, message).await?;
        tx.commit().await
    }

    /// Tells the admins why a channel cannot be watched, once per change of the setting.
    pub async fn cannot_watch(
        &self,
        workspace: &WorkspaceId,
        channel: &ChannelId,
        why: Blind,
    ) -> StoreResult<()> {
        let mut tx = self.store.write(workspace).await?;
        let settings = self.settings_in(&mut tx).await?;
        let Some((set, _)) = settings.own.watch(channel) else {
            return Ok(());
        };
        let word = why.as_str();
        tracing::warn!(
            workspace = workspace.as_str(),
            channel = channel.as_str(),
            why = word,
            "a watched channel cannot be read"
        );
        let alerts = &settings.channels.alerts;
        let key = format!("blind:{channel}:{word}:{}", set.at.timestamp_millis());
        let text = render::post::blind(channel, why);
        let post = Post::for_admins(alerts, key, self.clock.now(), text);
        if tx.post(&post).await? {
            tx.commit().await?;
        }
        Ok(())
    }
}

impl RequestContext<'_> {
    /// Takes the notices of a message, each in a decision of its own. The message is looked at with the last of them, so that all are
    /// taken when it is read again; those that were are recognised then.
    async fn read_channel_message(&self, heard: &ChannelMessage) -> Result<Vec<Outcome>, Fatal> {
        let source = through_channel(&heard.channel);
        let all = Incoming::each(heard.said.clone(), &source, Some(&heard.message));
        let mut taken = Vec::new();
        for (left, incoming) in (0..all.len()).rev().zip(&all) {
            let taking = |work| self.read_part(work, heard, incoming, left == 0);
            match self.in_turn(taking).await? {
                Some(outcome) => taken.push(outcome),
                None => return Ok(Vec::new()),
            }
        }
        Ok(taken)
    }

    async fn read_part(
        &self,
        mut work: UnitOfWork,
        heard: &ChannelMessage,
        incoming: &Incoming,
        is_last: bool,
    ) -> Result<Option<Outcome>, Fatal> {
        let settings = self.settings_in(&mut work.tx).await?;
        let context = self.by(&settings);
        let by = heard.by.id.as_str();
        if !sources(&settings, &heard.channel)
            .iter()
            .any(|id| id.as_str() == by)
        {
            return Ok(None);
        }
        if is_last {
            work.tx.looked_at(&heard.channel, &heard.message).await?;
        }
        if incoming.message.text().trim().is_empty() {
            react(
                &mut work.tx,
                &heard.channel,
                &heard.message,
                Reaction::Unread,
                context.now,
            )
            .await?;
            work.commit_unrecorded().await?;
            return Ok(Some(Outcome::Invalid));
        }
        context.take_part(work, incoming).await.map(Some)
    }

    async fn take_part(&self, mut work: UnitOfWork, incoming: &Incoming) -> Result<Outcome, Fatal> {
        let reply = match self.decide_notice(&mut work, incoming).await? {
            Decided::Before(reply) => {
                work.commit_unrecorded().await?;
                return Ok(reply.outcome);
            }
            Decided::Now(reply) => reply,
        };
        if let Answer::NoticeTaken(taken) = &reply.answer {
            show(
                self.settings,
                &mut work.tx,
                &taken.filed,
                &taken.known,
                self.now,
            )
            .await?;
        }
        let said = incoming.in_the_trail();
        let reply = self.finish_notice(work, said, reply).await?;
        Ok(reply.outcome)
    }
}

/// Shows the result of a notice under its message in a watched channel. If a raised notice is posted elsewhere, a reply says so.
pub(super) async fn show(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    now: Timestamp,
) -> StoreResult<()> {
    let Some((channel, message)) = filed.channel_message() else {
        return Ok(());
    };
    let reaction = match filed.status {
        NoticeStatus::Suppressed => Reaction::Suppressed,
        NoticeStatus::Raised => Reaction::Raised,
        NoticeStatus::Duplicate(_) => Reaction::Duplicate,
    };
    let channel = ChannelId::stored(channel);
    react(tx, &channel, message, reaction, now).await?;
    if reaction != Reaction::Raised || places(settings, known).contains_key(&channel) {
        return Ok(());
    }
    let number = filed.number;
    let (key, answer) = (
        format!("{ANSWER}{}", filed.external.as_deref().unwrap_or(message)),
        Payload::ChannelMessage { number },
    );
    let post = Post {
        instances: filed.instances.clone(),
        ..Post::new(PostKind::Notice, &channel, key, now, answer)
    };
    tx.post(&post).await.map(drop)
}

async fn react(
    tx: &mut Tx,
    channel: &ChannelId,
    message: &str,
    reaction: Reaction,
    now: Timestamp,
) -> StoreResult<()> {
    let key = format!("mark:{message}:{}", reaction.as_str());
    let message = message.to_owned();
    let reaction = Payload::Reaction { message, reaction };
    let post = Post::new(PostKind::Reaction, channel, key, now, reaction);
    tx.post(&post).await.map(drop)
}

/// The authors whose messages are read in a channel.
fn sources<'a>(settings: &'a Settings, channel: &ChannelId) -> &'a [Label] {
    settings
        .own
        .watch(channel)
        .map_or(&[], |(_, sources)| sources)
}

/// The author of a message in a watched channel may hand in notices, and nothing else.
fn listener(workspace: &WorkspaceId, heard: &ChannelMessage) -> Actor {
    Actor {
        manages: false,
        permits: Permits::Elsewhere,
        person: heard.by.clone(),
        workspace: workspace.clone(),
        roles: vec![Role::Requester],
        teams: Vec::new(),
        surface: "discord",
        message: Some(heard.message.clone()),
        people: Vec::new(),
        could_approve: None,
    }
}
