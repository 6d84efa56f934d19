//! After a while without the bot there is a lot to decide: in between, messages are sent, and it is looked whether to end.

use edition_warden::domain::id::{ChannelId, WorkspaceId};
use std::sync::Mutex;

use edition_warden::app::{Actor, ImportSource, Warden};
use edition_warden::clock::Clock;
use edition_warden::command::{Command, parse_line};
use edition_warden::delivery::{Chat, Delivery, DeliveryOptions, Outgoing, SendError, Sent};
use edition_warden::store::{ScheduleSubject, Served, Store};
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
    nonces: Arc<Mutex<Vec<String>>>,
    given: Arc<Notify>,
}

impl Chat for Counting {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let waiting = self.store.system().gauges().await.unwrap().waiting;
        self.waiting.lock().unwrap().push(waiting);
        self.nonces.lock().unwrap().push(message.nonce.clone());
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

/// The bot, what it says, and its delivery.
fn on(store: Store) -> (Warden, Counting, Delivery<Counting>) {
    let clock = Arc::new(Clock::manual(instant("2026-01-01T00:00:00Z")));
    let warden = Warden::new(store.clone(), clock, Arc::new(settings()));
    let chat = Counting {
        store,
        waiting: Arc::default(),
        nonces: Arc::default(),
        given: Arc::default(),
    };
    let delivery = Delivery::leased(
        warden.clone(),
        chat.clone(),
        DeliveryOptions::default(),
        Served::All,
    );
    (warden, chat, delivery)
}

/// A bot in many workspaces, in each of which the digest of a week is due.
async fn after_a_while() -> (Warden, Counting, Delivery<Counting>) {
    let store = crate::harness::new_store().await;
    let now = instant("2026-01-01T00:00:00Z");
    for n in 0..WORKSPACES {
        let mut tx = store.write(&format!("w-{n}").into()).await.unwrap();
        tx.begin_due(&ScheduleSubject::Digest, now).await.unwrap();
        tx.commit().await.unwrap();
    }
    on(store)
}

/// More than one batch of instances is due together, and between two of them messages are sent: it is one message.
#[tokio::test]
async fn what_is_due_in_several_batches_is_one_message() {
    let (warden, chat, delivery) = after_a_while().await;
    let rows = (0..300).map(|n| {
        format!("MQ_INST_1080056302921134_Mass{n:04},m-{n},cn-hangzhou,platinum,2026-01-09\n")
    });
    let bytes = "id,name,region,edition,expires\n".to_owned() + &rows.collect::<String>();
    let Ok(Command::Import(request)) = parse_line("import list.csv --at 2026-01-01") else {
        panic!("it is no import");
    };
    let source = ImportSource {
        label: "list.csv".to_owned(),
        bytes: bytes.into_bytes(),
        modified: None,
    };
    let alice = Actor::local("alice");
    let reply = warden.import(&alice, &request, &source).await;
    assert_eq!(reply.outcome.as_str(), "done");
    delivery.pass().await.unwrap();
    let said = chat.nonces.lock().unwrap().clone();
    let reminders = said.iter().filter(|key| key.starts_with("remind:"));
    assert_eq!(reminders.count(), 1, "{said:?}");
}

#[tokio::test]
async fn messages_are_sent_before_everything_is_decided() {
    let (_, chat, delivery) = after_a_while().await;
    delivery.pass().await.unwrap();
    let waiting = chat.waiting.lock().unwrap().clone();
    assert_eq!(waiting.len() as u64, WORKSPACES, "all of it is sent");
    assert!(waiting[0] < WORKSPACES, "{waiting:?}");
    assert!(
        chat.store
            .system()
            .next_due(&Served::All)
            .await
            .unwrap()
            .unwrap()
            > instant("2026-01-01T00:00:00Z")
    );
}

#[tokio::test]
async fn whoever_is_told_to_end_leaves_the_rest() {
    let (_, chat, delivery) = after_a_while().await;
    let running = delivery.clone();
    let run = tokio::spawn(async move { running.run().await });
    chat.given.notified().await;
    delivery.stop().await.unwrap();
    run.await.unwrap();
    let left = chat
        .store
        .system()
        .next_due(&Served::All)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        left,
        instant("2026-01-01T00:00:00Z"),
        "somebody else goes on"
    );
}
