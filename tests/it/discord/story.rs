//! A team's whole story, as its people tell it: Olga sets the server up, Alice asks, Bob and Carol approve, Dave holds the
//! permit; the bot is stopped and started again in between.

use super::team::{BILLING, ORDERS, Team, types};
use super::{phone, published};

#[tokio::test]
async fn an_upgrade_is_approved_and_carried_out_with_buttons() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(
        ORDERS,
        "orders",
        "edition:standard max-tps:5000 busy:off team:platform",
    )
    .await;
    let opened = types(&team.dave, "ops", "/upgrade instance:orders").await;
    opened.has("Needs approval");
    assert!(opened.is_ephemeral());
    let card = team.dave.finds("plat", "#1 upgrade of orders").await;
    card.until("approvals** 0/1").await;
    let own = team.dave.clicks("Approve").on(&card).await.reply().await;
    own.has("Denied");
    let approved = team.bob.clicks("Approve").on(&card).await.reply().await;
    approved.has("approved");
    card.until("approvals** 1/1").await;
    let permit = team
        .dave
        .clicks("Permit to upgrade")
        .on(&card)
        .await
        .reply()
        .await;
    permit.has("Permit: `upgrade` of orders (#1), for dave");
    assert!(permit.is_ephemeral() && !permit.is_seen_by(&team.alice));
    let other = team
        .alice
        .clicks("Permit to upgrade")
        .on(&card)
        .await
        .reply()
        .await;
    other.has("dave holds the permit");
    let bot = team.restart(bot).await;
    card.until("holds the permit").await;
    let done = team.dave.clicks("I upgraded it").on(&card).await;
    done.reply().await.has("Done");
    card.until("✓ upgrade").await;
    let form = team
        .dave
        .clicks("When it expires")
        .on(&card)
        .await
        .modal()
        .await;
    let recorded = team.dave.submits(&form, &[("text", "2027-01-01")]).await;
    recorded.reply().await.has("Done");
    card.until("✓ record-expiry").await;
    let chosen = Team::sees_downgrade(&team.dave, "Console shows Downgrade", &card).await;
    chosen.has("Done");
    card.until("is done").await;
    assert_eq!(team.counts("plat", "#1 upgrade of orders").1, 1);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    assert_eq!(
        published::complaints(&team.discord.requests()),
        Vec::<String>::new()
    );
    bot.stop().await;
}

#[tokio::test]
async fn unsubscribing_takes_both_teams_two_looks_and_the_name() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off commodity-id:ons-cn-0pp1abc2d34 team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let opened = types(
        &team.alice,
        "ops",
        "/downgrade instance:orders by:unsubscribe",
    )
    .await;
    opened.has("is open as #1");
    let card = team
        .alice
        .finds("pay", "#1 downgrade by unsubscribing")
        .await;
    let first = team
        .dave
        .clicks("Permit to set Downgrade")
        .on(&card)
        .await
        .reply()
        .await;
    first.has("Permit: `set-action` of orders (#1), for dave");
    card.until("dave").await;
    team.dave
        .clicks("I set Downgrade")
        .on(&card)
        .await
        .reply()
        .await
        .has("Done");
    card.until("✓ set-action").await;
    let asked = types(&team.dave, "ops", "/unsubscribe instance:orders").await;
    asked.has("Needs approval");
    card.until("approvals** 0/2").await;
    team.approves(&team.bob, &card, "Downgrade")
        .await
        .has("Done");
    card.until("approvals** 1/2").await;

    let bot = team.restart(bot).await;
    let early = types(&team.dave, "ops", "/next target:1").await;
    early.has("Needs approval");
    team.approves(&team.carol, &card, "Downgrade")
        .await
        .has("Done");
    card.until("approvals** 2/2").await;

    let form = team.dave.clicks("Permit to unsubscribe").on(&card).await;
    let form = form.modal().await;
    let wrong = team
        .dave
        .submits(&form, &[("text", "billing")])
        .await
        .reply()
        .await;
    assert!(wrong.is_ephemeral());
    wrong
        .has("BXuIbML7")
        .has("ons-cn-0pp1abc2d34")
        .lacks("Partial Refund");
    let form = team
        .dave
        .clicks("Type its name")
        .on(&wrong)
        .await
        .modal()
        .await;
    let permit = team
        .dave
        .submits(&form, &[("text", "orders")])
        .await
        .reply()
        .await;
    permit
        .has("Permit: `unsubscribe` of orders (#1), for dave")
        .has("Partial Refund");
    assert!(permit.is_ephemeral() && !permit.is_seen_by(&team.carol));
    let other = team
        .alice
        .clicks("Permit to unsubscribe")
        .on(&card)
        .await
        .reply()
        .await;
    other.has("dave holds the permit").lacks("Partial Refund");

    card.until("holds the permit").await;
    let done = team.dave.clicks("I unsubscribed it").on(&card).await;
    done.reply().await.has("Done");
    card.until("✓ unsubscribe").await;
    let asked = team.dave.clicks("Console shows Standard").on(&card);
    let asked = asked.await.reply().await;
    asked.has("What does the vendor's console show as the edition");
    let done = team.dave.clicks("Standard").on(&asked).await;
    done.reply().await.has("Done");
    card.until("is done").await;
    assert_eq!(
        team.counts("pay", "| **\\#1 downgrade by unsubscribing of orders")
            .0,
        1,
        "{}",
        team.discord.transcript()
    );
    assert_eq!(team.counts("pay", "Partial Refund"), (0, 1));
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    assert_eq!(
        published::complaints(&team.discord.requests()),
        Vec::<String>::new()
    );
    bot.stop().await;
}

#[tokio::test]
async fn reminders_come_as_time_passes_and_are_acknowledged_or_put_off() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:platform";
    team.adds(BILLING, "billing", facts).await;
    bot.passes("30d").await;
    let pay = team.alice.finds("pay", "orders").await;
    let plat = team.dave.finds("plat", "billing").await;
    team.alice
        .clicks("I know of it")
        .on(&pay)
        .await
        .reply()
        .await
        .has("orders");
    let bot = team.restart(bot).await;
    let put_off = team.dave.clicks("Snooze 1 d").on(&plat).await;
    put_off.reply().await.has("billing");
    let looked = team.dave.clicks("Console shows Delete").on(&plat).await;
    looked.reply().await.has("Delete");
    bot.passes("12h").await;
    assert_eq!(team.counts("plat", "| reminder").0, 1);
    bot.passes("20d").await;
    assert!(team.counts("plat", "| reminder").0 > 1);
    assert!(team.counts("pay", "| reminder").0 >= 1);
    // With whom it calls, twelve lines and one, also where Delete was seen too long ago.
    let last = team.dave.finds("plat", "| reminder").await;
    for reminder in [&pay, &last] {
        let lines = phone::lines(reminder.text());
        assert!(lines <= 14, "{lines}: {}", reminder.text());
    }
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    assert_eq!(
        published::complaints(&team.discord.requests()),
        Vec::<String>::new()
    );
    bot.stop().await;
}

#[tokio::test]
async fn what_is_asked_by_mention_is_answered_in_public_and_a_permit_is_not() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off team:payments";
    team.adds(ORDERS, "orders", facts).await;
    team.alice
        .says("ops", "<@bot> downgrade orders --by expiry")
        .await;
    let opened = team.bob.finds("ops", "is open as #1").await;
    assert!(!opened.is_ephemeral());
    team.alice.says("ops", "<@bot> next 1").await;
    let withheld = team.bob.finds("ops", "(Get permit)").await;
    withheld.lacks("for alice, until");
    let permit = team
        .alice
        .clicks("Get permit")
        .on(&withheld)
        .await
        .reply()
        .await;
    assert!(permit.is_ephemeral());
    permit.has("for alice");
    assert_eq!(team.counts("ops", "for alice, until").0, 0);
    bot.stop().await;
}

#[tokio::test]
async fn a_whole_downgrade_takes_few_presses_and_says_little_in_the_channel() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off commodity-id:ons-cn-0pp1abc2d34 team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let wish = "/downgrade instance:orders by:unsubscribe";
    let opened = types(&team.dave, "ops", wish).await;
    opened.has("is open as #1").has("Its card: ");
    assert!(opened.is_ephemeral());
    let card = team.dave.finds("pay", "#1 downgrade").await;
    let before = team.discord.presses();
    let press = async |label: &'static str| {
        let pressed = team.dave.clicks(label).on(&card).await.reply().await;
        assert!(pressed.is_ephemeral(), "{label}");
        pressed
    };
    press("Permit to set Downgrade").await.has("for dave");
    card.until("holds the permit").await;
    let set = press("I set Downgrade").await;
    // Who pressed is the only one who reads it.
    set.has("• set-action confirmed\n").lacks("by dave");
    card.until("(Approve)").await;
    team.bob.finds("pay", "Approval asked").await;
    let lines = phone::lines(&team.alice.sees("pay"));
    // The card and the request, which in the end is one line, and what calls for it.
    assert!(lines <= 24, "while it is asked: {lines}");
    for approver in [&team.bob, &team.carol] {
        card.until("(Approve)").await;
        let question = approver.clicks("Approve").on(&card).await.reply().await;
        let answered = approver.clicks("Downgrade").on(&question).await;
        let answered = answered.reply().await;
        answered.has("you approved");
        assert_eq!(answered.id, question.id, "the question is replaced");
    }
    card.until("Next: take the permit to unsubscribe").await;
    let form = team.dave.clicks("Permit to unsubscribe").on(&card).await;
    let form = form.modal().await;
    let permit = team.dave.submits(&form, &[("text", "orders")]).await;
    let permit = permit.reply().await;
    permit.has("Partial Refund").lacks("exit-converts");
    let done = team.dave.clicks("I unsubscribed it").on(&permit).await;
    done.reply().await.has("Done");
    card.until("✓ unsubscribe").await;
    let asked = press("Console shows Standard").await;
    let ended = team.dave.clicks("Standard").on(&asked).await;
    ended.reply().await.has("Done");
    card.until("is done").await;

    let after = team.discord.presses();
    let presses = |who: &str| after.iter().filter(|name| *name == who).count();
    let earlier = |who: &str| before.iter().filter(|name| *name == who).count();
    assert_eq!(
        presses("dave") - earlier("dave"),
        6 + 1,
        "six presses and a form"
    );
    assert_eq!(presses("bob") - earlier("bob"), 2);
    assert_eq!(presses("carol") - earlier("carol"), 2);
    let seen = team.alice.sees("pay");
    let messages: Vec<&str> = seen
        .split("\n\n")
        .filter(|one| one.contains("orders"))
        .collect();
    assert!(messages.len() <= 3, "{seen}");
    let lines = phone::lines(&seen);
    // The card that is done keeps who approved and who looked.
    assert!(lines <= 15, "{lines}: {seen}");
    insta::assert_snapshot!("what_the_channel_reads", masked(&seen));
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn a_look_that_is_too_old_makes_no_observer_on_the_card() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off commodity-id:ons-cn-0pp1abc2d34 team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let wish = "/downgrade instance:orders by:unsubscribe";
    types(&team.dave, "ops", wish).await.has("is open as #1");
    let card = team.dave.finds("pay", "#1 downgrade").await;
    let permit = team.dave.clicks("Permit to set Downgrade").on(&card).await;
    permit.reply().await.has("for dave");
    card.until("holds the permit").await;
    let done = team.dave.clicks("I set Downgrade").on(&card).await;
    done.reply().await.has("Done");
    card.until("(Approve)").await;
    team.approves(&team.bob, &card, "Downgrade")
        .await
        .has("you approved");
    card.until("observers** 2/2").await;
    bot.passes("25h").await;
    let looked = "/action instance:orders action:downgrade";
    types(&team.dave, "ops", looked).await.has("orders");
    card.until("observers** 1/2 dave").await;
    bot.stop().await;
}

/// Without what differs each time.
fn masked(text: &str) -> String {
    let ids = regex::Regex::new(r"\d{17,20}").unwrap();
    ids.replace_all(text, "ID").into_owned()
}
