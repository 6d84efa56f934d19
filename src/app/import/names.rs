//! What the instances of a file are called: one row never keeps another from being tracked for its name.

use std::collections::{HashMap, HashSet};

use crate::answer::Alike;
use crate::domain::Timestamp;
use crate::domain::id::{InstanceId, InstanceName, Namesake, Region};
use crate::listing::{ListingRow, RowId};
use crate::store::{Called, StoreError, Tx};

/// What the rows call their instances, once all of them are taken: rows may swap names or pass them on.
#[derive(Debug, Default)]
pub(super) struct Names {
    called: HashMap<InstanceId, InstanceName>,
    /// The new ones whose rows do not say a name.
    pub(super) nameless: HashSet<InstanceId>,
    /// The tracked ones that get another name: they let go of theirs first, so that others of the file may take it.
    pub(super) renamed: HashSet<InstanceId>,
    /// Those that are newly shown with the end of their ids.
    pub(super) alike: Vec<Alike>,
}

impl Names {
    /// What an instance is called that its row calls so.
    pub(super) fn of(&self, id: &InstanceId, said: Option<&InstanceName>) -> Option<InstanceName> {
        self.called.get(id).or(said).cloned()
    }
}

/// What a row wants its instance to be called.
struct WantedName {
    id: InstanceId,
    region: Region,
    name: InstanceName,
    held: Option<InstanceName>,
    /// Whether what the row says of it is older than what is known, and comes to nothing.
    older: bool,
}

impl WantedName {
    fn of(
        row: &ListingRow,
        held: Option<&Called>,
        given: Option<&Region>,
        at: Timestamp,
    ) -> Option<Self> {
        let entry = row.entry.as_ref().ok()?;
        let RowId::FourX(id) = &entry.id else {
            return None;
        };
        let (region, name, held, older) = match held {
            Some(held) if !held.is_tracked => return None,
            Some(held) => {
                let newer = held.described_at.is_some_and(|said| said > at);
                let said = entry.said.name.as_ref().filter(|_| !newer);
                let Namesake { region, name, .. } = &held.namesake;
                let said = said.unwrap_or(name).clone();
                (region.clone(), said, Some(name.clone()), newer)
            }
            None => {
                let region = entry.said.region.as_ref().or(given)?;
                let instead = entry.misnamed.as_ref();
                let instead = instead.and_then(|unusable| unusable.instead.clone());
                let name = entry.said.name.clone().or(instead).or_else(|| end_of(id))?;
                (region.clone(), name, None, false)
            }
        };
        Some(Self {
            id: id.clone(),
            region,
            name,
            held,
            older,
        })
    }

    fn keeps_its_name(&self) -> bool {
        self.held.as_ref() == Some(&self.name)
    }
}

/// Settles what the instances of a file are called. `given` is the region of rows that name none.
pub(super) async fn settle(
    tx: &mut Tx,
    rows: &[ListingRow],
    given: Option<&Region>,
    at: Timestamp,
) -> Result<Names, StoreError> {
    let ids: Vec<InstanceId> = rows.iter().filter_map(id_of).collect();
    let held = tx.called_now(&ids).await?;
    let held: HashMap<&str, &Called> = held
        .iter()
        .map(|called| (called.namesake.id.as_str(), called))
        .collect();
    let in_file: HashSet<&InstanceId> = ids.iter().collect();
    let wanted = rows.iter().filter_map(|row| {
        let held = id_of(row).and_then(|id| held.get(id.as_str()).copied());
        WantedName::of(row, held, given, at)
    });
    let mut wanted: Vec<WantedName> = wanted.collect();
    let nameless = rows.iter().filter(|row| {
        let entry = row.entry.as_ref();
        entry.is_ok_and(|entry| entry.said.name.is_none())
    });
    let nameless = nameless.filter_map(id_of);
    let nameless: HashSet<InstanceId> = nameless
        .filter(|id| !held.contains_key(id.as_str()))
        .collect();
    // Anyone who has a name keeps it.
    wanted.sort_by_key(|wanted| !wanted.keeps_its_name());
    let (mut names, mut taken) = (Names::default(), UsedNames::default());
    names.nameless = nameless;
    let new = wanted.iter().filter(|wanted| !wanted.keeps_its_name());
    let new: Vec<InstanceName> = new.map(|wanted| wanted.name.clone()).collect();
    let mut known = UsedNames::default();
    for other in tx.namesakes_of(&new).await? {
        if !in_file.contains(&other.id) {
            known.take(&other.id, &other.region, &other.name);
        }
    }
    for WantedName {
        id,
        region,
        name,
        held,
        older,
    } in wanted
    {
        let (called, clash) = if held.as_ref() == Some(&name) {
            (name.clone(), None)
        } else {
            let mut others = known.like(&name);
            others.extend(taken.like(&name));
            let (called, clash) = name.beside(&id, &region, &others);
            (called, clash.map(|(clash, other)| (clash, other.clone())))
        };
        if let Some((clash, other)) = clash.filter(|_| held.as_ref() != Some(&called)) {
            names.alike.push(Alike {
                called: called.clone(),
                said: name,
                clash,
                other,
            });
        }
        taken.take(&id, &region, &called);
        if held.as_ref().is_some_and(|held| *held != called) && !older {
            names.renamed.insert(id.clone());
        }
        if !older {
            names.called.insert(id, called);
        }
    }
    Ok(names)
}

/// The last part of an id: `BXuIbML7`.
fn end_of(id: &InstanceId) -> Option<InstanceName> {
    let end = id.as_str().rsplit('_').next().unwrap_or_default();
    InstanceName::parse(end).ok()
}

fn id_of(row: &ListingRow) -> Option<InstanceId> {
    match &row.entry.as_ref().ok()?.id {
        RowId::FourX(id) => Some(id.clone()),
        _ => None,
    }
}

/// The names that rows have got, by what names are compared by.
#[derive(Default)]
struct UsedNames(HashMap<String, Vec<Namesake>>);

impl UsedNames {
    fn take(&mut self, id: &InstanceId, region: &Region, name: &InstanceName) {
        let taken = Namesake {
            id: id.clone(),
            region: region.clone(),
            name: name.clone(),
        };
        for key in [name.folded(), name.look()] {
            self.0.entry(key).or_default().push(taken.clone());
        }
    }

    fn like(&self, name: &InstanceName) -> Vec<Namesake> {
        let keys = [name.folded(), name.look()];
        let held = keys.iter().filter_map(|key| self.0.get(key));
        held.flatten().cloned().collect()
    }
}
