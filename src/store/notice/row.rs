//! Rows of the table `notice`, and their decoding.

use serde::de::DeserializeOwned;

use crate::domain::id::InstanceId;
use crate::domain::notice::{
    Because, NoticeKind, NoticeRecord, NoticeStatus, NoticeVerdict, Read, Settled, Settlement,
};
use crate::store::code::{Row, instant, person};
use crate::store::{StoreError, StoreResult};

#[derive(Debug, sqlx::FromRow)]
pub(super) struct NoticeRow {
    number: i64,
    kind: String,
    text: String,
    message: Option<String>,
    source: String,
    external_id: Option<String>,
    ids: String,
    names: String,
    dates: String,
    understood: Option<String>,
    instances: String,
    received_ms: i64,
    by_id: String,
    by_name: String,
    first: String,
    status: String,
    original: Option<i64>,
    verdict: String,
    because: Option<String>,
    proof: Option<String>,
    duplicates: i64,
    told: i64,
    raised_ms: Option<i64>,
    settled_ms: Option<i64>,
    settled_how: Option<String>,
    settled_id: Option<String>,
    settled_name: Option<String>,
    settled_moves: Option<i64>,
    next_ms: Option<i64>,
}

pub(super) fn damaged(number: i64, column: &'static str) -> StoreError {
    StoreError::damaged("notice", format!("notice {number}"), column)
}

pub(super) fn ids(all: &[InstanceId]) -> Vec<&str> {
    all.iter().map(InstanceId::as_str).collect()
}

pub(super) const fn status(status: NoticeStatus) -> &'static str {
    match status {
        NoticeStatus::Suppressed => "suppressed",
        NoticeStatus::Raised => "raised",
        NoticeStatus::Duplicate(_) => "duplicate",
    }
}

fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn list<T: DeserializeOwned>(text: &str) -> Option<Vec<T>> {
    serde_json::from_str(text).ok()
}

impl NoticeRow {
    fn status(&self, word: &str) -> Option<NoticeStatus> {
        match word {
            "suppressed" => Some(NoticeStatus::Suppressed),
            "raised" => Some(NoticeStatus::Raised),
            "duplicate" => Some(NoticeStatus::Duplicate(u64::try_from(self.original?).ok()?)),
            _ => None,
        }
    }

    fn what_was_read(&self, row: &Row<'_>) -> StoreResult<Read> {
        Ok(Read {
            kind: row.need("kind", NoticeKind::from_word(&self.kind))?,
            ids: row.need("ids", list(&self.ids))?,
            names: row.need("names", list(&self.names))?,
            dates: row.need("dates", list(&self.dates))?,
            understood: row.may("understood", self.understood.as_deref(), parsed)?,
        })
    }

    fn settled(&self, row: &Row<'_>) -> StoreResult<Option<Settled>> {
        let Some(at) = row.may("settled_ms", self.settled_ms, instant)? else {
            return Ok(None);
        };
        let how = self.settled_how.as_deref().and_then(Settlement::from_word);
        Ok(Some(Settled {
            at,
            by: person(self.settled_id.as_deref(), self.settled_name.as_deref()),
            how: row.need("settled_how", how)?,
            moves: row.may("settled_moves", self.settled_moves, |moves| {
                u64::try_from(moves).ok()
            })?,
        }))
    }

    pub(super) fn read(self) -> StoreResult<NoticeRecord> {
        let key = format!("notice {}", self.number);
        let row = Row::of("notice", &key);
        let instances = list::<String>(&self.instances)
            .and_then(|ids| ids.iter().map(|id| InstanceId::parse(id).ok()).collect());
        let because = |word: &str| Because::from_word(word);
        Ok(NoticeRecord {
            number: row.need("number", u64::try_from(self.number).ok())?,
            read: self.what_was_read(&row)?,
            received: row.need("received_ms", instant(self.received_ms))?,
            by: row.need("by_id", person(Some(&self.by_id), Some(&self.by_name)))?,
            first: row.need("first", self.status(&self.first))?,
            status: row.need("status", self.status(&self.status))?,
            verdict: row.need("verdict", NoticeVerdict::from_word(&self.verdict))?,
            because: row.may("because", self.because.as_deref(), because)?,
            proof: row.may("proof", self.proof.as_deref(), parsed)?,
            message: row.may("message", self.message.as_deref(), parsed)?,
            instances: row.need("instances", instances)?,
            duplicates: row.need("duplicates", u32::try_from(self.duplicates).ok())?,
            told: row.need("told", u32::try_from(self.told).ok())?,
            raised: row.may("raised_ms", self.raised_ms, instant)?,
            settled: self.settled(&row)?,
            next: row.may("next_ms", self.next_ms, instant)?,
            text: self.text,
            source: self.source,
            external: self.external_id,
        })
    }
}
