//! Somebody leaves: what waits for them is listed and handed over, and what they vouched for no longer counts.

use edition_warden::store::AuditFilter;
use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ROOT: &str = "root admin";

/// A downgrade that alice has opened: its action is set, and alice and bob have looked.
async fn opened() -> Room {
    let mut room = Room::of_team().await;
    room.add_platinum("").await;
    for (who, line) in [
        ("alice requester", "downgrade orders --by unsubscribe"),
        ("alice requester", "next orders"),
        ("alice requester", "confirm 1 set-action"),
        ("bob approver", "approve 1 --seen downgrade"),
    ] {
        room.as_says(who, line).await;
    }
    room
}

/// As [`opened`], approved by bob and carol, and alice has taken the permit to unsubscribe.
async fn permitted() -> Room {
    let mut room = opened().await;
    room.as_says("carol approver", "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    let permit = room.as_says("alice requester", "next 1").await;
    assert_eq!(permit.outcome, "allowed", "{}", permit.text);
    room
}

#[tokio::test]
async fn what_waits_is_listed_and_handed_over() {
    let mut room = opened().await;
    let listed = room.as_says("vera viewer", "handover alice").await;
    listed
        .is("info", &[])
        .has("#1 of cn-hangzhou/orders: opened it; looked at the action")
        .has("`handover alice --to PERSON`");
    for who in ["vera viewer", "rita requester", "anna approver"] {
        room.as_says(who, "handover alice --to dave --yes-really")
            .await
            .is("denied", &[]);
    }
    room.as_says(
        ROOT,
        "handover alice --to dave --yes-really --reason left the company",
    )
    .await
    .is("done", &[])
    .has("1 change of alice's is dave's now")
    .has("the look no longer counts")
    .has("Neither alice nor dave ever approves it.");
    for who in ["alice approver", "dave approver"] {
        room.as_says(who, "approve 1").await.is("denied", &[]);
    }
    room.as_says("vera viewer", "handover alice")
        .await
        .is("info", &[])
        .has("Nothing waits for alice");
    room.as_says(ROOT, "handover dave")
        .await
        .has("#1 of cn-hangzhou/orders: has it");
    room.as_says("vera viewer", "change 1")
        .await
        .has("opened by alice, now dave's")
        .has("now dave's, since ")
        .lacks("opened by dave");
    assert!(room.transcript().contains("opened by alice"));
    // What others have approved still counts; what alice saw does not: two more have to look.
    room.as_says("dave requester", "next 1")
        .await
        .is("needs_approval", &[]);
    room.as_says("vera viewer", "change 1")
        .await
        .has("handed over from alice to dave: “left the company”")
        .has("what alice saw does not count any more");
    room.as_says("vera viewer", "audit 1")
        .await
        .has("handover alice --to dave");
    assert!(
        room.transcript().contains("@dave") && room.transcript().contains("waits for dave"),
        "{}",
        room.transcript()
    );
    // Who has left and comes back owned it: the rule has no end.
    room.as_says(ROOT, "handover dave --to erin --yes-really")
        .await
        .is("done", &[]);
    for who in ["alice approver", "dave approver", "erin approver"] {
        room.as_says(who, "approve 1").await.is("denied", &[]);
    }
    room.as_says("carol approver", "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
}

#[tokio::test]
async fn an_approval_of_the_new_owner_is_void() {
    let mut room = permitted_less().await;
    room.as_says(ROOT, "handover alice --to bob")
        .await
        .is("done", &[])
        .has("bob's approval of unsubscribe no longer counts, as bob owns it now");
    let history = room.as_says("vera viewer", "change 1").await;
    history
        .has("root: bob's approval of unsubscribe does not count any more: bob owns it now")
        .lacks("may not approve any more");
    assert!(
        room.transcript()
            .contains("does not count any more: bob owns it now, by root."),
        "{}",
        room.transcript()
    );
    room.as_says("bob approver", "revoke 1")
        .await
        .is("blocked", &[]);
    room.as_says("bob requester", "next 1")
        .await
        .is("needs_approval", &[])
        .has("carol");
}

/// As [`opened`], approved by bob and carol.
async fn permitted_less() -> Room {
    let mut room = opened().await;
    room.as_says("carol approver", "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room
}

#[tokio::test]
async fn a_permit_is_withdrawn_and_never_moved() {
    let mut room = permitted().await;
    room.as_says(ROOT, "handover alice")
        .await
        .has("holds the permit for unsubscribe until");
    room.as_says(ROOT, "handover alice --to dave --yes-really")
        .await
        .is("done", &[])
        .has("the permit for unsubscribe is withdrawn");
    // Nobody has a permit then, so nobody is sent to alice for it.
    room.as_says("carol approver", "approve 1 --seen downgrade")
        .await
        .is("done", &[])
        .has("the permit for `unsubscribe` was withdrawn, and nobody has said whether it happened. dave says so (`confirm 1 unsubscribe`), or asks for approval again (`next 1`).")
        .lacks("alice")
        .lacks("lapsed");
    room.as_says("vera viewer", "instance show orders")
        .await
        .has("the permit for `unsubscribe` was withdrawn and nobody has said whether it happened");
    // Whatever alice did with it is not known: it is asked of dave, and nobody continues without fresh approvals.
    let next = room.as_says("dave requester", "next 1").await;
    assert_eq!(next.outcome, "needs_approval", "{}", next.text);
    room.as_says("dave requester", "todo --mine")
        .await
        .has("alice's permit for `unsubscribe` was withdrawn (#1");
    room.as_says("dave requester", "confirm 1 unsubscribe")
        .await
        .is("done", &[]);
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_of_the_new_owner() {
    let mut room = permitted().await;
    room.passes("31m").await;
    room.as_says(ROOT, "handover alice")
        .await
        .has("has to report the outcome: unsubscribe");
    room.as_says(ROOT, "handover alice --to dave --yes-really")
        .await
        .is("done", &[]);
    room.as_says("carol approver", "approve 1")
        .await
        .has("Ask dave how it went")
        .lacks("alice");
    room.passes("1m").await;
    room.as_says("dave requester", "todo --mine")
        .await
        .has("orders");
    room.as_says("alice requester", "todo --mine")
        .await
        .lacks("orders");
    room.as_says("dave requester", "confirm 1 unsubscribe")
        .await
        .is("done", &[]);
}

/// A doubt does not begin again because who is asked has left: the new owner is told, and the alerts go on.
#[rstest]
#[case::lapsed("31m", "todo")]
#[case::withdrawn("5m", "instance set orders --max-tps 4000")]
#[tokio::test]
async fn a_doubt_does_not_begin_again_with_a_new_owner(#[case] span: &str, #[case] line: &str) {
    let mut room = permitted().await;
    room.passes(span).await;
    room.as_says("alice requester", line).await;
    room.passes("49h").await;
    let before = room.transcript().len();
    room.as_says(ROOT, "handover alice --to dave --yes-really")
        .await
        .is("done", &[]);
    room.passes("23h").await;
    let said = room.transcript()[before..].to_owned();
    assert!(said.contains("dave takes over"), "{said}");
    // Neither the holder after half an hour nor the channel after two hours, but the alert of that day.
    let asked: Vec<&str> = said.lines().filter(|line| line.starts_with("» ")).collect();
    let asked: Vec<&&str> = asked
        .iter()
        .filter(|line| line.contains("reminder") || line.contains("alert"))
        .collect();
    assert!(asked.len() <= 2, "{said}");
    assert!(
        asked.iter().all(|line| line.contains("@role:approver")),
        "{said}"
    );
    let before = room.transcript().len();
    room.passes("3d").await;
    let said = room.transcript()[before..].to_owned();
    assert!(said.matches("@role:approver").count() >= 3, "{said}");
}

#[tokio::test]
async fn what_somebody_confirmed_is_asked_of_the_new_owner() {
    let mut room = permitted().await;
    room.as_says("alice requester", "confirm 1 unsubscribe")
        .await
        .is("done", &[]);
    room.as_says(ROOT, "handover alice --to dave --yes-really")
        .await
        .is("done", &[]);
    room.passes("1m").await;
    room.as_says("dave requester", "todo --mine")
        .await
        .has("orders");
    room.as_says("alice requester", "todo --mine")
        .await
        .lacks("orders");
}

/// Of somebody else's change the leaver's word goes, and the owner stays.
#[tokio::test]
async fn approvals_of_other_changes_are_void() {
    let mut room = permitted_less().await;
    room.as_says(ROOT, "handover carol")
        .await
        .has("#1 of cn-hangzhou/orders: approved unsubscribe; looked at the action");
    room.as_says(ROOT, "handover carol --to dave --yes-really")
        .await
        .is("done", &[])
        .has("the approval of unsubscribe no longer counts")
        .lacks("dave's now");
    room.as_says("vera viewer", "change 1")
        .await
        .has("root: carol's approval of unsubscribe does not count any more: carol has left")
        .lacks("may not approve any more");
    room.as_says("alice requester", "next 1")
        .await
        .is("needs_approval", &[]);
    // Dave owns nothing of it, and approves it.
    room.as_says("dave approver", "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    let permit = room.as_says("alice requester", "next 1").await;
    assert_eq!(permit.outcome, "allowed", "{}", permit.text);
}

/// A permit that somebody else holds rests on the approvals and looks of others too.
#[rstest]
#[case::who_approved("bob", true)]
#[case::who_approved_as_the_second("carol", true)]
#[case::who_only_looked("oscar", true)]
#[case::who_only_read("vera", false)]
#[tokio::test]
async fn a_permit_that_rests_on_the_leavers_word_is_withdrawn(
    #[case] leaver: &str,
    #[case] rests: bool,
) {
    let mut room = opened().await;
    for (who, line) in [
        ("oscar approver", "action orders downgrade"),
        ("vera viewer", "check unsubscribe orders"),
        ("carol approver", "approve 1 --seen downgrade"),
    ] {
        room.as_says(who, line).await;
    }
    let permit = room.as_says("alice requester", "next 1").await;
    assert_eq!(permit.outcome, "allowed", "{}", permit.text);
    let listed = room.as_says(ROOT, &format!("handover {leaver}")).await;
    let says = "alice's permit for unsubscribe rests on that";
    assert_eq!(listed.text.contains(says), rests, "{}", listed.text);
    let handed = room
        .as_says(ROOT, &format!("handover {leaver} --to erin --yes-really"))
        .await;
    let says = "the permit for unsubscribe is withdrawn";
    assert_eq!(handed.text.contains(says), rests, "{}", handed.text);
    room.passes("1m").await;
    let waits = room.as_says("alice requester", "todo --mine").await;
    let says = "alice's permit for `unsubscribe` was withdrawn";
    assert_eq!(waits.text.contains(says), rests, "{}", waits.text);
    if rests {
        assert!(
            room.transcript()
                .contains("somebody has left who had approved it or looked for it"),
            "{}",
            room.transcript()
        );
        room.as_says("alice requester", "next 1")
            .await
            .is("needs_approval", &[]);
    }
}

/// The one who saw Downgrade last has left: it is known by who saw it before, or by nobody. A Delete stays, since it warns.
#[rstest]
#[case::alone(&[("alice", "downgrade")], "unknown", "not looked at by anybody else")]
#[case::as_the_last(&[("bob", "downgrade"), ("alice", "downgrade")], "Downgrade", "attested by bob")]
#[case::as_the_first(&[("alice", "downgrade"), ("bob", "downgrade")], "Downgrade", "attested by bob")]
#[case::after_another_value(&[("bob", "delete"), ("alice", "downgrade")], "unknown", "not looked at by anybody else")]
#[case::what_warns(&[("alice", "delete")], "Delete", "attested by alice")]
#[tokio::test]
async fn what_only_the_leaver_saw_is_not_known(
    #[case] looks: &[(&str, &str)],
    #[case] action: &str,
    #[case] by: &str,
) {
    let mut room = Room::of_team().await;
    room.add_platinum("").await;
    for (who, seen) in looks {
        let who = format!("{who} requester");
        room.as_says(&who, &format!("action orders {seen}"))
            .await
            .is("done", &[]);
        room.advance("1h");
    }
    // What is older than a day still counts for waiting, and for keeping silent.
    room.advance("3d");
    room.as_says(ROOT, "handover alice --to dave --yes-really")
        .await;
    let shown = room.as_says("vera viewer", "instance show orders").await;
    let line = shown
        .text
        .lines()
        .find(|line| line.contains("Post-expiration Action"));
    let line = line.unwrap_or_default();
    assert!(line.contains(action) && line.contains(by), "{}", shown.text);
}

/// That an observer leaves concludes nothing of an expiry that has passed: the change waits for Standard as before.
#[rstest]
#[case::seen_before_it("38d", "10d")]
#[case::seen_after_it("41d", "7d")]
#[tokio::test]
async fn an_expiry_that_has_passed_stays_as_it_was(#[case] seen: &str, #[case] then: &str) {
    let mut room = Room::of_team().await;
    let alice = "alice requester,approver";
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-02-09 --action delete --auto-renew off"
    );
    room.as_says(alice, &line).await.is("done", &[]);
    room.as_says("rita requester", "downgrade orders --by expiry")
        .await
        .is("allowed", &[]);
    room.passes(seen).await;
    room.as_says(alice, "action orders downgrade").await;
    room.passes(then).await;
    room.as_says(ROOT, "handover alice --to dave --yes-really")
        .await
        .is("done", &[]);
    room.passes("1d").await;
    room.as_says("vera viewer", "change 1")
        .await
        .has("verify-standard")
        .lacks("presumed deleted");
}

/// A look counts for a day, also for a change that is opened later.
#[tokio::test]
async fn a_look_without_a_change_counts_no_more() {
    let mut room = Room::of_team().await;
    room.add_platinum("").await;
    room.as_says("carol requester", "action orders downgrade")
        .await;
    room.as_says(ROOT, "handover carol")
        .await
        .has("cn-hangzhou/orders: looked at the action");
    room.as_says(ROOT, "handover carol --to dave --yes-really")
        .await
        .is("done", &[])
        .has("the look no longer counts");
    room.as_says(ROOT, "handover carol")
        .await
        .has("Nothing waits for carol");
}

#[tokio::test]
async fn what_replaced_approvals_is_void() {
    let mut room = Room::of_team().await;
    room.add_standard("").await;
    room.as_says("alice requester", "upgrade orders").await;
    room.as_says(
        "gina admin",
        "break-glass 1 --reason the shop is down --ticket T-1",
    )
    .await
    .is("done", &[]);
    room.as_says(ROOT, "handover gina")
        .await
        .has("overrode missing approvals of upgrade")
        .lacks("approved upgrade");
    let before = room.transcript().len();
    room.as_says(ROOT, "handover gina --to dave --yes-really")
        .await
        .is("done", &[])
        .has("the emergency override of upgrade no longer counts");
    let said = room.transcript()[before..].to_owned();
    assert!(!said.contains("gina's approval"), "{said}");
    assert!(
        said.contains("gina's emergency override for `upgrade` of")
            && said.contains("gina has left"),
        "{said}"
    );
    room.as_says("alice requester", "next 1")
        .await
        .is("needs_approval", &[]);
}

#[tokio::test]
async fn people_who_are_not_meant_are_told_apart() {
    let mut room = opened().await;
    let lines = [
        ("handover alicia", "Did you mean `alice`?"),
        ("handover zzz", "Nobody is known as `zzz` here"),
        (
            "handover alice --to alice",
            "alice leaves and would take it over",
        ),
        ("handover", "needs `<person>`"),
        (
            "handover alice --reason gone",
            "only understood together with `--to PERSON`",
        ),
    ];
    for (line, words) in lines {
        room.as_says(ROOT, line).await.is("invalid", &[]).has(words);
    }
    for (to, near) in [
        (
            "bobb",
            "so far (did you mean `bob`?). Nothing was handed over.",
        ),
        ("nobody-yet", "so far. Nothing was handed over."),
        ("12", "`12` has done anything here"),
    ] {
        room.as_says(ROOT, &format!("handover alice --to {to}"))
            .await
            .is("invalid", &[])
            .has(near)
            .has("repeat it with `--yes-really`");
    }
    room.says("alice", "change 1").await.lacks("bobb");
    room.as_says(ROOT, "handover bob --to nobody-yet --yes-really")
        .await
        .is("done", &[]);
    room.as_says(ROOT, "handover root --to dave --yes-really")
        .await
        .is("already_done", &[])
        .has("Nothing waits for root");
}

/// Of another workspace nothing is listed or moved; and more than fits one batch is moved whole.
#[tokio::test]
async fn many_are_handed_over_in_batches_and_no_other_workspaces() {
    let mut room = Room::of_team().await;
    let add = |n: u32| {
        format!(
            "instance add MQ_INST_1080056302921134_x{n:03} --name of-{n:03} --region cn-hangzhou --edition standard"
        )
    };
    let other =
        format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition standard");
    room.says_in("w2", "alice", &other).await;
    room.says_in("w2", "alice", "upgrade orders").await;
    for n in 0..43 {
        room.says("alice", &add(n)).await;
        room.says("alice", &format!("upgrade of-{n:03}")).await;
    }
    room.says("root", "handover alice --to dave --yes-really")
        .await
        .is("done", &[])
        .has("43 changes of alice's are dave's now")
        .lacks("orders");
    room.says("root", "handover alice")
        .await
        .has("Nothing waits for alice");
    room.says_in("w2", "root", "handover alice")
        .await
        .has("#1 of cn-hangzhou/orders: opened it");
    let mut tx = room.store.read(&"local".into()).await.unwrap();
    let by = AuditFilter {
        by: Some("root".to_owned()),
        ..AuditFilter::default()
    };
    let page = tx.list_audit(&by, 1).await.unwrap();
    assert_eq!(page.rows.len(), 43);
}

/// An approver who takes a change over approves it no more: who may give the missing approval is called.
#[tokio::test]
async fn a_lost_approval_is_asked_for() {
    let mut room = opened().await;
    room.as_says("carol approver", "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    let before = room.transcript().len();
    room.as_says(ROOT, "handover alice --to bob")
        .await
        .is("done", &[]);
    room.passes("1m").await;
    let said = &room.transcript()[before..];
    let mut posts = said.lines().filter(|line| line.starts_with("» "));
    assert!(posts.any(|head| head.contains("@role:approver")), "{said}");
}

/// Somebody who has left sees to nothing, so what they acknowledged calls people again.
#[rstest]
#[case::who_stays(false)]
#[case::who_leaves(true)]
#[tokio::test]
async fn an_acknowledgement_ends_with_the_one_who_gave_it(#[case] leaves: bool) {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --team payments"
    );
    room.as_says("alice requester team:payments", &line)
        .await
        .is("done", &[]);
    room.passes("2d").await;
    room.as_says("alice requester team:payments", "ack orders")
        .await
        .is("done", &[]);
    room.as_says("vera viewer", "handover alice")
        .await
        .has("orders: ")
        .has("knows of it, so its reminders mention nobody");
    if leaves {
        room.as_says(ROOT, "handover alice --to dave --yes-really --reason left")
            .await
            .is("done", &[])
            .has("its reminders mention people again");
        room.as_says("vera viewer", "handover alice")
            .await
            .has("Nothing waits for alice");
    }
    let before = room.transcript().len();
    room.passes("6d").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("· reminder"), "{said}");
    assert_eq!(said.contains("· reminder · @"), leaves, "{said}");
}

/// What one of two people has said of a wording ends with them too.
#[tokio::test]
async fn a_first_word_on_a_wording_counts_no_more() {
    let mut room = Room::of_team().await;
    room.add_platinum("--action downgrade").await;
    let notice = format!(
        "notice RocketMQ news: the release of instance {ORDERS} (orders) is planned for 2026-03-08. Log in to renew it."
    );
    room.as_says("alice requester", &notice).await;
    room.as_says("bob approver", "wording 1 release")
        .await
        .is("needs_approval", &[]);
    room.as_says("vera viewer", "wording 1")
        .await
        .is("info", &[])
        .has("bob has said that it is a release notice.");
    room.as_says("vera viewer", "handover bob")
        .await
        .has("wording 1 of notice 1: said that it is a release notice");
    room.as_says(ROOT, "handover bob --to dan --yes-really")
        .await
        .is("done", &[])
        .has("wording 1 of notice 1: the word no longer counts");
    room.as_says("carol approver", "wording 1 release")
        .await
        .is("needs_approval", &[]);
    room.as_says("vera viewer", "handover bob")
        .await
        .has("Nothing waits for bob");
}

/// The first word of Standard of somebody who has left is no first word any more: a second person is still needed.
#[tokio::test]
async fn a_word_of_standard_counts_no_more() {
    let mut room = Room::of_team().await;
    room.add_platinum("--action delete").await;
    room.as_says("alice requester", "instance set orders --edition standard")
        .await
        .has("one person's word of Standard proves nothing");
    room.as_says(ROOT, "handover alice")
        .await
        .has("said that it is Standard");
    room.as_says(ROOT, "handover alice --to dave --yes-really")
        .await
        .is("done", &[])
        .has("the word of Standard no longer counts");
    room.as_says("dave requester", "instance set orders --edition standard")
        .await
        .has("one person's word of Standard proves nothing");
    room.as_says("erin requester", "instance set orders --edition standard")
        .await
        .has("is now Standard (contradictory before)");
}
