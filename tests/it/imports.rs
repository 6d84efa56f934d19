//! Facts from files: what each row comes to, and what a complete listing lacks.

mod complete;
mod edges;
mod implied;
mod quiet;
mod undo;

use crate::harness::{ORDERS, Room, STOCK};

pub(crate) fn csv(header: &str, rows: &[&str]) -> String {
    format!("{header}\n{}\n", rows.join("\n"))
}

/// `orders` and `stock` in one region.
async fn both() -> Room {
    let mut room = Room::open().await;
    room.add_platinum("").await;
    let line = format!("instance add {STOCK} --name stock --region cn-hangzhou --edition standard");
    room.says("alice", &line).await.is("done", &[]);
    room
}

#[tokio::test]
async fn a_complete_listing_is_of_one_region() {
    let mut room = both().await;
    let other = csv("id,name,region", &[&format!("{STOCK},stock,cn-hangzhou")]);
    room.imports("--complete --region cn-beijing", &other)
        .await
        .is("invalid", &[])
        .has("--complete --region cn-beijing")
        .has("it holds rows of cn-hangzhou");
    let several = csv(
        "id,name,region",
        &[
            &format!("{STOCK},stock,cn-hangzhou"),
            "MQ_INST_1080056302921134_DXuIbML9,third,cn-beijing",
        ],
    );
    room.imports("--complete", &several)
        .await
        .is("invalid", &[])
        .has("rows of cn-beijing, cn-hangzhou");
    room.says("alice", "instance show orders")
        .await
        .has("Platinum");
}

#[tokio::test]
async fn an_older_file_does_not_rename() {
    let mut room = Room::open().await;
    room.add_platinum("").await;
    room.advance("1d");
    room.says("alice", "instance set orders --team blue --name orders-eu")
        .await
        .is("done", &[]);
    let row = format!("{ORDERS},orders-old,red,ops");
    let file = csv("id,name,team,channel", &[&row]);
    room.imports("--at 2026-01-01T12:00:00Z", &file)
        .await
        .is("done", &[])
        .has("unchanged")
        .has("name orders-old is older than orders-eu and ignored")
        .has("team red is older than blue and ignored")
        .has("channel ops is older than none and ignored");
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("name from orders-eu to orders-old")
        .has("team from blue to red")
        .has("channel ops");
}

#[tokio::test]
async fn unknown_regions_are_told_once() {
    let mut room = Room::open().await;
    let file = csv("id,name,team", &[&format!("{ORDERS},orders,blue")]);
    // Typed, it may be a slip; in a file it is told.
    room.imports("--region cn-hangzou", &file)
        .await
        .is("invalid", &[])
        .has("Did you mean `cn-hangzhou`?")
        .has("repeat it with `--yes-really`");
    let heard = room
        .imports("--region cn-hangzou --yes-really", &file)
        .await;
    heard
        .is("done", &[])
        .has("! cn-hangzou is not a region on the vendor's list");
    assert_eq!(heard.text.matches("! cn-hangzou").count(), 1);
    room.imports("--region cn-hangzou", &file)
        .await
        .has("! cn-hangzou");
}

#[tokio::test]
async fn new_rows_show_what_they_say_and_saying_it_again_changes_nothing() {
    let mut room = Room::open().await;
    let row = format!("{ORDERS},orders,cn-hangzhou,platinum,2026-03-01,delete");
    let file = csv("id,name,region,edition,expires,action", &[&row]);
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("edition Platinum; expiry 2026-03-01")
        .has("Delete is unverified: shown, not relied on");
    room.advance("1h");
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("1 unchanged")
        .lacks("unverified");
    room.imports("--at 2025-12-01", &file.replace("delete", "downgrade"))
        .await
        .has("1 unchanged")
        .has("Downgrade is older than Delete and ignored");
    room.says("alice", "instance show orders")
        .await
        .has("a file said Delete (imported by alice, just now)");
}

#[tokio::test]
async fn what_a_complete_listing_lacks_is_told_apart() {
    let mut room = both().await;
    room.advance("1d");
    room.says("alice", "instance set stock --edition standard")
        .await
        .is("done", &[]);
    let third = "MQ_INST_1080056302921134_DXuIbML9,third,cn-hangzhou";
    let file = csv("id,name,region", &[third]);
    let at = "--complete --at 2026-01-01T12:00:00Z";
    room.imports(&format!("{at} --dry-run --accept-missing 2"), &file)
        .await
        .is("info", &[])
        .has("the edition would not be known any more: orders.");
    let accepted = format!("{at} --accept-missing 2");
    room.imports(&accepted, &file)
        .await
        .is("done", &[])
        .has("the edition is not known any more: orders.")
        .has("is newer and stands: stock.");
    room.imports(&accepted, &file)
        .await
        .has("was not known anyway: orders.")
        .lacks("any more");
    let id = edition_warden::domain::id::InstanceId::parse(ORDERS).unwrap();
    let mut tx = room
        .store
        .read(&edition_warden::app::LOCAL_WORKSPACE.into())
        .await
        .unwrap();
    let history = tx.instance_history(&id, 50).await.unwrap();
    let missing = edition_warden::domain::event::EventKind::Missing;
    let noted = history.iter().filter(|event| event.kind == missing);
    assert_eq!(noted.count(), 1);
}

#[tokio::test]
async fn a_contradiction_shows_both_sides_and_outlives_older_files() {
    let mut room = Room::open().await;
    room.add_platinum("").await;
    room.advance("2d");
    let says = |edition: &str| csv("id,edition", &[&format!("{ORDERS},{edition}")]);
    room.imports("", &says("standard"))
        .await
        .has("edition Standard contradicts Platinum");
    room.imports("--at 2026-01-02T00:00:00Z", &says("standard"))
        .await
        .has("is older than contradictory (Platinum or Standard) and ignored");
    room.imports("", &says("platinum"))
        .await
        .has("1 in conflict")
        .has("edition Platinum, while it is contradictory (Platinum or Standard)");
}

#[tokio::test]
async fn accepting_a_files_action_does_not_make_it_known() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.advance("1h");
    let file = csv("id,action", &[&format!("{ORDERS},delete")]);
    room.imports("", &file)
        .await
        .has("Delete contradicts Downgrade: look, and attest it")
        .lacks("--accept");
    room.imports("--accept", &file)
        .await
        .is("done", &[])
        .has("unverified");
    room.says("alice", "instance show orders")
        .await
        .has("only a file has said it");
}

#[tokio::test]
async fn a_standard_row_says_nothing_of_what_only_platinum_has() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade --auto-renew off")
        .await;
    room.advance("1h");
    let row = format!("{ORDERS},standard,delete,on");
    let file = csv("id,edition,action,auto_renew", &[&row]);
    room.imports("", &file)
        .await
        .has("edition Standard contradicts Platinum")
        .lacks("auto-renewal")
        .lacks("Delete");
}

#[tokio::test]
async fn another_region_is_named_with_the_way_out() {
    let mut room = Room::open().await;
    room.add_platinum("").await;
    let file = csv("id", &[ORDERS]);
    room.imports("--region cn-beijing", &file)
        .await
        .is("done", &[])
        .has("region cn-beijing contradicts cn-hangzhou: check --region")
        .has("`instance set cn-hangzhou/orders --region REGION`");
}

#[tokio::test]
async fn names_may_be_swapped_and_passed_on() {
    let mut room = both().await;
    let swapped = csv(
        "id,name",
        &[&format!("{ORDERS},stock"), &format!("{STOCK},orders")],
    );
    room.imports("", &swapped)
        .await
        .is("done", &[])
        .has("2 changed");
    room.says("alice", "instance show orders").await.has(STOCK);
    let third = "MQ_INST_1080056302921134_DXuIbML9";
    let chained = csv(
        "id,name,region",
        &[
            &format!("{third},stock,cn-hangzhou"),
            &format!("{ORDERS},orders,cn-hangzhou"),
            &format!("{STOCK},last,cn-hangzhou"),
        ],
    );
    room.imports("", &chained)
        .await
        .is("done", &[])
        .has("1 new, 2 changed");
    room.says("alice", "instance show stock").await.has(third);
}

/// No row is lost for its name, and none keeps the others from being taken.
#[tokio::test]
async fn rows_are_taken_whatever_they_are_called() {
    let mut room = both().await;
    let third = "MQ_INST_1080056302921134_DXuIbML9";
    let fourth = "MQ_INST_1080056302921134_EXuIbML1";
    let taken = csv(
        "id,name,region,topics",
        &[
            &format!("{ORDERS},free,cn-hangzhou,7"),
            &format!("{third},stock,cn-hangzhou,"),
            &format!("{fourth},a/b,cn-hangzhou,"),
            "MQ_INST_1080056302921134_FXuIbML2,,cn-hangzhou,",
        ],
    );
    room.imports("", &taken)
        .await
        .is("done", &[])
        .has("3 new, 1 changed")
        .has("stock is shown as stock~bML9")
        .has(&format!("{STOCK} in cn-hangzhou is called so as well"))
        .has("line 4: name: `a/b` cannot be a name")
        .has("called a-b~bML1 here")
        .has("line 5: the file does not say a name. The instance is called FXuIbML2 here");
    room.says("alice", "instance show free").await.has(ORDERS);
    // What was told once is not told daily.
    room.imports("", &taken)
        .await
        .is("done", &[])
        .has("0 new, 0 changed, 4 unchanged")
        .lacks("bML9")
        .lacks("a/b");
    let twice = csv(
        "id,name,region",
        &[
            &format!("{ORDERS},same,cn-hangzhou"),
            &format!("{third},same,cn-hangzhou"),
        ],
    );
    room.imports("", &twice)
        .await
        .is("done", &[])
        .has("same is shown as same~bML9");
    // The console shows that name for both of them.
    room.says("alice", "instance show same")
        .await
        .is("invalid", &[])
        .has("cn-hangzhou/same, cn-hangzhou/same~bML9");
    room.says("alice", "instance show cn-hangzhou/same")
        .await
        .has(ORDERS);
}

/// A row that cannot be used is named, and the others are taken.
#[tokio::test]
async fn rows_that_are_there_are_taken() {
    let mut room = both().await;
    let file = csv(
        "id,name,region,edition",
        &[
            "MQ_INST_108****_BXuI,a,cn-hangzhou,standard",
            &format!("{ORDERS},orders,cn-hangzhou,gold"),
            &format!("{STOCK},stock-eu,cn-hangzhou,standard"),
        ],
    );
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("is masked with asterisks")
        .has("`gold` is not one of")
        .has("name from stock to stock-eu")
        .has("Done: imported, without the row that is refused.")
        .has("1 changed, 1 unchanged, 0 in conflict, 0 skipped, 1 refused.");
    room.imports("", &csv("id", &["MQ_INST_108****_BXuI"]))
        .await
        .is("invalid", &[])
        .has("none of the rows can be used");
    room.imports("--region cn-beijing", &csv("id", &[ORDERS, STOCK]))
        .await
        .is("done", &[])
        .has("2 in conflict, 0 skipped, 0 refused");
}

/// What needs somebody is above the rows, which may be thousands, and what is refused is the first of these.
#[tokio::test]
async fn what_needs_somebody_comes_before_the_rows() {
    let mut room = Room::open().await;
    let new = (0..30).map(|n| format!("MQ_INST_1080056302921134_N{n:07},svc-{n},cn-hangzhou,red"));
    let rows: Vec<String> = new
        .chain(["MQ_INST_108****_BXuI,a,cn-hangzhou,".to_owned()])
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let heard = room.imports("", &csv("id,name,region,colour", &rows)).await;
    let place = |words: &str| {
        heard
            .text
            .find(words)
            .unwrap_or_else(|| panic!("{words}: {}", heard.text))
    };
    let order = [
        "Done: imported, without the row that is refused.",
        "30 new, 0 changed, 0 unchanged, 0 in conflict, 0 skipped, 1 refused.",
        "\n! Not understood, so not taken: `colour`",
        "\n  line 32 ",
        "\n  line 2 ",
        "\n  line 31 ",
    ];
    assert!(order.map(place).is_sorted(), "{}", heard.text);
}

#[tokio::test]
async fn masked_ids_are_called_masked() {
    let mut room = both().await;
    for line in [
        "instance show MQ_INST_108****_BXuIbML7",
        "upgrade MQ_INST_108****_BX",
    ] {
        room.says("alice", line)
            .await
            .is("invalid", &[])
            .has("is masked with asterisks");
    }
}

#[tokio::test]
async fn digits_that_are_also_a_name_are_asked_about() {
    let mut room = Room::open().await;
    room.add_platinum("").await;
    room.says("alice", "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    room.says("alice", "why 1").await.is("info", &[]);
    let file = format!("id,name,region,edition\n{STOCK},1,cn-beijing,standard\n");
    room.imports("", &file).await.is("done", &[]);
    for verb in ["next", "why"] {
        room.says("alice", &format!("{verb} 1"))
            .await
            .is("invalid", &[])
            .has("`1` is change #1 and the instance cn-beijing/1: say #1 or cn-beijing/1.");
    }
    room.says("alice", "why #1").await.has("orders");
    room.says("alice", "why cn-beijing/1")
        .await
        .has("Every rule that applies to 1 ");
}

#[tokio::test]
async fn the_beginning_of_a_name_in_a_region_is_enough_to_read() {
    let mut room = both().await;
    let same = "MQ_INST_1080056302921134_DXuIbML9";
    let line = format!("instance add {same} --name orders --region cn-beijing --edition standard");
    room.says("alice", &line).await.is("done", &[]);
    room.says("alice", "instance show cn-beijing/ord")
        .await
        .is("info", &[])
        .has(same);
    let found = room
        .warden
        .complete_instances(&edition_warden::app::Actor::local("alice"), "cn-beijing/o")
        .await
        .unwrap();
    assert_eq!(found, ["cn-beijing/orders"]);
}

/// A count changes from day to day: a newer file is believed also against a person, an older one is not.
#[tokio::test]
async fn the_latest_counts_are_true() {
    let mut room = Room::open().await;
    room.add_platinum("--topics 40").await;
    let file = csv("id,topics,groups", &[&format!("{ORDERS},42,12")]);
    room.imports("--at 2025-12-31T12:00:00Z", &file)
        .await
        .is("done", &[])
        .has("topics 42 is older than 40 and ignored")
        .has("groups 12");
    room.advance("1d");
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("topics from 40 to 42")
        .has("0 in conflict");
    room.says("alice", "instance show orders")
        .await
        .has("topics                  42")
        .has("groups                  12");
}
