//! How many lines a phone's screen gives to what the bot says: at 480 px, 46 characters are a line.

use std::sync::LazyLock;

use regex::Regex;

use super::fake::people::Seen;
use super::team::{BILLING, ORDERS, Team, types};

/// The characters of a line at 480 px.
const WIDTH: usize = 46;

/// The characters of a line in a code block at 480 px.
const CODE: usize = 35;

/// The lines of what `Seen::text` and `Person::sees` show of the bot's messages: a mention above a card, the card's text and its
/// footer, each wrapped. Buttons are not counted, nor what frames a code block.
pub(super) fn lines(shown: &str) -> usize {
    let mut is_code = false;
    let lines = shown.lines().map(|line| {
        is_code ^= line.trim() == "| ```";
        lines_of(line, if is_code { CODE } else { WIDTH })
    });
    lines.sum()
}

fn lines_of(line: &str, width: usize) -> usize {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\w+: ").unwrap());
    let said = match line.trim_start().strip_prefix("| ") {
        Some("```") => return 0,
        Some(card) => as_shown(card),
        None if HEAD.is_match(line) => as_shown(&HEAD.replace(line, "")),
        None => return 0,
    };
    match said.trim() {
        "" => 0,
        said => textwrap::wrap(said, width).len(),
    }
}

/// A line without markup; a time, a mention and a command take the room of what they show.
fn as_shown(line: &str) -> String {
    static MARKUP: LazyLock<[(Regex, &str); 7]> = LazyLock::new(|| {
        let markup = |pattern: &str| Regex::new(pattern).unwrap();
        [
            // What is still to come is no few seconds ago.
            (
                markup(r"(lapses|expires|ends) <t:-?\d+:R>"),
                "$1 in 24 hours",
            ),
            (markup(r"<t:-?\d+:R>"), "a few seconds ago"),
            (markup(r"<t:-?\d+:F>"), "Sunday, 1 March 2026 00:00"),
            (markup(r"<t:-?\d+:f>"), "1 March 2026 00:00"),
            (markup(r"<(@&?|#)\d+>"), "@platform"),
            (markup(r"</([^:>]+):\d+>"), "/$1"),
            (markup(r"^\(only \w+ sees this\) |[*`\\]"), ""),
        ]
    });
    let plain = |line: String, (pattern, shown): &(Regex, &str)| {
        pattern.replace_all(&line, *shown).into_owned()
    };
    MARKUP.iter().fold(line.to_owned(), plain)
}

#[test]
fn a_phone_wraps_what_a_card_says() {
    let shown = "warden: <@&1234> <@1>\n  | **A title.**\n  | ```\n  | MQ_INST_1080056302921134_BXuIbML7\n  | ```\n  \
                 | **action** Downgrade, somebody with a name, <t:1767225600:R>\n  (Approve) (Reject)\n";
    assert_eq!(lines(shown), 1 + 1 + 1 + 2);
    assert_eq!(lines("warden: (only dave sees this) \n  | \n"), 0);
}

/// Requests, permits and notices: twelve lines are wanted of each. What is longer says how long it is.
#[tokio::test]
async fn cards_fit_a_phone() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let fits = |name: &str, most: usize, seen: &Seen| {
        let text = seen.text();
        assert!(lines(text) <= most, "{name}: {}\n{text}", lines(text));
    };

    let facts = "edition:standard max-tps:4000 busy:off team:platform";
    team.adds(BILLING, "billing", facts).await;
    types(&team.dave, "ops", "/upgrade instance:billing").await;
    let card = team.dave.finds("plat", "#1 upgrade of billing").await;
    fits("the card of an upgrade", 11, &card.until("0/1").await);
    let request = team.bob.finds("plat", "Approval asked").await;
    request.has("consumers rebalance").has("no direct way back");
    fits("a request to upgrade", 12, &request);
    team.bob.clicks("Approve").on(&card).await.reply().await;
    card.until("1/1").await;
    let permit = team.dave.clicks("Permit to upgrade").on(&card).await;
    fits("a permit to upgrade", 12, &permit.reply().await);

    let facts = "edition:platinum expires:2026-03-01 auto-renew:off commodity-id:ons-cn-0pp1abc2d34 team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let wish = "/downgrade instance:orders by:expiry";
    types(&team.alice, "ops", wish).await;
    let card = team.alice.finds("pay", "#2 downgrade").await;
    let permit = team.dave.clicks("Permit to set Downgrade").on(&card).await;
    fits("a permit to set Downgrade", 12, &permit.reply().await);
    card.until("holds the permit").await;
    let done = team.dave.clicks("I set Downgrade").on(&card).await;
    done.reply().await.has("Done");
    fits("the card of an expiry", 12, &card.until("0/1").await);
    let request = team.bob.finds("pay", "Approval asked").await;
    request.has("**expires** <t:1772294400:f>, <t:1772294400:R>");
    request.has("**instance id** `MQ_INST_1080056302921134_BXuIbML7`");
    // With whom it calls, twelve lines and one.
    fits("a request to wait for the expiry", 13, &request);

    for (name, words) in [
        (
            "not recognised",
            "will leave us on 2026-03-08, so back up what it holds",
        ),
        ("expiry", "will expire on 2026-03-01"),
        ("expiry", "will expire on 2026-02-20"),
        ("something gone", "has been released"),
    ] {
        let text = format!("/notice text:Your instance {ORDERS} {words}");
        let answer = types(&team.dave, "ops", &text).await;
        answer.has(&format!(", {name}: orders"));
        fits(words, 12, &answer);
        let first = answer
            .text()
            .lines()
            .nth(1)
            .unwrap()
            .trim_matches([' ', '|', '*']);
        let post = team.alice.finds("pay", &format!("{first}**\n")).await;
        fits(words, 13, &post);
    }
    let question = types(&team.bob, "ops", "/wording number:3").await;
    fits("the question what a wording means", 12, &question);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
