//! Formats of the metrics: Prometheus text and OpenMetrics.

use std::fmt::Write as _;

use super::metric::{Metric, MetricKind};
use super::{Distribution, Sample, whole};

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposition {
    /// The text format, which every scraper accepts.
    Prometheus,
    /// OpenMetrics, on request.
    OpenMetrics,
}

const OPEN_METRICS: &str = "application/openmetrics-text";

impl Exposition {
    /// The format that the `Accept` header prefers: OpenMetrics if it is named with at least the weight of text.
    pub fn wanted(accept: &str) -> Self {
        let weight = |wanted: &str| {
            let ranges = accept.split(',').filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let named = parts.next()?.eq_ignore_ascii_case(wanted);
                let given = parts.find_map(|part| part.strip_prefix("q="));
                named.then(|| given.map_or(1.0, |q| q.parse::<f64>().unwrap_or_default()))
            });
            ranges.fold(0.0, f64::max)
        };
        let open = weight(OPEN_METRICS);
        if open > 0.0 && open >= weight("text/plain") {
            Self::OpenMetrics
        } else {
            Self::Prometheus
        }
    }

    /// The value of the `Content-Type` header.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// A page of metrics being written. Writing to a `String` does not fail, so errors are ignored.
pub(super) struct MetricsText {
    text: String,
    form: Exposition,
}

impl MetricsText {
    pub(super) const fn new(form: Exposition) -> Self {
        Self {
            text: String::new(),
            form,
        }
    }

    /// Writes the help and type lines of a metric.
    pub(super) fn begin(&mut self, metric: &Metric) {
        let Metric {
            name, kind, help, ..
        } = metric;
        let open = self.form == Exposition::OpenMetrics;
        // In OpenMetrics, a counter's name lacks the `_total` that its samples have.
        let name = name.strip_suffix("_total").filter(|_| open).unwrap_or(name);
        let _ = writeln!(self.text, "# HELP {name} {}", escaped(help, false));
        let _ = writeln!(self.text, "# TYPE {name} {}", kind.as_str());
        if open && *kind != MetricKind::Counter && name.ends_with("_seconds") {
            let _ = writeln!(self.text, "# UNIT {name} seconds");
        }
    }

    pub(super) fn sample(&mut self, sample: &Sample) {
        let labels = sample.metric.labels.iter().copied();
        let labels = labels.zip(sample.labels.iter().map(String::as_str));
        self.line(sample.metric.name, labels, sample.value);
    }

    pub(super) fn distribution(&mut self, metric: &Metric, distribution: &Distribution) {
        let bucket = format!("{}_bucket", metric.name);
        let mut sum = 0;
        let marks = distribution.marks.iter().map(|mark| format!("{mark:?}"));
        let marks = marks.chain(std::iter::once("+Inf".to_owned()));
        for (mark, count) in marks.zip(&distribution.counts) {
            sum += count;
            self.line(&bucket, std::iter::once(("le", mark.as_str())), whole(sum));
        }
        let none = std::iter::empty;
        self.line(&format!("{}_sum", metric.name), none(), distribution.sum);
        self.line(&format!("{}_count", metric.name), none(), whole(sum));
    }

    fn line<'a>(
        &mut self,
        name: &str,
        labels: impl Iterator<Item = (&'a str, &'a str)>,
        value: f64,
    ) {
        self.text.push_str(name);
        let labels = labels.map(|(label, value)| format!("{label}=\"{}\"", escaped(value, true)));
        let labels: Vec<String> = labels.collect();
        if !labels.is_empty() {
            let _ = write!(self.text, "{{{}}}", labels.join(","));
        }
        let _ = writeln!(self.text, " {value}");
    }

    pub(super) fn end(mut self) -> String {
        if self.form == Exposition::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }
}

/// Escapes backslashes and line feeds, and quotes where the text is quoted.
fn escaped(text: &str, is_quoted: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if is_quoted {
        text.replace('"', "\\\"")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_what_was_asked_for() {
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        for (accept, open) in [
            (prometheus, true),
            ("application/openmetrics-text", true),
            ("Application/OpenMetrics-Text; version=1.0.0", true),
            ("", false),
            ("*/*", false),
            ("text/plain", false),
            (
                "text/html, text/plain;q=0.9, application/openmetrics-text;q=0.5",
                false,
            ),
            ("application/openmetrics-text;q=0", false),
            ("application/openmetrics-text;q=often", false),
        ] {
            let form = Exposition::wanted(accept);
            assert_eq!(form == Exposition::OpenMetrics, open, "{accept}");
        }
    }

    #[test]
    fn nothing_in_a_label_ends_it() {
        let mut page = MetricsText::new(Exposition::Prometheus);
        let labels = [("of", "a\"b\\c\nd")].into_iter();
        page.line("warden_x", labels, 1.0);
        assert_eq!(page.end(), "warden_x{of=\"a\\\"b\\\\c\\nd\"} 1\n");
    }
}
