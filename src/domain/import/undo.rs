//! Taking back what a file did, as far as nobody has spoken since.

use crate::domain::case::{Case, Moment};
use crate::domain::event::FactValue;
use crate::domain::fact::{Fact, Gap};
use crate::domain::facts::{FactKind, FromFile, each_fact};
use crate::domain::instance::{Edition, Instance};

use super::Field;

/// What became of something that a file had changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// It is what it was, with its source and date.
    AsItWas,
    /// It is not known: somebody has to look.
    Unknown,
    /// Somebody has spoken since: it stays.
    Stays,
}

impl Case {
    /// Returns what a file changed to what it was before it, where it still is as the file left it. What lowers attention
    /// does not return: an edition that would become Standard, and the action, are not known then.
    pub fn undo_import(
        &mut self,
        before: &Instance,
        after: &Instance,
        moment: &Moment<'_>,
    ) -> Vec<(Field, Returned)> {
        self.advance(moment.policy, moment.now);
        let now = self.instance.clone();
        let mut returned = Vec::new();
        macro_rules! undo {
            ($field:ident, $named:expr, $unknown:expr) => {
                if before.$field != after.$field {
                    let named: Field = $named;
                    let came_to = if now.$field != after.$field {
                        Returned::Stays
                    } else if $unknown {
                        Returned::Unknown
                    } else {
                        self.instance.$field = before.$field.clone();
                        Returned::AsItWas
                    };
                    // Where only the date differed, there is nothing to tell.
                    if is_other(named, before, after) {
                        returned.push((named, came_to));
                    }
                }
            };
        }
        let standard = before
            .edition
            .candidates()
            .any(|known| known.value == Edition::Standard);
        // An action is not taken from a file, nor is that it is as it was.
        let unknown = |kind: FactKind| match kind.from_file() {
            FromFile::Unverified => true,
            FromFile::Known | FromFile::Latest => kind == FactKind::Edition && standard,
        };
        macro_rules! undo_facts {
            ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {$(
                undo!($field, Field::Fact(FactKind::$Kind), unknown(FactKind::$Kind));
            )+};
        }
        each_fact!(undo_facts);
        undo!(name, Field::Name, false);
        undo!(team, Field::Team, false);
        undo!(channel, Field::Channel, false);
        // Nothing says that it is Standard, which has no such things.
        let is_standard = self.instance.edition.value() == Some(&Edition::Standard);
        macro_rules! settle_platinums {
            ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {$(
                if standard && !is_standard && is_only_platinums(&self.instance.$field) {
                    self.instance.$field = Fact::gone(Gap::TakenBack, moment.now);
                }
            )+};
        }
        each_fact!(settle_platinums);
        for (field, _) in returned
            .iter()
            .filter(|(_, came_to)| *came_to == Returned::Unknown)
        {
            let gone = Fact::gone(Gap::TakenBack, moment.now);
            if *field == Field::Fact(FactKind::Edition) {
                self.instance.edition = gone;
            } else {
                self.instance
                    .set_action(Fact::gone(Gap::TakenBack, moment.now));
            }
        }
        if now.action_unverified == after.action_unverified {
            self.instance
                .action_unverified
                .clone_from(&before.action_unverified);
        }
        if now.described_at == after.described_at {
            self.instance.described_at = before.described_at;
        }
        // What was settled at an expiry holds for that expiry only.
        if self.instance.expires != now.expires {
            self.instance.at_expiry = None;
        }
        self.react(&now, moment, false);
        returned
    }
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

/// Whether a value is another one, and not only of another day.
fn is_other(field: Field, before: &Instance, after: &Instance) -> bool {
    match field {
        Field::Fact(fact) => FactValue::of(before, fact) != FactValue::of(after, fact),
        Field::Name | Field::Team | Field::Channel => true,
    }
}
