//! Any sequence of approvals, looks, facts and time: a permit is only ever given when an independent account of what
//! people said agrees.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta};
use edition_warden::domain::Timestamp;
use edition_warden::domain::case::{
    Approved, Case, Confirmation, Moment, Opening, PermitShown, Refusal, Vote,
};
use edition_warden::domain::change::{Change, ChangeKind, Fingerprint, Route, Step};
use edition_warden::domain::event::{Event, EventKind};
use edition_warden::domain::id::{CommodityId, InstanceId, InstanceName, Person, Region, TeamName};
use edition_warden::domain::instance::{Edition, Instance, PostExpirationAction, Switch};
use edition_warden::domain::rules::FactKind;
use edition_warden::domain::said::Said;
use edition_warden::domain::team::Policy;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;

use PostExpirationAction::{Delete, Downgrade};

/// What somebody does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Open(ChangeKind),
    Approve(Option<PostExpirationAction>),
    Revoke,
    Reject,
    Cancel,
    Glass,
    Look(PostExpirationAction),
    Forget,
    Renew(i64),
    AutoRenew(Switch),
    Ask,
    Confirm(Option<Step>, bool),
    Reopen(Step),
    Wait(i64),
    /// From now on so many approve an upgrade and an unsubscription, and so many look.
    Quorum(u8, u8, u8),
    /// The instance goes to the team, or to none.
    Team(bool),
    /// A value of the row, and of nothing that decides, is another one.
    Row(Shown, u32),
    /// The clock was wrong, and is put back.
    Back(i64),
}

/// A value that a request and a permit show.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown {
    Name,
    Region,
    Commodity,
    Size,
    NoCommodity,
    NoSize,
}

const SHOWN: [Shown; 6] = [
    Shown::Name,
    Shown::Region,
    Shown::Commodity,
    Shown::Size,
    Shown::NoCommodity,
    Shown::NoSize,
];

const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// An approval as an onlooker would note it.
#[derive(Debug, Clone)]
struct Noted {
    by: String,
    at: Timestamp,
    step: Step,
    team: bool,
}

/// What an onlooker knows from what people were told, without looking into the case.
#[derive(Debug, Default)]
struct Onlooker {
    approvals: Vec<Noted>,
    looks: BTreeMap<String, Timestamp>,
    emergency_override: Option<Timestamp>,
    /// Who opened the change, had it go on, or held the permit for a step that cannot be undone.
    owners: BTreeSet<String>,
    /// How many approvals and looks the last request asked for: approvals of an upgrade, of unsubscribing, looks.
    asked: (u8, u8, u8),
}

pub(super) struct Play {
    pub(super) case: Case,
    pub(super) now: Timestamp,
    pub(super) policy: Policy,
    team: TeamName,
    seen: Onlooker,
    permits: u32,
}

fn in_team(who: &str) -> bool {
    matches!(who, "bob" | "carol")
}

impl Play {
    pub(super) fn new(edition: Edition, team: bool) -> Self {
        let mut instance = Instance::new(
            InstanceId::parse("MQ_INST_1080056302921134_BXuIbML7").unwrap(),
            InstanceName::parse("orders").unwrap(),
            Region::parse("cn-hangzhou").unwrap(),
        );
        let label = TeamName::parse("payments").unwrap();
        instance.team = team.then(|| label.clone());
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut play = Self {
            case: Case::new(instance, None),
            now,
            policy: Policy::default(),
            team: label,
            seen: Onlooker::default(),
            permits: 0,
        };
        let said = Said {
            edition: Some(Some(edition)),
            expires: (edition == Edition::Platinum).then(|| Some(now + TimeDelta::days(30))),
            auto_renew: (edition == Edition::Platinum).then_some(Some(Switch::Off)),
            ..Said::default()
        };
        play.with("alice", |case, moment| case.attest(&said, moment))
            .unwrap();
        play
    }

    fn with<T>(&mut self, who: &str, act: impl FnOnce(&mut Case, &Moment<'_>) -> T) -> T {
        let by = Person::named(who);
        let moment = Moment {
            by: &by,
            now: self.now,
            policy: &self.policy,
        };
        act(&mut self.case, &moment)
    }

    /// Does it on a copy and keeps that only if it was not refused, as one transaction would.
    pub(super) fn tries<T>(
        &mut self,
        who: &str,
        act: impl FnOnce(&mut Case, &Moment<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let before = self.case.clone();
        let facts = self.shown();
        let result = self.with(who, act);
        match &result {
            Ok(_) | Err(Refusal::NeedsApproval(_)) => {
                self.note_facts(&facts);
                self.note_request(before.events.len());
            }
            Err(_) => self.case = before,
        }
        result
    }

    /// Anyone who is asked to approve is told how many it takes; another quorum later does not touch that.
    fn note_request(&mut self, heard: usize) {
        let new = self.case.events.get(heard..).unwrap_or_default();
        let asks = |event: &Event| matches!(event.kind, EventKind::ApprovalAsked { .. });
        if new.iter().any(asks) {
            self.seen.asked = self.quorum();
        }
    }

    fn quorum(&self) -> (u8, u8, u8) {
        let policy = &self.policy;
        let approvals = |step| policy.approvals_for(step);
        (
            approvals(Step::Upgrade),
            approvals(Step::Unsubscribe),
            policy.observers,
        )
    }

    /// Whatever was approved or seen before a fact moved is worth nothing.
    fn note_facts(&mut self, before: &(Fingerprint, Vec<String>)) {
        let after = self.shown();
        if *before != after {
            self.seen.approvals.clear();
            self.seen.emergency_override = None;
        }
        let ((before, _), (after, _)) = (before, after);
        let moved = |fact| before.values[&fact] != after.values[&fact];
        if moved(FactKind::Action) || moved(FactKind::Expires) {
            self.seen.looks.clear();
        }
    }

    /// The facts that decide, and what else people are shown of the row.
    fn shown(&self) -> (Fingerprint, Vec<String>) {
        let instance = &self.case.instance;
        let accepted = self
            .case
            .open_change()
            .and_then(|change| change.acknowledgement.as_ref());
        let row = vec![
            instance.name.to_string(),
            instance.region.to_string(),
            format!("{:?}", instance.commodity_id.value()),
            format!("{:?}", instance.max_tps.value()),
            format!("{accepted:?}"),
        ];
        (Fingerprint::of(instance), row)
    }

    fn note_look(&mut self, who: &str, action: PostExpirationAction) {
        if action == Downgrade {
            self.seen.looks.insert(who.to_owned(), self.now);
        }
    }

    pub(super) fn does(&mut self, who: &str, act: Act) {
        match act {
            Act::Open(kind) => self.open(who, kind),
            Act::Approve(saw) => self.approve(who, saw),
            Act::Revoke => {
                if self.tries(who, |case, moment| case.revoke(moment)).is_ok() {
                    self.seen.approvals.retain(|given| given.by != who);
                }
            }
            Act::Reject => {
                let _ = self.tries(who, |case, moment| case.reject("no", moment));
            }
            Act::Cancel => {
                let _ = self.tries(who, |case, moment| case.cancel("off", moment));
            }
            Act::Glass => {
                let broken = self.tries(who, |case, moment| case.break_glass("why", "T-1", moment));
                if broken.is_ok() {
                    self.seen.emergency_override = Some(self.now);
                }
            }
            Act::Look(action) => {
                self.says(who, |said| said.action = Some(Some(action)));
                self.note_look(who, action);
            }
            Act::Forget => self.says(who, |said| said.action = Some(None)),
            Act::Renew(days) => {
                let to = self.now + TimeDelta::days(days);
                self.says(who, |said| said.expires = Some(Some(to)));
            }
            Act::AutoRenew(switch) => self.says(who, |said| said.auto_renew = Some(Some(switch))),
            Act::Ask => self.ask(who),
            Act::Confirm(step, outside) => self.confirm(who, step, outside),
            Act::Reopen(step) => {
                let ended = self.case.open_change().is_none();
                let reopened = self.tries(who, |case, moment| {
                    case.reopen(step, "a slip", None, moment)
                });
                if ended && reopened.is_ok() {
                    self.seen.owners.insert(who.to_owned());
                }
            }
            Act::Wait(minutes) => self.wait(minutes),
            Act::Back(minutes) => self.now -= TimeDelta::minutes(minutes),
            Act::Row(shown, number) => self.says(who, |said| said_of_row(said, shown, number)),
            Act::Quorum(upgrade, unsubscribe, observers) => {
                self.policy.approvals_for_upgrade = upgrade;
                self.policy.approvals_for_unsubscribe = unsubscribe;
                self.policy.observers = observers;
            }
            Act::Team(held) => {
                let team = held.then(|| self.team.clone());
                // Who has to agree to unsubscribing are other people then; an upgrade is not a team's own.
                if team != self.case.instance.team {
                    let kept = |given: &Noted| given.step != Step::Unsubscribe;
                    self.seen.approvals.retain(kept);
                }
                self.says(who, |said| said.team = Some(team));
            }
        }
    }

    pub(super) fn says(&mut self, who: &str, facts: impl FnOnce(&mut Said)) {
        let mut said = Said::default();
        facts(&mut said);
        let before = self.shown();
        let heard = self.case.events.len();
        let held = self.case.clone();
        if self
            .with(who, |case, moment| case.attest(&said, moment))
            .is_err()
        {
            self.case = held;
        }
        self.note_facts(&before);
        self.note_request(heard);
    }

    fn open(&mut self, who: &str, kind: ChangeKind) {
        let opening = Opening {
            kind,
            number: self
                .case
                .change
                .as_ref()
                .map_or(1, |change| change.number + 1),
            acknowledged: false,
        };
        if self
            .tries(who, |case, moment| case.open(&opening, moment))
            .is_ok()
        {
            let looks = std::mem::take(&mut self.seen.looks);
            self.seen = Onlooker {
                owners: BTreeSet::from([who.to_owned()]),
                looks,
                asked: self.seen.asked,
                ..Onlooker::default()
            };
        }
    }

    fn approve(&mut self, who: &str, saw: Option<PostExpirationAction>) {
        let teams = if in_team(who) {
            vec![self.team.clone()]
        } else {
            Vec::new()
        };
        let approved = self.tries(who, |case, moment| {
            let vote = Vote {
                seen: saw,
                teams: &teams,
            };
            case.approve(&vote, moment)
        });
        let Ok(approved) = approved else {
            return;
        };
        if let Some(saw) = saw {
            self.note_look(who, saw);
        }
        if let Approved::Given(step, verdict) = approved {
            assert!(verdict.allows(), "approved on a verdict that forbids");
            let own = self.seen.owners.contains(who);
            assert!(!own, "nobody approves a change that was theirs");
            self.seen.approvals.retain(|given| given.by != who);
            self.seen.approvals.push(Noted {
                by: who.to_owned(),
                at: self.now,
                step,
                team: in_team(who),
            });
        }
    }

    fn ask(&mut self, who: &str) {
        let change = self.case.open_change();
        let asked = change.and_then(Change::request_open);
        let asked = asked.filter(|request| self.has_come(request.asked_at));
        let (upgrade, unsubscribe, observers) = match asked {
            Some(_) => self.seen.asked,
            None => self.quorum(),
        };
        let shown = self.tries(who, |case, moment| case.ask_next(moment));
        if let Ok(Some(PermitShown {
            permit,
            verdict: Some(verdict),
            ..
        })) = shown
        {
            assert!(verdict.allows());
            let numbers = match permit.step {
                Step::Upgrade => (upgrade, 0),
                Step::Unsubscribe => (unsubscribe, observers),
                _ => return,
            };
            self.check_permit(who, permit.step, numbers);
        }
    }

    /// The account must agree, and from now on nothing of it is worth anything for another permit.
    fn check_permit(&mut self, who: &str, step: Step, (needed, observers): (u8, u8)) {
        let holds = TimeDelta::hours(if step == Step::Upgrade { 72 } else { 24 });
        let counted: Vec<&Noted> = self
            .seen
            .approvals
            .iter()
            .filter(|given| given.step == step && self.now - given.at < holds)
            .filter(|given| self.has_come(given.at))
            .filter(|given| !self.seen.owners.contains(&given.by) && given.by != who)
            .collect();
        let people: BTreeSet<&str> = counted.iter().map(|given| given.by.as_str()).collect();
        let emergency_override = self.seen.emergency_override;
        let emergency_override =
            emergency_override.is_some_and(|at| self.now - at < holds && self.has_come(at));
        let enough =
            people.len() >= usize::from(needed) || (emergency_override && step == Step::Upgrade);
        assert!(
            enough,
            "{step:?} for {who} with {counted:?}, owned by {:?}",
            self.seen.owners
        );
        if step == Step::Unsubscribe && self.case.instance.team.is_some() {
            assert!(counted.iter().any(|given| given.team), "nobody of the team");
        }
        let fresh =
            |at: &&Timestamp| self.now - **at <= TimeDelta::hours(24) && self.has_come(**at);
        let looked = self.seen.looks.values().filter(fresh).count();
        assert!(
            looked >= usize::from(observers),
            "{looked} looks: {:?}",
            self.seen.looks
        );
        self.seen.approvals.clear();
        self.seen.emergency_override = None;
        self.seen.owners.insert(who.to_owned());
        self.permits += 1;
    }

    /// Clocks may differ by two minutes; what is dated later counts when its time has come.
    fn has_come(&self, at: Timestamp) -> bool {
        at - self.now <= TimeDelta::minutes(2)
    }

    fn confirm(&mut self, who: &str, step: Option<Step>, outside: bool) {
        let said = Confirmation {
            step,
            outside: outside.then(|| "it happened".to_owned()),
            ..Confirmation::default()
        };
        let done = self.tries(who, |case, moment| case.confirm(&said, moment));
        if done == Ok(Step::SetAction) {
            self.note_look(who, Downgrade);
        }
    }

    pub(super) fn wait(&mut self, minutes: i64) {
        let facts = self.shown();
        let heard = self.case.events.len();
        self.now += TimeDelta::minutes(minutes);
        self.case.advance(&self.policy, self.now);
        self.note_facts(&facts);
        self.note_request(heard);
        // Nothing that time decides is left behind, or the loop would never sleep.
        assert!(self.case.wakes_at().is_none_or(|at| at > self.now));
        let once = self.case.clone();
        self.case.advance(&self.policy, self.now);
        assert_eq!(once, self.case, "advancing twice is advancing once");
    }
}

fn said_of_row(said: &mut Said, shown: Shown, number: u32) {
    match shown {
        Shown::Name => said.name = InstanceName::parse(&format!("orders-{number}")).ok(),
        Shown::Region => said.region = Region::parse(&format!("cn-beijing-{number}")).ok(),
        Shown::Commodity => {
            said.commodity_id = CommodityId::parse(&format!("ons-cn-0pp1abc2d{number}"))
                .ok()
                .map(Some);
        }
        Shown::Size => said.max_tps = Some(Some(4_000 + number)),
        Shown::NoCommodity => said.commodity_id = Some(None),
        Shown::NoSize => said.max_tps = Some(None),
    }
}

fn kinds() -> impl Strategy<Value = ChangeKind> {
    select(
        &[
            ChangeKind::Upgrade,
            ChangeKind::Downgrade(Route::Unsubscribe),
            ChangeKind::Downgrade(Route::Unsubscribe),
            ChangeKind::Downgrade(Route::Expiry),
        ][..],
    )
}

fn acts() -> impl Strategy<Value = Act> {
    let steps = [
        Step::Upgrade,
        Step::SetAction,
        Step::Unsubscribe,
        Step::VerifyStandard,
    ];
    let step = || select(steps.to_vec());
    prop_oneof![
        4 => kinds().prop_map(Act::Open),
        12 => prop_oneof![3 => Just(None), 3 => Just(Some(Downgrade)), 1 => Just(Some(Delete))]
            .prop_map(Act::Approve),
        2 => Just(Act::Revoke),
        1 => Just(Act::Reject),
        1 => Just(Act::Cancel),
        1 => Just(Act::Glass),
        8 => prop_oneof![5 => Just(Downgrade), 1 => Just(Delete)].prop_map(Act::Look),
        1 => Just(Act::Forget),
        1 => select(&[-1_i64, 3, 60][..]).prop_map(Act::Renew),
        1 => select(&[Switch::On, Switch::Off][..]).prop_map(Act::AutoRenew),
        12 => Just(Act::Ask),
        4 => (prop::option::of(step()), prop::bool::weighted(0.1))
            .prop_map(|(step, outside)| Act::Confirm(step, outside)),
        1 => step().prop_map(Act::Reopen),
        1 => (0..3_u8, 1..4_u8, 1..4_u8).prop_map(|(one, two, three)| Act::Quorum(one, two, three)),
        1 => any::<bool>().prop_map(Act::Team),
        1 => (select(&SHOWN[..]), 0..3_u32).prop_map(|(shown, number)| Act::Row(shown, number)),
        1 => select(&[1_i64, 3, 45, 1_500, 5_000][..]).prop_map(Act::Back),
        5 => select(&[1_i64, 10, 31, 120, 1_200, 1_500, 2_300, 4_400][..]).prop_map(Act::Wait),
    ]
}

fn scripts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    prop::collection::vec((0..PEOPLE.len(), acts()), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_permit_is_given_only_when_an_onlooker_would_give_it(
        script in scripts(),
        platinum in prop::bool::weighted(0.7),
        team in any::<bool>(),
    ) {
        let edition = if platinum { Edition::Platinum } else { Edition::Standard };
        let mut play = Play::new(edition, team);
        for (who, act) in script {
            play.does(PEOPLE[who], act);
        }
    }

    #[test]
    fn one_person_never_gets_a_permit_to_unsubscribe(
        script in prop::collection::vec(acts(), 1..60),
        team in any::<bool>(),
    ) {
        let mut play = Play::new(Edition::Platinum, team);
        for act in script {
            // Breaking the glass, opening, approving, looking, another quorum: all by the same person, in whatever role.
            play.does("bob", act);
            let permit = play.case.change.as_ref().and_then(|change| change.permit.as_ref());
            prop_assert!(permit.is_none_or(|permit| permit.step != Step::Unsubscribe));
        }
    }
}

/// The oracle would be worth nothing if permits were never reached.
#[test]
fn permits_are_reached_by_chance_as_well() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut unsubscribing, mut upgrading) = (0, 0);
    for _ in 0..2_000 {
        let script = scripts().new_tree(&mut runner).unwrap().current();
        for edition in [Edition::Platinum, Edition::Standard] {
            let mut play = Play::new(edition, false);
            for (who, act) in &script {
                play.does(PEOPLE[*who], *act);
            }
            match edition {
                Edition::Platinum => unsubscribing += play.permits,
                Edition::Standard => upgrading += play.permits,
            }
        }
    }
    assert!(unsubscribing > 20, "{unsubscribing} permits to unsubscribe");
    assert!(upgrading > 100, "{upgrading} permits to upgrade");
}
