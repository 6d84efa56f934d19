//! What varies from one notice of a wording to the next: ids, names, dates. Each has a closed form.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;
use chrono_tz::Tz;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::dates::date;
use super::normal::{BLANK, Normal};
use super::template::past_blanks;
use crate::domain::Timestamp;
use crate::domain::id::{CommodityId, REGIONS};
use crate::domain::instance::{Instance, words};

/// What a template leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The full id of the instance.
    Instance,
    /// Its commodity id, where no other instance has it too.
    Commodity,
    Name,
    /// Its region, by code or by a name of the vendor's.
    Region,
    /// The vendor account in its id.
    Account,
    /// When it is to be released.
    ReleaseDate,
    ExpiryDate,
    /// When the notice was sent: the day on which it came, or the day beside it.
    SentDate,
    /// How many days are left until the date.
    Days,
    /// A link to a host of the configuration, without an id in it.
    Link,
}

words!(Slot {
    Instance = "instance",
    Commodity = "commodity",
    Name = "name",
    Region = "region",
    Account = "account",
    ReleaseDate = "release_date",
    ExpiryDate = "expiry_date",
    SentDate = "sent_date",
    Days = "days",
    Link = "link",
});

/// The one instance that a notice is about, and what its slots are compared with.
#[derive(Debug, Clone, Copy)]
pub struct NoticeSubject<'a> {
    /// The instance, as it is known.
    pub instance: &'a Instance,
    /// Its commodity id, where no other instance claims it.
    pub commodity: Option<&'a CommodityId>,
    /// What it is called, here and by the last listing, where that tells it apart: none of the words that notices are made
    /// of.
    pub names: [Option<&'a str>; 2],
    /// The zone of dates without one.
    pub zone: Tz,
    /// The day of the notice there.
    pub today: NaiveDate,
    /// The hosts that links may lead to.
    pub hosts: &'a [String],
}

/// What the slots of a text hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotSet {
    values: BTreeMap<Slot, String>,
    /// Where in the text they stand.
    #[serde(skip)]
    pub(super) spans: Vec<Range<usize>>,
}

impl SlotSet {
    /// What a slot holds.
    pub fn get(&self, slot: Slot) -> Option<&str> {
        self.values.get(&slot).map(String::as_str)
    }

    /// What every slot holds.
    pub const fn values(&self) -> &BTreeMap<Slot, String> {
        &self.values
    }

    /// The instant in a slot that holds one.
    pub fn date(&self, slot: Slot) -> Option<Timestamp> {
        self.get(slot)?.parse().ok()
    }

    /// With one more; `None` when the slot holds something else already.
    pub(super) fn with(mut self, slot: Slot, value: String, span: Range<usize>) -> Option<Self> {
        let held = self.values.entry(slot).or_insert_with(|| value.clone());
        let same = *held == value;
        self.spans.push(span);
        same.then_some(self)
    }

    /// Whether another one holds the same, wherever it stands.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.values == other.values
    }

    /// Whether another text fills its slots alike: what announces the same in two forms says the same of whom and when.
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

    /// Takes in what another text of the same message holds; `None` when it holds something else.
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
    /// Every slot, as a template has it.
    pub(super) fn all() -> String {
        let each = Self::WORDS.iter().map(|(word, _)| format!("`{{{word}}}`"));
        each.collect::<Vec<_>>().join(", ")
    }

    /// What it holds where the text goes on at a place, and where that ends.
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
            Self::Region => region(text, at, instance.region.as_str()),
            Self::Account => {
                let uid = instance.id.as_str().split('_').nth(2)?;
                whole(text, at, uid, is_of_id)
            }
            Self::ReleaseDate | Self::ExpiryDate => {
                let found = date(text, at, whom.zone)?;
                Some((found.end, found.at.to_rfc3339()))
            }
            Self::SentDate => {
                let found = date(text, at, whom.zone)?;
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

/// The characters from a place on that are of a kind.
fn run(text: &[char], at: usize, of: impl Fn(char) -> bool) -> String {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().copied().take_while(|c| of(*c)).collect()
}

const fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*')
}

/// A value that stands there whole.
fn whole(
    text: &[char],
    at: usize,
    value: &str,
    of: impl Fn(char) -> bool,
) -> Option<(usize, String)> {
    (run(text, at, of) == value).then(|| (at + value.len(), value.to_owned()))
}

/// Whether a name ends there, and no longer one goes on.
fn ends(text: &[char], end: usize) -> bool {
    let goes_on = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let last = end.checked_sub(1).and_then(|at| text.get(at));
    let next = text.get(end);
    // Chinese is written without blanks.
    let latin = |c: Option<&char>| c.is_some_and(|c| c.is_ascii());
    !(next.is_some_and(goes_on) && (latin(next) || !latin(last)))
}

/// A name that stands there whole.
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
    let (_, names) = REGIONS.iter().find(|(known, _)| *known == code)?;
    let ends = names.iter().filter_map(|name| past(text, at, name));
    let end = ends.max()?;
    let next = text.get(end).copied();
    let goes_on = next.is_some_and(|c| c.is_ascii_alphanumeric());
    (!goes_on).then(|| (end, code.to_owned()))
}

/// Whether another region than this stands there, by its code or by a name that can mean nothing else.
pub(super) fn foreign_region(text: &[char], at: usize, code: &str) -> bool {
    let lower = run(text, at, |c| c.is_ascii_alphanumeric() || c == '-').to_lowercase();
    let others = REGIONS.iter().filter(|(known, _)| *known != code);
    let named = |names: &[&str]| {
        let plain = names.iter().filter(|name| name.contains('('));
        plain.into_iter().any(|name| past(text, at, name).is_some())
    };
    others
        .into_iter()
        .any(|(known, names)| *known == lower || named(names))
}

/// Behind words that stand there, whatever their case and white space.
fn past(text: &[char], at: usize, words: &str) -> Option<usize> {
    let mut end = at;
    for word in words.chars().filter(|c| *c != BLANK) {
        end = past_blanks(text, end);
        let same = text.get(end)?.to_lowercase().eq(word.to_lowercase());
        end = same.then_some(end + 1)?;
    }
    Some(end)
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

/// Whether a link names something, also in the disguise of an encoding.
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
