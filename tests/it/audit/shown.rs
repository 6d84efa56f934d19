//! The verb `audit`.

use edition_warden::domain::event::{EventKind, FactValue};
use edition_warden::domain::id::{InstanceId, Person};
use edition_warden::domain::instance::PostExpirationAction;
use edition_warden::domain::rules::{FactKind, RuleId};
use edition_warden::store::AuditFilter;

use super::{entry, write};
use crate::harness::{ORDERS, Room, instant};

/// A room with `orders`, a change, and a trail in the workspace of the console.
async fn furnished() -> Room {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.says("alice", "downgrade orders --by unsubscribe")
        .await;
    let mut attested = entry("action orders downgrade");
    attested.instance = InstanceId::parse(ORDERS).ok();
    attested.events = vec![
        EventKind::Attested {
            facts: vec![FactKind::Action],
        },
        EventKind::Moved {
            fact: FactKind::Action,
            from: FactValue::Action(PostExpirationAction::Delete),
            to: FactValue::Action(PostExpirationAction::Downgrade),
        },
    ];
    let mut blocked = entry("unsubscribe orders");
    blocked.at = instant("2025-12-20T00:00:00Z");
    blocked.by = Some(Person {
        id: "17".into(),
        name: "bob".into(),
    });
    blocked.surface = "discord".to_owned();
    blocked.outcome = "blocked".to_owned();
    blocked.rules = vec![RuleId::ActionBeforeExit, RuleId::Busy];
    blocked.instance.clone_from(&attested.instance);
    blocked.change = Some(1);
    let mut sent = entry("delivery");
    sent.by = None;
    sent.outcome = "failed".to_owned();
    sent.detail = Some("the channel is gone\n\u{202e}odd".to_owned());
    write(&room.store, "local", &[blocked, attested, sent], 3).await;
    room
}

#[tokio::test]
async fn a_row_is_a_line() {
    let mut room = furnished().await;
    let heard = room.says("alice", "audit").await;
    insta::assert_snapshot!(heard.is("info", &[]).text, @r#"
    The audit trail, newest first:
      5  2026-01-01 08:00 UTC+8  warden (console): delivery → failed; the channel is gone\u{a}\u{202e}odd
      4  2026-01-01 08:00 UTC+8  alice (console): action orders downgrade → done; attested action; Post-expiration Action: Delete → Downgrade
      2  2026-01-01 08:00 UTC+8  alice (console): downgrade orders --by unsubscribe → allowed; opened a downgrade by unsubscribe
      1  2026-01-01 08:00 UTC+8  alice (console): instance add MQ_INST_1080056302921134_BXuIbML7 --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade → done; tracked from now on; attested edition, expires, action; edition: unknown → Platinum; Post-expiration Action: unknown → Downgrade; expiry: unknown → 2026-03-01 00:00 UTC+8
      3  2025-12-20 08:00 UTC+8  bob (discord): unsubscribe orders → blocked [action-before-exit, busy]
    "#);
}

#[tokio::test]
async fn each_condition_narrows_it_down() {
    let mut room = furnished().await;
    for (line, change, rows) in [
        (
            "audit orders",
            None,
            vec!["  4  ", "  2  ", "  1  ", "  3  "],
        ),
        ("audit #1", Some(1), vec!["  2  ", "  3  "]),
        ("audit 1", Some(1), vec!["  2  ", "  3  "]),
        (
            "audit --since 7d",
            None,
            vec!["  5  ", "  4  ", "  2  ", "  1  "],
        ),
        ("audit --by alice", None, vec!["  4  ", "  2  ", "  1  "]),
        ("audit --by bob", None, vec!["  3  "]),
        ("audit --by 17", None, vec!["  3  "]),
        ("audit orders --by bob --since 30d", None, vec!["  3  "]),
    ] {
        let heard = room.says("alice", line).await;
        assert_eq!(heard.change, change, "{line}");
        let shown: Vec<&str> = heard.text.lines().skip(1).map(|line| &line[..5]).collect();
        assert_eq!(shown, rows, "{line}\n{}", heard.text);
    }
    for line in [
        "audit --by mallory",
        "audit #1 --since 1h --by bob",
        "audit --since 1s --by bob",
    ] {
        room.says("alice", line)
            .await
            .has("Nothing in the audit trail fits");
    }
    room.says("alice", "audit --page 2")
        .await
        .has("There is no such page");
    room.says("alice", "audit #9").await.is("invalid", &[]);
    room.says("alice", "audit nowhere").await.is("invalid", &[]);
    room.says_in("other", "alice", "audit")
        .await
        .has("Nothing is in the audit trail yet");
}

#[tokio::test]
async fn pages_are_of_fifty_rows_newest_first() {
    let store = crate::harness::new_store().await;
    let entries: Vec<_> = (0..101).map(|n| entry(&format!("change #{n}"))).collect();
    write(&store, "w", &entries, 101).await;
    let mut tx = store.read(&"w".into()).await.unwrap();
    let mut seen = Vec::new();
    for (number, more) in [(1, true), (2, true), (3, false)] {
        let page = tx
            .list_audit(&AuditFilter::default(), number)
            .await
            .unwrap();
        assert_eq!(page.more, more);
        seen.extend(page.rows.into_iter().map(|line| line.seq));
    }
    assert!(seen.into_iter().eq((1..=101).rev()));
    drop(tx);
    let mut room = Room::on(store);
    let heard = room.says_in("w", "alice", "audit --page 2").await;
    heard.has("There is more: add --page 3.");
}
