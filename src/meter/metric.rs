//! The declarations of all metrics: name, kind, help and labels. The table in the documentation is generated from them.

use std::fmt::Write as _;

/// The kind of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows, from zero at the start of the program.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations by bucket.
    Histogram,
}

impl MetricKind {
    /// Prometheus's word for the kind.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name, with the base unit, and `_total` for a counter.
    pub name: &'static str,
    /// The kind.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// The help text, one sentence.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($constant:ident: $kind:ident $name:literal [$($label:literal),*] $help:literal;)+) => {
        /// The metrics as constants.
        pub mod name {
            #![expect(missing_docs, reason = "each says what it is where it is declared")]
            use super::{Metric, MetricKind};
            $(pub const $constant: Metric = Metric {
                name: $name,
                kind: MetricKind::$kind,
                labels: &[$($label),*],
                help: $help,
            };)+
        }

        /// All metrics, in the order of output.
        pub const METRICS: &[&Metric] = &[$(&name::$constant),+];
    };
}

metrics! {
    BUILD_INFO: Gauge "warden_build_info" ["version", "build"] "Always 1; the version, and the commit it was built from.";
    INSTANCES: Gauge "warden_instances" ["edition", "action", "horizon"] "Tracked instances, by edition, Post-expiration Action and how far away the expiry is: past, within 1d, 7d or 30d (and not sooner), later, or unknown.";
    NEXT_EXPIRY: Gauge "warden_next_expiry_timestamp_seconds" ["action"] "When the next tracked instance with this action expires; 0 where none does.";
    CONCERNS: Gauge "warden_concerns" ["kind"] "What is open and somebody must settle, by kind.";
    CONCERNS_OLDEST: Gauge "warden_concerns_oldest_age_seconds" ["kind"] "How long the oldest of a kind has been open; 0 where none is.";
    OPEN_CHANGES: Gauge "warden_open_changes" ["step"] "Open changes, by the step that is next.";
    CENSUS: Gauge "warden_census_timestamp_seconds" [] "When the count of instances, concerns and changes that is shown was complete.";
    INSTANCE_EXPIRY: Gauge "warden_instance_expiry_timestamp_seconds" ["workspace", "instance", "edition", "action"] "When a tracked instance expires; only with `metrics.per_instance = true`.";
    NOTICES: Gauge "warden_notices" ["state"] "Notices that are raised and nobody has settled, and those that are suppressed by facts that may still change; at most 10,000 of each are counted.";
    DECISIVE_AGE: Gauge "warden_decisive_fact_oldest_age_seconds" [] "How long ago the action of a tracked instance not known to be Standard was attested, at most; 0 where there is none.";
    OUTBOX_MESSAGES: Gauge "warden_outbox_messages" [] "Messages that wait to be sent, also those that are not due yet.";
    OUTBOX_AGE: Gauge "warden_outbox_oldest_age_seconds" [] "How long the oldest message that waits has been due; 0 where none is.";
    SCHEDULE_LAG: Gauge "warden_schedule_lag_seconds" [] "How long what time has to do with has been due and not been looked at.";
    GATEWAY_UP: Gauge "warden_gateway_up" [] "1 while the chat can be posted to: Discord's gateway holds the bot (a loss of up to a minute does not count) and a server takes what it posts.";
    STANDS_BY: Gauge "warden_stands_by" [] "1 while another process delivers, and this one would take its place.";
    IMPORT_LAST: Gauge "warden_import_last_success_timestamp_seconds" [] "When a file was last taken, in any workspace; 0 where none was.";
    IMPORT_OLDEST: Gauge "warden_import_oldest_success_timestamp_seconds" [] "When a file was last taken in the workspace where that is longest ago, of those where one was; 0 where none was.";
    IMPORTS: Counter "warden_imports_total" ["result"] "Files that were brought: taken, held (something waits for somebody), refused or failed. Trials do not count.";
    DECISIONS: Counter "warden_decisions_total" ["outcome"] "Decisions that were committed, by outcome.";
    DECISIONS_BY_RULE: Counter "warden_decisions_by_rule_total" ["outcome", "rule"] "Decisions that were committed, once for each documented rule that decided.";
    SUPPRESSIONS: Counter "warden_suppressions_total" ["reason"] "Notices that were suppressed, by what proves them redundant.";
    DELIVERY_LATENESS: Histogram "warden_delivery_lateness_seconds" [] "How long after it was due a message was seen.";
    HTTP_RESPONSES: Counter "warden_http_responses_total" ["status"] "Answers over HTTP, by status.";
    DISCORD_REQUESTS: Counter "warden_discord_requests_total" ["class", "status"] "Requests to Discord, by what they are about and the status of the answer; `none` where there was no answer.";
    DATABASE_ERRORS: Counter "warden_database_errors_total" ["kind"] "Statements and transactions that the database failed.";
    COMMIT_GROUP: Histogram "warden_commit_group_size" [] "How many decisions shared a commit.";
}

impl Metric {
    /// The metric with this name.
    pub fn of(name: &str) -> Option<&'static Self> {
        METRICS.iter().copied().find(|metric| metric.name == name)
    }

    /// The names of its series, including a histogram's suffixes.
    pub fn series(&self) -> Vec<String> {
        match self.kind {
            MetricKind::Counter | MetricKind::Gauge => vec![self.name.to_owned()],
            MetricKind::Histogram => ["_bucket", "_sum", "_count"]
                .map(|part| format!("{}{part}", self.name))
                .to_vec(),
        }
    }
}

/// The table of all metrics, for the documentation.
pub fn markdown_table() -> String {
    let mut table = String::from("| metric | kind | what it is |\n| --- | --- | --- |\n");
    for metric in METRICS {
        let labels = match metric.labels {
            [] => String::new(),
            labels => format!("{{{}}}", labels.join(",")),
        };
        // Writing to a `String` does not fail.
        let _ = writeln!(
            table,
            "| `{}{labels}` | {} | {} |",
            metric.name,
            metric.kind.as_str(),
            metric.help
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_prometheus_wants_them() {
        for metric in METRICS {
            let Metric {
                name,
                kind,
                labels,
                help,
            } = metric;
            let plain = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(name.starts_with("warden_") && plain(name), "{name}");
            assert_eq!(
                name.ends_with("_total"),
                *kind == MetricKind::Counter,
                "{name}"
            );
            for unit in [
                "_ms", "_minutes", "_hours", "_days", "_kb", "_percent", "_millis",
            ] {
                assert!(
                    !name.contains(unit),
                    "{name}: seconds, bytes and ratios are the base units"
                );
            }
            assert!(labels.iter().all(|label| plain(label)), "{name}");
            assert!(help.ends_with('.') && !help.contains('\n'), "{name}");
            let same = METRICS.iter().filter(|other| other.name == *name);
            assert_eq!(same.count(), 1, "{name}");
        }
    }
}
