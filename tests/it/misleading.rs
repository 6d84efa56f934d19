//! Words that mislead: each sentence that people may take for more, or for less, than it is.

use rstest::rstest;

use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const VERA: &str = "vera viewer";

/// Two instances: orders, expiring on 1 March with `options`; and stock, whose names and ids are another's.
async fn room(options: &str) -> Room {
    let mut room = Room::of_team().await;
    for (id, name, options) in [
        (ORDERS, "orders", options),
        (STOCK, "stock", "--action delete"),
    ] {
        let add = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2026-03-01 --team payments {options}"
        );
        room.as_says(ALICE, &add).await.is("done", &[]);
    }
    room
}

/// What is said before, by whom and what; a wait stands for itself. Then a line, and what its reply has and has not.
struct Case {
    options: &'static str,
    before: &'static [(&'static str, &'static str)],
    line: (&'static str, &'static str),
    has: &'static [&'static str],
    lacks: &'static [&'static str],
}

const WAIT: &str = "";
const UNSUBSCRIBE: (&str, &str) = (ALICE, "downgrade orders --by unsubscribe");

#[rstest]
#[case::a_check_is_no_permit(Case {
    options: "--action downgrade --auto-renew off",
    before: &[],
    line: (ALICE, "check unsubscribe orders"),
    has: &["Allowed: ", "This is no permit. Missing: an open change", "2 approvals", "2 observers"],
    lacks: &["Unsubscribe Resource"],
})]
#[case::a_check_of_the_other_route_is_none(Case {
    options: "--action downgrade --auto-renew off",
    before: &[],
    line: (VERA, "check expiry orders"),
    has: &["This is no permit. Missing: an open change", "1 approval"],
    lacks: &[],
})]
#[case::why_is_no_permit(Case {
    options: "--action downgrade",
    before: &[UNSUBSCRIBE],
    line: (VERA, "why orders"),
    has: &["This is no permit. Missing: ", "2 approvals", "the permit itself (`next 1`)"],
    lacks: &[],
})]
#[case::why_of_a_change_is_none(Case {
    options: "--action downgrade",
    before: &[UNSUBSCRIBE],
    line: (VERA, "why 1"),
    has: &["orders", "This is no permit. Missing: "],
    lacks: &[],
})]
#[case::what_is_cancelled_names_the_instance(Case {
    options: "--action delete",
    before: &[UNSUBSCRIBE],
    line: (ALICE, "cancel 1 --reason later"),
    has: &["#1 of orders"],
    lacks: &[],
})]
#[case::so_does_what_is_not_done(Case {
    options: "--action delete",
    before: &[UNSUBSCRIBE],
    line: (ALICE, "reopen 1 unsubscribe --reason slip"),
    has: &["of orders (#1)"],
    lacks: &[],
})]
#[case::and_what_has_ended(Case {
    options: "--action delete",
    before: &[UNSUBSCRIBE, (ALICE, "fail 1 --reason later")],
    line: (ALICE, "confirm 1 set-action"),
    has: &["#1 of orders"],
    lacks: &[],
})]
#[case::and_an_approval_that_nobody_asked_for(Case {
    options: "--action delete",
    before: &[UNSUBSCRIBE],
    line: (BOB, "approve 1"),
    has: &["orders", "#1"],
    lacks: &[],
})]
#[case::what_may_still_save_it_comes_first(Case {
    options: "--action delete",
    before: &[(WAIT, "60d")],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08"),
    has: &["(MQ_INST_1080056302921134_BXuIbML7):\n  What may still save it, at once: renew it"],
    lacks: &[],
})]
#[case::a_stale_delete_keeps_its_consequence(Case {
    options: "--action delete",
    before: &[(WAIT, "12d")],
    line: (ALICE, "check unsubscribe orders"),
    has: &["it was on Delete when last seen, 12 d ago", "deleted", "for good"],
    lacks: &[],
})]
#[case::outside_with_delete_it_is_probably_gone(Case {
    options: "--action delete",
    before: &[UNSUBSCRIBE],
    line: (ALICE, "confirm 1 unsubscribe --outside --reason hurry"),
    has: &["it is probably gone", "instance lost cn-hangzhou/orders"],
    lacks: &[],
})]
#[case::the_requester_is_told_who_can_approve(Case {
    options: "--action downgrade",
    before: &[UNSUBSCRIBE],
    line: (ALICE, "next 1"),
    has: &["Approvers other than alice"],
    lacks: &["alice: `approve 1`", "Look yourself"],
})]
#[case::a_denied_notice_is_not_recorded(Case {
    options: "--action downgrade",
    before: &[],
    line: (VERA, "notice MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08"),
    has: &["The notice was not recorded, and nobody is told of it"],
    lacks: &[],
})]
#[case::a_duplicate_says_what_the_first_became(Case {
    options: "--action downgrade",
    before: &[(ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08.")],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08."),
    has: &["Notice 1, a release notice for orders, is suppressed; the action was attested Downgrade by alice"],
    lacks: &[],
})]
#[case::a_raised_one_too(Case {
    options: "--action delete",
    before: &[(ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08.")],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08."),
    has: &["Notice 1, a release notice for orders, is raised; nothing proves that it means nothing"],
    lacks: &[],
})]
#[case::a_name_of_another_says_which(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 (stock) will be released on 2026-03-08."),
    has: &["Raised: ", "It also gives a name that another tracked instance has: stock (cn-hangzhou, MQ_INST_1080056302921134_CYvJcNM8)"],
    lacks: &[],
})]
#[case::wherever_it_stands(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "notice Hello, MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08. Please tell those of stock."),
    has: &["a name that another tracked instance has: stock"],
    lacks: &[],
})]
#[case::in_another_case(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "notice Hello, MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08. Please tell those of ＳTOCK."),
    has: &["a name that another tracked instance has: stock"],
    lacks: &[],
})]
#[case::a_look_repeated_is_seen_again(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "action orders downgrade"),
    has: &["Seen again, as before: orders", "Post-expiration Action: Downgrade"],
    lacks: &["Done"],
})]
#[case::a_fact_repeated_is_seen_again(Case {
    options: "--action downgrade --max-tps 100",
    before: &[],
    line: (ALICE, "instance set orders --max-tps 100 --expires 2026-03-01"),
    has: &["Seen again, as before: orders"],
    lacks: &["Done"],
})]
#[case::one_of_two_facts_moves(Case {
    options: "--action downgrade --max-tps 100",
    before: &[],
    line: (ALICE, "instance set orders --max-tps 200 --expires 2026-03-01"),
    has: &["Done: recorded for orders"],
    lacks: &["Seen again"],
})]
#[case::a_team_repeated_changes_nothing(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "instance set orders --team payments"),
    has: &["Unchanged, as it is recorded already: orders"],
    lacks: &["Done"],
})]
#[case::what_was_unknown_stays_unknown(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "instance set orders --commodity-id unknown"),
    has: &["Unchanged, as it is recorded already: orders"],
    lacks: &["Done", "Seen again"],
})]
#[case::a_setting_repeated_changes_nothing(Case {
    options: "--action downgrade",
    before: &[("root admin", "settings zone Asia/Shanghai")],
    line: ("root admin", "settings zone Asia/Shanghai"),
    has: &["Unchanged: zone is Asia/Shanghai."],
    lacks: &["planned again"],
})]
#[case::an_acknowledgement_repeated_changes_nothing(Case {
    options: "--action delete",
    before: &[(ALICE, "ack orders")],
    line: (BOB, "ack orders"),
    has: &["Unchanged. Noted: alice knows of orders"],
    lacks: &[],
})]
#[case::an_old_look_beside_a_notice_is_too_old(Case {
    options: "--action downgrade",
    before: &[(WAIT, "12d")],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08."),
    has: &["Post-expiration Action: Downgrade (attested by alice, 12 d ago: too old, look again)."],
    lacks: &[],
})]
#[case::a_look_of_this_week_is_not(Case {
    options: "--action downgrade",
    before: &[(WAIT, "6d")],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will be released soon, on 2026-03-08."),
    has: &["Post-expiration Action: Downgrade (attested by alice, 6 d ago)."],
    lacks: &["too old"],
})]
#[case::a_notice_that_denies_the_look_says_so(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will expire on 2026-03-01. Post-expiration Action: Delete Resource"),
    has: &["The notice says that its Post-expiration Action is Delete, and what is known is Downgrade", "Next: look at the Post-expiration Action in the vendor's console before anything else", "It is repeated after 1, 3, 7 and 15 days"],
    lacks: &["renew it"],
})]
#[case::so_does_one_in_chinese(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "notice 您的实例MQ_INST_1080056302921134_BXuIbML7将于2026-03-01到期，到期后动作：删除资源。"),
    has: &["The notice says that its Post-expiration Action is Delete", "before anything else"],
    lacks: &["renew it"],
})]
#[case::and_in_traditional_chinese(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "notice 您的實例MQ_INST_1080056302921134_BXuIbML7將於2026-03-01到期，到期後處理方式：刪除資源。"),
    has: &["The notice says that its Post-expiration Action is Delete"],
    lacks: &[],
})]
#[case::what_says_the_same_does_not_deny_it(Case {
    options: "--action downgrade",
    before: &[],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will expire on 2026-03-01. Post-expiration Action: downgrade, not delete"),
    has: &["an expiry notice for orders"],
    lacks: &["one of the two is wrong"],
})]
#[case::nor_where_delete_is_known(Case {
    options: "--action delete",
    before: &[],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 will expire on 2026-03-01. Post-expiration Action: Delete Resource"),
    has: &["an expiry notice for orders"],
    lacks: &["one of the two is wrong"],
})]
#[case::a_word_for_standard_settles_nothing_on_delete(Case {
    options: "--action delete",
    before: &[(ALICE, "instance set orders --edition standard")],
    line: (ALICE, "instance set orders --edition standard"),
    has: &["one person's word of Standard proves nothing", "(action-before-exit)", "a second person says `--edition standard` too, or a listing read since has it as Standard"],
    lacks: &[],
})]
#[case::an_approval_after_a_day_comes_with_a_look(Case {
    options: "--action downgrade",
    before: &[UNSUBSCRIBE, (WAIT, "25h")],
    line: (BOB, "todo"),
    has: &["`approve 1 --seen <downgrade|delete>`"],
    lacks: &["`approve 1`,"],
})]
#[case::a_downgrade_waits_for_the_edition(Case {
    options: "--action delete",
    before: &[(ALICE, "instance set orders --edition unknown")],
    line: (ALICE, "todo"),
    has: &["`instance set cn-hangzhou/orders --edition <standard|platinum>`"],
    lacks: &["`downgrade cn-hangzhou/orders --by"],
})]
#[case::no_look_is_asked_for_where_nobody_asks(Case {
    options: "--action delete",
    before: &[("root admin", "instance add MQ_INST_1080056302921134_DZwKdNP9 --name small --region cn-hangzhou --edition standard --team payments"), ("root admin", "settings approvals upgrade 0"), ("root admin", "upgrade small")],
    line: (BOB, "approve 1 --seen downgrade"),
    has: &["Nobody asks for approval of `upgrade` of small (#1) now. `next 1` asks."],
    lacks: &["Leave it out"],
})]
#[case::its_own_name_is_no_other(Case {
    options: "--action delete",
    before: &[],
    line: (ALICE, "notice MQ_INST_1080056302921134_BXuIbML7 (orders) will be released on 2026-03-08, so take care"),
    has: &["Raised: "],
    lacks: &["another tracked instance"],
})]
#[case::a_taken_name_says_whose_it_is(Case {
    options: "--action delete",
    before: &[],
    line: (ALICE, "instance set orders --name stock"),
    has: &["stock is the name of another instance, MQ_INST_1080056302921134_CYvJcNM8 in cn-hangzhou"],
    lacks: &[],
})]
#[case::a_time_without_a_zone_is_echoed(Case {
    options: "--action delete",
    before: &[],
    line: (ALICE, "instance set orders --expires 2026-04-02T10:00"),
    has: &["2026-04-02 10:00 UTC+8"],
    lacks: &[],
})]
#[case::where_it_says_what_is_past_too(Case {
    options: "--action delete",
    before: &[],
    line: (ALICE, "ack orders --about 2026-02-02T10:00"),
    has: &["2026-02-02 10:00 UTC+8"],
    lacks: &[],
})]
#[case::an_id_in_another_case_is_suggested(Case {
    options: "--action delete",
    before: &[],
    line: (VERA, "instance show mq_inst_1080056302921134_bxuibml7"),
    has: &["Did you mean cn-hangzhou/orders"],
    lacks: &["stock"],
})]
#[case::a_region_in_another_case_is_taken(Case {
    options: "--action delete",
    before: &[],
    line: (VERA, "instance show CN-Hangzhou/Orders"),
    has: &["orders (cn-hangzhou, MQ_INST_1080056302921134_BXuIbML7)"],
    lacks: &["Did you mean", "stock"],
})]
#[case::so_is_a_zone(Case {
    options: "--action delete",
    before: &[],
    line: ("root admin", "settings zone europe/berlin"),
    has: &["did you mean `Europe/Berlin`?"],
    lacks: &[],
})]
#[case::and_a_team(Case {
    options: "--action delete",
    before: &[("root admin", "settings team payments --members pay")],
    line: (VERA, "todo --team Payments"),
    has: &["nobody has described a team Payments (did you mean `payments`?)"],
    lacks: &[],
})]
#[case::a_name_in_another_case_for_a_second_one(Case {
    options: "--action delete",
    before: &[],
    line: (ALICE, "instance set orders --name STOCK"),
    has: &["STOCK differs only in case from stock", "--name"],
    lacks: &[],
})]
#[tokio::test]
async fn what_is_said_is_what_is_meant(#[case] case: Case) {
    let mut room = room(case.options).await;
    for (who, line) in case.before {
        if *who == WAIT {
            room.passes(line).await;
        } else {
            room.as_says(who, line).await;
        }
    }
    let (who, line) = case.line;
    let heard = room.as_says(who, line).await;
    for words in case.has {
        heard.has(words);
    }
    for words in case.lacks {
        heard.lacks(words);
    }
}

/// What nobody has looked at for long keeps its consequence, wherever it is told: before the expiry, and after it.
#[tokio::test]
async fn a_stale_delete_keeps_its_consequence_in_reminders() {
    let mut room = room("--action delete").await;
    room.passes("66d").await;
    let said = room.transcript();
    for words in [
        "orders expires. It was on Delete when last seen, 28 d 16 h ago: if it still is, it, its topics and groups will be deleted then and cannot be restored",
        "orders expired 2026-03-01 00:00 UTC+8 (12 h ago). It was on Delete when last seen",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    assert!(
        !said.contains("what happens to it then is unknown"),
        "{said}"
    );
}

/// A permit to unsubscribe ends at the expiry, and its text says so.
#[tokio::test]
async fn a_permit_near_the_expiry_ends_at_it() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-01T08:12 --action downgrade --auto-renew off --team payments"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    let (who, line) = UNSUBSCRIBE;
    room.as_says(who, line).await.is("needs_approval", &[]);
    room.as_says(BOB, "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says("carol approver team:payments", "approve 1")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("allowed", &[])
        .has("until 2026-01-01 08:12 UTC+8 (in 12 min)");
}

const RECORDED: &str = "confirm 1 record-expiry --expires 2026-09-01";

/// A change that ends after its upgrade leaves Platinum, with the action that deletes it or that nobody knows: the reply says so.
#[rstest]
#[case::failed("fail 1 --reason enough", &[RECORDED], "is Delete, the default after an upgrade: once it expires")]
#[case::cancelled("cancel 1 --reason enough", &[RECORDED], "is Delete, the default after an upgrade: once it expires")]
#[case::chosen("fail 1 --reason enough", &["action orders delete"], "is Delete: once it expires")]
#[case::safe("fail 1 --reason enough", &["action orders downgrade"], "")]
#[tokio::test]
async fn what_an_upgrade_leaves_is_said_when_its_change_ends(
    #[case] ends: &str,
    #[case] before: &[&str],
    #[case] said: &str,
) {
    let mut room = Room::open().await;
    room.add_standard("").await;
    for line in ["upgrade orders", "next 1", "confirm 1 upgrade"] {
        room.says("alice", line).await;
        room.advance("1m");
    }
    for line in before {
        room.says("alice", line).await.is("done", &[]);
        room.advance("1m");
    }
    let heard = room.says("alice", ends).await;
    let told = heard
        .text
        .contains("It is Platinum now, and its Post-expiration Action");
    assert_eq!(told, !said.is_empty(), "{}", heard.text);
    heard.has(said);
    if told {
        heard.has("`action cn-hangzhou/orders <downgrade|delete>`");
    }
}

/// While its edition is not known, no permit can be had: what is said to be missing proposes none.
#[tokio::test]
async fn a_permit_that_the_rules_refuse_is_not_proposed() {
    let mut room = Room::of_team().await;
    room.add_standard("").await;
    for (who, line) in [
        (ALICE, "upgrade orders"),
        (BOB, "approve 1"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 upgrade"),
    ] {
        room.as_says(who, line).await;
    }
    room.as_says(ALICE, "reopen 1 upgrade --reason wrong")
        .await
        .is("done", &[])
        .has("`instance set cn-hangzhou/orders --edition <standard|platinum>`, then `next 1`");
    room.as_says(ALICE, "next 1")
        .await
        .is("inconclusive", &["upgrade-from-standard"]);
    room.as_says(ALICE, "check upgrade orders")
        .await
        .has("the permit itself")
        .has("`change 1` shows its next step")
        .lacks("`next 1`");
}

/// What Standard has not is refused, and the way out that is named is no command that is refused.
#[tokio::test]
async fn what_standard_has_not_is_refused_with_a_way_out() {
    let mut room = Room::of_team().await;
    let add =
        format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition standard");
    let with_platinum = "if the console shows Platinum, say `--edition platinum`.";
    for option in [
        "--expires 2026-05-01",
        "--action downgrade",
        "--auto-renew off",
        "--auto-renew on",
    ] {
        room.as_says(ALICE, &format!("{add} {option}"))
            .await
            .is("invalid", &[])
            .has("Standard Edition has no")
            .has(with_platinum)
            .lacks("instance set");
    }
    room.as_says(ALICE, &add).await.is("done", &[]);
    for option in ["--expires 2026-05-01", "--auto-renew off"] {
        room.as_says(ALICE, &format!("instance set orders {option}"))
            .await
            .is("invalid", &[])
            .has("(`instance set cn-hangzhou/orders --edition platinum …`)");
        room.as_says(
            ALICE,
            &format!("instance set orders {option} --edition standard"),
        )
        .await
        .is("invalid", &[])
        .has(with_platinum)
        .lacks("instance set");
    }
    room.as_says(ALICE, "instance show orders")
        .await
        .has("Standard Edition has none");
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("invalid", &[])
        .has("`instance set cn-hangzhou/orders --edition platinum`, then say this again")
        .lacks("Leave it out");
    room.as_says(ALICE, "instance set cn-hangzhou/orders --edition platinum")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
}

/// What would be refused as not done is not proposed after the end of a change.
#[tokio::test]
async fn a_step_that_is_not_done_any_more_is_not_proposed_to_be_taken_back() {
    let mut room = room("--action delete").await;
    for line in [
        UNSUBSCRIBE.1,
        "next 1",
        "confirm 1 set-action",
        "cancel 1 --reason later",
    ] {
        room.as_says(ALICE, line).await;
    }
    room.as_says(ALICE, "fail 1 --reason late")
        .await
        .has("`reopen 1 set-action --reason TEXT`");
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "fail 1 --reason late")
        .await
        .is("blocked", &[])
        .lacks("reopen");
}
