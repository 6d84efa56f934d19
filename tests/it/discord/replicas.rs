//! Several bots on one database: on a server, where it is seen at once that one is gone, one of them is connected to Discord.

use chrono::TimeDelta;
use edition_warden::store::{Store, StoreResult};

use super::fake::world::World;
use super::live::Live;
use super::team::{ORDERS, Team, types};
use crate::harness::new_place;

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
