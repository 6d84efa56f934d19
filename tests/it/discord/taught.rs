//! Wordings that are taught by buttons, notices that a change explains, and a press that two processes hear of.

use super::fake::people::{Person, Seen};
use super::team::{ORDERS, Team, types};

const FACTS: &str = "edition:platinum expires:2026-03-01 action:downgrade team:payments";

async fn hands_in(team: &Team, text: &str) -> Seen {
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    let text = format!("/notice text:{}", text.replace("ID", ORDERS));
    types(&team.alice, "ops", &text)
        .await
        .has("Raised: notice 1");
    team.alice.finds("pay", "| notice").await
}

/// The wording of a notice with its slots, as one person alone sees it.
async fn shows_wording(person: &Person, post: &Seen) -> Seen {
    let question = person.clicks("Teach its wording").on(post).await;
    let question = question.reply().await;
    assert!(question.is_ephemeral());
    question.has("with its slots");
    question
}

async fn teaches_as(person: &Person, post: &Seen, kind: &str) -> Seen {
    let question = shows_wording(person, post).await;
    person.clicks(kind).on(&question).await.reply().await
}

/// What no release may say is still taught as something else.
#[tokio::test]
async fn what_is_no_release_is_taught_as_something_else() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let text = "Your instance ID will be released on 2026-03-08 with 2 topics.";
    let post = hands_in(&team, text).await;
    let question = shows_wording(&team.bob, &post).await;
    question.has("A release it cannot be");
    assert_eq!(question.buttons(), ["An expiry", "Something else"]);
    teaches_as(&team.bob, &post, "Something else")
        .await
        .has("Needs approval: bob says that notice 1 is a notice of something else");
    teaches_as(&team.carol, &post, "Something else")
        .await
        .has("is taught by bob and carol")
        .has("always raised");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// What a notice calls gone is answered by its buttons.
#[tokio::test]
async fn what_is_called_gone_is_answered_by_buttons() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let post = hands_in(&team, "Your instance ID has been released.").await;
    let answers = ["Why", "Still there", "It is gone", "It is Standard now"];
    assert_eq!(post.buttons(), answers);
    let press = team.olga.clicks("It is gone").on(&post).await;
    let form = press.modal().await;
    let lost = team
        .olga
        .submits(&form, &[("text", "the console has it no more")]);
    lost.await.reply().await.has("Done");
    team.discord
        .until("the loss to be recorded", |world| {
            let told = |one: &super::fake::message::Message| {
                world.text(one).contains("the console has it no more")
            };
            world.messages.values().any(told).then_some(())
        })
        .await;
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// A wording is taught by two presses of approvers, neither of whom handed it in.
#[tokio::test]
async fn a_wording_is_taught_by_its_button() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let text = "RocketMQ news, the release of instance ID (orders) is planned for 2026-03-08. Log in to renew it.";
    let post = hands_in(&team, text).await;
    let looks = ["Still Downgrade", "Console shows Delete", "Next step"];
    let teaches = ["I know of it", "Why", "Teach its wording"];
    assert_eq!(post.buttons(), [teaches, looks].concat());
    let teach = async |person: &Person| teaches_as(person, &post, "A release").await;
    teach(&team.dave).await.has("Denied");
    teach(&team.bob)
        .await
        .has("Needs approval: bob says that notice 1 is a release notice");
    teach(&team.bob).await.has("Needs approval");
    // Who may not approve any more has not said it: the second is the first then.
    team.guild.removes_role("bob", "leads");
    teach(&team.carol)
        .await
        .has("Needs approval: carol says that notice 1 is a release notice");
    team.guild.gives_role("bob", "leads");
    teach(&team.bob).await.has("is taught by carol and bob");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Of two dates people say which is which, and both have to say the same.
#[tokio::test]
async fn of_two_dates_both_say_which_is_which() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let text = "RocketMQ news, instance ID (orders) ends on 2026-03-01, and its release is planned for 2026-03-08. Log in to renew it.";
    let post = hands_in(&team, text).await;
    let (release, expiry) = (
        "A release; the first date is the release",
        "A release; the first date is the expiry",
    );
    teaches_as(&team.bob, &post, release)
        .await
        .has("Needs approval: bob says")
        .has("first date is the release");
    let question = shows_wording(&team.carol, &post).await;
    question.has("bob has said that it is a release notice whose first date is the release");
    assert_eq!(question.buttons().len(), 6);
    teaches_as(&team.carol, &post, expiry)
        .await
        .has("Needs approval: carol says")
        .has("first date is the expiry");
    teaches_as(&team.bob, &post, expiry)
        .await
        .has("is taught by carol and bob");
    bot.stop().await;
}

/// What a change explains is said in its thread, and nowhere else.
#[tokio::test]
async fn an_echo_of_a_change_stays_in_its_thread() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    let wish = "/downgrade instance:orders by:unsubscribe";
    types(&team.alice, "ops", wish).await.has("is open as #1");
    let card = team.alice.finds("pay", "#1 downgrade").await;
    let outside = "/confirm change:1 step:unsubscribe outside:true reason:by hand";
    types(&team.olga, "ops", outside).await.has("Done");
    card.until("▶ verify-standard").await;
    let seen = "/confirm change:1 step:verify-standard";
    types(&team.olga, "ops", seen).await.has("Done");
    let gone = format!("/notice text:Your instance {ORDERS} has been unsubscribed.");
    types(&team.alice, "ops", &gone).await.has("Raised");
    team.alice.finds("#1 orders", "#1 explains it").await;
    for channel in ["pay", "alerts"] {
        assert_eq!(team.counts(channel, "explains it").0, 0, "{channel}");
    }
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Two processes on one database hear of everything twice, and decide it once.
#[tokio::test]
async fn two_processes_decide_a_press_once() {
    let team = Team::gather().await;
    let one = team.start().await;
    team.is_set_up().await;
    let other = team.start().await;
    let facts = FACTS.replace("downgrade", "delete");
    team.adds(ORDERS, "orders", &facts).await;
    let wish = "/downgrade instance:orders by:unsubscribe";
    types(&team.alice, "ops", wish).await;
    let card = team.alice.finds("pay", "#1 downgrade").await;
    let press = team.olga.clicks("Permit to set Downgrade").on(&card).await;
    press.reply().await;
    let trail = team.trail().await;
    for said in ["instance add", "downgrade", "next"] {
        let decided = trail
            .iter()
            .filter(|row| row.contains(&format!(": {said} ")));
        assert_eq!(decided.count(), 1, "{said}: {trail:#?}");
    }
    other.stop().await;
    one.stop().await;
}
