//! The counts of stored objects, taken a part at a time.

use edition_warden::meter::METRICS;
use edition_warden::store::{CensusPart, CensusPlace, CensusTerms};
use prometheus_parse::{Scrape, Value as Figure};
use reqwest::header::ACCEPT;

use super::figures::{figure, passes, promtool, says, scrape};
use super::*;

/// An instance of its own for each number.
fn id(number: u64) -> String {
    let account = 1_700_000_000_000_000 + number;
    format!("MQ_INST_{account}_BXuIbML7")
}

async fn adds(bot: &Bot, number: u64, rest: &str) {
    let id = id(number);
    let line = format!("instance add {id} --name row-{number} --region cn-hangzhou {rest}");
    says(bot, &line).await;
}

/// How many instances there are, as far as any are.
fn instances(seen: &Scrape) -> Vec<(String, f64)> {
    let of = seen.samples.iter();
    let of = of.filter(|sample| sample.metric == "warden_instances");
    let mut found: Vec<(String, f64)> = of
        .filter_map(|sample| {
            let label = |name: &str| sample.labels.get(name).unwrap().to_owned();
            let Figure::Gauge(many) = sample.value else {
                panic!("it is a gauge")
            };
            let key = ["edition", "action", "horizon"].map(label).join(" ");
            (many > 0.0).then_some((key, many))
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

#[tokio::test]
async fn everything_is_there_from_the_start_at_zero() {
    let bot = Bot::start().await;
    let seen = scrape(&bot).await;
    for metric in METRICS {
        let of = |sample: &&prometheus_parse::Sample| sample.metric == metric.name;
        let found: Vec<_> = seen.samples.iter().filter(of).collect();
        let each = metric.name == "warden_instance_expiry_timestamp_seconds";
        assert_eq!(found.is_empty(), each, "{}", metric.name);
        for sample in found {
            let mut labels: Vec<&String> = sample.labels.keys().collect();
            labels.sort();
            let mut wanted: Vec<&str> = metric.labels.to_vec();
            wanted.sort_unstable();
            assert_eq!(labels, wanted, "{}", metric.name);
            let one = ["warden_build_info", "warden_gateway_up"].contains(&metric.name);
            match sample.value {
                Figure::Counter(value) | Figure::Gauge(value) if one => assert_eq!(value, 1.0),
                Figure::Gauge(_) if metric.name == "warden_census_timestamp_seconds" => {}
                Figure::Counter(value) | Figure::Gauge(value) => {
                    assert_eq!(value, 0.0, "{}", metric.name);
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn instances_are_counted_by_what_becomes_of_them_and_when() {
    let bot = Bot::start().await;
    adds(
        &bot,
        1,
        "--edition platinum --expires 2026-01-01T12:00:00Z --action delete",
    )
    .await;
    adds(
        &bot,
        2,
        "--edition platinum --expires 2026-01-05T00:00:00Z --action delete",
    )
    .await;
    adds(
        &bot,
        3,
        "--edition platinum --expires 2026-01-05T00:00:00Z --action downgrade",
    )
    .await;
    adds(&bot, 4, "--edition platinum --expires 2026-01-20T00:00:00Z").await;
    adds(
        &bot,
        5,
        "--edition platinum --expires 2026-07-01T00:00:00Z --action downgrade",
    )
    .await;
    adds(&bot, 6, "--edition standard").await;
    adds(&bot, 8, "--edition platinum").await;
    says(&bot, &format!("instance remove {} --reason sold", id(8))).await;
    let is = |key: &str| (key.to_owned(), 1.0);
    let seen = scrape(&bot).await;
    assert_eq!(
        instances(&seen),
        [
            is("platinum delete 1d"),
            is("platinum delete 7d"),
            is("platinum downgrade 7d"),
            is("platinum downgrade later"),
            is("platinum unknown 30d"),
            is("standard unknown unknown"),
        ]
    );
    let next = |seen: &Scrape, action| {
        let name = "warden_next_expiry_timestamp_seconds";
        figure(seen, name, &[("action", action)]).unwrap()
    };
    let at = |text| Some(instant(text).timestamp() as f64);
    assert_eq!(Some(next(&seen, "delete")), at("2026-01-01T12:00:00Z"));
    assert_eq!(Some(next(&seen, "downgrade")), at("2026-01-05T00:00:00Z"));
    assert_eq!(Some(next(&seen, "unknown")), at("2026-01-20T00:00:00Z"));
    passes(&bot, 4 * 86_400).await;
    let seen = scrape(&bot).await;
    let found = instances(&seen);
    for key in ["platinum delete past", "platinum downgrade past"] {
        let past = found.iter().find(|(found, _)| found == key);
        assert!(past.is_some(), "{key}: {found:?}");
    }
    assert_eq!(Some(next(&seen, "downgrade")), at("2026-07-01T00:00:00Z"));
    assert_eq!(next(&seen, "delete"), 0.0, "what is past is no next one");
}

#[tokio::test]
async fn concerns_changes_and_notices_are_counted() {
    let bot = Bot::start().await;
    adds(
        &bot,
        1,
        "--edition platinum --expires 2026-01-05T00:00:00Z --action delete",
    )
    .await;
    adds(&bot, 2, "--edition standard --busy off --max-tps 100").await;
    says(&bot, "upgrade row-2").await;
    sent(bot.signed(NOTICE)).await;
    bot.delivery.pass().await.unwrap();
    passes(&bot, 3_600).await;
    let seen = scrape(&bot).await;
    let of = |name: &str, labels: &[(&str, &str)]| figure(&seen, name, labels);
    assert_eq!(of("warden_concerns", &[("kind", "deletes")]), Some(1.0));
    let oldest = of("warden_concerns_oldest_age_seconds", &[("kind", "deletes")]);
    assert!(oldest.unwrap() >= 3_600.0, "{oldest:?}");
    assert_eq!(of("warden_concerns", &[("kind", "missing")]), Some(0.0));
    assert_eq!(of("warden_open_changes", &[("step", "upgrade")]), Some(1.0));
    assert_eq!(of("warden_open_changes", &[("step", "unknown")]), Some(0.0));
    assert_eq!(of("warden_notices", &[("state", "raised")]), Some(1.0));
    assert_eq!(of("warden_notices", &[("state", "suppressed")]), Some(0.0));
    says(&bot, "ack notice 1").await;
    let seen = scrape(&bot).await;
    assert_eq!(
        figure(&seen, "warden_notices", &[("state", "raised")]),
        Some(0.0)
    );
    says(&bot, "cancel 1 --reason enough").await;
    let seen = scrape(&bot).await;
    let upgrades = figure(&seen, "warden_open_changes", &[("step", "upgrade")]);
    assert_eq!(upgrades, Some(0.0));
}

#[tokio::test]
async fn what_is_due_and_not_looked_at_lags() {
    let bot = Bot::start().await;
    let lag = async || figure(&scrape(&bot).await, "warden_schedule_lag_seconds", &[]).unwrap();
    assert_eq!(lag().await, 0.0);
    adds(
        &bot,
        1,
        "--edition platinum --expires 2026-01-20T00:00:00Z --action delete",
    )
    .await;
    bot.delivery.pass().await.unwrap();
    assert_eq!(lag().await, 0.0);
    passes(&bot, 10 * 86_400).await;
    assert!(lag().await > 3_600.0);
    bot.delivery.pass().await.unwrap();
    assert_eq!(lag().await, 0.0);
}

#[tokio::test]
async fn files_and_answers_are_counted() {
    let bot = Bot::start().await;
    let imports = async |text: &str, options: &str| {
        let command = edition_warden::command::parse_line(&format!("import rows.csv {options}"));
        let edition_warden::command::Command::Import(request) = command.unwrap() else {
            panic!("it is an import")
        };
        let source = edition_warden::app::ImportSource {
            label: "rows.csv".to_owned(),
            bytes: text.as_bytes().to_vec(),
            modified: None,
        };
        let alice = edition_warden::app::Actor::local("alice");
        bot.warden.import(&alice, &request, &source).await.outcome
    };
    let file = format!(
        "id,name,region,edition\n{},orders,cn-hangzhou,platinum\n",
        id(1)
    );
    imports(&file, "--dry-run").await;
    assert_eq!(imports(&file, "").await.as_str(), "done");
    imports("nothing of this kind", "").await;
    let seen = scrape(&bot).await;
    let of = |name: &str, label, value| figure(&seen, name, &[(label, value)]);
    let imported = |result| of("warden_imports_total", "result", result);
    let counted = ["taken", "held", "refused", "failed"].map(imported);
    assert_eq!(counted, [Some(1.0), Some(0.0), Some(1.0), Some(0.0)]);
    let now = bot.now() as f64;
    for name in ["last", "oldest"] {
        let name = format!("warden_import_{name}_success_timestamp_seconds");
        assert_eq!(figure(&seen, &name, &[]), Some(now), "{name}");
    }
    bot.get("/nowhere").await;
    let seen = scrape(&bot).await;
    let status = |status| figure(&seen, "warden_http_responses_total", &[("status", status)]);
    assert_eq!([status("200"), status("404")], [Some(1.0), Some(1.0)]);
}

#[tokio::test]
async fn an_instance_is_named_where_that_is_wanted_only() {
    let name = "warden_instance_expiry_timestamp_seconds";
    for per_instance in [false, true] {
        let bot = Bot::with(Setup {
            per_instance,
            ..Setup::default()
        })
        .await;
        adds(
            &bot,
            1,
            "--edition platinum --expires 2026-02-01T00:00:00Z --action delete",
        )
        .await;
        let (id, seen) = (id(1), scrape(&bot).await);
        let labels = [
            ("workspace", "local"),
            ("instance", id.as_str()),
            ("edition", "platinum"),
            ("action", "delete"),
        ];
        let expires = instant("2026-02-01T00:00:00Z").timestamp() as f64;
        let wanted = per_instance.then_some(expires);
        assert_eq!(figure(&seen, name, &labels), wanted);
        let text = bot.get("/metrics").await.1;
        assert_eq!(text.contains("MQ_INST_"), per_instance, "{text}");
    }
}

#[tokio::test]
async fn open_metrics_is_written_for_those_who_ask_for_it() {
    let bot = Bot::start().await;
    let asked = async |accept: &str| {
        let request = bot.client.get(bot.url("/metrics")).header(ACCEPT, accept);
        let response = request.send().await.unwrap();
        let kind = response.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        (kind, response.text().await.unwrap())
    };
    let (kind, text) = asked("application/openmetrics-text; version=1.0.0, text/plain;q=0.5").await;
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "{kind}"
    );
    assert!(text.ends_with("\n# EOF\n"), "{text}");
    assert!(text.contains("# TYPE warden_decisions counter\n"), "{text}");
    assert!(
        text.contains("\nwarden_decisions_total{outcome=\"done\"} 0\n"),
        "{text}"
    );
    assert!(
        text.contains("# UNIT warden_schedule_lag_seconds seconds\n"),
        "{text}"
    );
    let (kind, text) = asked("*/*").await;
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    assert!(
        text.contains("# TYPE warden_decisions_total counter\n"),
        "{text}"
    );
    promtool(&text);
}

#[tokio::test]
async fn what_the_database_fails_is_counted() {
    use sqlx::{AssertSqlSafe, ConnectOptions, sqlite::SqliteConnectOptions};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let bot = Bot::on_file(&path).await;
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = options.connect().await.unwrap();
    let trap =
        "CREATE TRIGGER trap BEFORE INSERT ON instance BEGIN SELECT RAISE(ROLLBACK, 'x'); END";
    let trap = AssertSqlSafe(trap.to_owned());
    sqlx::raw_sql(trap).execute(&mut other).await.unwrap();
    adds(&bot, 1, "--edition platinum").await;
    let seen = scrape(&bot).await;
    let failed = figure(&seen, "warden_database_errors_total", &[("kind", "other")]);
    assert!(failed.unwrap() >= 1.0, "{failed:?}");
    let failed = figure(
        &seen,
        "warden_database_errors_total",
        &[("kind", "damaged")],
    );
    assert_eq!(failed, Some(0.0));
}

/// All parts together, and how many there were.
async fn counted(store: &Store, part: u32) -> (CensusPart, u32) {
    let (mut all, mut place, mut parts) = (CensusPart::default(), CensusPlace::default(), 0);
    loop {
        let terms = CensusTerms {
            now: instant("2026-01-01T00:00:00Z"),
            part,
            each: true,
        };
        let found = store.system().census(&place, terms).await.unwrap();
        parts += 1;
        assert!(found.each.len() <= part as usize);
        all.instances.extend(found.instances);
        all.concerns.extend(found.concerns);
        all.steps.extend(found.steps);
        all.each.extend(found.each);
        match found.next {
            Some(next) => place = next,
            None => return (all, parts),
        }
    }
}

#[tokio::test]
async fn counting_in_parts_counts_everything_once() {
    let bot = Bot::start().await;
    for number in 0..7 {
        adds(&bot, number, "--edition standard --busy off --max-tps 100").await;
        says(&bot, &format!("upgrade row-{number}")).await;
    }
    for number in 3..5 {
        adds(
            &bot,
            10 + number,
            "--edition platinum --expires 2026-01-02 --action delete",
        )
        .await;
    }
    bot.delivery.pass().await.unwrap();
    let many = |part: &CensusPart| -> [i64; 3] {
        let instances = part.instances.iter().map(|alike| alike.many).sum();
        let concerns = part.concerns.iter().map(|alike| alike.many).sum();
        [instances, concerns, part.steps.len() as i64]
    };
    let (whole, parts) = counted(&bot.store, 100).await;
    let [instances, concerns, changes] = many(&whole);
    assert_eq!((instances, changes, parts), (9, 7, 1));
    assert!(concerns >= 9, "{concerns}");
    for (part, wanted) in [(1, 10), (2, 5), (3, 4), (9, 2), (10, 1)] {
        let (again, parts) = counted(&bot.store, part).await;
        assert_eq!(many(&again), many(&whole), "{part}");
        assert_eq!(again.each, whole.each, "{part}");
        assert_eq!(parts, wanted, "{part}");
    }
}

/// What a scrape costs does not grow with what there is.
#[tokio::test]
async fn a_scrape_is_as_many_statements_however_much_there_is() {
    let bot = Bot::start().await;
    let mut spent = Vec::new();
    for number in 0..30 {
        adds(
            &bot,
            number,
            "--edition platinum --expires 2026-02-01 --action delete",
        )
        .await;
        let before = bot.store.tally();
        scrape(&bot).await;
        spent.push(bot.store.tally().since(before).statements);
    }
    assert!(
        spent.iter().all(|one| *one <= 12 && *one == spent[0]),
        "{spent:?}"
    );
}
