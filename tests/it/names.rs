//! Names that people tell apart: whatever looks the same, or is the same but for case, is not taken for another.

use std::collections::BTreeSet;

use rstest::rstest;

use crate::harness::{ORDERS, Room, STOCK};

const OTHER_ACCOUNT: &str = "MQ_INST_2080056302921134_DZwKdNP9";

async fn adds(room: &mut Room, id: &str, name: &str, region: &str) -> crate::harness::Heard {
    let line = format!("instance add {id} --name \"{name}\" --region {region} --edition standard");
    room.says("alice", &line).await
}

/// `orders`, Platinum, in cn-hangzhou.
async fn room() -> Room {
    let mut room = Room::open().await;
    room.add_platinum("").await;
    room
}

#[rstest]
#[case::another_case("ORDERS", "cn-hangzhou", "differs only in case from orders")]
#[case::another_case_elsewhere("Orders", "eu-west-1", "differs only in case from orders")]
#[case::greek_o("\u{3bf}rders", "cn-hangzhou", "it holds U+03BF")]
#[case::cyrillic_e("ord\u{435}rs", "eu-west-1", "it holds U+0435")]
#[case::cyrillic_capital("ORD\u{415}RS", "cn-hangzhou", "looks like orders")]
#[case::wide("\u{ff4f}rders", "cn-hangzhou", "looks like orders")]
#[case::the_same("orders", "cn-hangzhou", "is the name of another instance")]
#[case::soft_hyphen("or\u{ad}ders", "cn-hangzhou", "invisible character")]
#[case::filler("\u{3164}", "cn-hangzhou", "invisible character")]
#[case::variation("orders\u{fe0e}", "cn-hangzhou", "invisible character")]
#[case::tag("bills\u{e0062}", "cn-hangzhou", "invisible character")]
#[case::an_id("mq_inst_1080056302921134_bxuibml7", "cn-hangzhou", "it is an id")]
#[case::a_commodity("ons-cn-0pp1abc2d34", "cn-hangzhou", "it is an id")]
#[case::a_change("＃2", "cn-hangzhou", "typed like `-`, `#` or `:`")]
#[case::a_small_sign("﹟2", "cn-hangzhou", "typed like `-`, `#` or `:`")]
#[case::an_option("－－reason", "cn-hangzhou", "typed like `-`, `#` or `:`")]
#[case::a_number("12", "cn-hangzhou", "it is a number")]
#[case::a_wide_number("１２", "cn-hangzhou", "it is a number")]
#[case::a_number_in_brackets("(12)", "cn-hangzhou", "it is a number")]
#[case::a_number_of_its_own("No.12", "cn-hangzhou", "it is a number")]
#[case::two_blanks("my  orders", "cn-hangzhou", "two blanks in a row")]
#[case::two_wide_blanks("my \u{3000}orders", "cn-hangzhou", "two blanks in a row")]
#[case::a_stroke("o\u{336}rders", "cn-hangzhou", "looks like orders")]
#[case::a_team("team:payments", "cn-hangzhou", "reads like several instances")]
#[case::a_wide_team("Ｔeam：payments", "cn-hangzhou", "reads like several instances")]
#[case::a_file("@orders", "cn-hangzhou", "reads like several instances")]
#[case::two_names("orders,billing", "cn-hangzhou", "reads like several instances")]
#[case::two_names_in_chinese("orders，billing", "cn-hangzhou", "reads like several instances")]
#[case::with_an_account("orders@1080056302921134", "cn-hangzhou", "with its account")]
#[case::with_an_end("orders~bML9", "cn-hangzhou", "with the end of an id")]
#[case::a_back_quote("or`ders", "cn-hangzhou", "it holds a back quote")]
#[case::with_another_hyphen("orders－1", "cn-hangzhou", "looks like orders-1")]
#[tokio::test]
async fn what_deceives_is_refused_when_typed(
    #[case] name: &str,
    #[case] region: &str,
    #[case] why: &str,
) {
    let mut room = room().await;
    let third = "MQ_INST_1080056302921134_EXxLePQ2";
    adds(&mut room, third, "orders-1", "cn-hangzhou")
        .await
        .is("done", &[]);
    adds(&mut room, STOCK, name, region)
        .await
        .is("invalid", &[])
        .has(why);
    let list = room.says("alice", "instance list").await;
    let rows = list.text.lines().filter(|line| line.starts_with("  "));
    assert_eq!(rows.count(), 3, "{}", list.text);
    // A rename is a name too.
    adds(&mut room, STOCK, "stock", region)
        .await
        .is("done", &[]);
    let line = format!("instance set stock --name \"{name}\"");
    room.says("alice", &line).await.is("invalid", &[]).has(why);
    room.says("alice", "instance set stock --name STOCK")
        .await
        .is("done", &[]);
}

/// A back quote marks commands in what is shown: a file's name with one is told, and the instance is found by it all the same.
#[tokio::test]
async fn a_listed_name_with_a_back_quote_is_told_and_found() {
    let mut room = room().await;
    let file = format!("id,name,region\n{STOCK},sto`ck,cn-hangzhou\n");
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("! line 2: name: `sto'ck` cannot be a name: it holds a back quote")
        .has("The instance is called sto'ck~");
    let line = format!("instance set {STOCK} --name sto'ck");
    room.says("alice", &line).await.is("done", &[]);
    for name in ["sto'ck", "sto`ck", "cn-hangzhou/sto`ck"] {
        let line = format!("instance show {name}");
        room.says("alice", &line).await.is("info", &[]).has(STOCK);
    }
}

#[rstest]
#[case("订单", "账单")]
#[case("café", "cafe")]
#[case("orders-1", "orders-l")]
#[case("Ωμέγα", "omega")]
#[tokio::test]
async fn what_is_told_apart_is_taken(#[case] one: &str, #[case] other: &str) {
    let mut room = Room::open().await;
    adds(&mut room, STOCK, one, "cn-hangzhou")
        .await
        .is("done", &[]);
    adds(&mut room, OTHER_ACCOUNT, other, "cn-hangzhou")
        .await
        .is("done", &[]);
}

#[tokio::test]
async fn a_name_means_its_instance_in_any_case() {
    let mut room = room().await;
    for said in [
        "ORDERS",
        "Orders",
        "cn-hangzhou/oRders",
        "CN-Hangzhou/orders",
    ] {
        room.says("alice", &format!("instance show {said}"))
            .await
            .is("info", &[])
            .has("orders");
    }
    room.says("alice", "action ORDERS downgrade")
        .await
        .is("done", &[]);
    room.says("alice", "instance show OR")
        .await
        .is("info", &[])
        .has("orders");
    room.says("alice", "instance set orders --name caf\u{e9}")
        .await
        .is("done", &[]);
    room.says("alice", "action cafe\u{301} downgrade")
        .await
        .is("done", &[]);
}

/// A sign may be a part of a name or what a keyboard sets behind it: nobody is given a permit for the other one, and no look is
/// recorded of it.
#[rstest]
#[case(".")]
#[case("。")]
#[case(")")]
#[case("）")]
#[case(":")]
#[case("：")]
#[case("!")]
#[case("！")]
#[case("`")]
#[tokio::test]
async fn a_mark_behind_a_name_means_no_other_instance(#[case] mark: &str) {
    let mut room = room().await;
    room.says("alice", &format!("instance show orders{mark}"))
        .await
        .is("info", &[]);
    let kept = mark.replace('`', "'");
    adds(
        &mut room,
        OTHER_ACCOUNT,
        &format!("orders{kept}"),
        "cn-shanghai",
    )
    .await
    .is("done", &[]);
    for said in [
        "upgrade orders*",
        "next orders*",
        "action orders* delete",
        "action orders*delete",
        "snooze orders* 2d",
        "snooze orders*2d",
        "instance set orders* --max-tps 5",
    ] {
        let said = said.replace('*', mark);
        // Without a blank only these end a name.
        let is_apart = said.contains(&format!("{mark} "));
        if !is_apart && !matches!(mark, ":" | "：") {
            continue;
        }
        room.says("alice", &said)
            .await
            .is("invalid", &[])
            .has("means several instances");
    }
    room.says("alice", &format!("instance show {OTHER_ACCOUNT}"))
        .await
        .is("info", &[]);
    room.says("alice", "action orders downgrade")
        .await
        .is("done", &[]);
}

/// What is copied from a chat comes with its marks: they are read as in a notice, around names, ids and numbers.
#[rstest]
#[case("`{}`")]
#[case("``{}``")]
#[case("**{}**")]
#[case("**`{}`**")]
#[case("<{}>")]
#[case("**<{}>**")]
#[case("`{}`.")]
#[tokio::test]
async fn marks_of_a_chat_around_a_name_are_read_as_in_a_notice(#[case] dress: &str) {
    let mut room = room().await;
    let dressed = |bare: &str| dress.replace("{}", bare);
    let escaped = ORDERS.replace('_', r"\_");
    for name in ["orders", "cn-hangzhou/orders", ORDERS, &escaped] {
        room.says("alice", &format!("action {} downgrade", dressed(name)))
            .await
            .is("done", &[])
            .has(ORDERS);
    }
    // With a sign behind it, it is no beginning.
    if !dress.ends_with('.') {
        room.says("alice", &format!("instance show {}", dressed("ord")))
            .await
            .is("info", &[])
            .has(ORDERS);
    }
    room.says("alice", &format!("upgrade {}", dressed("order")))
        .await
        .is("invalid", &[])
        .has("Did you mean cn-hangzhou/orders?");
    let id = STOCK.replace('_', r"\_");
    let line = format!(
        "instance add {} --name stock --region {} --edition standard",
        dressed(&id),
        dressed("cn-hangzhou")
    );
    room.says("alice", &line).await.is("done", &[]).has(STOCK);
    room.says("alice", "downgrade orders --by unsubscribe")
        .await;
    for number in ["1", "#1"] {
        room.says("alice", &format!("change {}", dressed(number)))
            .await
            .is("info", &[]);
        room.says("alice", &format!("check {}", dressed(number)))
            .await
            .lacks("There is no");
    }
}

/// An id that a page masks stays masked.
#[tokio::test]
async fn an_id_that_is_masked_is_not_read_as_another() {
    let mut room = room().await;
    for masked in [
        "MQ_INST_1080056302921134_BX**bML7",
        "MQ_INST_****_BXuIbML7",
        "**MQ_INST_1080056302921134_B****ML7**",
    ] {
        room.says("alice", &format!("instance show {masked}"))
            .await
            .is("invalid", &[])
            .has("masked with asterisks");
    }
}

/// What is written another way round is suggested.
#[rstest]
#[case("orders/cn-hangzhou")]
#[case("cn-hangzhou:orders")]
#[case("orders(cn-hangzhou)")]
#[tokio::test]
async fn what_holds_a_name_is_suggested(#[case] said: &str) {
    let mut room = room().await;
    room.says("alice", &format!("instance show \"{said}\""))
        .await
        .is("invalid", &[])
        .has("cn-hangzhou/orders");
}

/// A verb that records something takes no beginning of a name, which may be another's: `ack` ends mentions.
#[rstest]
#[case("ack ord")]
#[case("ack MQ_INST_1080056302921134_B")]
#[case("snooze ord 12h")]
#[tokio::test]
async fn what_records_something_takes_no_beginning(#[case] line: &str) {
    let mut room = room().await;
    let heard = room.says("alice", line).await;
    heard
        .is("invalid", &[])
        .has("Did you mean cn-hangzhou/orders?")
        .has("takes the exact name or id");
    room.says("alice", "reminders ord").await.has("orders");
}

#[tokio::test]
async fn two_accounts_may_use_one_name_and_the_account_tells_them_apart() {
    let mut room = room().await;
    adds(&mut room, OTHER_ACCOUNT, "orders", "cn-hangzhou")
        .await
        .is("done", &[])
        .has("say cn-hangzhou/orders@2080056302921134 for this one");
    for verb in [
        "action orders downgrade",
        "unsubscribe orders",
        "unsubscribe cn-hangzhou/orders",
    ] {
        room.says("alice", verb)
            .await
            .is("invalid", &[])
            .has("cn-hangzhou/orders@1080056302921134")
            .has("cn-hangzhou/orders@2080056302921134");
    }
    room.says(
        "alice",
        "action cn-hangzhou/orders@1080056302921134 downgrade",
    )
    .await
    .is("done", &[]);
    room.says("alice", "instance show orders@2080056302921134")
        .await
        .is("info", &[])
        .has(OTHER_ACCOUNT);
    // Within one account there is one.
    adds(&mut room, STOCK, "orders", "cn-hangzhou")
        .await
        .is("invalid", &[]);
}

/// What is written before `/`, or behind a name, in everything that was heard: each is understood by the next command.
fn handles(heard: &str) -> BTreeSet<&str> {
    let apart = |c: char| !(c.is_alphanumeric() || "/@-_.".contains(c));
    let words = heard.split(apart).map(|word| word.trim_end_matches('.'));
    words
        .filter(|word| {
            word.starts_with("orders") || (word.contains("/orders") && word.starts_with("cn-"))
        })
        .collect()
}

#[tokio::test]
async fn namesakes_are_told_apart_wherever_they_are_named() {
    let mut room = Room::of_team().await;
    let (one, other) = ("alice admin", "bob approver");
    for (id, facts) in [
        (ORDERS, "--expires 2026-01-20 --action delete"),
        (
            OTHER_ACCOUNT,
            "--expires 2026-01-21 --action downgrade --auto-renew off --max-tps 100",
        ),
    ] {
        let add = format!(
            "instance add {id} --name orders --region cn-hangzhou --edition platinum {facts}"
        );
        room.as_says(one, &add).await.is("done", &[]);
    }
    room.imports(
        "",
        &format!("id,edition,expires\n{ORDERS},standard,\n{OTHER_ACCOUNT},,2026-01-22\n"),
    )
    .await;
    let heard_so_far = room.transcript().len();
    let second = "cn-hangzhou/orders@2080056302921134";
    for line in [
        "downgrade cn-hangzhou/orders@2080056302921134 --by unsubscribe",
        "next 1",
        "notice MQ_INST_2080056302921134_DZwKdNP9 will be released on 2026-01-22",
        "notice MQ_INST_1080056302921134_BXuIbML7 has been released",
        "todo",
        "instance list",
        "changes",
        "change 1",
        "why 1",
        "notices",
        "reminders cn-hangzhou/orders@1080056302921134",
        "check downgrade cn-hangzhou/orders@2080056302921134",
        "check upgrade cn-hangzhou/orders@1080056302921134",
        "cancel 1 --reason later",
    ] {
        room.as_says(one, line).await;
    }
    room.as_says(other, "action cn-hangzhou/orders@1080056302921134 delete")
        .await;
    room.passes("30d").await;
    let transcript = room.transcript().to_owned();
    let told = transcript.get(heard_so_far..).unwrap();
    assert!(
        told.contains("digest") && told.contains("reminder"),
        "{told}"
    );
    // With its id beside it a name means one.
    let told = told.replace("orders (MQ_INST_", "(MQ_INST_");
    let named = handles(&told);
    assert!(named.contains(second), "{named:?}");
    for handle in named {
        let seen = room.as_says(one, &format!("instance show {handle}")).await;
        let lines = told.lines().filter(|line| handles(line).contains(handle));
        let lines: Vec<&str> = lines.collect();
        assert_eq!(seen.outcome, "info", "{handle}: {lines:#?}");
    }
}

/// Each way out that a reply names means one instance when it is typed as it stands there.
async fn every_way_out_is_one(room: &mut Room, reply: &str) {
    let (_, ways) = reply.split_once("means several instances: ").unwrap();
    let (ways, _) = ways.split_once(". Say one of these").unwrap();
    let ways: Vec<&str> = ways.split(", ").collect();
    assert!(ways.len() > 1, "{reply}");
    for way in ways {
        let seen = room.says("alice", &format!("instance show {way}")).await;
        assert_eq!(seen.outcome, "info", "{way}: {}", seen.text);
        let asked = room.says("alice", &format!("upgrade {way}")).await;
        asked.lacks("means several instances");
    }
}

/// Whatever names a file brings, a reply that asks which one is meant leads to each of them.
#[rstest]
#[case::account(&[(STOCK, "orders@2080056302921134"), (OTHER_ACCOUNT, "orders")], "orders@2080056302921134")]
#[case::both_accounts(&[(OTHER_ACCOUNT, "orders")], "orders")]
#[case::marked(&[(STOCK, "orders")], "ORDERS")]
#[case::blanks(&[(STOCK, "my orders"), (OTHER_ACCOUNT, "my orders")], "\"my orders\"")]
#[case::quotes(&[(STOCK, "my \"\"orders\"\""), (OTHER_ACCOUNT, "my \"\"orders\"\"")], "'my \"orders\"'")]
#[case::full_stop(&[(STOCK, "orders.")], "orders.")]
#[tokio::test]
async fn the_ways_out_of_an_ambiguous_name_lead_out(
    #[case] rows: &[(&str, &str)],
    #[case] said: &str,
) {
    let mut room = room().await;
    let mut file = "id,name,region,edition\n".to_owned();
    for (id, name) in rows {
        file.push_str(&format!("{id},\"{name}\",cn-hangzhou,standard\n"));
    }
    room.imports("", &file).await.is("done", &[]);
    let heard = room.says("alice", &format!("upgrade {said}")).await;
    heard.is("invalid", &[]);
    every_way_out_is_one(&mut room, &heard.text).await;
}

/// A full-width `＃2` is typed like `#2`: a change keeps its number, and no permit is shown for another instance.
#[tokio::test]
async fn a_row_with_the_number_of_a_change_is_named_otherwise() {
    let mut room = room().await;
    let file = format!(
        "id,name,region,edition\n{STOCK},＃1,cn-hangzhou,standard\n{OTHER_ACCOUNT},１,cn-hangzhou,standard\n"
    );
    room.imports("", &file).await.is("done", &[]);
    room.says("alice", "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    let list = room.says("alice", "instance list").await;
    list.has("1~cNM8").has("1~dNP9").lacks("＃1").lacks("１");
    for said in ["why ＃1", "why １", "why #1"] {
        room.says("alice", said).await.is("info", &[]).has("orders");
    }
}

/// A row that the console calls like a list of names, a team or a file is shown with the end of its id, and what is typed means
/// the list.
#[rstest]
#[case(
    "orders,stock",
    "orders,stock~dNP9",
    "instance set orders,stock --auto-renew off"
)]
#[case(
    "team:payments",
    "team:payments~dNP9",
    "instance set team:payments --auto-renew off"
)]
#[case("@names", "@names~dNP9", "instance set @names --auto-renew off")]
#[tokio::test]
async fn a_row_that_reads_like_several_deceives_nobody(
    #[case] name: &str,
    #[case] called: &str,
    #[case] line: &str,
) {
    let mut room = room().await;
    room.says("alice", &format!("instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --team payments"))
        .await;
    let file = format!("id,name,region,edition\n{OTHER_ACCOUNT},\"{name}\",cn-hangzhou,platinum\n");
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("reads like several instances")
        .has(&format!(
            "is called {called} here; `instance set {OTHER_ACCOUNT} --name NAME`"
        ));
    room.says("alice", line)
        .await
        .lacks(OTHER_ACCOUNT)
        .lacks(called);
    room.says("alice", &format!("instance show {OTHER_ACCOUNT}"))
        .await
        .has(called)
        .lacks("auto-renewal off");
}

/// What the answer to a file proposes can be typed as it is.
#[rstest]
#[case("my orders", "My Orders")]
#[case("orders.", "ORDERS.")]
#[case("orders--auto-renew", "Orders--auto-renew")]
#[tokio::test]
async fn commands_that_an_import_proposes_are_taken(#[case] one: &str, #[case] other: &str) {
    let mut room = room().await;
    let file = format!(
        "id,name,region,edition,expires\n{STOCK},{one},cn-hangzhou,platinum,2031-01-01\n{OTHER_ACCOUNT},{other},cn-hangzhou,platinum,\n"
    );
    let told = room.imports("", &file).await;
    let proposed = told.text.split('`').skip(1).step_by(2);
    let proposed: Vec<&str> = proposed
        .filter(|said| said.starts_with("instance set"))
        .collect();
    assert_eq!(proposed.len(), 2, "{}", told.text);
    for line in proposed {
        let line = line
            .replace("WHEN", "2026-06-01")
            .replace("NAME", "another");
        room.says("alice", &line).await.is("done", &[]);
    }
    let undone = room.says("alice", "import undo 1").await;
    undone.has(&format!("`instance remove {STOCK} --reason TEXT`"));
}

/// A name that reads like another instance with its account stands for neither, where a permit may follow.
#[tokio::test]
async fn a_name_that_ends_like_an_account_is_asked_about() {
    let mut room = room().await;
    let file = format!("id,name,region\n{OTHER_ACCOUNT},orders@1080056302921134,cn-hangzhou\n");
    room.imports("", &file).await.is("done", &[]);
    for said in [
        "action orders@1080056302921134 downgrade",
        "downgrade cn-hangzhou/orders@1080056302921134 --by unsubscribe",
    ] {
        let heard = room.says("alice", said).await;
        heard.is("invalid", &[]);
        every_way_out_is_one(&mut room, &heard.text).await;
    }
    room.says("alice", &format!("instance show {OTHER_ACCOUNT}"))
        .await
        .is("info", &[]);
    room.says("alice", "action orders downgrade")
        .await
        .is("done", &[]);
}

#[tokio::test]
async fn from_a_file_every_row_is_tracked_and_shown_apart() {
    let mut room = room().await;
    let file = format!(
        "id,name,region\n{STOCK},orders,cn-hangzhou\nMQ_INST_1080056302921134_DZwKdNP9,Orders,cn-hangzhou\nMQ_INST_1080056302921134_EXxLePQ2,ord\u{435}rs,eu-west-1\n{OTHER_ACCOUNT},orders,cn-hangzhou\n"
    );
    let first = room.imports("", &file).await;
    first
        .is("done", &[])
        .has("orders is shown as orders~cNM8, with the end of its id")
        .has("Orders is shown as Orders~dNP9")
        .has("ord\u{435}rs is shown as ord\u{435}rs~ePQ2")
        .has("looks alike (it holds U+0435)");
    let list = room.says("alice", "instance list").await;
    let rows = list.text.lines().filter(|line| line.starts_with("  "));
    assert_eq!(rows.count(), 6, "{}", list.text);
    list.has("orders~cNM8");
    // It is said once, and is no change the next time.
    let again = room.imports("", &file).await;
    again.is("done", &[]).has("unchanged");
    assert!(!again.text.contains("is shown as"), "{}", again.text);
    assert!(!again.text.contains("name from"), "{}", again.text);
    // Once the other has another name, this one has its own.
    room.says(
        "alice",
        "instance set cn-hangzhou/orders@1080056302921134 --name sold",
    )
    .await
    .is("done", &[]);
    let row = format!("id,name\n{STOCK},orders\n");
    room.imports("", &row)
        .await
        .is("done", &[])
        .has("name from orders~cNM8 to orders");
}

#[tokio::test]
async fn rows_may_swap_their_names() {
    let mut room = room().await;
    adds(&mut room, STOCK, "stock", "cn-hangzhou")
        .await
        .is("done", &[]);
    let file = format!("id,name\n{STOCK},orders\n{},stock\n", ORDERS);
    let swapped = room.imports("", &file).await;
    swapped
        .is("done", &[])
        .has("name from stock to orders")
        .has("name from orders to stock");
    assert!(!swapped.text.contains("is shown as"), "{}", swapped.text);
}

/// A file brings another instance that the console calls the same, or nearly: the bare name means both, and the row of the
/// request and the permit shows what the console shows.
#[rstest]
#[case::another_case("Orders", &["Orders", "cn-hangzhou/Orders", "ORDERS"], &["orders", "cn-hangzhou/orders"])]
#[case::the_same("orders", &["orders", "Orders", "cn-hangzhou/Orders"], &["cn-hangzhou/orders"])]
#[tokio::test]
async fn a_name_that_the_console_shows_twice_means_both(
    #[case] listed: &str,
    #[case] both: &[&str],
    #[case] one: &[&str],
) {
    const ALICE: &str = "alice requester,admin team:payments";
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-06-15 --team payments --auto-renew off --action delete"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    let file = format!(
        "id,name,region,edition,expires\n{STOCK},{listed},cn-hangzhou,platinum,2026-06-20\n"
    );
    room.imports("", &file).await.has("1 new");
    let mark = &STOCK[STOCK.len() - 4..];
    let marked = format!("{listed}~{mark}");
    for text in both {
        room.as_says(ALICE, &format!("action {text} downgrade"))
            .await
            .is("invalid", &[])
            .has("means several instances")
            .has("cn-hangzhou/orders")
            .has(&format!("cn-hangzhou/{marked}"));
    }
    for text in one {
        room.as_says(ALICE, &format!("action {text} delete"))
            .await
            .has("orders");
    }
    let alike = "another row is called so, or alike: compare the ids";
    for (number, handle, shown) in [
        (
            1,
            "cn-hangzhou/orders".to_owned(),
            "  instance      orders;".to_owned(),
        ),
        (
            2,
            format!("cn-hangzhou/{marked}"),
            format!("  instance      {listed} (here {marked});"),
        ),
    ] {
        room.as_says(ALICE, &format!("downgrade {handle} --by unsubscribe"))
            .await;
        room.as_says(ALICE, &format!("next {number}"))
            .await
            .has(&shown)
            .has(alike)
            .lacks(&format!("Click the name {marked}"));
    }
}

/// A name that somebody gave is not made of another by its end.
#[tokio::test]
async fn a_name_that_only_begins_alike_is_another() {
    let mut room = room().await;
    let file = format!("id,name,region,edition\n{STOCK},orders~prod,cn-hangzhou,standard\n");
    room.imports("", &file).await.is("done", &[]);
    room.says("alice", "action Orders delete")
        .await
        .is("done", &[]);
}

/// A region that is typed with a slip is refused; one that is meant is taken, and known from then on.
#[tokio::test]
async fn a_region_that_is_not_on_the_list_needs_a_word() {
    let mut room = room().await;
    for (region, near) in [
        ("cn-hangzou", "Did you mean `cn-hangzhou`?"),
        ("cn-shangai", "Did you mean `cn-shanghai`?"),
        ("af-south-1", "The list has cn-hangzhou, cn-shanghai"),
    ] {
        adds(&mut room, STOCK, "stock", region)
            .await
            .is("invalid", &[])
            .has(near)
            .has("Nothing was recorded. If it is a new region, repeat it with `--yes-really`.");
        room.says("alice", &format!("instance set orders --region {region}"))
            .await
            .is("invalid", &[])
            .has(near);
    }
    room.says("alice", "instance show orders")
        .await
        .has("cn-hangzhou");
    adds(&mut room, STOCK, "stock", "af-south-1 --yes-really")
        .await
        .is("done", &[])
        .has("af-south-1 is not on the vendor's published list");
    adds(&mut room, OTHER_ACCOUNT, "bills", "af-south-1")
        .await
        .is("done", &[]);
}

/// Several names where one is taken are called that, and not taken for a name with a slip.
#[tokio::test]
async fn several_names_are_told_from_one() {
    let mut room = room().await;
    adds(&mut room, STOCK, "orders12", "cn-hangzhou").await;
    for line in [
        "instance lost orders,orders12 --reason gone",
        "instance lost orders，stock --reason gone",
        "instance remove \"orders, orders12\" --reason gone",
        "unsubscribe orders,orders12",
        "check upgrade orders,orders12",
        "instance show orders、x",
    ] {
        room.says("alice", line)
            .await
            .is("invalid", &[])
            .has("names several instances, and this takes one")
            .lacks("Did you mean");
    }
    room.says("alice", "instance show other,names")
        .await
        .has("There is no instance `other,names`");
}

/// What is recorded as deleted says what that changes, and how it is taken back.
#[tokio::test]
async fn a_loss_says_how_it_is_taken_back() {
    let mut room = room().await;
    let doubt = "Nothing that is known of it led there: look once more";
    let lost = room
        .says("alice", "instance lost orders --reason gone")
        .await;
    lost.is("done", &[])
        .has("nobody is reminded of it any more")
        .has(doubt)
        .has(&format!(
            "If it is there after all: `instance remove {ORDERS} --reason TEXT`, then `instance add {ORDERS} …`."
        ));
    room.says("alice", &format!("instance remove {ORDERS} --reason slip"))
        .await
        .is("done", &[]);
    adds(&mut room, ORDERS, "orders", "cn-hangzhou")
        .await
        .is("done", &[]);
    // Expired, it may well be gone.
    let mut room = self::room().await;
    room.advance("70d");
    room.says("alice", "instance lost orders --reason gone")
        .await
        .is("done", &[])
        .lacks(doubt);
}
