//! For any history of facts, notices and clock: nothing is suppressed outside the rule, and whatever loses its proof in
//! time is raised. The rule is restated here, from the facts alone.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use edition_warden::app::LOCAL_WORKSPACE;
use edition_warden::domain::Timestamp;
use edition_warden::domain::fact::Source;
use edition_warden::domain::id::InstanceId;
use edition_warden::domain::instance::{Edition, Instance, PostExpirationAction, Tracking};
use edition_warden::domain::notice::{NoticeRecord, NoticeStatus, Settlement};
use proptest::prelude::*;
use proptest::sample::select;

use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester,admin team:payments";
const COMMODITY: &str = "ons-cn-0pp1abc2d34";

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    Say(&'static str),
    Import(&'static str),
    Notice(Given),
    Pass(&'static str),
}

/// A notice: what it announces, whom it names, when.
#[derive(Debug, Clone)]
struct Given {
    words: &'static str,
    ids: &'static [&'static str],
    date: Option<&'static str>,
}

impl Given {
    fn line(&self) -> String {
        let (between, behind) = match self.words {
            "即将释放" => ("，释放时间", ""),
            _ => (" on ", "."),
        };
        let date = self.date.map(|date| format!("{between}{date}"));
        format!(
            "notice {} {}{}{behind}",
            self.ids.join(" and "),
            self.words,
            date.unwrap_or_default()
        )
    }
}

fn step() -> impl Strategy<Value = Step> {
    let say = select(
        &[
            "action orders downgrade",
            "action orders downgrade",
            "action orders downgrade",
            "action orders delete",
            "instance set orders --action unknown",
            "instance set orders --expires 2026-03-01",
            "instance set orders --expires 2026-03-05",
            "instance set orders --expires unknown",
            "instance set orders --edition platinum --expires 2026-03-01",
            "instance set orders --edition standard",
            "instance set orders --edition unknown",
            "instance lost orders --reason gone",
            "instance remove orders --reason done",
            "ack notice 1",
            "ack notice 2",
        ][..],
    );
    let import = select(
        &[
            "action\nID,delete\n",
            "action\nID,downgrade\n",
            "edition\nID,standard\n",
            "expires\nID,2026-03-09T00:00:00+08:00\n",
        ][..],
    );
    let pass = select(&["1h", "5h", "23h", "2d", "5d", "7d"][..]);
    let given = (
        select(
            &[
                "will be released",
                "will be released",
                "即将释放",
                "will expire",
                "is fine",
            ][..],
        ),
        prop_oneof![
            6 => Just(&[ORDERS][..]),
            1 => Just(&[COMMODITY][..]),
            1 => Just(&[STOCK][..]),
            1 => Just(&[ORDERS, STOCK][..]),
            1 => Just(&[ORDERS, COMMODITY][..]),
            1 => Just(&["the instance orders"][..]),
        ],
        prop::option::of(select(
            &[
                "2026-02-28",
                "2026-03-08",
                "2026-03-12",
                "2026-04-20",
                "2026-02-31",
            ][..],
        )),
    );
    prop_oneof![
        3 => say.prop_map(Step::Say),
        1 => import.prop_map(Step::Import),
        4 => given.prop_map(|(words, ids, date)| Step::Notice(Given { words, ids, date })),
        4 => pass.prop_map(Step::Pass),
    ]
}

/// What the test itself remembers of the instance.
#[derive(Debug, Default)]
struct Memory {
    /// The instance when it was last looked at.
    before: Option<Instance>,
    /// An expiry that has passed with Downgrade known, since when nobody said otherwise.
    exit: Option<Timestamp>,
    /// The expiry for which each notice was suppressed by the action, at first or again.
    suppressed_for: BTreeMap<u64, Timestamp>,
    /// How each notice stood when it was last looked at.
    stood: BTreeMap<u64, NoticeStatus>,
}

const WEEK: TimeDelta = TimeDelta::days(7);

fn downgrade_holds(instance: &Instance, at: Timestamp) -> bool {
    instance.action.known().is_some_and(|known| {
        known.value == PostExpirationAction::Downgrade
            && known.source == Source::Attested
            && at - known.at <= WEEK
    })
}

fn is_standard(instance: &Instance) -> bool {
    instance.edition.value() == Some(&Edition::Standard)
}

fn is_tracked(instance: &Instance) -> bool {
    matches!(instance.tracking, Tracking::Tracked)
}

impl Memory {
    /// What a step, or the time before it, has made of an exit.
    fn note(&mut self, instance: &Instance, now: Timestamp) {
        if let Some(before) = self.before.replace(instance.clone())
            && let Some(expiry) = before.expires.value()
            && *expiry <= now
            && downgrade_holds(&before, *expiry)
            && before
                .action
                .known()
                .is_some_and(|known| known.at <= *expiry)
        {
            self.exit = self.exit.or(Some(*expiry));
        }
        let value = instance.action.value();
        let otherwise = value != Some(&PostExpirationAction::Downgrade);
        let moved = instance.expires.value() != self.exit.as_ref();
        if !is_standard(instance) && (otherwise || moved) {
            self.exit = None;
        }
    }

    /// The rule, for a notice as it comes.
    fn is_redundant(&self, given: &Given, instance: &Instance, now: Timestamp) -> bool {
        let release = ["will be released", "即将释放"].contains(&given.words);
        let one = matches!(given.ids, [ORDERS] | [COMMODITY]);
        if !release || !one || !is_tracked(instance) {
            return false;
        }
        let since = |exit: Timestamp| instance.edition.known().is_some_and(|it| it.at >= exit);
        let converted = is_standard(instance) && self.exit.is_some_and(since);
        let expiry = self.exit.or(instance.expires.value().copied());
        let fits = given.date.is_none_or(|date| {
            let date = format!("{date}T00:00:00+08:00").parse::<Timestamp>();
            let day = TimeDelta::days(1);
            let fits = |date| expiry.is_some_and(|it| date >= it - day && date <= it + WEEK + day);
            date.is_ok_and(fits)
        });
        // Without a date it has to come near the expiry.
        let near = expiry.is_some_and(|expiry| (now - expiry).abs() <= WEEK + TimeDelta::days(1));
        let fits = fits && (given.date.is_some() || near);
        let waits = expiry.is_some_and(|expiry| now < expiry)
            && instance.edition.value() == Some(&Edition::Platinum)
            && downgrade_holds(instance, now);
        fits && (converted || waits)
    }

    /// What was raised is quieted only before the expiry of that moment, and for no other.
    fn note_turn(&mut self, filed: &NoticeRecord, instance: &Instance, now: Timestamp) {
        let before = self.stood.insert(filed.number, filed.status);
        let quieted =
            before == Some(NoticeStatus::Raised) && filed.status == NoticeStatus::Suppressed;
        if quieted && filed.settled.is_none() {
            let expiry = instance.expires.value().copied();
            let expiry = expiry.filter(|expiry| now < *expiry);
            assert!(expiry.is_some(), "{filed:#?}\n{instance:#?}");
            self.suppressed_for
                .extend(expiry.map(|expiry| (filed.number, expiry)));
        }
    }

    /// Whether a suppression that began before expiry may still stand.
    fn still_holds(&self, filed: &NoticeRecord, instance: &Instance, now: Timestamp) -> bool {
        let Some(expiry) = self.suppressed_for.get(&filed.number).copied() else {
            return false;
        };
        is_tracked(instance)
            && instance.expires.value() == Some(&expiry)
            && instance.edition.value() == Some(&Edition::Platinum)
            && downgrade_holds(instance, now.min(expiry))
            && now < expiry + TimeDelta::hours(168)
    }
}

struct Run {
    room: Room,
    memory: Memory,
    suppressions: usize,
    falls: usize,
}

impl Run {
    async fn begin() -> Self {
        let mut room = Room::of_team().await;
        room.passes("53d").await;
        let line = format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --commodity-id {COMMODITY} --action downgrade"
        );
        room.as_says(ALICE, &line).await.is("done", &[]);
        let mut run = Self {
            room,
            memory: Memory::default(),
            suppressions: 0,
            falls: 0,
        };
        run.check().await;
        run
    }

    async fn instance(&self) -> Instance {
        let mut tx = self.room.store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
        let id = InstanceId::parse(ORDERS).unwrap();
        tx.load_case(&id).await.unwrap().unwrap().instance
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Say(line) => drop(self.room.as_says(ALICE, line).await),
            Step::Import(row) => {
                let file = format!("id,{}", row.replace("ID", ORDERS));
                self.room.imports("", &file).await;
                self.room.passes("1s").await;
            }
            Step::Pass(span) => self.room.passes(span).await,
            Step::Notice(given) => self.hand_in(given).await,
        }
        self.check().await;
    }

    async fn hand_in(&mut self, given: &Given) {
        let instance = self.instance().await;
        let now = self.room.warden.now();
        self.memory.note(&instance, now);
        let redundant = self.memory.is_redundant(given, &instance, now);
        let heard = self.room.as_says(ALICE, &given.line()).await;
        if redundant {
            assert!(heard.outcome != "raised", "{given:?}\n{}", heard.text);
            self.suppressions += 1;
        } else {
            assert!(heard.outcome != "suppressed", "{given:?}\n{}", heard.text);
        }
        let number = self.filed().await.last().unwrap().number;
        if let Some(expiry) = instance.expires.value() {
            self.memory.suppressed_for.insert(number, *expiry);
        }
    }

    async fn filed(&self) -> Vec<NoticeRecord> {
        let mut tx = self.room.store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
        let mut filed = Vec::new();
        for number in 1.. {
            match tx.notice(number).await.unwrap() {
                Some(one) => filed.push(one),
                None => break,
            }
        }
        filed
    }

    /// Every suppression that stands has its proof; every one that lost it was raised.
    async fn check(&mut self) {
        let instance = self.instance().await;
        let now = self.room.warden.now();
        self.falls = 0;
        let all = self.filed().await;
        for filed in all.clone() {
            if filed.status == NoticeStatus::Raised && filed.because.is_some() {
                self.falls += 1;
                // Or what says the same was told for it.
                let told = |one: &NoticeRecord| one.told > 0 && one.is_told_with(&filed);
                assert!(filed.told > 0 || all.iter().any(told), "{filed:?}");
            }
            self.memory.note_turn(&filed, &instance, now);
            match (filed.status, filed.settled.as_ref().map(|it| it.how)) {
                (NoticeStatus::Raised | NoticeStatus::Duplicate(_), _) => {}
                (NoticeStatus::Suppressed, None) => assert!(
                    self.memory.still_holds(&filed, &instance, now),
                    "{filed:#?}\n{instance:#?}"
                ),
                (NoticeStatus::Suppressed, Some(how)) => assert!(
                    matches!(how, Settlement::Converted | Settlement::Lost),
                    "{filed:?}"
                ),
            }
        }
        self.memory.note(&instance, now);
    }
}

#[test]
fn nothing_is_suppressed_outside_the_rule_and_what_loses_its_proof_is_raised() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(96));
    let totals = std::cell::Cell::new((0, 0));
    let steps = prop::collection::vec(step(), 1..24);
    runner
        .run(&steps, |steps| {
            runtime.block_on(async {
                let mut run = Run::begin().await;
                for step in &steps {
                    run.take(step).await;
                }
                let (suppressions, falls) = totals.get();
                totals.set((suppressions + run.suppressions, falls + run.falls));
            });
            Ok(())
        })
        .unwrap();
    let (suppressions, falls) = totals.get();
    assert!(suppressions > 8 && falls > 4, "{suppressions} {falls}");
}
