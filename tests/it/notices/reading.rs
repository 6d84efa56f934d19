//! Facts read from any text: ids, names, dates, and words that make it more urgent. None of them suppresses anything.

use edition_warden::domain::notice::{LONGEST_READ, Message, NoticeKind, Part, Read, Unit};
use rstest::rstest;

use crate::harness::{ORDERS, instant};

fn read(text: &str) -> Read {
    read_message(&Message::plain(text))
}

fn read_message(message: &Message) -> Read {
    let received = instant("2026-02-24T01:00:00Z");
    Read::of(message, chrono_tz::Asia::Shanghai, received)
}

#[rstest]
#[case("Your instance MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08.", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("【阿里云】尊敬的用户：您的实例MQ_INST_1080056302921134_BXuIbML7即将释放。", NoticeKind::Release, &[])]
#[case("您的實例MQ_INST_1080056302921134_BXuIbML7將於2026年3月8日釋放，請及時續費。", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("We will release MQ_INST_1080056302921134_BXuIbML7 on 8 March 2026", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("【阿里云】实例释放提醒：MQ_INST_1080056302921134_BXuIbML7", NoticeKind::Release, &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7 is to be released on 3/8", NoticeKind::Release, &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7 has expired and will be released on 2026-03-08T00:00:00Z", NoticeKind::Release, &["2026-03-08T00:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 will expire on 2026-03-01 and will be released on 2026-03-08", NoticeKind::Expiry, &["2026-02-28T16:00:00Z", "2026-03-07T16:00:00Z"])]
#[case("您的實例MQ_INST_1080056302921134_BXuIbML7即將到期", NoticeKind::Expiry, &[])]
#[case("您的实例MQ_INST_1080056302921134_BXuIbML7已到期", NoticeKind::Expiry, &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7 has been released on 2026-03-08", NoticeKind::Gone, &["2026-03-07T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 was successfully deleted", NoticeKind::Gone, &[])]
#[case("Refund completed: MQ_INST_1080056302921134_BXuIbML7 has now been fully refunded", NoticeKind::Gone, &[])]
#[case("您的实例MQ_INST_1080056302921134_BXuIbML7已被自动释放", NoticeKind::Gone, &[])]
#[case("實例 MQ_INST_1080056302921134_BXuIbML7 已經退訂", NoticeKind::Gone, &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7退款成功", NoticeKind::Gone, &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7: maintenance soon", NoticeKind::Other, &[])]
#[case("MQ_INST_\u{200e}1080056302921134_BXu\u{ad}IbML7 has been re\u{ad}lea\u{2063}sed", NoticeKind::Gone, &[])]
#[case("您的实例MQ_INST_1080056302921134_BXuIbML7已\u{202a}释\u{e0041}放", NoticeKind::Gone, &[])]
#[case("您的实例MQ_INST_1080056302921134_BXuIbML7将于2026-03-01释放，到期后动作：删除资源", NoticeKind::Release, &["2026-02-28T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-01. Post-expiration action: Delete Resource", NoticeKind::Release, &["2026-02-28T16:00:00Z"])]
fn it_is_told(#[case] text: &str, #[case] kind: NoticeKind, #[case] dates: &[&str]) {
    let read = read(text);
    assert_eq!(read.kind, kind, "{read:?}");
    assert_eq!(read.ids, [ORDERS], "{read:?}");
    let dates: Vec<_> = dates.iter().map(|date| Some(instant(date))).collect();
    assert_eq!(read.dates, dates, "{read:?}");
    assert_eq!(read.understood, None);
}

#[rstest]
#[case("MQ_INST_1080056302921134_BXuIbML7,ons-cn-0pp1abc2d34、rmq-cn-abc123def即将释放", &["MQ_INST_1080056302921134_BXuIbML7", "ons-cn-0pp1abc2d34", "rmq-cn-abc123def"])]
#[case("MQ_INST_****_BXuIbML7 will be released", &["MQ_INST_****_BXuIbML7"])]
#[case("您的实例ons-cn-0pp1abc2d34和rmq-cn-abc123def已释放", &["ons-cn-0pp1abc2d34", "rmq-cn-abc123def"])]
#[case("***MQ_INST_1080056302921134_BXuIbML7*** will be released", &["MQ_INST_1080056302921134_BXuIbML7"])]
#[case("__MQ_INST_1080056302921134_BXuIbML7__ will be released", &["MQ_INST_1080056302921134_BXuIbML7"])]
#[case("MQ_INST_1080056302921134_BXuIbML7_MQ_INST_1080056302921134_BYdkf3Qa-已释放", &["MQ_INST_1080056302921134_BXuIbML7", "MQ_INST_1080056302921134_BYdkf3Qa"])]
#[case("MQ_INST_1080056302921134_BXuIbML7-MQ_INST_1080056302921134_BYdkf3Qa will", &["MQ_INST_1080056302921134_BXuIbML7", "MQ_INST_1080056302921134_BYdkf3Qa"])]
#[case("MQ_INST_1080056302921134_BXuIbML7_ons-cn-0pp1abc2d34 will", &["MQ_INST_1080056302921134_BXuIbML7", "ons-cn-0pp1abc2d34"])]
#[case("_ons-cn-0pp1abc2d34_ and *ons-cn-0pp1abc2d35* will", &["ons-cn-0pp1abc2d34", "ons-cn-0pp1abc2d35"])]
#[case("*MQ_INST_1080056302921134_BXuIbML7* *ons-cn-0pp1abc2d34*", &["MQ_INST_1080056302921134_BXuIbML7", "ons-cn-0pp1abc2d34"])]
#[case("*MQ_INST_1080056302921134_****f3Qa*", &["MQ_INST_1080056302921134_****f3Qa"])]
#[case("MQ&#95;INST&#x5f;1080056302921134&lowbar;BXuIbML7 ons&#45;cn&hyphen;0pp1abc2d34", &["MQ_INST_1080056302921134_BXuIbML7", "ons-cn-0pp1abc2d34"])]
#[case("MQ_INST_1080056302\u{ad}921134_BXu&shy;IbML7", &["MQ_INST_1080056302921134_BXuIbML7"])]
#[case("MQ_INST_1080056302921134_\nBXuIbML7 and ons-cn- 0pp1abc2d34", &["MQ_INST_1080056302921134_BXuIbML7", "ons-cn-0pp1abc2d34"])]
#[case("the actions-to-take1 are these", &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7 and MQ_INST_1080056302921134_BXuIbML7", &["MQ_INST_1080056302921134_BXuIbML7"])]
#[case("MQ_INST_1080056302921134_BXu\u{200b}IbML7 will be released", &["MQ_INST_1080056302921134_BXuIbML7"])]
#[case("ＭＱ＿ＩＮＳＴ＿１０８００５６３０２９２１１３４＿ＢＸｕＩｂＭＬ７", &["MQ_INST_1080056302921134_BXuIbML7"])]
#[case("MQ\\_INST\\_1080056302921134\\_BXuIbML7 ONS-CN-0PP1ABC2D35", &["MQ_INST_1080056302921134_BXuIbML7", "ONS-CN-0PP1ABC2D35"])]
fn ids_are_as_written(#[case] text: &str, #[case] ids: &[&str]) {
    assert_eq!(read(text).ids, ids);
}

#[test]
fn names_are_found() {
    assert_eq!(read("实例名称：订单-1，即将释放").names, ["订单-1"]);
    assert_eq!(
        read("Instance name: orders will be released").names,
        ["orders"]
    );
}

#[test]
fn what_is_behind_much_text_is_read_too() {
    for blanks in [1, 2, 600, LONGEST_READ, 7 * LONGEST_READ + 99] {
        for before in [0, LONGEST_READ - 80, LONGEST_READ - 1, 3 * LONGEST_READ] {
            let text = format!(
                "{}{}Your instance {ORDERS} has been released.",
                "x".repeat(before),
                " ".repeat(blanks)
            );
            let read = read(&text);
            assert_eq!(
                (read.kind, read.ids),
                (NoticeKind::Gone, vec![ORDERS.to_owned()])
            );
        }
    }
    let text = format!("{} {ORDERS}", "x".repeat(16 * LONGEST_READ));
    assert_eq!(
        read(&text).ids,
        ["what is behind the first 1048576 characters (not read)"]
    );
}

#[test]
fn an_id_right_behind_another_is_one_of_its_own() {
    let other = "MQ_INST_1080056302921134_BYzZzAA1";
    for between in ["", "orders", "2026-11-28", "7", "_", "-", "*"] {
        assert_eq!(
            read(&format!("{other}{between}{ORDERS}"))
                .ids
                .last()
                .unwrap(),
            ORDERS
        );
    }
    for before in ["1", "Instance", "rmq-cn-7e22ody9x08", "实例"] {
        assert_eq!(
            read(&format!("{before}{ORDERS}")).ids.last().unwrap(),
            ORDERS
        );
    }
}

/// A subject says only what such messages are called.
#[rstest]
#[case("Ihre Instanz ID wurde gelöscht.")]
#[case("Votre instance ID a été supprimée.")]
#[case("Ваш экземпляр ID удалён.")]
#[case("インスタンスID が削除されました。")]
#[case("인스턴스 ID가 삭제되었습니다.")]
#[case("Deleted instances\nID\nbilling\n2025-11-27")]
fn a_loss_below_a_subject_is_one(#[case] text: &str) {
    let unit = |part, text: &str| Unit {
        part,
        text: text.replace("ID", ORDERS),
    };
    for (subject, body, kind) in [
        ("Release notice", text, NoticeKind::Gone),
        ("Fwd: Release notice", text, NoticeKind::Gone),
        (
            "Release notice",
            "ID will be released.",
            NoticeKind::Release,
        ),
    ] {
        let message = Message {
            units: vec![unit(Part::Subject, subject), unit(Part::Body, body)],
            ..Message::default()
        };
        assert_eq!(read_message(&message).kind, kind, "{subject}: {body}");
    }
}
