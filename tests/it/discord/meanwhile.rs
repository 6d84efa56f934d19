//! A file that takes long: what others ask in the meantime is answered before it is done.

use super::team::{Team, types};

const ROWS: usize = 2_000;

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
    let checked = types(
        &team.alice,
        "ops",
        "/check intent:upgrade instance:svc-00000",
    )
    .await;
    checked.lacks("went wrong");
    let imported = "Done: imported";
    let done = team.discord.look(|world| {
        let mut said = world.messages.values().map(|one| world.text(one));
        said.any(|text| text.contains(imported))
    });
    assert!(!done, "the file was taken before");
    applying.reply().await;
    team.olga.finds("ops", imported).await;
    types(
        &team.alice,
        "ops",
        "/check intent:upgrade instance:svc-01999",
    )
    .await
    .has("already");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
