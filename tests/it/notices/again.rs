//! A message that is handed in again under the id it came with: judged like its text, but for a delivery that is repeated.

use edition_warden::answer::Reply;
use edition_warden::app::Actor;
use rstest::rstest;

use super::doubts::{handed_in, room};
use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester,admin team:payments";
const BILLING: &str = "MQ_INST_1080056302921134_BYdkf3Qa";

async fn take(room: &Room, text: &str, id: Option<&str>) -> Reply {
    let relay = Actor::local("relay");
    let incoming = handed_in(text, id, &[]);
    room.warden
        .take_notices(&relay, std::slice::from_ref(&incoming))
        .await
}

fn add(id: &str, name: &str) -> String {
    format!(
        "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete"
    )
}

/// What happens between the two.
fn between(what: &str) -> Vec<String> {
    let lines: &[&str] = match what {
        "delete" => &["action orders delete"],
        "removed and added" => &["instance remove billing --reason mistake", "ADD BILLING"],
        "tracked" => &["ADD STOCK"],
        "still there" => &["notice 1 still-there"],
        "worse than acknowledged" => &["ack notice 1", "action orders delete"],
        "acknowledged" => &["ack notice 1"],
        "three days" => &["3d"],
        "twelve days" => &["12d"],
        other => panic!("{other}"),
    };
    let whole = |line: &&str| match *line {
        "ADD BILLING" => add(BILLING, "billing"),
        "ADD STOCK" => add(STOCK, "stock"),
        line => line.to_owned(),
    };
    lines.iter().map(whole).collect()
}

#[rstest]
#[case::delete(ORDERS, "delete", "will be released on 2026-03-08", "duplicate")]
#[case::removed(
    BILLING,
    "removed and added",
    "will be released on 2026-03-08",
    "raised"
)]
#[case::tracked(STOCK, "tracked", "will be released on 2026-03-08", "raised")]
#[case::still_there(ORDERS, "still there", "has been released", "raised")]
#[case::worse(ORDERS, "worse than acknowledged", "is odd", "raised")]
#[case::acknowledged(ORDERS, "acknowledged", "is odd", "duplicate")]
#[case::later(ORDERS, "three days", "will be released on 2026-03-08", "suppressed")]
#[case::long_after(ORDERS, "twelve days", "will be released on 2026-03-08", "raised")]
#[tokio::test]
async fn it_is_judged_like_its_text(
    #[case] instance: &str,
    #[case] what: &str,
    #[case] words: &str,
    #[case] outcome: &str,
) {
    let text = format!("Your instance {instance} {words}.");
    let mut answers = Vec::new();
    for id in [Some("<m-1@vendor>"), None] {
        let mut room = room().await;
        let line = add(BILLING, "billing");
        room.as_says(ALICE, &line).await.is("done", &[]);
        room.passes("1m").await;
        take(&room, &text, id).await;
        for line in between(what) {
            room.passes("1m").await;
            match line.ends_with('d') && line.len() < 4 {
                true => room.passes(&line).await,
                false => drop(room.as_says(ALICE, &line).await),
            }
        }
        room.passes("1m").await;
        let again = take(&room, &text, id).await;
        assert_eq!(again.outcome.as_str(), outcome, "{id:?} {again:?}");
        assert_eq!(again.notice(), Some(2), "{id:?} {again:?}");
        answers.push(format!("{:?}", again.rules));
    }
    assert_eq!(answers[0], answers[1]);
}

/// A pipe that tries again has the answer that it missed, and nothing more is counted; a day later it is another message.
#[rstest]
#[case::suppressed("will be released on 2026-03-08", "suppressed")]
#[case::raised("is odd", "raised")]
#[case::gone("has been released", "raised")]
#[tokio::test]
async fn a_delivery_that_is_repeated_has_the_first_answer(
    #[case] words: &str,
    #[case] outcome: &str,
) {
    let mut room = room().await;
    let text = format!("Your instance {ORDERS} {words}.");
    for span in ["1s", "1h", "10h"] {
        let answer = take(&room, &text, Some("m-1")).await;
        assert_eq!(answer.outcome.as_str(), outcome);
        assert_eq!(answer.notice(), Some(1));
        room.passes(span).await;
    }
    // Pasted, it is a duplicate; the message itself still has its answer.
    let pasted = take(&room, &text, None).await;
    assert_eq!(
        (pasted.outcome.as_str(), pasted.notice()),
        ("duplicate", Some(2))
    );
    assert_eq!(take(&room, &text, Some("m-1")).await.notice(), Some(1));
    room.passes("14h").await;
    assert_eq!(take(&room, &text, Some("m-1")).await.notice(), Some(3));
}

/// A duplicate that is delivered again is that duplicate, and a notice that meant nothing from the start is that one.
#[tokio::test]
async fn so_have_a_duplicate_and_what_is_settled_at_once() {
    let mut room = room().await;
    let text = format!("Your instance {ORDERS} is odd.");
    take(&room, &text, None).await;
    for _ in 0..2 {
        let answer = take(&room, &text, Some("m-1")).await;
        assert_eq!(
            (answer.outcome.as_str(), answer.notice()),
            ("duplicate", Some(2))
        );
        room.passes("1m").await;
    }
    room.passes("6d").await;
    let seen = room.as_says(ALICE, "instance set orders --edition standard");
    seen.await.is("done", &[]);
    let text = format!("Your instance {ORDERS} will be released on 2026-03-08.");
    for _ in 0..2 {
        room.passes("1m").await;
        let answer = take(&room, &text, Some("m-2")).await;
        assert_eq!(
            (answer.outcome.as_str(), answer.notice()),
            ("suppressed", Some(3))
        );
    }
}

/// The vendor sends the same on several days: each copy is raised, and the posts of one are for all.
#[tokio::test]
async fn copies_of_several_days_are_one_post() {
    let posts = |room: &Room| room.transcript().matches(" · notice").count();
    let release = format!("notice Your instance {ORDERS} will be released on 2026-01-27.");
    for action in ["downgrade", "delete"] {
        let mut room = Room::of_team().await;
        let add = format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --action {action} --auto-renew off"
        );
        room.says("alice", &add).await.is("done", &[]);
        for _ in 0..5 {
            let said = room.says("alice", &release).await;
            assert_eq!(
                said.outcome,
                if action == "delete" {
                    "raised"
                } else {
                    "suppressed"
                }
            );
            room.passes("25h").await;
        }
        if action == "downgrade" {
            let before = posts(&room);
            room.says("alice", "action orders delete").await;
            room.passes("1m").await;
            let after = posts(&room);
            assert_eq!(after - before, 1, "{}", room.transcript());
            let said = room.transcript();
            assert!(
                said.contains("The same came as notices 2, 3, 4, 5 too."),
                "{said}"
            );
        } else {
            room.passes("7d").await;
            let all = posts(&room);
            assert_eq!(
                all,
                4,
                "at once, after 1, 3 and 7 days: {}",
                room.transcript()
            );
        }
        room.says("bob", "ack notice 1")
            .await
            .is("done", &[])
            .has("So is what says the same: notices 2, 3, 4, 5.");
        room.says("bob", "notices").await.has("No notice is raised");
    }
}

/// What names a subscription is raised once that is not, or not certainly, the instance's any more.
#[rstest]
#[case::another(&["instance set orders --commodity-id ons-cn-1aa2bb3cc4d"])]
#[case::of_another_instance(&["instance set orders --commodity-id ons-cn-1aa2bb3cc4d", "ADD"])]
#[case::unknown(&["instance set orders --commodity-id unknown"])]
#[tokio::test]
async fn a_notice_that_names_a_subscription_goes_by_whose_it_is(#[case] lines: &[&str]) {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --action downgrade --auto-renew off --commodity-id ons-cn-0pp1abc2d34"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    let notice = "notice Your instance ons-cn-0pp1abc2d34 will be released on 2026-01-27.";
    room.as_says(ALICE, notice)
        .await
        .has("Suppressed: notice 1");
    for line in lines {
        let line = match *line {
            "ADD" => format!(
                "{} --commodity-id ons-cn-0pp1abc2d34",
                add(BILLING, "billing")
            ),
            line => line.to_owned(),
        };
        room.as_says(ALICE, &line).await.is("done", &[]);
    }
    let told = room.transcript();
    assert!(
        told.contains("the commodity id that it names is not certainly this instance's any more"),
        "{told}"
    );
}

/// What was raised, or suppressed, is so again where the instance is removed by mistake and added again.
#[rstest]
#[case::an_expiry("delete", "will expire on 2026-01-10.", "notice 1 is raised")]
#[case::a_release("delete", "will be released on 2026-01-12.", "notice 1 is raised")]
#[case::gone("delete", "has been released.", "notice 1")]
#[case::suppressed("downgrade", "will be released on 2026-03-27.", "")]
#[tokio::test]
async fn who_is_removed_by_mistake_has_its_notices_back(
    #[case] action: &str,
    #[case] says: &str,
    #[case] open: &str,
) {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-20 --action {action} --auto-renew off"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    let notice = format!("notice Your instance {ORDERS} {says}");
    room.as_says(ALICE, &notice).await;
    room.passes("1h").await;
    room.as_says(ALICE, "instance remove orders --reason mistake")
        .await
        .is("done", &[]);
    room.passes("1h").await;
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("1m").await;
    room.as_says(ALICE, "todo").await.has(open);
    if !open.is_empty() {
        let before = room.transcript().len();
        room.passes("2d").await;
        let told = &room.transcript()[before..];
        assert!(told.contains("notice 1"), "{told}");
    } else {
        room.as_says(ALICE, "suppressed")
            .await
            .has("a release notice")
            .lacks("then raised");
    }
}

/// However many copies come later, the first one is found, and has the one ladder of all.
#[tokio::test]
async fn many_copies_have_one_ladder() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-06-01 --action delete --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    let notice = format!("notice Your instance {ORDERS} is on the list of releases.");
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    // Others of the same instance come between them.
    for other in 0..60 {
        let line = format!("notice Something else about {ORDERS}, the {other}th thing.");
        room.as_says(ALICE, &line).await;
    }
    room.passes("25h").await;
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    let before = room.transcript().len();
    room.passes("30d").await;
    let said = &room.transcript()[before..];
    assert!(!said.contains(": notice 62, "), "{said}");
}

/// Several notices that one fact raises are one post, which names them all, and one ladder.
#[tokio::test]
async fn what_one_fact_raises_is_one_post() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --team payments"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.passes("52d").await;
    room.as_says(ALICE, "action orders downgrade").await;
    for text in [
        format!("Your instance {ORDERS} will be released on 2026-03-08."),
        format!("Your instance {ORDERS} will be released."),
        format!("您的实例{ORDERS}将于2026年3月8日释放。"),
        format!("您的实例{ORDERS}即将释放。"),
    ] {
        room.as_says(ALICE, &format!("notice {text}"))
            .await
            .is("suppressed", &["release-notice-redundant"]);
    }
    room.passes("1d").await;
    let before = room.transcript().len();
    room.as_says(ALICE, "action orders delete").await;
    room.passes("1m").await;
    let said = room.transcript()[before..].to_owned();
    assert_eq!(said.matches("· notice").count(), 1, "{said}");
    assert!(
        said.contains("Raised with it, by the same fact: notices "),
        "{said}"
    );
    let before = room.transcript().len();
    room.passes("3d").await;
    let said = room.transcript()[before..].to_owned();
    assert!(said.matches("· notice").count() <= 2, "{said}");
    for number in 1..=4 {
        assert!(said.contains(&number.to_string()), "{said}");
    }
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    room.as_says(ALICE, "notices").await.lacks("notice 4");
}
