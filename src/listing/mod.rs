//! Files to import, read without touching anything: the JSON the vendor's command line prints, or CSV.
//!
//! Invariant: no I/O here. Bytes come in, rows with their places go out; whatever the bytes, nothing panics.

mod cell;
mod csv;
mod error;
mod json;
mod scalar;
mod text;
mod when;

use std::collections::HashMap;

use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::id::{CommodityId, InstanceId, InstanceName, Label, Region};
use crate::domain::instance::{Edition, PostExpirationAction, Switch};

pub use error::{ListingError, RowProblem};

/// The most rows a file may have.
pub const MAX_ROWS: usize = 100_000;

/// A file's rows, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// One for each instance the file names.
    pub rows: Vec<Row>,
}

/// One instance as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it stands: `line 3` or `Data.InstanceVO[2]`.
    pub place: String,
    /// Its id as written, shortened for showing.
    pub id_text: String,
    /// What it says, or the first thing that is wrong with it.
    pub entry: Result<Entry, RowProblem>,
}

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RowId {
    /// A 4.x instance.
    FourX(InstanceId),
    /// A 5.x instance: never tracked (rule `series-4x`), so nothing else of its row is read.
    Series5,
}

/// What a row says. `None` says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose row it is.
    pub id: RowId,
    /// What it is called.
    pub name: Option<InstanceName>,
    /// Where it lives.
    pub region: Option<Region>,
    /// The edition.
    pub edition: Option<Edition>,
    /// The expiry; never on a row of Standard Edition.
    pub expires: Option<Timestamp>,
    /// The Post-expiration Action: hearsay.
    pub action: Option<PostExpirationAction>,
    /// Auto-renewal.
    pub auto_renew: Option<Switch>,
    /// Whether the vendor is deploying or upgrading it.
    pub busy: Option<Switch>,
    /// The size in messages a second.
    pub max_tps: Option<u32>,
    /// The id under which the vendor bills it.
    pub commodity_id: Option<CommodityId>,
    /// How many topics it has.
    pub topics: Option<u32>,
    /// How many consumer groups it has.
    pub groups: Option<u32>,
    /// The team it belongs to.
    pub team: Option<Label>,
    /// Where messages about it go.
    pub channel: Option<Label>,
}

impl Entry {
    /// A row that says nothing yet.
    const fn of(id: RowId) -> Self {
        Self {
            id,
            name: None,
            region: None,
            edition: None,
            expires: None,
            action: None,
            auto_renew: None,
            busy: None,
            max_tps: None,
            commodity_id: None,
            topics: None,
            groups: None,
            team: None,
            channel: None,
        }
    }
}

/// Reads a file to import, recognising its format by its content. Dates without a zone are the vendor's.
///
/// # Errors
/// [`ListingError`] when the file as a whole cannot be taken. What is wrong with a single row is said in that row.
pub fn read(bytes: &[u8], vendor_zone: Tz) -> Result<Listing, ListingError> {
    let text = text::decode(bytes)?;
    let mut rows = if text.trim_start().starts_with(['{', '[']) {
        json::rows(text)?
    } else {
        csv::rows(text, vendor_zone)?
    };
    if rows.len() > MAX_ROWS {
        return Err(ListingError::TooManyRows);
    }
    refuse_duplicates(&mut rows);
    Ok(Listing { rows })
}

/// Of two rows for the same instance nobody can say which is right: every one after the first is refused.
fn refuse_duplicates(rows: &mut [Row]) {
    let mut first_places: HashMap<InstanceId, String> = HashMap::new();
    for row in rows {
        let Ok(Entry {
            id: RowId::FourX(id),
            ..
        }) = &row.entry
        else {
            continue;
        };
        match first_places.get(id) {
            Some(first) => {
                row.entry = Err(RowProblem::Duplicate {
                    first: first.clone(),
                });
            }
            None => {
                first_places.insert(id.clone(), row.place.clone());
            }
        }
    }
}
