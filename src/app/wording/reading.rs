//! The reading of notices by wordings: those that a source may be read by, and what is learnt of a text.

use crate::answer::{NotTaught, Offer};
use crate::app::Settings;
use crate::app::notice::TrackedNames;
use crate::domain::Timestamp;
use crate::domain::instance::Instance;
use crate::domain::notice::{
    DateRole, Learnt, Leftover, Lesson, Lexicon, Message, NoticeFacts, NoticeKind, NoticeRecord,
    NoticeStatus, NoticeSubject, NoticeVerdict, Read, Slot, Stands, Taught, Understood, Veto,
    Which, WordingKind,
};
use crate::store::{StoreResult, Tx};

/// A notice, with the input for its reading.
#[derive(Clone, Copy)]
pub(in crate::app) struct ToRead<'a> {
    pub(in crate::app) message: &'a Message,
    pub(in crate::app) read: &'a Read,
    pub(in crate::app) known: &'a [Instance],
    pub(in crate::app) received: Timestamp,
}

/// Data already read for one notice, so that nothing is queried twice.
#[derive(Debug, Default)]
pub(in crate::app) struct ReadBefore {
    /// The wordings of its source in force.
    taught: Option<Vec<Taught>>,
    /// The names in its text.
    pub(in crate::app) names: TrackedNames,
}

impl ReadBefore {
    /// The wordings of the notice's source in force.
    pub(in crate::app) async fn in_force(
        &mut self,
        tx: &mut Tx,
        source: &str,
        now: Timestamp,
    ) -> StoreResult<&[Taught]> {
        let taught = match self.taught.take() {
            Some(taught) => taught,
            None => in_force(tx, source, now).await?,
        };
        Ok(self.taught.insert(taught))
    }
}

/// The wordings shipped and taught.
fn lexicon<'a>(settings: &'a Settings, taught: &'a [Taught]) -> Lexicon<'a> {
    Lexicon {
        wordings: &settings.wordings,
        taught,
        zone: settings.vendor_zone,
    }
}

/// The instance that a notice names, as its slots may show it.
fn whom<'a>(
    lexicon: &Lexicon<'a>,
    one: &'a Instance,
    read: &Read,
    received: Timestamp,
) -> NoticeSubject<'a> {
    // If the notice names it by commodity id, that id was resolved to this instance alone.
    let commodity = one.commodity_id.value();
    let commodity = commodity.filter(|id| read.names_id(id.as_str()));
    lexicon.whom(one, commodity, received)
}

/// The wording of a notice's text, and the notice's meaning by it; or the reason why it cannot be taught.
pub(super) async fn learn(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    lesson: Lesson,
    before: &mut ReadBefore,
) -> StoreResult<Result<(Learnt, Understood), NotTaught>> {
    if filed.status != NoticeStatus::Raised {
        return Ok(Err(NotTaught::Stands(filed.status)));
    }
    if filed.read.understood.is_some() {
        return Ok(Err(NotTaught::Understood));
    }
    if !settings.wordings.vouches_for(filed) {
        return Ok(Err(NotTaught::Vendor));
    }
    let [one] = known else {
        return Ok(Err(NotTaught::NotOneInstance));
    };
    if !one.is_tracked() || !filed.read.names_only(one) {
        return Ok(Err(NotTaught::NotOneInstance));
    }
    let Some(message) = &filed.message else {
        return Ok(Err(NotTaught::Long));
    };
    let taught = before.in_force(tx, &filed.origin(), filed.received).await?;
    let lexicon = lexicon(settings, taught);
    let whom = whom(&lexicon, one, &filed.read, filed.received);
    let (learnt, mut understood) = match lesson.learn(message, &lexicon, &whom) {
        Ok(learnt) => learnt,
        Err(why) => return Ok(Err(NotTaught::Text(why))),
    };
    veto_names(settings, tx, &mut understood, one, &mut before.names).await?;
    // A notice that an instance is gone is never suppressed, whatever the wording was taught as.
    if filed.read.kind == NoticeKind::Gone && !understood.vetoes.contains(&Veto::Gone) {
        understood.vetoes.push(Veto::Gone);
    }
    if lesson.kind == WordingKind::Release && !message.mentions_release() {
        understood.vetoes.push(Veto::Unreleased);
    }
    Ok(Ok((learnt, understood)))
}

/// Forbids a suppression where the reading contains the name of another tracked instance, among its words, in the slot for the
/// name, or in its headers. A word of the configuration's wordings names nothing.
pub(in crate::app) async fn veto_names(
    settings: &Settings,
    tx: &mut Tx,
    understood: &mut Understood,
    one: &Instance,
    names: &mut TrackedNames,
) -> StoreResult<()> {
    let name = understood.slots.get(Slot::Name);
    let name = name.filter(|name| *name != one.name.as_str());
    let wordings = &settings.wordings;
    let among_words = |name: &str| understood.may_name(name, wordings);
    let among_headers = |name: &str| !wordings.has_word(name);
    let mut other = names
        .another(tx, &understood.words, &one.id, among_words)
        .await?;
    if other.is_none() {
        other = names
            .another(tx, &understood.headers, &one.id, among_headers)
            .await?;
    }
    if let (None, Some(name)) = (&other, name) {
        other = names.another(tx, name, &one.id, |_| true).await?;
    }
    if let Some(other) = other {
        understood.vetoes.push(Veto::Name);
        understood.other_name = Some(other.name);
    }
    Ok(())
}

/// The wording of a notice, with what speaks against teaching it as a release notice.
pub(super) async fn teachable(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    before: &mut ReadBefore,
) -> StoreResult<Result<Offer, NotTaught>> {
    let of_expiry = filed.read.kind == NoticeKind::Expiry
        && !(filed.message.as_ref()).is_some_and(Message::mentions_release);
    let lesson = Lesson {
        kind: WordingKind::Release,
        first: Some(match of_expiry {
            true => DateRole::Expiry,
            false => DateRole::Release,
        }),
    };
    let learnt = learn(settings, tx, filed, known, lesson, before).await?;
    Ok(learnt.map(|(learnt, understood)| Offer {
        learnt,
        objections: understood.objections(),
        alone: settings.teaches_alone(),
    }))
}

/// The offer to teach a raised notice when it is told first. One that cannot be taught as a release is offered if it reads as one.
pub(in crate::app) async fn offer(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    before: &mut ReadBefore,
) -> StoreResult<Option<Offer>> {
    if !filed.is_raised() || filed.told > 1 {
        return Ok(None);
    }
    let offer = teachable(settings, tx, filed, known, before).await?;
    let is_release = filed.read.kind == NoticeKind::Release;
    Ok(offer
        .ok()
        .filter(|offer| offer.objections.is_empty() || is_release))
}

/// The wordings of a source in force.
pub(in crate::app) async fn in_force(
    tx: &mut Tx,
    source: &str,
    now: Timestamp,
) -> StoreResult<Vec<Taught>> {
    let all = tx.wordings_in_force(source).await?;
    let hold = all.iter().filter(|it| it.stands(now) == Stands::Holds);
    // A wording accepted by an earlier version but not by this one is skipped.
    let taught = hold.filter_map(|it| it.learnt.taught(it.number, it.lesson.kind).ok());
    Ok(taught.flatten().collect())
}

/// The reading of a message about the one instance that it names.
pub(in crate::app) async fn understand(
    settings: &Settings,
    tx: &mut Tx,
    to_read: &ToRead<'_>,
    taught: &[Taught],
) -> StoreResult<Option<Understood>> {
    let Some(one) = to_read.one() else {
        return Ok(None);
    };
    let Some(mut understood) = to_read.as_worded(settings, one, taught) else {
        return Ok(None);
    };
    veto_names(
        settings,
        tx,
        &mut understood,
        one,
        &mut TrackedNames::default(),
    )
    .await?;
    Ok(Some(understood))
}

impl<'a> ToRead<'a> {
    /// The one instance that it names.
    pub(in crate::app) fn one(&self) -> Option<&'a Instance> {
        let [one] = self.known else {
            return None;
        };
        self.read.names_only(one).then_some(one)
    }

    /// The reading by the wordings alone: whether it contains names of other instances is not known yet.
    pub(in crate::app) fn as_worded(
        &self,
        settings: &Settings,
        one: &Instance,
        taught: &[Taught],
    ) -> Option<Understood> {
        let lexicon = lexicon(settings, taught);
        let whom = whom(&lexicon, one, self.read, self.received);
        lexicon.understand(self.message, &whom)
    }
}

/// The reading of a notice by the wordings now in force.
pub(super) async fn read_now(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    now: Timestamp,
) -> StoreResult<Option<Understood>> {
    let Some(message) = &filed.message else {
        return Ok(None);
    };
    let to_read = ToRead {
        message,
        read: &filed.read,
        known,
        received: filed.received,
    };
    let taught = in_force(tx, &filed.origin(), now).await?;
    understand(settings, tx, &to_read, &taught).await
}

/// Reads a notice whose instance is tracked since it came: nothing could be read by a wording before.
pub(in crate::app) async fn read_found(
    settings: &Settings,
    tx: &mut Tx,
    filed: &mut NoticeRecord,
    known: &[Instance],
    now: Timestamp,
) -> StoreResult<()> {
    let understood = read_now(settings, tx, filed, known, now).await?;
    if understood.is_some() {
        filed.read = filed.read.clone().understood(understood);
        tx.reread_notice(filed).await?;
    }
    Ok(())
}

/// The text that no wording in force reads, for a notice raised because it is not understood. For a veto, the words that caused it
/// are put back.
pub(in crate::app) async fn explain(
    settings: &Settings,
    tx: &mut Tx,
    filed: &mut NoticeRecord,
    known: &[Instance],
    before: &mut ReadBefore,
) -> StoreResult<Option<Leftover>> {
    let Some(message) = filed.message.clone() else {
        return Ok(None);
    };
    let to_read = ToRead {
        message: &message,
        read: &filed.read.clone(),
        known,
        received: filed.received,
    };
    let Some(one) = to_read.one() else {
        return Ok(None);
    };
    let taught = before.in_force(tx, &filed.origin(), filed.received).await?;
    match (filed.verdict, &mut filed.read.understood) {
        (NoticeVerdict::NotUnderstood, _) => {
            let lexicon = lexicon(settings, taught);
            let whom = whom(&lexicon, one, to_read.read, filed.received);
            Ok(Some(lexicon.leftover(&message, &whom)))
        }
        (NoticeVerdict::Vetoed, Some(understood)) => {
            if let Some(mut read) = to_read.as_worded(settings, one, taught) {
                veto_names(settings, tx, &mut read, one, &mut before.names).await?;
                (understood.words, understood.other_name) = (read.words, read.other_name);
            }
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// The numbers of the taught wordings in a notice's reading.
pub(super) fn taught_of(filed: &NoticeRecord) -> Vec<u64> {
    let by = filed.read.understood.iter().flat_map(|it| &it.by);
    let taught = by.filter_map(|which| match which {
        Which::Taught(number) => Some(*number),
        Which::Shipped(_) => None,
    });
    taught.collect()
}

/// Reads a notice again if a wording of its reading was forgotten since; its result until then stays recorded.
pub(in crate::app) async fn forget_reading(
    settings: &Settings,
    tx: &mut Tx,
    filed: &mut NoticeRecord,
    facts: &NoticeFacts<'_>,
    now: Timestamp,
) -> StoreResult<()> {
    for number in taught_of(filed) {
        let teaching = tx.wording(number).await?;
        if teaching.is_none_or(|it| it.forgotten.is_some()) {
            let understood = read_now(settings, tx, filed, facts.known, now).await?;
            filed.read_as(understood, facts, now);
            return tx.reread_notice(filed).await;
        }
    }
    Ok(())
}
