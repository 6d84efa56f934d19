//! Who may not, at the wrong moment, from elsewhere, twice: refused, and written down where it was a decision.

use super::fake::people::{Guild, Person};
use super::team::{ORDERS, Team, types};

const FACTS: &str = "edition:platinum expires:2026-03-01 auto-renew:off team:payments";

/// The whole trail, in lines.
async fn trail(team: &Team) -> Vec<String> {
    let mut lines = Vec::new();
    for page in 1..=5 {
        let text = format!("/audit page:{page}");
        let shown = types(&team.olga, "ops", &text).await;
        lines.extend(shown.text().lines().map(str::to_owned));
    }
    lines
}

/// How many lines of the trail hold all of these words.
async fn noted(team: &Team, words: &[&str]) -> usize {
    let lines = trail(team).await;
    let held = |line: &&String| words.iter().all(|word| line.contains(word));
    lines.iter().filter(held).count()
}

/// Somebody who changes the guild's settings and has an instance in it.
async fn elsewhere(team: &Team) -> (Guild, Person) {
    let other = team.discord.guild("rival").channel("lobby").role("bosses");
    let eve = other.owner("eve");
    let text = format!(
        "/settings role role:admin roles:<@&{}>",
        other.role_id("bosses")
    );
    types(&eve, "lobby", &text).await.has(" is ");
    other.gives_role("eve", "bosses");
    (other, eve)
}

#[tokio::test]
async fn without_a_role_there_is_help_and_nothing_else() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    let mallory = team.guild.member("mallory", &[]);
    let tried = [
        "/instance list",
        "/instance show instance:orders",
        "/downgrade instance:orders by:expiry",
        "/unsubscribe instance:orders",
        "/action instance:orders action:downgrade",
        "/audit",
    ];
    for text in tried {
        let denied = types(&mallory, "ops", text).await;
        assert!(denied.is_ephemeral(), "{text}");
        denied.has("Denied").lacks("BXuIbML7");
    }
    let offered = mallory
        .autocompletes("/instance show", "instance", "ord")
        .await;
    assert_eq!(offered, []);
    mallory.says("ops", "<@bot> settings threads off").await;
    mallory.finds("ops", "Denied").await.lacks("threads");
    types(&mallory, "ops", "/help").await.has("downgrade");
    assert_eq!(noted(&team, &["mallory", "denied"]).await, tried.len() + 1);
    bot.stop().await;
}

#[tokio::test]
async fn a_role_that_is_taken_away_counts_no_more_at_the_click() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    let opened = types(&team.alice, "ops", "/downgrade instance:orders by:expiry").await;
    opened.has("is open as #1");
    let card = team.alice.finds("pay", "#1 downgrade").await;
    let form = team.alice.clicks("Cancel").on(&card).await.modal().await;
    team.guild.removes_role("alice", "devs");
    let denied = team.alice.submits(&form, &[("text", "mine")]).await;
    denied.reply().await.has("Denied");
    let shown = team.alice.clicks("Permit to set Downgrade").on(&card).await;
    let shown = shown.reply().await;
    assert!(shown.is_ephemeral());
    shown.has("Permits are for requester").lacks("Edit beside");
    let denied = team.alice.forges("do:confirm 1 set-action").on(&card);
    let denied = denied.await.reply().await;
    assert!(denied.is_ephemeral());
    denied.has("Denied");
    // Nobody is asked for a reason in vain.
    let denied = team.alice.clicks("Cancel").on(&card).await;
    denied.reply().await.has("Denied");
    assert_eq!(noted(&team, &["alice", "denied"]).await, 3);
    assert_eq!(noted(&team, &["permit"]).await, 0);
    bot.stop().await;
}

#[tokio::test]
async fn what_belongs_to_another_server_is_not_there() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    let opened = types(&team.alice, "ops", "/downgrade instance:orders by:expiry").await;
    opened.has("is open as #1");
    let (rival, eve) = elsewhere(&team).await;
    for text in [
        format!("/instance show instance:{ORDERS}"),
        "/change change:1".to_owned(),
        "/next target:1".to_owned(),
        "/why target:orders".to_owned(),
        format!("/action instance:{ORDERS} action:delete"),
        "/cancel change:1 reason:mine".to_owned(),
    ] {
        let unknown = types(&eve, "lobby", &text).await;
        assert!(unknown.is_ephemeral(), "{text}");
        unknown.lacks("cn-hangzhou").lacks("alice");
    }
    assert_eq!(
        eve.autocompletes("/instance show", "instance", "ord").await,
        []
    );
    let own = eve.slash_text("/help").in_("lobby").await.reply().await;
    for forged in [
        "do:next 1".to_owned(),
        "do:confirm 1 set-action".to_owned(),
        "do:approve 1 --seen downgrade".to_owned(),
        format!("do:action {ORDERS} delete"),
        format!("name:unsubscribe {ORDERS}"),
    ] {
        let pressed = eve.forges(&forged).on(&own).await;
        if forged.starts_with("name:") {
            let form = pressed.modal().await;
            let told = eve.submits(&form, &[("text", "orders")]).await;
            told.reply().await.lacks("Partial Refund").lacks("alice");
        } else {
            pressed.reply().await.lacks("alice").lacks("cn-hangzhou");
        }
    }
    // A role or a channel of another server means nothing here.
    let foreign = team.guild.role_id("leads").to_string();
    let line = format!("do:settings role approver {foreign}");
    eve.forges(&line).on(&own).await.reply().await;
    let bob = rival.member("bob", &[]);
    let denied = types(&bob, "lobby", "/instance list").await;
    denied.has("Denied");
    types(&team.alice, "ops", "/change change:1")
        .await
        .has("#1");
    assert_eq!(noted(&team, &["eve"]).await, 0);
    bot.stop().await;
}

#[tokio::test]
async fn a_file_tried_in_one_server_is_not_applied_in_another() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let (_rival, eve) = elsewhere(&team).await;
    let csv = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,platinum\n");
    let import = team.olga.slash("/import", &[("at", "2026-01-01")]);
    let tried = import.file("file", "list.csv", csv.as_bytes()).in_("ops");
    let tried = tried.await.reply().await;
    tried.has("(Apply)");
    let apply = tried
        .message
        .controls()
        .find_map(|one| one["custom_id"].as_str().map(str::to_owned))
        .unwrap();
    let own = types(&eve, "lobby", "/help").await;
    let refused = eve.forges(&apply).on(&own).await.reply().await;
    refused.lacks("orders").has("attach it again");
    types(&eve, "lobby", "/instance list").await.lacks("orders");
    let mallory = team.guild.member("mallory", &[]);
    let own = types(&mallory, "ops", "/help").await;
    let denied = mallory.forges(&apply).on(&own).await.reply().await;
    denied.has("Denied");
    assert_eq!(noted(&team, &["mallory", "denied"]).await, 1);
    team.olga.clicks("Apply").on(&tried).await.reply().await;
    types(&team.olga, "ops", "/instance list")
        .await
        .has("orders");
    bot.stop().await;
}

#[tokio::test]
async fn what_was_pressed_or_sent_before_does_nothing_anew() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(
        ORDERS,
        "orders",
        "edition:standard max-tps:5000 busy:off team:platform",
    )
    .await;
    types(&team.alice, "ops", "/upgrade instance:orders").await;
    let card = team.dave.finds("plat", "#1 upgrade of orders").await;
    let mut buttons = card.message.controls();
    let said = buttons.find(|one| one["label"] == "Approve").unwrap();
    let said = said["custom_id"].as_str().unwrap().to_owned();
    let approved = team.bob.clicks("Approve").on(&card).await;
    approved.reply().await.has("approved");
    let again = team.bob.forges(&said).on(&card).await;
    again.reply().await.lacks("Done");
    card.until("approvals** 1/1").await;
    let form = team.alice.clicks("Cancel").on(&card).await.modal().await;
    let called_off = team.alice.submits(&form, &[("text", "not now")]).await;
    called_off.reply().await.has("Done");
    let twice = team.alice.submits(&form, &[("text", "not now")]).await;
    let twice = twice.reply().await;
    assert!(twice.is_ephemeral());
    twice.lacks("Done");
    for replayed in [
        "do:approve 1",
        "do:next 1",
        "do:confirm 1 upgrade",
        "do:revoke 1",
    ] {
        let told = team.bob.forges(replayed).on(&card).await.reply().await;
        told.lacks("Done").lacks("permit for");
    }
    assert_eq!(noted(&team, &["cancel #1", "→ done"]).await, 1);
    assert_eq!(noted(&team, &["approve #1", "→ done"]).await, 1);
    bot.stop().await;
}

#[tokio::test]
async fn whoever_quotes_the_bot_about_a_release_hands_nothing_in() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(
        ORDERS,
        "orders",
        "edition:platinum expires:2026-03-01 action:delete team:payments",
    )
    .await;
    let handed_in = format!(
        "/notice text:Your ApsaraMQ for RocketMQ instance {ORDERS} has expired and will be released in 7 days."
    );
    types(&team.alice, "ops", &handed_in).await.has("notice 1");
    let raised = team.alice.finds("pay", "notice 1").await;
    let quoted = raised.text().replace('\n', " ");
    for channel in ["ops", "pay"] {
        team.bob.says(channel, &quoted).await;
        team.bob
            .says(channel, &format!("look: <@bot> said {quoted}"))
            .await;
    }
    // Whatever came before this was looked at by now.
    team.bob.says("ops", "<@bot> changes").await;
    team.bob.finds("ops", "No open changes").await;
    types(&team.alice, "ops", "/notices instance:orders")
        .await
        .lacks("notice 2");
    assert_eq!(noted(&team, &["notice", "bob"]).await, 0);
    bot.stop().await;
}
