//! The log: what one command logged, what it posts and what is delivered can be joined.

use std::io;
use std::sync::{Arc, Mutex};

use edition_warden::app::Actor;
use edition_warden::command::parse_line;

use super::*;
use crate::harness::ORDERS;

/// What was logged so far, a JSON object a line.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    /// Logs what happens on this thread until the guard is dropped.
    fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        let written = Self::default();
        let to = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::INFO)
            .with_writer(move || to.clone())
            .finish();
        (written, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines that say this.
    fn lines(&self, message: &str) -> Vec<Value> {
        let lines = self.text();
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter(|line| line["fields"]["message"] == message)
            .collect()
    }

    fn only(&self, message: &str) -> Value {
        let lines = self.lines(message);
        assert_eq!(lines.len(), 1, "{message}: {}", self.text());
        lines[0].clone()
    }
}

/// A field of the spans that a line was logged in.
fn of_span<'a>(line: &'a Value, field: &str) -> &'a Value {
    let spans = line["spans"].as_array().unwrap();
    let found = spans.iter().rev().find_map(|span| span.get(field));
    found.unwrap_or_else(|| panic!("no {field} in {line}"))
}

#[tokio::test]
async fn a_notice_is_followed_from_the_request_to_its_delivery() {
    let bot = Bot::start().await;
    let (log, _logging) = Written::begin();
    assert_eq!(sent(bot.signed(NOTICE)).await.0, 202);
    bot.delivery.pass().await.unwrap();
    let answered = log.only("a request was answered");
    assert_eq!(answered["fields"]["http.status"], 202);
    assert!(answered["fields"]["duration.ms"].is_u64(), "{answered}");
    assert_eq!(of_span(&answered, "http.route"), "/v1/notices");
    let decided = log.only("a notice was decided");
    assert_eq!(decided["fields"]["who"], "http:relay");
    let command = of_span(&decided, "command.id");
    assert_eq!(of_span(&decided, "http.route"), "/v1/notices");
    let posted = log.lines("a message is to be posted");
    let posted: Vec<&Value> = posted
        .iter()
        .filter(|line| of_span(line, "command.id") == command)
        .collect();
    assert_eq!(posted.len(), 1, "{}", log.text());
    let delivered = log.only("a message was delivered");
    assert_eq!(
        of_span(&delivered, "post.key"),
        &posted[0]["fields"]["post.key"]
    );
    assert_eq!(of_span(&delivered, "workspace"), "local");
    assert!(!log.text().contains("canary"), "{}", log.text());
}

#[tokio::test]
async fn a_decision_is_one_line() {
    let bot = Bot::start().await;
    let (log, _logging) = Written::begin();
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01"
    );
    for line in [add.as_str(), "action orders delete", "instance show orders"] {
        let command = parse_line(line).unwrap();
        bot.warden.handle(&Actor::local("alice"), &command).await;
    }
    let decided = log.lines("a command was decided");
    let verbs: Vec<&Value> = decided.iter().map(|line| &line["fields"]["verb"]).collect();
    assert_eq!(verbs, ["instance add", "action", "instance show"]);
    let attested = &decided[1];
    assert_eq!(attested["fields"]["who"], "console");
    assert!(attested["fields"]["outcome"].is_string(), "{attested}");
    assert!(attested["fields"]["rules"].is_string(), "{attested}");
    assert_eq!(of_span(attested, "instance"), ORDERS);
    assert_eq!(of_span(attested, "workspace"), "local");
    let mut ids: Vec<&Value> = decided
        .iter()
        .map(|line| of_span(line, "command.id"))
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each command has an id of its own");
}

#[tokio::test]
async fn a_path_and_a_query_of_a_stranger_are_not_logged() {
    let bot = Bot::start().await;
    let (log, _logging) = Written::begin();
    assert_eq!(bot.get("/canary-path?token=canary").await.0, 404);
    assert_eq!(bot.get("/readyz?token=canary").await.0, 200);
    let routes = log.lines("a request was answered");
    let routes: Vec<&Value> = routes
        .iter()
        .map(|line| of_span(line, "http.route"))
        .collect();
    assert_eq!(routes, ["none", "/readyz"]);
    assert!(!log.text().contains("canary"), "{}", log.text());
}

/// Whose requests are refused, and why. Of what a stranger writes nothing is logged.
#[tokio::test]
async fn a_refusal_is_logged_with_its_reason_and_the_key() {
    let bot = Bot::with(Setup {
        per_minute: 1,
        ..Setup::default()
    })
    .await;
    let (log, _logging) = Written::begin();
    let stamp = bot.now();
    let notice = || bot.notice(NOTICE);
    let wrong = sign(
        notice(),
        "relay",
        "canary-of-nobody",
        stamp,
        NOTICE.as_bytes(),
    );
    assert_eq!(sent(wrong).await.0, 401);
    let stranger = sign(notice(), "canary-name", SECRET, stamp, NOTICE.as_bytes());
    assert_eq!(sent(stranger).await.0, 401);
    for status in [202, 429] {
        let borne = notice().header("Authorization", format!("Bearer {BEARER}"));
        assert_eq!(sent(borne).await.0, status);
    }
    let lines = log.lines("a request was answered");
    let told = |line: &Value, field: &str| {
        let spans = line["spans"].as_array().unwrap();
        let found = spans.iter().rev().find_map(|span| span.get(field));
        found.and_then(Value::as_str).unwrap_or("").to_owned()
    };
    let keys: Vec<String> = lines.iter().map(|line| told(line, "http.key")).collect();
    assert_eq!(keys, ["relay", "", "pipe", "pipe"]);
    let whys: Vec<String> = lines
        .iter()
        .map(|line| told(line, "http.refusal"))
        .collect();
    assert!(
        whys[0].contains("the signature is wrong") && whys[1] == whys[0],
        "{whys:?}"
    );
    assert!(
        whys[2].is_empty() && whys[3].contains("sends too much"),
        "{whys:?}"
    );
    assert!(!log.text().contains("canary"), "{}", log.text());
}
