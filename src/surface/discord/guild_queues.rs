//! Decisions of a guild happen one after the other, in the order in which people asked for them.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;
use tracing::Instrument as _;

/// What waits in one guild before more is turned away.
const WAITING: usize = 4_096;
/// With more than that before it, something will hardly be done soon.
const CROWD: usize = 64;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One queue a guild.
#[derive(Default)]
pub(super) struct GuildQueues {
    guild_queues: Mutex<HashMap<u64, mpsc::Sender<Job>>>,
}

/// How long it will take until it is one's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueueWait {
    /// Not long.
    Soon,
    /// Many wait.
    Later,
}

/// There is too much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl GuildQueues {
    /// Does something after everything that waits for this guild already.
    pub(super) fn push(
        &self,
        guild: u64,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<QueueWait, Full> {
        let mut guild_queues = self
            .guild_queues
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let lane = guild_queues.entry(guild).or_insert_with(start);
        lane.try_send(Box::pin(work.in_current_span()))
            .map_err(|_| Full)?;
        let waiting = lane.max_capacity() - lane.capacity();
        Ok(if waiting > CROWD {
            QueueWait::Later
        } else {
            QueueWait::Soon
        })
    }
}

fn start() -> mpsc::Sender<Job> {
    let (sender, mut waiting) = mpsc::channel::<Job>(WAITING);
    tokio::spawn(async move {
        while let Some(work) = waiting.recv().await {
            // On its own, so that what breaks in one does not end the queue.
            if let Err(error) = tokio::spawn(work).await {
                tracing::error!(error = %error, "a request broke off");
            }
        }
    });
    sender
}
