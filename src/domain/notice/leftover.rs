//! The part of a text that no wording reads: the reason why it is not understood, shown to people at once.

use super::message::{Message, Part};
use super::normal::{BLANK, BREAK, Normal};
use super::slots::{NoticeSubject, Slot, SlotSet, is_link};
use super::template::{Match, past_blanks, past_stop};
use super::wording::{Lexicon, Wording};

/// The most characters of a text in which a wording is looked for at each word.
const LOOKED_THROUGH: usize = 2_000;

/// The part of a text that no wording reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leftover {
    /// No wording reads any part.
    All,
    /// The first such piece, and the number of further ones.
    Pieces { first: String, more: usize },
    /// A wording reads each part, but no reading is of the whole.
    Together,
    /// It holds a character that does not show.
    Odd,
}

/// The pieces of a text that no wording reads.
#[derive(Default)]
struct PieceCollector {
    pieces: Vec<String>,
    /// Where the present one began.
    begun: Option<usize>,
    /// Whether a wording read any part.
    is_any_read: bool,
    /// Whether a character of it does not show.
    is_odd: bool,
}

impl PieceCollector {
    /// Ends the present piece.
    fn end(&mut self, text: &[char], at: usize) {
        let piece = self.begun.take().and_then(|begun| text.get(begun..at));
        let piece: String = piece.unwrap_or_default().iter().collect();
        let piece = piece.trim_matches([BLANK, '.', ',', '，']);
        if !piece.is_empty() {
            self.pieces.push(piece.to_owned());
        }
    }

    fn collect(&mut self, lexicon: &Lexicon<'_>, text: &[char], whom: &NoticeSubject<'_>) {
        let mut at = past_blanks(text, 0);
        while let Some(c) = text.get(at) {
            let is_looked_for = at < LOOKED_THROUGH && !is_within_word(text, at);
            let found = is_looked_for.then(|| lexicon.longest(text, at, self.begun, whom));
            if let Some(end) = found.flatten() {
                self.end(text, at);
                self.is_any_read = true;
                at = past_stop(text, end);
            } else if *c == BREAK {
                self.end(text, at);
                at = past_blanks(text, at + 1);
            } else {
                self.begun.get_or_insert(at);
                at += 1;
            }
        }
        self.end(text, text.len());
    }
}

impl Lexicon<'_> {
    /// The part of a message that no wording reads.
    pub fn leftover(&self, message: &Message, whom: &NoticeSubject<'_>) -> Leftover {
        let mut all = PieceCollector::default();
        let of_part = |is_subject: bool| {
            let units = message.texts();
            units.filter(move |unit| (unit.part == Part::Subject) == is_subject)
        };
        for unit in of_part(false) {
            let text = Normal::of(&unit.text);
            all.is_odd |= text.odd;
            all.collect(self, &text.chars, whom);
        }
        for unit in of_part(true) {
            let text = Normal::of(&unit.text);
            all.is_odd |= text.odd;
            if !text.chars.is_empty() && !self.reads_subject(&text, whom) {
                all.pieces.push(text.text());
            }
        }
        let links = message.links().filter(|to| !is_link(to, whom));
        all.pieces.extend(links.map(str::to_owned));
        let mut pieces = all.pieces.into_iter();
        match (all.is_any_read, pieces.next()) {
            _ if all.is_odd => Leftover::Odd,
            (false, _) => Leftover::All,
            (true, None) => Leftover::Together,
            (true, Some(first)) => Leftover::Pieces {
                first,
                more: pieces.len(),
            },
        }
    }

    /// The end of the longest wording that reads the text from here. `within`: where a piece that no wording reads has begun.
    fn longest(
        &self,
        text: &[char],
        at: usize,
        within: Option<usize>,
        whom: &NoticeSubject<'_>,
    ) -> Option<usize> {
        let start = Match {
            at,
            slots: SlotSet::default(),
        };
        let ends = |wording: &Wording| {
            let ways = wording
                .template
                .follow_matches(text, vec![start.clone()], whom);
            let announces = wording.kind.announces().is_some();
            let counts = move |way: &Match| {
                let names = |slot| way.slots.get(slot).is_some();
                if announces {
                    names(Slot::Instance) || names(Slot::Commodity)
                } else {
                    way.at > at
                }
            };
            let longest = ways.iter().filter(|way| counts(way)).map(|way| way.at);
            longest.max()
        };
        let fits = |wording: &&Wording| within.is_none() || wording.kind.announces().is_some();
        let found = self.all().filter(fits).filter_map(ends).max()?;
        (!is_within_word(text, found)).then_some(found)
    }
}

/// Whether a position cuts a word of Latin letters.
fn is_within_word(text: &[char], at: usize) -> bool {
    let is_of_word = |at: usize| text.get(at).is_some_and(char::is_ascii_alphanumeric);
    at > 0 && is_of_word(at - 1) && is_of_word(at)
}
