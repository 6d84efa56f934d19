//! Parsing of files to import: the JSON of the vendor's command line, or CSV.
//!
//! Invariant: no I/O here. Bytes come in, rows with their positions go out; no input causes a panic.

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
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use chrono_tz::Tz;
use sha2::{Digest as _, Sha256};

use crate::domain::Timestamp;
use crate::domain::case::LONGEST_SUBSCRIPTION;
use crate::domain::id::{CommodityId, InstanceId, InstanceName, Region};
use crate::domain::instance::{Edition, Switch};
use crate::domain::said::Said;

pub use error::{
    Caveat, ListingError, PageTotal, RowProblem, UnknownKey, UnreadValue, ValueProblem,
};

pub const MAX_ROWS: usize = 100_000;

/// A file that was validated as a whole. Its rows are parsed again from the text one at a time: a file may be long, and its rows
/// are not kept in memory.
#[derive(Debug)]
pub struct Listing<'a> {
    text: Cow<'a, str>,
    format: ListingFormat,
    zone: Tz,
    at: Timestamp,
    /// Rows of instances that occur more than once, by position; `None` for a row that only repeats another.
    twice: BTreeMap<usize, Option<ListingRow>>,
    /// Whether some of its rows cannot be read, or it may not be whole.
    unreadable: bool,
    /// Whether no row of it could be read as a whole: it is another file than it should be, and each row is refused.
    pub none_is_whole: bool,
    /// The doubts that the file leaves.
    pub caveats: Vec<Caveat>,
    /// Whether it lists subscriptions, which not every instance has.
    pub is_billing: bool,
    /// The number of listings of instances in it, each of one region.
    pub listings: usize,
    /// The regions that these name, also those that are empty.
    pub regions: BTreeSet<Region>,
    /// The encoding, if it is not UTF-8.
    pub encoding: Option<&'static str>,
}

impl Listing<'_> {
    /// One row per instance, in the order of the file, with its position among all rows.
    pub fn rows(&self) -> impl Iterator<Item = (usize, ListingRow)> + Send {
        // Errors of the file as a whole were reported when it was validated.
        let rows = open(&self.text, self.format, self.zone).ok();
        let rows = rows.into_iter().flatten().map_while(Result::ok);
        let rows = rows.map(|row| row.judged(self.at)).enumerate();
        let rows = rows.filter_map(|(place, row)| match self.twice.get(&place) {
            Some(instead) => instead.clone().map(|row| (place, row)),
            None => Some((place, row)),
        });
        rows.map(|(place, row)| match self.none_is_whole {
            true => (place, row.refused()),
            false => (place, row),
        })
    }

    /// Rows of instances that occur more than once, by position; `None` for a row that only repeats another.
    pub fn twice(&self) -> impl Iterator<Item = (usize, Option<&ListingRow>)> {
        self.twice.iter().map(|(place, row)| (*place, row.as_ref()))
    }

    /// Whether it may lack existing instances: pages are missing, or rows are unreadable.
    pub fn is_partial(&self) -> bool {
        let pages = |caveat: &Caveat| matches!(caveat, Caveat::MorePages(_));
        self.caveats.iter().any(pages) || self.unreadable
    }
}

/// The format of a text.
#[derive(Debug, Clone, Copy)]
enum ListingFormat {
    Csv,
    Json(json::Documents),
}

/// The rows of a text, unfiltered.
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
        ListingFormat::Json(documents) => {
            ListingRows::Json(json::JsonRows::new(text, documents, zone))
        }
    })
}

/// The findings after the last row of a file.
#[derive(Debug, Default)]
struct ReadSoFar {
    caveats: Vec<Caveat>,
    listings: usize,
    /// The regions that its lists name, also those that are empty.
    regions: BTreeSet<Region>,
    is_billing: bool,
    /// Whether something that is not understood may say that there is more.
    in_part: bool,
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingRow {
    /// Its position: `line 3` or `Data.InstanceVO[2]`.
    pub place: String,
    /// The id as written, shortened for display.
    pub id_text: String,
    /// Its content, or its first error.
    pub entry: Result<RowContent, RowProblem>,
}

impl ListingRow {
    /// As it is of a file whose facts are of this time.
    fn judged(self, at: Timestamp) -> Self {
        let entry = self.entry.map(|entry| entry.whole(at));
        Self { entry, ..self }
    }

    /// As it is where nothing of it is taken.
    fn refused(self) -> Self {
        let entry = self.entry.and_then(|entry| match entry.unread.first() {
            Some(problem) => Err(problem.clone()),
            None => Ok(entry),
        });
        Self { entry, ..self }
    }
}

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RowId {
    FourX(InstanceId),
    /// A 5.x instance: never tracked (rule `series-4x`), so the rest of its row is ignored.
    Series5,
    /// The subscription of an instance.
    Billed(CommodityId),
    /// The subscription of another product.
    OtherProduct,
}

/// The content of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowContent {
    pub id: RowId,
    /// The error of an unusable name, which does not prevent importing the rest.
    pub misnamed: Option<Unusable>,
    /// Statements about the instance.
    pub said: Said,
    /// The errors of its values that are not used.
    pub unread: Vec<RowProblem>,
    /// When its subscription is or was released; by then it has left it.
    release: Option<Timestamp>,
    /// Whether it is called a subscription, which only Platinum has.
    pub subscribed: bool,
    /// Whether it is the subscription of what has left it: the instance is Standard, or gone.
    pub released: bool,
}

/// An unusable name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    pub problem: RowProblem,
    /// The name used instead, if part of it is usable.
    pub instead: Option<InstanceName>,
}

impl RowContent {
    /// Sets the name of the instance.
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

    /// An empty row.
    fn of(id: RowId) -> Self {
        Self {
            id,
            misnamed: None,
            said: Said::default(),
            unread: Vec::new(),
            release: None,
            subscribed: false,
            released: false,
        }
    }

    /// A value, if it can be read.
    fn value<T>(&mut self, read: Result<Option<T>, RowProblem>) -> Option<T> {
        read.unwrap_or_else(|problem| {
            self.unread.push(problem);
            None
        })
    }

    /// The expiry of a row. Standard has none, so a row that gives one contradicts itself, and neither is taken.
    fn expiry(
        &mut self,
        name: &'static str,
        read: Result<Option<Timestamp>, RowProblem>,
    ) -> Option<Timestamp> {
        if self.said.edition != Some(Some(Edition::Standard)) {
            return self.value(read);
        }
        if let Ok(Some(expires)) = read {
            self.unread
                .push(RowProblem::StandardExpires { name, expires });
        }
        None
    }

    /// Whether it calls the instance Standard and gives it an expiry, which Standard does not have.
    pub fn contradicts_standard(&self) -> bool {
        self.unread.iter().any(RowProblem::is_contradiction)
    }

    /// Whether it shows, of an instance that was recorded as deleted, that it is there: not by a subscription that is over.
    pub fn shows_it_is_there(&self, at: Timestamp) -> bool {
        let is_billed = matches!(self.id, RowId::Billed(_));
        let ends = self.said.expires.flatten().filter(|_| is_billed);
        !self.released && ends.is_none_or(|ends| ends > at)
    }

    /// Applies the checks of the row as a whole. A row with unread values never reports Standard or a switch as off, and no
    /// subscription ends further ahead than one can be. Beside Standard, an expiry that is past or too far ahead is ignored:
    /// listings have such dates where there is no expiry.
    fn whole(mut self, at: Timestamp) -> Self {
        if self.release.is_some_and(|release| release <= at) {
            self.released = true;
            (self.said.expires, self.said.auto_renew) = (None, None);
        }
        let last = at.checked_add_months(LONGEST_SUBSCRIPTION);
        self.unread.retain(|problem| {
            if let RowProblem::StandardExpires { expires, .. } = problem {
                *expires > at && last.is_none_or(|last| *expires <= last)
            } else {
                true
            }
        });
        let far = self.said.expires.flatten();
        if let Some(expires) = far.filter(|expires| last.is_some_and(|last| *expires > last)) {
            self.said.expires = None;
            self.unread.push(RowProblem::FarAhead(expires));
        }
        if !self.unread.is_empty() {
            let Said {
                edition,
                action,
                auto_renew,
                busy,
                ..
            } = &mut self.said;
            if edition
                .take_if(|said| *said == Some(Edition::Standard))
                .is_some()
            {
                // It said Standard, so nothing else of it says Platinum.
                (*action, *auto_renew) = (None, None);
            }
            for switch in [auto_renew, busy] {
                switch.take_if(|said| *said == Some(Switch::Off));
            }
        }
        self
    }
}

/// The value of a row, by its kind: an expiry beside Standard is not taken.
macro_rules! taken {
    (At, $entry:expr, $name:expr, $read:expr) => {
        $entry.expiry($name, $read)
    };
    ($Value:ident, $entry:expr, $name:expr, $read:expr) => {
        $entry.value($read)
    };
}
use taken;

/// Reads a file to import. Detects its format by content, and passes each row with its position to `show` before the file is
/// judged. Its facts are of the time `at`; dates without a zone are in the vendor's zone.
///
/// # Errors
/// [`ListingError`] when the whole file is unusable. The error of a single row is in that row.
pub fn read(
    bytes: &[u8],
    at: Timestamp,
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
    let mut seen = SeenRows::default();
    for (number, row) in (&mut rows).enumerate() {
        let row = row.map_err(decoded)?.judged(at);
        if number == MAX_ROWS {
            return Err(ListingError::TooManyRows);
        }
        seen.note(&row);
        show(number, row);
    }
    let ReadSoFar {
        mut caveats,
        listings,
        regions,
        is_billing,
        in_part,
    } = match rows {
        ListingRows::Csv(rows) => rows.end(),
        ListingRows::Json(rows) => rows.end(),
    };
    let twice = if seen.twice.is_empty() {
        BTreeMap::new()
    } else {
        let all = open(&text, format, vendor_zone).map_err(decoded)?;
        let all = all.map_while(Result::ok).map(|row| row.judged(at));
        let all = all.enumerate();
        duplicates(all.filter(|(_, row)| seen.is_twice(row)).collect())
    };
    if seen.unread > 0 && seen.any_whole {
        caveats.push(Caveat::Unread(seen.first_unread, seen.unread));
    }
    let differ = twice.values().any(Option::is_some);
    if listings > 1 && (seen.any_unplaced || differ) {
        caveats.push(Caveat::OneRegionForAll(listings));
    }
    Ok(Listing {
        text,
        format,
        zone: vendor_zone,
        at,
        twice,
        unreadable: seen.any_unreadable || differ || in_part,
        none_is_whole: seen.unread > 0 && !seen.any_whole,
        caveats,
        is_billing,
        listings,
        regions,
        encoding,
    })
}

/// Whether bytes are a listing beyond doubt, and no message: what the vendor's API prints of instances or subscriptions, or CSV with a
/// row under a header of columns that are all known.
pub fn is_listing(bytes: &[u8], now: Timestamp, vendor_zone: Tz) -> bool {
    let mut any = false;
    let listing = read(bytes, now, vendor_zone, |_, row| any |= row.entry.is_ok());
    let Some(listing) = listing.ok().filter(|_| any) else {
        return false;
    };
    let unknown = |caveat: &Caveat| matches!(caveat, Caveat::UnknownKeys(_));
    match listing.format {
        ListingFormat::Csv => !listing.caveats.iter().any(unknown),
        ListingFormat::Json(_) => listing.listings > 0 || listing.is_billing,
    }
}

/// A fingerprint of a listing: of the request ids in the vendor's answers, or else of the whole text without white space.
pub fn content(bytes: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(bytes);
    let is_id =
        |id: &&str| id.len() == 36 && id.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-');
    let ids = text.split("equestId\"").skip(1);
    let ids = ids.filter_map(|rest| rest.trim_start_matches([' ', ':', '"']).get(..36));
    let ids: String = ids.filter(is_id).collect();
    let all: String = match ids.is_empty() {
        true => text.split_whitespace().collect(),
        false => ids,
    };
    let digest = Sha256::digest(all);
    let first = digest.first_chunk();
    first.map_or(0, |first| u64::from_be_bytes(*first))
}

/// The format of a text, and the text with the line breaks that its parser expects.
fn form(text: Cow<'_, str>) -> Result<(Cow<'_, str>, ListingFormat), ListingError> {
    let text = json::unwrapped(text)?;
    if text.trim_start().starts_with(['{', '[']) {
        let documents = json::Documents::of(&text)?;
        Ok((text, ListingFormat::Json(documents)))
    } else if text.contains('\r') {
        // Old spreadsheet programs end lines with CR alone.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        Ok((Cow::Owned(text), ListingFormat::Csv))
    } else {
        Ok((text, ListingFormat::Csv))
    }
}

/// The rows seen so far.
#[derive(Default)]
struct SeenRows {
    /// Hashes of their ids, to save memory for long files. They may collide, so they only select the rows to compare.
    once: HashSet<u64>,
    twice: HashSet<u64>,
    state: RandomState,
    any_unreadable: bool,
    any_unplaced: bool,
    any_whole: bool,
    /// The number of values that are not taken, and the first of them.
    unread: usize,
    first_unread: Vec<UnreadValue>,
}

impl SeenRows {
    fn note(&mut self, row: &ListingRow) {
        let Ok(content) = &row.entry else {
            self.any_unreadable = true;
            self.any_unplaced = true;
            return;
        };
        if let Some(number) = self.number(row)
            && !self.once.insert(number)
        {
            self.twice.insert(number);
        }
        self.any_unplaced |= content.said.region.is_none();
        // Its edition, expiry and region were read.
        self.any_whole |= content.unread.iter().all(RowProblem::leaves_row);
        self.unread += content.unread.len();
        let room = Caveat::SHOWN - self.first_unread.len();
        let first = content.unread.iter().take(room);
        self.first_unread.extend(first.map(|problem| UnreadValue {
            place: row.place.clone(),
            id: row.id_text.clone(),
            problem: problem.clone(),
        }));
    }

    fn number(&self, row: &ListingRow) -> Option<u64> {
        let entry = row.entry.as_ref().ok()?;
        let is_one = matches!(entry.id, RowId::FourX(_) | RowId::Billed(_));
        is_one.then(|| self.state.hash_one(&entry.id))
    }

    fn is_twice(&self, row: &ListingRow) -> bool {
        let number = self.number(row);
        number.is_some_and(|number| self.twice.contains(&number))
    }
}

/// Equal rows count once. Of two that differ, either may be wrong, so both are rejected.
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
