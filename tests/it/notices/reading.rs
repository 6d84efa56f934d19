//! What is recognised in English, in Chinese, in JSON and in dates as people write them.

use edition_warden::config::Config;
use edition_warden::domain::notice::{NoticeKind, Patterns, Read, Sources};
use rstest::rstest;

use crate::harness::{ORDERS, instant};

fn read(text: &str) -> Read {
    let patterns = Config::load(None, []).unwrap().patterns;
    let now = instant("2026-02-20T00:00:00Z");
    Read::of(text, &patterns, chrono_tz::Asia::Shanghai, now)
}

#[rstest]
#[case("Your instance MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08.", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("【阿里云】尊敬的用户：您的实例MQ_INST_1080056302921134_BXuIbML7即将释放。", NoticeKind::Release, &[])]
#[case("【阿里云】尊敬的用户：您的实例MQ_INST_1080056302921134_BXuIbML7将于2026年3月8日释放，请及时续费。", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("【阿里云】您的实例MQ_INST_1080056302921134_BXuIbML7将于3月8日12时30分被释放", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("实例MQ_INST_1080056302921134_BXuIbML7已到期，将于2026-03-08 00:00:00释放", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 is about to be released in 3 days", NoticeKind::Release, &["2026-02-22T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 is to be released on March 8th, 2026", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 will\nbe released: 2026-03-08T00:00:00Z", NoticeKind::Release, &["2026-03-08T00:00:00Z"])]
#[case("Sent 2026-02-19. MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08.", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 will expire on 2026-03-01 and will then be released.", NoticeKind::Expiry, &["2026-02-28T16:00:00Z"])]
#[case("您的实例MQ_INST_1080056302921134_BXuIbML7即将到期", NoticeKind::Expiry, &[])]
#[case("您的实例MQ_INST_1080056302921134_BXuIbML7已到期", NoticeKind::Expiry, &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7: maintenance soon", NoticeKind::Other, &[])]
#[case(r#"{"content":"Instance MQ_INST_1080056302921134_BXuIbML7 will be released","releaseTime":1772899200000}"#, NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case(r#"{"Message":"{\"id\":\"MQ_INST_1080056302921134_BXuIbML7\",\"text\":\"将被释放\"}"}"#, NoticeKind::Release, &[])]
#[case("Your instance MQ_INST_1080056302921134_BXuIbML7 has expired on 2026-02-19 and will be released. Release time: 2026-06-30 00:00:00", NoticeKind::Release, &["2026-02-18T16:00:00Z", "2026-06-29T16:00:00Z"])]
#[case(r#"{"a":"Your instance MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08","releaseTime":"2026-09-30"}"#, NoticeKind::Release, &["2026-03-07T16:00:00Z", "2026-09-29T16:00:00Z"])]
#[case(r#"{"a":"MQ_INST_1080056302921134_BXuIbML7 will be released","releaseTime":"1772899200000"}"#, NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 将被释放，释放时间：20260308", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 will be released on Mar 8", NoticeKind::Release, &["2026-03-07T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 is expiring. It is to be released on 2026-03-01", NoticeKind::Expiry, &["2026-02-28T16:00:00Z"])]
#[case("MQ_INST_1080056302921134_BXuIbML7 将到期，到期后将被释放", NoticeKind::Expiry, &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7 即将过期，过期后将被释放", NoticeKind::Expiry, &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7 will be expired on 2026-03-01 and will be released", NoticeKind::Expiry, &["2026-02-28T16:00:00Z"])]
fn it_is_recognised(#[case] text: &str, #[case] kind: NoticeKind, #[case] dates: &[&str]) {
    let read = read(text);
    assert_eq!(read.kind, kind, "{read:?}");
    assert_eq!(read.ids, [ORDERS], "{read:?}");
    let dates: Vec<_> = dates.iter().map(|date| Some(instant(date))).collect();
    assert_eq!(read.dates, dates, "{read:?}");
}

#[rstest]
#[case("MQ_INST_1080056302921134_BXuIbML7,ons-cn-0pp1abc2d34、rmq-cn-abc123def即将释放", &["MQ_INST_1080056302921134_BXuIbML7", "ons-cn-0pp1abc2d34", "rmq-cn-abc123def"])]
#[case("MQ_INST_****_BXuIbML7 will be released", &["MQ_INST_****_BXuIbML7"])]
#[case("the actions-to-take1 are these", &[])]
#[case("MQ_INST_1080056302921134_BXuIbML7 and MQ_INST_1080056302921134_BXuIbML7", &["MQ_INST_1080056302921134_BXuIbML7"])]
#[case("MQ_INST_1080056302921134_BXu\u{200b}IbML7 will be released", &["MQ_INST_1080056302921134_BXuIbML7"])]
fn ids_are_as_written(#[case] text: &str, #[case] ids: &[&str]) {
    assert_eq!(read(text).ids, ids);
}

#[rstest]
#[case("will be released on 2026-13-45")]
#[case("will be released on 03/08/2026")]
fn what_is_no_date_of_the_calendar_is_a_date_that_fits_nothing(#[case] text: &str) {
    assert_eq!(read(text).dates, [None]);
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
fn a_text_that_is_too_long_is_not_taken_for_a_release() {
    let text = format!("{ORDERS} will be released {}", "x ".repeat(40_000));
    assert_eq!(read(&text).kind, NoticeKind::Other);
}

#[rstest]
#[case("(")]
#[case("a*")]
#[case("(?<id>a)")]
#[case("a{1000}{1000}")]
fn a_bad_pattern_is_refused(#[case] text: &str) {
    assert!(Patterns::check_ids(text).is_err());
    let patterns = Config::load(None, []).unwrap().patterns;
    let sources = Sources {
        ids: text,
        ..patterns.sources()
    };
    assert!(Patterns::new(sources).is_err());
}

/// What gives a time without a day of the calendar fits no expiry.
#[rstest]
#[case("will be released tomorrow")]
#[case("will be released within 2 hours")]
#[case("将于明天释放")]
#[case("将于2小时后释放")]
#[case("将于3日内释放")]
fn a_time_that_is_no_date_is_one_that_fits_nothing(#[case] words: &str) {
    let read = read(&format!("您的实例{ORDERS}{words}"));
    assert_eq!((read.kind, read.dates), (NoticeKind::Release, vec![None]));
}

/// Words for more instances than are named stand for one more, so that it is not about exactly one.
#[rstest]
#[case("您的实例MQ_INST_1080056302921134_BXuIbML7等3个实例即将释放，释放时间2026-03-08")]
#[case(
    "Your instance MQ_INST_1080056302921134_BXuIbML7 and 2 other instances will be released on 2026-03-08."
)]
#[case("MQ_INST_1080056302921134_BXuIbML7 and mq_inst_1080056302921134_cxuibml8 will be released")]
#[case(r#"{"message":"will be released","MQ_INST_1080056302921134_CXuIbML8":{"a":"b"},"id":"MQ_INST_1080056302921134_BXuIbML7"}"#)]
fn more_than_one_is_more_than_one(#[case] text: &str) {
    assert_eq!(read(text).ids.len(), 2, "{:?}", read(text));
}
