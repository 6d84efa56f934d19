//! A whole downgrade as each of four people reads it: the one who asked, two who approve, and somebody who only stands by.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regex::Regex;

use super::fake::clock::Id;
use super::fake::people::{Person, Seen};
use super::fake::world::World;
use super::pictures::named_text;
use super::team::{ORDERS, Team};

/// What one person has read.
struct Eyes {
    person: Person,
    read: BTreeMap<Id, String>,
    transcript: String,
}

impl Eyes {
    fn of(person: &Person) -> Self {
        Self {
            person: person.clone(),
            read: BTreeMap::new(),
            transcript: String::new(),
        }
    }

    /// Reads what is new, and what has changed since.
    fn read(&mut self, world: &World) {
        for message in world.messages.values() {
            let (id, reader) = (message.id, message.reader);
            let place = &world.channels[&message.channel];
            let others = [reader, place.recipient].into_iter().flatten();
            if others.into_iter().any(|one| one != self.person.user) {
                continue;
            }
            let text = unlinked(&named_text(world, world.text(message)));
            let before = self.read.insert(id, text.clone());
            if before.as_ref() == Some(&text) {
                continue;
            }
            let place = &place.name;
            let how = if before.is_some() { "now reads" } else { "" };
            let head = format!("[{place}] {how}");
            let _ = writeln!(self.transcript, "{}", head.trim_end());
            for line in text.lines() {
                let _ = writeln!(self.transcript, "    {}", line.trim_end());
            }
        }
    }
}

/// A text without what differs each time: ids, and whether the card was there before the answer that leads to it.
fn unlinked(text: &str) -> String {
    let card = Regex::new(r"Its card: \S+").unwrap();
    let id = Regex::new(r"\d{17,20}").unwrap();
    let text = card.replace_all(text, "Its card: (a link)");
    id.replace_all(&text, "ID").into_owned()
}

/// Four people before one screen.
struct Audience<'a> {
    team: &'a Team,
    eyes: [Eyes; 4],
}

impl Audience<'_> {
    /// Somebody does something; once all of these words can be read, each in one message (those around `&&` in the same),
    /// everybody has read what came of it. What is said of one change comes in its order, so that the last is waited for.
    async fn after(&mut self, deed: &str, words: &[&str]) {
        for words in words {
            let all = |world: &World| {
                let mut said = world.messages.values().map(|one| world.text(one));
                let holds = |text: String| words.split("&&").all(|part| text.contains(part));
                said.any(holds).then_some(())
            };
            self.team.discord.until(words, all).await;
        }
        self.team.discord.look(|world| {
            for eyes in &mut self.eyes {
                let _ = writeln!(eyes.transcript, "\n-- {deed} --");
                eyes.read(world);
            }
        });
    }
}

#[tokio::test]
async fn a_whole_downgrade_is_read_by_four_people() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off commodity-id:ons-cn-0pp1abc2d34 team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let mut all = Audience {
        team: &team,
        eyes: [&team.dave, &team.bob, &team.carol, &team.alice].map(Eyes::of),
    };
    team.discord.look(|world| {
        for eyes in &mut all.eyes {
            eyes.read(world);
            eyes.transcript.clear();
        }
    });
    let wish = "/downgrade instance:orders by:unsubscribe";
    team.dave.slash_text(wish).in_("ops").await.reply().await;
    let card = team.dave.finds("pay", "#1 downgrade").await;
    let thread = "dave: opened a downgrade by unsubscribe";
    all.after(&format!("dave types {wish}"), &[thread]).await;

    let permit = press(&team.dave, "Permit to set Downgrade", &card).await;
    permit.has("for dave");
    let words = ["dave: took the permit for set-action"];
    all.after("dave presses Permit to set Downgrade", &words)
        .await;
    press(&team.dave, "I set Downgrade", &card).await;
    let words = ["dave: set-action confirmed", "Approval asked"];
    all.after("dave presses I set Downgrade", &words).await;

    for (person, words) in [
        (&team.bob, ["bob: approved", "Approval asked&&1/2 bob"]),
        (&team.carol, ["carol: approved", "Approved by bob and"]),
    ] {
        let asked = press(person, "Approve", &card).await;
        press(person, "Downgrade", &asked).await;
        let deed = format!("{} presses Approve, then Downgrade", person.name);
        all.after(&deed, &words).await;
    }

    let form = team.dave.clicks("Permit to unsubscribe").on(&card).await;
    let form = form.modal().await;
    let named = team.dave.submits(&form, &[("text", "orders")]).await;
    let permit = named.reply().await;
    let deed = "dave presses Permit to unsubscribe and types the name";
    all.after(deed, &["dave: took the permit for unsubscribe"])
        .await;
    let done = press(&team.dave, "I unsubscribed it", &permit).await;
    assert_eq!(done.buttons(), ["Console shows Standard"]);
    let deed = "dave presses I unsubscribed it";
    all.after(deed, &["✓ unsubscribe", "dave: unsubscribe confirmed"])
        .await;
    let asked = press(&team.dave, "Console shows Standard", &done).await;
    press(&team.dave, "Standard", &asked).await;
    let deed = "dave presses Console shows Standard, then Standard";
    all.after(deed, &["orders is done", "dave: verify-standard confirmed"])
        .await;

    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
    for eyes in all.eyes {
        let name = format!("a_downgrade_as_{}_reads_it", eyes.person.name);
        insta::assert_snapshot!(name, eyes.transcript);
    }
}

async fn press(person: &Person, label: &str, on: &Seen) -> Seen {
    person.clicks(label).on(on).await.reply().await
}
