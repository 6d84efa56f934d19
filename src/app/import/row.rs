//! One row of a file.

use super::Seen;
use crate::answer::{Fatal, RowRefusal, RowReport, RowStatus};
use crate::app::Desk;
use crate::command::Import;
use crate::domain::case::Case;
use crate::domain::id::{InstanceId, InstanceName, Region};
use crate::domain::import::{FieldReport, ImportTerms, Imported, Merged};
use crate::domain::instance::{Instance, Tracking};
use crate::listing::{Entry, Row, RowId};
use crate::store::Tx;

impl Desk<'_> {
    /// What a row comes to, merged with what is held.
    pub(super) async fn import_row(
        &self,
        tx: &mut Tx,
        row: &Row,
        request: &Import,
        terms: ImportTerms,
        seen: &mut Seen,
    ) -> Result<RowReport, Fatal> {
        let entry = match &row.entry {
            Ok(entry) => entry,
            Err(problem) => {
                let refusal = RowRefusal::Problem(problem.clone());
                return Ok(report(row, &row.id_text, RowStatus::Refused(refusal)));
            }
        };
        let id = match &entry.id {
            RowId::FourX(id) => id.clone(),
            RowId::Billed(id) => match tx.billed_as(id).await?.as_slice() {
                [] => return Ok(report(row, &row.id_text, RowStatus::SkippedUnbilled)),
                [only] => only.clone(),
                several => {
                    let refusal = RowRefusal::BilledTwice(several.to_vec());
                    return Ok(report(row, &row.id_text, RowStatus::Refused(refusal)));
                }
            },
            RowId::Series5 => return Ok(report(row, &row.id_text, RowStatus::SkippedSeries5)),
            RowId::OtherProduct => return Ok(report(row, &row.id_text, RowStatus::SkippedProduct)),
        };
        let id = &id;
        seen.ids.insert(id.clone());
        let region = entry.region.clone().or_else(|| request.region.clone());
        seen.regions.extend(region.clone());
        let held = tx.load_case(id).await?;
        match held.as_ref().map(|case| &case.instance.tracking) {
            Some(Tracking::Removed(_)) => Ok(report(row, &row.id_text, RowStatus::SkippedRemoved)),
            Some(Tracking::Lost(_)) => Ok(report(row, &row.id_text, RowStatus::ConflictLost)),
            Some(Tracking::Tracked) | None => {
                let name = seen.names.of(id, entry.name.as_ref());
                let Some(placed) = begin(held, id, name.as_ref(), region.as_ref()) else {
                    let refusal = missing_identity(entry);
                    return Ok(report(row, &row.id_text, RowStatus::Refused(refusal)));
                };
                Ok(self.merge_row(row, placed, (entry, name, region), terms))
            }
        }
    }

    fn merge_row(
        &self,
        row: &Row,
        placed: Placed,
        (entry, name, region): (&Entry, Option<InstanceName>, Option<Region>),
        terms: ImportTerms,
    ) -> RowReport {
        let Placed { mut case, new } = placed;
        if let Some(given) = region.filter(|region| *region != case.instance.region) {
            let refusal = RowRefusal::OtherRegion {
                id: case.instance.id.clone(),
                region: case.instance.region.clone(),
                given,
            };
            return report(
                row,
                case.instance.name.as_str(),
                RowStatus::Refused(refusal),
            );
        }
        let moment = self.moment();
        if new {
            case.note_tracked(&moment);
        }
        let fields = case.import(&imported(entry, name), terms, &moment);
        let name = case.instance.name.to_string();
        let mut report = report(row, &name, status(new, fields));
        report.case = Some(Box::new(case));
        report
    }
}

/// The case a row speaks of, and whether it is new.
struct Placed {
    case: Case,
    new: bool,
}

fn report(row: &Row, subject: &str, status: RowStatus) -> RowReport {
    RowReport {
        place: row.place.clone(),
        subject: subject.to_owned(),
        status,
        case: None,
    }
}

/// `None` when a new instance lacks its name or region.
fn begin(
    held: Option<Case>,
    id: &InstanceId,
    name: Option<&InstanceName>,
    region: Option<&Region>,
) -> Option<Placed> {
    match held {
        Some(case) => Some(Placed { case, new: false }),
        None => {
            let instance = Instance::new(id.clone(), name?.clone(), region?.clone());
            Some(Placed {
                case: Case::new(instance, None),
                new: true,
            })
        }
    }
}

fn missing_identity(entry: &Entry) -> RowRefusal {
    if entry.name.is_none() {
        RowRefusal::NoName
    } else {
        RowRefusal::NoRegion
    }
}

/// What a row says, but for what the instance is called.
fn imported(entry: &Entry, name: Option<InstanceName>) -> Imported {
    Imported {
        name: name.filter(|_| entry.name.is_some()),
        // Regions that differ were refused.
        region: None,
        team: entry.team.clone(),
        channel: entry.channel.clone(),
        edition: entry.edition,
        expires: entry.expires,
        action: entry.action,
        auto_renew: entry.auto_renew,
        busy: entry.busy,
        max_tps: entry.max_tps,
        commodity_id: entry.commodity_id.clone(),
        topics: entry.topics,
        groups: entry.groups,
    }
}

fn status(new: bool, fields: Vec<FieldReport>) -> RowStatus {
    let any = |wanted: &[Merged]| fields.iter().any(|field| wanted.contains(&field.merged));
    if new {
        RowStatus::New(fields)
    } else if any(&[Merged::Conflict, Merged::NeedsWord]) {
        RowStatus::Conflict(fields)
    } else if any(&[Merged::New, Merged::Changed, Merged::Hearsay]) {
        RowStatus::Changed(fields)
    } else {
        RowStatus::Unchanged(fields)
    }
}
