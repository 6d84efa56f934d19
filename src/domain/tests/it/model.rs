//! A model of one instance and its change that drives the real transitions, checked exhaustively.
//!
//! Two worlds. In the *truthful* one there is a vendor with a real edition, action and expiry; people act there only
//! within a permit they hold or record what they did at once, and attest only what is true. In the *careless* one
//! anybody may say anything at any time, so there is nothing to compare with.
//!
//! Time: the present is always [`now`]; a step of time moves everything else into the past. A day has two moments: its
//! mark, at which everything expires, and a quarter of an hour before the next mark. What lies so far back that no rule
//! can tell the difference is pulled to one age, which keeps the states finite without a horizon.

mod normal;
mod promises;

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta};
use domain::Timestamp;
use domain::case::{Case, Confirmation, Handover, Moment, Opening};
use domain::change::{Change, ChangeKind, Fingerprint, How, PermitState, Route, Status, Step};
use domain::concern::{Concern, ConcernKind, Rhythm, Weight, concerns};
use domain::fact::{Fact, Gap, Known, Source};
use domain::id::{InstanceId, InstanceName, Person, Region};
use domain::instance::{AtExpiry, Edition, Instance, PlatinumFacts, PostExpirationAction, Switch};
use domain::reminder::{
    Attention, Cadence, Mute, Planned, ReminderRow, SinceExpiry, Situation, Topic, plan,
};
use domain::said::Said;
use domain::team::{Limits, Policy};
use normal::{normalise_before, normalise_change, normalise_instance, pull_expiry, shift, within};
use promises::{can_end, completed, danger_is_open, open_is_told};
use rstest::rstest;
use stateright::{Checker, HasDiscoveries, Model, Property};

static ALICE: LazyLock<Person> = LazyLock::new(|| Person::named("alice"));
static BOB: LazyLock<Person> = LazyLock::new(|| Person::named("bob"));
static BLANK: LazyLock<Instance> = LazyLock::new(|| {
    Instance::new(
        InstanceId::parse("MQ_INST_1080056302921134_BXuIbML7").unwrap(),
        InstanceName::parse("orders").unwrap(),
        Region::parse("cn-hangzhou").unwrap(),
    )
});

const QUARTER: TimeDelta = TimeDelta::minutes(15);
const DAY: TimeDelta = TimeDelta::days(1);
const WEEK: TimeDelta = TimeDelta::days(7);
const SOON: TimeDelta = TimeDelta::days(2);
const LATER: TimeDelta = TimeDelta::days(9);
const BOTH_ACTIONS: [PostExpirationAction; 2] = [
    PostExpirationAction::Delete,
    PostExpirationAction::Downgrade,
];
const ALL_STEPS: [Step; 7] = [
    Step::Upgrade,
    Step::RecordExpiry,
    Step::ChooseAction,
    Step::SetAction,
    Step::Unsubscribe,
    Step::AwaitExpiry,
    Step::VerifyStandard,
];

fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// The true state at the vendor, known to people or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Vendor {
    /// The careless world does not look.
    Unseen,
    Standard,
    Platinum {
        action: PostExpirationAction,
        expires: Timestamp,
    },
    /// Nobody did anything for seven days after it expired.
    Idled,
    /// Somebody unsubscribed it while the action was Delete.
    Destroyed,
}

impl Vendor {
    const fn bought(expires: Timestamp) -> Self {
        Self::Platinum {
            action: PostExpirationAction::Delete,
            expires,
        }
    }

    /// The vendor's own transition after an expiry.
    fn settle(self) -> Self {
        match self {
            Self::Platinum { action, expires } if expires <= now() => match action {
                PostExpirationAction::Downgrade => Self::Standard,
                PostExpirationAction::Delete if expires + WEEK <= now() => Self::Idled,
                PostExpirationAction::Delete => self,
            },
            Self::Platinum { .. }
            | Self::Standard
            | Self::Unseen
            | Self::Idled
            | Self::Destroyed => self,
        }
    }

    fn pass(self, time: TimeDelta) -> Self {
        match self {
            Self::Platinum { action, expires } => Self::Platinum {
                action,
                expires: expires - time,
            },
            Self::Standard | Self::Unseen | Self::Idled | Self::Destroyed => self,
        }
        .settle()
    }

    /// The effect of this step when a person carries it out in the console.
    fn after(self, step: Step, mark: Timestamp) -> Option<Self> {
        match (step, self) {
            (Step::Upgrade, Self::Standard) => Some(Self::bought(mark + SOON)),
            (Step::SetAction, Self::Platinum { expires, .. }) => Some(
                Self::Platinum {
                    action: PostExpirationAction::Downgrade,
                    expires,
                }
                .settle(),
            ),
            (Step::Unsubscribe, Self::Platinum { action, .. }) => Some(match action {
                PostExpirationAction::Downgrade => Self::Standard,
                PostExpirationAction::Delete => Self::Destroyed,
            }),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    case: Case,
    vendor: Vendor,
    /// Whether it is a quarter of an hour before the next mark.
    late: bool,
    /// Whether the last transition gave a permit to unsubscribe without Downgrade being known.
    reckless: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Permission {
    /// To the other moment of the day.
    Onwards,
    Day,
    Week,
    Open(ChangeKind),
    OpenAndUnsubscribe,
    Next(Who),
    Unsubscribe(Who),
    Confirm(Step, Option<TimeDelta>, Way),
    Say(Word),
    Reopen(Step),
    Fail,
    Cancel,
    /// One of them takes over the other's work.
    HandOver(Who),
    /// The holder of the permit that is out does its step in the console.
    Do,
    /// Somebody acts in the console and says so in the same breath.
    DoAndSay(Recorded),
    /// Somebody sets the action in the console and says nothing.
    Meddle,
}

const NO_RECKLESS_PERMIT: &str = "no permit to unsubscribe without Downgrade known";
const NO_DELETION: &str = "no path of permitted steps deletes";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Alice,
    Bob,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Ordinary,
    Outside,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    Edition(Edition),
    Expires(TimeDelta),
    Action(Option<PostExpirationAction>),
    AutoRenew(Switch),
    Busy(Switch),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Recorded {
    Set(PostExpirationAction),
    /// A renewal; the vendor may or may not keep the action.
    Renewed(PostExpirationAction),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Honesty {
    Truthful,
    Careless,
}

/// How a world is spoilt to see whether the properties notice.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Spoilt {
    Not,
    /// People in the console act on permits that were withdrawn or have lapsed.
    ActsWithoutPermit,
    /// The action is changed at the vendor and nobody says so.
    Unrecorded,
    /// The action may be relied on for eight days.
    LooseLimit,
    /// People claim that the action is Downgrade without looking.
    Claims,
    /// A renewal that resets the action is recorded where no date was known, so that nobody can tell it from a first one.
    UndatedRenewal,
}

struct Play {
    honesty: Honesty,
    spoilt: Spoilt,
    policy: Policy,
}

impl Play {
    fn new(honesty: Honesty, spoilt: Spoilt) -> Self {
        let mut limits = Limits::default();
        if spoilt == Spoilt::LooseLimit {
            limits.action_for_unsubscribe = TimeDelta::days(8);
        }
        Self {
            honesty,
            spoilt,
            policy: Policy::alone(limits),
        }
    }

    fn moment(&self, who: Who) -> Moment<'_> {
        let by = match who {
            Who::Alice => &*ALICE,
            Who::Bob => &*BOB,
        };
        Moment {
            by,
            now: now(),
            policy: &self.policy,
        }
    }

    fn alice(&self) -> Moment<'_> {
        self.moment(Who::Alice)
    }

    /// The possible statements of people: in the truthful world only true ones.
    fn words(&self, world: &World, words: &mut Vec<Permission>) {
        let mut say = |word| words.push(Permission::Say(word));
        say(Word::Action(None));
        match (self.honesty, world.vendor) {
            (Honesty::Careless, _) => {
                for edition in [Edition::Standard, Edition::Platinum] {
                    say(Word::Edition(edition));
                }
                for expires in [-DAY, SOON] {
                    say(Word::Expires(expires));
                }
                for action in BOTH_ACTIONS {
                    say(Word::Action(Some(action)));
                }
                for switch in [Switch::On, Switch::Off] {
                    say(Word::AutoRenew(switch));
                    say(Word::Busy(switch));
                }
            }
            (Honesty::Truthful, Vendor::Standard) => say(Word::Edition(Edition::Standard)),
            (Honesty::Truthful, Vendor::Platinum { action, expires }) => {
                say(Word::Edition(Edition::Platinum));
                say(Word::Expires(expires - world.mark()));
                say(Word::Action(Some(action)));
                say(Word::AutoRenew(Switch::Off));
                if self.spoilt == Spoilt::Claims {
                    say(Word::Action(Some(PostExpirationAction::Downgrade)));
                }
            }
            (Honesty::Truthful, Vendor::Unseen | Vendor::Idled | Vendor::Destroyed) => {}
        }
    }

    /// Which steps people may say are done: in the truthful world only those that are.
    fn confirmations(&self, world: &World, deeds: &mut Vec<Permission>) {
        let expires: &[Option<TimeDelta>] = match world.vendor {
            Vendor::Platinum { expires, .. } => &[Some(expires - world.mark())],
            Vendor::Unseen => &[Some(SOON)],
            Vendor::Standard | Vendor::Idled | Vendor::Destroyed => &[],
        };
        for step in ALL_STEPS {
            let true_now = match (step, world.vendor) {
                (_, Vendor::Unseen) => true,
                (Step::Upgrade | Step::RecordExpiry, Vendor::Platinum { .. })
                | (Step::Unsubscribe | Step::VerifyStandard, Vendor::Standard) => true,
                (Step::SetAction, Vendor::Platinum { action, .. }) => {
                    action == PostExpirationAction::Downgrade
                }
                _ => false,
            };
            if !true_now {
                continue;
            }
            if step == Step::RecordExpiry {
                deeds.extend(
                    expires
                        .iter()
                        .map(|expires| Permission::Confirm(step, *expires, Way::Ordinary)),
                );
                continue;
            }
            deeds.push(Permission::Confirm(step, None, Way::Ordinary));
            if step.permit_intent().is_some() {
                deeds.push(Permission::Confirm(step, None, Way::Outside));
            }
        }
    }

    fn at_the_vendor(&self, world: &World, deeds: &mut Vec<Permission>) {
        if world.vendor == Vendor::Unseen {
            return;
        }
        deeds.push(Permission::Do);
        for action in BOTH_ACTIONS {
            deeds.push(Permission::DoAndSay(Recorded::Set(action)));
            deeds.push(Permission::DoAndSay(Recorded::Renewed(action)));
        }
        if self.spoilt == Spoilt::Unrecorded {
            deeds.push(Permission::Meddle);
        }
    }

    fn say(&self, world: &mut World, word: Word) -> Option<()> {
        let mut said = Said {
            sure: true,
            ..Said::default()
        };
        match word {
            Word::Edition(edition) => said.edition = Some(Some(edition)),
            Word::Expires(from_mark) => said.expires = Some(Some(world.mark() + from_mark)),
            Word::Action(action) => said.action = Some(action),
            Word::AutoRenew(switch) => said.auto_renew = Some(Some(switch)),
            Word::Busy(switch) => said.busy = Some(Some(switch)),
        }
        world.case.attest(&said, &self.alice()).ok()
    }

    fn step_at_the_vendor(&self, world: &mut World) -> Option<()> {
        let permit = world.case.change.as_ref()?.permit.as_ref()?;
        let may = permit.state == PermitState::Out || self.spoilt == Spoilt::ActsWithoutPermit;
        if !may {
            return None;
        }
        world.vendor = world.vendor.after(permit.step, world.mark())?;
        Some(())
    }

    fn recorded(&self, world: &mut World, what: Recorded) -> Option<()> {
        let Vendor::Platinum { action, expires } = world.vendor else {
            return None;
        };
        match what {
            Recorded::Set(action) => {
                self.say(world, Word::Action(Some(action)))?;
                world.vendor = Vendor::Platinum { action, expires }.settle();
            }
            Recorded::Renewed(keeps) => {
                let later = world.mark() + SOON;
                // A first date cannot be told from a renewal.
                let dated = world.case.instance.expires.value().is_some()
                    || self.spoilt == Spoilt::UndatedRenewal;
                if !dated
                    || expires == later
                    || (keeps != action && action == PostExpirationAction::Delete)
                {
                    return None;
                }
                self.say(world, Word::Expires(SOON))?;
                world.vendor = Vendor::Platinum {
                    action: keeps,
                    expires: later,
                };
            }
        }
        Some(())
    }

    fn act(&self, world: &mut World, deed: Permission) -> Option<()> {
        let alice = self.alice();
        let case = &mut world.case;
        match deed {
            Permission::Onwards => {
                let time = if world.late { QUARTER } else { DAY - QUARTER };
                world.late = !world.late;
                self.pass(world, time);
            }
            Permission::Day => self.pass(world, DAY),
            Permission::Week => self.pass(world, WEEK),
            Permission::Open(kind) => {
                let opening = opening(kind);
                case.open(&opening, &alice).ok()?;
            }
            Permission::OpenAndUnsubscribe => {
                let opening = opening(ChangeKind::Downgrade(Route::Unsubscribe));
                case.open_and_unsubscribe(&opening, &alice).ok()?;
            }
            Permission::Next(who) => {
                case.ask_next(&self.moment(who)).ok()??;
            }
            Permission::Unsubscribe(who) => {
                case.ask_to_unsubscribe(&self.moment(who)).ok()?;
            }
            Permission::Confirm(step, expires, way) => {
                let said = Confirmation {
                    step: Some(step),
                    expires: expires.map(|expires| world.mark() + expires),
                    sure: true,
                    evidence: None,
                    outside: (way == Way::Outside).then(|| "seen".to_owned()),
                };
                world.case.confirm(&said, &alice).ok()?;
            }
            Permission::Say(word) => self.say(world, word)?,
            Permission::Reopen(step) => {
                case.reopen(step, "mistaken", None, &alice).ok()?;
            }
            Permission::Fail => case.fail("it broke", &alice).ok()?,
            Permission::Cancel => case.cancel("it broke", &alice).ok()?,
            Permission::HandOver(who) => self.hand_over(case, who)?,
            Permission::Do => self.step_at_the_vendor(world)?,
            Permission::DoAndSay(what) => self.recorded(world, what)?,
            Permission::Meddle => {
                let Vendor::Platinum { expires, .. } = world.vendor else {
                    return None;
                };
                world.vendor = Vendor::bought(expires);
            }
        }
        Some(())
    }

    /// A permit of anyone who leaves is out no more, and nothing that was not known is known by it.
    fn hand_over(&self, case: &mut Case, who: Who) -> Option<()> {
        let (of, to) = match who {
            Who::Alice => (&*ALICE, &*BOB),
            Who::Bob => (&*BOB, &*ALICE),
        };
        let unknown = |case: &Case| case.open_change().and_then(Change::unknown_outcome);
        let before = unknown(case);
        let it = Handover {
            of,
            to,
            reason: None,
        };
        let held = case.hand_over(&it, &self.alice());
        let out = case.open_change().and_then(|change| change.permit.as_ref());
        let out = out.filter(|permit| permit.state == PermitState::Out);
        assert!(out.is_none_or(|permit| permit.holder.id != of.id));
        assert!(before.is_none() || unknown(case) == before);
        (!held.is_nothing()).then_some(())
    }

    fn pass(&self, world: &mut World, time: TimeDelta) {
        shift(&mut world.case, time);
        world.case.advance(&self.policy, now());
        world.vendor = world.vendor.pass(time);
    }
}

fn opening(kind: ChangeKind) -> Opening {
    Opening {
        kind,
        number: 1,
        acknowledged: false,
    }
}

impl World {
    /// The next mark, or the present one.
    fn mark(&self) -> Timestamp {
        if self.late { now() + QUARTER } else { now() }
    }

    fn permit(&self) -> Option<(Step, PermitState, Timestamp)> {
        let permit = self.case.change.as_ref()?.permit.as_ref()?;
        Some((permit.step, permit.state, permit.shown_at))
    }

    /// Rule `action-known`, told again from the issue and not from the code: a person's word, 24 hours old at most.
    fn downgrade_is_known(&self) -> bool {
        self.case.instance.action.known().is_some_and(|known| {
            known.value == PostExpirationAction::Downgrade
                && known.source == Source::Attested
                && now() - known.at <= TimeDelta::hours(24)
        })
    }

    /// Whether the step from `before` to here gave a permit to unsubscribe.
    fn newly_permits_unsubscribing(&self, before: &Self) -> bool {
        let permit = |world: &Self| {
            let change = world.case.open_change()?;
            Some(change.permit_out(Step::Unsubscribe)?.serial)
        };
        permit(self).is_some_and(|given| permit(before) != Some(given))
    }

    /// Drops what no rule looks at, and pulls up what lies too far back to matter.
    fn normalise(&mut self) {
        self.case.events.clear();
        normalise_instance(&mut self.case.instance);
        if let Vendor::Platinum { expires, .. } = &mut self.vendor {
            *expires = pull_expiry(*expires);
        }
        let fingerprint = Fingerprint::of(&self.case.instance);
        let mark = self.mark();
        // Which change to go on with is only said.
        self.case.instance.ended_by_standard = None;
        within(&mut self.case.instance.before_standard, |instance| {
            normalise_before(instance, mark);
        });
        if let Some(change) = &mut self.case.change {
            normalise_change(change, fingerprint);
            within(&mut change.before_standard, |instance| {
                normalise_before(instance, mark);
            });
        }
    }
}

impl Model for Play {
    type State = World;
    type Action = Permission;

    fn init_states(&self) -> Vec<World> {
        let begin = |vendor| World {
            case: Case::new(BLANK.clone(), None),
            vendor,
            late: false,
            reckless: false,
        };
        match self.honesty {
            Honesty::Careless => vec![begin(Vendor::Unseen)],
            Honesty::Truthful => vec![
                begin(Vendor::Standard),
                begin(Vendor::bought(now() + SOON)),
                begin(Vendor::bought(now() + LATER)),
            ],
        }
    }

    fn actions(&self, world: &World, deeds: &mut Vec<Permission>) {
        deeds.extend([
            Permission::Onwards,
            Permission::Day,
            Permission::Week,
            Permission::Open(ChangeKind::Upgrade),
            Permission::Open(ChangeKind::Downgrade(Route::Unsubscribe)),
            Permission::Open(ChangeKind::Downgrade(Route::Expiry)),
            Permission::OpenAndUnsubscribe,
            Permission::Next(Who::Alice),
            Permission::Next(Who::Bob),
            Permission::Unsubscribe(Who::Alice),
            Permission::Fail,
            Permission::Cancel,
        ]);
        // Where anybody may say anything, it would be half as many states again.
        if self.honesty == Honesty::Truthful {
            deeds.extend([Who::Alice, Who::Bob].map(Permission::HandOver));
        }
        deeds.extend(ALL_STEPS.map(Permission::Reopen));
        self.words(world, deeds);
        self.confirmations(world, deeds);
        self.at_the_vendor(world, deeds);
    }

    fn next_state(&self, before: &World, deed: Permission) -> Option<World> {
        let mut world = before.clone();
        world.reckless = false;
        self.act(&mut world, deed)?;
        world.reckless = world.newly_permits_unsubscribing(before) && !world.downgrade_is_known();
        world.normalise();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NO_RECKLESS_PERMIT, |_, world: &World| !world.reckless),
            Property::always(NO_DELETION, |_, world: &World| {
                world.vendor != Vendor::Destroyed
            }),
            Property::always("an open change can end", can_end),
            Property::always("what may be lost is open", danger_is_open),
            Property::always(
                "what is open is told within a day",
                |play: &Self, world: &World| {
                    // To plan costs more than all other properties, and the careless world has many times the states.
                    play.honesty == Honesty::Careless || open_is_told(play, world)
                },
            ),
            Property::always(
                "time has nothing left to do",
                |play: &Self, world: &World| {
                    let mut again = world.case.clone();
                    again.advance(&play.policy, now());
                    again == world.case
                },
            ),
            Property::always(
                "no permit to unsubscribe from expiry on",
                |_, world: &World| {
                    let out = world
                        .case
                        .open_change()
                        .and_then(|change| change.permit_out(Step::Unsubscribe));
                    out.is_none() || world.case.instance.expired_at(now()).is_none()
                },
            ),
            Property::always(
                "only Standard lacks what only Platinum has",
                |_, world: &World| {
                    let instance = &world.case.instance;
                    let gaps = [instance.expires.map(|_| ()), instance.action.map(|_| ())];
                    let lacks = |fact: &Fact<()>| matches!(fact, Fact::Unknown { gap, .. } if *gap == Gap::OnlyPlatinum);
                    instance.edition.value() == Some(&Edition::Standard) || !gaps.iter().any(lacks)
                },
            ),
            Property::always(
                "it counts as converting only while Downgrade is known",
                |_, world: &World| {
                    let instance = &world.case.instance;
                    instance.at_expiry != Some(AtExpiry::Converts)
                        || instance.action.value() == Some(&PostExpirationAction::Downgrade)
                },
            ),
            Property::sometimes(
                "a downgrade by unsubscribing completes",
                |_, world: &World| {
                    completed(
                        world,
                        ChangeKind::Downgrade(Route::Unsubscribe),
                        Step::Unsubscribe,
                    )
                },
            ),
            Property::sometimes("a downgrade by expiry completes", |_, world: &World| {
                completed(
                    world,
                    ChangeKind::Downgrade(Route::Expiry),
                    Step::AwaitExpiry,
                )
            }),
            Property::sometimes("an upgrade completes", |_, world: &World| {
                completed(world, ChangeKind::Upgrade, Step::Upgrade)
            }),
            Property::sometimes("a permit lapses", |_, world: &World| {
                matches!(world.permit(), Some((_, PermitState::Lapsed, _)))
            }),
            Property::sometimes("a permit is withdrawn", |_, world: &World| {
                matches!(world.permit(), Some((_, PermitState::Withdrawn, _)))
            }),
        ]
    }
}

#[rstest]
#[case::truthful(Honesty::Truthful)]
#[case::careless(Honesty::Careless)]
fn every_reachable_state_keeps_the_promises(#[case] honesty: Honesty) {
    let checker = Play::new(honesty, Spoilt::Not)
        .checker()
        .threads(2)
        .spawn_bfs()
        .join();
    #[expect(
        clippy::print_stderr,
        reason = "the number of states is part of the proof"
    )]
    {
        eprintln!(
            "{honesty:?}: {} states, {} transitions, depth {}",
            checker.unique_state_count(),
            checker.state_count(),
            checker.max_depth()
        );
    }
    // There is no limit of time: a check that is cut short would pass for whatever it has not visited.
    assert!(checker.is_done(), "not every state was visited");
    checker.assert_properties();
}

/// The properties are worth something only if a spoilt world breaks them.
#[rstest]
#[case(Honesty::Truthful, Spoilt::ActsWithoutPermit, NO_DELETION)]
#[case(Honesty::Truthful, Spoilt::Unrecorded, NO_DELETION)]
#[case(Honesty::Truthful, Spoilt::Claims, NO_DELETION)]
#[case(Honesty::Truthful, Spoilt::UndatedRenewal, NO_DELETION)]
#[case(Honesty::Truthful, Spoilt::LooseLimit, NO_RECKLESS_PERMIT)]
#[case(Honesty::Careless, Spoilt::LooseLimit, NO_RECKLESS_PERMIT)]
fn a_spoilt_world_is_noticed(
    #[case] honesty: Honesty,
    #[case] spoilt: Spoilt,
    #[case] broken: &'static str,
) {
    let checker = Play::new(honesty, spoilt)
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyOf([broken].into()))
        .spawn_bfs()
        .join();
    assert!(
        checker.discovery(broken).is_some(),
        "{spoilt:?} goes unnoticed"
    );
}
