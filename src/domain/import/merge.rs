//! The merge of a row into an instance, fact by fact.

use super::{
    ANOTHER_LISTING, DISPUTED_REGION, Field, FieldReport, FieldValue, ImportTerms, Merged,
};
use crate::Timestamp;
use crate::case::{Case, Moment};
use crate::change::{Change, Step};
use crate::event::{EventKind, FactValue};
use crate::fact::{Fact, Gap, Known, Source};
use crate::facts::{FromFile, Taking, each_fact};
use crate::id::{CommodityId, Region};
use crate::instance::{Edition, PostExpirationAction, Switch};
use crate::rules::FactKind;
use crate::said::Said;
use crate::team::PERMIT_VALID;

/// A merge of one row into an instance.
pub(super) struct Merge<'a, 'm> {
    pub(super) case: &'a mut Case,
    pub(super) terms: ImportTerms,
    pub(super) moment: &'a Moment<'m>,
    /// Whether the row leaves out the edition, and its other values say Platinum.
    pub(super) implied: bool,
    pub(super) reports: Vec<FieldReport>,
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

    /// Keeps another region than the tracked one beside it: the facts are those of the id, and which region is right a person says.
    pub(super) fn region(&mut self, given: Option<&Region>) {
        let given = given.filter(|given| **given != self.case.instance.region);
        let Some(given) = given.cloned() else {
            return;
        };
        self.reports.push(FieldReport {
            field: Field::Region,
            merged: Merged::Conflict,
            from: FieldValue::Text(self.case.instance.region.to_string()),
            to: FieldValue::Text(given.to_string()),
        });
        let other = self.known(given);
        let held = self.case.instance.region_in_file.as_ref();
        if held.is_some_and(|held| held.at > other.at) {
            return;
        }
        let from = self.case.instance.region_shown();
        self.case.instance.region_in_file = Some(other);
        let to = self.case.instance.region_shown();
        if from != to {
            let kind = EventKind::described(DISPUTED_REGION, Some(from), Some(to));
            self.case.record_act(self.moment, kind);
        }
    }

    /// Merges name, team and channel, which have no source of their own, only a common date.
    pub(super) fn descriptions(&mut self, row: &Said) {
        let instance = &self.case.instance;
        let said_at = instance.described_at;
        let older = said_at.is_some_and(|at| at > self.terms.at);
        fn text<T: ToString>(of: &Option<T>) -> Option<String> {
            of.as_ref().map(T::to_string)
        }
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
        let described = Said {
            name: row.name.clone(),
            team: row.team.clone(),
            channel: row.channel.clone(),
            ..Said::default()
        };
        self.case.describe(&described, self.moment);
        self.case.instance.described_at = Some(self.terms.at);
    }

    /// Facts that only Platinum has are ignored on Standard.
    pub(super) fn take_fact(&mut self, fact: FactKind, row: &Said) {
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
        let is_news = matches!(merged, Merged::New | Merged::Changed | Merged::Conflict);
        let before = self.case.standard_so_far(self.terms.at);
        let before = before.filter(|_| edition == Edition::Standard);
        let is_target = self.case.is_target(edition, self.terms.at);
        let (becomes, merged) = if merged != Merged::Older && self.is_same_file(edition) {
            (None, Merged::Conflict)
        } else if before.is_some() && self.case.instance.platinum_implied && !self.terms.accept {
            // A person settles it, or each billing document would dispute it again.
            (None, Merged::NeedsWord)
        } else if let Some(before) = before {
            match self.agrees_with(before) {
                true => (Some(Fact::Known(self.known(edition))), Merged::Changed),
                false => (None, Merged::Conflict),
            }
        } else if is_news && self.is_disputed(edition) {
            // The instance left its subscription without a recorded exit, so a person must look.
            (self.case.beside(self.known(edition)), Merged::Conflict)
        } else if merged == Merged::NeedsWord && self.shows_no_exit(edition) {
            (Some(Fact::Known(self.known(edition))), Merged::New)
        } else if merged == Merged::Conflict && is_target {
            (Some(Fact::Known(self.known(edition))), Merged::Changed)
        } else if self.implied && is_news && !self.terms.accept && !is_target {
            self.implied_edition()
        } else if merged == Merged::Same {
            let left = self.case.open_change().and_then(Change::left_at);
            let left = left.filter(|_| edition == Edition::Platinum);
            match self.after_exit(&self.case.instance.edition, left, becomes) {
                (becomes, Merged::Same) => (self.after_doubt(becomes), Merged::Same),
                after_exit => after_exit,
            }
        } else {
            (becomes, merged)
        };
        if let Some(becomes) = becomes {
            self.case.take_edition(becomes, self.terms.at);
        }
        if merged == Merged::Conflict && edition == Edition::Standard {
            self.case.instance.standard_in_file = Some(self.terms.content);
        }
        self.report(FactKind::Edition, merged, from, FactValue::Edition(edition));
    }

    /// Platinum beside the known Standard, also beside that of a file: the row does not say it in so many words.
    fn implied_edition(&mut self) -> (Option<Fact<Edition>>, Merged) {
        let standard = self.case.instance.edition.known().cloned();
        let beside = standard.map(|held| Fact::Contradictory {
            held,
            other: self.known(Edition::Platinum),
        });
        self.case.instance.platinum_implied = true;
        (beside, Merged::Implied)
    }

    /// Whether the file has it as Platinum after an irreversible step may have been taken, the permit of which is over since: what
    /// was unsubscribed is Standard at once (rule `exit-converts`), so the step was not taken.
    fn shows_no_exit(&self, edition: Edition) -> bool {
        let unknown = match self.case.instance.edition {
            Fact::Unknown { since, .. } => since,
            Fact::Known(_) | Fact::Contradictory { .. } => None,
        };
        let doubted = unknown.max(self.case.in_doubt_since());
        let is_over = doubted.is_some_and(|at| self.terms.at >= at + PERMIT_VALID);
        edition == Edition::Platinum && is_over
    }

    /// Whether the file's Standard is another one's word than the one before. A person may have made the file that they hand in,
    /// and the listing before may be this one once more, unless it is accepted where nobody handed it in.
    fn agrees_with(&self, before: &Known<Edition>) -> bool {
        let by = &self.moment.by;
        let another = self.is_fetched() || before.by.id != by.id;
        let accepted = self.terms.accept && self.is_fetched();
        let counts = accepted || self.terms.at >= before.at + ANOTHER_LISTING;
        another && (before.source != Source::Imported || counts && !self.terms.doubts_standard)
    }

    /// Whether it is the file that called it Standard before, once more, so that nothing was read since.
    fn is_same_file(&self, edition: Edition) -> bool {
        let instance = &self.case.instance;
        edition == Edition::Standard
            && instance.edition.is_contradictory()
            && instance.standard_in_file == Some(self.terms.content)
            && !(self.terms.accept && self.is_fetched())
    }

    /// A repeated value that only Platinum has: read after the exit, and said before it, it is news.
    fn after_exit<T: Clone>(
        &self,
        fact: &Fact<T>,
        left: Option<Timestamp>,
        becomes: Option<Fact<T>>,
    ) -> (Option<Fact<T>>, Merged) {
        let known = fact.known().filter(|known| {
            let since = |left: Timestamp| known.at <= left && left < self.terms.at;
            left.is_some_and(since)
        });
        match known {
            Some(known) => {
                let known = self.known(known.value.clone());
                (Some(Fact::Known(known)), Merged::AfterExit)
            }
            None => (becomes, Merged::Same),
        }
    }

    /// A repeated edition that was read after an irreversible step came into doubt, and said before it: it is as fresh as the
    /// file, so that it settles the doubt.
    fn after_doubt(&self, becomes: Option<Fact<Edition>>) -> Option<Fact<Edition>> {
        let Some(doubt) = self.case.in_doubt_since() else {
            return becomes;
        };
        self.after_exit(&self.case.instance.edition, Some(doubt), becomes)
            .0
    }

    /// Whether the file's edition counts for no more than a contradiction. A file that somebody hands in, and accepts, is one
    /// person's word, which is not enough where two have to look.
    fn is_disputed(&self, edition: Edition) -> bool {
        let doubted = self.terms.doubts_standard && edition == Edition::Standard;
        doubted || !(self.terms.accept && self.is_fetched()) && self.is_unexplained(edition)
    }

    /// Whether the file counts for more than the word of the person who hands it in, who may have made it.
    fn is_fetched(&self) -> bool {
        self.moment.by.is_at_console() || self.moment.policy.observers <= 1
    }

    /// Whether the file's edition is Standard, and nothing known leads there. With an open downgrade a recent observation of
    /// Downgrade does: it may have been carried out without being reported. One person's word is not enough for that.
    fn is_unexplained(&self, edition: Edition) -> bool {
        let change = self.case.open_change();
        let downgrades = change.is_some_and(|change| change.kind.route().is_some());
        if downgrades && self.is_fetched() {
            self.case.lacks_exit(edition, self.moment)
        } else {
            self.case.is_unexplained(edition, self.terms.at)
        }
    }

    /// Whether the row or the known edition is Standard, which excludes the facts that only Platinum has.
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
        let (becomes, merged) = if merged == Merged::Same {
            // After an expiry its date is no news. Unsubscribed, an instance has none.
            let change = self.case.open_change();
            let left = change.and_then(|change| change.record(Step::Unsubscribe));
            let left = left.map(|record| record.at);
            self.after_exit(&self.case.instance.expires, left, becomes)
        } else {
            (becomes, merged)
        };
        if let Some(becomes) = becomes {
            if becomes.is_contradictory() {
                self.case.instance.expires = becomes;
            } else {
                self.case.take_expiry(becomes, self.moment.now);
            }
        }
        self.report(FactKind::Expires, merged, from, FactValue::At(expires));
    }

    /// A file never sets the action: a value it would have replaced stays, or becomes unknown.
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
            Merged::Same | Merged::AfterExit | Merged::Older | Merged::Implied => merged,
        };
        if merged != Merged::Older {
            instance.action_unverified = Some(unverified);
        }
        self.report(FactKind::Action, merged, from, FactValue::Action(action));
    }

    /// The effect of a file's value on a fact without consequences for others.
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
                // The same status read again is a newer reading.
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

    /// The effect of a file's value on a fact; `None` leaves it unchanged.
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

/// A fact's value before the merge.
fn held<T>(fact: &Fact<T>, wrap: impl Fn(&T) -> FactValue) -> FieldValue {
    match fact {
        Fact::Unknown { .. } => FieldValue::Fact(FactValue::Unknown),
        Fact::Known(known) => FieldValue::Fact(wrap(&known.value)),
        Fact::Contradictory { held, other } => {
            FieldValue::Both(Box::new((wrap(&held.value), wrap(&other.value))))
        }
    }
}
