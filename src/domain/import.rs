//! Facts taken from a file: merged with what is held, never silently over a person's word.

use super::Timestamp;
use super::case::{Attestation, Case, Moment};
use super::event::{EventKind, FactValue};
use super::fact::{Fact, Gap, Known, Source};
use super::id::{CommodityId, InstanceName, Label, Region};
use super::instance::{Edition, PostExpirationAction, Switch};
use super::rules::FactKind;

/// What a row of a file says of one instance. `None` says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// What it is called.
    pub name: Option<InstanceName>,
    /// Where it lives.
    pub region: Option<Region>,
    /// The team it belongs to.
    pub team: Option<Label>,
    /// Where messages about it go.
    pub channel: Option<Label>,
    /// The edition.
    pub edition: Option<Edition>,
    /// The expiry.
    pub expires: Option<Timestamp>,
    /// The action: hearsay, shown and never relied on.
    pub action: Option<PostExpirationAction>,
    /// Auto-renewal.
    pub auto_renew: Option<Switch>,
    /// Whether the vendor works on it.
    pub busy: Option<Switch>,
    /// The size.
    pub max_tps: Option<u32>,
    /// The commodity id.
    pub commodity_id: Option<CommodityId>,
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
    Hearsay,
}

/// One field of a row, with what it was and what the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldReport {
    /// Which fact; `None` for the name, team or channel.
    pub fact: Option<FactKind>,
    /// What the file's value did.
    pub merged: Merged,
    /// What was held.
    pub from: FactValue,
    /// What the file says.
    pub to: FactValue,
}

impl Case {
    /// Merges a row into the instance and lets the open change react.
    pub fn import(
        &mut self,
        row: &Imported,
        terms: ImportTerms,
        moment: &Moment<'_>,
    ) -> Vec<FieldReport> {
        self.advance(moment.limits, moment.now);
        let before = self.instance.clone();
        let mut merge = Merge {
            case: self,
            terms,
            moment,
            reports: Vec::new(),
        };
        merge.descriptions(row);
        merge.edition(row.edition);
        merge.expiry(row);
        merge.action(row.action);
        merge.others(row);
        let reports = merge.reports;
        let facts = reports
            .iter()
            .filter(|report| {
                !matches!(
                    report.merged,
                    Merged::Same | Merged::Older | Merged::NeedsWord
                )
            })
            .filter_map(|report| report.fact)
            .collect::<Vec<_>>();
        if !facts.is_empty() {
            self.note(moment.now, Some(moment.by), EventKind::Imported { facts });
        }
        self.react(&before, moment, false);
        reports
    }

    /// A complete listing of its region does not have the instance: its edition is not known any more.
    ///
    /// Says whether that changed anything: a person's newer word stands.
    pub fn missing(&mut self, terms: ImportTerms, moment: &Moment<'_>) -> bool {
        self.advance(moment.limits, moment.now);
        if self
            .instance
            .edition
            .held()
            .is_none_or(|held| held.at > terms.at)
        {
            return false;
        }
        let before = self.instance.clone();
        self.instance.edition = Fact::gone(Gap::Missing, terms.at);
        self.react(&before, moment, false);
        true
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

    fn report(&mut self, fact: FactKind, merged: Merged, from: FactValue, to: FactValue) {
        self.reports.push(FieldReport {
            fact: Some(fact),
            merged,
            from,
            to,
        });
    }

    fn descriptions(&mut self, row: &Imported) {
        let instance = &self.case.instance;
        let newest = [
            instance.edition.held().map(|held| held.at),
            instance.expires.held().map(|held| held.at),
            instance.busy.held().map(|held| held.at),
        ];
        if newest.into_iter().flatten().any(|at| at > self.terms.at) {
            return;
        }
        let said = Attestation {
            name: row.name.clone(),
            region: row.region.clone(),
            team: row.team.clone(),
            channel: row.channel.clone(),
            ..Attestation::default()
        };
        let noted = self.case.events.len();
        self.case.describe(&said, self.moment);
        if self.case.events.len() > noted {
            let report = FieldReport {
                fact: None,
                merged: Merged::Changed,
                from: FactValue::Unknown,
                to: FactValue::Unknown,
            };
            self.reports.push(report);
        }
    }

    fn edition(&mut self, edition: Option<Edition>) {
        let Some(edition) = edition else {
            return;
        };
        let from = FactValue::of(&self.case.instance, FactKind::Edition);
        let (becomes, merged) = self.merge(&self.case.instance.edition, edition);
        // The file shows what the open change was after: nothing contradicts.
        let (becomes, merged) = match merged {
            Merged::Conflict if self.case.is_target(edition) => {
                (Some(Fact::Known(self.known(edition))), Merged::Changed)
            }
            Merged::New
            | Merged::Changed
            | Merged::Same
            | Merged::Older
            | Merged::Conflict
            | Merged::NeedsWord
            | Merged::Hearsay => (becomes, merged),
        };
        if let Some(becomes) = becomes {
            self.case.take_edition(becomes, self.moment.now);
        }
        self.report(FactKind::Edition, merged, from, FactValue::Edition(edition));
    }

    fn is_standard(&self) -> bool {
        self.case.instance.edition.value() == Some(&Edition::Standard)
    }

    fn expiry(&mut self, row: &Imported) {
        let Some(expires) = row.expires else {
            return;
        };
        if row.edition == Some(Edition::Standard) || self.is_standard() {
            return;
        }
        let from = FactValue::of(&self.case.instance, FactKind::Expires);
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

    fn action(&mut self, action: Option<PostExpirationAction>) {
        let Some(action) = action.filter(|_| !self.is_standard()) else {
            return;
        };
        let from = FactValue::of(&self.case.instance, FactKind::Action);
        let (becomes, merged) = self.merge(&self.case.instance.action, action);
        let hearsay = self.known(action);
        let instance = &mut self.case.instance;
        // Never known through a file: what it would have taken over stays, or becomes unknown.
        let merged = match merged {
            Merged::Conflict => {
                instance.action = becomes.unwrap_or(Fact::gone(Gap::SaidUnknown, self.terms.at));
                Merged::Conflict
            }
            Merged::Changed => {
                instance.action = Fact::gone(Gap::SaidUnknown, self.terms.at);
                Merged::Hearsay
            }
            Merged::New | Merged::Hearsay | Merged::NeedsWord => Merged::Hearsay,
            Merged::Same | Merged::Older => merged,
        };
        if merged != Merged::Older {
            instance.action_hearsay = Some(hearsay);
        }
        self.report(FactKind::Action, merged, from, FactValue::Action(action));
    }

    fn others(&mut self, row: &Imported) {
        if let Some(auto_renew) = row.auto_renew.filter(|_| !self.is_standard()) {
            let from = FactValue::of(&self.case.instance, FactKind::AutoRenew);
            let (becomes, merged) = self.merge(&self.case.instance.auto_renew, auto_renew);
            self.case.instance.auto_renew =
                becomes.unwrap_or(self.case.instance.auto_renew.clone());
            self.report(
                FactKind::AutoRenew,
                merged,
                from,
                FactValue::Switch(auto_renew),
            );
        }
        if let Some(busy) = row.busy {
            let from = FactValue::of(&self.case.instance, FactKind::Busy);
            let (mut becomes, merged) = self.merge(&self.case.instance.busy, busy);
            // The same status read again is a fresher reading.
            if merged == Merged::Same {
                becomes = Some(Fact::Known(self.known(busy)));
            }
            self.case.instance.busy = becomes.unwrap_or(self.case.instance.busy.clone());
            self.report(FactKind::Busy, merged, from, FactValue::Switch(busy));
        }
        if let Some(max_tps) = row.max_tps {
            let from = FactValue::of(&self.case.instance, FactKind::MaxTps);
            let (becomes, merged) = self.merge(&self.case.instance.max_tps, max_tps);
            self.case.instance.max_tps = becomes.unwrap_or(self.case.instance.max_tps.clone());
            self.report(FactKind::MaxTps, merged, from, FactValue::Tps(max_tps));
        }
        if let Some(commodity_id) = &row.commodity_id {
            let from = FactValue::of(&self.case.instance, FactKind::CommodityId);
            let (becomes, merged) =
                self.merge(&self.case.instance.commodity_id, commodity_id.clone());
            self.case.instance.commodity_id =
                becomes.unwrap_or(self.case.instance.commodity_id.clone());
            let to = FactValue::Commodity(commodity_id.to_string());
            self.report(FactKind::CommodityId, merged, from, to);
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
                gap: Gap::InDoubt, ..
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
            Fact::Contradictory { held, .. } if other.at < held.at => (None, Merged::Older),
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
