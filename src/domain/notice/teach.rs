//! Teaching a wording: a text becomes a template. Its variable parts become slots, and the rest stays as words.

use std::fmt::Write as _;
use std::ops::Range;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::dates::{Dated, date};
use super::message::{Message, Part};
use super::normal::{BLANK, BREAK, Normal};
use super::place::{is_followed, is_led};
use super::said::speaks_of_a_loss;
use super::slots::{NoticeSubject, Slot, foreign_region, is_link, named};
use super::template::{Template, TemplateError, past_blanks};
use super::wording::{Lexicon, Taught, Understood, Which, Wording, WordingKind};
use crate::Timestamp;
use crate::words::words;

words! {
    /// The meaning of a date in a taught text.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum DateRole {
        /// The date of the release.
        Release = "release",
        Expiry = "expiry",
    }
}

impl DateRole {
    const fn slot(self) -> Slot {
        match self {
            Self::Release => Slot::ReleaseDate,
            Self::Expiry => Slot::ExpiryDate,
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Release => Self::Expiry,
            Self::Expiry => Self::Release,
        }
    }
}

/// The input of a person who teaches a wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lesson {
    /// Release, expiry or other.
    pub kind: WordingKind,
    /// The meaning of the first date; a single one is the announced date.
    pub first: Option<DateRole>,
}

/// A taught wording, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learnt {
    /// The body templates: one, unless the message has several formats.
    pub bodies: Vec<String>,
    /// The subject templates.
    pub subjects: Vec<String>,
}

/// The reason why a text cannot be taught.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unteachable {
    /// A part of it could not be read.
    #[error("something that came with it could not be read")]
    Unread,
    /// It contains an invisible character.
    #[error("it holds a character that does not show")]
    Odd,
    /// A part of it names no instance.
    #[error(
        "a part of it does not name the instance by its full id or commodity id, so it could be about any; hand in the vendor's own message, without what others wrote around it"
    )]
    NoInstance,
    /// A link has another host, or contains an id.
    #[error(
        "a link in it is not https to one of the hosts of the configuration (notices.link_hosts), or holds an id"
    )]
    Link,
    /// It names another region than the instance's.
    #[error("it names a region that is not the instance's as it is tracked")]
    Region,
    /// The name is at a position where it may be an ordinary word.
    #[error(
        "the instance's name also stands where it may be a word like any other: it has to stand beside the id or behind a label"
    )]
    Name,
    /// The name is a common word of notices.
    #[error(
        "it gives the instance's name, {0}, which is a word that notices are made of as well; teach this from a notice of an instance that is called otherwise"
    )]
    CommonName(String),
    /// Too many dates to distinguish.
    #[error(
        "it holds {0} different dates, and a release and an expiry are all that can be told apart"
    )]
    Dates(usize),
    /// Another weekday than its own stands beside a date.
    #[error("it gives a date with another weekday than its own, so one of the two is wrong")]
    Weekday,
    /// The meaning of the first date is required.
    #[error("it holds two dates: say what the first is, with --first release or --first expiry")]
    WhichDate,
    #[error("{0}")]
    Template(#[from] TemplateError),
    /// The resulting template does not match the text.
    #[error("what varies in it cannot be told from its words")]
    Unclear,
}

/// The units of a number of days.
const DAY_WORDS: &[&str] = &["day", "天", "日", "個", "个"];

impl Lesson {
    /// Makes a wording of a message about one instance, with its reading by that wording alone.
    ///
    /// # Errors
    /// [`Unteachable`].
    pub fn learn(
        self,
        message: &Message,
        lexicon: &Lexicon<'_>,
        whom: &NoticeSubject<'_>,
    ) -> Result<(Learnt, Understood), Unteachable> {
        if !message.unread.is_empty() {
            return Err(Unteachable::Unread);
        }
        if !message.links().all(|to| is_link(to, whom)) {
            return Err(Unteachable::Link);
        }
        let texts: Vec<(Part, Normal)> = message
            .texts()
            .map(|unit| (unit.part, Normal::of(&unit.text)))
            .filter(|(part, text)| *part != Part::Subject || !text.chars.is_empty())
            .collect();
        if texts.iter().any(|(_, text)| text.odd) {
            return Err(Unteachable::Odd);
        }
        let dates = self.dates(texts.iter().map(|(_, text)| text), whom)?;
        let mut learnt = Learnt {
            bodies: Vec::new(),
            subjects: Vec::new(),
        };
        for (part, text) in &texts {
            let mut writer = TemplateWriter::new(&text.chars, whom, &dates, self.kind);
            let all = match part {
                Part::Subject => {
                    writer.is_subject = true;
                    &mut learnt.subjects
                }
                Part::Body
                | Part::Alternative
                | Part::Forwarded
                | Part::Attachment
                | Part::Link => &mut learnt.bodies,
            };
            let template = writer.template()?;
            if !all.contains(&template) {
                all.push(template);
            }
        }
        let taught = learnt.taught(0, self.kind).map_err(|error| {
            if error == TemplateError::NoInstance {
                Unteachable::NoInstance
            } else {
                Unteachable::Template(error)
            }
        })?;
        let own = whom.instance.names().into_iter().flatten();
        let common = own.filter(|name| !whom.names.contains(&Some(name)));
        for name in common {
            if texts
                .iter()
                .any(|(_, text)| stands_as_name(&text.chars, name, whom))
            {
                return Err(Unteachable::CommonName(name.to_owned()));
            }
        }
        let names = whom.names.iter().flatten();
        let mut names = names.map(|name| Normal::of(name).text().to_lowercase());
        if names.any(|name| taught.iter().any(|taught| taught.wording.says(&name))) {
            return Err(Unteachable::Name);
        }
        let alone = Lexicon {
            taught: &taught,
            ..*lexicon
        };
        let understood = alone.understand(message, whom);
        let understood = understood.filter(|it| it.by.contains(&Which::Taught(0)));
        understood
            .map(|understood| (learnt, understood))
            .ok_or(Unteachable::Unclear)
    }

    /// The distinct dates in the texts, each with its slot.
    fn dates<'t>(
        self,
        texts: impl Iterator<Item = &'t Normal>,
        whom: &NoticeSubject<'_>,
    ) -> Result<Vec<(Timestamp, Slot)>, Unteachable> {
        let mut all: Vec<Timestamp> = Vec::new();
        for text in texts {
            let mut at = 0;
            while at < text.chars.len() {
                let found = begins(&text.chars, at)
                    .then(|| date(&text.chars, at, whom.zone))
                    .flatten();
                if let Some(found) = found
                    && !is_sent(&text.chars, at, &found, whom)
                    && !all.contains(&found.at)
                {
                    all.push(found.at);
                }
                at = found.map_or(at + 1, |found| found.end);
            }
        }
        let announced = if self.kind == WordingKind::Expiry {
            DateRole::Expiry
        } else {
            DateRole::Release
        };
        let told = self.first.or_else(|| {
            // A wording that is never suppressed needs no distinction.
            (all.len() < 2 || self.kind == WordingKind::Other).then_some(announced)
        });
        match (all.as_slice(), told) {
            ([], _) => Ok(Vec::new()),
            ([one], Some(role)) => Ok(vec![(*one, role.slot())]),
            ([one, two], Some(role)) => Ok(vec![(*one, role.slot()), (*two, role.other().slot())]),
            ([_] | [_, _], None) => Err(Unteachable::WhichDate),
            (more, _) => Err(Unteachable::Dates(more.len())),
        }
    }
}

impl Learnt {
    /// The parsed wordings.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn taught(&self, number: u64, kind: WordingKind) -> Result<Vec<Taught>, TemplateError> {
        let each = self.bodies.iter().map(|body| {
            let wording = Wording::parse(kind, body, &self.subjects)?;
            Ok(Taught { number, wording })
        });
        each.collect()
    }
}

/// Whether a word may start at a position.
fn begins(text: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    !before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*'))
}

fn starts_with(text: &[char], at: usize, word: &str) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let mut rest = rest.iter().flat_map(|c| c.to_lowercase());
    word.chars().all(|c| rest.next() == Some(c))
}

/// Whether a date is that of the notice: it is labelled as the time of sending, or is today's and signs the text.
fn is_sent(text: &[char], at: usize, dated: &Dated, whom: &NoticeSubject<'_>) -> bool {
    is_labelled_sent(text, at) || dated.day == whom.today && is_signature(text, at..dated.end)
}

/// Whether a date stands in a part of its own with other words, such as a sender, and none of a label, a release or an expiry.
fn is_signature(text: &[char], date: Range<usize>) -> bool {
    const LEADS: &str = "于 於 在 至 到 是 为 為 前 on by at until before from is";
    const LABELS: &str = "时间 時間 日期 时刻 期限 截止 time date day deadline when";
    let ends = |c: &char| matches!(c, &BREAK | '.' | '!' | ';' | '?' | '|');
    let before = text.get(..date.start).unwrap_or_default();
    let behind = text.get(date.end..).unwrap_or_default();
    let part = before.split(ends).next_back().unwrap_or_default();
    let rest = behind.split(ends).next().unwrap_or_default();
    let lead: String = part.iter().flat_map(|c| c.to_lowercase()).collect();
    let rest: String = rest.iter().flat_map(|c| c.to_lowercase()).collect();
    let sender = lead.trim_end_matches([BLANK, ',', ':', '(']);
    let words = format!("{sender} {rest}");
    sender.chars().any(char::is_alphabetic)
        && !LEADS.split(' ').any(|lead| sender.ends_with(lead))
        && !LABELS.split(' ').any(|label| words.contains(label))
        && !speaks_of_a_loss(&words)
}

/// Whether a date is labelled as the time of sending.
fn is_labelled_sent(text: &[char], at: usize) -> bool {
    const LABELS: &str = "senton sentat sent issuedon issuedat datesent sentdate timesent \
        发送时间 發送時間 发送日期 發送日期 发送于 發送於 发件时间 发件日期 发出时间 签发日期 截至";
    let before = text.get(..at).unwrap_or_default().iter().rev();
    let before = before
        .filter(|c| !matches!(c, ' ' | ':' | '(' | '[' | '"'))
        .take(9);
    let mut before: Vec<char> = before.flat_map(|c| c.to_lowercase()).collect();
    before.reverse();
    let before: String = before.into_iter().collect();
    LABELS.split(' ').any(|label| before.ends_with(label))
}

/// A writer of one text as a template.
struct TemplateWriter<'a> {
    text: &'a [char],
    whom: &'a NoticeSubject<'a>,
    dates: &'a [(Timestamp, Slot)],
    /// The day that days count down to.
    until: Option<NaiveDate>,
    /// Whether it is a subject, which labels the text under it.
    is_subject: bool,
}

impl<'a> TemplateWriter<'a> {
    fn new(
        text: &'a [char],
        whom: &'a NoticeSubject<'a>,
        dates: &'a [(Timestamp, Slot)],
        kind: WordingKind,
    ) -> Self {
        let counted = if kind == WordingKind::Expiry {
            Slot::ExpiryDate
        } else {
            Slot::ReleaseDate
        };
        let of = |slot: Slot| dates.iter().find(|(_, other)| *other == slot);
        let until = of(counted).or_else(|| dates.first());
        Self {
            text,
            whom,
            dates,
            is_subject: false,
            until: until.map(|(at, _)| at.with_timezone(&whom.zone).date_naive()),
        }
    }

    fn template(&self) -> Result<String, Unteachable> {
        let mut out = String::new();
        let mut at = 0;
        while let Some(c) = self.text.get(at) {
            match self.slot(at)? {
                Some((slot, end)) if end > at => {
                    let _ = write!(out, "{{{slot}}}");
                    at = end;
                }
                _ => {
                    match *c {
                        BREAK => out.push_str("\n\n"),
                        c => out.push_str(&Template::quoted(c.encode_utf8(&mut [0; 4]))),
                    }
                    at += 1;
                }
            }
        }
        Ok(out)
    }

    /// The slot at a position, and its end.
    fn slot(&self, at: usize) -> Result<Option<(Slot, usize)>, Unteachable> {
        if !begins(self.text, at) {
            return Ok(None);
        }
        let read = |slot: Slot| {
            slot.read(self.text, at, self.whom)
                .map(|(end, _)| (slot, end))
        };
        if let Some(link) = read(Slot::Link) {
            return Ok(Some(link));
        }
        if starts_with(self.text, at, "http://") || starts_with(self.text, at, "https://") {
            return Err(Unteachable::Link);
        }
        if let Some(found) = [Slot::Instance, Slot::Commodity, Slot::Account]
            .into_iter()
            .find_map(read)
        {
            return Ok(Some(found));
        }
        if let Some(dated) = date(self.text, at, self.whom.zone) {
            if dated.contradicts {
                return Err(Unteachable::Weekday);
            }
            if is_sent(self.text, at, &dated, self.whom) {
                // Another day stays as words, so that no other notice matches.
                return Ok(read(Slot::SentDate));
            }
            return Ok(self.dated(&dated));
        }
        if let Some(days) = self.days(at) {
            return Ok(Some((Slot::Days, days)));
        }
        if let Some(region) = read(Slot::Region) {
            return Ok(Some(region));
        }
        if foreign_region(self.text, at, self.whom.instance.region.as_str()) {
            return Err(Unteachable::Region);
        }
        let name = read(Slot::Name).filter(|(_, end)| self.is_beside(at, *end));
        Ok(name)
    }

    fn dated(&self, dated: &Dated) -> Option<(Slot, usize)> {
        let of = self.dates.iter().find(|(at, _)| *at == dated.at);
        of.map(|(_, slot)| (*slot, dated.end))
    }

    /// The end of a number that counts the days until the date.
    fn days(&self, at: usize) -> Option<usize> {
        let (end, days) = Slot::Days.read(self.text, at, self.whom)?;
        let left = (self.until? - self.whom.today).num_days();
        let unit = past_blanks(self.text, end);
        let counts = DAY_WORDS
            .iter()
            .any(|word| starts_with(self.text, unit, word));
        (counts && days.parse() == Ok(left)).then_some(end)
    }

    /// Whether a name is next to the id, or after a label.
    fn is_beside(&self, at: usize, end: usize) -> bool {
        self.is_subject || is_beside(self.text, at..end, self.whom)
    }
}

fn is_beside(text: &[char], at: Range<usize>, whom: &NoticeSubject<'_>) -> bool {
    let before: String = text.iter().take(at.start).collect();
    let after: String = text.iter().skip(at.end).collect();
    let (before, after) = (before.to_lowercase(), after.to_lowercase());
    let id = whom.instance.id.as_str().to_lowercase();
    let commodity = whom.commodity.map(|id| id.as_str().to_lowercase());
    let ids: Vec<&str> = std::iter::once(&id)
        .chain(&commodity)
        .map(String::as_str)
        .collect();
    is_led(&before, &ids) || is_followed(&after, &ids)
}

/// Whether a name is used as one: next to the id, or in brackets after it.
fn stands_as_name(text: &[char], name: &str, whom: &NoticeSubject<'_>) -> bool {
    (0..text.len()).any(|at| {
        let end = named(text, at, name).map(|(end, _)| end);
        let dressed = |at: usize| {
            text.get(at)
                .is_some_and(|c| matches!(c, '(' | ')' | '[' | ']' | '"' | '“' | '”'))
        };
        let in_marks = |end: &usize| at > 0 && dressed(at - 1) && dressed(*end);
        begins(text, at)
            && end
                .filter(in_marks)
                .is_some_and(|end| is_beside(text, at..end, whom))
    })
}

/// A template for display, on one line.
pub fn shown(template: &str) -> String {
    let parts = template.split(BREAK).filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.map(|part| part.trim_matches(BLANK)).collect();
    parts.join(" / ")
}
