//! The replies to lines that are not a command: every class of error, word for word.

use insta::assert_snapshot;

use super::reads;

#[test]
fn nothing_said() {
    assert_snapshot!(reads(""), @"! nothing was said; `help` lists the verbs");
    assert_snapshot!(reads("   "), @"! nothing was said; `help` lists the verbs");
}

#[test]
fn unknown_verbs() {
    assert_snapshot!(reads("upgrde orders"), @"! there is no verb `upgrde`; did you mean `upgrade`?");
    assert_snapshot!(reads("add x"), @"! there is no verb `add`; did you mean `instance add`?");
    assert_snapshot!(reads("list"), @"! there is no verb `list`; did you mean `instance list`?");
    assert_snapshot!(reads("show orders"), @"! there is no verb `show`; did you mean `instance show`?");
    assert_snapshot!(reads("remove orders"), @"! there is no verb `remove`; did you mean `instance remove`?");
    assert_snapshot!(reads("set orders"), @"! there is no verb `set`; did you mean `instance set`?");
    assert_snapshot!(reads("Lsit"), @"! there is no verb `Lsit`; did you mean `instance list`?");
    assert_snapshot!(reads("delete orders"), @"! there is no verb `delete`; `help` lists them all, and a notice of the vendor's goes behind `notice`");
    assert_snapshot!(reads("renew orders"), @"! there is no verb `renew`: a subscription is renewed in the vendor's console; then say its new expiry, `instance set NAME --expires WHEN`");
    assert_snapshot!(reads("续费 orders"), @"! there is no verb `续费`: a subscription is renewed in the vendor's console; then say its new expiry, `instance set NAME --expires WHEN`");
    assert_snapshot!(reads("-x"), @"! there is no verb `-x`; `help` lists them all, and a notice of the vendor's goes behind `notice`");
    assert_snapshot!(reads("--all"), @"! there is no verb `--all`; `help` lists them all, and a notice of the vendor's goes behind `notice`");
    assert_snapshot!(reads("升级 orders"), @"! there is no verb `升级`; did you mean `upgrade`?");
    assert_snapshot!(reads("ls"), @"! there is no verb `ls`; did you mean `instance list`?");
    assert_snapshot!(reads("done"), @"! there is no verb `done`; `help` lists them all, and a notice of the vendor's goes behind `notice`");
}

#[test]
fn unknown_verbs_under_instance() {
    assert_snapshot!(reads("instance"), @"! `instance` is followed by `add`, `set`, `list`, `show`, `remove` or `lost`");
    assert_snapshot!(reads("instance remvoe orders"), @"! there is no `instance remvoe`; `instance` is followed by `add`, `set`, `list`, `show`, `remove` or `lost`; did you mean `instance remove`?");
    assert_snapshot!(reads("instance orders"), @"! there is no `instance orders`; `instance` is followed by `add`, `set`, `list`, `show`, `remove` or `lost`");
    assert_snapshot!(reads("instance --all"), @"! there is no `instance --all`; `instance` is followed by `add`, `set`, `list`, `show`, `remove` or `lost`");
}

#[test]
fn unknown_options() {
    assert_snapshot!(reads("upgrade orders --by expiry"), @"! `upgrade` has no option `--by`; it takes `--reason`");
    assert_snapshot!(reads("downgrade orders --yb expiry"), @"! `downgrade` has no option `--yb`; did you mean `--by`?");
    assert_snapshot!(reads("downgrade orders -bye expiry"), @"! `downgrade` has no option `-bye`; did you mean `--by`?");
    assert_snapshot!(reads("instance set orders --autorenew off"), @"! `instance set` has no option `--autorenew`; did you mean `--auto-renew`?");
    assert_snapshot!(reads("upgrade -x"), @"! `upgrade` has no option `-x`; it takes `--reason`");
    assert_snapshot!(reads("changes --reason x"), @"! `changes` has no option `--reason`; it takes `--all`, `--stuck`, `--team` and `--page`");
}

#[test]
fn missing_arguments() {
    assert_snapshot!(reads("upgrade"), @"! `upgrade` needs `<instance>`; usage: `upgrade <instance> [--reason TEXT]`");
    assert_snapshot!(reads("confirm"), @"! `confirm` needs `<change>`; usage: `confirm <change> [step] [--expires WHEN] [--evidence URL] [--outside] [--reason TEXT] [--yes-really]`");
    assert_snapshot!(reads("check"), @"! `check` needs `<upgrade|downgrade|unsubscribe|expiry>` and `<instance>`; usage: `check <upgrade|downgrade|unsubscribe|expiry> <instance> [--ack fits-standard]`");
    assert_snapshot!(reads("reopen #12 --reason oops"), @"! `reopen` needs `<step>`; usage: `reopen <change> <step> --reason TEXT`; put it before `--reason`, which takes all words behind it");
    assert_snapshot!(reads("instance add MQ_INST_1080056302921134_BXuIbML7"), @"! `instance add` needs `--name NAME`, `--region REGION` and `--edition <standard|platinum>`; usage: `instance add <id> --name NAME --region REGION --edition <standard|platinum> [--expires WHEN] [--action <delete|downgrade|unknown>] [--auto-renew <on|off|unknown>] [--busy <on|off|unknown>] [--max-tps N] [--commodity-id ID] [--topics N] [--groups N] [--team TEAM] [--channel CHANNEL] [--yes-really]`");
    assert_snapshot!(reads("fail --reason it broke #12"), @"! `fail` needs `<change>`; usage: `fail <change> --reason TEXT`; put it before `--reason`, which takes all words behind it");
    assert_snapshot!(reads("instance remove orders"), @"! `instance remove` needs `--reason TEXT`; usage: `instance remove <instance> --reason TEXT`");
}

#[test]
fn missing_values() {
    assert_snapshot!(reads("downgrade orders --by"), @"! `--by` needs a value behind it: `--by <unsubscribe|expiry>`");
    assert_snapshot!(reads("downgrade orders --by --ack fits-standard"), @"! `--by` needs a value behind it: `--by <unsubscribe|expiry>`");
    assert_snapshot!(reads("fail #12 --reason"), @"! `--reason` needs a value behind it: `--reason TEXT`");
    assert_snapshot!(reads("confirm #12 --reason --outside"), @"! `--reason` needs a value behind it: `--reason TEXT`");
    assert_snapshot!(reads("instance set orders --name= --team x"), @"! `--name` needs a value behind it: `--name NAME`");
}

#[test]
fn values_where_none_belong() {
    assert_snapshot!(reads("confirm #12 --outside=yes"), @"! `--outside` takes no value; it is given or left out");
    assert_snapshot!(reads("changes --all=true"), @"! `--all` takes no value; it is given or left out");
}

#[test]
fn wrong_words() {
    assert_snapshot!(reads("downgrade orders --by refund"), @"! `--by` can be `unsubscribe` or `expiry`, not `refund`");
    assert_snapshot!(reads("downgrade orders --by unsubscirbe"), @"! `--by` can be `unsubscribe` or `expiry`, not `unsubscirbe`; did you mean `unsubscribe`?");
    assert_snapshot!(reads("downgrade orders --by \"\""), @"! `--by` can be `unsubscribe` or `expiry`, not ``");
    assert_snapshot!(reads("check upgarde orders"), @"! `<intent>` can be `upgrade`, `downgrade`, `unsubscribe` or `expiry`, not `upgarde`; did you mean `upgrade`?");
    assert_snapshot!(reads("confirm #12 set-acton"), @"! `<step>` can be `upgrade`, `record-expiry`, `choose-action`, `set-action`, `unsubscribe`, `await-expiry` or `verify-standard`, not `set-acton`; did you mean `set-action`?");
    assert_snapshot!(reads("instance set orders --edition gold"), @"! `--edition` can be `standard`, `platinum` or `unknown`, not `gold`");
    assert_snapshot!(reads("instance list --action delete,nope"), @"! `--action` can be `delete`, `downgrade` or `unknown`, not `nope`");
    assert_snapshot!(reads("next orders --ack busy"), @"! `--ack` can be `fits-standard`, not `busy`");
    assert_snapshot!(reads("action orders keep"), @"! `<action>` can be `delete` or `downgrade`, not `keep`");
}

#[test]
fn wrong_rule() {
    assert_snapshot!(reads("rule action-befor-exit"), @"! `<id>` can be `series-4x`, `upgrade-from-standard`, `upgrade-keeps-identity`, `upgrade-not-reversible-now`, `downgrade-from-platinum`, `action-before-exit`, `action-known`, `action-after-creation`, `exit-converts`, `release-after-7-days`, `auto-renewal`, `busy`, `fits-standard`, `billing-changes`, `refund-limits` or `release-notice-redundant`, not `action-befor-exit`; did you mean `action-before-exit`?");
}

#[test]
fn wrong_references() {
    assert_snapshot!(reads("confirm x"), @"! `x` is not the number of a change; it looks like #12, and `changes` lists them");
    assert_snapshot!(reads("confirm #0"), @"! `#0` is not the number of a change; it looks like #12, and `changes` lists them");
    assert_snapshot!(reads("change #99999999999999999999"), @"! `#99999999999999999999` is not the number of a change; it looks like #12, and `changes` lists them");
    assert_snapshot!(reads("upgrade #12"), @"! `#12` cannot point at an instance: `#` begins the number of a change; give its name, region/name or id");
    assert_snapshot!(reads("upgrade \"\""), @"! `` cannot point at an instance: it is empty; give its name, region/name or id");
    assert_snapshot!(reads("why #x"), @"! `#x` is not the number of a change; it looks like #12, and `changes` lists them");
    assert_snapshot!(reads("instance show \"\u{200b}orders\""), @r#"! `\u{200b}orders` cannot point at an instance: it holds a control or invisible character; give its name, region/name or id"#);
}

#[test]
fn wrong_numbers() {
    assert_snapshot!(reads("instance set orders --max-tps 8k"), @"! `--max-tps`: `8k` is not a whole number from 1 to 4294967295");
    assert_snapshot!(reads("instance set orders --max-tps -5"), @"! `--max-tps`: `-5` is not a whole number from 1 to 4294967295");
    assert_snapshot!(reads("instance set orders --max-tps 4294967296"), @"! `--max-tps`: `4294967296` is not a whole number from 1 to 4294967295");
    assert_snapshot!(reads("instance set orders --max-tps 0"), @"! `--max-tps`: `0` is not a whole number from 1 to 4294967295");
    assert_snapshot!(reads("exit now"), @"! there is no verb `exit`: it ends a prompt, where it stands alone on its line");
    assert_snapshot!(reads("changes --page 0"), @"! `--page`: `0` is not a whole number from 1 to 100000");
}

#[test]
fn wrong_durations() {
    assert_snapshot!(reads("instance list --expiring 30x"), @"! `--expiring`: `30x` is not a length of time; it looks like 90s, 15m, 12h, 30d or 1w");
    assert_snapshot!(reads("instance list --expiring 30"), @"! `--expiring`: `30` is not a length of time; it looks like 90s, 15m, 12h, 30d or 1w");
    assert_snapshot!(reads("instance list --expiring 0d"), @"! `--expiring`: `0d` is no time at all; give more than zero, such as 12h");
    assert_snapshot!(reads("instance list --expiring 3651d"), @"! `--expiring`: `3651d` is too long; at most ten years (3650d) are taken");
    assert_snapshot!(reads("instance list --expiring 99999999999999999999w"), @"! `--expiring`: `99999999999999999999w` is too long; at most ten years (3650d) are taken");
}

#[test]
fn wrong_moments() {
    assert_snapshot!(reads("confirm #12 --expires 2026-02-30"), @"! `--expires`: `2026-02-30` does not exist: February 2026 has 28 days");
    assert_snapshot!(reads("confirm #12 --expires 2025-02-29T10:00:00Z"), @"! `--expires`: `2025-02-29` does not exist: February 2025 has 28 days");
    assert_snapshot!(reads("confirm #12 --expires 2026-13-01"), @"! `--expires`: `2026-13-01` does not exist: months go from 01 to 12");
    assert_snapshot!(reads("confirm #12 --expires 2026-03-01 24:01"), @"! `--expires`: `2026-03-01 24:01` does not exist: hours go from 00 to 23, minutes and seconds from 00 to 59");
    assert_snapshot!(reads("confirm #12 --expires 2026-03-01T10:00:60Z"), @"! `--expires`: `2026-03-01T10:00:60Z` does not exist: hours go from 00 to 23, minutes and seconds from 00 to 59");
    assert_snapshot!(reads("confirm #12 --expires 2026-03-01T10:00+25:00"), @"! `--expires`: `+25:00` is not a zone; it looks like Z or +08:00");
    assert_snapshot!(reads("confirm #12 --expires 2026-03-01T10:00+08:75"), @"! `--expires`: `+08:75` is not a zone; it looks like Z or +08:00");
    assert_snapshot!(reads("confirm #12 --expires 1999-12-31"), @"! `--expires`: `1999-12-31` is out of reach: years go from 2000 to 9999");
    assert_snapshot!(reads("confirm #12 --expires 9999-12-31T23:59:59-08:00"), @"! `--expires`: `9999-12-31T23:59:59-08:00` is out of reach: years go from 2000 to 9999");
    assert_snapshot!(reads("confirm #12 --expires 20/12/2026"), @"! `--expires`: `20/12/2026`: write the year first, 2026-12-20");
    assert_snapshot!(reads("confirm #12 --expires 12.20.2026"), @"! `--expires`: `12.20.2026`: write the year first, 2026-12-20");
    assert_snapshot!(reads("confirm #12 --expires 5/12/2026"), @"! `--expires`: `5/12/2026` can be read with the day or with the month first; write the year first, such as 2026-03-01");
    assert_snapshot!(reads("confirm #12 --expires 32/13/2026"), @"! `--expires`: `32/13/2026` is not a date or time; it looks like 2026-03-01, 2026-03-01T10:00 or, with its zone, 2026-03-01T10:00:00+08:00");
    assert_snapshot!(reads("settings zone UTC+8"), @"! `UTC+8`: an offset is no zone, because clocks change; name a place with that time; it looks like Asia/Shanghai, Europe/Berlin or UTC");
    assert_snapshot!(reads("settings zone CST"), @"! `CST`: there is no such zone; it looks like Asia/Shanghai, Europe/Berlin or UTC");
    assert_snapshot!(reads("settings zone shanghai"), @"! `shanghai`: there is no such zone (did you mean `Asia/Shanghai`?); it looks like Asia/Shanghai, Europe/Berlin or UTC");
    assert_snapshot!(reads("confirm #12 --expires tomorrow"), @"! `--expires`: `tomorrow` is not a date or time; it looks like 2026-03-01, 2026-03-01T10:00 or, with its zone, 2026-03-01T10:00:00+08:00");
}

#[test]
fn wrong_evidence() {
    assert_snapshot!(reads("confirm #12 --evidence ftp://files.example/1"), @"! `--evidence`: `ftp://files.example/1` is not a web address: it does not begin with http:// or https://; it looks like https://tickets.example/42");
    assert_snapshot!(reads("confirm #12 --evidence ticket-42"), @"! `--evidence`: `ticket-42` is not a web address: it cannot be read as one; it looks like https://tickets.example/42");
    assert_snapshot!(reads("confirm #12 --evidence https://me:secret@tickets.example/1"), @"! `--evidence`: the address holds a login, and evidence is kept for all to read; give it without");
    assert_snapshot!(reads("confirm #12 --evidence \"https://tickets.example/a b\""), @"! `--evidence`: `https://tickets.example/a b` is not a web address: it holds a blank or an invisible character; it looks like https://tickets.example/42");
}

#[test]
fn wrong_reasons() {
    assert_snapshot!(reads("fail #12 --reason \"\""), @"! `--reason`: the text is empty; say it in a few words");
    assert_snapshot!(reads("fail #12 --reason \u{200b}\u{2060}"), @"! `--reason`: the text is empty; say it in a few words");
    assert_snapshot!(reads("fail #12 --reason=\" \""), @"! `--reason`: the text is empty; say it in a few words");
    assert_snapshot!(reads("fail #12 --reason a\u{202e}b"), @r#"! `--reason`: the text holds the character `\u{202e}`, which does not show or shows as something else; write it without"#);
    assert_snapshot!(reads("fail #12 --reason \u{e000}t:1:R\u{e001}"), @r#"! the line holds the character `\u{e000}`, which does not show or shows as something else; write it again without"#);
}

#[test]
fn wrong_ids() {
    assert_snapshot!(reads("instance add rmq-cn-7e22abcdefg"), @"! `rmq-cn-7e22abcdefg` is a 5.x instance: a 5.x instance can never go from Platinum to Standard, so there is no documented route to guard (rule series-4x); only 4.x instances (MQ_INST_…) are tracked");
    assert_snapshot!(reads("instance add MQ_INST_****_BXuIbML7"), @"! `MQ_INST_****_BXuIbML7` is masked with asterisks; copy the full id from the vendor's console");
    assert_snapshot!(reads("instance add orders"), @"! `orders` is not an instance id; a 4.x id looks like MQ_INST_1080056302921134_BXuIbML7");
    assert_snapshot!(reads("instance set orders --commodity-id x"), @"! `--commodity-id`: `x` is not a commodity id; it looks like ons-cn-0pp1abc2d34");
    assert_snapshot!(reads("instance set orders --region Hangzhou"), @"! `--region`: `Hangzhou` is not a region id; did you mean `cn-hangzhou`?");
    assert_snapshot!(reads("instance set orders --name -x"), @"! `--name`: `-x` cannot be a name: it begins with `-`, `#` or `:`, which mean something else here");
    assert_snapshot!(reads("instance set orders --name \"-x\""), @"! `--name`: `-x` cannot be a name: it begins with `-`, `#` or `:`, which mean something else here");
    assert_snapshot!(reads("instance set orders --name a/b"), @"! `--name`: `a/b` cannot be a name: it holds a `/`, which separates region and name");
}

#[test]
fn repeated_options() {
    assert_snapshot!(reads("downgrade orders --by expiry --by unsubscribe"), @"! `--by` is given more than once; give it once");
    assert_snapshot!(reads("fail #12 --reason a --reason b"), @"! `--reason` is given more than once; give it once");
    assert_snapshot!(reads("changes --all --all"), @"! `--all` is given more than once; give it once");
}

#[test]
fn options_that_need_each_other() {
    assert_snapshot!(reads("confirm #12 --outside"), @"! `--outside` is only understood together with `--reason TEXT`");
    assert_snapshot!(reads("confirm #12 --reason done by hand"), @"! `--reason` is only understood together with `--outside`");
    assert_snapshot!(reads("confirm #12 unsubscribe --evidence https://a.example --outside"), @"! `--outside` is only understood together with `--reason TEXT`");
}

#[test]
fn too_many_words() {
    assert_snapshot!(reads("upgrade orders prod"), @"! `prod` is one word too many; usage: `upgrade <instance> [--reason TEXT]` (text with blanks needs quotes)");
    assert_snapshot!(reads("downgrade orders expiry"), @"! `expiry` has no place here: the option is `--by expiry`; usage: `downgrade <instance> [--by <unsubscribe|expiry>] [--reason TEXT] [--ack fits-standard]`");
    assert_snapshot!(reads("changes now"), @"! `now` is one word too many; usage: `changes [--all] [--stuck] [--team TEAM] [--page N]` (text with blanks needs quotes); of one it is `change <change>`");
    assert_snapshot!(reads("confirm #12 upgrade orders"), @"! `orders` is one word too many; usage: `confirm <change> [step] [--expires WHEN] [--evidence URL] [--outside] [--reason TEXT] [--yes-really]` (text with blanks needs quotes)");
}

/// What is said of one of a list, with the word of the list; and a number behind the word that it goes with.
#[test]
fn one_of_what_a_verb_lists() {
    for (line, told) in [
        (
            "wordings forget 1",
            "of one it is `wording <n> [release|expiry|other|forget]",
        ),
        ("imports undo 3", "`import-undo <n>`"),
        ("changes 3", "of one it is `change <change>`"),
        ("rules busy", "of one it is `rule <id>`"),
        (
            "wording forget",
            "`wording` needs `<n>`; usage: `wording <n> [release",
        ),
        ("confirm unsubscribe", "`confirm` needs `<change>`"),
        ("wording forget soon", "`soon` is not the number"),
    ] {
        let read = reads(line);
        assert!(
            read.starts_with("! ") && read.contains(told),
            "{line}: {read}"
        );
    }
    assert_eq!(reads("wording forget 1"), reads("wording 1 forget"));
    assert_eq!(reads("confirm set-action 3"), reads("confirm 3 set-action"));
    assert_eq!(
        reads("reopen unsubscribe #3 --reason a slip"),
        reads("reopen 3 unsubscribe --reason a slip")
    );
}

/// A text without its option: which one takes it.
#[test]
fn texts_that_stand_behind_no_option() {
    let lines = [
        ("cancel 1 it broke", "it broke"),
        ("cancel #12 \"it broke\"", "it broke"),
        ("cancel 1, it broke", "it broke"),
        ("cancel 1 因为坏了", "因为坏了"),
        (
            "cancel 3 reason: nobody needs it",
            "reason: nobody needs it",
        ),
        ("fail 1 the console was down", "the console was down"),
        ("reject 1 no good today", "no good today"),
        ("reject 1 later --request 2", "later"),
        ("reopen 1 set-action a slip", "a slip"),
        ("instance lost orders deleted at night", "deleted at night"),
        ("instance remove orders ours no longer", "ours no longer"),
        ("break-glass 1 outage", "outage"),
        ("confirm 1 unsubscribe done by hand", "done by hand"),
        ("wording 3 release nobody else", "nobody else"),
    ];
    for (line, words) in lines {
        let said = reads(line);
        let wanted =
            format!("! `{words}` has no place here: put the reason behind `--reason`; usage: `");
        assert!(said.starts_with(&wanted), "{line}: {said}");
    }
    assert_snapshot!(reads("cancel 1 it broke"), @"! `it broke` has no place here: put the reason behind `--reason`; usage: `cancel <change> --reason TEXT`");
    assert_snapshot!(reads("downgrade orders by unsubscribe"), @"! `by` has no place here: the option is `--by`; usage: `downgrade <instance> [--by <unsubscribe|expiry>] [--reason TEXT] [--ack fits-standard]`");
    // Where no text is taken, that is said.
    assert_snapshot!(reads("approve 1 looks good"), @"! `looks` is one word too many; usage: `approve <change> [--seen <delete|downgrade>] [--request N]` (it takes no text)");
    assert_snapshot!(reads("revoke 1 sorry"), @"! `sorry` is one word too many; usage: `revoke <change>` (it takes no text)");
    assert_snapshot!(reads("ack orders thanks"), @"! `thanks` has no place here: `ack <instance>` stands alone, and `ack notice` takes the number of a notice, such as 7");
}

/// Somebody who means another size is told the difference.
#[test]
fn sizes_are_no_editions() {
    for line in [
        "upgrade orders to 10000 TPS",
        "upgrade orders spec",
        "downgrade orders to 2000 tps --by expiry",
        "upgrade orders ５０００",
        "upgrade orders 规格",
    ] {
        let said = reads(line);
        assert!(
            said.contains("is a specification change, not an edition change"),
            "{line}: {said}"
        );
    }
}

/// A region as people call it.
#[test]
fn regions_that_are_meant() {
    for (given, meant) in [
        ("Hangzhou", "cn-hangzhou"),
        ("杭州", "cn-hangzhou"),
        ("华东2（上海）", "cn-shanghai"),
        ("cn_beijing", "cn-beijing"),
        ("cn-shenzhen-b", "cn-shenzhen"),
        ("Singapur", "ap-southeast-1"),
        ("Tokio", "ap-northeast-1"),
        ("Hong-Kong", "cn-hongkong"),
        ("frankfurt", "eu-central-1"),
        ("Kuala Lumpur", "ap-southeast-3"),
    ] {
        let said = reads(&format!("instance set orders --region \"{given}\""));
        let wanted = format!("did you mean `{meant}`?");
        assert!(said.ends_with(&wanted), "{given}: {said}");
    }
    for given in ["xyz", "moon-base", "月球"] {
        let said = reads(&format!("instance set orders --region {given}"));
        assert!(!said.contains("did you mean"), "{given}: {said}");
    }
}

#[test]
fn quotes_left_open() {
    assert_snapshot!(reads("upgrade \"orders"), @"! the quote before `orders` (character 9) is not closed; close it, or leave it out");
    assert_snapshot!(reads("upgrade 'orders"), @"! the quote before `orders` (character 9) is not closed; close it, or leave it out");
    assert_snapshot!(reads("upgrade “orders"), @"! the quote before `orders` (character 9) is not closed; close it, or leave it out");
    assert_snapshot!(reads("instance set orders --name \"my orders --team x"), @"! the quote before `my orders --team x` (character 28) is not closed; close it, or leave it out");
    assert_snapshot!(reads("fail #12 --reason \"it broke --outside"), @"! the quote before `it broke --outside` (character 19) is not closed; close it, or leave it out");
}

#[test]
fn no_blank_behind_quotes() {
    assert_snapshot!(reads("upgrade \"orders\"x"), @r#"! a blank is missing behind the quotes at `"orders"x` (character 9)"#);
}

#[test]
fn lines_that_are_refused() {
    assert_snapshot!(reads("upgrade orders\nupgrade payments"), @"! one line is one command, and this has a line break; send one after the other");
    assert_snapshot!(reads("upgrade \u{7}orders"), @r#"! the line holds the character `\u{7}`, which does not show or shows as something else; write it again without"#);
    assert_snapshot!(reads("upgrade \u{2028}orders"), @"! one line is one command, and this has a line break; send one after the other");
}
