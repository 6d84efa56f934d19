//! A chat that records what can be seen in it, and fails as it is told to.

use edition_warden::domain::id::{ChannelId, WorkspaceId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edition_warden::app::{Settings, Warden};
use edition_warden::clock::Clock;
use edition_warden::delivery::{
    Chat, Delivery, DeliveryOptions, Outgoing, Refused, SendError, Sent,
};
use edition_warden::domain::Timestamp;
use edition_warden::domain::effect::{Post, PostKind};
use edition_warden::domain::payload::Payload;
use edition_warden::domain::reminder::Cadence;
use edition_warden::domain::setting::Overrides;
use edition_warden::domain::team::{Channels, Policy};
use edition_warden::store::{Served, Store};
use tokio::sync::Notify;

use crate::harness::instant;

/// How a channel behaves once.
#[derive(Debug, Clone)]
pub(crate) enum Mood {
    /// It works.
    Well,
    /// It fails, unseen.
    Later,
    /// It fails, unseen, and says when to come again.
    After(Duration),
    /// It is seen, and reported as failed.
    Ambiguous,
    /// It never works.
    Never(Refused),
    /// It never answers.
    Hangs,
}

/// What can be seen, and how it behaves.
#[derive(Default)]
pub(crate) struct Inside {
    pub(crate) seen: Vec<Outgoing>,
    pub(crate) moods: HashMap<String, VecDeque<Mood>>,
    /// How often it was asked to send, by channel.
    pub(crate) tried: Vec<(Timestamp, String, String)>,
    /// How often it was asked what is there.
    pub(crate) looked: usize,
    /// Whether nonces are known again: the window of the chat.
    pub(crate) window_open: bool,
}

/// A chat whose clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct RecordingChat {
    inside: Arc<Mutex<Inside>>,
    pub(crate) changed: Arc<Notify>,
}

impl RecordingChat {
    pub(crate) fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// How a channel behaves, one send after the other; then it works.
    pub(crate) fn script(&self, channel: &str, moods: impl IntoIterator<Item = Mood>) {
        let moods = moods.into_iter().collect();
        self.inside().moods.insert(channel.to_owned(), moods);
    }

    /// The texts of a channel, in the order in which they can be seen.
    pub(crate) fn reads(&self, channel: &str) -> Vec<String> {
        let inside = self.inside();
        let here = inside
            .seen
            .iter()
            .filter(|message| message.channel.as_str() == channel);
        here.map(|message| message.text.clone()).collect()
    }

    /// How often sending to a channel was tried.
    pub(crate) fn tries(&self, channel: &str) -> usize {
        let inside = self.inside();
        inside
            .tried
            .iter()
            .filter(|(_, tried, _)| tried == channel)
            .count()
    }

    fn show(&self, message: &Outgoing) -> Sent {
        let mut inside = self.inside();
        let known =
            inside.window_open && inside.seen.iter().any(|seen| seen.nonce == message.nonce);
        if !known {
            inside.seen.push(message.clone());
        }
        drop(inside);
        self.changed.notify_one();
        Sent {
            message: format!("m-{}", message.nonce),
        }
    }
}

fn later(retry_after: Option<Duration>) -> SendError {
    SendError::Later {
        retry_after,
        reason: "503".to_owned(),
    }
}

impl Chat for RecordingChat {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let mood = {
            let mut inside = self.inside();
            let tried = (
                message.at,
                message.channel.to_string(),
                message.nonce.clone(),
            );
            inside.tried.push(tried);
            let moods = inside.moods.get_mut(message.channel.as_str());
            moods.and_then(VecDeque::pop_front).unwrap_or(Mood::Well)
        };
        match mood {
            Mood::Well => Ok(self.show(message)),
            Mood::Later => Err(later(None)),
            Mood::After(wait) => Err(later(Some(wait))),
            Mood::Ambiguous => {
                self.show(message);
                Err(later(None))
            }
            Mood::Never(why) => Err(SendError::Permanent(why)),
            Mood::Hangs => std::future::pending().await,
        }
    }

    async fn find(
        &self,
        workspace: &WorkspaceId,
        channel: &ChannelId,
        nonce: &str,
    ) -> Result<Option<Sent>, SendError> {
        let mut inside = self.inside();
        inside.looked += 1;
        let there = inside.seen.iter().any(|seen| {
            (
                seen.workspace.as_str(),
                seen.channel.as_str(),
                seen.nonce.as_str(),
            ) == (workspace.as_str(), channel.as_str(), nonce)
        });
        Ok(there.then(|| Sent {
            message: format!("m-{nonce}"),
        }))
    }
}

/// A bot that delivers to a recording chat, on a manual clock.
pub(crate) struct Office {
    pub(crate) store: Store,
    pub(crate) clock: Arc<Clock>,
    pub(crate) chat: RecordingChat,
    pub(crate) delivery: Delivery<RecordingChat>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        import_stale_after: Some(chrono::TimeDelta::days(3)),
        vendor_zone: chrono_tz::Asia::Shanghai,
        reader_zone: chrono_tz::Asia::Shanghai,
        policy: Policy::default(),
        at_prompt: None,
        is_alone: false,
        teams: std::collections::BTreeMap::new(),
        audit_key: None,
        retention: Default::default(),
        wordings: edition_warden::config::Config::load(None, [])
            .unwrap()
            .wordings,
        own: Overrides::default(),
        cards: false,
        clockface: edition_warden::render::Clockface::Written,
        cadence: Cadence {
            ..Cadence::default()
        },
        channels: Channels {
            default: "general".parse().unwrap(),
            alerts: "alerts".parse().unwrap(),
        },
    }
}

/// A message that is said as it is.
pub(crate) fn post(channel: &str, text: &str, due: Timestamp) -> Post {
    Post {
        kind: PostKind::Reminder,
        channel: ChannelId::stored(channel),
        key: format!("{channel}:{text}"),
        due,
        change: None,
        instances: Vec::new(),
        mentions: Vec::new(),
        payload: Payload::ready(text.to_owned()),
    }
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::on(crate::harness::new_store().await, None)
    }

    /// On a database that other processes may deliver from too.
    pub(crate) fn shared(store: Store) -> Self {
        Self::on(store, Some(Served::All))
    }

    /// As [`Office::shared`], for a chat's workspaces only.
    pub(crate) fn of_bot(store: Store) -> Self {
        Self::on(store, Some(Served::AllBut("local".into())))
    }

    fn on(store: Store, leased: Option<Served>) -> Self {
        let clock = Arc::new(Clock::manual(instant("2026-01-01T00:00:00Z")));
        let chat = RecordingChat::default();
        let warden = Warden::new(store.clone(), Arc::clone(&clock), Arc::new(settings()));
        let terms = DeliveryOptions::default();
        let delivery = match leased {
            Some(served) => Delivery::leased(warden, chat.clone(), terms, served),
            None => Delivery::alone(warden, chat.clone(), terms),
        };
        Self {
            store,
            clock,
            chat,
            delivery,
        }
    }

    pub(crate) async fn posts(&self, channel: &str, text: &str) {
        self.posts_at(channel, text, self.clock.now()).await;
    }

    pub(crate) async fn posts_at(&self, channel: &str, text: &str, due: Timestamp) {
        self.puts("w", &post(channel, text, due)).await;
    }

    pub(crate) async fn puts(&self, workspace: &str, post: &Post) -> bool {
        let mut tx = self.store.write(&workspace.into()).await.unwrap();
        let new = tx.post(post).await.unwrap();
        tx.commit().await.unwrap();
        new
    }

    /// Sends what is due at this moment.
    pub(crate) async fn pass(&self) {
        self.delivery.pass().await.unwrap();
    }

    /// Moves the clock, delivering on the way.
    pub(crate) async fn advance(&self, seconds: i64) {
        let to = self.clock.now() + chrono::TimeDelta::seconds(seconds);
        self.delivery.travel(&self.clock, to).await.unwrap();
    }
}
