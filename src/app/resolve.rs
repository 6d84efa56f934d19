//! Resolves references to instances and changes.

use std::collections::HashSet;

use crate::answer::{Fatal, UserError};
use crate::command::{COMMAS, ChangeRef, InstanceRef, TargetRef, quoted_if_needed};
use crate::domain::case::Case;
use crate::domain::id::{folded, is_series_5};
use crate::domain::written::{plain, undressed};
use crate::store::{InstanceMatch, StoreError, StoreResult, TrackingState, Tx};

/// Punctuation that keyboards add after a name.
const ENDS: [char; 5] = ['.', ',', ')', ':', '!'];
/// The most instances listed of those that a name may mean.
const LISTED: usize = 10;

/// The precision with which an instance must be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// The exact name or id, for commands that record something.
    Exact,
    /// An unambiguous prefix is enough, for commands that only read.
    Beginning,
}

/// The case of an instance with its open change.
pub(super) async fn instance(
    tx: &mut Tx,
    named: &InstanceRef,
    naming: Naming,
) -> Result<Case, Fatal> {
    let text = named.as_str();
    let mut found = exact(tx, text).await?;
    if found.is_empty() && naming == Naming::Beginning {
        found = tx.find_prefix(&undressed(text)).await?;
    }
    found = with_twins(tx, text, found).await?;
    match found.as_slice() {
        [one] => load(tx, one).await,
        [] => Err(no_such_instance(tx, text, naming).await?.into()),
        _ => {
            let more = found.len() > LISTED;
            found.truncate(LISTED);
            let ways = ways(tx, &found).await?;
            let text = text.to_owned();
            Err(UserError::Ambiguous { text, ways, more }.into())
        }
    }
}

/// The instances with exactly this name or id; of several, the tracked ones.
async fn exact(tx: &mut Tx, text: &str) -> StoreResult<Vec<InstanceMatch>> {
    let mut found = tx.find_exact(text).await?;
    // `orders.` may be an instance of that name, or `orders` at the end of a sentence.
    found.extend(as_typed(tx, text).await?);
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.dedup_by(|one, other| one.id == other.id);
    let is_tracked = |one: &InstanceMatch| one.tracking == TrackingState::Tracked;
    if found.iter().any(is_tracked) {
        found.retain(is_tracked);
    }
    Ok(found)
}

async fn with_twins(
    tx: &mut Tx,
    text: &str,
    mut found: Vec<InstanceMatch>,
) -> StoreResult<Vec<InstanceMatch>> {
    if let [one] = found.as_slice() {
        let twins = twins(tx, text, one).await?;
        found.extend(twins);
    }
    Ok(found)
}

/// The text to type for each instance: its handle, or its full id where the handle also means another one.
async fn ways(tx: &mut Tx, found: &[InstanceMatch]) -> StoreResult<Vec<String>> {
    let mut ways = Vec::new();
    for one in found {
        let handle = one.handle();
        let meant = exact(tx, &handle).await?;
        let meant = with_twins(tx, &handle, meant).await?;
        let way = match meant.as_slice() {
            [only] if only.id == one.id => quoted_if_needed(&handle),
            _ => one.id.to_string(),
        };
        ways.push(way);
    }
    Ok(ways)
}

/// The instances that a name means too, because the vendor's console shows it, or one like it, for them: what was typed is not
/// exactly the name of the one that was found, or it is theirs as well. The region with the exact name means that one.
async fn twins(tx: &mut Tx, text: &str, one: &InstanceMatch) -> StoreResult<Vec<InstanceMatch>> {
    let typed = undressed(text);
    let (region, name) = match typed.split_once('/') {
        Some((region, name)) => (Some(region), name),
        None => (None, typed.as_str()),
    };
    let name = name.trim_end_matches(ENDS);
    let key = one.name.folded();
    let is_exact = name == one.name.as_str();
    if !one.has_twin || folded(name) != key || (is_exact && region.is_some()) {
        return Ok(Vec::new());
    }
    let mut twins = tx.find_prefix(&format!("{name}~")).await?;
    twins.retain(|twin| {
        let shown = twin.name.unmarked(&twin.id);
        twin.id != one.id && folded(shown) == key && (!is_exact || shown == name)
    });
    Ok(twins)
}

/// The most signs behind a name of which each may belong to it.
const SIGNS: usize = 4;

/// Matches after undoing the effects of phones, Chinese keyboards and chats: full-width letters, other dashes, marks around it, trailing
/// punctuation. What may mean several names finds them all.
async fn as_typed(tx: &mut Tx, text: &str) -> StoreResult<Vec<InstanceMatch>> {
    let folded = plain(text);
    let bare = undressed(text);
    let mut ways = vec![bare.clone()];
    for _ in 0..SIGNS {
        let shorter = ways.last().and_then(|last| last.strip_suffix(ENDS));
        ways.extend(shorter.map(str::to_owned));
    }
    ways.push(bare.trim_end_matches(ENDS).to_owned());
    // A name is kept with an apostrophe for each back quote.
    ways.push(folded.replace('`', "'"));
    ways.push(folded);
    let mut seen = HashSet::from([text.to_owned(), String::new()]);
    let mut found = Vec::new();
    for way in ways {
        if seen.insert(way.clone()) {
            found.extend(tx.find_exact(&way).await?);
        }
    }
    Ok(found)
}

async fn load(tx: &mut Tx, found: &InstanceMatch) -> Result<Case, Fatal> {
    let case = tx.load_case(&found.id).await?;
    let damaged = || StoreError::damaged("instance", found.id.to_string(), "id");
    Ok(case.ok_or_else(damaged)?)
}

async fn no_such_instance(tx: &mut Tx, text: &str, naming: Naming) -> StoreResult<UserError> {
    if is_series_5(text) {
        return Ok(UserError::Series5(text.to_owned()));
    }
    let bare = undressed(text);
    if bare.contains("**") {
        return Ok(UserError::Masked(text.to_owned()));
    }
    let parts = text.split(COMMAS).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if let [first, _, ..] = parts.as_slice()
        && !exact(tx, first).await?.is_empty()
    {
        return Ok(UserError::OneAtATime(text.to_owned()));
    }
    let mut near = tx.find_prefix(&bare).await?;
    if near.is_empty() {
        let beginning: String = bare.chars().take(2).collect();
        near = tx.find_prefix(&beginning).await?;
        let meant = folded(&bare);
        near.retain(|found| {
            strsim::normalized_damerau_levenshtein(&found.name.folded(), &meant) > 0.5
        });
    }
    if near.is_empty() {
        near = in_another_case(tx, &bare).await?;
    }
    if near.is_empty() {
        near = of_its_parts(tx, text).await?;
    }
    near.truncate(3);
    Ok(UserError::NoSuchInstance {
        text: text.to_owned(),
        near: ways(tx, &near).await?,
        exact: naming == Naming::Exact,
    })
}

/// Matches for parts of the text: `orders/cn-hangzhou`, `<orders>`, `cn-hangzhou:orders`.
async fn of_its_parts(tx: &mut Tx, text: &str) -> StoreResult<Vec<InstanceMatch>> {
    const MOST: usize = 3;
    let apart = |c: char| matches!(c, '/' | ':' | '<' | '>' | '(' | ')' | '[' | ']' | ',' | ' ');
    let parts = text.split(apart).filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.filter(|part| *part != text).take(MOST).collect();
    let mut near = Vec::new();
    for part in parts {
        near.extend(tx.find_exact(part).await?);
    }
    Ok(near)
}

/// Matches that differ only in case: of a region or an id.
async fn in_another_case(tx: &mut Tx, text: &str) -> StoreResult<Vec<InstanceMatch>> {
    let lower = text.to_lowercase();
    let mut near = Vec::new();
    if lower != text {
        near = tx.find_exact(&lower).await?;
    }
    let Some((account, end)) = text
        .rsplit_once('_')
        .filter(|_| lower.starts_with("mq_inst_"))
    else {
        return Ok(near);
    };
    let first = end.chars().take(1);
    for first in first.flat_map(|c| [c.to_ascii_lowercase(), c.to_ascii_uppercase()]) {
        let beginning = format!("{}_{first}", account.to_uppercase());
        near.extend(tx.find_prefix(&beginning).await?);
    }
    let same = |found: &InstanceMatch| found.id.as_str().eq_ignore_ascii_case(text);
    let ids = near.iter().any(same);
    near.retain(|found| !ids || same(found));
    near.dedup_by(|one, other| one.id == other.id);
    Ok(near)
}

/// The case of a change, open or closed.
pub(super) async fn change(tx: &mut Tx, named: ChangeRef) -> Result<Case, Fatal> {
    let case = tx.load_change_case(named.0).await?;
    Ok(case.ok_or(UserError::NoSuchChange(named.0))?)
}

/// The case of an instance or a change.
pub(super) async fn target(tx: &mut Tx, named: &TargetRef, naming: Naming) -> Result<Case, Fatal> {
    match named {
        TargetRef::Change(named) => change(tx, *named).await,
        TargetRef::Digits(number, text) => {
            let mut found = tx.find_exact(text.as_str()).await?;
            found.retain(|found| found.tracking == TrackingState::Tracked);
            if found.is_empty() {
                return change(tx, *number).await;
            }
            let name = found.first().map_or("", |found| found.name.as_str());
            Err(UserError::NumberOrName {
                number: number.0,
                name: name.to_owned(),
                ways: ways(tx, &found).await?,
            }
            .into())
        }
        TargetRef::Instance(named) => instance(tx, named, naming).await,
    }
}
