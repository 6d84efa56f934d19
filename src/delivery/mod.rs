//! The loop that sends what is due: outbox to chat.
//!
//! A message is in hand, on disk, before the chat hears of it; what may have been sent already is looked for before it
//! is sent again. Channels go side by side, each in its order.
//!
//! What may fail without saying why fails when the database cannot be read or written.

mod backoff;
mod chat;
mod deliver;
mod headless;
mod heartbeat;
mod lease;
mod state;
mod under_way;

pub use chat::{Chat, OWNER, Outgoing, ReactionOn, Refused, SendError, Sent};
pub use headless::NoChat;
pub use state::{DeliveryState, NotDelivering};

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{Notify, OnceCell, watch};
use url::Url;

use crate::app::Warden;
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::store::{Restoration, Store, StoreError};
use heartbeat::Heartbeat;
use under_way::{Flight, UnderWay};

/// The longest the loop sleeps while all is well: the clock may have been set, and the lease is to be renewed.
const NAP: TimeDelta = TimeDelta::seconds(18);
/// The longest it sleeps while another process delivers, or something went wrong.
const SHORT_NAP: TimeDelta = TimeDelta::seconds(10);
/// How often it looks whether another process has written: what that one posts is seen within two seconds.
const GLANCE: Duration = Duration::from_millis(1_800);

/// How much of what time has decided is carried out before messages are sent again, the lease is renewed and it is looked
/// whether the program ends: a weekend without the bot may have left a lot.
const AT_ONCE: u32 = 32;
const AT_ONCE_FOR: Duration = Duration::from_secs(1);

/// How delivery behaves.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryOptions {
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

impl Default for DeliveryOptions {
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
    inner: Arc<DeliveryInner<C>>,
}

struct DeliveryInner<C> {
    warden: Warden,
    store: Store,
    chat: C,
    terms: DeliveryOptions,
    /// Who takes the lease; nobody where there is only one process.
    holder: Option<String>,
    held_until: Mutex<Option<Timestamp>>,
    under_way: Mutex<UnderWay>,
    /// Rings when a message is done with.
    landed: Notify,
    stopping: watch::Sender<bool>,
    heartbeat: OnceLock<Arc<Heartbeat>>,
    /// The workspaces that were restored from a copy.
    restored: OnceCell<Vec<Restoration>>,
}

impl<C> DeliveryInner<C> {
    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// What is behind a lock. None is ever held while something is waited for.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What starting what is due came to.
#[derive(Debug, Clone, Copy, Default)]
struct Started {
    /// When something is due next, as far as that is known.
    next: Option<Timestamp>,
    /// Whether time has decided more than was carried out.
    more: bool,
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
    pub fn alone(warden: Warden, chat: C, terms: DeliveryOptions) -> Self {
        Self::new(warden, chat, terms, None)
    }

    /// One of several processes on a database: anyone who holds the lease delivers.
    pub fn leased(warden: Warden, chat: C, terms: DeliveryOptions) -> Self {
        let holder = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        Self::new(warden, chat, terms, Some(holder))
    }

    fn new(warden: Warden, chat: C, terms: DeliveryOptions, holder: Option<String>) -> Self {
        let inner = DeliveryInner {
            store: warden.store().clone(),
            warden,
            chat,
            terms,
            holder,
            held_until: Mutex::default(),
            under_way: Mutex::default(),
            landed: Notify::new(),
            stopping: watch::Sender::new(false),
            heartbeat: OnceLock::new(),
            restored: OnceCell::new(),
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
        loop {
            let landed = self.inner.landed.notified();
            tokio::pin!(landed);
            // Armed before looking: what is done from here on is noticed.
            landed.as_mut().enable();
            let before = locked(&self.inner.under_way).done();
            let started = self.start_due().await?;
            let (busy, idle) = {
                let mut under_way = locked(&self.inner.under_way);
                if let Some(error) = under_way.failed() {
                    return Err(error);
                }
                (under_way.done() != before, under_way.is_empty())
            };
            if started.more || busy {
                continue;
            }
            let patience = self.inner.terms.patience;
            if idle || tokio::time::timeout(patience, landed).await.is_err() {
                return Ok(());
            }
        }
    }

    /// When something is next due: a message, or what time decides.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next(&self) -> Result<Option<Timestamp>, StoreError> {
        let due = self.inner.store.system().next_due().await?;
        let queues = self.inner.store.system().queues(1).await?;
        Ok(due
            .into_iter()
            .chain(queues.into_iter().map(|queue| queue.next))
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

    /// Delivers until [`Delivery::stop`]: sleeps until something is due, also what is written meanwhile, here or by another
    /// process, or a nap is over.
    pub async fn run(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        let alarm = self.inner.store.alarm();
        let mut next = self.round().await;
        loop {
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return,
                () = alarm.rung() => {
                    // What is due sooner than was known, and not yet, is waited for without a look.
                    let sooner = alarm.next().filter(|sooner| *sooner > self.inner.warden.now());
                    if let Some(sooner) = sooner {
                        next = next.min(sooner);
                        continue;
                    }
                }
                () = self.sleep_until(next) => {}
            }
            next = self.round().await;
        }
    }

    async fn sleep_until(&self, next: Timestamp) {
        let inner = &self.inner;
        loop {
            let left = next - inner.warden.now();
            let Some(left) = left.to_std().ok().filter(|left| !left.is_zero()) else {
                return;
            };
            tokio::time::sleep(left.min(GLANCE)).await;
            if inner.store.alarm().written_elsewhere().await {
                return;
            }
        }
    }

    /// Starts what is due, without waiting for the chat; until when to sleep then.
    async fn round(&self) -> Timestamp {
        while let Some(error) = locked(&self.inner.under_way).failed() {
            tracing::error!(error = ?error, "a message is stuck; it is tried again soon");
        }
        let started = self.start_due().await;
        let now = self.inner.warden.now();
        if let Some(heartbeat) = self.inner.heartbeat.get()
            && started.is_ok()
            && self.inner.delivers()
            && self.inner.chat.reachable().await.is_ok()
        {
            heartbeat.beat(now).await;
        }
        let is_well = started.is_ok() && self.inner.delivers();
        let nap = now + if is_well { NAP } else { SHORT_NAP };
        let next = match started {
            Ok(Started { more: true, .. }) => now,
            Ok(Started { next, .. }) => next.map_or(nap, |next| next.min(nap)),
            Err(error) => {
                tracing::error!(error = ?error, "delivery cannot go on; it tries again soon");
                nap
            }
        };
        self.inner.store.alarm().next_is(next);
        next
    }

    /// Carries out what time has decided, up to a bound, and starts to send the heads of channels that are due and not busy.
    async fn start_due(&self) -> Result<Started, StoreError> {
        let inner = &self.inner;
        if inner.is_stopping() || !inner.hold_lease().await? {
            inner.store.alarm().looking();
            return Ok(Started::default());
        }
        let now = inner.warden.now();
        let mut started = self.catch_up(now).await?;
        let places = inner.terms.side_by_side;
        let under_way = locked(&inner.under_way).len();
        for queue in inner.store.system().queues(under_way + places).await? {
            if queue.next > now {
                if locked(&inner.under_way).has(&queue) {
                    continue;
                }
                let next = started.next.map_or(queue.next, |next| next.min(queue.next));
                started.next = Some(next);
                break;
            }
            let Some(flight) = Flight::start(inner, queue) else {
                continue;
            };
            tokio::spawn(flight.deliver());
        }
        Ok(started)
    }

    /// Carries out what time has decided until now, one thing a workspace in turn, so that none waits for all of another;
    /// whether there is more than is done at once, and if not, what is due next.
    async fn catch_up(&self, now: Timestamp) -> Result<Started, StoreError> {
        let inner = &self.inner;
        let began = inner.warden.steady();
        let more = Started {
            next: None,
            more: true,
        };
        let mut done = 0;
        while done < AT_ONCE {
            // From here on whatever is committed, and is due sooner than what is found here, is heard.
            inner.store.alarm().looking();
            let upcoming = inner.store.system().upcoming(AT_ONCE).await?;
            let first = upcoming.first().map(|first| first.at);
            if first.is_none_or(|first| first > now) {
                return Ok(Started {
                    next: first,
                    more: false,
                });
            }
            for each in upcoming.iter().filter(|each| each.at <= now) {
                let over = inner.warden.steady().saturating_sub(began) > AT_ONCE_FOR;
                if over || inner.is_stopping() {
                    return Ok(more);
                }
                inner.warden.carry_out_due(&each.workspace, now).await?;
                done += 1;
            }
        }
        Ok(more)
    }

    /// Finishes what is under way, leaves the rest to anyone who starts next, and lets another process deliver.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stop(&self) -> Result<(), StoreError> {
        self.inner.stopping.send_replace(true);
        loop {
            let landed = self.inner.landed.notified();
            tokio::pin!(landed);
            landed.as_mut().enable();
            let idle = {
                let mut under_way = locked(&self.inner.under_way);
                while let Some(error) = under_way.failed() {
                    tracing::error!(error = ?error, "a message was not recorded; it is looked for at the next start");
                }
                under_way.is_empty()
            };
            if idle {
                return self.inner.release_lease().await;
            }
            landed.await;
        }
    }
}
