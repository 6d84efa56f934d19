//! A message about several instances: a menu leads to the buttons of one.

use super::team::{BILLING, ORDERS, Team};

const THIRD: &str = "MQ_INST_1080056302921134_DXuIbML9";

#[tokio::test]
async fn a_reminder_of_several_instances_asks_which_one() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:payments";
    for (id, name) in [(ORDERS, "orders"), (BILLING, "billing"), (THIRD, "search")] {
        team.adds(id, name, facts).await;
    }
    bot.passes("30d").await;
    let post = team.alice.finds("pay", "Which one?").await;
    for name in ["orders", "billing", "search"] {
        post.has(name);
    }
    let chosen = team
        .alice
        .selects("Which one?", &["billing"])
        .on(&post)
        .await
        .reply()
        .await;
    assert!(chosen.is_ephemeral());
    chosen.has("Reminders of billing").lacks("orders");
    let known = team.alice.clicks("Ack").on(&chosen).await.reply().await;
    known.has("billing");
    let of_others = team
        .alice
        .selects("Which one?", &["orders"])
        .on(&post)
        .await
        .reply()
        .await;
    of_others
        .has("Reminders of orders")
        .lacks("nobody is mentioned");
    let again = team.alice.selects("Which one?", &["billing"]);
    let again = again.on(&post).await.reply().await;
    again.has("nobody is mentioned");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
