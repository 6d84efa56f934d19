//! What a notice says: as far as it is understood, and else as far as words in it tell.

use chrono_tz::Tz;

use super::NoticeKind;
use super::dates::date;
use super::message::Message;
use super::normal::Normal;
use super::said::{Searched, Veto, different, ids, names};
use super::slots::Slot;
use super::wording::Understood;
use crate::domain::Timestamp;
use crate::domain::instance::Instance;

/// The longest message that is understood, in characters. What is longer is raised: it may say more than was read.
pub const LONGEST_READ: usize = 65_536;

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What it announces.
    pub kind: NoticeKind,
    /// The different ids it names, as written, and the names of what came with it and could not be read.
    pub ids: Vec<String>,
    /// The different names it gives to instances.
    pub names: Vec<String>,
    /// The different dates in it; `None` for one that is no date of the calendar.
    pub dates: Vec<Option<Timestamp>>,
    /// What it was understood to say. Only then can it mean nothing.
    pub understood: Option<Understood>,
}

/// Whether it stands among the ids for something that could not be read: no id has a blank.
pub fn is_unread(named: &str) -> bool {
    named.contains(' ')
}

impl Read {
    /// Looks for what can be told of any text: ids, names, full dates, and words that make it louder.
    pub fn of(message: &Message, zone: Tz) -> Self {
        let text: String = message.text().chars().take(LONGEST_READ).collect();
        let text = Normal::of(&text);
        let mut all = ids(&text);
        all.extend(message.unread.iter().cloned());
        Self {
            kind: kind(&text),
            ids: different(all.into_iter()),
            names: names(&text),
            dates: dates(&text, zone),
            understood: None,
        }
    }

    /// Takes in what the message was understood to say.
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

    /// Whether every id in it is one of this instance's: its own, and the one that the refund list shows.
    pub fn names_only(&self, instance: &Instance) -> bool {
        let commodity = instance.commodity_id.value();
        let own = |id: &String| {
            *id == instance.id.as_str() || commodity.is_some_and(|known| *id == known.as_str())
        };
        self.ids.len() == 1 || !self.ids.is_empty() && self.ids.iter().all(own)
    }

    /// Whether an id stands in it.
    pub fn names_id(&self, id: &str) -> bool {
        self.ids.iter().any(|written| written == id)
    }

    /// When what it announces is to happen, as far as it was understood.
    pub fn date(&self, slot: Slot) -> Option<Timestamp> {
        self.understood.as_ref()?.slots.date(slot)
    }
}

/// What a text seems to announce: the worst of what it speaks of.
fn kind(text: &Normal) -> NoticeKind {
    let said = Searched::of(&text.text());
    let (expires, expired) = said.of_expiry();
    if said.is_of_something_gone() || said.may_be_of_something_gone() {
        NoticeKind::Gone
    } else if expires {
        NoticeKind::Expiry
    } else if said.of_release() {
        NoticeKind::Release
    } else if expired {
        NoticeKind::Expiry
    } else {
        NoticeKind::Other
    }
}

/// The full dates in a text.
fn dates(text: &Normal, zone: Tz) -> Vec<Option<Timestamp>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.chars.len() {
        let before = at.checked_sub(1).and_then(|at| text.chars.get(at));
        let begins = !before.is_some_and(char::is_ascii_alphanumeric);
        let read = begins.then(|| date(&text.chars, at, zone)).flatten();
        at = read.map_or(at + 1, |read| read.end);
        found.extend(read.map(|read| Some(read.at)));
    }
    different(found.into_iter())
}
