//! Queues of requests: per guild one for decisions and one for files, each in the order of the requests.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;
use tracing::Instrument as _;

/// The most queued decisions of a guild; further ones are rejected.
const WAITING: usize = 4_096;
/// The queue length above which a wait counts as long.
const CROWD: usize = 64;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The kind of work in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum QueueKind {
    /// Whatever is answered soon.
    Decisions,
    /// Files: nothing else waits while one is taken.
    Files,
}

/// The queues by guild.
#[derive(Default)]
pub(super) struct GuildQueues {
    guild_queues: Mutex<HashMap<(u64, QueueKind), mpsc::Sender<Job>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueueWait {
    Soon,
    /// Long, because the queue is long.
    Later,
}

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl GuildQueues {
    /// Queues work behind everything that waits in this queue of the guild.
    pub(super) fn push(
        &self,
        guild: u64,
        kind: QueueKind,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<QueueWait, Full> {
        let mut guild_queues = self
            .guild_queues
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let queue = guild_queues.entry((guild, kind)).or_insert_with(start);
        queue
            .try_send(Box::pin(work.in_current_span()))
            .map_err(|_| Full)?;
        let waiting = queue.max_capacity() - queue.capacity();
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
            // In its own task, so that a panic does not end the queue.
            if let Err(error) = tokio::spawn(work).await {
                tracing::error!(error = %error, "a request broke off");
            }
        }
    });
    sender
}
