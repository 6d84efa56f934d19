//! What is understood: wordings of the configuration, and those that a workspace was taught. A text that is not wholly one
//! of them says something that nobody has vouched for.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::dates::{holds_date, is_of_a_date};
use super::filed::NoticeRecord;
use super::message::{Message, Part, Unit};
use super::normal::{BREAK, Normal};
use super::said::{Veto, objections, vetoes};
use super::slots::{NoticeSubject, Slot, SlotSet};
use super::template::{Match, Template, TemplateError, different, past_blanks, past_stop};
use super::{LONGEST_READ, NoticeKind};
use crate::domain::Timestamp;
use crate::domain::id::{CommodityId, is_of_a_region};
use crate::domain::instance::{Instance, words};

/// How many greetings a text may begin with.
const GREETINGS: usize = 2;

/// What a wording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WordingKind {
    /// It announces a release.
    Release,
    /// It announces an expiry.
    Expiry,
    /// It announces something else. It is never suppressed.
    Other,
    /// It stands before what is announced.
    Greeting,
    /// It stands behind what is announced.
    Tail,
    /// It stands at the end.
    Signature,
}

words!(WordingKind {
    Release = "release",
    Expiry = "expiry",
    Other = "other",
    Greeting = "greeting",
    Tail = "tail",
    Signature = "signature",
});

impl WordingKind {
    /// What a text of it announces, if it announces anything.
    pub const fn announces(self) -> Option<NoticeKind> {
        match self {
            Self::Release => Some(NoticeKind::Release),
            Self::Expiry => Some(NoticeKind::Expiry),
            Self::Other => Some(NoticeKind::Other),
            Self::Greeting | Self::Tail | Self::Signature => None,
        }
    }
}

/// A text that somebody vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    pub kind: WordingKind,
    /// What it looks like.
    pub template: Template,
    /// Which subjects it may come under. A message without a subject needs none.
    pub subjects: Vec<Template>,
}

impl Wording {
    /// Reads a wording as it is written in the configuration or kept in the database.
    ///
    /// # Errors
    /// [`TemplateError`], also of one that announces something of no instance.
    pub fn parse(
        kind: WordingKind,
        template: &str,
        subjects: &[String],
    ) -> Result<Self, TemplateError> {
        let template = Template::parse(template)?;
        if kind.announces().is_some() && !template.has(&[Slot::Instance, Slot::Commodity]) {
            return Err(TemplateError::NoInstance);
        }
        // A subject labels what is under it.
        if !template.names_have_place() {
            return Err(TemplateError::NameAlone);
        }
        let subjects = subjects.iter().map(|subject| Template::parse(subject));
        Ok(Self {
            kind,
            template,
            subjects: subjects.collect::<Result<_, _>>()?,
        })
    }

    /// Whether a word, in lower case, is one of its own.
    pub(super) fn says(&self, word: &str) -> bool {
        let subjects = self.subjects.iter();
        std::iter::once(&self.template)
            .chain(subjects)
            .any(|template| template.says(word))
    }
}

/// A wording that a workspace was taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taught {
    /// Its number in the workspace.
    pub number: u64,
    /// What was taught.
    pub wording: Wording,
}

/// The wordings of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wordings {
    /// In the order of the file.
    pub shipped: Vec<Wording>,
    /// The hosts, with those below them, that links in notices may lead to.
    pub hosts: Vec<String>,
    /// The keys of HTTP that the vendor's own messages come with, unchanged.
    pub vendor_keys: Vec<String>,
    /// The watched channels that they reach.
    pub vendor_channels: Vec<String>,
}

impl Wordings {
    /// Whether wordings of a notice may be taught: people handed it in, or the configuration vouches for what it came
    /// through.
    pub fn vouches_for(&self, filed: &NoticeRecord) -> bool {
        let is = |all: &[String], one: &str| all.iter().any(|known| known == one);
        match (filed.http_key(), filed.channel_message()) {
            (Some(key), _) => is(&self.vendor_keys, key),
            (None, Some((channel, _))) => is(&self.vendor_channels, channel),
            (None, None) => true,
        }
    }
}

/// Which wording a text was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The one of the configuration with this template.
    Shipped(String),
    /// The one that the workspace was taught under this number.
    Taught(u64),
}

/// What a message was understood to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understood {
    /// What it announces.
    pub kind: NoticeKind,
    /// By which wordings: one, unless its parts are worded differently.
    pub by: Vec<Which>,
    pub slots: SlotSet,
    /// What forbids to suppress it nevertheless.
    pub vetoes: Vec<Veto>,
    /// Its words without its slots; not kept.
    #[serde(skip)]
    pub words: String,
}

impl Understood {
    /// What forbids to suppress it, each with the words that it lies in, where they are still there.
    pub fn objections(&self) -> Vec<Objection> {
        let has = |slot: Slot| self.slots.get(slot).is_some();
        let dated = has(Slot::ReleaseDate) || has(Slot::ExpiryDate);
        let found = objections(&self.words, dated);
        let each = self.vetoes.iter().map(|veto| {
            let said = found.iter().find(|(other, _)| other == veto);
            Objection {
                veto: *veto,
                said: said.and_then(|(_, said)| said.clone()),
            }
        });
        each.collect()
    }
}

/// What forbids to suppress a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub veto: Veto,
    /// The words that it lies in.
    pub said: Option<String>,
}

/// Everything a message is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Lexicon<'a> {
    /// The configuration's.
    pub wordings: &'a Wordings,
    /// The workspace's own.
    pub taught: &'a [Taught],
    /// The zone of dates without one.
    pub zone: Tz,
}

/// A way to read a unit whole.
struct WholeReading {
    kind: NoticeKind,
    which: Which,
    slots: SlotSet,
    /// Its words without its slots.
    rest: String,
}

impl<'a> Lexicon<'a> {
    /// The one instance that a message is about, with what its slots are compared with. `commodity` is its commodity id where
    /// no other instance claims it.
    pub fn whom(
        &self,
        instance: &'a Instance,
        commodity: Option<&'a CommodityId>,
        received: Timestamp,
    ) -> NoticeSubject<'a> {
        let tells_apart = |name: &&str| self.tells_apart(name);
        NoticeSubject {
            instance,
            commodity,
            names: instance.names().map(|name| name.filter(tells_apart)),
            zone: self.zone,
            today: self.day(received),
            hosts: &self.wordings.hosts,
        }
    }

    /// Whether a name can be nothing else in a text: some word of it is none that texts are made of, and no value of a slot.
    fn tells_apart(&self, name: &str) -> bool {
        let name = Normal::of(name);
        let plain = !name.odd && !name.chars.contains(&BREAK) && !holds_date(&name, self.zone);
        let text = name.text().to_lowercase();
        let part = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
        let mut words = text.split(part).filter(|word| !word.is_empty());
        plain && words.any(|word| !self.is_common(word))
    }

    /// Whether a word, in lower case, is one of a wording, or may be a value, or speaks against suppressing.
    fn is_common(&self, word: &str) -> bool {
        let worded = || self.each().any(|(_, wording)| wording.says(word));
        let hosts = self.wordings.hosts.iter();
        let host = || {
            hosts
                .clone()
                .flat_map(|host| host.split('.'))
                .any(|part| part == word)
        };
        let compound = word.is_ascii() && !word.chars().all(char::is_alphabetic);
        let spoken = || vetoes(word, false).iter().any(|veto| *veto != Veto::Digits);
        !word.chars().any(char::is_alphabetic)
            || is_of_a_region(word)
            || is_of_a_date(word)
            || host()
            || worded()
            || (!compound && spoken())
    }

    fn day(&self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    fn each(&self) -> impl Iterator<Item = (Which, &'a Wording)> + use<'a> {
        let shipped = self.wordings.shipped.iter();
        let shipped = shipped.map(|wording| {
            let source = wording.template.source().to_owned();
            (Which::Shipped(source), wording)
        });
        let taught = self.taught.iter();
        shipped.chain(taught.map(|one| (Which::Taught(one.number), &one.wording)))
    }

    fn of_kind(&self, kind: WordingKind) -> impl Iterator<Item = &'a Wording> + use<'a> {
        self.each()
            .map(|(_, wording)| wording)
            .filter(move |wording| wording.kind == kind)
    }

    /// What a message says, where every unit of it is understood and all of them say the same; `None` else.
    pub fn understand(&self, message: &Message, whom: &NoticeSubject<'_>) -> Option<Understood> {
        let long = message
            .units
            .iter()
            .map(|unit| unit.text.chars().count())
            .sum::<usize>()
            > LONGEST_READ;
        if long || !message.unread.is_empty() {
            return None;
        }
        let subject = |unit: &&Unit| unit.part == Part::Subject;
        let mut readings = Vec::new();
        for unit in message.units.iter().filter(|unit| !subject(unit)) {
            readings.push(self.read(&unit.text, whom)?);
        }
        let first = readings.first()?;
        let (kind, first) = (first.kind, first.slots.clone());
        let alike = readings
            .iter()
            .all(|reading| reading.kind == kind && reading.slots.is_alike(&first));
        if !alike {
            return None;
        }
        let mut slots = readings
            .iter()
            .try_fold(first, |all, reading| all.joined(&reading.slots))?;
        let mut rest: Vec<String> = readings
            .iter()
            .map(|reading| reading.rest.clone())
            .collect();
        let mut by: Vec<Which> = readings.into_iter().map(|reading| reading.which).collect();
        by.sort();
        by.dedup();
        for unit in message.units.iter().filter(subject) {
            let text = Normal::of(&unit.text);
            if text.chars.is_empty() {
                continue;
            }
            let (found, left) = self.subject(&text, &by, whom)?;
            slots = slots.joined(&found)?;
            rest.push(left);
        }
        if !self.days_fit(kind, &slots, whom) {
            return None;
        }
        let dated = slots.get(Slot::ReleaseDate).is_some() || slots.get(Slot::ExpiryDate).is_some();
        let words = rest.join("\n");
        Some(Understood {
            kind,
            by,
            vetoes: vetoes(&words, dated),
            slots,
            words,
        })
    }

    /// The days that are left must lead to the date.
    fn days_fit(&self, kind: NoticeKind, slots: &SlotSet, whom: &NoticeSubject<'_>) -> bool {
        let Some(days) = slots.get(Slot::Days) else {
            return true;
        };
        let (first, second) = match kind {
            NoticeKind::Expiry => (Slot::ExpiryDate, Slot::ReleaseDate),
            NoticeKind::Release | NoticeKind::Gone | NoticeKind::Other => {
                (Slot::ReleaseDate, Slot::ExpiryDate)
            }
        };
        let date = slots.date(first).or_else(|| slots.date(second));
        date.is_some_and(|date| {
            let left = (self.day(date) - whom.today).num_days();
            days.parse::<i64>() == Ok(left)
        })
    }

    /// The one way to read a text from beginning to end; `None` when there is none, or several that say different things.
    fn read(&self, text: &str, whom: &NoticeSubject<'_>) -> Option<WholeReading> {
        let text = Normal::of(text);
        if text.odd {
            return None;
        }
        let starts = self.greeted(&text.chars, whom);
        let mut found: Option<WholeReading> = None;
        for (which, wording) in self.each() {
            let Some(kind) = wording.kind.announces() else {
                continue;
            };
            let said = wording.template.follow(&text.chars, starts.clone(), whom);
            for way in self.closed(&text.chars, said, whom) {
                let named = way
                    .slots
                    .get(Slot::Instance)
                    .or(way.slots.get(Slot::Commodity));
                match &found {
                    _ if named.is_none() => return None,
                    Some(other) if other.kind == kind && other.slots.same(&way.slots) => {}
                    Some(_) => return None,
                    None => {
                        let rest = rest(&text.chars, &way.slots);
                        found = Some(WholeReading {
                            kind,
                            which: which.clone(),
                            slots: way.slots,
                            rest,
                        });
                    }
                }
            }
        }
        found
    }

    /// Where what is announced may begin: behind no greeting, or a few.
    fn greeted(&self, text: &[char], whom: &NoticeSubject<'_>) -> Vec<Match> {
        let start = Match {
            at: 0,
            slots: SlotSet::default(),
        };
        let mut all = vec![start.clone()];
        let mut last = vec![start];
        for _ in 0..GREETINGS {
            last = self
                .of_kind(WordingKind::Greeting)
                .flat_map(|greeting| greeting.template.follow(text, last.clone(), whom))
                .map(|way| behind(text, way))
                .collect();
            different(&mut last);
            all.extend(last.iter().cloned());
        }
        different(&mut all);
        all
    }

    /// The ways that end with the text: behind a tail and a signature, or without.
    fn closed(&self, text: &[char], said: Vec<Match>, whom: &NoticeSubject<'_>) -> Vec<Match> {
        let mut ways = said;
        for kind in [WordingKind::Tail, WordingKind::Signature] {
            let next: Vec<Match> = ways.iter().map(|way| behind(text, way.clone())).collect();
            let more = self
                .of_kind(kind)
                .flat_map(|wording| wording.template.follow(text, next.clone(), whom));
            ways.extend(more);
            different(&mut ways);
        }
        ways.retain(|way| past_stop(text, way.at) == text.len());
        ways
    }

    /// What a subject holds, where one of these wordings comes under it.
    fn subject(
        &self,
        text: &Normal,
        by: &[Which],
        whom: &NoticeSubject<'_>,
    ) -> Option<(SlotSet, String)> {
        if text.odd {
            return None;
        }
        let start = Match {
            at: 0,
            slots: SlotSet::default(),
        };
        self.each()
            .filter(|(which, _)| by.contains(which))
            .flat_map(|(_, wording)| &wording.subjects)
            .flat_map(|subject| subject.follow(&text.chars, vec![start.clone()], whom))
            .find(|way| past_stop(&text.chars, way.at) == text.chars.len())
            .map(|way| {
                let left = rest(&text.chars, &way.slots);
                (way.slots, left)
            })
    }
}

/// Behind a full stop and to the next part, if one begins.
fn behind(text: &[char], mut way: Match) -> Match {
    way.at = past_stop(text, way.at);
    if text.get(way.at) == Some(&BREAK) {
        way.at = past_blanks(text, way.at + 1);
    }
    way
}

/// A text without what its slots hold.
fn rest(text: &[char], slots: &SlotSet) -> String {
    let held = |at: usize| slots.spans.iter().any(|span| span.contains(&at));
    text.iter()
        .enumerate()
        .map(|(at, c)| if held(at) { ' ' } else { *c })
        .collect()
}
