//! Notices: taken, judged, and reviewed when facts change or time passes.

mod again;
mod gather;
mod judged;
mod named;
mod repeated;
mod still;
mod tell;
mod tracked;

pub(super) use again::{carry_out, distrust};
pub(super) use named::{TrackedNames, cases, facts_of, instances, perhaps};
pub(super) use tell::{mentions, places, tell_notice};
pub(super) use tracked::find_in_raised;

use super::resolve::{self, Naming};
use super::unit_of_work::UnitOfWork;
use super::wording::{self, ReadBefore};
use super::{Actor, RequestContext};
use crate::answer::{Answer, AnswerResult, Fatal, InstanceMatch, NoticeTaken, Reply, UserError};
use crate::command::{InstanceRef, args};
use crate::domain::Timestamp;
use crate::domain::authority::Permission;
use crate::domain::case::Case;
use crate::domain::notice::{
    Beside, HANDLED_WITHIN, Message, NoticeRecord, NoticeStatus, Read, nth_id,
};
use crate::domain::outcome::Outcome;
use crate::domain::rules::RuleId;
use crate::inbox::{self, Letter};
use crate::store::{ScheduleSubject, StoreResult, Tx};
use judged::JudgedNotice;
use named::{beside, beside_one, facts_now, suggested, tracked_of};
use repeated::{moves, paged_since, reminded_since, reminds_today};
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

/// The result of taking a notice.
pub(super) enum Decided {
    /// Delivered again, with the first answer.
    Before(Reply),
    Now(Reply),
}

impl Incoming {
    /// Notices that a person typed or pasted.
    pub fn said(actor: &Actor, text: &str) -> Vec<Self> {
        let letters = inbox::read(text.as_bytes());
        Self::all(letters, actor.surface, actor.message.as_deref())
    }

    /// The notices of one message, each with an id derived from the message's.
    pub fn all(letters: Vec<Letter>, source: &str, id: Option<&str>) -> Vec<Self> {
        let messages = letters.into_iter().map(|letter| letter.message);
        Self::each(messages.collect(), source, id)
    }

    /// The notices that came in one piece, the first with its id.
    pub(super) fn each(messages: Vec<Message>, source: &str, id: Option<&str>) -> Vec<Self> {
        let mut all = Vec::new();
        for message in messages {
            all.push(Self {
                message,
                source: source.to_owned(),
                id: id.map(|id| nth_id(id, all.len() + 1)),
            });
        }
        all
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
            0 => Fatal::from(UserError::EmptyNotice).into_reply(self.now),
            1 => replies.remove(0),
            _ => several(replies, self.now),
        }
    }

    async fn take_notice(&self, incoming: &Incoming) -> AnswerResult {
        let said = incoming.in_the_trail();
        if !self.actor.may(Permission::FileNotice) {
            return self.deny_said(said, Permission::FileNotice).await;
        }
        let said = said.as_str();
        let take = |work| async move {
            let mut work = self.claim(work).await?;
            let settings = self.settings_in(&mut work.tx).await?;
            let context = self.by(&settings);
            let reply = match context.decide_notice(&mut work, incoming).await? {
                Decided::Before(reply) => reply,
                Decided::Now(reply) => context.finish_notice(work, said.to_owned(), reply).await?,
            };
            Ok::<_, Fatal>(settings.read_by(reply))
        };
        self.in_turn(take).await
    }

    /// Judges a notice within a decision; a message that is delivered again gets its first answer.
    pub(super) async fn decide_notice(
        &self,
        work: &mut UnitOfWork,
        incoming: &Incoming,
    ) -> Result<Decided, Fatal> {
        let earlier = match &incoming.id {
            Some(id) => work.tx.notice_of(&incoming.source, id).await?,
            None => None,
        };
        let id_is_taken = earlier.is_some();
        let mut before = ReadBefore::default();
        let judged = self.judge(work, incoming, &mut before).await?;
        let again = earlier.filter(|filed| self.is_delivered_again(incoming, filed, &judged));
        if let Some(mut filed) = again {
            let known = instances(&mut work.tx, self.settings, &filed.instances, self.now).await?;
            let (beside, other) = self.around(work, &filed).await?;
            let left =
                wording::explain(self.settings, &mut work.tx, &mut filed, &known, &mut before)
                    .await?;
            return Ok(Decided::Before(self.taken(NoticeTaken {
                filed,
                known,
                near: Vec::new(),
                beside,
                other,
                left,
                offer: None,
            })));
        }
        let mut taken = self.file(work, judged, id_is_taken, &mut before).await?;
        let (filed, known) = (&mut taken.filed, &taken.known);
        taken.left =
            wording::explain(self.settings, &mut work.tx, filed, known, &mut before).await?;
        taken.offer =
            wording::offer(self.settings, &mut work.tx, filed, known, &mut before).await?;
        Ok(Decided::Now(self.taken(taken)))
    }

    /// Whether this message is another delivery of an earlier one, whose answer is still true.
    fn is_delivered_again(
        &self,
        incoming: &Incoming,
        earlier: &NoticeRecord,
        judged: &JudgedNotice,
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
        let filed = work.tx.notice(number).await?;
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
        let cases = cases(&mut work.tx, self.settings, &filed.instances, self.now).await?;
        let beside = beside(&mut work.tx, self.settings, filed, &cases, self.now).await?;
        let other = match filed.first {
            NoticeStatus::Duplicate(of) => work.tx.notice(of).await?,
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
        if let Answer::NoticeTaken(taken) = &reply.answer
            && taken.filed.first == NoticeStatus::Suppressed
        {
            self.meter.suppressed(taken.filed.verdict);
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

    async fn file(
        &self,
        work: &mut UnitOfWork,
        mut judged: JudgedNotice,
        id_is_taken: bool,
        before: &mut ReadBefore,
    ) -> Result<NoticeTaken, Fatal> {
        let near = if judged.filed.is_raised() {
            let (filed, names) = (&judged.filed, &mut before.names);
            suggested(&mut work.tx, &filed.read, &filed.text, &judged.known, names).await?
        } else {
            Vec::new()
        };
        if id_is_taken {
            judged.filed.external = None;
        }
        let other = self.tell_once(work, &mut judged, &near).await?;
        let JudgedNotice {
            filed,
            mut cases,
            known,
            likeness,
            history,
            around,
            ..
        } = judged;
        work.tx.file_notice(&filed, &likeness).await?;
        self.note_announced(work, &filed, &cases).await?;
        if filed.first == NoticeStatus::Suppressed {
            wording::used(self.settings, &mut work.tx, &filed, self.now).await?;
        }
        if filed.pages(&known) && !around.resting.is_empty() {
            // Suppressed notices rest on an earlier look.
            for id in &filed.instances {
                work.tx.review_notices_of(id, 0, self.now).await?;
            }
        }
        if !around.has_digest {
            let digest = self.settings.cadence.next_digest(self.now);
            work.tx.begin_due(&ScheduleSubject::Digest, digest).await?;
        }
        let beside = match cases.as_slice() {
            [one] => {
                let beside = beside_one(self.settings, &filed, one, &history, self.now);
                let gone = around.raised.iter().filter(|raised| raised.is_gone);
                let called_gone = gone.map(|raised| raised.number).max();
                vec![Beside {
                    called_gone,
                    ..beside
                }]
            }
            several => beside(&mut work.tx, self.settings, &filed, several, self.now).await?,
        };
        if filed.pages(&known) {
            cases.retain_mut(|case| case.stop_for_gone(self.now));
            work.keep_all(cases).await?;
        }
        Ok(NoticeTaken {
            filed,
            known,
            near,
            beside,
            other,
            left: None,
            offer: None,
        })
    }

    /// Counts the expiry that a notice announces as possible, where it is earlier than what is known.
    pub(super) async fn note_announced(
        &self,
        work: &mut UnitOfWork,
        filed: &NoticeRecord,
        cases: &[Case],
    ) -> StoreResult<()> {
        for case in cases.iter().filter(|_| filed.is_raised()) {
            let mut case = case.clone();
            if case.note_announced(filed, &self.moment()) {
                work.keep_case(&case).await?;
            }
        }
        Ok(())
    }

    /// Posts a notice, unless people were told the same within a day or are about to be, or go on to be. Returns the notice that it
    /// repeats, that reported the same loss, or that is raised and says the same.
    async fn tell_once(
        &self,
        work: &mut UnitOfWork,
        judged: &mut JudgedNotice,
        near: &[InstanceMatch],
    ) -> StoreResult<Option<NoticeRecord>> {
        let handled = self.now - HANDLED_WITHIN;
        let (filed, known) = (&mut judged.filed, &judged.known);
        if let Some(mut original) = judged.like.take() {
            filed.duplicate(original.number);
            original.duplicates = original.duplicates.saturating_add(1);
            work.tx.save_duplicates(&original).await?;
            return Ok(Some(original));
        }
        if filed.pages(known) {
            let other = paged_since(&mut work.tx, filed, handled, filed.received).await?;
            if other.is_some() {
                filed.hold_back();
            } else {
                let facts = facts_now(self.settings, filed, known, self.now);
                let explained = filed.explained_by(&facts, self.now);
                page(
                    self.settings,
                    &mut work.tx,
                    filed,
                    known,
                    explained,
                    self.now,
                )
                .await?;
            }
            return Ok(other);
        }
        if let Some(other) = judged.told_by.take() {
            filed.leave_to_another();
            return Ok(Some(other));
        }
        if reminded_since(filed, known, &judged.around, handled)
            || reminds_today(self.settings, filed, &judged.cases, &judged.around)
        {
            filed.hold_back();
        } else if filed.is_raised() {
            tell_notice(self.settings, &mut work.tx, filed, known, self.now).await?;
            if filed.instances.is_empty() {
                let perhaps = tracked_of(&mut work.tx, self.settings, near, self.now).await?;
                tell_perhaps(self.settings, &mut work.tx, filed, &perhaps, self.now).await?;
            }
        }
        Ok(None)
    }

    fn taken(&self, taken: NoticeTaken) -> Reply {
        let outcome = match taken.filed.first {
            NoticeStatus::Suppressed => Outcome::Suppressed,
            NoticeStatus::Raised => Outcome::Raised,
            NoticeStatus::Duplicate(_) => Outcome::Duplicate,
        };
        let redundant = taken.filed.verdict.is_redundant();
        let answer = Answer::NoticeTaken(Box::new(taken));
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
        let case = match resolve::instance(tx, instance, Naming::Beginning).await {
            Err(Fatal::User(error @ UserError::NoSuchInstance { .. })) => {
                let number = instance.as_str().parse().ok();
                let filed = match number {
                    Some(number) => tx.notice(number).await?,
                    None => None,
                };
                let filed = filed.ok_or(error)?;
                return Ok(self.info(Answer::Notice(Box::new(filed))));
            }
            case => case?,
        };
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
        let filed = work.tx.notice(number).await?;
        let mut filed = filed.ok_or(UserError::NoSuchNotice(number))?;
        let is_new = filed.is_raised();
        let known = work.cases(&filed.instances).await?;
        let known: Vec<_> = known.into_iter().map(|case| case.instance).collect();
        if is_new && filed.pages(&known) {
            return Err(UserError::GoneNeedsAnswer(number).into());
        }
        let mut also = Vec::new();
        if is_new {
            let moves = moves(work, &filed).await?;
            filed.acknowledge(&self.actor.person, moves, self.now);
            work.tx.save_notice(&filed).await?;
            // Who took note of one has read them all.
            for mut same in again::copies(&mut work.tx, &filed).await? {
                if same.is_raised() {
                    same.acknowledge(&self.actor.person, moves, self.now);
                    work.tx.save_notice(&same).await?;
                    also.push(same.number);
                }
            }
        }
        let outcome = Outcome::done_if(is_new);
        let filed = Box::new(filed);
        Ok(Reply::new(
            outcome,
            self.now,
            Answer::NoticeAcked {
                filed,
                also,
                is_new,
            },
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
