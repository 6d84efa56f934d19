//! The statements of people in these tests, as data: printed for the bot, read as they are by the ledger.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveTime, TimeDelta};
use edition_warden::domain::Timestamp;
use edition_warden::domain::change::{Route, Step};
use edition_warden::domain::instance::{Edition, PostExpirationAction, Switch};
use edition_warden::domain::rules::FactKind;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const PEOPLE: [&str; 3] = ["alice", "bob", "carol"];
/// All of one account: where another account has the same name, a request is asked again at the next look at its case, and not at
/// once.
pub(crate) const IDS: [&str; 3] = [
    "MQ_INST_1080056302921134_BXuIbML7",
    "MQ_INST_1080056302921134_CYvJcNM8",
    "MQ_INST_1080056302921134_DZwKdON9",
];
pub(crate) const NAMES: [&str; 3] = ["orders", "orders", "stock"];
pub(crate) const REGIONS: [&str; 3] = ["cn-hangzhou", "ap-southeast-1", "cn-hangzhou"];
const COMMODITIES: [&str; 2] = ["ons-cn-0pp1abc2d34", "ons-cn-9zz8xyz7w65"];
const UNSAID: [FactKind; 3] = [FactKind::Expires, FactKind::MaxTps, FactKind::CommodityId];
const SPANS: [&str; 8] = ["1s", "10m", "31m", "23h", "25h", "3d", "7d", "20d"];
const STEPS: [Step; 7] = [
    Step::Upgrade,
    Step::RecordExpiry,
    Step::ChooseAction,
    Step::SetAction,
    Step::Unsubscribe,
    Step::AwaitExpiry,
    Step::VerifyStandard,
];
pub(crate) const REASON: &str = "it's what we saw, #7 says";
pub(crate) const TICKET: &str = "OPS-42";
pub(crate) const EVIDENCE: &str = "https://tickets.example.com/42";

/// A change, counted back from the latest one, since numbers are only known when it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Back(pub(crate) u64);

impl Back {
    pub(crate) fn number(self, last: u64) -> u64 {
        last.saturating_sub(self.0).max(1)
    }
}

/// A day, counted from the one it is said on: an instant, or a date in the vendor's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) ahead: i64,
    pub(crate) zoned: bool,
}

impl Day {
    pub(crate) fn instant(self, now: Timestamp) -> Timestamp {
        let midnight =
            now.date_naive().and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(self.ahead);
        if self.zoned {
            midnight
        } else {
            midnight - TimeDelta::hours(8)
        }
    }

    fn print(self, now: Timestamp) -> String {
        let midnight =
            now.date_naive().and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(self.ahead);
        let form = if self.zoned {
            "%Y-%m-%dT%H:%M:%SZ"
        } else {
            "%Y-%m-%d"
        };
        DateTime::format(&midnight, form).to_string()
    }
}

/// Facts given with `instance add` and `instance set`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) expires: Option<Day>,
    pub(crate) action: Option<Option<PostExpirationAction>>,
    pub(crate) auto_renew: Option<Option<Switch>>,
    pub(crate) busy: Option<Option<Switch>>,
    pub(crate) max_tps: Option<u32>,
    pub(crate) commodity_id: Option<&'static str>,
    pub(crate) team: Option<&'static str>,
    pub(crate) channel: Option<&'static str>,
    /// What is said not to be known any more.
    pub(crate) unsaid: Option<FactKind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Upgrade,
    Downgrade,
    Unsubscribe,
    Expiry,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Instance(&'static str),
    Change(Back),
}

/// One command.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    Add {
        id: &'static str,
        name: &'static str,
        region: &'static str,
        edition: Edition,
        facts: Facts,
    },
    Set {
        instance: &'static str,
        name: Option<&'static str>,
        region: Option<&'static str>,
        edition: Option<Edition>,
        facts: Facts,
    },
    Action(&'static str, PostExpirationAction),
    Check {
        asked: Asked,
        instance: &'static str,
        ack: bool,
    },
    Why(Target),
    Show(&'static str),
    List,
    Change(Back),
    Changes,
    Upgrade(&'static str),
    Downgrade {
        instance: &'static str,
        by: Option<Route>,
        ack: bool,
    },
    Unsubscribe {
        instance: &'static str,
        ack: bool,
    },
    Next {
        target: Target,
        ack: bool,
    },
    Confirm {
        change: Back,
        step: Option<Step>,
        expires: Option<Day>,
        evidence: bool,
        outside: bool,
    },
    Approve(Back, Option<PostExpirationAction>),
    Reject(Back),
    Revoke(Back),
    BreakGlass(Back),
    Reopen(Back, Step),
    Fail(Back),
    Cancel(Back),
    Remove(&'static str),
    Lost(&'static str),
}

/// One thing that happens.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Says(&'static str, Say),
    /// Somebody does what takes this instance one step on; the number chooses where there is a choice.
    Onward(&'static str, &'static str, u8),
    /// Somebody takes back a step that this change has on record; the number chooses which.
    Regrets(&'static str, Back, u8),
    Passes(&'static str),
}

fn or_unknown(word: Option<&'static str>) -> &'static str {
    word.unwrap_or("unknown")
}

impl Facts {
    fn print(&self, line: &mut String, now: Timestamp) {
        let mut put = |option: &str, value: &str| {
            let _ = write!(line, " --{option} {value}");
        };
        if let Some(day) = self.expires {
            put("expires", &day.print(now));
        }
        if let Some(action) = self.action {
            put(
                "action",
                or_unknown(action.map(PostExpirationAction::as_str)),
            );
        }
        if let Some(switch) = self.auto_renew {
            put("auto-renew", or_unknown(switch.map(Switch::as_str)));
        }
        if let Some(switch) = self.busy {
            put("busy", or_unknown(switch.map(Switch::as_str)));
        }
        if let Some(max_tps) = self.max_tps {
            put("max-tps", &max_tps.to_string());
        }
        if let Some(id) = self.commodity_id {
            put("commodity-id", id);
        }
        if let Some(team) = self.team {
            put("team", team);
        }
        if let Some(channel) = self.channel {
            put("channel", channel);
        }
        if let Some(unsaid) = self.unsaid {
            put(unsaid.as_str(), "unknown");
        }
    }
}

impl Say {
    /// The line of text; `last` is the number of the latest change.
    pub(crate) fn print(&self, last: u64, now: Timestamp) -> String {
        let target = |target: &Target| match target {
            Target::Instance(text) => (*text).to_owned(),
            Target::Change(back) => format!("#{}", back.number(last)),
        };
        let acked = |ack: &bool| if *ack { " --ack fits-standard" } else { "" };
        match self {
            Self::Add {
                id,
                name,
                region,
                edition,
                facts,
            } => {
                let edition = edition.as_str();
                let mut line = format!(
                    "instance add {id} --name {name} --region {region} --edition {edition}"
                );
                facts.print(&mut line, now);
                line
            }
            Self::Set {
                instance,
                name,
                region,
                edition,
                facts,
            } => {
                let mut line = format!("instance set {instance}");
                let told = [
                    ("name", *name),
                    ("region", *region),
                    ("edition", edition.map(Edition::as_str)),
                ];
                for (option, value) in told {
                    if let Some(value) = value {
                        let _ = write!(line, " --{option} {value}");
                    }
                }
                facts.print(&mut line, now);
                line
            }
            Self::Action(instance, action) => format!("action {instance} {}", action.as_str()),
            Self::Check {
                asked,
                instance,
                ack,
            } => {
                let asked = format!("{asked:?}").to_lowercase();
                format!("check {asked} {instance}{}", acked(ack))
            }
            Self::Why(what) => format!("why {}", target(what)),
            Self::Show(instance) => format!("instance show {instance}"),
            Self::List => "instance list".to_owned(),
            Self::Change(change) => format!("change {}", change.number(last)),
            Self::Changes => "changes --all".to_owned(),
            Self::Upgrade(instance) => format!("upgrade {instance}"),
            Self::Downgrade { instance, by, ack } => {
                let by = by.map(|route| format!(" --by {}", route.as_str()));
                format!(
                    "downgrade {instance}{}{}",
                    by.unwrap_or_default(),
                    acked(ack)
                )
            }
            Self::Unsubscribe { instance, ack } => format!("unsubscribe {instance}{}", acked(ack)),
            Self::Next { target: what, ack } => format!("next {}{}", target(what), acked(ack)),
            Self::Confirm {
                change,
                step,
                expires,
                evidence,
                outside,
            } => {
                let mut line = format!("confirm {}", change.number(last));
                if let Some(step) = step {
                    let _ = write!(line, " {}", step.as_str());
                }
                if let Some(day) = expires {
                    let _ = write!(line, " --expires {}", day.print(now));
                }
                if *evidence {
                    let _ = write!(line, " --evidence {EVIDENCE}");
                }
                if *outside {
                    let _ = write!(line, " --outside --reason {REASON}");
                }
                line
            }
            Self::Reopen(change, step) => {
                let (number, step) = (change.number(last), step.as_str());
                format!("reopen #{number} {step} --reason {REASON}")
            }
            Self::Approve(change, seen) => {
                let seen = seen.map(|seen| format!(" --seen {}", seen.as_str()));
                format!(
                    "approve {}{}",
                    change.number(last),
                    seen.unwrap_or_default()
                )
            }
            Self::Reject(change) => format!("reject {} --reason {REASON}", change.number(last)),
            Self::Revoke(change) => format!("revoke {}", change.number(last)),
            Self::BreakGlass(change) => format!(
                "break-glass {} --ticket {TICKET} --reason {REASON}",
                change.number(last)
            ),
            Self::Fail(change) => format!("fail {} --reason {REASON}", change.number(last)),
            Self::Cancel(change) => format!("cancel {} --reason {REASON}", change.number(last)),
            Self::Remove(instance) => format!("instance remove {instance} --reason {REASON}"),
            Self::Lost(instance) => format!("instance lost {instance} --reason {REASON}"),
        }
    }

    /// Whether it only ever looks.
    pub(crate) const fn looks(&self) -> bool {
        matches!(
            self,
            Self::Check { .. }
                | Self::Why(_)
                | Self::Show(_)
                | Self::List
                | Self::Change(_)
                | Self::Changes
                | Self::Downgrade { by: None, .. }
        )
    }
}

fn refs() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        6 => select(&["cn-hangzhou/orders", "ap-southeast-1/orders", "stock"][..]),
        3 => select(&IDS[..]),
        2 => select(&["orders", "ord", "sto", "depot", "cn-hangzhou/depot", "nobody"][..]),
        1 => select(&COMMODITIES[..]),
    ]
}

fn backs() -> impl Strategy<Value = Back> {
    prop_oneof![6 => Just(0), 2 => 1..3_u64, 1 => 3..9_u64].prop_map(Back)
}

fn targets() -> impl Strategy<Value = Target> {
    prop_oneof![
        refs().prop_map(Target::Instance),
        backs().prop_map(Target::Change)
    ]
}

fn days() -> impl Strategy<Value = Day> {
    let ahead = prop_oneof![1 => Just(-8_i64), 1 => -1..=1_i64, 3 => 2..=10_i64, 3 => Just(40)];
    (ahead, any::<bool>()).prop_map(|(ahead, zoned)| Day { ahead, zoned })
}

fn actions() -> impl Strategy<Value = PostExpirationAction> {
    prop_oneof![
        1 => Just(PostExpirationAction::Delete),
        3 => Just(PostExpirationAction::Downgrade),
    ]
}

fn switches() -> impl Strategy<Value = Option<Switch>> {
    prop_oneof![4 => Just(Some(Switch::Off)), 1 => Just(Some(Switch::On)), 1 => Just(None)]
}

fn editions() -> impl Strategy<Value = Edition> {
    select(&[Edition::Standard, Edition::Platinum][..])
}

prop_compose! {
    fn facts(often: f64)(
        expires in option::weighted(often, days()),
        action in option::weighted(often, option::weighted(0.8, actions())),
        auto_renew in option::weighted(often, switches()),
        busy in option::weighted(0.1, switches()),
        max_tps in option::weighted(0.3, select(&[3_000_u32, 5_000, 8_000, 9_000][..])),
        commodity_id in option::weighted(0.1, select(&COMMODITIES[..])),
        team in option::weighted(0.1, select(&["payments", "étage/2"][..])),
        channel in option::weighted(0.1, select(&["#ops", "雲"][..])),
        unsaid in option::weighted(0.1, select(&UNSAID[..])),
    ) -> Facts {
        let said = |fact| unsaid != Some(fact);
        Facts {
            expires: expires.filter(|_| said(FactKind::Expires)),
            action,
            auto_renew,
            busy,
            max_tps: max_tps.filter(|_| said(FactKind::MaxTps)),
            commodity_id: commodity_id.filter(|_| said(FactKind::CommodityId)),
            team,
            channel,
            unsaid,
        }
    }
}

fn adds() -> impl Strategy<Value = Say> {
    (0..3_usize, editions(), facts(0.5), 0..8_u8).prop_map(|(which, edition, mut facts, odd)| {
        if edition == Edition::Standard && odd > 0 {
            (facts.expires, facts.action, facts.auto_renew) = (None, None, None);
        }
        let name = if odd == 1 { "depot" } else { NAMES[which] };
        Say::Add {
            id: IDS[which],
            name,
            region: REGIONS[which],
            edition,
            facts,
        }
    })
}

fn sets() -> impl Strategy<Value = Say> {
    let name = option::weighted(0.1, select(&["depot", "orders", "stock"][..]));
    let region = option::weighted(0.1, select(&REGIONS[..]));
    let edition = option::weighted(0.2, editions());
    (refs(), name, region, edition, facts(0.3)).prop_map(
        |(instance, name, region, edition, facts)| Say::Set {
            instance,
            name,
            region,
            edition,
            facts,
        },
    )
}

fn looks() -> impl Strategy<Value = Say> {
    let asked = select(
        &[
            Asked::Upgrade,
            Asked::Downgrade,
            Asked::Unsubscribe,
            Asked::Expiry,
        ][..],
    );
    prop_oneof![
        4 => (asked, refs(), any::<bool>())
            .prop_map(|(asked, instance, ack)| Say::Check { asked, instance, ack }),
        2 => targets().prop_map(Say::Why),
        1 => refs().prop_map(Say::Show),
        1 => Just(Say::List),
        1 => backs().prop_map(Say::Change),
        1 => Just(Say::Changes),
    ]
}

fn openings() -> impl Strategy<Value = Say> {
    let by = prop_oneof![
        3 => Just(Some(Route::Unsubscribe)),
        3 => Just(Some(Route::Expiry)),
        1 => Just(None),
    ];
    prop_oneof![
        refs().prop_map(Say::Upgrade),
        (refs(), by, any::<bool>()).prop_map(|(instance, by, ack)| Say::Downgrade {
            instance,
            by,
            ack
        }),
        (refs(), any::<bool>()).prop_map(|(instance, ack)| Say::Unsubscribe { instance, ack }),
    ]
}

fn confirmations() -> impl Strategy<Value = Say> {
    let step = option::weighted(0.8, select(&STEPS[..]));
    let expires = option::weighted(0.2, days());
    (
        backs(),
        step,
        expires,
        any::<bool>(),
        prop::bool::weighted(0.3),
    )
        .prop_map(|(change, step, expires, evidence, outside)| Say::Confirm {
            change,
            step,
            expires,
            evidence,
            outside,
        })
}

fn sayings() -> impl Strategy<Value = Say> {
    prop_oneof![
        2 => adds(),
        4 => sets(),
        3 => (refs(), actions()).prop_map(|(instance, action)| Say::Action(instance, action)),
        3 => looks(),
        4 => openings(),
        4 => (targets(), prop::bool::weighted(0.3)).prop_map(|(target, ack)| Say::Next { target, ack }),
        5 => confirmations(),
        3 => (backs(), select(&STEPS[..])).prop_map(|(change, step)| Say::Reopen(change, step)),
        6 => (backs(), option::weighted(0.4, actions()))
            .prop_map(|(change, seen)| Say::Approve(change, seen)),
        1 => backs().prop_map(Say::Reject),
        1 => backs().prop_map(Say::Revoke),
        1 => backs().prop_map(Say::BreakGlass),
        1 => backs().prop_map(Say::Fail),
        1 => backs().prop_map(Say::Cancel),
        1 => refs().prop_map(Say::Remove),
        1 => refs().prop_map(Say::Lost),
    ]
}

fn deeds() -> impl Strategy<Value = Deed> {
    let who = select(&PEOPLE[..]);
    prop_oneof![
        6 => (who.clone(), sayings()).prop_map(|(who, say)| Deed::Says(who, say)),
        6 => (who.clone(), select(&IDS[..]), any::<u8>())
            .prop_map(|(who, id, choice)| Deed::Onward(who, id, choice)),
        1 => (who, backs(), any::<u8>())
            .prop_map(|(who, change, choice)| Deed::Regrets(who, change, choice)),
        2 => select(&SPANS[..]).prop_map(Deed::Passes),
    ]
}

/// Up to `most` things that happen, the first of which track the instances.
pub(crate) fn sequences(most: usize) -> impl Strategy<Value = Vec<Deed>> {
    let choices = prop::collection::vec(any::<u8>(), IDS.len());
    let deeds = prop::collection::vec(deeds(), 1..=most - IDS.len());
    (choices, deeds).prop_map(|(choices, deeds)| {
        let tracked = IDS.iter().zip(choices);
        tracked
            .map(|(id, choice)| Deed::Onward(PEOPLE[0], id, choice))
            .chain(deeds)
            .collect()
    })
}
