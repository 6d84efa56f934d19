//! The merge of one row.

use super::plan::PlannedRow;
use crate::answer::{RowRefusal, RowReport, RowStatus};
use crate::app::RequestContext;
use crate::domain::case::Case;
use crate::domain::import::{FieldReport, ImportTerms, Merged, repeated};
use crate::domain::instance::{Edition, Instance, Tracking};
use crate::domain::said::Said;
use crate::listing::{RowContent, RowId};

/// The report of a row, and the instance after it.
pub(super) struct RowResult {
    pub(super) report: RowReport,
    pub(super) case: Option<Merging>,
}

/// An instance before and after a row.
pub(super) struct Merging {
    /// The index of the row's report in its batch.
    pub(super) report: usize,
    pub(super) before: Option<Case>,
    pub(super) after: Case,
    /// The facts that the row repeats with the date that they have already.
    pub(super) repeated: Vec<&'static str>,
}

impl RequestContext<'_> {
    /// Merges a row with the saved instance.
    pub(super) fn merge_row(
        &self,
        planned: &PlannedRow,
        entry: &RowContent,
        held: Option<Case>,
        terms: ImportTerms,
    ) -> RowResult {
        let row = &planned.row;
        let came_to = |subject: &str, status| report(planned.number, &row.place, subject, status);
        let of = |case: &Case, report: RowReport| RowReport {
            handle: case.instance.handle(),
            ..report
        };
        let settled = |status| RowResult {
            report: came_to(&row.id_text, status),
            case: None,
        };
        let mut case = match (&held, &planned.name, &planned.region) {
            (None, ..) if entry.released => return settled(RowStatus::SkippedGone),
            (Some(case), ..) => match &case.instance.tracking {
                Tracking::Removed(_) => return settled(RowStatus::SkippedRemoved),
                Tracking::Lost(_) if entry.shows_it_is_there(terms.at) => {
                    return settled(RowStatus::ConflictLost);
                }
                Tracking::Lost(_) => return settled(RowStatus::SkippedGone),
                Tracking::Tracked => case.clone(),
            },
            (None, Some(name), Some(region)) => {
                let instance = Instance::new(planned.id.clone(), name.clone(), region.clone());
                let mut case = Case::new(instance, None);
                case.note_tracked(&self.moment());
                case
            }
            (None, ..) => return settled(RowStatus::Refused(RowRefusal::NoRegion)),
        };
        if entry.released {
            let status = match entry.id {
                RowId::Billed(_) => RowStatus::Released,
                RowId::FourX(_) | RowId::Series5 | RowId::OtherProduct => RowStatus::CalledGone,
            };
            return self.merge_released(planned, case, held, terms, status);
        }
        // Where it is known to be Platinum, a row that calls it Standard is told, also one that contradicts itself.
        let doubts_standard = entry.contradicts_standard()
            && case.instance.edition.value() == Some(&Edition::Platinum);
        let terms = ImportTerms {
            doubts_standard,
            subscribed: entry.subscribed,
            ..terms
        };
        let edition = match doubts_standard {
            true => Some(Some(Edition::Standard)),
            false => entry.said.edition,
        };
        let said = Said {
            edition,
            name: planned.name.clone().filter(|_| entry.said.name.is_some()),
            region: planned.region.clone(),
            ..entry.said.clone()
        };
        let newer = case
            .instance
            .described_at
            .is_some_and(|said| said > terms.at);
        let held_before = held.as_ref().map(|held| &held.instance);
        let repeated = held_before.map_or_else(Vec::new, |held| repeated(held, &said, terms.at));
        let fields = case.import(&said, terms, &self.moment());
        if let Some(name) = entry.said.name.as_ref().filter(|_| !newer) {
            case.instance.listed_as = Some(name.clone());
        }
        let status = status(held.is_none(), fields);
        RowResult {
            report: of(&case, came_to(case.instance.name.as_str(), status)),
            case: Some(Merging {
                report: 0,
                before: held,
                after: case,
                repeated,
            }),
        }
    }
}

impl RequestContext<'_> {
    /// The subscription has ended, or the instance. Of what is Standard the first is old news; anything else has become that since,
    /// or is gone.
    fn merge_released(
        &self,
        planned: &PlannedRow,
        mut case: Case,
        held: Option<Case>,
        terms: ImportTerms,
        status: RowStatus,
    ) -> RowResult {
        let subject = case.instance.called();
        let is_standard = matches!(status, RowStatus::Released)
            && case.instance.edition.value() == Some(&Edition::Standard);
        if !is_standard {
            case.missing(terms, &self.moment());
        }
        let is_news = held
            .as_ref()
            .is_none_or(|held| held.instance != case.instance);
        let status = match is_news {
            true => status,
            false => RowStatus::Unchanged(Vec::new()),
        };
        RowResult {
            report: report(planned.number, &planned.row.place, &subject, status),
            case: is_news.then_some(Merging {
                report: 0,
                before: held,
                after: case,
                repeated: Vec::new(),
            }),
        }
    }
}

/// A report of a row alone.
pub(super) fn report(number: usize, place: &str, subject: &str, status: RowStatus) -> RowReport {
    RowReport {
        number,
        place: place.to_owned(),
        subject: subject.to_owned(),
        handle: String::new(),
        status,
        events: Vec::new(),
    }
}

fn status(new: bool, fields: Vec<FieldReport>) -> RowStatus {
    let any = |wanted: &[Merged]| fields.iter().any(|field| wanted.contains(&field.merged));
    if new {
        RowStatus::New(fields)
    } else if any(&[Merged::Conflict, Merged::Implied, Merged::NeedsWord]) {
        RowStatus::Conflict(fields)
    } else if any(&[
        Merged::New,
        Merged::Changed,
        Merged::AfterExit,
        Merged::Unverified,
    ]) {
        RowStatus::Changed(fields)
    } else {
        RowStatus::Unchanged(fields)
    }
}
