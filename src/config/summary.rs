//! What is in force and where it comes from, for anyone who runs the bot.

use super::http::{self, BEARER, HttpKey, SECRET_FILE, VENDOR, WORKSPACE};
use super::layer::DEFAULT;
use super::secret;
use super::teams::{self, CHANNEL, MENTION};
use super::{
    ALERTS, APPROVALS_FOR_AWAIT_EXPIRY, APPROVALS_FOR_UNSUBSCRIBE, APPROVALS_FOR_UPGRADE,
    ATTESTERS, BEYOND_LOOPBACK, Config, DATABASE_PATH, DEFAULT_CHANNEL, FOR_EXPIRY,
    FOR_UNSUBSCRIBE, GUILDS, HEARTBEAT_URL, IMPORT_STALE_AFTER, LISTEN, LOG_FORMAT, LOG_LEVEL,
    NOTICES_LINK_HOSTS, NOTICES_VENDOR_CHANNELS, NOTICES_WORDING, PER_MINUTE, QUIET_HOURS,
    READER_ZONE, RETENTION, TOKEN_FILE, VENDOR_ZONE, discord, reminders,
};
use crate::domain::id::Label;
use crate::domain::reminder::Days;
use crate::domain::span::show_span;

/// A setting, its value, and where that comes from.
type SummaryLine = (String, String, String);

impl Config {
    /// What is in force and where each setting comes from, a line each.
    pub fn summary(&self) -> String {
        let rows: Vec<SummaryLine> = self
            .rows()
            .into_iter()
            .chain(self.team_rows())
            .chain(self.http_key_rows())
            .chain([self.token_row(), self.key_row()])
            .collect();
        let width = |column: fn(&SummaryLine) -> &String| {
            let widths = rows.iter().map(|row| column(row).chars().count());
            widths.max().unwrap_or(0)
        };
        let (keys, values) = (width(|row| &row.0), width(|row| &row.1));
        let mut text = match &self.file {
            Some(file) => format!("configuration file: {}\n", file.display()),
            None => "configuration file: none\n".to_owned(),
        };
        for (key, value, origin) in &rows {
            text.push_str(&format!("{key:keys$} = {value:values$}  ({origin})\n"));
        }
        text
    }

    fn key_row(&self) -> SummaryLine {
        let (name, state) = secret::row(self.audit_key.as_ref());
        (name.to_owned(), state, "environment".to_owned())
    }

    fn token_row(&self) -> SummaryLine {
        let (name, state) = discord::row(self.discord.token.as_ref());
        let from_file = self.discord.token_file.is_some();
        let origin = if from_file { TOKEN_FILE } else { "environment" };
        (name.to_owned(), state, origin.to_owned())
    }

    fn rows(&self) -> Vec<SummaryLine> {
        let span = |span| quoted(&show_span(span));
        let (policy, alone) = (&self.policy, self.policy_on_the_console());
        let plain = |key: &'static str, value| (key.to_owned(), value, self.origin(key).to_owned());
        let number = |key: &'static str, value: u8, alone: u8| {
            let (key, value, mut origin) = plain(key, value.to_string());
            if origin == DEFAULT {
                origin.push_str(&format!("; {alone} on the console outside the sandbox"));
            }
            (key, value, origin)
        };
        let days = |at: usize, days: &[i32]| {
            let key = super::DAYS.get(at).copied().unwrap_or_default();
            plain(key, quoted(&Days::written(days)))
        };
        let kept = |at: usize, kept| {
            let key = RETENTION.get(at).copied().unwrap_or_default();
            plain(key, span(kept))
        };
        vec![
            plain(
                DATABASE_PATH,
                quoted(&self.database_path.display().to_string()),
            ),
            plain(VENDOR_ZONE, quoted(self.vendor_zone.name())),
            plain(READER_ZONE, quoted(self.reader_zone.name())),
            plain(FOR_UNSUBSCRIBE, span(policy.limits.action_for_unsubscribe)),
            plain(FOR_EXPIRY, span(policy.limits.action_for_expiry)),
            number(
                APPROVALS_FOR_UPGRADE,
                policy.approvals_for_upgrade,
                alone.approvals_for_upgrade,
            ),
            number(
                APPROVALS_FOR_UNSUBSCRIBE,
                policy.approvals_for_unsubscribe,
                alone.approvals_for_unsubscribe,
            ),
            number(
                APPROVALS_FOR_AWAIT_EXPIRY,
                policy.approvals_for_await_expiry,
                alone.approvals_for_await_expiry,
            ),
            number(ATTESTERS, policy.attesters, alone.attesters),
            plain(DEFAULT_CHANNEL, quoted(self.channels.default.as_str())),
            plain(ALERTS, quoted(self.channels.alerts.as_str())),
            plain(NOTICES_WORDING, self.wordings.shipped.len().to_string()),
            plain(NOTICES_LINK_HOSTS, quoted(&self.wordings.hosts.join(", "))),
            plain(
                NOTICES_VENDOR_CHANNELS,
                quoted(&self.wordings.vendor_channels.join(", ")),
            ),
            plain(QUIET_HOURS, quoted(&self.quiet_hours())),
            days(0, &self.cadence.days.at_risk),
            days(1, &self.cadence.days.downgrades),
            days(2, &self.cadence.days.renews),
            days(3, &self.cadence.days.charges),
            days(4, &self.cadence.days.attests),
            kept(0, self.retention.outbox),
            kept(1, self.retention.reminders),
            kept(2, self.retention.notices),
            kept(3, self.retention.files),
            plain(
                IMPORT_STALE_AFTER,
                quoted(&self.import_stale_after.map(show_span).unwrap_or_default()),
            ),
            plain(
                HEARTBEAT_URL,
                quoted(&reminders::shown(self.heartbeat.as_ref())),
            ),
            plain(
                TOKEN_FILE,
                quoted(self.discord.token_file.as_deref().unwrap_or_default()),
            ),
            plain(GUILDS, quoted(&self.guilds())),
            self.listen_row(),
            plain(BEYOND_LOOPBACK, self.http.beyond_loopback.to_string()),
            plain(PER_MINUTE, self.http.per_minute.to_string()),
            plain(LOG_LEVEL, quoted(&self.log.level)),
            plain(LOG_FORMAT, quoted(self.log.format.as_str())),
        ]
    }

    fn guilds(&self) -> String {
        let ids: Vec<String> = self.discord.guilds.iter().map(u64::to_string).collect();
        ids.join(", ")
    }

    fn quiet_hours(&self) -> String {
        let quiet = self.cadence.quiet;
        quiet.map_or_else(String::new, |quiet| quiet.to_string())
    }

    fn team_rows(&self) -> impl Iterator<Item = SummaryLine> {
        self.teams.iter().flat_map(|(name, team)| {
            let origins = self.team_origins.get(name);
            let row = move |setting: &'static str, value: Option<&Label>| {
                let origin = origins.and_then(|origins| origins.get(setting));
                (
                    format!("{}.{name}.{setting}", teams::SECTION),
                    quoted(value.map_or("", Label::as_str)),
                    origin.map_or(DEFAULT, String::as_str).to_owned(),
                )
            };
            [
                row(CHANNEL, team.channel.as_ref()),
                row(MENTION, team.mention.as_ref()),
            ]
        })
    }
}

impl Config {
    fn listen_row(&self) -> SummaryLine {
        let listen = self.http.listen;
        let mut origin = self.origin(LISTEN).to_owned();
        if listen.is_some_and(|at| !at.ip().is_loopback()) {
            origin.push_str("; other machines can reach it, and it speaks plain HTTP");
        }
        let value = listen.map_or_else(String::new, |at| at.to_string());
        (LISTEN.to_owned(), quoted(&value), origin)
    }

    fn http_key_rows(&self) -> impl Iterator<Item = SummaryLine> {
        let row = |(name, key): (&String, &HttpKey)| {
            let origins = self.http_key_origins.get(name);
            let origin = |setting: &str| {
                let origin = origins.and_then(|origins| origins.get(setting));
                origin.map_or(DEFAULT, String::as_str).to_owned()
            };
            let named = |setting: &str| format!("{}.{name}.{setting}", http::SECTION);
            [
                (
                    named(WORKSPACE),
                    quoted(key.workspace.as_str()),
                    origin(WORKSPACE),
                ),
                (named(BEARER), key.bearer.to_string(), origin(BEARER)),
                (named(VENDOR), key.vendor.to_string(), origin(VENDOR)),
                (
                    secret::http_variable(name),
                    secret::state(key.secret.is_some()).to_owned(),
                    origin(SECRET_FILE),
                ),
            ]
        };
        self.http.keys.iter().flat_map(row)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
