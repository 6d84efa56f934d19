//! Roles and channels are shown by name, to be clicked on; commands stay as they are typed, and nobody is pinged by that.

use super::team::{ORDERS, Team, types};

#[tokio::test]
async fn ids_are_shown_as_what_they_stand_for() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let channel = |name: &str| format!("<#{}>", team.guild.channel_id(name));
    let role = |name: &str| format!("<@&{}>", team.guild.role_id(name));

    let set = types(
        &team.olga,
        "ops",
        "/settings channel kind:alerts channel:pay",
    );
    let words = format!("is {}; it was {}", channel("pay"), channel("alerts"));
    set.await.has(&words);
    let shown = types(&team.olga, "ops", "/settings show").await;
    shown.has(&channel("ops")).has(&role("leads"));
    let told = team.olga.finds("alerts", "channel alerts: ").await;
    told.has(&channel("pay")).has(&channel("alerts"));
    let more = format!(
        "/settings role role:approver roles:{} {}",
        role("leads"),
        role("chiefs")
    );
    types(&team.olga, "ops", &more).await.has(&role("chiefs"));
    let told = team.olga.finds("pay", "role approver: also").await;
    told.has(&role("chiefs"));

    team.adds(ORDERS, "orders", "edition:standard channel:plat")
        .await;
    let shown = types(&team.alice, "ops", "/instance show instance:orders").await;
    shown.has(&channel("plat"));
    let pinged = team.discord.pings();
    assert!(pinged.is_empty(), "{pinged:?}");
    // What nobody knows stays a number, and so does what is to be typed.
    let odd = "12345678901234567";
    let watch = format!("/settings watch channel:plat sources:{odd}");
    let watched = types(&team.olga, "ops", &watch).await;
    watched.has(&channel("plat")).has(&format!(" is {odd}"));
    let help = types(&team.olga, "ops", "/help verb:settings team").await;
    help.has("<#1181200000000000003>");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// A team without a role of its own here cannot be pinged: the approvers are.
#[tokio::test]
async fn for_a_team_that_cannot_be_pinged_the_approvers_are() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    // Mistyped: there is no such team.
    let facts = "edition:platinum action:delete expires:2026-01-20 team:paiments";
    team.adds(ORDERS, "orders", facts).await;
    team.bob.finds("ops", "orders expires").await;
    let whom: Vec<String> = team
        .discord
        .pings()
        .into_iter()
        .map(|ping| ping.whom)
        .collect();
    assert_eq!(whom, ["@leads"]);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// In a small team the same role approves and is called for the team.
#[tokio::test]
async fn a_role_that_is_meant_twice_is_called_once() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let leads = format!("<@&{}>", team.guild.role_id("leads"));
    let mention = format!("/settings team name:platform mention:{leads}");
    types(&team.olga, "ops", &mention)
        .await
        .has("team platform");
    let facts = "edition:standard max-tps:5000 busy:off team:platform";
    team.adds(ORDERS, "orders", facts).await;
    types(&team.dave, "ops", "/upgrade instance:orders").await;
    let asked = team.bob.finds("plat", "Approval asked").await;
    assert_eq!(asked.text().matches(&leads).count(), 1);
    let whom: Vec<String> = team
        .discord
        .pings()
        .into_iter()
        .map(|ping| ping.whom)
        .collect();
    assert_eq!(whom, ["@leads"]);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
