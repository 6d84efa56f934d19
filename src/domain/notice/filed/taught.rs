//! A new judgement of a notice, after its wording was taught or forgotten.

use super::{Because, NoticeFacts, NoticeRecord, NoticeStatus, NoticeTurn};
use crate::Timestamp;
use crate::notice::{Understood, judge_filed};

impl NoticeRecord {
    /// Judges a raised notice by its new reading; `None` when it stays raised.
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
        self.verdict = judge_filed(self, one, facts, now);
        let instance = one.filter(|_| self.verdict.is_redundant())?;
        self.suppress(instance, facts, now);
        Some(NoticeTurn::Quieted)
    }

    /// Replaces its reading and verdict. The status stays until the next review.
    pub fn read_as(
        &mut self,
        understood: Option<Understood>,
        facts: &NoticeFacts<'_>,
        now: Timestamp,
    ) {
        self.read = self.read.clone().understood(understood);
        let one = self.one(facts.known);
        self.verdict = judge_filed(self, one, facts, now);
    }

    /// Raises a suppressed notice whose wording was forgotten, unless it is understood otherwise; `None` when nothing changes.
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

    /// The origin for taught wordings: a notice over HTTP cannot pass for one that a person filed, whatever source it claims.
    pub fn origin(&self) -> String {
        origin(self.by.id.as_str(), &self.source)
    }

    /// The HTTP key it was sent with.
    pub fn http_key(&self) -> Option<&str> {
        self.by.id.as_str().strip_prefix(HTTP)
    }
}

/// The prefix of the ids of HTTP senders.
const HTTP: &str = "http:";

/// The origin of a notice from this sender and source.
pub fn origin(by: &str, source: &str) -> String {
    if by.starts_with(HTTP) {
        format!("{HTTP}{source}")
    } else {
        source.to_owned()
    }
}
