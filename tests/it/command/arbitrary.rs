//! Any command that can be said.

use chrono::{DateTime, TimeDelta};
use edition_warden::command::{
    Ack, AckTarget, ChangeRef, CheckIntent, Command, Evidence, Facts, Import, InstanceCommand,
    InstanceRef, NoticeText, Reason, SetCommand, SettingsCommand, Span, TargetRef, TeamChange,
    When, WordingWord, args,
};
use edition_warden::domain::authority::Role;
use edition_warden::domain::change::{Route, Step};
use edition_warden::domain::id::{
    ChannelId, CommodityId, InstanceId, InstanceName, Label, Region, RoleId, TeamName,
};
use edition_warden::domain::instance::{Edition, InstanceOrder, PostExpirationAction, Switch};
use edition_warden::domain::notice::DateRole;
use edition_warden::domain::reminder::Quiet;
use edition_warden::domain::rules::RuleId;
use edition_warden::domain::said::Said;
use edition_warden::domain::setting::{ChannelKind, Guarded};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces that are easily read as something else.
const PIECES: [&str; 26] = [
    "a",
    "orders",
    " ",
    "  ",
    "\"",
    "'",
    "\\",
    "\\\"",
    "#",
    "#12",
    "-",
    "--",
    "--reason",
    "--by=",
    "—by",
    "=",
    "订单",
    "“",
    "”",
    "’",
    "„",
    "--help",
    "12",
    "/",
    "\u{a0}",
    "👩‍🔧",
];

pub(super) fn text() -> impl Strategy<Value = String> {
    let odd = vec(select(&PIECES[..]), 0..6).prop_map(|pieces| pieces.concat());
    prop_oneof![odd, "[^\\p{C}\\p{Zl}\\p{Zp}]{0,12}"]
}

fn parsed<T: std::str::FromStr + std::fmt::Debug>() -> impl Strategy<Value = T> {
    text().prop_filter_map("not such a text", |text| text.parse().ok())
}

fn one<T: Copy + std::fmt::Debug + 'static>(
    words: &'static [(&'static str, T)],
) -> impl Strategy<Value = T> {
    select(words).prop_map(|(_, value)| value)
}

fn instance() -> impl Strategy<Value = InstanceRef> {
    parsed()
}

fn reason() -> impl Strategy<Value = Reason> {
    parsed()
}

fn notice_text() -> impl Strategy<Value = NoticeText> {
    let lines = vec(text(), 1..4).prop_map(|lines| lines.join("\n"));
    lines.prop_filter_map("not such a text", |text| text.parse().ok())
}

fn change() -> impl Strategy<Value = ChangeRef> {
    (1..=i64::MAX.unsigned_abs()).prop_map(ChangeRef)
}

fn target() -> impl Strategy<Value = TargetRef> {
    prop_oneof![
        change().prop_map(TargetRef::Change),
        "0{0,2}[1-9][0-9]{0,3}".prop_map(|text: String| text.parse::<TargetRef>().unwrap()),
        parsed()
    ]
}

fn when() -> impl Strategy<Value = When> {
    // From 2000 to 9999.
    let ms = prop_oneof![
        946_684_800_000_i64..=253_402_300_799_999,
        (10_957..60_000_i64).prop_map(|day| day * 86_400_000)
    ];
    (ms, any::<bool>()).prop_map(|(ms, exact)| {
        let at = DateTime::from_timestamp_millis(ms).unwrap_or_default();
        if exact {
            When::Exact(at)
        } else {
            When::Local(at.naive_utc())
        }
    })
}

fn evidence() -> impl Strategy<Value = Evidence> {
    text().prop_filter_map("not an address", |text| {
        format!("https://a.example/{text}").parse().ok()
    })
}

fn ack() -> impl Strategy<Value = Ack> {
    of(Just(RuleId::FitsStandard)).prop_map(|ack| Ack { ack })
}

fn region() -> impl Strategy<Value = Region> {
    select(&["cn-hangzhou", "ap-southeast-1", "mq-internet-access"][..])
        .prop_filter_map("not such an id", |text| text.parse().ok())
}

fn id() -> impl Strategy<Value = InstanceId> {
    "MQ_INST_[0-9]{8,20}_[A-Za-z0-9]{4,20}"
        .prop_filter_map("not such an id", |text| text.parse().ok())
}

fn commodity() -> impl Strategy<Value = CommodityId> {
    "ons-[a-z]{2,3}-[a-z0-9]{6,20}".prop_filter_map("not such an id", |text| text.parse().ok())
}

/// A name that a person chooses: what else a listing may bring is refused when it is typed.
fn name() -> impl Strategy<Value = InstanceName> {
    parsed().prop_filter("not to be chosen", |name: &InstanceName| {
        InstanceName::chosen(name.as_str()).is_ok()
    })
}

fn label() -> impl Strategy<Value = Label> {
    parsed()
}

fn team() -> impl Strategy<Value = TeamName> {
    parsed()
}

fn channel() -> impl Strategy<Value = ChannelId> {
    parsed()
}

fn role() -> impl Strategy<Value = RoleId> {
    parsed()
}

fn edition() -> impl Strategy<Value = Edition> {
    one(Edition::WORDS)
}

fn facts() -> impl Strategy<Value = Facts> {
    let actions = of(of(one(PostExpirationAction::WORDS)));
    let switch = || of(of(one(Switch::WORDS)));
    (
        of(of(when())),
        actions,
        switch(),
        switch(),
        of(of(1..=u32::MAX)),
        of(of(commodity())),
        (of(any::<u32>()), of(any::<u32>())),
        (of(of(team())), of(of(channel())), any::<bool>()),
    )
        .prop_map(
            |(
                expires,
                action,
                auto_renew,
                busy,
                max_tps,
                commodity_id,
                counts,
                (team, channel, yes_really),
            )| {
                Facts(Said {
                    expires,
                    action,
                    auto_renew,
                    busy,
                    max_tps,
                    commodity_id,
                    topics: counts.0.map(Some),
                    groups: counts.1.map(Some),
                    team,
                    channel,
                    sure: yes_really,
                    ..Said::default()
                })
            },
        )
}

fn span() -> impl Strategy<Value = Span> {
    (1..=315_360_000_i64).prop_map(|seconds| Span(TimeDelta::seconds(seconds)))
}

fn instance_command() -> impl Strategy<Value = InstanceCommand> {
    let actions = vec(of(one(PostExpirationAction::WORDS)), 0..4);
    prop_oneof![
        (id(), name(), region(), edition(), facts()).prop_map(
            |(id, name, region, edition, facts)| InstanceCommand::Add(args::AddInstance {
                id,
                name,
                region,
                edition,
                facts
            })
        ),
        (
            instance(),
            of(name()),
            of(region()),
            of(of(edition())),
            facts()
        )
            .prop_map(
                |(instance, name, region, edition, facts)| InstanceCommand::Set(
                    args::SetInstance {
                        instance,
                        name,
                        region,
                        edition,
                        facts
                    }
                )
            ),
        (
            of(edition()),
            of(span()),
            actions,
            of(team()),
            one(InstanceOrder::WORDS),
            1..=100_000_u32
        )
            .prop_map(|(edition, expiring, action, team, sort, page)| {
                InstanceCommand::List(args::ListInstances {
                    edition,
                    expiring,
                    action,
                    team,
                    sort: Some(sort),
                    page,
                })
            }),
        instance().prop_map(|instance| InstanceCommand::Show(args::OfInstance { instance })),
        (instance(), reason()).prop_map(|(instance, reason)| InstanceCommand::Remove(
            args::Remove { instance, reason }
        )),
        (instance(), reason())
            .prop_map(|(instance, reason)| InstanceCommand::Lost(args::Lose { instance, reason })),
    ]
}

fn about_instances() -> BoxedStrategy<Command> {
    let intents = select(
        &[
            CheckIntent::Upgrade,
            CheckIntent::Downgrade,
            CheckIntent::Unsubscribe,
            CheckIntent::Expiry,
        ][..],
    );
    let import = (
        text(),
        of(region()),
        of(when()),
        of(0..=u32::MAX),
        any::<[bool; 4]>(),
    );
    prop_oneof![
        4 => instance_command().prop_map(Command::Instance),
        1 => (instance(), one(PostExpirationAction::WORDS)).prop_map(|(instance, action)| Command::Action(args::ActionArgs { instance, action })),
        1 => (intents, instance(), ack()).prop_map(|(intent, instance, ack)| Command::Check(args::Check { intent, instance, ack })),
        1 => (instance(), of(reason())).prop_map(|(instance, reason)| Command::Upgrade(args::OpenUpgrade { instance, reason })),
        1 => (instance(), of((one(Route::WORDS), of(reason()))), ack()).prop_map(|(instance, by, ack)| {
            let (by, reason) = by.map_or((None, None), |(by, reason)| (Some(by), reason));
            Command::Downgrade(args::Downgrade { instance, by, reason, ack })
        }),
        1 => (instance(), ack()).prop_map(|(instance, ack)| Command::Unsubscribe(args::Unsubscribe { instance, ack })),
        1 => import.prop_map(|(file, region, at, accept_missing, [complete, accept, dry_run, quiet])| {
            let accept_missing = accept_missing.filter(|_| complete);
            let yes_really = accept && region.is_some();
            Command::Import(Import { file, region, at, complete, accept, accept_missing, dry_run, quiet, yes_really })
        }),
        1 => (1..=u64::from(u32::MAX)).prop_map(|number| Command::ImportUndo(args::ImportUndo { number })),
        1 => Just(Command::Imports),
        1 => (label(), of((label(), of(reason())))).prop_map(|(person, to)| {
            let (to, reason) = to.map_or((None, None), |(to, reason)| (Some(to), reason));
            let yes_really = reason.is_some();
            Command::Handover(args::HandoverArgs { person, to, reason, yes_really })
        }),
    ]
    .boxed()
}

fn confirm() -> impl Strategy<Value = Command> {
    (
        change(),
        of(one(Step::WORDS)),
        of(when()),
        of(evidence()),
        of(reason()),
        any::<bool>(),
    )
        .prop_map(|(change, step, expires, evidence, reason, sure)| {
            Command::Confirm(args::Confirm {
                yes_really: sure && expires.is_some(),
                change,
                step,
                expires,
                evidence,
                outside: reason.is_some(),
                reason,
            })
        })
}

fn about_changes() -> BoxedStrategy<Command> {
    prop_oneof![
        (target(), ack()).prop_map(|(target, ack)| Command::Next(args::Next { target, ack })),
        confirm(),
        (change(), one(Step::WORDS), reason()).prop_map(|(change, step, reason)| Command::Reopen(
            args::Reopen {
                change,
                step,
                reason
            }
        )),
        (change(), reason())
            .prop_map(|(change, reason)| Command::Fail(args::StopArgs { change, reason })),
        (change(), reason())
            .prop_map(|(change, reason)| Command::Cancel(args::StopArgs { change, reason })),
        (
            change(),
            of(one(PostExpirationAction::WORDS)),
            of(1..u32::MAX)
        )
            .prop_map(|(change, seen, request)| Command::Approve(args::Approve {
                change,
                seen,
                request
            })),
        (change(), reason(), of(1..u32::MAX)).prop_map(|(change, reason, request)| {
            Command::Reject(args::Reject {
                change,
                reason,
                request,
            })
        }),
        change().prop_map(|change| Command::Revoke(args::OfChange { change })),
        (change(), reason(), label()).prop_map(|(change, reason, ticket)| Command::BreakGlass(
            args::BreakGlass {
                change,
                reason,
                ticket
            }
        )),
        (instance(), of(when())).prop_map(|(instance, about)| Command::Ack(args::Acknowledge {
            what: AckTarget::Instance(instance),
            about
        })),
        (instance(), span(), of(when())).prop_map(|(instance, span, about)| Command::Snooze(
            args::SnoozeArgs {
                instance,
                span,
                about
            }
        )),
        instance().prop_map(|instance| Command::Reminders(args::OfInstance { instance })),
        (0..3, of(team()), 1..=100_000_u32).prop_map(|(which, team, page)| {
            let all = which == 0;
            Command::Changes(args::Changes {
                all,
                stuck: which == 1,
                team: team.filter(|_| !all),
                page,
            })
        }),
        (of(team()), any::<bool>(), any::<bool>(), 1..=100_000_u32).prop_map(
            |(team, mine, each, page)| {
                Command::Todo(args::TodoArgs {
                    team,
                    mine,
                    each,
                    page,
                })
            },
        ),
        change().prop_map(|change| Command::Change(args::OfChange { change })),
        target().prop_map(|target| Command::Why(args::WhyArgs { target })),
        Just(Command::Rules),
        one(RuleId::WORDS).prop_map(|id| Command::Rule(args::Rule { id })),
        (of(target()), of(span()), of(label()), 1..=100_000_u32).prop_map(
            |(target, since, by, page)| Command::Audit(args::Audit {
                target,
                since,
                by,
                page
            })
        ),
        vec(text(), 0..3).prop_map(|verb| Command::Help(args::Help { verb })),
        notice_text().prop_map(|text| Command::Notice(args::NoticeArgs { text })),
        (of(instance()), 1..=100_000_u32)
            .prop_map(|(instance, page)| Command::Notices(args::Notices { instance, page })),
        (span(), 1..=100_000_u32)
            .prop_map(|(since, page)| Command::Suppressed(args::Suppressed { since, page })),
        (
            1..=i64::MAX.unsigned_abs(),
            of(one(WordingWord::WORDS)),
            of(one(DateRole::WORDS)),
            of(reason())
        )
            .prop_map(|(number, what, first, reason)| {
                // Nothing else is said where it is only to be shown.
                let reason = reason.filter(|_| what.is_some());
                Command::Wording(args::TeachWording {
                    number,
                    what,
                    first: first.filter(|_| what.is_some()),
                    alone: reason.is_some(),
                    reason,
                })
            }),
        Just(Command::Wordings),
        (1..=i64::MAX.unsigned_abs()).prop_map(|number| Command::Ack(args::Acknowledge {
            what: AckTarget::Notice(number),
            about: None
        })),
    ]
    .boxed()
}

fn settings() -> impl Strategy<Value = SettingsCommand> {
    // A comma separates members.
    let member = role().prop_filter("no list", |label| !label.as_str().contains(','));
    let change =
        (of(channel()), vec(member, 0..3), of(role())).prop_map(|(channel, members, mention)| {
            TeamChange {
                channel,
                members,
                mention,
                remove: false,
            }
        });
    let remove = Just(TeamChange {
        remove: true,
        ..TeamChange::default()
    });
    let zones = select(&["Asia/Shanghai", "UTC", "America/Argentina/Ushuaia"][..]);
    let hours = select(&["22:00-08:00", "00:00-23:59"][..]);
    let hours = of(hours.prop_map(|text| Quiet::parse(text).unwrap()));
    prop_oneof![
        Just(SettingsCommand::Show),
        (one(Role::WORDS), vec(role(), 1..4))
            .prop_map(|(role, roles)| SettingsCommand::Set(SetCommand::Role { role, roles })),
        (team(), prop_oneof![3 => change, 1 => remove])
            .prop_map(|(name, change)| SettingsCommand::Set(SetCommand::Team { name, change })),
        (one(ChannelKind::WORDS), channel()).prop_map(|(kind, channel)| SettingsCommand::Set(
            SetCommand::Channel { kind, channel }
        )),
        zones.prop_map(|zone| SettingsCommand::Set(SetCommand::Zone {
            zone: zone.parse().unwrap()
        })),
        hours.prop_map(|hours| SettingsCommand::Set(SetCommand::QuietHours { hours })),
        (one(Guarded::WORDS), 0..=10_u8).prop_map(|(step, number)| SettingsCommand::Set(
            SetCommand::Approvals { step, number }
        )),
        (1..=5_u8).prop_map(|number| SettingsCommand::Set(SetCommand::Observers { number })),
        (channel(), vec(label(), 1..4)).prop_map(|(channel, sources)| SettingsCommand::Set(
            SetCommand::Watch { channel, sources }
        )),
        one(Switch::WORDS).prop_map(|switch| SettingsCommand::Set(SetCommand::Threads { switch })),
    ]
}

/// Any command.
pub(super) fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        about_instances(),
        about_changes(),
        settings().prop_map(Command::Settings)
    ]
}
