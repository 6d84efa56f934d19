//! Closed reading: a text is understood as a whole or not at all.

use edition_warden::config::Config;
use edition_warden::domain::id::{CommodityId, InstanceId, InstanceName, Region};
use edition_warden::domain::instance::Instance;
use edition_warden::domain::notice::{
    Lexicon, Message, NoticeKind, Part, Slot, Taught, Understood, Unit, Veto, Wording, WordingKind,
    Wordings,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rstest::rstest;

use crate::harness::{ORDERS, instant};

const COMMODITY: &str = "ons-cn-0pp1abc2d34";

pub(super) fn wordings() -> Wordings {
    let config = Config::load(None, []).unwrap();
    (*config.wordings).clone()
}

pub(super) fn instance(name: &str) -> Instance {
    Instance::new(
        InstanceId::parse(ORDERS).unwrap(),
        InstanceName::parse(name).unwrap(),
        Region::parse("cn-hangzhou").unwrap(),
    )
}

pub(super) fn understand_of(
    message: &Message,
    name: &str,
    taught: &[Taught],
) -> Option<Understood> {
    let wordings = wordings();
    let lexicon = Lexicon {
        wordings: &wordings,
        taught,
        zone: chrono_tz::Asia::Shanghai,
    };
    let (instance, commodity) = (instance(name), CommodityId::parse(COMMODITY).unwrap());
    let now = instant("2026-02-24T01:00:00Z");
    lexicon.understand(message, &lexicon.whom(&instance, Some(&commodity), now))
}

fn understand(text: &str) -> Option<Understood> {
    understand_of(&Message::plain(text), "orders", &[])
}

/// A wording that was taught, at the first place.
pub(super) fn taught(kind: WordingKind, template: &str, subjects: &[&str]) -> Taught {
    let subjects: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    Taught {
        number: 1,
        wording: Wording::parse(kind, template, &subjects).unwrap(),
    }
}

pub(super) fn release_of(text: &str) -> String {
    text.replace("ID", ORDERS)
}

/// English, simplified and traditional Chinese, as plainly as anybody would write it.
const UNDERSTOOD: &[&str] = &[
    "Your instance ID will be released on 2026-03-08.",
    "Your instance ID will be released",
    "Your ApsaraMQ for RocketMQ instance ID (orders) is about to be released on March 8, 2026!",
    "ID will be automatically released at 2026-03-08 00:00:00 UTC+8.",
    "Dear customer,\n\nYour instance ID is to be released on 8 March 2026.\n\nData cannot be recovered after the release.\n\nBest regards,\nAlibaba Cloud",
    "Hello,\nyour instance ID is scheduled to be released on 2026-03-08T00:00:00Z, please renew it in time.",
    "Your instance **ID** will be released on **2026-03-08**.",
    "> Your instance `ID` will be\n> released on 2026-03-08",
    "【阿里云】尊敬的用户：您的实例ID即将释放，释放时间：2026-03-08 00:00:00，释放后数据无法恢复。",
    "【阿里云】尊敬的用户，您好：您的实例 ID（orders）将于２０２６年３月８日自动释放，请及时续费。",
    "您的消息队列RocketMQ版实例ID将被释放",
    "您的实例ID即将于2026-03-08释放。",
    "温馨提示：\n您的实例 ID 将在 2026 年 3 月 8 日 释放\n\n阿里云",
    "【阿里雲】尊敬的用戶：您的實例ID即將釋放，釋放時間2026-03-08",
    "親愛的客戶：您的實例ID將於2026年3月8日被釋放，請及時續費。阿里雲團隊",
    "Your instance ID will be released on 2026-03-08.\n\nSent from my iPhone",
    "Your instance ID will be released on 2026-03-08.\n\nGet Outlook for iOS",
    "您的实例ID将于2026-03-08释放。\n\n发自我的iPhone",
];

#[rstest]
fn what_is_plain_is_understood(
    #[values(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)] at: usize,
) {
    let text = release_of(UNDERSTOOD[at]);
    let understood = understand(&text);
    let understood = understood.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(understood.kind, NoticeKind::Release);
    assert_eq!(understood.vetoes, [], "{text}");
    assert_eq!(understood.slots.get(Slot::Instance), Some(ORDERS));
    if text.contains('8') && text.contains("2026") || text.contains("２") {
        assert!(understood.slots.date(Slot::ReleaseDate).is_some(), "{text}");
    }
    assert_eq!(UNDERSTOOD.len(), 18);
}

/// Who forwards a notice may put a signature above it, and nothing else.
#[rstest]
#[case("Get Outlook for iOS", true)]
#[case("发自我的iPhone", true)]
#[case("Get Outlook for iOS now", false)]
#[case("FYI\n\nSent from my iPhone", false)]
fn a_signature_above_a_forwarded_notice_adds_nothing(#[case] above: &str, #[case] fits: bool) {
    let unit = |part: Part, text: &str| Unit {
        part,
        text: release_of(text),
    };
    let said = "Your instance ID will be released on 2026-03-08.";
    let message = |units: Vec<Unit>| Message {
        units,
        ..Message::default()
    };
    let forwarded = message(vec![unit(Part::Body, above), unit(Part::Forwarded, said)]);
    assert_eq!(understand_of(&forwarded, "orders", &[]).is_some(), fits);
    let both = message(vec![
        unit(Part::Body, above),
        unit(Part::Alternative, above),
        unit(Part::Forwarded, said),
    ]);
    assert_eq!(understand_of(&both, "orders", &[]).is_some(), fits);
    for other in [Part::Alternative, Part::Forwarded, Part::Attachment] {
        let beside = message(vec![unit(Part::Body, said), unit(other, above)]);
        assert!(understand_of(&beside, "orders", &[]).is_none(), "{other:?}");
    }
    let alone = message(vec![unit(Part::Body, above)]);
    assert!(understand_of(&alone, "orders", &[]).is_none());
}

#[test]
fn a_commodity_id_names_it_as_well() {
    let understood = understand("Your instance ons-cn-0pp1abc2d34 will be released.").unwrap();
    assert_eq!(understood.slots.get(Slot::Commodity), Some(COMMODITY));
    let understood = understand("您的实例ons-cn-0pp1abc2d34将于2026-03-08释放").unwrap();
    assert_eq!(understood.slots.get(Slot::Commodity), Some(COMMODITY));
}

#[rstest]
// More than one signature, and more than that of one.
#[case("Your instance ID will be released on 2026-03-08.\n\nAlibaba Cloud\n\nSent from my iPhone")]
#[case("Your instance ID will be released on 2026-03-08.\n\nSent from my iPhone 12")]
#[case("Your instance ID will be released on 2026-03-08.\n\nGet Outlook for iOS and Mac")]
#[case("Sent from my iPhone\n\nYour instance ID will be released on 2026-03-08.")]
// Times that are no full date.
#[case("Your instance ID will be released on 27 Feb.")]
#[case("Your instance ID will be released in three days.")]
#[case("Your instance ID will be released next Friday.")]
#[case("Your instance ID will be released now.")]
#[case("Your instance ID will be released within 36h.")]
#[case("Your instance ID will be released on 2/27.")]
#[case("Your instance ID will be released on 27.02.2026.")]
#[case("Your instance ID will be released on 27/Feb/2026.")]
#[case("Your instance ID will be released on 2026-03-08 at 3 pm")]
#[case("Your instance ID will be released on 2026-03-08 9:00 PM")]
#[case("Your instance ID will be released by the end of the week.")]
#[case("Your instance ID will be released at 1772208000")]
#[case("您的实例ID将于二月二十七日释放")]
#[case("您的实例ID将于五天后释放")]
#[case("您的实例ID将于2026年3月8号释放")]
#[case("您的实例ID将于2026年3月8日9时释放")]
#[case("您的实例ID将于月底释放")]
#[case("您的实例ID将于明晚释放")]
#[case("您的实例ID将于03-08 00:00释放")]
#[case("您的实例ID将在2个工作日内释放")]
#[case("您的实例ID将被释放，释放时间：20260308")]
#[case("您的實例ID將於民國115年3月8日釋放")]
// More instances.
#[case("Your instances ID will be released on 2026-03-08.")]
#[case("Your instance ID and others will be released on 2026-03-08.")]
#[case("Your instance ID and 4 more will be released on 2026-03-08.")]
#[case("Your instance ID, etc. will be released on 2026-03-08.")]
#[case("Your instance ID and also billing will be released on 2026-03-08.")]
#[case("您的实例ID、billing将于2026-03-08释放")]
#[case("您的实例ID等将于2026-03-08释放")]
#[case("您的实例ID(共2个)将于2026-03-08释放")]
#[case("您的实例ID……将于2026-03-08释放")]
#[case("您的实例ID将于2026-03-08释放。实例名称：billing")]
#[case("Your instance ID (billing) will be released on 2026-03-08.")]
#[case("ID and MQ_INST _1080056302921134_BYdkf3Qa will be released")]
#[case("ID and …BYdkf3Qa will be released")]
// Something else, or the opposite of the proof.
#[case("The internet endpoint of instance ID will be released on 2026-03-08.")]
#[case("A new version will be released. Your instance ID will be released on 2026-03-08.")]
#[case("您的实例ID的公网地址将于2026-03-08释放")]
#[case("您的实例ID将于2026-03-08释放。到期后处理方式：删除资源")]
#[case("Your instance ID will be released on 2026-03-08. Post-release Action: Delete Resource.")]
#[case("因欠费，您的实例ID将被释放")]
#[case("Your instance ID expires today and will be released on 2026-03-08")]
#[case("Your instance ID will not be released on 2026-03-08.")]
// What stands around it, and what cannot be seen.
#[case("Please note: your instance ID will be released on 2026-03-08.")]
#[case("Your instance ID will be released on 2026-03-08.\n\nHotline 95187")]
#[case("Your instance ID will be released on 2026-03-08.\n\nID")]
#[case(
    "Your instance ID will be released on 2026-03-08. Your instance ID will be released on 2026-03-08."
)]
#[case("Your instance\n\nID will be released on 2026-03-08.")]
#[case("Your instance ~~ID~~ will be released on 2026-03-08.")]
#[case("Your instance ID will be released\u{202e} on 2026-03-08.")]
#[case("Your instance ID will be released on 2026-03-08.\u{fffd}")]
#[case("您的实例ID即将释放，释放时间2026-03-08，释放时间2026-03-09")]
#[case("")]
#[case("ID")]
fn what_is_not_wholly_plain_is_not_understood(#[case] text: &str) {
    assert_eq!(understand(&release_of(text)), None, "{text}");
}

/// An id that is not written whole is another id.
#[rstest]
#[case("MQ_INST_1080056302921134_BXuIbML")]
#[case("MQ_INST_1080056302921134_BXuIbML78")]
#[case("MQ_INST_1080056302921134_bxuibml7")]
#[case("MQ_INST_1080056302921134_BXuI**bML7")]
#[case("MQ_INST_****_BXuIbML7")]
#[case("MQ_ INST_1080056302921134_BXuIbML7")]
#[case("MQ_INST_1080056302921134_BXuIbML7-2")]
fn an_id_is_whole(#[case] id: &str) {
    let text = format!("Your instance {id} will be released.");
    assert_eq!(understand(&text), None);
}

/// A name that is a word of notices tells nothing apart.
#[rstest]
#[case("orders", true)]
#[case("订单", true)]
#[case("Orders 2", true)]
#[case("released", false)]
#[case("Instance", false)]
#[case("释放", false)]
#[case("hangzhou", false)]
#[case("2026", false)]
#[case("all", false)]
#[case("all 5", false)]
#[case("two", false)]
#[case("plus 2 more", false)]
#[case("and others", false)]
#[case("and billing", false)]
#[case("the rest", false)]
#[case("now", false)]
#[case("not", false)]
#[case("全部", false)]
#[case("三个实例", false)]
#[case("与账单", false)]
#[case("orders-and-more", true)]
#[case("订单核心", true)]
fn a_name_is_no_word_of_notices(#[case] name: &str, #[case] understood: bool) {
    let text = format!("Your instance {ORDERS} ({name}) will be released.");
    let found = understand_of(&Message::plain(&text), name, &[]);
    assert_eq!(found.is_some(), understood, "{found:?}");
}

fn message(units: &[(Part, &str)]) -> Message {
    let unit = |(part, text): &(Part, &str)| Unit {
        part: *part,
        text: release_of(text),
    };
    Message {
        units: units.iter().map(unit).collect(),
        ..Message::default()
    }
}

const SAID: &str = "Your instance ID will be released on 2026-03-08.";

/// Every unit is understood, all say the same, and the subject is one of that wording.
#[rstest]
#[case(&[(Part::Subject, "Release notice"), (Part::Body, SAID)], true)]
#[case(&[(Part::Subject, "Fwd: Alibaba Cloud: Instance release reminder"), (Part::Body, SAID)], true)]
#[case(&[(Part::Subject, " "), (Part::Body, SAID)], true)]
#[case(&[(Part::Body, SAID), (Part::Alternative, "Your instance ID (orders) will be released on 8 March 2026")], true)]
#[case(&[(Part::Subject, "转发：释放提醒"), (Part::Subject, "释放提醒"), (Part::Forwarded, "您的实例ID即将释放")], true)]
#[case(&[(Part::Subject, "Release notice 2"), (Part::Body, SAID)], false)]
#[case(&[(Part::Subject, "Release notice for billing"), (Part::Body, SAID)], false)]
#[case(&[(Part::Subject, "Expiry notice"), (Part::Body, SAID)], false)]
#[case(&[(Part::Subject, SAID), (Part::Body, SAID)], false)]
#[case(&[(Part::Body, SAID), (Part::Alternative, "Your instance ID will be released on 2026-03-09.")], false)]
#[case(&[(Part::Body, SAID), (Part::Alternative, "Your instance ID will be released.")], false)]
#[case(&[(Part::Body, SAID), (Part::Alternative, "See the text")], false)]
#[case(&[(Part::Body, SAID), (Part::Alternative, "Your instance ID will expire on 2026-03-08.")], false)]
#[case(&[(Part::Body, "FYI"), (Part::Forwarded, SAID)], false)]
#[case(&[(Part::Body, SAID), (Part::Attachment, "name,expiry\nbilling,2026-03-01")], false)]
#[case(&[(Part::Body, SAID), (Part::Attachment, "")], false)]
#[case(&[(Part::Subject, "Release notice")], false)]
#[case(&[(Part::Body, SAID), (Part::Link, "https://www.alibabacloud.com/a%20b")], true)]
#[case(&[(Part::Link, "https://aliyun.com"), (Part::Body, SAID)], true)]
#[case(&[(Part::Body, SAID), (Part::Link, "https://evil.example/aliyun.com")], false)]
#[case(&[(Part::Body, SAID), (Part::Link, "https://www.aliyun.com/a b")], false)]
#[case(&[(Part::Body, SAID), (Part::Link, "https://www.aliyun.com/ID")], false)]
#[case(&[(Part::Link, "https://aliyun.com")], false)]
fn every_unit_is_understood(#[case] units: &[(Part, &str)], #[case] understood: bool) {
    let found = understand_of(&message(units), "orders", &[]);
    assert_eq!(found.is_some(), understood, "{found:?}");
}

#[test]
fn what_could_not_be_read_is_not_understood() {
    let mut message = message(&[(Part::Body, SAID)]);
    message.unread.push("list.xls".to_owned());
    assert_eq!(understand_of(&message, "orders", &[]), None);
}

/// A wording of a workspace is compared like every other, and no word of it is taken away by a veto's absence.
#[rstest]
#[case(
    "Instance {instance} in {region}: release in {days} days ({release_date}), expired {expiry_date}. {link}",
    "Instance ID in China (Hangzhou): release in 12 days (2026-03-08), expired 2026-03-01. https://www.aliyun.com/renew?from=mail.",
    Some(&[][..])
)]
#[case(
    "{instance} goes on {release_date} ({days} left)",
    "ID goes on 2026-03-08 (11 left)",
    None
)]
#[case(
    "{instance} goes. See {link}",
    "ID goes. See https://aliyun.com.example.org/",
    None
)]
#[case("{instance} goes. See {link}", "ID goes. See http://aliyun.com/", None)]
#[case(
    "{instance} goes. See {link}",
    "ID goes. See https://aliyun.com/?i=MQ%5FINST%5F1",
    None
)]
#[case("{instance} of {account} goes", "ID of 1080056302921134 goes", Some(&[][..]))]
#[case("{instance} of {account} goes", "ID of 1080056302921135 goes", None)]
#[case(
    "{instance} in {region} goes",
    "ID in cn-hangzhou-finance-1 goes",
    None
)]
#[case("{instance} in {region} goes", "ID in China (Shanghai) goes", None)]
#[case("{instance} \\[{name}\\] goes", "ID [orders] goes", Some(&[][..]))]
#[case("Instance\n\n{instance}\n\nRelease\n\n{release_date}", "| Instance | ID |\n| Release | 2026-03-08 |", Some(&[][..]))]
#[case("{instance} goes with its endpoint", "ID goes with its endpoint", Some(&[Veto::Other][..]))]
#[case("{instance} and others go", "ID and others go", Some(&[Veto::More][..]))]
#[case("{instance}等3个实例", "ID等3个实例", Some(&[Veto::More, Veto::Digits][..]))]
#[case("{instance}将于3天后释放", "ID将于3天后释放", Some(&[Veto::Time, Veto::Digits][..]))]
#[case("{instance} goes within days, on {release_date}", "ID goes within days, on 2026-03-08", Some(&[][..]))]
#[case("{instance} goes tomorrow", "ID goes tomorrow", Some(&[Veto::Time][..]))]
#[case("{instance} has been released", "ID has been released", Some(&[Veto::Gone][..]))]
#[case("{instance}将释放并删除资源", "ID将释放并删除资源", Some(&[Veto::Delete][..]))]
fn a_taught_wording_is_no_more_than_it_is(
    #[case] template: &str,
    #[case] text: &str,
    #[case] vetoes: Option<&[Veto]>,
) {
    let taught = [taught(WordingKind::Release, template, &[])];
    let found = understand_of(&Message::plain(&release_of(text)), "orders", &taught);
    assert_eq!(
        found.as_ref().map(|found| found.vetoes.as_slice()),
        vetoes,
        "{found:?}"
    );
}

/// What speaks of more instances, of another thing, of another time, or denies the proof is never suppressed, not even if it was taught.
#[rstest]
#[case(Veto::More, &[
    "您的三个实例ID将于2026-03-08释放",
    "您的三台实例（首台ID）将于2026-03-08释放",
    "您的十二个实例，首个为ID，将于2026-03-08释放",
    "共叁个，首个为ID，将于2026-03-08释放",
    "实例ID和另一实例将于2026-03-08释放",
    "实例ID和别的实例将于2026-03-08释放",
    "每个实例（如ID）将于2026-03-08释放",
    "全体实例（如ID）将于2026-03-08释放",
    "实例ID将于2026-03-08释放，同账号下的实例亦然",
    "实例ID将于2026-03-08释放，详见附表",
    "实例ID将于2026-03-08释放，详见下表",
    "实例ID将于2026-03-08释放，完整名单请登录控制台查看",
    "Instance ID and three siblings will be released on 2026-03-08",
    "Instance ID plus two will be released on 2026-03-08",
    "Instance ID (one of four) will be released on 2026-03-08",
    "Instance ID and a dozen of your queues will be released on 2026-03-08",
    "Instance ID along with one more will be released on 2026-03-08",
    "Your instance ID will be released on 2026-03-08, see the list in the console",
    "Your instance ID will be released on 2026-03-08, see the table below",
    "Everything in your account, for example ID, will be released on 2026-03-08",
    "Instance ID will be released on 2026-03-08; the same goes for your Shanghai instance",
])]
#[case(Veto::Other, &[
    "The dead-letter queue of ID will be released on 2026-03-08",
    "The static IP address of ID will be released on 2026-03-08",
    "The storage of ID will be released on 2026-03-08",
    "The whitelist of ID will be released on 2026-03-08",
    "The VPC of ID will be released on 2026-03-08",
    "实例ID的Group将于2026-03-08释放",
    "实例ID的死信队列将于2026-03-08释放",
    "实例ID的存储空间将于2026-03-08释放",
    "实例ID的新功能将于2026-03-08发布",
    "ID will be released on 2026-03-08. It will not be downgraded",
    "ID will be released on 2026-03-08. The downgrade has failed",
    "ID will be released on 2026-03-08 instead of converted to Standard",
    "实例ID将于2026-03-08释放，不会降级为标准版",
    "实例ID降级失败，将于2026-03-08释放",
])]
#[case(Veto::Time, &[
    "ID will be released half an hour from now, planned was 2026-03-08",
    "ID will be released earlier than 2026-03-08",
    "ID will be released ahead of 2026-03-08",
    "实例ID将于2026-03-08或提前释放",
    "实例ID将提前释放，原定2026-03-08",
])]
fn what_no_wording_may_say(#[case] veto: Veto, #[case] all: &[&str]) {
    for text in all {
        let template = text
            .replace("ID", "{instance}")
            .replace("2026-03-08", "{release_date}");
        let taught = [taught(WordingKind::Release, &template, &[])];
        let found = understand_of(&Message::plain(&release_of(text)), "orders", &taught);
        let vetoes = found.map(|found| found.vetoes);
        assert!(
            vetoes.as_ref().is_some_and(|vetoes| vetoes.contains(&veto)),
            "{text}: {vetoes:?}"
        );
    }
}

/// What common small print says of spans, hours and queues is none of it.
#[rstest]
#[case("{instance} will be released on {release_date}; its backup is kept for seven days")]
#[case("{instance}将于{release_date}释放，请在三个工作日内处理，请提前续费")]
#[case("{instance} of Message Queue for Apache RocketMQ will be released on {release_date}")]
fn what_may_be_taught(#[case] template: &str) {
    let text = template
        .replace("{instance}", ORDERS)
        .replace("{release_date}", "2026-03-08");
    let taught = [taught(WordingKind::Release, template, &[])];
    let found = understand_of(&Message::plain(&text), "orders", &taught).unwrap();
    assert_eq!(found.vetoes, [], "{text}");
}

#[test]
fn a_text_that_two_wordings_take_differently_is_not_understood() {
    let text = release_of("ID ends on 2026-03-08");
    let release = taught(
        WordingKind::Release,
        "{instance} ends on {release_date}",
        &[],
    );
    let expiry = taught(WordingKind::Expiry, "{instance} ends on {expiry_date}", &[]);
    let message = Message::plain(&text);
    assert!(understand_of(&message, "orders", std::slice::from_ref(&release)).is_some());
    assert_eq!(understand_of(&message, "orders", &[release, expiry]), None);
}

#[rstest]
#[case("{instance} {nobody}", "there is no slot")]
#[case("[{instance}", "`[` has no partner")]
#[case("{instance}]", "`]` has no partner")]
#[case("{instance", "`{` has no partner")]
#[case("{instance} a || b", "outside")]
#[case("will be released", "neither `{instance}` nor `{commodity}`")]
#[case("{instance} in {days} days", "without a date")]
#[case("{instance}", "no word")]
#[case("{instance} \u{200f}a", "does not show")]
#[case("[[[[[[[[[[{instance} a]]]]]]]]]]", "deep")]
fn a_bad_template_is_refused(#[case] template: &str, #[case] words: &str) {
    let error = Wording::parse(WordingKind::Release, template, &[]).unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
}

/// A letter or digit, with what it may be dressed in.
pub(super) fn insertion() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-zA-Z0-9]{1,6}",
        "[\\p{Han}]{1,3}",
        "[０-９Ａ-Ｚ]{1,3}",
        "[〇一二三四五六七八九十两]{1,2}(?:天|日|个)?",
        select(
            &[
                "not",
                "and",
                "等",
                "及",
                "2",
                "7d",
                "2026-03-09",
                "3月9日",
                "orders",
                "billing",
                "billing、",
                "MQ_INST_1080056302921134_BYdkf3Qa",
                "ons-cn-0pp1abc2d35",
                "Your instance MQ_INST_1080056302921134_BYdkf3Qa will be released.",
                "已释放",
                "Delete"
            ][..]
        )
        .prop_map(str::to_owned),
        "\\PC{0,4}[\\p{L}\\p{N}]\\PC{0,4}",
    ];
    let dress = select(
        &[
            "X",
            " X ",
            "\n\nX\n\n",
            "(X)",
            "**X**",
            "`X`",
            "<b>X</b>",
            "- X\n",
            "> X\n",
            ", X",
            "X. ",
            "|X|",
            "\\_X",
        ][..],
    );
    (word, dress).prop_map(|(word, dress)| dress.replace('X', &word))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Whatever with a letter or digit is put into, before or behind an understood text: it is not understood, unless what
    /// comes out is itself a text that says all it says in understood words, of the same instance.
    #[test]
    fn nothing_can_be_put_in(
        text in select(UNDERSTOOD),
        insertion in insertion(),
        place in any::<Index>(),
    ) {
        let text = release_of(text);
        let chars: Vec<char> = text.chars().collect();
        let at = place.index(chars.len() + 1);
        let (before, after) = chars.split_at(at);
        let altered: String = before.iter().chain(insertion.chars().collect::<Vec<_>>().iter()).chain(after).collect();
        if let Some(found) = understand(&altered) {
            // Another date, 28 March of 8 March, is judged by its window like every other.
            let same = understand(&text).map(|it| it.slots.values().clone());
            let dated = same.as_ref() != Some(found.slots.values());
            prop_assert!(dated || is_itself_understood(&text, &altered), "{altered:?}\n{found:?}");
        }
    }
}

/// Whether what was put in is one of the words that may stand there: everything else of both texts is the same.
pub(super) fn is_itself_understood(text: &str, altered: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect()
    };
    let (old, new) = (letters(text), letters(altered));
    let common = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let left = new.len() - old.len().min(new.len());
    let added: String = new.iter().skip(common).take(left).collect();
    const MAY_STAND: &[&str] = &["", "it", "your", "被", "即", "你好", "您好", "orders"];
    MAY_STAND.contains(&added.as_str())
}
