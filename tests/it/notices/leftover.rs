//! Which part of a text was not understood is told with the notice, so that a footer is found at once.

use edition_warden::app::{Actor, Incoming};
use edition_warden::inbox;
use rstest::rstest;

use super::doubts::room;
use crate::harness::ORDERS;

const SAID: &str = "Your instance ID will be released on 2026-03-08.";

#[rstest]
#[case::footer(
    "SAID\n\nGet Outlook for Windows",
    "Not understood: “Get Outlook for Windows”, so it is raised"
)]
#[case::footer_of_one_line(
    "SAID Regards, Bob.",
    "Not understood: “Regards, Bob”, so it is raised"
)]
#[case::line_below("SAID\nSee you", "Not understood: “See you”, so it is raised")]
#[case::before("FYI, Bob\n\nSAID", "Not understood: “FYI, Bob”, so it is raised")]
#[case::before_on_its_line("Look: SAID", "Not understood: “Look:”, so it is raised")]
#[case::before_in_chinese(
    "张三，您的实例ID将于2026-03-08释放。",
    "Not understood: “张三”, so it is raised"
)]
#[case::behind_in_chinese(
    "尊敬的用户您好：您的实例ID将于2026-03-08释放。张三",
    "Not understood: “张三”, so it is raised"
)]
#[case::three(
    "FYI\n\nSAID\n\nBob\n\nCarol",
    "Not understood: “FYI” and 2 more, so it is raised"
)]
#[case::within(
    "Dear customer,\n\nThe shape of instance ID is odd.",
    "Not understood: “The shape of instance … is odd”, so it is raised"
)]
#[case::other_date(
    "SAID\n\nOr on 2026-04-01.",
    "Not understood: “Or on 2026-04-01”, so it is raised"
)]
#[case::long(
    "SAID\n\nThis message and what is attached to it may be confidential.",
    "Not understood: “This message and what is attached to it may be con…”, so it is raised"
)]
#[case::marks(
    "SAID\n\n`x` @everyone",
    "Not understood: “x ＠everyone”, so it is raised"
)]
#[case::nothing(
    "The shape of ID is odd.",
    "No known wording fits this text, so it is raised"
)]
#[case::twice(
    "SAID\n\nSAID",
    "Not understood: a wording fits each part, and none fits all of it, so it is raised"
)]
#[case::invisible(
    "SAID\u{7}",
    "Not understood: it holds a character that does not show, so it is raised"
)]
#[tokio::test]
async fn what_is_not_understood_is_told(#[case] text: &str, #[case] wanted: &str) {
    let mut room = room().await;
    let text = text.replace("SAID", SAID).replace("ID", ORDERS);
    let incoming = Incoming::said(&Actor::local("alice"), &text);
    let reply = room
        .warden
        .take_notices(&Actor::local("alice"), &incoming)
        .await;
    let heard = room.hear("alice", "notice", &reply);
    heard.is("raised", &[]).has(wanted);
    // The post, and a later question.
    room.passes("1m").await;
    let posted = room.transcript().matches(wanted).count();
    assert_eq!(posted, 2, "{}", room.transcript());
    room.as_says("alice requester", "why orders")
        .await
        .has(wanted);
}

/// Who has just looked is not sent to look once more.
#[tokio::test]
async fn after_a_look_the_text_is_what_is_left_to_do() {
    let mut room = room().await;
    let text = format!("notice {}\n\nSee you", SAID.replace("ID", ORDERS));
    room.as_says("alice requester", &text)
        .await
        .is("raised", &[])
        .has("Next: its action has been looked at. If what is not understood is not the vendor's, hand in the vendor's text alone;");
    room.passes("25h").await;
    let text = text.replace("See you", "Bye");
    room.as_says("alice requester", &text)
        .await
        .is("raised", &[])
        .has("Next: look at the Post-expiration Action");
}

#[tokio::test]
async fn a_subject_is_a_part_of_it() {
    let mut room = room().await;
    let mail = format!(
        "From: a@b.example\nTo: c@d.example\nSubject: Lunch\nDate: Mon, 23 Feb 2026 09:00:00 +0800\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{}\n",
        SAID.replace("ID", ORDERS)
    );
    let incoming = Incoming::mails(inbox::read(mail.as_bytes()), "mail");
    let reply = room
        .warden
        .take_notices(&Actor::local("mailbox"), &incoming)
        .await;
    room.hear("mailbox", "notice", &reply)
        .has("Not understood: “Lunch”, so it is raised");
}

/// A known wording is never suppressed for a word in it: which, the post says too, long after it was read.
#[tokio::test]
async fn the_word_of_a_veto_is_told() {
    let mut room = room().await;
    let text = format!(
        "notice Heads up: {ORDERS} is to go, for its release, on 2026-03-08, ask queue-desk."
    );
    for (who, line) in [
        ("alice requester", text.as_str()),
        ("bob approver", "wording 1 release"),
        ("carol approver", "wording 1 release"),
    ] {
        room.as_says(who, line).await;
    }
    let file = "id,name,region,edition\nMQ_INST_1080056302921134_BYdkf3Qa,queue-desk,cn-hangzhou,standard\n";
    room.imports("", file).await.has("1 new");
    room.passes("25h").await;
    let wanted = "holds the name of another tracked instance (“queue-desk”)";
    let text = text.replace("2026-03-08", "2026-03-07");
    room.as_says("alice requester", &text)
        .await
        .is("raised", &[])
        .has(wanted);
    room.passes("1m").await;
    let told = room.transcript().matches(wanted).count();
    assert_eq!(told, 2, "{}", room.transcript());
}
