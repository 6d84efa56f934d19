//! The table `attention`: acknowledgements and snoozes of an expiry's reminders.

use super::code::{Row, instant, person};
use super::{StoreError, StoreResult, Tx};
use crate::domain::Timestamp;
use crate::domain::id::{InstanceId, Person};
use crate::domain::reminder::{Acked, Attention, Level, Risk, RiskSeen, Snooze};

/// Replaces the acknowledgement and snooze of an instance.
pub(super) const UPSERT: &str = "INSERT INTO attention (workspace, instance_id, of_ms, acked_by_id, acked_by_name, \
     acked_at_ms, snoozed_by_id, snoozed_by_name, snoozed_until_ms, snoozed_level, \
     acked_risk, acked_renews) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (workspace, instance_id) DO UPDATE SET \
     of_ms = excluded.of_ms, acked_by_id = excluded.acked_by_id, acked_by_name = excluded.acked_by_name, \
     acked_at_ms = excluded.acked_at_ms, snoozed_by_id = excluded.snoozed_by_id, \
     snoozed_by_name = excluded.snoozed_by_name, snoozed_until_ms = excluded.snoozed_until_ms, \
     snoozed_level = excluded.snoozed_level, acked_risk = excluded.acked_risk, \
     acked_renews = excluded.acked_renews";

/// The instances whose reminders a person has acknowledged, of the acknowledgements of the workspace.
pub(super) const ACKED_BY: &str = "SELECT instance_id FROM attention WHERE workspace = $1 AND acked_by_id = $2 ORDER BY instance_id";

/// Ends the acknowledgement of an instance; a snooze stays.
pub(super) const END_ACK: &str = "UPDATE attention SET acked_by_id = NULL, acked_by_name = NULL, acked_at_ms = NULL, \
     acked_risk = NULL, acked_renews = NULL WHERE workspace = $1 AND instance_id = $2";

/// The acknowledgement and snooze of an expiry.
#[derive(Debug, Default)]
pub(super) struct AttentionRow {
    pub(super) acked_by_id: Option<String>,
    pub(super) acked_by_name: Option<String>,
    pub(super) acked_at_ms: Option<i64>,
    pub(super) snoozed_by_id: Option<String>,
    pub(super) snoozed_by_name: Option<String>,
    pub(super) snoozed_until_ms: Option<i64>,
    pub(super) snoozed_level: Option<String>,
    pub(super) acked_risk: Option<String>,
    pub(super) acked_renews: Option<i64>,
}

impl AttentionRow {
    pub(super) fn read(&self, id: &InstanceId) -> StoreResult<Attention> {
        let row = Row::of("attention", id.as_str());
        let acked = person(self.acked_by_id.as_deref(), self.acked_by_name.as_deref());
        let snoozed = person(
            self.snoozed_by_id.as_deref(),
            self.snoozed_by_name.as_deref(),
        );
        let moment = |column, ms: Option<i64>| row.need(column, ms.and_then(instant));
        Ok(Attention {
            acked: acked
                .map(|by| {
                    let at = moment("acked_at_ms", self.acked_at_ms)?;
                    let risk = self.acked_risk.as_deref();
                    // Rows from before this column was added: any other risk counts as worse.
                    let seen = RiskSeen {
                        risk: row
                            .may("acked_risk", risk, Risk::from_word)?
                            .unwrap_or(Risk::Downgrades),
                        renews: self.acked_renews != Some(0),
                    };
                    Ok::<_, StoreError>(Acked { by, at, seen })
                })
                .transpose()?,
            snooze: snoozed
                .map(|by| {
                    let level = self.snoozed_level.as_deref().and_then(Level::parse);
                    Ok::<_, StoreError>(Snooze {
                        by,
                        until: moment("snoozed_until_ms", self.snoozed_until_ms)?,
                        level: row.need("snoozed_level", level)?,
                    })
                })
                .transpose()?,
        })
    }
}

impl Tx {
    /// Records an acknowledgement or snooze, and reschedules the reminders.
    pub async fn set_attention(
        &mut self,
        id: &InstanceId,
        of: Timestamp,
        said: &Attention,
    ) -> StoreResult<()> {
        let (acked, snooze) = (said.acked.as_ref(), said.snooze.as_ref());
        let query = self
            .statement(UPSERT)
            .bind(id.to_string())
            .bind(of.timestamp_millis())
            .bind(acked.map(|acked| acked.by.id.to_string()))
            .bind(acked.map(|acked| acked.by.name.to_string()))
            .bind(acked.map(|acked| acked.at.timestamp_millis()))
            .bind(snooze.map(|snooze| snooze.by.id.to_string()))
            .bind(snooze.map(|snooze| snooze.by.name.to_string()))
            .bind(snooze.map(|snooze| snooze.until.timestamp_millis()))
            .bind(snooze.map(|snooze| snooze.level.to_string()))
            .bind(acked.map(|acked| acked.seen.risk.as_str()))
            .bind(acked.map(|acked| i64::from(acked.seen.renews)));
        self.later(query).await?;
        self.look_at_once(id);
        Ok(())
    }

    /// The instances whose reminders a person has acknowledged.
    pub async fn acked_by(&mut self, person: &Person) -> StoreResult<Vec<InstanceId>> {
        let query = self.rows::<(String,)>(ACKED_BY).bind(person.id.to_string());
        let rows = self.all(query).await?.into_iter();
        let ids = rows.filter_map(|(id,)| InstanceId::parse(&id).ok());
        Ok(ids.collect())
    }

    /// Ends the acknowledgement of an instance, and reschedules its reminders.
    pub async fn end_ack(&mut self, id: &InstanceId) -> StoreResult<()> {
        let query = self.statement(END_ACK).bind(id.to_string());
        self.later(query).await?;
        self.look_at_once(id);
        Ok(())
    }
}
