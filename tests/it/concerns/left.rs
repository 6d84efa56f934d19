//! After an exit that a change has recorded: what speaks against it is heard from a person and from a file, however late.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";

/// `orders` is reported as unsubscribed. A person said that it is Platinum, or a file did.
async fn unsubscribed(by_file: bool) -> Room {
    let mut room = Room::of_team().await;
    let facts =
        "--expires 2026-03-01 --auto-renew off --commodity-id ons-cn-0pp1abc2d34 --max-tps 3000";
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --team payments --edition platinum {facts} --action downgrade"
    );
    if by_file {
        let row = format!(
            "id,name,region,team,edition,expires,auto_renew,commodity_id,max_tps\n{ORDERS},orders,cn-hangzhou,payments,platinum,2026-03-01,off,ons-cn-0pp1abc2d34,3000\n"
        );
        room.imports("", &row).await.is("done", &[]);
        room.as_says(ALICE, "action orders downgrade").await;
    } else {
        room.as_says(ALICE, &line).await.is("done", &[]);
    }
    for (who, line) in [
        (ALICE, "downgrade orders --by unsubscribe"),
        (BOB, "approve 1 --seen downgrade"),
        (CAROL, "approve 1 --seen downgrade"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 unsubscribe"),
    ] {
        room.as_says(who, line).await;
    }
    room.passes("1d").await;
    room
}

async fn listed(room: &mut Room, fields: &str, values: &str) -> crate::harness::Heard {
    let file = format!("id,name,region,{fields}\n{ORDERS},orders,cn-hangzhou,{values}\n");
    room.imports("", &file).await
}

async fn said_within(room: &mut Room, span: &str) -> String {
    let before = room.transcript().len();
    room.passes(span).await;
    room.transcript()[before..].to_owned()
}

#[rstest]
#[case::said_by_a_person(false, "edition", "platinum")]
#[case::said_by_a_file(true, "edition", "platinum")]
#[case::with_the_expiry(false, "edition,expires", "platinum,2026-03-01")]
#[case::only_the_expiry(false, "expires", "2026-03-01")]
#[tokio::test]
async fn a_listing_that_still_shows_platinum_is_heard(
    #[case] by_file: bool,
    #[case] fields: &str,
    #[case] values: &str,
) {
    let mut room = unsubscribed(by_file).await;
    listed(&mut room, fields, values)
        .await
        .has("1 changed")
        .has("read after the exit that its change has recorded");
    room.as_says(ALICE, "todo")
        .await
        .has("shown as Platinum since")
        .has("reopen 1 unsubscribe");
    let said = said_within(&mut room, "1d").await;
    assert!(
        said.contains("what was said since shows it as Platinum"),
        "{said}"
    );
    assert!(
        !said.contains("nobody has seen what happened to it"),
        "{said}"
    );
    // Read again, the row costs its integer and says nothing.
    listed(&mut room, fields, values).await.has("1 unchanged");
}

/// It was verified by mistake: the listing that showed Platinum after it was right.
#[tokio::test]
async fn a_reopened_standard_keeps_the_word_of_a_listing() {
    let mut room = unsubscribed(false).await;
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.passes("1d").await;
    listed(&mut room, "edition,expires", "platinum,2026-03-01").await;
    room.as_says(ALICE, "reopen 1 verify-standard --reason it is Platinum")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "todo")
        .await
        .has("shown as Platinum since");
    room.as_says(ALICE, "instance show orders")
        .await
        .has("Platinum")
        .has("2026-03-01");
}

/// Without such a listing what was known before it is back, as it was.
#[tokio::test]
async fn a_reopened_standard_gives_back_what_was_known() {
    let mut room = unsubscribed(false).await;
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.passes("1d").await;
    room.as_says(ALICE, "reopen 1 verify-standard --reason not looked at")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "todo")
        .await
        .has("nobody has seen Standard");
}

/// That is what happened last: it is no time to say that nothing has.
#[tokio::test]
async fn a_step_that_was_just_taken_back_is_no_idle_change() {
    let mut room = unsubscribed(false).await;
    room.passes("1d").await;
    room.as_says(
        ALICE,
        "reopen 1 unsubscribe --reason it still shows Platinum",
    )
    .await
    .is("done", &[]);
    let said = said_within(&mut room, "6h").await;
    assert!(!said.contains("nothing has happened"), "{said}");
    let said = said_within(&mut room, "1d").await;
    assert!(
        said.contains("nothing has happened on it since 2026-01-03"),
        "{said}"
    );
}

#[rstest]
#[case::soon("1h")]
#[case::after_its_ladder("16d")]
#[tokio::test]
async fn delete_seen_after_it_is_told_at_once(#[case] later: &str) {
    let mut room = unsubscribed(false).await;
    room.passes(later).await;
    let before = room.transcript().len();
    room.as_says(ALICE, "action orders delete").await;
    let said = room.transcript()[before..].to_owned();
    // Only Platinum has an action that can be seen.
    let told = "what was said since shows it as Platinum";
    assert!(said.contains(told), "{said}");
    assert!(said.contains("@team:payments"), "{said}");
    room.as_says(ALICE, "todo")
        .await
        .has("shown as Platinum since; Post-expiration Action: Delete")
        .has("`reopen 1 unsubscribe --reason TEXT`");
    // Somebody is called daily, until somebody has seen what happened to it.
    let said = said_within(&mut room, "3d").await;
    assert!(said.matches(told).count() >= 3, "{said}");
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("inconclusive", &[]);
    room.as_says("dora requester", "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    let said = said_within(&mut room, "3d").await;
    assert!(!said.contains(told), "{said}");
}

/// Near the expiry everything leads to what the facts show, and not to the happy end.
#[tokio::test]
async fn what_still_shows_platinum_leads_to_the_reopening() {
    let mut room = unsubscribed(false).await;
    listed(&mut room, "edition,expires", "platinum,2026-03-01").await;
    room.as_says(ALICE, "action orders delete").await;
    let said = said_within(&mut room, "57d").await;
    let reminders = said
        .split("\n\n")
        .filter(|block| block.contains("On 2026-03-01"));
    let reminders: Vec<&str> = reminders.collect();
    assert!(reminders.len() >= 3, "{said}");
    for reminder in reminders {
        assert!(
            reminder.contains("reopen 1 unsubscribe --reason TEXT"),
            "{reminder}"
        );
        assert!(
            reminder.contains("action cn-hangzhou/orders downgrade"),
            "{reminder}"
        );
        assert!(!reminder.contains("`next 1`"), "{reminder}");
    }
    room.as_says(ALICE, "todo")
        .await
        .has("reopen 1 unsubscribe --reason TEXT")
        .has("instance lost cn-hangzhou/orders --reason TEXT")
        .lacks("`next 1`");
    room.as_says(ALICE, "next 1")
        .await
        .has("what was said since shows it as Platinum")
        .has("expiry: 2026-03-01")
        .has("Post-expiration Action: Delete")
        .has("reopen 1 unsubscribe --reason TEXT");
}

/// Where it may be deleted, the ways out name the deletion.
#[tokio::test]
async fn delete_seen_after_it_is_answered_by_what_the_console_shows() {
    let mut room = unsubscribed(false).await;
    room.as_says(ALICE, "action orders delete").await;
    for line in ["todo", "next 1"] {
        room.as_says(ALICE, line)
            .await
            .has("confirm 1 verify-standard")
            .has("reopen 1 unsubscribe --reason TEXT")
            .has("instance lost cn-hangzhou/orders --reason TEXT");
    }
}

/// A change that ends forgets neither that it was reported as unsubscribed nor that it was on Delete.
#[rstest]
#[case::cancelled("cancel 1 --reason x", "--action delete", true)]
#[case::failed("fail 1 --reason x", "--action delete", true)]
#[case::on_downgrade("cancel 1 --reason x", "--action downgrade", false)]
#[case::never_looked_at("cancel 1 --reason x", "", true)]
#[tokio::test]
async fn an_ended_change_forgets_no_word(
    #[case] end: &str,
    #[case] action: &str,
    #[case] deletes: bool,
) {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --team payments --edition platinum --expires 2026-03-01 {action}"
    );
    for line in [
        add.as_str(),
        "downgrade orders --by unsubscribe",
        "confirm 1 unsubscribe --outside --reason hurry",
        end,
    ] {
        room.as_says(ALICE, line).await;
    }
    let danger = "Unsubscribing with Delete deletes it at once: look now";
    let said = said_within(&mut room, "26h").await;
    assert_eq!(said.contains(danger), deletes, "{said}");
    assert!(said.contains("reported as unsubscribed (#1"), "{said}");
    assert!(said.contains("· alert · @role:approver"), "{said}");
    assert!(!said.contains("'s permit"), "{said}");
    // Also when that was long ago.
    room.passes("12d").await;
    room.as_says(ALICE, "todo")
        .await
        .has("reported as unsubscribed (#1)")
        .has("instance lost cn-hangzhou/orders --reason TEXT");
    if deletes {
        let todo = room.as_says(ALICE, "todo").await;
        todo.has("which with Delete deletes it at once");
    }
    room.as_says(ALICE, "instance set orders --edition platinum")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "todo").await.lacks("unsubscribed");
}

/// Unsubscribed outside, with an action that nobody has seen: never looked at means Delete.
#[tokio::test]
async fn an_exit_with_an_action_that_nobody_knows_may_have_deleted_it() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --team payments --edition platinum --expires 2026-03-01"
    );
    for line in [add.as_str(), "downgrade orders --by unsubscribe"] {
        room.as_says(ALICE, line).await;
    }
    let may_be_gone =
        "so it may be gone. Look now; if it is, `instance lost cn-hangzhou/orders --reason TEXT`";
    room.as_says(ALICE, "confirm 1 unsubscribe --outside --reason hurry")
        .await
        .has(may_be_gone);
    room.passes("1m").await;
    let said = room.transcript();
    let outside = said
        .split("\n\n")
        .find(|block| block.contains("happened OUTSIDE"));
    assert!(
        outside.is_some_and(|told| told.contains(may_be_gone)),
        "{said}"
    );
}

/// A look at the action is one at a Platinum instance, whatever it shows; a listing's word of the action is none.
#[rstest]
#[case::delete("action orders delete", true)]
#[case::downgrade("action orders downgrade", true)]
#[case::edition("instance set orders --edition platinum", true)]
#[case::nothing_of_it("instance set orders --max-tps 2000", false)]
#[tokio::test]
async fn what_only_platinum_has_shows_platinum(#[case] line: &str, #[case] shows: bool) {
    let mut room = unsubscribed(false).await;
    room.as_says(ALICE, line).await.is("done", &[]);
    let before = room.transcript().len();
    room.as_says(ALICE, "todo").await;
    room.as_says(ALICE, "next 1").await;
    room.passes("2d").await;
    let said = room.transcript()[before..].to_owned();
    assert_eq!(said.contains("shown as Platinum since"), shows, "{said}");
    assert_eq!(said.contains("nobody has seen"), !shows, "{said}");
}
