//! Slots: the variable parts of a wording, such as ids, names and dates. Each has a fixed format.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;
use chrono_tz::Tz;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::dates::date;
use super::normal::{BLANK, Normal};
use super::template::past_blanks;
use crate::Timestamp;
use crate::id::{CommodityId, known_regions};
use crate::instance::Instance;
use crate::words::words;

words! {
    /// A variable part of a template.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Slot {
        /// The full id of the instance.
        Instance = "instance",
        /// Its commodity id, if unique.
        Commodity = "commodity",
        Name = "name",
        /// Its region, by code or vendor name.
        Region = "region",
        /// The vendor account in its id.
        Account = "account",
        ReleaseDate = "release_date",
        ExpiryDate = "expiry_date",
        /// The date of the notice: the day of receipt, or an adjacent one.
        SentDate = "sent_date",
        /// The number of days until the date.
        Days = "days",
        /// A link to a configured host, without an id in it.
        Link = "link",
    }
}

/// The only instance of a notice, and the values that its slots are compared with.
#[derive(Debug, Clone, Copy)]
pub struct NoticeSubject<'a> {
    pub instance: &'a Instance,
    /// Its commodity id, if no other instance claims it.
    pub commodity: Option<&'a CommodityId>,
    /// Its current name and the last listing's, unless they are common words of notices.
    pub names: [Option<&'a str>; 2],
    /// The zone of dates without one.
    pub zone: Tz,
    /// The day of receipt in that zone.
    pub today: NaiveDate,
    /// The allowed hosts of links.
    pub hosts: &'a [String],
}

/// The values of a text's slots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotSet {
    values: BTreeMap<Slot, String>,
    /// The ranges of the slots in the text.
    #[serde(skip)]
    pub(super) spans: Vec<Range<usize>>,
}

impl SlotSet {
    pub fn get(&self, slot: Slot) -> Option<&str> {
        self.values.get(&slot).map(String::as_str)
    }

    pub const fn values(&self) -> &BTreeMap<Slot, String> {
        &self.values
    }

    /// The instant in a date slot.
    pub fn date(&self, slot: Slot) -> Option<Timestamp> {
        self.get(slot)?.parse().ok()
    }

    /// Adds a value; `None` when the slot already has a different one.
    pub(super) fn with(mut self, slot: Slot, value: String, span: Range<usize>) -> Option<Self> {
        let held = self.values.entry(slot).or_insert_with(|| value.clone());
        let same = *held == value;
        self.spans.push(span);
        same.then_some(self)
    }

    /// Whether the values are the same, wherever they are in the text.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.values == other.values
    }

    /// Whether another format of the same text has the same instance and dates.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        let needed = [
            Slot::Instance,
            Slot::Commodity,
            Slot::ReleaseDate,
            Slot::ExpiryDate,
            Slot::Days,
        ];
        let both = |slot: &Slot| self.values.contains_key(slot) && other.values.contains_key(slot);
        Slot::WORDS
            .iter()
            .map(|(_, slot)| slot)
            .filter(|slot| needed.contains(slot) || both(slot))
            .all(|slot| self.values.get(slot) == other.values.get(slot))
    }

    /// Merges the slots of another text of the same message; `None` when they disagree.
    pub(super) fn joined(mut self, other: &Self) -> Option<Self> {
        for (slot, value) in &other.values {
            let held = self.values.entry(*slot).or_insert_with(|| value.clone());
            if held != value {
                return None;
            }
        }
        Some(self)
    }
}

impl Slot {
    /// Every slot, in template syntax.
    pub(super) fn all() -> String {
        let each = Self::WORDS.iter().map(|(word, _)| format!("`{{{word}}}`"));
        each.collect::<Vec<_>>().join(", ")
    }

    /// Parses the slot at a position, and returns its end.
    pub(super) fn read(
        self,
        text: &[char],
        at: usize,
        whom: &NoticeSubject<'_>,
    ) -> Option<(usize, String)> {
        let instance = whom.instance;
        match self {
            Self::Instance => whole(text, at, instance.id.as_str(), is_of_id),
            Self::Commodity => whole(text, at, whom.commodity?.as_str(), is_of_id),
            Self::Name => {
                let names = whom.names.iter().flatten();
                let read = names.filter_map(|name| named(text, at, name));
                read.max_by_key(|(end, _)| *end)
            }
            Self::Region if instance.region_in_file.is_some() => None,
            Self::Region => region(text, at, instance.region.as_str()),
            Self::Account => {
                let uid = instance.id.as_str().split('_').nth(2)?;
                whole(text, at, uid, is_of_id)
            }
            Self::ReleaseDate | Self::ExpiryDate => {
                let found = date(text, at, whom.zone).filter(|found| !found.contradicts)?;
                Some((found.end, found.at.to_rfc3339()))
            }
            Self::SentDate => {
                let found = date(text, at, whom.zone).filter(|found| !found.contradicts)?;
                let apart = (found.day - whom.today).num_days().abs();
                (apart <= 1).then(|| (found.end, found.at.to_rfc3339()))
            }
            Self::Days => {
                let digits = run(text, at, |c| c.is_ascii_digit());
                let number = digits.parse::<u16>().ok()?;
                let end = at + digits.len();
                let goes_on = text
                    .get(past_blanks(text, end))
                    .is_some_and(|c| c.is_numeric() || matches!(c, '.' | '-' | '~' | '/' | ':'));
                (!goes_on).then(|| (end, number.to_string()))
            }
            Self::Link => link(text, at, whom.hosts),
        }
    }
}

/// The run of matching characters from a position.
fn run(text: &[char], at: usize, of: impl Fn(char) -> bool) -> String {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().copied().take_while(|c| of(*c)).collect()
}

const fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*')
}

/// Matches a whole value.
fn whole(
    text: &[char],
    at: usize,
    value: &str,
    of: impl Fn(char) -> bool,
) -> Option<(usize, String)> {
    (run(text, at, of) == value).then(|| (at + value.len(), value.to_owned()))
}

/// Whether a name ends there, rather than continuing.
fn ends(text: &[char], end: usize) -> bool {
    let goes_on = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let last = end.checked_sub(1).and_then(|at| text.get(at));
    let next = text.get(end);
    // Chinese is written without blanks.
    let latin = |c: Option<&char>| c.is_some_and(|c| c.is_ascii());
    !(next.is_some_and(goes_on) && (latin(next) || !latin(last)))
}

/// Matches a whole name.
pub(super) fn named(text: &[char], at: usize, name: &str) -> Option<(usize, String)> {
    let written = Normal::of(name);
    let end = at + written.chars.len();
    let same = text.get(at..end)? == written.chars.as_slice();
    (same && ends(text, end)).then(|| (end, name.to_owned()))
}

fn region(text: &[char], at: usize, code: &str) -> Option<(usize, String)> {
    let lower = run(text, at, |c| c.is_ascii_alphanumeric() || c == '-').to_lowercase();
    if lower == code {
        return Some((at + lower.len(), code.to_owned()));
    }
    let region = known_regions().find(|region| region.code == code)?;
    let ends = region.names().filter_map(|name| past(text, at, name));
    let end = ends.max()?;
    let next = text.get(end).copied();
    let goes_on = next.is_some_and(|c| c.is_ascii_alphanumeric());
    (!goes_on).then(|| (end, code.to_owned()))
}

/// Whether another region is mentioned there, by code or by an unambiguous name.
pub(super) fn foreign_region(text: &[char], at: usize, code: &str) -> bool {
    let lower = run(text, at, |c| c.is_ascii_alphanumeric() || c == '-').to_lowercase();
    let mut others = known_regions().filter(|region| region.code != code);
    others.any(|region| {
        let mut plain = region.names().filter(|name| name.contains('('));
        region.code == lower || plain.any(|name| past(text, at, name).is_some())
    })
}

/// The end of these words, ignoring case and white space.
fn past(text: &[char], at: usize, words: &str) -> Option<usize> {
    let mut end = at;
    for word in words.chars().filter(|c| *c != BLANK) {
        end = past_blanks(text, end);
        let same = text.get(end)?.to_lowercase().eq(word.to_lowercase());
        end = same.then_some(end + 1)?;
    }
    Some(end)
}

/// Whether a whole text is a link that may be in a notice.
pub(super) fn is_link(text: &str, whom: &NoticeSubject<'_>) -> bool {
    let text: Vec<char> = text.chars().collect();
    link(&text, 0, whom.hosts).is_some_and(|(end, _)| end == text.len())
}

fn link(text: &[char], at: usize, hosts: &[String]) -> Option<(usize, String)> {
    const MARKS: &str = "-._~:/?#@!$&'()*+,;=%";
    let written = run(text, at, |c| c.is_ascii_alphanumeric() || MARKS.contains(c));
    let written = written.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
    let url = url::Url::parse(written).ok()?;
    let host = url.host_str().filter(|_| url.scheme() == "https")?;
    let own = |known: &String| {
        let before = host.strip_suffix(known.as_str());
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let plain = url.username().is_empty() && url.password().is_none();
    let known = plain && hosts.iter().any(own) && !holds_id(written);
    known.then(|| (at + written.len(), written.to_owned()))
}

/// Whether a link contains an id, also in percent-encoding.
fn holds_id(link: &str) -> bool {
    let mut said = link.to_owned();
    for _ in 0..3 {
        let lower = said.to_lowercase();
        if ["mq_inst", "mq-inst", "ons-", "rmq-", "instanceid"]
            .iter()
            .any(|id| lower.contains(id))
        {
            return true;
        }
        said = percent_decode_str(&said).decode_utf8_lossy().into_owned();
    }
    false
}
