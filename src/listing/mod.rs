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

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use chrono_tz::Tz;

use crate::domain::id::{CommodityId, InstanceId, InstanceName};
use crate::domain::said::Said;

pub use error::{Caveat, ListingError, PageTotal, RowProblem, UnknownKey};

/// The most rows a file may have.
pub const MAX_ROWS: usize = 100_000;

/// A file that was looked through as a whole. Its rows are read from its text again, one at a time: a file may be long, and
/// none of it is kept as rows.
#[derive(Debug)]
pub struct Listing<'a> {
    text: Cow<'a, str>,
    format: ListingFormat,
    zone: Tz,
    /// The rows of instances that are there more than once, by their places: none where it says the same again.
    twice: BTreeMap<usize, Option<ListingRow>>,
    /// Whether some of its rows cannot be read.
    unreadable: bool,
    /// What the file leaves open.
    pub caveats: Vec<Caveat>,
    /// Whether it lists subscriptions: not every instance has one.
    pub is_billing: bool,
    /// How many listings of instances it holds: each is of one region.
    pub listings: usize,
    /// How it was encoded, where that is not UTF-8.
    pub encoding: Option<&'static str>,
}

impl Listing<'_> {
    /// One row for each instance the file names, in its order, each with its place among all that the file has.
    pub fn rows(&self) -> impl Iterator<Item = (usize, ListingRow)> + Send {
        // Whatever is wrong with the file as a whole was said when it was looked through.
        let rows = open(&self.text, self.format, self.zone).ok();
        let rows = rows.into_iter().flatten().map_while(Result::ok).enumerate();
        rows.filter_map(|(place, row)| match self.twice.get(&place) {
            Some(instead) => instead.clone().map(|row| (place, row)),
            None => Some((place, row)),
        })
    }

    /// The rows of instances that are there more than once, by their places: none where it says the same again.
    pub fn twice(&self) -> impl Iterator<Item = (usize, Option<&ListingRow>)> {
        self.twice.iter().map(|(place, row)| (*place, row.as_ref()))
    }

    /// Whether it may lack instances that there are: pages are missing, or rows cannot be read.
    pub fn is_partial(&self) -> bool {
        let pages = |caveat: &Caveat| matches!(caveat, Caveat::MorePages(_));
        self.caveats.iter().any(pages) || self.unreadable
    }
}

/// How a text is written.
#[derive(Debug, Clone, Copy)]
enum ListingFormat {
    Csv,
    /// Whether it holds more than one document.
    Json {
        several: bool,
    },
}

/// The rows of a text, as they are there.
#[derive(Debug)]
enum ListingRows<'a> {
    Csv(csv::CsvRows<'a>),
    Json(json::JsonRows<'a>),
}

impl Iterator for ListingRows<'_> {
    type Item = Result<ListingRow, ListingError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            ListingRows::Csv(rows) => rows.next().transpose(),
            ListingRows::Json(rows) => rows.next().transpose(),
        }
    }
}

fn open(text: &str, format: ListingFormat, zone: Tz) -> Result<ListingRows<'_>, ListingError> {
    Ok(match format {
        ListingFormat::Csv => ListingRows::Csv(csv::CsvRows::new(text, zone)?),
        ListingFormat::Json { several } => {
            ListingRows::Json(json::JsonRows::new(text, several, zone))
        }
    })
}

/// What there is to say of a file behind its last row.
#[derive(Debug, Default)]
struct ReadSoFar {
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

/// Reads a file to import, recognising its format by its content, and shows each of its rows, with its place, before anything
/// else is known of it. Dates without a zone are the vendor's.
///
/// # Errors
/// [`ListingError`] when the file as a whole cannot be taken. What is wrong with a single row is said in that row.
pub fn read(
    bytes: &[u8],
    vendor_zone: Tz,
    mut show: impl FnMut(usize, ListingRow),
) -> Result<Listing<'_>, ListingError> {
    let text::Decoded { text, encoding } = text::decode(bytes)?;
    let decoded = |error| match encoding {
        None => error,
        Some(encoding) => ListingError::Decoded {
            encoding,
            error: Box::new(error),
        },
    };
    foreign::refuse(&text).map_err(decoded)?;
    let (text, format) = form(text).map_err(decoded)?;
    let mut rows = open(&text, format, vendor_zone).map_err(decoded)?;
    let mut ids = SeenIds::default();
    let (mut count, mut unreadable, mut all_placed) = (0, false, true);
    for row in &mut rows {
        let row = row.map_err(decoded)?;
        if count == MAX_ROWS {
            return Err(ListingError::TooManyRows);
        }
        ids.see(&row);
        let entry = row.entry.as_ref();
        unreadable |= entry.is_err();
        all_placed &= entry.is_ok_and(|entry| entry.said.region.is_some());
        show(count, row);
        count += 1;
    }
    let ReadSoFar {
        mut caveats,
        listings,
        is_billing,
    } = match rows {
        ListingRows::Csv(rows) => rows.end(),
        ListingRows::Json(rows) => rows.end(),
    };
    let twice = if ids.twice.is_empty() {
        BTreeMap::new()
    } else {
        let all = open(&text, format, vendor_zone).map_err(decoded)?;
        let all = all.map_while(Result::ok).enumerate();
        duplicates(all.filter(|(_, row)| ids.is_twice(row)).collect())
    };
    let differ = twice.values().any(Option::is_some);
    if listings > 1 && (!all_placed || differ) {
        caveats.push(Caveat::OneRegionForAll(listings));
    }
    Ok(Listing {
        text,
        format,
        zone: vendor_zone,
        twice,
        unreadable: unreadable || differ,
        caveats,
        is_billing,
        listings,
        encoding,
    })
}

/// How a text is written, and the text with the line ends that its reader knows.
fn form(text: Cow<'_, str>) -> Result<(Cow<'_, str>, ListingFormat), ListingError> {
    if text.trim_start().starts_with(['{', '[']) {
        let several = json::holds_several(&text)?;
        Ok((text, ListingFormat::Json { several }))
    } else if text.contains('\r') {
        // Lines of old spreadsheet programs end with CR alone.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        Ok((Cow::Owned(text), ListingFormat::Csv))
    } else {
        Ok((text, ListingFormat::Csv))
    }
}

/// Which ids rows have had, as numbers: a file is long. Another id may have the number of one, so that they only point out
/// which rows to compare.
#[derive(Default)]
struct SeenIds {
    state: RandomState,
    once: HashSet<u64>,
    twice: HashSet<u64>,
}

impl SeenIds {
    fn number(&self, row: &ListingRow) -> Option<u64> {
        let entry = row.entry.as_ref().ok()?;
        let is_one = matches!(entry.id, RowId::FourX(_) | RowId::Billed(_));
        is_one.then(|| self.state.hash_one(&entry.id))
    }

    fn see(&mut self, row: &ListingRow) {
        if let Some(number) = self.number(row)
            && !self.once.insert(number)
        {
            self.twice.insert(number);
        }
    }

    fn is_twice(&self, row: &ListingRow) -> bool {
        let number = self.number(row);
        number.is_some_and(|number| self.twice.contains(&number))
    }
}

/// Rows that say the same are one. Of two that differ nobody can say which is right: both are refused.
fn duplicates(rows: Vec<(usize, ListingRow)>) -> BTreeMap<usize, Option<ListingRow>> {
    let mut of_id: HashMap<RowId, Vec<(usize, ListingRow)>> = HashMap::new();
    for (place, row) in rows {
        if let Ok(entry) = &row.entry {
            of_id
                .entry(entry.id.clone())
                .or_default()
                .push((place, row));
        }
    }
    let mut found = BTreeMap::new();
    for rows in of_id.into_values() {
        let [(_, first), others @ ..] = rows.as_slice() else {
            continue;
        };
        let Some((_, second)) = others.first() else {
            continue;
        };
        if others.iter().all(|(_, other)| other.entry == first.entry) {
            found.extend(others.iter().map(|(place, _)| (*place, None)));
            continue;
        }
        let (first, second) = (first.place.clone(), second.place.clone());
        for (number, (place, mut row)) in rows.into_iter().enumerate() {
            let other = if number == 0 { &second } else { &first };
            let other = other.clone();
            row.entry = Err(RowProblem::Duplicate { other });
            found.insert(place, Some(row));
        }
    }
    found
}
