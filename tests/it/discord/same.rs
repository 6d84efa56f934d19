//! Whatever goes wrong on the way, the story ends the same: the same messages, each once, and the same trail.

use std::time::Duration;

use regex::Regex;
use rstest::rstest;
use serde_json::json;

use super::fake::faults::Fault;
use super::fake::people::Deed;
use super::fake::{FakeDiscord, Options};
use super::live::Live;
use super::team::{BILLING, Team, types};

/// What goes wrong while somebody does something.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mishap {
    Nothing,
    /// With every kind of request, once each.
    Requests(Fault),
    Cut,
    Reconnect,
    Invalid {
        resumable: bool,
    },
    Closed(u16),
    /// The gateway ends the bot, and a supervisor starts it again.
    Ended(u16),
    Zombie,
    Doubled,
    Reversed,
    Unknown,
    Unavailable,
}

impl Mishap {
    /// Before how many deeds there is one of these: where the bot waits for seconds, not before each.
    const fn every(self) -> u32 {
        match self {
            Self::Invalid { resumable: false } | Self::Ended(_) | Self::Zombie => 4,
            _ => 1,
        }
    }
}

/// The kinds of requests in the story.
const ROUTES: [&str; 5] = [
    "POST /interactions/*/*/callback",
    "POST /channels/*/messages",
    "PATCH /channels/*/messages/*",
    "POST /channels/*/messages/*/threads",
    "GET /channels/*/messages",
];

struct Story {
    team: Team,
    bot: Option<Live>,
    mishap: Mishap,
    deeds: u32,
}

impl Story {
    async fn begins(mishap: Mishap) -> Self {
        let discord = FakeDiscord::with(Options {
            // Longer than the bot waits for an answer.
            patience: Duration::from_secs(60),
            heartbeat_interval: match mishap {
                Mishap::Zombie => Duration::from_millis(400),
                _ => Options::default().heartbeat_interval,
            },
            ..Options::default()
        });
        let team = Team::gather_on(discord.await).await;
        let bot = Some(team.start().await);
        team.is_set_up().await;
        let facts = "edition:standard max-tps:5000 busy:off team:platform";
        team.adds(BILLING, "billing", facts).await;
        Self {
            team,
            bot,
            mishap,
            deeds: 0,
        }
    }

    async fn strikes(&mut self) {
        self.deeds += 1;
        if !(self.deeds - 1).is_multiple_of(self.mishap.every()) {
            return;
        }
        let discord = &self.team.discord;
        let gateway = discord.gateway();
        match self.mishap {
            Mishap::Nothing => {}
            Mishap::Requests(fault) => {
                discord.faults().clear();
                // A post that is never answered keeps its sender for ten seconds: `weather` has that.
                let routes = match fault {
                    Fault::Hang => &ROUTES[..1],
                    _ => &ROUTES,
                };
                for route in routes {
                    discord.faults().next(route, 1, fault);
                }
            }
            Mishap::Cut => discord.reconnects(|| gateway.cut()).await,
            Mishap::Reconnect => discord.reconnects(|| gateway.reconnect()).await,
            Mishap::Invalid { resumable } => {
                discord
                    .reconnects(|| gateway.invalid_session(resumable))
                    .await;
            }
            Mishap::Closed(code) => discord.reconnects(|| gateway.close(code)).await,
            Mishap::Zombie => discord.reconnects(|| gateway.zombie()).await,
            Mishap::Ended(code) => {
                gateway.close(code);
                let bot = self.bot.take().unwrap();
                let at = bot.clock.now();
                bot.breaks().await;
                let (store, ops) = (self.team.store.clone(), self.team.guild.channel_id("ops"));
                self.bot = Some(Live::start_at(discord, store, ops, at).await);
            }
            Mishap::Doubled => gateway.doubles(true),
            Mishap::Reversed => gateway.holds(),
            Mishap::Unknown => {
                gateway.sends("SOMETHING_NEW", json!({ "guild_id": "1", "odd": [1, 2] }));
            }
            Mishap::Unavailable => {
                self.team.guild.goes_unavailable();
                self.team.guild.comes_back();
            }
        }
    }

    /// Something is done; what was held back of it comes the wrong way round.
    async fn does(&mut self, deed: impl Future<Output = Deed>) -> Deed {
        self.strikes().await;
        let deed = deed.await;
        if self.mishap == Mishap::Reversed {
            let listed = self
                .team
                .olga
                .slash_text("/instance list")
                .in_("alerts")
                .await;
            self.team.discord.gateway().releases_reversed();
            listed.reply().await.has("billing");
        }
        deed
    }

    /// What is to be said is said, also at the second or third try.
    async fn settles(&self) {
        self.bot.as_ref().unwrap().passes("10m").await;
    }

    /// All that everybody sees in the end, channel by channel, and what the trail holds.
    async fn ending(&self) -> String {
        let Team { discord, guild, .. } = &self.team;
        let mut lines = Vec::new();
        for name in ["ops", "alerts", "pay", "plat"] {
            let channel = guild.channel_id(name);
            let mut said: Vec<String> = discord.look(|world| {
                let all = world.messages.values();
                let all = all.filter(|one| one.channel == channel && one.reader.is_none());
                all.map(|one| world.text(one)).collect()
            });
            // An answer and a post may overtake each other.
            said.sort();
            lines.extend(said.into_iter().map(|text| format!("{name}: {text}")));
        }
        // What was sent is recorded between what people did, some of it at a later try.
        let rows = self.team.trail().await;
        let (sent, done): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|row| row.contains(" by delivery: "));
        lines.extend(done);
        let outcome = |row: &String| row.split_once(" by ").map(|(_, rest)| rest.to_owned());
        lines.extend(sent.iter().filter_map(outcome));
        let text = lines.join("\n");
        let ids = Regex::new(r"\d{17,20}").unwrap();
        let text = ids.replace_all(&text, "ID");
        // Where the commands come late, what is hinted at is not pressed yet.
        text.replace("</next:ID> `target:1`", "`next 1`")
    }
}

#[rstest]
#[case::nothing(Mishap::Nothing)]
#[case::too_many_of_a_kind(Mishap::Requests(Fault::TooMany { retry_after: 0.3, global: false }))]
#[case::too_many_of_all(Mishap::Requests(Fault::TooMany { retry_after: 0.3, global: true }))]
#[case::an_error(Mishap::Requests(Fault::Status(500)))]
#[case::a_closed_socket(Mishap::Requests(Fault::Closed))]
#[case::a_lost_answer(Mishap::Requests(Fault::Lost))]
#[case::no_answer(Mishap::Requests(Fault::Hang))]
#[case::the_connection_is_cut(Mishap::Cut)]
#[case::op_7(Mishap::Reconnect)]
#[case::op_9_resumable(Mishap::Invalid { resumable: true })]
#[case::op_9(Mishap::Invalid { resumable: false })]
#[case::code_4000(Mishap::Closed(4000))]
#[case::code_4004(Mishap::Ended(4004))]
#[case::code_4014(Mishap::Ended(4014))]
#[case::a_zombie(Mishap::Zombie)]
#[case::doubled_events(Mishap::Doubled)]
#[case::reordered_events(Mishap::Reversed)]
#[case::an_unknown_event(Mishap::Unknown)]
#[case::an_unavailable_guild(Mishap::Unavailable)]
#[tokio::test]
async fn the_story_ends_the_same(#[case] mishap: Mishap) {
    let mut story = Story::begins(mishap).await;
    let (bob, dave) = (story.team.bob.clone(), story.team.dave.clone());

    let open = dave.slash_text("/upgrade instance:billing");
    let opened = story.does(open.in_("ops")).await;
    opened.reply().await.has("Needs approval");
    story.settles().await;
    let card = dave.finds("plat", "#1 upgrade of billing").await;

    let press = bob.clicks("Approve").on(&card);
    let approved = story.does(press).await;
    approved.reply().await.has("approved");
    story.settles().await;

    let press = dave.clicks("Permit to upgrade").on(&card);
    let permit = story.does(press).await.reply().await;
    permit.has("for dave");
    story.settles().await;
    card.until("holds the permit").await;
    let press = dave.clicks("I upgraded it").on(&card);
    story.does(press).await.reply().await.has("Done");
    story.settles().await;
    card.until("✓ upgrade").await;

    let press = dave.clicks("When it expires").on(&card);
    let form = story.does(press).await.modal().await;
    let filled = dave.submits(&form, &[("text", "2027-01-01")]);
    story.does(filled).await.reply().await.has("Done");
    story.settles().await;
    card.until("✓ record-expiry").await;
    let press = dave.clicks("Console shows Downgrade").on(&card);
    let question = story.does(press).await.reply().await;
    let press = dave.clicks("Downgrade").on(&question);
    story.does(press).await.reply().await.has("Done");
    story.settles().await;
    card.until("is done").await;

    story.team.discord.faults().clear();
    let after = types(&story.team.alice, "ops", "/changes all:true").await;
    after.has("#1");
    insta::assert_snapshot!("the_story_ends", story.ending().await);
    assert_eq!(story.team.discord.violations(), Vec::<String>::new());
    story.bot.take().unwrap().stop().await;
}
