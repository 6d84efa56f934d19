//! Taking back what a file did, as far as neither a person nor a later file that holds says so now.
//!
//! What decides is who said a value, not when: a file that says it again only freshens it. Files may be taken back in any
//! order, each with those before it that were taken back already.

use super::seen::{DESCRIBED, UNVERIFIED};
use super::{Field, SeenByFiles};
use crate::domain::Timestamp;
use crate::domain::case::{Case, Moment};
use crate::domain::fact::{Fact, Gap, Known, Source};
use crate::domain::facts::{FactKind, FromFile, each_fact};
use crate::domain::instance::{Edition, Instance};

/// What became of something that a file had changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// It is what it was, with its source and date.
    AsItWas,
    /// It is not known: somebody has to look.
    Unknown,
    /// A person has spoken since: it stays.
    Stays,
    /// A later file, which was not taken back, has spoken since: it stays.
    LaterFile,
}

/// An instance before and after a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    pub before: Instance,
    pub after: Instance,
}

/// A later file that did something to the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterFile {
    /// What it did; `None` where it added the instance once more.
    pub moved: Option<Moving>,
    /// Whether it was taken back, too.
    pub undone: bool,
}

/// What a file did, and what other files have said since.
#[derive(Debug, Clone, Copy)]
pub struct Undoing<'a> {
    pub moved: &'a Moving,
    /// Later files, in their order.
    pub since: &'a [LaterFile],
    /// What files that were not taken back have said again.
    pub seen: &'a SeenByFiles,
    /// Whether it was taken back before: then only what returns now is told.
    pub again: bool,
}

impl Case {
    /// Returns what a file changed to what it was before it, where it still is as the file left it. What lowers attention
    /// does not return: an edition that would become Standard, and the action, are not known then.
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
                    let mut since = undoing.since.iter().filter(|file| {
                        let moved = file.moved.as_ref();
                        moved.is_none_or(|moved| moved.before.$field != moved.after.$field)
                    });
                    let next = since.clone().next().and_then(|file| file.moved.as_ref());
                    let said = said_at(&after.$field);
                    let standing = since.any(|file| !file.undone)
                        || said.is_some_and(|at| undoing.seen.is_said_after(kind.as_str(), at));
                    let own = is_word_of(&now.$field, &after.$field)
                        || is_taken_back(&now.$field)
                            && next.is_some_and(|next| is_word_of(&next.before.$field, &after.$field));
                    let is_standard = self.instance.edition.value() == Some(&Edition::Standard);
                    let came_to = if !own {
                        who_speaks(&now.$field, standing)
                    } else if standing {
                        Returned::LaterFile
                    } else if kind.is_platinums() && is_standard && said_at(&before.$field).is_some() {
                        who_speaks(&self.instance.edition, false)
                    } else if is_unknown(kind, before, &now) {
                        Returned::Unknown
                    } else {
                        Returned::AsItWas
                    };
                    match came_to {
                        Returned::AsItWas => self.instance.$field = before.$field.clone(),
                        Returned::Unknown => {
                            self.instance.$field = Fact::gone(Gap::FileTakenBack, moment.now);
                        }
                        Returned::Stays | Returned::LaterFile => {}
                    }
                    let tells = !undoing.again || self.instance.$field != now.$field;
                    // Where only the date differed, there is nothing to tell.
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
                    let by_file = undoing.since.iter().any(|file| {
                        let moved = file.moved.as_ref();
                        !file.undone && moved.is_none_or(|moved| moved.before.$field != moved.after.$field)
                    });
                    let again = after.described_at;
                    let again = again.is_some_and(|at| undoing.seen.is_said_after(DESCRIBED, at));
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
        self.react(&now, moment, false);
        returned
    }

    /// What stands beside the facts, and follows from them.
    fn undo_what_follows(&mut self, undoing: &Undoing<'_>, now: &Instance, moment: &Moment<'_>) {
        let Moving { before, after } = undoing.moved;
        let instance = &mut self.instance;
        let is_standard = instance.edition.value() == Some(&Edition::Standard);
        macro_rules! settle_platinums {
            ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {$(
                if !is_standard && is_only_platinums(&instance.$field) {
                    // Nothing says that it is Standard, which has no such things.
                    instance.$field = Fact::gone(Gap::FileTakenBack, moment.now);
                }
            )+};
        }
        each_fact!(settle_platinums);
        if instance.action != now.action {
            instance.observations.clear();
        }
        let value = |known: &Option<Known<_>>| known.as_ref().map(|known| known.value);
        let again = after.action_unverified.as_ref();
        let again = again.is_some_and(|known| undoing.seen.is_said_after(UNVERIFIED, known.at));
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
        }
        if now.last_platinum == after.last_platinum {
            instance.last_platinum.clone_from(&before.last_platinum);
        }
        if now.listed_as == after.listed_as {
            instance.listed_as.clone_from(&before.listed_as);
        }
        if now.described_at == after.described_at {
            instance.described_at = before.described_at;
        }
        // What was settled at an expiry holds for that expiry only.
        if instance.expires != now.expires {
            instance.at_expiry = None;
        }
    }
}

/// Whether what a file changed is not known once it is taken back: an action, which nobody takes from a file, and an edition
/// that would become Standard.
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

/// Whether what is held is what a file wrote, whatever date other files have given it since.
fn is_word_of<T: PartialEq>(now: &Fact<T>, wrote: &Fact<T>) -> bool {
    let same = |now: &Known<T>, wrote: &Known<T>| {
        let again = now.source == Source::Imported && wrote.source == Source::Imported;
        now == wrote || again && now.value == wrote.value
    };
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

/// Who said last what stands.
fn who_speaks<T>(fact: &Fact<T>, standing: bool) -> Returned {
    let last = fact.candidates().max_by_key(|known| known.at);
    match last.map(|known| known.source) {
        Some(Source::Imported) => Returned::LaterFile,
        None if standing => Returned::LaterFile,
        Some(Source::Attested | Source::Derived) | None => Returned::Stays,
    }
}

/// When a value was said last.
fn said_at<T>(fact: &Fact<T>) -> Option<Timestamp> {
    fact.candidates().map(|known| known.at).max()
}

fn is_only_platinums<T>(fact: &Fact<T>) -> bool {
    matches!(
        fact,
        Fact::Unknown {
            gap: Gap::OnlyPlatinum,
            ..
        }
    )
}

/// Whether a value is another one, or another's word, and not only of another day.
fn is_other<T: PartialEq>(before: &Fact<T>, after: &Fact<T>) -> bool {
    let said = |fact| {
        let known = Fact::candidates(fact);
        known.map(|known: &Known<T>| (&known.value, known.source))
    };
    !said(before).eq(said(after))
}
