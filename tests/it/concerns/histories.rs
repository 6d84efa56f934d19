//! Whatever happened: what is open is not silent, and does not nag.
//!
//! Within a day of the moment at which something opens people are called by a post that names the instance: of whatever
//! kind, but for an expiry that is known to end well, which has days of its own. What has been told goes by its ladder and by
//! the days around an expiry, and then by the digest: so within a week and a day of any moment people are called, and the
//! digest names it every week.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use edition_warden::app::LOCAL_WORKSPACE;
use edition_warden::domain::Timestamp;
use edition_warden::domain::concern::{ConcernKind, Rank};
use edition_warden::domain::id::InstanceId;
use edition_warden::domain::instance::PostExpirationAction;
use edition_warden::store::Scope;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use edition_warden::domain::span::parse_span;
use edition_warden::render::rfc3339;

use crate::harness::{ORDERS, Room, instant};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
/// Few: each is a hundred days.
const HISTORIES: u32 = 32;
/// Those in which the clock is wrong for a while.
const CLOCK_HISTORIES: u32 = 12;

/// What may happen next: who says what, and how long nobody says anything afterwards.
fn step() -> impl Strategy<Value = (&'static str, &'static str, &'static str)> {
    let said = prop::sample::select(vec![
        (ALICE, "instance set orders --expires 2026-01-20"),
        (ALICE, "instance set orders --expires 2026-03-25"),
        (ALICE, "instance set orders --expires 2026-11-01"),
        (ALICE, "instance set orders --expires unknown"),
        (ALICE, "instance set orders --edition standard"),
        (ALICE, "instance set orders --edition platinum"),
        (ALICE, "instance set orders --edition unknown"),
        (ALICE, "instance set orders --max-tps unknown"),
        (ALICE, "instance set orders --commodity-id unknown"),
        (ALICE, "instance set orders --auto-renew on"),
        (ALICE, "instance set orders --auto-renew off"),
        (ALICE, "action orders downgrade"),
        (ALICE, "action orders delete"),
        (CAROL, "action orders downgrade"),
        (ALICE, "downgrade orders --by unsubscribe"),
        (ALICE, "downgrade orders --by expiry"),
        (ALICE, "upgrade orders"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 set-action"),
        (ALICE, "confirm 1 unsubscribe"),
        (
            ALICE,
            "confirm 1 unsubscribe --outside --reason it was urgent",
        ),
        (ALICE, "confirm 1 upgrade"),
        (ALICE, "confirm 1 verify-standard"),
        (ALICE, "reopen 1 verify-standard --reason a slip"),
        (ALICE, "reopen 1 unsubscribe --reason a slip"),
        (ALICE, "cancel 1 --reason not now"),
        (BOB, "approve 1 --seen downgrade"),
        (CAROL, "approve 1"),
        (ALICE, "ack orders"),
        (
            ALICE,
            "notice MQ_INST_1080056302921134_BXuIbML7 will be released soon",
        ),
        (ALICE, "snooze orders 12h"),
    ]);
    let waits = prop::sample::select(vec!["1m", "1m", "1m", "40m", "1d", "5d", "20d"]);
    (said, waits).prop_map(|((who, line), wait)| (who, line, wait))
}

/// By how much the clock is ahead from then on, or that it is right again.
fn clock() -> impl Strategy<Value = (&'static str, &'static str, &'static str)> {
    let ahead = prop::sample::select(vec!["3h", "2d", "12d", "45d", "400d"]);
    prop_oneof![ahead, Just(RIGHT)].prop_map(|ahead| (CLOCK, ahead, "1m"))
}

/// Who sets the clock.
const CLOCK: &str = "the clock";
/// The clock is right again.
const RIGHT: &str = "right";

/// A post as it was heard.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) at: String,
    pub(super) head: String,
    pub(super) text: String,
}

impl Heard {
    fn calls(&self) -> bool {
        self.head.contains('@') && self.text.contains("orders")
    }

    pub(super) fn is_digest(&self) -> bool {
        self.head.contains("· digest")
    }

    /// Whether it is one of the posts of which there is one a day: not of what is told at any hour.
    fn takes_its_day(&self) -> bool {
        let anytime = [
            "Did it happen?",
            "reported as unsubscribed",
            "orders expired",
            "It expired",
            "orders is not presumed deleted",
        ];
        let kinds = ["· reminder", "· alert", "· notice"];
        kinds.iter().any(|kind| self.head.contains(kind))
            && self.text.contains("orders")
            && !self.text.contains("To be looked at")
            && !anytime.iter().any(|words| self.text.contains(words))
    }

    fn channel(&self) -> &str {
        self.head.split(" · ").next().unwrap_or_default()
    }
}

/// What a post says may be lost, whichever words say it.
const CONSEQUENCES: [(&str, &[&str]); 7] = [
    (
        "deleted by unsubscribing",
        &[
            "deletes it at once",
            "deletes the instance at once",
            "it is probably gone",
        ],
    ),
    ("may be deleted", &["may be deleted at any moment"]),
    (
        "will be deleted",
        &["will be deleted and cannot be restored"],
    ),
    ("unknown", &["what happens to it then is unknown"]),
    ("missing", &["still there?", "missing from a listing"]),
    ("turns into Standard", &["turns into Standard"]),
    ("not approved", &["NOT APPROVED", "is not approved"]),
];

/// A post, digests aside, that says the same of an instance as another of this minute in its channel.
pub(super) fn said_twice<'a>(posts: &'a [Heard], name: &str) -> Option<&'a Heard> {
    let mut said = BTreeSet::new();
    let mut posts = posts.iter().filter(|post| !post.is_digest());
    posts.find(|post| {
        let place = (post.at.get(..16).unwrap_or_default(), post.channel());
        let lines: Vec<&str> = post.text.split("\n• ").collect();
        let of_it = lines.iter().filter(|line| line.contains(name));
        let says = of_it.flat_map(|line| {
            let said = |words: &&[&str]| words.iter().any(|words| line.contains(words));
            let all = CONSEQUENCES.iter().filter(move |(_, words)| said(words));
            all.map(|(what, _)| *what)
        });
        // A post may say it in several lines.
        let says: BTreeSet<&str> = says.chain([post.text.as_str()]).collect();
        let is_new: Vec<bool> = says
            .into_iter()
            .map(|what| said.insert((place, what)))
            .collect();
        is_new.contains(&false)
    })
}

/// What was posted since so many bytes of the transcript.
pub(super) fn posts(room: &Room, since: usize) -> Vec<Heard> {
    let said = &room.transcript()[since..];
    let blocks = said.split("\n\n");
    let posts = blocks.filter_map(|block| {
        let (at, rest) = block.trim_start().split_once('\n')?;
        let (head, text) = rest.strip_prefix("» ")?.split_once('\n')?;
        Some(Heard {
            at: at.to_owned(),
            head: head.to_owned(),
            text: text.to_owned(),
        })
    });
    posts.collect()
}

/// What `todo` calls open of the instance, and whether somebody knows of all of it.
async fn open(room: &mut Room) -> Vec<String> {
    let heard = room.as_says("root admin", "todo").await;
    let lines = heard
        .text
        .lines()
        .take_while(|line| !line.starts_with("Noted"));
    let open = lines.filter(|line| line.starts_with("  orders: "));
    open.map(ToOwned::to_owned).collect()
}

/// Of which concern a post on a ladder is: by the question that it begins with.
const QUESTIONS: [(&str, usize); 11] = [
    ("rests on what nobody knows any more", 6),
    ("When does orders expire?", 6),
    ("Is orders Standard or Platinum?", 6),
    ("Is orders still there?", 6),
    ("What should happen to orders", 6),
    ("What happens to orders", 6),
    ("Two sources disagree on orders", 6),
    ("of orders waits: nothing has happened", 6),
    ("Did it happen?", 14),
    ("Does the console show Standard? orders is said", 14),
    ("orders is reported as unsubscribed", 14),
];

/// The days around an expiry: how often each of these is said of one, at the most.
const ROWS: [(&str, usize); 6] = [
    ("orders expires", 6),
    ("orders turns into Standard", 3),
    ("Did the renewal of orders succeed?", 6 + 15),
    // Every 12 hours for a week, an alert, and that of the change.
    ("orders expired", 15 + 2),
    ("Auto-renewal charges for orders", 3),
    // Every 12 hours for a week, the first in two channels.
    ("orders is not presumed deleted", 16),
];

/// How many days it is listened to every day.
const DAILY: usize = 35;

/// What is open of the instance as it was last looked at, and since when. An expiry is counted where it may end badly.
async fn kept(room: &Room, renews: bool) -> BTreeMap<ConcernKind, Timestamp> {
    let id = InstanceId::parse(ORDERS).unwrap();
    let mut tx = room.store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
    let listed = tx.to_do(&Scope::default(), 50).await.unwrap();
    let listed = listed.iter().filter(|row| row.rank < Rank::Noted.number());
    let open: BTreeSet<ConcernKind> = listed.map(|row| row.kind).collect();
    let case = tx.load_case(&id).await.unwrap().unwrap();
    let delete = case.instance.action.value() == Some(&PostExpirationAction::Delete);
    let bad = delete || open.contains(&ConcernKind::ActionUnsure);
    let around = tx.around(&id, Timestamp::UNIX_EPOCH, 50).await.unwrap();
    let all = around.opened.into_iter();
    all.filter(|one| open.contains(&one.kind))
        .filter(|one| one.kind != ConcernKind::Expires || (bad && !renews))
        .map(|one| (one.kind, one.since))
        .collect()
}

/// Whatever opens and stays open for a day is told within this day. `earlier`: what was heard before, at the right time.
async fn soon(room: &mut Room, renews: bool, earlier: &[Heard]) -> Result<(), TestCaseError> {
    let begun = room.transcript().len();
    let day = TimeDelta::days(1);
    // A rung is due when a day has passed, and a look takes place a moment later.
    let slack = TimeDelta::minutes(1);
    let mut seen: BTreeMap<(ConcernKind, Timestamp), Timestamp> = BTreeMap::new();
    for _ in 0..DAILY {
        let now = room.clock.now();
        let open = kept(room, renews).await;
        for (kind, since) in &open {
            let first = *seen.entry((*kind, *since)).or_insert(now);
            if now - first != day {
                continue;
            }
            // What was told before it opened is not told of it, also where it was open before.
            let from = *since - slack;
            let heard = posts(room, begun);
            let mut heard = earlier.iter().chain(&heard);
            let within = |post: &&Heard| {
                let at = instant(&post.at);
                from <= at && at <= first + day + slack
            };
            prop_assert!(
                heard.any(|post| within(&post) && post.calls()),
                "{kind:?} is open since {since}, and nobody was called by {now}\n{}",
                room.transcript()
            );
        }
        room.passes("1d").await;
    }
    Ok(())
}

/// About an instance there is one post a day, but for what is told at any hour.
fn one_a_day(posts: &[Heard]) -> Result<(), TestCaseError> {
    let mut days = BTreeMap::new();
    for post in posts.iter().filter(|post| post.takes_its_day()) {
        let day = instant(&post.at).with_timezone(&chrono_tz::Asia::Shanghai);
        if let Some(other) = days.insert(day.date_naive(), post) {
            return Err(TestCaseError::fail(format!(
                "two posts on one day: {other:?}\n{post:?}"
            )));
        }
    }
    Ok(())
}

fn noise(posts: &[Heard]) -> Result<(), TestCaseError> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    if let Some(again) = said_twice(posts, "orders") {
        return Err(TestCaseError::fail(format!("said twice: {again:?}")));
    }
    for post in posts {
        for (words, _) in QUESTIONS {
            if !post.is_digest() && post.text.contains(words) {
                *counts.entry(words).or_default() += 1;
            }
        }
    }
    for (words, most) in QUESTIONS {
        let count = counts.get(words).copied().unwrap_or_default();
        prop_assert!(count <= most, "{count} × {words}");
    }
    for (words, most) in ROWS {
        let said = |post: &&Heard| !post.is_digest() && post.text.contains(words);
        let count = posts.iter().filter(said).count();
        prop_assert!(count <= most, "{count} × {words}");
    }
    Ok(())
}

async fn plays(history: &[(&str, &str, &str)], expires: &str) -> Result<(), TestCaseError> {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --team payments {expires}"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    let mut earlier = Vec::new();
    // The wrong time and the right one at which the clock was set.
    let mut wrong: Option<(Timestamp, Timestamp)> = None;
    let with_clock = history.iter().any(|(who, ..)| *who == CLOCK);
    let end = with_clock.then_some((CLOCK, RIGHT, "1m"));
    let mut from = room.transcript().len();
    for (who, line, wait) in history.iter().copied().chain(end) {
        if who == CLOCK {
            let now = room.clock.now();
            let right = wrong.map_or(now, |(set, right)| right + (now - set));
            // People heard it when it was really said, whatever the clock showed.
            earlier.extend(posts(&room, from).into_iter().map(|post| Heard {
                at: rfc3339(instant(&post.at) - (now - right)),
                ..post
            }));
            let to = match line {
                RIGHT => right,
                ahead => right + parse_span(ahead).unwrap(),
            };
            wrong = (line != RIGHT).then_some((to, right));
            room = room.set_clock(&rfc3339(to)).shared();
            from = room.transcript().len();
        } else {
            room.as_says(who, line).await;
        }
        room.passes(wait).await;
    }
    earlier.extend(posts(&room, from));
    let begun = room.transcript().len();
    let said = |words: &str| history.iter().any(|(_, line, _)| line.contains(words));
    // Where somebody said that they know, nobody is called.
    if !said("ack orders") {
        soon(&mut room, said("--auto-renew on"), &earlier).await?;
    }
    for week in 0..9 {
        let before = open(&mut room).await;
        let since = room.transcript().len();
        room.passes("8d").await;
        let after = open(&mut room).await;
        let heard = posts(&room, since);
        // What time alone settles may be settled by then.
        let lasting = before.iter().any(|line| !line.contains("knows)")) && !after.is_empty();
        if lasting {
            prop_assert!(
                heard.iter().any(Heard::calls),
                "silent in week {week}: {before:?}\n{}",
                room.transcript()
            );
        }
        if !before.is_empty() && !after.is_empty() {
            let named = |post: &Heard| post.is_digest() && post.text.contains("orders: ");
            prop_assert!(heard.iter().any(named), "not in the digest: {before:?}");
        }
    }
    let heard = posts(&room, begun);
    one_a_day(&heard)?;
    noise(&heard)
}

#[test]
fn what_is_open_is_not_silent_and_does_not_nag() {
    plays_all(HISTORIES, prop::collection::vec(step(), 0..7));
}

/// A clock that was ahead for a while skips nothing for good.
#[test]
fn after_a_wrong_clock_nothing_is_silent_and_nothing_nags() {
    let steps = prop_oneof![3 => step(), 1 => clock()];
    let histories = prop::collection::vec(steps, 0..7);
    plays_all(
        CLOCK_HISTORIES,
        (histories, clock(), prop::collection::vec(step(), 0..2)).prop_map(
            |(mut first, clock, then)| {
                first.push(clock);
                first.extend(then);
                first
            },
        ),
    );
}

fn plays_all(
    cases: u32,
    histories: impl Strategy<Value = Vec<(&'static str, &'static str, &'static str)>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        // That of the environment, where it has one.
        rng_seed: match Config::default().rng_seed {
            RngSeed::Random => RngSeed::Fixed(20_261_128),
            given @ RngSeed::Fixed(_) => given,
        },
        max_shrink_iters: 60,
        ..Config::default()
    });
    let expires = prop::sample::select(vec!["", "--expires 2026-02-10", "--expires 2027-01-01"]);
    let histories = (histories, expires);
    runner
        .run(&histories, |(history, expires)| {
            runtime.block_on(plays(&history, expires))
        })
        .unwrap();
}

/// A workspace comes back from a pause: of what was due meanwhile there is at most one of each.
#[tokio::test]
async fn after_a_pause_there_is_at_most_one_of_each() {
    let mut room = Room::of_team().await;
    for (id, name, rest) in [
        (ORDERS, "orders", "--expires 2026-02-10 --action delete"),
        ("MQ_INST_1080056302921134_GCzNgRr3", "ledger", ""),
    ] {
        let add = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum {rest}"
        );
        room.as_says(ALICE, &add).await.is("done", &[]);
    }
    let notice = format!("notice {ORDERS} will be released on 2026-02-17, and so on");
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    let workspace = edition_warden::app::LOCAL_WORKSPACE;
    assert!(room.warden.pause(&workspace.into()).await.unwrap());
    let since = room.transcript().len();
    room.passes("60d").await;
    assert!(posts(&room, since).is_empty(), "{}", room.transcript());
    assert!(room.warden.resume(&workspace.into()).await.unwrap());
    room.passes("1m").await;
    let heard = posts(&room, since);
    for (what, most) in [
        ("· digest", 1),
        ("· notice", 1),
        ("· reminder", 2),
        ("· alert", 2),
    ] {
        let count = heard.iter().filter(|post| post.head.contains(what));
        assert!(count.count() <= most, "{what}: {heard:?}");
    }
    assert!(heard.iter().any(Heard::calls), "{heard:?}");
    noise(&heard).unwrap();
}
