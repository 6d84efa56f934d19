//! Facts reported as unknown do not become proof by a detour.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester";
const BOB: &str = "bob requester";

async fn room(action: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01{action}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

/// Standard, said after the edition was said not to be known, or was missing from a listing, proves no more than said at
/// once: a second person has to say it.
#[rstest]
#[case::delete(" --action delete", false)]
#[case::action_unknown("", false)]
#[case::delete_and_missing(" --action delete", true)]
#[tokio::test]
async fn standard_by_way_of_unknown_is_one_word(#[case] action: &str, #[case] missing: bool) {
    let mut room = room(action).await;
    room.passes("1h").await;
    if missing {
        let other = "MQ_INST_1080056302921134_BYdkf3Qa,other,cn-hangzhou";
        let file = format!("id,name,region\n{other}\n");
        room.imports("--complete --region cn-hangzhou --accept-missing 1", &file)
            .await
            .is("done", &[]);
    } else {
        room.as_says(ALICE, "instance set orders --edition unknown")
            .await
            .is("done", &[]);
    }
    let standard = "instance set orders --edition standard";
    for _ in 0..2 {
        room.passes("1h").await;
        room.as_says(ALICE, standard).await;
        room.as_says(ALICE, "instance show orders")
            .await
            .has("contradictory")
            .has("expiry");
        room.as_says(ALICE, "todo").await.has("orders");
        room.as_says(ALICE, "instance set orders --edition unknown")
            .await;
    }
    room.as_says(ALICE, standard).await;
    room.as_says(BOB, standard).await.is("done", &[]);
    room.as_says(ALICE, "instance show orders")
        .await
        .has("Standard  attested by bob");
}

/// Also where the action was known to be Downgrade: without an exit, one person is not enough before the expiry.
#[tokio::test]
async fn a_known_downgrade_does_not_explain_it() {
    let mut room = room(" --action downgrade").await;
    room.as_says(ALICE, "instance set orders --edition unknown")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "instance show orders")
        .await
        .has("contradictory");
}

/// The reminders of an expiry that is not known any more stay, and nobody is told that nothing warns.
#[tokio::test]
async fn reminders_of_an_expiry_that_was_unsaid_are_spoken_of() {
    let mut room = room(" --action delete").await;
    room.passes("1h").await;
    room.as_says(ALICE, "instance set orders --expires unknown")
        .await
        .is("done", &[])
        .has("its reminders still go by 2026-03-01");
    room.passes("2d").await;
    let told = room.transcript().to_owned();
    assert!(told.contains("still go by 2026-03-01"), "{told}");
    assert!(!told.contains("nothing warns"), "{told}");
    room.as_says(ALICE, "instance set orders --expires 2026-04-01")
        .await
        .is("done", &[])
        .lacks("still go by");
}

/// Where the edition is not known, or is Platinum after all, the other facts are not missing because Standard has none.
#[rstest]
#[case::failed(&["upgrade orders", "next 1", "fail 1 --reason the console was slow"])]
#[case::cancelled(&["upgrade orders", "next 1", "cancel 1 --reason the console was slow"])]
#[case::said(&["instance set orders --edition unknown"])]
#[case::said_and_settled(&["instance set orders --edition unknown", "instance set orders --edition platinum"])]
#[tokio::test]
async fn only_of_standard_it_is_said_that_standard_has_none(#[case] lines: &[&str]) {
    const NONE: &str = "Standard Edition has none";
    let mut room = Room::open().await;
    room.add_standard("").await;
    room.says("alice", "instance show orders").await.has(NONE);
    for line in lines {
        room.advance("1m");
        room.says("alice", line).await;
    }
    room.says("alice", "instance show orders")
        .await
        .has("expiry")
        .lacks(NONE);
    room.says("alice", "todo").await.has("orders").lacks(NONE);
}

/// A file that contradicts Standard, and who settles that.
#[tokio::test]
async fn beside_a_contradiction_nothing_is_missing_because_standard_has_none() {
    const NONE: &str = "Standard Edition has none";
    let mut room = Room::open().await;
    room.add_standard("").await;
    room.advance("1h");
    let row = format!("id,edition\n{ORDERS},platinum\n");
    room.imports("", &row).await.lacks(NONE);
    room.says("alice", "instance show orders")
        .await
        .has("contradictory")
        .lacks(NONE);
    room.says("alice", "instance set orders --edition platinum")
        .await
        .is("done", &[])
        .lacks(NONE);
    room.says("alice", "instance show orders").await.lacks(NONE);
}

/// A look at Downgrade explains Standard only once the expiry has passed, and no more than none if it was too old by then.
#[rstest]
#[case::looked_at_within_a_week("6d", true)]
#[case::too_old("8d", true)]
#[case::too_old_at_the_expiry("60d", true)]
#[tokio::test]
async fn standard_after_an_old_look_is_one_word(#[case] later: &str, #[case] one_word: bool) {
    let mut room = room(" --action downgrade").await;
    room.passes(later).await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await;
    let shown = room.as_says(ALICE, "instance show orders").await;
    assert_eq!(
        shown.text.contains("contradictory"),
        one_word,
        "{}",
        shown.text
    );
}

/// A fact that is not known any more is noted, and open where the open change rests on it: its rule has to read it.
#[rstest]
#[case::commodity_id("--commodity-id ID", None, false)]
#[case::commodity_id_to_unsubscribe("--commodity-id ID", Some("unsubscribe"), true)]
#[case::commodity_id_to_let_it_expire("--commodity-id ID", Some("expiry"), false)]
#[case::size("--max-tps N", None, false)]
#[case::size_to_unsubscribe("--max-tps N", Some("unsubscribe"), true)]
#[case::size_to_let_it_expire("--max-tps N", Some("expiry"), true)]
#[case::auto_renewal("--auto-renew <on|off>", None, false)]
#[case::auto_renewal_to_unsubscribe("--auto-renew <on|off>", Some("unsubscribe"), false)]
#[case::auto_renewal_to_let_it_expire("--auto-renew <on|off>", Some("expiry"), true)]
#[tokio::test]
async fn a_fact_that_was_unsaid_is_asked_for(
    #[case] option: &str,
    #[case] route: Option<&str>,
    #[case] is_open: bool,
) {
    const NOTED: &str = "Noted";
    let mut room = room(
        " --action downgrade --commodity-id ons-cn-0pp1abc2d34 --max-tps 900 --auto-renew off",
    )
    .await;
    if let Some(route) = route {
        let line = format!("downgrade orders --by {route}");
        room.as_says(ALICE, &line).await;
    }
    let remedy = format!("`instance set cn-hangzhou/orders {option}`");
    room.as_says(ALICE, "todo").await.lacks(&remedy);
    let (name, _) = option.split_once(' ').unwrap();
    room.passes("1h").await;
    let unsay = format!("instance set orders {name} unknown");
    room.as_says(ALICE, &unsay).await.is("done", &[]);
    let listed = room.as_says(ALICE, "todo").await.text;
    let (open, noted) = listed.split_once(NOTED).unwrap_or((&listed, ""));
    assert_eq!(open.contains(&remedy), is_open, "{listed}");
    assert_eq!(noted.contains(&remedy), !is_open, "{listed}");
    assert!(listed.contains("unknown (said to be unknown)"), "{listed}");
    let before = room.transcript().len();
    room.passes("7d").await;
    let posts = room.transcript()[before..].to_owned();
    let digest = posts.split("\n\n").find(|post| post.contains("· digest"));
    assert!(
        digest.is_some_and(|digest| digest.contains(&remedy)),
        "{posts}"
    );
    let told = "rests on what nobody knows any more";
    assert_eq!(posts.contains(told), is_open, "{posts}");
    let value = match name {
        "--commodity-id" => "ons-cn-0pp1abc2d34",
        "--max-tps" => "900",
        _ => "off",
    };
    let say = format!("instance set orders {name} {value}");
    room.as_says(ALICE, &say).await.is("done", &[]);
    room.as_says(ALICE, "todo").await.lacks(&remedy);
}

/// What two sources disagree on is asked for with the whole command, each fact with its option.
#[rstest]
#[case::size("max_tps", &["800"], "look, then `instance set cn-hangzhou/orders --max-tps N`")]
#[case::auto_renewal("auto_renew", &["on"], "look, then `instance set cn-hangzhou/orders --auto-renew <on|off>`")]
#[case::commodity_id("commodity_id", &["ons-cn-1pp1abc2d34"], "look, then `instance set cn-hangzhou/orders --commodity-id ID`")]
#[case::two(
    "max_tps,commodity_id",
    &["800", "ons-cn-1pp1abc2d34"],
    "look, then `instance set cn-hangzhou/orders --max-tps N --commodity-id ID`"
)]
#[case::with_the_region(
    "region,commodity_id",
    &["cn-beijing", "ons-cn-1pp1abc2d34"],
    "is listed, then `instance set cn-hangzhou/orders --region REGION --commodity-id ID`"
)]
#[tokio::test]
async fn a_disputed_fact_is_asked_for_by_its_option(
    #[case] columns: &str,
    #[case] values: &[&str],
    #[case] remedy: &str,
) {
    let mut room = room(
        " --action downgrade --commodity-id ons-cn-0pp1abc2d34 --max-tps 900 --auto-renew off",
    )
    .await;
    room.passes("1h").await;
    let file = format!("id,{columns}\n{ORDERS},{}\n", values.join(","));
    room.imports("", &file).await.is("done", &[]);
    room.as_says(ALICE, "todo").await.has(remedy);
}

/// Where the edition is not certain, it is asked for before the action: a look at the action from before is void. The reply to
/// `action` says so.
#[rstest]
#[case::said_to_be_unknown("instance set orders --edition unknown", "--expires 2026-01-20", true)]
#[case::disputed("instance set orders --edition standard", "--expires 2026-01-20", true)]
#[case::certain(
    "instance set orders --edition platinum",
    "--expires 2026-01-20",
    false
)]
#[tokio::test]
async fn the_edition_comes_before_the_action(
    #[case] line: &str,
    #[case] expires: &str,
    #[case] first: bool,
) {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum {expires} --auto-renew off"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.passes("1h").await;
    room.as_says(ALICE, line).await.is("done", &[]);
    let edition_first = "`instance set cn-hangzhou/orders --edition <standard|platinum>` first, then, of Platinum, `action cn-hangzhou/orders <downgrade|delete>`";
    let todo = room.as_says(ALICE, "todo").await;
    let action = room.as_says(ALICE, "action orders downgrade").await;
    let counts = "a look at the action counts only from when it is (action-known)";
    if !first {
        todo.lacks(edition_first);
        action.is("done", &[]).lacks(counts);
        return;
    }
    todo.has(edition_first);
    action.is("done", &[]).has(counts);
    room.passes("1h").await;
    room.as_says(ALICE, "instance set orders --edition platinum")
        .await
        .has("was said while the edition was another one or not certain");
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[])
        .lacks(counts);
}

/// Of a busy status that nobody has said it is not said that it is none.
#[tokio::test]
async fn what_nobody_has_said_to_be_busy_is_not_known_to_be() {
    let mut room = room(" --action downgrade").await;
    let unknown = "busy: it is not known to be busy.";
    room.as_says(ALICE, "why orders")
        .await
        .has(unknown)
        .has("action-after-creation: it is not known to be busy.")
        .lacks("busy: holds.");
    room.as_says(ALICE, "instance set orders --busy off")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "why orders")
        .await
        .has("busy: holds.")
        .lacks(unknown);
}
