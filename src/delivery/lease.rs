//! The lease: of the processes on a database that serve the same workspaces, one delivers.

use chrono::TimeDelta;

use super::chat::Chat;
use super::{Delivery, DeliveryInner, SHORT_NAP, locked};
use crate::domain::Timestamp;
use crate::domain::effect::{Post, PostKind};
use crate::domain::payload::Payload;
use crate::domain::setting::Overrides;
use crate::store::{AWAY, Bid, StoreResult};

/// The length of a lease. A process that dies without releasing it is replaced after that time.
const LENGTH: TimeDelta = TimeDelta::seconds(30);
/// The remaining time below which the lease is renewed.
const RENEW_BELOW: TimeDelta = TimeDelta::seconds(12);
/// A gap in delivery that is reported to people.
const NOTEWORTHY: TimeDelta = TimeDelta::hours(1);

impl<C: Chat> Delivery<C> {
    /// Whether several processes take turns: of those, only the one that delivers needs to be connected to the chat. On a file it
    /// is not seen at once that a process is gone, so there each one answers.
    pub fn takes_turns(&self) -> bool {
        self.inner.holder.is_some() && self.inner.store.system().sees_holder()
    }

    /// Whether another process delivers, as far as this one knows.
    pub fn stands_by(&self) -> bool {
        !self.inner.delivers()
    }

    /// Waits until this process holds the lease.
    pub async fn stand_by(&self) {
        let mut is_told = false;
        loop {
            match self.inner.hold_lease().await {
                Ok(true) => return,
                Ok(false) if is_told => {}
                Ok(false) => {
                    tracing::info!(
                        "another process delivers; this one takes over when that one ends"
                    );
                    is_told = true;
                }
                Err(error) => self.inner.report(&error),
            }
            self.inner.store.alarm().looking();
            self.sleep_until(self.inner.warden.now() + SHORT_NAP).await;
        }
    }

    /// Waits until another process holds the lease.
    pub async fn lost(&self) {
        let mut holds = self.inner.holds.subscribe();
        // The sender lives as long as this.
        let _ = holds.wait_for(|holds| !holds).await;
    }
}

impl<C: Chat> DeliveryInner<C> {
    /// Takes or renews the lease if needed; `false` when another process holds it.
    pub(super) async fn hold_lease(&self) -> StoreResult<bool> {
        let Some(holder) = &self.holder else {
            return Ok(true);
        };
        if self.held_until().is_some() && !self.store.system().shows_lease().await {
            self.doubt_lease();
        }
        let held_until = self.held_until();
        let now = self.warden.now();
        let left = held_until.map(|until| until - now);
        // More than the full length remains when the clock went back.
        if left.is_some_and(|left| left > RENEW_BELOW && left <= LENGTH) {
            return Ok(true);
        }
        let until = now + LENGTH;
        let bid = Bid {
            served: &self.served,
            holder,
            now,
            until,
        };
        let system = self.store.system();
        let won = system.take_lease(bid, |last, own| self.back(last, now, own));
        let won = won.await?;
        if won && held_until.is_none() {
            tracing::info!(lease.holder = %holder, "this process delivers");
        }
        self.note_lease(won.then_some(until));
        self.holds.send_replace(won);
        // `stop` has already released the lease held before this one.
        if won && self.is_stopping() {
            self.release_lease().await?;
            return Ok(false);
        }
        Ok(won)
    }

    /// Whether this process delivers, as far as it knows.
    pub(super) fn delivers(&self) -> bool {
        self.holder.is_none() || self.held_until().is_some()
    }

    /// The message about a long gap in delivery, up to when it is sent.
    fn back(&self, last: Timestamp, now: Timestamp, own: &Overrides) -> Option<Post> {
        if now - last <= NOTEWORTHY {
            return None;
        }
        let settings = self.warden.settings().under(own.clone());
        let channel = &settings.channels.default;
        let key = format!("{AWAY}{}", last.timestamp_millis());
        let away = Payload::Away { from: last };
        // Due before everything that fell due since, so it comes first.
        Some(Post::new(PostKind::Status, channel, key, last, away))
    }

    /// Forces a check of the lease before the next message is sent.
    pub(super) fn doubt_lease(&self) {
        self.note_lease(None);
    }

    fn held_until(&self) -> Option<Timestamp> {
        *locked(&self.held_until)
    }

    fn note_lease(&self, until: Option<Timestamp>) {
        *locked(&self.held_until) = until;
    }

    pub(super) async fn release_lease(&self) -> StoreResult<()> {
        let held = locked(&self.held_until).take();
        match (&self.holder, held) {
            (Some(holder), Some(_)) => {
                let now = self.warden.now();
                let system = self.store.system();
                system.release_lease(&self.served, holder, now).await
            }
            _ => Ok(()),
        }
    }
}
