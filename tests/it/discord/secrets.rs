//! Nothing that lets a stranger speak for the bot is written down anywhere: not the bot's token, not an interaction's, not
//! the addresses that hold one, nor that of an attached file; not when things go wrong, and not at the lowest log level.

use std::path::PathBuf;

use super::fake::FakeDiscord;
use super::fake::faults::Fault;
use super::program::{Left, Program};

const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";
/// Words that are in every secret of the fake, or in every address that holds one.
const SECRET: [&str; 5] = [
    "canary",
    "/callback",
    "/webhooks/",
    "/attachments/",
    "session-",
];

fn found(bytes: &[u8]) -> Vec<&'static str> {
    let within = |word: &&str| {
        bytes
            .windows(word.len())
            .any(|held| held == word.as_bytes())
    };
    SECRET.into_iter().filter(within).collect()
}

/// Nothing in what it said and in these files; the text around whatever was found is shown.
fn is_clean(left: &Left, mut files: Vec<(PathBuf, Vec<u8>)>) {
    files.extend(left.files());
    let database = files.iter().filter(|(path, bytes)| {
        path.file_name().is_some_and(|name| name == "warden.db") && bytes.len() > 10_000
    });
    assert!(database.count() > 0, "there is a database to look through");
    for (path, bytes) in &files {
        assert_eq!(found(bytes), Vec::<&str>::new(), "{}", path.display());
    }
    for line in left.out.lines().chain(left.log.lines()) {
        assert_eq!(found(line.as_bytes()), Vec::<&str>::new(), "{line}");
    }
}

#[tokio::test]
async fn no_secret_is_written_down_whatever_goes_wrong() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").system_channel("ops");
    let olga = guild.owner("olga");
    let program = Program::start(&discord, &discord.token());
    discord.ready().await;

    let add = format!(
        "/instance add id:{ORDERS} name:orders region:cn-hangzhou edition:standard max-tps:5000 busy:off"
    );
    let added = olga.slash_text(&add).in_("ops").await;
    added.reply().await.has("tracking");
    let here = format!("/settings channel kind:default channel:{}", "ops");
    let set = olga.slash_text(&here).in_("ops").await;
    set.reply().await.has("channel default");
    let opened = olga.slash_text("/upgrade instance:orders").in_("ops").await;
    opened.reply().await.has("Needs approval");
    let card = olga.finds("ops", "(Cancel)").await;
    let listing = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,standard\n");
    let import = olga.slash("/import", &[]);
    let import = import.file("file", "list.csv", listing.as_bytes());
    let tried = import.in_("ops").await.reply().await;
    tried.has("(Apply)");

    let callback = "POST /interactions/*/*/callback";
    for fault in [Fault::Status(502), Fault::Closed, Fault::Lost, Fault::Hang] {
        discord.faults().next(callback, 1, fault);
        let why = olga.clicks("Why").on(&card).await;
        why.reply().await.has("orders");
    }
    // It is never answered: each of these goes wrong for as long as it is tried.
    discord.faults().every(callback, Fault::Status(404));
    let lost = olga.clicks("Why").on(&card).await;
    let form = olga.clicks("Cancel").on(&card).await;
    let tries = |world: &super::fake::world::World| {
        let failed = world.requests.iter().filter(|one| one.status == 404);
        (failed.count() >= 2).then_some(())
    };
    discord.until("both to fail", tries).await;
    assert!(lost.token().contains("canary") && form.token().contains("canary"));
    discord.faults().clear();
    discord
        .faults()
        .next("GET /attachments/*/*/*", 1, Fault::Status(500));
    let import = olga.slash("/import", &[]);
    let import = import.file("file", "list.csv", listing.as_bytes());
    import.in_("ops").await.reply().await.lacks("(Apply)");
    discord.gateway().reconnect();
    olga.says("ops", "<@bot> changes").await;
    olga.finds("ops", "#1 upgrade of orders").await;
    let before = program.files();
    let left = program.stop();
    assert_eq!(left.code, Some(143));
    assert!(left.log.contains("did not get through"), "{}", left.log);
    assert!(left.log.contains("DEBUG edition_warden"), "{}", left.log);
    is_clean(&left, before);
    assert_eq!(discord.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_token_that_is_taken_back_or_wrong_is_not_shown_either() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let olga = guild.owner("olga");
    let program = Program::start(&discord, &discord.token());
    discord.ready().await;
    let listed = olga.slash_text("/instance list").in_("ops").await;
    listed.reply().await;
    let before = program.files();
    discord.resets_token("another.canary");
    olga.says("ops", "<@bot> changes").await;
    let left = tokio::task::spawn_blocking(|| program.ends())
        .await
        .unwrap();
    assert_ne!(left.code, Some(0));
    assert!(left.log.contains("DISCORD_TOKEN"), "{}", left.log);
    is_clean(&left, before);

    let wrong = Program::start(&discord, "wrong.canary.token");
    let left = tokio::task::spawn_blocking(|| wrong.ends()).await.unwrap();
    assert_eq!(left.code, Some(2));
    assert!(left.log.contains("DISCORD_TOKEN"), "{}", left.log);
    is_clean(&left, Vec::new());
}
