//! A file that takes long: what others ask in the meantime is answered before it is done.

use super::team::{Team, types};

const ROWS: u64 = 20_000;
/// How often something else is asked while they are taken.
const PARTS: u64 = 8;

/// How many instances the server has.
async fn tracked(team: &Team) -> u64 {
    let workspace = team.guild.id.to_string();
    let mut glance = team.store.glance(&workspace.into()).await.unwrap();
    glance.totals().await.unwrap().instances
}

#[tokio::test]
async fn an_import_makes_nobody_wait() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let rows = (0..ROWS).map(|nth| {
        format!("MQ_INST_1080056302921134_B{nth:07},svc-{nth:05},cn-hangzhou,platinum,2026-03-01\n")
    });
    let listing = "id,name,region,edition,expires\n".to_owned() + &rows.collect::<String>();
    let import = team.olga.slash("/import", &[("at", "2026-01-01")]);
    let import = import.file("file", "list.csv", listing.as_bytes());
    let tried = import.in_("ops").await.reply().await;
    let applying = team.olga.clicks("Apply").on(&tried).await;
    for part in 0..PARTS {
        while tracked(&team).await < ROWS / PARTS * part {
            tokio::task::yield_now().await;
        }
        let before = tracked(&team).await;
        let check = "/check intent:upgrade instance:svc-00000";
        let checked = types(&team.alice, "ops", check).await;
        checked.lacks("went wrong");
        // A few batches of 500 rows, however slow the machine is.
        let meanwhile = tracked(&team).await - before;
        assert!(meanwhile < ROWS / PARTS, "after {before}: {meanwhile} rows");
    }
    applying.reply().await;
    team.olga.finds("ops", "Done: imported").await;
    let check = "/check intent:upgrade instance:svc-19999";
    types(&team.alice, "ops", check).await.has("already");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
