//! The instances that a notice names, and their circumstances.

use std::collections::BTreeSet;

use crate::answer::InstanceMatch;
use crate::app::Settings;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::id::{CommodityId, InstanceId, folded};
use crate::domain::instance::Instance;
use crate::domain::notice::{
    Beside, NoticeFacts, NoticeKind, NoticeRecord, Read, Slot, Understood,
};
use crate::domain::written::plain;
use crate::store::{NameHolders, StoreResult, Tx};

/// The most recent events of an instance shown beside a notice.
pub(super) const HISTORY: u32 = 200;
/// The most notices looked at for one that calls an instance gone.
const CALLING_GONE: u32 = 10;
/// The most unknown ids of a notice that are looked up.
const LOOKED_UP: usize = 50;
/// The most instances that names suggest.
const SUGGESTED: u8 = 3;
/// The characters of a text searched for names of other instances.
const SEARCHED: usize = 600;
/// The longest name found within text without blanks, in characters.
const LONGEST_RUN: usize = 8;

/// The instances with these ids, with their changes, as of now.
pub(in crate::app) async fn cases(
    tx: &mut Tx,
    settings: &Settings,
    ids: &[InstanceId],
    now: Timestamp,
) -> StoreResult<Vec<Case>> {
    let mut found = Vec::new();
    for id in ids {
        if let Some(mut case) = tx.load_case(id).await? {
            case.advance(&settings.policy, now);
            found.push(case);
        }
    }
    Ok(found)
}

/// The instances with these ids, as of now.
pub(in crate::app) async fn instances(
    tx: &mut Tx,
    settings: &Settings,
    ids: &[InstanceId],
    now: Timestamp,
) -> StoreResult<Vec<Instance>> {
    let cases = cases(tx, settings, ids, now).await?;
    Ok(cases.into_iter().map(|case| case.instance).collect())
}

/// The instances that a notice names by id; a disputed commodity id names none.
pub(super) async fn named_by(tx: &mut Tx, read: &Read) -> StoreResult<Vec<InstanceId>> {
    let mut ids: Vec<InstanceId> = Vec::new();
    for written in &read.ids {
        let id = match InstanceId::parse(written) {
            Ok(id) => Some(id),
            Err(_) => of_commodity(tx, written).await?,
        };
        ids.extend(id.filter(|id| !ids.contains(id)));
    }
    Ok(ids)
}

/// The tracked instances that a notice may mean by what stands for an id and is that of none of these: those with whose id it begins,
/// or the one whose id begins with it; and those that claim a commodity id that is certainly nobody's.
pub(super) async fn alike(
    tx: &mut Tx,
    read: &Read,
    known: &[InstanceId],
) -> StoreResult<Vec<InstanceId>> {
    let mut ids: Vec<InstanceId> = Vec::new();
    for written in read.strange(known).take(LOOKED_UP) {
        let mut found = tx.find_alike(written).await?;
        let begins = |id: &InstanceId| id.is_beginning_of(written);
        if found.iter().any(begins) {
            found.retain(begins);
        } else if found.len() > 1 {
            continue;
        }
        let unknown = |id: &InstanceId| !known.contains(id);
        found.retain(unknown);
        ids.extend(found);
    }
    for written in read.ids.iter().take(LOOKED_UP) {
        let Ok(commodity) = CommodityId::parse(written) else {
            continue;
        };
        let claims = tx.commodity_claims(&commodity, None).await?;
        // Otherwise it is certainly that one's.
        if !claims.iter().any(|id| known.contains(id)) {
            ids.extend(claims);
        }
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

async fn of_commodity(tx: &mut Tx, written: &str) -> StoreResult<Option<InstanceId>> {
    let Ok(commodity) = CommodityId::parse(written) else {
        return Ok(None);
    };
    let mut having = Vec::new();
    for found in tx.find_exact(written).await? {
        let case = tx.load_case(&found.id).await?;
        // The text may also be an instance's name.
        let has = case.is_some_and(|case| case.instance.commodity_id.value() == Some(&commodity));
        having.extend(has.then_some(found.id));
    }
    Ok(match having.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    })
}

/// The instances that a notice's names suggest, beyond those named by id; for a notice that names one or none, also instances
/// whose name occurs anywhere in the text.
pub(in crate::app) async fn suggested(
    tx: &mut Tx,
    read: &Read,
    text: &str,
    known: &[Instance],
    names: &mut TrackedNames,
) -> StoreResult<Vec<InstanceMatch>> {
    let mut near: Vec<InstanceMatch> = Vec::new();
    for name in read.names.iter().take(SUGGESTED.into()) {
        let found = tx.find_exact(name).await?;
        near.extend(found);
    }
    match known {
        [] => {
            let words: Vec<String> = parts(&searched(text)).into_iter().collect();
            for id in tx.called_one_of(&words, SUGGESTED.into()).await? {
                near.extend(tx.find_exact(&id).await?);
            }
            // Several whose ids begin with what is written.
            for written in read.strange(&[]).take(SUGGESTED.into()) {
                let alike = tx.find_alike(written).await?;
                near.extend(tx.found_by_ids(&alike).await?);
            }
        }
        [one] if near.is_empty() => {
            if let Some(other) = names
                .another(tx, &searched(text), &one.id, |_| true)
                .await?
            {
                near = tx.find_exact(&other.id).await?;
            }
        }
        _ => {}
    }
    let mut each = BTreeSet::new();
    near.retain(|near| each.insert(near.id.clone()) && !known.iter().any(|one| one.id == near.id));
    near.truncate(SUGGESTED.into());
    Ok(near)
}

/// The tracked instances that a notice may be about by a name alone, because it names none by id.
pub(in crate::app) async fn perhaps(
    tx: &mut Tx,
    settings: &Settings,
    filed: &NoticeRecord,
    now: Timestamp,
) -> StoreResult<Vec<Instance>> {
    if !filed.instances.is_empty() {
        return Ok(Vec::new());
    }
    let names = &mut TrackedNames::default();
    let near = suggested(tx, &filed.read, &filed.text, &[], names).await?;
    tracked_of(tx, settings, &near, now).await
}

/// Those of the suggested instances that are tracked.
pub(super) async fn tracked_of(
    tx: &mut Tx,
    settings: &Settings,
    near: &[InstanceMatch],
    now: Timestamp,
) -> StoreResult<Vec<Instance>> {
    let ids: Vec<InstanceId> = near.iter().map(|near| near.id.clone()).collect();
    let mut found = instances(tx, settings, &ids, now).await?;
    found.retain(Instance::is_tracked);
    Ok(found)
}

/// The input for judging a notice about these instances; of one alone, also the subscription that it has left, and whether a
/// notice calls it gone.
pub(in crate::app) async fn facts_of<'a>(
    settings: &'a Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &'a [Instance],
    now: Timestamp,
) -> StoreResult<NoticeFacts<'a>> {
    let mut called_gone = None;
    if let (NoticeKind::Release, [one]) = (filed.read.kind, filed.instances.as_slice()) {
        called_gone = open_gone(tx, one).await?.map(|gone| gone.received);
    }
    Ok(NoticeFacts {
        called_gone,
        ..facts_now(settings, filed, known, now)
    })
}

/// The open notice that calls an instance gone.
pub(in crate::app) async fn open_gone(
    tx: &mut Tx,
    id: &InstanceId,
) -> StoreResult<Option<NoticeRecord>> {
    let gone = tx.calling_gone(id, CALLING_GONE).await?;
    Ok(gone.into_iter().find(NoticeRecord::is_raised))
}

/// The same without other notices.
pub(super) fn facts_now<'a>(
    settings: &'a Settings,
    filed: &NoticeRecord,
    known: &'a [Instance],
    now: Timestamp,
) -> NoticeFacts<'a> {
    let limits = &settings.policy.limits;
    let exit = match (filed.instances.as_slice(), known) {
        ([_], [one]) => one.past.exit(limits, now),
        _ => None,
    };
    NoticeFacts {
        known,
        exit,
        called_gone: None,
        limits,
    }
}

/// The part of a text that is searched for names of other instances.
fn searched(text: &str) -> String {
    text.chars().take(SEARCHED).collect()
}

/// The circumstances of a notice's instances, besides their facts.
pub(super) async fn beside(
    tx: &mut Tx,
    settings: &Settings,
    filed: &NoticeRecord,
    cases: &[Case],
    now: Timestamp,
) -> StoreResult<Vec<Beside>> {
    let mut all = Vec::new();
    for case in cases {
        let history = tx.instance_history(&case.instance.id, HISTORY).await?;
        let mut beside = beside_one(settings, filed, case, &history, now);
        if filed.read.kind == NoticeKind::Release {
            let gone = open_gone(tx, &case.instance.id).await?;
            beside.called_gone = gone.map(|one| one.number);
        }
        all.push(beside);
    }
    Ok(all)
}

/// The circumstances of one of a notice's instances, with its history.
pub(super) fn beside_one(
    settings: &Settings,
    filed: &NoticeRecord,
    case: &Case,
    history: &[Event],
    now: Timestamp,
) -> Beside {
    let mut beside = Beside::of(case, history, filed);
    let facts = NoticeFacts {
        exit: case.instance.past.exit(&settings.policy.limits, now),
        known: std::slice::from_ref(&case.instance),
        called_gone: None,
        limits: &settings.policy.limits,
    };
    beside.explains = filed.explained_by(&facts, filed.received);
    beside
}

/// A name in a text, and a tracked instance that has it.
pub(in crate::app) struct NamedOther {
    pub(in crate::app) name: String,
    id: String,
}

/// The names of tracked instances among words, each of which is looked up once.
#[derive(Debug, Default)]
pub(in crate::app) struct TrackedNames {
    looked_up: BTreeSet<String>,
    held: Vec<NameHolders>,
}

impl TrackedNames {
    /// The words that may be names in a notice about one instance, for a look-up together with others.
    pub(super) fn words_of(text: &str, understood: Option<&Understood>) -> Vec<String> {
        let mut words = parts(&searched(text));
        if let Some(understood) = understood {
            words.extend(parts(&understood.words));
            words.extend(parts(&understood.headers));
            let name = understood.slots.get(Slot::Name);
            words.extend(name.map(parts).unwrap_or_default());
        }
        words.into_iter().collect()
    }

    /// Takes the result of a look-up of these words.
    pub(super) fn learn(&mut self, words: Vec<String>, held: Vec<NameHolders>) {
        self.looked_up.extend(words);
        self.held.extend(held);
    }

    /// A tracked instance, other than this one, whose name is in a text and may be one there.
    pub(in crate::app) async fn another(
        &mut self,
        tx: &mut Tx,
        text: &str,
        than: &InstanceId,
        may_name: impl Fn(&str) -> bool,
    ) -> StoreResult<Option<NamedOther>> {
        let words = parts(text);
        let unknown = words.iter().filter(|word| !self.looked_up.contains(*word));
        let unknown: Vec<String> = unknown.cloned().collect();
        if !unknown.is_empty() {
            let held = tx.name_holders(&unknown).await?;
            self.learn(unknown, held);
        }
        let named = |held: &&NameHolders| words.contains(&held.name) && may_name(&held.name);
        let named = self.held.iter().filter(named);
        let mut others = named.filter_map(|held| {
            let mut holders = [&held.first, &held.last].into_iter();
            let id = holders.find(|id| **id != than.as_str())?;
            Some(NamedOther {
                name: held.name.clone(),
                id: id.clone(),
            })
        });
        Ok(others.next())
    }
}

/// The possible names in a text, as names are compared: its words, and every run of a few characters where words are written
/// without blanks.
fn parts(text: &str) -> BTreeSet<String> {
    let mut parts = parts_as_written(&folded(text));
    if !text.is_ascii() {
        // Full-width letters may stand for plain ones.
        parts.extend(parts_as_written(&folded(&plain(text))));
    }
    parts
}

fn parts_as_written(text: &str) -> BTreeSet<String> {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let words = text.split(|c: char| !joins(c));
    let mut parts = BTreeSet::new();
    for word in words.map(|word| word.trim_matches('.')) {
        parts.insert(word.to_owned());
        if word.is_ascii() {
            continue;
        }
        // A name in Latin letters among Chinese ones, of whatever length.
        let latin = word.split(|c: char| !c.is_ascii());
        parts.extend(latin.map(|run| run.trim_matches('.').to_owned()));
        let chars: Vec<char> = word.chars().collect();
        for length in 1..=LONGEST_RUN.min(chars.len()) {
            parts.extend(chars.windows(length).map(String::from_iter));
        }
    }
    parts.remove("");
    parts
}
