//! Obstacles to the bot's work are reported once, with the way out.

use serde_json::Value;

use super::fake::FakeDiscord;
use super::fake::clock::Id;
use super::fake::permission::{
    CREATE_PUBLIC_THREADS, MENTION_EVERYONE, READ_MESSAGE_HISTORY, SEND_MESSAGES,
};
use super::fake::world::World;
use super::live::Live;
use super::team::{ORDERS, Team, types};

const FACTS: &str = "edition:platinum expires:2026-03-01 auto-renew:off team:payments";

#[tokio::test]
async fn what_is_lacking_in_a_channel_is_said_when_it_is_set() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let lacking = CREATE_PUBLIC_THREADS | READ_MESSAGE_HISTORY;
    team.guild.denies_bot("pay", lacking);
    let set = "/settings channel kind:default channel:pay";
    types(&team.olga, "ops", set).await.has("Set:");
    let told = team.olga.finds("alerts", "I lack").await;
    told.has("Read Message History, Create Public Threads.");
    told.has("twice after an outage").has("settings threads");
    told.has(&format!("<#{}>", team.guild.channel_id("pay")));
    // Without threads there is less to ask for.
    let off = "/settings threads switch:off";
    types(&team.olga, "ops", off).await.has("Set:");
    types(&team.olga, "ops", set).await;
    let told = team
        .olga
        .finds("alerts", "I lack Read Message History.")
        .await;
    told.has("Without Read Message History");
    bot.passes("1h").await;
    assert_eq!(team.counts("alerts", "I lack").0, 2);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn a_thread_that_cannot_be_opened_is_said_once() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.guild.denies_bot("pay", CREATE_PUBLIC_THREADS);
    for (id, name) in [(ORDERS, "orders"), (super::team::BILLING, "billing")] {
        team.adds(id, name, FACTS).await;
        let open = format!("/downgrade instance:{name} by:expiry");
        types(&team.alice, "ops", &open).await.has("is open as #");
    }
    team.alice.finds("pay", "#2 downgrade").await;
    let told = team.olga.finds("alerts", "I lack").await;
    told.has("Create Public Threads").lacks("Embed Links");
    bot.passes("1m").await;
    assert_eq!(team.counts("alerts", "I lack").0, 1);
    bot.stop().await;
}

#[tokio::test]
async fn a_mention_where_the_bot_may_not_write_is_told_to_the_admins() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.guild.denies_bot("plat", SEND_MESSAGES);
    for _ in 0..2 {
        team.alice.says("plat", "<@bot> help").await;
    }
    let told = team.olga.finds("alerts", "I lack Send Messages").await;
    told.has(&format!("<#{}>", team.guild.channel_id("plat")));
    bot.passes("1m").await;
    assert_eq!(team.counts("alerts", "I lack").0, 1);
    bot.stop().await;
}

#[tokio::test]
async fn the_first_words_go_where_they_are_taken() {
    let discord = FakeDiscord::start().await;
    let store = crate::harness::new_store().await;
    let shut = discord
        .guild("shut")
        .channel("rules")
        .system_channel("rules");
    shut.denies_bot("rules", SEND_MESSAGES);
    let olga = shut.owner("olga");
    let deaf = discord.guild("deaf").channel("rules").channel("talk");
    let deaf = deaf.system_channel("rules");
    deaf.denies_bot("rules", SEND_MESSAGES);
    let oscar = deaf.owner("oscar");
    oscar.takes_messages(false);
    let bot = Live::start(&discord, store.clone(), shut.channel_id("rules")).await;
    let told = olga.finds("@", "Three things have to be set").await;
    told.has("/settings role");
    oscar.finds("talk", "Three things have to be set").await;
    bot.stop().await;
    // Nobody hears it twice.
    let bot = Live::start(&discord, store, shut.channel_id("rules")).await;
    bot.passes("1d").await;
    assert_eq!(discord.said(deaf.channel_id("talk"), "Three things"), 1);
    assert_eq!(olga.sees("@").matches("Three things").count(), 1);
    bot.stop().await;
}

/// Where nothing can be said, it is tried seldom, and said once it can be.
#[tokio::test]
async fn first_words_wait_for_a_channel_that_takes_them() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    guild.denies_bot("ops", SEND_MESSAGES);
    let olga = guild.owner("olga");
    olga.takes_messages(false);
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    let tried = |world: &World| {
        let all = world.requests.iter();
        let posts = all.filter(|one| one.method == "POST" && one.path.ends_with("/messages"));
        posts.count()
    };
    // To the owner; the one channel is known to take nothing.
    let once = |world: &World| (tried(world) == 1).then_some(());
    discord.until("the owner to be written to", once).await;
    bot.passes("50m").await;
    assert_eq!(discord.look(tried), 1);
    guild.denies_bot("ops", 0);
    bot.passes("20m").await;
    olga.finds("ops", "Three things have to be set").await;
    bot.stop().await;
}

#[tokio::test]
async fn roles_and_channels_are_understood_by_name_and_nothing_else_is_set() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.alice
        .says("ops", "<@bot> settings role admin nobodys")
        .await;
    team.alice.finds("ops", "Denied").await;
    for (text, way) in [
        (
            "settings role approver leadz",
            "no role `leadz` (did you mean `leads`?)",
        ),
        ("settings role approver 17", "no role `17`"),
        ("settings channel alerts alrets", "did you mean `alerts`?"),
        (
            "settings team payments --channel nowhere",
            "no channel for text `nowhere`",
        ),
        (
            "settings team payments --mention @payerz",
            "did you mean `payers`?",
        ),
        ("settings watch #pya 17", "did you mean `pay`?"),
    ] {
        team.olga.says("ops", &format!("<@bot> {text}")).await;
        let told = team.olga.finds("ops", way).await;
        told.has("Nothing was done");
    }
    let add = format!("/instance add id:{ORDERS} name:orders region:cn-hangzhou {FACTS}");
    let denied = types(&team.bob, "ops", &add).await;
    denied.has("Denied");
    team.olga
        .says("ops", "<@bot> settings role approver @Leads")
        .await;
    let told = team.olga.finds("ops", "role approver is").await;
    told.has(&format!("<@&{}>", team.guild.role_id("leads")));
    team.olga
        .says("ops", "<@bot> settings channel alerts #Alerts")
        .await;
    let told = team.olga.finds("ops", "channel alerts is").await;
    told.has(&format!("<#{}>", team.guild.channel_id("alerts")));
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn commands_are_known_in_one_scope_only() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let other = discord.guild("other").channel("lobby");
    let store = crate::harness::new_store().await;
    let ops = guild.channel_id("ops");
    let known = |scope: Id| discord.look(|world| world.commands.get(&scope).map_or(0, Vec::len));
    let bot = Live::only(&discord, store.clone(), ops, vec![guild.id]).await;
    discord
        .until("commands of the guild", |world| {
            world
                .commands
                .get(&guild.id)
                .filter(|all| !all.is_empty())
                .map(drop)
        })
        .await;
    assert_eq!(known(other.id), 0);
    bot.stop().await;
    let bot = Live::start(&discord, store.clone(), ops).await;
    let all = |world: &super::fake::world::World, scope: Id, some: bool| {
        let held = world
            .commands
            .get(&scope)
            .is_some_and(|all| !all.is_empty());
        (held == some).then_some(())
    };
    discord
        .until("commands of everywhere", |world| {
            all(world, 0, true).and_then(|()| all(world, guild.id, false))
        })
        .await;
    bot.stop().await;
    let bot = Live::only(&discord, store, ops, vec![other.id]).await;
    discord
        .until("commands of the other guild", |world| {
            let none = all(world, 0, false).and_then(|()| all(world, guild.id, false));
            none.and_then(|()| all(world, other.id, true))
        })
        .await;
    bot.stop().await;
}

#[tokio::test]
async fn a_mention_of_the_bots_role_is_told_what_to_mention() {
    let discord = FakeDiscord::start().await;
    let guild = discord
        .guild("acme")
        .channel("ops")
        .role_with("loud", MENTION_EVERYONE, false);
    let olga = guild.member("olga", &["loud"]);
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    let own = discord.look(|world| {
        let roles = &world.guilds[&guild.id].roles;
        let own = roles
            .iter()
            .find(|role| role.managed_by == Some(world.bot.id));
        own.unwrap().id
    });
    olga.says("ops", &format!("<@&{own}> changes")).await;
    let told = olga.finds("ops", "That was a mention of my role").await;
    told.has("Mention me instead");
    bot.stop().await;
}

/// Until a role means admin, anyone who owns the server is.
#[tokio::test]
async fn the_owner_is_called_until_somebody_is_admin() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let set = "/settings channel kind:alerts channel:alerts";
    types(&team.olga, "ops", set).await.has("Set:");
    team.guild.denies_bot("pay", CREATE_PUBLIC_THREADS);
    let set = "/settings team name:payments channel:pay";
    types(&team.olga, "ops", set).await.has("team payments is");
    let told = team.olga.finds("alerts", "I lack").await;
    told.lacks("role:admin").has(&team.olga.mention());
    let pinged: Vec<Value> = team
        .discord
        .requests()
        .iter()
        .filter(|one| {
            one.body["content"]
                .as_str()
                .is_some_and(|text| text.contains("<@"))
        })
        .map(|one| one.body["allowed_mentions"]["users"].clone())
        .collect();
    assert_eq!(pinged, [serde_json::json!([team.olga.user.to_string()])]);
    bot.stop().await;
}

/// What is watched may be gone: it can be let go all the same, and nothing else can be set to it.
#[tokio::test]
async fn a_watch_on_a_channel_that_is_gone_can_be_ended() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let pay = team.guild.channel_id("pay");
    let watch = format!("<@bot> settings watch <#{pay}> 17");
    team.olga.says("ops", &watch).await;
    team.olga.finds("ops", "is 17").await;
    team.guild.deletes_channel("pay");
    let bot = team.restart(bot).await;
    let set = format!("<@bot> settings channel default {pay}");
    team.olga.says("ops", &set).await;
    team.olga.finds("ops", "This server has no channel").await;
    let end = format!("<@bot> settings watch {pay} none");
    team.olga.says("ops", &end).await;
    team.olga.finds("ops", "it was 17").await;
    bot.stop().await;
}

/// In a server with a place that everybody reads and nobody writes in, the first words go where they may.
#[tokio::test]
async fn the_first_words_name_the_server_and_pass_by_what_is_shut() {
    let discord = FakeDiscord::start().await;
    let store = crate::harness::new_store().await;
    let mut guild = discord.guild("acme");
    for name in ["a", "b", "c", "d"] {
        guild = guild.channel(name);
        guild.denies_bot(name, SEND_MESSAGES);
    }
    let guild = guild.channel("talk");
    let olga = guild.owner("olga");
    olga.takes_messages(false);
    let other = discord.guild("globex").channel("ops");
    let oscar = other.owner("oscar");
    let bot = Live::start(&discord, store, guild.channel_id("talk")).await;
    olga.finds("talk", "Three things have to be set").await;
    let told = oscar.finds("@", "Three things have to be set").await;
    told.has("In the server globex");
    bot.stop().await;
}
