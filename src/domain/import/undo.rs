//! Undoing an import, except for values that a person or a later import in force gives too.
//!
//! A value is judged by its source, not by its date, because a file that repeats a value only refreshes it. Imports may be undone
//! in any order, each together with those undone before.

use super::seen::{DESCRIBED, REGION, UNVERIFIED};
use super::{DISPUTED_REGION, Field, SeenByFiles};
use crate::Timestamp;
use crate::case::{Case, Moment};
use crate::event::EventKind;
use crate::fact::{Fact, Gap, Known, Source};
use crate::facts::{FactKind, FromFile, each_fact};
use crate::id::Region;
use crate::instance::{Edition, Instance};

/// The result for a field that a file had changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// The earlier value, source and date are restored.
    AsItWas,
    /// It is unknown: a person has to look.
    Unknown,
    /// A newer attestation stays.
    Stays,
    /// The value of a later import, not undone, stays.
    LaterFile,
}

/// An instance before and after a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    pub before: Instance,
    pub after: Instance,
}

impl Moving {
    /// Whether the edition became Standard.
    pub fn ends_in_standard(&self) -> bool {
        let [before, after] = [&self.before, &self.after].map(|it| it.edition.value());
        before != after && after == Some(&Edition::Standard)
    }
}

/// A later import that affected the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterFile {
    /// Its effect; `None` where it tracked the instance again.
    pub moved: Option<Moving>,
    /// Whether it was undone, too.
    pub undone: bool,
}

/// The effect of an import, and of later ones.
#[derive(Debug, Clone, Copy)]
pub struct Undoing<'a> {
    /// The number of the import.
    pub number: u64,
    pub moved: &'a Moving,
    /// Later imports, in order.
    pub since: &'a [LaterFile],
    /// The facts repeated by imports that were not undone.
    pub seen: &'a SeenByFiles,
    /// Whether it was undone before: then only new results are reported.
    pub again: bool,
}

impl Case {
    /// Restores the values from before the import, where its own still stand. A value that would lower attention is not restored:
    /// an edition that would become Standard, and the action, become unknown.
    pub fn undo_import(
        &mut self,
        undoing: &Undoing<'_>,
        moment: &Moment<'_>,
    ) -> Vec<(Field, Returned)> {
        self.advance(moment.policy, moment.now);
        let Moving { before, after } = undoing.moved;
        let now = self.instance.clone();
        let mut returned = Vec::new();
        macro_rules! undo_facts {
            ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {$(
                if before.$field != after.$field {
                    let kind = FactKind::$Kind;
                    let edition = &self.instance.edition;
                    let came_to = undoing.fact(kind, |instance| &instance.$field, &now, edition);
                    match came_to {
                        Returned::AsItWas => self.instance.$field = before.$field.clone(),
                        Returned::Unknown => {
                            self.instance.$field = Fact::gone(Gap::FileTakenBack, moment.now);
                        }
                        Returned::Stays | Returned::LaterFile => {}
                    }
                    let tells = !undoing.again || self.instance.$field != now.$field;
                    // A mere difference of dates is not reported.
                    if tells && is_other(&before.$field, &after.$field) {
                        returned.push((Field::Fact(kind), came_to));
                    }
                }
            )+};
        }
        each_fact!(undo_facts);
        macro_rules! undo_descriptions {
            ($($field:ident: $Field:ident;)+) => {$(
                if before.$field != after.$field {
                    let mut since = undoing.since_of(|instance| &instance.$field);
                    let by_file = since.any(|file| !file.undone);
                    let again = after.described_at;
                    let again = again.is_some_and(|at| undoing.seen.is_said_after(DESCRIBED, undoing.number, at));
                    let came_to = if by_file || again {
                        Returned::LaterFile
                    } else if now.$field != after.$field {
                        Returned::Stays
                    } else {
                        self.instance.$field = before.$field.clone();
                        Returned::AsItWas
                    };
                    if !undoing.again || self.instance.$field != now.$field {
                        returned.push((Field::$Field, came_to));
                    }
                }
            )+};
        }
        undo_descriptions! {
            name: Name;
            team: Team;
            channel: Channel;
        }
        self.undo_what_follows(undoing, &now, moment);
        if self.instance.region_in_file != now.region_in_file {
            let [from, to] = [&now, &self.instance].map(Instance::region_shown);
            self.record_act(
                moment,
                EventKind::described(DISPUTED_REGION, Some(from), Some(to)),
            );
            returned.push((Field::Region, Returned::AsItWas));
        }
        self.react(&now, moment, false);
        returned
    }

    /// Restores the state that follows from the facts.
    fn undo_what_follows(&mut self, undoing: &Undoing<'_>, now: &Instance, moment: &Moment<'_>) {
        let Moving { before, after } = undoing.moved;
        let instance = &mut self.instance;
        let is_standard = instance.edition.value() == Some(&Edition::Standard);
        if !is_standard {
            instance.doubt_standard_gaps(Gap::FileTakenBack, moment.now);
        }
        if instance.action != now.action {
            instance.observations.clear();
        }
        let value = |known: &Option<Known<_>>| known.as_ref().map(|known| known.value);
        let again = after.action_unverified.as_ref();
        let again = again.is_some_and(|known| {
            undoing
                .seen
                .is_said_after(UNVERIFIED, undoing.number, known.at)
        });
        if !is_standard
            && !again
            && value(&now.action_unverified) == value(&after.action_unverified)
        {
            instance
                .action_unverified
                .clone_from(&before.action_unverified);
        }
        if !is_standard && now.unsaid_expires == after.unsaid_expires {
            instance.unsaid_expires = before.unsaid_expires;
            instance.earlier_expires = before.earlier_expires;
        }
        if now.last_platinum == after.last_platinum {
            instance.last_platinum.clone_from(&before.last_platinum);
        }
        if now.before_standard == after.before_standard {
            instance.before_standard.clone_from(&before.before_standard);
        }
        let value = |known: &Option<Known<Region>>| known.as_ref().map(|known| known.value.clone());
        let again = after.region_in_file.as_ref();
        let again =
            again.is_some_and(|known| undoing.seen.is_said_after(REGION, undoing.number, known.at));
        if !again && value(&now.region_in_file) == value(&after.region_in_file) {
            instance.region_in_file.clone_from(&before.region_in_file);
        }
        if now.listed_as == after.listed_as {
            instance.listed_as.clone_from(&before.listed_as);
        }
        if now.described_at == after.described_at {
            instance.described_at = before.described_at;
        }
        // The state at an expiry holds for that expiry only.
        if instance.expires != now.expires {
            instance.at_expiry = None;
        }
    }
}

impl Undoing<'_> {
    /// The later imports that moved a field.
    fn since_of<T: PartialEq>(
        &self,
        field: impl Fn(&Instance) -> &T,
    ) -> impl Iterator<Item = &LaterFile> {
        self.since.iter().filter(move |file| {
            let moved = file.moved.as_ref();
            moved.is_none_or(|moved| field(&moved.before) != field(&moved.after))
        })
    }

    /// The effect of the undo on a fact that the import moved. `now` is the instance before the undo, `edition` the restored
    /// edition.
    fn fact<T: PartialEq>(
        &self,
        kind: FactKind,
        field: impl Fn(&Instance) -> &Fact<T> + Copy,
        now: &Instance,
        edition: &Fact<Edition>,
    ) -> Returned {
        let Moving { before, after } = self.moved;
        let (held, wrote) = (field(now), field(after));
        let standing = self.since_of(field).any(|file| !file.undone)
            || said_at(wrote)
                .is_some_and(|at| self.seen.is_said_after(kind.as_str(), self.number, at));
        let next = self.since_of(field).next();
        let next = next.and_then(|file| file.moved.as_ref());
        let own = is_word_of(held, wrote)
            || is_taken_back(held)
                && next.is_some_and(|next| is_word_of(field(&next.before), wrote));
        let is_standard = edition.value() == Some(&Edition::Standard);
        if !own {
            who_speaks(held, standing)
        } else if standing {
            Returned::LaterFile
        } else if kind.is_platinums() && is_standard && said_at(field(before)).is_some() {
            who_speaks(edition, false)
        } else if is_unknown(kind, before, now) {
            Returned::Unknown
        } else {
            Returned::AsItWas
        }
    }
}

/// Whether a fact becomes unknown when the import is undone: an action, which files never set, and an edition that would become
/// Standard.
fn is_unknown(kind: FactKind, before: &Instance, now: &Instance) -> bool {
    match kind.from_file() {
        FromFile::Unverified => !matches!(before.action, Fact::Unknown { .. }),
        FromFile::Known | FromFile::Latest => {
            let standard =
                |instance: &Instance| instance.edition.value() == Some(&Edition::Standard);
            kind == FactKind::Edition && standard(before) && !standard(now)
        }
    }
}

/// Whether the held value is the file's, apart from dates that other files have refreshed.
fn is_word_of<T: PartialEq>(now: &Fact<T>, wrote: &Fact<T>) -> bool {
    let same = |now: &Known<T>, wrote: &Known<T>| {
        let again = now.source == Source::Imported && wrote.source == Source::Imported;
        now == wrote || again && now.value == wrote.value
    };
    // That others claim it changes nothing about whose word it is.
    if let (Some(now), Fact::Known(wrote)) = (now.claimed_by_others(), wrote) {
        return same(now, wrote);
    }
    match (now, wrote) {
        (Fact::Known(now), Fact::Known(wrote)) => same(now, wrote),
        (
            Fact::Contradictory { held, other },
            Fact::Contradictory {
                held: was_held,
                other: was_other,
            },
        ) => same(held, was_held) && same(other, was_other),
        (Fact::Unknown { gap, .. }, Fact::Unknown { gap: was, .. }) => gap == was,
        _ => false,
    }
}

fn is_taken_back<T>(fact: &Fact<T>) -> bool {
    matches!(
        fact,
        Fact::Unknown {
            gap: Gap::FileTakenBack,
            ..
        }
    )
}

/// The latest source of the standing value.
fn who_speaks<T>(fact: &Fact<T>, standing: bool) -> Returned {
    let last = fact.candidates().max_by_key(|known| known.at);
    match last.map(|known| known.source) {
        Some(Source::Imported) => Returned::LaterFile,
        None if standing => Returned::LaterFile,
        Some(Source::Attested | Source::Derived) | None => Returned::Stays,
    }
}

/// The date of the latest value.
fn said_at<T>(fact: &Fact<T>) -> Option<Timestamp> {
    fact.candidates().map(|known| known.at).max()
}

/// Whether a value or its source differs, not only its date.
fn is_other<T: PartialEq>(before: &Fact<T>, after: &Fact<T>) -> bool {
    let said = |fact| {
        let known = Fact::candidates(fact);
        known.map(|known: &Known<T>| (&known.value, known.source))
    };
    !said(before).eq(said(after))
}
