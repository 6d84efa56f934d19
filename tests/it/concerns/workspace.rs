//! A safeguard of a workspace that does not work: derived in one place, told at growing intervals, and shown until it does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use edition_warden::domain::Timestamp;
use edition_warden::domain::authority::Role;
use edition_warden::domain::concern::{
    Failing, HeldListing, RoleState, SeenRole, Unreadable, WorkspaceFacts, workspace_concerns,
};
use edition_warden::domain::id::{Person, Region, RoleId, TeamName};
use edition_warden::domain::setting::{Overrides, Set, Setting};
use edition_warden::domain::team::{Policy, Team};
use edition_warden::store::Store;
use rstest::rstest;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::harness::{ORDERS, Room, STOCK, instant};

const ROOT: &str = "root admin";
const ALICE: &str = "alice requester team:payments";

fn now() -> Timestamp {
    instant("2026-05-01T00:00:00Z")
}

/// Role 10 approves, role 11 may do everything; team blue has role 12 and is called by role 13.
struct Server {
    own: Overrides,
    teams: BTreeMap<TeamName, Team>,
    policy: Policy,
    roles: Vec<SeenRole>,
    imported: Option<Timestamp>,
    stale_after: Option<TimeDelta>,
    held: Vec<HeldListing>,
    unreadable: Vec<Unreadable>,
}

impl Server {
    fn sound() -> Self {
        let mut own = Overrides::default();
        for (role, id) in [(Role::Approver, "10"), (Role::Admin, "11")] {
            own.put(Set {
                setting: Setting::Role {
                    role,
                    means: vec![RoleId::stored(id)],
                },
                by: Person::named("olga"),
                at: now(),
            });
        }
        let team = Team {
            channel: None,
            mention: Some(RoleId::stored("13")),
            members: vec![RoleId::stored("12")],
        };
        let seen = |(role, members): (&str, u64)| SeenRole {
            role: RoleId::stored(role),
            seen: RoleState::Members(members),
        };
        Self {
            own,
            teams: [("blue".parse().unwrap(), team)].into(),
            policy: Policy::default(),
            roles: [("10", 2), ("11", 1), ("12", 2), ("13", 0)]
                .map(seen)
                .into(),
            imported: Some(now() - TimeDelta::days(2)),
            stale_after: Some(TimeDelta::days(3)),
            held: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    fn sees(&mut self, role: &str, seen: RoleState) {
        let mut roles = self.roles.iter_mut();
        roles.find(|one| one.role.as_str() == role).unwrap().seen = seen;
    }

    fn open(&self) -> Vec<String> {
        let facts = WorkspaceFacts {
            own: &self.own,
            teams: &self.teams,
            named: &[],
            policy: &self.policy,
            roles: &self.roles,
            imported: self.imported,
            stale_after: self.stale_after,
            held: &self.held,
            unreadable: &self.unreadable,
            kept: &[],
        };
        let open = workspace_concerns(&facts, now());
        open.iter().map(|one| one.failing.key()).collect()
    }
}

#[rstest]
#[case::sound(|_: &mut Server| {}, &[])]
#[case::the_approvers_role_is_gone(
    |it: &mut Server| it.sees("10", RoleState::Gone),
    &["role-gone 10 approver", "few-approvers"]
)]
#[case::a_team_s_role_is_gone(
    |it: &mut Server| it.sees("12", RoleState::Gone),
    &["role-gone 12 members blue", "small-team blue"]
)]
#[case::the_role_that_calls_a_team_is_gone(
    |it: &mut Server| it.sees("13", RoleState::Gone),
    &["role-gone 13 mention blue"]
)]
#[case::two_who_may_approve_are_enough(
    |it: &mut Server| it.sees("10", RoleState::Members(1)),
    &[]
)]
#[case::one_who_may_approve_is_not(
    |it: &mut Server| it.sees("10", RoleState::Members(0)),
    &["few-approvers"]
)]
#[case::what_is_not_counted_is_not_claimed(
    |it: &mut Server| {
        it.sees("10", RoleState::There);
        it.sees("12", RoleState::There);
    },
    &[]
)]
#[case::what_was_never_seen_is_not_claimed(|it: &mut Server| it.roles.clear(), &[])]
#[case::one_of_a_team_is_too_few(
    |it: &mut Server| it.sees("12", RoleState::Members(1)),
    &["small-team blue"]
)]
#[case::where_nobody_is_asked_one_is_enough(
    |it: &mut Server| {
        it.sees("12", RoleState::Members(1));
        it.policy.approvals_for_unsubscribe = 0;
        it.policy.approvals_for_await_expiry = 0;
    },
    &[]
)]
#[case::the_last_file_is_old(
    |it: &mut Server| it.imported = Some(now() - TimeDelta::days(3)),
    &["import-stale"]
)]
#[case::a_file_of_a_time_to_come(
    |it: &mut Server| it.imported = Some(now() + TimeDelta::days(40)),
    &["import-stale"]
)]
#[case::there_never_was_a_file(|it: &mut Server| it.imported = None, &[])]
#[case::old_files_are_fine_here(
    |it: &mut Server| {
        it.imported = Some(now() - TimeDelta::days(300));
        it.stale_after = None;
    },
    &[]
)]
#[case::a_listing_is_held_back(
    |it: &mut Server| it.held.push(HeldListing {
        region: Region::parse("cn-beijing").unwrap(),
        accounts: BTreeSet::new(),
        number: 4,
        label: "all.json".to_owned(),
        lacks: 9,
        at: now(),
    }),
    &["listing-held cn-beijing"]
)]
#[case::rows_cannot_be_read(
    |it: &mut Server| it.unreadable.push(Unreadable::Change(8)),
    &["unreadable change 8"]
)]
fn each_safeguard(#[case] change: fn(&mut Server), #[case] expected: &[&str]) {
    let mut server = Server::sound();
    change(&mut server);
    assert_eq!(server.open(), expected);
}

#[test]
fn what_cannot_be_read_is_kept_by_its_word() {
    for subject in [
        Unreadable::Instance(ORDERS.parse_id()),
        Unreadable::Change(3),
        Unreadable::Notice(u64::MAX),
    ] {
        assert_eq!(Unreadable::from_word(&subject.word()), Some(subject));
    }
    for word in ["", "instance", "instance x", "change -1", "wording 3"] {
        assert_eq!(Unreadable::from_word(word), None, "{word}");
    }
    assert!(Failing::Unreadable(Unreadable::Change(3)).rungs().len() >= 4);
}

trait ParseId {
    fn parse_id(&self) -> edition_warden::domain::id::InstanceId;
}

impl ParseId for str {
    fn parse_id(&self) -> edition_warden::domain::id::InstanceId {
        edition_warden::domain::id::InstanceId::parse(self).unwrap()
    }
}

fn heads<'a>(room: &'a Room, words: &str) -> Vec<&'a str> {
    let posts = room.transcript().split("» ").skip(1);
    let posts = posts.filter_map(|post| post.split("\n\n").next());
    let posts = posts.filter(|post| post.contains(words));
    posts.map(|post| post.lines().next().unwrap()).collect()
}

const NOT_IMPORTED: &str = "no import since";

#[tokio::test]
async fn a_listing_that_does_not_come_is_told_and_named_every_week() {
    let mut room = Room::of_team().await;
    let file = format!("id,name,region\n{STOCK},stock,cn-hangzhou\n");
    room.passes("90d").await;
    assert!(heads(&room, NOT_IMPORTED).is_empty(), "there never was one");
    room.imports("--at 2026-04-01", &file).await.is("done", &[]);
    room.passes("71h").await;
    assert!(heads(&room, NOT_IMPORTED).is_empty());
    room.passes("2h").await;
    assert_eq!(
        heads(&room, NOT_IMPORTED),
        ["console · alert · @role:approver"]
    );
    for line in ["todo", "settings show"] {
        room.as_says(ROOT, line).await.has(NOT_IMPORTED);
    }
    room.as_says(ALICE, "todo --mine").await.lacks(NOT_IMPORTED);
    room.as_says("bob approver", "todo --mine")
        .await
        .has(NOT_IMPORTED);
    room.passes("87d").await;
    let told = heads(&room, NOT_IMPORTED);
    let digests = told.iter().filter(|head| head.contains("digest")).count();
    assert!(digests >= 12, "{told:?}");
    assert_eq!(told.len() - digests, 1, "{told:?}");
    room.imports("--at 2026-06-30", &file).await.is("done", &[]);
    room.passes("1d").await;
    for line in ["todo", "settings show"] {
        room.as_says(ROOT, line).await.lacks(NOT_IMPORTED);
    }
}

#[tokio::test]
async fn a_listing_that_is_held_back_climbs_its_ladder_until_it_is_accepted() {
    const HELD: &str = "and is held back: look in the console";
    let mut room = Room::of_team().await;
    let rows = |range: std::ops::Range<u32>| {
        let row = |n| format!("MQ_INST_1080056302921134_Held{n:04},node-{n},cn-hangzhou\n");
        format!("id,name,region\n{}", range.map(row).collect::<String>())
    };
    room.imports(
        "--complete --region cn-hangzhou --at 2026-01-01",
        &rows(0..9),
    )
    .await
    .is("done", &[]);
    for _ in 0..4 {
        // The same half of it comes every day.
        room.imports("--complete --region cn-hangzhou", &rows(0..4))
            .await
            .is("inconclusive", &[]);
        room.passes("1d").await;
    }
    assert_eq!(heads(&room, HELD).len(), 2, "after 1 and 3 days");
    room.as_says(ROOT, "settings show").await.has(HELD);
    room.as_says(ROOT, "todo").await.has("--accept-missing 5");
    room.imports(
        "--complete --region cn-hangzhou --accept-missing 5",
        &rows(0..4),
    )
    .await
    .is("done", &[]);
    room.passes("1m").await;
    room.as_says(ROOT, "settings show").await.lacks(HELD);
}

/// What is damaged is named where its reminder is due, told where the alarms go, and settled once it can be read again.
#[tokio::test]
async fn what_cannot_be_read_is_told() {
    const UNREAD: &str = "cannot be read, so nothing is said of it";
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let mut room = Room::of_team_on(Store::open(&path).await.unwrap());
    let add = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-01-15 --action delete"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.passes("1h").await;
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = options.connect().await.unwrap();
    let damaged = "UPDATE instance SET document = 'x' || document";
    sqlx::raw_sql(damaged).execute(&mut other).await.unwrap();
    room.passes("10d").await;
    assert_eq!(
        heads(&room, UNREAD)
            .iter()
            .filter(|head| head.contains("alert · @role:admin"))
            .count(),
        4,
        "{}",
        room.transcript()
    );
    assert!(
        heads(&room, UNREAD)
            .iter()
            .any(|head| head.contains("digest"))
    );
    let todo = room.as_says(ROOT, "todo").await;
    todo.has(UNREAD);
    assert_eq!(todo.text.matches(STOCK).count(), 1, "{}", todo.text);
    let digest = room
        .transcript()
        .rsplit("The week's digest.")
        .next()
        .unwrap();
    let digest = digest.split("\n\n").next().unwrap();
    assert_eq!(digest.matches(STOCK).count(), 1, "{digest}");
    let mended = "UPDATE instance SET document = substr(document, 2)";
    sqlx::raw_sql(mended).execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    room.as_says(ROOT, "todo").await.lacks(UNREAD);
    let before = heads(&room, UNREAD).len();
    room.passes("20d").await;
    assert_eq!(heads(&room, UNREAD).len(), before);
}

/// A digest that was missed goes with the next one that comes within a day, and comes at once where that is later.
#[rstest]
#[case::on_a_sunday("387h", 0)]
#[case::on_a_monday_morning("409h", 0)]
#[case::on_a_wednesday("19d", 1)]
#[tokio::test]
async fn a_digest_that_was_missed_comes_once(#[case] away: &str, #[case] at_once: usize) {
    let digests = |room: &Room| room.transcript().matches("· digest").count();
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-12-15 --action delete"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.passes("1d").await;
    room.advance(away);
    room.passes("1m").await;
    assert_eq!(digests(&room), at_once, "{}", room.transcript());
    room.advance("5h");
    room.passes("26h").await;
    assert_eq!(digests(&room), 1, "{}", room.transcript());
}
