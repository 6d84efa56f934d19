//! The tables `concern` and `told`: what is open of each instance, so that nothing ever looks at all of them to find out, and
//! when people were last told of one.

use super::code::{Row, instant};
use super::{StoreError, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::concern::{Concern, ConcernKind, Opened, RaisedNotice, Weight};
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;

/// What is open of an instance.
pub(super) const OF: &str =
    "SELECT kind, since_ms FROM concern WHERE workspace = $1 AND instance_id = $2";

/// Notes something open.
const UPSERT: &str = "INSERT INTO concern (workspace, instance_id, kind, weight, since_ms, by_ms, rank, presses_ms, team, owner) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (workspace, instance_id, kind) DO UPDATE SET \
     weight = excluded.weight, since_ms = excluded.since_ms, by_ms = excluded.by_ms, rank = excluded.rank, \
     presses_ms = excluded.presses_ms, team = excluded.team, owner = excluded.owner \
     WHERE weight <> excluded.weight OR since_ms <> excluded.since_ms OR by_ms IS DISTINCT FROM excluded.by_ms \
     OR rank <> excluded.rank OR presses_ms <> excluded.presses_ms OR team IS DISTINCT FROM excluded.team \
     OR owner <> excluded.owner";

/// Notes that something is settled.
pub(super) const DELETE: &str =
    "DELETE FROM concern WHERE workspace = $1 AND instance_id = $2 AND kind = $3";

/// The raised notices that name an instance and are not settled, of the latest that facts may change.
pub(super) const RAISED: &str = "SELECT number, COALESCE(raised_ms, received_ms) FROM notice WHERE workspace = $1 \
     AND number IN (SELECT number FROM notice_instance WHERE workspace = $1 AND instance_id = $2 AND open = 1 \
     ORDER BY number DESC LIMIT $3) AND standing = 'raised' AND settled_ms IS NULL ORDER BY number";

/// When people were last told of an instance.
pub(super) const TOLD: &str = "SELECT at_ms FROM told WHERE workspace = $1 AND instance_id = $2";

/// Notes that people were told.
const SET_TOLD: &str = "INSERT INTO told (workspace, instance_id, at_ms) VALUES ($1, $2, $3) \
     ON CONFLICT (workspace, instance_id) DO UPDATE SET at_ms = excluded.at_ms";

/// What people said of the reminders of an instance ends when nobody follows it any more.
pub(super) const FORGET: &str = "DELETE FROM attention WHERE workspace = $1 AND instance_id = $2";

const fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Noted => "noted",
        Weight::Open => "open",
    }
}

impl Tx {
    /// What is open of an instance, as it was last found, and since when.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn opened(&mut self, id: &InstanceId) -> Result<Vec<Opened>, StoreError> {
        let query = sql::rows::<(String, i64)>(OF)
            .bind(self.workspace())
            .bind(id.to_string());
        let rows = self.all(query).await?;
        let row = Row {
            table: "concern",
            key: id.as_str(),
        };
        // A kind that this version does not know is none.
        let known = rows
            .into_iter()
            .filter_map(|(kind, since)| Some((ConcernKind::from_word(&kind)?, since)));
        known
            .map(|(kind, since)| {
                Ok(Opened {
                    kind,
                    since: row.need("since_ms", instant(since))?,
                })
            })
            .collect()
    }

    /// Keeps what is open of an instance, of each kind the worst; where nothing changed, nothing is written. What is settled
    /// is kept for the next digest.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn keep_concerns(
        &mut self,
        instance: &Instance,
        before: &[Opened],
        open: &[Concern],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (id, team) = (&instance.id, instance.team.as_ref());
        for (at, concern) in open.iter().enumerate() {
            let mut worse = open.iter().take(at);
            if worse.any(|other| other.kind == concern.kind) {
                continue;
            }
            let standing = concern.standing();
            let query = sql::statement(UPSERT)
                .bind(self.workspace())
                .bind(id.to_string())
                .bind(concern.kind.as_str())
                .bind(word(concern.weight))
                .bind(concern.since.timestamp_millis())
                .bind(concern.by.map(|by| by.timestamp_millis()))
                .bind(standing.rank.number())
                .bind(standing.presses.timestamp_millis())
                .bind(team.map(ToString::to_string))
                .bind(concern.owner.word(team));
            self.run(query).await?;
        }
        for opened in before {
            if open.iter().any(|concern| concern.kind == opened.kind) {
                continue;
            }
            let query = sql::statement(DELETE)
                .bind(self.workspace())
                .bind(id.to_string())
                .bind(opened.kind.as_str());
            self.run(query).await?;
            self.note_settled(id, opened.kind, now).await?;
        }
        Ok(())
    }

    /// The raised notices that name an instance and that nobody has settled, of the latest `limit`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn raised_of(
        &mut self,
        id: &InstanceId,
        limit: u32,
    ) -> Result<Vec<RaisedNotice>, StoreError> {
        let query = sql::rows::<(i64, i64)>(RAISED)
            .bind(self.workspace())
            .bind(id.to_string())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        let row = Row {
            table: "notice",
            key: id.as_str(),
        };
        rows.into_iter()
            .map(|(number, since)| {
                Ok(RaisedNotice {
                    number: row.need("number", u64::try_from(number).ok())?,
                    since: row.need("raised_ms", instant(since))?,
                    by: None,
                })
            })
            .collect()
    }

    /// When people were last told of an instance.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn told(&mut self, id: &InstanceId) -> Result<Option<Timestamp>, StoreError> {
        let query = sql::rows::<(i64,)>(TOLD)
            .bind(self.workspace())
            .bind(id.to_string());
        let row = self.all(query).await?.pop();
        Ok(row.and_then(|(ms,)| instant(ms)))
    }

    /// Notes that people were told of an instance.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn set_told(&mut self, id: &InstanceId, at: Timestamp) -> Result<(), StoreError> {
        let query = sql::statement(SET_TOLD)
            .bind(self.workspace())
            .bind(id.to_string())
            .bind(at.timestamp_millis());
        self.run(query).await.map(drop)
    }

    /// Forgets what people said of the reminders of an instance that nobody follows any more.
    pub(super) async fn forget_attention(&mut self, id: &InstanceId) -> Result<(), StoreError> {
        let query = sql::statement(FORGET)
            .bind(self.workspace())
            .bind(id.to_string());
        self.run(query).await.map(drop)
    }
}
