//! Answers that come too late for Discord, or that it failed to take: whoever asked hears of it all the same, once, and
//! nobody else hears what was for them alone.

use std::time::Duration;

use edition_warden::store::Store;
use rstest::rstest;

use super::fake::faults::Fault;
use super::fake::people::{Guild, Person};
use super::fake::{FakeDiscord, Options};
use super::live::Live;
use super::team::ORDERS;

const CALLBACK: &str = "POST /interactions/*/*/callback";
const QUARTER: Duration = Duration::from_mins(16);

struct Room {
    discord: FakeDiscord,
    guild: Guild,
    olga: Person,
    nina: Person,
    store: Store,
    bot: Live,
}

impl Room {
    /// A server that follows one instance; Olga manages it, and Nina has no role.
    async fn opens() -> Self {
        let discord = FakeDiscord::with(Options {
            patience: Duration::from_secs(30),
            ..Options::default()
        })
        .await;
        let guild = discord.guild("acme").channel("ops");
        let (olga, nina) = (guild.owner("olga"), guild.member("nina", &[]));
        let store = Store::in_memory().await.unwrap();
        let bot = Live::start(&discord, store.clone(), guild.channel_id("ops")).await;
        let add = format!(
            "/instance add id:{ORDERS} name:orders region:cn-hangzhou edition:standard max-tps:5000 busy:off"
        );
        let added = olga.slash_text(&add).in_("ops").await;
        added.reply().await.has("tracking");
        Self {
            discord,
            guild,
            olga,
            nina,
            store,
            bot,
        }
    }

    /// How many messages that everybody sees hold these words.
    fn said(&self, words: &str) -> usize {
        let ops = self.guild.channel_id("ops");
        self.discord.look(|world| {
            let all = world.messages.values().filter(|one| one.channel == ops);
            all.filter(|one| one.reader.is_none() && world.text(one).contains(words))
                .count()
        })
    }
}

#[tokio::test]
async fn a_decision_after_a_quarter_of_an_hour_is_an_ordinary_message() {
    let room = Room::opens().await;
    let busy = room.store.write("elsewhere").await.unwrap();
    let asked = room.olga.slash_text("/upgrade instance:orders");
    let asked = asked.in_("ops").await;
    asked.acknowledged().await;
    room.discord.passes(QUARTER);
    drop(busy);
    let said = room.olga.finds("ops", "Needs approval").await;
    assert!(!said.is_ephemeral());
    assert_eq!(room.said("Needs approval"), 1);
    room.bot.stop().await;
}

#[tokio::test]
async fn what_is_for_one_person_is_not_said_to_all_after_a_quarter_of_an_hour() {
    let room = Room::opens().await;
    let busy = room.store.write("elsewhere").await.unwrap();
    let asked = room.nina.slash_text("/upgrade instance:orders");
    let asked = asked.in_("ops").await;
    asked.acknowledged().await;
    room.discord.passes(QUARTER);
    drop(busy);
    let said = room.nina.finds("ops", "please ask again").await;
    said.has("too late for Discord");
    assert_eq!(room.said("Denied"), 0);
    let pings = room.discord.pings();
    assert_eq!(pings.len(), 1, "{pings:?}");
    room.bot.stop().await;
}

#[rstest]
#[case::hang(Fault::Hang)]
#[case::pause(Fault::TooMany { retry_after: 0.4, global: false })]
#[tokio::test]
async fn a_first_answer_that_is_not_taken_comes_again_in_time(#[case] fault: Fault) {
    let room = Room::opens().await;
    room.discord.faults().next(CALLBACK, 1, fault);
    let asked = room.olga.slash_text("/upgrade instance:orders");
    let asked = asked.in_("ops").await;
    asked.reply().await.has("Needs approval");
    assert!(asked.acknowledged().await.num_seconds() < 3);
    room.bot.stop().await;
}

#[tokio::test]
async fn when_discord_takes_no_first_answer_the_channel_hears() {
    let room = Room::opens().await;
    room.discord.faults().every(CALLBACK, Fault::Status(503));
    room.olga
        .slash_text("/upgrade instance:orders")
        .in_("ops")
        .await;
    room.olga.finds("ops", "Needs approval").await;
    room.nina
        .slash_text("/upgrade instance:orders")
        .in_("ops")
        .await;
    room.nina.finds("ops", "please ask again").await;
    assert_eq!((room.said("Needs approval"), room.said("Denied")), (1, 0));
    room.bot.stop().await;
}

#[rstest]
#[case::an_error(Fault::Status(502))]
#[case::a_pause(Fault::TooMany { retry_after: 0.3, global: false })]
#[case::a_closed_connection(Fault::Closed)]
#[case::a_lost_answer(Fault::Lost)]
#[tokio::test]
async fn what_follows_a_deferral_is_not_lost(#[case] fault: Fault) {
    let room = Room::opens().await;
    let busy = room.store.write("elsewhere").await.unwrap();
    let asked = room.olga.slash_text("/upgrade instance:orders");
    let asked = asked.in_("ops").await;
    asked.acknowledged().await;
    let faults = room.discord.faults();
    faults.next("PATCH /webhooks/*/*/messages/@original", 1, fault);
    faults.next("POST /webhooks/*/*", 1, fault);
    drop(busy);
    // Where nobody knows whether the others heard it, whoever asked does, and there are never two for all.
    room.olga.finds("ops", "Needs approval").await;
    let public = room.said("Needs approval");
    let lost = fault == Fault::Closed;
    assert_eq!(public, usize::from(!lost));
    room.bot.stop().await;
}
