//! Alive, ready, and in figures.

use std::collections::HashMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use edition_warden::app::Actor;
use edition_warden::command::parse_line;
use edition_warden::domain::notice::NoticeVerdict;
use prometheus_parse::{Scrape, Value as Figure};

use super::*;
use crate::harness::ORDERS;

pub(super) async fn scrape(bot: &Bot) -> Scrape {
    let (status, text) = bot.get("/metrics").await;
    assert_eq!(status, 200, "{text}");
    promtool(&text);
    Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap()
}

/// Has Prometheus's own tool check what it would read, where it is installed.
pub(super) fn promtool(text: &str) {
    let run = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = run else { return };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{text}");
}

/// A counter or a gauge; `None` where there is no such line.
pub(super) fn figure(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let labels: HashMap<String, String> = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let mut found = scrape
        .samples
        .iter()
        .filter(|sample| sample.metric == name && *sample.labels == labels);
    let sample = found.next()?;
    assert!(found.next().is_none(), "{name} is there twice");
    match sample.value {
        Figure::Counter(value) | Figure::Gauge(value) | Figure::Untyped(value) => Some(value),
        _ => panic!("{name} is no single figure"),
    }
}

pub(super) async fn says(bot: &Bot, line: &str) {
    let command = parse_line(line).unwrap();
    bot.warden.handle(&Actor::local("alice"), &command).await;
}

pub(super) async fn passes(bot: &Bot, seconds: i64) {
    let at = bot.clock.now() + TimeDelta::seconds(seconds);
    bot.clock.advance_to(at).unwrap();
}

#[tokio::test]
async fn decisions_are_counted_by_outcome_and_rule() {
    let bot = Bot::start().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete"
    );
    for line in [
        &add,
        "unsubscribe orders",
        "unsubscribe orders",
        "instance list",
    ] {
        says(&bot, line).await;
    }
    for verdict in [NoticeVerdict::RedundantByAction, NoticeVerdict::NoProof] {
        bot.warden.meter().suppressed(verdict);
    }
    let seen = scrape(&bot).await;
    let decided = |outcome| figure(&seen, "warden_decisions_total", &[("outcome", outcome)]);
    assert_eq!(decided("done"), Some(1.0));
    assert_eq!(decided("blocked"), Some(2.0));
    assert_eq!(decided("info"), Some(0.0));
    let labels = [("outcome", "blocked"), ("rule", "action-before-exit")];
    let by_rule = figure(&seen, "warden_decisions_by_rule_total", &labels);
    assert_eq!(by_rule, Some(2.0));
    let suppressed = |reason| figure(&seen, "warden_suppressions_total", &[("reason", reason)]);
    assert_eq!(suppressed("action-downgrade-attested"), Some(1.0));
    assert_eq!(suppressed("standard-attested"), Some(0.0));
}

#[tokio::test]
async fn the_outbox_is_measured() {
    let bot = Bot::start().await;
    let names = ["warden_outbox_messages", "warden_outbox_oldest_age_seconds"];
    let outbox = async || {
        let seen = scrape(&bot).await;
        names.map(|name| figure(&seen, name, &[]))
    };
    assert_eq!(outbox().await, [Some(0.0), Some(0.0)]);
    for stamp in [0, 1] {
        sent(bot.signed_at(bot.now() - stamp, NOTICE)).await;
    }
    passes(&bot, 42).await;
    // The second is a duplicate of the first: it is posted once.
    assert_eq!(outbox().await, [Some(1.0), Some(42.0)]);
    bot.delivery.pass().await.unwrap();
    assert_eq!(outbox().await, [Some(0.0), Some(0.0)]);
    let seen = scrape(&bot).await;
    let of = |name: &str| seen.samples.iter().find(|sample| sample.metric == name);
    let Figure::Histogram(late) = &of("warden_delivery_lateness_seconds").unwrap().value else {
        panic!("it is a histogram");
    };
    let upto = |mark: f64| {
        late.iter()
            .find(|count| count.less_than == mark)
            .unwrap()
            .count
    };
    assert_eq!(
        (upto(30.0), upto(60.0), upto(f64::INFINITY)),
        (0.0, 1.0, 1.0)
    );
}

#[tokio::test]
async fn the_oldest_decisive_fact_is_measured() {
    let bot = Bot::start().await;
    let age = async || {
        let name = "warden_decisive_fact_oldest_age_seconds";
        figure(&scrape(&bot).await, name, &[])
    };
    assert_eq!(age().await, Some(0.0));
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01"
    );
    says(&bot, &add).await;
    assert_eq!(age().await, Some(0.0), "what nobody has said has no age");
    says(&bot, "action orders delete").await;
    passes(&bot, 3_600).await;
    assert_eq!(age().await, Some(3_600.0));
    says(&bot, "action orders downgrade").await;
    assert_eq!(age().await, Some(0.0));
    passes(&bot, 60).await;
    says(&bot, "instance remove orders --reason sold").await;
    assert_eq!(age().await, Some(0.0));
}

#[tokio::test]
async fn it_is_alive_even_without_a_database() {
    let bot = Bot::start().await;
    assert_eq!(
        bot.get("/healthz").await,
        (200, r#"{"status":"alive"}"#.to_owned())
    );
    bot.store.close().await;
    assert_eq!(bot.get("/healthz").await.0, 200);
    let (status, said) = bot.get("/readyz").await;
    assert_eq!(status, 503);
    assert!(said.contains("the database does not answer"), "{said}");
    assert_ne!(bot.get("/metrics").await.0, 200);
}

#[tokio::test]
async fn it_is_ready_when_somebody_delivers() {
    let bot = Bot::with(Setup {
        leased: Some(Served::All),
        ..Setup::default()
    })
    .await;
    let ready = async || {
        let (status, said) = bot.get("/readyz").await;
        let said: Value = serde_json::from_str(&said).unwrap();
        let word = said["delivery"].as_str().or(said["reason"].as_str());
        (status, word.unwrap().to_owned())
    };
    let is = |status, word: &str| (status, word.to_owned());
    assert_eq!(ready().await, is(503, "nobody delivers what is posted"));
    assert!(bot.delivery.begin().await.unwrap());
    assert_eq!(ready().await, is(200, "delivers"));
    passes(&bot, 31).await;
    assert_eq!(ready().await, is(503, "nobody delivers what is posted"));
    let other = Delivery::leased(
        bot.warden.clone(),
        Ears::default(),
        DeliveryOptions::default(),
        Served::All,
    );
    assert!(other.begin().await.unwrap());
    assert_eq!(ready().await, is(200, "stands by"));
    bot.delivery.stop().await.unwrap();
    assert_eq!(ready().await, is(503, "the program is ending"));
}

/// What `warden ready` says, and how it ends, where something listens at this address.
async fn asked(at: String) -> (Option<i32>, String) {
    let run = move || {
        Command::new(env!("CARGO_BIN_EXE_warden"))
            .arg("ready")
            .env_clear()
            .env("WARDEN__HTTP__LISTEN", at)
            .current_dir(std::env::temp_dir())
            .output()
            .unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn a_health_check_asks_the_program_itself() {
    let bot = Bot::start().await;
    let at = bot.server.address().to_string();
    let is = |code, said: &str| (Some(code), said.to_owned());
    assert_eq!(asked(at.clone()).await, is(0, "ready: it delivers\n"));
    bot.store.close().await;
    let (code, said) = asked(at.clone()).await;
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said, "warden: not ready: the database does not answer\n");
    bot.server.stop().await;
    let (code, said) = asked(at.clone()).await;
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(
        said,
        format!("warden: not ready: nothing answers at {at}\n")
    );
    let (code, said) = asked(String::new()).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("http.listen is not set"), "{said}");
}

#[tokio::test]
async fn it_is_not_ready_while_nothing_can_be_recorded() {
    use sqlx::{AssertSqlSafe, ConnectOptions, sqlite::SqliteConnectOptions};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let bot = Bot::on_file(&path).await;
    let mut other = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    let mut runs = async |text: &str| {
        let text = AssertSqlSafe(text.to_owned());
        sqlx::raw_sql(text).execute(&mut other).await.unwrap();
    };
    assert_eq!(bot.get("/readyz").await.0, 200);
    // It can be read all the time; SQLite ends the transaction by itself, as on a full disk.
    for event in ["INSERT", "UPDATE"] {
        runs(&format!("CREATE TRIGGER full_{event} BEFORE {event} ON lease BEGIN SELECT RAISE(ROLLBACK, 'full'); END"))
            .await;
    }
    for _ in 0..2 {
        let (status, said) = bot.get("/readyz").await;
        assert_eq!((status, said.contains("not ready")), (503, true), "{said}");
    }
    runs("DROP TRIGGER full_INSERT; DROP TRIGGER full_UPDATE").await;
    assert_eq!(bot.get("/readyz").await.0, 200, "without a restart");
}
