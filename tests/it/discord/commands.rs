//! People use the real bot: slash commands, mentions, buttons.

use super::fake::FakeDiscord;
use super::live::Live;
use super::team::Team;

const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";

#[tokio::test]
async fn a_guild_adds_an_instance_and_asks_about_it() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let vera = guild.member("vera", &[]);
    let bot = Live::start(
        &discord,
        crate::harness::new_store().await,
        guild.channel_id("ops"),
    )
    .await;

    let facts = [
        ("id", ORDERS),
        ("name", "orders"),
        ("region", "cn-hangzhou"),
        ("edition", "platinum"),
        ("expires", "2026-03-01"),
    ];
    let reply = olga
        .slash("/instance add", &facts)
        .in_("ops")
        .await
        .reply()
        .await;
    reply
        .has("tracking orders")
        .has("**edition** · Platinum")
        .has("<t:1772294400:F>");
    assert!(!reply.is_ephemeral());

    let denied = vera.slash("/action", &[("instance", ORDERS), ("action", "downgrade")]);
    let denied = denied.in_("ops").await.reply().await;
    denied.has("viewer");
    assert!(denied.is_ephemeral());

    let offered = vera
        .autocompletes("/instance show", "instance", "ord")
        .await;
    assert_eq!(
        offered,
        [(
            "orders · cn-hangzhou · Platinum · expires 2026-03-01".to_owned(),
            serde_json::json!(ORDERS)
        )]
    );
    let shown = vera.slash("/instance show", &[("instance", ORDERS)]);
    let shown = shown.in_("ops").await.reply().await;
    assert!(shown.is_ephemeral());
    shown.has("orders");

    vera.says("ops", &format!("{} instance list", discord.mention()))
        .await;
    vera.finds("ops", "cn-hangzhou/orders").await;

    assert_eq!(discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn a_change_is_taken_through_its_buttons() {
    let discord = FakeDiscord::start().await;
    let manage_server = 1 << 5;
    let guild = discord
        .guild("acme")
        .channel("ops")
        .role_with("platform", manage_server, false);
    let olga = guild.owner("olga");
    let adam = guild.member("adam", &["platform"]);
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;

    let facts = [
        ("id", ORDERS),
        ("name", "orders"),
        ("region", "cn-hangzhou"),
        ("edition", "standard"),
        ("max-tps", "5000"),
        ("busy", "off"),
    ];
    olga.slash("/instance add", &facts)
        .in_("ops")
        .await
        .reply()
        .await;
    let opened = olga
        .slash("/upgrade", &[("instance", ORDERS)])
        .in_("ops")
        .await;
    opened.reply().await.has("Needs approval");

    let card = olga.finds("ops", "#1 upgrade of orders").await;
    card.until("approvals** 0/1").await;
    // Of an upgrade there is nothing that an approver could have seen.
    let approved = adam.clicks("Approve").on(&card).await.reply().await;
    assert!(approved.is_ephemeral());
    approved.has("approved");
    card.until("approvals** 1/1").await;

    let denied = adam.clicks("Cancel").on(&card).await.modal().await;
    drop(denied);
    let permit = olga
        .clicks("Permit to upgrade")
        .on(&card)
        .await
        .reply()
        .await;
    assert!(permit.is_ephemeral());
    permit.has("Permit: `upgrade` of orders (#1), for olga");
    assert_eq!(adam.sees("ops").matches("Click the name").count(), 0);
    card.until("holds the permit").await;
    olga.clicks("I upgraded it")
        .on(&card)
        .await
        .reply()
        .await
        .has("Done");
    card.until("✓ upgrade").await;
    let form = olga.clicks("When it expires").on(&card).await.modal().await;
    let recorded = olga
        .submits(&form, &[("text", "2026-03-01")])
        .await
        .reply()
        .await;
    recorded.has("Done");
    assert_eq!(discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn a_reminder_is_acknowledged_by_its_button() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    let facts = [
        ("id", ORDERS),
        ("name", "orders"),
        ("region", "cn-hangzhou"),
        ("edition", "platinum"),
        ("expires", "2026-03-01"),
    ];
    let added = olga.slash("/instance add", &facts).in_("ops").await;
    added.reply().await;
    bot.passes("30d").await;
    let reminder = olga.finds("ops", "reminder").await;
    reminder.has("orders expires, and what happens to it then is unknown: look");
    let acked = olga
        .clicks("I know of it")
        .on(&reminder)
        .await
        .reply()
        .await;
    acked.has("orders");
    let looked = Team::sees_downgrade(&olga, "Console shows Downgrade", &reminder).await;
    looked.has("Done");
    assert_eq!(discord.violations(), Vec::<String>::new());
    assert_eq!(
        bot.clock.now(),
        crate::harness::instant("2026-01-31T00:00:00Z")
    );
    bot.stop().await;
}
