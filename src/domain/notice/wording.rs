//! The understanding of texts by the wordings of the configuration and of the workspace. A text that does not match one entirely
//! contains something nobody has vouched for.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::dates::{holds_date, is_of_a_date};
use super::filed::NoticeRecord;
use super::message::{Message, Part, Unit};
use super::normal::{BREAK, Normal};
use super::place::stands_as_name;
use super::said::{Veto, objections, vetoes};
use super::slots::{NoticeSubject, Slot, SlotSet, is_link};
use super::template::{Match, Template, TemplateError, different, past_blanks, past_stop};
use super::{LONGEST_READ, NoticeKind};
use crate::Timestamp;
use crate::id::{CommodityId, is_of_a_region};
use crate::instance::Instance;
use crate::words::words;
use crate::written::lists;

/// Words that count, join or deny: what has one is no plain name.
const COUNTING: &str = "all both some any none no not and or plus more most other others rest two three four five six seven \
    eight nine ten now soon every each either neither except only";
/// The maximum number of greetings before the announcement.
const GREETINGS: usize = 2;

words! {
    /// The kind of a wording.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum WordingKind {
        /// Announces a release.
        Release = "release",
        /// Announces an expiry.
        Expiry = "expiry",
        /// Announces something else, and is never suppressed.
        Other = "other",
        /// Precedes the announcement.
        Greeting = "greeting",
        /// Follows the announcement.
        Tail = "tail",
        /// At the end of the text.
        Signature = "signature",
    }
}

impl WordingKind {
    /// The kind of notice that it announces, if any.
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
    pub template: Template,
    /// The subjects it may have. A message without a subject needs none.
    pub subjects: Vec<Template>,
}

impl Wording {
    /// Parses a wording from the configuration or the database.
    ///
    /// # Errors
    /// [`TemplateError`], also for an announcement without an instance.
    pub fn parse(
        kind: WordingKind,
        template: &str,
        subjects: &[String],
    ) -> Result<Self, TemplateError> {
        let template = Template::parse(template)?;
        if kind.announces().is_some() && !template.has(&[Slot::Instance, Slot::Commodity]) {
            return Err(TemplateError::NoInstance);
        }
        // A subject labels the text under it.
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

    /// Whether it contains a lower-case word.
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
    pub wording: Wording,
}

/// The wordings of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wordings {
    /// In the order of the file.
    pub shipped: Vec<Wording>,
    /// The allowed hosts of links, including their subdomains.
    pub hosts: Vec<String>,
    /// The HTTP keys that deliver the vendor's own messages, unchanged.
    pub vendor_keys: Vec<String>,
    /// The watched channels that deliver the vendor's own messages.
    pub vendor_channels: Vec<String>,
}

impl Wordings {
    /// Whether a wording of the configuration has this as a word of its own, in the form in which names are compared.
    pub fn has_word(&self, word: &str) -> bool {
        self.shipped.iter().any(|wording| wording.says(word))
    }

    /// Whether the wording of a notice may be taught: a person filed it, or the configuration trusts its source.
    pub fn vouches_for(&self, filed: &NoticeRecord) -> bool {
        let is = |all: &[String], one: &str| all.iter().any(|known| known == one);
        match (filed.http_key(), filed.channel_message()) {
            (Some(key), _) => is(&self.vendor_keys, key),
            (None, Some((channel, _))) => is(&self.vendor_channels, channel),
            (None, None) => true,
        }
    }
}

/// The wording that a text matches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// A wording of the configuration, by its template.
    Shipped(String),
    /// A taught wording, by its number.
    Taught(u64),
}

/// The meaning of a message that is understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understood {
    pub kind: NoticeKind,
    /// The matched wordings: one, unless the parts of the message match different ones.
    pub by: Vec<Which>,
    pub slots: SlotSet,
    /// The vetoes against suppression.
    pub vetoes: Vec<Veto>,
    /// Its words outside the slots; not stored.
    #[serde(skip)]
    pub words: String,
    /// The words of its headers; not stored.
    #[serde(skip)]
    pub headers: String,
    /// The name of another tracked instance in it; not stored.
    #[serde(skip)]
    pub other_name: Option<String>,
}

impl Understood {
    /// Whether this may be the name of an instance among its words, in the form in which names are compared. What a wording of the
    /// configuration matched as its own word names nothing. Its words in a taught text name nothing either, unless they stand where
    /// names stand.
    pub fn may_name(&self, name: &str, wordings: &Wordings) -> bool {
        let taught = self
            .by
            .iter()
            .any(|which| matches!(which, Which::Taught(_)));
        let as_name = || stands_as_name(&self.words.to_lowercase(), name);
        taught && (!wordings.has_word(name) || as_name())
    }

    /// The vetoes, each with the words it was found by.
    pub fn objections(&self) -> Vec<Objection> {
        let has = |slot: Slot| self.slots.get(slot).is_some();
        let dated = has(Slot::ReleaseDate) || has(Slot::ExpiryDate);
        let found = objections(&self.words, dated);
        let each = self.vetoes.iter().map(|veto| {
            let said = found.iter().find(|(other, _)| other == veto);
            let name = self.other_name.clone().filter(|_| *veto == Veto::Name);
            Objection {
                veto: *veto,
                said: said.and_then(|(_, said)| said.clone()).or(name),
            }
        });
        each.collect()
    }
}

/// A veto against suppression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub veto: Veto,
    /// The words it was found by.
    pub said: Option<String>,
}

/// The wordings that a message is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Lexicon<'a> {
    /// From the configuration.
    pub wordings: &'a Wordings,
    /// Taught to the workspace.
    pub taught: &'a [Taught],
    /// The zone of dates without one.
    pub zone: Tz,
}

/// A match of a whole unit.
struct WholeReading {
    kind: NoticeKind,
    which: Which,
    slots: SlotSet,
    /// Its words outside the slots.
    rest: String,
}

impl<'a> Lexicon<'a> {
    /// The only instance of a message, with the values that its slots are compared with. `commodity` is its commodity id if no
    /// other instance claims it.
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

    /// Whether a name is unambiguous in a text: at least one word of it is neither common in texts nor a possible slot value, and
    /// none counts, or would be a veto as a word of the text.
    fn tells_apart(&self, name: &str) -> bool {
        let name = Normal::of(name);
        let plain = !name.odd && !name.chars.contains(&BREAK) && !holds_date(&name, self.zone);
        let text = name.text().to_lowercase();
        let part = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
        let mut words = text.split(part).filter(|word| !word.is_empty());
        let counts = |word: &str| lists(COUNTING, word) || !is_compound(word) && is_spoken(word);
        plain
            && !text.starts_with(['与', '與', '及'])
            && !words.clone().any(counts)
            && words.any(|word| !self.is_common(word))
    }

    /// Whether a lower-case word is in a wording, a possible slot value, or in a veto.
    fn is_common(&self, word: &str) -> bool {
        let worded = || self.each().any(|(_, wording)| wording.says(word));
        let hosts = self.wordings.hosts.iter();
        let host = || {
            hosts
                .clone()
                .flat_map(|host| host.split('.'))
                .any(|part| part == word)
        };
        !word.chars().any(char::is_alphabetic)
            || is_of_a_region(word)
            || is_of_a_date(word)
            || host()
            || worded()
            || (!is_compound(word) && is_spoken(word))
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

    /// Every wording, whatever its kind.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Wording> + use<'a> {
        self.each().map(|(_, wording)| wording)
    }

    /// Whether a subject belongs to any wording.
    pub(super) fn reads_subject(&self, text: &Normal, whom: &NoticeSubject<'_>) -> bool {
        let by: Vec<Which> = self.each().map(|(which, _)| which).collect();
        self.subject(text, &by, whom).is_some()
    }

    fn of_kind(&self, kind: WordingKind) -> impl Iterator<Item = &'a Wording> + use<'a> {
        self.all().filter(move |wording| wording.kind == kind)
    }

    /// The meaning of a message; `None` unless every unit is understood and all agree.
    pub fn understand(&self, message: &Message, whom: &NoticeSubject<'_>) -> Option<Understood> {
        let long = message
            .texts()
            .map(|unit| unit.text.chars().count())
            .sum::<usize>()
            > LONGEST_READ;
        if long || !message.unread.is_empty() || !message.links().all(|to| is_link(to, whom)) {
            return None;
        }
        let subject = |unit: &&Unit| unit.part == Part::Subject;
        let mut readings = Vec::new();
        // Who forwards a message puts nothing above it but what their program for mail adds, in each form of it.
        let mut adds_nothing = false;
        for unit in message.texts().filter(|unit| !subject(unit)) {
            let is_own = match unit.part {
                Part::Body => true,
                Part::Alternative => adds_nothing,
                Part::Subject | Part::Forwarded | Part::Attachment | Part::Link => false,
            };
            adds_nothing = is_own && self.is_signature(&unit.text, whom);
            if adds_nothing {
                continue;
            }
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
        for unit in message.texts().filter(subject) {
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
            headers: message.headers.join("\n"),
            other_name: None,
        })
    }

    /// Whether the number of days leads to the date.
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

    /// The only match of a whole text; `None` when there is none, or several that differ.
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
            let said = wording
                .template
                .follow_matches(&text.chars, starts.clone(), whom);
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
                        let rest = rest_of_text(&text.chars, &way.slots);
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

    /// Whether a text is a signature and nothing else.
    fn is_signature(&self, text: &str, whom: &NoticeSubject<'_>) -> bool {
        let text = Normal::of(text);
        let start = Match {
            at: 0,
            slots: SlotSet::default(),
        };
        let mut ways = self.of_kind(WordingKind::Signature).flat_map(|wording| {
            wording
                .template
                .follow_matches(&text.chars, vec![start.clone()], whom)
        });
        !text.odd
            && ways.any(|way| way.at > 0 && past_stop(&text.chars, way.at) == text.chars.len())
    }

    /// The positions at which the announcement may begin: after no greeting, or a few.
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
                .flat_map(|greeting| greeting.template.follow_matches(text, last.clone(), whom))
                .map(|way| behind(text, way))
                .collect();
            different(&mut last);
            all.extend(last.iter().cloned());
        }
        different(&mut all);
        all
    }

    /// The matches that reach the end of the text, with or without a tail and a signature.
    fn closed(&self, text: &[char], said: Vec<Match>, whom: &NoticeSubject<'_>) -> Vec<Match> {
        let mut ways = said;
        for kind in [WordingKind::Tail, WordingKind::Signature] {
            let next: Vec<Match> = ways.iter().map(|way| behind(text, way.clone())).collect();
            let more = self
                .of_kind(kind)
                .flat_map(|wording| wording.template.follow_matches(text, next.clone(), whom));
            ways.extend(more);
            different(&mut ways);
        }
        ways.retain(|way| past_stop(text, way.at) == text.len());
        ways
    }

    /// The slots of a subject that belongs to one of these wordings.
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
            .flat_map(|subject| subject.follow_matches(&text.chars, vec![start.clone()], whom))
            .find(|way| past_stop(&text.chars, way.at) == text.chars.len())
            .map(|way| {
                let left = rest_of_text(&text.chars, &way.slots);
                (way.slots, left)
            })
    }
}

/// Whether a word has more than letters, such as `orders-2`.
fn is_compound(word: &str) -> bool {
    word.is_ascii() && !word.chars().all(char::is_alphabetic)
}

/// Whether a word would be a veto within a text.
fn is_spoken(word: &str) -> bool {
    vetoes(word, false).iter().any(|veto| *veto != Veto::Digits)
}

/// Advances past a full stop, and to the next part.
fn behind(text: &[char], mut way: Match) -> Match {
    way.at = past_stop(text, way.at);
    if text.get(way.at) == Some(&BREAK) {
        way.at = past_blanks(text, way.at + 1);
    }
    way
}

/// A text without its slots.
fn rest_of_text(text: &[char], slots: &SlotSet) -> String {
    let held = |at: usize| slots.spans.iter().any(|span| span.contains(&at));
    text.iter()
        .enumerate()
        .map(|(at, c)| if held(at) { ' ' } else { *c })
        .collect()
}
