//! Counters and gauges for Prometheus. Label values are a fixed set of words, and every counter that can be known exists from the
//! start, at zero.

#![warn(missing_docs)]

mod exposition;
mod metric;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

pub use exposition::Exposition;
pub use metric::{METRICS, Metric, MetricKind, markdown_table, name};

use crate::domain::notice::NoticeVerdict;
use crate::domain::outcome::Outcome;
use crate::domain::rules::RuleId;
use exposition::MetricsText;

/// Upper bounds of the buckets of delivery lateness, in seconds.
const LATENESS: [f64; 12] = [
    0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 10_800.0, 86_400.0,
];

/// The label values for suppressed notices.
const REASONS: [&str; 2] = [BY_ACTION, BY_CONVERSION];
const BY_ACTION: &str = "action-downgrade-attested";
const BY_CONVERSION: &str = "standard-attested";

/// The HTTP statuses that the server answers with.
const STATUSES: [&str; 13] = [
    "200", "202", "400", "401", "404", "405", "408", "413", "415", "429", "431", "500", "503",
];

/// The label value for a request without an answer.
const NO_ANSWER: &str = "none";
/// Discord's usual statuses. Others are added when first seen.
const ANSWERS: [&str; 5] = ["200", "204", "429", "500", NO_ANSWER];

/// The route class of a request to Discord's HTTP API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteClass {
    /// Responses to interactions.
    Interactions,
    /// Messages of a channel, with reactions and attachments.
    Messages,
    /// Channels and threads.
    Channels,
    /// Guilds, their members and roles.
    Guilds,
    /// The bot's own commands.
    Commands,
    /// Any other route, such as the bot's own user.
    Other,
}

impl RouteClass {
    const ALL: [Self; 6] = [
        Self::Interactions,
        Self::Messages,
        Self::Channels,
        Self::Guilds,
        Self::Commands,
        Self::Other,
    ];

    /// The class of a path below `/api/v10`.
    pub fn of(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or_default();
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.nth(1)) {
            (Some("interactions" | "webhooks"), _) => Self::Interactions,
            (Some("channels"), Some("messages")) => Self::Messages,
            (Some("channels"), _) => Self::Channels,
            (Some("guilds"), _) => Self::Guilds,
            (Some("applications"), _) => Self::Commands,
            _ => Self::Other,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Interactions => "interactions",
            Self::Messages => "messages",
            Self::Channels => "channels",
            Self::Guilds => "guilds",
            Self::Commands => "commands",
            Self::Other => "other",
        }
    }
}

/// The result of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportResult {
    /// Imported.
    Taken,
    /// Imported, with missing or disputed values that wait for somebody.
    Held,
    /// Unusable; nothing was imported.
    Refused,
    /// Not recorded, or only in part.
    Failed,
}

impl ImportResult {
    const ALL: [Self; 4] = [Self::Taken, Self::Held, Self::Refused, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A value of a metric, with its labels in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The metric.
    pub metric: &'static Metric,
    /// The values of its labels, in the metric's order.
    pub labels: Vec<String>,
    /// The value, in the base unit.
    pub value: f64,
}

/// A histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// The count of each bucket, not cumulative; the last is above every bound.
    counts: Vec<u64>,
    marks: Vec<f64>,
    sum: f64,
}

impl Distribution {
    /// An empty histogram.
    fn new(marks: &[f64]) -> Self {
        Self {
            counts: vec![0; marks.len() + 1],
            marks: marks.to_vec(),
            sum: 0.0,
        }
    }

    /// A histogram from counts made elsewhere: the count of each bucket, and the sum.
    pub fn of(marks: &[u64], counts: &[u64], sum: u64) -> Self {
        let marks = marks.iter().map(|mark| whole(*mark)).collect();
        let counts = counts.iter().copied().chain([0]).collect();
        Self {
            counts,
            marks,
            sum: whole(sum),
        }
    }

    /// Adds an observation.
    fn count(&mut self, value: f64) {
        let at = self.marks.partition_point(|mark| *mark < value);
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
        }
        self.sum += value;
    }
}

/// Gauges measured when the metrics are read.
#[derive(Debug, Clone, Default)]
pub struct Readings {
    samples: Vec<Sample>,
    distributions: Vec<(&'static Metric, Distribution)>,
}

impl Readings {
    /// Adds a value.
    pub fn set(&mut self, metric: &'static Metric, labels: &[&str], value: f64) {
        self.samples.push(Sample {
            metric,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            value,
        });
    }

    /// Adds a count.
    pub fn set_count(&mut self, metric: &'static Metric, labels: &[&str], count: u64) {
        self.set(metric, labels, whole(count));
    }

    /// Adds a histogram.
    pub fn set_distribution(&mut self, metric: &'static Metric, distribution: Distribution) {
        self.distributions.push((metric, distribution));
    }
}

/// The counters. Clones share them.
#[derive(Debug, Clone)]
pub struct Meter(Arc<Mutex<Tallies>>);

#[derive(Debug)]
struct Tallies {
    counters: BTreeMap<(&'static str, Vec<String>), u64>,
    lateness: Distribution,
}

impl Default for Meter {
    fn default() -> Self {
        let counts = Tallies {
            counters: BTreeMap::new(),
            lateness: Distribution::new(&LATENESS),
        };
        let meter = Self(Arc::new(Mutex::new(counts)));
        for (outcome, _) in Outcome::WORDS {
            meter.add(&name::DECISIONS, &[outcome], 0);
            for (rule, _) in RuleId::WORDS {
                meter.add(&name::DECISIONS_BY_RULE, &[outcome, rule], 0);
            }
        }
        for reason in REASONS {
            meter.add(&name::SUPPRESSIONS, &[reason], 0);
        }
        for result in ImportResult::ALL {
            meter.add(&name::IMPORTS, &[result.as_str()], 0);
        }
        for status in STATUSES {
            meter.add(&name::HTTP_RESPONSES, &[status], 0);
        }
        for class in RouteClass::ALL {
            for status in ANSWERS {
                meter.add(&name::DISCORD_REQUESTS, &[class.as_str(), status], 0);
            }
        }
        meter
    }
}

impl Meter {
    fn counts(&self) -> MutexGuard<'_, Tallies> {
        // A poisoned lock is usable: each count is complete at any moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, metric: &'static Metric, labels: &[&str], times: u64) {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        let mut counts = self.counts();
        *counts.counters.entry((metric.name, labels)).or_default() += times;
    }

    /// Counts a decision that was committed.
    pub fn decided(&self, outcome: Outcome, rules: &[RuleId]) {
        let outcome = outcome.as_str();
        self.add(&name::DECISIONS, &[outcome], 1);
        for rule in rules {
            self.add(&name::DECISIONS_BY_RULE, &[outcome, rule.as_str()], 1);
        }
    }

    /// Counts a suppressed notice by the proof that made it redundant. A raised notice counts nothing.
    pub fn suppressed(&self, verdict: NoticeVerdict) {
        let reason = match verdict {
            NoticeVerdict::RedundantByAction => BY_ACTION,
            NoticeVerdict::RedundantByConversion => BY_CONVERSION,
            NoticeVerdict::NotARelease
            | NoticeVerdict::NotOneInstance
            | NoticeVerdict::NotUnderstood
            | NoticeVerdict::Vetoed
            | NoticeVerdict::DateDoesNotFit
            | NoticeVerdict::ProbablyRedundant
            | NoticeVerdict::NoProof => return,
        };
        self.add(&name::SUPPRESSIONS, &[reason], 1);
    }

    /// Counts an import, but not a dry run.
    pub fn imported(&self, result: ImportResult) {
        self.add(&name::IMPORTS, &[result.as_str()], 1);
    }

    /// Counts an HTTP response.
    pub fn responded(&self, status: u16) {
        self.add(&name::HTTP_RESPONSES, &[&status.to_string()], 1);
    }

    /// Counts a request to Discord by its status, if there was an answer.
    pub fn asked_discord(&self, class: RouteClass, status: Option<u16>) {
        let status = status.map_or_else(|| NO_ANSWER.to_owned(), |status| status.to_string());
        self.add(&name::DISCORD_REQUESTS, &[class.as_str(), &status], 1);
    }

    /// Counts a sent message by its lateness.
    pub fn sent(&self, late: TimeDelta) {
        self.counts().lateness.count(seconds(late));
    }

    /// All metrics in the requested format.
    pub fn text(&self, readings: Readings, form: Exposition) -> String {
        let counted = {
            let counts = self.counts();
            let samples = counts
                .counters
                .iter()
                .filter_map(|((name, labels), count)| {
                    Some(Sample {
                        metric: Metric::of(name)?,
                        labels: labels.clone(),
                        value: whole(*count),
                    })
                });
            let lateness = (&name::DELIVERY_LATENESS, counts.lateness.clone());
            (samples.collect::<Vec<_>>(), lateness)
        };
        let (mut samples, lateness) = counted;
        samples.extend(readings.samples);
        let mut distributions = readings.distributions;
        distributions.push(lateness);
        let mut page = MetricsText::new(form);
        for metric in METRICS {
            page.begin(metric);
            for sample in samples.iter().filter(|one| one.metric.name == metric.name) {
                page.sample(sample);
            }
            for (_, distribution) in distributions
                .iter()
                .filter(|(of, _)| of.name == metric.name)
            {
                page.distribution(metric, distribution);
            }
        }
        page.end()
    }
}

/// A duration in seconds; never negative, even when the clock went back.
pub fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64().max(0.0)
}

/// A count as a float: above 2^53 the nearest one.
#[expect(
    clippy::cast_precision_loss,
    reason = "figures are that exact in Prometheus"
)]
const fn whole(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_class_whatever_is_in_it() {
        for (path, class) in [
            ("/channels/81384788765712384/messages", RouteClass::Messages),
            (
                "/channels/1/messages/2/reactions/%E2%9C%85/@me",
                RouteClass::Messages,
            ),
            (
                "/channels/1/messages?after=2&limit=100",
                RouteClass::Messages,
            ),
            ("/channels/1", RouteClass::Channels),
            ("/channels/1/threads", RouteClass::Channels),
            ("/guilds/1/roles/member-counts", RouteClass::Guilds),
            ("/applications/1/guilds/2/commands", RouteClass::Commands),
            ("/interactions/1/token/callback", RouteClass::Interactions),
            (
                "/webhooks/1/token/messages/@original",
                RouteClass::Interactions,
            ),
            ("/users/@me", RouteClass::Other),
            ("", RouteClass::Other),
        ] {
            assert_eq!(RouteClass::of(path), class, "{path}");
        }
    }

    #[test]
    fn what_is_on_a_mark_is_counted_up_to_it() {
        let mut sizes = Distribution::new(&[1.0, 2.0]);
        for size in [1.0, 1.0, 2.0, 2.5] {
            sizes.count(size);
        }
        assert_eq!(sizes.counts, [2, 1, 1]);
        assert!((sizes.sum - 6.5).abs() < f64::EPSILON);
    }
}
