//! The same bot without a database: plain maps, and the pure transitions called directly.

use std::collections::BTreeMap;

use edition_warden::domain::Timestamp;
use edition_warden::domain::case::{
    Case, Confirmation, Moment, Opening, PermitShown, Refusal, Vote,
};
use edition_warden::domain::change::{Change, ChangeKind, Route, Step};
use edition_warden::domain::event::Event;
use edition_warden::domain::id::{CommodityId, InstanceId, InstanceName, Person, Region};
use edition_warden::domain::instance::{Edition, Instance, PostExpirationAction, Switch, Tracking};
use edition_warden::domain::outcome::Outcome;
use edition_warden::domain::rules::{FactKind, Intent, RuleId, Verdict};
use edition_warden::domain::said::Said;
use edition_warden::domain::team::{Limits, Policy};
use edition_warden::store::Totals;

use super::say::{
    Asked, Back, Day, Deed, EVIDENCE, Facts, IDS, NAMES, REASON, REGIONS, Say, TICKET, Target,
};
use super::state::{State, id};

#[derive(Debug)]
pub(crate) struct Ledger {
    instances: BTreeMap<InstanceId, Instance>,
    changes: BTreeMap<u64, (InstanceId, Change)>,
    history: BTreeMap<InstanceId, Vec<Event>>,
    policy: Policy,
    /// The moment of what is decided.
    now: Timestamp,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            instances: BTreeMap::new(),
            changes: BTreeMap::new(),
            history: BTreeMap::new(),
            policy: Policy::alone(Limits::default()),
            now: Timestamp::UNIX_EPOCH,
        }
    }
}

/// What a reply has to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) outcome: &'static str,
    pub(crate) rules: Vec<&'static str>,
    pub(crate) change: Option<u64>,
}

/// The input cannot be used.
struct Unusable;

type Answer = Result<Told, Unusable>;

impl Told {
    fn of(outcome: Outcome, change: Option<u64>) -> Self {
        Self {
            outcome: outcome.as_str(),
            rules: Vec::new(),
            change,
        }
    }

    fn refused(case: &Case, refusal: &Refusal) -> Self {
        let change = match refusal {
            Refusal::OpenChange { number, .. } => Some(*number),
            _ => number_of(case),
        };
        Self::of(refusal.outcome(), change).citing(refusal.rules())
    }

    fn judged(verdict: &Verdict, outcome: Outcome, change: Option<u64>) -> Self {
        let rules = verdict.rules();
        Self::of(outcome, change).citing(rules)
    }

    fn citing(mut self, rules: Vec<RuleId>) -> Self {
        self.rules = rules.into_iter().map(RuleId::as_str).collect();
        self
    }
}

fn number_of(case: &Case) -> Option<u64> {
    case.change.as_ref().map(|change| change.number)
}

/// How a person may point at an instance.
#[derive(Clone, Copy, PartialEq)]
enum Naming {
    Exact,
    Beginning,
}

impl Ledger {
    /// Where a team's policy is in force.
    pub(crate) fn of_team() -> Self {
        Self {
            policy: Policy::default(),
            ..Self::default()
        }
    }

    pub(crate) fn last_number(&self) -> u64 {
        self.changes.keys().last().copied().unwrap_or(0)
    }

    /// What the database has to hold.
    pub(crate) fn state(&self) -> State {
        let tracked = self.instances.values().filter(|held| held.is_tracked());
        let open = self.changes.values().filter(|(_, held)| held.is_open());
        let case_of = |(number, (id, change)): (&u64, &(InstanceId, Change))| {
            let case = Case::new(self.instances[id].clone(), Some(change.clone()));
            (*number, self.read(case))
        };
        State {
            instances: self
                .instances
                .keys()
                .map(|id| (id.clone(), self.case(id)))
                .collect(),
            changes: self.changes.iter().map(case_of).collect(),
            history: self.history.clone(),
            totals: Totals {
                instances: tracked.count() as u64,
                open_changes: open.count() as u64,
            },
        }
    }

    /// As it is read: with whether another instance is called so too.
    fn read(&self, mut case: Case) -> Case {
        let of = &case.instance;
        let (name, region) = (of.name.clone(), of.region.clone());
        self.compare_names(&mut case.instance, &name, &region);
        case
    }

    /// Sets whether others are called as an instance with this name and region is.
    fn compare_names(&self, instance: &mut Instance, name: &InstanceName, region: &Region) {
        let id = instance.id.clone();
        let (folded, account) = (name.folded(), id.account());
        let is_alike =
            |one: &&Instance| one.is_tracked() && one.id != id && one.name.folded() == folded;
        let others = || self.instances.values().filter(is_alike);
        let in_account = |one: &Instance| one.id.account() == account;
        instance.shares_name = others().any(|one| one.region == *region && !in_account(one));
        instance.has_twin = others().any(|one| one.region == *region || in_account(one));
    }

    fn case(&self, id: &InstanceId) -> Case {
        let open = self
            .changes
            .values()
            .find(|(of, change)| of == id && change.is_open());
        self.read(Case::new(
            self.instances[id].clone(),
            open.map(|(_, change)| change.clone()),
        ))
    }

    fn change_case(&self, number: u64) -> Result<Case, Unusable> {
        let (id, change) = self.changes.get(&number).ok_or(Unusable)?;
        let case = Case::new(self.instances[id].clone(), Some(change.clone()));
        Ok(self.read(case))
    }

    /// Does what time alone decides.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.now = now;
        let ids: Vec<InstanceId> = self.instances.keys().cloned().collect();
        for id in ids {
            let before = self.case(&id);
            let mut case = before.clone();
            case.advance(&self.policy, now);
            // Only what moves an open change wakes the bot. What the expiry makes of the instance alone is
            // worked out, for that instant, whenever somebody next looks.
            let moved = case.change != before.change || !case.events.is_empty();
            if case.change.is_some() && moved {
                self.keep(case);
            }
        }
    }

    /// Keeps a case, and what follows for others that are called so.
    fn keep(&mut self, case: Case) {
        self.keep_one(case);
        let ids: Vec<InstanceId> = self.instances.keys().cloned().collect();
        for id in ids {
            let mut other = self.case(&id);
            if other.is_shown_otherwise(self.now) {
                other.advance(&self.policy, self.now);
                self.keep_one(other);
            }
        }
    }

    fn keep_one(&mut self, mut case: Case) {
        let id = case.instance.id.clone();
        self.history
            .entry(id.clone())
            .or_default()
            .append(&mut case.events);
        if let Some(change) = case.change {
            self.changes.insert(change.number, (id.clone(), change));
        }
        self.instances.insert(id, case.instance);
    }

    fn find(&self, text: &str, naming: Naming) -> Result<Case, Unusable> {
        let commodity = |held: &Instance| {
            held.commodity_id
                .held()
                .map(|held| held.value.as_str().to_owned())
                .unwrap_or_default()
        };
        let removed = |held: &Instance| matches!(held.tracking, Tracking::Removed(_));
        let named = |held: &Instance| {
            held.name.as_str() == text || format!("{}/{}", held.region, held.name) == text
        };
        let is_meant = |held: &&Instance| {
            held.id.as_str() == text || !removed(held) && (named(held) || commodity(held) == text)
        };
        let mut found: Vec<&Instance> = self.instances.values().filter(is_meant).collect();
        if found.iter().any(|held| held.is_tracked()) {
            found.retain(|held| held.is_tracked());
        }
        if found.is_empty() && naming == Naming::Beginning {
            let begins = |held: &&Instance| {
                let names = [held.name.as_str(), held.id.as_str(), &commodity(held)];
                held.is_tracked() && names.iter().any(|name| name.starts_with(text))
            };
            found = self.instances.values().filter(begins).collect();
        }
        match found.as_slice() {
            [one] => Ok(self.case(&one.id)),
            _ => Err(Unusable),
        }
    }

    fn aim(&self, target: Target, naming: Naming) -> Result<Case, Unusable> {
        match target {
            Target::Instance(text) => self.find(text, naming),
            Target::Change(back) => self.change_case(back.number(self.last_number())),
        }
    }

    fn require_free_name(&self, instance: &Instance) -> Result<(), Unusable> {
        let clashes = |held: &Instance| {
            held.is_tracked()
                && held.id != instance.id
                && (held.name.folded(), &held.region, held.id.account())
                    == (
                        instance.name.folded(),
                        &instance.region,
                        instance.id.account(),
                    )
        };
        if self.instances.values().any(clashes) {
            return Err(Unusable);
        }
        Ok(())
    }

    /// A commodity id belongs to one tracked instance.
    fn require_free_commodity(&self, instance: &Instance, said: &Said) -> Result<(), Unusable> {
        let claims = |held: &Instance| {
            let mut ids = held.commodity_id.candidates();
            held.is_tracked()
                && ids.any(|known| {
                    Some(&known.value) == said.commodity_id.as_ref().and_then(Option::as_ref)
                })
        };
        let mut others = self
            .instances
            .values()
            .filter(|held| held.id != instance.id);
        if others.any(claims) {
            return Err(Unusable);
        }
        Ok(())
    }

    /// Does what a command says, and tells what the reply has to be.
    pub(crate) fn hear(&mut self, by: &str, say: &Say, now: Timestamp) -> Told {
        self.now = now;
        let (by, policy) = (Person::named(by), self.policy.clone());
        let moment = Moment {
            by: &by,
            now,
            policy: &policy,
        };
        self.answer(say, &moment)
            .unwrap_or_else(|Unusable| Told::of(Outcome::Invalid, None))
    }

    fn answer(&mut self, say: &Say, moment: &Moment<'_>) -> Answer {
        let number = |back: &Back| back.number(self.last_number());
        match say {
            Say::Add { .. } => self.add(say, moment),
            Say::Set { .. } => self.set(say, moment),
            Say::Action(text, action) => {
                let said = Said {
                    action: Some(Some(*action)),
                    ..Said::default()
                };
                let case = self.find(text, Naming::Exact)?;
                self.attest(case, &said, moment)
            }
            Say::Check {
                asked,
                instance,
                ack,
            } => self.check(*asked, instance, *ack, moment),
            Say::Why(target) => {
                let case = self.aim(*target, Naming::Beginning)?;
                if !case.instance.is_tracked() {
                    return Ok(Told::refused(&case, &Refusal::NotTracked));
                }
                Ok(Told::of(Outcome::Info, number_of(&case)))
            }
            Say::Show(text) => {
                let mut case = self.find(text, Naming::Beginning)?;
                case.advance(moment.policy, moment.now);
                Ok(Told::of(Outcome::Info, case.open_number()))
            }
            Say::Change(back) => {
                let case = self.change_case(number(back))?;
                Ok(Told::of(Outcome::Info, number_of(&case)))
            }
            Say::List | Say::Changes => Ok(Told::of(Outcome::Info, None)),
            Say::Upgrade(text) => self.open(text, ChangeKind::Upgrade, false, moment),
            Say::Downgrade {
                instance,
                by: Some(route),
                ack,
            } => self.open(instance, ChangeKind::Downgrade(*route), *ack, moment),
            Say::Downgrade {
                instance, by: None, ..
            } => {
                let mut case = self.find(instance, Naming::Exact)?;
                if !case.instance.is_tracked() {
                    return Ok(Told::refused(&case, &Refusal::NotTracked));
                }
                case.advance(moment.policy, moment.now);
                Ok(Told::of(Outcome::Info, case.open_number()))
            }
            Say::Unsubscribe { instance, ack } => self.unsubscribe(instance, *ack, moment),
            Say::Next { target, ack } => self.next(*target, *ack, moment),
            Say::Confirm { change, .. } => self.confirm(number(change), say, moment),
            Say::Approve(back, seen) => {
                let vote = Vote {
                    seen: *seen,
                    teams: &[],
                };
                let case = self.change_case(number(back))?;
                Ok(self.end(case, |case| case.approve(&vote, moment).map(drop)))
            }
            Say::Reject(back) => {
                let case = self.change_case(number(back))?;
                Ok(self.end(case, |case| case.reject(REASON, moment)))
            }
            Say::Revoke(back) => {
                let case = self.change_case(number(back))?;
                Ok(self.end(case, |case| case.revoke(moment).map(drop)))
            }
            Say::BreakGlass(back) => {
                let case = self.change_case(number(back))?;
                Ok(self.end(case, |case| {
                    case.break_glass(REASON, TICKET, moment).map(drop)
                }))
            }
            Say::Reopen(back, step) => self.reopen(number(back), *step, moment),
            Say::Fail(back) => {
                let case = self.change_case(number(back))?;
                Ok(self.end(case, |case| case.fail(REASON, moment)))
            }
            Say::Cancel(back) => {
                let case = self.change_case(number(back))?;
                Ok(self.end(case, |case| case.cancel(REASON, moment)))
            }
            Say::Remove(text) => {
                let case = self.find(text, Naming::Exact)?;
                Ok(self.end(case, |case| case.remove(REASON, moment)))
            }
            Say::Lost(text) => {
                let case = self.find(text, Naming::Exact)?;
                Ok(self.end(case, |case| case.lose(REASON, moment)))
            }
        }
    }

    fn add(&mut self, say: &Say, moment: &Moment<'_>) -> Answer {
        let Say::Add {
            id: text,
            name,
            region,
            edition,
            facts,
        } = say
        else {
            return Err(Unusable);
        };
        let id = id(text);
        let held = self.instances.get(&id);
        if held.is_some_and(|held| !matches!(held.tracking, Tracking::Removed(_))) {
            return Err(Unusable);
        }
        let name = InstanceName::parse(name).unwrap();
        let mut instance = Instance::new(id, name, Region::parse(region).unwrap());
        instance.described_at = Some(moment.now);
        self.require_free_name(&instance)?;
        let mut case = self.read(Case::new(instance, None));
        case.note_tracked(moment);
        let said = Said {
            edition: Some(Some(*edition)),
            ..attestation(facts, moment.now)
        };
        self.attest(case, &said, moment)
    }

    fn set(&mut self, say: &Say, moment: &Moment<'_>) -> Answer {
        let Say::Set {
            instance,
            name,
            region,
            edition,
            facts,
        } = say
        else {
            return Err(Unusable);
        };
        let said = Said {
            name: name.map(|name| InstanceName::parse(name).unwrap()),
            region: region.map(|region| Region::parse(region).unwrap()),
            edition: edition.map(Some),
            ..attestation(facts, moment.now)
        };
        if said.is_empty() {
            return Err(Unusable);
        }
        let mut case = self.find(instance, Naming::Exact)?;
        if case.instance.is_tracked() && (said.name.is_some() || said.region.is_some()) {
            let of = &case.instance;
            let name = said.name.clone().unwrap_or_else(|| of.name.clone());
            let region = said.region.clone().unwrap_or_else(|| of.region.clone());
            self.compare_names(&mut case.instance, &name, &region);
        }
        self.attest(case, &said, moment)
    }

    fn attest(&mut self, mut case: Case, said: &Said, moment: &Moment<'_>) -> Answer {
        if !case.instance.is_tracked() {
            return Ok(Told::refused(&case, &Refusal::NotTracked));
        }
        self.require_free_commodity(&case.instance, said)?;
        case.attest(said, moment).map_err(|_| Unusable)?;
        self.require_free_name(&case.instance)?;
        let told = Told::of(Outcome::Done, number_of(&case));
        self.keep(case);
        Ok(told)
    }

    fn check(&self, asked: Asked, text: &str, ack: bool, moment: &Moment<'_>) -> Answer {
        let mut case = self.find(text, Naming::Beginning)?;
        case.advance(moment.policy, moment.now);
        if !case.instance.is_tracked() {
            return Ok(Told::refused(&case, &Refusal::NotTracked));
        }
        let intent = match asked {
            Asked::Upgrade => Intent::Upgrade,
            Asked::Downgrade => Intent::Downgrade(None),
            Asked::Unsubscribe => Intent::Unsubscribe,
            Asked::Expiry => Intent::Expiry,
        };
        let verdict = case.judge_acknowledged(intent, ack, moment);
        Ok(Told::judged(&verdict, verdict.outcome, case.open_number()))
    }

    fn open(
        &mut self,
        text: &str,
        kind: ChangeKind,
        acknowledged: bool,
        moment: &Moment<'_>,
    ) -> Answer {
        let mut case = self.find(text, Naming::Exact)?;
        let opening = Opening {
            kind,
            number: self.last_number() + 1,
            acknowledged,
        };
        if let Err(refusal) = case.open(&opening, moment) {
            return Ok(Told::refused(&case, &refusal));
        }
        let asked = case.open_change().and_then(Change::request_open);
        let outcome = asked.map_or(Outcome::Allowed, |_| Outcome::NeedsApproval);
        let told = Told::of(outcome, case.open_number());
        self.keep(case);
        Ok(told)
    }

    fn unsubscribe(&mut self, text: &str, acknowledged: bool, moment: &Moment<'_>) -> Answer {
        let mut case = self.find(text, Naming::Exact)?;
        case.advance(moment.policy, moment.now);
        let asked = if case.open_change().is_some() {
            if acknowledged {
                case.acknowledge(moment);
            }
            case.ask_to_unsubscribe(moment)
        } else {
            let opening = Opening {
                kind: ChangeKind::Downgrade(Route::Unsubscribe),
                number: self.last_number() + 1,
                acknowledged,
            };
            case.open_and_unsubscribe(&opening, moment)
        };
        Ok(self.permit(case, asked))
    }

    fn permit(&mut self, case: Case, asked: Result<PermitShown, Refusal>) -> Told {
        if let Err(refusal) = asked {
            let told = Told::refused(&case, &refusal);
            // That they were asked is recorded.
            if matches!(refusal, Refusal::NeedsApproval(_)) && !case.events.is_empty() {
                self.keep(case);
            }
            return told;
        }
        let told = Told::of(Outcome::Allowed, case.open_number());
        self.keep(case);
        told
    }

    fn next(&mut self, target: Target, acknowledged: bool, moment: &Moment<'_>) -> Answer {
        let mut case = self.aim(target, Naming::Exact)?;
        case.advance(moment.policy, moment.now);
        if case.change.is_none() && !case.instance.is_tracked() {
            return Ok(Told::refused(&case, &Refusal::NotTracked));
        }
        if case.open_change().is_none() {
            return Ok(Told::of(Outcome::Info, number_of(&case)));
        }
        let accepted = acknowledged && case.acknowledge(moment);
        let shown = match case.ask_next(moment) {
            Ok(Some(shown)) => Ok(shown),
            Err(refusal) => Err(refusal),
            Ok(None) => {
                let told = next_step(&case, moment);
                if accepted && told.outcome == Outcome::Info.as_str() {
                    self.keep(case);
                }
                return Ok(told);
            }
        };
        Ok(self.permit(case, shown))
    }

    fn confirm(&mut self, number: u64, say: &Say, moment: &Moment<'_>) -> Answer {
        let Say::Confirm {
            step,
            expires,
            evidence,
            outside,
            ..
        } = say
        else {
            return Err(Unusable);
        };
        let said = Confirmation {
            step: *step,
            expires: expires.map(|day| day.instant(moment.now)),
            sure: false,
            evidence: evidence.then(|| EVIDENCE.to_owned()),
            outside: outside.then(|| REASON.to_owned()),
        };
        let mut case = self.change_case(number)?;
        let step = match case.confirm(&said, moment) {
            Ok(step) => step,
            Err(refusal) => return Ok(Told::refused(&case, &refusal)),
        };
        // One person's Standard, where nothing leads to it, is noted and does not end the change.
        let outcome = if case.step_is_disputed(step) {
            Outcome::Inconclusive
        } else {
            Outcome::Done
        };
        let told = Told::of(outcome, number_of(&case));
        self.keep(case);
        Ok(told)
    }

    fn reopen(&mut self, number: u64, step: Step, moment: &Moment<'_>) -> Answer {
        let case = self.change_case(number)?;
        let later = |(other, (id, _)): &(&u64, &(InstanceId, Change))| {
            **other > number && *id == case.instance.id
        };
        let later = self.changes.iter().find(later);
        let open = self.case(&case.instance.id).change;
        let other = open.or_else(|| later.map(|(_, (_, change))| change.clone()));
        Ok(self.end(case, |case| {
            case.reopen(step, REASON, other.as_ref(), moment).map(drop)
        }))
    }

    fn end(&mut self, mut case: Case, does: impl FnOnce(&mut Case) -> Result<(), Refusal>) -> Told {
        if let Err(refusal) = does(&mut case) {
            return Told::refused(&case, &refusal);
        }
        let told = Told::of(Outcome::Done, number_of(&case));
        self.keep(case);
        told
    }

    /// What a person does who wants the instance to get on.
    pub(crate) fn onward(
        &self,
        by: &'static str,
        text: &'static str,
        choice: u8,
        now: Timestamp,
    ) -> Deed {
        let says = |say| Deed::Says(by, say);
        let held = self
            .instances
            .get(&id(text))
            .filter(|held| held.is_tracked());
        let Some(held) = held else {
            return says(added(text, choice));
        };
        let mut case = self.case(&held.id);
        case.advance(&self.policy, now);
        let Some(change) = case.open_change() else {
            return says(opening(&case.instance, text, choice));
        };
        let change = change.clone();
        let back = Back(self.last_number() - change.number);
        let confirm = |step, expires| {
            says(Say::Confirm {
                change: back,
                step: Some(step),
                expires,
                evidence: choice.is_multiple_of(2),
                outside: false,
            })
        };
        match case.next_step(&self.policy.limits, now) {
            Some(step) if step.permit_intent().is_some() && !change.permit_was_shown(step) => {
                says(Say::Next {
                    target: Target::Instance(text),
                    ack: choice.is_multiple_of(2),
                })
            }
            Some(Step::RecordExpiry) => {
                let ahead = i64::from(choice % 16);
                confirm(Step::RecordExpiry, Some(Day { ahead, zoned: true }))
            }
            Some(Step::ChooseAction) => says(Say::Action(text, PostExpirationAction::Downgrade)),
            Some(Step::AwaitExpiry) => Deed::Passes(if choice < 128 { "25h" } else { "3d" }),
            Some(step) => confirm(step, None),
            None => says(Say::Changes),
        }
    }

    /// What a person does who was wrong about a step.
    pub(crate) fn regret(&self, by: &'static str, change: Back, choice: u8) -> Deed {
        let held = self.changes.get(&change.number(self.last_number()));
        let records = held
            .map(|(_, held)| held.records.as_slice())
            .unwrap_or_default();
        let step = records.get(usize::from(choice) % records.len().max(1));
        let step = step.map_or(Step::SetAction, |record| record.step);
        Deed::Says(by, Say::Reopen(change, step))
    }
}

impl Facts {
    /// A value, or that it is not known.
    fn said<T>(&self, fact: FactKind, value: Option<T>) -> Option<Option<T>> {
        let unsaid = self.unsaid == Some(fact);
        value.map(Some).or(unsaid.then_some(None))
    }
}

fn attestation(facts: &Facts, now: Timestamp) -> Said {
    Said {
        team: facts.team.map(|team| Some(team.parse().unwrap())),
        channel: facts.channel.map(|channel| Some(channel.parse().unwrap())),
        expires: facts.said(FactKind::Expires, facts.expires.map(|day| day.instant(now))),
        action: facts.action,
        auto_renew: facts.auto_renew,
        busy: facts.busy,
        max_tps: facts.said(FactKind::MaxTps, facts.max_tps),
        commodity_id: facts.said(
            FactKind::CommodityId,
            facts.commodity_id.map(|id| CommodityId::parse(id).unwrap()),
        ),
        ..Said::default()
    }
}

fn next_step(case: &Case, moment: &Moment<'_>) -> Told {
    let step = case.next_step(moment.limits(), moment.now);
    if step != Some(Step::AwaitExpiry) {
        return Told::of(Outcome::Info, case.open_number());
    }
    let verdict = case.judge(Intent::Expiry, moment.limits(), moment.now);
    let outcome = if verdict.allows() {
        Outcome::Info
    } else {
        verdict.outcome
    };
    Told::judged(&verdict, outcome, case.open_number())
}

fn added(text: &'static str, choice: u8) -> Say {
    let which = IDS.iter().position(|id| *id == text).unwrap_or(0);
    let platinum = choice.is_multiple_of(2);
    let facts = Facts {
        auto_renew: Some(Some(Switch::Off)),
        expires: platinum.then(|| Day {
            ahead: i64::from(choice % 32),
            zoned: true,
        }),
        max_tps: choice.is_multiple_of(3).then_some(8_000),
        ..Facts::default()
    };
    Say::Add {
        id: text,
        name: NAMES[which],
        region: REGIONS[which],
        edition: if platinum {
            Edition::Platinum
        } else {
            Edition::Standard
        },
        facts,
    }
}

fn opening(instance: &Instance, text: &'static str, choice: u8) -> Say {
    match instance.edition.value() {
        Some(Edition::Standard) => Say::Upgrade(text),
        Some(Edition::Platinum) => Say::Downgrade {
            instance: text,
            by: Some(if choice < 128 {
                Route::Unsubscribe
            } else {
                Route::Expiry
            }),
            ack: true,
        },
        None => Say::Set {
            instance: text,
            name: None,
            region: None,
            edition: Some(if choice < 128 {
                Edition::Platinum
            } else {
                Edition::Standard
            }),
            facts: Facts::default(),
        },
    }
}
