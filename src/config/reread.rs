//! Rereading the configuration of a running program. This module alone decides which settings take effect without a restart.

use super::{Config, DiscordConfig, Http, Log};

impl Config {
    /// The configuration after rereading: `new`, except for settings that need a restart, which keep their current values; and
    /// the names of the changed settings that need a restart.
    #[must_use]
    pub fn taking_over(&self, new: Self) -> (Self, Vec<&'static str>) {
        // Destructured in full, so that a new field does not compile until it is handled here.
        let Self {
            database,
            vendor_zone,
            reader_zone,
            policy,
            mut cadence,
            retention,
            heartbeat,
            channels,
            import_stale_after,
            teams,
            discord,
            wordings,
            http,
            log,
            audit_key,
            file,
            lines,
            stray_secrets,
        } = new;
        let DiscordConfig {
            token,
            token_file,
            guilds,
        } = &discord;
        let stays = [
            ("database.path", self.database.file() != database.file()),
            ("database.url", self.database.server() != database.server()),
            ("time.vendor_zone", self.vendor_zone != vendor_zone),
            ("time.reader_zone", self.reader_zone != reader_zone),
            ("heartbeat.url", self.heartbeat != heartbeat),
            (
                "discord.token_file",
                (&self.discord.token, &self.discord.token_file) != (token, token_file),
            ),
            ("discord.guilds", self.discord.guilds != *guilds),
            ("http.listen", self.http.listen != http.listen),
            (
                "http.beyond_loopback",
                self.http.beyond_loopback != http.beyond_loopback,
            ),
            ("log.format", self.log.format != log.format),
            ("WARDEN_AUDIT_KEY", self.audit_key != audit_key),
        ];
        let stays = stays.into_iter().filter(|(_, differs)| *differs);
        let stays = stays.map(|(name, _)| name).collect();
        cadence.zone = self.cadence.zone;
        let taken = Self {
            database: self.database.clone(),
            vendor_zone: self.vendor_zone,
            reader_zone: self.reader_zone,
            heartbeat: self.heartbeat.clone(),
            discord: self.discord.clone(),
            audit_key: self.audit_key.clone(),
            http: Http {
                listen: self.http.listen,
                beyond_loopback: self.http.beyond_loopback,
                ..http
            },
            log: Log {
                format: self.log.format,
                ..log
            },
            policy,
            cadence,
            retention,
            channels,
            import_stale_after,
            teams,
            wordings,
            file,
            lines,
            stray_secrets,
        };
        (taken, stays)
    }
}
