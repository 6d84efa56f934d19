//! After a while without the bot there is a lot to decide: in between, messages are sent, and it is looked whether to end.

use edition_warden::domain::id::{ChannelId, WorkspaceId};
use std::sync::Mutex;

use edition_warden::app::Warden;
use edition_warden::clock::Clock;
use edition_warden::delivery::{Chat, Delivery, DeliveryOptions, Outgoing, SendError, Sent};
use edition_warden::store::{ScheduleSubject, Store};
use std::sync::Arc;
use tokio::sync::Notify;

use super::recording::settings;
use crate::harness::instant;

const WORKSPACES: u64 = 120;

/// A chat that notes how many messages wait whenever it is given one.
#[derive(Clone)]
struct Counting {
    store: Store,
    waiting: Arc<Mutex<Vec<u64>>>,
    given: Arc<Notify>,
}

impl Chat for Counting {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let waiting = self.store.system().gauges().await.unwrap().waiting;
        self.waiting.lock().unwrap().push(waiting);
        self.given.notify_one();
        Ok(Sent {
            message: message.nonce.clone(),
        })
    }

    async fn find(
        &self,
        _: &WorkspaceId,
        _: &ChannelId,
        _: &str,
    ) -> Result<Option<Sent>, SendError> {
        Ok(None)
    }
}

/// A bot in many workspaces, in each of which the digest of a week is due.
async fn after_a_while() -> (Counting, Delivery<Counting>) {
    let store = crate::harness::new_store().await;
    let now = instant("2026-01-01T00:00:00Z");
    for n in 0..WORKSPACES {
        let mut tx = store.write(&format!("w-{n}").into()).await.unwrap();
        tx.begin_due(&ScheduleSubject::Digest, now).await.unwrap();
        tx.commit().await.unwrap();
    }
    let clock = Arc::new(Clock::manual(now));
    let warden = Warden::new(store.clone(), clock, Arc::new(settings()));
    let chat = Counting {
        store,
        waiting: Arc::default(),
        given: Arc::default(),
    };
    let delivery = Delivery::leased(warden, chat.clone(), DeliveryOptions::default());
    (chat, delivery)
}

#[tokio::test]
async fn messages_are_sent_before_everything_is_decided() {
    let (chat, delivery) = after_a_while().await;
    delivery.pass().await.unwrap();
    let waiting = chat.waiting.lock().unwrap().clone();
    assert_eq!(waiting.len() as u64, WORKSPACES, "all of it is sent");
    assert!(waiting[0] < WORKSPACES, "{waiting:?}");
    assert!(
        chat.store.system().next_due().await.unwrap().unwrap() > instant("2026-01-01T00:00:00Z")
    );
}

#[tokio::test]
async fn whoever_is_told_to_end_leaves_the_rest() {
    let (chat, delivery) = after_a_while().await;
    let running = delivery.clone();
    let run = tokio::spawn(async move { running.run().await });
    chat.given.notified().await;
    delivery.stop().await.unwrap();
    run.await.unwrap();
    let left = chat.store.system().next_due().await.unwrap().unwrap();
    assert_eq!(
        left,
        instant("2026-01-01T00:00:00Z"),
        "somebody else goes on"
    );
}
