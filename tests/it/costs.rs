//! The cost of a command in the database: statements, rows that triggers write, transactions, and commits, each of which waits for
//! the disk. The bounds are today's costs: an improvement lowers them, and nobody raises them unnoticed.

use std::collections::BTreeMap;

use edition_warden::app::{Actor, LOCAL_WORKSPACE};
use edition_warden::command::{Command, parse_line};
use edition_warden::domain::Timestamp;
use edition_warden::store::Store;
use rstest::rstest;

use crate::harness::{ORDERS, Room, STOCK};

/// The most that something may cost.
#[derive(Debug, Clone, Copy)]
struct Bound {
    /// What triggers write is counted row by row, as a statement each.
    statements: u64,
    transactions: u64,
    commits: u64,
    /// How often the database is waited for; several statements may be sent together.
    hops: u64,
}

/// Whether the database is on a server that tests are given.
fn on_server() -> bool {
    std::env::var_os("WARDEN_TEST_POSTGRES").is_some()
}

/// What a stretch of work costs.
async fn cost(store: &Store, work: impl AsyncFnOnce()) -> Bound {
    let by_triggers = store.system().rows_by_triggers().await.unwrap();
    let before = store.tally();
    work().await;
    let spent = store.tally().since(before);
    let by_triggers = store.system().rows_by_triggers().await.unwrap() - by_triggers;
    Bound {
        statements: spent.statements + by_triggers,
        transactions: spent.transactions,
        commits: spent.commits,
        // A server is asked statement by statement.
        hops: if on_server() { 0 } else { spent.hops },
    }
}

impl Bound {
    const fn covers(self, spent: Self) -> bool {
        spent.statements <= self.statements
            && spent.transactions <= self.transactions
            && spent.commits <= self.commits
            && spent.hops <= self.hops
    }

    #[track_caller]
    fn holds(self, what: &str, spent: Self) {
        assert!(
            self.covers(spent),
            "{what}: {spent:?} is more than {self:?}"
        );
    }
}

/// A room with two instances, and with everything prepared that is only prepared once.
async fn furnished() -> Room {
    let mut room = Room::open().await;
    for (id, name) in [(ORDERS, "orders"), (STOCK, "stock")] {
        let line = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum \
             --expires 2026-03-01T00:00:00Z --action downgrade"
        );
        assert_eq!(room.says("alice", &line).await.outcome, "done");
    }
    room
}

#[tokio::test]
async fn a_decision_is_one_transaction_and_one_commit() {
    let mut room = furnished().await;
    let store = room.store.clone();
    for (line, bound) in [
        (
            "instance set orders --expires 2026-04-01T00:00:00Z",
            Bound {
                statements: 11,
                transactions: 1,
                commits: 1,
                hops: 3,
            },
        ),
        (
            "instance set orders --expires 2026-04-01T00:00:00Z",
            Bound {
                statements: 10,
                transactions: 1,
                commits: 1,
                hops: 3,
            },
        ),
        (
            "upgrade nothing-of-this-name",
            Bound {
                statements: 4,
                transactions: 1,
                commits: 0,
                hops: 3,
            },
        ),
    ] {
        let spent = cost(&store, async || {
            room.says("alice", line).await;
        })
        .await;
        bound.holds(line, spent);
    }
}

/// What a decision may cost: a transaction and one wait for the disk.
const DECISION: Bound = Bound {
    statements: 12,
    transactions: 1,
    commits: 1,
    hops: 6,
};

/// What a look may cost: it writes nothing.
const LOOK: Bound = Bound {
    statements: 3,
    transactions: 1,
    commits: 0,
    hops: 4,
};

const ADMIN: &str = "root admin";
const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";

/// Every verb that decides, in an order in which each has something to decide.
fn decisions() -> Vec<(&'static str, String)> {
    let add = |id: &str, rest: &str| format!("instance add {id} --region cn-hangzhou {rest}");
    let release = format!("notice {ORDERS} will be released on 2026-12-08, as ticket 7 says");
    let said = [
        (
            ADMIN,
            "settings team payments --channel payments --mention payers",
        ),
        (ADMIN, "settings channel alerts alarm"),
        (ADMIN, "settings zone Asia/Shanghai"),
        (ADMIN, "settings quiet-hours 23:00-06:00"),
        (ADMIN, "settings observers 1"),
        (ADMIN, "settings approvals upgrade 2"),
        (ADMIN, "settings approvals upgrade 1"),
        (ADMIN, "settings observers 2"),
        (ADMIN, "settings watch news 1234567"),
        (ADMIN, "settings threads on"),
        (ADMIN, "settings role approver Leads"),
        (
            ALICE,
            "instance set orders --expires 2026-04-01 --team payments",
        ),
        (ALICE, "instance set orders --expires 2026-04-01"),
        (ALICE, "action orders downgrade"),
        (ALICE, "snooze orders 1h"),
        (ALICE, "ack orders"),
        (ALICE, "downgrade orders --by unsubscribe"),
        (ALICE, "unsubscribe orders"),
        (BOB, "approve 1 --seen downgrade"),
        (BOB, "revoke 1"),
        (BOB, "approve 1"),
        (CAROL, "approve 1"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 unsubscribe"),
        (ALICE, "reopen 1 unsubscribe --reason no"),
        (ALICE, "instance set orders --expires 2026-05-01"),
        (ALICE, "cancel 1 --reason enough"),
        (ALICE, "upgrade stock"),
        (BOB, "reject 2 --reason no"),
        (ALICE, "upgrade stock"),
        (ADMIN, "break-glass 3 --reason burning --ticket T-1"),
        (ALICE, "next 3"),
        (ALICE, "confirm 3 upgrade"),
        (ALICE, "fail 3 --reason broken"),
        (ALICE, release.as_str()),
        (ALICE, "ack notice 1"),
        (ALICE, "instance lost orders --reason gone"),
        (ADMIN, "instance remove stock --reason old"),
        (ALICE, "upgrade nothing-of-this-name"),
        (BOB, "upgrade stock"),
    ];
    let orders = add(
        ORDERS,
        "--name orders --edition platinum --expires 2026-03-01 --auto-renew off --busy off --action delete",
    );
    let stock = add(
        STOCK,
        "--name stock --edition standard --busy off --max-tps 100",
    );
    let first = [(ALICE, orders), (ALICE, stock)];
    let said = said.map(|(who, line)| (who, line.to_owned()));
    first.into_iter().chain(said).collect()
}

/// Every verb that only looks.
const LOOKS: &[&str] = &[
    "check unsubscribe orders",
    "check upgrade stock",
    "instance show stock",
    "instance list",
    "instance list --edition platinum",
    "downgrade orders",
    "changes",
    "changes --all",
    "change 1",
    "why orders",
    "why 1",
    "rules",
    "rule action-before-exit",
    "audit",
    "audit orders",
    "audit --by alice",
    "reminders orders",
    "notices",
    "notices orders",
    "suppressed",
    "wordings",
    "imports",
    "settings show",
    "help",
    "help approve",
];

/// Verbs whose work grows with what they are about, up to a bound: with the rows of a file, with the instances of a page, and
/// with the raised notices that `wording` judges again.
const BY_THE_ROW: &[&str] = &["handover", "import", "import-undo", "todo", "wording"];

/// Which of all verbs a line begins with.
fn verb_of(line: &str) -> String {
    let verbs = edition_warden::command::verbs();
    let path = |verb: &edition_warden::command::VerbSpec| verb.path.join(" ");
    let begins = |path: &String| line == path || line.starts_with(&format!("{path} "));
    let found = verbs.iter().map(path).filter(begins);
    found.max_by_key(String::len).unwrap_or_default()
}

/// What a line cost.
struct Measured {
    line: String,
    outcome: &'static str,
    spent: Bound,
    /// Whether that is within its bound.
    within: bool,
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (dear, spent) = (if self.within { "" } else { "too dear" }, self.spent);
        let (statements, hops, commits) = (spent.statements, spent.hops, spent.commits);
        let (outcome, line) = (self.outcome, &self.line);
        writeln!(
            f,
            "{dear:8} {statements:3} {hops:3} {commits:3} {outcome:15} {line}"
        )
    }
}

/// What each costs.
async fn costs_of(
    room: &mut Room,
    lines: impl IntoIterator<Item = (&'static str, String)>,
    bound: Bound,
) -> Vec<Measured> {
    let store = room.store.clone();
    let mut all = Vec::new();
    for (who, line) in lines {
        let mut outcome = "";
        let spent = cost(&store, async || {
            outcome = room.as_says(who, &line).await.outcome;
        })
        .await;
        let within = bound.covers(spent);
        all.push(Measured {
            line,
            outcome,
            spent,
            within,
        });
    }
    all
}

#[track_caller]
fn assert_within(all: &[Measured]) {
    let told: String = all.iter().map(ToString::to_string).collect();
    let all_within = all.iter().all(|one| one.within);
    assert!(all_within, "statements, hops, commits:\n{told}");
}

/// The most that each verb costs, as a table of the page about it.
fn table(all: &[Measured]) -> String {
    let mut most = BTreeMap::new();
    for one in all {
        let (statements, hops) = most.entry(verb_of(&one.line)).or_default();
        *statements = one.spent.statements.max(*statements);
        *hops = one.spent.hops.max(*hops);
    }
    let row = |(verb, (statements, hops)): (&String, &(u64, u64))| {
        format!("| `{verb}` | {statements} | {hops} |\n")
    };
    let rows: String = most.iter().map(row).collect();
    format!("| verb | statements | waits |\n| --- | --- | --- |\n{rows}")
}

/// What is measured is the decision with its reminders: nothing is delivered, and nobody looks at what is due.
#[tokio::test]
async fn every_decision_is_a_dozen_statements_and_one_commit_and_every_look_three_statements() {
    let mut room = Room::of_team().await.undelivered();
    // Of what is added, the raised notices that name nothing tracked are read.
    let of_added = Bound {
        hops: 7,
        ..DECISION
    };
    let mut lines = decisions().into_iter();
    let mut all = costs_of(&mut room, lines.by_ref().take(2), of_added).await;
    all.extend(costs_of(&mut room, lines, DECISION).await);
    let mut room = Room::of_team().await.undelivered();
    for (who, line) in decisions().into_iter().take(20) {
        room.as_says(who, &line).await;
    }
    let looks = LOOKS.iter().map(|line| (ADMIN, (*line).to_owned()));
    all.extend(costs_of(&mut room, looks, LOOK).await);
    assert_within(&all);
    if !on_server() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cost.md");
        let page = std::fs::read_to_string(page).unwrap();
        let table = table(&all);
        assert!(page.contains(&table), "docs/cost.md should have:\n{table}");
    }
}

/// Notices of every kind and with every result, of which each is read, judged, filed and told.
#[tokio::test]
async fn a_notice_is_a_dozen_statements_whatever_it_says() {
    let without_blanks: String = ('\u{4e00}'..'\u{9fff}').step_by(40).collect();
    // The instance that has the name is looked up.
    let of_a_name = Bound {
        statements: 13,
        hops: 7,
        ..DECISION
    };
    // Whether people were called for the same loss is looked up.
    let of_a_loss = Bound {
        hops: 7,
        ..DECISION
    };
    let ticket = format!("{ORDERS} will be released on 2026-12-08, as ticket 7 says");
    let release = format!("{ORDERS} will be released on 2026-03-08 10:00:00.");
    let loss = format!("如下实例已释放：{ORDERS}");
    let again = |said: &String| (DECISION, "duplicate", said.clone());
    let told = [
        (DECISION, "raised", ticket.clone()),
        again(&ticket),
        (
            DECISION,
            "raised",
            format!("{ORDERS}将于2026-12-08释放，{without_blanks}"),
        ),
        (DECISION, "raised", release.clone()),
        again(&release),
        (
            DECISION,
            "raised",
            format!("{ORDERS} will expire on 2026-03-01 00:00:00."),
        ),
        (
            of_a_name,
            "raised",
            format!("{ORDERS} (stock) will expire on 2026-03-01 00:00:00."),
        ),
        (
            DECISION,
            "raised",
            "an instance will be released".to_owned(),
        ),
        (of_a_loss, "raised", loss.clone()),
        again(&loss),
        (
            DECISION,
            "suppressed",
            format!("{STOCK} will be released on 2026-03-08 10:00:00."),
        ),
    ];
    let mut room = Room::of_team().await;
    for (id, name, action) in [(ORDERS, "orders", "delete"), (STOCK, "stock", "downgrade")] {
        let add = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2026-03-01 \
             --action {action} --auto-renew off --busy off"
        );
        room.says("alice", &add).await.is("done", &[]);
    }
    let mut room = room.undelivered();
    let mut all = Vec::new();
    for (bound, result, said) in told {
        let line = [(ALICE, format!("notice {said}"))];
        let measured = costs_of(&mut room, line, bound).await;
        assert_eq!(measured[0].outcome, result, "{said}");
        all.extend(measured);
    }
    assert_within(&all);
}

/// A room in which notices were suppressed by what is known of the instance.
async fn with_notices(resting: usize) -> Room {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-12-01 --action downgrade \
         --auto-renew off --busy off"
    );
    room.says("alice", &add).await.is("done", &[]);
    for n in 0..resting {
        let (day, hour) = (n / 9 + 2, n % 9 + 10);
        let line = format!("notice {ORDERS} will be released on 2026-12-0{day} {hour}:00:00.");
        let heard = room.says("alice", &line).await;
        heard.is("suppressed", &["release-notice-redundant"]);
    }
    room
}

/// What is suppressed by what is known of an instance, and is looked at when that changes, makes no decision dearer.
#[tokio::test]
async fn a_decision_is_a_dozen_statements_with_notices_that_rest_on_its_instance() {
    let lines = [
        (ALICE, "instance set orders --expires 2026-12-02"),
        (ALICE, "action orders delete"),
        (ALICE, "action orders downgrade"),
        (ALICE, "snooze orders 1h"),
        (ALICE, "ack orders"),
        (ALICE, "downgrade orders --by unsubscribe"),
        (BOB, "approve 1 --seen downgrade"),
        (BOB, "revoke 1"),
        (BOB, "approve 1"),
        (CAROL, "approve 1 --seen downgrade"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 unsubscribe"),
        (ALICE, "reopen 1 unsubscribe --reason no"),
        (ALICE, "cancel 1 --reason enough"),
        (ALICE, "downgrade orders --by expiry"),
        (BOB, "reject 2 --reason no"),
        (ALICE, "downgrade orders --by unsubscribe"),
        (ALICE, "fail 3 --reason broken"),
        (ALICE, "instance lost orders --reason gone"),
    ];
    let lines = lines.map(|(who, line)| (who, line.to_owned()));
    let mut room = with_notices(10).await.undelivered();
    assert_within(&costs_of(&mut room, lines, DECISION).await);
}

/// However many notices rest on an instance, a decision costs the same, and each of them is looked at afterwards.
#[tokio::test]
async fn a_decision_costs_the_same_however_many_notices_rest_on_it() {
    let mut spent = Vec::new();
    let id = edition_warden::domain::id::InstanceId::parse(ORDERS).unwrap();
    for resting in [15, 45] {
        let mut room = with_notices(resting).await;
        let store = room.store.clone();
        let of_one = cost(&store, async || {
            room.warden_says("alice", "action orders delete").await;
        })
        .await;
        spent.push(of_one.statements);
        room.passes("1m").await;
        let mut tx = room.store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
        let around = tx.around(&id, Timestamp::UNIX_EPOCH, 99).await.unwrap();
        assert!(around.resting.is_empty(), "{resting}: {around:?}");
        assert_eq!(around.raised.len(), resting);
    }
    assert_eq!(spent[0], spent[1]);
}

#[test]
fn what_every_verb_costs_is_measured() {
    let decisions = decisions().into_iter().map(|(_, line)| verb_of(&line));
    let looks = LOOKS.iter().map(|line| verb_of(line));
    let measured: std::collections::BTreeSet<String> = decisions.chain(looks).collect();
    for verb in edition_warden::command::verbs() {
        let verb = verb.path.join(" ");
        let elsewhere = BY_THE_ROW.contains(&verb.as_str());
        assert!(
            measured.contains(&verb) || elsewhere,
            "`{verb}` is not measured"
        );
    }
}

/// What is due after a decision is known to the one who delivers: it is nothing, where nothing is said.
#[tokio::test]
async fn a_decision_leaves_nothing_to_the_one_who_looks_at_what_is_due() {
    let mut room = Room::of_team().await;
    let store = room.store.clone();
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-12-01 --action downgrade"
    );
    room.as_says(ALICE, &add).await;
    let bound = Bound {
        statements: 14,
        transactions: 3,
        commits: 1,
        hops: 5,
    };
    for line in [
        "instance set orders --expires 2026-12-02",
        "action orders downgrade",
    ] {
        let spent = cost(&store, async || {
            room.as_says(ALICE, line).await.is("done", &[]);
        });
        bound.holds(line, spent.await);
    }
}

/// The dates of the rows are moved on, in one statement a batch, and the file is recorded: in the same moment, too, since files of
/// one moment are taken back in their order.
#[rstest]
#[case::at_once("0s")]
#[case::later("1h")]
#[tokio::test]
async fn a_row_that_changes_nothing_costs_its_share_of_a_batch(#[case] after: &str) {
    let bound = Bound {
        statements: 14,
        transactions: 1,
        commits: 1,
        hops: 16,
    };
    bound.holds("a hundred rows more", a_hundred_rows_again(after).await);
}

/// What a hundred rows more cost in a file that says the same again after a while.
async fn a_hundred_rows_again(after: &str) -> Bound {
    let mut room = furnished().await;
    let store = room.store.clone();
    let head = "id,name,region,edition,expires,action\n";
    let file = |rows: u64| {
        (0..rows).fold(head.to_owned(), |file, row| {
            let account = 2_000_000_000_000_000 + row;
            file + &format!(
                "MQ_INST_{account}_BXuIbML7,row-{row},cn-hangzhou,platinum,2026-03-01T00:00:00Z,downgrade\n"
            )
        })
    };
    let mut spent = Vec::new();
    for rows in [50, 150] {
        let file = file(rows);
        assert_eq!(room.imports("", &file).await.outcome, "done");
        if after != "0s" {
            room.advance(after);
        }
        let again = cost(&store, async || {
            assert_eq!(room.imports("", &file).await.outcome, "done");
        });
        spent.push(again.await);
    }
    let [few, many] = spent.as_slice() else {
        panic!("two files")
    };
    Bound {
        statements: many.statements - few.statements,
        transactions: many.transactions - few.transactions,
        commits: many.commits - few.commits,
        hops: many.hops - few.hops,
    }
}

#[tokio::test]
async fn decisions_that_wait_for_each_other_share_commits_and_are_all_recorded() {
    const MANY: u64 = 24;
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("warden.db"))
        .await
        .unwrap();
    let room = Room::on(store.clone());
    let actor = Actor::local("alice");
    let add = |number: u64| {
        let account = 2_000_000_000_000_000 + number;
        let line = format!(
            "instance add MQ_INST_{account}_BXuIbML7 --name row-{number} --region cn-hangzhou --edition platinum"
        );
        parse_line(&line).unwrap()
    };
    let commands: Vec<Command> = (0..MANY).map(add).collect();
    let before = store.tally();
    let all = commands
        .iter()
        .map(|command| room.warden.handle(&actor, command));
    for reply in futures_util::future::join_all(all).await {
        assert_eq!(reply.outcome.as_str(), "done", "{:?}", reply.answer);
    }
    let spent = store.tally().since(before);
    assert!(spent.commits < MANY, "{spent:?}");
    let (groups, served) = store.commit_groups();
    assert_eq!((served, groups.iter().sum()), (MANY, spent.commits));
    let totals = room.warden.totals(&LOCAL_WORKSPACE.into()).await.unwrap();
    assert_eq!(totals.instances, MANY);
    let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
    assert_eq!(tx.audit_head().await.unwrap().seq, MANY);
}

#[tokio::test]
async fn a_glance_is_one_statement() {
    let room = furnished().await;
    let mut tx = room.store.glance(&LOCAL_WORKSPACE.into()).await.unwrap();
    tx.own_settings().await.unwrap();
    assert!(
        tx.own_settings().await.is_err(),
        "another moment is refused"
    );
}

/// Of the notices that are raised about an instance only the latest are looked at with a decision; what settles one settles
/// the others one after the other.
#[tokio::test]
async fn a_decision_costs_the_same_however_many_notices_are_raised() {
    let mut spent = Vec::new();
    for raised in [40, 160] {
        let mut room = Room::of_team().await;
        let add = format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-12-01 --action delete"
        );
        room.says("alice", &add).await.is("done", &[]);
        for n in 0..raised {
            let line =
                format!("notice {ORDERS} will be released on 2026-12-08, as ticket {n} says");
            room.says("alice", &line).await.is("raised", &[]);
        }
        let store = room.store.clone();
        let of_one = cost(&store, async || {
            let line = "action orders delete";
            room.warden_says("alice", line).await;
        })
        .await;
        spent.push(of_one.statements);
        room.says("alice", "instance lost orders --reason gone")
            .await
            .is("done", &[]);
        room.passes("1m").await;
        let heard = room.says("alice", "notices").await;
        heard.has("No notice is raised that nobody has settled");
    }
    assert_eq!(spent[0], spent[1]);
}

/// What a chat asks of the database from a typed `/unsubscribe` to its reply: who approved it, the decision, and where the card is,
/// for which nothing is begun.
#[tokio::test]
async fn a_permit_that_is_asked_for_in_a_chat_is_two_transactions() {
    let mut room = furnished().await;
    let opened = room
        .says("alice", "downgrade orders --by unsubscribe")
        .await;
    assert_eq!(opened.outcome, "allowed");
    let (warden, store) = (room.warden.clone(), room.store.clone());
    let actor = Actor::local("alice");
    for (line, most) in [("unsubscribe orders", 2), ("why orders", 1)] {
        let command = parse_line(line).unwrap();
        let spent = cost(&store, async || {
            warden.approvals_at_stake(&actor, &command).await.unwrap();
            warden.handle(&actor, &command).await;
            warden.card_of(&LOCAL_WORKSPACE.into(), 1).await.unwrap();
        });
        let spent = spent.await.transactions;
        assert!(spent <= most, "{line}: {spent} transactions");
    }
}
