//! The people of a team and what they do again and again.

use edition_warden::store::Store;

use super::fake::FakeDiscord;
use super::fake::people::{Guild, Person, Seen};
use super::live::Live;

pub(super) const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";
pub(super) const BILLING: &str = "MQ_INST_1080056302921134_BYyZzAA1";

/// A server with two teams, and everybody in it.
pub(super) struct Team {
    pub(super) discord: FakeDiscord,
    pub(super) guild: Guild,
    pub(super) store: Store,
    pub(super) olga: Person,
    pub(super) alice: Person,
    pub(super) bob: Person,
    pub(super) carol: Person,
    pub(super) dave: Person,
}

/// Types a command in a channel and reads the answer.
pub(super) async fn types(person: &Person, channel: &str, text: &str) -> Seen {
    person.slash_text(text).in_(channel).await.reply().await
}

impl Team {
    pub(super) async fn gather() -> Self {
        Self::gather_on(FakeDiscord::start().await).await
    }

    pub(super) async fn gather_on(discord: FakeDiscord) -> Self {
        let guild = discord.guild("acme");
        Self::gather_in(discord, guild).await
    }

    /// In a server that has not invited the bot yet.
    pub(super) async fn gather_without_bot() -> Self {
        let discord = FakeDiscord::start().await;
        let guild = discord.guild_without_bot("acme");
        Self::gather_in(discord, guild).await
    }

    async fn gather_in(discord: FakeDiscord, guild: Guild) -> Self {
        let guild = guild
            .channel("ops")
            .channel("alerts")
            .channel("pay")
            .channel("plat");
        let guild = guild.role("leads").role("devs").role("chiefs");
        let guild = guild.role("payers").role("platformers");
        Self {
            olga: guild.owner("olga"),
            alice: guild.member("alice", &["devs", "payers"]),
            bob: guild.member("bob", &["leads", "platformers"]),
            carol: guild.member("carol", &["leads", "payers"]),
            dave: guild.member("dave", &["devs", "platformers"]),
            store: crate::harness::new_store().await,
            discord,
            guild,
        }
    }

    pub(super) async fn start(&self) -> Live {
        let ops = self.guild.channel_id("ops");
        Live::start(&self.discord, self.store.clone(), ops).await
    }

    /// The bot ends and is started again on the same database.
    pub(super) async fn restart(&self, bot: Live) -> Live {
        let at = bot.clock.now();
        bot.stop().await;
        let ops = self.guild.channel_id("ops");
        Live::start_at(&self.discord, self.store.clone(), ops, at).await
    }

    /// Olga says who is who and where to speak.
    pub(super) async fn is_set_up(&self) {
        let role = |name: &str| format!("<@&{}>", self.guild.role_id(name));
        let pay = role("payers");
        let plat = role("platformers");
        for text in [
            format!("/settings role role:approver roles:{}", role("leads")),
            format!("/settings role role:requester roles:{}", role("devs")),
            format!("/settings role role:admin roles:{}", role("chiefs")),
            format!("/settings role role:viewer roles:{pay} {plat}"),
            format!("/settings team name:payments channel:pay members:{pay} mention:{pay}"),
            format!("/settings team name:platform channel:plat members:{plat} mention:{plat}"),
            "/settings channel kind:default channel:ops".to_owned(),
            "/settings channel kind:alerts channel:alerts".to_owned(),
        ] {
            types(&self.olga, "ops", &text).await.has(" is ");
        }
        self.guild.gives_role("olga", "chiefs");
    }

    pub(super) async fn adds(&self, id: &str, name: &str, rest: &str) {
        let text = format!("/instance add id:{id} name:{name} region:cn-hangzhou {rest}");
        types(&self.olga, "ops", &text).await.has("tracking");
    }

    /// Approves a downgrade, and says what the console shows.
    pub(super) async fn approves(&self, person: &Person, card: &Seen, looked: &str) -> Seen {
        let question = person.clicks("Approve").on(card).await.reply().await;
        assert!(question.is_ephemeral());
        question
            .has("What does the vendor's console show")
            .has("· cn-hangzhou")
            .has("**instance id** `MQ_INST")
            .has("(#");
        person.clicks(looked).on(&question).await.reply().await
    }

    /// Says that the console shows Downgrade, which is asked about: the question names the instance.
    pub(super) async fn sees_downgrade(person: &Person, label: &str, on: &Seen) -> Seen {
        let question = person.clicks(label).on(on).await.reply().await;
        assert!(question.is_ephemeral());
        question
            .has("What does the vendor's console show")
            .has("· cn-hangzhou")
            .has("**instance id** `MQ_INST");
        assert_eq!(question.buttons(), ["Downgrade", "Delete"]);
        person.clicks("Downgrade").on(&question).await.reply().await
    }

    /// Whether the bot has recorded where the card of a change is.
    pub(super) async fn has_placed_the_card_of(&self, change: u64) -> bool {
        let workspace = self.guild.id.to_string();
        let mut glance = self.store.glance(&workspace.into()).await.unwrap();
        let card = glance.card(change).await.unwrap();
        card.is_some_and(|card| card.message.is_some())
    }

    /// How many messages of a channel hold these words, and how many threads it has.
    pub(super) fn counts(&self, channel: &str, words: &str) -> (usize, usize) {
        let channel = self.guild.channel_id(channel);
        let threads = self.discord.look(|world| {
            let threads = world.channels.values();
            threads.filter(|one| one.parent == Some(channel)).count()
        });
        (self.discord.said(channel, words), threads)
    }

    /// The guild's trail: who did what, from where, and what came of it.
    pub(super) async fn trail(&self) -> Vec<String> {
        let workspace = self.guild.id.to_string();
        let mut read = self.store.read(&workspace.into()).await.unwrap();
        let part = read.audit_part(i64::MIN).await.unwrap();
        assert_eq!((part.unreadable, part.next), (None, None));
        let rows = part.rows.into_iter().map(|row| {
            let who = row.by_name.unwrap_or_default();
            format!(
                "{} {who} by {}: {} -> {} {}",
                row.at_ms, row.surface, row.said, row.outcome, row.rules
            )
        });
        rows.collect()
    }
}
