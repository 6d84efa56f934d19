//! The contents of one input, message by message: several messages within it are notices of their own.

use std::collections::{BTreeSet, HashSet};

use super::{Letter, names_id};
use crate::domain::notice::{Message, Part, Unit, nth_id, says_more_than_a_title};

/// The most messages within an input that are told apart.
const MANY: usize = 10 * super::MOST;

/// A message within the input; the first is the input itself.
#[derive(Debug)]
struct Piece {
    /// The message that it is in.
    within: usize,
    /// Whether it stands in that one's text, so that what is not read there may belong to it.
    is_quoted: bool,
}

/// The text and the unread parts of an input, each with the number of the message that it belongs to.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The messages within it. The input itself has the number 0, the first of these 1.
    pieces: Vec<Piece>,
    units: Vec<(usize, Unit)>,
    /// The messages that have more than a subject.
    texts: BTreeSet<usize>,
    unread: Vec<(usize, String)>,
    digests: Vec<(usize, String)>,
    headers: Vec<String>,
    /// The message that is read now.
    current: usize,
    /// The messages quoted in one form of a text, and how many of them the form that is read now has had.
    quoted: Vec<usize>,
    met: usize,
    /// Whether it is one notice, however many messages seem to be in it, as where two forms of a text quote another number of them.
    is_one: bool,
}

/// Where the message stands in which another one is read.
#[derive(Debug)]
pub(super) struct Outer {
    current: usize,
    quoted: Vec<usize>,
    met: usize,
}

impl Contents {
    pub(super) fn add_unit(&mut self, unit: Unit) {
        if !matches!(unit.part, Part::Subject | Part::Link) {
            self.texts.insert(self.current);
        }
        self.units.push((self.current, unit));
    }

    pub(super) fn subject(&mut self, text: &str) {
        let text = super::quote::without_again(text).to_owned();
        if !text.is_empty() {
            let part = Part::Subject;
            self.add_unit(Unit { part, text });
        }
    }

    pub(super) fn unread(&mut self, what: impl Into<String>) {
        self.unread.push((self.current, what.into()));
    }

    pub(super) fn digest(&mut self, bytes: &[u8]) {
        self.digests.push((self.current, super::digest(bytes)));
    }

    pub(super) fn link(&mut self, target: &str) {
        let mut links = Message::default();
        links.add_link(target);
        self.units
            .extend(links.units.into_iter().map(|unit| (self.current, unit)));
    }

    pub(super) fn headers(&mut self, words: impl IntoIterator<Item = String>) {
        self.headers.extend(words);
    }

    /// The units so far, of all messages.
    pub(super) fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().map(|(_, unit)| unit)
    }

    pub(super) fn unread_count(&self) -> usize {
        self.unread.len()
    }

    /// The number of the message that is read now.
    pub(super) const fn current(&self) -> usize {
        self.current
    }

    /// Adds what is not read of a message.
    pub(super) fn of_piece(&mut self, piece: usize, what: &str, bytes: &[u8]) {
        self.unread.push((piece, what.to_owned()));
        self.digests.push((piece, super::digest(bytes)));
    }

    /// Adds a text with the messages quoted in it.
    pub(super) fn text(&mut self, text: &str, part: Part) {
        let quoted = super::quote::units(text, part);
        self.headers(quoted.names);
        let outer = self.current;
        let mut open = 0;
        for (number, unit) in quoted.units {
            while open < number {
                self.current = self.quoted_in(outer);
                open += 1;
            }
            match unit.part {
                Part::Subject => self.subject(&unit.text),
                Part::Body
                | Part::Alternative
                | Part::Forwarded
                | Part::Attachment
                | Part::Link => {
                    self.add_unit(unit);
                }
            }
        }
        self.current = outer;
    }

    /// The next message that is quoted in a text: in another form of that text, the same one.
    fn quoted_in(&mut self, within: usize) -> usize {
        let number = match self.quoted.get(self.met) {
            Some(known) => *known,
            None => {
                let number = self.begin(within, true);
                self.quoted.push(number);
                number
            }
        };
        self.met += 1;
        number
    }

    fn begin(&mut self, within: usize, is_quoted: bool) -> usize {
        self.pieces.push(Piece { within, is_quoted });
        self.pieces.len()
    }

    /// Begins a message that is a part of its own.
    pub(super) fn begins_nested(&mut self) -> Outer {
        let outer = Outer {
            current: self.current,
            quoted: std::mem::take(&mut self.quoted),
            met: std::mem::take(&mut self.met),
        };
        self.current = self.begin(self.current, false);
        outer
    }

    pub(super) fn ends_nested(&mut self, outer: Outer) {
        let Outer {
            current,
            quoted,
            met,
        } = outer;
        (self.current, self.quoted, self.met) = (current, quoted, met);
    }

    /// How many messages were quoted before the forms of a text.
    pub(super) const fn before_forms(&self) -> usize {
        self.met
    }

    /// Begins another form of a text.
    pub(super) fn again(&mut self, before: usize) {
        self.met = before;
    }

    /// Makes one notice of it, where something stands around the messages: it may change what they say.
    pub(super) fn is_one_with_text_around(&mut self) {
        let around = |piece: &usize| *piece == 0;
        self.is_one |= self.units.iter().any(|(piece, _)| around(piece))
            || self.unread.iter().any(|(piece, _)| around(piece));
    }

    /// Ends another form of a text, which has to quote as many messages.
    pub(super) fn ends_form(&mut self) {
        self.is_one |= self.met != self.quoted.len();
        self.met = self.quoted.len();
    }

    /// The notices of an input with this id: one, or those of the several messages in it, with what stands around them.
    pub(super) fn letters(self, id: Option<&str>) -> Vec<Letter> {
        let texts = self.texts.range(1..).count();
        let are_several = match texts {
            0 => false,
            1 => self.is_notice(),
            super::MOST => !self.is_notice(),
            _ => texts < super::MOST,
        };
        if self.is_one || !are_several || self.pieces.len() > MANY {
            let id = id.map(str::to_owned);
            let message = self.whole();
            return vec![Letter { message, id }];
        }
        let all = (0..=self.pieces.len()).filter(|piece| self.is_told(*piece));
        let mut letters = Vec::new();
        for piece in all {
            let id = id.map(|id| nth_id(id, letters.len() + 1));
            let message = self.message(piece);
            letters.push(Letter { message, id });
        }
        letters
    }

    /// Whether the text around the messages names an instance.
    fn is_notice(&self) -> bool {
        let mut outer = self.units.iter().filter(|(piece, _)| *piece == 0);
        outer.any(|(_, unit)| unit.part == Part::Body && names_id(&unit.text))
    }

    /// The input as one notice.
    pub(super) fn whole(self) -> Message {
        Message {
            units: different(self.units.into_iter().map(|(_, unit)| unit)),
            unread: self.unread.into_iter().map(|(_, what)| what).collect(),
            unread_digests: self.digests.into_iter().map(|(_, one)| one).collect(),
            headers: self.headers,
        }
    }

    fn piece(&self, number: usize) -> Option<&Piece> {
        self.pieces.get(number.checked_sub(1)?)
    }

    fn has_text(&self, number: usize) -> bool {
        self.texts.contains(&number)
    }

    /// Whether a message is a notice of its own. One that has no text is read with those that it leads to, unless its subject
    /// says more than what they are called.
    fn is_told(&self, number: usize) -> bool {
        let mut inner = self.texts.range(number + 1..);
        let shares = (inner.clone()).any(|piece| self.sharing(*piece).contains(&number));
        let leads = inner.any(|piece| self.leading(*piece).contains(&number));
        let unread = self.unread.iter().any(|(piece, _)| *piece == number);
        self.has_text(number)
            || unread && !shares
            || self.says_more(number)
            || !leads && self.subjects(number).next().is_some()
    }

    fn subjects(&self, number: usize) -> impl Iterator<Item = &str> {
        let units = self.units.iter();
        let of_it =
            units.filter(move |(piece, unit)| *piece == number && unit.part == Part::Subject);
        of_it.map(|(_, unit)| unit.text.as_str())
    }

    /// Whether the subjects of a message say more than what it is called.
    fn says_more(&self, number: usize) -> bool {
        let mut subjects = self.subjects(number);
        subjects.any(|text| says_more_than_a_title(text) || names_id(text))
    }

    /// The messages without a text that lead to this one: those that it is in, and those right before it in a text.
    fn leading(&self, number: usize) -> Vec<usize> {
        let (mut all, mut at) = (Vec::new(), number);
        while let Some(piece) = self.piece(at) {
            let before = at - 1;
            let is_beside = |before: &Piece| before.is_quoted && before.within == piece.within;
            let follows = piece.is_quoted && self.piece(before).is_some_and(is_beside);
            at = if follows && !self.has_text(before) {
                before
            } else {
                piece.within
            };
            if self.has_text(at) || self.says_more(at) {
                break;
            }
            all.push(at);
        }
        all
    }

    /// This message and those in whose texts it stands.
    fn sharing(&self, number: usize) -> Vec<usize> {
        let mut all = vec![number];
        let mut at = number;
        while let Some(piece) = self.piece(at).filter(|piece| piece.is_quoted) {
            at = piece.within;
            all.push(at);
        }
        all
    }

    fn message(&self, number: usize) -> Message {
        let (leading, sharing) = (self.leading(number), self.sharing(number));
        let has_text = self.has_text(number);
        let units = self.units.iter().filter(|(piece, unit)| match unit.part {
            Part::Subject => *piece == number || has_text && leading.contains(piece),
            Part::Link => sharing.contains(piece),
            Part::Body | Part::Alternative | Part::Forwarded | Part::Attachment => *piece == number,
        });
        let of_it = |all: &[(usize, String)]| {
            let found = all.iter().filter(|(piece, _)| sharing.contains(piece));
            found.map(|(_, what)| what.clone()).collect()
        };
        Message {
            units: different(units.map(|(_, unit)| unit.clone())),
            unread: of_it(&self.unread),
            unread_digests: of_it(&self.digests),
            headers: self.headers.clone(),
        }
    }
}

/// The units without subjects and links that were there before.
fn different(units: impl Iterator<Item = Unit>) -> Vec<Unit> {
    let mut known = HashSet::new();
    let is_new = |unit: &Unit| {
        !matches!(unit.part, Part::Subject | Part::Link)
            || known.insert((unit.part, unit.text.clone()))
    };
    units.filter(is_new).collect()
}
