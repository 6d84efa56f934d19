//! Guilds come and go, files are attached, and people lose what made them approvers.

use edition_warden::store::Store;
use rstest::rstest;

use super::fake::faults::Fault;
use super::fake::people::{Guild, Person};
use super::fake::{FakeDiscord, Options};
use super::live::Live;

const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";
const BILLING: &str = "MQ_INST_1080056302921134_BYyZzAA1";

async fn add(person: &Person, edition: &str) {
    let facts = [
        ("id", ORDERS),
        ("name", "orders"),
        ("region", "cn-hangzhou"),
        ("edition", edition),
        ("max-tps", "5000"),
        ("busy", "off"),
    ];
    let added = person.slash("/instance add", &facts).in_("ops").await;
    added.reply().await.has("Done");
}

#[tokio::test]
async fn a_new_guild_is_told_once_what_has_to_be_set() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").system_channel("ops");
    let olga = guild.owner("olga");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store.clone(), guild.channel_id("ops")).await;
    olga.finds("ops", "Three things have to be set").await;
    bot.stop().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    add(&olga, "standard").await;
    assert_eq!(olga.sees("ops").matches("Three things").count(), 1);
    bot.stop().await;
}

#[tokio::test]
async fn without_a_system_channel_the_owner_is_told() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    olga.finds("@", "Three things have to be set").await;
    bot.stop().await;
}

#[tokio::test]
async fn a_guild_that_put_the_bot_out_hears_nothing_until_it_is_back() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store.clone(), guild.channel_id("ops")).await;
    add(&olga, "platinum").await;
    let workspace = guild.id.to_string();
    guild.kicks_bot();
    paused(&store, &workspace, true).await;
    guild.invites_bot();
    paused(&store, &workspace, false).await;
    let list = olga.slash("/instance list", &[]).in_("ops").await;
    list.reply().await.has("orders");
    bot.stop().await;
}

#[tokio::test]
async fn a_server_that_put_the_bot_out_while_it_was_away_hears_nothing() {
    let discord = FakeDiscord::start().await;
    let (guild, other) = (
        discord.guild("acme").channel("ops"),
        discord.guild("other").channel("ops"),
    );
    let store = crate::harness::new_store().await;
    for guild in [&guild, &other] {
        let bot = Live::start(&discord, store.clone(), guild.channel_id("ops")).await;
        let olga = guild.owner("olga");
        add(&olga, "platinum").await;
        bot.stop().await;
    }
    guild.kicks_bot();
    let bot = Live::start(&discord, store.clone(), other.channel_id("ops")).await;
    paused(&store, &guild.id.to_string(), true).await;
    paused(&store, &other.id.to_string(), false).await;
    bot.stop().await;
}

/// The list of servers that a start brings may be older than an invitation that is handled before it.
#[rstest]
#[case::discord_says_so(None)]
#[case::discord_says_nothing(Some(Fault::Status(503)))]
#[tokio::test]
async fn a_server_that_the_bot_may_be_in_is_not_paused_by_a_list_without_it(
    #[case] fault: Option<Fault>,
) {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").role("sre");
    let olga = guild.owner("olga");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store.clone(), guild.channel_id("ops")).await;
    add(&olga, "platinum").await;
    if let Some(fault) = fault {
        discord.faults().every("GET /guilds/*", fault);
    }
    discord.gateway().lists_no_server();
    let asked = format!("GET /guilds/{}", guild.id);
    discord
        .until("the server is asked for", |world| {
            let mut requests = world.requests.iter();
            requests.any(|one| one.line() == asked).then_some(())
        })
        .await;
    // Decided behind whatever follows from the answer, and by the roles that are known of the server.
    let role = guild.role_id("sre").to_string();
    let set = [("role", "approver"), ("roles", role.as_str())];
    let set = olga.slash("/settings role", &set).in_("ops").await;
    set.reply().await.has("Set:");
    paused(&store, &guild.id.to_string(), false).await;
    bot.stop().await;
}

/// Waits until a workspace is paused, or is not any more.
async fn paused(store: &Store, workspace: &str, wanted: bool) {
    for _ in 0..1_000 {
        let held = store.system().holdings().await.unwrap();
        let of = held
            .iter()
            .find(|held| held.workspace.as_str() == workspace);
        if of.is_some_and(|held| held.paused == wanted) {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{workspace} is not as it should be");
}

#[tokio::test]
async fn a_file_is_tried_and_then_applied() {
    let start = crate::harness::instant("2025-12-31T23:00:00Z");
    let options = Options {
        start,
        ..Options::default()
    };
    let discord = FakeDiscord::with(options).await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store.clone(), guild.channel_id("ops")).await;
    let channel = guild.channel_id("ops");
    let listing = format!(
        "id,name,region,edition,team,channel\n{ORDERS},orders,cn-hangzhou,standard,payments,{channel}\n\
         {BILLING},billing,cn-hangzhou,standard,,1181200000000000009\n"
    );
    let tried = olga
        .slash("/import", &[])
        .file("file", "list.csv", listing.as_bytes())
        .in_("ops")
        .await
        .reply()
        .await;
    tried
        .has("list.csv")
        .has("Nobody has described these teams, or given them a role to mention: payments.")
        .has("This server has no such channels, by id: 1181200000000000009.");
    let none = olga.slash("/instance list", &[]).in_("ops").await;
    none.reply().await.lacks("orders");
    // The button works after a restart too.
    bot.stop().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    olga.clicks("Apply")
        .on(&tried)
        .await
        .reply()
        .await
        .has("list.csv");
    let list = olga.slash("/instance list", &[]).in_("ops").await;
    list.reply().await.has("orders");
    assert_eq!(discord.violations(), Vec::<String>::new());

    let typed = format!("{} import /etc/passwd", discord.mention());
    olga.says("ops", &typed).await;
    olga.finds("ops", "Files are read only").await;
    bot.stop().await;
}

#[tokio::test]
async fn a_guild_that_the_bot_was_not_set_up_for_is_told_so() {
    let discord = FakeDiscord::start().await;
    let ours = discord.guild("acme").channel("ops");
    let theirs = discord.guild("other").channel("lobby");
    let (olga, oscar) = (ours.owner("olga"), theirs.owner("oscar"));
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store.clone(), ours.channel_id("ops")).await;
    add(&olga, "standard").await;
    bot.stop().await;
    let bot = Live::only(&discord, store, ours.channel_id("ops"), vec![ours.id]).await;
    let list = oscar.slash("/instance list", &[]).in_("lobby").await;
    list.reply().await.has("I do nothing here").lacks("orders");
    let list = olga.slash("/instance list", &[]).in_("ops").await;
    list.reply().await.has("orders");
    bot.stop().await;
}

/// What was planned in a server waits as long as the bot is kept to others.
#[tokio::test]
async fn a_server_that_is_not_served_any_more_hears_nothing_until_it_is() {
    let discord = FakeDiscord::start().await;
    let ours = discord.guild("acme").channel("ops");
    let theirs = discord.guild("other").channel("lobby");
    let oscar = theirs.owner("oscar");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store.clone(), theirs.channel_id("lobby")).await;
    let add = format!(
        "/instance add id:{ORDERS} name:orders region:cn-hangzhou edition:platinum expires:2026-03-01 action:delete"
    );
    let added = oscar.slash_text(&add).in_("lobby").await;
    added.reply().await.has("tracking");
    bot.stop().await;
    let lobby = theirs.channel_id("lobby");
    let heard = || discord.said(lobby, "| reminder");
    let before = heard();

    let bot = Live::only(&discord, store.clone(), lobby, vec![ours.id]).await;
    paused(&store, &theirs.id.to_string(), true).await;
    bot.passes("40d").await;
    assert_eq!(heard(), before);
    let at = bot.clock.now();
    bot.stop().await;
    let bot = Live::start_at(&discord, store.clone(), lobby, at).await;
    paused(&store, &theirs.id.to_string(), false).await;
    bot.passes("1d").await;
    assert!(heard() > before);
    bot.stop().await;
}

async fn approved(guild: &Guild, discord: &FakeDiscord) -> (Live, Person, Person) {
    let olga = guild.owner("olga");
    let adam = guild.member("adam", &["sre"]);
    let store = crate::harness::new_store().await;
    let bot = Live::start(discord, store, guild.channel_id("ops")).await;
    for role in ["approver", "admin"] {
        let who = if role == "admin" { "boss" } else { "sre" };
        let id = guild.role_id(who).to_string();
        let set = [("role", role), ("roles", id.as_str())];
        let set = olga.slash("/settings role", &set).in_("ops").await;
        set.reply().await.has("Set:");
    }
    guild.gives_role("olga", "boss");
    add(&olga, "standard").await;
    let opened = olga
        .slash("/upgrade", &[("instance", ORDERS)])
        .in_("ops")
        .await;
    opened.reply().await.has("Needs approval");
    let given = adam.slash("/approve", &[("change", "1")]).in_("ops").await;
    given.reply().await.has("Done");
    (bot, olga, adam)
}

#[tokio::test]
async fn whoever_lost_the_role_has_not_approved() {
    let discord = FakeDiscord::start().await;
    let guild = discord
        .guild("acme")
        .channel("ops")
        .role("sre")
        .role("boss");
    let (bot, olga, _adam) = approved(&guild, &discord).await;
    guild.removes_role("adam", "sre");
    let asked = olga.slash("/next", &[("target", "#1")]).in_("ops").await;
    asked
        .reply()
        .await
        .has("Needs approval")
        .lacks("permit for");
    olga.finds("ops", "does not count any more").await;
    bot.stop().await;
}

#[tokio::test]
async fn whoever_still_has_the_role_has_approved() {
    let discord = FakeDiscord::start().await;
    let guild = discord
        .guild("acme")
        .channel("ops")
        .role("sre")
        .role("boss");
    let (bot, olga, _adam) = approved(&guild, &discord).await;
    let asked = olga.slash("/next", &[("target", "#1")]).in_("ops").await;
    asked
        .reply()
        .await
        .has("Permit: `upgrade` of orders (#1), for olga");
    bot.stop().await;
}

#[tokio::test]
async fn a_file_that_eight_others_came_after_is_to_be_attached_again() {
    let discord = FakeDiscord::with(Options {
        start: crate::harness::instant("2025-12-31T23:00:00Z"),
        ..Options::default()
    })
    .await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    let mut tried = Vec::new();
    for nth in 0..9 {
        let listing =
            format!("id,name,region,edition\n{ORDERS},orders{nth},cn-hangzhou,standard\n");
        let import = olga.slash("/import", &[]);
        let import = import.file("file", "list.csv", listing.as_bytes());
        tried.push(import.in_("ops").await.reply().await);
    }
    let first = olga.clicks("Apply").on(&tried[0]).await.reply().await;
    first.has("attach it again").lacks("orders0");
    let second = olga.clicks("Apply").on(&tried[1]).await.reply().await;
    second.has("list.csv");
    let list = olga.slash("/instance list", &[]).in_("ops").await;
    list.reply().await.has("orders1");
    bot.stop().await;
}
