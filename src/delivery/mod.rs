//! The loop that sends due messages from the outbox to the chat.
//!
//! A claim is committed before the chat is called; a message that may have been sent already is searched for before a retry.
//! Channels are served concurrently, each in its own order.
//!
//! Functions without an `# Errors` section fail when the database cannot be read or written.

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
pub use state::{DeliveryState, NotDelivering, Unheard};

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{Notify, OnceCell, watch};
use url::Url;

use crate::app::{CarriedOut, Warden};
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::store::{Restoration, Served, Store, StoreError, StoreResult};
use heartbeat::Heartbeat;
use under_way::{Flight, UnderWay};

/// The longest sleep in normal operation: the clock may have been set, and the lease needs renewing.
const NAP: TimeDelta = TimeDelta::seconds(18);
/// The longest sleep while another process delivers, or after an error.
const SHORT_NAP: TimeDelta = TimeDelta::seconds(10);
/// The interval of checks for commits of other processes: their messages are seen within two seconds.
const GLANCE: Duration = Duration::from_millis(1_800);
/// How often it looks whether the one who delivers is gone, where that is seen at once.
const SHORT_GLANCE: Duration = Duration::from_millis(250);

/// The limit of scheduled work before messages are sent, the lease is renewed and the stop signal is checked again: a weekend
/// without the bot may have left a lot.
const AT_ONCE: u32 = 32;
const AT_ONCE_FOR: Duration = Duration::from_secs(1);

/// The most channels whose reminders wait for more of them, beside those that are served.
const HELD: usize = 200;

/// The settings of delivery.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryOptions {
    /// The number of channels served concurrently. One also keeps the order across channels.
    pub side_by_side: usize,
    /// The timeout of the chat.
    pub answer_within: Duration,
    /// The time that a pass waits for the chat; messages under way continue.
    pub patience: Duration,
    /// The wait after the first failure; it doubles with each further one.
    pub retry_first: Duration,
    /// The longest wait.
    pub retry_longest: Duration,
}

impl DeliveryOptions {
    /// At a terminal all channels are shown in one place, so one at a time keeps the order of posting.
    pub fn at_terminal() -> Self {
        Self {
            side_by_side: 1,
            ..Self::default()
        }
    }
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

/// The delivery loop. Clones share its state.
pub struct Delivery<C> {
    inner: Arc<DeliveryInner<C>>,
}

struct DeliveryInner<C> {
    warden: Warden,
    store: Store,
    chat: C,
    terms: DeliveryOptions,
    /// The name under which this process takes the lease; `None` for the only process.
    holder: Option<String>,
    served: Served,
    held_until: Mutex<Option<Timestamp>>,
    /// Whether this process held the lease when that was checked last.
    holds: watch::Sender<bool>,
    under_way: Mutex<UnderWay>,
    /// The entries carried out since the schedule was last empty.
    carried_out: Mutex<CarriedOut>,
    /// Notified when a message is finished.
    landed: Notify,
    stopping: watch::Sender<bool>,
    heartbeat: OnceLock<Arc<Heartbeat>>,
    /// The workspaces restored from a copy.
    restored: OnceCell<Vec<Restoration>>,
    /// When a failure was logged last.
    reported: Mutex<Option<Timestamp>>,
}

impl<C> DeliveryInner<C> {
    /// Logs a failure, unless one was just logged: a process that stands by meets it several times a second.
    fn report(&self, error: &StoreError) {
        let now = self.warden.now();
        let mut reported = locked(&self.reported);
        let is_due = |at| !(TimeDelta::zero()..SHORT_NAP).contains(&(now - at));
        if reported.is_none_or(is_due) {
            *reported = Some(now);
            tracing::error!(error = %crate::trace::causes(&error), "delivery cannot go on; it tries again soon");
        }
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// Locks, ignoring poisoning. No lock is held across an await.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name for a lease that no other process has.
fn holder(prefix: &str) -> String {
    format!("{prefix}{}-{:016x}", std::process::id(), fastrand::u64(..))
}

/// The result of starting due work.
#[derive(Debug, Clone, Copy, Default)]
struct Started {
    /// The next due moment, if known.
    next: Option<Timestamp>,
    /// Whether scheduled work is left.
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
    /// Delivery by the only process on its database, without a lease.
    pub fn alone(warden: Warden, chat: C, terms: DeliveryOptions) -> Self {
        Self::new(warden, chat, terms, None, Served::All)
    }

    /// Delivery by one of several processes on a database: of those that serve the same, the holder of the lease delivers.
    pub fn leased(warden: Warden, chat: C, terms: DeliveryOptions, served: Served) -> Self {
        Self::new(warden, chat, terms, Some(holder("")), served)
    }

    fn new(
        warden: Warden,
        chat: C,
        terms: DeliveryOptions,
        holder: Option<String>,
        served: Served,
    ) -> Self {
        let inner = DeliveryInner {
            store: warden.store().clone(),
            warden,
            chat,
            terms,
            holder,
            served,
            held_until: Mutex::default(),
            holds: watch::Sender::new(false),
            under_way: Mutex::default(),
            carried_out: Mutex::default(),
            landed: Notify::new(),
            stopping: watch::Sender::new(false),
            heartbeat: OnceLock::new(),
            restored: OnceCell::new(),
            reported: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Fetches an address every five minutes while this process delivers without errors.
    pub fn show_life(&self, url: Url) {
        let heartbeat = Arc::new(Heartbeat::new(url));
        if self.inner.heartbeat.set(heartbeat).is_err() {
            tracing::warn!("there is one heartbeat only");
        }
    }

    /// Tries to take the lease; `false` when another process holds it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn begin(&self) -> StoreResult<bool> {
        self.inner.hold_lease().await
    }

    /// Does all scheduled work and sends all messages due now. Does nothing while another process delivers.
    ///
    /// # Errors
    /// When the database cannot be read or written; failures of the chat are no error.
    pub async fn pass(&self) -> StoreResult<()> {
        loop {
            let landed = self.inner.landed.notified();
            tokio::pin!(landed);
            // Enabled before the check, so that no notification is missed.
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

    /// The next due moment of a message or of scheduled work.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next(&self) -> StoreResult<Option<Timestamp>> {
        let system = self.inner.store.system();
        let due = system.next_due(&self.inner.served).await?;
        let queues = system.queues(&self.inner.served, 1).await?;
        Ok(due
            .into_iter()
            .chain(queues.into_iter().map(|queue| queue.next))
            .min())
    }

    /// Moves a manual clock and handles everything that falls due on the way, each at its own time.
    ///
    /// # Errors
    /// When the database cannot be read or written; the clock is moved nevertheless.
    pub async fn travel(&self, clock: &Clock, to: Timestamp) -> StoreResult<()> {
        let travelled = self.stop_by_stop(clock, to).await;
        if let Err(error) = clock.advance_to(to) {
            tracing::error!(error = %error, "the clock does not move");
        }
        travelled?;
        self.pass().await
    }

    async fn stop_by_stop(&self, clock: &Clock, to: Timestamp) -> StoreResult<()> {
        self.pass().await?;
        while let Some(next) = self.next().await? {
            if next > to || next <= clock.now() || clock.advance_to(next).is_err() {
                break;
            }
            self.pass().await?;
        }
        Ok(())
    }

    /// Delivers until [`Delivery::stop`]. Sleeps until work is due, including work that this or another process commits
    /// meanwhile, or until the longest sleep is over.
    pub async fn run(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        let alarm = self.inner.store.alarm();
        let mut next = self.round().await;
        loop {
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return,
                () = alarm.rung() => {
                    // For work that is due sooner but not yet, shortening the sleep is enough.
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
        let alarm = inner.store.alarm();
        let was_in_place = inner.store.is_in_place();
        loop {
            let left = next - inner.warden.now();
            let Some(left) = left.to_std().ok().filter(|left| !left.is_zero()) else {
                return;
            };
            let waits_for_lease = inner.store.system().sees_holder() && !inner.delivers();
            let glance = if waits_for_lease {
                SHORT_GLANCE
            } else {
                GLANCE
            };
            let is_told = alarm.is_told() && !waits_for_lease;
            let rest = if is_told { left } else { left.min(glance) };
            let touched = async {
                alarm.touched().await;
                // Several writes in a row cause one check.
                tokio::time::sleep(GLANCE).await;
            };
            tokio::select! {
                () = touched => {}
                () = tokio::time::sleep(rest) => {}
            }
            let is_gone = was_in_place && !inner.store.is_in_place();
            let is_up = waits_for_lease || is_gone;
            if is_up || alarm.written_elsewhere().await {
                return;
            }
        }
    }

    /// Starts due work without waiting for the chat. Returns the moment until which to sleep.
    async fn round(&self) -> Timestamp {
        while let Some(error) = locked(&self.inner.under_way).failed() {
            tracing::error!(error = %crate::trace::causes(&error), "a message is stuck; it is tried again soon");
        }
        let started = self.start_due().await;
        let now = self.inner.warden.now();
        if let Some(heartbeat) = self.inner.heartbeat.get()
            && started.is_ok()
            && self.inner.delivers()
            && self.inner.chat.reachable().await.is_ok()
            && matches!(
                self.inner
                    .store
                    .system()
                    .leaves_any(&self.inner.served)
                    .await,
                Ok(false)
            )
        {
            heartbeat.beat(now).await;
        }
        let is_well = started.is_ok() && self.inner.delivers();
        let nap = now + if is_well { NAP } else { SHORT_NAP };
        let next = match started {
            Ok(Started { more: true, .. }) => now,
            Ok(Started { next, .. }) => next.map_or(nap, |next| next.min(nap)),
            Err(error) => {
                self.inner.report(&error);
                nap
            }
        };
        self.inner.store.alarm().next_is(next);
        next
    }

    /// Does scheduled work up to a limit, and starts to send the first message of each channel that is due and not busy.
    async fn start_due(&self) -> StoreResult<Started> {
        let inner = &self.inner;
        inner.store.check_in_place()?;
        if inner.is_stopping() || !inner.hold_lease().await? {
            inner.store.alarm().looking();
            return Ok(Started::default());
        }
        let now = inner.warden.now();
        let mut started = self.catch_up(now).await?;
        let places = inner.terms.side_by_side;
        let under_way = locked(&inner.under_way).len();
        let held = if started.more || inner.warden.is_importing() {
            HELD
        } else {
            0
        };
        let most = under_way + places + held;
        let system = inner.store.system();
        for queue in system.queues(&inner.served, most).await? {
            if let Some(until) = inner.warden.gathers_until(&queue, started.more, now) {
                let next = started.next.map_or(until, |next| next.min(until));
                started.next = Some(next);
                continue;
            }
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

    /// Does scheduled work up to now, one item per workspace in turn, so that no workspace waits for all of another. Returns
    /// whether work is left over the limit, otherwise the next due moment.
    async fn catch_up(&self, now: Timestamp) -> StoreResult<Started> {
        let inner = &self.inner;
        let began = inner.warden.steady();
        let more = Started {
            next: None,
            more: true,
        };
        let mut done = 0;
        while done < AT_ONCE {
            // From here on, the alarm reports commits that are due sooner than what this query finds.
            inner.store.alarm().looking();
            let system = inner.store.system();
            let upcoming = system.upcoming(&inner.served, AT_ONCE).await?;
            let first = upcoming.first().map(|first| first.at);
            if first.is_none_or(|first| first > now) {
                locked(&inner.carried_out).clear();
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
                let mut so_far = std::mem::take(&mut *locked(&inner.carried_out));
                let carried_out = (inner.warden).carry_out_due(&each.workspace, now, &mut so_far);
                let carried_out = carried_out.await;
                *locked(&inner.carried_out) = so_far;
                carried_out?;
                done += 1;
            }
        }
        Ok(more)
    }

    /// Finishes the messages under way, leaves the rest for the next start, and releases the lease.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stop(&self) -> StoreResult<()> {
        self.inner.stopping.send_replace(true);
        loop {
            let landed = self.inner.landed.notified();
            tokio::pin!(landed);
            landed.as_mut().enable();
            let idle = {
                let mut under_way = locked(&self.inner.under_way);
                while let Some(error) = under_way.failed() {
                    tracing::error!(error = %crate::trace::causes(&error), "a message was not recorded; it is looked for at the next start");
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
