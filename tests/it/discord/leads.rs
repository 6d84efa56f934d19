//! The card of a change and the request for approvals say who opened it and what for, and lead to each other; what was rejected
//! says who rejected it.

use super::fake::people::Seen;
use super::phone;
use super::team::{ORDERS, Team, types};

const FACTS: &str = "edition:platinum expires:2026-03-01 action:downgrade auto-renew:off commodity-id:ons-cn-0pp1abc2d34 team:payments";

/// What a message's card says, with where its links lead.
fn raw(seen: &Seen) -> String {
    let description = &seen.message.embeds[0]["description"];
    description.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_card_and_its_request_say_who_wants_it_and_lead_to_each_other() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    let reason = "orders has had no SQL filter since May; @everyone agreed `todo`, and its traffic fell to a third of it";
    let wish = [
        ("instance", "orders"),
        ("by", "unsubscribe"),
        ("reason", reason),
    ];
    let opened = team.alice.slash("/downgrade", &wish).in_("ops").await;
    opened.reply().await.has("is open as #1");
    let card = team.alice.finds("pay", "#1 downgrade by").await;
    let request = team.bob.finds("pay", "Approval asked").await;
    for seen in [&card, &request] {
        let said = "“orders has had no SQL filter since May; \\@everyone ag…”";
        seen.has(&format!("**opened** by alice: {said}"));
        let lines = phone::lines(seen.text());
        // With whom it calls, twelve and one.
        let most = 12 + usize::from(!seen.message.content.is_empty());
        assert!(lines <= most, "{lines}: {}", seen.text());
        assert!(seen.message.pinged_users.is_empty());
    }
    team.approves(&team.bob, &request, "Downgrade").await;
    let card = card.until("approvals** 1/2 bob").await;
    let request = request.until("approvals** 1/2 bob").await;
    let leads = format!("([#1](https://discord.com/channels/{}/", team.guild.id);
    assert!(raw(&request).contains(&leads), "{}", raw(&request));
    assert!(raw(&request).contains(&format!("/{}))", card.id)));
    let leads = format!("/{})** ", request.id);
    assert!(raw(&card).contains("**[approvals](https://discord.com/channels/"));
    assert!(raw(&card).contains(&leads), "{}", raw(&card));
    let form = team.carol.clicks("Reject").on(&card).await.modal().await;
    let said = team.carol.submits(&form, &[("text", "not this week")]);
    said.await.reply().await.has("rejected by carol");
    let request = request
        .until("Rejected by carol: `unsubscribe` of orders (#1): “not this week”.")
        .await;
    let card = card.until("is rejected by carol (“not this week”)").await;
    card.has("**approvals** 1/2 bob");
    assert!(raw(&request).contains(&format!("/{}))", card.id)));
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// What the console's grammar would say is said as a form's.
#[tokio::test]
async fn help_lists_and_refusals_speak_of_options_as_a_form_has_them() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-01-20 action:delete team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let help = loop {
        let help = types(&team.bob, "ops", "/help verb:approve").await;
        if help.text().contains("</") {
            break help;
        }
    };
    help.has("</approve:")
        .has("**change** ")
        .has("**seen** ")
        .has("(optional)")
        .has("`change:12 seen:downgrade`")
        .lacks("--")
        .lacks("<change>");
    types(&team.bob, "ops", "/help verb:settings role")
        .await
        .has("</settings role:")
        .lacks("--");
    types(&team.alice, "ops", "/todo")
        .await
        .has("a downgrade `by:expiry` once")
        .lacks("--");
    // Who names an instance in the place of its change is told the number, with the command to press.
    types(
        &team.alice,
        "ops",
        "/downgrade instance:orders by:unsubscribe",
    )
    .await;
    types(&team.alice, "ops", "/cancel change:orders reason:not now")
        .await
        .has("the open one of orders is #1: </cancel:")
        .lacks("--");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
