//! Notices that an instance is gone are posted at once, whatever else is known; and repeated notices.

use chrono::NaiveTime;
use edition_warden::answer::Answer;
use edition_warden::app::{Actor, Incoming};
use edition_warden::domain::notice::{NoticeKind, NoticeStatus};
use edition_warden::domain::reminder::{Cadence, Quiet};
use edition_warden::inbox;
use rstest::rstest;

use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const DORA: &str = "dora requester,approver team:payments";

/// `orders`, Platinum until 2026-03-01 with its action at Downgrade, on the 24th of February.
async fn room() -> Room {
    let mut room = Room::of_team().await;
    room.passes("54d").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --team payments --commodity-id ons-cn-0pp1abc2d34 --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

#[rstest]
#[case("Your instance ID has been released.")]
#[case("Your instance ID was unsubscribed on 2026-02-23.")]
#[case("ID has been successfully refunded. Others will be released.")]
#[case("ID تم حذف الـ")]
#[case("ID ถูกลบแล้ว")]
#[case("您的实例ID已退订成功")]
#[case("您的實例ID已經被刪除")]
#[case("您的实例ID已自动释放，释放时间2026-03-08")]
#[case("We have released your instance ID (orders) at 2026-02-23 00:00.")]
#[case("The system released ID automatically.")]
#[case(
    "Your instance ID expired on 2026-02-10 and has now, after the grace period, been permanently deleted."
)]
#[case("Instance ID released")]
#[case("Refund for order 20260223 of ID completed")]
#[case("The unsubscription of ID was successful.")]
#[case("ID no longer exists.")]
#[case("您的实例ID（orders）已于2026年2月23日00:00:00被系统自动释放，数据无法恢复。")]
#[case("您的實例ID已於2026-02-23 00:00:00釋放")]
#[case("实例ID释放完成")]
#[case("实例ID退订申请已通过，资源已删除")]
#[case("ID的退款已完成")]
#[case("实例ID刚刚被删除")]
#[case("如下实例已释放：ID")]
#[case("如上所述，您的实例ID已被删除")]
#[case("因到期未续费，实例ID被回收了")]
#[tokio::test]
async fn it_is_raised_whatever_is_known(#[case] text: &str) {
    let mut room = room().await;
    let text = format!("notice {}", text.replace("ID", ORDERS));
    let heard = room.as_says(ALICE, &text).await;
    heard.is("raised", &[]);
    heard.has("a notice of something gone for orders");
    heard.has("notice 1 still-there");
    room.as_says(ALICE, "todo")
        .await
        .has("look in the console. It is there: `notice 1 still-there`; gone: `instance lost");
    assert!(
        room.transcript().contains("· notice · @"),
        "{}",
        room.transcript()
    );
}

/// What is to come, what somebody may do, and what is only spoken of calls nobody at night.
#[rstest]
#[case("Your instance ID will be released on 2026-03-08.")]
#[case(
    "Your instance ID is scheduled to be released. If you have already renewed or released it, ignore this."
)]
#[case("The instance ID is to be deleted in 3 days.")]
#[case("您的实例ID已到期，将于2026-03-08释放")]
#[case("您的实例ID已到期 释放时间2026-03-08")]
#[case("您已提交实例ID的退订申请")]
#[case("实例ID已开启释放保护")]
#[case("实例ID已设置到期后删除")]
#[case("如您已续费或已退订实例ID，请忽略")]
#[case("您的实例ID即将被系统释放")]
#[case("實例ID將於2026-03-08被釋放")]
#[tokio::test]
async fn what_is_not_gone_is_not_called_so(#[case] text: &str) {
    let mut room = room().await;
    let text = format!("notice {}", text.replace("ID", ORDERS));
    let heard = room.as_says(ALICE, &text).await;
    heard.lacks("a notice of something gone");
}

/// A calendar writes its dates in its own way: what it has for a day to come has not happened.
#[rstest]
#[case::moment("DTSTART:20260308T000000Z\nSUMMARY:Release ID", false)]
#[case::day("DTSTART;VALUE=DATE:20260308\nSUMMARY:Release ID", false)]
#[case::zone(
    "DTSTART;TZID=Asia/Shanghai:20260308T080000\nSUMMARY:Release ID",
    false
)]
#[case::past("DTSTART:20260220T000000Z\nSUMMARY:Release ID", true)]
#[case::no_date("SUMMARY:Release ID", true)]
#[case::said(
    "DTSTART:20260308T000000Z\nSUMMARY:Instance ID has been released",
    true
)]
#[tokio::test]
async fn what_a_calendar_has_for_a_day_to_come_is_not_gone(
    #[case] event: &str,
    #[case] is_gone: bool,
) {
    let room = room().await;
    let mail = format!(
        "From: a@b.example\nTo: c@d.example\nSubject: Release notice\nDate: Mon, 23 Feb 2026 09:00:00 +0800\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=\"cut\"\n\n--cut\nContent-Type: text/plain; charset=utf-8\n\n\
         Your instance ID will be released on 2026-03-08.\n--cut\nContent-Type: text/calendar; charset=utf-8\n\n\
         BEGIN:VCALENDAR\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n--cut--\n"
    );
    let mail = mail
        .replace("TZID", "TZ-ZONE")
        .replace("ID", ORDERS)
        .replace("TZ-ZONE", "TZID");
    let incoming = Incoming::mails(inbox::read(mail.as_bytes()), "mail");
    let actor = Actor::local("mailbox");
    let reply = room.warden.take_notices(&actor, &incoming).await;
    let Answer::NoticeTaken(taken) = &reply.answer else {
        panic!("{:?}", reply.answer);
    };
    let filed = &taken.filed;
    assert_eq!(
        filed.read.kind == NoticeKind::Gone,
        is_gone,
        "{}",
        filed.text
    );
    assert_eq!(filed.status, NoticeStatus::Raised);
}

/// It is told at once whatever the hour: to the team and the alerts channel, calling people, with what can be answered.
#[tokio::test]
async fn it_is_told_at_night() {
    let time = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    let mut room = Room::of_team_with(Cadence {
        zone: chrono_tz::Asia::Shanghai,
        quiet: Some(Quiet {
            from: time("22:00"),
            to: time("08:00"),
        }),
        ..Cadence::default()
    })
    .await;
    room.passes("18h").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-06-01 --team payments --channel pay --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    let before = room.transcript().len();
    room.as_says(
        ALICE,
        &format!("notice Your instance {ORDERS} has been released."),
    )
    .await
    .is("raised", &[])
    .has("`instance lost cn-hangzhou/orders --reason TEXT`")
    .has("`instance set cn-hangzhou/orders --edition standard`")
    .has("`notice 1 still-there`");
    let heard = &room.transcript()[before..];
    assert!(heard.contains("» pay · notice · @team:payments"), "{heard}");
    assert!(
        heard.contains("» console · notice · @role:approver @team:payments"),
        "{heard}"
    );
}

/// What a change has left behind a short while ago: also where it was called off since, and where its permit is over.
#[rstest]
#[case::just_over("next 1", "40m", true)]
#[case::a_day_ago("next 1", "24h", true)]
#[case::longer_ago("next 1", "25h", false)]
#[case::called_off("cancel 1 --reason TEXT", "1h", true)]
#[case::withdrawn("instance set orders --auto-renew on", "1h", true)]
#[tokio::test]
async fn it_may_be_a_change_of_the_last_day(
    #[case] then: &str,
    #[case] later: &str,
    #[case] recent: bool,
) {
    let mut room = room().await;
    room.as_says(ALICE, "action orders delete").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.as_says(ALICE, then).await;
    room.passes(later).await;
    let heard = room
        .as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await;
    assert_eq!(
        heard.text.contains("This may be #1"),
        recent,
        "{}",
        heard.text
    );
    if then == "next 1" {
        heard.has("`confirm 1 unsubscribe --outside --reason TEXT`");
    }
}

/// The conversion explains it for 30 days, and as long as it is Standard; then it is told like any other.
#[rstest]
#[case::within("29d", "", false)]
#[case::at_the_end("30d", "", false)]
#[case::later("31d", "", true)]
#[case::platinum_again(
    "1d",
    "instance set orders --edition platinum --expires 2026-12-01",
    true
)]
#[tokio::test]
async fn what_a_conversion_explains_calls_nobody(
    #[case] later: &str,
    #[case] then: &str,
    #[case] calls: bool,
) {
    let mut room = room().await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.as_says(
        "dan admin",
        "confirm 1 unsubscribe --outside --reason done by hand",
    )
    .await
    .is("done", &[]);
    // Before anybody saw Standard it is told.
    room.as_says(ALICE, &format!("notice {ORDERS} has been refunded"))
        .await
        .is("raised", &[])
        .has("This may be #1");
    assert!(room.transcript().contains("· notice · @"));
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.passes(later).await;
    if !then.is_empty() {
        room.as_says(ALICE, then).await.is("done", &[]);
    }
    let before = room.transcript().matches("· notice · @").count();
    room.as_says(ALICE, &format!("notice {ORDERS} has been unsubscribed"))
        .await
        .is("raised", &[]);
    let told = room.transcript().matches("#1 explains it").count();
    assert_eq!(told > 0, !calls, "{}", room.transcript());
    room.passes("20d").await;
    let after = room.transcript().matches("· notice · @").count();
    assert_eq!(after > before, calls, "{}", room.transcript());
}

/// Told to nobody because it was explained, it is told as soon as that explanation falls, however late.
#[rstest]
#[case::reopened("9d", "reopen 1 verify-standard --reason it was the wrong console")]
#[case::much_later("60d", "reopen 1 verify-standard --reason it was the wrong console")]
#[case::platinum("9d", "instance set orders --edition platinum")]
#[case::unknown("9d", "instance set orders --edition unknown")]
#[tokio::test]
async fn what_is_explained_no_more_calls_people(#[case] later: &str, #[case] line: &str) {
    let mut room = room().await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.as_says(ALICE, "confirm 1 unsubscribe --outside --reason x")
        .await;
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.passes("2d").await;
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await
        .is("raised", &[]);
    room.passes(later).await;
    let before = room.transcript().len();
    room.as_says(ALICE, line).await;
    room.passes("1m").await;
    let said = room.transcript()[before..].to_owned();
    assert!(said.contains("· notice · @"), "{said}");
    room.as_says(ALICE, "todo")
        .await
        .has("notice 1 says that it is gone");
}

/// One page an instance and day, however many say it; tomorrow people are called once more.
#[tokio::test]
async fn people_are_called_once_a_day() {
    let mut room = room().await;
    let posts = |room: &Room| room.transcript().matches("· notice · @").count();
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await
        .is("raised", &[]);
    let first = posts(&room);
    room.as_says(ALICE, &format!("notice 您的实例{ORDERS}已删除"))
        .await
        .is("raised", &[])
        .has("Not posted: notice 1 has told people within a day that it is gone.");
    room.as_says(ALICE, &format!("notice {ORDERS} has  been released"))
        .await
        .is("duplicate", &[])
        .has("Notice 1, a notice of something gone for orders, is raised");
    assert_eq!(posts(&room), first);
    room.passes("25h").await;
    assert_eq!(posts(&room), 2 * first);
}

/// At once it is told in both places; what nobody answers then comes back in one, the alerts channel from the week on.
#[tokio::test]
async fn what_nobody_answers_comes_back_in_one_place() {
    let mut room = room().await;
    for line in [
        "settings channel alerts mq-alerts",
        "settings team payments --channel pay-ops --members payments --mention pay-oncall",
    ] {
        room.as_says("admin admin", line).await.is("done", &[]);
    }
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await
        .is("raised", &[]);
    // All of them, and those that call the approvers, which only those in the alerts channel do.
    let posts = |room: &Room| {
        let heads = room.transcript().lines();
        let heads: Vec<&str> = heads.filter(|line| line.contains("· notice · @")).collect();
        let alerts = heads.iter().filter(|head| head.contains("approver"));
        (heads.len(), alerts.count())
    };
    let mut seen = vec![posts(&room)];
    for span in ["26h", "48h", "96h", "192h", "60d"] {
        room.passes(span).await;
        seen.push(posts(&room));
    }
    assert_eq!(
        seen,
        [(2, 1), (3, 1), (4, 1), (5, 2), (6, 3), (6, 3)],
        "{}",
        room.transcript()
    );
}

/// Also one that comes back calls people, so that a day goes by after it.
#[tokio::test]
async fn a_day_goes_by_after_each_call() {
    let mut room = room().await;
    let posts = |room: &Room| room.transcript().matches("· notice · @").count();
    let text = |words: &str| format!("notice Instance {ORDERS} {words}");
    room.as_says(ALICE, &text("has been released"))
        .await
        .is("raised", &[]);
    let first = posts(&room);
    room.passes("23h").await;
    room.as_says(ALICE, &text("was deleted"))
        .await
        .is("raised", &[]);
    assert_eq!(posts(&room), first);
    room.passes("1h").await;
    assert_eq!(posts(&room), 2 * first);
    for (span, words) in [("1h", "was refunded"), ("22h", "was unsubscribed")] {
        room.passes(span).await;
        room.as_says(ALICE, &text(words))
            .await
            .is("raised", &[])
            .has("Not posted: notice 1 has told people within a day");
        assert_eq!(posts(&room), 2 * first, "{}", room.transcript());
    }
    room.passes("2h").await;
    room.as_says(ALICE, &text("has been destroyed"))
        .await
        .is("raised", &[])
        .lacks("Not posted");
    assert_eq!(posts(&room), 3 * first, "{}", room.transcript());
}

/// An instance that was removed and added has to be looked at again.
#[tokio::test]
async fn people_are_called_for_one_that_was_added_again() {
    let mut room = room().await;
    let posts = |room: &Room| room.transcript().matches("· notice · @").count();
    let text = format!("notice {ORDERS} has been released");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    let first = posts(&room);
    room.as_says("dan admin", "instance remove orders --reason moved")
        .await
        .is("done", &[]);
    room.passes("1h").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --team payments --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("1m").await;
    let again = posts(&room);
    assert!(again > first, "{}", room.transcript());
    room.as_says(ALICE, "todo").await.has("notice 1");
    // They have just been told.
    room.as_says(ALICE, &text)
        .await
        .is("raised", &[])
        .has("Not posted: notice 1 has told people within a day");
    assert_eq!(posts(&room), again, "{}", room.transcript());
}

/// Where somebody has looked and it was still there, what says so once more is news.
#[tokio::test]
async fn people_are_called_again_after_a_look() {
    let mut room = room().await;
    let posts = |room: &Room| room.transcript().matches("· notice · @").count();
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await
        .is("raised", &[]);
    let first = posts(&room);
    room.passes("1h").await;
    room.as_says(ALICE, "notice 1 still-there")
        .await
        .is("done", &[]);
    room.passes("1h").await;
    room.as_says(ALICE, &format!("notice 您的实例{ORDERS}已删除"))
        .await
        .is("raised", &[])
        .lacks("Not posted");
    assert_eq!(posts(&room), 2 * first, "{}", room.transcript());
}

/// The same comes by e-mail, SMS and message: who has looked did so for all of them. It stays raised, and tomorrow calls people.
#[rstest]
#[case::within_a_minute("1m", true)]
#[case::at_once("1s", true)]
#[case::later("11m", false)]
#[tokio::test]
async fn a_copy_that_comes_right_after_a_look_calls_nobody(#[case] span: &str, #[case] held: bool) {
    let mut room = room().await;
    let posts = |room: &Room| room.transcript().matches("· notice · @").count();
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await;
    let first = posts(&room);
    room.passes("1m").await;
    room.as_says(ALICE, "notice 1 still-there")
        .await
        .is("done", &[]);
    room.passes(span).await;
    let copy = room
        .as_says(ALICE, &format!("notice 您的实例{ORDERS}已删除"))
        .await
        .is("raised", &[])
        .text
        .clone();
    assert_eq!(copy.contains("Not posted"), held, "{copy}");
    assert_eq!(posts(&room) == first, held, "{}", room.transcript());
    room.as_says(ALICE, "todo")
        .await
        .has("notice 2 still-there");
    room.passes("25h").await;
    assert!(posts(&room) > first, "{}", room.transcript());
}

/// It is never taken for the repetition of a notice that announced it.
#[tokio::test]
async fn it_is_no_duplicate_of_an_announcement() {
    let mut room = room().await;
    room.as_says(ALICE, &format!("notice {ORDERS} will be released"))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await
        .is("raised", &[]);
}

#[tokio::test]
async fn somebody_sees_that_it_is_still_there() {
    let mut room = room().await;
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await
        .is("raised", &[]);
    room.as_says("eve viewer", "notice 1 still-there")
        .await
        .is("denied", &[]);
    for said in ["notice 1 looks fine", "notice 1 still-there now"] {
        room.as_says(ALICE, said).await.is("raised", &[]);
    }
    // An answer with a slip is no notice.
    for said in [
        "notice 1 stil-there",
        "notice 1 still_there",
        "notice 1 is still there",
        "notice n1 still-there",
        "notice 1 still",
        "notice #1 still-ther",
        "notice 1 gone",
        "notice 1",
        "notice #1.",
        "notice 1,2 still-there",
        "notice 1 and 2 still-there",
        "notice 1、2 still there",
        "notice still-there 1",
        "notice notice 1 still-there",
    ] {
        room.as_says(ALICE, said)
            .await
            .is("invalid", &[])
            .has("Nothing was recorded. Did you mean `notice 1 still-there`?");
    }
    room.as_says(ALICE, "notice 9 still-there")
        .await
        .is("invalid", &[]);
    room.passes("1h").await;
    room.as_says(ALICE, "notice 1 still-there")
        .await
        .is("done", &[])
        .has("as Platinum");
    for said in [
        "notice 1 still-there",
        "notice #1 Still there.",
        "notice １ still–there。",
    ] {
        room.as_says(ALICE, said).await.is("already_done", &[]);
    }
    room.as_says(ALICE, "notices orders")
        .await
        .has("settled, it is still there by alice");
    room.as_says(ALICE, "instance show orders")
        .await
        .has("attested by alice, just now");
    // What is settled answers nothing that comes later.
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await
        .is("raised", &[]);
    room.as_says(ALICE, "instance lost orders --reason gone")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notices orders")
        .await
        .has("settled, the instance is lost");
    room.as_says(ALICE, &format!("notice {ORDERS} will be released"))
        .await;
    room.as_says(ALICE, "notice 5 still-there")
        .await
        .is("invalid", &[])
        .has("does not say that something is gone");
}

/// What somebody calls gone is not unsubscribed: the row in the console may be another one.
#[tokio::test]
async fn nothing_is_unsubscribed_until_it_is_answered() {
    let mut room = room().await;
    room.as_says(DORA, "action orders downgrade").await;
    room.as_says(ALICE, "unsubscribe orders")
        .await
        .is("needs_approval", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says("erin approver team:payments", "approve 1")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &format!("notice {ORDERS} has been released"))
        .await
        .is("raised", &[]);
    for asked in ["unsubscribe orders", "next 1"] {
        room.as_says(ALICE, asked)
            .await
            .is("inconclusive", &["downgrade-from-platinum"])
            .has("notice 1 says that orders is gone already")
            .has("`confirm 1 unsubscribe --outside --reason TEXT`");
    }
    // What protects it is not held up.
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notice 1 still-there")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
}

/// A permit that was out makes it likely that it is the work of that change; once Standard was seen it is its echo.
#[tokio::test]
async fn it_may_be_a_change_that_is_under_way() {
    let mut room = room().await;
    room.as_says(DORA, "action orders downgrade").await;
    room.as_says(ALICE, "unsubscribe orders").await;
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says("erin approver team:payments", "approve 1")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "unsubscribe orders")
        .await
        .is("allowed", &[]);
    room.passes("2h").await;
    room.as_says(ALICE, &format!("notice {ORDERS} has been unsubscribed"))
        .await
        .is("raised", &[])
        .has("This may be #1");
    room.as_says(ALICE, "confirm 1 unsubscribe")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.passes("2d").await;
    let before = room.transcript().matches("· notice · @").count();
    room.as_says(ALICE, &format!("notice {ORDERS} has been refunded"))
        .await
        .is("raised", &[]);
    room.passes("1m").await;
    let heard = room.transcript();
    assert_eq!(heard.matches("· notice · @").count(), before, "{heard}");
    let (_, after) = heard.rsplit_once("alice> notice").unwrap();
    assert!(after.contains("» console · notice\n"), "{heard}");
}

/// Taken note of, it stays so for what says the same, until the facts move.
#[tokio::test]
async fn an_acknowledgement_lasts_as_long_as_its_reason() {
    let mut room = room().await;
    let text = format!("notice {ORDERS} and others will be released");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    room.as_says(ALICE, &text)
        .await
        .is("duplicate", &[])
        .has("Notice 1, a release notice for orders, is raised; acknowledged by alice");
    room.passes("1m").await;
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &text).await.is("raised", &[]);
}

/// What moves in the moment in which somebody acknowledges a notice is told from what moved before by its order.
#[tokio::test]
async fn within_one_moment_what_moves_after_an_acknowledgement_ends_it() {
    for (before, after, outcome) in [
        ("", "action orders delete", "raised"),
        ("", "instance set orders --expires 2026-02-01", "raised"),
        ("", "instance set orders --auto-renew on", "raised"),
        ("action orders delete", "", "duplicate"),
        ("instance set orders --expires 2026-02-01", "", "duplicate"),
        ("", "", "duplicate"),
    ] {
        let mut room = room().await;
        let text = format!("notice {ORDERS} and others will be released");
        room.as_says(ALICE, &text).await.is("raised", &[]);
        for line in [before, "ack notice 1", after] {
            if !line.is_empty() {
                room.as_says(ALICE, line).await.is("done", &[]);
            }
        }
        room.as_says(ALICE, &text).await.is(outcome, &[]);
    }
}

/// An instance that is followed again has no past.
#[tokio::test]
async fn what_is_added_again_is_told_again() {
    let mut room = room().await;
    let text = format!("notice {ORDERS} and others will be released");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    room.as_says("dan admin", "instance remove orders --reason moved")
        .await
        .is("done", &[]);
    room.passes("1h").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --team payments --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, &text).await.is("raised", &[]);
}

/// An approved change waits for this expiry: nobody is told to renew.
#[tokio::test]
async fn an_expiry_that_a_change_waits_for_is_wanted() {
    let mut room = room().await;
    let expiry = format!("notice Your instance {ORDERS} will expire on 2026-03-01.");
    room.as_says(ALICE, &expiry)
        .await
        .is("raised", &[])
        .has("renew it");
    room.as_says(ALICE, "instance set orders --auto-renew off")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.passes("25h").await;
    room.as_says(ALICE, &expiry)
        .await
        .is("raised", &[])
        .has("#1 waits for it, approved by bob")
        .lacks("renew it");
}

/// What a reminder of that day has said is not posted once more.
#[tokio::test]
async fn an_expiry_that_was_reminded_of_is_not_told_twice() {
    let mut room = room().await;
    room.passes("41h").await;
    let heard = room.transcript();
    assert!(heard.contains("· reminder"), "{heard}");
    let posts = |room: &Room| room.transcript().matches("» console · notice").count();
    room.as_says(
        ALICE,
        &format!("notice Your instance {ORDERS} will expire on 2026-03-01."),
    )
    .await
    .is("raised", &[])
    .has("Not posted: a reminder of this expiry has told people the same within a day, or does so later today.");
    assert_eq!(posts(&room), 0);
    room.as_says(
        ALICE,
        &format!("notice Your instance {ORDERS} will expire on 2026-03-03."),
    )
    .await
    .is("raised", &[])
    .lacks("Not posted");
    room.as_says(
        ALICE,
        &format!("notice Your instance {ORDERS} will expire."),
    )
    .await
    .is("raised", &[]);
    assert_eq!(posts(&room), 2);
}

/// Nor is what a reminder says later on that day.
#[tokio::test]
async fn an_expiry_that_is_reminded_of_later_on_that_day_is_not_told_twice() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --action delete --expires 2026-03-01T12:00:00Z"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    let notice = format!("notice Your instance {ORDERS} will expire on 2026-03-01.");
    let posts = |room: &Room, kind: &str| {
        let head = format!("» console · {kind}");
        room.transcript().matches(&head).count()
    };
    // The reminder of 30 days before comes at 20:00 of the 30th.
    room.passes("28d").await;
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    assert_eq!(posts(&room, "notice"), 1, "a day too early");
    room.passes("26h").await;
    room.as_says(ALICE, &notice)
        .await
        .is("raised", &[])
        .has("or does so later today");
    assert_eq!(posts(&room, "notice"), 1);
    let before = posts(&room, "reminder");
    room.passes("12h").await;
    assert_eq!(posts(&room, "reminder"), before + 1);
}

/// After expiry with Delete, what may still save it comes before everything else.
#[tokio::test]
async fn what_may_still_save_it_comes_first() {
    let mut room = room().await;
    room.as_says(ALICE, "action orders delete").await;
    room.passes("6d").await;
    room.as_says(ALICE, &format!("notice {ORDERS} will be released"))
        .await
        .is("raised", &[])
        .has("What may still save it, at once: renew it");
}

/// Somebody who may not hand in a notice does not believe that it was.
#[tokio::test]
async fn a_denied_notice_is_said_to_be_lost() {
    let mut room = room().await;
    room.as_says("eve viewer", &format!("notice {ORDERS} has been released"))
        .await
        .is("denied", &[])
        .has("The notice was not recorded, and nobody is told of it.");
}

/// A name that is another instance's says which.
#[tokio::test]
async fn a_name_of_another_instance_says_which() {
    let mut room = room().await;
    let line = "instance add MQ_INST_1080056302921134_BYdkf3Qa --name billing --region cn-hangzhou --edition standard";
    room.as_says(ALICE, line).await.is("done", &[]);
    room.as_says(
        ALICE,
        &format!("notice {ORDERS} will be released. Instance name: billing"),
    )
    .await
    .is("raised", &[])
    .has("It also gives a name that another tracked instance has: billing (cn-hangzhou, MQ_INST_1080056302921134_BYdkf3Qa).");
}

/// What a wording of the configuration has as its own word is no name of another instance, however that one is called; the same
/// word anywhere else is one.
#[rstest]
#[case::greeting(
    "customer",
    "Dear customer, your instance ID will be released on 2026-03-08."
)]
#[case::greeting_in_capitals("User", "Dear user, your instance ID will be released.")]
#[case::signature(
    "team",
    "Your instance ID will be released on 2026-03-08.\n\nAlibaba Cloud team"
)]
#[case::vendor(
    "cloud",
    "Alibaba Cloud: your instance ID will be released on 2026-03-08."
)]
#[case::announcement("instance", "Your instance ID will be released on 2026-03-08.")]
#[case::chinese("实例", "您的实例ID将于2026年3月8日释放")]
#[case::chinese_greeting("用户", "【阿里云】尊敬的用户：您的实例ID将于2026年3月8日释放")]
#[tokio::test]
async fn a_word_of_the_configurations_wordings_names_nothing(
    #[case] name: &str,
    #[case] text: &str,
) {
    let mut room = room().await;
    let other = "MQ_INST_1080056302921134_BYdkf3Qa";
    let file = format!("id,name,region,edition\n{other},{name},cn-hangzhou,standard\n");
    room.imports("", &file).await.has("1 new");
    let said = text.replace("ID", ORDERS);
    room.as_says(ALICE, &format!("notice {said}"))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    for beside in [
        said.replace(ORDERS, &format!("{ORDERS} ({name})")),
        format!("{said} {name}"),
        format!("{said}\n\n{name}"),
    ] {
        room.passes("25h").await;
        room.as_says(ALICE, "action orders downgrade").await;
        room.as_says(ALICE, &format!("notice {beside}"))
            .await
            .is("raised", &[]);
    }
}

/// In a text that is to be taught they are words too, but where they stand as a name: then they forbid to suppress it.
#[rstest]
#[case::greeting(
    "Dear customer, heads up: ID goes to release on 2026-03-08",
    "customer",
    true
)]
#[case::in_brackets(
    "Heads up: ID (customer) goes to release on 2026-03-08",
    "customer",
    false
)]
#[case::behind_a_label(
    "Heads up: name: customer, ID goes to release on 2026-03-08",
    "customer",
    false
)]
#[case::before_a_label(
    "Heads up: customer instance ID goes to release on 2026-03-08",
    "customer",
    false
)]
#[case::no_word_of_a_wording(
    "Heads up: ID goes to release on 2026-03-08, ask billing",
    "billing",
    false
)]
#[tokio::test]
async fn such_a_word_can_be_taught_unless_it_stands_as_a_name(
    #[case] text: &str,
    #[case] name: &str,
    #[case] can: bool,
) {
    let mut room = room().await;
    let other = "MQ_INST_1080056302921134_BYdkf3Qa";
    let file = format!("id,name,region,edition\n{other},{name},cn-hangzhou,standard\n");
    room.imports("", &file).await.has("1 new");
    let text = format!("notice {}", text.replace("ID", ORDERS));
    room.as_says(ALICE, &text).await.is("raised", &[]);
    let taught = room.as_says(BOB, "wording 1 release").await;
    taught.is(if can { "needs_approval" } else { "blocked" }, &[]);
    if !can {
        taught.has(&format!(
            "holds the name of another tracked instance (“{name}”)"
        ));
    }
}

/// A line that ends a sentence ends it also without a full stop: a condition on it is none of what the next line says.
#[rstest]
#[case::comment("let me know if you need anything\nYour instance ID has been released.")]
#[case::question("Please check whether this is ours\nYour instance ID has been released.")]
#[case::in_general("You are receiving this once\nYour instance ID has been released.")]
#[case::before_the_id("ignore it if done\nID has been released.")]
#[case::quoted(
    "> Unless stated otherwise all times are UTC+8\n> Your instance ID has been released."
)]
#[case::table("Reason | if any\nInstance | ID\nStatus | Released")]
#[case::chinese("如有疑问请拨打95187\n您的实例ID已释放")]
#[tokio::test]
async fn a_line_is_no_condition_of_the_next_one(#[case] text: &str) {
    let mut room = room().await;
    let text = text.replace("ID", ORDERS);
    room.as_says(ALICE, &format!("notice {text}"))
        .await
        .is("raised", &[])
        .has("a notice of something gone for orders");
}

/// A line that a program broke within a sentence is one with the next.
#[rstest]
#[case::before_the_id("Its data cannot be restored if your instance\nID has been released.")]
#[case::no_room(
    "Data that is not saved elsewhere cannot be restored unless you act before an\nInstance such as ID has been released."
)]
#[case::goes_on("Nothing can be restored if the\nInstance ID has been released.")]
#[case::small_letter("Nothing can be restored if\nyour instance ID has been released.")]
#[case::chinese("如实例ID在2026-03-08\n之前已释放")]
#[tokio::test]
async fn a_sentence_on_two_lines_is_one(#[case] text: &str) {
    let mut room = room().await;
    let text = text.replace("ID", ORDERS);
    room.as_says(ALICE, &format!("notice {text}"))
        .await
        .is("raised", &[])
        .lacks("something gone");
}

/// It stays open until it is answered: an acknowledgement is refused, naming the answers, and is not offered.
#[rstest]
#[case::still_there("notice 1 still-there")]
#[case::lost("instance lost orders --reason it is gone")]
#[tokio::test]
async fn no_acknowledgement_ends_what_calls_an_instance_gone(#[case] answer: &str) {
    let mut room = room().await;
    let text = format!("notice Your instance {ORDERS} has been released.");
    room.as_says(ALICE, &text)
        .await
        .is("raised", &[])
        .lacks("ack notice");
    room.as_says(ALICE, "ack notice 1")
        .await
        .is("invalid", &[])
        .has("`notice 1 still-there`")
        .has("`instance lost INSTANCE --reason TEXT`")
        .has("`confirm CHANGE unsubscribe --outside --reason TEXT`");
    assert!(!room.transcript().contains("`ack notice 1`"));
    room.as_says(ALICE, "todo")
        .await
        .has("notice 1 says that it is gone");
    let before = room.transcript().len();
    room.passes("8d").await;
    let said = &room.transcript()[before..];
    assert!(said.matches("has been released").count() >= 2, "{said}");
    assert!(
        said.contains("notice 1 says that it is gone"),
        "the digest: {said}"
    );
    room.as_says(ALICE, answer).await;
    room.as_says(ALICE, "todo")
        .await
        .lacks("notice 1 says that it is gone");
}

/// Where nothing tracked is called gone, nobody can answer but by taking note of it.
#[tokio::test]
async fn what_is_gone_and_not_tracked_is_taken_note_of() {
    let mut room = room().await;
    let text = "notice Your instance MQ_INST_1080056302921134_Other001 has been released.";
    room.as_says(ALICE, text).await.has("`ack notice 1`");
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
}

/// Of a notice that calls several gone each is looked at for itself, and until then it is settled for none.
#[tokio::test]
async fn several_that_are_said_to_be_gone_are_looked_at_one_by_one() {
    let mut room = room().await;
    let stock = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    room.as_says(ALICE, &stock).await.is("done", &[]);
    let notice = format!("notice {ORDERS} and {STOCK} have been released");
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    room.passes("1h").await;
    room.as_says(ALICE, "notice 1 still-there")
        .await
        .is("inconclusive", &[])
        .has("each is looked at for itself")
        .has("cn-hangzhou/orders: look in the console")
        .has("`instance set cn-hangzhou/stock --edition <standard|platinum>`");
    room.as_says(ALICE, "instance set orders --edition platinum")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notice 1 still-there")
        .await
        .is("inconclusive", &[])
        .has("Looked at since: cn-hangzhou/orders.")
        .lacks("cn-hangzhou/orders: look");
    room.as_says(ALICE, "todo").await.has("notice 1");
    room.as_says(ALICE, "instance lost stock --reason gone")
        .await
        .is("done", &[]);
    // Each of them is looked at or lost.
    room.as_says(ALICE, "notice 1 still-there")
        .await
        .is("already_done", &[]);
}

/// A command of the very moment in which it comes back has it looked at once more, and not posted once more.
#[tokio::test]
async fn it_comes_back_once_whatever_is_said_in_that_moment() {
    let mut room = room().await;
    room.as_says("root admin", "settings quiet-hours 22:00-08:00")
        .await
        .is("done", &[]);
    room.passes("16h").await;
    room.as_says(
        ALICE,
        &format!("notice Your instance {ORDERS} has been released."),
    )
    .await
    .is("raised", &[]);
    room.passes("3d").await;
    let from = room.transcript().len();
    for action in ["downgrade", "delete"] {
        room.as_says(ALICE, &format!("action orders {action}"))
            .await
            .is("done", &[]);
    }
    room.passes("12h").await;
    let said = &room.transcript()[from..];
    let posts = said.matches("notice 1, a notice of something gone").count();
    assert_eq!(posts, 1, "{said}");
}

/// What was seen of the action before a notice that calls the instance gone is disputed by it.
#[rstest]
#[case::it_came_first(true)]
#[case::it_comes_later(false)]
#[tokio::test]
async fn nothing_is_suppressed_while_a_loss_is_not_answered(#[case] first: bool) {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-08 --action downgrade --auto-renew off --team payments"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.passes("1h").await;
    let lines = [
        format!("notice Your instance {ORDERS} will be released on 2026-01-15."),
        format!("notice Instance {ORDERS} has been released."),
    ];
    let [release, gone] = &lines;
    if first {
        room.as_says(ALICE, gone).await.is("raised", &[]);
        room.passes("1m").await;
        room.as_says(ALICE, release).await.is("raised", &[]);
    } else {
        let heard = room.as_says(ALICE, release).await;
        assert_eq!(heard.outcome, "suppressed", "{}", heard.text);
        room.as_says(ALICE, gone).await.is("raised", &[]);
        room.passes("1m").await;
        room.as_says(ALICE, "notices")
            .await
            .has("release notice, through sandbox: suppressed, then raised");
    }
    let answered = if first {
        "notice 1 still-there"
    } else {
        "notice 2 still-there"
    };
    room.as_says(ALICE, answered).await;
    room.as_says(ALICE, "action orders downgrade").await;
    room.passes("1m").await;
    let again = format!("notice Your instance {ORDERS} will be released on 2026-01-16.");
    let heard = room.as_says(ALICE, &again).await;
    assert_eq!(heard.outcome, "suppressed", "{}", heard.text);
}

/// Recorded as lost, and the vendor writes about it: it may be there, and somebody has to look.
#[rstest]
#[case::expiry("will expire on 2026-03-01")]
#[case::release("will be released on 2026-03-08")]
#[tokio::test]
async fn a_notice_of_what_is_recorded_as_lost_stays_open(#[case] words: &str) {
    let mut room = Room::of_team().await;
    let team = "settings team payments --channel pay-ops --members pay --mention pay-oncall";
    room.as_says("root admin", team).await.is("done", &[]);
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete --team payments"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.as_says(ALICE, "instance lost orders --reason not in the console")
        .await
        .is("done", &[]);
    room.passes("1d").await;
    let before = room.transcript().len();
    room.as_says(ALICE, &format!("notice Your instance {ORDERS} {words}."))
        .await
        .is("raised", &[]);
    room.passes("2d").await;
    let said = room.transcript()[before..].to_owned();
    assert!(
        said.contains("» pay-ops · notice · @team:pay-oncall"),
        "{said}"
    );
    room.as_says(ALICE, "notices").await.has("  1  2026-");
    room.as_says(ALICE, "todo").await.has("notice 1");
    let before = room.transcript().len();
    room.passes("7d").await;
    let said = room.transcript()[before..].to_owned();
    assert!(
        said.contains("· digest") && said.contains("notice 1"),
        "{said}"
    );
}

/// A room whose orders, on Delete until 2026-02-05, is not tracked any more, and is called gone a day later.
async fn called_gone_untracked(verb: &str) -> Room {
    let mut room = Room::of_team().await;
    let team = "settings team payments --channel pay-ops --members pay --mention pay-oncall";
    let alerts = "settings channel alerts mq-alerts";
    for settings in [team, alerts] {
        room.as_says("root admin", settings).await.is("done", &[]);
    }
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-02-05 --action delete --team payments"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    let ends = format!("instance {verb} orders --reason looked in the wrong region");
    room.as_says("root admin", &ends).await.is("done", &[]);
    room.passes("1d").await;
    let gone = format!("notice Instance {ORDERS} has been released.");
    room.as_says(ALICE, &gone).await.is("raised", &[]);
    room
}

/// Two people contradict each other about a loss: both are told, and it is asked about until one of the two is taken back.
#[rstest]
#[case::at_once("1m")]
#[case::after_the_notice_has_ended("2d")]
#[tokio::test]
async fn what_is_recorded_as_lost_and_was_seen_since_is_asked_about(#[case] later: &str) {
    let mut room = called_gone_untracked("lost").await;
    room.passes(later).await;
    let from = room.transcript().len();
    room.as_says(BOB, "notice 1 still-there")
        .await
        .is("done", &[])
        .has("recorded as deleted at the vendor, by root")
        .has("and bob saw it since")
        .has("Nothing warns of its expiry");
    room.as_says(BOB, "notice 1 still-there")
        .await
        .is("already_done", &[]);
    room.as_says(BOB, "todo").await.has("bob saw it since");
    room.passes("16d").await;
    let said = room.transcript()[from..].to_owned();
    for place in ["» pay-ops", "» mq-alerts", "· digest"] {
        let mut blocks = said.split("\n\n");
        let told = blocks.any(|it| it.contains(place) && it.contains("saw it since"));
        assert!(told, "{place}: {said}");
    }
    let at_once = said.split("--- 2026").next().unwrap_or_default();
    assert!(at_once.contains("» mq-alerts"), "{said}");
    let lost = format!("instance lost {ORDERS} --reason looked again");
    room.as_says(ALICE, &lost).await.is("done", &[]);
    room.as_says(BOB, "todo").await.lacks("saw it since");
}

/// Nothing is recorded of what is not tracked any more: the notice stays open until somebody tracks it, or takes note of it.
#[tokio::test]
async fn what_is_not_tracked_any_more_is_not_said_to_be_settled() {
    let mut room = called_gone_untracked("remove").await;
    room.as_says(BOB, "notice 1 still-there")
        .await
        .is("blocked", &[])
        .has("no longer tracked")
        .has("`instance add ");
    room.as_says(BOB, "todo")
        .await
        .has("notice 1 says that it is gone")
        .has("gone: `ack notice 1`");
    room.as_says(BOB, "ack notice 1").await.is("done", &[]);
    room.as_says(BOB, "todo").await.lacks("notice 1");
}

/// Of several that are called gone, one that is recorded as lost is not said to be there.
#[tokio::test]
async fn what_is_recorded_as_lost_is_not_still_there_among_others() {
    let mut room = called_gone_untracked("lost").await;
    let stock = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    room.as_says(ALICE, &stock).await.is("done", &[]);
    let notice = format!("notice {ORDERS} and {STOCK} have been released");
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    room.as_says(ALICE, "notice 2 still-there")
        .await
        .is("blocked", &[])
        .has("orders was recorded as deleted at the vendor");
}

/// A notice confirms what is recorded: it says so, is not repeated, and ends by itself.
#[tokio::test]
async fn what_confirms_a_recorded_loss_is_told_once() {
    let mut room = called_gone_untracked("lost").await;
    let said = room.transcript().to_owned();
    assert!(
        said.contains("recorded as deleted at the vendor, by root")
            && said.contains("this confirms"),
        "{said}"
    );
    room.as_says(BOB, "todo")
        .await
        .has("It is there: `notice 1 still-there`; gone: `ack notice 1`");
    let from = room.transcript().len();
    room.passes("40d").await;
    let said = room.transcript()[from..].to_owned();
    assert!(!said.contains("Raised"), "{said}");
    room.as_says(BOB, "todo").await.lacks("notice 1");
}
