//! What a command costs the database: statements, rows that triggers write, transactions, and commits, each of which waits
//! for the disk. The bounds are what it costs today: who makes it cheaper lowers them, and nobody raises them unnoticed.

use edition_warden::app::{Actor, LOCAL_WORKSPACE};
use edition_warden::command::{Command, parse_line};
use edition_warden::store::Store;

use crate::harness::{ORDERS, Room, STOCK};

/// The most that something may cost.
#[derive(Debug, Clone, Copy)]
struct Bound {
    /// What triggers write is counted row by row, as a statement each.
    statements: u64,
    transactions: u64,
    commits: u64,
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
    }
}

impl Bound {
    #[track_caller]
    fn holds(self, what: &str, spent: Self) {
        assert!(
            spent.statements <= self.statements
                && spent.transactions <= self.transactions
                && spent.commits <= self.commits,
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
            },
        ),
        (
            "instance set orders --expires 2026-04-01T00:00:00Z",
            Bound {
                statements: 10,
                transactions: 1,
                commits: 1,
            },
        ),
        (
            "upgrade nothing-of-this-name",
            Bound {
                statements: 4,
                transactions: 1,
                commits: 0,
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

/// A change of a team from its beginning, each word of it. One that makes the bot say something costs what a message costs
/// besides, and a statement by which the workspace knows when it is due.
#[tokio::test]
async fn a_decision_of_a_team_costs_a_dozen_statements() {
    let mut room = Room::of_team().await.undelivered();
    let store = room.store.clone();
    let (alice, bob, carol) = (
        "alice requester",
        "bob approver",
        "carol approver team:payments",
    );
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 \
         --auto-renew off --action downgrade"
    );
    for (who, line, statements) in [
        (alice, add.as_str(), 12),
        (alice, "downgrade orders --by unsubscribe", 19),
        (alice, "instance set orders --action downgrade", 11),
        (bob, "approve 1 --seen downgrade", 14),
        (carol, "approve 1", 17),
        (alice, "next 1", 14),
        (alice, "confirm 1 unsubscribe", 14),
    ] {
        let mut outcome = "";
        let spent = cost(&store, async || {
            outcome = room.as_says(who, line).await.outcome;
        })
        .await;
        assert_ne!(outcome, "invalid", "{line}");
        let bound = Bound {
            statements,
            transactions: 1,
            commits: 1,
        };
        bound.holds(line, spent);
    }
}

#[tokio::test]
async fn looking_is_one_transaction_and_writes_nothing() {
    let mut room = furnished().await;
    let store = room.store.clone();
    for (line, statements) in [
        ("check unsubscribe orders", 2),
        ("instance show stock", 3),
        ("instance list", 2),
        ("downgrade orders", 2),
        ("changes", 2),
        ("rules", 1),
        ("why orders", 4),
    ] {
        let spent = cost(&store, async || {
            assert_ne!(room.says("alice", line).await.outcome, "invalid", "{line}");
        })
        .await;
        let bound = Bound {
            statements,
            transactions: 1,
            commits: 0,
        };
        bound.holds(line, spent);
    }
}

#[tokio::test]
async fn a_row_that_changes_nothing_costs_its_share_of_a_batch() {
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
        let again = cost(&store, async || {
            assert_eq!(room.imports("", &file).await.outcome, "done");
        });
        spent.push(again.await);
    }
    let [few, many] = spent.as_slice() else {
        panic!("two files")
    };
    let bound = Bound {
        statements: 5,
        transactions: 1,
        commits: 0,
    };
    let each = Bound {
        statements: many.statements - few.statements,
        transactions: many.transactions - few.transactions,
        commits: many.commits - few.commits,
    };
    bound.holds("a hundred rows more", each);
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
    let totals = room.warden.totals(LOCAL_WORKSPACE).await.unwrap();
    assert_eq!(totals.instances, MANY);
    let mut tx = store.read(LOCAL_WORKSPACE).await.unwrap();
    assert_eq!(tx.audit_head().await.unwrap().seq, MANY);
}

#[tokio::test]
async fn a_glance_is_one_statement() {
    let room = furnished().await;
    let mut tx = room.store.glance(LOCAL_WORKSPACE).await.unwrap();
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
