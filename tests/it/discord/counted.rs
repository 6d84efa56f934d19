//! Requests to Discord are counted by what they are about.

use edition_warden::meter::{Exposition, Readings};

use super::fake::FakeDiscord;
use super::live::Live;

#[tokio::test]
async fn requests_are_counted_by_class_and_status() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let store = crate::harness::new_store().await;
    let bot = Live::start(&discord, store, guild.channel_id("ops")).await;
    let form = Exposition::Prometheus;
    let text = bot.warden.meter().text(Readings::default(), form);
    let count = |class: &str, status: &str| -> f64 {
        let name = "warden_discord_requests_total";
        let begin = format!("{name}{{class=\"{class}\",status=\"{status}\"}} ");
        let found = text.lines().find_map(|line| line.strip_prefix(&begin));
        found
            .unwrap_or_else(|| panic!("{begin}\n{text}"))
            .parse()
            .unwrap()
    };
    // Before it was let in it asked who it is, twice.
    assert!(count("other", "200") >= 2.0, "{text}");
    assert_eq!(count("other", "none"), 0.0);
    assert_eq!(count("messages", "500"), 0.0);
    bot.stop().await;
}
