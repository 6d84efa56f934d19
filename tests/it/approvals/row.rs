//! The permit names the row that the approvals were given for.

use edition_warden::app::{Actor, LOCAL_WORKSPACE};
use edition_warden::domain::id::Person;
use rstest::rstest;

use crate::harness::{ORDERS, Room};

const BILLING: &str = "MQ_INST_1080056302921134_BYdkf3Qa";
const STOCK: &str = "MQ_INST_1080056302921134_CZxLcPO1";
const OTHER_ACCOUNT: &str = "MQ_INST_2080056302921134_DZwKdNP9";
const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const EVE: &str = "eve viewer";

/// A downgrade of `orders` by unsubscribing that two people approve, of an instance with these options.
async fn approved(options: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --action downgrade --team payments {options}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(
        ALICE,
        "downgrade orders --by unsubscribe --ack fits-standard",
    )
    .await
    .is("needs_approval", &[]);
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1 --seen downgrade")
            .await
            .is("done", &[]);
    }
    room
}

const KNOWN: &str = "--commodity-id ons-cn-1aa2bb3cc44 --max-tps 3000";

/// Any difference of a value that is shown voids what was given on it, from unknown to known too.
#[rstest]
#[case::commodity_id(
    KNOWN,
    "--commodity-id ons-cn-5dd6ee7ff88",
    "commodity id moved from ons-cn-1aa2bb3cc44 to ons-cn-5dd6ee7ff88"
)]
#[case::commodity_id_unsaid(
    KNOWN,
    "--commodity-id unknown",
    "commodity id is not known any more (ons-cn-1aa2bb3cc44 before)"
)]
#[case::commodity_id_found(
    "",
    "--commodity-id ons-cn-5dd6ee7ff88",
    "commodity id is now ons-cn-5dd6ee7ff88 (unknown before)"
)]
#[case::name(KNOWN, "--name orders-eu", "name moved from orders to orders-eu")]
#[case::region(
    KNOWN,
    "--region cn-beijing",
    "region moved from cn-hangzhou to cn-beijing"
)]
#[case::size(
    KNOWN,
    "--max-tps 4000",
    "size (max TPS) moved from 3,000 TPS to 4,000 TPS"
)]
#[case::size_found(
    "",
    "--max-tps 4000",
    "size (max TPS) is now 4,000 TPS (unknown before)"
)]
#[case::size_unsaid(
    KNOWN,
    "--max-tps unknown",
    "size (max TPS) is not known any more (3,000 TPS before)"
)]
#[case::expiry(
    KNOWN,
    "--expires 2026-03-02 --action downgrade",
    "expiry moved from 2026-03-01"
)]
#[case::auto_renewal(
    KNOWN,
    "--auto-renew unknown",
    "auto-renewal is not known any more (off before)"
)]
#[tokio::test]
async fn a_value_of_the_row_that_moves_voids_the_approvals_and_renews_the_request(
    #[case] options: &str,
    #[case] said: &str,
    #[case] moved: &str,
) {
    let mut room = approved(options).await;
    let line = format!("instance set {ORDERS} {said}");
    room.as_says(ALICE, &line).await.is("done", &[]);
    let told = room.transcript();
    assert!(told.contains("by bob and carol is void: "), "{told}");
    assert!(
        told.contains(&format!("Approval asked again, because {moved}")),
        "{told}"
    );
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[])
        .has("2 needed, nobody has");
}

/// A size beyond Standard's that was accepted, shown and approved says nothing of another one.
#[rstest]
#[case::larger("--max-tps 6200", "9000", "moved from 6,200 TPS to 9,000 TPS")]
#[case::a_little_larger("--max-tps 6200", "6201", "moved from 6,200 TPS to 6,201 TPS")]
#[case::beyond_standard("--max-tps 3000", "9000", "moved from 3,000 TPS to 9,000 TPS")]
#[case::found("", "9000", "is now 9,000 TPS (unknown before)")]
#[tokio::test]
async fn a_larger_size_before_the_permit_voids_the_approvals(
    #[case] options: &str,
    #[case] size: &str,
    #[case] moved: &str,
) {
    let mut room = approved(options).await;
    let line = format!("instance set {ORDERS} --max-tps {size}");
    room.as_says(ALICE, &line).await.is("done", &[]);
    let told = room.transcript();
    assert!(told.contains("by bob and carol is void: "), "{told}");
    assert!(told.contains(moved), "{told}");
    // Neither with what was accepted before nor with what is accepted now.
    room.as_says(ALICE, "next 1")
        .await
        .is("blocked", &["fits-standard"]);
    room.as_says(ALICE, "next 1 --ack fits-standard")
        .await
        .is("needs_approval", &[])
        .has("2 needed, nobody has");
}

/// A row that is called so too, or alike, appears after the request: nobody who approved has seen that the ids are to be compared.
#[rstest]
#[case::another_case(STOCK, "Orders", "cn-hangzhou", "orders")]
#[case::the_same(STOCK, "orders", "cn-hangzhou", "orders")]
#[case::another_width(STOCK, "ｏrders", "cn-hangzhou", "orders")]
#[case::letters_that_look_alike(STOCK, "оrders", "cn-hangzhou", "orders")]
#[case::another_account(OTHER_ACCOUNT, "orders", "cn-hangzhou", "orders@1080056302921134")]
// Refunds are one list of the account, whatever the region.
#[case::another_region(STOCK, "orders", "cn-beijing", "orders")]
#[case::another_case_and_region(STOCK, "Orders", "cn-beijing", "orders")]
#[tokio::test]
async fn another_row_with_its_name_voids_the_approvals(
    #[case] id: &str,
    #[case] listed: &str,
    #[case] region: &str,
    #[case] handle: &str,
) {
    let mut room = approved(KNOWN).await;
    let file = format!("id,name,region,edition\n{id},{listed},{region},standard\n");
    room.imports("", &file).await.has("1 new");
    let row = "instance      orders; another row is called so, or alike: compare the ids";
    room.as_says(ALICE, &format!("next cn-hangzhou/{handle}"))
        .await
        .is("needs_approval", &[])
        .has("2 needed, nobody has");
    let told = room.transcript();
    assert!(told.contains("by bob and carol is void: "), "{told}");
    let again = "asked again, because its name is now that of another row too, or like it";
    assert!(told.contains(again), "{told}");
    assert!(told.contains(row), "{told}");
    // What they see now counts.
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1").await.is("done", &[]);
    }
    room.as_says(ALICE, "next 1")
        .await
        .is("allowed", &[])
        .has(row);
}

/// A name of its own, or the same one in another region of another account, is no other row.
#[rstest]
#[case(STOCK, "orders-eu", "cn-hangzhou")]
#[case(OTHER_ACCOUNT, "orders", "cn-beijing")]
#[case(STOCK, "orders~", "cn-hangzhou")]
#[tokio::test]
async fn another_row_with_a_name_of_its_own_voids_nothing(
    #[case] id: &str,
    #[case] listed: &str,
    #[case] region: &str,
) {
    let mut room = approved(KNOWN).await;
    let file = format!("id,name,region,edition\n{id},{listed},{region},standard\n");
    room.imports("", &file).await.has("1 new");
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
}

/// An approver who answers what was asked before is told of the request that is asked now.
#[tokio::test]
async fn an_approval_of_what_was_asked_before_another_row_came_counts_for_nothing() {
    let mut room = approved(KNOWN).await;
    let file = format!("id,name,region,edition\n{STOCK},Orders,cn-hangzhou,standard\n");
    room.imports("", &file).await;
    room.as_says("dave approver team:payments", "approve 1 --request 1")
        .await
        .is("blocked", &[]);
    room.as_says("dave approver team:payments", "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[])
        .has("2 needed, so far dave");
}

/// What nobody is shown moves without anybody having to approve again.
#[rstest]
#[case("--topics 12 --groups 3")]
#[case("--busy off")]
#[case("--channel elsewhere")]
#[case("--commodity-id ons-cn-1aa2bb3cc44 --max-tps 3000 --name orders")]
#[tokio::test]
async fn what_is_not_shown_voids_nothing(#[case] said: &str) {
    let mut room = approved(KNOWN).await;
    let line = format!("instance set orders {said}");
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
}

/// The request and the permit show the same lines.
#[rstest]
#[case::known(KNOWN)]
#[case::unknown("")]
#[case::accepted("--max-tps 6200")]
#[tokio::test]
async fn the_request_shows_the_row_as_the_permit_does(#[case] options: &str) {
    let mut room = approved(options).await;
    let asked = room.transcript().to_owned();
    let permit = room
        .as_says(ALICE, "next 1")
        .await
        .is("allowed", &[])
        .text
        .clone();
    let row = |text: &str| {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| {
            [
                "instance ",
                "instance id",
                "commodity id",
                "region",
                "size",
                "on Standard",
            ]
            .iter()
            .any(|label| line.starts_with(label) && line.contains("  "))
        });
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let shown = row(&permit);
    assert_eq!(shown.len(), 6, "{permit}");
    let request = asked.split("Approval asked: ").nth(1).unwrap();
    let request = request.split("After your look").next().unwrap();
    assert_eq!(row(request), shown);
    if options.contains("6200") {
        assert!(
            permit.contains("6,200 TPS, accepted by alice at 6,200 TPS"),
            "{permit}"
        );
    }
}

#[tokio::test]
async fn accepting_the_size_later_renews_the_request() {
    let mut room = approved("--max-tps 3000").await;
    room.as_says(ALICE, "instance set orders --max-tps 8000")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("blocked", &["fits-standard"]);
    room.as_says(ALICE, "next 1 --ack fits-standard")
        .await
        .is("needs_approval", &[]);
    let told = room.transcript();
    assert!(
        told.contains("acceptance of the size is now alice at 8000 TPS"),
        "{told}"
    );
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1").await.is("done", &[]);
    }
    room.as_says(ALICE, "next 1")
        .await
        .is("allowed", &[])
        .has("8,000 TPS, accepted by alice at 8,000 TPS");
}

/// Waiting has no permit, so no row either: it keeps to the four facts.
#[tokio::test]
async fn waiting_for_the_expiry_is_approved_on_four_facts() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(
        ALICE,
        "instance set orders --commodity-id ons-cn-5dd6ee7ff88 --max-tps 100 --name orders-eu",
    )
    .await
    .is("done", &[]);
    room.as_says(EVE, "change 1").await.has("1/1 (bob)");
    room.as_says(
        ALICE,
        "instance set orders-eu --expires 2026-03-02 --action downgrade",
    )
    .await
    .is("done", &[]);
    room.as_says(EVE, "change 1").await.has("0/1");
}

#[tokio::test]
async fn a_commodity_id_belongs_to_one_instance() {
    let mut room = approved(KNOWN).await;
    let taken = format!(
        "instance add {BILLING} --name billing --region cn-hangzhou --edition platinum --commodity-id ons-cn-1aa2bb3cc44"
    );
    room.as_says(ALICE, &taken)
        .await
        .is("invalid", &[])
        .has("belongs to cn-hangzhou/orders")
        .has("--commodity-id unknown");
    let other = taken.replace("1aa2bb3cc44", "5dd6ee7ff88");
    room.as_says(ALICE, &other).await.is("done", &[]);
    room.as_says(
        ALICE,
        "instance set billing --commodity-id ons-cn-1aa2bb3cc44",
    )
    .await
    .is("invalid", &[])
    .has("belongs to cn-hangzhou/orders");
    // Its own is no other's, and one that nobody follows any more has none.
    room.as_says(
        ALICE,
        "instance set billing --commodity-id ons-cn-5dd6ee7ff88",
    )
    .await
    .is("done", &[]);
    room.as_says("root admin", "instance remove billing --reason gone")
        .await
        .is("done", &[]);
    room.as_says(
        ALICE,
        "instance set orders --commodity-id ons-cn-5dd6ee7ff88",
    )
    .await
    .is("done", &[]);
}

#[tokio::test]
async fn a_file_that_gives_one_commodity_id_to_two_disputes_both() {
    let mut room = approved(KNOWN).await;
    let file = format!(
        "id,name,region,edition,commodity_id\n{BILLING},billing,cn-hangzhou,platinum,ons-cn-1aa2bb3cc44\n"
    );
    let imported = room.imports("", &file).await;
    imported
        .is("done", &[])
        .has("! ons-cn-1aa2bb3cc44 is claimed by ")
        .has("billing")
        .has("orders");
    room.as_says(ALICE, "next 1")
        .await
        .is("inconclusive", &["refund-limits"])
        .has("another tracked instance claims its commodity id too");
    room.as_says(ALICE, "instance show ons-cn-1aa2bb3cc44")
        .await
        .is("invalid", &[])
        .has("cn-hangzhou/billing")
        .has("cn-hangzhou/orders");
    room.as_says(
        ALICE,
        "instance set orders --commodity-id ons-cn-1aa2bb3cc44",
    )
    .await
    .is("invalid", &[]);
    // The same file again disputes nothing more, and settles nothing either.
    room.imports("", &file).await;
    room.as_says(ALICE, "instance set billing --commodity-id unknown")
        .await
        .is("done", &[]);
    room.as_says(
        ALICE,
        "instance set orders --commodity-id ons-cn-1aa2bb3cc44",
    )
    .await
    .is("done", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[])
        .has("nobody has");
}

/// With one claimant left, the commodity id is what it was before the dispute, however the other one ended its claim.
#[rstest::rstest]
#[case::said_unknown("instance set stock --commodity-id unknown")]
#[case::another("instance set stock --commodity-id ons-cn-9zz9zz9zz9")]
#[case::removed("instance remove stock --reason gone")]
#[case::lost("instance lost stock --reason gone")]
#[tokio::test]
async fn a_dispute_ends_with_the_claim_of_the_other(#[case] ends: &str) {
    let mut room = Room::of_team().await;
    let admin = "alice requester,admin";
    room.as_says(admin, &format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --commodity-id ons-cn-0pp1abc2d34")).await.is("done", &[]);
    room.as_says(admin, &format!("instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-03-01")).await.is("done", &[]);
    let file = format!(
        "id,name,region,edition,expires,commodity_id\n{STOCK},stock,cn-hangzhou,platinum,2026-03-01,ons-cn-0pp1abc2d34\n"
    );
    room.advance("1h");
    room.imports("", &file).await;
    room.as_says(admin, "instance show orders")
        .await
        .has("stock claims too");
    room.advance("1h");
    room.as_says(admin, ends).await.is("done", &[]);
    let shown = room
        .as_says(admin, "instance show orders")
        .await
        .text
        .clone();
    let words: Vec<&str> = shown.split_whitespace().collect();
    let words = words.join(" ");
    assert!(
        words.contains("commodity id ons-cn-0pp1abc2d34 attested by alice"),
        "{shown}"
    );
}

/// Who is told of the dispute reads which other instance it is.
#[tokio::test]
async fn a_post_about_a_disputed_commodity_id_names_the_other_instance() {
    let mut room = Room::of_team().await;
    let row = |id: &str, name: &str| {
        format!("{id},{name},cn-hangzhou,platinum,2026-06-01,ons-cn-1aa2bb3cc44\n")
    };
    let file = format!(
        "id,name,region,edition,expires,commodity_id\n{}{}",
        row(ORDERS, "orders"),
        row(BILLING, "billing")
    );
    room.imports("", &file).await.is("done", &[]);
    room.passes("1d").await;
    let told = room.transcript().to_owned();
    let posts: Vec<&str> = told.split("\n» ").skip(1).collect();
    for (name, other) in [("orders", "billing"), ("billing", "orders")] {
        let claims = format!("which cn-hangzhou/{other} claims too");
        assert!(posts.iter().any(|post| post.contains(&claims)), "{told}");
        for line in ["todo", &format!("instance show {name}")] {
            room.as_says(ALICE, line).await.has(&claims);
        }
    }
    assert!(!told.contains("another tracked instance claims"), "{told}");
}

#[tokio::test]
async fn two_rows_of_one_file_with_one_commodity_id_dispute_it_too() {
    let mut room = Room::of_team().await;
    let file = format!(
        "id,name,region,edition,commodity_id\n{ORDERS},orders,cn-hangzhou,platinum,ons-cn-1aa2bb3cc44\n{BILLING},billing,cn-hangzhou,platinum,ons-cn-1aa2bb3cc44\n"
    );
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("! ons-cn-1aa2bb3cc44 is claimed by ");
    for name in ["orders", "billing"] {
        room.as_says(ALICE, &format!("check unsubscribe {name}"))
            .await
            .has("refund-limits: another tracked instance claims its commodity id too");
    }
}

/// The name that a machine gives anyone who is at its console makes nobody a second person.
#[tokio::test]
async fn all_names_at_one_console_are_one_person() {
    let mut room = Room::on(crate::harness::new_store().await);
    let at_console = |name: &str| Actor {
        workspace: LOCAL_WORKSPACE.into(),
        ..Actor::local(name)
    };
    assert_eq!(at_console("bob").person.id, at_console("carol").person.id);
    assert_ne!(at_console("bob").person.id, Person::named("bob").id);
    for line in [
        "settings approvals unsubscribe 1".to_owned(),
        "settings observers 2".to_owned(),
        format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --action downgrade"
        ),
    ] {
        room.says_as(&at_console("alice"), &line)
            .await
            .is("done", &[]);
    }
    room.says_as(&at_console("alice"), "downgrade orders --by unsubscribe")
        .await
        .is("needs_approval", &[]);
    let approves = "approve 1 --seen downgrade";
    room.says_as(&at_console("bob"), approves)
        .await
        .is("denied", &[]);
    room.says_as(&at_console("bob"), "action orders downgrade")
        .await
        .is("done", &[]);
    room.says_as(&at_console("carol"), "next 1")
        .await
        .is("needs_approval", &[])
        .has("observers: 2 needed");
    // What would be refused is not proposed.
    room.says_as(&at_console("carol"), "todo")
        .await
        .lacks("approve")
        .has("carol, by 2026-01-04")
        .has("`next 1`");
}

#[tokio::test]
async fn the_team_that_an_instance_leaves_is_told() {
    let mut room = approved(KNOWN).await;
    room.as_says(ALICE, "instance set orders --team none")
        .await
        .is("done", &[]);
    let told = room.transcript();
    assert!(told.contains("@team:payments\n"), "{told}");
    assert!(
        told.contains("does not belong to payments any more, it belongs to no team, by alice."),
        "{told}"
    );
}

/// Anyone who held the permit for what cannot be undone owned the change; so did who had it go on after its end.
#[tokio::test]
async fn nobody_who_ever_owned_a_change_approves_it() {
    let mut room = approved(KNOWN).await;
    room.as_says("dave requester,approver", "next 1")
        .await
        .is("allowed", &[]);
    room.passes("31m").await;
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
    room.as_says("dave requester,approver", "approve 1 --seen downgrade")
        .await
        .is("denied", &[])
        .has("nobody approves a change that is or was their own")
        .has("`action cn-hangzhou/orders <downgrade|delete>` records that");
    room.as_says(ALICE, "cancel 1 --reason later")
        .await
        .is("done", &[]);
}

/// Standard Edition has no action to look at, so nobody is told to say it.
#[tokio::test]
async fn who_approves_their_own_upgrade_is_not_sent_to_an_action() {
    let mut room = Room::of_team().await;
    let line =
        format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition standard");
    room.as_says("dave requester,approver,admin", &line)
        .await
        .is("done", &[]);
    room.as_says("dave requester,approver", "upgrade orders")
        .await
        .is("needs_approval", &[]);
    room.as_says("dave requester,approver", "approve 1")
        .await
        .is("denied", &[])
        .has("Somebody else can: `approve 1`.")
        .lacks("action cn-hangzhou/orders");
}

#[tokio::test]
async fn check_and_why_say_that_they_are_no_permit_and_what_is_missing() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --action downgrade --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(EVE, "check unsubscribe orders")
        .await
        .is("allowed", &[])
        .has("This is no permit. Missing: an open change (`downgrade cn-hangzhou/orders --by unsubscribe` opens it); 2 approvals, one from the team payments (nobody has); 2 observers who looked at the action (so far alice (just now)).");
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.as_says(BOB, "approve 1 --seen downgrade").await;
    for line in ["check unsubscribe orders", "why 1"] {
        room.as_says(EVE, line)
            .await
            .has("This is no permit. Missing: 2 approvals, one from the team payments (so far bob); the permit itself (`next 1`).");
    }
}

/// A Delete that was seen long ago has lost nothing of what it means.
#[tokio::test]
async fn a_stale_delete_keeps_its_consequence() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("12d").await;
    room.as_says(ALICE, "check unsubscribe orders")
        .await
        .is("inconclusive", &["action-known"])
        .has("it was on Delete when last seen, 12 d ago: the exit would delete the instance");
}

#[tokio::test]
async fn an_exit_outside_with_delete_known_has_probably_deleted_it() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.as_says(ALICE, "confirm 1 unsubscribe --outside --reason by mistake")
        .await
        .is("done", &[])
        .has("it is probably gone. Look now; if it is, `instance lost cn-hangzhou/orders --reason TEXT`.");
    let told = room.transcript();
    assert_eq!(told.matches("it is probably gone").count(), 2, "{told}");
}

/// A time without a zone is read in the vendor's; who is shown another zone is told how.
#[tokio::test]
async fn a_time_without_a_zone_is_echoed_as_it_was_read() {
    let mut room = Room::of_team().await;
    let add = |zone: &str| {
        format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01{zone}"
        )
    };
    room.as_says("root admin", "settings zone America/New_York")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &add(""))
        .await
        .is("done", &[])
        .has("Read as 2026-03-01 00:00 UTC+8 (Asia/Shanghai): no zone was given.");
    room.as_says(ALICE, "instance set orders --expires 2026-03-02T00:00:00Z")
        .await
        .is("done", &[])
        .lacks("Read as");
    room.as_says("root admin", "settings zone Asia/Shanghai")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "instance set orders --expires 2026-03-03")
        .await
        .is("done", &[])
        .lacks("Read as");
}
