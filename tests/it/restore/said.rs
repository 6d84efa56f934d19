//! Messages sent between the copy and its restoration are not sent twice, and no old fact counts as new.

use edition_warden::domain::id::{ChannelId, WorkspaceId};
use std::sync::{Arc, Mutex};

use edition_warden::delivery::{Chat, Delivery, DeliveryOptions, Outgoing, SendError, Sent};
use edition_warden::domain::team::Policy;
use edition_warden::store::Store;

use crate::harness::{ORDERS, Room, instant};

/// A chat that remembers what it was sent, and under which name: what is sent twice under one is seen once.
#[derive(Clone, Default)]
struct Channel(Arc<Mutex<Vec<Outgoing>>>);

impl Chat for Channel {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let mut seen = self.0.lock().unwrap();
        if !seen.iter().any(|sent| sent.nonce == message.nonce) {
            seen.push(message.clone());
        }
        Ok(Sent {
            message: message.nonce.clone(),
        })
    }

    async fn find(
        &self,
        _: &WorkspaceId,
        _: &ChannelId,
        nonce: &str,
    ) -> Result<Option<Sent>, SendError> {
        let seen = self.0.lock().unwrap();
        let found = seen.iter().find(|sent| sent.nonce == nonce);
        Ok(found.map(|sent| Sent {
            message: sent.nonce.clone(),
        }))
    }
}

impl Channel {
    fn saying(&self, words: &str) -> usize {
        let seen = self.0.lock().unwrap();
        seen.iter().filter(|sent| sent.text.contains(words)).count()
    }
}

async fn add(room: &mut Room, id: &str, name: &str) {
    let line = format!(
        "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off"
    );
    room.says("alice", &line).await.is("done", &[]);
}

#[tokio::test]
async fn what_waited_in_the_copy_and_what_was_reminded_of_since_is_looked_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let chat = Channel::default();
    let mut room = Room::of_team_on(Store::open(&path).await.unwrap()).undelivered();
    add(&mut room, ORDERS, "orders").await;
    room.says("alice", "action orders delete").await;
    // It waits when the copy is made, and is sent afterwards.
    room.says(
        "alice",
        "notice \"MQ_INST_1080056302921134_BXuIbML7 is in trouble\"",
    )
    .await;
    let copy = directory.path().join("copy.db");
    room.store.system().copy_into(&copy).await.unwrap();
    let delivery = Delivery::alone(
        room.warden.clone(),
        chat.clone(),
        DeliveryOptions::default(),
    );
    delivery.pass().await.unwrap();
    delivery
        .travel(&room.clock, instant("2026-02-23T00:00:00Z"))
        .await
        .unwrap();
    let raised = chat.saying("is in trouble");
    assert!(raised >= 1);
    let reminders = |chat: &Channel| {
        let seen = chat.0.lock().unwrap();
        let mut keys: Vec<String> = seen.iter().map(|sent| sent.nonce.clone()).collect();
        keys.retain(|key| key.starts_with("remind:"));
        keys
    };
    let before = reminders(&chat);
    assert!(!before.is_empty());
    room.store.close().await;

    let store = Store::open(&copy).await.unwrap();
    let known = store.system().last_known().await.unwrap().unwrap();
    let at = "2026-02-23T06:00:00Z";
    store
        .system()
        .begin_restoration(known, instant(at), &[])
        .await
        .unwrap();
    let mut room = Room::of_team_on(store).set_clock(at).undelivered();
    room.warden
        .distrust_restored(&Policy::default())
        .await
        .unwrap();
    let delivery = Delivery::alone(
        room.warden.clone(),
        chat.clone(),
        DeliveryOptions::default(),
    );
    delivery.pass().await.unwrap();
    assert_eq!(chat.saying("I was restored to the state of"), 1);
    let mut after = reminders(&chat);
    let all = after.len();
    after.dedup();
    assert_eq!(after.len(), all, "none twice");
    // A decision of now has the number of one of then: it is said all the same.
    room.says("alice", "instance set orders --edition platinum")
        .await;
    room.says("alice", "action orders downgrade").await;
    room.says("alice", "downgrade orders --by unsubscribe")
        .await
        .is("needs_approval", &[]);
    delivery.pass().await.unwrap();
    assert!(chat.saying("pproval") >= 1, "{:?}", chat.0.lock().unwrap());
    let seen = chat.0.lock().unwrap();
    assert!(
        seen.iter()
            .any(|sent| sent.nonce.starts_with('e') && sent.nonce.contains('~'))
    );
}
