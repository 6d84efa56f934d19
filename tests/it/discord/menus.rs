//! A message about several instances: a menu leads to the buttons of one.

use std::collections::BTreeSet;

use super::fake::world::World;
use super::team::{BILLING, ORDERS, Team, types};

const THIRD: &str = "MQ_INST_1080056302921134_DXuIbML9";

#[tokio::test]
async fn a_reminder_of_several_instances_asks_which_one() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:payments";
    for (id, name) in [(ORDERS, "orders"), (BILLING, "billing"), (THIRD, "search")] {
        team.adds(id, name, facts).await;
    }
    bot.passes("30d").await;
    let post = team.alice.finds("pay", "Which one?").await;
    for name in ["orders", "billing", "search"] {
        post.has(name);
    }
    // Each has its next step behind the menu.
    post.has("Next: choose one below").lacks("downgrade|delete");
    let chosen = team
        .alice
        .selects("Which one?", &["billing"])
        .on(&post)
        .await
        .reply()
        .await;
    assert!(chosen.is_ephemeral());
    chosen.has("Reminders of billing").lacks("orders");
    let known = team
        .alice
        .clicks("I know of it")
        .on(&chosen)
        .await
        .reply()
        .await;
    known.has("billing");
    let of_others = team
        .alice
        .selects("Which one?", &["orders"])
        .on(&post)
        .await
        .reply()
        .await;
    of_others
        .has("Reminders of orders")
        .lacks("nobody is mentioned");
    let again = team.alice.selects("Which one?", &["billing"]);
    let again = again.on(&post).await.reply().await;
    again.has("nobody is mentioned");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// A page is what a card holds; between two pages nothing is missing, and no cell takes the place of another.
#[tokio::test]
async fn a_list_is_read_page_by_page_and_nothing_is_left_out() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let rows = (0..40).map(|nth| {
        let (of, expires) = match nth % 3 {
            0 => ("payments", "2026-03-01"),
            1 => ("", "2026-04-01"),
            _ => ("platform", ""),
        };
        format!("MQ_INST_1080056302921134_B{nth:07},a-rather-long-name-of-a-service-{nth:03},cn-hangzhou,platinum,{expires},delete,off,{of}\n")
    });
    let head = "id,name,region,edition,expires,action,auto_renew,team\n".to_owned();
    let listing = head + &rows.collect::<String>();
    let import = team.olga.slash("/import", &[("at", "2026-01-01")]);
    let import = import.file("file", "list.csv", listing.as_bytes());
    let tried = import.in_("ops").await.reply().await;
    team.olga.clicks("Apply").on(&tried).await.reply().await;
    for list in ["/instance list", "/todo each:true"] {
        let mut page = types(&team.alice, "ops", list).await;
        let mut found = BTreeSet::new();
        loop {
            page.lacks("cut here").lacks("--page");
            for line in page.text().lines().filter(|line| line.contains("a-rather")) {
                let name = line.split("service-").nth(1).unwrap();
                found.insert(name[..3].to_owned());
                if list == "/instance list" {
                    assert_eq!(line.matches(" · ").count(), 6, "{line}");
                }
            }
            if !page.text().contains("Next page") {
                break;
            }
            page = team.alice.clicks("Next page").on(&page).await.reply().await;
        }
        assert_eq!(found.len(), 40, "{list}: {found:?}");
    }
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// What the menus of a message cannot hold is behind its button, in pages with menus: each instance is in one of them.
#[tokio::test]
async fn every_instance_of_many_is_reachable_from_a_menu() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    imports(&team, 140, "2026-03-01").await;
    bot.passes("30d").await;
    let post = team.alice.finds("pay", "Which one?").await;
    let mut offered = choices(&team);
    assert_eq!(offered.len(), 100, "{offered:?}");
    let mut page = team.alice.clicks("List each").on(&post).await.reply().await;
    assert!(page.is_ephemeral());
    let chosen = team
        .alice
        .selects("Which one?", &["svc-003"])
        .on(&page)
        .await
        .reply()
        .await;
    chosen.has("Reminders of svc-003");
    loop {
        offered.extend(choices(&team));
        if !page.text().contains("Next page") {
            break;
        }
        page = team.alice.clicks("Next page").on(&page).await.reply().await;
    }
    assert_eq!(offered.len(), 140, "{offered:?}");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// A file is imported in batches, and looked at in others, while messages are sent; what it makes due is one message, which calls
/// people once.
#[tokio::test]
async fn what_a_file_makes_due_calls_people_once() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    imports(&team, 900, "2026-01-09").await;
    bot.passes("1m").await;
    let post = team.alice.finds("pay", "Which one?").await;
    post.has("The same holds for 899 more: svc-001, svc-002,")
        .has("svc-020 and 879 more");
    let calls = team.discord.look(|world| {
        let all = world.messages.values();
        all.filter(|one| !one.pinged_roles.is_empty()).count()
    });
    assert_eq!(calls, 1);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Has olga import instances of payments that expire together.
async fn imports(team: &Team, many: usize, expires: &str) {
    let rows = (0..many).map(|nth| {
        format!("MQ_INST_1080056302921134_B{nth:07},svc-{nth:03},cn-hangzhou,platinum,{expires},delete,off,payments\n")
    });
    let head = "id,name,region,edition,expires,action,auto_renew,team\n".to_owned();
    let listing = head + &rows.collect::<String>();
    let import = team.olga.slash("/import", &[("at", "2026-01-01")]);
    let import = import.file("file", "list.csv", listing.as_bytes());
    let tried = import.in_("ops").await.reply().await;
    team.olga.clicks("Apply").on(&tried).await.reply().await;
}

/// What the menus of all messages offer.
fn choices(team: &Team) -> BTreeSet<String> {
    team.discord.look(|world| {
        let menus = world.messages.values().flat_map(|one| one.controls());
        let options = menus.filter(|one| one["type"] == 3);
        let options = options.flat_map(|menu| World::list(&menu["options"]));
        let names = options.filter_map(|option| option["label"].as_str());
        names.map(str::to_owned).collect()
    })
}
