//! Messages being sent.

use std::sync::Arc;

use super::chat::Chat;
use super::{DeliveryInner, locked};
use crate::store::{Queue, StoreError, StoreResult};

/// The channels in which a message is being sent, and recent errors.
#[derive(Default)]
pub(super) struct UnderWay {
    queues: Vec<Queue>,
    failed: Vec<StoreError>,
    done: u64,
}

impl UnderWay {
    /// Whether a message is being sent in this channel.
    pub(super) fn has(&self, queue: &Queue) -> bool {
        self.queues.iter().any(|other| is_same(other, queue))
    }

    /// The number of busy channels.
    pub(super) const fn len(&self) -> usize {
        self.queues.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// The number of finished messages, successful or not.
    pub(super) const fn done(&self) -> u64 {
        self.done
    }

    /// Takes an error; each is returned once.
    pub(super) fn failed(&mut self) -> Option<StoreError> {
        self.failed.pop()
    }
}

fn is_same(one: &Queue, other: &Queue) -> bool {
    (&one.workspace, &one.channel) == (&other.workspace, &other.channel)
}

/// A message being sent. Dropping it frees its channel in every case.
pub(super) struct Flight<C> {
    inner: Arc<DeliveryInner<C>>,
    queue: Queue,
    came: Option<StoreResult<()>>,
}

impl<C: Chat> Flight<C> {
    /// Claims a channel, unless it is busy, the limit is reached (freeing one triggers another look) or the program is stopping.
    pub(super) fn start(inner: &Arc<DeliveryInner<C>>, queue: Queue) -> Option<Self> {
        let mut under_way = locked(&inner.under_way);
        let full = under_way.len() >= inner.terms.side_by_side;
        if full || under_way.has(&queue) || inner.is_stopping() {
            return None;
        }
        under_way.queues.push(queue.clone());
        drop(under_way);
        let (inner, came) = (Arc::clone(inner), None);
        Some(Self { inner, queue, came })
    }

    /// Sends the next message of the channel.
    pub(super) async fn deliver(mut self) {
        self.came = Some(self.inner.deliver(&self.queue).await);
    }
}

impl<C> Drop for Flight<C> {
    fn drop(&mut self) {
        let came = self.came.take();
        let came = came.unwrap_or_else(|| Err(StoreError::Broken("a message broke off".into())));
        let went_well = came.is_ok();
        {
            let mut under_way = locked(&self.inner.under_way);
            under_way
                .queues
                .retain(|queue| !is_same(queue, &self.queue));
            under_way.done += 1;
            under_way.failed.extend(came.err());
        }
        self.inner.landed.notify_waiters();
        // After a failure there is no immediate retry.
        if went_well {
            self.inner.store.alarm().ring();
        }
    }
}
