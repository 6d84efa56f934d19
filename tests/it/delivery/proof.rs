//! SIGKILL at any point of deciding, sending and recording: nothing is lost, nothing is seen twice.
//!
//! The test starts its own binary as a child, kills it, and starts it again on the same files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use edition_warden::app::{Actor, Incoming, Warden, check_trail};
use edition_warden::clock::Clock;
use edition_warden::command::parse_line;
use edition_warden::delivery::{Chat, Delivery, DeliveryOptions, Outgoing, SendError, Sent};
use edition_warden::domain::Timestamp;
use edition_warden::domain::case::{Case, Moment};
use edition_warden::domain::fact::Fact;
use edition_warden::domain::id::{
    ChannelId, InstanceId, InstanceName, Person, Region, WorkspaceId,
};
use edition_warden::domain::instance::Instance;
use edition_warden::domain::notice::Message;
use edition_warden::domain::payload::Payload;
use edition_warden::domain::team::Policy;
use edition_warden::store::{Served, Store};
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

use super::recording::{post, settings};
use crate::harness::{ORDERS, instant};

const LIVES: u32 = 200;
const CHANNELS: [&str; 2] = ["ops", "payments"];

/// What a child is told: where, which life it is, whether the chat's window is open, after which point to stand still.
#[derive(Clone)]
struct Life {
    directory: PathBuf,
    serial: u32,
    window_open: bool,
    stand_at: u32,
}

const TOLD: &str = "EDITION_WARDEN_PROOF";

impl Life {
    fn read() -> Option<Self> {
        let told = std::env::var(TOLD).ok()?;
        let mut parts = told.split('|');
        let mut next = || parts.next().unwrap().to_owned();
        Some(Self {
            directory: next().into(),
            serial: next().parse().unwrap(),
            window_open: next() == "true",
            stand_at: next().parse().unwrap(),
        })
    }

    fn tell(&self) -> String {
        let Self {
            directory,
            serial,
            window_open,
            stand_at,
        } = self;
        format!("{}|{serial}|{window_open}|{stand_at}", directory.display())
    }
}

/// A chat that is a file. Within its window it knows a nonce again; once the window has passed, only anyone who looks does.
#[derive(Clone)]
struct FileChat {
    life: Life,
    points: Arc<AtomicU32>,
}

impl FileChat {
    fn new(life: Life) -> Self {
        Self {
            life,
            points: Arc::default(),
        }
    }

    fn path(&self) -> PathBuf {
        self.life.directory.join("chat")
    }

    fn has(&self, nonce: &str) -> bool {
        let text = std::fs::read_to_string(self.path()).unwrap_or_default();
        text.lines()
            .any(|line| line.split(' ').nth(1) == Some(nonce))
    }

    /// Tells the parent where this life is, and stands still where it is to be killed exactly there.
    fn point(&self, label: &str) {
        say(&format!("point {label}"));
        if self.points.fetch_add(1, Ordering::SeqCst) + 1 == self.life.stand_at {
            loop {
                std::thread::park();
            }
        }
    }
}

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{words}").unwrap();
    out.flush().unwrap();
}

impl Chat for FileChat {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        self.point("sending");
        if self.life.window_open && self.has(&message.nonce) {
            say("saved by the nonce");
        } else {
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(self.path());
            let mut file: File = file.unwrap();
            let line = format!("{} {}\n", message.channel, message.nonce);
            file.write_all(line.as_bytes()).unwrap();
            file.sync_all().unwrap();
        }
        self.point("visible");
        let message = message.nonce.clone();
        Ok(Sent { message })
    }

    async fn find(
        &self,
        _: &WorkspaceId,
        _: &ChannelId,
        nonce: &str,
    ) -> Result<Option<Sent>, SendError> {
        self.point("looking");
        // While the window is open nothing is found: the nonce alone must do.
        if self.life.window_open || !self.has(nonce) {
            return Ok(None);
        }
        say("saved by looking");
        let message = nonce.to_owned();
        Ok(Some(Sent { message }))
    }
}

async fn open(life: &Life) -> (Store, Arc<Clock>, FileChat, Delivery<FileChat>) {
    let store = Store::open(&life.directory.join("warden.db"))
        .await
        .unwrap();
    // Each life begins when the lease of the one before has lapsed.
    let start = instant("2026-01-01T00:00:00Z")
        + TimeDelta::minutes(10) * i32::try_from(life.serial).unwrap();
    let clock = Arc::new(Clock::manual(start));
    let warden = Warden::new(store.clone(), Arc::clone(&clock), Arc::new(settings()));
    let chat = FileChat::new(life.clone());
    let delivery = Delivery::leased(
        warden,
        chat.clone(),
        DeliveryOptions::default(),
        Served::All,
    );
    (store, clock, chat, delivery)
}

/// A child's life, when this binary was started as one.
#[test]
fn life() {
    let Some(life) = Life::read() else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (store, clock, chat, delivery) = open(&life).await;
        delivery.pass().await.unwrap();
        for serial in 0..5 {
            let name = format!("{}-{serial}", life.serial);
            decide(&store, &clock, &chat, &name).await;
            delivery.pass().await.unwrap();
            hand_in(&store, &clock, &chat, &name).await;
            delivery.pass().await.unwrap();
            approve(&store, &clock, &chat, &name).await;
            delivery.pass().await.unwrap();
        }
    });
    say("point done");
    loop {
        std::thread::park();
    }
}

/// One decision: an event, and a message in each channel, or none of it.
async fn decide(store: &Store, clock: &Clock, chat: &FileChat, name: &str) {
    let now = clock.now();
    let mut tx = store.write(&"w".into()).await.unwrap();
    let id = InstanceId::parse(ORDERS).unwrap();
    let mut case = tx.load_case(&id).await.unwrap().unwrap_or_else(|| {
        let name = InstanceName::parse("orders").unwrap();
        Case::new(
            Instance::new(id, name, Region::parse("cn-hangzhou").unwrap()),
            None,
        )
    });
    let by = Person::named("alice");
    let policy = Policy::default();
    case.note_tracked(&Moment {
        by: &by,
        now,
        policy: &policy,
    });
    tx.save(&case).await.unwrap();
    tx.save(&expiring(name, now)).await.unwrap();
    for channel in CHANNELS {
        chat.point("deciding");
        assert!(tx.post(&post(channel, name, now)).await.unwrap());
    }
    chat.point("committing");
    tx.commit().await.unwrap();
    say(&format!("committed {name}"));
    chat.point("committed");
}

/// A notice about the instance of a decision, handed in twice as a relay does that heard nothing: raised once.
async fn hand_in(store: &Store, clock: &Arc<Clock>, chat: &FileChat, name: &str) {
    let warden = Warden::new(store.clone(), Arc::clone(clock), Arc::new(settings()));
    let relay = Actor {
        workspace: "w".into(),
        ..Actor::local("relay")
    };
    let incoming = Incoming {
        message: Message::plain(&format!("{} will be released", own_id(name))),
        source: "relay".to_owned(),
        id: Some(name.to_owned()),
    };
    chat.point("handing in");
    let reply = warden
        .take_notices(&relay, std::slice::from_ref(&incoming))
        .await;
    assert_eq!(reply.outcome.as_str(), "raised");
    say(&format!("handed in {name}"));
    chat.point("handed in");
    let again = warden
        .take_notices(&relay, std::slice::from_ref(&incoming))
        .await;
    assert_eq!(again.notice(), reply.notice());
}

/// A change that is opened, approved and given its permit, each in one decision.
async fn approve(store: &Store, clock: &Arc<Clock>, chat: &FileChat, name: &str) {
    let warden = Warden::new(store.clone(), Arc::clone(clock), Arc::new(settings()));
    let id = own_id(name).replace("_L", "_U");
    let add = format!(
        "instance add {id} --name up-{name} --region cn-hangzhou --edition standard --max-tps 100 --busy off"
    );
    let says = async |who: &str, line: &str, outcome: &str| {
        let mut actor = Actor {
            workspace: "w".into(),
            ..Actor::sandbox("nobody")
        };
        actor.speak_as(who).unwrap();
        let reply = warden.handle(&actor, &parse_line(line).unwrap()).await;
        assert_eq!(reply.outcome.as_str(), outcome, "{line}");
        reply.change
    };
    says("alice requester", &add, "done").await;
    let open = format!("upgrade up-{name}");
    let number = says("alice requester", &open, "needs_approval").await;
    let number = number.unwrap();
    chat.point("asked");
    says("bob approver", &format!("approve {number}"), "done").await;
    say(&format!("approved {number}"));
    chat.point("approved");
    says("alice requester", &format!("next {number}"), "allowed").await;
    say(&format!("permitted {number}"));
    chat.point("permitted");
}

fn own_id(name: &str) -> String {
    format!("MQ_INST_1080056302921134_L{:0>11}", name.replace('-', "x"))
}

/// An instance of its own, of which people are to be reminded at once.
fn expiring(name: &str, now: Timestamp) -> Case {
    let id = InstanceId::parse(&own_id(name)).unwrap();
    let name = InstanceName::parse(name).unwrap();
    let mut instance = Instance::new(id, name, Region::parse("cn-hangzhou").unwrap());
    instance.expires = Fact::attested(now + TimeDelta::days(20), &Person::named("alice"), now);
    Case::new(instance, None)
}

/// What the parent learned of all lives.
#[derive(Default)]
struct Learned {
    committed: BTreeSet<String>,
    handed_in: BTreeSet<String>,
    approved: BTreeSet<String>,
    permitted: BTreeSet<String>,
    killed_at: BTreeMap<String, u32>,
    saved: BTreeMap<String, u32>,
}

/// Starts a life and kills it: where it stands still, or some way after a point.
fn live_and_die(life: &Life, kill_at: u32, learned: &mut Learned) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "delivery::proof::life", "--nocapture"])
        .env(TOLD, life.tell())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut points = 0;
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(name) = line.strip_prefix("committed ") {
            learned.committed.insert(name.to_owned());
        } else if let Some(name) = line.strip_prefix("handed in ") {
            learned.handed_in.insert(name.to_owned());
        } else if let Some(number) = line.strip_prefix("approved ") {
            learned.approved.insert(number.to_owned());
        } else if let Some(number) = line.strip_prefix("permitted ") {
            learned.permitted.insert(number.to_owned());
        } else if line.starts_with("saved") {
            *learned.saved.entry(line).or_default() += 1;
        } else if let Some(label) = line.strip_prefix("point ") {
            points += 1;
            if !killed && (points == kill_at || label == "done") {
                *learned.killed_at.entry(label.to_owned()).or_default() += 1;
                if life.stand_at == 0 {
                    // Not in step with anything: wherever it is by then.
                    std::thread::sleep(Duration::from_micros(fastrand::u64(0..3_000)));
                }
                child.kill().unwrap();
                killed = true;
            }
        }
    }
    assert!(killed, "the child ended by itself");
    child.wait().unwrap();
}

#[test]
fn two_hundred_deaths_lose_nothing_and_repeat_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut learned = Learned::default();
    for serial in 0..LIVES {
        let kill_at = fastrand::u32(1..54);
        let life = Life {
            directory: directory.path().to_owned(),
            serial,
            window_open: fastrand::bool(),
            stand_at: if serial % 2 == 0 { kill_at } else { 0 },
        };
        live_and_die(&life, kill_at, &mut learned);
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(settle_and_check(directory.path(), &learned));
    for label in [
        "deciding",
        "committing",
        "committed",
        "sending",
        "visible",
        "handed in",
        "asked",
        "approved",
        "permitted",
    ] {
        assert!(
            learned.killed_at.contains_key(label),
            "{:?}",
            learned.killed_at
        );
    }
    for saved in ["saved by the nonce", "saved by looking"] {
        assert!(learned.saved.contains_key(saved), "{:?}", learned.saved);
    }
}

/// A last life that is left alone; then what is in the database is what can be seen.
async fn settle_and_check(directory: &Path, learned: &Learned) {
    let life = Life {
        directory: directory.to_owned(),
        serial: LIVES,
        window_open: false,
        stand_at: 0,
    };
    let (store, _, _, delivery) = open(&life).await;
    delivery.pass().await.unwrap();
    delivery.stop().await.unwrap();
    let sound = check_trail(&store, &"w".into(), Default::default())
        .await
        .unwrap();
    let trail = sound.expect("the trail is sound").head.seq;
    store.close().await;

    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(directory.join("warden.db"));
    let mut connection = options.connect().await.unwrap();
    let checked: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(checked, "ok");
    let rows = sqlx::query("SELECT channel, key, state FROM outbox ORDER BY due_ms, id")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    // Whatever was decided can be seen, and once; but for a request that was answered before it was sent, and a repeated notice
    // that went with the reminder of its day.
    let state = |row: &sqlx::sqlite::SqliteRow| row.get::<String, _>(2);
    let moot = |row: &sqlx::sqlite::SqliteRow| {
        let key = row.get::<String, _>(1);
        state(row) == "skipped" && (key.starts_with('e') || key.starts_with("notice:"))
    };
    for row in rows.iter().filter(|row| !moot(row)) {
        assert_eq!(state(row), "sent", "{}", row.get::<String, _>(1));
    }
    let mut decided_to_say: Vec<String> = rows
        .iter()
        .filter(|row| !moot(row))
        .map(|row| format!("{} {}", row.get::<String, _>(0), row.get::<String, _>(1)))
        .collect();
    let seen = std::fs::read_to_string(directory.join("chat")).unwrap();
    let mut said: Vec<String> = seen.lines().map(str::to_owned).collect();
    decided_to_say.sort();
    said.sort();
    assert_eq!(said, decided_to_say);
    let here = |row: &&sqlx::sqlite::SqliteRow| CHANNELS.contains(&row.get(0));
    let decided = rows.iter().filter(here).count();
    for channel in CHANNELS {
        let posted = rows.iter().filter(|row| row.get::<String, _>(0) == channel);
        let posted: Vec<String> = posted.map(|row| row.get(1)).collect();
        let here = seen
            .lines()
            .filter_map(|line| line.strip_prefix(channel)?.strip_prefix(' '));
        let here: Vec<&str> = here.collect();
        assert_eq!(here, posted, "each once, in order");
        for name in &learned.committed {
            assert!(
                posted.contains(&format!("{channel}:{name}")),
                "{name} was committed"
            );
        }
    }
    each_reminder_once(&mut connection, &seen, learned).await;
    each_notice_once(&mut connection, &seen, learned).await;
    each_approval_once(&mut connection, trail, learned).await;
    let count =
        "SELECT COALESCE(SUM(json_array_length(data)), 0) FROM event WHERE instance_id = $1";
    let events: i64 = sqlx::query_scalar(count)
        .bind(ORDERS)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(
        usize::try_from(events).unwrap() * CHANNELS.len(),
        decided,
        "both or neither"
    );
}

/// Every instance that was recorded was reminded of once, in one message that was seen once.
async fn each_reminder_once(connection: &mut SqliteConnection, seen: &str, learned: &Learned) {
    let rows = sqlx::query(
        "SELECT key, payload, channel FROM outbox WHERE key LIKE 'remind:%' AND state = 'sent'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut said = Vec::new();
    for row in &rows {
        let (channel, key) = (row.get::<String, _>(2), row.get::<String, _>(0));
        let line = format!("{channel} {key}");
        assert_eq!(seen.lines().filter(|seen| **seen == line).count(), 1);
        let Payload::Reminders(batch) = Payload::read(&row.get::<String, _>(1)) else {
            panic!("{line} is made from something else");
        };
        for entry in batch.remind {
            let points = entry.points.iter();
            said.extend(points.map(|point| (entry.instance.clone(), point.level.to_string())));
        }
    }
    let posted = "SELECT instance_id, level FROM reminder WHERE state = 'posted'";
    let mut posted: Vec<(String, String)> = sqlx::query_as(posted)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    said.sort();
    posted.sort();
    assert_eq!(said, posted);
    posted.dedup();
    assert_eq!(said, posted, "none twice");
    assert!(said.len() >= learned.committed.len());
}

/// What a person was told is done is in the change and in the trail, together; what was not finished is in neither.
async fn each_approval_once(connection: &mut SqliteConnection, trail: u64, learned: &Learned) {
    let events = "SELECT change_number, json_extract(one.value, '$.kind') AS kind FROM event, json_each(event.data) AS one \
                  WHERE kind IN ('approved', 'permit-shown') ORDER BY change_number, seq, one.key";
    let events: Vec<(i64, String)> = sqlx::query_as(events)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let audited = "SELECT change_number, CASE WHEN said LIKE 'approve%' THEN 'approved' ELSE 'permit-shown' END \
                   FROM audit WHERE said LIKE 'approve%' OR said LIKE 'next%' ORDER BY change_number, seq";
    let audited: Vec<(i64, String)> = sqlx::query_as(audited)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    assert_eq!(events, audited, "both or neither");
    let of = |kind: &str| -> Vec<String> {
        let of = events.iter().filter(|(_, held)| held == kind);
        of.map(|(number, _)| number.to_string()).collect()
    };
    for (kind, told) in [
        ("approved", &learned.approved),
        ("permit-shown", &learned.permitted),
    ] {
        let held = of(kind);
        let once: BTreeSet<String> = held.iter().cloned().collect();
        assert_eq!(held.len(), once.len(), "{kind}: none twice");
        assert!(told.is_subset(&once), "{kind}: none lost");
        assert!(told.len() > 20, "{kind}: {}", told.len());
    }
    assert!(trail > u64::try_from(events.len()).unwrap());
}

/// Every notice that was handed in was raised: the first time and each day it came back in one message, seen once. One that came
/// back with others is in their message.
async fn each_notice_once(connection: &mut SqliteConnection, seen: &str, learned: &Learned) {
    let notices = "SELECT number, external_id, told FROM notice ORDER BY number";
    let notices: Vec<(i64, String, i64)> = sqlx::query_as(notices)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let told = |(number, _, told): &(i64, String, i64)| {
        let number = *number;
        (1..=*told).map(move |time| format!("general notice:{number}:{time}:general"))
    };
    let mut told: Vec<String> = notices.iter().flat_map(told).collect();
    let posts = "SELECT key, state, payload FROM outbox WHERE key LIKE 'notice:%'";
    let posts: Vec<(String, String, String)> = sqlx::query_as(posts)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let sent = posts.iter().filter(|(_, state, _)| state == "sent");
    let said: BTreeSet<u64> = sent
        .filter_map(|(_, _, payload)| Payload::read(payload).notices())
        .flatten()
        .collect();
    for (key, _, payload) in posts.iter().filter(|(_, state, _)| state == "skipped") {
        let with_others = Payload::read(payload).notices().unwrap();
        assert!(with_others.iter().all(|number| said.contains(number)));
        told.retain(|line| *line != format!("general {key}"));
    }
    let mut heard: Vec<&str> = seen
        .lines()
        .filter(|line| line.starts_with("general notice:"))
        .collect();
    told.sort();
    heard.sort_unstable();
    assert_eq!(told, heard, "each once");
    assert!(notices.iter().all(|(_, _, told)| *told > 0));
    let filed: BTreeSet<&String> = notices.iter().map(|(_, name, _)| name).collect();
    assert_eq!(filed.len(), notices.len(), "none twice");
    assert!(learned.handed_in.iter().all(|name| filed.contains(name)));
    assert!(learned.handed_in.len() > 20, "{}", learned.handed_in.len());
}
