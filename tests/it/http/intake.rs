//! Intake over HTTP: each message is accepted once.

use edition_warden::app::Actor;
use edition_warden::command::parse_line;
use edition_warden::store::AuditFilter;

use super::*;
use crate::harness::new_place;

fn named(id: &str) -> String {
    json!({ "text": "It will be released.", "source": "mail", "id": id }).to_string()
}

#[tokio::test]
async fn a_replay_gets_the_first_answer() {
    let bot = Bot::start().await;
    let first = bot.signed(NOTICE).send().await.unwrap();
    assert!(!first.headers().contains_key("x-warden-replay"));
    let first = heard(first).await;
    let again = bot.signed(NOTICE).send().await.unwrap();
    assert_eq!(again.headers()["x-warden-replay"], "true");
    assert_eq!(heard(again).await, first);
    assert_eq!(bot.taken().await, 1);
    // Signed again without an id it is another one; with an id it is the same, whatever its signature.
    let now = bot.now();
    assert_eq!(sent(bot.signed_at(now - 1, NOTICE)).await.0, 202);
    assert_eq!(bot.taken().await, 2);
    for stamp in [now, now - 1, now - 2] {
        let (status, _) = sent(bot.signed_at(stamp, &named("mail-7"))).await;
        assert_eq!(status, 202);
    }
    assert_eq!(bot.taken().await, 3);
}

#[tokio::test]
async fn a_replay_is_known_again_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let mut first = Vec::new();
    for restart in [false, true] {
        let bot = Bot::on_file(&path).await;
        let answers = [
            sent(bot.signed(NOTICE)).await,
            sent(bot.signed(&named("mail-7"))).await,
        ];
        if restart {
            assert_eq!(first, answers);
        }
        first = answers.into();
        assert_eq!(bot.taken().await, 2);
        bot.server.stop().await;
        bot.store.close().await;
    }
}

#[tokio::test]
async fn ids_belong_to_their_key() {
    let bot = Bot::start().await;
    assert_eq!(sent(bot.signed(&named("7"))).await.0, 202);
    let body = named("7");
    let other = sign(
        bot.notice(body.clone()),
        "pipe",
        BEARER,
        bot.now(),
        body.as_bytes(),
    );
    assert_eq!(sent(other).await.0, 202);
    assert_eq!(bot.taken().await, 2);
}

/// A relay that tries again has the first answer. What comes a day later under the same id, or after the facts have changed, was
/// handed in again, and is judged.
#[tokio::test]
async fn an_id_is_known_again_while_its_answer_is_true() {
    let bot = Bot::start().await;
    for (hours, taken) in [(0, 1), (23, 1), (24, 2), (47, 2), (24 * 31, 3)] {
        let at = instant("2026-01-01T00:00:00Z") + chrono::TimeDelta::hours(hours);
        bot.clock.advance_to(at).unwrap();
        let answer = bot.signed(&named("7")).send().await.unwrap();
        let replay = answer.headers().contains_key("x-warden-replay");
        assert_eq!(replay, matches!(hours, 23 | 47), "{hours}");
        let (status, said) = heard(answer).await;
        assert_eq!((status, &said["notice"]), (202, &json!(taken)), "{hours}");
        assert_eq!(bot.taken().await, taken, "{hours}");
    }
    let ack = parse_line("ack notice 3").unwrap();
    let acknowledged = bot.warden.handle(&Actor::local("alice"), &ack).await;
    assert_eq!(acknowledged.outcome.as_str(), "done");
    let (_, said) = sent(bot.signed(&named("7"))).await;
    assert_eq!(
        (&said["outcome"], &said["notice"]),
        (&json!("duplicate"), &json!(4))
    );
}

#[tokio::test]
async fn a_thousand_at_once_are_each_taken_once() {
    let directory = tempfile::tempdir().unwrap();
    let place = new_place(directory.path()).await;
    let store = Store::open_at(&place).await.unwrap();
    // However slow the machine is.
    let patient = Duration::from_secs(600);
    let setup = Setup {
        per_minute: 60_000,
        terms: HttpLimits {
            connection_within: patient,
            body_within: patient,
            ..HttpLimits::default()
        },
        ..Setup::default()
    };
    let bot = Bot::on(store, setup).await;
    // Each of 500 is sent twice at the same time.
    let bodies = (0..1_000).map(|n| named(&format!("n{}", n / 2)));
    let mut requests = tokio::task::JoinSet::new();
    for body in bodies {
        requests.spawn(sent(bot.signed(&body)));
    }
    let answers = requests.join_all().await;
    assert_eq!(answers.len(), 1_000);
    for (status, said) in answers {
        assert_eq!(status, 202, "{said}");
    }
    assert_eq!(bot.taken().await, 500);
    let mut tx = bot.store.read(&"local".into()).await.unwrap();
    assert_eq!(tx.audit_head().await.unwrap().seq, 500);
}

#[tokio::test]
async fn plain_text_is_a_notice_too() {
    let bot = Bot::start().await;
    let body = "实例 MQ_INST_1080056302921134_BXuIbML7 即将释放";
    for kind in [
        "text/plain",
        "text/plain; charset=UTF-8",
        "Text/Plain;charset=\"utf-8\"",
    ] {
        let request = bot
            .client
            .post(bot.url("/v1/notices"))
            .header("content-type", kind)
            .body(body);
        let stamp = bot.now() - i64::try_from(kind.len()).unwrap();
        let request = sign(request, "relay", SECRET, stamp, body.as_bytes());
        assert_eq!(sent(request).await.0, 202, "{kind}");
    }
    assert_eq!(bot.taken().await, 3);
}

#[tokio::test]
async fn the_trail_says_who_passed_it_on() {
    let bot = Bot::start().await;
    sent(bot.signed(&named("mail-7"))).await;
    let mut tx = bot.store.read(&"local".into()).await.unwrap();
    let page = tx.list_audit(&AuditFilter::default(), 1).await.unwrap();
    let entry = &page.rows[0].entry;
    assert_eq!(entry.surface, "http");
    assert_eq!(entry.message.as_deref(), Some("mail-7"));
    let by = entry.by.as_ref().unwrap();
    assert_eq!((by.id.as_str(), &*by.name), ("http:relay", "relay"));
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_taken() {
    let bot = Bot::start().await;
    bot.store.close().await;
    let response = bot.signed(NOTICE).send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    let (status, said) = heard(response).await;
    assert_eq!(status, 503);
    assert!(
        said["error"]
            .as_str()
            .unwrap()
            .contains("could not be recorded")
    );
}

/// An id that comes with another text is no replay: what is said under it is taken for itself.
#[tokio::test]
async fn the_same_id_with_another_text_is_another_notice() {
    let bot = Bot::start().await;
    assert_eq!(sent(bot.signed(&named("7"))).await.0, 202);
    let other = json!({ "text": "Another will be released.", "source": "mail", "id": "7" });
    let answer = bot.signed(&other.to_string()).send().await.unwrap();
    assert!(!answer.headers().contains_key("x-warden-replay"));
    assert_eq!(bot.taken().await, 2);
    let answer = bot.signed(&named("7")).send().await.unwrap();
    assert_eq!(answer.headers()["x-warden-replay"], "true");
    assert_eq!(bot.taken().await, 2);
}

fn mail(id: &str, instance: &str) -> String {
    format!(
        "From: Cloud <cloud@vendor.example>\r\nMessage-ID: <{id}@vendor.example>\r\nSubject: Release\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nYour instance {instance} will be released.\r\n\r\n"
    )
}

impl Bot {
    fn posted(&self, kind: Option<&str>, body: &[u8]) -> RequestBuilder {
        let mut request = self
            .client
            .post(self.url("/v1/notices"))
            .body(body.to_vec());
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        sign(request, "relay", SECRET, self.now(), body)
    }
}

#[tokio::test]
async fn an_email_is_taken_with_every_notice_in_it() {
    let bot = Bot::start().await;
    let both = mail("a", "MQ_INST_2080056302921134_AbCdEf12")
        + &mail("b", "MQ_INST_2080056302921134_GhIjKl34");
    let kind = Some("message/rfc822");
    let (status, said) = sent(bot.posted(kind, both.as_bytes())).await;
    assert_eq!(status, 202, "{said}");
    let numbers: Vec<_> = said["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["notice"])
        .collect();
    assert_eq!(numbers, [&json!(1), &json!(2)]);
    // What was taken is known by its own id, whatever it comes with.
    let third = both + &mail("c", "MQ_INST_2080056302921134_MnOpQr56");
    let response = bot.posted(kind, third.as_bytes()).send().await.unwrap();
    assert!(!response.headers().contains_key("x-warden-replay"));
    assert_eq!(
        heard(response).await.1["notices"].as_array().unwrap().len(),
        3
    );
    assert_eq!(bot.taken().await, 3);
    let response = bot.posted(kind, third.as_bytes()).send().await.unwrap();
    assert_eq!(response.headers()["x-warden-replay"], "true");
    assert_eq!(bot.taken().await, 3);
}

#[tokio::test]
async fn an_email_may_be_larger_than_a_text() {
    let bot = Bot::start().await;
    let mut large = mail("a", "MQ_INST_2080056302921134_AbCdEf12");
    large.push_str(&"x".repeat(1024 * 1024));
    assert_eq!(
        sent(bot.posted(Some("message/rfc822"), large.as_bytes()))
            .await
            .0,
        202
    );
    refused(
        bot.posted(Some("text/plain"), large.as_bytes()),
        413,
        "64 KiB",
    )
    .await;
    large.push_str(&"x".repeat(8 * 1024 * 1024));
    refused(
        bot.posted(Some("message/rfc822"), large.as_bytes()),
        413,
        "8 MiB",
    )
    .await;
}

/// Bodies of other senders, of whatever kind they are called.
#[tokio::test]
async fn other_senders_are_understood() {
    let bot = Bot::start().await;
    let id = "MQ_INST_2080056302921134_AbCdEf12";
    let text = format!("实例{id}即将释放");
    let gbk = encoding_rs::GBK.encode(&text).0.into_owned();
    let bodies: Vec<(Option<&str>, Vec<u8>)> = vec![
        (
            Some("application/json"),
            json!({"msgtype": "text", "text": {"content": text}})
                .to_string()
                .into(),
        ),
        (
            Some("application/json;charset=utf-8"),
            json!({"msg_type": "text", "content": {"text": text}})
                .to_string()
                .into(),
        ),
        (
            Some("application/vnd.x+json"),
            json!({"alerts": [{"annotations": {"summary": text}}]})
                .to_string()
                .into(),
        ),
        (
            Some("application/json"),
            json!({"title": "x", "body": text}).to_string().into(),
        ),
        (
            Some("application/json"),
            format!("\u{feff}{}", json!({"text": text})).into(),
        ),
        (Some("text/markdown"), format!("**{text}**").into()),
        (Some("text/plain; charset=gbk"), gbk),
        (
            Some("text/xml"),
            format!("<xml><MsgType>text</MsgType><Content><![CDATA[{text}]]></Content></xml>")
                .into(),
        ),
        (
            Some("application/x-www-form-urlencoded"),
            format!("content={id}+will+be+released").into(),
        ),
        (None, text.clone().into()),
        (Some("text/plain"), mail("m", id).into()),
    ];
    for (number, (kind, body)) in (1..).zip(&bodies) {
        let (status, said) = sent(bot.posted(*kind, body)).await;
        assert_eq!(
            (status, &said["notice"]),
            (202, &json!(number)),
            "{kind:?} {said}"
        );
    }
    let mut tx = bot.store.read(&"local".into()).await.unwrap();
    for number in 1..=bodies.len() {
        let filed = tx.notice(number as u64).await.unwrap().unwrap();
        assert_eq!(filed.read.ids, [id], "notice {number}: {}", filed.text);
    }
}

/// A type that is not known loses nothing: the body is read as the text that it is, or raised as what cannot be read.
#[tokio::test]
async fn a_body_of_any_type_is_taken() {
    let bot = Bot::start().await;
    let id = "MQ_INST_2080056302921134_AbCdEf12";
    let text = format!("Your instance {id} has been released.");
    let part = format!(
        "--cut\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n{text}\r\n--cut--\r\n"
    );
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("application/octet-stream", text.clone().into()),
        ("application/octet-stream", mail("o", id).into()),
        (
            "application/x-ndjson",
            format!("{}\n", json!({ "text": text })).into(),
        ),
        ("multipart/form-data; boundary=cut", part.into()),
        ("application/pdf", text.clone().into()),
        ("image/png", text.clone().into()),
        ("?", text.clone().into()),
        (
            "application/x-of-tomorrow; charset=utf-8",
            text.clone().into(),
        ),
    ];
    for (kind, body) in &bodies {
        // Each is its own message, not the repetition of another.
        bot.clock
            .advance_to(bot.clock.now() + chrono::TimeDelta::hours(25))
            .unwrap();
        let (status, said) = sent(bot.posted(Some(kind), body)).await;
        assert_eq!(status, 202, "{kind} {said}");
        assert_eq!(said["outcome"], "raised", "{kind} {said}");
    }
    let mut tx = bot.store.read(&"local".into()).await.unwrap();
    for (number, (kind, _)) in (1..).zip(&bodies) {
        let filed = tx.notice(number).await.unwrap().unwrap();
        assert_eq!(filed.read.ids, [id], "{kind}: {}", filed.text);
    }
    drop(tx);
    // Bytes of a picture are no text: raised as what could not be read.
    let (status, said) = sent(bot.posted(Some("image/png"), b"\x89PNG\r\n\x1a\n\0\0")).await;
    assert_eq!(
        (status, &said["outcome"]),
        (202, &json!("raised")),
        "{said}"
    );
}
