//! A reopened concern starts over; a proposed command is accepted as typed; a past concern asks for nothing.

use rstest::rstest;

use super::histories::{Heard, posts};
use super::{ALICE, platinum};
use crate::harness::{ORDERS, Room};
use crate::imports::csv;

const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const ROOT: &str = "root admin";
/// The id of another instance.
const BILLING: &str = "MQ_INST_1080056302921134_BYdkf3Qa";

/// Says these lines, each `who: line`, `wait SPAN` or `until TIME`.
async fn plays(room: &mut Room, script: &[&str]) {
    for line in script {
        if let Some(span) = line.strip_prefix("wait ") {
            room.passes(span).await;
            continue;
        }
        let (who, said) = line.split_once(": ").unwrap();
        let who = match who {
            "alice" => ALICE,
            "bob" => BOB,
            "carol" => CAROL,
            _ => ROOT,
        };
        let heard = room.as_says(who, said).await;
        assert!(
            !matches!(
                heard.outcome,
                "invalid" | "denied" | "blocked" | "inconclusive"
            ),
            "{said}: {}",
            heard.text
        );
    }
}

/// The posts of a time in which nobody types, digests aside.
async fn within(room: &mut Room, span: &str) -> Vec<Heard> {
    let since = room.transcript().len();
    room.passes(span).await;
    let mut heard = posts(room, since);
    heard.retain(|post| !post.is_digest());
    heard
}

/// An unsubscription that alice has a permit for.
const PERMITTED: [&str; 7] = [
    "alice: downgrade orders --by unsubscribe",
    "alice: next 1",
    "alice: confirm 1 set-action",
    "bob: approve 1",
    "carol: approve 1 --seen downgrade",
    "alice: next 1",
    "wait 1m",
];

/// A renewal that is taken back, by a word or with the file that said it; Standard that is taken back after the expiry.
#[rstest]
#[case::after_days("--expires 2026-03-05 --action delete", &["wait 35d", "alice: instance set orders --expires 2027-03-05", "wait 12d", "alice: instance set orders --expires 2026-03-05"])]
#[case::after_a_day("--expires 2026-03-05 --action delete", &["wait 40d", "alice: instance set orders --expires 2027-03-05", "wait 26h", "alice: instance set orders --expires 2026-03-05"])]
#[case::by_a_step("--expires 2026-02-01 --action downgrade --auto-renew off", &["alice: downgrade orders --by expiry", "bob: approve 1 --seen downgrade", "wait 28d", "alice: action orders downgrade", "wait 4d", "alice: confirm 1 verify-standard", "wait 1d", "alice: reopen 1 verify-standard --reason it shows Platinum"])]
#[tokio::test]
async fn what_opens_again_calls_people_within_a_day(
    #[case] options: &str,
    #[case] script: &[&str],
) {
    let mut room = platinum(options).await;
    let (last, before) = script.split_last().unwrap();
    plays(&mut room, before).await;
    let since = room.transcript().len();
    plays(&mut room, &[last]).await;
    room.passes("24h").await;
    let heard = posts(&room, since);
    let calls =
        |post: &&Heard| post.head.contains("@team:payments") && post.text.contains("orders");
    assert!(
        heard.iter().any(|post| calls(&post)),
        "{}",
        room.transcript()
    );
}

/// What was taken back is no longer counted as the last thing that happened.
#[tokio::test]
async fn a_change_that_goes_back_waits_from_then_on() {
    let mut room =
        platinum("--expires 2026-06-01 --action delete --commodity-id ons-cn-0pp1abc2d34").await;
    plays(&mut room, &PERMITTED).await;
    plays(&mut room, &["alice: confirm 1 unsubscribe", "wait 2d"]).await;
    plays(
        &mut room,
        &["alice: reopen 1 unsubscribe --reason it shows Platinum"],
    )
    .await;
    let waits = |post: &Heard| post.text.contains("nothing has happened on it");
    let heard = within(&mut room, "23h").await;
    assert!(!heard.iter().any(waits), "{heard:?}");
    let heard = within(&mut room, "2h").await;
    let told = heard.iter().find(|post| waits(post)).expect("after a day");
    assert!(told.text.contains("since 2026-01-03 08:01"), "{told:?}");
}

/// `todo` has each answer to a step in doubt, with its command.
#[tokio::test]
async fn a_step_in_doubt_has_all_its_answers() {
    let mut room =
        platinum("--expires 2026-06-01 --action delete --commodity-id ons-cn-0pp1abc2d34").await;
    plays(&mut room, &PERMITTED).await;
    let late = within(&mut room, "4d").await;
    let late = late.iter().filter(|post| post.text.contains("Late: "));
    assert_eq!(late.count(), 0, "nobody was late: {}", room.transcript());
    room.as_says(ALICE, "todo")
        .await
        .has("It happened: `confirm 1 unsubscribe`; it did not: `instance set cn-hangzhou/orders --edition platinum`, then `next 1`; gone: `instance lost cn-hangzhou/orders --reason TEXT`");
    plays(
        &mut room,
        &["alice: instance set orders --edition platinum"],
    )
    .await;
    room.as_says(ALICE, "todo").await.lacks("the permit for");
}

/// What stands in the way of the next step is proposed before it.
#[rstest]
#[case::auto_renewal(
    "instance set orders --auto-renew on",
    "instance set cn-hangzhou/orders --auto-renew off` (auto-renewal"
)]
#[case::unsaid(
    "instance set orders --auto-renew unknown",
    "look, then `instance set cn-hangzhou/orders --auto-renew "
)]
#[case::busy(
    "instance set orders --busy on",
    "instance set cn-hangzhou/orders --busy off` (busy"
)]
#[case::edition(
    "instance set orders --edition unknown",
    "instance set cn-hangzhou/orders --edition <standard|platinum>` (downgrade-from-platinum"
)]
#[tokio::test]
async fn a_step_that_is_refused_is_not_proposed(#[case] line: &str, #[case] helps: &str) {
    let mut room = platinum("--expires 2026-06-01 --action downgrade --auto-renew off").await;
    plays(&mut room, &["alice: downgrade orders --by expiry"]).await;
    room.as_says(ALICE, line).await;
    let heard = room.as_says(ALICE, "todo").await;
    heard.has(helps).lacks("`next 1`").lacks("`approve 1");
}

/// Each of several instances is looked at for itself, and then the notice that called them gone is over.
#[rstest]
#[case::both_there("instance set orders --edition platinum", "settled, it is still there")]
#[case::one_lost("instance lost orders --reason gone", "settled, the instance is lost")]
#[tokio::test]
async fn several_called_gone_are_looked_at_one_by_one(#[case] first: &str, #[case] became: &str) {
    let mut room = platinum("--expires 2026-09-01 --action delete").await;
    let line = format!(
        "instance add {BILLING} --name billing --region cn-hangzhou --edition platinum --team payments --expires 2026-09-01"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    let line = format!("notice Your instances {ORDERS} and {BILLING} have been released.");
    room.as_says(ALICE, &line)
        .await
        .is("raised", &[])
        .has("`instance set cn-hangzhou/billing --edition <standard|platinum>`")
        .lacks("still-there");
    room.as_says(ALICE, "todo").await.lacks("still-there");
    room.passes("1h").await;
    plays(&mut room, &[&format!("alice: {first}")]).await;
    room.as_says(ALICE, "notice 1 still-there")
        .await
        .is("inconclusive", &[]);
    plays(
        &mut room,
        &["alice: instance set billing --edition platinum", "wait 1m"],
    )
    .await;
    room.as_says(ALICE, "notices billing").await.has(became);
}

/// A listing read since, with the later expiry that somebody had said before the notice came, is a look like another.
#[tokio::test]
async fn an_expiry_notice_is_over_with_a_listing_that_has_the_later_expiry() {
    let mut room = platinum("--expires 2026-02-01 --action delete").await;
    plays(
        &mut room,
        &[
            "wait 19d",
            "alice: instance set orders --expires 2027-02-01",
            "wait 5d",
        ],
    )
    .await;
    let line = format!("notice Your instance {ORDERS} will expire on 2026-02-01.");
    room.as_says(ALICE, &line).await.is("raised", &[]);
    let row = format!("{ORDERS},orders,cn-hangzhou,platinum,2027-02-01");
    let listed = csv("id,name,region,edition,expires", &[&row]);
    // One taken before the notice says nothing about it.
    room.imports("--at 2026-01-21", &listed)
        .await
        .is("done", &[]);
    room.passes("2d").await;
    room.as_says(ALICE, "notices").await.has("1  2026-01-25");
    room.imports("--at 2026-01-27", &listed)
        .await
        .is("done", &[]);
    room.passes("3d").await;
    room.as_says(ALICE, "notices orders")
        .await
        .has("over, a later expiry is known since");
    room.as_says(ALICE, "todo").await.lacks("notice 1");
}

/// A lost instance is asked about as long as a listing that counts has it.
#[rstest]
#[case::undone(true)]
#[case::listed_without(false)]
#[tokio::test]
async fn a_lost_instance_that_no_listing_has_any_more_is_not_asked_about(#[case] undone: bool) {
    let mut room = platinum("--expires 2026-09-01 --action delete").await;
    let pads: Vec<String> = (0..8)
        .map(|n| format!("MQ_INST_1080056302921134_Pad{n:05},pad{n},cn-hangzhou,standard,"))
        .collect();
    let mut rows: Vec<&str> = pads.iter().map(String::as_str).collect();
    let header = "id,name,region,edition,expires";
    let without = csv(header, &rows);
    let row = format!("{ORDERS},orders,cn-hangzhou,platinum,2026-09-01");
    rows.push(&row);
    plays(
        &mut room,
        &["alice: instance lost orders --reason gone", "wait 1d"],
    )
    .await;
    let listed = room
        .imports("--complete --at 2026-01-02", &csv(header, &rows))
        .await;
    listed.has("it was recorded as deleted, and the file lists it");
    room.passes("3h").await;
    room.as_says(ALICE, "todo")
        .await
        .has("a listing read since has it");
    if undone {
        plays(&mut room, &["root: import undo 1"]).await;
    } else {
        room.imports("--complete --at 2026-01-02T03:00:00Z", &without)
            .await
            .is("done", &[]);
    }
    room.as_says(ALICE, "todo")
        .await
        .lacks("a listing read since has it");
    let heard = within(&mut room, "20d").await;
    assert!(
        !heard.iter().any(|post| post.text.contains("orders")),
        "{heard:?}"
    );
}

/// Lost by mistake, removed and added again, as the bot proposes: what warned of it before warns of it again.
#[tokio::test]
async fn a_notice_that_a_loss_has_settled_is_open_again_with_its_instance() {
    let mut room = platinum("--expires 2026-03-01 --action delete").await;
    let line =
        format!("notice Something new: your instance {ORDERS} will be released on 2026-02-20.");
    room.as_says(ALICE, &line).await.is("raised", &[]);
    let remove = format!("root: instance remove {ORDERS} --reason wrong");
    plays(
        &mut room,
        &[
            "alice: instance lost orders --reason wrong",
            "wait 1m",
            &remove,
            "wait 1h",
        ],
    )
    .await;
    room.as_says(ALICE, "notices")
        .await
        .has("No notice is raised");
    let line = format!(
        "alice: instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --team payments --expires 2026-03-01 --action delete"
    );
    plays(&mut room, &[&line, "wait 1m"]).await;
    assert!(
        posts(&room, 0)
            .iter()
            .any(|post| post.text.contains("Raised (told 2 times): notice 1")),
        "{}",
        room.transcript()
    );
    room.as_says(ALICE, "notices orders")
        .await
        .has("raised, settled, then raised again");
}

/// The holder of a permit, who has the console open, is told to stop as soon as the row may be another one, or the step is reported as done.
#[rstest]
#[case::called_gone(
    "alice: notice Instance ORDERS has been released.",
    "a notice says that the instance is gone already"
)]
#[case::reported_outside(
    "root: confirm 1 unsubscribe --outside --reason \"I did it\"",
    "the step is reported as done, by root"
)]
#[case::reported("bob: confirm 1 unsubscribe", "the step is reported as done, by bob")]
#[tokio::test]
async fn the_holder_of_a_permit_is_stopped(#[case] by: &str, #[case] why: &str) {
    let mut room = platinum("--expires 2026-06-01 --action delete").await;
    plays(&mut room, &PERMITTED).await;
    let (who, line) = by.split_once(": ").unwrap();
    let who = match who {
        "alice" => ALICE,
        "root" => "root admin requester",
        _ => "bob approver requester",
    };
    let since = room.transcript().len();
    room.as_says(who, &line.replace("ORDERS", ORDERS)).await;
    room.passes("1m").await;
    let told = posts(&room, since);
    let stop = told.iter().find(|post| post.text.contains("Stop, alice"));
    let stop = stop.unwrap_or_else(|| panic!("{}", room.transcript()));
    assert!(stop.text.contains(why), "{}", stop.text);
    assert!(stop.text.contains("Do not continue"), "{}", stop.text);
    room.as_says(ALICE, "change 1")
        .await
        .lacks("alice holds the permit");
}

/// A look that is dated ahead of the clock counts for nothing until its time has come.
#[tokio::test]
async fn a_look_dated_ahead_leaves_a_notice_open() {
    let mut room = platinum("--expires 2026-06-01 --action delete").await;
    let line = format!("notice Your instance {ORDERS} has been released.");
    room.as_says(ALICE, &line).await.is("raised", &[]);
    room.passes("66d").await;
    plays(&mut room, &["alice: notice 1 still-there"]).await;
    let mut room = room.set_clock("2026-01-02T01:00:00Z");
    let workspace = edition_warden::app::LOCAL_WORKSPACE.into();
    room.warden.announce_policy(&workspace).await.unwrap();
    room.passes("1m").await;
    room.as_says(ALICE, "todo")
        .await
        .has("notice 1 says that it is gone");
    assert!(
        room.transcript()
            .contains("what settled it is dated ahead of the clock"),
        "{}",
        room.transcript()
    );
}

/// What Standard has ended is named where it shows as Platinum, as long as it can go on.
#[tokio::test]
async fn a_change_that_standard_has_ended_is_named_with_the_way_back() {
    let mut room =
        platinum("--expires 2026-06-01 --action delete --commodity-id ons-cn-0pp1abc2d34").await;
    plays(&mut room, &PERMITTED).await;
    plays(
        &mut room,
        &[
            "alice: confirm 1 unsubscribe",
            "alice: confirm 1 verify-standard",
            "wait 9d",
            "alice: instance set orders --edition platinum",
        ],
    )
    .await;
    room.as_says(ALICE, "todo")
        .await
        .has("not said since it was Standard")
        .has("`reopen 1 verify-standard --reason TEXT`");
    plays(
        &mut room,
        &["alice: reopen 1 verify-standard --reason it never left"],
    )
    .await;
}

/// Two things of an instance that opened a day apart share their posts from the third on.
#[tokio::test]
async fn two_ladders_of_an_instance_meet() {
    let mut room = platinum("--expires 2026-12-01 --action delete").await;
    plays(
        &mut room,
        &["alice: instance set orders --expires unknown", "wait 1d"],
    )
    .await;
    plays(
        &mut room,
        &["alice: instance set orders --edition unknown", "wait 2d"],
    )
    .await;
    let heard = within(&mut room, "16d").await;
    let both = |post: &&Heard| {
        post.text.contains("When does orders expire?")
            && post.text.contains("Is orders Standard or Platinum?")
    };
    assert_eq!(
        heard.iter().filter(both).count(),
        3,
        "{}",
        room.transcript()
    );
    assert_eq!(heard.len(), 3, "{}", room.transcript());
}
