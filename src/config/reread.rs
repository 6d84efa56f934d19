//! Rereading the configuration of a running program. This module alone decides which settings take effect without a restart.

use super::Config;

impl Config {
    /// The configuration after rereading: `new`, except for settings that need a restart, which keep their current values; and
    /// the names of the changed settings that need a restart.
    #[must_use]
    pub fn taking_over(&self, mut new: Self) -> (Self, Vec<&'static str>) {
        let mut stays = Vec::new();
        let (own, other) = (self.database.file(), new.database.file());
        stays.extend((own != other).then_some("database.path"));
        let (own, other) = (self.database.server(), new.database.server());
        stays.extend((own != other).then_some("database.url"));
        let mut held = |name, differs: bool| stays.extend(differs.then_some(name));
        // Destructured in full, so that a new field does not compile until it is handled here.
        let Self {
            database,
            vendor_zone,
            reader_zone,
            cadence,
            heartbeat,
            discord,
            http,
            log,
            audit_key,
            policy: _,
            retention: _,
            channels: _,
            import_stale_after: _,
            teams: _,
            wordings: _,
            file: _,
            lines: _,
            stray_secrets: _,
            unread_secrets: _,
        } = &mut new;
        self.database.clone_into(database);
        held("time.vendor_zone", pin(&self.vendor_zone, vendor_zone));
        held("time.reader_zone", pin(&self.reader_zone, reader_zone));
        pin(&self.cadence.zone, &mut cadence.zone);
        held("heartbeat.url", pin(&self.heartbeat, heartbeat));
        let token = pin(&self.discord.token, &mut discord.token);
        let file = pin(&self.discord.token_file, &mut discord.token_file);
        held("discord.token_file", token || file);
        held(
            "discord.guilds",
            pin(&self.discord.guilds, &mut discord.guilds),
        );
        held("http.listen", pin(&self.http.listen, &mut http.listen));
        let beyond = pin(&self.http.beyond_loopback, &mut http.beyond_loopback);
        held("http.beyond_loopback", beyond);
        held("log.format", pin(&self.log.format, &mut log.format));
        held("WARDEN_AUDIT_KEY", pin(&self.audit_key, audit_key));
        (new, stays)
    }
}

/// Pins a setting to its current value; whether the new one differs.
fn pin<T: PartialEq + Clone>(own: &T, new: &mut T) -> bool {
    let differs = own != new;
    own.clone_into(new);
    differs
}
