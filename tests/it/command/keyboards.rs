//! Lines as phones, Chinese keyboards and the vendor's panel change them.

use edition_warden::command::{begins_with_verb, begun_notice};
use rstest::rstest;

use super::reads;

#[test]
fn marks_and_blanks_of_keyboards() {
    for line in [
        "confirm 7：set-action",
        "confirm 7；set-action",
        "confirm（7）set-action",
        "confirm【7】set-action",
        "confirm 7 set action",
        "confirm 7 Set_Action",
        "confirm no.7 set-action",
        "confirm #7, set-action;",
        "confirm 7 «set-action»",
        "confirm：7 set-action",
        "$ confirm 7 set-action",
        "warden> /confirm 7 set-action",
        "warden confirm 7 set-action",
        "$ warden confirm 7 set-action",
        "confirm#7 set-action",
        "confirm＃7 set-action",
        "confirm ⑦ set-action",
        "confirm 7 set\u{ad}action",
        "confirm 7 setaction",
        "confirm 7 set-action…",
    ] {
        assert_eq!(reads(line), "confirm #7 set-action", "{line}");
    }
    for line in [
        "confirm 7 set-action; unsubscribe billing",
        "confirm 7 and 8",
        "billing> is what it says",
        "confirm 7 set the action",
    ] {
        assert!(reads(line).starts_with("! "), "{line}");
    }
}

#[test]
fn marks_behind_a_verb() {
    for line in ["todo;", "todo；", "todo…", "todo ."] {
        assert_eq!(reads(line), "todo", "{line}");
    }
}

/// What replies print is read again.
#[rstest]
#[case::ahead("2026-03-01 00:00 UTC+8 (in 58 d 16 h)")]
#[case::past("2026-03-01 00:00 UTC+8 (3 d ago)")]
#[case::now("2026-03-01 00:00 UTC+8 (just now)")]
fn moments_as_replies_show_them(#[case] shown: &str) {
    let read = "instance set orders --expires 2026-03-01T00:00:00+08:00";
    let line = format!("instance set orders --expires {shown} --team pay");
    assert_eq!(reads(&line), reads(&format!("{read} --team pay")));
    let quoted = format!("instance set orders --expires \"{shown}\"");
    assert_eq!(reads(&quoted), reads(read));
}

#[rstest]
#[case("22:00 - 08:00")]
#[case("22:00 -08:00")]
#[case("22：00－08：00")]
#[case("22 - 8")]
#[case("22-08")]
#[case("22:00–8:00")]
fn hours_of_the_night(#[case] typed: &str) {
    let line = format!("settings quiet-hours {typed}");
    assert_eq!(reads(&line), "settings quiet-hours 22:00-08:00", "{typed}");
}

#[test]
fn a_word_of_a_list_and_a_name_in_either_order() {
    assert_eq!(
        reads("check orders unsubscribe"),
        "check unsubscribe orders"
    );
    assert_eq!(
        reads("check unsubscribe upgrade"),
        "check unsubscribe upgrade"
    );
    assert!(reads("check orders billing").starts_with("! "));
}

/// Quotation marks of other keyboards stand around words as `"` does, also where one form opens and another closes.
#[rstest]
#[case::corners("「my orders」")]
#[case::white_corners("『my orders』")]
#[case::a_phone_opened("“my orders\"")]
#[case::a_phone_closed("\"my orders”")]
#[case::full_width("＂my orders”")]
#[case::german("„my orders\"")]
fn quotation_marks_of_keyboards(#[case] name: &str) {
    assert_eq!(
        reads(&format!("upgrade {name}")),
        "upgrade \"my orders\"",
        "{name}"
    );
    assert_eq!(
        reads(&format!(
            "instance set billing --team {name} --max-tps 5000"
        )),
        "instance set billing --max-tps 5000 --team \"my orders\"",
        "{name}"
    );
    assert_eq!(
        reads(&format!("cancel 1 --reason {name}")),
        "cancel #1 --reason \"my orders\"",
        "{name}"
    );
}

#[test]
fn quotation_marks_within_a_text_are_its_own() {
    for (line, told) in [
        (
            "cancel 1 --reason 「a」 and 『b』",
            "cancel #1 --reason \"「a」 and 『b』\"",
        ),
        (
            "cancel 1 --reason \"say “hi” now\"",
            "cancel #1 --reason \"say “hi” now\"",
        ),
        ("confirm 「7」set-action", "confirm #7 set-action"),
        ("upgrade a「b」", "upgrade a「b」"),
        ("upgrade \"「b」\"", "upgrade \"「b」\""),
    ] {
        assert_eq!(reads(line), told, "{line}");
    }
    for line in ["upgrade “orders", "upgrade \"my orders", "upgrade “a\"b"] {
        assert!(reads(line).starts_with("! "), "{line}");
    }
}

/// A terminal marks what is pasted, and not every program takes the marks away.
#[rstest]
#[case("\u{1b}[200~confirm 7 set-action\u{1b}[201~")]
#[case("\u{1b}[200~warden> confirm 7 set-action\u{1b}[201~\n")]
#[case("warden> \u{1b}[200~confirm 7\u{1b}[201~ set-action")]
#[case("confirm \u{1b}[200~7\u{1b}[201~ \u{1b}[200~set-action\u{1b}[201~")]
fn marks_of_a_pasted_text(#[case] line: &str) {
    assert_eq!(reads(line), "confirm #7 set-action", "{line:?}");
    assert!(begins_with_verb(line), "{line:?}");
}

#[test]
fn marks_around_a_pasted_notice() {
    let line = "\u{1b}[200~notice orders expires\nsoon\u{1b}[201~";
    assert_eq!(reads(line), reads("notice orders expires\nsoon"));
    assert!(begun_notice(line).is_some());
    // Another sequence is no mark.
    assert!(reads("\u{1b}[1mconfirm 7 set-action").starts_with("! "));
}

#[rstest]
#[case::downgrade("downgrade", &["降级", "降級為標準版", "降级至标准版", "Downgrade-to-Standard-Edition", "到期后处理：降级为标准版", "到期後處理 降級", "= downgrade", "Post_release Action = Downgrade to Standard"])]
#[case::delete("delete", &["删除", "刪除資源", "删除实例", "Release Resources", "Post expiration action: Delete Resource", "释放后操作：释放资源"])]
fn what_the_panel_says_of_the_action(#[case] action: &str, #[case] said: &[&str]) {
    for said in said {
        let told = format!("action billing {action}");
        assert_eq!(reads(&format!("action billing {said}")), told, "{said}");
    }
    for said in [
        "不降级",
        "取消降级",
        "not deleted",
        "delete downgrade",
        "降级删除",
        "downgrade to professional",
    ] {
        assert!(
            reads(&format!("action billing \"{said}\"")).starts_with("! "),
            "{said}"
        );
    }
}

#[test]
fn the_panels_name_of_the_setting_is_a_verb() {
    for line in [
        "Post expiration action billing delete",
        "post-release action: billing Delete Resource",
        "到期后处理 billing 删除资源",
    ] {
        assert_eq!(reads(line), "action billing delete", "{line}");
    }
}

#[test]
fn values_of_facts() {
    for (said, told) in [
        ("--max-tps 5,000", "--max-tps 5000"),
        ("--max-tps 5000TPS", "--max-tps 5000"),
        ("--max-tps 5000.0", "--max-tps 5000"),
        (
            "--max-tps 12 500 tps --edition 鉑金版",
            "--edition platinum --max-tps 12500",
        ),
        ("--max-tps １２，５００", "--max-tps 12500"),
        ("--auto-renew yes", "--auto-renew on"),
        ("--auto-renew 已关闭", "--auto-renew off"),
        ("--edition 標準版", "--edition standard"),
        ("--expires 2026年3月1日0时", "--expires 2026-03-01"),
        (
            "--expires 2026年3月1日 8点",
            "--expires 2026-03-01T08:00:00",
        ),
        (
            "--expires 2026-03-01(UTC+08:00)",
            "--expires 2026-02-28T16:00:00Z",
        ),
        (
            "--expires 2026-03-01 北京时间",
            "--expires 2026-02-28T16:00:00Z",
        ),
        ("--expires 1772294400000", "--expires 2026-02-28T16:00:00Z"),
    ] {
        let line = format!("instance set billing {said}");
        assert_eq!(
            reads(&line),
            format!("instance set billing {told}"),
            "{line}"
        );
    }
    for said in [
        "--max-tps 5,00",
        "--max-tps 5,000,00",
        "--max-tps 5.000",
        "--max-tps 5k",
        "--max-tps -5000",
        "--expires 1772294400",
        "--expires 2026-03-01-0302",
        "--expires 2026-03-01 12",
        "--auto-renew maybe",
    ] {
        let line = format!("instance set billing {said}");
        assert!(reads(&line).starts_with("! "), "{line}");
    }
}

/// Words are understood where they can mean one length only.
#[test]
fn lengths_of_time_in_words() {
    for (said, told) in [
        ("half a day", "12h"),
        ("Half an Hour", "30m"),
        ("half day", "12h"),
        ("a half hour", "30m"),
        ("a week", "1w"),
        ("an hour", "1h"),
        ("one day", "1d"),
        ("two hours", "2h"),
        ("for three days", "3d"),
        ("in 2h", "2h"),
        ("the next twelve hours", "12h"),
        ("another 45 minutes", "45m"),
        ("a day and a half", "36h"),
        ("one and a half days", "36h"),
        ("two weeks and a half", "420h"),
        ("a day and two hours", "26h"),
        ("a day 2 hours", "26h"),
        ("1.5h", "90m"),
        ("2.5 days", "60h"),
        ("半天", "12h"),
        ("半个小时", "30m"),
        ("两天", "2d"),
        ("一周", "1w"),
        ("三个小时", "3h"),
        ("一天半", "36h"),
    ] {
        let line = format!("snooze billing {said}");
        assert_eq!(reads(&line), format!("snooze billing {told}"), "{line}");
        let line = format!("suppressed --since {said}");
        assert_eq!(reads(&line), format!("suppressed --since {told}"), "{line}");
    }
    // What cannot be understood is told as a whole, with the same in a form that is taken.
    for (said, hint) in [
        ("a month", "say it in days: `30d`"),
        ("two months", "say it in days: `60d`"),
        ("three years", "say it in days: `1095d`"),
        ("till Monday", "this says when"),
        ("until 2026-01-05", "this says when"),
        ("tomorrow", "this says when"),
        ("by the end of the week", "this says when"),
        ("this afternoon", "this says when"),
        ("next Friday", "this says when"),
        ("a fortnight", "it looks like 90s"),
        ("some time", "it looks like 90s"),
    ] {
        let told = reads(&format!("snooze billing {said}"));
        let whole = format!("! `{said}` is not a length of time");
        assert!(told.starts_with(&whole) && told.contains(hint), "{told}");
    }
}

#[test]
fn lengths_of_time() {
    for (said, told) in [
        ("12H", "12h"),
        ("1D", "1d"),
        ("1d12h", "36h"),
        ("1 d 12 h", "36h"),
        ("1天 12小时", "36h"),
        ("1h30m", "90m"),
        ("1 hour 30 minutes", "90m"),
    ] {
        let line = format!("snooze billing {said}");
        assert_eq!(reads(&line), format!("snooze billing {told}"), "{line}");
    }
    for said in [
        "12",
        "2M",
        "1.5",
        "1.3h",
        "1,5h",
        "12h1d",
        "1h1h",
        "h",
        "0d0h",
        "-1h",
        "1d 2",
        "half",
        "a",
        "one",
        "half a dozen days",
        "two and a half",
        "a day and",
        "hours two",
    ] {
        let line = format!("snooze billing {said}");
        assert!(reads(&line).starts_with("! "), "{line}");
    }
}
