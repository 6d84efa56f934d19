//! Decisions of a guild happen one after the other, in the order in which people asked for them.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

/// What waits in one guild before more is turned away.
const WAITING: usize = 4_096;
/// With more than that before it, something will hardly be done soon.
const CROWD: usize = 64;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One queue a guild.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: Mutex<HashMap<u64, mpsc::Sender<Work>>>,
}

/// How long it will take until it is one's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Not long.
    Soon,
    /// Many wait.
    Later,
}

/// There is too much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl Lanes {
    /// Does something after everything that waits for this guild already.
    pub(super) fn push(
        &self,
        guild: u64,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Turn, Full> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(guild).or_insert_with(start);
        lane.try_send(Box::pin(work)).map_err(|_| Full)?;
        let waiting = lane.max_capacity() - lane.capacity();
        Ok(if waiting > CROWD {
            Turn::Later
        } else {
            Turn::Soon
        })
    }
}

fn start() -> mpsc::Sender<Work> {
    let (sender, mut waiting) = mpsc::channel::<Work>(WAITING);
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
