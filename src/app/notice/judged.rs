//! The judgement of a message on the facts of the moment, before anything is recorded of it.

use chrono::TimeDelta;

use super::named::{HISTORY, TrackedNames, alike, facts_now, named_by};
use super::repeated::{likeness, still_stands};
use super::{Incoming, KEPT_CHARS, kept};
use crate::app::RequestContext;
use crate::app::remind::NOTICES;
use crate::app::unit_of_work::UnitOfWork;
use crate::app::wording::{self, ReadBefore, ToRead};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::notice::{
    HANDLED_WITHIN, NoticeFacts, NoticeRecord, NoticeStatus, NoticeVerdict, Read, Understood,
    origin,
};
use crate::domain::reminder::subject;
use crate::store::{Around, ContextQuery, NoticeContext, StoreResult};

/// How far back a notice is looked for that says the same.
const LIKE_KEPT: TimeDelta = TimeDelta::days(365);

/// A message as judged now, before anything is recorded of it.
pub(super) struct JudgedNotice {
    /// With the number that it gets once it is filed.
    pub(super) filed: NoticeRecord,
    pub(super) cases: Vec<Case>,
    /// The instances it names.
    pub(super) known: Vec<Instance>,
    pub(super) likeness: String,
    /// The earlier notice that answers it.
    pub(super) like: Option<NoticeRecord>,
    /// An earlier notice that says the same and is raised, whose posts go on.
    pub(super) told_by: Option<NoticeRecord>,
    /// The history of the one instance that it names.
    pub(super) history: Vec<Event>,
    pub(super) around: Around,
}

impl JudgedNotice {
    /// Whether the answer that an earlier notice got is still the answer to its message: it answers this text, itself or as a
    /// duplicate of the one that does, and nothing has become of that one since.
    pub(super) fn repeats(&self, earlier: &NoticeRecord) -> bool {
        let now = self.filed.received;
        if earlier.settled_at_once() {
            let recent = earlier.received > now - HANDLED_WITHIN;
            return recent && earlier.is_judged_like(&self.filed);
        }
        self.like.as_ref().is_some_and(|like| {
            let answers = match earlier.first {
                NoticeStatus::Duplicate(of) => of == like.number,
                NoticeStatus::Suppressed | NoticeStatus::Raised => earlier.number == like.number,
            };
            answers && like.status == like.first && like.settled.is_none()
        })
    }
}

impl RequestContext<'_> {
    /// Judges a message on the facts of this moment; writes nothing.
    pub(super) async fn judge(
        &self,
        work: &mut UnitOfWork,
        incoming: &Incoming,
        before: &mut ReadBefore,
    ) -> StoreResult<JudgedNotice> {
        let message = &incoming.message;
        let read = Read::of(message, self.settings.vendor_zone, self.now);
        let ids = named_by(&mut work.tx, &read).await?;
        let mut cases = work.cases(&ids).await?;
        let found: Vec<InstanceId> = cases.iter().map(|case| case.instance.id.clone()).collect();
        let alike = alike(&mut work.tx, &read, &found).await?;
        if !alike.is_empty() {
            cases.extend(work.cases(&alike).await?);
        }
        for case in &mut cases {
            case.advance(&self.settings.policy, self.now);
        }
        let known: Vec<Instance> = cases.iter().map(|case| case.instance.clone()).collect();
        let understood = self
            .as_worded(work, incoming, &read, &known, before)
            .await?;
        let mut read = read.understood(understood);
        let likeness = likeness(&read, message);
        let context = self
            .context(work, incoming, &read, &cases, &likeness, before)
            .await?;
        if let ([one], Some(understood)) = (known.as_slice(), &mut read.understood) {
            let names = &mut before.names;
            wording::veto_names(self.settings, &mut work.tx, understood, one, names).await?;
        }
        let mut filed = self.unjudged(context.number, incoming, read);
        filed.instances = known.iter().map(|known| known.id.clone()).collect();
        let gone = context.around.raised.iter().filter(|it| it.is_gone);
        let called_gone = gone.map(|it| it.since).max();
        let facts = NoticeFacts {
            called_gone,
            ..facts_now(self.settings, &filed, &known, self.now)
        };
        filed.judge(&facts);
        let (mut like, mut told_by) = (None, None);
        if let Some(number) = context.like
            && let Some(one) = work.tx.notice(number).await?
        {
            let is_recent = one.received > self.now - HANDLED_WITHIN;
            if is_recent && one.is_judged_like(&filed) && still_stands(work, &one).await? {
                like = Some(one);
            } else if filed.is_raised()
                && filed.goes_with(&one, &known)
                && still_stands(work, &one).await?
            {
                told_by = Some(one);
            }
        }
        Ok(JudgedNotice {
            filed,
            cases,
            known,
            likeness,
            like,
            told_by,
            history: context.history,
            around: context.around,
        })
    }

    /// The reading of a message about the one instance that it names, by the wordings alone.
    async fn as_worded(
        &self,
        work: &mut UnitOfWork,
        incoming: &Incoming,
        read: &Read,
        known: &[Instance],
        before: &mut ReadBefore,
    ) -> StoreResult<Option<Understood>> {
        let to_read = ToRead {
            message: &incoming.message,
            read,
            known,
            received: self.now,
        };
        let Some(one) = to_read.one() else {
            return Ok(None);
        };
        let source = origin(self.actor.person.id.as_str(), &incoming.source);
        let taught = before.in_force(&mut work.tx, &source, self.now).await?;
        Ok(to_read.as_worded(self.settings, one, taught))
    }

    /// The context of a new notice, besides its cases and wordings.
    async fn context(
        &self,
        work: &mut UnitOfWork,
        incoming: &Incoming,
        read: &Read,
        cases: &[Case],
        likeness: &str,
        before: &mut ReadBefore,
    ) -> StoreResult<NoticeContext> {
        let one = match cases {
            [one] => Some(one),
            _ => None,
        };
        let words = match one {
            Some(_) => TrackedNames::words_of(&incoming.message.text(), read.understood.as_ref()),
            None => Vec::new(),
        };
        let context = ContextQuery {
            instance: one.map(|one| &one.instance.id),
            of: one.and_then(subject).unwrap_or(Timestamp::UNIX_EPOCH),
            raised: NOTICES,
            events: HISTORY,
            likeness,
            since: self.now - LIKE_KEPT,
            words: &words,
        };
        let mut context = work.tx.notice_context(context).await?;
        before
            .names
            .learn(words, std::mem::take(&mut context.named));
        Ok(context)
    }

    /// A new record, not yet judged.
    fn unjudged(&self, number: u64, incoming: &Incoming, read: Read) -> NoticeRecord {
        NoticeRecord {
            number,
            message: kept(&incoming.message),
            text: incoming.message.text().chars().take(KEPT_CHARS).collect(),
            source: incoming.source.clone(),
            external: incoming.id.clone(),
            received: self.now,
            by: self.actor.person.clone(),
            first: NoticeStatus::Raised,
            status: NoticeStatus::Raised,
            verdict: NoticeVerdict::NoProof,
            because: None,
            proof: None,
            instances: Vec::new(),
            duplicates: 0,
            told: 0,
            raised: None,
            settled: None,
            next: None,
            read,
        }
    }
}
