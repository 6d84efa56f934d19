//! Collects the data of an answer.

use super::{
    ApprovalData, ChangeData, ConcernData, Data, FactData, FindingData, InstanceData, NoticeData,
    PageData, PermitData, RequestData, StepData, ValueData, VerdictData,
};
use crate::answer::{Answer, Reply, Task};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{Change, ChangeKind, Route, Status, Step};
use crate::domain::concern::{Owner, Weight};
use crate::domain::event::FactValue;
use crate::domain::fact::{Fact, Known, Source};
use crate::domain::instance::{Instance, Tracking};
use crate::domain::notice::{NoticeRecord, NoticeStatus};
use crate::domain::rules::{FactKind, Intent, Severity, Verdict};
use crate::render;

impl Data {
    /// The data of a reply.
    pub(in crate::surface) fn of(reply: &Reply) -> Self {
        let mut data = Self::default();
        data.gather(reply);
        data
    }

    fn gather(&mut self, reply: &Reply) {
        let now = reply.at;
        match &reply.answer {
            Answer::Recorded { case, .. }
            | Answer::Instance { case, .. }
            | Answer::Dropped { case }
            | Answer::Refused { case, .. }
            | Answer::Approved { case, .. }
            | Answer::Revoked { case, .. }
            | Answer::Permit { case, .. }
            | Answer::Withheld { case, .. }
            | Answer::NothingNext { case }
            | Answer::Confirmed { case, .. }
            | Answer::TakenBack { case, .. }
            | Answer::Ended { case }
            | Answer::Change { case, .. }
            | Answer::Acked { case, .. }
            | Answer::NothingToRemind { case }
            | Answer::ReminderPast { case, .. }
            | Answer::Snoozed { case, .. }
            | Answer::Reminders { case, .. } => self.case(case, now),
            Answer::Judged {
                case,
                intent,
                verdict,
                ..
            } => {
                self.case(case, now);
                self.verdict(case, *intent, verdict);
            }
            Answer::Opened { case, verdict, .. } | Answer::GlassBroken { case, verdict } => {
                self.case(case, now);
                let intent = match case.change.as_ref().map(|change| change.kind) {
                    Some(ChangeKind::Downgrade(route)) => Intent::Downgrade(Some(route)),
                    Some(ChangeKind::Upgrade) | None => Intent::Upgrade,
                };
                self.verdict(case, intent, verdict);
            }
            Answer::Routes { case, verdicts } => {
                self.case(case, now);
                for (route, verdict) in verdicts {
                    self.verdict(case, exit(*route), verdict);
                }
            }
            Answer::NextStep {
                case,
                step,
                verdict,
            } => {
                self.case(case, now);
                if let Some(verdict) = verdict {
                    let intent = step.permit_intent().unwrap_or(Intent::Expiry);
                    self.verdict(case, intent, verdict);
                }
            }
            Answer::Why { case, verdicts, .. } => {
                self.case(case, now);
                for (intent, verdict) in verdicts {
                    self.verdict(case, *intent, verdict);
                }
            }
            Answer::Instances { page, total, .. } => {
                self.page(page.page, page.more);
                self.page = self.page.take().map(|page| PageData {
                    total: *total,
                    ..page
                });
                page.rows.iter().for_each(|case| self.case(case, now));
            }
            Answer::Changes { page, .. } => {
                self.page(page.page, page.more);
                page.rows.iter().for_each(|(case, _)| self.case(case, now));
            }
            Answer::Todo(todo) => {
                self.page(todo.page.page, todo.page.more);
                todo.page.rows.iter().for_each(|task| self.task(task, now));
                self.notices(&todo.unnamed.rows);
            }
            Answer::Several(replies) => replies.iter().for_each(|reply| self.gather(reply)),
            Answer::Each(each) => each.replies.iter().for_each(|one| self.gather(&one.reply)),
            Answer::Handover(report) => {
                report.all.iter().for_each(|one| self.case(&one.case, now));
            }
            Answer::NoticeTaken { filed, known, .. } => {
                let known = known.iter().map(|known| instance(known, None, now));
                self.instances.extend(known);
                self.notices(std::slice::from_ref(filed));
            }
            Answer::NoticeAcked { filed, .. } | Answer::StillThere { filed, .. } => {
                self.notices(std::slice::from_ref(filed));
            }
            Answer::Notices { case, page } => {
                self.case(case, now);
                self.page(page.page, page.more);
                self.notices(&page.rows);
            }
            Answer::Raised { page } | Answer::Suppressed { page, .. } => {
                self.page(page.page, page.more);
                self.notices(&page.rows);
            }
            Answer::Audit { page, .. } => self.page(page.page, page.more),
            Answer::Help(_)
            | Answer::Rules
            | Answer::Rule(_)
            | Answer::Unusable(_)
            | Answer::Denied { .. }
            | Answer::Broken { .. }
            | Answer::Imported(_)
            | Answer::Imports { .. }
            | Answer::ImportUndone(_)
            | Answer::Wording(_)
            | Answer::Wordings { .. }
            | Answer::Settings { .. }
            | Answer::Set { .. } => {}
        }
    }

    const fn page(&mut self, number: u32, more: bool) {
        self.page = Some(PageData {
            number,
            more,
            total: None,
        });
    }

    fn case(&mut self, case: &Case, now: Timestamp) {
        let open = case.open_number();
        let id = case.instance.id.as_str();
        if !self.instances.iter().any(|known| known.id == id) {
            self.instances.push(instance(&case.instance, open, now));
        }
        if let Some(shown) = &case.change
            && !self
                .changes
                .iter()
                .any(|known| known.number == shown.number)
        {
            self.changes.push(change(shown, &case.instance));
        }
    }

    fn verdict(&mut self, case: &Case, intent: Intent, verdict: &Verdict) {
        let finding = |finding: &crate::domain::rules::Finding| FindingData {
            rule: finding.rule.as_str(),
            severity: severity(finding.severity),
            facts: finding.facts.iter().map(|fact| fact.as_str()).collect(),
        };
        self.verdicts.push(VerdictData {
            instance: case.instance.id.to_string(),
            intent: intended(intent),
            outcome: verdict.outcome.as_str(),
            findings: verdict.findings.iter().map(finding).collect(),
        });
    }

    fn task(&mut self, task: &Task, now: Timestamp) {
        self.case(&task.case, now);
        let concern = &task.concern;
        self.concerns.push(ConcernData {
            instance: task.case.instance.id.to_string(),
            kind: concern.kind.as_str(),
            since: render::rfc3339(concern.since),
            by: concern.by.map(render::rfc3339),
            owner: match &concern.owner {
                Owner::Person(person) => person.name.to_string(),
                Owner::Team => "team".to_owned(),
                Owner::Approvers => "approvers".to_owned(),
            },
            told: concern.weight == Weight::Open,
            settle: render::settling(task),
        });
    }

    fn notices<N: std::borrow::Borrow<NoticeRecord>>(&mut self, all: &[N]) {
        self.notices
            .extend(all.iter().map(|record| notice(record.borrow())));
    }
}

fn instance(instance: &Instance, change: Option<u64>, now: Timestamp) -> InstanceData {
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
        change,
    }
}

fn fact(kind: FactKind, fact: &Fact<FactValue>, now: Timestamp) -> FactData {
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

fn value(known: &Known<FactValue>, now: Timestamp) -> ValueData {
    use serde_json::Value;
    ValueData {
        value: match &known.value {
            FactValue::Unknown | FactValue::Contradictory => Value::Null,
            FactValue::Edition(edition) => edition.as_str().into(),
            FactValue::Action(action) => action.as_str().into(),
            FactValue::Switch(switch) => switch.as_str().into(),
            FactValue::At(at) => render::rfc3339(*at).into(),
            FactValue::Tps(count) | FactValue::Count(count) => (*count).into(),
            FactValue::Commodity(id) => id.as_str().into(),
        },
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

fn change(change: &Change, of: &Instance) -> ChangeData {
    let (kind, route) = match change.kind {
        ChangeKind::Upgrade => ("upgrade", None),
        ChangeKind::Downgrade(route) => ("downgrade", Some(route.as_str())),
    };
    let request = change.request.as_ref().map(|request| RequestData {
        step: request.step.as_str(),
        state: request.state.as_str(),
        asked_at: render::rfc3339(request.asked_at),
        needed: request.needed,
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
    let permit = change.permit.as_ref().map(|permit| PermitData {
        step: permit.step.as_str(),
        holder: permit.holder.name.to_string(),
        state: permit.state.as_str(),
        shown_at: render::rfc3339(permit.shown_at),
        lapses_at: render::rfc3339(permit.lapses_at()),
    });
    ChangeData {
        number: change.number,
        instance: of.id.to_string(),
        kind,
        route,
        status: match &change.status {
            Status::Open => "open",
            Status::Done => "done",
            Status::Failed(_) => "failed",
            Status::Cancelled(_) => "cancelled",
            Status::Rejected(_) => "rejected",
        },
        opened_by: change.opened_by.name.to_string(),
        opened_at: render::rfc3339(change.opened_at),
        ended_at: change.ended_at.map(render::rfc3339),
        steps: change.kind.steps().map(|step| step_of(change, step)).into(),
        request,
        permit,
    }
}

fn step_of(change: &Change, step: Step) -> StepData {
    let record = change.record(step);
    StepData {
        step: step.as_str(),
        recorded: record.is_some(),
        by: record.and_then(|record| Some(record.by.as_ref()?.name.to_string())),
        at: record.map(|record| render::rfc3339(record.at)),
        evidence: record.and_then(|record| record.evidence.clone()),
    }
}

fn notice(record: &NoticeRecord) -> NoticeData {
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

const fn exit(route: Route) -> Intent {
    match route {
        Route::Unsubscribe => Intent::Unsubscribe,
        Route::Expiry => Intent::Expiry,
    }
}

const fn intended(intent: Intent) -> &'static str {
    match intent {
        Intent::Upgrade => "upgrade",
        Intent::Downgrade(_) => "downgrade",
        Intent::SetAction => "set-action",
        Intent::Unsubscribe => "unsubscribe",
        Intent::Expiry => "expiry",
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::AlreadyDone => "already-done",
        Severity::Blocks => "blocks",
        Severity::BlocksUntilAcknowledged => "blocks-until-acknowledged",
        Severity::Inconclusive => "inconclusive",
        Severity::Informs => "informs",
        Severity::Holds => "holds",
    }
}
