//! A copy that is made while people decide: restored and told again what it lacks, the story ends as it does undisturbed.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};

use super::replica::{Replica, Said};
use super::stranger;
use crate::backup::warden;
use crate::sequence::runtime;
use crate::server::new_database;

/// The steps of a story: an upgrade of Standard.
const STEPS: usize = 6;
/// The stories, each one step further than the one before when the copy is made.
const STORIES: usize = STEPS;
/// The notices that come in before the copy is made, and after.
const NOTICES: u32 = 3;

/// Takes a line that is done, and the change that it is about.
fn says(replica: &Replica, line: &str) -> Option<u64> {
    let Said::Answered(reply) = replica.says(line) else {
        panic!("no answer to `{line}`");
    };
    let outcome = reply["outcome"].as_str().unwrap();
    assert!(["done", "allowed", "info"].contains(&outcome), "{reply}");
    reply["change"].as_u64()
}

fn hands_in(replica: &Replica, serials: std::ops::Range<u32>) {
    for serial in serials {
        let text = format!("Your instance {} is gone", stranger(serial));
        let taken = replica.takes(&format!("n{serial}"), &text);
        assert!(matches!(taken.as_deref(), Some("200" | "202")), "{taken:?}");
    }
}

fn track(replica: &Replica, name: &str) {
    let id = format!("MQ_INST_1080056302921134_{name:0>8}");
    let facts = "--region cn-hangzhou --edition standard --busy off --max-tps 100";
    says(replica, &format!("instance add {id} --name {name} {facts}"));
}

/// A step of the `nth` story, as its person says it.
fn step(replica: &Replica, nth: usize, step: usize) {
    let name = format!("r{nth}");
    match step {
        0 => track(replica, &name),
        1 => drop(says(replica, &format!("upgrade {name}"))),
        2 => drop(says(replica, &format!("next {name}"))),
        3 => {
            // The permit again.
            let number = says(replica, &format!("next {name}")).unwrap();
            says(replica, &format!("confirm {number} upgrade"));
        }
        4 => drop(says(
            replica,
            &format!("instance set {name} --expires 2099-05-01 --yes-really"),
        )),
        _ => drop(says(replica, &format!("action {name} downgrade"))),
    }
}

/// Goes on with a story of which the copy has the beginning: says what is seen in the vendor's console, then each step that was
/// lost, or is void. What was permitted in the copy was carried out meanwhile, so Platinum is seen.
fn goes_on(replica: &Replica, nth: usize) {
    let (edition, from) = if nth < 2 {
        ("standard", nth + 1)
    } else {
        ("platinum", 4)
    };
    let seen = format!("instance set r{nth} --edition {edition} --busy off --max-tps 100");
    says(replica, &seen);
    (from..STEPS).for_each(|at| step(replica, nth, at));
}

/// Both replicas track one instance after the other until told to end, and one more; how many each.
fn load(replicas: &[Replica; 2], until: impl FnOnce()) -> [usize; 2] {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let tracking = [0, 1].map(|at: usize| {
            let is_over = &is_over;
            scope.spawn(move || {
                let mut tracked = 0;
                loop {
                    let last = is_over.load(Ordering::Acquire);
                    track(&replicas[at], &other(at, tracked));
                    tracked += 1;
                    if last {
                        return tracked;
                    }
                }
            })
        });
        until();
        is_over.store(true, Ordering::Release);
        tracking.map(|thread| thread.join().unwrap())
    })
}

/// The name of an instance of the load.
fn other(at: usize, serial: usize) -> String {
    format!("{}{serial}", ["x", "y"][at])
}

/// Replicas on a new database.
fn replicas(first: u8, database: &str) -> [Replica; 2] {
    runtime().block_on(async { super::open(database).await.close().await });
    [0, 1].map(|at| Replica::start(first + at, database))
}

/// Does it in a directory with the database; what it said.
fn done(directory: &Path, database: &str, args: &[&str]) -> String {
    let (code, said) = warden(directory, &[&["--db", database], args].concat());
    assert_eq!(code, Some(0), "{args:?}: {said}");
    said
}

fn run(tool: &str, args: &[&str]) {
    let output = Command::new(tool).args(args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A row of text each.
fn rows(database: &str, query: &str) -> Vec<String> {
    runtime().block_on(async {
        sqlx::any::install_default_drivers();
        let address = match database.contains("://") {
            true => database.to_owned(),
            false => format!("sqlite:{database}"),
        };
        let mut connection = AnyConnection::connect(&address).await.unwrap();
        let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection);
        let rows = rows.await.unwrap();
        connection.close().await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    })
}

/// How it ended: what is known of each instance, what became of changes and notices, without numbers, moments and who said it.
fn end(database: &str, replica: &Replica) -> Vec<Value> {
    let mut ends = Vec::new();
    for name in rows(database, "SELECT name FROM instance ORDER BY id") {
        let Said::Answered(reply) = replica.says(&format!("instance show {name}")) else {
            panic!("no answer of {name}");
        };
        let shown = &reply["data"]["instances"][0];
        assert_eq!(shown["name"], name, "{reply}");
        let facts = shown["facts"].as_array().unwrap().iter();
        let known: Vec<Value> = facts
            .map(|fact| json!([fact["fact"], fact["state"], fact["values"][0]["value"]]))
            .collect();
        ends.push(json!([name, shown["region"], shown["tracking"], known]));
    }
    for query in [
        "SELECT instance_id || ' ' || status FROM change ORDER BY instance_id",
        "SELECT external_id || ' ' || status || ' ' || text FROM notice ORDER BY external_id",
    ] {
        ends.extend(rows(database, query).into_iter().map(Value::String));
    }
    ends
}

/// Copies, while both decide, then loses everything that comes after it, and goes on from the copy.
fn disturbed(directory: &Path, database: &str) -> ([usize; 2], Vec<Value>) {
    let copy = directory.join("copy").display().to_string();
    let pair = replicas(5, database);
    for nth in 0..STORIES {
        (0..=nth).for_each(|at| step(&pair[nth % 2], nth, at));
    }
    hands_in(&pair[0], 0..NOTICES);
    let is_file = !database.contains("://");
    let tracked = load(&pair, || match is_file {
        true => drop(done(directory, database, &["backup", &copy])),
        false => run("pg_dump", &["--format=custom", "--file", &copy, database]),
    });
    for nth in 0..STORIES - 1 {
        step(&pair[0], nth, nth + 1);
    }
    hands_in(&pair[1], NOTICES..2 * NOTICES);
    for replica in pair {
        replica.signal("-KILL");
    }
    match is_file {
        true => done(directory, database, &["restore", &copy]),
        false => {
            run("pg_restore", &["--clean", "--dbname", database, &copy]);
            done(directory, database, &["restore", "--distrust"])
        }
    };
    let again = Replica::start(5, database);
    for at in [0, 1] {
        // Whatever moment the copy is of: what each had been answered until then is in it, and nothing in between is missing.
        let query = format!(
            "SELECT name FROM instance WHERE name LIKE '{}%' ORDER BY length(name), name",
            &other(at, 0)[..1]
        );
        let copied = rows(database, &query);
        let wanted: Vec<String> = (0..copied.len()).map(|serial| other(at, serial)).collect();
        assert_eq!(copied, wanted);
        assert!(copied.len() < tracked[at], "{copied:?}");
        for serial in 0..tracked[at] {
            match serial < copied.len() {
                true => drop(says(
                    &again,
                    &format!("instance set {} --edition standard", other(at, serial)),
                )),
                false => track(&again, &other(at, serial)),
            }
        }
    }
    (0..STORIES).for_each(|nth| goes_on(&again, nth));
    hands_in(&again, 0..2 * NOTICES);
    let ended = end(database, &again);
    again.ends();
    for tool in [&["audit", "verify"][..], &["doctor"]] {
        done(directory, database, tool);
    }
    (tracked, ended)
}

/// The same story with nothing in between.
fn undisturbed(database: &str, tracked: [usize; 2]) -> Vec<Value> {
    let replica = Replica::start(7, database);
    for nth in 0..STORIES {
        (0..STEPS).for_each(|at| step(&replica, nth, at));
    }
    for at in [0, 1] {
        (0..tracked[at]).for_each(|serial| track(&replica, &other(at, serial)));
    }
    hands_in(&replica, 0..2 * NOTICES);
    let ended = end(database, &replica);
    replica.ends();
    ended
}

#[test]
fn what_is_restored_from_a_copy_made_meanwhile_ends_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| {
        let database = runtime().block_on(new_database());
        database.unwrap_or_else(|| directory.path().join(name).display().to_string())
    };
    let (tracked, ended) = disturbed(directory.path(), &place("story.db"));
    let calm = undisturbed(&place("calm.db"), tracked);
    for (one, other) in ended.iter().zip(&calm) {
        assert_eq!(one, other);
    }
    assert_eq!(ended.len(), calm.len());
}
