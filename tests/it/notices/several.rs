//! Several messages in one piece are notices of their own, and what stands around them is one too.

use edition_warden::app::{Actor, Incoming};
use edition_warden::inbox;
use serde_json::json;

use super::doubts::room;
use crate::harness::ORDERS;

const BILLING: &str = "MQ_INST_1080056302921134_BYdkf3Qa";
const SEARCH: &str = "MQ_INST_1080056302921134_CaBcDe12";

/// What each notice of an input comes to, one after the other.
async fn outcomes(input: &str) -> Vec<String> {
    let mut room = room().await;
    for (id, name, action) in [
        (BILLING, "billing", "delete"),
        (SEARCH, "search", "downgrade"),
    ] {
        let line = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2026-03-01 --action {action}"
        );
        room.as_says("alice requester", &line).await.is("done", &[]);
    }
    let mut all = Vec::new();
    for one in Incoming::mails(inbox::read(input.as_bytes()), "mail") {
        let mailbox = Actor::local("mailbox");
        let reply = room.warden.take_notices(&mailbox, &[one]).await;
        all.push(reply.outcome.as_str().to_owned());
    }
    all
}

fn release(id: &str) -> String {
    format!("Your instance {id} will be released on 2026-03-08.")
}

fn gone(id: &str) -> String {
    format!("Your instance {id} has been released.")
}

fn mail(header: &str, subject: &str, body: &str) -> String {
    format!(
        "From: Jane Doe <jane@team.example>\nTo: ops@team.example\nSubject: {subject}\n\
         Date: Mon, 23 Feb 2026 09:00:00 +0800\nMessage-ID: <m@vendor.example>\nMIME-Version: 1.0\n{header}\n\n{body}"
    )
}

fn text(subject: &str, body: &str) -> String {
    mail("Content-Type: text/plain; charset=utf-8", subject, body)
}

fn parts(kind: &str, parts: &[(&str, &str)]) -> String {
    let part = |(head, body): &(&str, &str)| format!("--e\n{head}\n\n{body}\n");
    let body = parts.iter().map(part).collect::<String>() + "--e--\n";
    let header = format!("Content-Type: multipart/{kind}; boundary=e");
    mail(&header, "Fwd: Release notice", &body)
}

/// How programs write the header of a message that they quote.
const HEADERS: [&str; 4] = [
    "From: Alibaba Cloud <noreply@aliyun.com>\nSent: Monday, February 23, 2026 8:00 AM\nTo: ops@team.example\nSubject: Release notice\n\n",
    "---------- Forwarded message ---------\nFrom: Alibaba Cloud <noreply@aliyun.com>\nDate: Mon, Feb 23, 2026 at 8:00 AM\nSubject: Release notice\nTo: <ops@team.example>\n\n\n",
    "Begin forwarded message:\n\nFrom: Alibaba Cloud <noreply@aliyun.com>\nSubject: Release notice\nDate: 23 February 2026 at 08:00:00 GMT+8\nTo: ops@team.example\n\n",
    "----- Forwarded Message ----- From: Alibaba Cloud <noreply@aliyun.com>To: ops@team.example <ops@team.example>Sent: Monday, February 23, 2026 at 08:00:00 AM GMT+8Subject: Release notice\n\n",
];

#[tokio::test]
async fn each_message_in_one_is_a_notice_of_its_own() {
    let (orders, search, lost) = (release(ORDERS), release(SEARCH), gone(BILLING));
    let quoted = |header: &str, texts: &[&str]| {
        let each = texts.iter().map(|text| format!("{header}{text}\n\n"));
        each.collect::<String>()
    };
    for header in HEADERS {
        let both = quoted(header, &[&orders, &search]);
        let with_loss = quoted(header, &[&orders, &lost]);
        for (input, expected) in [
            (
                text("Fwd: Release notice", &both),
                &["suppressed", "suppressed"][..],
            ),
            (
                text("Fwd: Release notice", &with_loss),
                &["suppressed", "raised"],
            ),
            // What stands before them is one more, and a subject that says more than such messages are called.
            (
                text("Fwd: Release notice", &format!("please look\n\n{both}")),
                &["raised", "suppressed", "suppressed"],
            ),
            (
                text("Fwd: billing is deleted", &both),
                &["raised", "suppressed", "suppressed"],
            ),
            (text("Fwd: for you", &both), &["raised", "raised"]),
            // A message that only forwards another one is none of its own.
            (
                text("Fwd: Release notice", &format!("{header}{header}{orders}")),
                &["suppressed"],
            ),
            // One message with words before it is one, unless these name an instance.
            (
                text(
                    "Fwd: Release notice",
                    &format!("please look\n\n{header}{orders}"),
                ),
                &["raised"],
            ),
            (
                text(
                    "Fwd: Release notice",
                    &format!("{lost}\n\n{header}{orders}"),
                ),
                &["raised", "suppressed"],
            ),
            (both, &["suppressed", "suppressed"]),
        ] {
            assert_eq!(outcomes(&input).await, expected, "{input}");
        }
    }
}

#[tokio::test]
async fn each_attached_message_is_a_notice_of_its_own() {
    const PLAIN: &str = "Content-Type: text/plain";
    const MESSAGE: &str = "Content-Type: message/rfc822";
    let orders = text("Release notice", &release(ORDERS));
    let search = text("Release notice", &release(SEARCH));
    let lost = text("Instance released", &gone(BILLING));
    let inner = parts("digest", &[("", &orders), ("", &search)]);
    let inner = inner
        .replace("--e", "--f")
        .replace("boundary=e", "boundary=f");
    for (input, expected) in [
        (
            parts(
                "mixed",
                &[(PLAIN, ""), (MESSAGE, &orders), (MESSAGE, &search)],
            ),
            &["suppressed", "suppressed"][..],
        ),
        (
            parts("mixed", &[(MESSAGE, &orders), (MESSAGE, &lost)]),
            &["suppressed", "raised"],
        ),
        (
            parts("digest", &[("", &orders), ("", &lost)]),
            &["suppressed", "raised"],
        ),
        (
            parts(
                "mixed",
                &[(PLAIN, "both"), (MESSAGE, &orders), (MESSAGE, &search)],
            ),
            &["raised", "suppressed", "suppressed"],
        ),
        (
            parts("mixed", &[(PLAIN, ""), (MESSAGE, &inner)]),
            &["suppressed", "suppressed"],
        ),
        // What cannot be read beside them is one more.
        (
            parts(
                "mixed",
                &[
                    (MESSAGE, &orders),
                    (MESSAGE, &search),
                    ("Content-Type: application/pdf; name=a.pdf", "\u{1}"),
                ],
            ),
            &["raised", "suppressed", "suppressed"],
        ),
    ] {
        assert_eq!(outcomes(&input).await, expected, "{input}");
    }
}

/// The forms of a text quote the same messages, or all of it is one notice.
#[tokio::test]
async fn the_forms_of_a_text_have_the_same_messages() {
    const PLAIN: &str = "Content-Type: text/plain";
    const PAGE: &str = "Content-Type: text/html";
    for header in HEADERS {
        let both = |second: &str| {
            format!(
                "{header}{}\n\n{header}{}\n",
                release(ORDERS),
                release(second)
            )
        };
        let page = |text: &str| text.replace('<', "&lt;").replace('\n', "<br>");
        let plain = both(SEARCH);
        for (html, expected) in [
            (page(&plain), &["suppressed", "suppressed"][..]),
            (page(&both(BILLING)), &["suppressed", "raised"]),
            (page(&release(ORDERS)), &["raised"]),
            // What a page does not show in words may belong to any of them, and so may its links.
            (
                format!("{}<svg></svg>", page(&plain)),
                &["raised", "raised"],
            ),
            (
                format!("{}<a href='https://x.example'>.</a>", page(&plain)),
                &["raised", "raised"],
            ),
        ] {
            let input = parts("alternative", &[(PLAIN, &plain), (PAGE, &html)]);
            assert_eq!(outcomes(&input).await, expected, "{input}");
        }
    }
}

/// Each has an id of its own, the same at each delivery; the first has that of the whole.
#[test]
fn each_has_an_id_of_its_own() {
    let header = HEADERS[0];
    let both = format!("{header}{}\n\n{header}{}", release(ORDERS), gone(BILLING));
    let letters = inbox::read(text("Fwd: Release notice", &both).as_bytes());
    let ids: Vec<_> = letters.iter().map(|one| one.id.as_deref()).collect();
    assert_eq!(ids, [Some("m@vendor.example"), Some("m@vendor.example#2")]);
}

/// More messages than are taken at once are one notice, which names what is in it.
#[test]
fn too_many_messages_are_one_notice() {
    for count in [51, 2_000] {
        let all = format!("{}{}\n\n", HEADERS[0], gone(BILLING)).repeat(count);
        let letters = inbox::read(text("Fwd: all", &all).as_bytes());
        assert_eq!(letters.len(), 1);
        assert!(letters[0].message.text().contains(BILLING));
    }
}

/// A body of a webhook that holds several messages, or a list of such bodies. What is not certain to be several is one that is raised.
#[tokio::test]
async fn each_message_in_a_body_is_a_notice_of_its_own() {
    let (orders, search, lost) = (release(ORDERS), release(SEARCH), gone(BILLING));
    let body = |text: &str| json!({"msgtype": "text", "text": {"content": text}});
    let alert = |text: &str| json!({"status": "firing", "annotations": {"description": text}});
    let header = HEADERS[0];
    let quoted = format!("{header}{orders}\n\n{header}{lost}");
    let both = &["suppressed", "suppressed"][..];
    let with_loss = &["suppressed", "raised"][..];
    for (input, expected) in [
        (json!([body(&orders), body(&search)]), both),
        (json!([{"text": orders}, body(&lost)]), with_loss),
        (body(&quoted), with_loss),
        (
            json!({"text": quoted, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": quoted}}]}),
            with_loss,
        ),
        (
            json!({"msg_type": "text", "content": {"text": quoted}}),
            with_loss,
        ),
        (json!({"alerts": [alert(&orders), alert(&search)]}), both),
        (json!({"alerts": [alert(&orders), alert(&lost)]}), with_loss),
        (json!([orders, search]), &["raised"]),
        (json!([body(&orders), {"message": search}]), &["raised"]),
        (
            json!({"text": quoted, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": orders}}]}),
            &["raised"],
        ),
        (
            json!({"status": "resolved", "alerts": [alert(&orders), alert(&search)]}),
            &["raised"],
        ),
        (
            json!({"truncatedAlerts": 2, "alerts": [alert(&orders), alert(&search)]}),
            &["raised"],
        ),
    ] {
        assert_eq!(outcomes(&input.to_string()).await, expected, "{input}");
    }
}
