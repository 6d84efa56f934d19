//! People try what they may not: forged buttons, lost roles, files of the server, pings and links in a reason.

use edition_warden::domain::outcome::Outcome;

use super::fake::FakeDiscord;
use super::live::Live;

const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";

/// Whatever ids somebody sets, nothing of one server is posted in another.
#[tokio::test]
async fn a_channel_of_another_server_is_not_posted_to() {
    let discord = FakeDiscord::start().await;
    let (ours, theirs) = (
        discord.guild("acme").channel("ops").channel("alerts"),
        discord.guild("other").channel("lobby"),
    );
    let (olga, oscar) = (ours.owner("olga"), theirs.owner("oscar"));
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, ours.channel_id("ops")).await;
    let alerts = "/settings channel kind:alerts channel:alerts";
    let set = olga.slash_text(alerts).in_("ops").await;
    set.reply().await.has("Set:");
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-02-01 --channel {}",
        theirs.channel_id("lobby")
    );
    olga.says("ops", &format!("<@bot> {add}")).await;
    olga.finds("ops", "This server has no channel").await;
    let added = bot.operator_says(ours.id, &add).await;
    assert_eq!(added.outcome, Outcome::Done);
    bot.passes("30d").await;
    let told = olga.finds("alerts", "Nothing can be posted to").await;
    told.has("it is a channel of another server");
    olga.finds("alerts", "orders expires").await;
    assert!(!oscar.sees("lobby").contains("orders"));

    // What the configuration says is for all servers, and here it is another one's channel.
    let add = format!(
        "<@bot> instance add {ORDERS} --name theirs --region cn-hangzhou --edition platinum --expires 2026-02-03"
    );
    oscar.says("lobby", &add).await;
    oscar.finds("lobby", "tracking theirs").await;
    bot.passes("1d").await;
    assert!(!olga.sees("ops").contains("theirs"));
    let set = oscar
        .slash_text("/settings channel kind:default channel:lobby")
        .in_("lobby")
        .await;
    set.reply().await.has("Set:");
    // What waited for a channel waits no longer.
    oscar.finds("lobby", "theirs expires").await;
    bot.stop().await;
}

#[tokio::test]
async fn who_may_not_gains_nothing() {
    let discord = FakeDiscord::start().await;
    let guild = discord
        .guild("acme")
        .channel("ops")
        .role_with("lead", 1 << 5, false);
    let (olga, mallory) = (guild.owner("olga"), guild.member("mallory", &[]));
    let adam = guild.member("adam", &["lead"]);
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    let add = format!(
        "/instance add id:{ORDERS} name:orders region:cn-hangzhou edition:standard max-tps:5000 busy:off"
    );
    let added = olga.slash_text(&add).in_("ops").await;
    added.reply().await.has("tracking");
    let opened = olga.slash_text("/upgrade instance:orders").in_("ops").await;
    opened.reply().await.has("Needs approval");
    let card = olga.finds("ops", "#1 upgrade of orders").await;

    for forged in [
        "do:approve 1",
        "do:settings threads off",
        "do:confirm 1 upgrade --outside --reason x",
    ] {
        let denied = mallory.forges(forged).on(&card).await.reply().await;
        assert!(denied.is_ephemeral());
        denied.has("Denied");
    }
    let nonsense = mallory.forges("what:ever").on(&card).await.reply().await;
    assert!(nonsense.is_ephemeral());

    guild.removes_role("adam", "lead");
    let late = adam.clicks("Approve").on(&card).await.reply().await;
    late.has("Denied");

    olga.says("ops", "<@bot> import /etc/passwd").await;
    let refused = olga.finds("ops", "Files are read only").await;
    refused.lacks("root:");

    let reason = "@everyone see [here](https://evil.example)";
    let form = olga.clicks("Cancel").on(&card).await.modal().await;
    let cancelled = olga.submits(&form, &[("text", reason)]).await.reply().await;
    cancelled.lacks("[here](");
    let again = olga.submits(&form, &[("text", reason)]).await.reply().await;
    assert!(again.is_ephemeral());
    assert!(discord.pings().iter().all(|ping| ping.whom != "@everyone"));

    let trail = olga.slash_text("/audit").in_("ops").await.reply().await;
    trail.has("mallory").has("adam").has("denied");
    assert_eq!(discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Anyone who manages one server writes down the id of a channel of another one, where the bot is too: nothing is said there.
#[tokio::test]
async fn nothing_of_one_server_is_said_in_another() {
    let discord = FakeDiscord::start().await;
    let acme = discord.guild("acme").channel("secret");
    let evil = discord.guild("evil").channel("ops").channel("alerts");
    let _ann = acme.owner("ann");
    let eve = evil.owner("eve");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, evil.channel_id("ops")).await;
    let secret = acme.channel_id("secret");
    let alerts = evil.channel_id("alerts");
    let settings = format!("<@bot> settings channel alerts {alerts}");
    eve.says("ops", &settings).await;
    eve.finds("ops", "alerts is").await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition standard --max-tps 5000 --busy off --channel {secret}"
    );
    eve.says("ops", &format!("<@bot> {add}")).await;
    eve.finds("ops", "This server has no channel").await;
    let added = bot.operator_says(evil.id, &add).await;
    assert_eq!(added.outcome, Outcome::Done);
    eve.says("ops", "<@bot> upgrade orders").await;
    eve.finds("alerts", "it is a channel of another server")
        .await;
    eve.finds("alerts", "#1").await;
    let there = discord.look(|world| {
        let messages = world.messages.values();
        messages.filter(|one| one.channel == secret).count()
    });
    // The bot's first words there may be the only ones.
    assert!(there <= 1, "{}", discord.look(|world| world.transcript()));
    assert_eq!(discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
