//! The names of a file's instances: a name conflict never keeps a row from being imported.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use crate::answer::Alike;
use crate::domain::Timestamp;
use crate::domain::id::{Clash, InstanceId, InstanceName, Namesake, Region, handle};
use crate::listing::RowId;
use crate::store::{Called, StoreResult, Tx};

use super::plan::NotedRow;

/// The names after the whole file: rows may swap names or pass them on.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Instances whose name differs from the one in their row.
    called: HashMap<InstanceId, InstanceName>,
    /// New instances whose rows give no name.
    pub(super) nameless: HashSet<InstanceId>,
    /// Tracked instances that get another name: they release theirs first, so that others of the file can take it.
    pub(super) renamed: HashSet<InstanceId>,
    /// Instances now shown with the end of their ids, with their row number; `None` for one that was tracked before.
    pub(super) alike: Vec<(Option<usize>, Alike)>,
}

impl Names {
    /// The name of an instance whose row gives this one.
    pub(super) fn of(&self, id: &InstanceId, said: Option<&InstanceName>) -> Option<InstanceName> {
        self.called.get(id).or(said).cloned()
    }

    /// Notes that an instance is shown with the end of its id, unless it was so before.
    fn tell_clash(
        &mut self,
        row: usize,
        id: &InstanceId,
        wanted: &WantedName,
        called: &InstanceName,
        clash: Clash,
        other: Namesake,
    ) {
        if wanted.held.as_ref() == Some(called) {
            return;
        }
        let alike = Alike {
            called: called.clone(),
            handle: handle(id, &wanted.region, called, false),
            said: wanted.name.clone(),
            clash,
            other,
        };
        let row = wanted.held.is_none().then_some(row);
        self.alike.push((row, alike));
    }

    /// Gives a row's instance its name.
    fn assign_name(
        &mut self,
        row: &mut NotedRow,
        id: InstanceId,
        wanted: WantedName,
        called: InstanceName,
    ) {
        if wanted.held.is_some_and(|held| held != called) {
            self.renamed.insert(id.clone());
        }
        row.region = Some(wanted.region);
        let said = row.name.replace(called.clone());
        if said.as_ref() != Some(&called) {
            self.called.insert(id, called);
        }
    }
}

/// The name that a row would give its instance.
struct WantedName {
    /// The index among the noted rows.
    at: usize,
    region: Region,
    name: InstanceName,
    held: Option<InstanceName>,
}

impl WantedName {
    fn of(
        at: usize,
        row: &NotedRow,
        held: Option<&Called>,
        given: Option<&Region>,
        now: Timestamp,
    ) -> Option<Self> {
        let RowId::FourX(id) = &row.id else {
            return None;
        };
        let (region, name, held) = match held {
            Some(held) if !held.is_tracked => return None,
            Some(held) => {
                // A row older than the held description changes nothing.
                let newer = held.described_at.is_some_and(|said| said > now);
                let said = row.name.as_ref().filter(|_| !newer);
                let Namesake { region, name, .. } = &held.namesake;
                let said = said.unwrap_or(name).clone();
                (region.clone(), said, Some(name.clone()))
            }
            None => {
                let region = row.region.as_ref().or(given)?;
                let instead = row
                    .nameless
                    .as_ref()
                    .and_then(|nameless| nameless.unusable.as_ref())
                    .and_then(|unusable| unusable.instead.clone());
                let name = row.name.clone().or(instead).or_else(|| end_of(id))?;
                (region.clone(), name, None)
            }
        };
        Some(Self {
            at,
            region,
            name,
            held,
        })
    }
}

/// Rows per query.
const AT_ONCE: usize = 1_000;

/// Decides the names of a file's instances. `given` is the region of rows without one.
pub(super) async fn decide(
    tx: &mut Tx,
    rows: &mut [NotedRow],
    given: Option<&Region>,
    now: Timestamp,
) -> StoreResult<Names> {
    let mut names = Names::default();
    let RowNames {
        unchanged,
        wanted,
        tracked,
    } = row_names(tx, rows, &mut names, given, now).await?;
    if wanted.is_empty() {
        return Ok(names);
    }
    let (mut known, mut used) = (OtherNames::default(), UsedNames::default());
    // Unchanged names take precedence.
    for at in unchanged {
        if let Some(name) = rows.get(at).and_then(|row| row.name.clone()) {
            used.take_name(at, &name);
        }
    }
    if tx.totals().await?.instances > tracked as u64 {
        known = others(tx, rows, &wanted).await?;
    }
    for wanted in wanted {
        let Some(id) = rows.get(wanted.at).and_then(NotedRow::instance).cloned() else {
            continue;
        };
        let mut others = known.like(&wanted.name);
        others.extend(used.like(&wanted.name, rows));
        let mut tried = wanted.name.clone();
        let (called, clash) = loop {
            let (called, clash) = wanted.name.beside(&id, &wanted.region, &others);
            // The name with the end of the id may be in use as well.
            if called == tried {
                break (called, clash.map(|(clash, other)| (clash, other.clone())));
            }
            others.extend(tx.namesakes(&called).await?);
            others.extend(used.like(&called, rows));
            tried = called;
        };
        used.take_name(wanted.at, &called);
        if let Some(row) = rows.get_mut(wanted.at) {
            if let Some((clash, other)) = clash {
                names.tell_clash(row.number, &id, &wanted, &called, clash, other);
            }
            names.assign_name(row, id, wanted, called);
        }
    }
    Ok(names)
}

/// The names that a file's rows ask for.
#[derive(Default)]
struct RowNames {
    /// The indexes of the rows whose instances keep their names.
    unchanged: Vec<usize>,
    wanted: Vec<WantedName>,
    /// The number of tracked instances in the file.
    tracked: usize,
}

/// Compares the names in the rows with the current ones.
async fn row_names(
    tx: &mut Tx,
    rows: &mut [NotedRow],
    names: &mut Names,
    given: Option<&Region>,
    now: Timestamp,
) -> StoreResult<RowNames> {
    let mut found = RowNames::default();
    for (number, some) in rows.chunks_mut(AT_ONCE).enumerate() {
        let ids = some.iter().filter_map(NotedRow::instance).cloned();
        let held = tx.called_now(&ids.collect::<Vec<_>>()).await?;
        found.tracked += held.iter().filter(|called| called.is_tracked).count();
        let held: HashMap<&str, &Called> = held
            .iter()
            .map(|called| (called.namesake.id.as_str(), called))
            .collect();
        for (at, row) in (number * AT_ONCE..).zip(some) {
            let Some(id) = row.instance() else {
                continue;
            };
            let held = held.get(id.as_str()).copied();
            if row.nameless.is_some() && held.is_none() {
                names.nameless.insert(id.clone());
            }
            match WantedName::of(at, row, held, given, now) {
                Some(wanted) if wanted.held.as_ref() == Some(&wanted.name) => {
                    row.name = Some(wanted.name);
                    row.region = Some(wanted.region);
                    found.unchanged.push(at);
                }
                wanted => found.wanted.extend(wanted),
            }
        }
    }
    Ok(found)
}

/// The tracked instances outside the file whose names match one of its rows.
async fn others(tx: &mut Tx, rows: &[NotedRow], new: &[WantedName]) -> StoreResult<OtherNames> {
    let in_file: HashSet<&InstanceId> = rows.iter().filter_map(NotedRow::instance).collect();
    let mut known = OtherNames::default();
    for some in new.chunks(AT_ONCE) {
        let wanted: Vec<InstanceName> = some.iter().map(|wanted| wanted.name.clone()).collect();
        for other in tx.namesakes_of(&wanted).await? {
            if !in_file.contains(&other.id) {
                for key in keys(&other.name) {
                    known.0.entry(key).or_default().push(other.clone());
                }
            }
        }
    }
    Ok(known)
}

/// The last part of an id: `BXuIbML7`.
fn end_of(id: &InstanceId) -> Option<InstanceName> {
    let end = id.as_str().rsplit('_').next().unwrap_or_default();
    InstanceName::parse(end).ok()
}

impl NotedRow {
    /// The instance in the row.
    fn instance(&self) -> Option<&InstanceId> {
        match &self.id {
            RowId::FourX(id) => Some(id),
            RowId::Billed(_) | RowId::Series5 | RowId::OtherProduct => None,
        }
    }
}

/// The forms in which names are compared.
fn keys(name: &InstanceName) -> [String; 2] {
    [name.folded(), name.skeleton()]
}

/// The names of instances outside the file.
#[derive(Default)]
struct OtherNames(HashMap<String, Vec<Namesake>>);

impl OtherNames {
    fn like(&self, name: &InstanceName) -> Vec<Namesake> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let held = keys(name);
        let held = held.iter().filter_map(|key| self.0.get(key));
        held.flatten().cloned().collect()
    }
}

/// The rows with a name, by hashes of its forms: a file may be long. Hashes may collide, so they only select the names to
/// compare.
#[derive(Default)]
struct UsedNames {
    state: RandomState,
    first: HashMap<u64, u32>,
    more: HashMap<u64, Vec<u32>>,
}

impl UsedNames {
    fn take_name(&mut self, at: usize, name: &InstanceName) {
        let Ok(at) = u32::try_from(at) else {
            return;
        };
        for key in keys(name) {
            let number = self.state.hash_one(key);
            if *self.first.entry(number).or_insert(at) != at {
                self.more.entry(number).or_default().push(at);
            }
        }
    }

    /// The rows' instances; each row has its name and its region.
    fn like(&self, name: &InstanceName, rows: &[NotedRow]) -> Vec<Namesake> {
        let mut found = Vec::new();
        for key in keys(name) {
            let number = self.state.hash_one(key);
            let first = self.first.get(&number).into_iter();
            let more = self.more.get(&number).into_iter().flatten();
            let held = first.chain(more).filter_map(|at| rows.get(*at as usize));
            found.extend(held.filter_map(|row| {
                Some(Namesake {
                    id: row.instance()?.clone(),
                    region: row.region.clone()?,
                    name: row.name.clone()?,
                })
            }));
        }
        found
    }
}
