//! Notices about an instance that is tracked only after they came.

use super::doubts::room;
use crate::harness::{Room, STOCK};

const ALICE: &str = "alice requester,admin team:payments";

fn add(expires: &str) -> String {
    format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires {expires} --action downgrade --team payments"
    )
}

fn gone() -> String {
    format!("notice Your instance {STOCK} has been released.")
}

fn pages(room: &Room) -> usize {
    let said = room.transcript();
    let called = |post: &&str| post.contains("a notice of something gone for stock");
    said.split("» console · notice")
        .skip(1)
        .filter(called)
        .count()
}

/// Its people are told when it is tracked, and the reply says so; what repeats it within the day is not posted again.
#[tokio::test]
async fn what_was_called_gone_before_is_told_when_it_is_tracked() {
    let mut room = room().await;
    room.as_says(ALICE, &gone())
        .await
        .is("raised", &[])
        .has("not tracked");
    assert_eq!(pages(&room), 0);
    room.passes("1h").await;
    room.as_says(ALICE, &add("2026-06-01"))
        .await
        .is("done", &[])
        .has("notice 1, which came before it was tracked, calls it gone")
        .has("`notice 1 still-there`");
    let told = pages(&room);
    assert!(told > 0, "{}", room.transcript());
    assert!(room.transcript().contains("@team:payments"));
    room.as_says(ALICE, "notices stock")
        .await
        .has("\n  1  2026");
    room.passes("1h").await;
    room.as_says(ALICE, &gone())
        .await
        .is("raised", &[])
        .has("Not posted: notice 1 has told people");
    assert_eq!(pages(&room), told);
}

/// Who took note of it did not know of the instance. However it comes to be tracked, its people are told, and it is open again.
#[tokio::test]
async fn what_somebody_took_note_of_before_is_told_when_it_is_tracked() {
    for is_file in [false, true] {
        let mut room = room().await;
        room.as_says(ALICE, &gone()).await.is("raised", &[]);
        room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
        room.passes("1h").await;
        let row = format!("{STOCK},stock,cn-hangzhou,platinum,2026-06-01,payments\n");
        let file = format!("id,name,region,edition,expires,team\n{row}");
        let reply = match is_file {
            true => room.imports("", &file).await,
            false => room.as_says(ALICE, &add("2026-06-01")).await,
        };
        reply
            .is("done", &[])
            .has("notice 1, which came before it was tracked, calls it gone")
            .has("`notice 1 still-there`");
        room.passes("1m").await;
        assert!(pages(&room) > 0, "{}", room.transcript());
        room.as_says(ALICE, "todo").await.has("notice 1");
        room.as_says(ALICE, "ack notice 1").await.is("invalid", &[]);
        let told = pages(&room);
        room.passes("2d").await;
        assert!(pages(&room) > told, "{}", room.transcript());
    }
}

/// Of several that are called gone, the one that is tracked first is told of.
#[tokio::test]
async fn what_called_several_gone_is_told_when_one_of_them_is_tracked() {
    let mut room = room().await;
    let other = "MQ_INST_1080056302921134_BYdkf3Qa";
    let text = format!("notice Your instances {other} and {STOCK} have been released.");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    room.passes("1h").await;
    room.as_says(ALICE, &add("2026-06-01"))
        .await
        .is("done", &[])
        .has("notice 1, which came before it was tracked, calls it gone");
    assert!(pages(&room) > 0, "{}", room.transcript());
    room.as_says(ALICE, "notices stock")
        .await
        .has("\n  1  2026");
    room.as_says(ALICE, "todo").await.has("notice 1");
    // So is each of the others, by the post of its own and by what is open of it.
    let told = pages(&room);
    room.passes("1h").await;
    let line = format!(
        "instance add {other} --name billing --region cn-hangzhou --edition platinum --expires 2026-06-01 --team payments"
    );
    room.as_says(ALICE, &line)
        .await
        .is("done", &[])
        .has("notice 1, which came before it was tracked, calls it gone");
    assert!(pages(&room) > told, "{}", room.transcript());
    room.as_says(ALICE, "notices billing")
        .await
        .has("\n  1  2026");
    room.as_says(ALICE, "todo").await.has("billing");
}

/// One file may bring all of them: they are told in one post.
#[tokio::test]
async fn what_called_several_gone_is_told_of_each_that_a_file_brings() {
    let mut room = room().await;
    let other = "MQ_INST_1080056302921134_BYdkf3Qa";
    let text = format!("notice Your instances {other} and {STOCK} have been released.");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    room.passes("1h").await;
    let file = format!(
        "id,name,region,edition,expires,team\n{STOCK},stock,cn-hangzhou,platinum,2026-06-01,payments\n{other},billing,cn-hangzhou,platinum,2026-06-01,payments\n"
    );
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("stock")
        .has("billing");
    room.passes("1m").await;
    assert!(
        room.transcript().contains("a notice of something gone for"),
        "{}",
        room.transcript()
    );
    for name in ["stock", "billing"] {
        room.as_says(ALICE, &format!("notices {name}"))
            .await
            .has("\n  1  2026");
    }
}

/// What was said of an instance before it was tracked is no answer to what is said of it since.
#[tokio::test]
async fn what_names_it_since_is_no_duplicate_of_what_named_nothing() {
    for words in ["has been released", "will expire on 2026-06-01"] {
        let mut room = room().await;
        let text = format!("notice Your instance {STOCK} {words}.");
        room.as_says(ALICE, &text).await.is("raised", &[]);
        room.as_says(ALICE, &text).await.is("duplicate", &[]);
        room.passes("1m").await;
        room.as_says(ALICE, &add("2026-06-01"))
            .await
            .is("done", &[]);
        room.passes("1m").await;
        room.as_says(ALICE, &text)
            .await
            .is("raised", &[])
            .has("for stock");
    }
}

/// Another id in it, or another kind: nobody is called for it at once, but it is a notice of the instance from then on.
#[tokio::test]
async fn what_does_not_call_it_gone_is_only_found() {
    let mut room = room().await;
    let text = format!("notice Your instance {STOCK} will be released on 2026-06-08.");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    room.passes("1m").await;
    let added = room.as_says(ALICE, &add("2026-06-01")).await;
    assert!(!added.text.contains("calls it gone"), "{}", added.text);
    room.passes("1m").await;
    room.as_says(ALICE, "notices stock")
        .await
        .has("\n  1  2026");
}

/// What came before it was tracked is judged by the facts of the moment in which it is, as its next copy is.
#[tokio::test]
async fn a_release_notice_that_came_before_is_judged_when_it_is_tracked() {
    let mut room = room().await;
    let text = format!("notice Your instance {STOCK} will be released on 2026-06-08.");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    room.passes("1d").await;
    room.as_says(ALICE, &add("2026-06-01"))
        .await
        .is("done", &[]);
    room.passes("1m").await;
    room.as_says(ALICE, "notices stock")
        .await
        .has("suppressed")
        .lacks("raised");
    room.passes("4d").await;
    assert!(
        !room.transcript().contains("Not understood"),
        "{}",
        room.transcript()
    );
}
