//! Notices: taken, judged, and reviewed when facts change or time passes.

mod again;
mod named;
mod repeated;
mod still;
mod tell;
mod tracked;

pub(super) use again::{carry_out, distrust};
pub(super) use named::{TrackedNames, facts_of, instances, perhaps};
pub(super) use tell::{mentions, places, tell_notice};
pub(super) use tracked::find_in_raised;

use super::remind::NOTICES;
use super::resolve::{self, Naming};
use super::unit_of_work::UnitOfWork;
use super::wording::{self, ReadBefore, ToRead};
use super::{Actor, RequestContext};
use crate::answer::{Answer, AnswerResult, Fatal, InstanceMatch, Reply, UserError};
use crate::command::{InstanceRef, args};
use crate::domain::Timestamp;
use crate::domain::authority::Permission;
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::instance::Instance;
use crate::domain::notice::{
    Beside, HANDLED_WITHIN, Message, NoticeRecord, NoticeStatus, NoticeVerdict, Read, Understood,
    origin,
};
use crate::domain::outcome::Outcome;
use crate::domain::reminder::subject;
use crate::domain::rules::RuleId;
use crate::inbox::{self, Letter};
use crate::store::{Around, ContextQuery, NoticeContext, ScheduleSubject, StoreResult, Tx};
use named::{HISTORY, beside, beside_one, cases, named_by, suggested, tracked_of};
use repeated::{likeness, moves, paged_since, reminded_since, reminds_today, still_stands};
use tell::{page, tell_perhaps};

/// The most characters kept of a notice's text.
const KEPT_CHARS: usize = 4_000;
/// The longest message kept whole, in characters: an e-mail in two forms.
const WHOLE_CHARS: usize = 16_000;
/// The most characters of it in the audit trail.
const SAID_CHARS: usize = 200;
/// The most notices of an instance in a view.
const SHOWN: u32 = 50;

/// An incoming notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The message, split into units.
    pub message: Message,
    /// The channel of arrival, such as `console`, `mail` or the name of a relay.
    pub source: String,
    /// The source's id of the message, by which a delivery that is repeated is recognised.
    pub id: Option<String>,
}

/// A filed notice, with the material for its answer.
struct FiledNotice {
    filed: NoticeRecord,
    /// The instances it names.
    known: Vec<Instance>,
    /// The instances its names suggest.
    near: Vec<InstanceMatch>,
    beside: Vec<Beside>,
    /// The notice that it repeats, or that reported the same loss.
    other: Option<NoticeRecord>,
}

/// A message as judged now, before anything is recorded of it.
struct Judged {
    /// With the number that it gets once it is filed.
    filed: NoticeRecord,
    cases: Vec<Case>,
    /// The instances it names.
    known: Vec<Instance>,
    likeness: String,
    /// The earlier notice that answers it.
    like: Option<NoticeRecord>,
    /// The history of the one instance that it names.
    history: Vec<Event>,
    around: Around,
}

impl Judged {
    /// Whether the answer that an earlier notice got is still the answer to its message: it answers this text, itself or as a
    /// duplicate of the one that does, and nothing has become of that one since.
    fn repeats(&self, earlier: &NoticeRecord) -> bool {
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

/// The result of taking a notice.
pub(super) enum Decided {
    /// Delivered again, with the first answer.
    Before(Reply),
    /// Judged now.
    Now(Reply),
}

impl Incoming {
    /// Notices that a person typed or pasted.
    pub(super) fn said(actor: &Actor, text: &str) -> Vec<Self> {
        let letters = inbox::read(text.as_bytes());
        Self::all(letters, actor.surface, actor.message.as_deref())
    }

    /// The notices of one message, each with an id derived from the message's.
    pub fn all(letters: Vec<Letter>, source: &str, id: Option<&str>) -> Vec<Self> {
        let one = |(number, letter): (usize, Letter)| Self {
            message: letter.message,
            source: source.to_owned(),
            id: id.map(|id| match number {
                1 => id.to_owned(),
                _ => format!("{id}#{number}"),
            }),
        };
        (1..).zip(letters).map(one).collect()
    }

    /// E-mails, each with its own id.
    pub fn mails(letters: Vec<Letter>, source: &str) -> Vec<Self> {
        let one = |letter: Letter| Self {
            message: letter.message,
            source: source.to_owned(),
            id: letter.id,
        };
        letters.into_iter().map(one).collect()
    }

    pub(super) fn in_the_trail(&self) -> String {
        let text = self.message.text();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = words.chars().take(SAID_CHARS).collect();
        let more = if words.chars().nth(SAID_CHARS).is_some() {
            "…"
        } else {
            ""
        };
        format!("notice \"{short}{more}\"")
    }
}

impl RequestContext<'_> {
    /// Takes the notices of one message; the most urgent reply comes first.
    pub(super) async fn take_notices(&self, incoming: &[Incoming]) -> Reply {
        let mut replies = Vec::new();
        for one in incoming {
            let taken = self.take_notice(one).await;
            let taken = taken.unwrap_or_else(|fatal| fatal.into_reply(self.now));
            let goes_on = taken.notice().is_some();
            replies.push(taken);
            if !goes_on {
                break;
            }
        }
        replies.sort_by_key(|reply| urgency(reply.outcome));
        match replies.len() {
            0 => Fatal::from(UserError::NothingSaid).into_reply(self.now),
            1 => replies.remove(0),
            _ => several(replies, self.now),
        }
    }

    async fn take_notice(&self, incoming: &Incoming) -> AnswerResult {
        let said = incoming.in_the_trail();
        if !self.actor.may(Permission::FileNotice) {
            return self.deny_said(said, Permission::FileNotice).await;
        }
        let mut place = self.place();
        loop {
            let work = UnitOfWork::new(place.turn().await?);
            let taken = self.take_notice_in(work, incoming, &said).await;
            if place.stands().await {
                return taken;
            }
        }
    }

    async fn take_notice_in(
        &self,
        work: UnitOfWork,
        incoming: &Incoming,
        said: &str,
    ) -> AnswerResult {
        let mut work = self.claim(work).await?;
        let settings = self.settings_in(&mut work).await?;
        let desk = self.by(&settings);
        let said = said.to_owned();
        let reply = match desk.decide_notice(&mut work, incoming).await? {
            Decided::Before(reply) => reply,
            Decided::Now(reply) => desk.finish_notice(work, said, reply).await?,
        };
        Ok(settings.read_by(reply))
    }

    /// Judges a notice within a decision; a message that is delivered again gets its first answer.
    pub(super) async fn decide_notice(
        &self,
        work: &mut UnitOfWork,
        incoming: &Incoming,
    ) -> Result<Decided, Fatal> {
        let earlier = match &incoming.id {
            Some(id) => work.notice_of(&incoming.source, id).await?,
            None => None,
        };
        let id_is_taken = earlier.is_some();
        let mut before = ReadBefore::default();
        let judged = self.judge(work, incoming, &mut before).await?;
        let again = earlier.filter(|filed| self.is_delivered_again(incoming, filed, &judged));
        if let Some(filed) = again {
            let known = instances(work, self.settings, &filed.instances, self.now).await?;
            let (beside, other) = self.around(work, &filed).await?;
            let taken = FiledNotice {
                filed,
                known,
                near: Vec::new(),
                beside,
                other,
            };
            return Ok(Decided::Before(self.taken(taken)));
        }
        let taken = self.file(work, judged, id_is_taken, &mut before).await?;
        let (filed, known) = (&taken.filed, &taken.known);
        let offer = wording::offer(self.settings, work, filed, known, &mut before).await?;
        let mut reply = self.taken(taken);
        if let Answer::NoticeTaken { offer: taken, .. } = &mut reply.answer {
            *taken = offer;
        }
        Ok(Decided::Now(reply))
    }

    /// Whether this message is another delivery of an earlier one, whose answer is still true.
    fn is_delivered_again(
        &self,
        incoming: &Incoming,
        earlier: &NoticeRecord,
        judged: &Judged,
    ) -> bool {
        // A message of a channel is read once. Any other may be handed in again by people.
        self.says_the_same(incoming, earlier)
            && (earlier.channel_message().is_some() || judged.repeats(earlier))
    }

    /// Whether the answer that a notice got on an earlier delivery of this message is still true.
    pub(super) async fn still_answers(
        &self,
        work: &mut UnitOfWork,
        incoming: &Incoming,
        number: u64,
    ) -> StoreResult<bool> {
        let filed = work.notice(number).await?;
        let before = &mut ReadBefore::default();
        let judged = self.judge(work, incoming, before).await?;
        Ok(filed.is_some_and(|filed| judged.repeats(&filed)))
    }

    /// The circumstances of a notice's instances, and the notice that it repeats.
    async fn around(
        &self,
        work: &mut UnitOfWork,
        filed: &NoticeRecord,
    ) -> StoreResult<(Vec<Beside>, Option<NoticeRecord>)> {
        let cases = cases(work, self.settings, &filed.instances, self.now).await?;
        let beside = beside(work, self.settings, filed, &cases, self.now).await?;
        let other = match filed.first {
            NoticeStatus::Duplicate(of) => work.notice(of).await?,
            NoticeStatus::Suppressed | NoticeStatus::Raised => None,
        };
        Ok((beside, other))
    }

    /// Commits the decision on a notice.
    pub(super) async fn finish_notice(
        &self,
        work: UnitOfWork,
        said: String,
        reply: Reply,
    ) -> AnswerResult {
        let reply = self.finish_said(work, said, reply).await?;
        if let Answer::NoticeTaken { filed, .. } = &reply.answer
            && filed.first == NoticeStatus::Suppressed
        {
            self.meter.suppressed(filed.verdict);
        }
        Ok(reply)
    }

    /// Whether a notice under a known id has this text. With another text it is judged as a new one.
    fn says_the_same(&self, incoming: &Incoming, filed: &NoticeRecord) -> bool {
        let message = &incoming.message;
        let read = Read::of(message, self.settings.vendor_zone, self.now);
        let begins = message
            .text()
            .chars()
            .take(KEPT_CHARS)
            .eq(filed.text.chars());
        begins && read.ids == filed.read.ids
    }

    /// Judges a message on the facts of this moment; writes nothing.
    async fn judge(
        &self,
        work: &mut UnitOfWork,
        incoming: &Incoming,
        before: &mut ReadBefore,
    ) -> StoreResult<Judged> {
        let message = &incoming.message;
        let read = Read::of(message, self.settings.vendor_zone, self.now);
        let ids = named_by(work, &read).await?;
        let mut cases = work.cases(&ids).await?;
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
            wording::veto_names(work, understood, one, &mut before.names).await?;
        }
        let mut filed = self.unjudged(context.number, incoming, read);
        filed.instances = known.iter().map(|known| known.id.clone()).collect();
        let facts = facts_of(self.settings, &filed, &known, self.now);
        filed.judge(&facts);
        let mut like = match context.like {
            Some(number) => work.notice(number).await?,
            None => None,
        };
        if let Some(one) = &like
            && !(one.is_judged_like(&filed) && still_stands(work, one).await?)
        {
            like = None;
        }
        Ok(Judged {
            filed,
            cases,
            known,
            likeness,
            like,
            history: context.history,
            around: context.around,
        })
    }

    async fn file(
        &self,
        work: &mut UnitOfWork,
        judged: Judged,
        id_is_taken: bool,
        before: &mut ReadBefore,
    ) -> Result<FiledNotice, Fatal> {
        let Judged {
            mut filed,
            cases,
            known,
            likeness,
            like,
            history,
            around,
        } = judged;
        if id_is_taken {
            filed.external = None;
        }
        let facts = facts_of(self.settings, &filed, &known, self.now);
        let near = if filed.is_raised() {
            let names = &mut before.names;
            suggested(work, &filed.read, &filed.text, &known, names).await?
        } else {
            Vec::new()
        };
        let handled = self.now - HANDLED_WITHIN;
        let mut other = like;
        match &mut other {
            Some(original) => {
                filed.duplicate(original.number);
                original.duplicates = original.duplicates.saturating_add(1);
                work.save_duplicates(original).await?;
            }
            None if filed.pages(&known) => {
                other = paged_since(work, &filed, handled).await?;
                if other.is_some() {
                    filed.hold_back();
                } else {
                    let explained = filed.explained_by(&facts, self.now);
                    page(self.settings, work, &filed, &known, explained, self.now).await?;
                }
            }
            None if reminded_since(&filed, &known, &around, handled)
                || reminds_today(self.settings, &filed, &cases, &around) =>
            {
                filed.hold_back();
            }
            None if filed.is_raised() => {
                tell_notice(self.settings, work, &filed, &known, self.now).await?;
                if filed.instances.is_empty() {
                    let perhaps = tracked_of(work, self.settings, &near, self.now).await?;
                    tell_perhaps(self.settings, work, &filed, &perhaps, self.now).await?;
                }
            }
            None => {}
        }
        work.file_notice(&filed, &likeness).await?;
        if filed.first == NoticeStatus::Suppressed {
            wording::used(self.settings, work, &filed, self.now).await?;
        }
        if !around.has_digest {
            let digest = self.settings.cadence.next_digest(self.now);
            work.begin_due(&ScheduleSubject::Digest, digest).await?;
        }
        let beside = match cases.as_slice() {
            [one] => vec![beside_one(self.settings, &filed, one, &history, self.now)],
            several => beside(work, self.settings, &filed, several, self.now).await?,
        };
        Ok(FiledNotice {
            filed,
            known,
            near,
            beside,
            other,
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
        let taught = before.in_force(work, &source, self.now).await?;
        Ok(to_read.as_worded(self.settings, one, taught))
    }

    /// What a new notice is judged by, besides its cases and wordings.
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
            since: self.now - HANDLED_WITHIN,
            words: &words,
        };
        let mut context = work.notice_context(context).await?;
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

    fn taken(&self, taken: FiledNotice) -> Reply {
        let outcome = match taken.filed.first {
            NoticeStatus::Suppressed => Outcome::Suppressed,
            NoticeStatus::Raised => Outcome::Raised,
            NoticeStatus::Duplicate(_) => Outcome::Duplicate,
        };
        let redundant = taken.filed.verdict.is_redundant();
        let FiledNotice {
            filed,
            known,
            near,
            beside,
            other,
        } = taken;
        let answer = Answer::NoticeTaken {
            filed: Box::new(filed),
            known,
            near,
            beside,
            other: other.map(Box::new),
            offer: None,
        };
        let mut reply = Reply::new(outcome, self.now, answer);
        if redundant {
            reply.rules.push(RuleId::ReleaseNoticeRedundant);
        }
        reply
    }

    pub(super) async fn list_notices(
        &self,
        tx: &mut Tx,
        instance: &InstanceRef,
        page: u32,
    ) -> AnswerResult {
        let case = resolve::instance(tx, instance, Naming::Beginning).await?;
        let page = self.settings.page(page);
        let page = tx.page_of_notices(&case.instance.id, page).await?;
        let case = Box::new(case);
        Ok(self.info(Answer::Notices { case, page }))
    }

    pub(super) async fn list_raised(&self, tx: &mut Tx, page: u32) -> AnswerResult {
        let page = tx.raised_notices(self.settings.page(page)).await?;
        Ok(self.info(Answer::Raised { page }))
    }

    pub(super) async fn list_suppressed(
        &self,
        tx: &mut Tx,
        list: &args::Suppressed,
    ) -> AnswerResult {
        let since = self.now - list.since.0;
        let page = tx.suppressed(since, self.settings.page(list.page)).await?;
        Ok(self.info(Answer::Suppressed { page, since }))
    }

    /// Acknowledges a raised notice.
    pub(super) async fn ack_notice(&self, work: &mut UnitOfWork, number: u64) -> AnswerResult {
        let filed = work.notice(number).await?;
        let mut filed = filed.ok_or(UserError::NoSuchNotice(number))?;
        let is_new = filed.is_raised();
        if is_new && filed.needs_answer() {
            return Err(UserError::GoneNeedsAnswer(number).into());
        }
        if is_new {
            let moves = moves(work, &filed).await?;
            filed.acknowledge(&self.actor.person, moves, self.now);
            work.save_notice(&filed).await?;
        }
        let outcome = Outcome::done_if(is_new);
        let filed = Box::new(filed);
        Ok(Reply::new(
            outcome,
            self.now,
            Answer::NoticeAcked { filed, is_new },
        ))
    }
}

/// The sort order of replies: the most urgent first.
const fn urgency(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Raised => 1,
        Outcome::Duplicate => 2,
        Outcome::Suppressed => 3,
        _ => 0,
    }
}

fn several(replies: Vec<Reply>, now: Timestamp) -> Reply {
    let outcome = replies.first().map_or(Outcome::Info, |reply| reply.outcome);
    let mut rules = Vec::new();
    let first = replies.iter().filter(|reply| reply.outcome == outcome);
    for rule in first.flat_map(|reply| &reply.rules) {
        if !rules.contains(rule) {
            rules.push(*rule);
        }
    }
    let zone = replies.first().and_then(|reply| reply.zone);
    Reply {
        rules,
        zone,
        ..Reply::new(outcome, now, Answer::Several(replies))
    }
}

/// The message, if short enough to be kept whole.
fn kept(message: &Message) -> Option<Message> {
    let short = message.text().chars().nth(WHOLE_CHARS).is_none();
    short.then(|| message.clone())
}
