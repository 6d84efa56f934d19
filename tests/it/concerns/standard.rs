//! Standard, said of an instance where nothing known leads to it, proves nothing, from any source: a deletion would look
//! the same from afar.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester,admin team:payments";
const BOB: &str = "bob approver";
const DORA: &str = "dora requester";
const CAROL: &str = "carol approver team:payments";
const OPEN: (&str, &str) = (ALICE, "downgrade orders --by unsubscribe");
const OUTSIDE: (&str, &str) = (ALICE, "confirm 1 unsubscribe --outside --reason hurry");
const VERIFY: (&str, &str) = (ALICE, "confirm 1 verify-standard");
const SAY: (&str, &str) = (ALICE, "instance set orders --edition standard");
const LISTED: (&str, &str) = ("", "");
/// A person hands in a file, and accepts what it says.
const ACCEPTED: &str = "--accept";

async fn orders(facts: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --commodity-id ons-cn-0pp1abc2d34 --team payments {facts}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

/// Says each line, an hour after the one before; without one, a listing is read that has it as Standard.
async fn say(room: &mut Room, lines: &[(&str, &str)]) {
    for (who, line) in lines {
        room.passes("1h").await;
        if line.is_empty() {
            listed(room, "standard").await;
        } else if *line == ACCEPTED {
            let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,standard\n");
            room.hands_in(who, ACCEPTED, &file).await;
        } else {
            room.as_says(who, line).await;
        }
    }
    room.passes("1m").await;
}

async fn listed(room: &mut Room, edition: &str) {
    let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,{edition}\n");
    room.imports("", &file).await.is("done", &[]);
}

#[rstest]
#[case::a_file_beside_an_open_change("--action delete", &[OPEN, LISTED])]
#[case::a_file_while_it_waits_for_the_expiry("--action delete --auto-renew off", &[(ALICE, "downgrade orders --by expiry"), LISTED])]
#[case::a_file_beside_a_change_with_the_action_unknown("", &[OPEN, LISTED])]
#[case::a_file_after_the_edition_was_said_to_be_unknown("--action delete", &[(ALICE, "instance set orders --edition unknown"), LISTED])]
#[case::a_person_after_that("--action delete", &[(ALICE, "instance set orders --edition unknown"), SAY])]
#[case::who_unsubscribed_it_on_delete("--action delete", &[OPEN, OUTSIDE, VERIFY])]
#[case::the_same_said_of_the_edition("--action delete", &[OPEN, OUTSIDE, SAY])]
#[case::twice_by_the_same_person("--action delete", &[OPEN, OUTSIDE, VERIFY, SAY, VERIFY])]
#[case::a_file_after_an_exit_on_delete("--action delete", &[OPEN, OUTSIDE, LISTED])]
#[case::delete_was_seen_after_the_exit("--action downgrade", &[OPEN, OUTSIDE, (CAROL, "action orders delete"), VERIFY])]
#[case::its_change_was_cancelled("--action delete", &[OPEN, OUTSIDE, (ALICE, "cancel 1 --reason x"), SAY])]
#[case::nobody_knew_its_action("", &[OPEN, OUTSIDE, VERIFY])]
#[case::its_action_was_forgotten_with_a_renewal("--action delete", &[(ALICE, "instance set orders --expires 2026-02-01"), (ALICE, "instance set orders --expires 2026-03-01"), OPEN, OUTSIDE, VERIFY])]
#[case::a_file_of_their_own_that_they_accept("--action delete", &[(ALICE, ACCEPTED)])]
#[case::one_after_an_exit_on_delete("--action delete", &[OPEN, OUTSIDE, (ALICE, ACCEPTED)])]
#[case::its_change_failed("--action delete", &[OPEN, OUTSIDE, (ALICE, "fail 1 --reason x"), SAY])]
#[tokio::test]
async fn standard_that_nothing_leads_to_is_disputed(
    #[case] facts: &str,
    #[case] lines: &[(&str, &str)],
) {
    let mut room = orders(facts).await;
    say(&mut room, lines).await;
    room.as_says(ALICE, "todo")
        .await
        .has("contradictory")
        .has("instance lost cn-hangzhou/orders --reason TEXT");
    room.as_says(ALICE, "instance show orders")
        .await
        .has("2026-03-01");
    room.as_says(ALICE, "changes").await.lacks("is done");
    let notice = format!("notice Your instance {ORDERS} will be released on 2026-03-08.");
    let heard = room.as_says(ALICE, &notice).await;
    assert_eq!(heard.outcome, "raised", "{}", heard.text);
    heard.lacks("robably redundant");
    // Its reminders go on.
    let before = room.transcript().len();
    room.passes("60d").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("2026-03-01"), "{said}");
}

#[rstest]
#[case::unsubscribed_on_delete("--action delete", &[OPEN, OUTSIDE, VERIFY], (DORA, "confirm 1 verify-standard"))]
#[case::by_a_listing("--action delete", &[OPEN, OUTSIDE, VERIFY], LISTED)]
#[case::a_listing_first("--action delete", &[OPEN, LISTED], SAY)]
#[tokio::test]
async fn a_second_word_settles_it(
    #[case] facts: &str,
    #[case] lines: &[(&str, &str)],
    #[case] second: (&str, &str),
) {
    let mut room = orders(facts).await;
    say(&mut room, lines).await;
    room.as_says(ALICE, "todo").await.has("contradictory");
    say(&mut room, &[second]).await;
    room.as_says(ALICE, "todo").await.lacks("orders");
    room.as_says(ALICE, "change 1").await.has("is done");
}

/// A file that somebody hands in is that person's own word: it takes somebody else, or a file that nobody handed in.
#[rstest]
#[case::said_first(&[OPEN, OUTSIDE, VERIFY], &[])]
#[case::handed_in_first(&[OPEN], &[SAY])]
#[case::said_twice(&[OPEN, OUTSIDE, VERIFY], &[SAY])]
#[tokio::test]
async fn a_file_of_the_same_person_is_no_second_word(
    #[case] before: &[(&str, &str)],
    #[case] after: &[(&str, &str)],
) {
    let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,standard\n");
    let mut room = orders("--action delete").await;
    say(&mut room, before).await;
    room.passes("1h").await;
    room.hands_in(ALICE, "", &file).await.is("done", &[]);
    say(&mut room, after).await;
    room.as_says(ALICE, "todo")
        .await
        .has("contradictory")
        .has("orders");
    room.as_says(ALICE, "change 1").await.lacks("is done");
}

/// Where the action is Downgrade too: that leads to Standard at the expiry or by an exit, and none is on record.
#[rstest]
#[case::handed_in("")]
#[case::accepted("--accept")]
#[tokio::test]
async fn a_file_of_one_person_ends_no_downgrade_without_an_exit(#[case] options: &str) {
    let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,standard\n");
    let mut room = orders("--action downgrade").await;
    say(&mut room, &[OPEN]).await;
    room.passes("1h").await;
    room.hands_in(ALICE, options, &file).await;
    room.as_says(ALICE, "change 1").await.lacks("is done");
    room.as_says(ALICE, "todo").await.has("contradictory");
    room.passes("1h").await;
    room.as_says(DORA, SAY.1).await;
    room.as_says(ALICE, "change 1").await.has("is done");
}

#[rstest]
#[case::by_somebody_else(Some(DORA))]
#[case::by_the_console(None)]
#[tokio::test]
async fn a_file_of_somebody_else_is_a_second_word(#[case] who: Option<&str>) {
    let mut room = orders("--action delete").await;
    say(&mut room, &[OPEN, OUTSIDE, VERIFY]).await;
    room.hands_in(ALICE, "", &listing("1")).await;
    room.passes("1h").await;
    match who {
        Some(who) => room.hands_in(who, "", &listing("2")).await.is("done", &[]),
        None => room.imports("", &listing("2")).await.is("done", &[]),
    };
    room.as_says(ALICE, "change 1").await.has("is done");
}

/// A listing read since says the same as the one before: that settles it, also after an expiry that did not find Downgrade. Read
/// within hours, or handed in by the same person, it may be the same file once more.
#[rstest]
#[case::of_the_next_night("24h", [None, None], true)]
#[case::of_somebody_else("24h", [Some(ALICE), Some(DORA)], true)]
#[case::of_the_same_hour("1h", [None, None], false)]
#[case::of_the_same_person("24h", [Some(DORA), Some(DORA)], false)]
#[tokio::test]
async fn a_second_listing_settles_it(
    #[case] span: &str,
    #[case] by: [Option<&str>; 2],
    #[case] settles: bool,
) {
    for facts in ["--action delete", "--action downgrade"] {
        let mut room = orders(facts).await;
        room.passes("60d").await;
        for (who, is_settled) in by.into_iter().zip([false, settles]) {
            room.passes(span).await;
            let file = listing(&room.clock.now().to_string());
            match who {
                Some(who) => room.hands_in(who, "", &file).await,
                None => room.imports("", &file).await,
            };
            let edition = match is_settled {
                true => "  edition                 Standard ",
                false => "  edition                 contradictory ",
            };
            let shown = room.as_says(ALICE, "instance show orders").await;
            shown.has(edition);
        }
    }
}

/// A listing that is no other by its content, and has it as Standard.
fn listing(request: &str) -> String {
    format!("id,name,region,edition,fetched\n{ORDERS},orders,cn-hangzhou,standard,{request}\n")
}

/// A file that was read before is no listing read since, however late it comes again; nor is one that the vendor answered with
/// the same id.
#[rstest]
#[case::the_same_file(&listing("1"), &listing("1"))]
#[case::the_same_rows_otherwise_spaced(&listing("1"), &listing("1").replace('\n', "\r\n"))]
#[case::the_same_answer(&answer("A"), &answer("A").replace("orders", "ordering"))]
#[tokio::test]
async fn the_same_content_is_no_other_listing(#[case] first: &str, #[case] again: &str) {
    let mut room = orders("--action delete").await;
    for file in [first, again, again] {
        room.passes("30h").await;
        room.imports("--region cn-hangzhou", file).await;
        room.as_says(ALICE, "todo").await.has("contradictory");
    }
    room.passes("30h").await;
    room.imports("", &listing("2")).await;
    room.as_says(ALICE, "todo").await.lacks("contradictory");
}

/// What the vendor answers, with an id of its own.
fn answer(id: &str) -> String {
    format!(
        r#"{{"RequestId": "{id}0C5D6F2-7B3A-4E8C-9D1F-0123456789AB", "Data": {{"InstanceVO": [{{"InstanceId": "{ORDERS}", "InstanceName": "orders", "InstanceType": 1}}]}}}}"#
    )
}

/// Only Platinum has an action that can be seen: a look at it after the first word of Standard speaks against that.
#[rstest]
#[case::two_listings(None)]
#[case::two_persons(Some(SAY))]
#[tokio::test]
async fn a_look_at_the_action_between_them_speaks_against_it(#[case] said: Option<(&str, &str)>) {
    let mut room = orders("--action delete").await;
    for number in 0..2 {
        room.passes("20h").await;
        match (said, number) {
            (Some((who, line)), 0) => drop(room.as_says(who, line).await),
            (Some(_), _) => {
                room.as_says(DORA, "instance set orders --edition standard")
                    .await;
            }
            (None, _) => drop(room.imports("", &listing(&number.to_string())).await),
        }
        room.as_says(ALICE, "todo").await.has("contradictory");
        if number == 0 {
            room.passes("20h").await;
            room.as_says(CAROL, "action orders delete").await;
        }
    }
    // Another one that says so since is a second word again.
    room.passes("20h").await;
    room.imports("", &listing("3")).await;
    room.as_says(ALICE, "todo").await.lacks("contradictory");
}

/// At the console a listing that is accepted counts at once, as its reply says.
#[tokio::test]
async fn a_listing_that_is_accepted_at_the_console_settles_it_at_once() {
    let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,standard\n");
    let mut room = orders("--action delete").await;
    room.passes("1h").await;
    room.imports("", &file).await.has("--accept");
    room.imports("--accept", &file).await;
    room.as_says(ALICE, "instance show orders")
        .await
        .has("  edition                 Standard ");
}

/// An exit with Downgrade known leads to Standard, and one word of it is enough.
#[rstest]
#[case::unsubscribed(&[OPEN, OUTSIDE, VERIFY])]
#[case::by_a_listing(&[OPEN, OUTSIDE, LISTED])]
#[case::its_change_was_cancelled(&[OPEN, OUTSIDE, (ALICE, "cancel 1 --reason x"), SAY])]
#[tokio::test]
async fn what_leads_to_standard_is_not_disputed(#[case] lines: &[(&str, &str)]) {
    let mut room = orders("--action downgrade").await;
    say(&mut room, lines).await;
    room.as_says(ALICE, "todo").await.lacks("orders");
    room.as_says(ALICE, "instance show orders")
        .await
        .has("Standard");
}

/// The reply says that nothing is done, and why.
#[tokio::test]
async fn one_word_after_an_exit_on_delete_does_not_end_the_change() {
    let mut room = orders("--action delete").await;
    say(&mut room, &[OPEN, OUTSIDE]).await;
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("inconclusive", &[])
        .has("`verify-standard` of orders (#1) is not done")
        .has("one person's word of Standard proves nothing")
        .has("instance lost cn-hangzhou/orders --reason TEXT");
    room.as_says(ALICE, "change 1").await.has("is open");
}

/// With Downgrade known, the file shows what a downgrade that nobody reported leads to: the alert names the change that it ended,
/// and who approved it hears that this is void. Taken back, the file names the change too.
#[tokio::test]
async fn a_file_that_ends_a_change_says_so() {
    let mut room = orders("--action downgrade").await;
    say(
        &mut room,
        &[
            OPEN,
            (BOB, "approve 1 --seen downgrade"),
            (CAROL, "approve 1 --seen downgrade"),
        ],
    )
    .await;
    let before = room.transcript().len();
    say(&mut room, &[LISTED]).await;
    let said = &room.transcript()[before..];
    assert!(
        said.contains("#1 has ended with it, as done outside"),
        "{said}"
    );
    assert!(
        said.contains("reopen 1 verify-standard --reason TEXT"),
        "{said}"
    );
    assert!(
        said.contains("The approval of `unsubscribe` of orders (#1) by bob and carol is void"),
        "{said}"
    );
    assert!(said.contains("@bob"), "{said}");
    room.as_says(BOB, "import undo 1")
        .await
        .is("done", &[])
        .has("#1 of orders, which it had ended, stays ended: `reopen 1 verify-standard --reason TEXT`");
    room.as_says(
        ALICE,
        "reopen 1 verify-standard --reason the file was wrong",
    )
    .await
    .is("done", &[]);
}

/// Of a disputed edition the alert and the reminder name the change that goes on.
#[tokio::test]
async fn a_change_that_stays_open_is_named() {
    let mut room = orders("--action delete").await;
    let before = room.transcript().len();
    say(&mut room, &[OPEN, LISTED]).await;
    let said = &room.transcript()[before..];
    assert!(said.contains("A file moved what counts"), "{said}");
    assert!(said.contains("#1 stays open"), "{said}");
}

/// A row that calls an instance Standard and gives it an expiry contradicts itself.
#[rstest]
#[case::csv(format!("id,name,region,edition,expires\n{ORDERS},orders,cn-hangzhou,standard,2026-03-01\n{STOCK},stock,cn-hangzhou,platinum,2026-09-01\n", STOCK = crate::harness::STOCK))]
#[case::json(format!(r#"{{"Data": {{"InstanceVO": [{{"InstanceId": "{ORDERS}", "InstanceName": "orders", "InstanceType": 1, "ReleaseTime": 1772294400000}}, {{"InstanceId": "{STOCK}", "InstanceName": "stock", "InstanceType": 2}}]}}}}"#, STOCK = crate::harness::STOCK))]
#[tokio::test]
async fn a_row_that_contradicts_itself_is_not_taken_for_standard(#[case] file: String) {
    let mut room = Room::of_team().await;
    room.imports("--region cn-hangzhou", &file)
        .await
        .is("done", &[])
        .has("is the expiry of a Platinum instance, and the row calls it Standard")
        .has("2026-02-28T16:00:00Z");
    room.as_says(ALICE, "instance show orders")
        .await
        .has("edition                 unknown");
}

/// Where there is no expiry, listings have a date of the past, zero, or one that no subscription reaches.
#[rstest]
#[case::past("1609459200000")]
#[case::zero("0")]
#[case::year_2099("4102329600000")]
#[case::year_2999("32503564800000")]
#[case::year_9999("253402214400000")]
#[tokio::test]
async fn a_date_that_is_no_expiry_says_nothing_beside_standard(#[case] release: &str) {
    let mut room = Room::of_team().await;
    let file = format!(
        r#"{{"Data": {{"InstanceVO": [{{"InstanceId": "{ORDERS}", "InstanceName": "orders", "InstanceType": 1, "ReleaseTime": {release}}}]}}}}"#
    );
    room.imports("--region cn-hangzhou", &file)
        .await
        .is("done", &[])
        .has("edition Standard")
        .lacks("Not read");
}

/// Where the instance is known to be Platinum, such a row disputes that at once, whatever the action is; it ends no change.
#[rstest]
#[case("--action delete")]
#[case("--action downgrade")]
#[tokio::test]
async fn a_row_that_contradicts_itself_is_told_of_an_instance_that_is_platinum(
    #[case] action: &str,
) {
    let mut room = orders(action).await;
    say(&mut room, &[OPEN]).await;
    let before = room.transcript().len();
    let file = format!(
        "id,name,region,edition,expires\n{ORDERS},orders,cn-hangzhou,standard,2026-03-01\n"
    );
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("edition Standard contradicts Platinum");
    room.passes("1m").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("A file moved what counts"), "{said}");
    room.as_says(ALICE, "change 1").await.lacks("is done");
    room.as_says(ALICE, "todo").await.has("contradictory");
    room.imports("--accept", &file)
        .await
        .is("done", &[])
        .has("1 unchanged");
}

const DONE: (&str, &str) = (DORA, "instance set orders --edition standard");
const SLIP: (&str, &str) = (ALICE, "instance set orders --edition platinum");

/// Before the expiry an action at Downgrade leads nowhere by itself: one word of Standard, with no exit on record, ends nothing.
#[rstest]
#[case::with_an_open_change(&[OPEN, SAY], Some("#1 stays open"))]
#[case::that_waits_for_the_expiry(&[(ALICE, "downgrade orders --by expiry"), SAY], Some("#1 stays open"))]
#[case::without_a_change(&[SAY], None)]
#[case::twice_by_the_same_person(&[OPEN, SAY, SAY], Some("#1 stays open"))]
#[tokio::test]
async fn one_word_with_downgrade_known_is_disputed(
    #[case] lines: &[(&str, &str)],
    #[case] stays: Option<&str>,
) {
    let mut room = orders("--action downgrade --auto-renew off").await;
    let (last, before) = lines.split_last().unwrap();
    say(&mut room, before).await;
    room.as_says(last.0, last.1)
        .await
        .has("one person's word of Standard proves nothing")
        .has("a second person says `--edition standard` too, or a listing read since has it as Standard")
        .has("`instance set cn-hangzhou/orders --edition platinum`")
        .has(stays.unwrap_or_default());
    room.as_says(ALICE, "todo").await.has("contradictory");
    if stays.is_some() {
        room.as_says(ALICE, "change 1").await.has("is open");
    }
    room.as_says(ALICE, "instance show orders")
        .await
        .has("2026-03-01");
    // Nobody is trapped: a second person, or a listing, settles it.
    say(&mut room, &[DONE]).await;
    room.as_says(ALICE, "instance show orders")
        .await
        .has("edition                 Standard");
    room.as_says(ALICE, "todo").await.lacks("orders");
}

/// Also who is alone gets on: what was done outside is an exit on record.
#[tokio::test]
async fn an_exit_on_record_makes_one_word_enough() {
    let mut room = orders("--action downgrade").await;
    say(&mut room, &[OPEN, SAY, OUTSIDE, SAY]).await;
    room.as_says(ALICE, "change 1").await.has("is done");
    room.as_says(ALICE, "todo").await.lacks("orders");
}

/// A file against what people said: nobody knows yet that it is Platinum. The alarm of the file says it, and nothing else beside it.
#[tokio::test]
async fn what_only_contradicts_standard_does_not_deny_it() {
    let mut room = orders("--action downgrade").await;
    say(&mut room, &[OPEN, SAY, DONE]).await;
    room.passes("1h").await;
    let before = room.transcript().len();
    listed(&mut room, "platinum").await;
    room.passes("1m").await;
    let said = room.transcript()[before..].to_owned();
    assert!(
        said.contains("perhaps not Standard after all: its expiry and its reminders are back; if it is Platinum, #1"),
        "{said}"
    );
    assert!(
        !said.contains("is perhaps not Standard") && !said.contains("is not Standard"),
        "{said}"
    );
    let alarms = said.matches("A file moved what counts").count();
    assert_eq!(
        said.matches("reopen 1 verify-standard").count(),
        alarms + 1,
        "{said}"
    );
    // Said to be unknown: without a file there is a post of its own.
    let mut room = orders("--action downgrade").await;
    say(&mut room, &[OPEN, SAY, DONE]).await;
    let before = room.transcript().len();
    say(
        &mut room,
        &[(ALICE, "instance set orders --edition unknown")],
    )
    .await;
    let said = room.transcript()[before..].to_owned();
    assert!(
        said.contains("orders is perhaps not Standard after all, by alice: edition: unknown"),
        "{said}"
    );
}

/// A change that ends because its instance is said to be Standard is announced, and comes back with the facts when that was wrong.
#[rstest]
#[case::a_second_person(DONE, SLIP)]
#[case::a_listing(LISTED, SLIP)]
#[tokio::test]
async fn what_standard_has_ended_comes_back(
    #[case] second: (&str, &str),
    #[case] slip: (&str, &str),
) {
    let mut room = orders("--action downgrade").await;
    say(&mut room, &[OPEN, (BOB, "approve 1 --seen downgrade")]).await;
    let before = room.transcript().len();
    say(&mut room, &[SAY, second]).await;
    let said = room.transcript()[before..].to_owned();
    assert!(
        said.contains("reopen 1 verify-standard --reason TEXT"),
        "{said}"
    );
    assert!(said.contains("@bob"), "{said}");
    if !second.1.is_empty() {
        assert!(
            said.contains("#1 of orders has ended as done OUTSIDE, by dora"),
            "{said}"
        );
        assert!(said.contains("@role:approver"), "{said}");
    }
    let before = room.transcript().len();
    room.as_says(slip.0, slip.1)
        .await
        .has("not Standard after all: its expiry and its reminders are back")
        .has(
            "#1, which Standard had ended, continues with `reopen 1 verify-standard --reason TEXT`",
        );
    room.passes("1m").await;
    let said = &room.transcript()[before..];
    assert!(
        said.contains("orders is not Standard after all, by alice"),
        "{said}"
    );
    room.as_says(ALICE, "instance show orders")
        .await
        .has("2026-03-01")
        .has("unknown                                not looked at since its edition was in doubt");
    room.as_says(ALICE, "reopen 1 verify-standard --reason slip")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "change 1").await.has("is open");
    let before = room.transcript().len();
    room.passes("60d").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("2026-03-01"), "{said}");
    assert!(said.contains("may be deleted"), "{said}");
}

/// Whatever shows that it is not Standard brings the expiry back, by whose word it may be.
#[rstest]
#[case::a_person(&[SLIP])]
#[case::a_listing(&[("", "platinum")])]
#[case::that_nobody_knows(&[(ALICE, "instance set orders --edition unknown")])]
#[case::that_nobody_knows_and_then_platinum(&[(ALICE, "instance set orders --edition unknown"), SLIP])]
#[tokio::test]
async fn the_reminders_come_back(#[case] lines: &[(&str, &str)]) {
    let mut room = orders("--action downgrade").await;
    say(&mut room, &[SAY, DONE]).await;
    room.as_says(ALICE, "instance show orders")
        .await
        .has("Standard Edition has none");
    for line in lines {
        room.passes("1h").await;
        match *line {
            ("", edition) => listed(&mut room, edition).await,
            (who, line) => drop(room.as_says(who, line).await),
        }
    }
    room.as_says(ALICE, "instance show orders")
        .await
        .has("expiry                  2026-03-01")
        .lacks("  Standard Edition has none")
        .lacks("Action  Downgrade");
}

/// After a recorded exit Platinum is probably a new subscription: its expiry is asked for, and the old one reminded of meanwhile.
#[tokio::test]
async fn after_an_exit_the_old_expiry_is_no_more_than_reminded_of() {
    let mut room = orders("--action downgrade").await;
    say(&mut room, &[OPEN, OUTSIDE, SAY, SLIP]).await;
    room.as_says(ALICE, "instance show orders")
        .await
        .has("not said since it was Standard");
    room.as_says(ALICE, "todo").await.has("2026-03-01");
    room.as_says(ALICE, "reopen 1 verify-standard --reason slip")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "instance show orders")
        .await
        .has("2026-03-01")
        .lacks("not said since it was Standard");
}

/// An upgrade that one person takes back, and calls Standard, was perhaps one: what was recorded of it is reminded of until a second
/// person, or a listing, says so too.
#[rstest]
#[case::the_upgrade(&["reopen 1 upgrade --reason x", "instance set orders --edition standard"])]
#[case::and_nothing_more(&["reopen 1 upgrade --reason x"])]
#[case::its_expiry(&["reopen 1 record-expiry --reason x"])]
#[case::said_to_be_unknown(&["instance set orders --expires unknown"])]
#[tokio::test]
async fn an_expiry_that_is_taken_back_is_reminded_of(#[case] lines: &[&str]) {
    let mut room = Room::of_team().await;
    for (who, line) in [
        (
            ALICE,
            "instance add MQ_INST_1080056302921134_BXuIbML7 --name orders --region cn-hangzhou --edition standard --team payments",
        ),
        (ALICE, "upgrade orders"),
        (BOB, "approve 1"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 upgrade"),
        (ALICE, "confirm 1 record-expiry --expires 2026-01-20"),
        (ALICE, "action orders delete"),
    ] {
        room.as_says(who, line).await;
    }
    room.passes("2d").await;
    for line in lines {
        room.as_says(ALICE, line).await.is("done", &[]);
    }
    room.as_says(ALICE, "reminders orders")
        .await
        .has("2026-01-20");
    let before = room.transcript().len();
    room.passes("20d").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("2026-01-20"), "{said}");
}
