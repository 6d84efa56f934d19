//! The loop that sends what is due: outbox to chat.
//!
//! A message is in hand, on disk, before the chat hears of it; what may have been sent already is looked for before it
//! is sent again. Channels go side by side, each in its order.

mod backoff;
mod carry;
mod chat;
mod heartbeat;
mod lease;
mod standing;

pub use chat::{Chat, Marking, OWNER, Outgoing, Refused, SendError, Sent};
pub use standing::{NotDelivering, Standing};

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::task::{Id, JoinError, JoinSet};
use url::Url;

use crate::app::Warden;
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::store::{Lane, Store, StoreError};
use heartbeat::Heartbeat;

/// The longest the loop sleeps: the clock may have been set, and others write to the database without ringing.
const NAP: Duration = Duration::from_secs(10);

/// How delivery behaves.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Channels that are served at the same time. One keeps the order of posting across channels too.
    pub side_by_side: usize,
    /// How long the chat may take to answer.
    pub answer_within: Duration,
    /// How long a pass waits for answers; what is under way goes on.
    pub patience: Duration,
    /// The wait after a first failure; it doubles with each further one.
    pub retry_first: Duration,
    /// The longest wait.
    pub retry_longest: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            side_by_side: 8,
            answer_within: Duration::from_secs(30),
            patience: Duration::from_secs(5),
            retry_first: Duration::from_secs(2),
            retry_longest: Duration::from_secs(600),
        }
    }
}

/// Sends what is due. Clones are the same one.
pub struct Delivery<C> {
    inner: Arc<Inner<C>>,
}

struct Inner<C> {
    warden: Warden,
    store: Store,
    chat: C,
    terms: Terms,
    /// Who takes the lease; nobody where there is only one process.
    holder: Option<String>,
    held_until: Mutex<Option<Timestamp>>,
    under_way: Mutex<UnderWay>,
    stopping: watch::Sender<bool>,
    heartbeat: OnceLock<Arc<Heartbeat>>,
}

/// What is being sent at this moment.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<Result<(), StoreError>>,
    lanes: HashMap<Id, Lane>,
}

impl UnderWay {
    fn is_busy(&self, lane: &Lane) -> bool {
        let same =
            |other: &Lane| (&other.workspace, &other.channel) == (&lane.workspace, &lane.channel);
        self.lanes.values().any(same)
    }

    fn done(
        &mut self,
        done: Result<(Id, Result<(), StoreError>), JoinError>,
    ) -> Result<(), StoreError> {
        let (id, result) = match done {
            Ok(done) => done,
            Err(error) => (error.id(), Err(StoreError::Broken(error.into()))),
        };
        self.lanes.remove(&id);
        result
    }
}

impl<C> Clone for Delivery<C> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<C: Chat> Delivery<C> {
    /// The only process on its database: no lease is needed.
    pub fn alone(warden: Warden, chat: C, terms: Terms) -> Self {
        Self::new(warden, chat, terms, None)
    }

    /// One of several processes on a database: whoever holds the lease delivers.
    pub fn leased(warden: Warden, chat: C, terms: Terms) -> Self {
        let holder = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        Self::new(warden, chat, terms, Some(holder))
    }

    fn new(warden: Warden, chat: C, terms: Terms, holder: Option<String>) -> Self {
        let inner = Inner {
            store: warden.store().clone(),
            warden,
            chat,
            terms,
            holder,
            held_until: Mutex::default(),
            under_way: Mutex::default(),
            stopping: watch::Sender::new(false),
            heartbeat: OnceLock::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Has an address fetched every five minutes while this process delivers and nothing stands in its way.
    pub fn show_life(&self, url: Url) {
        let heartbeat = Arc::new(Heartbeat::new(url));
        if self.inner.heartbeat.set(heartbeat).is_err() {
            tracing::warn!("there is one heartbeat only");
        }
    }

    /// Tries to become the one that delivers; `false` when another process is.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn begin(&self) -> Result<bool, StoreError> {
        self.inner.hold_lease().await
    }

    /// Lets time decide what it decides, and sends everything that is due at this moment. Does nothing while another
    /// process delivers.
    ///
    /// # Errors
    /// When the database cannot be read or written; what the chat does is no error.
    pub async fn pass(&self) -> Result<(), StoreError> {
        let mut under_way = self.inner.under_way.lock().await;
        loop {
            self.start_due(&mut under_way).await?;
            let patience = self.inner.terms.patience;
            let next = under_way.tasks.join_next_with_id();
            match tokio::time::timeout(patience, next).await {
                Ok(Some(done)) => under_way.done(done)?,
                Ok(None) | Err(_) => return Ok(()),
            }
        }
    }

    /// When something is next due: a message, or what time decides.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next(&self) -> Result<Option<Timestamp>, StoreError> {
        let wake = self.inner.warden.next_wake().await?;
        let lanes = self.inner.store.lanes(1).await?;
        Ok(wake
            .into_iter()
            .chain(lanes.into_iter().map(|lane| lane.next))
            .min())
    }

    /// Moves a manual clock, and sends everything that falls due on the way, each at its own time.
    ///
    /// # Errors
    /// When the database cannot be read or written; the clock has arrived then too.
    pub async fn travel(&self, clock: &Clock, to: Timestamp) -> Result<(), StoreError> {
        let travelled = self.stop_by_stop(clock, to).await;
        if let Err(error) = clock.advance_to(to) {
            tracing::error!(error = %error, "the clock does not move");
        }
        travelled?;
        self.pass().await
    }

    async fn stop_by_stop(&self, clock: &Clock, to: Timestamp) -> Result<(), StoreError> {
        self.pass().await?;
        while let Some(next) = self.next().await? {
            if next > to || next <= clock.now() || clock.advance_to(next).is_err() {
                break;
            }
            self.pass().await?;
        }
        Ok(())
    }

    /// Delivers until [`Delivery::stop`]: sleeps until something is due, the bell rings or a nap is over.
    pub async fn run(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        loop {
            let bell = self.inner.store.bell().notified();
            tokio::pin!(bell);
            // Armed before looking: what is posted from here on is heard.
            bell.as_mut().enable();
            let nap = self.round().await;
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return,
                () = bell => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    /// Starts what is due, without waiting for the chat; how long to sleep then.
    async fn round(&self) -> Duration {
        let started = {
            let mut under_way = self.inner.under_way.lock().await;
            self.start_due(&mut under_way).await
        };
        let now = self.inner.warden.now();
        if let Some(heartbeat) = self.inner.heartbeat.get()
            && started.is_ok()
            && self.inner.delivers().await
            && self.inner.chat.reachable().await.is_ok()
        {
            heartbeat.beat(now).await;
        }
        match started {
            Ok(Some(next)) => (next - now).to_std().unwrap_or_default().min(NAP),
            Ok(None) => NAP,
            Err(error) => {
                tracing::error!(error = ?error, "delivery cannot go on; it tries again soon");
                NAP
            }
        }
    }

    /// Starts to send the heads of channels that are due and not busy; when the next one is, as far as that is known.
    async fn start_due(&self, under_way: &mut UnderWay) -> Result<Option<Timestamp>, StoreError> {
        let inner = &self.inner;
        while let Some(done) = under_way.tasks.try_join_next_with_id() {
            if let Err(error) = under_way.done(done) {
                tracing::error!(error = ?error, "a message is stuck; it is tried again soon");
            }
        }
        if *inner.stopping.borrow() || !inner.hold_lease().await? {
            return Ok(None);
        }
        let now = inner.warden.now();
        while inner.warden.wake_due(now).await? {}
        let wake = inner.warden.next_wake().await?;
        let places = inner.terms.side_by_side;
        let lanes = inner.store.lanes(under_way.lanes.len() + places).await?;
        for lane in lanes {
            if under_way.is_busy(&lane) {
                continue;
            }
            if lane.next > now {
                return Ok(Some(wake.map_or(lane.next, |wake| wake.min(lane.next))));
            }
            // The bell rings when a place is free.
            if under_way.lanes.len() >= places {
                break;
            }
            self.start(under_way, lane);
        }
        Ok(wake)
    }

    fn start(&self, under_way: &mut UnderWay, lane: Lane) {
        let (inner, carried) = (Arc::clone(&self.inner), lane.clone());
        let task = under_way.tasks.spawn(async move {
            inner.carry(&carried).await?;
            inner.store.bell().notify_one();
            Ok(())
        });
        under_way.lanes.insert(task.id(), lane);
    }

    /// Finishes what is under way, leaves the rest to whoever starts next, and lets another process deliver.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stop(&self) -> Result<(), StoreError> {
        self.inner.stopping.send_replace(true);
        let mut under_way = self.inner.under_way.lock().await;
        while let Some(done) = under_way.tasks.join_next_with_id().await {
            if let Err(error) = under_way.done(done) {
                tracing::error!(error = ?error, "a message was not recorded; it is looked for at the next start");
            }
        }
        self.inner.release_lease().await
    }
}
