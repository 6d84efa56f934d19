//! The cost of one command beside bots that do the same in discord.js and discord.py: the same slash command, the same stand-in for
//! Discord, one durable transaction each.
//!
//! `cargo bench --bench peers -- [ROUNDS] [COMMANDS]` runs the bots in turn, round by round, so that a machine that is
//! shared slows all of them alike; quote the ratios. `README.md` beside this file says what the peers need.
#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot go on has nothing better to do than to stop; it prints its figures, and measures real time"
)]

mod bot;
mod discord;

use std::time::{Duration, Instant};

use bot::{Bot, Kind};
use discord::{Discord, Slash};

/// Instances in each bot's database.
const INSTANCES: usize = 200;
/// Commands that wait for an answer at the same time, where several do.
const WIDTH: usize = 64;
/// Commands before anything is measured.
const WARM: usize = 200;

/// What one bot took in one round.
struct Round {
    kind: Kind,
    /// CPU of a command that writes, and of one that only reads, in microseconds, background work included.
    durable_us: f64,
    check_us: f64,
    /// Commands that write, a second, [`WIDTH`] at a time, and the 99th percentile of their latency in milliseconds.
    rate: f64,
    p99_ms: f64,
    /// Resident memory when idle, in KiB.
    idle_kib: u64,
}

fn main() {
    let numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let numbers: Vec<usize> = numbers.collect();
    let rounds = numbers.first().copied().unwrap_or(3);
    let commands = numbers.get(1).copied().unwrap_or(300);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let all: Vec<Round> = runtime.block_on(async {
        let mut all = Vec::new();
        for _ in 0..rounds {
            for kind in Kind::ALL {
                all.push(round(kind, commands).await);
            }
        }
        all
    });
    println!(
        "{rounds} rounds of {commands} commands; medians, and the product as a ratio of each peer (median of the rounds, lowest and highest)"
    );
    println!(
        "| bot | durable command, CPU µs | check, CPU µs | durable a second, {WIDTH} at a time | p99 then, ms | idle, KiB |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for kind in Kind::ALL {
        let of = |figure: fn(&Round) -> f64| median(figures(&all, kind, figure));
        println!(
            "| {} | {:.0} | {:.0} | {:.0} | {:.1} | {:.0} |",
            kind.name(),
            of(|round| round.durable_us),
            of(|round| round.check_us),
            of(|round| round.rate),
            of(|round| round.p99_ms),
            of(|round| round.idle_kib as f64),
        );
    }
    for peer in [Kind::DiscordJs, Kind::DiscordPy] {
        let ratio = |figure: fn(&Round) -> f64| {
            let ours = figures(&all, Kind::Warden, figure);
            let theirs = figures(&all, peer, figure);
            let mut ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
            ratios.sort_by(f64::total_cmp);
            let ends = (ratios.first().unwrap(), ratios.last().unwrap());
            format!(
                "{:.2} × ({:.2}–{:.2})",
                median(ratios.clone()),
                ends.0,
                ends.1
            )
        };
        println!(
            "| beside {} | {} | {} | {} | {} | {} |",
            peer.name(),
            ratio(|round| round.durable_us),
            ratio(|round| round.check_us),
            ratio(|round| round.rate),
            ratio(|round| round.p99_ms),
            ratio(|round| round.idle_kib as f64),
        );
    }
}

fn figures(all: &[Round], kind: Kind, figure: fn(&Round) -> f64) -> Vec<f64> {
    let of_kind = all.iter().filter(|round| round.kind == kind);
    of_kind.map(figure).collect()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap()
}

async fn round(kind: Kind, commands: usize) -> Round {
    let discord = Discord::start().await;
    let bot = Bot::start(kind, &discord);
    discord.connected().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle_kib = bot.resident_kib();
    if kind == Kind::Warden {
        for n in 0..INSTANCES {
            discord.ask(Slash::add(n)).await;
        }
    }
    for n in 0..WARM {
        discord.ask(Slash::set(n)).await;
        discord.ask(Slash::check(n)).await;
    }
    let durable_us = cpu_of_each(&bot, &discord, commands, Slash::set).await;
    let check_us = cpu_of_each(&bot, &discord, commands, Slash::check).await;
    let (rate, p99_ms) = side_by_side(&discord, commands * 3).await;
    Round {
        kind,
        durable_us,
        check_us,
        rate,
        p99_ms,
        idle_kib,
    }
}

/// The CPU time of one command, in microseconds, one after the other; what the bot still does afterwards is counted.
async fn cpu_of_each(
    bot: &Bot,
    discord: &Discord,
    commands: usize,
    slash: fn(usize) -> Slash,
) -> f64 {
    let settled = Duration::from_millis(400);
    tokio::time::sleep(settled).await;
    let before = bot.cpu();
    for n in 0..commands {
        discord.ask(slash(WARM + n)).await;
    }
    tokio::time::sleep(settled).await;
    (bot.cpu() - before).as_secs_f64() * 1e6 / commands as f64
}

async fn side_by_side(discord: &Discord, commands: usize) -> (f64, f64) {
    let began = Instant::now();
    let mut asking = tokio::task::JoinSet::new();
    for lane in 0..WIDTH {
        let discord = discord.clone();
        asking.spawn(async move {
            let mut took = Vec::new();
            for n in (lane..commands).step_by(WIDTH) {
                took.push(discord.ask(Slash::set(5_000 + n)).await);
            }
            took
        });
    }
    let mut took: Vec<Duration> = asking.join_all().await.into_iter().flatten().collect();
    let rate = took.len() as f64 / began.elapsed().as_secs_f64();
    took.sort_unstable();
    let p99 = took.get(took.len() * 99 / 100).unwrap();
    (rate, p99.as_secs_f64() * 1e3)
}
