//! Who may do what: every role with every verb, spoken.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::Subcommand as _;
use edition_warden::app::{Actor, ImportSource, LOCAL_WORKSPACE, Role};
use edition_warden::command::{
    Ack, Command, InstanceCommand, SetCommand, SettingsCommand, args, parse_line,
};
use edition_warden::domain::authority::{Permission, may, needed};
use edition_warden::render::authority;

use crate::harness::{Heard, Room, STOCK};
use crate::sequence::State;

/// A line for every row of the table.
const SAID: [&str; 54] = [
    "help",
    "instance list",
    "instance show orders",
    "check unsubscribe orders",
    "downgrade orders",
    "next orders",
    "changes",
    "change 1",
    "why orders",
    "rules",
    "audit",
    "rule busy",
    "notices orders",
    "todo",
    "suppressed",
    "notice it will be released",
    "ack notice 1",
    "wording 1 release",
    "wordings",
    "action orders delete",
    "instance add MQ_INST_1080056302921134_CYvJcNM8 --name stock --region cn-hangzhou --edition standard",
    "instance set orders --max-tps 10",
    "instance lost orders --reason gone",
    "import list.csv",
    "import undo 1",
    "imports",
    "upgrade orders",
    "downgrade orders --by unsubscribe",
    "unsubscribe orders",
    "next orders --ack fits-standard",
    "confirm 1 set-action",
    "reopen 1 set-action --reason slip",
    "fail 1 --reason broke",
    "cancel 1 --reason changed minds",
    "approve 1",
    "reject 1 --reason not now",
    "revoke 1",
    "ack orders",
    "snooze orders 12h",
    "reminders orders",
    "handover alice",
    "handover alice --to dave",
    "break-glass 1 --reason now --ticket T-1",
    "instance remove orders --reason done with it",
    "settings show",
    "settings role approver 17",
    "settings team payments --channel 42",
    "settings channel alerts 43",
    "settings zone Europe/Berlin",
    "settings quiet-hours 22:00-08:00",
    "settings approvals upgrade 2",
    "settings observers 3",
    "settings watch 44 45",
    "settings threads off",
];

/// The row a command belongs to. A new verb does not compile until it has one.
fn row(command: &Command) -> &'static str {
    match command {
        Command::Help(_) => "help",
        Command::Instance(InstanceCommand::Add(_)) => "instance add",
        Command::Instance(InstanceCommand::Set(_)) => "instance set",
        Command::Instance(InstanceCommand::List(_)) => "instance list",
        Command::Instance(InstanceCommand::Show(_)) => "instance show",
        Command::Instance(InstanceCommand::Remove(_)) => "instance remove",
        Command::Instance(InstanceCommand::Lost(_)) => "instance lost",
        Command::Action(_) => "action",
        Command::Check(_) => "check",
        Command::Upgrade(_) => "upgrade",
        Command::Downgrade(args::Downgrade { by: None, .. }) => "downgrade",
        Command::Downgrade(_) => "downgrade --by",
        Command::Unsubscribe(_) => "unsubscribe",
        Command::Next(args::Next {
            ack: Ack { ack: None },
            ..
        }) => "next",
        Command::Next(_) => "next --ack",
        Command::Confirm(_) => "confirm",
        Command::Reopen(_) => "reopen",
        Command::Fail(_) => "fail",
        Command::Cancel(_) => "cancel",
        Command::Approve(_) => "approve",
        Command::Reject(_) => "reject",
        Command::Revoke(_) => "revoke",
        Command::BreakGlass(_) => "break-glass",
        Command::Ack(_) => "ack",
        Command::Snooze(_) => "snooze",
        Command::Reminders(_) => "reminders",
        Command::Todo(_) => "todo",
        Command::Changes(_) => "changes",
        Command::Change(_) => "change",
        Command::Why(_) => "why",
        Command::Rules => "rules",
        Command::Audit(_) => "audit",
        Command::Notice(_) => "notice",
        Command::Notices(_) => "notices",
        Command::Suppressed(_) => "suppressed",
        Command::Wording(_) => "wording",
        Command::Wordings => "wordings",
        Command::Rule(_) => "rule",
        Command::Import(_) => "import",
        Command::ImportUndo(_) => "import-undo",
        Command::Handover(args::HandoverArgs { to: None, .. }) => "handover",
        Command::Handover(_) => "handover --to",
        Command::Imports => "imports",
        Command::Settings(SettingsCommand::Show) => "settings show",
        Command::Settings(SettingsCommand::Set(SetCommand::Role { .. })) => "settings role",
        Command::Settings(SettingsCommand::Set(SetCommand::Team { .. })) => "settings team",
        Command::Settings(SettingsCommand::Set(SetCommand::Channel { .. })) => "settings channel",
        Command::Settings(SettingsCommand::Set(SetCommand::Zone { .. })) => "settings zone",
        Command::Settings(SettingsCommand::Set(SetCommand::QuietHours { .. })) => {
            "settings quiet-hours"
        }
        Command::Settings(SettingsCommand::Set(SetCommand::Approvals { .. })) => {
            "settings approvals"
        }
        Command::Settings(SettingsCommand::Set(SetCommand::Observers { .. })) => {
            "settings observers"
        }
        Command::Settings(SettingsCommand::Set(SetCommand::Watch { .. })) => "settings watch",
        Command::Settings(SettingsCommand::Set(SetCommand::Threads { .. })) => "settings threads",
    }
}

/// Every verb of the grammar, those under a group with it.
pub(crate) fn verbs() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let whole = Command::augment_subcommands(clap::Command::new("warden"));
    gather(&whole, "", &mut found);
    found
}

fn gather(of: &clap::Command, before: &str, found: &mut BTreeSet<String>) {
    for verb in of.get_subcommands() {
        let name = format!("{before}{}", verb.get_name());
        if verb.has_subcommands() {
            gather(verb, &format!("{name} "), found);
        } else {
            found.insert(name);
        }
    }
}

fn with(roles: &[Role]) -> Actor {
    Actor {
        roles: roles.to_vec(),
        ..Actor::sandbox("eve")
    }
}

/// Every combination of roles, none and all of them included.
fn combinations() -> impl Iterator<Item = Vec<Role>> {
    (0..1_u8 << Role::ALL.len()).map(|bits| {
        let held = |(place, _): &(usize, Role)| bits & (1 << place) != 0;
        let roles = Role::ALL.into_iter().enumerate().filter(held);
        roles.map(|(_, role)| role).collect()
    })
}

/// A downgrade is open, and its next step has a permit.
async fn furnished() -> Room {
    let mut room = Room::open().await;
    room.add_platinum("--action delete").await;
    let opened = room.says("alice", "downgrade orders --by unsubscribe");
    opened.await.is("allowed", &[]);
    room
}

#[tokio::test]
async fn the_table_of_roles_and_verbs() {
    let mut table = format!("{:<21}", "");
    let columns = [
        ("nobody", vec![]),
        ("viewer", vec![Role::Viewer]),
        ("requester", vec![Role::Requester]),
        ("approver", vec![Role::Approver]),
        ("admin", vec![Role::Admin]),
    ];
    for (name, _) in &columns {
        let _ = write!(table, " {name:<9}");
    }
    let mut rows = BTreeSet::new();
    for line in SAID {
        let row = row(&parse_line(line).unwrap());
        rows.insert(row.to_owned());
        let _ = write!(table, "\n{row:<21}");
        for (_, roles) in &columns {
            let heard = furnished().await.says_as(&with(roles), line).await;
            let cell = match (heard.outcome, row) {
                ("denied", _) => "-",
                ("info", "next") => "shown",
                ("allowed", "next") => "permit",
                _ => "yes",
            };
            let _ = write!(table, " {cell:<9}");
        }
    }
    let mut grammar = verbs();
    let split = ["downgrade --by", "next --ack", "handover --to"].map(str::to_owned);
    grammar.extend(split);
    assert_eq!(
        rows, grammar,
        "a verb without a row, or a row without a verb"
    );
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn several_roles_add_up_and_a_refusal_reads_and_changes_nothing() {
    for roles in combinations() {
        let (mut empty, mut full) = (Room::open().await, furnished().await);
        let actor = with(&roles);
        for line in SAID {
            let alone = |role: &Role| (*role, parse_line(line).unwrap());
            let covered = roles.iter().map(alone).any(|(role, command)| {
                let shown = matches!(row(&command), "next") && may(&[role], Permission::Read);
                shown || command.permission().is_some_and(|deed| may(&[role], deed))
            });
            let before = State::of(&full.store, LOCAL_WORKSPACE).await;
            let heard = full.says_as(&actor, line).await;
            let nothing_there = empty.says_as(&actor, line).await;
            let denied = !covered && line != "help";
            assert_eq!(heard.outcome == "denied", denied, "{roles:?}: {line}");
            assert_eq!(nothing_there.outcome == "denied", denied, "{line}");
            if denied {
                let names = parse_line(line).unwrap().names_change().is_some();
                if names && actor.may(Permission::Read) {
                    heard.has("Nothing was done on orders (#1).");
                } else {
                    assert_eq!(heard.text, nothing_there.text);
                }
                names_what_is_missing(&heard, &roles, line);
                let after = State::of(&full.store, LOCAL_WORKSPACE).await;
                assert_eq!(after, before, "{roles:?}: {line}");
            }
        }
    }
}

#[track_caller]
fn names_what_is_missing(heard: &Heard, roles: &[Role], line: &str) {
    let deed = parse_line(line).unwrap().permission().unwrap();
    for role in needed(deed) {
        assert!(!roles.contains(role), "{line}");
        heard.has(role.as_str());
    }
    for role in roles {
        heard.has(role.as_str());
    }
    assert_eq!((&heard.rules, heard.change), (&Vec::new(), None));
}

#[tokio::test]
async fn a_refusal_names_the_role_and_who_can_help() {
    let mut room = furnished().await;
    let says = [
        (vec![Role::Viewer], "downgrade orders --by expiry"),
        (vec![], "instance list"),
        (vec![Role::Viewer], "action orders downgrade"),
        (
            vec![Role::Requester, Role::Approver],
            "instance remove orders --reason x",
        ),
    ];
    let mut told = String::new();
    for (roles, line) in says {
        let heard = room.says_as(&with(&roles), line).await;
        let _ = writeln!(told, "{line}\n  {}", heard.text);
    }
    insta::assert_snapshot!(told, @r"
    downgrade orders --by expiry
      Denied: opening a change needs the role requester (or admin); you have viewer. Ask somebody who has it to do it, or an admin to give it to you.
    instance list
      Denied: reading needs the role viewer, requester or approver (or admin); you have none. Ask somebody who has it to do it, or an admin to give it to you.
    action orders downgrade
      Denied: saying what the Post-expiration Action is needs the role requester or approver (or admin); you have viewer. Ask somebody who has it to do it, or an admin to give it to you.
    instance remove orders --reason x
      Denied: removing an instance needs the role admin; you have requester and approver. Ask an admin to do it.
    ");
}

#[tokio::test]
async fn whoever_may_not_take_permits_is_shown_the_next_step_only() {
    for roles in [[Role::Viewer], [Role::Approver]] {
        let mut room = furnished().await;
        let before = State::of(&room.store, LOCAL_WORKSPACE).await;
        for target in ["orders", "1"] {
            let line = format!("next {target}");
            let heard = room.says_as(&with(&roles), &line).await;
            heard.is("info", &[]).has("set-action").lacks("console");
        }
        assert_eq!(State::of(&room.store, LOCAL_WORKSPACE).await, before);
        let line = "next orders --ack fits-standard";
        room.says_as(&with(&roles), line).await.is("denied", &[]);
        let given = room.says_as(&with(&[Role::Requester]), "next orders").await;
        given.is("allowed", &[]).has("Edit beside");
        let held = room.says_as(&with(&roles), "next orders").await;
        held.is("info", &[]).has("eve holds the permit");
    }
}

#[tokio::test]
async fn a_step_that_the_rules_refuse_is_shown_as_refused() {
    let mut room = furnished().await;
    room.says("alice", "instance set orders --busy on").await;
    let heard = room.says_as(&with(&[Role::Viewer]), "next orders").await;
    heard.is("blocked", &["busy", "action-after-creation"]);
}

#[tokio::test]
async fn files_are_taken_from_requesters_and_admins() {
    for roles in combinations() {
        let mut room = Room::open().await;
        let Ok(Command::Import(request)) = parse_line("import list.csv") else {
            panic!("an import");
        };
        let row = format!("id,name,region,edition\n{STOCK},stock,cn-hangzhou,standard\n");
        for (bytes, outcome) in [(row.as_str(), "done"), ("no listing", "invalid")] {
            let source = ImportSource {
                label: "list.csv".to_owned(),
                bytes: bytes.into(),
                modified: None,
            };
            let reply = room.warden.import(&with(&roles), &request, &source).await;
            let taken = may(&roles, Permission::Import);
            let heard = room.hear("eve", "import list.csv", &reply);
            let expected = if taken { outcome } else { "denied" };
            assert_eq!(heard.outcome, expected, "{roles:?}: {}", heard.text);
        }
        let held = State::of(&room.store, LOCAL_WORKSPACE).await;
        let expected = u64::from(may(&roles, Permission::Import));
        assert_eq!(held.totals.instances, expected);
    }
}

#[tokio::test]
async fn nothing_is_completed_for_who_may_not_read() {
    let room = furnished().await;
    let (nobody, viewer) = (with(&[]), with(&[Role::Viewer]));
    let names = room.warden.complete_instances(&nobody, "o").await.unwrap();
    assert!(names.is_empty(), "{names:?}");
    assert!(
        room.warden
            .complete_changes(&nobody, "")
            .await
            .unwrap()
            .is_empty()
    );
    let names = room.warden.complete_instances(&viewer, "o").await.unwrap();
    assert_eq!(names, ["orders"]);
    let changes = room.warden.complete_changes(&viewer, "").await.unwrap();
    assert_eq!(changes.first().map(|(number, _)| *number), Some(1));
    assert!(room.warden.teams(&nobody).await.unwrap().is_empty());
    assert!(room.warden.regions(&nobody).await.unwrap().is_empty());
}

#[test]
fn every_deed_has_somebody_and_admins_do_everything() {
    for deed in Permission::ALL {
        assert!(may(&[Role::Admin], deed));
        assert!(!may(&[], deed));
        assert_eq!(needed(deed).last(), Some(&Role::Admin));
        for role in Role::ALL {
            assert_eq!(may(&[role], deed), needed(deed).contains(&role));
        }
    }
}

#[test]
fn the_table_of_roles_is_generated() {
    let page = include_str!("../../docs/commands.md");
    let table = authority::markdown();
    assert!(page.contains(&table), "the table:\n{table}");
}
