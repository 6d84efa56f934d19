//! Proposed next steps can be pressed: commands are mentioned. Text that somebody typed is never a link.

use super::fake::people::Seen;
use super::team::{ORDERS, Team, types};

const FACTS: &str = "edition:platinum expires:2026-03-01 auto-renew:off team:payments";

/// The bot learns the ids of its commands from Discord's answer, which may come a moment after they are there.
async fn until_commands_are_known(team: &Team) -> Seen {
    for _ in 0..500 {
        let seen = types(&team.olga, "ops", "/change change:77").await;
        if seen.text().contains("</") {
            return seen;
        }
    }
    panic!("no hint ever leads anywhere");
}

#[tokio::test]
async fn hints_are_commands_to_press_wherever_they_stand() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    // In an error, in a list, after a mention of the bot, and in what comes by itself.
    let unknown = until_commands_are_known(&team).await;
    unknown.has("</changes:").lacks("`changes");
    let todo = types(&team.alice, "ops", "/todo").await;
    todo.has("</action:")
        .has("`instance:cn-hangzhou/orders action:");
    team.alice.says("ops", "<@bot> change 78").await;
    team.alice.finds("ops", "</changes:").await;
    bot.passes("30d").await;
    let reminder = team.carol.finds("pay", "| reminder").await;
    reminder.has("</action:").lacks("`action cn");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn what_somebody_typed_leads_nowhere() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    until_commands_are_known(&team).await;
    types(&team.alice, "ops", "/downgrade instance:orders by:expiry").await;
    for reason in [
        "say `next 1` or `todo`, and `changes --all`",
        "a ` alone, then ” `todo` “",
        "</todo:17> <@1> <@&2> <#3> @everyone",
        "\\`todo\\` \\</todo:1>",
    ] {
        let text = format!("/cancel change:1 reason:{reason}");
        let cancelled = types(&team.alice, "ops", &text).await;
        for dead in ["</todo", "</next", "</changes", " <@", " <#3", " @every"] {
            cancelled.lacks(dead);
        }
        let text = "/downgrade instance:orders by:expiry".to_owned();
        types(&team.alice, "ops", &text).await;
    }
    // What is quoted in an error is what was typed.
    let quoted = types(&team.alice, "ops", "/snooze instance:orders span:todo").await;
    quoted.has("`todo`").lacks("</todo");
    team.alice.says("ops", "<@bot> approve changes").await;
    team.alice
        .finds("ops", "`changes`")
        .await
        .lacks("</changes");
    let trail = types(&team.olga, "ops", "/audit").await;
    trail.has("cancel").lacks(" </todo").lacks(" </next");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn the_trail_has_discords_times() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    let later = "/instance set instance:orders expires:2026-04-01";
    types(&team.olga, "ops", later).await.has("Done");
    let trail = types(&team.olga, "ops", "/audit").await;
    trail
        .has("<t:1772294400:F> → <t:1774972800:F>")
        .lacks("\\u{")
        .lacks("u\\{");
    bot.stop().await;
}

/// Each row of `/help` is its command, and all of them fit the card.
#[tokio::test]
async fn help_lists_commands_to_press() {
    let team = Team::gather().await;
    let bot = team.start().await;
    until_commands_are_known(&team).await;
    let help = types(&team.olga, "ops", "/help").await;
    help.lacks("cut here").has("</help:");
    for verb in edition_warden::command::verbs() {
        let name = verb.path.join(" ").replace("import undo", "import-undo");
        help.has(&format!("</{name}:"));
    }
    let some = types(&team.olga, "ops", "/help verb:instance").await;
    some.has("</instance lost:").lacks("</next:");
    // A page of one verb says what its form asks for, and has its examples to press.
    let one = types(&team.olga, "ops", "/help verb:confirm").await;
    one.has("</confirm:").has("`change:12").lacks("--");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
