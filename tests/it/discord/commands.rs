//! People use the real bot: slash commands, mentions, buttons.

use edition_warden::store::Store;

use super::fake::FakeDiscord;
use super::live::Live;

const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";

#[tokio::test]
async fn a_guild_adds_an_instance_and_asks_about_it() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let vera = guild.member("vera", &[]);
    let bot = Live::start(&discord, Store::in_memory().await.unwrap()).await;

    let facts = [
        ("id", ORDERS),
        ("name", "orders"),
        ("region", "cn-hangzhou"),
        ("edition", "platinum"),
        ("expires", "2026-03-01"),
    ];
    let reply = olga.slash("/instance add", &facts).in_("ops").await.reply().await;
    reply.has("tracking orders").has("**edition** · Platinum").has("<t:1772294400:F>");
    assert!(!reply.is_ephemeral());

    let denied = vera.slash("/action", &[("instance", ORDERS), ("action", "downgrade")]);
    let denied = denied.in_("ops").await.reply().await;
    denied.has("viewer");
    assert!(denied.is_ephemeral());

    let offered = vera.autocompletes("/instance show", "instance", "ord").await;
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

    vera.says("ops", &format!("{} instance list", discord.mention())).await;
    vera.finds("ops", "cn-hangzhou/orders").await;

    assert_eq!(discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
