//! The reading of notices by wordings: those that a source may be read by, and what is learnt of a text.

use crate::answer::{NotTaught, Offer};
use crate::app::Settings;
use crate::app::notice::names_another;
use crate::domain::Timestamp;
use crate::domain::instance::Instance;
use crate::domain::notice::{
    DateRole, Learnt, Lesson, Lexicon, Message, NoticeFacts, NoticeKind, NoticeRecord,
    NoticeStatus, Read, Slot, Stands, Taught, Understood, Veto, Which, WordingKind,
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

/// The wording of a notice's text, and the notice's meaning by it; or the reason why it cannot be taught.
pub(super) async fn learn(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    lesson: Lesson,
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
    let taught = in_force(tx, &filed.origin(), filed.received).await?;
    let lexicon = Lexicon {
        wordings: &settings.wordings,
        taught: &taught,
        zone: settings.vendor_zone,
    };
    let commodity = one.commodity_id.value();
    let commodity = commodity.filter(|id| filed.read.names_id(id.as_str()));
    let whom = lexicon.whom(one, commodity, filed.received);
    let (learnt, mut understood) = match lesson.learn(message, &lexicon, &whom) {
        Ok(learnt) => learnt,
        Err(why) => return Ok(Err(NotTaught::Text(why))),
    };
    if says_another(tx, &understood, one).await? {
        understood.vetoes.push(Veto::Name);
    }
    // What reads as gone is never suppressed, whatever it is taught as.
    if filed.read.kind == NoticeKind::Gone && !understood.vetoes.contains(&Veto::Gone) {
        understood.vetoes.push(Veto::Gone);
    }
    Ok(Ok((learnt, understood)))
}

/// Whether the reading contains the name of another tracked instance, among its words or in the slot for the name.
async fn says_another(tx: &mut Tx, understood: &Understood, one: &Instance) -> StoreResult<bool> {
    if names_another(tx, &understood.words, &one.id).await? {
        return Ok(true);
    }
    match understood.slots.get(Slot::Name) {
        Some(name) if name != one.name.as_str() => names_another(tx, name, &one.id).await,
        Some(_) | None => Ok(false),
    }
}

/// The offer to teach a raised notice as a release notice: the template of each of its texts, or the obstacle.
pub(in crate::app) async fn offer(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
) -> StoreResult<Option<Offer>> {
    if !filed.is_raised() || filed.told > 1 {
        return Ok(None);
    }
    let lesson = Lesson {
        kind: WordingKind::Release,
        first: Some(DateRole::Release),
    };
    let Ok((learnt, understood)) = learn(settings, tx, filed, known, lesson).await? else {
        return Ok(None);
    };
    if understood.vetoes.is_empty() {
        return Ok(Some(Offer::Teach(learnt)));
    }
    let announces = filed.read.kind == NoticeKind::Release;
    Ok(announces.then(|| Offer::Forbidden(understood.objections())))
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
    let [one] = to_read.known else {
        return Ok(None);
    };
    if !to_read.read.names_only(one) {
        return Ok(None);
    }
    let lexicon = Lexicon {
        wordings: &settings.wordings,
        taught,
        zone: settings.vendor_zone,
    };
    // If the notice names it by commodity id, that id was resolved to this instance alone.
    let commodity = one.commodity_id.value();
    let commodity = commodity.filter(|id| to_read.read.names_id(id.as_str()));
    let whom = lexicon.whom(one, commodity, to_read.received);
    let Some(mut understood) = lexicon.understand(to_read.message, &whom) else {
        return Ok(None);
    };
    if says_another(tx, &understood, one).await? {
        understood.vetoes.push(Veto::Name);
    }
    Ok(Some(understood))
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
