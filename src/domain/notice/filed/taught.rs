//! A notice judged once more, because its wording was taught or forgotten.

use super::{Because, NoticeFacts, NoticeRecord, NoticeStatus, NoticeTurn};
use crate::domain::Timestamp;
use crate::domain::notice::{Understood, judge_filed};

impl NoticeRecord {
    /// Judges a raised one once more as what it is understood to say now; `None` when it stays raised.
    pub fn judge_again(
        &mut self,
        understood: Understood,
        facts: &NoticeFacts<'_>,
        now: Timestamp,
    ) -> Option<NoticeTurn> {
        if !self.is_raised() {
            return None;
        }
        self.read = self.read.clone().understood(Some(understood));
        let one = self.one(facts.known);
        self.verdict = judge_filed(self, one, facts.exit, facts.limits, now);
        let instance = one.filter(|_| self.verdict.is_redundant())?;
        self.suppress(instance, facts, now);
        Some(NoticeTurn::Quieted)
    }

    /// Takes it to say something else than it was read as until now, or nothing that is understood. What was made of it stays
    /// until it is looked at.
    pub fn read_as(
        &mut self,
        understood: Option<Understood>,
        facts: &NoticeFacts<'_>,
        now: Timestamp,
    ) {
        self.read = self.read.clone().understood(understood);
        let one = self.one(facts.known);
        self.verdict = judge_filed(self, one, facts.exit, facts.limits, now);
    }

    /// Raises a suppressed one whose wording was forgotten, unless it is understood without that; `None` when it stays as it
    /// is.
    pub fn unlearn(
        &mut self,
        understood: Option<Understood>,
        facts: &NoticeFacts<'_>,
        now: Timestamp,
    ) -> Option<NoticeTurn> {
        if self.status != NoticeStatus::Suppressed || self.settled.is_some() {
            return None;
        }
        self.read_as(understood, facts, now);
        if self.verdict.is_redundant() {
            return None;
        }
        self.raise_again(facts.known, Because::NotUnderstood, now)
    }

    /// Where it came from, as far as a taught wording is concerned: what is sent over HTTP cannot pass for what people
    /// hand in, whatever it calls its source.
    pub fn origin(&self) -> String {
        origin(&self.by.id, &self.source)
    }

    /// The key that it was sent with over HTTP.
    pub fn http_key(&self) -> Option<&str> {
        self.by.id.strip_prefix(HTTP)
    }
}

/// What ids of those who send over HTTP begin with.
const HTTP: &str = "http:";

/// Where a notice by somebody from a source comes from.
pub fn origin(by: &str, source: &str) -> String {
    if by.starts_with(HTTP) {
        format!("{HTTP}{source}")
    } else {
        source.to_owned()
    }
}
