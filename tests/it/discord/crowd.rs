//! Everybody presses at the same time: each is told something in time, what is decided is decided in the order in which it
//! was asked for, and memory is bounded.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::fake::clock::Id;
use super::fake::interaction::{Kind, Place};
use super::fake::message::Message;
use super::fake::people::Person;
use super::fake::world::World;
use super::fake::{FakeDiscord, Options};
use super::program::Program;

const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";
/// How many interactions come at once.
const CROWD: usize = 2_000;
/// Discord waits for 3 s. A program that is not optimised has longer; and it is not held against it how much others use the
/// machine, which is counted.
const WITHIN: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(12)
} else {
    Duration::from_secs(3)
};
/// What a crowd may cost, in KiB: an unoptimised program takes 36 MiB more for this one.
const GROWTH: u64 = 100 * 1024;

/// What the nth of the crowd does.
fn said(nth: usize) -> String {
    match nth % 4 {
        0 => format!("do:instance set orders --max-tps {}", 1_000 + nth),
        1 => "do:why orders".to_owned(),
        2 => "do:instance list".to_owned(),
        _ => "do:no such thing".to_owned(),
    }
}

/// They all press within one moment.
fn press(olga: &Person, on: Id) -> Vec<Id> {
    let place = Place {
        message: Some(on),
        ..olga.place("ops")
    };
    olga.shared.touch(|world| {
        let press = |nth| {
            let data = json!({ "custom_id": said(nth), "component_type": 2, "id": 2 });
            world.interact(Kind::Component, &place, data)
        };
        (0..CROWD).map(press).collect()
    })
}

/// Whether it holds of all; those of which it does are not looked at again.
fn all(open: &mut Vec<Id>, holds: impl Fn(Id) -> bool) -> Option<()> {
    while open.last().is_some_and(|last| holds(*last)) {
        open.pop();
    }
    open.is_empty().then_some(())
}

/// Whether somebody has the whole answer.
fn answered(world: &World, press: Id) -> bool {
    let original = world.interactions[&press].original;
    let message = original.and_then(|id| world.messages.get(&id));
    message.is_some_and(|message: &Message| !message.is_thinking())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_at_once_are_all_told_in_time_and_decided_in_order() {
    const PATIENCE: Duration = Duration::from_secs(240);
    let discord = FakeDiscord::with(Options {
        patience: PATIENCE,
        answer_within: PATIENCE,
        ..Options::default()
    })
    .await;
    let guild = discord.guild("acme").channel("ops").system_channel("ops");
    let olga = guild.owner("olga");
    let program = Program::logging(&discord, &discord.token(), "warn");
    discord.ready().await;
    let add = format!(
        "/instance add id:{ORDERS} name:orders region:cn-hangzhou edition:platinum expires:2031-01-01"
    );
    let added = olga.slash_text(&add).in_("ops").await;
    let added = added.reply().await;
    added.has("tracking");
    let before = program.resident();

    let idle = program.busy();
    let presses = press(&olga, added.id);
    let mut open = presses.clone();
    let told = |world: &World| all(&mut open, |press| world.interactions[&press].took.is_some());
    discord.until("everybody to be told something", told).await;
    let slowed = program.busy().slowed_since(idle);
    let mut open = presses.clone();
    let whole = |world: &World| all(&mut open, |press| answered(world, press));
    discord.until("everybody to be answered", whole).await;
    let took = |press: &Id| discord.look(|world| world.interactions[press].took.unwrap());
    let mut took: Vec<_> = presses.iter().map(took).collect();
    took.sort();
    let grown = program.peak().saturating_sub(before);
    let told = format!(
        "{CROWD} at once: the first answer within {} ms in the middle and {} ms at most, {slowed:.1} times as long as alone; {before} KiB before, {grown} KiB more at most",
        took[CROWD / 2].num_milliseconds(),
        took[CROWD - 1].num_milliseconds(),
    );
    writeln!(std::io::stderr(), "{told}").unwrap();
    let last = took[CROWD - 1].to_std().unwrap();
    assert!(last < WITHIN.mul_f64(slowed), "{told}");
    // A first answer whose confirmation comes late is given again, and refused.
    let mut taken = BTreeSet::new();
    for one in discord.requests() {
        let is_again = one.path.ends_with("/callback") && taken.contains(&one.path);
        assert!(one.status < 400 || is_again, "{one:?}");
        if one.status < 400 {
            taken.insert(one.path);
        }
    }
    assert!(grown < GROWTH, "{told}");
    assert_eq!(discord.violations(), Vec::<String>::new());

    let trail = program.stop().trail(guild.id);
    let sizes: Vec<usize> = trail.lines().filter_map(size).collect();
    let wanted: Vec<usize> = (0..CROWD).step_by(4).map(|nth| 1_000 + nth).collect();
    assert_eq!(sizes, wanted);
}

/// The size that a line of the trail tells of.
fn size(line: &str) -> Option<usize> {
    let row: Value = serde_json::from_str(line).unwrap();
    let said = row["said"].as_str()?;
    let (_, size) = said.split_once("--max-tps ")?;
    size.parse().ok()
}

/// What is written in an order is decided in it, on as many threads as the program has.
#[tokio::test]
async fn mentions_are_decided_in_the_order_in_which_they_were_written() {
    const MENTIONS: usize = 200;
    let discord = FakeDiscord::with(Options {
        patience: Duration::from_secs(60),
        ..Options::default()
    })
    .await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let program = Program::logging(&discord, &discord.token(), "info");
    discord.ready().await;
    let add = format!(
        "<@bot> instance add {ORDERS} --name orders --region cn-hangzhou --edition standard"
    );
    olga.says("ops", &add).await;
    olga.finds("ops", "tracking orders").await;
    for nth in 1..=MENTIONS {
        let text = format!("<@bot> instance set orders --max-tps {}", 1_000 + nth);
        olga.says("ops", &text).await;
    }
    let all = |world: &World| {
        let said =
            |message: &&Message| message.author == world.bot.id && message.replies_to.is_some();
        let answers = world.messages.values().filter(said).count();
        (answers == MENTIONS + 1).then_some(())
    };
    discord.until("all answers", all).await;
    let trail = program.stop().trail(guild.id);
    let sizes: Vec<usize> = trail
        .lines()
        .filter_map(|row| {
            let (_, rest) = row.split_once("--max-tps ")?;
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .collect();
    let wanted: Vec<usize> = (1..=MENTIONS).map(|nth| 1_000 + nth).collect();
    assert_eq!(sizes, wanted);
}
