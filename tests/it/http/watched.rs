//! The alert rules with their cases and the dashboard name only metrics that the program exports.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::*;

/// A metric with what it says of its labels, and a label with what is wanted of it.
static SELECTOR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(warden_[a-z_]+)(?:\{([^}]*)\})?").unwrap());
static MATCHER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)""#).unwrap());

/// A series that the program shows, or that somebody else wants to see.
#[derive(Debug)]
struct Series {
    name: String,
    labels: BTreeMap<String, String>,
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every series that there is from the start.
async fn shown() -> Vec<Series> {
    let bot = Bot::start().await;
    let (_, text) = bot.get("/metrics").await;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let series = lines.map(|line| {
        let found = SELECTOR.captures(line).unwrap();
        let labels = found.get(2).map_or("", |labels| labels.as_str());
        let pairs = MATCHER.captures_iter(labels);
        Series {
            name: found[1].to_owned(),
            labels: pairs
                .map(|pair| (pair[1].to_owned(), pair[3].to_owned()))
                .collect(),
        }
    });
    series.collect()
}

/// Whether a series is one that is asked for. Prometheus gives each the labels `job` and `instance`.
fn fits(series: &Series, name: &str, matchers: &str) -> bool {
    let of_prometheus = |label: &str| ["job", "instance"].contains(&label);
    name == series.name
        && MATCHER.captures_iter(matchers).all(|wanted| {
            let (label, value) = (&wanted[1], &wanted[3]);
            if of_prometheus(label) {
                return true;
            }
            let Some(held) = series.labels.get(label) else {
                return false;
            };
            let pattern = Regex::new(&format!("^(?:{value})$")).unwrap();
            match &wanted[2] {
                "=" => held == value,
                "!=" => held != value,
                "=~" => pattern.is_match(held),
                _ => !pattern.is_match(held),
            }
        })
}

/// What of an expression no series answers to, word by word of what a label may be.
fn unanswered(expression: &str, shown: &[Series]) -> Vec<String> {
    let mut missing = Vec::new();
    let mut selectors = SELECTOR.captures_iter(expression).peekable();
    if selectors.peek().is_none() {
        missing.push(format!("{expression}: it names no metric"));
    }
    for selector in selectors {
        let (name, matchers) = (
            &selector[1],
            selector.get(2).map_or("", |found| found.as_str()),
        );
        // What is wanted by several words is wanted by each.
        let several = MATCHER
            .captures_iter(matchers)
            .find(|wanted| &wanted[2] == "=~");
        let each: Vec<String> = match several {
            Some(wanted) if wanted[3].contains('|') => (wanted[3].split('|'))
                .map(|word| matchers.replace(&wanted[3], word))
                .collect(),
            _ => vec![matchers.to_owned()],
        };
        for matchers in each {
            if !shown.iter().any(|series| fits(series, name, &matchers)) {
                missing.push(format!("{name}{{{matchers}}} in {expression}"));
            }
        }
    }
    missing
}

#[tokio::test]
async fn alerts_and_panels_name_only_what_is_shown() {
    let shown = shown().await;
    let rules = read("contrib/prometheus/warden.rules.yml");
    let mut expressions: Vec<String> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: '"))
        .map(|rest| rest.trim_end_matches('\'').to_owned())
        .collect();
    let alerts = rules.matches("- alert: ").count();
    assert_eq!(
        expressions.len(),
        alerts,
        "every alert has an expression in one line"
    );
    let dashboard: Value = serde_json::from_str(&read("contrib/grafana/warden.json")).unwrap();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            expressions.push(target["expr"].as_str().unwrap().to_owned());
        }
    }
    let missing = expressions.iter();
    let missing: Vec<String> = missing.flat_map(|text| unanswered(text, &shown)).collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    for wrong in [
        "warden_concern > 0",
        "warden_concerns{kind=\"in-limbo\"} > 0",
        "warden_concerns{sort=\"missing\"} > 0",
        "warden_concerns{kind=~\"missing|in-limbo\"} > 0",
        "up == 0",
    ] {
        assert_eq!(unanswered(wrong, &shown).len(), 1, "{wrong}");
    }
}

/// The names of alerts for which a case expects that they fire, or that they rest.
fn cases(text: &str, fires: bool) -> Vec<String> {
    let mut alert = "";
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.trim().strip_prefix("- alertname: ") {
            alert = name;
        }
        let expected = line.trim().strip_prefix("exp_alerts:");
        if expected.is_some_and(|expected| expected.trim().is_empty() == fires) {
            found.push(alert.to_owned());
        }
    }
    found.sort();
    found
}

#[test]
fn every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_rests() {
    let rules = read("contrib/prometheus/warden.rules.yml");
    let alerts = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    let mut alerts: Vec<&str> = alerts.collect();
    alerts.sort_unstable();
    assert!(alerts.len() > 10, "{alerts:?}");
    let tests =
        ["minutes", "days"].map(|name| read(&format!("contrib/prometheus/tests/{name}.yml")));
    let tests = tests.concat();
    assert_eq!(cases(&tests, true), alerts);
    assert_eq!(cases(&tests, false), alerts);
}
