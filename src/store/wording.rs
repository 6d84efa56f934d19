//! The tables `wording` and `wording_use`: a workspace's taught wordings, and the notices suppressed by them.

use super::code::{Row, instant, person};
use super::restoration::last_of;
use super::{StoreError, StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::notice::{DateRole, Learnt, Lesson, NoticeRecord, Teaching, Word, WordingKind};

/// The number of latest raised notices that are judged again after a wording is taught.
const LOOKED_AT: u32 = 200;
/// The most wordings in a list.
const LISTED: u32 = 100;

macro_rules! columns {
    () => {
        "number, notice, source, kind, first_date, bodies, subjects, asked_ms, asked_id, asked_name, taught_ms, taught_id, \
         taught_name, reason, uses, used_ms, forgotten_ms, forgotten_id, forgotten_name"
    };
}

/// The number of the last wording.
pub(super) const LAST: &str = last_of!("wording");

/// Inserts a wording, or updates its state.
const SAVE: &str = concat!(
    "INSERT INTO wording (workspace, ",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) \
     ON CONFLICT (workspace, number) DO UPDATE SET taught_ms = excluded.taught_ms, taught_id = excluded.taught_id, \
     taught_name = excluded.taught_name, reason = excluded.reason, uses = excluded.uses, used_ms = excluded.used_ms, \
     forgotten_ms = excluded.forgotten_ms, forgotten_id = excluded.forgotten_id, forgotten_name = excluded.forgotten_name"
);

/// A wording by number.
pub(super) const BY_NUMBER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM wording WHERE workspace = $1 AND number = $2"
);

/// The number of the last wording for a notice.
pub(super) const OF_NOTICE: &str =
    "SELECT number FROM wording WHERE workspace = $1 AND notice = $2 ORDER BY number DESC LIMIT 1";

/// The wordings of a source that are taught and not forgotten.
pub(super) const IN_FORCE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM wording WHERE workspace = $1 AND number IN (\
     SELECT number FROM wording WHERE workspace = $1 AND source = $2 AND forgotten_ms IS NULL) \
     AND taught_ms IS NOT NULL ORDER BY number"
);

/// The latest wordings.
pub(super) const ALL: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM wording WHERE workspace = $1 ORDER BY number DESC LIMIT $2"
);

const FORGET_ALL: &str = "UPDATE wording SET forgotten_ms = $2, forgotten_id = $3, forgotten_name = $4 \
     WHERE workspace = $1 AND forgotten_ms IS NULL";

/// Records a use, once per notice.
const USE: &str = "INSERT INTO wording_use (workspace, wording, notice) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

/// The open notices suppressed by a wording.
pub(super) const SUPPRESSED_BY: &str = "SELECT notice.number FROM wording_use JOIN notice ON notice.workspace = wording_use.workspace \
     AND notice.number = wording_use.notice WHERE wording_use.workspace = $1 AND wording_use.wording = $2 \
     AND notice.status = 'suppressed' AND notice.settled_ms IS NULL ORDER BY wording_use.notice";

/// The latest raised notices that are not understood.
pub(super) const NOT_UNDERSTOOD: &str = "SELECT number FROM notice WHERE workspace = $1 AND status = 'raised' \
     AND settled_ms IS NULL AND understood IS NULL ORDER BY number DESC LIMIT $2";

/// Updates the reading of a notice.
pub(super) const REREAD: &str =
    "UPDATE notice SET kind = $3, dates = $4, understood = $5 WHERE workspace = $1 AND number = $2";

#[derive(Debug, sqlx::FromRow)]
struct WordingRow {
    number: i64,
    notice: i64,
    source: String,
    kind: String,
    first_date: Option<String>,
    bodies: String,
    subjects: String,
    asked_ms: i64,
    asked_id: String,
    asked_name: String,
    taught_ms: Option<i64>,
    taught_id: Option<String>,
    taught_name: Option<String>,
    reason: Option<String>,
    uses: i64,
    used_ms: Option<i64>,
    forgotten_ms: Option<i64>,
    forgotten_id: Option<String>,
    forgotten_name: Option<String>,
}

fn damaged(number: i64, column: &'static str) -> StoreError {
    StoreError::damaged("wording", format!("wording {number}"), column)
}

fn number(read: i64) -> StoreResult<u64> {
    u64::try_from(read).map_err(|_| damaged(read, "number"))
}

impl WordingRow {
    fn read(self) -> StoreResult<Teaching> {
        let key = format!("wording {}", self.number);
        let row = Row::of("wording", &key);
        let list = |text: &str| serde_json::from_str::<Vec<String>>(text).ok();
        let word = |ms, id: &Option<String>, name: &Option<String>| {
            let at = row.may("taught_ms", ms, instant)?;
            let by = person(id.as_deref(), name.as_deref());
            Ok(match at {
                Some(at) => Some(Word {
                    by: row.need("taught_id", by)?,
                    at,
                }),
                None => None,
            })
        };
        let asked = word(
            Some(self.asked_ms),
            &Some(self.asked_id),
            &Some(self.asked_name),
        )?;
        Ok(Teaching {
            number: row.need("number", u64::try_from(self.number).ok())?,
            notice: row.need("notice", u64::try_from(self.notice).ok())?,
            lesson: Lesson {
                kind: row.need("kind", WordingKind::from_word(&self.kind))?,
                first: row.may(
                    "first_date",
                    self.first_date.as_deref(),
                    DateRole::from_word,
                )?,
            },
            learnt: Learnt {
                bodies: row.need("bodies", list(&self.bodies))?,
                subjects: row.need("subjects", list(&self.subjects))?,
            },
            asked: row.need("asked_ms", asked)?,
            taught: word(self.taught_ms, &self.taught_id, &self.taught_name)?,
            alone: self.reason,
            uses: row.need("uses", u32::try_from(self.uses).ok())?,
            used: row.may("used_ms", self.used_ms, instant)?,
            forgotten: word(self.forgotten_ms, &self.forgotten_id, &self.forgotten_name)?,
            source: self.source,
        })
    }
}

fn ms(word: Option<&Word>) -> Option<i64> {
    word.map(|word| word.at.timestamp_millis())
}

fn id(word: Option<&Word>) -> Option<String> {
    word.map(|word| word.by.id.to_string())
}

fn name(word: Option<&Word>) -> Option<String> {
    word.map(|word| word.by.name.to_string())
}

impl Tx {
    /// The number of the next wording.
    pub async fn next_wording_number(&mut self) -> StoreResult<u64> {
        let query = self.rows::<(i64,)>(LAST);
        let last = self.all(query).await?.pop().map_or(0, |(number,)| number);
        number(last).map(|last| last.saturating_add(1))
    }

    /// Inserts a wording, or updates its state.
    pub async fn save_wording(&mut self, one: &Teaching) -> StoreResult<()> {
        let (taught, forgotten) = (one.taught.as_ref(), one.forgotten.as_ref());
        let query = self
            .statement(SAVE)
            .bind(sql::number(one.number)?)
            .bind(sql::number(one.notice)?)
            .bind(one.source.clone())
            .bind(one.lesson.kind.as_str())
            .bind(one.lesson.first.map(DateRole::as_str))
            .bind(sql::json(&one.learnt.bodies)?)
            .bind(sql::json(&one.learnt.subjects)?)
            .bind(one.asked.at.timestamp_millis())
            .bind(one.asked.by.id.to_string())
            .bind(one.asked.by.name.to_string())
            .bind(ms(taught))
            .bind(id(taught))
            .bind(name(taught))
            .bind(one.alone.clone())
            .bind(i64::from(one.uses))
            .bind(one.used.map(|at| at.timestamp_millis()))
            .bind(ms(forgotten))
            .bind(id(forgotten))
            .bind(name(forgotten));
        self.later(query).await
    }

    pub async fn forget_all_wordings(&mut self, word: &Word) -> StoreResult<()> {
        let query = self
            .statement(FORGET_ALL)
            .bind(word.at.timestamp_millis())
            .bind(word.by.id.to_string())
            .bind(word.by.name.to_string());
        self.later(query).await
    }

    /// A wording by number.
    pub async fn wording(&mut self, number: u64) -> StoreResult<Option<Teaching>> {
        let Ok(number) = i64::try_from(number) else {
            return Ok(None);
        };
        let query = self.rows::<WordingRow>(BY_NUMBER).bind(number);
        let row = self.all(query).await?.pop();
        row.map(WordingRow::read).transpose()
    }

    /// The last wording for a notice.
    pub async fn wording_of(&mut self, notice: u64) -> StoreResult<Option<Teaching>> {
        let query = self.rows::<(i64,)>(OF_NOTICE).bind(sql::number(notice)?);
        match self.all(query).await?.pop() {
            Some((last,)) => self.wording(number(last)?).await,
            None => Ok(None),
        }
    }

    /// The wordings of a source that are taught and not forgotten.
    pub async fn wordings_in_force(&mut self, source: &str) -> StoreResult<Vec<Teaching>> {
        let query = self.rows::<WordingRow>(IN_FORCE).bind(source.to_owned());
        let rows = self.all(query).await?;
        rows.into_iter().map(WordingRow::read).collect()
    }

    /// The latest wordings, newest first.
    pub async fn wordings(&mut self) -> StoreResult<Vec<Teaching>> {
        let query = self.rows::<WordingRow>(ALL).bind(i64::from(LISTED));
        let rows = self.all(query).await?;
        rows.into_iter().map(WordingRow::read).collect()
    }

    /// Records that a notice was suppressed by a wording; `false` when it is recorded already.
    pub async fn note_wording_use(&mut self, wording: u64, notice: u64) -> StoreResult<bool> {
        let query = self
            .statement(USE)
            .bind(sql::number(wording)?)
            .bind(sql::number(notice)?);
        Ok(self.run(query).await? > 0)
    }

    /// The open notices suppressed by a wording.
    pub async fn suppressed_by(&mut self, wording: u64) -> StoreResult<Vec<u64>> {
        let query = self.rows(SUPPRESSED_BY).bind(sql::number(wording)?);
        self.numbers(query).await
    }

    /// The latest raised, open notices that are not understood.
    pub async fn not_understood(&mut self) -> StoreResult<Vec<u64>> {
        let query = self.rows(NOT_UNDERSTOOD).bind(i64::from(LOOKED_AT));
        self.numbers(query).await
    }

    /// Updates the reading and the outcome of a notice.
    pub async fn reread_notice(&mut self, filed: &NoticeRecord) -> StoreResult<()> {
        let understood = filed.read.understood.as_ref().map(sql::json).transpose()?;
        let query = self
            .statement(REREAD)
            .bind(sql::number(filed.number)?)
            .bind(filed.read.kind.as_str())
            .bind(sql::json(&filed.read.dates)?)
            .bind(understood);
        self.later(query).await?;
        self.save_notice(filed).await
    }

    /// Counts a use of a wording, and records its time.
    pub async fn count_wording_use(
        &mut self,
        wording: u64,
        at: Timestamp,
    ) -> StoreResult<Option<Teaching>> {
        let Some(mut one) = self.wording(wording).await? else {
            return Ok(None);
        };
        one.uses = one.uses.saturating_add(1);
        one.used = Some(at);
        self.save_wording(&one).await?;
        Ok(Some(one))
    }
}
