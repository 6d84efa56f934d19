//! Two processes on one database that hear of the same interaction decide on it once.

use edition_warden::app::{Actor, Role};
use edition_warden::domain::id::Person;
use edition_warden::store::{AuditFilter, Store};

use crate::harness::{ORDERS, Room, STOCK};

fn asks(person: &str, interaction: &str) -> Actor {
    Actor {
        person: Person::named(person),
        workspace: "77".into(),
        roles: vec![Role::Admin],
        surface: "discord",
        message: Some(interaction.to_owned()),
        could_approve: None,
        ..Actor::local(person)
    }
}

async fn two() -> (tempfile::TempDir, Room, Room) {
    let directory = tempfile::tempdir().unwrap();
    let place = crate::harness::new_place(directory.path()).await;
    let one = Room::of_team_on(Store::open_at(&place).await.unwrap());
    let other = Room::of_team_on(Store::open_at(&place).await.unwrap());
    (directory, one, other)
}

async fn recorded(room: &Room) -> usize {
    let mut tx = room.store.read(&"77".into()).await.unwrap();
    let page = tx.list_audit(&AuditFilter::default(), 1).await.unwrap();
    let said = |row: &&edition_warden::domain::audit::AuditLine| row.entry.by.is_some();
    page.rows.iter().filter(said).count()
}

#[tokio::test]
async fn one_of_two_processes_decides() {
    let (_directory, mut one, mut other) = two().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    one.says_as(&asks("alice", "1"), &add).await.is("done", &[]);
    let again = other.says_as(&asks("alice", "1"), &add).await;
    again.is("invalid", &[]).has("by another warden process");

    // Anyone who may not is denied once.
    let stranger = Actor {
        roles: Vec::new(),
        ..asks("mallory", "2")
    };
    other
        .says_as(&stranger, "action orders delete")
        .await
        .is("denied", &[]);
    one.says_as(&stranger, "action orders delete")
        .await
        .is("invalid", &[]);

    // A look, a request, a notice: each once; and the next press is another one.
    for (n, line) in [
        (3, "action orders downgrade"),
        (4, "downgrade orders --by unsubscribe"),
        (5, "next orders"),
        (6, "notice your instance will be released"),
        (7, "settings zone Europe/Berlin"),
        (8, "cancel 1 --reason changed our minds"),
    ] {
        let before = recorded(&one).await;
        let actor = asks("alice", &n.to_string());
        let first = other.says_as(&actor, line).await;
        assert_ne!(first.outcome, "invalid", "{line}: {}", first.text);
        let after = recorded(&one).await;
        assert!(after > before, "{line}");
        one.says_as(&actor, line).await.is("invalid", &[]);
        assert_eq!(recorded(&one).await, after, "{line}");
    }
}

/// One line that names several is decided in parts: each once, by whichever process.
#[tokio::test]
async fn several_in_one_line_are_each_decided_once() {
    let (_directory, mut one, mut other) = two().await;
    for (n, (id, name)) in [(ORDERS, "orders"), (STOCK, "stock")]
        .into_iter()
        .enumerate()
    {
        let add =
            format!("instance add {id} --name {name} --region cn-hangzhou --edition standard");
        one.says_as(&asks("alice", &format!("add-{n}")), &add)
            .await
            .is("done", &[]);
    }
    let line = "instance set orders,stock --team payments";
    let actor = asks("alice", "7");
    one.says_as(&actor, line).await.is("done", &[]);
    let before = recorded(&one).await;
    let again = other.says_as(&actor, line).await;
    again.is("invalid", &[]).has("Of 2 instances none is done.");
    assert_eq!(recorded(&one).await, before);
    let listed = other
        .says_as(&asks("alice", "8"), "instance list --team payments")
        .await;
    listed.has("orders").has("stock");
}

#[tokio::test]
async fn what_decides_nothing_is_answered_by_each() {
    let (_directory, mut one, mut other) = two().await;
    let actor = asks("alice", "1");
    for room in [&mut one, &mut other] {
        room.says_as(&actor, "instance list").await.is("info", &[]);
        // Nothing was decided on what was said wrongly.
        room.says_as(&actor, "action nobody downgrade")
            .await
            .is("invalid", &[])
            .has("There is no instance");
    }
}

#[tokio::test]
async fn both_at_once_decide_once() {
    let (_directory, one, other) = two().await;
    let command = edition_warden::command::parse_line(&format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition standard"
    ))
    .unwrap();
    let actor = asks("alice", "9");
    let (first, second) = tokio::join!(
        one.warden.handle(&actor, &command),
        other.warden.handle(&actor, &command)
    );
    let mut outcomes = [first.outcome.as_str(), second.outcome.as_str()];
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["done", "invalid"]);
    assert_eq!(recorded(&one).await, 1);
}
