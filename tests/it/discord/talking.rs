//! People talk to a real serenity client through the fake.

use super::fake::FakeDiscord;
use super::fake::people::{Guild, Person};
use super::fake::permission::MANAGE_GUILD;
use super::fake::record::{Authorization, Recorded};
use super::pong::Pong;

/// A guild with a bot in it and alice.
struct Scene {
    discord: FakeDiscord,
    pong: Pong,
    guild: Guild,
    alice: Person,
}

async fn scene() -> Scene {
    let discord = FakeDiscord::start().await;
    let guild = discord
        .guild("acme")
        .channel("ops")
        .channel("alerts")
        .role("sre");
    let alice = guild.member("alice", &["sre"]);
    let pong = Pong::start(&discord).await;
    Scene {
        discord,
        pong,
        guild,
        alice,
    }
}

impl Scene {
    /// Serenity understood every event, and did nothing that it must not.
    fn ends(&self) {
        assert_eq!(
            self.pong.unknown(),
            Vec::<String>::new(),
            "{}",
            self.discord.transcript()
        );
        assert_eq!(self.discord.violations(), Vec::<String>::new());
        assert_eq!(
            self.pong.events().first().map(String::as_str),
            Some("READY")
        );
    }
}

#[tokio::test]
async fn a_slash_command_is_answered_where_all_see_it() {
    let scene = scene().await;
    let bob = scene.guild.member("bob", &[]);
    let reply = scene
        .alice
        .slash("/ping", &[])
        .in_("ops")
        .await
        .reply()
        .await;
    reply.has("warden: pong").has("(Again)").lacks("only");
    assert_eq!(reply.buttons(), ["Again"]);
    assert_eq!(bob.sees("ops"), scene.alice.sees("ops"));
    assert_eq!(bob.sees("alerts"), "");
    scene.ends();
}

#[tokio::test]
async fn an_ephemeral_answer_is_seen_by_one() {
    let scene = scene().await;
    let bob = scene.guild.member("bob", &[]);
    let deed = scene
        .alice
        .slash("/ping", &[("quiet", "true")])
        .in_("ops")
        .await;
    assert!(deed.reply().await.is_ephemeral());
    assert_eq!(bob.sees("ops"), "");
    let late = scene
        .alice
        .slash("/slow", &[])
        .in_("ops")
        .await
        .reply()
        .await;
    late.has("at last").has("only alice sees this");
    assert_eq!(bob.sees("ops"), "");
    scene.ends();
}

#[tokio::test]
async fn what_is_typed_is_held_against_the_registered_commands() {
    let scene = scene().await;
    let typed = scene
        .alice
        .slash_text("/downgrade instance:orders by:At expiry");
    typed
        .in_("ops")
        .await
        .reply()
        .await
        .has("orders")
        .has("\"expiry\"");
    let added = scene
        .alice
        .slash_text("/instance add name:the big one")
        .in_("ops")
        .await;
    added.reply().await.has("the big one");
    let suggested = scene
        .alice
        .autocompletes("/downgrade", "instance", "ord")
        .await;
    assert_eq!(suggested, [("orders".to_owned(), "orders".into())]);
    scene.ends();
}

#[tokio::test]
async fn a_button_changes_its_message() {
    let scene = scene().await;
    let reply = scene
        .alice
        .slash("/ping", &[])
        .in_("ops")
        .await
        .reply()
        .await;
    let bob = scene.guild.member("bob", &[]);
    let changed = bob.clicks("Again").on(&reply).await.reply().await;
    reply.until("bob pressed").await.lacks("pong");
    changed.has("bob pressed again:1");
    assert_eq!(changed.id, reply.id);
    let forged = bob.forges("again:2").on(&reply).await.reply().await;
    forged.has("bob pressed again:2");
    scene.ends();
}

#[tokio::test]
async fn a_menu_is_chosen_from_by_who_is_shown_the_command() {
    let scene = scene().await;
    let olga = scene.guild.owner("olga");
    let managers = scene
        .guild
        .clone()
        .role_with("managers", MANAGE_GUILD, false);
    scene.guild.gives_role("alice", "managers");
    let reply = scene
        .alice
        .slash("/menu", &[])
        .in_("ops")
        .await
        .reply()
        .await;
    reply.has("[What is shown?: Delete]");
    let chosen = olga
        .selects("Who approves?", &["sre"])
        .on(&reply)
        .await
        .reply()
        .await;
    chosen
        .has("olga pressed menu:2")
        .has(&managers.role_id("sre").to_string());
    let chosen = olga
        .selects("What is shown?", &["Delete"])
        .on(&reply)
        .await
        .reply()
        .await;
    chosen.has("olga pressed menu:1 delete");
    scene.guild.removes_role("alice", "managers");
    let refused = tokio::spawn(async move { scene.alice.slash("/menu", &[]).in_("ops").await });
    assert!(
        refused.await.unwrap_err().is_panic(),
        "the client does not show it"
    );
}

#[tokio::test]
async fn a_file_is_handed_over_and_fetched() {
    let scene = scene().await;
    let typed = scene
        .alice
        .slash("/import", &[])
        .file("file", "list.csv", b"a,b\n");
    let deed = typed.in_("ops").await;
    assert!(deed.acknowledged().await.num_seconds() < 3);
    deed.follow_up(0).await.has("4 bytes").has("only alice");
    assert_eq!(deed.reply().await.text(), "warden: read\n");
    let sent = scene
        .alice
        .sends_file("ops", "<@bot> import", "list.csv", b"a,b\n")
        .await;
    sent.has("file list.csv (4 bytes)");
    let fetched = |one: &&Recorded| one.path.starts_with("/attachments/");
    let requests = scene.discord.requests();
    let fetched: Vec<_> = requests.iter().filter(fetched).collect();
    assert_eq!(fetched.len(), 1);
    assert_eq!(
        (fetched[0].authorization, fetched[0].status),
        (Authorization::None, 200)
    );
    assert!(!scene.discord.transcript().contains(&deed.token()));
    scene.ends();
}

#[tokio::test]
async fn a_modal_is_filled_in() {
    let scene = scene().await;
    let modal = scene
        .alice
        .slash("/ask", &[])
        .in_("ops")
        .await
        .modal()
        .await;
    let told = scene.alice.submits(&modal, &[("Name", "orders")]).await;
    told.reply().await.has("You are orders").has("only alice");
    let again = scene.alice.submits(&modal, &[("name", "stock")]).await;
    again.reply().await.has("You are stock");
    scene.ends();
}

#[tokio::test]
async fn only_what_names_the_bot_can_be_read_without_the_intent() {
    let scene = scene().await;
    scene.alice.says("ops", "something private").await;
    scene.alice.says("ops", "<@bot> downgrade orders").await;
    let answer = scene.alice.finds("ops", "You said").await;
    answer.has("downgrade orders");
    assert!(
        !scene
            .alice
            .sees("ops")
            .contains("You said: something private")
    );
    let direct = scene.alice.says("@", "between us").await;
    assert!(!direct.is_ephemeral());
    scene.alice.finds("@", "You said: between us").await;
    scene.ends();
}
