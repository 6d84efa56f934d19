//! Whatever is said in one workspace, with every word of another's, is as if the other were not there.

use std::cell::RefCell;
use std::collections::BTreeSet;

use edition_warden::app::{Actor, ImportSource, Role};
use edition_warden::command::{Command, parse_line};
use edition_warden::store::Store;
use proptest::prelude::*;
use proptest::sample::select;

use super::dump::Dump;
use super::tables::fill;
use super::{SECRETS, THEIRS, VAULT, furnish};
use crate::authority::verbs;
use crate::harness::{ORDERS, Room, STOCK};
use crate::sequence::{runner, runtime};

/// Every verb; I stands for an instance, N for a change, ID and NAME and REGION for what an instance is made of.
const LINES: &[&str] = &[
    "help",
    "rules",
    "rule busy",
    "instance add ID --name NAME --region REGION --edition platinum --expires 2026-03-01 --action downgrade",
    "instance add ID --name NAME --region REGION --edition standard",
    "instance set I --max-tps 1",
    "instance set I --name NAME",
    "instance set I --edition platinum --action downgrade --expires 2026-02-01",
    "instance list",
    "instance list --team hush-team",
    "instance list --expiring 3650d --edition platinum",
    "instance list --action downgrade,unknown",
    "instance show I",
    "instance remove I --reason x",
    "instance lost I --reason x",
    "action I downgrade",
    "action I delete",
    "check upgrade I",
    "check unsubscribe I --ack fits-standard",
    "upgrade I",
    "downgrade I",
    "downgrade I --by unsubscribe",
    "downgrade I --by expiry",
    "unsubscribe I",
    "next I",
    "next N",
    "next N --ack fits-standard",
    "confirm N",
    "confirm N unsubscribe --outside --reason x",
    "confirm N upgrade",
    "confirm N set-action",
    "confirm N verify-standard",
    "reopen N unsubscribe --reason x",
    "fail N --reason x",
    "cancel N --reason x",
    "approve N",
    "approve N --seen downgrade",
    "reject N --reason x",
    "revoke N",
    "break-glass N --reason x --ticket T-1",
    "ack I",
    "snooze I 12h",
    "reminders I",
    "handover mallory",
    "handover mallory --to bob",
    "handover alice --to mallory --reason x",
    "audit",
    "audit I",
    "audit N --since 7d",
    "audit --by mallory",
    "notice your instance ID will be released on 2026-03-08",
    "notice instance name: vaultroom ons-cn-7vault7vault will be released",
    "notice it will expire",
    "notices I",
    "notices",
    "todo",
    "todo --mine",
    "suppressed",
    "ack notice N",
    "wording N release",
    "wording N other",
    "wording N forget",
    "wordings",
    "notice news of instance ID: it goes on 2026-03-08",
    "changes",
    "changes --all",
    "change N",
    "why I",
    "why N",
    "import-undo N",
    "imports",
    "import list.csv",
    "import list.csv --region REGION --complete",
    "import list.csv --accept",
    "import list.csv --dry-run",
    "settings show",
    "settings role approver 17",
    "settings role approver none",
    "settings team hush-team --channel 42 --members 17",
    "settings team hush-team --remove",
    "settings channel alerts 43",
    "settings zone Europe/Berlin",
    "settings quiet-hours 22:00-08:00",
    "settings approvals upgrade 2",
    "settings observers 3",
    "settings watch 44 45",
    "settings threads off",
];
const INSTANCES: &[&str] = &[
    "orders",
    "cn-hangzhou/orders",
    ORDERS,
    "vaultroom",
    "ap-southeast-3/vaultroom",
    VAULT,
    "ons-cn-7vault7vault",
    "vau",
    "vaultrom",
    "MQ_INST_7",
    "ons-cn-7",
    "ord",
    "1",
    "#3",
];
const IDS: &[&str] = &[ORDERS, STOCK, VAULT];
const NAMES: &[&str] = &["orders", "stock", "vaultroom"];
const REGIONS: &[&str] = &["cn-hangzhou", "ap-southeast-3"];

/// Something said or typed, by somebody with these roles.
#[derive(Debug, Clone)]
struct Say {
    line: String,
    roles: Vec<Role>,
    /// What the file holds, where it is an import.
    row: String,
    /// What is begun and completed with Tab.
    begun: &'static str,
}

fn says() -> impl Strategy<Value = Say> {
    let words = (
        select(INSTANCES),
        select(IDS),
        select(NAMES),
        select(REGIONS),
    );
    let roles = prop_oneof![
        5 => Just(vec![Role::Admin]),
        2 => Just(vec![Role::Requester]),
        1 => Just(vec![Role::Viewer]),
        1 => Just(vec![Role::Approver]),
        1 => Just(vec![]),
    ];
    (select(LINES), words, 1..5_u64, roles).prop_map(
        |(line, (instance, id, name, region), number, roles)| {
            let word = |word: &str| match word {
                "I" => instance.to_owned(),
                "N" => number.to_string(),
                "ID" => id.to_owned(),
                "NAME" => name.to_owned(),
                "REGION" => region.to_owned(),
                other => other.to_owned(),
            };
            let line: Vec<String> = line.split(' ').map(word).collect();
            Say {
                line: line.join(" "),
                roles,
                row: format!("id,name,region,edition\n{id},{name},{region},standard\n"),
                begun: instance,
            }
        },
    )
}

/// The reply, and what completion offers.
async fn answered(room: &mut Room, workspace: &str, say: &Say) -> (String, Vec<String>, Vec<u64>) {
    let actor = Actor {
        workspace: workspace.into(),
        roles: say.roles.clone(),
        ..Actor::sandbox("alice")
    };
    let heard = match parse_line(&say.line) {
        Ok(Command::Import(request)) => {
            let source = ImportSource {
                label: "list.csv".to_owned(),
                bytes: say.row.clone().into(),
                modified: None,
            };
            let reply = room.warden.import(&actor, &request, &source).await;
            room.hear("alice", &say.line, &reply)
        }
        _ => room.says_as(&actor, &say.line).await,
    };
    let names = room.warden.complete_instances(&actor, say.begun).await;
    let changes = room.warden.complete_changes(&actor, "").await;
    let told = format!(
        "[{}] {:?} {:?} {}",
        heard.outcome, heard.rules, heard.change, heard.text
    );
    let changes = changes.unwrap().into_iter().map(|(number, _)| number);
    (told, names.unwrap(), changes.collect())
}

#[test]
fn another_workspace_is_as_good_as_not_there() {
    let runtime = runtime();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("warden.db");
    let (room, dump, before) = runtime.block_on(async {
        let mut room = Room::on(Store::open(&file).await.unwrap());
        furnish(&mut room).await;
        fill(&file).await;
        let mut dump = Dump::of(&file).await;
        let before = dump.rows(THEIRS).await;
        assert!(before.iter().any(|row| row.contains("hush-channel")));
        (room, dump, before)
    });
    let shared = RefCell::new((room, dump, 0_u32));
    runner(64)
        .run(&prop::collection::vec(says(), 1..24), |says| {
            let (room, dump, turn) = &mut *shared.borrow_mut();
            *turn += 1;
            let workspace = format!("ours-{turn}");
            runtime.block_on(async {
                let mut alone = Room::open().await;
                let mut said = String::new();
                for say in &says {
                    said.push_str(&format!("{}\n{}\n", say.line, say.row));
                    let told = answered(room, &workspace, say).await;
                    assert_eq!(told, answered(&mut alone, &workspace, say).await);
                    let heard = format!("{told:?}");
                    for secret in SECRETS.iter().filter(|secret| !said.contains(**secret)) {
                        assert!(
                            !heard.contains(secret),
                            "`{secret}` after:\n{said}\n{heard}"
                        );
                    }
                    assert_eq!(dump.rows(THEIRS).await, before, "after:\n{said}");
                }
            });
            Ok(())
        })
        .unwrap();
    let (_, dump, turns) = &mut *shared.borrow_mut();
    let mut wrote = 0;
    for turn in 1..=*turns {
        let rows = runtime.block_on(dump.rows(&format!("ours-{turn}")));
        wrote += usize::from(!rows.is_empty());
    }
    assert!(
        wrote > 20,
        "it would prove nothing if nobody wrote: {wrote}"
    );
}

#[test]
fn every_verb_is_said() {
    let said = |verb: &&String| {
        let rest = |line: &&str| line.strip_prefix(verb.as_str()).map(str::to_owned);
        let whole = |rest: String| rest.is_empty() || rest.starts_with(' ');
        !LINES.iter().filter_map(rest).any(whole)
    };
    let all = verbs();
    let missing: BTreeSet<&String> = all.iter().filter(said).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
