//! The lease: one process per database delivers.

use chrono::TimeDelta;

use super::chat::Chat;
use super::{DeliveryInner, locked};
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
        let bid = Bid { holder, now, until };
        let system = self.store.system();
        let won = system.take_lease(bid, |last, own| self.back(last, now, own));
        let won = won.await?;
        if won && held_until.is_none() {
            tracing::info!(lease.holder = %holder, "this process delivers");
        }
        self.note_lease(won.then_some(until));
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
                self.store.system().release_lease(holder, now).await
            }
            _ => Ok(()),
        }
    }
}
