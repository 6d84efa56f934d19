//! The content of outbox messages, composed when they are sent, from the facts of that moment.

use std::sync::Arc;

use super::card::BACK;
use super::remind::situation_of;
use super::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::announce::PostContent;
use crate::domain::case::Case;
use crate::domain::change::{Change, Step};
use crate::domain::effect::{Action, Mention, PostKind, Reaction};
use crate::domain::gravity::Gravity;
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::payload::Payload;
use crate::render::{self, Clockface};
use crate::store::{CardShown, OutboxRow, StoreResult};

/// A message to be sent to the chat.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub workspace: WorkspaceId,
    /// Those of the workspace that it was composed by.
    pub settings: Arc<Settings>,
    pub channel: ChannelId,
    /// Constant over retries: Discord drops duplicates by it, and a sent message is found by it.
    pub nonce: String,
    pub kind: PostKind,
    /// It decides the colour.
    pub gravity: Gravity,
    pub mentions: Vec<Mention>,
    /// The names of the instances concerned.
    pub instances: Vec<String>,
    pub change: Option<u64>,
    /// The time of sending.
    pub at: Timestamp,
    pub text: String,
    /// The buttons.
    pub actions: Vec<Action>,
    /// Further updates that go with the card of a change.
    pub card: Option<Box<CardUpdate>>,
    /// The message of another author that this one replies to.
    pub on: Option<String>,
}

impl Outgoing {
    /// A message with the address of an outbox row and this text, and nothing else.
    pub(super) fn of(
        row: &OutboxRow,
        settings: &Arc<Settings>,
        now: Timestamp,
        text: String,
    ) -> Self {
        Self {
            workspace: row.workspace.clone(),
            settings: Arc::clone(settings),
            channel: row.post.channel.clone(),
            nonce: row.post.key.clone(),
            kind: row.post.kind,
            gravity: row.post.kind.into(),
            mentions: row.post.mentions.clone(),
            instances: Vec::new(),
            change: row.post.change,
            at: now,
            text,
            actions: Vec::new(),
            card: None,
            on: None,
        }
    }
}

/// A reaction to be added to another author's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionOn {
    pub workspace: WorkspaceId,
    pub channel: ChannelId,
    /// The id of the message on Discord.
    pub message: String,
    pub reaction: Reaction,
}

/// The result of composing a message that is due.
#[derive(Debug, Clone)]
pub enum Composed {
    /// A message to send.
    Say(Box<Outgoing>),
    /// A reaction to add.
    Reaction(ReactionOn),
    /// Nothing to send any more.
    Skip { reason: String },
}

impl Composed {
    pub(super) fn skip(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::Skip { reason }
    }
}

impl From<Outgoing> for Composed {
    fn from(message: Outgoing) -> Self {
        Self::Say(Box::new(message))
    }
}

/// The updates that go with the card of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardUpdate {
    /// The message to edit, if the card has been posted before.
    pub over: Option<String>,
    /// The requests for approvals, as they now read.
    pub requests: Vec<RequestUpdate>,
    /// New history for the discussion thread.
    pub discussion: Option<String>,
    /// Recorded once all of it is visible in the chat.
    pub shown: CardShown,
}

/// A request for approvals, as it now reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestUpdate {
    /// The channel, as the outbox names it.
    pub channel: ChannelId,
    /// The id of the message on Discord.
    pub message: String,
    pub text: String,
    /// It decides the colour.
    pub gravity: Gravity,
    /// The buttons.
    pub actions: Vec<Action>,
    /// Whether it asks for approvals, and does not call for the permit.
    pub asks: bool,
}

/// The most rows of history posted to a discussion thread at once.
const TOLD_AT_ONCE: u32 = 20;

impl Warden {
    /// Composes a message.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn compose(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
    ) -> StoreResult<Composed> {
        let mut composed = self.compose_post(row, settings).await?;
        if let (Composed::Say(said), Some(moved)) = (&mut composed, &row.moved) {
            said.text = render::post::moved(&moved.from, &moved.why, &said.text);
        }
        Ok(composed)
    }

    /// The content for the original channel, before any note that it was moved.
    async fn compose_post(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
    ) -> StoreResult<Composed> {
        let mut composed = match &row.post.payload {
            Payload::Reminders(batch) => return self.compose_reminders(row, settings, batch).await,
            Payload::Digest(digest) => return self.compose_digest(row, settings, digest).await,
            Payload::Card => return self.compose_card(row, settings).await,
            Payload::Reaction { message, reaction } => Composed::Reaction(ReactionOn {
                workspace: row.workspace.clone(),
                channel: row.post.channel.clone(),
                message: message.clone(),
                reaction: *reaction,
            }),
            Payload::Ready { text } => {
                Outgoing::of(row, settings, self.clock.now(), text.clone()).into()
            }
            Payload::Away { from } => {
                let now = self.clock.now();
                let text = render::post::away(*from, now, &settings.reader(now));
                Outgoing::of(row, settings, now, text).into()
            }
            Payload::Event(message) => self.compose_event(row, settings, message).await?,
            Payload::Notice { number } => self.compose_notices(row, settings, &[*number]).await?,
            Payload::Notices { numbers } => self.compose_notices(row, settings, numbers).await?,
            Payload::ChannelMessage { number } => {
                self.compose_notice(row, settings, *number).await?
            }
            Payload::Unreadable => Composed::skip("this version cannot read what it was made from"),
        };
        if let Composed::Say(said) = &mut composed {
            said.instances = self.instance_names(row).await?;
        }
        Ok(composed)
    }

    /// The card of a change as of now; skipped when a later post replaces it.
    async fn compose_card(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
    ) -> StoreResult<Composed> {
        let now = self.clock.now();
        let Some(number) = row.post.change else {
            return Ok(Composed::skip("it is about no change"));
        };
        let mut tx = self.store.read(&row.workspace).await?;
        let card = tx.card(number).await?;
        let case = tx.load_change_case(number).await?;
        let (Some(card), Some(mut case)) = (card.filter(|card| card.wanted == row.post.key), case)
        else {
            return Ok(Composed::skip("a later one says more"));
        };
        case.advance(&settings.policy, now);
        let next = case.next_step(&settings.policy.limits, now);
        let reader = settings.reader(now);
        let (events, told) = tx
            .change_history_since(number, card.told, TOLD_AT_ONCE)
            .await?;
        let mut shown = CardShown {
            change: number,
            told,
            settled: Vec::new(),
        };
        let mut requests = Vec::new();
        for asked in card.requests {
            let now = match asked.is_call {
                true => render::call_now(&case, asked.request, &reader),
                false => {
                    let (told, moved) = (asked.told, &asked.moved);
                    render::request_now(&case, asked.request, told, moved, &reader)
                }
            };
            if now.is_settled {
                shown.settled.push(asked.request);
            }
            let request = case.open_change().and_then(Change::request_open);
            let step = request.filter(|_| !now.actions.is_empty() && !asked.is_call);
            let lacks = step.map(|request| team_without_members(settings, request.step, &case));
            requests.push(RequestUpdate {
                channel: asked.channel,
                message: asked.message,
                text: now.text + &lacks.unwrap_or_default(),
                gravity: now.gravity,
                actions: now.actions,
                asks: !asked.is_call,
            });
        }
        let update = CardUpdate {
            over: card.message,
            requests,
            discussion: (!events.is_empty()).then(|| render::discussion(&events, &reader)),
            shown,
        };
        let said = Outgoing {
            // The opener is mentioned where the card is not in the instance's own channel, unless it is only brought back.
            mentions: match case.open_change() {
                Some(change)
                    if row.post.channel != settings.channel_of(&case.instance)
                        && !row.post.key.ends_with(BACK) =>
                {
                    vec![(&change.opened_by).into()]
                }
                _ => Vec::new(),
            },
            instances: vec![case.instance.called()],
            gravity: Gravity::of_change(&case, now),
            actions: render::action::of_change(&case, next, now),
            card: Some(Box::new(update)),
            ..Outgoing::of(row, settings, now, render::card(&case, next, &reader))
        };
        Ok(said.into())
    }

    /// The text as of now, with its buttons; or the reason why it is no longer sent.
    async fn compose_event(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
        message: &PostContent,
    ) -> StoreResult<Composed> {
        let now = self.clock.now();
        let mut tx = self.store.read(&row.workspace).await?;
        let mut case = match (row.post.change, row.post.instances.first()) {
            (Some(number), _) => tx.load_change_case(number).await?,
            (None, Some(id)) => tx.load_case(id).await?,
            (None, None) => None,
        };
        if let Some(case) = &mut case {
            case.advance(&settings.policy, now);
        }
        let text = match render::message(message, case.as_ref(), &settings.reader(now)) {
            Ok(text) => text,
            Err(reason) => return Ok(Composed::skip(reason)),
        };
        let text = match (message, &case) {
            (PostContent::JoinedTeam { .. }, Some(case)) => {
                let id = &case.instance.id;
                let open = situation_of(settings, &mut tx, id, now).await?;
                let open = open.map_or_else(String::new, |outlook| {
                    render::concern::open(&outlook.concerns, case, &settings.reader(now))
                });
                if open.is_empty() {
                    return Ok(Composed::skip("nothing of it is open"));
                }
                format!("{text} {open}")
            }
            (PostContent::ApprovalAsked { step, .. }, Some(case)) => {
                text + &team_without_members(settings, *step, case)
            }
            _ => text,
        };
        let actions = match (message, &case) {
            (PostContent::ApprovalAsked { request, .. }, Some(case)) => {
                render::of_asked(case, *request, now)
            }
            (PostContent::ApprovalComplete { .. }, Some(case)) => {
                let open = case.open_change().and_then(Change::request_open);
                let serial = open.map_or(0, |request| request.serial);
                render::call_now(case, serial, &settings.reader(now)).actions
            }
            _ => Vec::new(),
        };
        let said = Outgoing {
            gravity: message.into(),
            actions,
            ..Outgoing::of(row, settings, now, text)
        };
        Ok(said.into())
    }

    /// The names of the instances concerned; the id for an unknown one.
    async fn instance_names(&self, row: &OutboxRow) -> StoreResult<Vec<String>> {
        if row.post.instances.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.store.read(&row.workspace).await?;
        let mut names = Vec::new();
        for id in &row.post.instances {
            let case = tx.load_case(id).await?;
            names.push(case.map_or_else(|| id.to_string(), |case| case.instance.called()));
        }
        Ok(names)
    }
}

/// The line of a request that asks for an approval of a team which has no members. Elsewhere than on Discord people may be of a
/// team that nobody has described.
fn team_without_members(settings: &Settings, step: Step, case: &Case) -> String {
    let team = case.instance.team.as_ref();
    let lacks = step == Step::Unsubscribe && settings.clockface == Clockface::Marked;
    let team = team.filter(|team| lacks && settings.has_no_members(team));
    team.map_or_else(String::new, |team| {
        format!("\n{team}: {}", render::nobody_of(team, &case.instance))
    })
}
