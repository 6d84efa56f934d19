//! An instance's rows in other tables, read in one statement: concerns, notices that its facts affect, acknowledgements and
//! snoozes, and settled reminders.

use super::attention::AttentionRow;
use super::code::{Row, instant};
use super::concern::ConcernRow;
use super::concern::weight_of;
use super::reminder::StoredReminder;
use super::{Settling, StoreResult, Tx};
use crate::domain::Timestamp;
use crate::domain::concern::{ConcernKind, Opened, RaisedNotice};
use crate::domain::id::InstanceId;
use crate::domain::notice::NoticeKind;
use crate::domain::reminder::Attention;

/// All of these rows; `$3`: the expiry of the acknowledgement or snooze, `$4`: the limit of notices, in addition to all that rest
/// on its facts.
pub(super) const AROUND: &str = "SELECT 'concern' AS what, kind AS a, weight AS b, team AS c, owner AS d, \
     since_ms AS n1, by_ms AS n2, rank AS n3, presses_ms AS n4 FROM concern WHERE workspace = $1 AND instance_id = $2 \
     UNION ALL SELECT 'told', NULL, NULL, NULL, NULL, at_ms, NULL, NULL, NULL FROM told \
     WHERE workspace = $1 AND instance_id = $2 \
     UNION ALL SELECT 'acked', acked_by_id, acked_by_name, acked_risk, NULL, acked_at_ms, acked_renews, NULL, NULL \
     FROM attention WHERE workspace = $1 AND instance_id = $2 AND of_ms = $3 AND acked_by_id IS NOT NULL \
     UNION ALL SELECT 'snoozed', snoozed_by_id, snoozed_by_name, snoozed_level, NULL, snoozed_until_ms, NULL, NULL, NULL \
     FROM attention WHERE workspace = $1 AND instance_id = $2 AND of_ms = $3 AND snoozed_by_id IS NOT NULL \
     UNION ALL SELECT 'level', level, reason, reminder.key, outbox.state, of_ms, reminder.due_ms, at_ms, outbox.done_ms \
     FROM reminder LEFT JOIN outbox ON outbox.workspace = reminder.workspace AND outbox.key = reminder.key \
     WHERE reminder.workspace = $1 AND instance_id = $2 \
     UNION ALL SELECT 'digest', NULL, NULL, NULL, NULL, due_ms, NULL, NULL, NULL FROM schedule \
     WHERE workspace = $1 AND kind = 'digest' AND subject = '' \
     UNION ALL SELECT 'notice', CASE WHEN notice.settled_ms IS NULL THEN notice.status END, notice.kind, NULL, NULL, \
     named.number, COALESCE(notice.raised_ms, notice.received_ms), named.rests, \
     CASE WHEN notice.instances LIKE '%,%' THEN 1 ELSE 0 END FROM notice_instance AS named \
     JOIN notice ON notice.workspace = named.workspace AND notice.number = named.number \
     WHERE named.workspace = $1 AND named.instance_id = $2 AND named.number IN (\
     SELECT number FROM (SELECT number FROM notice_instance WHERE workspace = $1 AND instance_id = $2 AND open = 1 \
     ORDER BY number DESC LIMIT $4) AS latest \
     UNION SELECT number FROM notice_instance WHERE workspace = $1 AND instance_id = $2 AND rests = 1)";

/// A row of one of these tables, with the columns in the order of the first.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct AroundRow {
    pub(super) what: String,
    pub(super) a: Option<String>,
    pub(super) b: Option<String>,
    pub(super) c: Option<String>,
    d: Option<String>,
    pub(super) n1: i64,
    pub(super) n2: Option<i64>,
    pub(super) n3: Option<i64>,
    n4: Option<i64>,
}

/// The data of an instance outside its document.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The concerns as last recorded, with their start.
    pub opened: Vec<Opened>,
    /// The raised, unsettled notices that name it, oldest first.
    pub raised: Vec<RaisedNotice>,
    /// The numbers of the suppressed notices that rest on its facts.
    pub resting: Vec<u64>,
    /// Whether one of them is suppressed.
    pub suppresses: bool,
    /// The last moment at which people were notified.
    pub told: Option<Timestamp>,
    /// Acknowledgement and snooze of the reminders of an expiry.
    pub attention: Attention,
    /// The settled reminder levels, of any expiry.
    pub settled: Vec<Settling>,
    /// Whether the workspace's next digest is scheduled.
    pub has_digest: bool,
}

impl Tx {
    /// Reads the data of an instance outside its document: `of` is the expiry of the acknowledgement or snooze, `limit` the
    /// number of latest notices that its facts affect.
    pub async fn around(
        &mut self,
        id: &InstanceId,
        of: Timestamp,
        limit: u32,
    ) -> StoreResult<Around> {
        let query = self
            .rows::<AroundRow>(AROUND)
            .bind(id.to_string())
            .bind(of.timestamp_millis())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        self.around_of(id, rows)
    }

    /// The data of an instance in these rows.
    pub(super) fn around_of(
        &mut self,
        id: &InstanceId,
        rows: Vec<AroundRow>,
    ) -> StoreResult<Around> {
        let (mut around, mut said) = (Around::default(), AttentionRow::default());
        let mut concerns = Vec::new();
        for row in rows {
            around.take_row(id, row, &mut said, &mut concerns)?;
        }
        around.attention = said.read(id)?;
        around.raised.sort_by_key(|raised| raised.number);
        around.resting.sort_unstable();
        around
            .settled
            .sort_by_key(|settled| settled.point.level.to_string());
        self.known.learn_concerns(id.to_string(), concerns);
        Ok(around)
    }
}

impl Around {
    fn take_row(
        &mut self,
        id: &InstanceId,
        row: AroundRow,
        said: &mut AttentionRow,
        concerns: &mut Vec<ConcernRow>,
    ) -> StoreResult<()> {
        let of = |table| Row::of(table, id.as_str());
        match row.what.as_str() {
            "concern" => {
                let kind = row.a.unwrap_or_default();
                let since = of("concern").need("since_ms", instant(row.n1))?;
                // Kinds unknown to this version are ignored.
                if let Some(kind) = ConcernKind::from_word(&kind) {
                    let weight = weight_of(row.b.as_deref());
                    self.opened.push(Opened {
                        kind,
                        weight,
                        since,
                    });
                }
                concerns.push(ConcernRow {
                    kind,
                    weight: row.b.unwrap_or_default(),
                    since_ms: row.n1,
                    by_ms: row.n2,
                    rank: row.n3.unwrap_or_default(),
                    presses_ms: row.n4.unwrap_or_default(),
                    team: row.c,
                    owner: row.d.unwrap_or_default(),
                });
            }
            "told" => self.told = instant(row.n1),
            "acked" => {
                (said.acked_by_id, said.acked_by_name) = (row.a, row.b);
                (said.acked_at_ms, said.acked_renews) = (Some(row.n1), row.n2);
                said.acked_risk = row.c;
            }
            "snoozed" => {
                (said.snoozed_by_id, said.snoozed_by_name) = (row.a, row.b);
                (said.snoozed_level, said.snoozed_until_ms) = (row.c, Some(row.n1));
            }
            "level" => {
                let level = StoredReminder {
                    of_ms: row.n1,
                    level: row.a.unwrap_or_default(),
                    due_ms: row.n2.unwrap_or_default(),
                    reason: row.b,
                    at_ms: row.n3.unwrap_or_default(),
                    key: row.c,
                };
                let mut settled = level.read()?;
                settled.sent = match row.d.as_deref() {
                    Some("sent") => row.n4.and_then(instant),
                    Some(_) => None,
                    // A message that has been pruned was sent about then.
                    None => settled.key.as_ref().map(|_| settled.at),
                };
                self.settled.push(settled);
            }
            "digest" => self.has_digest = true,
            _ => {
                let number = of("notice").need("number", u64::try_from(row.n1).ok())?;
                let since = row.n2.and_then(instant);
                let since = of("notice").need("raised_ms", since)?;
                if row.n3 == Some(1) {
                    self.resting.push(number);
                    self.suppresses |= row.a.as_deref() == Some("suppressed");
                }
                if row.a.as_deref() == Some("raised") {
                    self.raised.push(RaisedNotice {
                        number,
                        since,
                        by: None,
                        is_gone: row.b.as_deref() == Some(NoticeKind::Gone.as_str()),
                        names_several: row.n4 == Some(1),
                        is_of_expiry: row.b.as_deref() == Some(NoticeKind::Expiry.as_str()),
                    });
                }
            }
        }
        Ok(())
    }
}
