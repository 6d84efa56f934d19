//! The report of an odd file: names, dates, ids that are claimed twice, a database that fails in the middle.

use std::fmt::Write as _;

use edition_warden::store::Store;
use rstest::rstest;
use sqlx::ConnectOptions as _;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::{both, csv};
use crate::harness::{ORDERS, Room, STOCK};

const FEED: &str = "MQ_INST_1080056302921134_DZwKdNo9";

const THIRD: &str = "MQ_INST_1080056302921134_DXuIbML9";

/// A name that cannot be used costs no row: what can be used of it is shown with the end of the id, and told once.
#[rstest]
#[case::invisible("or\u{200b}ders-eu", "orders-eu~bML9")]
#[case::soft_hyphen("or\u{ad}ders-eu", "orders-eu~bML9")]
#[case::reordered("bill\u{202e}ing", "billing~bML9")]
#[case::hangul_filler("\u{3164}", "unnamed~bML9")]
#[case::another_id(ORDERS, "unnamed~bML9")]
#[case::an_id_in_small_letters("mq_inst_1080056302921134_bxuibml7", "unnamed~bML9")]
#[case::commodity_id("ons-cn-0pp1abc2d34", "unnamed~bML9")]
#[case::series_5("rmq-cn-7pp2abc3d45", "unnamed~bML9")]
#[case::slash("search/prod", "search-prod~bML9")]
#[case::option("--name", "name~bML9")]
#[case::nothing_left("//", "unnamed~bML9")]
#[tokio::test]
async fn names_that_cannot_be_used(#[case] vendor: &str, #[case] shown: &str) {
    for file in [
        csv(
            "id,name,region",
            &[&format!("{THIRD},{vendor},cn-hangzhou")],
        ),
        format!(
            r#"{{"Data":{{"InstanceVO":[{{"InstanceId":"{THIRD}","InstanceName":"{vendor}"}}]}}}}"#
        ),
    ] {
        let mut room = both().await;
        room.imports("--region cn-hangzhou", &file)
            .await
            .is("done", &[])
            .has("1 new")
            .has("cannot be a name")
            .has(&format!("The instance is called {shown} here"));
        room.says("alice", &format!("instance show {shown}"))
            .await
            .has(THIRD);
        // Somebody gives it a better one, and the file does not take that back.
        let line = format!("instance set {shown} --name search");
        room.says("alice", &line).await.is("done", &[]);
        room.advance("1d");
        room.imports("--region cn-hangzhou", &file)
            .await
            .has("1 unchanged")
            .lacks(shown);
        room.says("alice", "instance show search").await.has(THIRD);
    }
}

/// The room reads in UTC+8, and so does the configuration; another reader is told how the date was read.
#[tokio::test]
async fn a_date_without_a_zone_is_echoed_as_it_was_read() {
    let mut room = Room::open().await;
    let file = csv("id,name", &[&format!("{ORDERS},orders")]);
    let read = |options: &str| {
        let line = format!("import list.csv --region cn-hangzhou {options}");
        let Ok(edition_warden::command::Command::Import(request)) =
            edition_warden::command::parse_line(&line)
        else {
            panic!("`{line}` is no import");
        };
        request
    };
    let source = edition_warden::app::ImportSource {
        label: "list.csv".to_owned(),
        bytes: file.as_bytes().to_vec(),
        modified: None,
    };
    room.advance("1d");
    let actor = edition_warden::app::Actor::local("alice");
    for (options, echoed) in [
        ("--at 2026-01-01T20:00", true),
        ("--at 2026-01-01", true),
        ("--at 2026-01-01T20:00:00+08:00", false),
        ("", false),
    ] {
        let reply = room.warden.import(&actor, &read(options), &source).await;
        let reader = edition_warden::render::Reader::new(chrono_tz::Europe::Berlin, reply.at);
        let text = edition_warden::render::reply(&reply, &reader);
        let echo = text.contains("(Asia/Shanghai): no zone was given.");
        assert_eq!(echo, echoed, "{options}: {text}");
    }
    room.imports("--region cn-hangzhou --at 2026-01-01", &file)
        .await
        .lacks("no zone was given");
}

/// A trial says of commodity ids what taking the file would say, and keeps nothing.
#[rstest]
#[case::one_that_is_held(
    &[(THIRD, "third", "ons-cn-0pp1abc2d34")],
    Some("claimed by orders and third")
)]
#[case::twice_in_the_file(
    &[(STOCK, "stock", "ons-cn-0pp9xyz9z99"), (THIRD, "third", "ons-cn-0pp9xyz9z99")],
    Some("claimed by stock and third")
)]
#[case::passed_on(
    &[(ORDERS, "orders", "ons-cn-0pp9xyz9z99"), (THIRD, "third", "ons-cn-0pp1abc2d34")],
    None
)]
#[case::one_of_its_own(&[(THIRD, "third", "ons-cn-0pp9xyz9z99")], None)]
#[tokio::test]
async fn a_trial_tells_of_disputed_ids(
    #[case] rows: &[(&str, &str, &str)],
    #[case] disputed: Option<&str>,
) {
    let mut room = both().await;
    let said = csv(
        "id,name,commodity_id",
        &[&format!("{ORDERS},orders,ons-cn-0pp1abc2d34")],
    );
    room.imports("", &said).await.is("done", &[]);
    room.advance("1d");
    let rows: Vec<String> = rows
        .iter()
        .map(|(id, name, commodity)| format!("{id},{name},{commodity}"))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let file = csv("id,name,commodity_id", &rows);
    for (options, is) in [("--dry-run", "would be"), ("", "is")] {
        let heard = room
            .imports(&format!("--region cn-hangzhou {options}"), &file)
            .await;
        match disputed {
            Some(names) => {
                heard.has(&format!("{is} {names}"));
            }
            None => {
                heard.lacks("claimed by");
            }
        }
    }
}

/// The database fails after some rows are kept: they are told, the others are named as not taken, and the same file takes
/// these when it can.
#[tokio::test]
async fn what_was_taken_before_it_failed_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let mut room = Room::of_team_on(Store::open(&path).await.unwrap());
    let mut file = String::from("id,name,region\n");
    for number in 0..250 {
        let _ = writeln!(
            file,
            "MQ_INST_1080056302921134_Row{number:04},row-{number},cn-hangzhou"
        );
    }
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql(
        "CREATE TRIGGER full BEFORE INSERT ON instance WHEN NEW.id LIKE '%Row0150' \
         BEGIN SELECT RAISE(ABORT, 'no room'); END",
    )
    .execute(&mut other)
    .await
    .unwrap();
    room.imports("", &file)
        .await
        .is("inconclusive", &[])
        .has("Stopped: some of the rows were imported, and stay.")
        .has("150 rows were not taken")
        .has("Import the same file again: that is safe")
        .lacks("nothing was changed")
        .has("100 new, 0 changed")
        .lacks("Nothing was recorded")
        .lacks("row-150");
    room.says("alice", "imports").await.has("100 new");
    room.says("alice", "instance show row-99")
        .await
        .is("info", &[]);
    room.says("alice", "instance show row-100")
        .await
        .is("invalid", &[]);
    sqlx::raw_sql("DROP TRIGGER full")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("150 new, 0 changed, 100 unchanged");
}

/// Where the first rows fail nothing is taken, and that is said.
#[tokio::test]
async fn where_the_first_rows_fail_nothing_was_taken() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let mut room = Room::of_team_on(Store::open(&path).await.unwrap());
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql(
        "CREATE TRIGGER full BEFORE INSERT ON instance \
         BEGIN SELECT RAISE(ABORT, 'no room'); END",
    )
    .execute(&mut other)
    .await
    .unwrap();
    other.close().await.unwrap();
    let file = csv("id,name,region", &[&format!("{ORDERS},orders,cn-hangzhou")]);
    room.imports("", &file)
        .await
        .is("inconclusive", &[])
        .has("Nothing was recorded");
    room.says("alice", "imports").await.has("No file was taken");
}

/// Of a long file each row that has a problem is told, and as many of the others as anybody reads.
#[tokio::test]
async fn a_long_report_says_how_many_more_there_are() {
    let mut room = Room::of_team().await;
    let mut file = String::from("id,name,region,edition\n");
    for number in 0..1_234 {
        let account = if number % 500 == 400 {
            "108****1134"
        } else {
            "1080056302921134"
        };
        let _ = writeln!(
            file,
            "MQ_INST_{account}_Row{number:04},row-{number},cn-hangzhou,standard"
        );
    }
    for options in ["--dry-run", ""] {
        room.imports(options, &file)
            .await
            .has("1232 new, 0 changed")
            .has("2 refused")
            .has("line 402 ")
            .has("line 902 ")
            .has("row-1001 ")
            .lacks("row-1002 ")
            .has("and 232 more rows: 232 new");
    }
    room.imports("", &file)
        .await
        .has("1232 unchanged")
        .lacks("more rows");
    let moved = file.replace("row-", "node-");
    room.imports("", &moved)
        .await
        .has("1232 changed")
        .has("and 232 more rows: 232 changed")
        .has("name from row-7 to node-7");
    room.says("bob", "import undo 3")
        .await
        .is("done", &[])
        .has("row-7: name as it was")
        .has("! And 232 more like these.");
}

/// JSON is read item by item wherever a list or a line holds one.
#[rstest]
#[case::lines(
    "",
    "\n",
    "",
    "249 changed, 0 unchanged, 0 in conflict, 0 skipped, 1 refused"
)]
#[case::list("[", ",", "]", "is not JSON")]
#[case::lists("[", "] [", "]", "is not JSON")]
#[tokio::test]
async fn json_is_taken_item_by_item(
    #[case] open: &str,
    #[case] between: &str,
    #[case] close: &str,
    #[case] of_a_broken_one: &str,
) {
    let mut room = Room::of_team().await;
    let rows: Vec<String> = (0..250)
        .map(|number| {
            format!(
                r#"{{"InstanceId": "MQ_INST_1080056302921134_Row{number:04}", "InstanceName": "row-{number}", "InstanceType": 1}}"#
            )
        })
        .collect();
    let file = format!("{open}{}{close}", rows.join(between));
    room.imports("--region cn-hangzhou", &file)
        .await
        .is("done", &[])
        .has("250 new");
    let broken = file.replace(
        "\"row-249\", \"InstanceType\": 1",
        "\"row-249\", \"InstanceType\": oops",
    );
    let other = broken.replace("row-", "node-");
    room.imports("--region cn-hangzhou", &other)
        .await
        .has(of_a_broken_one);
    room.says("alice", "instance show row-249")
        .await
        .is("info", &[]);
}

/// The subscription of what is Platinum has ended: it is Standard by now or gone, and people are told once.
#[tokio::test]
async fn a_released_subscription_is_an_alarm() {
    let mut room = Room::of_team().await;
    for (id, name, edition, commodity) in [
        (
            ORDERS,
            "orders",
            "platinum --expires 2026-06-01",
            "ons-cn-0pp1abc2d34",
        ),
        (STOCK, "stock", "standard", "ons-cn-0pp1abc2d35"),
        (FEED, "feed", "unknown", "ons-cn-0pp1abc2d36"),
    ] {
        let edition = edition.replace("unknown", "platinum --expires 2026-07-01");
        let line = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition {edition} --commodity-id {commodity}"
        );
        room.as_says("root admin", &line).await.is("done", &[]);
    }
    room.as_says("root admin", "instance set feed --edition unknown")
        .await
        .is("done", &[]);
    let row = |id: &str| {
        format!(
            r#"{{"InstanceID": "{id}", "Region": "cn-hangzhou", "SubscriptionType": "Subscription", "EndTime": "2030-01-01T16:00:00Z", "RenewStatus": "NotRenewal", "Status": "Released"}}"#
        )
    };
    let ids = [
        "ons-cn-0pp1abc2d34",
        "ons-cn-0pp1abc2d35",
        "ons-cn-0pp1abc2d36",
    ];
    let file = format!(
        r#"{{"Data": {{"InstanceList": [{}]}}}}"#,
        ids.map(row).join(", ")
    );
    room.advance("1h");
    let heard = room.imports("", &file).await;
    heard
        .is("done", &[])
        .has("orders  released  its subscription has ended")
        .has("feed    released  its subscription has ended")
        .has("2 changed, 1 unchanged");
    room.passes("1m").await;
    let told = room.transcript();
    assert!(
        told.contains("listed as ended: edition is not known any more (Platinum before)"),
        "{told}"
    );
    room.as_says("root admin", "todo")
        .await
        .has("orders: edition: unknown")
        .has("feed: edition: unknown")
        .lacks("stock");
    room.as_says("root admin", "instance show orders")
        .await
        .has("2026-06-01")
        .lacks("2030");
    room.advance("1h");
    room.imports("", &file).await.has("0 changed, 3 unchanged");
}

#[tokio::test]
async fn a_listing_with_a_total_beside_it_finds_nothing_missing() {
    let mut room = Room::of_team().await;
    for (id, name) in [(ORDERS, "orders"), (STOCK, "stock")] {
        let line = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2026-06-01"
        );
        room.as_says("root admin", &line).await.is("done", &[]);
    }
    room.advance("1h");
    let file = format!(
        r#"{{"TotalCount": 2, "Data": {{"InstanceVO": [{{"InstanceId": "{ORDERS}", "InstanceName": "orders", "InstanceType": 2}}]}}}}"#
    );
    room.imports("--complete --region cn-hangzhou --accept-missing 1", &file)
        .await
        .is("inconclusive", &[])
        .has("not whole")
        .has("(1 of 2 rows)");
    room.as_says("root admin", "instance show stock")
        .await
        .has("Platinum");
}

/// Where no row is read as a whole it is another file than it should be: nothing of it is taken, and nothing is changed.
#[rstest]
#[case("id,name,region,edition", "cn-hangzhou,gold", "cn-hangzhou,silver")]
#[case(
    "id,name,region,expires",
    "cn-hangzhou,1796400000",
    "cn-hangzhou,01.02.2027"
)]
#[case("id,name,region,team", "East 1,payments", "East 2,search")]
#[tokio::test]
async fn a_file_of_which_no_row_is_read_as_a_whole(
    #[case] header: &str,
    #[case] one: &str,
    #[case] other: &str,
) {
    let mut room = Room::of_team().await;
    let rows = [
        format!("{ORDERS},orders,{one}"),
        format!("{STOCK},stock,{other}"),
    ];
    let file = csv(header, &[&rows[0], &rows[1]]);
    room.imports("--region cn-hangzhou", &file)
        .await
        .is("invalid", &[])
        .has("none of the rows can be used")
        .has("2 refused");
    room.as_says("root admin", "instance list")
        .await
        .has("No instance");
    // One of them that is shows that it is the right file.
    let file = format!("{file}{FEED},feed,cn-hangzhou,\n");
    let heard = room.imports("--region cn-hangzhou", &file).await;
    heard
        .is("done", &[])
        .has("3 new")
        .has("Not read, so not taken: at line 2");
}

/// The name with the end of the id may be in use as well: by a name of an earlier listing, or by another row.
#[rstest]
#[case::chosen_before("orders~bML9", &[(THIRD, "orders")])]
#[case::chosen_before_in_capitals("ORDERS~BML9", &[(THIRD, "orders")])]
#[case::longer_ends_too("orders~bML9", &[(THIRD, "orders"), ("MQ_INST_1080056302921134_EXuIbML9", "orders")])]
#[case::one_end("search", &[(THIRD, "orders"), ("MQ_INST_1080056302921134_EYuIbML9", "orders"), ("MQ_INST_1080056302921134_EZuTbML9", "orders")])]
#[case::one_end_and_no_name("search", &[(THIRD, "--"), ("MQ_INST_1080056302921134_EYuIbML9", "##"), ("MQ_INST_1080056302921134_EZuTbML9", "")])]
#[case::the_file_says_it(
    "search",
    &[("MQ_INST_1080056302921134_EYuIbML9", "orders~bML9"), (THIRD, "orders"), (FEED, "orders~dNo9")]
)]
#[tokio::test]
async fn a_marked_name_may_be_in_use(#[case] chosen: &str, #[case] rows: &[(&str, &str)]) {
    let mut room = both().await;
    // Such a name comes from a listing: nobody may type it.
    let before = csv(
        "id,name,region",
        &[&format!("{STOCK},{chosen},cn-hangzhou")],
    );
    room.imports("", &before).await.is("done", &[]);
    room.advance("1h");
    let lines: Vec<String> = rows
        .iter()
        .map(|(id, name)| format!("{id},{name},cn-hangzhou"))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let file = csv("id,name,region", &lines);
    for heard in ["new", "unchanged"] {
        room.imports("", &file)
            .await
            .is("done", &[])
            .has(&format!("{} {heard}", rows.len()));
        room.advance("1h");
    }
    for (id, _) in rows {
        room.says("alice", &format!("instance show {id}"))
            .await
            .has("tracked from now on");
    }
}

/// Nothing warns of an instance that is recorded as deleted: that a listing read since has it is told with the first such file,
/// is open from then on, on the ladder, and in every digest until somebody settles it.
#[rstest]
#[case::for_a_day(&["1h", "1h", "1d", "1d"], 1 + 1)]
#[case::for_weeks(&["1h", "5d", "5d", "5d", "5d", "5d"], 1 + 4)]
#[case::late(&["40d", "1h", "1d"], 1 + 1)]
#[tokio::test]
async fn a_listing_has_what_was_recorded_as_deleted(#[case] files: &[&str], #[case] told: usize) {
    let mut room = Room::of_team().await;
    room.add_platinum("").await;
    let file = csv("id,name,region", &[&format!("{ORDERS},orders,cn-hangzhou")]);
    let lost = "instance lost orders --reason gone";
    room.says("alice", lost).await.is("done", &[]);
    // A file from before says nothing against it.
    room.imports("--at 2026-01-01", &file).await.is("done", &[]);
    room.says("alice", "todo").await.lacks("orders");
    for span in files {
        room.passes(span).await;
        room.imports("--quiet", &file).await.is("done", &[]);
        room.says("alice", "todo")
            .await
            .has("orders: recorded as deleted at the vendor, by alice")
            .has("`instance remove MQ_INST_");
    }
    room.passes("1m").await;
    let all = room.transcript().to_owned();
    let posts = all.split("\n\n").filter(|block| block.contains("\n» "));
    let about =
        posts.filter(|post| post.contains("is recorded as deleted at the vendor, by alice"));
    let about: Vec<&str> = about.filter(|post| !post.contains("· digest")).collect();
    assert_eq!(about.len(), told, "{all}");
    assert!(about.iter().all(|post| post.contains('@')), "{about:?}");
    let before = room.transcript().len();
    room.passes("30d").await;
    let digests = room.transcript()[before..].split("\n\n");
    let digests: Vec<&str> = digests.filter(|post| post.contains("· digest")).collect();
    assert!(digests.len() >= 4);
    let said = "orders: recorded as deleted at the vendor, by alice";
    assert!(
        digests.iter().all(|digest| digest.contains(said)),
        "{digests:?}"
    );
}

/// That it is gone, or tracked again, settles it; a file that has it after that is told as the first was.
#[rstest]
#[case::gone("instance lost orders --reason looked", true)]
#[case::there(
    "instance remove MQ_INST_1080056302921134_BXuIbML7 --reason there",
    false
)]
#[tokio::test]
async fn what_a_listing_has_although_it_is_lost_is_settled(
    #[case] settles: &str,
    #[case] stays_lost: bool,
) {
    let mut room = Room::of_team().await;
    room.add_platinum("").await;
    let file = csv("id,name,region", &[&format!("{ORDERS},orders,cn-hangzhou")]);
    room.says("alice", "instance lost orders --reason gone")
        .await
        .is("done", &[]);
    room.says("alice", "instance lost orders --reason again")
        .await
        .is("blocked", &[]);
    room.passes("1h").await;
    room.imports("", &file).await.is("done", &[]);
    room.says("alice", "todo").await.has("orders");
    room.passes("1h").await;
    room.says("alice", settles).await.is("done", &[]);
    room.says("alice", "todo").await.lacks("orders");
    let before = room.transcript().len();
    room.passes("10d").await;
    let quiet = &room.transcript()[before..];
    assert!(!quiet.contains("orders: recorded"), "{quiet}");
    let before = room.transcript().len();
    room.imports("", &file).await.is("done", &[]);
    room.passes("1m").await;
    let told = room.transcript()[before..].contains("is recorded as deleted at the vendor");
    assert_eq!(told, stays_lost);
    let heard = room.says("alice", "todo").await;
    assert_eq!(heard.text.contains("orders: recorded"), stays_lost);
}

/// Of Platinum without an expiry nothing warns: the reply says so, once.
#[rstest]
#[case::new("platinum,", true)]
#[case::new_with_an_expiry("platinum,2026-06-01", false)]
#[case::standard("standard,", false)]
#[tokio::test]
async fn platinum_without_an_expiry_is_told_of(#[case] row: &str, #[case] told: bool) {
    const WORDS: &str = "Nobody has said when cn-hangzhou/orders expires, so nothing warns before it does: `instance set cn-hangzhou/orders --expires WHEN`.";
    let mut room = Room::of_team().await;
    let file = csv(
        "id,name,region,edition,expires",
        &[&format!("{ORDERS},orders,cn-hangzhou,{row}")],
    );
    let tried = room.imports("--dry-run", &file).await;
    assert_eq!(
        tried.text.contains("so nothing would warn before it does"),
        told
    );
    for (options, first) in [("--quiet", true), ("", false)] {
        let heard = room.imports(options, &file).await;
        assert_eq!(heard.text.contains(WORDS), told && first, "{}", heard.text);
        room.advance("1h");
    }
}

/// What a file makes of an instance that was there counts as well, and many are named in one line.
#[tokio::test]
async fn many_without_an_expiry_are_told_of_in_one_line() {
    let mut room = Room::of_team().await;
    room.add_standard("").await;
    room.advance("1h");
    let ids = (0..25)
        .map(|n| format!("MQ_INST_1080056302921134_Many{n:04},many-{n:02},cn-hangzhou,platinum"));
    let mut rows = vec![format!("{ORDERS},orders,cn-hangzhou,platinum")];
    rows.extend(ids);
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let file = csv("id,name,region,edition", &rows);
    let heard = room.imports("--accept", &file).await;
    heard
        .is("done", &[])
        .has("Nobody has said when these 26 Platinum instances expire, so nothing warns before they do: cn-hangzhou/orders, ")
        .has(" and 6 more. For each: `instance set NAME --expires WHEN`.");
}

/// Where the file moves something else as well, the alerts channel is told both in one message.
#[tokio::test]
async fn what_was_recorded_as_deleted_is_told_beside_what_moved() {
    let mut room = Room::of_team().await;
    room.add_platinum("").await;
    let stock = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-05-01"
    );
    for line in [stock.as_str(), "instance lost orders --reason gone"] {
        room.says("alice", line).await.is("done", &[]);
    }
    room.passes("1h").await;
    let rows = [
        format!("{ORDERS},orders,cn-hangzhou,2026-03-01"),
        format!("{STOCK},stock,cn-hangzhou,2026-06-01"),
    ];
    let file = csv("id,name,region,expires", &[&rows[0], &rows[1]]);
    let before = room.transcript().len();
    room.imports("", &file).await.is("done", &[]);
    room.passes("1m").await;
    let all = &room.transcript()[before..];
    let words = "is recorded as deleted at the vendor, by alice";
    let about = all.split("\n\n").filter(|block| block.contains(words));
    let about: Vec<&str> = about.collect();
    assert_eq!(about.len(), 1, "{all}");
    assert!(about[0].contains("A file moved what counts"), "{all}");
    assert_eq!(about[0].matches(words).count(), 1, "{all}");
}

/// Standard in a listing is told where no confirmed exit explains it, also of an instance whose downgrade is open.
#[rstest]
#[case::approved_and_not_done(&[], true)]
#[case::done_outside(&["confirm 1 unsubscribe --outside --reason hurry"], false)]
#[case::over(&["cancel 1 --reason later"], true)]
#[tokio::test]
async fn standard_that_no_confirmed_exit_explains(#[case] lines: &[&str], #[case] told: bool) {
    let mut room = Room::of_team().await;
    room.add_platinum("--action downgrade").await;
    room.says("alice", "downgrade orders --by unsubscribe")
        .await;
    for line in lines {
        room.says("alice", line).await.is("done", &[]);
    }
    room.passes("1h").await;
    let row = format!("{ORDERS},orders,cn-hangzhou,standard");
    let file = csv("id,name,region,edition", &[&row]);
    room.imports("", &file).await.is("done", &[]);
    room.passes("1m").await;
    let all = room.transcript();
    let alert = "A file moved what counts";
    assert_eq!(all.contains(alert), told, "{all}");
}

/// A row with another region is about the same instance: its facts are taken, and both regions are held side by side, told and
/// shown, until a person says which is right. Until then no row of a refund list is pointed at.
#[tokio::test]
async fn of_a_row_with_another_region_the_facts_are_taken_and_the_region_is_not() {
    const ALICE: &str = "alice requester";
    const BOTH: &str = "cn-hangzhou or cn-beijing (two sources disagree)";
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --commodity-id ons-cn-0pp1abc2d34"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("needs_approval", &[]);
    room.as_says("bob approver", "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says("carol approver", "approve 1")
        .await
        .is("done", &[]);
    room.passes("1h").await;
    let file = csv("id,region,topics", &[&format!("{ORDERS},cn-beijing,7")]);
    let before = room.transcript().len();
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("region cn-beijing contradicts cn-hangzhou")
        .has("topics 7");
    room.passes("1m").await;
    let told = room.transcript()[before..].to_owned();
    assert!(told.contains("A file moved what counts"), "{told}");
    assert!(told.contains(BOTH), "{told}");
    assert!(told.contains("void"), "{told}");
    room.as_says(ALICE, "instance show orders")
        .await
        .has(BOTH)
        .has("7");
    room.as_says(ALICE, "todo").await.has(BOTH);
    room.as_says(ALICE, "check unsubscribe orders")
        .await
        .is("inconclusive", &["refund-limits"])
        .has("orders --region REGION`");
    // What is said again is not told again.
    let before = room.transcript().len();
    room.advance("1h");
    room.imports("", &file).await.has("1 in conflict");
    room.passes("1m").await;
    let again = &room.transcript()[before..];
    assert!(!again.contains("A file moved"), "{again}");
    // The file that agrees settles nothing, a person does.
    let agrees = csv("id,region", &[&format!("{ORDERS},cn-hangzhou")]);
    room.imports("", &agrees).await.is("done", &[]);
    room.as_says(ALICE, "instance show orders").await.has(BOTH);
    room.as_says(ALICE, "instance set orders --region cn-hangzhou")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "instance show orders")
        .await
        .lacks("\n  region ")
        .has(&format!("orders (cn-hangzhou, {ORDERS})"));
    room.as_says(ALICE, "check unsubscribe orders")
        .await
        .lacks("two sources disagree");
}

/// Taken back, the file has said nothing of the region; said again by a later one, it is still disputed.
#[rstest]
#[case::once(false)]
#[case::again(true)]
#[tokio::test]
async fn an_undone_file_disputes_no_region(#[case] again: bool) {
    let mut room = Room::open().await;
    room.add_platinum("").await;
    room.advance("1h");
    let file = csv("id,topics", &[&format!("{ORDERS},7")]);
    room.imports("--region cn-beijing", &file)
        .await
        .is("done", &[]);
    if again {
        room.advance("1h");
        room.imports("--region cn-beijing", &file)
            .await
            .is("done", &[]);
    }
    room.says("alice", "import undo 1").await.is("done", &[]);
    let shown = room.says("alice", "instance show orders").await;
    let title = shown.text.lines().next().unwrap_or_default();
    assert_eq!(title.contains("cn-beijing"), again, "{}", shown.text);
}

/// A row of a listing that calls its instance released is no sign that it is there, whatever the column is called.
#[rstest]
#[case::a_status("Status", r#""Released""#, true)]
#[case::its_name("InstanceStatusName", r#""已释放""#, true)]
#[case::the_vendors_key("InstanceStatus", r#""RELEASED""#, true)]
#[case::about_to_be("LifecycleState", r#""Releasing""#, true)]
#[case::in_chinese("实例状态", r#""已删除""#, true)]
#[case::a_mark("Deleted", "true", true)]
#[case::a_mark_in_a_number("IsReleased", "1", true)]
#[case::no_mark("Deleted", "false", false)]
#[case::not_yet("状态", r#""未释放""#, false)]
#[case::denied("Status", r#""not released""#, false)]
#[case::running("Status", r#""Running""#, false)]
#[case::a_remark("Remark2", r#""release train 7""#, false)]
#[tokio::test]
async fn a_row_that_calls_its_instance_released_is_an_alarm(
    #[case] key: &str,
    #[case] value: &str,
    #[case] is_gone: bool,
) {
    let json = format!(
        r#"{{"Data": {{"InstanceVO": [{{"InstanceId": "{ORDERS}", "InstanceName": "orders", "InstanceType": 2, "ReleaseTime": 1780243200000, "{key}": {value}}}]}}}}"#
    );
    let cell = value.trim_matches('"');
    let csv =
        format!("id,name,edition,expires,{key}\n{ORDERS},orders,platinum,2026-06-01,{cell}\n");
    for file in [json, csv] {
        let mut room = Room::of_team().await;
        room.as_says(
            "root admin",
            &format!(
                "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-06-01"
            ),
        )
        .await
        .is("done", &[]);
        room.passes("1h").await;
        let heard = room.imports("--region cn-hangzhou --quiet", &file).await;
        let todo = room.as_says("root admin", "todo").await;
        if is_gone {
            heard.has("released or deleted, or about to be");
            heard.lacks("Not understood");
            todo.has("orders: edition: unknown");
            room.passes("1m").await;
            let said = room.transcript();
            assert!(said.contains("· alert · @"), "{said}");
        } else {
            heard.lacks("may be gone");
            todo.lacks("edition: unknown");
        }
    }
}

/// What is not tracked and called gone is not tracked because of that.
#[tokio::test]
async fn nothing_is_tracked_because_it_is_gone() {
    let mut room = Room::of_team().await;
    let file =
        format!("id,name,region,edition,status\n{ORDERS},orders,cn-hangzhou,platinum,released\n");
    room.imports("", &file).await.has("it is not tracked");
    room.as_says("root admin", "instance list")
        .await
        .lacks("orders");
}

/// A date that no subscription reaches is no expiry: it is asked for, or the one before it stays.
#[tokio::test]
async fn an_expiry_that_cannot_be_is_none() {
    let file = |at: &str| {
        format!(
            "id,name,region,edition,expires,auto_renew\n{ORDERS},orders,cn-hangzhou,platinum,{at},off\n"
        )
    };
    let mut room = Room::of_team().await;
    room.imports("", &file("2100-01-01"))
        .await
        .has("is more than six years ahead");
    room.as_says("root admin", "todo")
        .await
        .has("orders: expiry: unknown");
    let before = room.transcript().len();
    room.passes("30h").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("When does orders expire?"), "{said}");
    room.imports("", &file("2026-06-01")).await;
    room.passes("1h").await;
    room.imports("", &file("2100-01-01"))
        .await
        .has("is more than six years ahead");
    room.as_says("root admin", "instance show orders")
        .await
        .has("2026-06-01")
        .lacks("2100");
}

/// A cell of a column that need not be there keeps no row from being taken, also where the file has no other row.
#[rstest]
#[case("自动续费", "是", "on")]
#[case("自动续费", "否", "off")]
#[case("自动续费", "开", "on")]
#[case("自动续费", "关", "off")]
#[case("自动续费", "已开通", "on")]
#[case("自动续费", "未开通", "off")]
#[case("自动续费", "Y", "on")]
#[case("auto_renew", "N", "off")]
#[case("自动续费", "maybe", "unknown")]
#[case("max_tps", "many", "unknown")]
#[case("commodity_id", "ons-?", "unknown")]
#[tokio::test]
async fn a_bad_cell_keeps_no_row_from_being_taken(
    #[case] column: &str,
    #[case] cell: &str,
    #[case] read: &str,
) {
    let mut room = Room::of_team().await;
    let file = format!(
        "id,name,region,edition,expires,{column}\n{ORDERS},orders,cn-hangzhou,platinum,2026-06-01,{cell}\n"
    );
    let heard = room.imports("", &file).await;
    heard.is("done", &[]);
    if read == "unknown" {
        heard.has("Not read, so not taken").has(cell);
    } else {
        room.as_says("root admin", "instance show orders")
            .await
            .has(&format!("auto-renewal            {read} "));
    }
    room.as_says("root admin", "instance show orders")
        .await
        .has("2026-06-01");
}

/// The different values of a column that is not read are all named, within reason.
#[tokio::test]
async fn what_is_not_understood_is_named_value_by_value() {
    let mut room = Room::of_team().await;
    let rows = |values: &[&str]| {
        let rows = values.iter().enumerate().map(|row| {
            format!(
                "MQ_INST_1080056302921134_BX{:06},i{},cn-hangzhou,{}\n",
                row.0, row.0, row.1
            )
        });
        format!("id,name,region,stage\n{}", rows.collect::<String>())
    };
    room.imports("", &rows(&["live", "live", "odd"]))
        .await
        .has("`stage` (`live`, `odd`, first at line 2, 3 times)");
    let many: Vec<String> = (0..40).map(|n| format!("s{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    room.imports("", &rows(&many))
        .await
        .has("`s5` and others, first at line 2")
        .lacks("`s6`");
}
