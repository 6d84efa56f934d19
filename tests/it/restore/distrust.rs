//! The facts of a restored database no longer count, whatever they were.

use edition_warden::domain::approval::RequestState;
use edition_warden::domain::case::Case;
use edition_warden::domain::change::{PermitState, Status};
use edition_warden::domain::event::EventKind;
use edition_warden::domain::id::InstanceId;
use edition_warden::domain::instance::Edition;
use edition_warden::domain::team::Policy;
use edition_warden::store::Store;
use rstest::rstest;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::harness::{Heard, ORDERS, Room, STOCK, instant, next_notice};

const ALICE: &str = "alice requester approver team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const RELEASE: &str =
    "notice \"instance MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-02\"";

/// A team's room on a file, with `orders` on it.
pub(super) async fn room(directory: &tempfile::TempDir) -> Room {
    let path = directory.path().join("warden.db");
    let mut room = Room::of_team_on(Store::open(&path).await.unwrap());
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --team payments --commodity-id ons-cn-0pp1abc2d34"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

/// A copy of what the room has now.
pub(super) async fn copied(room: &Room, directory: &tempfile::TempDir) {
    let copy = directory.path().join("copy.db");
    room.store.system().copy_into(&copy).await.unwrap();
}

/// A room on the copy, restored at a moment.
pub(super) async fn restored(directory: &tempfile::TempDir, at: &str) -> Room {
    let room = unprepared(directory, at).await;
    assert_eq!(
        room.warden
            .distrust_restored(&Policy::default())
            .await
            .unwrap(),
        1
    );
    room
}

/// As [`restored`], before what it knew is distrusted.
async fn unprepared(directory: &tempfile::TempDir, at: &str) -> Room {
    let store = Store::open(&directory.path().join("copy.db"))
        .await
        .unwrap();
    let known = store.system().last_known().await.unwrap().unwrap();
    store
        .system()
        .begin_restoration(known, instant(at), &[])
        .await
        .unwrap();
    Room::of_team_on(store).set_clock(at)
}

/// Its change, open or not, with the instance.
async fn first_change(room: &Room) -> Case {
    let mut tx = room.store.read(&"local".into()).await.unwrap();
    tx.load_change_case(1).await.unwrap().unwrap()
}

async fn case(room: &Room) -> Case {
    let id = InstanceId::parse(ORDERS).unwrap();
    let mut tx = room.store.read(&"local".into()).await.unwrap();
    tx.load_case(&id).await.unwrap().unwrap()
}

const AT: &str = "2026-01-01T02:00:00Z";

/// What leads to something that lets somebody act or be quiet, and what is asked for after the copy was restored: with what
/// outcome, and words of the answer.
#[rstest]
#[case::a_look(&["action orders downgrade"], "check unsubscribe orders", "inconclusive", "not looked at since the database was restored")]
#[case::a_look_to_wait(&["action orders downgrade"], "check expiry orders", "inconclusive", "not looked at since the database was restored")]
#[case::an_edition(&[], "upgrade orders", "inconclusive", "edition")]
#[case::a_permit(&["action orders downgrade", "downgrade orders --by unsubscribe", "bob: approve 1", "carol: approve 1 --seen downgrade", "dave: next 1"], "next 1", "inconclusive", "")]
#[case::approvals(&["action orders downgrade", "downgrade orders --by unsubscribe", "bob: approve 1", "carol: approve 1 --seen downgrade"], "next 1", "inconclusive", "")]
#[case::a_request(&["action orders downgrade", "downgrade orders --by unsubscribe"], "bob: approve 1", "blocked", "")]
#[case::an_acceptance(&["instance set orders --max-tps 9000", "action orders downgrade", "downgrade orders --by unsubscribe --ack fits-standard"], "check unsubscribe orders", "blocked", "9,000")]
#[case::a_proof(&["action orders downgrade"], RELEASE, "raised", "")]
#[tokio::test]
async fn what_was_said_permits_nothing_and_keeps_nothing_silent(
    #[case] before: &[&str],
    #[case] asked: &str,
    #[case] outcome: &str,
    #[case] words: &str,
) {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    for line in before {
        let heard = say(&mut room, line).await;
        assert!(
            !["invalid", "denied"].contains(&heard.outcome),
            "{}",
            heard.text
        );
    }
    copied(&room, &directory).await;
    // It would have been another answer.
    let otherwise = say(&mut room, asked).await;
    assert_ne!(otherwise.outcome, outcome, "{}", otherwise.text);
    let mut room = restored(&directory, AT).await;
    let heard = say(&mut room, asked).await;
    assert_eq!(heard.outcome, outcome, "{}", heard.text);
    heard.has(words);
}

/// Who speaks is alice, unless the line says so.
pub(super) async fn say(room: &mut Room, line: &str) -> Heard {
    let (who, line) = match line.split_once(": ") {
        Some(("bob", line)) => (BOB, line),
        Some(("carol", line)) => (CAROL, line),
        Some(("dave", line)) => ("dave requester", line),
        _ => (ALICE, line),
    };
    room.as_says(who, line).await
}

#[tokio::test]
async fn each_thing_is_void_and_said_to_whom_it_concerns() {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    for line in [
        "action orders downgrade",
        RELEASE,
        "downgrade orders --by unsubscribe",
        "bob: approve 1",
        "ack orders",
    ] {
        say(&mut room, line).await;
    }
    copied(&room, &directory).await;
    let mut room = restored(&directory, AT).await;
    let held = case(&room).await;
    assert_eq!(held.instance.edition.value(), None);
    assert_eq!(held.instance.action.value(), None);
    assert!(held.instance.observations.is_empty());
    let change = held.open_change().unwrap();
    let request = change.request.as_ref().unwrap();
    assert_eq!(request.state, RequestState::Void);
    assert!(request.approvals.is_empty());
    assert!(
        change.next_request() > 1_000,
        "none that was asked since the copy is taken for the next"
    );
    room.passes("1m").await;
    let said = room.transcript();
    for words in [
        "I was restored to the state of",
        "The approval of `unsubscribe` of orders (#1) by bob is void: restored to the state of",
    ] {
        assert!(
            said.contains(words),
            "{words}
{said}"
        );
    }
    room.says("alice", "notices").await.has("restored");
    room.says("alice", "suppressed").await.lacks("mean nothing");
    room.says("alice", "reminders orders")
        .await
        .lacks("acknowledged by");
    room.says("alice", "audit").await.has("distrust");
    assert_eq!(
        room.warden
            .distrust_restored(&Policy::default())
            .await
            .unwrap(),
        0,
        "once"
    );
}

#[tokio::test]
async fn whether_what_was_permitted_has_happened_is_asked() {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    for line in [
        "action orders downgrade",
        "downgrade orders --by unsubscribe",
        "bob: approve 1",
        "carol: approve 1 --seen downgrade",
        "dave: next 1",
    ] {
        say(&mut room, line).await;
    }
    copied(&room, &directory).await;
    let mut room = restored(&directory, AT).await;
    let held = case(&room).await;
    let change = held.open_change().unwrap();
    assert_eq!(
        change.permit.as_ref().unwrap().state,
        PermitState::Withdrawn
    );
    assert!(change.outcome_unknown.unwrap().permit_lapsed);
    room.passes("1m").await;
    assert!(
        room.transcript()
            .contains("is withdrawn: the database was restored"),
        "{}",
        room.transcript()
    );
    room.says("alice", "todo").await.has("orders");
}

/// Others write while the copy is made; what happens to `orders` afterwards is lost, and said again.
#[tokio::test]
async fn a_downgrade_that_was_copied_in_the_middle_ends_as_it_would_have() {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    for line in [
        "downgrade orders --by unsubscribe",
        "dave: next 1",
        "dave: confirm 1 set-action",
    ] {
        say(&mut room, line).await;
    }
    let mut others = Room::on(
        Store::open(&directory.path().join("warden.db"))
            .await
            .unwrap(),
    );
    let writing = async {
        for at in 0..25 {
            let line = format!(
                "instance add MQ_INST_1080056302921134_Zz{at:06} --name other-{at} --region cn-hangzhou --edition standard"
            );
            others.warden_says("alice", &line).await.is("done", &[]);
        }
    };
    tokio::join!(copied(&room, &directory), writing);
    let onward = [
        "bob: approve 1",
        "carol: approve 1 --seen downgrade",
        "dave: unsubscribe orders",
    ];
    for line in onward {
        say(&mut room, line).await;
    }
    say(&mut room, "dave: confirm 1 unsubscribe")
        .await
        .is("done", &[]);
    say(&mut room, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    let told = first_change(&room).await;

    let mut room = restored(&directory, AT).await;
    say(&mut room, "dave: next 1")
        .await
        .is("inconclusive", &["downgrade-from-platinum"]);
    for line in [
        "instance set orders --edition platinum",
        "dave: action orders downgrade",
    ] {
        say(&mut room, line).await.is("done", &[]);
    }
    for line in onward {
        say(&mut room, line).await;
    }
    say(&mut room, "dave: confirm 1 unsubscribe")
        .await
        .is("done", &[]);
    say(&mut room, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    let case = first_change(&room).await;
    assert_eq!(case.instance.edition.value(), Some(&Edition::Standard));
    let (ended, wanted) = (case.change.clone(), told.change.clone());
    assert_eq!(ended.map(|change| change.status), Some(Status::Done));
    assert_eq!(wanted.map(|change| change.status), Some(Status::Done));
    assert_eq!(case.instance.edition.value(), told.instance.edition.value());
    assert_eq!(case.instance.tracking, told.instance.tracking);
    assert_eq!(case.instance.name, told.instance.name);
}

/// Numbers that people see, and that buttons hold: the next ones.
async fn next_numbers(room: &Room) -> [(&'static str, u64); 6] {
    let mut tx = room.store.read(&"local".into()).await.unwrap();
    let case = tx.load_change_case(1).await.unwrap().unwrap();
    let change = case.change.unwrap();
    [
        ("change", tx.next_number().await.unwrap()),
        ("notice", next_notice(&mut tx).await),
        ("file", tx.next_import_number().await.unwrap()),
        ("wording", tx.next_wording_number().await.unwrap()),
        ("request", u64::from(change.next_request())),
        ("permit", u64::from(change.next_permit())),
    ]
}

/// Gives a number of each.
async fn give_numbers(room: &mut Room) {
    for line in [
        "instance set orders --edition platinum --expires 2026-03-01 --auto-renew off",
        "action orders downgrade",
        "dave: next 1",
        "instance set orders --commodity-id ons-cn-0pp1abc2d35",
        "dave: next 1",
        "bob: approve 1",
        "carol: approve 1 --seen downgrade",
        "dave: next 1",
        "instance set stock --edition platinum --expires 2026-03-01 --auto-renew off",
        "action stock downgrade",
        "downgrade stock --by expiry",
    ] {
        say(room, line).await;
    }
    let said = "notice \"MQ_INST_1080056302921134_BXuIbML7 is in trouble before its release\"";
    let filed = say(room, said).await.text;
    let (_, number) = filed.split_once("notice ").unwrap();
    let number: String = number.chars().take_while(char::is_ascii_digit).collect();
    say(room, &format!("bob: wording {number} release")).await;
    let row =
        format!("instance_id,name,region,edition,topics\n{STOCK},stock,cn-hangzhou,platinum,7\n");
    room.imports("", &row).await;
}

/// Whether what was replaced is at hand or not, and whatever the clock says: the same copy restored again gives no number of
/// the time that is lost, nor of what was lost before.
#[rstest]
#[case::later("2026-01-01T02:00:30Z", false)]
#[case::much_later("2026-02-01T02:00:00Z", false)]
#[case::at_the_same_moment(AT, true)]
#[case::by_a_clock_that_went_back("2025-11-01T02:00:00Z", true)]
#[tokio::test]
async fn no_number_is_given_twice_however_often_a_copy_is_restored(
    #[case] again: &str,
    #[case] at_hand: bool,
) {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    let line = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off"
    );
    say(&mut room, &line).await;
    say(&mut room, "action orders downgrade").await;
    say(&mut room, "downgrade orders --by unsubscribe").await;
    copied(&room, &directory).await;
    let path = directory.path().join("copy.db");
    let pristine = std::fs::read(&path).unwrap();
    let mut given = next_numbers(&room).await;
    let mut before = Vec::new();
    for at in ["", AT, again] {
        let mut room = match at {
            "" => Room::of_team_on(room.store.clone()),
            at => {
                std::fs::write(&path, &pristine).unwrap();
                let store = Store::open(&path).await.unwrap();
                let known = store.system().last_known().await.unwrap().unwrap();
                let known = known.min(instant(at));
                let begun = store
                    .system()
                    .begin_restoration(known, instant(at), &before);
                begun.await.unwrap();
                let room = Room::of_team_on(store).set_clock(at);
                room.warden
                    .distrust_restored(&Policy::default())
                    .await
                    .unwrap();
                room
            }
        };
        let next = next_numbers(&room).await;
        for ((what, last), (_, next)) in given.iter().zip(next) {
            assert!(next >= *last, "{what} {next} was given before {last}, {at}");
        }
        give_numbers(&mut room).await;
        given = next_numbers(&room).await;
        for ((what, given), (_, next)) in given.iter().zip(next) {
            assert!(
                *given > next,
                "no {what} was given {at}: {}",
                room.transcript()
            );
        }
        if at_hand {
            before = room.store.system().extents().await.unwrap();
        }
        room.store.close().await;
    }
}

/// A workspace that is not in the copy, such as a server that the bot joined later, begins behind its numbers too.
#[tokio::test]
async fn a_workspace_that_only_the_replaced_database_had_begins_behind_its_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    copied(&room, &directory).await;
    say(&mut room, "notice \"what is this\"").await;
    let mut before = room.store.system().extents().await.unwrap();
    before[0].workspace = "joined later".into();
    before[0].last_number = 17;
    let store = Store::open(&directory.path().join("copy.db"))
        .await
        .unwrap();
    let at = instant(AT);
    store
        .system()
        .begin_restoration(at, at, &before)
        .await
        .unwrap();
    let room = Room::of_team_on(store).set_clock(AT);
    room.warden
        .distrust_restored(&Policy::default())
        .await
        .unwrap();
    let mut tx = room.store.read(&"joined later".into()).await.unwrap();
    assert_eq!(tx.next_number().await.unwrap(), 1_018);
    assert_eq!(next_notice(&mut tx).await, 1_018);
    drop(tx);
    let trail = room
        .store
        .read(&"joined later".into())
        .await
        .unwrap()
        .audit_head()
        .await;
    assert_eq!(trail.unwrap().seq, 0, "nobody there is told of anything");
}

/// An expiry that passed in between finds nothing that is known.
#[tokio::test]
async fn an_expiry_that_passed_meanwhile_proves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await.set_clock("2026-02-27T00:00:00Z");
    for line in ["action orders downgrade", "downgrade orders --by expiry"] {
        say(&mut room, line).await;
    }
    copied(&room, &directory).await;
    let mut room = restored(&directory, "2026-03-02T00:00:00Z").await;
    room.passes("1m").await;
    let held = case(&room).await;
    let waits = held.open_change().unwrap();
    assert!(!waits.exit_confirmed(), "{}", room.transcript());
    assert!(
        room.transcript().contains("may be deleted"),
        "{}",
        room.transcript()
    );
}

/// However many there are, and however often the process dies, each is distrusted once.
#[tokio::test]
async fn it_goes_on_where_it_broke_off() {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    let mut csv = "instance_id,name,region,edition\n".to_owned();
    for at in 0..230 {
        csv.push_str(&format!(
            "MQ_INST_1080056302921134_Zz{at:06},other-{at},cn-hangzhou,standard\n"
        ));
    }
    room.imports("", &csv).await.is("done", &[]);
    copied(&room, &directory).await;
    let path = directory.path().join("copy.db");
    let room = unprepared(&directory, AT).await;
    let mut poison = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    // Two batches are done, the third fails.
    for text in [
        "CREATE TRIGGER die BEFORE UPDATE ON restoration WHEN NEW.voided > 200 BEGIN SELECT RAISE(ABORT, 'died'); END",
        "DROP TRIGGER die",
    ] {
        sqlx::raw_sql(text).execute(&mut poison).await.unwrap();
        let done = room.warden.distrust_restored(&Policy::default()).await;
        assert_eq!(done.is_ok(), text.starts_with("DROP"), "{done:?}");
        let left: Vec<(i64,)> = sqlx::query_as("SELECT voided FROM restoration")
            .fetch_all(&mut poison)
            .await
            .unwrap();
        assert_eq!(left, [(if done.is_ok() { 231 } else { 200 },)]);
    }
    poison.close().await.unwrap();
    let mut tx = room.store.read(&"local".into()).await.unwrap();
    for id in [
        ORDERS.to_owned(),
        "MQ_INST_1080056302921134_Zz000007".to_owned(),
    ] {
        let id = InstanceId::parse(&id).unwrap();
        let history = tx.instance_history(&id, 50).await.unwrap();
        let restored = history
            .iter()
            .filter(|event| matches!(event.kind, EventKind::Restored { .. }));
        assert_eq!(restored.count(), 1);
        let held = tx.load_case(&id).await.unwrap().unwrap();
        assert_eq!(held.instance.edition.value(), None);
    }
}

/// A correction since the copy is not undone by it: what a change rests on is asked for again, and reminders go on by the expiry of
/// the copy, also by the one behind Standard.
#[rstest]
#[case::platinum("instance set orders --max-tps 3000", "2026-03-01")]
#[case::standard_that_a_file_said("", "2026-03-01")]
#[tokio::test]
async fn what_a_change_rests_on_is_asked_for_again(#[case] line: &str, #[case] expires: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    if line.is_empty() {
        let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,standard\n");
        room.imports("--accept", &file).await.is("done", &[]);
    } else {
        room.as_says(ALICE, line).await.is("done", &[]);
    }
    copied(&room, &directory).await;
    let mut room = restored(&directory, AT).await;
    let shown = room.as_says(ALICE, "instance show orders").await;
    for fact in [
        "edition",
        "expiry",
        "Post-expiration Action",
        "auto-renewal",
        "commodity id",
    ] {
        let mut lines = shown.text.lines();
        let of_it = |line: &&str| line.trim_start().starts_with(fact);
        let said = lines
            .find(of_it)
            .unwrap_or_else(|| panic!("{fact}: {}", shown.text));
        assert!(said.contains("unknown"), "{said}");
    }
    room.as_says(ALICE, "reminders orders").await.has(expires);
    room.as_says(ALICE, "instance set orders --edition platinum")
        .await;
    room.as_says(ALICE, "action orders downgrade").await;
    room.as_says(ALICE, "check unsubscribe orders")
        .await
        .has("commodity id");
}
