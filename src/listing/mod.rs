//! Files to import, read without touching anything: the JSON the vendor's command line prints, or CSV.
//!
//! Invariant: no I/O here. Bytes come in, rows with their places go out; whatever the bytes, nothing panics.

mod cell;
mod csv;
mod error;
mod fields;
mod foreign;
mod json;
mod node;
mod text;
mod when;

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;

use crate::domain::id::{CommodityId, InstanceId, InstanceName};
use crate::domain::said::Said;

pub use error::{Caveat, ListingError, RowProblem, UnknownKey};

/// The most rows a file may have.
pub const MAX_ROWS: usize = 100_000;

/// A file's rows, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// One for each instance the file names.
    pub rows: Vec<ListingRow>,
    /// What the file leaves open.
    pub caveats: Vec<Caveat>,
    /// How many listings of instances it holds: each is of one region.
    pub listings: usize,
    /// Whether it lists subscriptions: not every instance has one.
    pub is_billing: bool,
    /// How it was encoded, where that is not UTF-8.
    pub encoding: Option<&'static str>,
}

impl Listing {
    /// Whether it may lack instances that there are: pages are missing, or rows cannot be read.
    pub fn is_partial(&self) -> bool {
        let pages = |caveat: &Caveat| matches!(caveat, Caveat::MorePages(_));
        self.caveats.iter().any(pages) || self.rows.iter().any(|row| row.entry.is_err())
    }
}

/// What a format makes of a text.
#[derive(Debug, Default)]
struct ParsedFile {
    rows: Vec<ListingRow>,
    caveats: Vec<Caveat>,
    listings: usize,
    is_billing: bool,
}

/// One instance as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingRow {
    /// Where it stands: `line 3` or `Data.InstanceVO[2]`.
    pub place: String,
    /// Its id as written, shortened for showing.
    pub id_text: String,
    /// What it says, or the first thing that is wrong with it.
    pub entry: Result<RowContent, RowProblem>,
}

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RowId {
    /// A 4.x instance.
    FourX(InstanceId),
    /// A 5.x instance: never tracked (rule `series-4x`), so nothing else of its row is read.
    Series5,
    /// The subscription of an instance.
    Billed(CommodityId),
    /// The subscription of something else.
    OtherProduct,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowContent {
    /// Whose row it is.
    pub id: RowId,
    /// What is wrong with what it is called: no reason not to take the rest.
    pub misnamed: Option<Unusable>,
    /// What it says of the instance. Never an expiry of one that is Standard.
    pub said: Said,
}

/// A name that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// Why.
    pub problem: RowProblem,
    /// What the instance is called instead, if anything of it can be used.
    pub instead: Option<InstanceName>,
}

impl RowContent {
    /// Takes what the row calls its instance.
    fn take_name(&mut self, text: &str, read: Result<Option<InstanceName>, RowProblem>) {
        match (read, &self.id) {
            (Ok(name), _) => self.said.name = name,
            (Err(problem), RowId::FourX(id)) => {
                let instead = (!text.is_empty()).then(|| InstanceName::instead_of(text, id));
                self.misnamed = Some(Unusable { problem, instead });
            }
            (Err(_), RowId::Series5 | RowId::Billed(_) | RowId::OtherProduct) => {}
        }
    }

    /// A row that says nothing yet.
    fn of(id: RowId) -> Self {
        Self {
            id,
            misnamed: None,
            said: Said::default(),
        }
    }
}

/// Reads a file to import, recognising its format by its content. Dates without a zone are the vendor's.
///
/// # Errors
/// [`ListingError`] when the file as a whole cannot be taken. What is wrong with a single row is said in that row.
pub fn read(bytes: &[u8], vendor_zone: Tz) -> Result<Listing, ListingError> {
    let decoded = text::decode(bytes)?;
    let found = found(&decoded.text, vendor_zone);
    let ParsedFile {
        mut rows,
        mut caveats,
        listings,
        is_billing,
    } = match (found, decoded.encoding) {
        (Ok(found), _) => found,
        (Err(error), None) => return Err(error),
        (Err(error), Some(encoding)) => {
            let error = Box::new(error);
            return Err(ListingError::Decoded { encoding, error });
        }
    };
    if rows.len() > MAX_ROWS {
        return Err(ListingError::TooManyRows);
    }
    settle_duplicates(&mut rows);
    let placed = |row: &ListingRow| {
        row.entry
            .as_ref()
            .is_ok_and(|entry| entry.said.region.is_some())
    };
    if listings > 1 && !rows.iter().all(placed) {
        caveats.push(Caveat::OneRegionForAll(listings));
    }
    Ok(Listing {
        rows,
        caveats,
        listings,
        is_billing,
        encoding: decoded.encoding,
    })
}

fn found(text: &str, vendor_zone: Tz) -> Result<ParsedFile, ListingError> {
    foreign::refuse(text)?;
    if text.trim_start().starts_with(['{', '[']) {
        json::read(text, vendor_zone)
    } else if text.contains('\r') {
        // Lines of old spreadsheet programs end with CR alone.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        csv::read(&text, vendor_zone)
    } else {
        csv::read(text, vendor_zone)
    }
}

/// Rows that say the same are one. Of two that differ nobody can say which is right: both are refused.
fn settle_duplicates(rows: &mut Vec<ListingRow>) {
    let mut places: HashMap<RowId, Vec<usize>> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        if let Ok(entry) = &row.entry
            && matches!(entry.id, RowId::FourX(_) | RowId::Billed(_))
        {
            places.entry(entry.id.clone()).or_default().push(index);
        }
    }
    let mut again = HashSet::new();
    for indices in places.into_values().filter(|indices| indices.len() > 1) {
        let [first, others @ ..] = indices.as_slice() else {
            continue;
        };
        let entry_at = |index: &usize| rows.get(*index).map(|row| &row.entry);
        if others
            .iter()
            .all(|other| entry_at(other) == entry_at(first))
        {
            again.extend(others.iter().copied());
            continue;
        }
        let place = |index: Option<&usize>| {
            let row = index.and_then(|index| rows.get(*index));
            row.map_or_else(String::new, |row| row.place.clone())
        };
        let (first_place, second_place) = (place(Some(first)), place(others.first()));
        for index in &indices {
            let other = if index == first {
                &second_place
            } else {
                &first_place
            };
            let other = other.clone();
            if let Some(row) = rows.get_mut(*index) {
                row.entry = Err(RowProblem::Duplicate { other });
            }
        }
    }
    let mut index = 0;
    rows.retain(|_| {
        index += 1;
        !again.contains(&(index - 1))
    });
}
