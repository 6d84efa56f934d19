//! The way back.

use rstest::rstest;

use super::csv;
use crate::harness::{ORDERS, Room, STOCK};

fn file(edition: &str, expires: &str) -> String {
    let row = format!("{ORDERS},orders,cn-hangzhou,{edition},{expires}");
    csv("id,name,region,edition,expires", &[&row])
}

/// One instance from a file, a day later another file, and what it moved.
async fn moved(edition: &str, expires: &str) -> Room {
    let mut room = Room::open().await;
    room.imports("", &file("platinum", "2026-06-01"))
        .await
        .is("done", &[]);
    room.advance("1d");
    room.imports("", &file(edition, expires))
        .await
        .is("done", &[]);
    room
}

#[tokio::test]
async fn values_return_with_their_source_and_date() {
    let mut room = moved("platinum", "2027-06-01").await;
    room.advance("1h");
    room.says("alice", "import undo 2")
        .await
        .is("done", &[])
        .has("orders: expiry as it was");
    room.says("alice", "instance show orders")
        .await
        .has("2026-06-01")
        .has("imported by alice, 1 d");
    room.says("alice", "imports")
        .await
        .has("taken back by alice");
    room.says("alice", "import undo 2")
        .await
        .is("invalid", &[])
        .has("was taken back already");
    room.says("alice", "audit")
        .await
        .has("import 2: 1 instances returned");
}

#[tokio::test]
async fn what_somebody_has_said_since_stays() {
    let mut room = moved("platinum", "2027-06-01").await;
    room.advance("1h");
    room.says("alice", "instance set orders --expires 2027-06-01")
        .await
        .is("done", &[]);
    room.says("alice", "import undo 2")
        .await
        .has("expiry stays, somebody has spoken since");
    room.says("alice", "instance show orders")
        .await
        .has("2027-06-01");
}

/// A later file that says the same has spoken too.
#[tokio::test]
async fn what_a_later_file_said_again_stays() {
    let mut room = moved("platinum", "2027-06-01").await;
    room.advance("1h");
    room.imports("", &file("platinum", "2027-06-01"))
        .await
        .has("1 unchanged");
    room.says("alice", "import undo 2")
        .await
        .has("expiry stays, a later file has said so");
    // It returns when that one is taken back, too.
    room.says("alice", "import undo 3")
        .await
        .has("expiry as it was");
    room.says("alice", "instance show orders")
        .await
        .has("2026-06-01")
        .has("imported by alice, 1 d");
    // And that one can be taken back first.
    let mut room = moved("platinum", "2027-06-01").await;
    room.advance("1h");
    room.imports("", &file("platinum", "2027-06-01"))
        .await
        .has("1 unchanged");
    room.says("alice", "import undo 3")
        .await
        .is("done", &[])
        .has("It had changed no fact");
    room.says("alice", "import undo 2")
        .await
        .has("expiry as it was");
}

/// What would lower attention does not return: somebody has to look.
#[tokio::test]
async fn an_edition_does_not_return_to_standard_nor_an_action_at_all() {
    let mut room = Room::open().await;
    room.imports("", &file("standard", ""))
        .await
        .is("done", &[]);
    room.advance("1d");
    room.imports("", &file("platinum", "2026-06-01"))
        .await
        .is("done", &[]);
    room.says("alice", "import undo 2")
        .await
        .has("edition not known: look");
    room.says("alice", "instance show orders")
        .await
        .has("edition                 unknown")
        .lacks("Standard Edition has none");

    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.advance("1h");
    let row = format!("{ORDERS},2027-03-01");
    room.imports("--accept", &csv("id,expires", &[&row]))
        .await
        .is("done", &[]);
    room.says("alice", "instance show orders")
        .await
        .has("unknown");
    room.says("alice", "import undo 1")
        .await
        .has("expiry as it was")
        .has("Post-expiration Action not known: look");
    room.says("alice", "check unsubscribe orders")
        .await
        .is("inconclusive", &["action-known"]);
}

#[tokio::test]
async fn added_instances_stay_and_are_listed() {
    let mut room = Room::open().await;
    room.imports("", &file("platinum", "2026-06-01"))
        .await
        .is("done", &[]);
    room.says("alice", "import undo 1")
        .await
        .is("done", &[])
        .has(&format!("orders ({ORDERS}) was added by it and stays"));
    room.says("alice", "instance show orders")
        .await
        .has("Platinum");
}

#[tokio::test]
async fn names_return_where_they_are_free() {
    let mut room = Room::open().await;
    room.imports("", &file("platinum", "2026-06-01"))
        .await
        .is("done", &[]);
    room.advance("1h");
    let renamed = file("platinum", "2026-06-01").replace(",orders,", ",invoices,");
    room.imports("", &renamed)
        .await
        .has("name from orders to invoices");
    room.says("alice", "import undo 2")
        .await
        .has("orders: name as it was.");
    room.imports("", &renamed).await.is("done", &[]);
    let line =
        format!("instance add {STOCK} --name orders --region cn-hangzhou --edition standard");
    room.says("alice", &line).await.is("done", &[]);
    room.says("alice", "import undo 3").await.has("name stays");
    room.says("alice", "instance show invoices")
        .await
        .has(ORDERS);
}

#[tokio::test]
async fn only_the_latest_and_only_for_a_week() {
    let mut room = Room::open().await;
    room.says("alice", "import undo 1")
        .await
        .is("invalid", &[])
        .has("There is no import 1");
    for month in 1..=6 {
        room.imports("", &file("platinum", &format!("2027-0{month}-01")))
            .await
            .is("done", &[]);
        room.advance("1h");
    }
    room.says("alice", "import undo 1")
        .await
        .is("invalid", &[])
        .has("only the latest 5 that changed something can");
    // What changes nothing takes no place of those.
    for _ in 0..7 {
        room.imports("--quiet", &file("platinum", "2027-06-01"))
            .await
            .is("done", &[]);
    }
    room.says("alice", "import undo #6").await.is("done", &[]);
    room.advance("8d");
    room.says("alice", "import undo 5")
        .await
        .is("invalid", &[])
        .has("within 7 days");
}

#[tokio::test]
async fn approvers_take_back_and_requesters_do_not() {
    let mut room = Room::of_team().await;
    room.imports("", &file("platinum", "2026-06-01"))
        .await
        .is("done", &[]);
    room.as_says("rita requester", "import undo 1")
        .await
        .is("denied", &[]);
    // What she may not do is not offered to her.
    room.as_says("rita requester", "imports")
        .await
        .is("info", &[])
        .lacks("takes it back");
    room.as_says("anna approver", "imports")
        .await
        .has("`import undo 1` takes it back");
    room.as_says("anna approver", "import-undo 1")
        .await
        .is("done", &[]);
}

/// What a change lost by a file does not come back with it.
#[tokio::test]
async fn approvals_stay_void() {
    let mut room = Room::of_team().await;
    room.as_says("rita requester", &format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --auto-renew off"))
        .await
        .is("done", &[]);
    room.as_says("rita requester", "downgrade orders --by expiry")
        .await;
    room.as_says("anna approver", "approve 1 --seen downgrade")
        .await;
    room.advance("1h");
    let row = format!("{ORDERS},2027-03-01");
    room.imports("--accept", &csv("id,expires", &[&row]))
        .await
        .is("done", &[]);
    room.passes("1m").await;
    let before = room.says("alice", "change 1").await.text;
    room.says("alice", "import undo 1").await.is("done", &[]);
    let after = room.says("alice", "change 1").await.text;
    let approved = |text: &str| text.contains("approved by anna");
    assert_eq!(approved(&before), approved(&after), "{before}\n{after}");
}

/// However much has happened since, the change that the file ended is named.
#[tokio::test]
async fn the_change_that_a_file_ended_is_named_after_many_events() {
    let mut room = Room::of_team().await;
    room.as_says("rita requester", &format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --auto-renew off"))
        .await
        .is("done", &[]);
    room.as_says("rita requester", "downgrade orders --by unsubscribe")
        .await;
    room.advance("1h");
    let row = format!("{ORDERS},orders,cn-hangzhou,standard");
    room.imports("--accept", &csv("id,name,region,edition", &[&row]))
        .await
        .is("done", &[]);
    for size in 0..60 {
        room.advance("1m");
        let line = format!("instance set orders --max-tps {}", 1_000 + size);
        room.as_says("rita requester", &line).await.is("done", &[]);
    }
    room.says("alice", "import undo 1")
        .await
        .is("done", &[])
        .has("#1 of orders, which it had ended, stays ended");
}

/// What is known of `orders`, with who said it and when.
async fn held(room: &Room) -> edition_warden::domain::instance::Instance {
    let id = edition_warden::domain::id::InstanceId::parse(ORDERS).unwrap();
    let workspace = edition_warden::app::LOCAL_WORKSPACE;
    let mut tx = room.store.read(&workspace.into()).await.unwrap();
    tx.load_case(&id).await.unwrap().unwrap().instance
}

/// Every order of so many.
fn orders_of(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let longer = |shorter: Vec<usize>| {
        (0..n).map(move |at| {
            let mut order = shorter.clone();
            order.insert(at, n);
            order
        })
    };
    orders_of(n - 1).into_iter().flat_map(longer).collect()
}

/// Its options, edition and expiry.
type Listed = (&'static str, &'static str, &'static str);

/// Files that come one after the other, and what is said before them.
const FILES: &[(&str, &[Listed])] = &[
    ("", &[("--accept", "standard", "")]),
    (
        "",
        &[("--accept", "standard", ""), ("--accept", "standard", "")],
    ),
    (
        "",
        &[
            ("--accept", "standard", ""),
            ("--quiet", "standard", ""),
            ("", "standard", ""),
        ],
    ),
    (
        "",
        &[
            ("--accept", "platinum", "2028-01-01"),
            ("", "platinum", "2028-01-01"),
        ],
    ),
    (
        "",
        &[
            ("--accept", "platinum", "2028-01-01"),
            ("", "platinum", "2028-01-01"),
            ("--accept", "platinum", "2028-01-01"),
        ],
    ),
    (
        "",
        &[
            ("", "platinum", "2027-03-01"),
            ("", "platinum", "2027-04-01"),
        ],
    ),
    (
        "",
        &[
            ("", "platinum", "2027-03-01"),
            ("--accept", "platinum", "2027-04-01"),
            ("", "platinum", "2027-05-01"),
        ],
    ),
    (
        "",
        &[
            ("--accept", "standard", ""),
            ("--accept", "platinum", "2027-04-01"),
        ],
    ),
    (
        "instance set orders --edition standard",
        &[("", "standard", ""), ("", "standard", "")],
    ),
    (
        "instance set orders --expires unknown",
        &[
            ("", "platinum", "2028-01-01"),
            ("", "platinum", "2028-01-01"),
        ],
    ),
];

/// In whatever order they are taken back, what was known before them is known again, and its plan is there.
#[tokio::test]
async fn files_are_taken_back_in_any_order() {
    for (said, files) in FILES {
        for order in orders_of(files.len()) {
            let mut room = Room::open().await;
            room.add_platinum("--action delete").await;
            room.advance("1h");
            if !said.is_empty() {
                room.says("alice", said).await.is("done", &[]);
            }
            let before = held(&room).await;
            let was_open = room.says("alice", "todo").await.text.contains("orders");
            for (options, edition, expires) in *files {
                room.advance("1h");
                room.imports(options, &file(edition, expires)).await;
                // A look at it, which writes down how fresh it is.
                room.says("alice", "instance set orders --topics 7").await;
            }
            for number in &order {
                room.says("alice", &format!("import undo {number}"))
                    .await
                    .is("done", &[]);
            }
            let after = held(&room).await;
            let facts = |it: edition_warden::domain::instance::Instance| {
                (it.edition, it.expires, it.unsaid_expires)
            };
            let shown = room.says("alice", "instance show orders").await.text;
            assert_eq!(
                facts(before),
                facts(after),
                "{said:?} {files:?} {order:?}\n{shown}"
            );
            assert!(!shown.contains("a confirmation was taken back"), "{shown}");
            let is_open = room.says("alice", "todo").await.text.contains("orders");
            assert!(is_open || !was_open, "{said:?} {files:?} {order:?}");
        }
    }
}

/// What a person has said since stays, whichever files are taken back.
#[tokio::test]
async fn a_persons_word_outlives_every_file() {
    let lines = [
        ("instance set orders --expires 2028-01-01", "expiry"),
        ("instance set orders --expires 2027-02-02", "expiry"),
        ("instance set orders --expires unknown", "expiry"),
    ];
    for (line, what) in lines {
        for order in orders_of(2) {
            let mut room = Room::open().await;
            room.add_platinum("").await;
            for _ in 0..2 {
                room.advance("1h");
                room.imports("--accept", &file("platinum", "2028-01-01"))
                    .await;
            }
            room.advance("1h");
            room.says("alice", line).await.is("done", &[]);
            let before = held(&room).await.expires;
            for number in &order {
                let heard = room.says("alice", &format!("import undo {number}")).await;
                if *number == 1 {
                    heard.has(&format!("{what} stays"));
                }
            }
            assert_eq!(before, held(&room).await.expires, "{line} {order:?}");
        }
    }
}

/// Files that are taken in one moment are ordered as well: the later one has said it again, whatever else it says.
#[rstest]
#[case::an_expiry(["platinum,2026-06-01", "platinum,2027-06-01", "platinum,2027-06-01"], "", "expiry")]
#[case::with_another_fact(["platinum,2026-06-01", "platinum,2027-06-01", "platinum,2027-06-01"], ",7", "expiry")]
#[tokio::test]
async fn files_of_one_moment_have_an_order(
    #[case] files: [&str; 3],
    #[case] last: &str,
    #[case] field: &str,
) {
    for first in [2, 3] {
        let mut room = Room::open().await;
        for (n, rest) in files.iter().enumerate() {
            let (more, column) = match n {
                2 if !last.is_empty() => (last, ",topics"),
                _ => ("", ""),
            };
            let row = format!("{ORDERS},orders,cn-hangzhou,{rest}{more}");
            let head = format!("id,name,region,edition,expires{column}");
            room.imports("", &csv(&head, &[&row])).await.is("done", &[]);
        }
        let heard = room.says("alice", &format!("import undo {first}")).await;
        if first == 2 {
            heard.has(&format!("{field} stays, a later file has said so"));
            room.says("alice", "import undo 3").await
        } else {
            heard.lacks(&format!("{field} as it was"));
            room.says("alice", "import undo 2").await
        }
        .has(&format!("{field} as it was"));
        room.says("alice", "instance show orders")
            .await
            .has("2026-06-01");
    }
}

/// A name, too.
#[tokio::test]
async fn names_of_one_moment_have_an_order() {
    let mut room = Room::open().await;
    for name in ["orders", "billing", "billing"] {
        let row = format!("{ORDERS},{name},cn-hangzhou");
        room.imports("", &csv("id,name,region", &[&row]))
            .await
            .is("done", &[]);
    }
    room.says("alice", "import undo 2")
        .await
        .has("name stays, a later file has said so");
    room.says("alice", "import undo 3")
        .await
        .has("name as it was");
}

/// The file that gave one commodity id to two instances is taken back: who had it has it, as before, whichever of them had.
#[rstest]
#[case::of_a_person(
    " --commodity-id ons-cn-0pp1abc2d34",
    "ons-cn-0pp1abc2d34 attested by alice"
)]
#[case::of_nobody("", "unknown")]
#[tokio::test]
async fn a_disputed_commodity_id_is_as_it_was(#[case] had: &str, #[case] then: &str) {
    let mut room = Room::of_team().await;
    for (id, name, more) in [(ORDERS, "orders", had), (STOCK, "stock", "")] {
        room.says(
            "alice",
            &format!(
                "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2026-03-01{more}"
            ),
        )
        .await
        .is("done", &[]);
    }
    room.advance("1h");
    let row = |id, name| format!("{id},{name},cn-hangzhou,platinum,2026-03-01,ons-cn-0pp1abc2d34");
    let rows = [row(ORDERS, "orders"), row(STOCK, "stock")];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let file = csv("id,name,region,edition,expires,commodity_id", &rows);
    room.imports("", &file).await;
    room.says("alice", "instance show orders")
        .await
        .has("stock claims too");
    room.says("alice", "import undo 1")
        .await
        .is("done", &[])
        .has("commodity id as it was")
        .lacks("commodity id stays");
    for (name, then) in [("orders", then), ("stock", "unknown")] {
        let shown = room
            .says("alice", &format!("instance show {name}"))
            .await
            .text;
        let words: Vec<&str> = shown.split_whitespace().collect();
        let then = format!("commodity id {then}");
        assert!(words.join(" ").contains(&then), "{shown}");
    }
}
