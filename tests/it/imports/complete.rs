//! Instances that a complete listing lacks: reported at once where there are few, held back where there are many.

use rstest::rstest;

use super::csv;
use crate::harness::{ORDERS, Room};

fn id(n: usize) -> String {
    format!("MQ_INST_1080056302921134_Node{n:04}")
}

fn listing(numbers: impl Iterator<Item = usize>) -> String {
    let rows: Vec<String> = numbers
        .map(|n| format!("{},node-{n},cn-hangzhou,platinum,2026-06-01", id(n)))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    csv("id,name,region,edition,expires", &rows)
}

/// A dozen instances, all from a file.
async fn dozen() -> Room {
    let mut room = Room::of_team().await;
    room.imports("--complete", &listing(0..12))
        .await
        .is("done", &[]);
    room.advance("1d");
    room
}

const COMPLETE: &str = "--complete --region cn-hangzhou";

#[tokio::test]
async fn one_that_is_missing_is_told_at_once_to_its_team_and_where_alarms_go() {
    let mut room = dozen().await;
    room.imports(COMPLETE, &listing(1..12))
        .await
        .is("done", &[])
        .has("Missing in the file, so the edition is not known any more: node-0.");
    room.passes("1m").await;
    let said = room.transcript();
    assert!(said.contains("alert"), "{said}");
    assert!(
        said.contains(
            "missing from a listing, or listed as ended: edition is not known any more (Platinum before)"
        ),
        "{said}"
    );
    assert!(said.contains("role:approver"), "{said}");
    room.says("alice", "instance show node-0")
        .await
        .has("edition                 unknown");
}

/// Refunds are one list of the account: what a listing lacks shortly after an unsubscription was confirmed may be what was
/// unsubscribed, whichever row was meant.
#[rstest::rstest]
#[case::the_same(
    3,
    "14h",
    "#1 was confirmed as unsubscribed 14 h before: this may be it."
)]
#[case::another(
    0,
    "14h",
    "node-3, of the same account, was confirmed as unsubscribed 14 h before (#1): this one may have been unsubscribed instead."
)]
#[case::long_ago(0, "4d", "")]
#[tokio::test]
async fn what_is_missing_after_an_unsubscription_may_be_what_was_unsubscribed(
    #[case] missing: usize,
    #[case] after: &str,
    #[case] wanted: &str,
) {
    let mut room = dozen().await;
    for (who, line) in [
        ("alice requester", "downgrade node-3 --by unsubscribe"),
        (
            "alice requester",
            "confirm 1 unsubscribe --outside --reason \"it was urgent\"",
        ),
    ] {
        room.as_says(who, line).await;
    }
    room.advance(after);
    let rest = (0..12).filter(|n| *n != missing);
    room.imports(COMPLETE, &listing(rest))
        .await
        .has("Missing in the file");
    room.passes("1m").await;
    let told = room.transcript();
    assert!(told.contains("missing from a listing"), "{told}");
    let links = told.matches("was confirmed as unsubscribed").count();
    if wanted.is_empty() {
        assert_eq!(links, 0, "{told}");
    } else {
        assert!(told.contains(wanted), "{told}");
    }
}

/// One that was alone in its account is missed by the file that had it, and by no other.
#[tokio::test]
async fn one_that_is_alone_in_its_account_is_missed_by_the_file_that_had_it() {
    let mut room = Room::of_team().await;
    let lone = "MQ_INST_2080056302921134_Lone0001,lone,cn-hangzhou,platinum,2026-06-01\n";
    let both = format!("{}{lone}", listing(0..12));
    room.imports(COMPLETE, &both).await.is("done", &[]);
    room.advance("1d");
    room.imports(COMPLETE, &listing(0..12))
        .await
        .has("Missing in the file, so the edition is not known any more: lone.");
    room.passes("1m").await;
    assert!(room.transcript().contains("missing from a listing"));
    // Said once, and the file stays one of both accounts.
    let before = room.transcript().matches("missing from a listing").count();
    room.advance("1d");
    room.imports(COMPLETE, &listing(0..12)).await;
    room.passes("1m").await;
    let after = room.transcript().matches("missing from a listing").count();
    assert_eq!(before, after, "{}", room.transcript());
}

/// The other way is the default: whatever the number, an empty answer or half of one forgets nothing.
#[tokio::test]
async fn many_that_are_missing_are_held_back() {
    for kept in [0, 6, 9] {
        let mut room = dozen().await;
        let missing = 12 - kept;
        let half = listing(missing..12);
        room.imports(COMPLETE, &half)
            .await
            .is("inconclusive", &[])
            .has(&format!(
                "lacks {missing} of the 12 instances of cn-hangzhou"
            ))
            .has(&format!("--complete --accept-missing {missing}"));
        room.passes("1m").await;
        let said = room.transcript();
        assert!(said.contains("A listing is held back (list.csv)"), "{said}");
        assert!(said.contains("node-0, node-1"), "{said}");
        room.says("alice", "instance show node-0")
            .await
            .has("Platinum");
        // The same again is not told again.
        let before = room.transcript().matches("A listing is held back").count();
        room.advance("1d");
        room.imports(COMPLETE, &half).await.is("inconclusive", &[]);
        room.passes("1m").await;
        let after = room.transcript().matches("A listing is held back").count();
        assert_eq!(before, after);
        room.imports(&format!("{COMPLETE} --accept-missing 1"), &half)
            .await
            .is("inconclusive", &[])
            .has("(--accept-missing 1 is another number)");
        room.imports(&format!("{COMPLETE} --accept-missing {missing}"), &half)
            .await
            .is("done", &[])
            .has("the edition is not known any more: node-0,");
        room.says("alice", "imports")
            .await
            .has(&format!("{missing} missing"));
    }
}

/// Rows that are there are taken, whatever is held back.
#[tokio::test]
async fn the_rows_of_a_listing_that_is_held_back_are_taken() {
    let mut room = dozen().await;
    let some = listing(8..12).replace("2026-06-01", "2027-06-01");
    room.imports(COMPLETE, &some)
        .await
        .is("inconclusive", &[])
        .has("4 changed");
    room.says("alice", "instance show node-9")
        .await
        .has("2027-06-01");
}

#[tokio::test]
async fn a_file_that_is_not_whole_proves_nothing_missing() {
    let mut room = dozen().await;
    let broken = listing(1..12) + "MQ_INST_108****_Node,x,cn-hangzhou,platinum,\n";
    room.imports(COMPLETE, &broken)
        .await
        .is("inconclusive", &[])
        .has("The file is not whole");
    let two = r#"{"Data": {"InstanceVO": []}}{"Data": {"InstanceVO": []}}"#;
    room.imports(COMPLETE, two).await.is("inconclusive", &[]);
    let rows = |n| format!(r#"{{"InstanceId": "{}", "InstanceType": 2}}"#, id(n));
    let two = format!(
        r#"{{"Data": {{"InstanceVO": [{}]}}}}{{"Data": {{"InstanceVO": [{}]}}}}"#,
        rows(0),
        rows(1)
    );
    room.imports(COMPLETE, &two)
        .await
        .is("invalid", &[])
        .has("holds 2 listings");
    let billing = r#"{"Data": {"InstanceList": []}}"#;
    room.imports(COMPLETE, billing)
        .await
        .is("invalid", &[])
        .has("lists subscriptions");
}

/// A listing of another account in the same region says nothing of this one's, and does not end what is held back of it.
#[tokio::test]
async fn a_listing_is_complete_for_the_accounts_whose_instances_it_has() {
    let others = |numbers: std::ops::Range<usize>| {
        let listing = listing(numbers).replace("MQ_INST_108", "MQ_INST_208");
        listing.replace("node-", "other-")
    };
    let mut room = dozen().await;
    room.imports("", &others(0..2)).await.is("done", &[]);
    for _ in 0..3 {
        room.advance("1d");
        room.imports(COMPLETE, &listing(0..12))
            .await
            .is("done", &[]);
        room.imports(COMPLETE, &others(0..2)).await.is("done", &[]);
    }
    let half = listing(0..6);
    for _ in 0..3 {
        room.advance("1h");
        room.imports(COMPLETE, &half)
            .await
            .is("inconclusive", &[])
            .has("lacks 6 of the 12 instances of cn-hangzhou of account 1080056302921134");
        room.imports(COMPLETE, &others(0..2)).await.is("done", &[]);
    }
    room.says("alice", "settings show")
        .await
        .has("lacks 6 tracked instances of cn-hangzhou of account 1080056302921134");
    room.passes("1m").await;
    let said = room.transcript();
    assert_eq!(said.matches("A listing is held back").count(), 1, "{said}");
    room.imports(COMPLETE, &listing(1..12))
        .await
        .has("not known any more: node-0.");
    room.says("alice", "settings show")
        .await
        .lacks("tracked instances of cn-hangzhou");
}

/// A file of two accounts stays one of both while it is held back: what is missing can be concluded on every later day, and the other
/// account cannot vanish after it.
#[tokio::test]
async fn a_held_back_file_stays_one_of_both_accounts() {
    let others = listing(0..3).replace("MQ_INST_108", "MQ_INST_208");
    let others = others.replace("node-", "other-");
    let rows_of_others = others.lines().skip(1).collect::<Vec<_>>().join("\n");
    let mut room = Room::of_team().await;
    let both = format!("{}{rows_of_others}\n", listing(0..6));
    room.imports(COMPLETE, &both).await.is("done", &[]);
    for _ in 0..3 {
        room.advance("1d");
        room.imports(COMPLETE, &listing(0..6))
            .await
            .is("inconclusive", &[])
            .has("lacks 3 of the 9 instances of cn-hangzhou");
    }
    room.advance("1d");
    room.imports(COMPLETE, &others)
        .await
        .is("inconclusive", &[])
        .has("lacks 6 of the 9 instances of cn-hangzhou");
    room.advance("1d");
    room.imports(&format!("{COMPLETE} --accept-missing 3"), &listing(0..6))
        .await
        .is("done", &[])
        .has("the edition is not known any more: other-0,");
}

/// A region whose listing is empty is one of the file, like those that have rows.
#[rstest]
#[case::by_region(r#"{"cn-hangzhou": {"Data": {"InstanceVO": [ROW]}}, "cn-beijing": {"Data": {"InstanceVO": []}}}"#)]
#[case::in_lines(
    "{\"Region\": \"cn-hangzhou\", \"Data\": {\"InstanceVO\": [ROW]}}\n{\"Region\": \"cn-beijing\", \"Data\": {\"InstanceVO\": []}}"
)]
#[case::in_a_list(r#"[{"Region": "cn-hangzhou", "Data": {"InstanceVO": [ROW]}}, {"Region": "cn-beijing", "Data": {"InstanceVO": []}}]"#)]
#[tokio::test]
async fn an_empty_region_of_a_complete_file_is_not_passed_over(#[case] file: &str) {
    let row = format!(
        r#"{{"InstanceId": "{ORDERS}", "InstanceName": "orders", "InstanceType": 2, "InstanceStatus": 5}}"#
    );
    let mut room = Room::of_team().await;
    room.imports("--complete", &file.replace("ROW", &row))
        .await
        .is("invalid", &[])
        .has("cn-beijing, cn-hangzhou");
}

/// The file names the region of which it has nothing.
#[tokio::test]
async fn an_empty_file_that_names_its_region_is_held_back() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-beijing --edition platinum --expires 2026-12-01"
    );
    room.as_says("root admin", &add).await.is("done", &[]);
    let file = r#"{"cn-beijing": {"Data": {"InstanceVO": []}}}"#;
    room.imports("--complete", file)
        .await
        .is("inconclusive", &[])
        .has("orders");
}
