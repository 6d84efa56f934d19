//! Collects the data of an answer.

use super::record;
use super::{ConcernData, Data, FindingData, PageData, RefusedData, SafeguardData, VerdictData};
use crate::answer::{Answer, Reply, Task, WordingAnswer};
use crate::domain::Timestamp;
use crate::domain::approval::Lacking;
use crate::domain::case::{Case, Refusal};
use crate::domain::change::{ChangeKind, Step};
use crate::domain::concern::{Weight, WorkspaceConcern};
use crate::domain::notice::NoticeRecord;
use crate::domain::outcome::Outcome;
use crate::domain::rules::{Intent, RuleId, Verdict};
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
                let past = settled.iter().map(|past| record::reminded(id, past));
                let ahead = planned.iter().map(|planned| record::reminder(id, planned));
                self.reminders = past.chain(ahead).collect();
            }
            Answer::Judged {
                case,
                intent,
                verdict,
                lacking,
            } => {
                self.case(case, now);
                self.verdict(case, *intent, verdict);
                if verdict.outcome != Outcome::AlreadyDone {
                    self.missing(case, intent.step(), lacking.as_deref(), now);
                }
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
                    self.verdict(case, record::exit(*route), verdict);
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
            Answer::Why {
                case,
                verdicts,
                next,
                lacking,
                ..
            } => {
                self.case(case, now);
                for (intent, verdict) in verdicts {
                    self.verdict(case, *intent, verdict);
                }
                self.missing(case, *next, lacking.as_deref(), now);
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
                self.handover = Some(record::handover(report));
            }
            Answer::NoticeTaken(taken) => {
                let known = taken.known.iter();
                self.instances
                    .extend(known.map(|known| record::instance(known, None, now)));
                self.notices(std::slice::from_ref(&taken.filed));
                let offer = taken.offer.iter();
                self.teachable
                    .extend(offer.map(|offer| record::teachable(&taken.filed, offer)));
            }
            Answer::NoticeAcked { filed, .. }
            | Answer::StillThere { filed, .. }
            | Answer::Notice(filed) => {
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
                self.audit = page.rows.iter().map(record::audited).collect();
            }
            Answer::Rules => {
                let all = RuleId::WORDS.iter();
                self.rules = all.map(|(_, id)| record::rule(*id)).collect();
            }
            Answer::Rule(id) => self.rules.push(record::rule(*id)),
            Answer::Imported(report) => self.imports.push(record::imported(report, now)),
            Answer::Imports { imports, .. } => {
                self.imports.extend(imports.iter().map(record::import))
            }
            Answer::ImportUndone(report) => {
                self.imports.extend(report.file.iter().map(record::import));
            }
            Answer::Wording(said) => {
                let taught = match &**said {
                    WordingAnswer::Asked { teaching, .. }
                    | WordingAnswer::Taught { teaching, .. }
                    | WordingAnswer::Forgotten { teaching, .. } => {
                        Some(record::wording(teaching, now))
                    }
                    WordingAnswer::Refused { .. } => None,
                };
                self.wordings.extend(taught);
            }
            Answer::Teachable(taught) => {
                self.notices(std::slice::from_ref(&taught.filed));
                let offer = taught.offer.iter();
                self.teachable
                    .extend(offer.map(|offer| record::teachable(&taught.filed, offer)));
                let asked = taught.asked.iter();
                self.wordings
                    .extend(asked.map(|teaching| record::wording(teaching, now)));
            }
            Answer::Wordings { all } => {
                let all = all.iter().map(|teaching| record::wording(teaching, now));
                self.wordings.extend(all);
            }
            Answer::Settings { settings, open, .. } => {
                self.safeguards(open, now);
                let held = settings.iter();
                let held = held.map(|held| {
                    let (by, at) = held.set.as_ref().map(|(by, at)| (by, *at)).unzip();
                    record::setting(&held.setting, by, at)
                });
                self.settings.extend(held);
            }
            Answer::Set { setting, set, .. } => {
                let (by, at) = set.as_ref().map(|(by, at)| (by, *at)).unzip();
                self.settings.push(record::setting(setting, by, at));
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
            self.instances
                .push(record::instance(&case.instance, open, now));
        }
        if let Some(shown) = &case.change
            && !self
                .changes
                .iter()
                .any(|known| known.number == shown.number)
        {
            self.changes.push(record::change(shown, case, now));
        }
    }

    fn verdict(&mut self, case: &Case, intent: Intent, verdict: &Verdict) {
        let finding = |finding: &crate::domain::rules::Finding| FindingData {
            rule: finding.rule.as_str(),
            severity: record::severity(finding.severity),
            facts: finding.facts.iter().map(|fact| fact.as_str()).collect(),
        };
        self.verdicts.push(VerdictData {
            instance: case.instance.id.to_string(),
            intent: record::intended(intent),
            outcome: verdict.outcome.as_str(),
            findings: verdict.findings.iter().map(finding).collect(),
        });
    }

    fn missing(
        &mut self,
        case: &Case,
        step: Option<Step>,
        lacking: Option<&Lacking>,
        now: Timestamp,
    ) {
        let reader = Reader::new(chrono_tz::UTC, now);
        let missing = render::missing(case, step, lacking, now);
        let missing = missing
            .iter()
            .map(|one| record::missing(case, one, &reader));
        self.missing.extend(missing);
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
            owner: record::owner(&concern.owner, &task.case.instance),
            change: concern.way.of_change(),
            notice: concern.way.notice(),
            told: concern.weight == Weight::Open,
            settle: render::settling(task, now),
        });
    }

    fn notices<N: std::borrow::Borrow<NoticeRecord>>(&mut self, all: &[N]) {
        self.notices
            .extend(all.iter().map(|record| record::notice(record.borrow())));
    }
}
