//! One server that follows one instance, and somebody who manages it.

use std::time::Duration;

use edition_warden::store::{Store, Tx};

use super::fake::people::{Guild, Person};
use super::fake::{FakeDiscord, Options};
use super::live::Live;
use super::team::ORDERS;

pub(super) struct Day {
    pub(super) discord: FakeDiscord,
    pub(super) guild: Guild,
    pub(super) olga: Person,
    pub(super) store: Store,
    pub(super) bot: Live,
}

impl Day {
    /// A server that follows one instance.
    pub(super) async fn begins() -> Self {
        Self::begins_with(Options {
            // Longer than the bot waits for an answer.
            patience: Duration::from_secs(30),
            ..Options::default()
        })
        .await
    }

    pub(super) async fn begins_with(options: Options) -> Self {
        let discord = FakeDiscord::with(options).await;
        let guild = discord.guild("acme").channel("ops");
        let olga = guild.owner("olga");
        let store = crate::harness::new_store().await;
        let bot = Live::start(&discord, store.clone(), guild.channel_id("ops")).await;
        let day = Self {
            discord,
            guild,
            olga,
            store,
            bot,
        };
        let add = format!(
            "/instance add id:{ORDERS} name:orders region:cn-hangzhou edition:standard max-tps:5000 busy:off"
        );
        let added = day.olga.slash_text(&add).in_("ops").await;
        added.reply().await.has("tracking");
        day
    }

    /// Nothing is decided for the server until this is dropped.
    pub(super) async fn holds(&self) -> Tx {
        let workspace = self.guild.id.to_string();
        self.store.write(&workspace.into()).await.unwrap()
    }

    /// How many messages of the channel hold these words.
    pub(super) fn said(&self, words: &str) -> usize {
        self.discord.said(self.guild.channel_id("ops"), words)
    }

    /// Olga is answered, by command and by mention.
    pub(super) async fn goes_on(&self) {
        let shown = self.olga.slash_text("/instance list").in_("ops").await;
        shown.reply().await.has("orders");
        self.olga.says("ops", "<@bot> changes").await;
        self.olga.finds("ops", "No open changes").await;
    }
}
