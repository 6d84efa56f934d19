//! A server loses the roles, or the people, that a safeguard rests on.

use super::team::{ORDERS, Team, types};

#[tokio::test]
async fn a_role_that_is_deleted_is_told_where_the_alarms_go_and_shown_until_another_is_named() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    bot.passes("1m").await;
    let shown = types(&team.olga, "ops", "/settings show").await;
    assert!(!shown.text().contains("does not work"), "{}", shown.text());
    team.guild.deletes_role("leads");
    let alert = team
        .olga
        .finds("alerts", "A safeguard does not work here")
        .await;
    alert.has("is gone from the server, so nobody is approver by it");
    types(&team.olga, "ops", "/settings show")
        .await
        .has("</settings role:")
        .has("`role:approver roles:ROLE` names another");
    // Who was called by it is called no more, not even by its number.
    let facts = "edition:standard max-tps:5000 busy:off";
    team.adds(ORDERS, "orders", facts).await;
    types(&team.alice, "ops", "/upgrade instance:orders").await;
    let asked = team.alice.finds("ops", "Approval asked").await;
    asked.has("@approver").lacks("<@&");
    assert!(asked.message.pinged_roles.is_empty());
    let before = team
        .discord
        .said(team.guild.channel_id("alerts"), "gone from the server");
    bot.passes("90d").await;
    let after = team
        .discord
        .said(team.guild.channel_id("alerts"), "gone from the server");
    assert_eq!(after - before, 4, "the rest of the ladder");
    let devs = format!(
        "/settings role role:approver roles:<@&{}>",
        team.guild.role_id("devs")
    );
    types(&team.olga, "ops", &devs).await.has(" is ");
    bot.passes("1m").await;
    let shown = types(&team.olga, "ops", "/settings show").await;
    assert!(!shown.text().contains("gone from"), "{}", shown.text());
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Discord does not tell of it by itself who has a role: it is looked at when something is set, and when the bot comes back.
#[tokio::test]
async fn a_team_that_has_become_too_small_is_found_by_the_server_s_counts() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.guild.removes_role("carol", "payers");
    let bot = team.restart(bot).await;
    let alert = team
        .olga
        .finds("alerts", "team payments has one member")
        .await;
    alert.has("nobody approves what they opened themselves");
    team.guild.removes_role("bob", "leads");
    team.guild.removes_role("olga", "chiefs");
    let bot = team.restart(bot).await;
    let alert = team
        .olga
        .finds("alerts", "the roles that may approve have one member")
        .await;
    alert.has("`unsubscribe` needs 2 approvals");
    bot.stop().await;
}
