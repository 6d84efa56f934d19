//! Lines as people write them, and what they are understood as.

use edition_warden::command::{
    Ack, ChangeRef, Command, Facts, InstanceCommand, TargetRef, When, args, parse_line,
};
use edition_warden::domain::change::{Route, Step};
use edition_warden::domain::instance::{Edition, PostExpirationAction, Switch};
use edition_warden::domain::rules::RuleId;
use edition_warden::domain::said::Said;
use rstest::rstest;

use super::reads;

#[rstest]
#[case::plain("upgrade orders", "upgrade orders")]
#[case::case_of_verbs("Upgrade Orders", "upgrade Orders")]
#[case::two_words("INSTANCE Show orders", "instance show orders")]
#[case::blanks("  upgrade \t orders  ", "upgrade orders")]
#[case::line_end("upgrade orders\r\n", "upgrade orders")]
#[case::byte_order_mark("\u{feff}upgrade orders", "upgrade orders")]
#[case::wide_blank("upgrade\u{3000}订单", "upgrade 订单")]
#[case::quoted("upgrade \"my orders\"", "upgrade \"my orders\"")]
#[case::single("upgrade 'my orders'", "upgrade \"my orders\"")]
#[case::typographic("upgrade “my orders”", "upgrade \"my orders\"")]
#[case::german("upgrade „my orders“", "upgrade \"my orders\"")]
#[case::typographic_single("upgrade ‘my orders’", "upgrade \"my orders\"")]
#[case::apostrophe("upgrade o'brien", "upgrade o'brien")]
#[case::apostrophe_in_quotes("upgrade 'don't touch'", "upgrade \"don't touch\"")]
#[case::escaped(r#"upgrade "a \"b\" \\ \c""#, r#"upgrade "a \"b\" \\ \\c""#)]
#[case::backslash(r"import C:\new\list.csv", r"import C:\new\list.csv")]
#[case::hash_word("change #12", "change #12")]
#[case::bare_number("change 12", "change #12")]
#[case::wide_hash("change ＃12", "change #12")]
#[case::hash_in_text(
    "fail 12 --reason see #13 # not a comment",
    "fail #12 --reason \"see #13 # not a comment\""
)]
#[case::em_dash("downgrade orders —by expiry", "downgrade orders --by expiry")]
#[case::en_dash("downgrade orders –by expiry", "downgrade orders --by expiry")]
#[case::two_en_dashes("downgrade orders ––by expiry", "downgrade orders --by expiry")]
#[case::equals("downgrade orders --by=expiry", "downgrade orders --by expiry")]
#[case::equals_quoted(
    "instance set orders --name=\"a b\"",
    "instance set orders --name \"a b\""
)]
#[case::words_in_any_case("action orders Downgrade", "action orders downgrade")]
#[case::option_first("downgrade --by expiry orders", "downgrade orders --by expiry")]
#[case::free_text(
    "fail #12 --reason it broke, don't retry",
    "fail #12 --reason \"it broke, don't retry\""
)]
#[case::free_text_keeps_blanks("fail #12 --reason a   b", "fail #12 --reason \"a   b\"")]
#[case::free_text_equals("fail #12 --reason=it broke", "fail #12 --reason \"it broke\"")]
#[case::free_text_equals_blank("fail #12 --reason= it broke", "fail #12 --reason \"it broke\"")]
#[case::strange_option(
    "fail #12 --reason rm --force was run",
    "fail #12 --reason \"rm --force was run\""
)]
#[case::dash_in_text(
    "fail #12 --reason it broke — again",
    "fail #12 --reason \"it broke — again\""
)]
#[case::next_option(
    "confirm #12 --outside --reason it's done --evidence https://a.example/1",
    "confirm #12 --evidence https://a.example/1 --outside --reason \"it's done\""
)]
#[case::next_option_em_dash(
    "confirm #12 --reason it's done —outside",
    "confirm #12 --outside --reason \"it's done\""
)]
#[case::quotes_hide_options(
    "confirm #12 --outside --reason \"ran --outside\"",
    "confirm #12 --outside --reason \"ran --outside\""
)]
#[case::quotes_inside(
    "fail #12 --reason the \"big\" one",
    "fail #12 --reason \"the \\\"big\\\" one\""
)]
#[case::quotes_at_first(
    "fail #12 --reason \"orders\" is gone",
    "fail #12 --reason \"\\\"orders\\\" is gone\""
)]
#[case::quotes_then_word("fail --reason \"it broke\" 12", "fail #12 --reason \"it broke\"")]
#[case::open_apostrophe("fail #12 --reason 'twas late", "fail #12 --reason \"'twas late\"")]
#[case::no_more_options("import --dry-run -- -x", "import \"-x\" --dry-run")]
#[case::standard_input("import -", "import -")]
#[case::date_and_time(
    "confirm #12 --expires 2026-03-01 10:00",
    "confirm #12 --expires 2026-03-01T10:00:00"
)]
#[case::date_then_step(
    "confirm #12 --expires 2026-03-01 record-expiry",
    "confirm #12 record-expiry --expires 2026-03-01"
)]
#[case::offset(
    "confirm #12 --expires 2026-03-01T10:00:00+08:00",
    "confirm #12 --expires 2026-03-01T02:00:00Z"
)]
#[case::no_preview(
    "confirm #12 --evidence <https://a.example>",
    "confirm #12 --evidence https://a.example"
)]
#[case::channel(
    "instance set orders --channel #ops",
    "instance set orders --channel ops"
)]
#[case::comma_list(
    "instance list --action delete,Unknown",
    "instance list --action delete,unknown"
)]
#[case::list_twice(
    "instance list --action delete --action unknown",
    "instance list --action delete,unknown"
)]
#[case::first_page("changes --page 1", "changes")]
#[case::question("?", "help")]
#[case::help("help", "help")]
#[case::help_of("help instance add", "help instance add")]
#[case::question_of("? upgrade", "help upgrade")]
#[case::flag("--help", "help")]
#[case::short_flag("-h", "help")]
#[case::em_dash_flag("—help", "help")]
#[case::verb_flag("fail #12 --help", "help fail")]
#[case::verb_short_flag("instance add -h", "help instance add")]
#[case::group_flag("instance --help", "help instance")]
#[case::group_word("instance help", "help instance")]
#[case::group_question("instance ?", "help instance")]
#[case::flag_for_a_text("fail #12 --reason --help", "help fail")]
#[case::flag_for_a_value("downgrade orders --by -h", "help downgrade")]
#[case::flag_in_a_text(
    "fail #12 --reason try --help first",
    "fail #12 --reason \"try --help first\""
)]
#[case::full_stop("confirm 1 set-action.", "confirm #1 set-action")]
#[case::full_stop_number("confirm 1.", "confirm #1")]
#[case::comma_behind_a_number("confirm 1, set-action", "confirm #1 set-action")]
#[case::comma_without_a_blank("confirm 1，set-action", "confirm #1 set-action")]
#[case::stop_alone("confirm 1 set-action 。", "confirm #1 set-action")]
#[case::mark_alone("cancel 1 --reason x !", "cancel #1 --reason \"x !\"")]
#[case::option_without_a_blank("cancel 1--reason x", "cancel #1 --reason \"x\"")]
#[case::dash_without_a_blank("cancel #1—reason x", "cancel #1 --reason \"x\"")]
#[case::length_behind_a_comma("snooze orders，12h", "snooze orders 12h")]
#[case::length_in_two_words("snooze orders、12 小时", "snooze orders 12h")]
#[case::choice_behind_a_comma("action orders，downgrade", "action orders downgrade")]
#[case::choice_behind_a_colon(
    "action orders：Downgrade to Standard Edition",
    "action orders： downgrade"
)]
#[case::a_list_stays_one("ack orders,billing", "ack orders,billing")]
#[case::a_team_stays_one("action team:payments downgrade", "action team:payments downgrade")]
#[case::option_behind_a_name("downgrade orders--by expiry", "downgrade orders --by expiry")]
#[case::option_behind_a_comma("downgrade orders，--by expiry", "downgrade orders --by expiry")]
#[case::dashes_in_a_name("instance show orders--byte", "instance show orders--byte")]
#[case::stop_alone_behind_options("todo --mine 。", "todo --mine")]
#[case::region_in_capitals(
    "instance set orders --region CN-HANGZHOU",
    "instance set orders --region cn-hangzhou"
)]
#[case::time_behind_a_comma(
    "instance set orders --expires \"Mar 1, 2026, 00:00:00\"",
    "instance set orders --expires 2026-03-01"
)]
#[case::time_behind_a_comma_unquoted(
    "instance set orders --expires 1 March 2026, 10:30:00",
    "instance set orders --expires 2026-03-01T10:30:00"
)]
#[case::list_comma_without_a_blank("confirm ＃1、set-action", "confirm #1 set-action")]
#[case::bracket("confirm 12) set-action", "confirm #12 set-action")]
#[case::brackets("confirm (#12) set-action", "confirm #12 set-action")]
#[case::chinese_stop("change １２。", "change #12")]
#[case::wide_digits("confirm １２ set-action", "confirm #12 set-action")]
#[case::wide_letters("ｃｏｎｆｉｒｍ ＃１２ ｓｅｔ－ａｃｔｉｏｎ", "confirm #12 set-action")]
#[case::hyphen_2010("confirm 1 set‐action", "confirm #1 set-action")]
#[case::hyphen_2011("confirm 1 set‑action", "confirm #1 set-action")]
#[case::figure_dash("confirm 1 set‒action", "confirm #1 set-action")]
#[case::en_dash_in_a_word("confirm 1 set–action", "confirm #1 set-action")]
#[case::em_dash_in_a_word("confirm 1 set—action", "confirm #1 set-action")]
#[case::bar("confirm 1 set―action", "confirm #1 set-action")]
#[case::minus("confirm 1 set−action", "confirm #1 set-action")]
#[case::underscore("confirm 1 set_action", "confirm #1 set-action")]
#[case::smart_quotes("confirm 1 “set-action”", "confirm #1 set-action")]
#[case::shouted("CONFIRM 1 SET-ACTION", "confirm #1 set-action")]
#[case::backticks_around_a_word("confirm 1 `set-action`", "confirm #1 set-action")]
#[case::corner_quotes("confirm 1 「set-action」", "confirm #1 set-action")]
#[case::quoted_line("> confirm 1 set-action", "confirm #1 set-action")]
#[case::slash_with_a_blank("/ confirm 1 set-action", "confirm #1 set-action")]
#[case::slash("/confirm 1 set-action", "confirm #1 set-action")]
#[case::wide_slash("／next orders", "next orders")]
#[case::prompt("warden> confirm 1", "confirm #1")]
#[case::prompt_twice("Warden>  warden> confirm 1", "confirm #1")]
#[case::prompt_and_slash("warden> /changes", "changes")]
#[case::backticks("`confirm 1 set-action`", "confirm #1 set-action")]
#[case::mark_before("\u{200e}confirm 1 set-action", "confirm #1 set-action")]
#[case::mark_inside("confirm 1 set-\u{200b}action", "confirm #1 set-action")]
#[case::mark_around_a_name("next \u{2068}orders\u{2069}", "next orders")]
#[case::no_break("confirm\u{a0}1\u{a0} set-action", "confirm #1 set-action")]
#[case::verb_with_a_stop("changes.", "changes")]
#[case::one_dash("cancel 1 -reason it broke", "cancel #1 --reason \"it broke\"")]
#[case::one_dash_equals("downgrade orders -by=expiry", "downgrade orders --by expiry")]
#[case::figure_dash_option("cancel 1 ‒reason x", "cancel #1 --reason \"x\"")]
#[case::hyphen_option("cancel 1 ‐‐reason x", "cancel #1 --reason \"x\"")]
#[case::wide_option("cancel 1 －－ｒｅａｓｏｎ x", "cancel #1 --reason \"x\"")]
#[case::colon("cancel 1 --reason: it broke", "cancel #1 --reason \"it broke\"")]
#[case::wide_colon("cancel 1 --reason：it broke", "cancel #1 --reason \"it broke\"")]
#[case::colon_before_a_word("downgrade orders --by: expiry", "downgrade orders --by expiry")]
#[case::glued_quote("cancel 1 --reason“it broke”", "cancel #1 --reason \"it broke\"")]
#[case::wide_equals("downgrade orders --by＝expiry", "downgrade orders --by expiry")]
#[case::option_in_any_case("cancel 1 --Reason x", "cancel #1 --reason \"x\"")]
#[case::option_underscore("instance set orders --max_tps 1", "instance set orders --max-tps 1")]
#[case::smart_value("cancel 1 --reason=“it broke”", "cancel #1 --reason \"it broke\"")]
#[case::one_dash_in_a_text(
    "fail 1 --reason ran rm -reason",
    "fail #1 --reason \"ran rm -reason\""
)]
#[case::span_apart("snooze orders 12 h", "snooze orders 12h")]
#[case::span_in_words("snooze orders 2 days", "snooze orders 2d")]
#[case::span_glued_words("snooze orders 12hours", "snooze orders 12h")]
#[case::span_chinese("snooze orders 12小时", "snooze orders 12h")]
#[case::span_chinese_apart("snooze orders ３ 天", "snooze orders 3d")]
#[case::span_option("audit --since 2 weeks --page 2", "audit --since 2w --page 2")]
#[case::slashes(
    "instance set orders --expires 2026/3/1",
    "instance set orders --expires 2026-03-01"
)]
#[case::dots(
    "instance set orders --expires 2026.3.1",
    "instance set orders --expires 2026-03-01"
)]
#[case::english_date(
    "instance set orders --expires March 1, 2026 --team a",
    "instance set orders --expires 2026-03-01 --team a"
)]
#[case::english_date_day_first(
    "instance set orders --expires 1st Mar 2026 10:00",
    "instance set orders --expires 2026-03-01T10:00:00"
)]
#[case::english_date_hyphens(
    "instance set orders --expires 01-Mar-2026",
    "instance set orders --expires 2026-03-01"
)]
#[case::eight_digits(
    "instance set orders --expires 20260301",
    "instance set orders --expires 2026-03-01"
)]
#[case::short_date(
    "instance set orders --expires 2026-3-1",
    "instance set orders --expires 2026-03-01"
)]
#[case::chinese_date(
    "instance set orders --expires 2026年3月1日",
    "instance set orders --expires 2026-03-01"
)]
#[case::chinese_date_apart(
    "instance set orders --expires 2026 年 3 月 1 日 10:00 --team a",
    "instance set orders --expires 2026-03-01T10:00:00 --team a"
)]
#[case::panel_date(
    "instance set orders --expires 2026-03-01 00:00:00 (UTC+8)",
    "instance set orders --expires 2026-02-28T16:00:00Z"
)]
#[case::panel_date_quoted(
    "instance set orders --expires \"2026-03-01 00:00:00 (UTC+8)\"",
    "instance set orders --expires 2026-02-28T16:00:00Z"
)]
#[case::wide_date(
    "instance set orders --expires ２０２６－０３－０１",
    "instance set orders --expires 2026-03-01"
)]
#[case::panel_downgrade(
    "action orders \"Downgrade to Standard Edition\"",
    "action orders downgrade"
)]
#[case::panel_downgrade_bare(
    "action orders Downgrade to Standard Edition",
    "action orders downgrade"
)]
#[case::panel_delete("action orders \"Delete Resource\"", "action orders delete")]
#[case::panel_delete_bare("action orders delete resource.", "action orders delete")]
#[case::panel_label(
    "action orders \"Post-release Action: Delete Resource\"",
    "action orders delete"
)]
#[case::panel_label_bare(
    "action orders Post-expiration Action: Downgrade to Standard Edition",
    "action orders downgrade"
)]
#[case::panel_verb("Post-release Action orders Delete Resource", "action orders delete")]
#[case::panel_verb_hyphens("Post‑expiration Action orders delete", "action orders delete")]
#[case::panel_option(
    "instance set orders --post-release-action delete",
    "instance set orders --action delete"
)]
#[case::panel_seen(
    "approve 1 --seen Downgrade to Standard Edition",
    "approve #1 --seen downgrade"
)]
#[case::panel_edition(
    "instance set orders --edition Enterprise Platinum Edition",
    "instance set orders --edition platinum"
)]
#[case::panel_standard(
    "instance set orders --edition=\"Standard Edition\"",
    "instance set orders --edition standard"
)]
#[case::panel_chinese("action orders 降级为标准版", "action orders downgrade")]
#[case::quote_behind_a_word("check downgrade \" \\\"\"", "check downgrade \" \\\"\"")]
#[case::panel_list(
    "instance list --action Delete，unknown",
    "instance list --action delete,unknown"
)]
#[case::wide_id("change ＃１２", "change #12")]
fn a_line_is_understood(#[case] line: &str, #[case] canonical: &str) {
    assert_eq!(reads(line), canonical);
}

#[test]
fn instance_add_takes_all_facts() {
    let line = "instance add MQ_INST_1080056302921134_BXuIbML7 --name 订单 --region cn-hangzhou --edition platinum \
        --expires 2027-03-01 --action unknown --auto-renew off --max-tps 8000 --commodity-id ons-cn-0pp1abc2d34 --topics 30 \
        --groups 0 --team #ops";
    let expected = Command::Instance(InstanceCommand::Add(args::AddInstance {
        id: "MQ_INST_1080056302921134_BXuIbML7".parse().unwrap(),
        name: "订单".parse().unwrap(),
        region: "cn-hangzhou".parse().unwrap(),
        edition: Edition::Platinum,
        facts: Facts(Said {
            expires: Some(Some("2027-03-01".parse::<When>().unwrap())),
            action: Some(None),
            auto_renew: Some(Some(Switch::Off)),
            max_tps: Some(Some(8_000)),
            commodity_id: Some(Some("ons-cn-0pp1abc2d34".parse().unwrap())),
            topics: Some(Some(30)),
            groups: Some(Some(0)),
            team: Some(Some("ops".parse().unwrap())),
            ..Said::default()
        }),
    }));
    assert_eq!(parse_line(line), Ok(expected));
}

#[test]
fn options_reach_their_fields() {
    assert_eq!(
        parse_line(
            "downgrade orders --by unsubscribe --reason \"traffic fell\" --ack fits-standard"
        ),
        Ok(Command::Downgrade(args::Downgrade {
            instance: "orders".parse().unwrap(),
            by: Some(Route::Unsubscribe),
            reason: Some("traffic fell".parse().unwrap()),
            ack: Ack {
                ack: Some(RuleId::FitsStandard)
            },
        }))
    );
    assert_eq!(
        parse_line("reopen 7 set-action --reason other instance"),
        Ok(Command::Reopen(args::Reopen {
            change: ChangeRef(7),
            step: Step::SetAction,
            reason: "other instance".parse().unwrap(),
        }))
    );
    assert_eq!(
        parse_line("instance list --action downgrade,unknown --page 3"),
        Ok(Command::Instance(InstanceCommand::List(
            args::ListInstances {
                edition: None,
                expiring: None,
                action: vec![Some(PostExpirationAction::Downgrade), None],
                team: None,
                sort: None,
                page: 3,
            }
        )))
    );
}

#[rstest]
#[case("why 12", TargetRef::Digits(ChangeRef(12), "12".parse().unwrap()))]
#[case("why #12", TargetRef::Change(ChangeRef(12)))]
#[case("why cn-hangzhou/12", TargetRef::Instance("cn-hangzhou/12".parse().unwrap()))]
#[case("why 12a", TargetRef::Instance("12a".parse().unwrap()))]
fn digits_may_mean_a_change(#[case] line: &str, #[case] target: TargetRef) {
    assert_eq!(parse_line(line), Ok(Command::Why(args::WhyArgs { target })));
}

#[test]
fn long_lines_are_read_up_to_a_limit() {
    let longest = format!("change {}", " ".repeat(3_991)) + "12";
    assert_eq!(longest.chars().count(), 4_000);
    assert_eq!(reads(&longest), "change #12");
    assert_eq!(
        reads(&format!(" {longest}")),
        "! the line has 4001 characters, and 4000 are read; shorten it"
    );
}

#[test]
fn only_the_id_of_a_5x_instance_cites_a_rule() {
    let series_5 = parse_line("instance add rmq-cn-7e22abcdefg").unwrap_err();
    assert_eq!(series_5.rules(), [RuleId::Series4x]);
    let rest = "--name orders --region cn-hangzhou --edition platinum";
    let whole = parse_line(&format!("instance add rmq-cn-7e22abcdefg {rest}")).unwrap_err();
    assert_eq!(whole.rules(), [RuleId::Series4x]);
    for line in [
        "instance add MQ_INST_****_BXuIbML7",
        "instance add x",
        "upgrade",
    ] {
        assert_eq!(parse_line(line).unwrap_err().rules(), []);
    }
}

/// Only what is surely meant is read as something else than it is written.
#[rstest]
#[case("confirm 1 set-action && unsubscribe orders")]
#[case("confirm 1 set-action; unsubscribe orders")]
#[case("confirm 1.5")]
#[case("confirm 1/2")]
#[case("confirm 一")]
#[case("cancel 1 -cause it broke")]
#[case("snooze orders 12 moons")]
#[case("snooze orders 1 2 h")]
#[case("action orders Downgrade to Basic Edition")]
#[case("action orders \"not Downgrade to Standard Edition\"")]
#[case("action orders \"Downgrade to Standard Edition?\"")]
#[case("instance set orders --expires 3/1/2026")]
#[case("instance set orders --expires 3月1日")]
#[case("instance set orders --expires March 1")]
#[case("instance set orders --expires \"Marchember 1, 2026\"")]
#[case("instance set orders --expires 260301")]
#[case("instance set orders --expires 2026030110")]
#[case("instance set orders --expires 2026-03-0110:00")]
#[case("instance set orders --edition Enterprise")]
#[case("//confirm 1")]
#[case("alice> confirm 1")]
fn a_line_is_not_guessed(#[case] line: &str) {
    assert!(reads(line).starts_with('!'), "{}", reads(line));
}

#[test]
fn names_and_texts_keep_their_characters() {
    for line in ["next 订单（新）", "next a–b", "next orders."] {
        assert_eq!(reads(line), line);
    }
    assert_eq!(
        reads("instance set a --name b．"),
        "instance set a --name b．"
    );
    assert_eq!(
        reads("fail 1 --reason ａ–ｂ。"),
        "fail #1 --reason \"ａ–ｂ。\""
    );
}

#[test]
fn a_dash_behind_a_word_is_a_value_of_its_own() {
    for line in ["check downgrade -", "check upgrade -", "action - downgrade"] {
        let command = edition_warden::command::parse_line(line).unwrap();
        assert_eq!(command.to_string(), line);
    }
}
