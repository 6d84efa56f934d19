//! Two workspaces on one database know nothing of each other.

mod any;
mod dump;
mod tables;

use edition_warden::app::{Actor, ImportSource, Role};
use edition_warden::command::{Command, parse_line};
use edition_warden::domain::id::Person;
use edition_warden::store::Totals;
use proptest::prelude::*;

use crate::harness::{Heard, ORDERS, Room};
use crate::sequence::{Deed, Side, State, runner, runtime, sequences};

const OURS: &str = "ours";
const THEIRS: &str = "theirs";
/// An instance that only the other workspace has.
const VAULT: &str = "MQ_INST_7080056302921134_VaultQQ7";
/// What nobody of ours has ever said.
const SECRETS: [&str; 12] = [
    "trudy",
    "VaultSS9",
    "9090909090",
    "New_York",
    "vaultroom",
    "VaultQQ7",
    "ap-southeast-3",
    "ons-cn-7vault7vault",
    "hush-team",
    "hush-channel",
    "mallory",
    "because of the merger",
];

fn actor(workspace: &str) -> Actor {
    Actor {
        person: Person::named("alice"),
        workspace: workspace.into(),
        roles: vec![Role::Admin],
        ..Actor::local("alice")
    }
}

/// Theirs has what ours has, under the same names, and more; each change of theirs is in the middle of something.
async fn furnished() -> Room {
    let mut room = Room::open().await;
    furnish(&mut room).await;
    let shared = shared();
    room.says_in(OURS, "alice", &shared).await.is("done", &[]);
    room
}

fn shared() -> String {
    format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01"
    )
}

async fn furnish(room: &mut Room) {
    let shared = shared();
    let vault = format!(
        "instance add {VAULT} --name vaultroom --region ap-southeast-3 --edition standard \
         --commodity-id ons-cn-7vault7vault --team hush-team --channel hush-channel"
    );
    for line in [
        shared.as_str(),
        "action orders downgrade",
        "unsubscribe orders",
        "confirm 1 unsubscribe",
        vault.as_str(),
        "upgrade vaultroom",
        "cancel 2 --reason because of the merger",
        "upgrade vaultroom",
        "next vaultroom",
        "settings team hush-team --channel hush-channel",
        "settings role admin 9090909090",
        "settings zone America/New_York",
        "settings observers 5",
        "settings approvals upgrade 2",
        "instance add MQ_INST_7080056302921134_VaultSS9 --name vaultroom-b --region ap-southeast-3 \
         --edition standard --max-tps 1000 --busy off --team hush-team",
        "upgrade vaultroom-b",
    ] {
        let heard = room.says_in(THEIRS, "mallory", line).await;
        assert!(
            matches!(heard.outcome, "done" | "allowed" | "needs_approval"),
            "{line}: {}",
            heard.text
        );
    }
    // A request with one of two approvals: somebody else's word would make it complete, or void it.
    let approved = room.says_in(THEIRS, "trudy", "approve 4").await;
    approved.is("done", &[]).has("1/2");
}

#[tokio::test]
async fn ids_names_and_numbers_are_each_workspaces_own() {
    let mut room = furnished().await;
    let opened = room
        .says_in(OURS, "alice", "downgrade orders --by unsubscribe")
        .await;
    assert_eq!((opened.outcome, opened.change), ("allowed", Some(1)));
    let theirs = State::of(&room.store, THEIRS).await;
    assert_eq!(theirs.changes.len(), 4);
    assert_eq!(State::of(&room.store, OURS).await.changes.len(), 1);
    assert_eq!(
        room.warden.totals(&OURS.into()).await.unwrap(),
        Totals {
            instances: 1,
            open_changes: 1
        }
    );
    let lost = room.says_in(OURS, "alice", "instance lost orders --reason gone");
    lost.await.is("done", &[]);
    assert_eq!(State::of(&room.store, THEIRS).await, theirs);
    let shown = room.says_in(THEIRS, "mallory", "confirm 1 verify-standard");
    shown.await.is("done", &[]);
}

/// A refusal names the instance of a change of one's own workspace, never that of theirs under the same number.
#[tokio::test]
async fn a_refusal_names_ones_own_only() {
    let mut room = furnished().await;
    let viewer = Actor {
        roles: vec![Role::Viewer],
        ..actor(OURS)
    };
    for line in [
        "approve 1",
        "confirm 1 unsubscribe",
        "cancel 2 --reason no",
        "next 3 --ack fits-standard",
    ] {
        let heard = room.says_as(&viewer, line).await;
        heard.is("denied", &[]).lacks("Nothing was done on");
    }
    room.says_in(OURS, "alice", "downgrade orders --by unsubscribe")
        .await;
    room.says_as(&viewer, "approve 1")
        .await
        .is("denied", &[])
        .has("Nothing was done on orders (#1).");
    room.says_as(&viewer, "approve 2")
        .await
        .is("denied", &[])
        .lacks("vaultroom");
}

#[tokio::test]
async fn nothing_of_another_workspace_is_named_listed_or_changed() {
    let mut room = furnished().await;
    let theirs = State::of(&room.store, THEIRS).await;
    let every_verb = [
        "instance list",
        "instance list --edition standard",
        "instance list --edition platinum",
        "instance list --expiring 3650d",
        "instance list --action downgrade,unknown",
        "instance show vau",
        "instance show MQ_INST_7",
        "instance show ons-cn-7",
        "instance show orders",
        "instance set vault --max-tps 1",
        "action vaultrom delete",
        "check upgrade vau",
        "why vau",
        "why orders",
        "why 1",
        "why 3",
        "upgrade vaultrom",
        "downgrade vaultrom --by expiry",
        "unsubscribe vaultrom",
        "next vaultrom",
        "next 1",
        "next 3",
        "confirm 1 verify-standard",
        "confirm 3 upgrade --outside --reason it happened",
        "reopen 1 unsubscribe --reason x",
        "fail 3 --reason x",
        "cancel 3 --reason x",
        "changes",
        "changes --all",
        "change 1",
        "change 2",
        "change 3",
        "instance remove vaultrom --reason x",
        "instance lost vaultrom --reason x",
        "instance remove MQ_INST_7080056302921134_VaultQQ8 --reason x",
        "audit",
        "audit orders",
        "audit vau",
        "audit #1",
        "audit #3",
        "audit --since 3650d",
        "rules",
        "help",
        "settings",
    ];
    for line in every_verb {
        let heard = room.says_in(OURS, "alice", line).await;
        keeps_quiet(&heard, line);
    }
    assert_eq!(State::of(&room.store, THEIRS).await, theirs);
    assert!(State::of(&room.store, OURS).await.changes.is_empty());
}

#[tokio::test]
async fn whoever_knows_an_id_of_another_workspace_gets_nothing_for_it() {
    let mut room = furnished().await;
    let theirs = State::of(&room.store, THEIRS).await;
    for named in [
        VAULT,
        "vaultroom",
        "ap-southeast-3/vaultroom",
        "ons-cn-7vault7vault",
    ] {
        for verb in [
            "instance show NAMED",
            "instance set NAMED --max-tps 1",
            "action NAMED delete",
            "check upgrade NAMED",
            "why NAMED",
            "audit NAMED",
            "upgrade NAMED",
            "downgrade NAMED",
            "downgrade NAMED --by unsubscribe",
            "unsubscribe NAMED",
            "next NAMED",
            "instance remove NAMED --reason x",
            "instance lost NAMED --reason x",
        ] {
            let line = verb.replace("NAMED", named);
            let heard = room.says_in(OURS, "alice", &line).await;
            heard.is("invalid", &[]).lacks("hush").lacks("mallory");
        }
    }
    assert_eq!(State::of(&room.store, THEIRS).await, theirs);
}

#[tokio::test]
async fn completion_offers_ones_own_only() {
    let room = furnished().await;
    for prefix in ["", "v", "ault", "MQ_INST_7", "ons-cn-7", "cn-", "/"] {
        let offered = room
            .warden
            .complete_instances(&actor(OURS), prefix)
            .await
            .unwrap();
        assert!(!offered.contains(&"vaultroom".to_owned()), "{offered:?}");
    }
    assert!(
        room.warden
            .complete_changes(&actor(OURS), "")
            .await
            .unwrap()
            .is_empty()
    );
    for typed in ["3", "vault", "room"] {
        let offered = room.warden.complete_changes(&actor(OURS), typed).await;
        assert!(offered.unwrap().is_empty(), "{typed}");
    }
    let offered = room.warden.complete_changes(&actor(THEIRS), "").await;
    let numbers: Vec<u64> = offered.unwrap().iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [4, 3, 1]);
    let ours = room.warden.teams(&actor(OURS)).await.unwrap();
    let theirs = room.warden.teams(&actor(THEIRS)).await.unwrap();
    // Those of the configuration are everybody's.
    let has_hush = |teams: &[String]| teams.iter().any(|team| team == "hush-team");
    assert!(has_hush(&theirs) && !has_hush(&ours), "{ours:?} {theirs:?}");
}

#[tokio::test]
async fn a_complete_listing_concerns_its_own_workspace_only() {
    let mut room = furnished().await;
    let theirs = State::of(&room.store, THEIRS).await;
    for (id, region) in [
        ("MQ_INST_9080056302921134_Another8", "cn-hangzhou"),
        ("MQ_INST_9080056302921134_Another9", "ap-southeast-3"),
    ] {
        let line = format!("import listing.csv --region {region} --complete --accept-missing 1");
        let Ok(Command::Import(request)) = parse_line(&line) else {
            panic!("`{line}` is an import");
        };
        let source = ImportSource {
            label: "listing.csv".to_owned(),
            bytes: format!("id,name,region,edition\n{id},vaultroom,{region},standard\n").into(),
            modified: None,
        };
        let reply = room.warden.import(&actor(OURS), &request, &source).await;
        let heard = room.hear("alice", &line, &reply);
        assert!(["done", "inconclusive"].contains(&heard.outcome));
        heard.lacks("VaultQQ7").lacks("hush");
    }
    assert_eq!(State::of(&room.store, THEIRS).await, theirs);
}

fn keeps_quiet(heard: &Heard, line: &str) {
    for secret in SECRETS {
        assert!(
            !heard.text.contains(secret),
            "{line} tells `{secret}`:\n{}",
            heard.text
        );
    }
}

#[test]
fn two_workspaces_at_once_are_as_if_each_were_alone() {
    let runtime = runtime();
    let sides = prop::collection::vec(any::<bool>(), 36);
    runner(32)
        .run(&(sequences(18), sequences(18), sides), |(a, b, turns)| {
            runtime.block_on(async {
                let mut room = Room::open().await;
                let mut ours = (Side::of(OURS), a.iter());
                let mut theirs = (Side::of(THEIRS), b.iter());
                for turn in turns {
                    let (speaks, listens) = if turn {
                        (&mut ours, &theirs.0)
                    } else {
                        (&mut theirs, &ours.0)
                    };
                    let next: Option<&Deed> = speaks.1.next();
                    if let Some(deed) = next {
                        speaks.0.play(&mut room, deed).await;
                        let held = State::of(&room.store, listens.workspace).await;
                        assert_eq!(held, listens.before, "{}", room.transcript());
                    }
                }
            });
            Ok(())
        })
        .unwrap();
}
