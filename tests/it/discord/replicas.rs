//! Several bots on one database: on a server, where it is seen at once that one is gone, one of them is connected to Discord.
//!
//! `WARDEN_TEST_TAKEOVERS` names how often one dies, and how often one is told to end.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use edition_warden::store::{Store, StoreResult};
use tokio::time::Instant;

use super::fake::FakeDiscord;
use super::fake::world::World;
use super::live::Live;
use super::team::{ORDERS, Team, types};
use crate::harness::new_place;
use crate::server::new_database;

/// The bots that the fake has let in so far, and those that are connected.
fn seen(team: &Team) -> (usize, usize) {
    (
        team.discord.gateway().identifies().len(),
        team.discord.gateway().open(),
    )
}

#[tokio::test]
async fn of_several_bots_one_holds_the_gateway() -> StoreResult<()> {
    let directory = tempfile::tempdir().unwrap();
    let place = new_place(directory.path()).await;
    let is_on_file = place.file().is_some();
    let team = Team::gather().await;
    let ops = team.guild.channel_id("ops");
    let mut first = Live::shared(&team.discord, Store::open_at(&place).await?, ops).await;
    team.discord.ready().await;
    let second = Live::shared(&team.discord, Store::open_at(&place).await?, ops).await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", "edition:standard").await;
    if is_on_file {
        let two = |world: &World| (world.gateway.live().count() == 2).then_some(());
        team.discord.until("both bots to connect", two).await;
        second.stop().await;
        first.stop().await;
        return Ok(());
    }
    assert_eq!(seen(&team), (1, 1));

    // It ends, and the other one is let in, answers and decides.
    team.discord.reconnects(|| first.ends()).await;
    team.discord.ready().await;
    let shown = types(&team.alice, "ops", "/instance show instance:orders").await;
    shown.has("orders");
    let mut third = Live::shared(&team.discord, Store::open_at(&place).await?, ops).await;

    // It is held up for longer than its lease lasts; then the third one is in its place, and this one lets go.
    let late = TimeDelta::seconds(31);
    third.clock.advance_to(third.clock.now() + late).unwrap();
    let one = |world: &World| {
        let both_came = world.gateway.identifies.len() == 3;
        (both_came && world.gateway.live().count() == 2).then_some(())
    };
    team.discord.until("the third bot to connect", one).await;
    second.clock.advance_to(second.clock.now() + late).unwrap();
    let one = |world: &World| (world.gateway.live().count() == 1).then_some(());
    team.discord.until("the second bot to let go", one).await;
    let shown = types(&team.alice, "ops", "/instance show instance:orders").await;
    shown.has("orders");

    // And back.
    team.discord.reconnects(|| third.ends()).await;
    team.discord.ready().await;
    let shown = types(&team.alice, "ops", "/instance show instance:orders").await;
    shown.has("orders");
    second.stop().await;
    assert_eq!(seen(&team), (4, 0));
    Ok(())
}

/// A bot as a process of its own.
struct Bot {
    child: Child,
    directory: tempfile::TempDir,
}

impl Bot {
    fn start(discord: &FakeDiscord, database: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = File::create(directory.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(["--db", database, "discord", "--api-base"])
            .arg(discord.api_url())
            .current_dir(directory.path())
            .env_clear()
            .env("DISCORD_TOKEN", discord.token())
            .env("WARDEN__LOG__LEVEL", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        Self {
            child: child.unwrap(),
            directory,
        }
    }

    /// Waits until it would take the place of the one that delivers.
    async fn stands_by(&self) {
        let log = self.directory.path().join("log");
        for _ in 0..1_500 {
            if fs::read_to_string(&log)
                .unwrap()
                .contains("this one takes over")
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{}", fs::read_to_string(&log).unwrap());
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// However one ends, another is let in by Discord within the time that is promised; it takes twice as long on a busy machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_one_takes_over_in_time() {
    let Some(database) = new_database().await else {
        return;
    };
    let times = std::env::var("WARDEN_TEST_TAKEOVERS").map_or(2, |times| times.parse().unwrap());
    let discord = FakeDiscord::start().await;
    let _guild = discord.guild("acme").channel("ops");
    let mut bot = Bot::start(&discord, &database);
    discord.ready().await;
    for (signal, promised_ms) in [("-KILL", 5_000), ("-TERM", 1_000)] {
        let mut took = Vec::new();
        for time in 0..times {
            let next = Bot::start(&discord, &database);
            next.stands_by().await;
            // At any moment between two looks.
            tokio::time::sleep(Duration::from_millis(time * 137 % 500)).await;
            let begun = Instant::now();
            discord.reconnects(|| bot.signal(signal)).await;
            discord.ready().await;
            took.push(begun.elapsed().as_millis());
            bot = next;
        }
        took.sort_unstable();
        let (half, worst) = (took[took.len() / 2], took[took.len() - 1]);
        let told = format!("{signal}, {times} times: half within {half} ms, all within {worst} ms");
        writeln!(std::io::stderr(), "{told}").unwrap();
        assert!(worst < 2 * promised_ms, "{told}");
    }
}
