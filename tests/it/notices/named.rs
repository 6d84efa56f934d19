//! The name of the instance in a notice: its own name, and none that could be any other word.

use edition_warden::domain::notice::{TemplateError, Wording, WordingKind};
use rstest::rstest;

use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester team:payments";

/// `orders` under another name, Platinum until 2026-03-01 with its action at Downgrade, on the 24th of February.
async fn room(name: &str) -> Room {
    let mut room = Room::of_team().await;
    room.passes("54d").await;
    let line = format!(
        "instance add {ORDERS} --name before --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    // A listing may bring any name.
    let file = format!("id,name\n{ORDERS},\"{name}\"\n");
    room.imports("", &file).await.is("done", &[]);
    room
}

#[rstest]
#[case::plain("orders")]
#[case::compound_of_common_words("release-notice")]
#[case::compound_with_a_month("march-madness")]
#[case::compound_with_a_word_that_is_a_veto("topics-prod")]
#[case::numbered("t2")]
#[case::two_words("Search 2")]
#[case::chinese("订单核心")]
#[case::dotted("risk_eu.7")]
#[case::full_width("ＯＲＤＥＲＳ")]
#[case::mixed("orders 实例")]
#[tokio::test]
async fn a_name_that_is_no_word_is_taken_beside_the_id(#[case] name: &str) {
    let mut room = room(name).await;
    let text = format!("notice Your instance {ORDERS} ({name}) will be released on 2026-03-08.");
    room.as_says(ALICE, &text)
        .await
        .is("suppressed", &["release-notice-redundant"]);
}

/// A name that is a word of a wording, or could be a value, tells nothing: a text with it is not understood.
#[rstest]
#[case::of_a_template("released")]
#[case::of_a_template_in_capitals("WILL")]
#[case::of_a_template_in_chinese("释放")]
#[case::nothing_but_words_of_a_template("is about")]
#[case::of_a_greeting("customer")]
#[case::a_region("hangzhou")]
#[case::a_month("March")]
#[case::a_short_month("mar")]
#[case::a_date("2026-03-09")]
#[case::a_date_in_words("8 March 2026")]
#[case::a_date_within("due 2026-03-09")]
#[case::half_a_date("03-08")]
#[case::a_number("42")]
#[case::a_version("4.8.0")]
#[case::others("others")]
#[case::something_else("topic")]
#[case::something_else_in_chinese("接入点")]
#[case::deleting("delete")]
#[case::more_in_chinese("等")]
#[case::a_time("tomorrow")]
#[case::a_time_in_chinese("两天后")]
#[case::a_host("aliyun")]
#[tokio::test]
async fn a_name_that_may_be_a_word_is_not_understood(#[case] name: &str) {
    let mut room = room(name).await;
    let text = format!("notice Your instance {ORDERS} ({name}) will be released on 2026-03-08.");
    room.as_says(ALICE, &text).await.is("raised", &[]);
}

/// An instance that is shown with the end of its id is called by the vendor what the listing calls it. Where that is the
/// name of another one, it is not clear which is meant.
#[tokio::test]
async fn the_name_of_the_listing_is_taken_too() {
    let mut room = Room::of_team().await;
    let other = "MQ_INST_1080056302921134_BYdkf3Qa";
    let file = format!(
        "id,name,region,edition,expires\n{other},orders,cn-hangzhou,platinum,2026-03-01\n{ORDERS},Orders,cn-hangzhou,platinum,2026-03-01\n"
    );
    room.imports("", &file)
        .await
        .has("Orders~bML7")
        .has("2 new");
    room.passes("54d").await;
    room.as_says(ALICE, &format!("action {ORDERS} downgrade"))
        .await
        .is("done", &[]);
    let text = |name: &str, day: &str| {
        format!("notice Your instance {ORDERS} ({name}) will be released on 2026-03-{day}.")
    };
    // Names are told apart without case: it may be the other one.
    room.as_says(ALICE, &text("Orders", "08"))
        .await
        .is("raised", &[])
        .has("name of another tracked instance");
    room.as_says(ALICE, &format!("instance set {other} --name billing"))
        .await
        .is("done", &[]);
    room.passes("25h").await;
    room.as_says(ALICE, &text("Orders", "07"))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room.as_says(ALICE, &text("Orders~bML7", "06"))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room.as_says(ALICE, &text("billing", "05"))
        .await
        .is("raised", &[]);
}

/// What somebody calls it here does not change what the vendor calls it.
#[tokio::test]
async fn an_instance_that_was_renamed_here_is_called_as_listed_too() {
    let mut room = Room::of_team().await;
    let file = format!(
        "id,name,region,edition,expires\n{ORDERS},mq-prod-7,cn-hangzhou,platinum,2026-03-01\n"
    );
    room.imports("", &file).await.has("1 new");
    room.passes("54d").await;
    for line in [
        format!("action {ORDERS} downgrade"),
        format!("instance set {ORDERS} --name orders"),
    ] {
        room.as_says(ALICE, &line).await.is("done", &[]);
    }
    for (name, day, outcome) in [
        ("mq-prod-7", "08", "suppressed"),
        ("orders", "07", "suppressed"),
        ("mq-prod-8", "06", "raised"),
    ] {
        let text =
            format!("notice Your instance {ORDERS} ({name}) will be released on 2026-03-{day}.");
        let heard = room.as_says(ALICE, &text).await;
        assert_eq!(heard.outcome, outcome, "{}", heard.text);
    }
}

/// A name stands beside the id or behind a label, whatever else of the template is there.
#[rstest]
#[case::in_brackets_behind("instance {instance} ({name}) will go", true)]
#[case::before("{name} ({instance}) will go", true)]
#[case::may_be_missing("instance {instance} [({name})] will go", true)]
#[case::in_a_choice("instance <{instance} || {commodity}> ({name}) will go", true)]
#[case::behind_a_label("it will go: {instance}. Instance name: {name}", true)]
#[case::behind_a_colon("it will go: {instance}. Who: {name}", true)]
#[case::behind_a_chinese_label("{instance}将走, 实例名称 {name}", true)]
#[case::before_a_label("{name} instance will go, {instance}", true)]
#[case::in_a_cell_beside("will go\n\n{instance}\n\n{name}", true)]
#[case::alone("{name} will go: {instance}", false)]
#[case::in_the_text("instance {instance} will go for {name}", false)]
#[case::beside_a_date("{instance} will go on {release_date} {name}", false)]
#[case::beside_what_may_be_missing(
    "for {instance} [{instance}] it goes [{instance}] {name}",
    false
)]
#[case::beside_one_of_a_choice("{instance} goes for <{instance} || him> {name}", false)]
#[case::in_one_of_a_choice("{instance} goes for <{name} || us>", false)]
#[case::behind_a_label_that_may_be_missing("{instance} goes [name:] {name}", false)]
#[case::in_an_optional_part("{instance} goes [for {name}]", false)]
fn where_a_name_may_stand(#[case] template: &str, #[case] stands: bool) {
    let read = Wording::parse(WordingKind::Release, template, &[]);
    match read {
        Ok(_) => assert!(stands, "{template}"),
        Err(TemplateError::NameAlone) => assert!(!stands, "{template}"),
        Err(other) => panic!("{template}: {other}"),
    }
}

/// A commodity id that two instances claim may be either's: a notice that names it is about both, and of a loss it is answered,
/// not acknowledged. One that is disputed within one instance may be that one's, and proves nothing.
#[tokio::test]
async fn a_disputed_commodity_id_means_each_that_claims_it() {
    let mut room = room("orders").await;
    let file = format!(
        "id,name,region,edition,expires,commodity_id\n{ORDERS},orders,cn-hangzhou,platinum,2026-03-01,ons-cn-0pp1abc2d34\n{STOCK},stock,cn-hangzhou,platinum,2026-03-01,ons-cn-0pp1abc2d34\n"
    );
    room.imports("", &file).await.has("is claimed by");
    let gone = "notice Resource ons-cn-0pp1abc2d34 has been released.";
    room.as_says(ALICE, gone)
        .await
        .is("raised", &[])
        .has("a notice of something gone")
        .has("the commodity id of orders and stock as far as is known");
    room.as_says(ALICE, "ack notice 1")
        .await
        .is("invalid", &[])
        .has("still-there");
    let release = "notice Your instance ons-cn-0pp1abc2d34 will be released on 2026-03-08.";
    room.as_says(ALICE, release).await.is("raised", &[]);
    room.as_says(ALICE, "notices stock")
        .await
        .has("  1  2026")
        .has("  2  2026");
}

#[tokio::test]
async fn a_commodity_id_that_two_sources_disagree_on_proves_nothing() {
    let mut room = room("orders").await;
    let says = |id: &str| format!("instance set {ORDERS} --commodity-id {id}");
    let known = "ons-cn-0pp1abc2d34";
    room.as_says(ALICE, &says(known)).await.is("done", &[]);
    let release = format!("notice Your instance {known} will be released on 2026-03-08.");
    room.as_says(ALICE, &release)
        .await
        .is("suppressed", &["release-notice-redundant"]);
    let file = format!("id,name,commodity_id\n{ORDERS},orders,ons-cn-0pp9xyz9z99\n");
    room.imports("", &file).await;
    for id in [known, "ons-cn-0pp9xyz9z99"] {
        let text = format!("notice Your instance {id} will be released on 2026-03-08.");
        room.as_says(ALICE, &text)
            .await
            .is("raised", &[])
            .has("the commodity id of orders as far as is known");
    }
}
