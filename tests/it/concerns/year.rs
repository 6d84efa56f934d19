//! A year of 30 instances in four teams: what is open is never silent, and nobody is told what they know.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta};
use edition_warden::domain::reminder::{Cadence, Quiet};

use super::histories::{Heard, posts, said_twice};
use crate::harness::{Room, instant};

const STORY: &str = include_str!("year.txt");
const TEAMS: [&str; 4] = ["red", "blue", "green", "grey"];
/// These have stories of their own.
const TOLD: [&str; 6] = ["red-3", "blue-2", "blue-3", "green-4", "green-5", "grey-5"];
/// The rows of the table before an expiry at which something is at risk, up to the day of the renewal.
const OWED: [i64; 4] = [30, 14, 7, 3];

/// An instance: each team has six Platinum ones, that expire over the year, and two others.
struct Row {
    n: usize,
    name: String,
    team: &'static str,
    expires: Option<NaiveDate>,
}

fn rows() -> Vec<Row> {
    let row = |n: usize| {
        let (team, k) = (n / 8, n % 8);
        let month = u32::try_from(1 + (k * 2 + team) % 12).unwrap();
        let day = u32::try_from(5 + n % 20).unwrap();
        Row {
            n,
            name: format!("{}-{}", TEAMS[team], k + 1),
            team: TEAMS[team],
            expires: NaiveDate::from_ymd_opt(2026, month, day).filter(|_| k < 6),
        }
    };
    (0..30).map(row).collect()
}

fn listing() -> String {
    let mut out = "id,name,region,edition,expires,auto_renew,team\n".to_owned();
    for row in rows() {
        let (Row { n, name, team, .. }, expires) = (&row, row.expires);
        let edition = expires.map_or("standard,,".to_owned(), |day| format!("platinum,{day},off"));
        let _ = writeln!(
            out,
            "MQ_INST_1080056302921134_Year{n:04},{name},cn-hangzhou,{edition},{team}"
        );
    }
    out
}

/// What is said, by day: the story, and that the others are renewed two days before they expire, two of them too late.
fn script() -> Vec<(NaiveDate, String, String)> {
    let mut all = Vec::new();
    for line in STORY.lines().filter(|line| !line.starts_with('#')) {
        let (day, rest) = line.split_once(' ').unwrap();
        let (who, said) = rest.split_once(": ").unwrap();
        all.push((day.parse().unwrap(), who.to_owned(), said.to_owned()));
    }
    for row in rows()
        .iter()
        .filter(|row| !TOLD.contains(&row.name.as_str()))
    {
        let Some(expires) = row.expires else { continue };
        let late = ["red-5", "grey-2"].contains(&row.name.as_str());
        let day = expires + TimeDelta::days(if late { 2 } else { -2 });
        let who = format!("ana requester team:{}", row.team);
        let again = expires.with_year(2027).unwrap();
        let renewed = format!("instance set {} --expires {again}", row.name);
        all.push((day, who.clone(), renewed));
        all.push((day, who, format!("action {} delete", row.name)));
    }
    all.sort_by_key(|(day, ..)| *day);
    all
}

fn hours() -> Cadence {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    Cadence {
        zone: chrono_tz::Asia::Shanghai,
        quiet: Some(Quiet {
            from: time(22),
            to: time(8),
        }),
        ..Cadence::default()
    }
}

async fn story() -> Room {
    let mut room = Room::of_team_with(hours()).await;
    for team in TEAMS {
        let line = format!("settings team {team} --channel {team}-ops --members {team}");
        room.as_says("root admin", &line).await;
    }
    room.as_says("root admin", "settings channel alerts alarms")
        .await;
    room.imports("--at 2026-01-01", &listing())
        .await
        .is("done", &[]);
    for (day, who, said) in script() {
        let to = instant(&format!("{day}T02:30:00Z"));
        let wait = (to - room.clock.now()).num_seconds();
        if wait > 0 {
            room.passes(&format!("{wait}s")).await;
        }
        room.passes("60s").await;
        let heard = room.as_says(&who, &said).await;
        assert!(
            !matches!(heard.outcome, "invalid" | "denied"),
            "{said}: {}",
            heard.text
        );
    }
    let wait = (instant("2027-01-01T00:00:00Z") - room.clock.now()).num_seconds();
    room.passes(&format!("{wait}s")).await;
    room
}

fn day_of(post: &Heard) -> NaiveDate {
    post.at.get(..10).unwrap().parse().unwrap()
}

/// What a post is about, in a word or two.
fn concern(post: &Heard) -> &'static str {
    let about = [
        ("A safeguard does not work", "a safeguard"),
        ("Did it happen?", "a step in doubt"),
        ("Does the console show Standard?", "Standard not seen"),
        ("should be Standard by now", "Standard not seen"),
        ("Is ", "an edition in doubt"),
        ("When does ", "an expiry in doubt"),
        ("What should happen to ", "an action to choose"),
        ("What happens to ", "an action in doubt"),
        ("Time runs out", "no approval"),
        ("waits: nothing has happened", "a change that waits"),
        ("presumed deleted", "expired"),
        (" expired ", "expired"),
        ("expires", "it expires"),
        ("turns into Standard", "it expires"),
        ("To be looked at", "it expires"),
    ];
    let kind = post.head.split(" · ").nth(1).unwrap();
    match kind {
        "digest" => "digest",
        "approval" => "approval",
        "notice" => "notice",
        _ => {
            let mut about = about.iter().filter(|(words, _)| post.text.contains(words));
            about.next().map_or("other", |(_, about)| about)
        }
    }
}

#[tokio::test]
async fn a_year_is_told_in_fewer_than_220_posts() {
    let room = story().await;
    let posts = posts(&room, 0);
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for post in &posts {
        *counts.entry(concern(post)).or_default() += 1;
    }
    insta::assert_debug_snapshot!(counts);
    assert!(posts.len() < 220, "{} posts", posts.len());
    none_is_missing(&posts);
    for row in rows() {
        let again = said_twice(&posts, &format!("{} ", row.name));
        assert!(again.is_none(), "{again:?}");
    }
    a_calm_week_is_calm(&posts);
}

/// Somebody who renews two days before an expiry was told on each day of the table before.
fn none_is_missing(posts: &[Heard]) {
    let began = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    let mut owed = 0;
    for row in rows()
        .iter()
        .filter(|row| !TOLD.contains(&row.name.as_str()))
    {
        let Some(expires) = row.expires else { continue };
        for days in OWED {
            let day = expires - TimeDelta::days(days);
            if day < began {
                continue;
            }
            owed += 1;
            let about = format!("{} ", row.name);
            let told = posts.iter().filter(|post| !post.is_digest());
            let told = told.filter(|post| post.text.contains(&about));
            assert!(
                told.map(day_of).any(|told| told == day),
                "{} expires {expires} and is silent {days} days before",
                row.name
            );
        }
    }
    assert!(owed > 40, "{owed}");
    let weeks: BTreeSet<u32> = posts
        .iter()
        .filter(|post| post.is_digest())
        .map(|post| day_of(post).iso_week().week())
        .collect();
    assert!(weeks.len() >= 52, "a digest every week");
}

/// Nobody types, and nothing has expired: no channel hears more than three posts.
fn a_calm_week_is_calm(posts: &[Heard]) {
    let week = |day: NaiveDate| (day.iso_week().year(), day.iso_week().week());
    let typed: BTreeSet<_> = script().iter().map(|(day, ..)| week(*day)).collect();
    let mut heard: BTreeMap<_, u32> = BTreeMap::new();
    for post in posts {
        let channel = post.head.split(" · ").next().unwrap();
        let week = week(day_of(post));
        if !typed.contains(&week) && !post.text.contains(" expired ") {
            *heard.entry((week, channel)).or_default() += 1;
        }
    }
    for (place, count) in heard {
        assert!(count <= 3, "{place:?}: {count}");
    }
}
