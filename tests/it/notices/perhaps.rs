//! Notices that name a tracked instance by its name alone: it only suggests.

use rstest::rstest;

use super::doubts::room;
use crate::harness::Room;

const ALICE: &str = "alice requester,admin team:payments";
const BILLING: &str = "MQ_INST_1080056302921134_BYdkf3Qa";

#[rstest]
#[case::english("Your instance billing has been released.")]
#[case::no_label("The resources of billing will be released on 2026-03-08.")]
#[case::capitals("Your instance Billing will be released on 2026-03-08.")]
#[case::chinese("您的实例名称billing将于2026-03-08释放")]
#[case::masked("Your instance MQ_INST_****_BYdkf3Qa (billing) will be released on 2026-03-08.")]
#[tokio::test]
async fn it_is_said_which_one_it_may_be(#[case] text: &str) {
    let mut room = room().await;
    let add = format!(
        "instance add {BILLING} --name billing --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --team payments --channel pay-room"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    let heard = room.as_says(ALICE, &format!("notice {text}")).await;
    heard
        .is("raised", &[])
        .has("names no instance that is tracked")
        .has("Perhaps it means billing (cn-hangzhou, ");
    let said = room.transcript().to_owned();
    let posts: Vec<&str> = said
        .split("» ")
        .filter(|post| post.contains("· notice · ") && post.contains("  Raised: notice 1"))
        .collect();
    for channel in ["console", "pay-room"] {
        let post = posts.iter().find(|post| post.starts_with(channel));
        assert!(
            post.is_some_and(|post| post.contains('@')),
            "{channel}\n{said}"
        );
    }
    assert_eq!(posts.len(), 2, "{said}");
    room.as_says(ALICE, "todo --team payments")
        .await
        .has("notice 1");
    let others = room.as_says(ALICE, "todo --team search").await;
    assert!(!others.text.contains("notice 1"), "{}", others.text);
}

/// However long the name is, and whatever letters stand around it.
#[tokio::test]
async fn a_long_name_among_chinese_letters_is_found() {
    let mut room = room().await;
    let add = format!(
        "instance add {BILLING} --name billing-service-eu --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    let text = "notice 您的实例billing-service-eu将于2026-03-08释放";
    room.as_says(ALICE, text)
        .await
        .is("raised", &[])
        .has("Perhaps it means billing-service-eu");
}

/// A text without a name of a tracked instance suggests none.
#[tokio::test]
async fn other_words_suggest_nothing() {
    let mut room = room().await;
    let heard = room
        .as_says(ALICE, "notice Your instance invoices has been released.")
        .await;
    assert!(!heard.text.contains("Perhaps"), "{}", heard.text);
}

/// `orders` and `billing`, each in a channel of its own.
async fn two() -> Room {
    let mut room = room().await;
    let add = format!(
        "instance add {BILLING} --name billing --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --team payments --channel pay-room"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room
}

/// Where no tracked id is written so, the one that begins it, that it begins, or that differs in case is meant too: its people are
/// called of what is gone, and no instance is proposed to be added.
#[rstest]
#[case::cut_by_a_line("…MQ_INST_1080056302921134_BYdk\nf3Qa has been released.")]
#[case::capitals("MQ_INST_1080056302921134_BYDKF3QA has been released.")]
#[case::small_letters("mq_inst_1080056302921134_bydkf3qa has been released.")]
#[case::a_date_behind("您的实例MQ_INST_1080056302921134_BYdkf3Qa2026年12月1日已释放")]
#[case::a_number_behind("您的实例MQ_INST_1080056302921134_BYdkf3Qa3天前已释放")]
#[case::a_name_behind("MQ_INST_1080056302921134_BYdkf3Qa-billing has been released")]
#[case::a_name_joined("MQ_INST_1080056302921134_BYdkf3Qa_billing has been released")]
#[case::a_star("MQ_INST_1080056302921134_BYdkf3Qa* has been released")]
#[case::a_footnote("MQ_INST_1080056302921134_BYdkf3Qa¹ has been released")]
#[case::wrongly_decoded("MQ_INST_1080056302921134_BYdkf3Qa½« has been released")]
#[tokio::test]
async fn an_id_that_is_not_written_in_full_is_found(#[case] text: &str) {
    let mut room = two().await;
    let heard = room
        .as_says(ALICE, &format!("notice {}", text.replace('\n', " ")))
        .await;
    heard
        .is("raised", &[])
        .has("notice 1, a notice of something gone for billing")
        .lacks("instance add");
    assert!(
        room.transcript()
            .contains("» pay-room · notice · @team:payments"),
        "{}",
        room.transcript()
    );
}

/// It proves nothing: the same words with the whole id are suppressed.
#[rstest]
#[case::whole(BILLING, "suppressed")]
#[case::cut("MQ_INST_1080056302921134_BYdkf3", "raised")]
#[case::longer("MQ_INST_1080056302921134_BYdkf3Qa1", "raised")]
#[case::small_letters("MQ_INST_1080056302921134_bydkf3qa", "raised")]
#[tokio::test]
async fn an_id_that_is_not_written_in_full_suppresses_nothing(
    #[case] id: &str,
    #[case] outcome: &str,
) {
    let mut room = two().await;
    let text = format!("notice Your instance {id} will be released on 2026-03-08.");
    let heard = room.as_says(ALICE, &text).await;
    heard.is(
        outcome,
        if outcome == "suppressed" {
            &["release-notice-redundant"]
        } else {
            &[]
        },
    );
    assert!(heard.text.contains("for billing"), "{}", heard.text);
}

/// What begins several ids is none of them, and each may be meant.
#[tokio::test]
async fn what_begins_several_ids_suggests_them() {
    let mut room = two().await;
    room.as_says(ALICE, "notice MQ_INST_1080056302921134_B has been released")
        .await
        .is("raised", &[])
        .has("the ids of several tracked instances begin so")
        .has("Perhaps it means orders")
        .has("Perhaps it means billing")
        .lacks("instance add");
}

/// One of another account is not meant.
#[tokio::test]
async fn an_id_of_another_account_is_not_alike() {
    let mut room = two().await;
    room.as_says(
        ALICE,
        "notice MQ_INST_2080056302921134_BYdkf3Qa has been released",
    )
    .await
    .is("raised", &[])
    .has("names no instance that is tracked")
    .has("`instance add MQ_INST_2080056302921134_BYdkf3Qa …` tracks it");
}
