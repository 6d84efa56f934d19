//! The rule cases of `policy/*.toml`: facts, an intent and a moment give an outcome and the rules behind it.
//!
//! Every key a case may have is a field of [`Row`]. Times are written as RFC 3339, or relative to the moment of the
//! case: `now`, `now+7d`, `now-24h-1ms`. Ages are written as `24h`, `24h+1ms`, `7d-1ms`. A fact is a bare value
//! (attested at that moment), a table `{ value, age | at, source }`, `"unknown"`, or a contradiction
//! `{ held = { … }, other = { … } }`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use domain::Timestamp;
use domain::change::Route;
use domain::fact::{Fact, Gap, Known, Source};
use domain::id::{IdError, InstanceId, InstanceName, Person, Region};
use domain::instance::{AtExpiry, Edition, Instance, PostExpirationAction, Switch};
use domain::judge::judge;
use domain::notice::{Exit, Notice, NoticeKind, NoticeVerdict, Reading, judge_notice};
use domain::rules::{Intent, RuleId, Severity, Terms};
use domain::team::Limits;
use serde::Deserialize;

const FEWEST_CASES: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The moment of every case that names no other.
    now: String,
    /// Facts of every case of the file, unless the case overrides them.
    #[serde(default)]
    facts: Facts,
    case: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    intent: String,
    now: Option<String>,
    /// The text that `parse-id` reads.
    id: Option<String>,
    #[serde(default)]
    facts: Facts,
    limits: Option<TightLimits>,
    /// The size that was acknowledged.
    acknowledged: Option<u32>,
    /// The state recorded when the expiry passed.
    at_expiry: Option<Settled>,
    /// The notice that `notice` judges.
    notice: Option<Announcement>,
    /// Whether the open downgrade's exit is confirmed.
    #[serde(default)]
    exit_confirmed: bool,
    outcome: String,
    /// Exactly the rules that decide, in any order.
    #[serde(default)]
    rules: Vec<String>,
    /// Rules that must inform.
    #[serde(default)]
    informs: Vec<String>,
    /// Rules that must neither decide nor inform.
    #[serde(default)]
    silent: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TightLimits {
    unsubscribe: Option<String>,
    expiry: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Announcement {
    kind: Announces,
    /// How well its text is understood.
    #[serde(default)]
    reading: HowClear,
    /// Whether it names the instance and no other.
    known: bool,
    date: Option<String>,
    /// The expiry it gives.
    expiry: Option<String>,
    /// When it came, if that is not now.
    received: Option<String>,
    /// When a recorded exit was.
    exit: Option<String>,
    /// The expiry before the exit.
    expired: Option<String>,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
enum HowClear {
    #[default]
    Clear,
    Vetoed,
    Unclear,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Announces {
    Release,
    Expiry,
    Gone,
    Other,
}

impl Announcement {
    /// A suppressed notice is decided by the rule; of a raised one the rule has nothing to say.
    fn judge(&self, instance: &Instance, limits: &Limits, now: Timestamp) -> Result {
        let at = |text: &Option<String>| text.as_deref().map(|text| instant(text, now));
        let notice = Notice {
            kind: match self.kind {
                Announces::Release => NoticeKind::Release,
                Announces::Expiry => NoticeKind::Expiry,
                Announces::Gone => NoticeKind::Gone,
                Announces::Other => NoticeKind::Other,
            },
            reading: match self.reading {
                HowClear::Clear => Reading::Clear,
                HowClear::Vetoed => Reading::Vetoed,
                HowClear::Unclear => Reading::Unclear,
            },
            instance: self.known.then_some(instance),
            release: at(&self.date),
            expiry: at(&self.expiry),
            received: at(&self.received).unwrap_or(now),
            exit: at(&self.exit).map(|left| Exit {
                at: left,
                expired: at(&self.expired),
                unsubscribed: None,
            }),
            called_gone: None,
        };
        let redundant = judge_notice(&notice, limits, now).is_redundant();
        let rule = RuleId::ReleaseNoticeRedundant.as_str().to_owned();
        Result {
            outcome: if redundant { "suppressed" } else { "raised" }.to_owned(),
            deciding: redundant.then_some(rule).into_iter().collect(),
            informing: BTreeSet::new(),
        }
    }
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Settled {
    Converts,
    AtRisk,
}

#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields)]
struct Facts {
    edition: Option<Said<Edition>>,
    expires: Option<Said<String>>,
    action: Option<Said<PostExpirationAction>>,
    /// The action according to an import.
    unverified: Option<PostExpirationAction>,
    auto_renew: Option<Said<Switch>>,
    busy: Option<Said<Switch>>,
    max_tps: Option<Said<u32>>,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Said<T> {
    Unknown(Unknown),
    Bare(T),
    One(Told<T>),
    Two(Two<T>),
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "kebab-case")]
enum Unknown {
    Unknown,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Two<T> {
    held: Told<T>,
    other: Told<T>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Told<T> {
    value: T,
    age: Option<String>,
    at: Option<String>,
    #[serde(default)]
    source: Origin,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
enum Origin {
    #[default]
    Attested,
    Imported,
    Derived,
}

/// `24h+1ms`: numbers with a unit, each after the first led by its sign.
fn span(text: &str) -> TimeDelta {
    let mut total = TimeDelta::zero();
    let mut rest = text;
    while !rest.is_empty() {
        let negative = rest.starts_with('-');
        rest = rest.trim_start_matches(['+', '-']);
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
        let (number, tail) = rest.split_at(digits);
        let end = tail.find(['+', '-']).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let number: i64 = number.parse().unwrap();
        let part = match unit {
            "ms" => TimeDelta::milliseconds(number),
            "s" => TimeDelta::seconds(number),
            "m" => TimeDelta::minutes(number),
            "h" => TimeDelta::hours(number),
            "d" => TimeDelta::days(number),
            other => panic!("`{other}` is no unit of time"),
        };
        total += if negative { -part } else { part };
        rest = tail;
    }
    total
}

fn instant(text: &str, now: Timestamp) -> Timestamp {
    match text.strip_prefix("now") {
        Some(offset) => now + span(offset),
        None => DateTime::parse_from_rfc3339(text)
            .unwrap_or_else(|error| panic!("`{text}`: {error}"))
            .with_timezone(&Utc),
    }
}

fn known<T, U>(told: Told<T>, now: Timestamp, read: impl Fn(T) -> U) -> Known<U> {
    let at = match (told.age, told.at) {
        (Some(age), None) => now - span(&age),
        (None, Some(at)) => instant(&at, now),
        (None, None) => now,
        (Some(_), Some(_)) => panic!("a fact has either an age or an instant"),
    };
    Known {
        value: read(told.value),
        source: match told.source {
            Origin::Attested => Source::Attested,
            Origin::Imported => Source::Imported,
            Origin::Derived => Source::Derived,
        },
        by: Person::named("alice"),
        at,
    }
}

fn fact<T, U>(said: Option<Said<T>>, now: Timestamp, read: impl Fn(T) -> U) -> Fact<U> {
    match said {
        None => Fact::never(),
        Some(Said::Unknown(Unknown::Unknown)) => Fact::gone(Gap::SaidUnknown, now),
        Some(Said::Bare(value)) => Fact::attested(read(value), &Person::named("alice"), now),
        Some(Said::One(told)) => Fact::Known(known(told, now, read)),
        Some(Said::Two(Two { held, other })) => Fact::Contradictory {
            held: known(held, now, &read),
            other: known(other, now, &read),
        },
    }
}

impl Facts {
    /// These facts, and for those not given what `rest` says.
    fn or(self, rest: Self) -> Self {
        Self {
            edition: self.edition.or(rest.edition),
            expires: self.expires.or(rest.expires),
            action: self.action.or(rest.action),
            unverified: self.unverified.or(rest.unverified),
            auto_renew: self.auto_renew.or(rest.auto_renew),
            busy: self.busy.or(rest.busy),
            max_tps: self.max_tps.or(rest.max_tps),
        }
    }

    fn instance(self, now: Timestamp) -> Instance {
        let mut instance = Instance::new(
            InstanceId::parse("MQ_INST_1080056302921134_BXuIbML7").unwrap(),
            InstanceName::parse("orders").unwrap(),
            Region::parse("cn-hangzhou").unwrap(),
        );
        instance.edition = fact(self.edition, now, |edition| edition);
        instance.expires = fact(self.expires, now, |text| instant(&text, now));
        instance.action = fact(self.action, now, |action| action);
        instance.action_unverified = self.unverified.map(|value| Known {
            value,
            source: Source::Imported,
            by: Person::named("alice"),
            at: now,
        });
        instance.auto_renew = fact(self.auto_renew, now, |switch| switch);
        instance.busy = fact(self.busy, now, |switch| switch);
        instance.max_tps = fact(self.max_tps, now, |tps| tps);
        instance
    }
}

/// The judgement of a case.
struct Result {
    outcome: String,
    deciding: BTreeSet<String>,
    informing: BTreeSet<String>,
}

fn parse_id(text: &str) -> Result {
    let (outcome, rule) = match InstanceId::parse(text) {
        Ok(_) => ("allowed", None),
        Err(IdError::Series5(_)) => ("invalid", Some(RuleId::Series4x)),
        Err(_) => ("invalid", None),
    };
    Result {
        outcome: outcome.to_owned(),
        deciding: rule.iter().map(|rule| rule.as_str().to_owned()).collect(),
        informing: BTreeSet::new(),
    }
}

fn intent(word: &str) -> Intent {
    match word {
        "upgrade" => Intent::Upgrade,
        "downgrade" => Intent::Downgrade(None),
        "downgrade-unsubscribe" => Intent::Downgrade(Some(Route::Unsubscribe)),
        "downgrade-expiry" => Intent::Downgrade(Some(Route::Expiry)),
        "set-action" => Intent::SetAction,
        "unsubscribe" => Intent::Unsubscribe,
        "expiry" => Intent::Expiry,
        other => panic!("`{other}` is no intent"),
    }
}

impl Row {
    fn run(self, file_now: &str, common: Facts) -> Result {
        if self.intent == "parse-id" {
            return parse_id(&self.id.unwrap());
        }
        assert!(self.id.is_none(), "only `parse-id` reads an id");
        let now = instant(
            self.now.as_deref().unwrap_or(file_now),
            Timestamp::UNIX_EPOCH,
        );
        let mut limits = Limits::default();
        if let Some(tight) = self.limits {
            if let Some(limit) = tight.unsubscribe {
                limits.action_for_unsubscribe = span(&limit);
            }
            if let Some(limit) = tight.expiry {
                limits.action_for_expiry = span(&limit);
            }
        }
        let mut instance = self.facts.or(common).instance(now);
        instance.at_expiry = self.at_expiry.map(|settled| match settled {
            Settled::Converts => AtExpiry::Converts,
            Settled::AtRisk => AtExpiry::AtRisk,
        });
        if let Some(notice) = &self.notice {
            assert_eq!(self.intent, "notice", "only `notice` judges a notice");
            return notice.judge(&instance, &limits, now);
        }
        let terms = Terms {
            limits: &limits,
            acknowledged_tps: self.acknowledged,
            unsubscribed: self.exit_confirmed,
        };
        let verdict = judge(&instance, intent(&self.intent), &terms, now);
        let with = |wanted: fn(Severity) -> bool| {
            verdict
                .findings
                .iter()
                .filter(|finding| wanted(finding.severity))
                .map(|finding| finding.rule.as_str().to_owned())
                .collect()
        };
        Result {
            outcome: verdict.outcome.as_str().to_owned(),
            deciding: verdict
                .deciding()
                .map(|finding| finding.rule.as_str().to_owned())
                .collect(),
            informing: with(|severity| severity == Severity::Informs),
        }
    }
}

fn files() -> Vec<(String, File)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy");
    let mut files: Vec<(String, File)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let file = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, file)
        })
        .collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files
}

fn rule_names(words: &[String]) -> BTreeSet<String> {
    for word in words {
        assert!(RuleId::from_word(word).is_some(), "`{word}` is no rule");
    }
    words.iter().cloned().collect()
}

#[test]
fn every_case_has_its_outcome_and_rules() {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for (file, content) in files() {
        for row in content.case {
            let name = row.name.clone();
            assert!(names.insert(name.clone()), "two cases are named `{name}`");
            let outcome = row.outcome.clone();
            let rules = rule_names(&row.rules);
            let informs = rule_names(&row.informs);
            let silent = rule_names(&row.silent);
            let result = row.run(&content.now, content.facts.clone());
            if result.outcome != outcome || result.deciding != rules {
                wrong.push(format!(
                    "{file}: {name}: expected {outcome} {rules:?}, got {} {:?}",
                    result.outcome, result.deciding
                ));
            }
            let missing: Vec<_> = informs.difference(&result.informing).collect();
            if !missing.is_empty() {
                wrong.push(format!("{file}: {name}: {missing:?} should inform"));
            }
            let said: BTreeSet<_> = result.informing.union(&result.deciding).cloned().collect();
            let loud: Vec<_> = silent.intersection(&said).collect();
            if !loud.is_empty() {
                wrong.push(format!("{file}: {name}: {loud:?} should be silent"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(names.len() >= FEWEST_CASES, "only {} cases", names.len());
}

/// A rule fires where it decides or informs, by what the data expects, not by what the code happens to say.
#[test]
fn every_rule_has_a_case_where_it_fires_and_one_where_it_does_not() {
    let mut fires: BTreeMap<String, usize> = BTreeMap::new();
    let mut rests: BTreeMap<String, usize> = BTreeMap::new();
    for (_, content) in files() {
        for row in content.case {
            let expected: BTreeSet<_> = row.rules.iter().chain(&row.informs).cloned().collect();
            let silent = row.silent.clone();
            let result = row.run(&content.now, content.facts.clone());
            for rule in expected {
                *fires.entry(rule).or_default() += 1;
            }
            for (rule, _) in RuleId::WORDS {
                let said = result.deciding.contains(*rule) || result.informing.contains(*rule);
                if !said && (silent.iter().any(|word| word == rule) || *rule == "series-4x") {
                    *rests.entry((*rule).to_owned()).or_default() += 1;
                }
            }
        }
    }
    for (word, _) in RuleId::WORDS {
        assert!(
            fires.contains_key(*word),
            "no case expects `{word}` to fire"
        );
        assert!(
            rests.contains_key(*word),
            "no case expects `{word}` to be silent"
        );
    }
}

#[test]
fn a_key_that_no_case_has_is_an_error() {
    let text = "now = \"2026-03-01T00:00:00Z\"\n[[case]]\nname = \"x\"\nintent = \"upgrade\"\noutcome = \"allowed\"\n";
    assert!(toml::from_str::<File>(text).is_ok());
    assert!(toml::from_str::<File>(&format!("{text}rule = []\n")).is_err());
    assert!(
        toml::from_str::<File>(&format!("{text}facts = {{ editon = \"standard\" }}\n")).is_err()
    );
    let told = "facts = { action = { value = \"delete\", aged = \"1h\" } }\n";
    assert!(toml::from_str::<File>(&format!("{text}{told}")).is_err());
}

/// Whichever date a release notice gives: where the expiry is not known, it cannot be said to belong to it.
#[test]
fn a_date_fits_no_expiry_that_is_not_known() {
    let now = instant("2026-03-01T00:00:00Z", DateTime::UNIX_EPOCH);
    let instance = Facts::default().instance(now);
    let judged = |release, expiry| {
        let notice = Notice {
            kind: NoticeKind::Release,
            reading: Reading::Clear,
            instance: Some(&instance),
            release,
            expiry,
            received: now,
            exit: None,
            called_gone: None,
        };
        judge_notice(&notice, &Limits::default(), now)
    };
    assert_eq!(judged(None, None), NoticeVerdict::NoProof);
    for (release, expiry) in [(Some(now), None), (None, Some(now)), (Some(now), Some(now))] {
        assert_eq!(judged(release, expiry), NoticeVerdict::DateDoesNotFit);
    }
}
