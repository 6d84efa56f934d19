//! Lives of a process on one database: several people decide at once, until it is killed at a random point. The process that watches
//! learns which decisions were answered; the trail then holds each of these, and none twice.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use chrono::{TimeDelta, TimeZone as _, Utc};
use edition_warden::app::{Actor, LOCAL_WORKSPACE, Settings, Warden, check_trail};
use edition_warden::clock::Clock;
use edition_warden::command::parse_line;
use edition_warden::config::Config;
use edition_warden::domain::Timestamp;
use edition_warden::domain::audit::VerifyOptions;
use edition_warden::domain::id::InstanceId;
use edition_warden::domain::reminder::Cadence;
use edition_warden::domain::retention::Retention;
use edition_warden::domain::setting::Overrides;
use edition_warden::domain::team::{Channels, Limits, Policy};
use edition_warden::render::Clockface;
use edition_warden::store::Store;

/// How many people decide at once.
const PEOPLE: usize = 12;
/// So many decisions are answered in a life at the most.
const ANSWERS: u64 = 120;

fn id(person: usize) -> String {
    format!("MQ_INST_{:016}_BXuIbML7", 2_000_000_000_000_000 + person)
}

/// What a person says for the n-th time; no two are alike.
fn line(person: usize, n: i64) -> String {
    let expires = expiry(n).format("%Y-%m-%dT%H:%M:%SZ");
    format!("instance set {} --expires {expires}", id(person))
}

/// In another year than the clock, so that nothing is to be reminded of.
fn expiry(n: i64) -> Timestamp {
    let first = Utc.with_ymd_and_hms(2028, 1, 1, 0, 0, 0);
    first.unwrap() + TimeDelta::seconds(n)
}

/// How often a person's decisions were kept, as their instance has it.
async fn kept(store: &Store, person: usize) -> i64 {
    let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
    let case = tx.load_case(&InstanceId::parse(&id(person)).unwrap()).await;
    let case = case.unwrap().unwrap();
    let expires = *case.instance.expires.value().unwrap();
    (expires - expiry(0)).num_seconds()
}

async fn warden(database: &Path) -> Warden {
    let store = Store::open(database).await.unwrap();
    let settings = settings();
    let clock = Clock::manual(Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).unwrap());
    Warden::new(store, Arc::new(clock), Arc::new(settings))
}

fn settings() -> Settings {
    Settings {
        vendor_zone: chrono_tz::Asia::Shanghai,
        policy: Policy::alone(Limits::default()),
        at_prompt: None,
        is_alone: false,
        reader_zone: chrono_tz::Asia::Shanghai,
        cadence: Cadence::default(),
        retention: Retention::default(),
        channels: Channels::default(),
        import_stale_after: None,
        wordings: Config::load(None, []).unwrap().wordings,
        audit_key: None,
        teams: BTreeMap::new(),
        own: Overrides::default(),
        cards: false,
        clockface: Clockface::Written,
    }
}

/// Everybody's instance, before the first life.
async fn furnish(database: &Path) {
    let warden = warden(database).await;
    for person in 0..PEOPLE {
        let add = format!(
            "instance add {} --name row-{person} --region cn-hangzhou --edition platinum --expires {}",
            id(person),
            expiry(0).format("%Y-%m-%dT%H:%M:%SZ"),
        );
        let reply = warden
            .handle(&Actor::local("admin"), &parse_line(&add).unwrap())
            .await;
        assert_eq!(reply.outcome.as_str(), "done", "{:?}", reply.answer);
    }
}

/// A life: everybody decides again and again, and each answer is told to the process that watches.
pub(crate) fn live(database: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let warden = warden(database).await;
        let people = (0..PEOPLE).map(|person| {
            let warden = warden.clone();
            tokio::spawn(async move {
                let actor = Actor::local(&format!("person-{person}"));
                let mut n = kept(warden.store(), person).await;
                loop {
                    n += 1;
                    let line = line(person, n);
                    let reply = warden.handle(&actor, &parse_line(&line).unwrap()).await;
                    let commits = warden.store().tally().commits;
                    let word = match reply.outcome.as_str() {
                        "done" => "answered",
                        _ => "failed",
                    };
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "\n{word} {commits} {line}").unwrap();
                    out.flush().unwrap();
                }
            })
        });
        futures_util::future::join_all(people.collect::<Vec<_>>()).await;
    });
}

/// What was learned of all lives.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// What was said and answered.
    pub(crate) answered: BTreeSet<String>,
    /// How often the disk was waited for, as far as it was told.
    pub(crate) commits: u64,
    /// What was kept though nobody had been answered when the process was killed.
    pub(crate) unanswered: usize,
}

/// Starts a life and kills it after a random number of answers, and some way after the last of these.
fn live_and_die(child: &mut Command, learned: &mut Learned) {
    let mut child = child
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let last = fastrand::u64(0..ANSWERS);
    let (mut answers, mut commits, mut killed) = (0, 0, false);
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        assert!(!line.starts_with("failed"), "{line}");
        let Some(told) = line.strip_prefix("answered ") else {
            continue;
        };
        let (told, said) = told.split_once(' ').unwrap();
        commits = commits.max(told.parse().unwrap());
        assert!(learned.answered.insert(said.to_owned()), "twice: {said}");
        answers += 1;
        if !killed && answers > last {
            // Not in step with anything: wherever it is by then.
            for _ in 0..fastrand::u32(0..200_000) {
                std::hint::spin_loop();
            }
            child.kill().unwrap();
            killed = true;
        }
    }
    assert!(killed, "the process ended by itself");
    child.wait().unwrap();
    learned.commits += commits;
}

/// Checks what is kept against what was answered: nothing is lost, nothing is there twice.
async fn check(database: &Path, learned: &mut Learned) {
    let store = Store::open(database).await.unwrap();
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
    let mut from = Some(i64::MIN);
    while let Some(at) = from {
        let part = tx.audit_part(at).await.unwrap();
        for row in part.rows {
            *said.entry(row.said).or_default() += 1;
        }
        from = part.next;
    }
    drop(tx);
    for answered in &learned.answered {
        assert!(said.contains_key(answered), "answered and lost: {answered}");
    }
    let twice: Vec<&String> = (said.iter())
        .filter_map(|(said, times)| (*times > 1).then_some(said))
        .collect();
    assert!(twice.is_empty(), "twice: {twice:?}");
    let sets = said.keys().filter(|said| said.starts_with("instance set"));
    learned.unanswered = sets.count() - learned.answered.len();
    for person in 0..PEOPLE {
        let n = kept(&store, person).await;
        for n in 1..=n {
            assert!(said.contains_key(&line(person, n)), "without a trail");
        }
        assert!(
            !said.contains_key(&line(person, n + 1)),
            "with a trail only"
        );
    }
    let trail = check_trail(&store, &LOCAL_WORKSPACE.into(), VerifyOptions::default()).await;
    assert!(trail.unwrap().is_ok(), "the trail is broken");
}

/// So many lives on one database, `child` starting each; checked after every `each`.
pub(crate) fn lives(database: &Path, many: u32, each: u32, child: impl Fn() -> Command) -> Learned {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(furnish(database));
    let mut learned = Learned::default();
    for life in 1..=many {
        live_and_die(&mut child(), &mut learned);
        if life % each == 0 || life == many {
            runtime.block_on(check(database, &mut learned));
        }
    }
    learned
}
