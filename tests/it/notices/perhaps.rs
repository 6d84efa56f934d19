//! Notices that name a tracked instance by its name alone: it only suggests.

use rstest::rstest;

use super::doubts::room;

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
