//! The reading of a notice: as understood, else by the words in it.

use chrono_tz::Tz;

use super::NoticeKind;
use super::dates::{Dated, calendar_is_ahead, date};
use super::gone::are_of_something_gone;
use super::lines::with_stops;
use super::message::{Message, Part};
use super::normal::{Normal, without_format};
use super::said::{Searched, Veto, different, ids, names};
use super::slots::Slot;
use super::wording::Understood;
use crate::Timestamp;
use crate::id::{CommodityId, InstanceId};
use crate::instance::Instance;

/// The longest message that is understood, in characters. A longer one is raised.
pub const LONGEST_READ: usize = 65_536;
/// The longest message that is searched, in characters. What is behind is named as unread.
const LONGEST_SEARCHED: usize = 16 * LONGEST_READ;
/// How far a part of a long message reaches into the one before, in characters, so that no sentence is cut in both.
const OVERLAP: usize = 1_024;

/// The reading of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub kind: NoticeKind,
    /// The distinct ids, as written, and the names of unreadable parts.
    pub ids: Vec<String>,
    /// The distinct names of instances.
    pub names: Vec<String>,
    /// The distinct dates; `None` for one that is not in the calendar.
    pub dates: Vec<Option<Timestamp>>,
    /// The understood wording, required for a redundant notice.
    pub understood: Option<Understood>,
}

/// Whether an entry among the ids is an unreadable part: ids contain no blank.
pub fn is_unread(named: &str) -> bool {
    named.contains(' ')
}

impl Read {
    /// Extracts ids, names, full dates and the kind from any text that was received at this moment.
    pub fn of(message: &Message, zone: Tz, received: Timestamp) -> Self {
        let text: Vec<char> = without_format(&message.text()).chars().collect();
        let searched = text.get(..LONGEST_SEARCHED).unwrap_or(&text);
        let mut read = Self {
            kind: NoticeKind::Other,
            ids: Vec::new(),
            names: Vec::new(),
            dates: Vec::new(),
            understood: None,
        };
        for part in parts(searched) {
            read.add(&part.iter().collect::<String>(), zone, received);
        }
        if read.kind != NoticeKind::Gone && is_gone_below_subject(message, zone, received) {
            read.kind = NoticeKind::Gone;
        }
        read.ids.extend(message.unread.iter().cloned());
        if searched.len() < text.len() {
            read.ids.push(format!(
                "what is behind the first {LONGEST_SEARCHED} characters (not read)"
            ));
        }
        read.ids = different(read.ids.into_iter());
        read.names = different(read.names.into_iter());
        read.dates = different(read.dates.into_iter());
        read
    }

    /// Adds what a part of the text says.
    fn add(&mut self, text: &str, zone: Tz, received: Timestamp) {
        self.ids.extend(ids(&Normal::of(&apart(text))));
        let lines = Normal::of(&with_stops(text));
        let on_calendar = calendar_is_ahead(text, zone, received);
        let text = Normal::of(text);
        let dates = dates(&text, zone);
        let kind = kind(&text, &lines, on_calendar || is_ahead(&dates, received));
        if gravity(kind) > gravity(self.kind) {
            self.kind = kind;
        }
        self.names.extend(names(&text));
        self.dates.extend(dates);
    }

    /// Applies the understood wording.
    #[must_use]
    pub fn understood(mut self, understood: Option<Understood>) -> Self {
        if let Some(understood) = &understood {
            let gone = understood.vetoes.contains(&Veto::Gone);
            self.kind = if gone {
                NoticeKind::Gone
            } else {
                understood.kind
            };
            let slots = [Slot::ReleaseDate, Slot::ExpiryDate];
            let dates = slots.iter().filter_map(|slot| understood.slots.date(*slot));
            self.dates = different(dates.map(Some));
        }
        self.understood = understood;
        self
    }

    /// Whether every id belongs to this instance: its own, and the one in the refund list.
    pub fn names_only(&self, instance: &Instance) -> bool {
        let commodity = instance.commodity_id.value();
        let own = |id: &String| {
            *id == instance.id.as_str() || commodity.is_some_and(|known| *id == known.as_str())
        };
        // A commodity id may have been another one since, and was resolved to this instance when the notice came.
        let commodity = |id: &String| CommodityId::parse(id).is_ok();
        matches!(self.ids.as_slice(), [one] if commodity(one))
            || !self.ids.is_empty() && self.ids.iter().all(own)
    }

    /// Texts in the place of an id that are none of these ids.
    pub fn strange<'a>(&'a self, known: &'a [InstanceId]) -> impl Iterator<Item = &'a str> {
        let written = self.ids.iter().map(String::as_str);
        let is_known = |written: &&str| known.iter().any(|id| id.as_str() == *written);
        written.filter(move |written| InstanceId::begins(written) && !is_known(written))
    }

    pub fn names_id(&self, id: &str) -> bool {
        self.ids.iter().any(|written| written == id)
    }

    /// The date in a slot, if understood.
    pub fn date(&self, slot: Slot) -> Option<Timestamp> {
        self.understood.as_ref()?.slots.date(slot)
    }
}

fn is_ahead(dates: &[Option<Timestamp>], received: Timestamp) -> bool {
    dates.iter().flatten().any(|at| *at > received)
}

/// Whether a text below a subject says, on its own, that something is gone: a subject such as `Release notice` says only what
/// such messages are called.
fn is_gone_below_subject(message: &Message, zone: Tz, received: Timestamp) -> bool {
    let has_subject = message.texts().any(|unit| unit.part == Part::Subject);
    has_subject
        && message.texts().any(|unit| {
            let text = without_format(&unit.text);
            let text: Vec<char> = text.chars().take(LONGEST_SEARCHED).collect();
            unit.part != Part::Subject
                && parts(&text).any(|part| {
                    let part: String = part.iter().collect();
                    let text = Normal::of(&part);
                    let ahead = calendar_is_ahead(&part, zone, received)
                        || is_ahead(&dates(&text, zone), received);
                    kind(&text, &Normal::of(&with_stops(&part)), ahead) == NoticeKind::Gone
                })
        })
}

/// Which of the kinds that parts of a message have is that of the whole: the worst.
const fn gravity(kind: NoticeKind) -> u8 {
    match kind {
        NoticeKind::Other => 0,
        NoticeKind::Release => 1,
        NoticeKind::Expiry => 2,
        NoticeKind::Gone => 3,
    }
}

/// A long text in parts that are searched on their own.
fn parts(text: &[char]) -> impl Iterator<Item = &[char]> {
    let step = LONGEST_READ - OVERLAP;
    let more = text.len().saturating_sub(LONGEST_READ).div_ceil(step);
    (0..=more).filter_map(move |at| {
        let begin = at * step;
        text.get(begin..text.len().min(begin + LONGEST_READ))
    })
}

/// The apparent kind: the worst of those mentioned. A loss of which nobody says that it has happened is still to come if a date
/// is. `lines`: the text in which a line that ends a sentence has a full stop.
fn kind(text: &Normal, lines: &Normal, ahead: bool) -> NoticeKind {
    let (said, lines) = (Searched::of(&text.text()), Searched::of(&lines.text()));
    let (expires, expired) = said.of_expiry();
    let may_be_gone = said.may_be_of_something_gone()
        || lines.may_be_of_something_gone() && !said.announces_a_loss();
    if may_be_gone && !ahead || are_of_something_gone(&[&said, &lines]) {
        NoticeKind::Gone
    } else if expires {
        NoticeKind::Expiry
    } else if said.of_release() || may_be_gone {
        NoticeKind::Release
    } else if expired {
        NoticeKind::Expiry
    } else {
        said.in_plain_words().unwrap_or(NoticeKind::Other)
    }
}

/// A text with a blank before each raised or joined sign that is a letter or a digit once normalised, such as `¹` and `½`: none is
/// part of an id. What a font or a keyboard makes of a whole id (`ＭＱ`) stays.
fn apart(text: &str) -> String {
    let whole = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}');
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let joined = !c.is_ascii() && !whole(c);
        if joined && Normal::of(c.encode_utf8(&mut [0; 4])).begins_alphanumeric() {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// The full dates in a text.
fn dates(text: &Normal, zone: Tz) -> Vec<Option<Timestamp>> {
    different(dated(&text.chars, zone).map(|(_, read)| Some(read.at)))
}

/// The full dates in a text, each with its position.
fn dated(text: &[char], zone: Tz) -> impl Iterator<Item = (usize, Dated)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let begun = at;
            let before = begun.checked_sub(1).and_then(|at| text.get(at));
            let begins = !before.is_some_and(char::is_ascii_alphanumeric);
            let read = begins.then(|| date(text, begun, zone)).flatten();
            at = read.as_ref().map_or(begun + 1, |read| read.end);
            if let Some(read) = read {
                return Some((begun, read));
            }
        }
        None
    })
}
