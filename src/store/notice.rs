//! The tables `notice` and `notice_instance`: notices and their outcomes.

mod context;
mod row;

use std::collections::HashSet;

pub use context::{ContextQuery, NameHolders, NoticeContext};
#[cfg(test)]
pub(super) use context::{context, holders};
use row::NoticeRow;

use super::list::PageRange;
use super::restoration::last_of;
use super::{Page, ScheduleSubject, StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::fact::CLOCKS_DIFFER;
use crate::domain::id::{InstanceId, Person, without_nul};
use crate::domain::notice::{NoticeRecord, NoticeStatus};

macro_rules! columns {
    () => {
        "number, kind, text, message, source, external_id, ids, names, dates, understood, instances, received_ms, by_id, by_name, first, \
         status, original, verdict, because, proof, duplicates, told, raised_ms, settled_ms, settled_how, settled_id, \
         settled_name, settled_moves, (SELECT due_ms FROM schedule WHERE schedule.workspace = notice.workspace AND kind = 'notice' \
         AND subject = CAST(notice.number AS TEXT)) AS next_ms"
    };
}

/// The number of the last notice.
pub(super) const LAST: &str = last_of!("notice");

/// Whether a person handed in a duplicate of a notice.
pub(super) const HANDED_IN_AGAIN: &str = "SELECT notice.number FROM notice_instance JOIN notice \
     ON notice.workspace = notice_instance.workspace AND notice.number = notice_instance.number \
     WHERE notice_instance.workspace = $1 AND notice_instance.instance_id = $2 AND notice_instance.number > $3 \
     AND original = $3 AND by_id = $4 LIMIT 1";

const INSERT: &str = "INSERT INTO notice (workspace, number, kind, text, source, external_id, likeness, ids, names, \
     dates, instances, received_ms, by_id, by_name, first, original, understood, message, \
     status, verdict, because, proof, duplicates, told, raised_ms, settled_ms, settled_how, settled_id, settled_name, \
     suppressed_ms, settled_moves) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
     $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)";

/// Updates the outcome of a notice.
pub(super) const UPDATE: &str = "UPDATE notice SET status = $3, verdict = $4, because = $5, proof = $6, \
     duplicates = $7, told = $8, raised_ms = $9, settled_ms = $10, settled_how = $11, settled_id = $12, \
     settled_name = $13, suppressed_ms = COALESCE($14, suppressed_ms), settled_moves = $15 \
     WHERE workspace = $1 AND number = $2";

/// Updates the number of duplicates of a notice.
pub(super) const DUPLICATES: &str =
    "UPDATE notice SET duplicates = $3 WHERE workspace = $1 AND number = $2";

/// Updates the instances that a notice names.
pub(super) const NAME: &str =
    "UPDATE notice SET instances = $3 WHERE workspace = $1 AND number = $2";

/// Inserts an instance that a notice names.
const INSERT_INSTANCE: &str = "INSERT INTO notice_instance (workspace, instance_id, number, open, rests) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (workspace, instance_id, number) DO UPDATE SET open = excluded.open, rests = excluded.rests";

/// Updates whether facts of an instance may change the outcome of a notice, and whether its suppression rests on them.
pub(super) const UPDATE_INSTANCE: &str = "UPDATE notice_instance SET open = $4, rests = $5 WHERE workspace = $1 AND instance_id = $2 AND number = $3";

/// A notice by number.
pub(super) const BY_NUMBER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 AND number = $2"
);

/// A notice by its source's id.
pub(super) const BY_EXTERNAL_ID: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 AND source = $2 AND external_id = $3"
);

/// The number of the latest notice with the content `$5`, received after `$6`.
pub(super) const LIKE: &str = "SELECT number FROM notice WHERE workspace = $1 AND likeness = $5 AND received_ms > $6 \
     AND status <> 'duplicate' ORDER BY received_ms DESC, number DESC LIMIT 1";

/// Schedules the notices that facts of an instance may change: all whose suppression rests on them, and the latest raised ones.
pub(super) const AT_ONCE: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) \
     SELECT $1, 'notice', CAST(number AS TEXT), $3 FROM notice_instance WHERE workspace = $1 AND instance_id = $2 \
     AND number IN (SELECT number FROM notice_instance WHERE workspace = $1 AND instance_id = $2 AND rests = 1 \
     UNION ALL SELECT number FROM (SELECT number FROM notice_instance WHERE workspace = $1 AND instance_id = $2 \
     AND open = 1 AND rests = 0 ORDER BY number DESC LIMIT $4) AS latest) \
     ON CONFLICT (workspace, kind, subject) DO UPDATE SET due_ms = excluded.due_ms WHERE schedule.due_ms > excluded.due_ms";

/// Of `n` instances, those named by a notice whose outcome facts may change.
pub(super) fn named_of(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "SELECT DISTINCT instance_id FROM notice_instance WHERE workspace = $1 AND instance_id IN ({ids}) \
         AND (open = 1 OR rests = 1)"
    )
}

/// The raised notices before a number that facts of an instance may settle, newest first.
pub(super) const OPEN_OF_INSTANCE: &str = "SELECT number FROM notice_instance \
     WHERE workspace = $1 AND instance_id = $2 AND open = 1 AND rests = 0 AND number < $3 ORDER BY number DESC LIMIT $4";

/// The latest open notice that calls an instance gone.
pub(super) const GONE: &str = "SELECT number FROM notice WHERE workspace = $1 AND number IN (SELECT number FROM notice_instance \
     WHERE workspace = $1 AND instance_id = $2 AND open = 1) AND kind = 'gone' AND status = 'raised' AND settled_ms IS NULL \
     ORDER BY number DESC LIMIT 1";

/// The open notices that call an instance gone, newest first, up to `$3`.
pub(super) const CALL_GONE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 AND number IN (SELECT number FROM notice_instance \
     WHERE workspace = $1 AND instance_id = $2 AND open = 1) AND kind = 'gone' ORDER BY number DESC LIMIT $3"
);

/// The unsettled notices with the content of another one, oldest first, up to `$3`.
pub(super) const WITH_CONTENT_OF: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 \
     AND likeness = (SELECT likeness FROM notice WHERE workspace = $1 AND number = $2) \
     AND status <> 'duplicate' AND settled_ms IS NULL ORDER BY received_ms, number LIMIT $3"
);

/// The notices that name an instance, newest first.
pub(super) const OF_INSTANCE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 AND number IN (SELECT number FROM notice_instance \
     WHERE workspace = $1 AND instance_id = $2 ORDER BY number DESC LIMIT $3 OFFSET $4) ORDER BY number DESC"
);

/// The suppressed notices, newest first.
pub(super) const SUPPRESSED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 AND suppressed_ms >= $4 ORDER BY suppressed_ms DESC, number DESC \
     LIMIT $2 OFFSET $3"
);

/// The raised, unsettled notices, newest first.
pub(super) const RAISED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 AND number IN (\
     SELECT number FROM notice WHERE workspace = $1 AND status = 'raised' AND settled_ms IS NULL \
     ORDER BY number DESC LIMIT $2 OFFSET $3) ORDER BY number DESC"
);

/// Those of them that name no known instance.
pub(super) const UNNAMED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 AND number IN (\
     SELECT number FROM notice WHERE workspace = $1 AND status = 'raised' AND settled_ms IS NULL AND instances = '[]' \
     ORDER BY number DESC LIMIT $2) ORDER BY number DESC"
);

/// Those of them that name no known instance, those of the latest that say that something is gone, which may name another one too, and,
/// of the latest such that name none, also the settled ones.
pub(super) const TO_NAME: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM notice WHERE workspace = $1 AND number IN (\
     SELECT number FROM notice WHERE workspace = $1 AND number IN (\
     SELECT number FROM notice WHERE workspace = $1 AND status = 'raised' AND settled_ms IS NULL AND instances = '[]' \
     ORDER BY number DESC LIMIT $2) UNION ALL \
     SELECT number FROM notice WHERE workspace = $1 AND kind = 'gone' AND number IN (\
     SELECT number FROM notice WHERE workspace = $1 AND status = 'raised' AND settled_ms IS NULL \
     ORDER BY number DESC LIMIT $2) UNION ALL \
     SELECT number FROM notice WHERE workspace = $1 AND number IN (\
     SELECT number FROM notice WHERE workspace = $1 AND kind = 'gone' AND instances = '[]' \
     ORDER BY number DESC LIMIT $2)) AND status = 'raised' ORDER BY number DESC"
);

/// Schedules, of the `$4` latest notices, those that somebody settled after a moment.
pub(super) const SETTLED_AFTER: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) \
     SELECT workspace, 'notice', CAST(number AS TEXT), $2 FROM notice WHERE workspace = $1 \
     AND number > (SELECT COALESCE(MAX(number), 0) FROM notice WHERE workspace = $1) - $4 \
     AND settled_ms > $3 AND settled_id IS NOT NULL \
     ON CONFLICT (workspace, kind, subject) DO UPDATE SET due_ms = excluded.due_ms";

/// Schedules all open, suppressed notices of a workspace.
pub(super) const LOOK_AT_ALL: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) \
     SELECT workspace, 'notice', CAST(number AS TEXT), $2 FROM notice WHERE workspace = $1 AND status = 'suppressed' \
     AND settled_ms IS NULL AND number IN (SELECT number FROM notice_instance WHERE workspace = $1 AND open = 1) \
     ON CONFLICT (workspace, kind, subject) DO UPDATE SET due_ms = excluded.due_ms";

/// The tracked instances that have one of `n` names, however they are capitalised.
pub(super) fn called(n: usize) -> String {
    let names = sql::placeholders(3, n);
    format!(
        "SELECT id FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND name_key IN ({names}) LIMIT $2"
    )
}

/// Binds the outcome of a notice, from its status on.
fn with_outcome(query: sql::Statement, filed: &NoticeRecord) -> StoreResult<sql::Statement> {
    let ms = |at: Option<Timestamp>| at.map(|at| at.timestamp_millis());
    let settled = filed.settled.as_ref();
    let by = settled.and_then(|settled| settled.by.as_ref());
    let suppressed = filed.status == NoticeStatus::Suppressed;
    let moves = settled.and_then(|settled| settled.moves);
    Ok(query
        .bind(row::status(filed.status))
        .bind(filed.verdict.as_str())
        .bind(filed.because.map(|because| because.as_str()))
        .bind(filed.proof.as_ref().map(sql::json).transpose()?)
        .bind(i64::from(filed.duplicates))
        .bind(i64::from(filed.told))
        .bind(ms(filed.raised))
        .bind(ms(settled.map(|settled| settled.at)))
        .bind(settled.map(|settled| settled.how.as_str()))
        .bind(by.map(|by| by.id.to_string()))
        .bind(by.map(|by| by.name.to_string()))
        .bind(suppressed.then(|| filed.received.timestamp_millis()))
        .bind(moves.map(sql::number).transpose()?))
}

impl Tx {
    /// Inserts a notice. `likeness` is equal for notices with the same content.
    pub async fn file_notice(&mut self, filed: &NoticeRecord, likeness: &str) -> StoreResult<()> {
        let number = sql::number(filed.number)?;
        let original = match filed.first {
            NoticeStatus::Duplicate(of) => Some(sql::number(of)?),
            NoticeStatus::Suppressed | NoticeStatus::Raised => None,
        };
        let query = self
            .statement(INSERT)
            .bind(number)
            .bind(filed.read.kind.as_str())
            .bind(without_nul(&filed.text))
            .bind(filed.source.clone())
            .bind(filed.external.clone())
            .bind(likeness.to_owned())
            .bind(sql::json(&filed.read.ids)?)
            .bind(sql::json(&filed.read.names)?)
            .bind(sql::json(&filed.read.dates)?)
            .bind(sql::json(&row::ids(&filed.instances))?)
            .bind(filed.received.timestamp_millis())
            .bind(filed.by.id.to_string())
            .bind(filed.by.name.to_string())
            .bind(row::status(filed.first))
            .bind(original)
            .bind(filed.read.understood.as_ref().map(sql::json).transpose()?)
            .bind(filed.message.as_ref().map(sql::json).transpose()?);
        self.later(with_outcome(query, filed)?).await?;
        let planned = ScheduleSubject::Notice(filed.number);
        self.known.learn_due(planned.key(), None);
        self.plan_notice(filed, INSERT_INSTANCE).await
    }

    /// Updates the number of duplicates of a notice, which no plan depends on.
    pub async fn save_duplicates(&mut self, filed: &NoticeRecord) -> StoreResult<()> {
        let query = self
            .statement(DUPLICATES)
            .bind(sql::number(filed.number)?)
            .bind(i64::from(filed.duplicates));
        self.later(query).await
    }

    /// Updates the outcome of a notice.
    pub async fn save_notice(&mut self, filed: &NoticeRecord) -> StoreResult<()> {
        let query = self.statement(UPDATE).bind(sql::number(filed.number)?);
        self.later(with_outcome(query, filed)?).await?;
        self.plan_notice(filed, UPDATE_INSTANCE).await
    }

    /// Writes the instances of a notice that named none of them, or not all, when it was filed.
    pub async fn name_instances(&mut self, filed: &NoticeRecord) -> StoreResult<()> {
        if filed.instances.is_empty() {
            return Ok(());
        }
        let query = self
            .statement(NAME)
            .bind(sql::number(filed.number)?)
            .bind(sql::json(&row::ids(&filed.instances))?);
        self.later(query).await?;
        self.plan_notice(filed, INSERT_INSTANCE).await
    }

    /// Schedules a notice, and writes with one statement per instance whether its outcome rests on that instance.
    async fn plan_notice(
        &mut self,
        filed: &NoticeRecord,
        of_instance: &'static str,
    ) -> StoreResult<()> {
        let number = sql::number(filed.number)?;
        self.set_due(&ScheduleSubject::Notice(filed.number), filed.next)
            .await?;
        for id in &filed.instances {
            let query = self
                .statement(of_instance)
                .bind(id.to_string())
                .bind(number)
                .bind(i64::from(filed.is_open()))
                .bind(i64::from(filed.is_open() && !filed.is_raised()));
            self.later(query).await?;
            // Reminders depend on suppressed notices, and raised ones are concerns until they are settled.
            if filed.proof.is_some() || filed.is_raised() || filed.settled.is_some() {
                self.look_at_once(id);
            }
        }
        Ok(())
    }

    /// The ids of tracked instances that have one of these names, in lower case; up to `limit`.
    pub async fn called_one_of(
        &mut self,
        names: &[String],
        limit: u32,
    ) -> StoreResult<Vec<String>> {
        let mut found = Vec::new();
        for batch in sql::batches(names) {
            let query = self
                .rows::<(String,)>(called(batch.len()))
                .bind(i64::from(limit));
            let query = batch.into_iter().fold(query, sql::Rows::bind);
            found.extend(self.all(query).await?.into_iter().map(|(id,)| id));
        }
        found.sort_unstable();
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// A notice by number.
    pub async fn notice(&mut self, number: u64) -> StoreResult<Option<NoticeRecord>> {
        let Ok(number) = i64::try_from(number) else {
            return Ok(None);
        };
        let query = self.rows::<NoticeRow>(BY_NUMBER).bind(number);
        self.one_notice(query).await
    }

    /// Whether a person handed in a duplicate of this notice.
    pub async fn handed_in_again(
        &mut self,
        filed: &NoticeRecord,
        person: &Person,
    ) -> StoreResult<bool> {
        let Some(instance) = filed.instances.first() else {
            return Ok(false);
        };
        let query = self
            .rows::<(i64,)>(HANDED_IN_AGAIN)
            .bind(instance.to_string())
            .bind(sql::number(filed.number)?)
            .bind(person.id.to_string());
        Ok(!self.all(query).await?.is_empty())
    }

    /// A notice by its source's id.
    pub async fn notice_of(
        &mut self,
        source: &str,
        external: &str,
    ) -> StoreResult<Option<NoticeRecord>> {
        let query = self
            .rows::<NoticeRow>(BY_EXTERNAL_ID)
            .bind(source.to_owned())
            .bind(external.to_owned());
        self.one_notice(query).await
    }

    async fn one_notice(
        &mut self,
        query: sql::Rows<NoticeRow>,
    ) -> StoreResult<Option<NoticeRecord>> {
        let row = self.all(query).await?.pop();
        row.map(|row| self.read_notice(row)).transpose()
    }

    /// The notice of a row; its due time may be pending.
    fn read_notice(&self, row: NoticeRow) -> StoreResult<NoticeRecord> {
        let mut filed = row.read()?;
        if let Some(due) = self.pending_due(&ScheduleSubject::Notice(filed.number)) {
            filed.next = due;
        }
        Ok(filed)
    }

    async fn page(
        &mut self,
        query: sql::Rows<NoticeRow>,
        page: PageRange,
    ) -> StoreResult<Page<NoticeRecord>> {
        Page::cut(self.all(query).await?, page).read(|row| self.read_notice(row))
    }

    /// Those of the instances that are named by a notice whose outcome facts may change.
    pub async fn named_by_notices(&mut self, ids: &[InstanceId]) -> StoreResult<Vec<InstanceId>> {
        let named: HashSet<String> = self
            .all_of(named_of, ids)
            .await?
            .into_iter()
            .map(|(id,)| id)
            .collect();
        let named = ids.iter().filter(|id| named.contains(id.as_str()));
        Ok(named.cloned().collect())
    }

    /// Schedules the notices that facts of an instance may change: all that rest on them, and the latest `raised` raised ones.
    /// `false` when there are none.
    pub async fn review_notices_of(
        &mut self,
        id: &InstanceId,
        raised: u32,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.write_plans_of_notices().await?;
        let query = self
            .statement(AT_ONCE)
            .bind(id.to_string())
            .bind(now.timestamp_millis())
            .bind(i64::from(raised));
        let any = self.run(query).await? > 0;
        if any {
            self.planned(now.timestamp_millis());
        }
        Ok(any)
    }

    /// The numbers of raised notices before `before` that facts of an instance may settle, newest first, up to `limit`.
    pub async fn raised_before(
        &mut self,
        id: &InstanceId,
        before: Option<u64>,
        limit: u32,
    ) -> StoreResult<Vec<u64>> {
        let before = before.map_or(Ok(i64::MAX), sql::number)?;
        let query = self
            .rows::<(i64,)>(OPEN_OF_INSTANCE)
            .bind(id.to_string())
            .bind(before)
            .bind(i64::from(limit));
        self.numbers(query).await
    }

    /// Schedules all notices that somebody settled by a clock that was ahead, or those of the latest. Returns whether there are any.
    pub async fn look_at_settled_ahead(
        &mut self,
        latest: Option<u32>,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.write_plans_of_notices().await?;
        let query = self
            .statement(SETTLED_AFTER)
            .bind(now.timestamp_millis())
            .bind((now + CLOCKS_DIFFER).timestamp_millis())
            .bind(latest.map_or(i64::MAX, i64::from));
        let any = self.run(query).await? > 0;
        if any {
            self.planned(now.timestamp_millis());
        }
        Ok(any)
    }

    /// The latest open notice that calls the instance gone.
    pub async fn called_gone(&mut self, id: &InstanceId) -> StoreResult<Option<u64>> {
        let query = self.rows::<(i64,)>(GONE).bind(id.to_string());
        Ok(self.numbers(query).await?.pop())
    }

    pub(super) async fn numbers(&mut self, query: sql::Rows<(i64,)>) -> StoreResult<Vec<u64>> {
        let rows = self.all(query).await?;
        let number =
            |(number,): (i64,)| u64::try_from(number).map_err(|_| row::damaged(number, "number"));
        rows.into_iter().map(number).collect()
    }

    /// The latest notices that name an instance, newest first.
    pub async fn notices_of(
        &mut self,
        id: &InstanceId,
        limit: u32,
    ) -> StoreResult<Vec<NoticeRecord>> {
        let query = self
            .rows::<NoticeRow>(OF_INSTANCE)
            .bind(id.to_string())
            .bind(i64::from(limit))
            .bind(0_i64);
        let rows = self.all(query).await?;
        rows.into_iter().map(|row| self.read_notice(row)).collect()
    }

    /// The open notices that call an instance gone, newest first.
    pub async fn calling_gone(
        &mut self,
        id: &InstanceId,
        limit: u32,
    ) -> StoreResult<Vec<NoticeRecord>> {
        let query = self
            .rows::<NoticeRow>(CALL_GONE)
            .bind(id.to_string())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.into_iter().map(|row| self.read_notice(row)).collect()
    }

    /// The unsettled notices with the content that this one had when it came, oldest first.
    pub async fn with_content_of(
        &mut self,
        number: u64,
        limit: u32,
    ) -> StoreResult<Vec<NoticeRecord>> {
        let query = self
            .rows::<NoticeRow>(WITH_CONTENT_OF)
            .bind(sql::number(number)?)
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.into_iter().map(|row| self.read_notice(row)).collect()
    }

    /// A page of the notices that name an instance, newest first.
    pub async fn page_of_notices(
        &mut self,
        id: &InstanceId,
        page: impl Into<PageRange>,
    ) -> StoreResult<Page<NoticeRecord>> {
        let page = page.into();
        let query = page.bind(self.rows(OF_INSTANCE).bind(id.to_string()));
        self.page(query, page).await
    }

    /// A page of the notices suppressed since a moment, newest first.
    pub async fn suppressed(
        &mut self,
        since: Timestamp,
        page: impl Into<PageRange>,
    ) -> StoreResult<Page<NoticeRecord>> {
        let page = page.into();
        let query = page.bind(self.rows(SUPPRESSED));
        self.page(query.bind(since.timestamp_millis()), page).await
    }

    /// A page of raised, unsettled notices, newest first.
    pub async fn raised_notices(
        &mut self,
        page: impl Into<PageRange>,
    ) -> StoreResult<Page<NoticeRecord>> {
        let page = page.into();
        let query = page.bind(self.rows(RAISED));
        self.page(query, page).await
    }

    /// The raised, unsettled notices that name no known instance, newest first, up to `limit`.
    pub async fn unnamed_notices(&mut self, limit: u32) -> StoreResult<Vec<NoticeRecord>> {
        let query = self.rows::<NoticeRow>(UNNAMED).bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.into_iter().map(|row| self.read_notice(row)).collect()
    }

    /// The raised notices that name no known instance, newest first: up to `limit` that nobody has settled, and of the latest
    /// `limit` that say that something is gone also the settled ones.
    pub async fn notices_to_name(&mut self, limit: u32) -> StoreResult<Vec<NoticeRecord>> {
        let query = self.rows::<NoticeRow>(TO_NAME).bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.into_iter().map(|row| self.read_notice(row)).collect()
    }

    /// Schedules all suppressed notices at once, because the basis of their judgement has changed.
    pub async fn review_all_suppressed(&mut self, now: Timestamp) -> StoreResult<()> {
        self.write_plans_of_notices().await?;
        let query = self.statement(LOOK_AT_ALL).bind(now.timestamp_millis());
        if self.run(query).await? > 0 {
            self.planned(now.timestamp_millis());
        }
        Ok(())
    }
}
