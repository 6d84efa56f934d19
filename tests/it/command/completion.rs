//! The candidates at the end of a line.

use edition_warden::command::{Candidates, complete};
use rstest::rstest;

/// The candidates, and the text they would replace.
fn offered(line: &str) -> (String, &str) {
    let completion = complete(line, line.len());
    let kept = match completion.kept.as_str() {
        "" => String::new(),
        kept => format!("{kept}|"),
    };
    let kind = match completion.kind {
        Candidates::Words(words) => words.join(" "),
        Candidates::Instances(prefix) => format!("instances {kept}{prefix}*"),
        Candidates::Changes(prefix) => format!("changes {prefix}*"),
        Candidates::Teams(typed) => format!("teams {kept}{typed}*"),
        Candidates::Regions(typed) => format!("regions {typed}*"),
        Candidates::People { typed, besides } => {
            let besides = besides.map(|who| format!(" but {who}"));
            format!("people {typed}*{}", besides.unwrap_or_default())
        }
        Candidates::Steps(place) => format!(
            "steps {}* of {} to {:?} {}",
            place.typed,
            place.change,
            place.of,
            place.options.join(" ")
        ),
        Candidates::Files(typed) => format!("files {kept}{typed}*"),
    };
    (kind, &line[completion.start..])
}

#[rstest]
#[case("up", "upgrade", "up")]
#[case("un", "unsubscribe", "un")]
#[case("instance ", "add set list show remove lost", "")]
#[case("instance r", "remove", "r")]
#[case("instanse r", "", "r")]
#[case("upgrade ", "instances *", "")]
#[case("upgrade or", "instances or*", "or")]
#[case("upgrade \"my or", "instances my or*", "\"my or")]
#[case("upgrade orders ", "--reason", "")]
#[case("upgrade orders,se", "instances orders,se*", "orders,se")]
#[case("ack orders,se", "instances orders,|se*", "orders,se")]
#[case("ack \"orders,a b,se", "instances orders,a b,|se*", "\"orders,a b,se")]
#[case("instance set team:pa", "teams team:|pa*", "team:pa")]
#[case("instance set @lists/na", "files @|lists/na*", "@lists/na")]
#[case("snooze team:pa", "instances team:pa*", "team:pa")]
#[case("downgrade orders ", "--by --reason --ack", "")]
#[case("downgrade orders --", "--by --reason --ack", "--")]
#[case("downgrade orders --by ", "unsubscribe expiry", "")]
#[case("downgrade orders --by=ex", "expiry", "ex")]
#[case("downgrade orders --by expiry ", "--reason --ack", "")]
#[case("downgrade --by expiry ", "instances *", "")]
#[case("downgrade orders —by e", "expiry", "e")]
#[case("downgrade orders —by=ex", "expiry", "ex")]
#[case("check ", "upgrade downgrade unsubscribe expiry", "")]
#[case("check expiry ", "instances *", "")]
#[case("notice 7 ", "still-there", "")]
#[case("notice #7 st", "still-there", "st")]
#[case("notice seven ", "", "")]
#[case("notice 7 still-there ", "", "")]
#[case("confirm ", "changes *", "")]
#[case("confirm #1", "changes #1*", "#1")]
#[case("confirm #1 u", "steps u* of #1 to Confirm ", "u")]
#[case("confirm #1 --o", "--outside", "--o")]
#[case(
    "confirm #1 ",
    "steps * of #1 to Confirm --expires --evidence --outside --reason --yes-really",
    ""
)]
#[case("reopen 1 ", "steps * of 1 to Reopen ", "")]
#[case("instance set orders,search --a", "--auto-renew", "--a")]
#[case("instance set team:payments --n", "", "--n")]
#[case("instance set orders --n", "--name", "--n")]
#[case("confirm #1 --outside --reason it is ", "", "")]
#[case(
    "confirm #1 --outside --reason it is --e",
    "--expires --evidence",
    "--e"
)]
#[case("next ", "instances *", "")]
#[case("next 1", "changes 1*", "1")]
#[case(
    "rule action-",
    "action-before-exit action-known action-after-creation",
    "action-"
)]
#[case("instance list --action delete,", "delete downgrade unknown", "")]
#[case("instance list --action delete,un", "unknown", "un")]
#[case("DOWN", "downgrade", "DOWN")]
#[case("import undo ", "", "")]
#[case("ack notice ", "", "")]
#[case("ack notice 7 ", "", "")]
#[case("changes --all --", "--page", "--")]
#[case("changes --stuck --", "--team --page", "--")]
#[case("instance list --team a --team ", "", "")]
#[case(
    "instance list --action delete --action ",
    "delete downgrade unknown",
    ""
)]
#[case("instance list --EX", "--expiring", "--EX")]
#[case("instance list --team pay", "teams pay*", "pay")]
#[case("todo --team=pay", "teams pay*", "pay")]
#[case("settings team ", "teams *", "")]
#[case("handover al", "people al*", "al")]
#[case("handover alice --to ", "people * but alice", "")]
#[case("audit orders --by=ca", "people ca*", "ca")]
#[case("instance add MQ_INST_1 --region hang", "regions hang*", "hang")]
#[case("instance set orders --name ", "", "")]
#[case("import lists/a", "files lists/a*", "lists/a")]
#[case("settings zone berl", "Europe/Berlin", "berl")]
#[case("help con", "confirm", "con")]
#[case("help instance l", "list lost", "l")]
fn a_place_is_completed(#[case] line: &str, #[case] kind: &str, #[case] replaced: &str) {
    assert_eq!(offered(line), (kind.to_owned(), replaced));
}

#[test]
fn an_empty_line_offers_every_first_word() {
    let (words, _) = offered("");
    assert!(
        words.starts_with("instance action check upgrade"),
        "{words}"
    );
}

#[test]
fn only_what_stands_before_the_place_counts() {
    assert_eq!(
        complete("up orders", 2).kind,
        Candidates::Words(vec!["upgrade".to_owned()])
    );
    assert_eq!(complete("订", 1).start, 0);
}

#[test]
fn words_that_begin_so_come_before_those_of_which_a_part_does_and_others() {
    let zones = ["Antarctica/Vostok", "Asia/Tokyo", "Tokelau"];
    let found = edition_warden::command::fitting(zones, "tok");
    assert_eq!(found, ["Tokelau", "Asia/Tokyo", "Antarctica/Vostok"]);
}
