//! One record each: what the domain has, as data.

use super::{
    ApprovalData, AuditData, ChangeData, FactData, HandoverData, HandoverItemData,
    ImportCountsData, ImportData, ImportRowData, InstanceData, LookData, MissingData, MovedData,
    NoticeData, OverrideData, OwnerData, PermitData, ReminderData, RequestData, RuleData,
    SettingData, StepData, TeachableData, ValueData, WordingData,
};
use crate::answer::{HandedOver, HandoverReport, ImportReport, ImportTaken, Offer, Reminded};
use crate::command::quoted_if_needed;
use crate::domain::Timestamp;
use crate::domain::approval::team_to_approve;
use crate::domain::audit::AuditLine;
use crate::domain::case::Case;
use crate::domain::change::{Change, ChangeKind, Route, Status, Step};
use crate::domain::concern::Owner;
use crate::domain::event::{EventKind, FactValue};
use crate::domain::fact::{Fact, Known, Source};
use crate::domain::id::{InstanceId, Person};
use crate::domain::import::Counts;
use crate::domain::instance::{Instance, Tracking};
use crate::domain::notice::{NoticeRecord, NoticeStatus, Stands, Teaching};
use crate::domain::reminder::Planned;
use crate::domain::rules::{FactKind, Intent, RuleId, Severity};
use crate::domain::setting::Setting;
use crate::render::{self, MissingForPermit, Reader};

pub(super) fn owner(owner: &Owner, instance: &Instance) -> OwnerData {
    let (kind, id, name) = match owner {
        Owner::Person(person) => ("person", Some(&person.id), Some(person.name.to_string())),
        Owner::Team => (
            "team",
            None,
            instance.team.as_ref().map(ToString::to_string),
        ),
        Owner::Approvers => ("approvers", None, None),
    };
    let id = id.map(ToString::to_string);
    OwnerData { kind, id, name }
}

pub(super) fn reminder(of: &InstanceId, planned: &Planned) -> ReminderData {
    ReminderData {
        instance: of.to_string(),
        topic: planned.level().topic.as_str(),
        hours: planned.level().hours,
        due: render::rfc3339(planned.due),
        state: match planned.mute {
            None => "planned",
            Some(_) => "muted",
        },
        sent_at: None,
    }
}

pub(super) fn reminded(of: &InstanceId, past: &Reminded) -> ReminderData {
    ReminderData {
        instance: of.to_string(),
        topic: past.level.topic.as_str(),
        hours: past.level.hours,
        due: render::rfc3339(past.due),
        state: match (past.skipped, past.sent) {
            (Some(_), _) => "skipped",
            (None, Some(_)) => "sent",
            (None, None) => "due",
        },
        sent_at: past.sent.map(render::rfc3339),
    }
}

pub(super) fn handover(report: &HandoverReport) -> HandoverData {
    let item = |one: &HandedOver| HandoverItemData {
        instance: one.case.instance.id.to_string(),
        change: one.case.open_number(),
        owned: one.held.opened,
        permit: one.held.permit.map(Step::as_str),
        asked: one.held.asked.map(Step::as_str),
        approved: one.held.approved.map(Step::as_str),
        observed: one.held.observed,
        rests: one.held.rests.map(Step::as_str),
        acked: one.held.acked,
    };
    HandoverData {
        of: report.of.name.to_string(),
        to: report.to.as_ref().map(|to| to.name.to_string()),
        items: report.all.iter().map(item).collect(),
        wordings: report.words.iter().map(|word| word.number).collect(),
    }
}

pub(super) const fn rule(id: RuleId) -> RuleData {
    let text = render::rule::text(id);
    RuleData {
        rule: id.as_str(),
        sentence: text.sentence,
        detail: text.detail,
        effect: text.effect,
    }
}

pub(super) fn setting(
    setting: &Setting,
    by: Option<&Person>,
    at: Option<Timestamp>,
) -> SettingData {
    SettingData {
        setting: setting.key(),
        value: setting.typed(quoted_if_needed),
        by: by.map(|by| by.name.to_string()),
        at: at.map(render::rfc3339),
    }
}

pub(super) fn import(taken: &ImportTaken) -> ImportData {
    let undone = taken.undone.as_ref();
    ImportData {
        number: Some(taken.number),
        label: taken.label.clone(),
        at: Some(render::rfc3339(taken.at)),
        taken_at: Some(render::rfc3339(taken.taken_at)),
        by: Some(taken.by.name.to_string()),
        counts: Some(counts(&taken.counts)),
        undone_by: undone.map(|(by, _)| by.name.to_string()),
        undone_at: undone.map(|(_, at)| render::rfc3339(*at)),
        ..ImportData::default()
    }
}

/// A file that was just read.
pub(super) fn imported(report: &ImportReport, now: Timestamp) -> ImportData {
    let row = |[place, instance, became, detail]: [String; 4]| ImportRowData {
        place,
        instance,
        became,
        detail,
    };
    let held = report.held.iter().flat_map(|held| &held.ids);
    ImportData {
        number: report.number,
        label: report.label.clone(),
        at: Some(render::rfc3339(report.at)),
        taken_at: report.number.map(|_| render::rfc3339(now)),
        by: report.number.map(|_| report.by.name.to_string()),
        counts: Some(counts(&report.rows.counts)),
        rows: render::told_rows(report).into_iter().map(row).collect(),
        held_back: held.map(ToString::to_string).collect(),
        ..ImportData::default()
    }
}

pub(super) const fn counts(counts: &Counts) -> ImportCountsData {
    ImportCountsData {
        new: counts.new,
        changed: counts.changed,
        unchanged: counts.unchanged,
        conflicting: counts.conflicting,
        skipped: counts.skipped,
        refused: counts.refused,
        missing: counts.missing,
    }
}

pub(super) fn wording(teaching: &Teaching, now: Timestamp) -> WordingData {
    WordingData {
        number: teaching.number,
        notice: teaching.notice,
        kind: teaching.lesson.kind.as_str(),
        source: teaching.source.clone(),
        state: match teaching.stands(now) {
            Stands::Asked => "asked",
            Stands::Lapsed => "lapsed",
            Stands::Holds => "holds",
            Stands::Unused => "unused",
            Stands::Forgotten => "forgotten",
        },
        asked_by: teaching.asked.by.name.to_string(),
        taught_by: teaching
            .taught
            .as_ref()
            .map(|word| word.by.name.to_string()),
        uses: teaching.uses,
        texts: render::wording::texts(&teaching.learnt),
    }
}

pub(super) fn teachable(filed: &NoticeRecord, offer: &Offer) -> TeachableData {
    TeachableData {
        notice: filed.number,
        texts: render::wording::texts(&render::wording::untold(&offer.learnt)),
        release: offer.objections.is_empty(),
    }
}

pub(super) fn audited(line: &AuditLine) -> AuditData {
    let entry = &line.entry;
    AuditData {
        number: line.seq,
        at: render::rfc3339(entry.at),
        by: entry.by.as_ref().map(|by| by.name.to_string()),
        surface: entry.surface.clone(),
        said: entry.said.clone(),
        outcome: entry.outcome.clone(),
        rules: entry.rules.iter().map(|rule| rule.as_str()).collect(),
        instance: entry.instance.as_ref().map(ToString::to_string),
        change: entry.change,
        moved: entry.events.iter().filter_map(moved).collect(),
        detail: entry.detail.clone(),
    }
}

pub(super) fn moved(kind: &EventKind) -> Option<MovedData> {
    let EventKind::Moved { fact, from, to } = kind else {
        return None;
    };
    Some(MovedData {
        fact: fact.as_str(),
        from: fact_value(from),
        to: fact_value(to),
    })
}

pub(super) fn instance(instance: &Instance, change: Option<u64>, now: Timestamp) -> InstanceData {
    let facts = FactKind::ALL
        .iter()
        .map(|kind| fact(*kind, &instance.fact(*kind), now));
    InstanceData {
        id: instance.id.to_string(),
        name: instance.name.to_string(),
        region: instance.region.to_string(),
        team: instance.team.as_ref().map(ToString::to_string),
        channel: instance.channel.as_ref().map(ToString::to_string),
        tracking: match &instance.tracking {
            Tracking::Tracked => "tracked",
            Tracking::Lost(_) => "lost",
            Tracking::Removed(_) => "removed",
        },
        facts: facts.collect(),
        looks: instance
            .observations
            .iter()
            .map(|look| LookData {
                by: look.by.name.to_string(),
                at: render::rfc3339(look.at),
            })
            .collect(),
        change,
    }
}

pub(super) fn fact(kind: FactKind, fact: &Fact<FactValue>, now: Timestamp) -> FactData {
    let (state, unknown_since) = match fact {
        Fact::Unknown { since, .. } => ("unknown", since.map(render::rfc3339)),
        Fact::Known(_) => ("known", None),
        Fact::Contradictory { .. } => ("contradictory", None),
    };
    FactData {
        fact: kind.as_str(),
        state,
        values: fact.candidates().map(|known| value(known, now)).collect(),
        unknown_since,
    }
}

pub(super) fn fact_value(value: &FactValue) -> serde_json::Value {
    match value {
        FactValue::Unknown => serde_json::Value::Null,
        FactValue::Contradictory => "contradictory".into(),
        FactValue::Edition(edition) => edition.as_str().into(),
        FactValue::Action(action) => action.as_str().into(),
        FactValue::Switch(switch) => switch.as_str().into(),
        FactValue::At(at) => render::rfc3339(*at).into(),
        FactValue::Tps(count) | FactValue::Count(count) => (*count).into(),
        FactValue::Commodity(id) => id.as_str().into(),
    }
}

pub(super) fn value(known: &Known<FactValue>, now: Timestamp) -> ValueData {
    ValueData {
        value: fact_value(&known.value),
        source: match known.source {
            Source::Attested => "attested",
            Source::Imported => "imported",
            Source::Derived => "derived",
        },
        by: known.by.name.to_string(),
        at: render::rfc3339(known.at),
        age_seconds: known.age(now).num_seconds(),
    }
}

pub(super) fn change(change: &Change, case: &Case, now: Timestamp) -> ChangeData {
    let (kind, route) = match change.kind {
        ChangeKind::Upgrade => ("upgrade", None),
        ChangeKind::Downgrade(route) => ("downgrade", Some(route.as_str())),
    };
    let request = change.request.as_ref().map(|request| RequestData {
        step: request.step.as_str(),
        state: request.state.as_str(),
        asked_at: render::rfc3339(request.asked_at),
        lapses_at: render::rfc3339(request.lapses_at()),
        needed: request.needed,
        team: team_to_approve(&case.instance, request.step).map(ToString::to_string),
        observers: request.observers,
        approvals: request
            .approvals
            .iter()
            .map(|approval| ApprovalData {
                by: approval.by.name.to_string(),
                at: render::rfc3339(approval.at),
                team: approval.team.as_ref().map(ToString::to_string),
            })
            .collect(),
    });
    let overridden = change.emergency_override.as_ref();
    let serial = change.request.as_ref().map(|request| request.serial);
    let overridden = overridden.map(|it| OverrideData {
        by: it.by.name.to_string(),
        at: render::rfc3339(it.at),
        reason: it.reason.clone(),
        ticket: it.ticket.clone(),
        of_request: serial == Some(it.request),
    });
    let permit = change.permit.as_ref().map(|permit| PermitData {
        step: permit.step.as_str(),
        holder: permit.holder.name.to_string(),
        state: permit.state.as_str(),
        shown_at: render::rfc3339(permit.shown_at),
        lapses_at: render::rfc3339(permit.lapses_at()),
    });
    ChangeData {
        number: change.number,
        instance: case.instance.id.to_string(),
        kind,
        route,
        status: match &change.status {
            Status::Open => "open",
            Status::Done => "done",
            Status::Failed(_) => "failed",
            Status::Cancelled(_) => "cancelled",
            Status::Rejected(_) => "rejected",
        },
        opened_by: change.opener().name.to_string(),
        owner: change.opened_by.name.to_string(),
        owner_since: change.owner_since.map(render::rfc3339),
        reason: change.reason.clone(),
        opened_at: render::rfc3339(change.opened_at),
        ended_at: change.ended_at.map(render::rfc3339),
        ended_by: change.ended_by.as_ref().map(|by| by.name.to_string()),
        steps: change.kind.steps().map(|step| step_of(change, step)).into(),
        request,
        overridden,
        permit,
        in_doubt: change.unknown_outcome().map(Step::as_str),
        may_be_deleted_since: case.waits_past_expiry(now).map(render::rfc3339),
    }
}

pub(super) fn step_of(change: &Change, step: Step) -> StepData {
    let record = change.record(step);
    StepData {
        step: step.as_str(),
        recorded: record.is_some(),
        by: record.and_then(|record| Some(record.by.as_ref()?.name.to_string())),
        at: record.map(|record| render::rfc3339(record.at)),
        evidence: record.and_then(|record| record.evidence.clone()),
    }
}

pub(super) fn missing(case: &Case, missing: &MissingForPermit<'_>, reader: &Reader) -> MissingData {
    let (needed, so_far, team) = match missing {
        MissingForPermit::Change { .. } | MissingForPermit::Permit { .. } => {
            (None, Vec::new(), None)
        }
        MissingForPermit::Approvals(lacking) => {
            let given = lacking.given.iter().map(|by| by.name.to_string());
            let team = lacking.team.as_ref().map(ToString::to_string);
            (Some(lacking.needed), given.collect(), team)
        }
        MissingForPermit::Observers(lacking) => {
            let looked = lacking.observations.iter();
            let looked = looked.map(|look| look.by.name.to_string());
            (Some(lacking.observers), looked.collect(), None)
        }
    };
    MissingData {
        instance: case.instance.id.to_string(),
        what: missing.as_str(),
        needed,
        so_far,
        team,
        text: missing.told(reader),
    }
}

pub(super) fn notice(record: &NoticeRecord) -> NoticeData {
    let (status, duplicate_of) = match record.status {
        NoticeStatus::Suppressed => ("suppressed", None),
        NoticeStatus::Raised => ("raised", None),
        NoticeStatus::Duplicate(of) => ("duplicate", Some(of)),
    };
    NoticeData {
        number: record.number,
        kind: record.read.kind.as_str(),
        status,
        duplicate_of,
        instances: record.instances.iter().map(ToString::to_string).collect(),
        received: render::rfc3339(record.received),
        source: record.source.clone(),
        by: record.by.name.to_string(),
        settled: record.settled.is_some(),
        text: record.text.clone(),
    }
}

pub(super) const fn exit(route: Route) -> Intent {
    match route {
        Route::Unsubscribe => Intent::Unsubscribe,
        Route::Expiry => Intent::Expiry,
    }
}

pub(super) const fn intended(intent: Intent) -> &'static str {
    match intent {
        Intent::Upgrade => "upgrade",
        Intent::Downgrade(_) => "downgrade",
        Intent::SetAction => "set-action",
        Intent::Unsubscribe => "unsubscribe",
        Intent::Expiry => "expiry",
    }
}

pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::AlreadyDone => "already-done",
        Severity::Blocks => "blocks",
        Severity::BlocksUntilAcknowledged => "blocks-until-acknowledged",
        Severity::Inconclusive => "inconclusive",
        Severity::Informs => "informs",
        Severity::Holds => "holds",
    }
}
