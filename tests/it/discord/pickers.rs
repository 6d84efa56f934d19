//! Discord's pickers: roles, channels, nothing at all, messages; and its completion.

use super::team::{BILLING, ORDERS, Team, types};

#[tokio::test]
async fn roles_and_channels_are_picked_several_at_once_or_none() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let role = |name: &str| format!("<@&{}>", team.guild.role_id(name));
    let two = "/settings role role:requester roles:devs roles-2:chiefs";
    types(&team.olga, "ops", two)
        .await
        .has(&format!("{} {}", role("devs"), role("chiefs")));
    let of_team =
        "/settings team name:payments members:payers members-2:leads mention:leads channel:plat";
    let set = types(&team.olga, "ops", of_team).await;
    set.has(&role("payers")).has(&role("leads"));
    let none = "/settings team name:payments no-mention:true no-channel:true";
    let set = types(&team.olga, "ops", none).await;
    set.has("payments").has(&role("payers"));
    let channel = format!("<#{}>", team.guild.channel_id("plat"));
    let shown = types(&team.olga, "ops", "/settings show").await;
    let line = |words: &str| {
        let mut lines = shown.text().lines();
        lines.find(|line| line.contains(words)).unwrap().to_owned()
    };
    assert!(
        !line("team payments").contains(&channel),
        "{}",
        shown.text()
    );
    types(
        &team.olga,
        "ops",
        "/settings role role:viewer no-roles:true",
    )
    .await
    .has("role viewer is none");
    // Neither is no answer, and both are none.
    let neither = types(&team.olga, "ops", "/settings role role:viewer").await;
    neither.lacks("Set:");
    let both = "/settings role role:viewer roles:devs no-roles:true";
    types(&team.olga, "ops", both).await.lacks("Set:");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Who may use the settings is what they say, not what Discord thinks of managing a server.
#[tokio::test]
async fn a_mapped_admin_has_the_settings_and_nobody_else() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.guild.gives_role("dave", "chiefs");
    types(&team.dave, "ops", "/settings threads switch:off")
        .await
        .has("Set:");
    let denied = types(&team.alice, "ops", "/settings threads switch:on").await;
    assert!(denied.is_ephemeral());
    denied.has("Denied");
    bot.stop().await;
}

#[tokio::test]
async fn a_message_is_handed_in_from_its_menu() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let text = format!(
        "FYI \"from the vendor\":\nYour instance {ORDERS}\nwill be released on 2026-03-08."
    );
    team.bob.says("ops", &text).await;
    let message = team.alice.finds("ops", "from the vendor").await;
    let taken = team.alice.chooses("Hand in as notice", &message).await;
    taken.reply().await.has("Raised: notice 1").has("orders");
    team.carol.finds("pay", "| notice").await.has("orders");
    let mallory = team.guild.member("mallory", &[]);
    let denied = mallory.chooses("Hand in as notice", &message).await;
    let denied = denied.reply().await;
    assert!(denied.is_ephemeral());
    denied.has("Denied");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// A file is no notice here: neither its name, nor a message that is a file alone.
#[tokio::test]
async fn the_name_of_a_file_is_no_notice_here() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let told = types(&team.alice, "ops", "/notice text:mail.eml").await;
    assert!(told.is_ephemeral());
    told.has(
        "`mail.eml` is the name of a file, not the text of a notice, so nothing was recorded.",
    )
    .has("No file is read here.")
    .has("choose Apps > Hand in as notice in the menu of that message")
    .lacks("in a shell");
    team.bob.says("ops", "<@bot> notice Mail.MSG").await;
    team.bob
        .finds("ops", "`Mail.MSG` is the name of a file")
        .await;
    let message = team
        .bob
        .sends_file("ops", "", "mail.eml", b"released")
        .await;
    let told = team.alice.chooses("Hand in as notice", &message).await;
    told.reply().await.has("`mail.eml` is the name of a file");
    let none = types(&team.alice, "ops", "/notices").await;
    none.has("No notice");
    bot.stop().await;
}

#[tokio::test]
async fn every_open_change_is_found_by_any_part_and_the_best_comes_first() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off";
    let oldest = "MQ_INST_1080056302921134_AAAAAAA0";
    team.adds(
        oldest,
        "Ledger-core",
        "edition:standard max-tps:5000 busy:off team:payments",
    )
    .await;
    types(&team.alice, "ops", "/upgrade instance:Ledger-core").await;
    // Only steps that the change has, and that the verb takes now.
    for (path, offered) in [("/confirm", vec!["upgrade"]), ("/reopen", vec![])] {
        let change = [("change", "#1")];
        let found = team.bob.autocompletes_behind(path, &change, "step", "");
        let found: Vec<String> = found.await.into_iter().map(|one| one.0).collect();
        assert_eq!(found, offered, "{path}");
    }
    for nth in 1..=27 {
        let id = format!("MQ_INST_1080056302921134_B{nth:07}");
        let name = format!("old-ledger-{nth}");
        team.adds(&id, &name, facts).await;
        let open = format!("/downgrade instance:{name} by:expiry");
        types(&team.alice, "ops", &open).await.has("is open as");
    }
    for typed in [
        "LEDGER-CORE",
        "dger-co",
        "cn-hangzhou/ledger-c",
        "PAYMENTS",
        "aaaaaaa0",
    ] {
        let found = team.bob.autocompletes("/next", "target", typed).await;
        assert_eq!(found[0].0, "#1 · upgrade of Ledger-core", "{typed}");
        let found = team.bob.autocompletes("/cancel", "change", typed).await;
        assert_eq!(found.len(), 1, "{typed}: {found:?}");
    }
    // Of many, those that begin so come first; and of a target, instances are among them.
    let found = team.bob.autocompletes("/cancel", "change", "ledger").await;
    assert_eq!(found.len(), 25);
    assert_eq!(found[0].0, "#1 · upgrade of Ledger-core");
    let found = team.bob.autocompletes("/next", "target", "ledger").await;
    assert_eq!(found.len(), 25);
    assert!(found.iter().any(|(shown, _)| shown.contains("cn-hangzhou")));
    for (path, option, typed, best) in [
        ("/todo", "team", "YMENT", "payments"),
        ("/instance set", "region", "ANGZH", "cn-hangzhou"),
        ("/settings zone", "zone", "shanghai", "Asia/Shanghai"),
        ("/help", "verb", "QUIET", "settings quiet-hours"),
    ] {
        let found = team.olga.autocompletes(path, option, typed).await;
        assert_eq!(found[0].0, best, "{path} {option}");
    }
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Where several are taken, the last one is completed behind those that are there, as far as a choice has room.
#[tokio::test]
async fn the_last_of_several_is_suggested() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:standard max-tps:5000 busy:off team:payments";
    let names = [
        (ORDERS, "orders"),
        (BILLING, "search"),
        ("MQ_INST_1080056302921134_BSeason01", "seasons"),
    ];
    for (id, name) in names {
        team.adds(id, name, facts).await;
    }
    let asked = async |path: &str, option: &str, typed: &str| {
        let found = team.alice.autocompletes(path, option, typed).await;
        let value = |one: &serde_json::Value| one.as_str().unwrap().to_owned();
        found
            .iter()
            .map(|(shown, one)| (shown.clone(), value(one)))
            .collect::<Vec<_>>()
    };
    for (path, option) in [
        ("/ack", "what"),
        ("/snooze", "instance"),
        ("/instance set", "instance"),
    ] {
        for typed in ["orders,sea", "orders, sea", "orders、SEA"] {
            let found = asked(path, option, typed).await;
            let kept = &typed[..typed.len() - 3];
            assert_eq!(found.len(), 2, "{path} {typed}: {found:?}");
            assert_eq!(found[0].1, format!("{kept}{BILLING}"));
            assert!(found[0].0.starts_with(&format!("{kept}search · ")));
        }
        // One that is there is not suggested again, and what has no room by its id is named.
        let found = asked(path, option, "seasons,search,").await;
        assert_eq!(found[0].1, format!("seasons,search,{ORDERS}"));
        assert_eq!(found.len(), 1, "{found:?}");
        let long = format!("{ORDERS},{BILLING},sea");
        let found = asked(path, option, &long).await;
        let last = format!("{ORDERS},{BILLING},cn-hangzhou/seasons");
        assert_eq!(found[0].1, last);
        assert_eq!(found.len(), 1, "{found:?}");
        let longer = format!("{},sea", "x".repeat(97));
        assert_eq!(asked(path, option, &longer).await, []);
    }
    let found = asked("/instance set", "instance", "team:yme").await;
    assert_eq!(found[0].1, "team:payments");
    let found = asked("/instance list", "action", "delete,").await;
    let left: Vec<&str> = found.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(left, ["delete,downgrade", "delete,unknown"]);
    // Of verbs that take one, a comma means nothing.
    assert_eq!(asked("/check", "instance", "orders,sea").await, []);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Who leaves and who takes over are picked; of somebody who has said nothing here yet, the name is known all the same.
#[tokio::test]
async fn people_are_picked_for_a_handover() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off team:payments";
    team.adds(ORDERS, "orders", facts).await;
    types(&team.alice, "ops", "/downgrade instance:orders by:expiry").await;
    let waits = types(&team.olga, "ops", "/handover person:alice").await;
    waits.has("What waits for alice").has("opened it");
    let handed = types(&team.olga, "ops", "/handover person:alice to:dave").await;
    handed
        .has("1 change of alice's is dave's now")
        .lacks("Warning");
    let post = team.dave.finds("pay", "dave takes over from alice").await;
    post.has("dave");
    let nobody = types(&team.olga, "ops", "/handover person:carol").await;
    nobody.has("carol").lacks(&team.carol.user.to_string());
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
