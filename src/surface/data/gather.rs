//! Collects the data of an answer.

use super::{
    ApprovalData, AuditData, ChangeData, ConcernData, Data, FactData, FindingData, HandoverData,
    HandoverItemData, ImportCountsData, ImportData, InstanceData, LookData, NoticeData,
    OverrideData, OwnerData, PageData, PermitData, RefusedData, ReminderData, RequestData,
    RuleData, SafeguardData, SettingData, StepData, ValueData, VerdictData, WordingData,
};
use crate::answer::{
    Answer, HandedOver, HandoverReport, ImportTaken, Reminded, Reply, Task, WordingAnswer,
};
use crate::command::quoted_if_needed;
use crate::domain::Timestamp;
use crate::domain::audit::AuditLine;
use crate::domain::case::{Case, Refusal};
use crate::domain::change::{Change, ChangeKind, Route, Status, Step};
use crate::domain::concern::{Owner, Weight, WorkspaceConcern};
use crate::domain::event::FactValue;
use crate::domain::fact::{Fact, Known, Source};
use crate::domain::id::InstanceId;
use crate::domain::import::Counts;
use crate::domain::instance::{Instance, Tracking};
use crate::domain::notice::{NoticeRecord, NoticeStatus, Stands, Teaching};
use crate::domain::reminder::Planned;
use crate::domain::rules::{FactKind, Intent, RuleId, Severity, Verdict};
use crate::domain::setting::Setting;
use crate::render::{self, Reader};

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
            | Answer::Snoozed { case, .. } => self.case(case, now),
            Answer::Refused { case, refusal, .. } => {
                self.case(case, now);
                if let Refusal::Rules {
                    intent, verdict, ..
                } = refusal
                {
                    self.verdict(case, *intent, verdict);
                }
            }
            Answer::Reminders {
                case,
                settled,
                planned,
                ..
            } => {
                self.case(case, now);
                let id = &case.instance.id;
                let past = settled.iter().map(|past| reminded(id, past));
                let ahead = planned.iter().map(|planned| reminder(id, planned));
                self.reminders = past.chain(ahead).collect();
            }
            Answer::Judged {
                case,
                intent,
                verdict,
                ..
            } => {
                self.case(case, now);
                self.verdict(case, *intent, verdict);
            }
            Answer::Opened { case, verdict, .. }
            | Answer::ApprovalsOverridden { case, verdict } => {
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
                self.safeguards(&todo.workspace, now);
                self.notices(&todo.unnamed.rows);
            }
            Answer::Several(replies) => replies.iter().for_each(|reply| self.gather(reply)),
            Answer::Each(each) => {
                each.replies.iter().for_each(|one| self.gather(&one.reply));
                let refused = each.replies.iter().filter(|one| !one.is_done());
                self.refused.extend(refused.map(|one| RefusedData {
                    named: one.shown.clone(),
                    outcome: Some(one.reply.outcome.as_str()),
                    why: Some(render::reply(
                        &one.reply,
                        &Reader::new(one.reply.zone.unwrap_or(chrono_tz::UTC), now),
                    )),
                }));
                self.refused
                    .extend(each.untried.iter().map(|named| RefusedData {
                        named: named.clone(),
                        outcome: None,
                        why: None,
                    }));
            }
            Answer::Handover(report) => {
                report.all.iter().for_each(|one| self.case(&one.case, now));
                self.handover = Some(handover(report));
            }
            Answer::NoticeTaken(taken) => {
                let known = taken.known.iter();
                self.instances
                    .extend(known.map(|known| instance(known, None, now)));
                self.notices(std::slice::from_ref(&taken.filed));
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
            Answer::Audit { page, .. } => {
                self.page(page.page, page.more);
                self.audit = page.rows.iter().map(audited).collect();
            }
            Answer::Rules => {
                let all = RuleId::WORDS.iter();
                self.rules = all.map(|(_, id)| rule(*id)).collect();
            }
            Answer::Rule(id) => self.rules.push(rule(*id)),
            Answer::Imported(report) => self.imports.push(ImportData {
                number: report.number,
                label: report.label.clone(),
                at: Some(render::rfc3339(report.at)),
                taken_at: report.number.map(|_| render::rfc3339(now)),
                by: None,
                counts: Some(counts(&report.rows.counts)),
                undone_by: None,
                undone_at: None,
            }),
            Answer::Imports { imports, .. } => self.imports.extend(imports.iter().map(import)),
            Answer::ImportUndone(report) => self.imports.push(ImportData {
                number: Some(report.number),
                label: report.label.clone(),
                at: None,
                taken_at: None,
                by: None,
                counts: None,
                undone_by: None,
                undone_at: Some(render::rfc3339(now)),
            }),
            Answer::Wording(said) => {
                let taught = match &**said {
                    WordingAnswer::Asked { teaching, .. }
                    | WordingAnswer::Taught { teaching, .. }
                    | WordingAnswer::Forgotten { teaching, .. } => Some(wording(teaching, now)),
                    WordingAnswer::Refused { .. } => None,
                };
                self.wordings.extend(taught);
            }
            Answer::Teachable(taught) => {
                self.notices(std::slice::from_ref(&taught.filed));
                let asked = taught.asked.iter();
                self.wordings
                    .extend(asked.map(|teaching| wording(teaching, now)));
            }
            Answer::Wordings { all } => {
                let all = all.iter().map(|teaching| wording(teaching, now));
                self.wordings.extend(all);
            }
            Answer::Settings { settings, open, .. } => {
                self.safeguards(open, now);
                self.settings.extend(settings.iter().map(|held| {
                    let set = held.set.as_ref();
                    setting(
                        &held.setting,
                        set.map(|(by, _)| by.name.to_string()),
                        set.map(|(_, at)| render::rfc3339(*at)),
                    )
                }));
            }
            Answer::Set { setting: set, .. } => {
                self.settings
                    .push(setting(set, None, Some(render::rfc3339(now))));
            }
            Answer::Verbs
            | Answer::Help(_)
            | Answer::Unusable(_)
            | Answer::Denied { .. }
            | Answer::Broken { .. } => {}
        }
    }

    fn safeguards(&mut self, failing: &[WorkspaceConcern], now: Timestamp) {
        let safeguard = |concern: &WorkspaceConcern| SafeguardData {
            safeguard: concern.failing.key(),
            since: render::rfc3339(concern.since),
            settle: render::settling_here(concern, now),
        };
        self.safeguards.extend(failing.iter().map(safeguard));
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
            self.changes.push(change(shown, case, now));
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
            urgency: concern.urgency().rank.as_str(),
            owner: owner(&concern.owner, &task.case.instance),
            change: concern.way.of_change(),
            notice: concern.way.notice(),
            told: concern.weight == Weight::Open,
            settle: render::settling(task, now),
        });
    }

    fn notices<N: std::borrow::Borrow<NoticeRecord>>(&mut self, all: &[N]) {
        self.notices
            .extend(all.iter().map(|record| notice(record.borrow())));
    }
}

fn owner(owner: &Owner, instance: &Instance) -> OwnerData {
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

fn reminder(of: &InstanceId, planned: &Planned) -> ReminderData {
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

fn reminded(of: &InstanceId, past: &Reminded) -> ReminderData {
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

fn handover(report: &HandoverReport) -> HandoverData {
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

const fn rule(id: RuleId) -> RuleData {
    let text = render::rule::text(id);
    RuleData {
        rule: id.as_str(),
        sentence: text.sentence,
        detail: text.detail,
        effect: text.effect,
    }
}

fn setting(setting: &Setting, by: Option<String>, at: Option<String>) -> SettingData {
    SettingData {
        setting: setting.key(),
        value: setting.typed(quoted_if_needed),
        by,
        at,
    }
}

fn import(taken: &ImportTaken) -> ImportData {
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
    }
}

const fn counts(counts: &Counts) -> ImportCountsData {
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

fn wording(teaching: &Teaching, now: Timestamp) -> WordingData {
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
    }
}

fn audited(line: &AuditLine) -> AuditData {
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
        detail: entry.detail.clone(),
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

fn change(change: &Change, case: &Case, now: Timestamp) -> ChangeData {
    let (kind, route) = match change.kind {
        ChangeKind::Upgrade => ("upgrade", None),
        ChangeKind::Downgrade(route) => ("downgrade", Some(route.as_str())),
    };
    let request = change.request.as_ref().map(|request| RequestData {
        step: request.step.as_str(),
        state: request.state.as_str(),
        asked_at: render::rfc3339(request.asked_at),
        needed: request.needed,
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
