//! Facts taken from a file: merged with what is held, never silently over a person's word.

mod alarm;
mod seen;
mod undo;

pub use alarm::alarming;
pub use seen::{SeenByFiles, Stamp, freshened};
pub use undo::{LaterFile, Moving, Returned, Undoing};

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::case::{Case, Moment};
use super::event::{EventKind, FactValue};
use super::fact::{Fact, Gap, Known, Source};
use super::facts::{FromFile, Taking, each_fact};
use super::id::{CommodityId, Label};
use super::instance::{Edition, PostExpirationAction, Switch};
use super::rules::FactKind;
use super::said::Said;

/// How many rows of a file came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Instances that are tracked from then on.
    pub new: u64,
    /// Instances of which something is another now.
    pub changed: u64,
    /// Instances of which it said what is held.
    pub unchanged: u64,
    /// Instances of which it contradicts what is held.
    pub conflicting: u64,
    /// Rows that are none of the bot's business.
    pub skipped: u64,
    /// Rows that cannot be used.
    pub refused: u64,
    /// Instances that a complete listing did not have.
    pub missing: u64,
}

impl Counts {
    /// How many rows that are.
    pub const fn rows(&self) -> u64 {
        self.new + self.changed + self.unchanged + self.conflicting + self.skipped + self.refused
    }
}

/// How a file is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportTerms {
    /// When the file's facts were true; not after now.
    pub at: Timestamp,
    /// Where the file contradicts what is held, take the file's value.
    pub accept: bool,
}

/// What a file's value did to a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Merged {
    /// It was not known before.
    New,
    /// It replaced another value.
    Changed,
    /// It is the value held.
    Same,
    /// It is older than the value held, and ignored.
    Older,
    /// It contradicts a person's word: neither is relied on until someone attests.
    Conflict,
    /// The fact is in doubt: only a person's word settles it.
    NeedsWord,
    /// It is shown, and not relied on.
    Unverified,
    /// It is shown, not relied on, and was heard before.
    HeardBefore,
}

/// What a field of a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// A fact.
    Fact(FactKind),
    /// What the instance is called.
    Name,
    /// The team it belongs to.
    Team,
    /// Where messages about it go.
    Channel,
}

/// A field's value, as held or as a file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// There is none.
    None,
    /// A fact's.
    Fact(FactValue),
    /// Two that disagree: the one held, and what a file said.
    Both(Box<(FactValue, FactValue)>),
    /// A name's, team's or channel's.
    Text(String),
}

/// What it came to that a complete listing does not have an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// Its edition is not known any more.
    Forgotten,
    /// Its edition stands: it is newer than the listing.
    NewerWord,
    /// Its edition was not known anyway.
    NotKnown,
}

/// One field of a row, with what it was and what the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldReport {
    /// Which.
    pub field: Field,
    /// What the file's value did.
    pub merged: Merged,
    /// What was held.
    pub from: FieldValue,
    /// What the file says.
    pub to: FieldValue,
}

impl Case {
    /// Merges a row into the instance and lets the open change react.
    pub fn import(
        &mut self,
        row: &Said,
        terms: ImportTerms,
        moment: &Moment<'_>,
    ) -> Vec<FieldReport> {
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        let mut merge = Merge {
            case: self,
            terms,
            moment,
            reports: Vec::new(),
        };
        merge.descriptions(row);
        for fact in FactKind::ALL {
            merge.take(*fact, row);
        }
        let reports = merge.reports;
        let facts = reports
            .iter()
            .filter(|report| {
                !matches!(
                    report.merged,
                    Merged::Same | Merged::Older | Merged::NeedsWord | Merged::HeardBefore
                )
            })
            .filter_map(|report| match report.field {
                Field::Fact(fact) => Some(fact),
                Field::Name | Field::Team | Field::Channel => None,
            })
            .collect::<Vec<_>>();
        if !facts.is_empty() {
            self.record_event(moment.now, Some(moment.by), EventKind::Imported { facts });
        }
        self.react(&before, moment, false);
        reports
    }

    /// Another tracked instance claims the same commodity id: neither counts until a person settles whose it is. Says
    /// whether that is new.
    pub fn dispute_commodity_id(&mut self, moment: &Moment<'_>) -> bool {
        let Some(known) = self.instance.commodity_id.known().cloned() else {
            return false;
        };
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        self.instance.commodity_id = Fact::Contradictory {
            held: known.clone(),
            other: known,
        };
        self.react(&before, moment, false);
        true
    }

    /// A complete listing of its region does not have the instance: its edition is not known any more, unless a
    /// person's newer word stands.
    pub fn missing(&mut self, terms: ImportTerms, moment: &Moment<'_>) -> Missing {
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        let newest = before.edition.candidates().map(|known| known.at).max();
        let came_to = match (&before.edition, newest) {
            (Fact::Unknown { .. }, _) => Missing::NotKnown,
            (Fact::Known(_) | Fact::Contradictory { .. }, Some(at)) if at > terms.at => {
                Missing::NewerWord
            }
            (Fact::Known(_) | Fact::Contradictory { .. }, _) => Missing::Forgotten,
        };
        let said_before = matches!(
            before.edition,
            Fact::Unknown {
                gap: Gap::Missing,
                ..
            }
        );
        if !said_before {
            self.record_event(moment.now, Some(moment.by), EventKind::Missing);
        }
        if came_to == Missing::Forgotten {
            self.instance.forget_edition(Gap::Missing, terms.at);
            self.react(&before, moment, false);
        }
        came_to
    }
}

struct Merge<'a, 'm> {
    case: &'a mut Case,
    terms: ImportTerms,
    moment: &'a Moment<'m>,
    reports: Vec<FieldReport>,
}

impl Merge<'_, '_> {
    fn known<T>(&self, value: T) -> Known<T> {
        Known {
            value,
            source: Source::Imported,
            by: self.moment.by.clone(),
            at: self.terms.at,
        }
    }

    fn report(&mut self, fact: FactKind, merged: Merged, from: FieldValue, to: FactValue) {
        self.reports.push(FieldReport {
            field: Field::Fact(fact),
            merged,
            from,
            to: FieldValue::Fact(to),
        });
    }

    /// Name, team and channel carry no source of their own: one date says when they were last spoken of.
    fn descriptions(&mut self, row: &Said) {
        let instance = &self.case.instance;
        let said_at = instance.described_at;
        let older = said_at.is_some_and(|at| at > self.terms.at);
        let text = |label: &Option<Label>| label.as_ref().map(ToString::to_string);
        let pairs = [
            (
                Field::Name,
                Some(instance.name.to_string()),
                row.name.as_ref().map(ToString::to_string),
            ),
            (
                Field::Team,
                text(&instance.team),
                row.team.as_ref().and_then(text),
            ),
            (
                Field::Channel,
                text(&instance.channel),
                row.channel.as_ref().and_then(text),
            ),
        ];
        let said = pairs.iter().any(|(_, _, to)| to.is_some());
        for (field, from, to) in pairs {
            let Some(to) = to.filter(|to| from.as_ref() != Some(to)) else {
                continue;
            };
            let merged = if older {
                Merged::Older
            } else if from.is_some() {
                Merged::Changed
            } else {
                Merged::New
            };
            self.reports.push(FieldReport {
                field,
                merged,
                from: from.map_or(FieldValue::None, FieldValue::Text),
                to: FieldValue::Text(to),
            });
        }
        if older || !said {
            return;
        }
        self.case.describe(row, self.moment);
        self.case.instance.described_at = Some(self.terms.at);
    }

    /// What only Platinum has finds no room on Standard.
    fn take(&mut self, fact: FactKind, row: &Said) {
        if fact.is_platinums() && self.is_standard(row) {
            return;
        }
        match fact.taking() {
            Taking::Edition => self.edition(row.edition.flatten()),
            Taking::Expiry => self.expiry(row.expires.flatten()),
            Taking::Action => self.action(row.action.flatten()),
            Taking::Plainly => self.plainly(fact, row),
        }
    }

    fn edition(&mut self, edition: Option<Edition>) {
        let Some(edition) = edition else {
            return;
        };
        let from = held(&self.case.instance.edition, |edition| {
            FactValue::Edition(*edition)
        });
        let (becomes, merged) = self.merge(&self.case.instance.edition, edition);
        // The file shows what the open change was after: nothing contradicts. Or it says what one person said before.
        let (becomes, merged) = if merged == Merged::Conflict
            && self.case.is_target(edition, self.terms.at)
            || self.case.is_second_word(edition, self.terms.at)
        {
            (Some(Fact::Known(self.known(edition))), Merged::Changed)
        } else if merged == Merged::Changed
            && !self.terms.accept
            && self.case.is_unexplained(edition, self.moment.now)
        {
            // It has left its subscription and nobody has said how: somebody looks.
            (self.beside(edition), Merged::Conflict)
        } else {
            (becomes, merged)
        };
        if let Some(becomes) = becomes {
            self.case.take_edition(becomes, self.terms.at);
        }
        self.report(FactKind::Edition, merged, from, FactValue::Edition(edition));
    }

    /// The file's edition beside the one held: neither is relied on.
    fn beside(&self, edition: Edition) -> Option<Fact<Edition>> {
        let held = self.case.instance.edition.held()?.clone();
        Some(Fact::Contradictory {
            held,
            other: self.known(edition),
        })
    }

    /// Whether there is no room for what only Platinum has: the row says Standard, or Standard is what is known.
    fn is_standard(&self, row: &Said) -> bool {
        row.edition == Some(Some(Edition::Standard))
            || self.case.instance.edition.value() == Some(&Edition::Standard)
    }

    fn expiry(&mut self, expires: Option<Timestamp>) {
        let Some(expires) = expires else {
            return;
        };
        let from = held(&self.case.instance.expires, |at| FactValue::At(*at));
        let (becomes, merged) = self.merge(&self.case.instance.expires, expires);
        if let Some(becomes) = becomes {
            if becomes.is_contradictory() {
                self.case.instance.expires = becomes;
            } else {
                self.case.take_expiry(becomes, self.moment.now);
            }
        }
        self.report(FactKind::Expires, merged, from, FactValue::At(expires));
    }

    /// Never known through a file: what it would have taken over stays, or becomes unknown.
    fn action(&mut self, action: Option<PostExpirationAction>) {
        let Some(action) = action else {
            return;
        };
        let mut from = held(&self.case.instance.action, |action| {
            FactValue::Action(*action)
        });
        let (becomes, merged) = self.merge(&self.case.instance.action, action);
        let unverified = self.known(action);
        let instance = &mut self.case.instance;
        let heard = instance.action_unverified.as_ref();
        let again = heard.is_some_and(|heard| heard.value == action);
        let newer = heard.is_none_or(|heard| heard.at <= unverified.at);
        let merged = match merged {
            Merged::Conflict => {
                if let Some(becomes) = becomes {
                    instance.set_action(becomes);
                }
                Merged::Conflict
            }
            Merged::Changed => {
                instance.set_action(Fact::gone(Gap::Unverified, self.terms.at));
                Merged::Unverified
            }
            Merged::New | Merged::Unverified | Merged::HeardBefore | Merged::NeedsWord => {
                if let Some(heard) = heard.filter(|_| !newer) {
                    from = FieldValue::Fact(FactValue::Action(heard.value));
                    Merged::Older
                } else if again {
                    Merged::HeardBefore
                } else {
                    Merged::Unverified
                }
            }
            Merged::Same | Merged::Older => merged,
        };
        if merged != Merged::Older {
            instance.action_unverified = Some(unverified);
        }
        self.report(FactKind::Action, merged, from, FactValue::Action(action));
    }

    /// What a file's value makes of a fact that is taken as it is said.
    fn becomes<T: Clone + PartialEq>(
        &self,
        kind: FactKind,
        fact: &Fact<T>,
        value: &T,
    ) -> (Option<Fact<T>>, Merged) {
        let known = self.known(value.clone());
        match kind.from_file() {
            FromFile::Known => {
                let (becomes, merged) = self.merge(fact, value.clone());
                // The same status read again is a fresher reading.
                let again = kind.ages() && merged == Merged::Same;
                (again.then_some(Fact::Known(known)).or(becomes), merged)
            }
            FromFile::Latest => match fact.held() {
                Some(was) if was.at > known.at => (None, Merged::Older),
                Some(was) if was.value == *value => (Some(Fact::Known(known)), Merged::Same),
                Some(_) => (Some(Fact::Known(known)), Merged::Changed),
                None => (Some(Fact::Known(known)), Merged::New),
            },
            FromFile::Unverified => (None, Merged::HeardBefore),
        }
    }

    /// What a file's value makes of a fact; `None` leaves it as it is.
    fn merge<T: Clone + PartialEq>(&self, fact: &Fact<T>, value: T) -> (Option<Fact<T>>, Merged) {
        let other = self.known(value);
        match fact {
            Fact::Unknown { since, .. } if since.is_some_and(|since| since > other.at) => {
                (None, Merged::Older)
            }
            Fact::Unknown {
                gap: Gap::OutcomeUnknown,
                ..
            } if !self.terms.accept => (None, Merged::NeedsWord),
            Fact::Unknown { .. } => (Some(Fact::Known(other)), Merged::New),
            Fact::Known(held) if held.value == other.value => {
                let fresher = held.source == Source::Imported && held.at < other.at;
                (fresher.then_some(Fact::Known(other)), Merged::Same)
            }
            Fact::Known(held) if other.at < held.at => (None, Merged::Older),
            Fact::Known(held) if held.source == Source::Imported || self.terms.accept => {
                (Some(Fact::Known(other)), Merged::Changed)
            }
            Fact::Known(held) => (
                Some(Fact::Contradictory {
                    held: held.clone(),
                    other,
                }),
                Merged::Conflict,
            ),
            Fact::Contradictory { held, other: said } if other.at < held.at.max(said.at) => {
                (None, Merged::Older)
            }
            Fact::Contradictory { .. } if self.terms.accept => {
                (Some(Fact::Known(other)), Merged::Changed)
            }
            Fact::Contradictory { held, .. } if held.value != other.value => (
                Some(Fact::Contradictory {
                    held: held.clone(),
                    other,
                }),
                Merged::Conflict,
            ),
            Fact::Contradictory { .. } => (None, Merged::Conflict),
        }
    }
}

macro_rules! plainly {
    ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
        impl Merge<'_, '_> {
            fn plainly(&mut self, fact: FactKind, row: &Said) {
                match fact {
                    $(FactKind::$Kind => {
                        let Some(Some(value)) = &row.$field else {
                            return;
                        };
                        let wrap = |value: &$Type| FactValue::$Value(value.clone());
                        let was = &self.case.instance.$field;
                        let from = held(was, wrap);
                        let (becomes, merged) = self.becomes(fact, was, value);
                        if let Some(becomes) = becomes {
                            self.case.instance.$field = becomes;
                        }
                        self.report(fact, merged, from, wrap(value));
                    })+
                }
            }
        }
    };
}

use Timestamp as When;
each_fact!(plainly);

/// A fact's value before a row is merged.
fn held<T>(fact: &Fact<T>, wrap: impl Fn(&T) -> FactValue) -> FieldValue {
    match fact {
        Fact::Unknown { .. } => FieldValue::Fact(FactValue::Unknown),
        Fact::Known(known) => FieldValue::Fact(wrap(&known.value)),
        Fact::Contradictory { held, other } => {
            FieldValue::Both(Box::new((wrap(&held.value), wrap(&other.value))))
        }
    }
}
