//! What the program counts while it runs, for Prometheus. Every label is one of a few words of the program's own.

#![warn(missing_docs)]

use std::sync::Arc;

use chrono::TimeDelta;
use prometheus::core::Collector;
use prometheus::{
    Error, Gauge, Histogram, HistogramOpts, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::domain::Timestamp;
use crate::domain::notice::NoticeVerdict;
use crate::domain::outcome::Outcome;
use crate::domain::rules::RuleId;

/// How late a message may be, in seconds, up to each mark.
const LATENESS: [f64; 12] = [
    0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 10_800.0, 86_400.0,
];

/// Counts what happens. Clones count together.
#[derive(Debug, Clone)]
pub struct Meter {
    /// Absent only when a metric of the program's own is ill-formed, which shows when they are read.
    counts: Option<Arc<Metrics>>,
}

#[derive(Debug)]
struct Metrics {
    decisions: IntCounterVec,
    by_rule: IntCounterVec,
    suppressions: IntCounterVec,
    lateness: Histogram,
}

/// What every suppression is counted under.
const REASONS: [&str; 2] = [BY_ACTION, BY_CONVERSION];
const BY_ACTION: &str = "action-downgrade-attested";
const BY_CONVERSION: &str = "standard-attested";

/// What is measured at the moment of reading.
#[derive(Debug, Clone, Copy)]
pub struct Readings {
    /// The moment it is.
    pub now: Timestamp,
    /// Messages that wait.
    pub waiting: u64,
    /// When the oldest of them is, or was, due.
    pub oldest_due: Option<Timestamp>,
    /// When the oldest decisive fact was attested.
    pub oldest_decisive: Option<Timestamp>,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            counts: Metrics::new().ok().map(Arc::new),
        }
    }
}

impl Metrics {
    fn new() -> Result<Self, Error> {
        let counter = |name: &str, help: &str, labels: &[&str]| {
            IntCounterVec::new(Opts::new(name, help), labels)
        };
        let lateness = HistogramOpts::new(
            "warden_delivery_lateness_seconds",
            "How long after it was due a message was seen.",
        );
        let suppressions = counter(
            "warden_suppressions_total",
            "Notices that were suppressed, by what proves them redundant.",
            &["reason"],
        )?;
        for reason in REASONS {
            suppressions.get_metric_with_label_values(&[reason])?;
        }
        Ok(Self {
            decisions: counter(
                "warden_decisions_total",
                "Decisions that were committed, by outcome.",
                &["outcome"],
            )?,
            by_rule: counter(
                "warden_decisions_by_rule_total",
                "Decisions that were committed, once for each documented rule that decided.",
                &["outcome", "rule"],
            )?,
            suppressions,
            lateness: Histogram::with_opts(lateness.buckets(LATENESS.to_vec()))?,
        })
    }
}

impl Meter {
    /// Counts a decision that was committed.
    pub fn decided(&self, outcome: Outcome, rules: &[RuleId]) {
        let Some(counts) = &self.counts else { return };
        let outcome = outcome.as_str();
        counts.decisions.with_label_values(&[outcome]).inc();
        for rule in rules {
            let labels = [outcome, rule.as_str()];
            counts.by_rule.with_label_values(&labels).inc();
        }
    }

    /// Counts a notice that was suppressed, by what proves it redundant. What raises one counts nothing.
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
        if let Some(counts) = &self.counts {
            counts.suppressions.with_label_values(&[reason]).inc();
        }
    }

    /// Counts a message that was sent so long after it was due.
    pub fn sent(&self, late: TimeDelta) {
        if let Some(counts) = &self.counts {
            counts.lateness.observe(seconds(late));
        }
    }

    /// Everything that is counted and measured, as Prometheus reads it.
    ///
    /// # Errors
    /// When a metric is ill-formed, in words.
    pub fn text(&self, readings: &Readings) -> Result<String, String> {
        self.encode(readings).map_err(|error| error.to_string())
    }

    fn encode(&self, readings: &Readings) -> Result<String, Error> {
        let counts = self.counts.as_ref();
        let counts = counts.ok_or_else(|| Error::Msg("a metric is ill-formed".to_owned()))?;
        let registry = Registry::new();
        let counters: [Box<dyn Collector>; 4] = [
            Box::new(counts.decisions.clone()),
            Box::new(counts.by_rule.clone()),
            Box::new(counts.suppressions.clone()),
            Box::new(counts.lateness.clone()),
        ];
        counters
            .into_iter()
            .chain(gauges(readings)?)
            .try_for_each(|metric| registry.register(metric))?;
        TextEncoder::new().encode_to_string(&registry.gather())
    }
}

/// What is measured. What there is none of has no age, and is left out.
fn gauges(readings: &Readings) -> Result<Vec<Box<dyn Collector>>, Error> {
    let waiting = IntGauge::new(
        "warden_outbox_messages",
        "Messages that wait to be sent, also those that are not due yet.",
    )?;
    waiting.set(i64::try_from(readings.waiting).unwrap_or(i64::MAX));
    let mut gauges: Vec<Box<dyn Collector>> = vec![Box::new(waiting)];
    let ages = [
        (
            "warden_outbox_oldest_age_seconds",
            "How long the oldest message that waits has been due.",
            readings.oldest_due,
        ),
        (
            "warden_decisive_fact_oldest_age_seconds",
            "How long ago the action of a tracked instance not known to be Standard was attested, at most.",
            readings.oldest_decisive,
        ),
    ];
    for (name, help, since) in ages {
        if let Some(since) = since {
            let gauge = Gauge::new(name, help)?;
            gauge.set(seconds(readings.now - since));
            gauges.push(Box::new(gauge));
        }
    }
    Ok(gauges)
}

/// A length of time in seconds; none is negative, whatever the clock does.
fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64().max(0.0)
}
