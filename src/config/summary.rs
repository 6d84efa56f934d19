//! A summary of the settings in effect and their origins, for the operator.

use toml::Value;

use super::secret::{self, AUDIT_KEY, TOKEN};
use super::source::{DEFAULT, ENVIRONMENT};
use super::table::{Draft, KnownSetting, SETTINGS};
use super::{Config, PEOPLE, TOKEN_FILE};
use crate::domain::team::Policy;

/// The longest value, in characters, that widens the column of values.
const LONG: usize = 36;

/// The maximum line width, in columns; text without blanks may exceed it.
const WIDE: usize = 100;

/// A setting, its value, and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SummaryLine {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) origin: String,
}

impl Config {
    /// The settings in effect with their origins, one line each.
    pub fn summary(&self) -> String {
        let lines: Vec<SummaryLine> = self
            .lines
            .iter()
            .filter_map(|line| self.shown(line))
            .collect();
        let width = |column: fn(&SummaryLine) -> &String| {
            let widths = lines.iter().map(|line| column(line).chars().count());
            widths.filter(|width| *width <= LONG).max().unwrap_or(0)
        };
        let (keys, values) = (width(|line| &line.key), width(|line| &line.value));
        let file = self
            .file
            .as_ref()
            .map_or("none".to_owned(), |file| file.display().to_string());
        let mut text = format!("configuration file: {file}\n");
        for SummaryLine { key, value, origin } in &lines {
            let gap = " ".repeat(values.saturating_sub(value.chars().count()) + 1);
            let whole = format!("{key:keys$} = {value}{gap} ({origin})");
            // A long value has its origin on the next line; a longer one is itself wrapped at blanks.
            if value.chars().count() <= LONG && whole.chars().count() <= WIDE {
                text.push_str(&format!("{whole}\n"));
                continue;
            }
            let alone = format!("{key:keys$} = {value}");
            if alone.chars().count() <= WIDE {
                text.push_str(&alone);
            } else {
                let indent = textwrap::Options::new(WIDE)
                    .break_words(false)
                    .initial_indent("    ")
                    .subsequent_indent("    ")
                    .word_splitter(textwrap::WordSplitter::NoHyphenation);
                text.push_str(&format!("{key} =\n{}", textwrap::fill(value, indent)));
            }
            text.push_str(&format!("\n{:keys$}     ({origin})\n", ""));
        }
        for warning in self.warnings().chain(self.advice()) {
            text.push_str(&format!("warning: {warning}\n"));
        }
        text.push_str(
            "on one's own: at the console outside the sandbox, where there is nobody else\n",
        );
        text
    }

    /// A setting with its meaning, without potential secrets.
    fn shown(&self, line: &SummaryLine) -> Option<SummaryLine> {
        let SummaryLine {
            mut key,
            mut value,
            mut origin,
        } = line.clone();
        let quoted = |text: &str| format!("\"{text}\"");
        match key.split('.').collect::<Vec<_>>().as_slice() {
            ["database", "path"] => {
                let path = self.database.file().map(|path| path.display().to_string());
                value = quoted(&path.unwrap_or_default());
            }
            ["database", "url"] => {
                let address = self.database.server().map(ToString::to_string);
                value = quoted(&address.unwrap_or_default());
            }
            ["time", "reader_zone"] => value = quoted(self.reader_zone.name()),
            ["channels", "default"] => value = quoted(self.channels.default.as_str()),
            ["channels", "alerts"] => value = quoted(self.channels.alerts.as_str()),
            ["heartbeat", "url"] => {
                let url = self.heartbeat.as_ref();
                let host = url.map(|url| {
                    format!(
                        "{}://{}/…",
                        url.scheme(),
                        url.host_str().unwrap_or_default()
                    )
                });
                value = quoted(&host.unwrap_or_default());
            }
            ["http", "listen"] if self.http.listen.is_some_and(|at| !at.ip().is_loopback()) => {
                origin += "; other machines can reach it, and it speaks plain HTTP";
            }
            ["policy", ..] if origin == DEFAULT => {
                let mut alone = Policy::alone(self.policy.limits.clone());
                if let Some((_, people)) = PEOPLE.iter().find(|(known, _)| *known == key) {
                    origin += &format!("; {} on one's own", people(&mut alone));
                }
            }
            ["notices", "wording", "001", "kind"] => {
                (key, value) = (
                    "notices.wording".to_owned(),
                    self.wordings.shipped.len().to_string(),
                );
            }
            ["notices", "wording", ..] => return None,
            ["http", "keys", name, "secret_file"] => {
                let is_set = self
                    .http
                    .keys
                    .get(*name)
                    .is_some_and(|key| key.secret.is_some());
                (key, value) = (secret::http_variable(name), state(is_set));
            }
            _ => {}
        }
        Some(SummaryLine { key, value, origin })
    }

    /// The lines of settings that only the environment holds.
    pub(super) fn secret_lines(&self) -> [SummaryLine; 2] {
        let token_from = if self.discord.token_file.is_some() {
            TOKEN_FILE
        } else {
            ENVIRONMENT
        };
        let line = |key: &str, is_set, origin: &str| SummaryLine {
            key: key.to_owned(),
            value: state(is_set),
            origin: origin.to_owned(),
        };
        [
            line(TOKEN, self.discord.token.is_some(), token_from),
            line(AUDIT_KEY, self.audit_key.is_some(), ENVIRONMENT),
        ]
    }
}

impl Draft {
    /// All settings in effect, in the syntax of the file, with their origins.
    pub(super) fn lines(&self) -> Vec<SummaryLine> {
        let names = |table: &str| -> Vec<&String> {
            match table {
                "teams" => self.teams.keys().collect(),
                "http.keys" => self.keys.keys().collect(),
                _ => self.wordings.keys().collect(),
            }
        };
        let (mut lines, mut before) = (Vec::new(), "");
        for setting in SETTINGS {
            let Some((table, _)) = setting.key.split_once(".*") else {
                lines.push(self.line(setting, setting.key.to_owned()));
                continue;
            };
            // The settings of one table stand together.
            for name in names(table).into_iter().filter(|_| table != before) {
                let all = SETTINGS.iter().filter(|it| it.key.starts_with(table));
                let all = all.filter(|it| it.key.contains('*'));
                lines.extend(all.map(|it| self.line(it, it.key.replace('*', name))));
            }
            before = table;
        }
        lines
    }

    /// Numbers and flags are shown without quotes, also when the environment gives them as text.
    fn line(&self, setting: &KnownSetting, key: String) -> SummaryLine {
        let held = self.held.get(&key);
        let value = match held.map(|held| &held.value) {
            Some(Value::String(text)) if setting.is_bare() => text.clone(),
            Some(Value::String(text)) => format!("\"{text}\""),
            Some(other) => other.to_string(),
            None if setting.is_bare() => "false".to_owned(),
            None => "\"\"".to_owned(),
        };
        let origin = held.map_or(DEFAULT, |held| &held.origin).to_owned();
        SummaryLine { key, value, origin }
    }
}

fn state(is_set: bool) -> String {
    if is_set { "set" } else { "not set" }.to_owned()
}
