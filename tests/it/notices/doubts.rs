//! Notices that only look redundant: raised, or raised later, never suppressed.

use edition_warden::answer::Answer;
use edition_warden::app::{Actor, Incoming};
use edition_warden::domain::notice::{Message, NoticeKind};
use rstest::rstest;

use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester team:payments";
const COMMODITY: &str = "ons-cn-0pp1abc2d34";

/// `orders`, Platinum until 2026-03-01, its action attested Downgrade this moment, the 24th of February.
pub(super) async fn room() -> Room {
    let mut room = Room::of_team().await;
    room.passes("54d").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --commodity-id {COMMODITY} --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

pub(super) fn release(id: &str) -> String {
    format!("notice Your instance {id} will be released on 2026-03-08.")
}

pub(super) fn handed_in(text: &str, id: Option<&str>, unread: &[&str]) -> Incoming {
    Incoming {
        message: Message {
            unread: unread.iter().map(ToString::to_string).collect(),
            ..Message::plain(text)
        },
        source: "relay".to_owned(),
        id: id.map(ToOwned::to_owned),
    }
}

#[rstest]
#[case("orders", "suppressed")]
#[case("billing", "raised")]
#[tokio::test]
async fn another_name_is_perhaps_another_instance(#[case] name: &str, #[case] outcome: &str) {
    let mut room = room().await;
    let line = format!(
        "notice Your instance {ORDERS} (instance name: {name}) will be released on 2026-03-08."
    );
    let heard = room.as_says(ALICE, &line).await;
    assert_eq!(heard.outcome, outcome, "{}", heard.text);
}

#[tokio::test]
async fn what_cannot_be_read_may_name_more() {
    let room = room().await;
    let relay = Actor::local("relay");
    let text = format!("{ORDERS} will be released");
    let incoming = handed_in(&text, Some("m-1"), &["list.xls (not read)"]);
    let raised = room
        .warden
        .take_notices(&relay, std::slice::from_ref(&incoming))
        .await;
    assert_eq!(raised.outcome.as_str(), "raised");
    // The same once more is the same; without the file it is another matter.
    let again = room
        .warden
        .take_notices(&relay, std::slice::from_ref(&incoming))
        .await;
    assert_eq!(again.notice(), raised.notice());
    let plain = handed_in(&text, Some("m-2"), &[]);
    let plain = room
        .warden
        .take_notices(&relay, std::slice::from_ref(&plain))
        .await;
    assert_eq!(plain.outcome.as_str(), "suppressed");
}

#[tokio::test]
async fn another_text_under_a_used_id_is_another_notice() {
    let room = room().await;
    let relay = Actor::local("relay");
    let first = handed_in(&format!("{ORDERS} will be released"), Some("m-1"), &[]);
    let first = room
        .warden
        .take_notices(&relay, std::slice::from_ref(&first))
        .await;
    assert_eq!(first.outcome.as_str(), "suppressed");
    let other = handed_in(&format!("{STOCK} will be released"), Some("m-1"), &[]);
    let raised = room
        .warden
        .take_notices(&relay, std::slice::from_ref(&other))
        .await;
    assert_eq!(raised.outcome.as_str(), "raised");
    assert_ne!(raised.notice(), first.notice());
    let like = room
        .warden
        .take_notices(&relay, std::slice::from_ref(&other))
        .await;
    assert_eq!(like.outcome.as_str(), "duplicate");
}

/// Standard was a slip, or the confirmation was taken back: what it had settled is raised.
#[tokio::test]
async fn standard_that_is_taken_back_wakes_what_it_settled() {
    let mut room = room().await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room.passes("6d").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notices orders").await.has("settled");
    room.passes("3h").await;
    assert!(!room.transcript().contains("Raised: notice 1"));
    room.as_says(
        ALICE,
        "instance set orders --edition platinum --expires 2026-03-05",
    )
    .await
    .is("done", &[]);
    room.passes("1s").await;
    assert!(
        room.transcript().contains("Raised: notice 1"),
        "{}",
        room.transcript()
    );
    assert!(
        room.transcript()
            .contains("the action is not known any more")
    );
    // It is quieted by a new look, and is raised once more when that falls.
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    room.passes("1s").await;
    assert!(
        room.transcript()
            .contains("Raised (told 2 times): notice 1"),
        "{}",
        room.transcript()
    );
}

/// Once the release date has passed it stays settled, whatever becomes of the instance.
#[tokio::test]
async fn what_the_conversion_settled_is_over_after_its_date() {
    let mut room = room().await;
    room.as_says(ALICE, &release(ORDERS)).await;
    room.passes("6d").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    room.passes("30d").await;
    room.as_says(
        ALICE,
        "instance set orders --edition platinum --expires 2027-03-01 --action delete",
    )
    .await
    .is("done", &[]);
    room.passes("1d").await;
    assert!(
        !room.transcript().contains("Raised: notice 1"),
        "{}",
        room.transcript()
    );
}

/// The old subscription cannot be released any more, so an undated notice is about something else.
#[tokio::test]
async fn long_after_the_conversion_a_notice_without_a_date_is_raised() {
    let mut room = room().await;
    room.passes("6d").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    let undated = format!("notice {ORDERS} will be released");
    room.as_says(ALICE, &undated)
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room.passes("60d").await;
    room.as_says(ALICE, &undated).await.is("raised", &[]);
}

/// A clock was wrong when somebody looked: nobody knows how old the look is, so it proves nothing and permits nothing.
#[tokio::test]
async fn a_look_of_the_future_proves_nothing() {
    let mut room = room().await;
    room = room.set_clock("2026-02-23T23:58:30Z");
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room = room.set_clock("2026-02-21T00:00:00Z");
    let line = format!("notice Your instance {ORDERS} will be released on 2026-03-07.");
    room.as_says(ALICE, &line).await.is("raised", &[]);
    room.as_says(ALICE, "check unsubscribe orders")
        .await
        .has("dated in the future: a clock was wrong");
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "check unsubscribe orders")
        .await
        .lacks("dated in the future");
}

/// It names one instance twice: raised, since two ids are not one, and over when a fact says so.
#[tokio::test]
async fn both_ids_of_one_instance_are_settled_by_a_fact() {
    let mut room = room().await;
    let line = format!("notice Instance {ORDERS} ({COMMODITY}) will be released on 2026-03-08.");
    room.as_says(ALICE, &line).await.is("raised", &[]);
    room.passes("6d").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notices orders")
        .await
        .has("raised; settled, the instance is Standard");
}

#[tokio::test]
async fn a_workspace_with_a_notice_only_has_its_digest() {
    let mut room = Room::of_team().await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("raised", &[]);
    room.passes("8d").await;
    assert!(
        room.transcript().contains("The week's digest."),
        "{}",
        room.transcript()
    );
}

/// A look of exactly seven days before the expiry is still good at the expiry: it holds for as long as the action may take.
#[tokio::test]
async fn a_look_that_is_just_good_enough_at_the_expiry_holds_for_the_168_hours_after_it() {
    let mut room = room().await;
    room.as_says(
        ALICE,
        "instance set orders --expires 2026-03-03T00:00:00Z --action downgrade",
    )
    .await
    .is("done", &[]);
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room.passes("335h").await;
    room.as_says(ALICE, "notices orders")
        .await
        .lacks("then raised");
    room.passes("1h").await;
    room.as_says(ALICE, "notices orders")
        .await
        .has("suppressed, then raised");
}

/// The exit stands when only `verify-standard` is taken back: nobody knows what happened to the instance, so a notice that comes
/// then is raised.
#[rstest]
#[case::that_it_was_standard(&["confirm 1 verify-standard"], "reopen 1 verify-standard --reason slip", "raised")]
#[case::twice(
    &["confirm 1 verify-standard", "reopen 1 verify-standard --reason slip", "confirm 1 verify-standard"],
    "reopen 1 verify-standard --reason slip",
    "raised"
)]
#[case::never_seen(&[], "change 1", "raised")]
#[case::seen(&["confirm 1 verify-standard"], "change 1", "suppressed")]
#[case::seen_again(
    &["confirm 1 verify-standard", "reopen 1 verify-standard --reason slip"],
    "confirm 1 verify-standard",
    "suppressed"
)]
#[case::the_exit_too(
    &["confirm 1 verify-standard", "reopen 1 unsubscribe --reason slip"],
    "action orders downgrade",
    "suppressed"
)]
#[tokio::test]
async fn an_exit_that_nobody_has_seen_the_end_of(
    #[case] before: &[&str],
    #[case] last: &str,
    #[case] outcome: &str,
) {
    let mut room = room().await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.as_says(ALICE, "confirm 1 unsubscribe --outside --reason done")
        .await
        .is("done", &[]);
    for line in before.iter().chain([&last]) {
        room.passes("1m").await;
        room.as_says(ALICE, line).await;
    }
    for id in [ORDERS, COMMODITY] {
        let heard = room.as_says(ALICE, &release(id)).await;
        assert_eq!(heard.outcome, outcome, "{}", heard.text);
    }
}

/// For an instance that nobody tracks every digest calls those who approve; once it is tracked, the notice counts for it.
#[rstest]
#[case::released("Your instance ID will be released on 2026-04-08.", true)]
#[case::expires("Your instance ID will expire on 2026-04-01.", true)]
#[case::gone("您的实例ID已释放", true)]
#[case::in_other_words("ID: das Ende naht", true)]
#[case::by_name("Your instance feed will be released on 2026-04-08.", false)]
#[tokio::test]
async fn what_names_an_instance_that_nobody_tracks(#[case] text: &str, #[case] named: bool) {
    const FEED: &str = "MQ_INST_1080056302921134_DZwKdNo9";
    let mut room = room().await;
    let line = "instance remove orders --reason unused";
    room.as_says("root admin", line).await.is("done", &[]);
    let line = format!("notice {}", text.replace("ID", FEED));
    room.as_says(ALICE, &line).await.is("raised", &[]);
    room.passes("14d").await;
    let all = room.transcript();
    let digests: Vec<&str> = all.split("digest").skip(1).collect();
    let in_digest = format!("of {FEED}, raised");
    assert_eq!(all.contains(&in_digest), named, "{all}");
    let called = digests.iter().filter(|digest| {
        let head = digest.lines().next().unwrap_or_default();
        head.contains("approver")
    });
    assert_eq!(called.count() > 0, named, "{all}");
    assert!(!all.contains("told 2 times"), "{all}");
    let line = format!(
        "instance add {FEED} --name feed --region cn-hangzhou --edition platinum --expires 2026-04-01"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("16d").await;
    let listed = room.as_says(ALICE, "notices feed").await;
    assert_eq!(listed.text.contains("raised"), named, "{}", listed.text);
}

/// An id that a line end or a blank breaks is one all the same; what stands behind half an id is none of it.
#[rstest]
#[case::behind_the_number("MQ_INST_1080056302921134_\nBXuIbML7", true)]
#[case::before_the_number("MQ_INST_ 1080056302921134_BXuIbML7", true)]
#[case::at_both("MQ_INST_\n1080056302921134 _ BXuIbML7", true)]
#[case::in_a_quote("MQ_INST_1080056302921134_\n> BXuIbML7", true)]
#[case::a_word_behind_it("MQ_INST_1080056302921134_ will", false)]
#[case::a_name_behind_it("MQ_INST_1080056302921134_ Orders", false)]
#[tokio::test]
async fn a_broken_id_names_its_instance(#[case] id: &str, #[case] named: bool) {
    let mut room = room().await;
    let line = "instance add MQ_INST_1080056302921134_BYdkf3Qa --name billing --region cn-hangzhou --edition standard";
    room.as_says(ALICE, line).await.is("done", &[]);
    let incoming = handed_in(&format!("Your instance {id} has been released."), None, &[]);
    let relay = Actor::local("relay");
    let reply = room.warden.take_notices(&relay, &[incoming]).await;
    let Answer::NoticeTaken(taken) = &reply.answer else {
        panic!("{:?}", reply.answer)
    };
    assert!(!named || taken.filed.read.kind == NoticeKind::Gone);
    let names = taken
        .filed
        .instances
        .iter()
        .any(|one| one.as_str() == ORDERS);
    assert_eq!((names, reply.outcome.as_str()), (named, "raised"));
}

/// Seen as Platinum after a recorded unsubscription, it was not unsubscribed: a release notice is not played down.
#[rstest]
#[case::by_a_person(true)]
#[case::by_a_listing(false)]
#[tokio::test]
async fn an_exit_that_did_not_happen_makes_nothing_probable(#[case] by_a_person: bool) {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --auto-renew off"
    );
    for line in [
        add.as_str(),
        "downgrade orders --by unsubscribe",
        "confirm 1 unsubscribe --outside --reason x",
    ] {
        room.as_says(ALICE, line).await;
    }
    room.passes("50d").await;
    let notice = format!("notice Your instance {ORDERS} will be released on 2026-03-08.");
    room.as_says(ALICE, &notice).await.has("Probably redundant");
    room.passes("1d").await;
    if by_a_person {
        room.as_says("bob requester", "instance set orders --edition platinum")
            .await;
    } else {
        let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,platinum\n");
        room.imports("", &file).await;
    }
    room.passes("1h").await;
    room.as_says(ALICE, &format!("{notice} "))
        .await
        .lacks("robably redundant");
    let other = format!("notice Instance {ORDERS} will be released on 2026-03-09.");
    room.as_says(ALICE, &other)
        .await
        .is("raised", &[])
        .lacks("robably redundant");
}
