//! Wordings that a workspace is taught: by two people, from the next notice on, and never more than they are.

use edition_warden::app::{Actor, Incoming, Role};
use edition_warden::domain::id::Person;
use edition_warden::domain::notice::{
    Lesson, Lexicon, Message, Part, Understood, Unit, WordingKind,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rstest::rstest;

use super::closed::{insertion, instance, is_itself_understood, release_of, wordings};
use crate::harness::{Heard, ORDERS, Room, instant};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver";
const RULE: &[&str] = &["release-notice-redundant"];
const TEXT: &str = "RocketMQ news: the release of instance MQID (NAME) is planned for REL. Log in to the console to renew it.";

/// An instance as notices name it.
struct NoticeSubject {
    id: &'static str,
    name: &'static str,
    region: &'static str,
    shown: &'static str,
    expires: &'static str,
    /// A week after that: ISO, Chinese, English; and the days left on the 24th of February.
    release: [&'static str; 3],
    days: &'static str,
}

const ALL: &[NoticeSubject] = &[
    NoticeSubject {
        id: ORDERS,
        name: "orders",
        region: "cn-hangzhou",
        shown: "China (Hangzhou)",
        expires: "2026-03-01",
        release: ["2026-03-08", "2026年3月8日", "8 March 2026"],
        days: "12",
    },
    NoticeSubject {
        id: "MQ_INST_1080056302921134_BYdkf3Qa",
        name: "billing-prod",
        region: "cn-shanghai",
        shown: "China (Shanghai)",
        expires: "2026-02-26",
        release: ["2026-03-05", "2026年3月5日", "5 March 2026"],
        days: "9",
    },
    NoticeSubject {
        id: "MQ_INST_2090076302921134_Zq3rT9xL",
        name: "订单核心",
        region: "cn-beijing",
        shown: "China (Beijing)",
        expires: "2026-02-28",
        release: ["2026-03-07", "2026年3月7日", "7 March 2026"],
        days: "11",
    },
    NoticeSubject {
        id: "MQ_INST_1080056302921134_kk7PqRs2",
        name: "risk_eu.7",
        region: "eu-central-1",
        shown: "Germany (Frankfurt)",
        expires: "2026-03-02",
        release: ["2026-03-09", "2026年3月9日", "9 March 2026"],
        days: "13",
    },
    NoticeSubject {
        id: "MQ_INST_1080056302921134_A1b2C3d4",
        name: "Search 2",
        region: "ap-southeast-1",
        shown: "Singapore",
        expires: "2026-02-27",
        release: ["2026-03-06", "2026年3月6日", "6 March 2026"],
        days: "10",
    },
];

impl NoticeSubject {
    fn fill(&self, text: &str) -> String {
        let uid = self.id.split('_').nth(2).unwrap();
        text.replace("REGION", self.shown)
            .replace("CODE", self.region)
            .replace("NAME", self.name)
            .replace("UID", uid)
            .replace("MQID", self.id)
            .replace("RELZH", self.release[1])
            .replace("RELEN", self.release[2])
            .replace("REL", self.release[0])
            .replace("EXP", self.expires)
            .replace("DAYS", self.days)
            .replace("LINK", "https://www.aliyun.com/renew?from=mail")
    }

    fn message(&self, units: &[(Part, &str)]) -> Message {
        let unit = |(part, text): &(Part, &str)| Unit {
            part: *part,
            text: self.fill(text),
        };
        Message {
            units: units.iter().map(unit).collect(),
            ..Message::default()
        }
    }
}

/// The 24th of February, 08:00 in the vendor's zone; every instance is Platinum, and Downgrade was seen.
async fn room() -> Room {
    let mut room = Room::of_team().await;
    room.passes("54d").await;
    for whom in ALL {
        let line = format!(
            "instance add {} --name \"{}\" --region {} --edition platinum --expires {} --action downgrade",
            whom.id, whom.name, whom.region, whom.expires
        );
        room.as_says(ALICE, &line).await.is("done", &[]);
    }
    room
}

async fn brings(room: &mut Room, who: &str, (source, message): (&str, Message)) -> Heard {
    let mut actor = Actor::sandbox("nobody");
    actor.speak_as(who).unwrap();
    brings_as(room, &actor, (source, message)).await
}

async fn brings_as(room: &mut Room, actor: &Actor, (source, message): (&str, Message)) -> Heard {
    let said = message.text();
    let incoming = Incoming {
        message,
        source: source.to_owned(),
        id: None,
    };
    let reply = room
        .warden
        .take_notices(actor, std::slice::from_ref(&incoming))
        .await;
    room.hear(&actor.person.name, &said, &reply)
}

fn number(heard: &Heard) -> u64 {
    let (_, rest) = heard.text.split_once("notice ").unwrap();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

type Texts = &'static [(Part, &'static str)];

/// As a vendor might write: e-mails with header, footer, link and account, short messages, cards and webhooks. With it what
/// the first of two dates is.
const WORDINGS: &[(Texts, &str)] = &[
    (
        &[
            (
                Part::Subject,
                "[Alibaba Cloud] ApsaraMQ for RocketMQ instance NAME will soon be released",
            ),
            (
                Part::Body,
                "Dear ops@example.com,\n\nYour ApsaraMQ for RocketMQ instance NAME (instance ID: MQID) in REGION is not set to renew. It expires on EXP and will be released on REL.\n\nWhat it holds cannot be recovered then. To keep it, renew it in the console: LINK\n\nAccount ID: UID\n\nThis is an automated message, please do not reply.\nAlibaba Cloud",
            ),
        ],
        "expiry",
    ),
    (
        &[
            (Part::Subject, "Release reminder: NAME"),
            (
                Part::Body,
                "Hello,\n\nthe subscription of instance MQID, name NAME, ends soon. The vendor releases the instance on RELEN.\n\nRenew: LINK\n\n-- \nThe RocketMQ team",
            ),
            (
                Part::Alternative,
                "Release reminder\n\nThe subscription of\n\nInstance ID\n\nMQID\n\nInstance name\n\nNAME\n\nends soon. The vendor releases the instance on\n\nRELEN\n\nRenew in the console",
            ),
        ],
        "",
    ),
    (
        &[
            (Part::Subject, "【阿里云】实例NAME释放提醒"),
            (
                Part::Body,
                "尊敬的 example 公司：\n\n您好！您账号（UID）下的消息队列 RocketMQ 实例即将被系统释放，详情如下：\n\n| 实例ID | MQID |\n| 实例名称 | NAME |\n| 地域 | CODE |\n| 释放时间 | REL 00:00:00 (UTC+8) |\n\n如需继续使用，请尽快前往控制台续费：LINK\n\n感谢您对阿里云的支持！\n\n此为系统邮件，请勿回复。",
            ),
        ],
        "",
    ),
    (
        &[(
            Part::Body,
            "【阿里云】尊敬的客户，您的消息队列RocketMQ实例MQID（NAME）因未续费，将于RELZH自动释放，请登录控制台处理。回T退订",
        )],
        "",
    ),
    (
        &[(
            Part::Body,
            "[AlibabaCloud] RocketMQ instance MQID is scheduled for release on REL. Log in to the console to renew. Reply STOP to opt out.",
        )],
        "",
    ),
    (
        &[(
            Part::Body,
            r#"{"product":"RocketMQ","event":"instance.release.scheduled","instanceId":"MQID","instanceName":"NAME","regionId":"CODE","accountId":"UID","releaseTime":"REL 00:00:00"}"#,
        )],
        "",
    ),
    (
        &[(
            Part::Body,
            "### 实例释放提醒\n\n- 实例ID：MQID\n- 实例名称：NAME\n- 地域：REGION\n- 到期时间：EXP 00:00:00\n- 释放时间：REL 00:00:00\n\n[前往续费](LINK)",
        )],
        "expiry",
    ),
    (
        &[(
            Part::Body,
            "您的 RocketMQ 铂金版实例 MQID 将在 DAYS 天后（RELZH）被释放，届时消息将无法找回。",
        )],
        "",
    ),
    (
        &[
            (Part::Subject, "RocketMQ 實例釋放通知"),
            (
                Part::Body,
                "親愛的用戶：\n\n帳號 UID 的實例 NAME（MQID）將於 REL 釋放。若要保留，請在 EXP 前續費。\n\nLINK\n\n阿里雲 敬上",
            ),
        ],
        "release",
    ),
    (
        &[(
            Part::Forwarded,
            "Notice to the holder of account UID\n\nPlease be informed that on RELEN we release MQID in CODE.\n\nYours sincerely,\nthe billing department",
        )],
        "",
    ),
    (
        &[(
            Part::Body,
            "RocketMQ: instance “NAME” (MQID) – release planned\nDate: REL 00:00:00\nRegion: REGION\nOwner: UID\nManage: LINK",
        )],
        "",
    ),
    (
        &[
            (Part::Subject, "Event: scheduled release"),
            (
                Part::Body,
                "Severity: warning\nResource: MQID\nResource name: NAME\nRegion: CODE\nScheduled: REL 00:00:00 UTC+8\nDays left: DAYS days\n\nOpen the console: LINK",
            ),
        ],
        "",
    ),
];

/// What makes of a wording another text, or of a redundant notice one that is not.
fn altered(texts: Texts, whom: &NoticeSubject) -> Vec<Message> {
    let other = "MQ_INST_1080056302921134_Other777";
    let plain = whom.message(texts);
    let mut all = Vec::new();
    let mut edit = |what: &dyn Fn(&str) -> String| {
        for at in 0..plain.units.len() {
            let mut message = plain.clone();
            message.units[at].text = what(&plain.units[at].text);
            if message != plain {
                all.push(message);
            }
        }
    };
    let middle = |text: &str, what: &str| {
        let chars: Vec<char> = text.chars().collect();
        let (before, after) = chars.split_at(chars.len() / 2);
        format!(
            "{}{what}{}",
            before.iter().collect::<String>(),
            after.iter().collect::<String>()
        )
    };
    edit(&|text| format!("{text} and billing"));
    edit(&|text| format!("{text}\n\n还有 1 个实例"));
    edit(&|text| format!("Correction: {text}"));
    edit(&|text| format!("{text}\n\n{other}"));
    edit(&|text| middle(text, " not "));
    edit(&|text| middle(text, "等"));
    edit(&|text| middle(text, "7"));
    edit(&|text| text.replace(whom.id, other));
    edit(&|text| text.replace(whom.id, &format!("{} and {other}", whom.id)));
    edit(&|text| text.replace(whom.name, "vault-of-others"));
    edit(&|text| text.replace(whom.release[0], "2026-06-08"));
    edit(&|text| text.replace(whom.release[0], "03-08"));
    edit(&|text| text.replace(whom.release[1], "2026年3月8号"));
    edit(&|text| text.replace(whom.release[1], "两天后"));
    edit(&|text| text.replace(whom.release[2], "28 February"));
    edit(&|text| text.replace(whom.expires, "2026-06-01"));
    edit(&|text| text.replace("aliyun.com", "aliyun.example"));
    edit(&|text| text.replace("release", "delete"));
    edit(&|text| text.replace("释放", "删除"));
    let mut message = plain.clone();
    message.unread.push("list.xls".to_owned());
    all.push(message);
    let mut message = plain.clone();
    message.units.extend(plain.units.clone());
    message.units.push(Unit {
        part: Part::Attachment,
        text: "name,release\nbilling,2026-03-08".to_owned(),
    });
    all.push(message);
    all
}

/// Each is taught once, by two people, from the notice of one instance; then it is understood of every other.
#[tokio::test]
async fn twelve_wordings_are_taught_once_each() {
    let mut room = room().await;
    assert_eq!(WORDINGS.len(), 12);
    let (mut redundant, mut suppressed, mut others) = (0, 0, 0);
    for (at, (texts, first)) in WORDINGS.iter().enumerate() {
        let teacher = &ALL[at % 2];
        let heard = brings(&mut room, ALICE, ("mail", teacher.message(texts))).await;
        heard.is("raised", &[]).has("Its wording can be taught");
        let mut line = format!("wording {} release", number(&heard));
        if !first.is_empty() {
            room.as_says(BOB, &line)
                .await
                .is("blocked", &[])
                .has("--first");
            let wording = format!("wording {}", number(&heard));
            room.as_says(BOB, &wording)
                .await
                .has("{first_date}")
                .has("{second_date}")
                .lacks("{release_date}");
            line.push_str(&format!(" --first {first}"));
        }
        room.as_says(BOB, &line).await.is("needs_approval", &[]);
        let wording = format!("wording {}", number(&heard));
        room.as_says(CAROL, &wording).await.lacks("{first_date}");
        room.as_says(CAROL, &line).await.is("done", &[]);
        for whom in ALL.iter().filter(|whom| whom.id != teacher.id) {
            let heard = brings(&mut room, ALICE, ("mail", whom.message(texts))).await;
            redundant += 1;
            suppressed += usize::from(heard.outcome == "suppressed");
        }
        for message in altered(texts, &ALL[2]) {
            let heard = brings(&mut room, ALICE, ("mail", message.clone())).await;
            others += 1;
            assert!(
                matches!(heard.outcome, "raised" | "duplicate"),
                "wording {at}: {message:?}\n{}",
                heard.text
            );
            assert_eq!(heard.rules, Vec::<&str>::new(), "{message:?}");
        }
        room.advance("1m");
    }
    assert!(
        suppressed * 100 >= redundant * 95 && redundant == 48,
        "{suppressed} of {redundant}"
    );
    assert!(others > 200, "{others}");
}

#[tokio::test]
async fn two_people_teach_what_neither_handed_in() {
    let mut room = room().await;
    let said = |at: usize| format!("notice {}", ALL[at].fill(TEXT));
    room.as_says("dan requester,approver", &said(0))
        .await
        .is("raised", &[])
        .has("Its wording can be taught")
        .has("{instance} ({name}) is planned for {release_date}");
    for (who, line, outcome) in [
        (ALICE, "wording 1 release", "denied"),
        ("dan approver", "wording 1 release", "blocked"),
        (BOB, "wording 9 release", "invalid"),
        (BOB, "wording 9 forget", "invalid"),
        (BOB, "wording 1 release --alone --reason quicker", "blocked"),
        (BOB, "wording 1 expiry", "needs_approval"),
        (BOB, "wording 1 expiry", "needs_approval"),
        (CAROL, "wording 1 release", "needs_approval"),
        (CAROL, "wording 1 release", "needs_approval"),
        ("dan approver", "wording 1 release", "blocked"),
    ] {
        room.as_says(who, line).await.is(outcome, &[]);
    }
    brings(
        &mut room,
        ALICE,
        ("sandbox", ALL[1].message(&[(Part::Body, TEXT)])),
    )
    .await
    .is("raised", &[]);
    let taught = room.as_says(BOB, "wording 1 release").await;
    taught
        .is("done", &[])
        .has("taught by carol and bob")
        .has("suppressed: notice 1, 2");
    room.as_says(BOB, "wording 1 release")
        .await
        .is("blocked", &[]);
    for at in [2, 3, 4] {
        room.as_says(ALICE, &said(at)).await.is("suppressed", RULE);
    }
    // Of another source it does not hold, and what it is about must be proved all the same.
    brings(
        &mut room,
        ALICE,
        ("mail", ALL[2].message(&[(Part::Body, TEXT)])),
    )
    .await
    .is("raised", &[]);
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "wordings").await.is("info", &[]);
    room.as_says(BOB, "wording 2 forget").await.is("done", &[]);
    room.as_says(BOB, "wording 2 forget")
        .await
        .is("already_done", &[]);
    room.as_says(ALICE, &said(3)).await.is("raised", &[]);
    room.as_says(ALICE, "wordings").await.is("info", &[]);
    room.as_says(ALICE, "audit").await.is("info", &[]);
    insta::assert_snapshot!(room.transcript());
}

/// A raised notice that a forgotten wording had explained is not suppressed by it later, when what proves it is seen.
#[rstest]
#[case::holds(false, true)]
#[case::is_forgotten(true, false)]
#[tokio::test]
async fn what_is_forgotten_explains_nothing_later(#[case] forgets: bool, #[case] quiet: bool) {
    let mut room = room().await;
    let said = format!("notice {}", ALL[0].fill(TEXT));
    for (who, line) in [
        (ALICE, "action orders delete"),
        (ALICE, said.as_str()),
        (BOB, "wording 1 release"),
        (CAROL, "wording 1 release"),
    ] {
        room.as_says(who, line).await;
    }
    if forgets {
        room.as_says(BOB, "wording 1 forget").await.is("done", &[]);
    }
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.passes("1m").await;
    let listed = room.as_says(ALICE, "suppressed").await.text;
    assert_eq!(listed.contains(ORDERS), quiet, "{listed}");
}

#[tokio::test]
async fn a_first_word_that_another_took_the_place_of_waits_for_nobody() {
    let mut room = room().await;
    let said = format!("notice {}", ALL[0].fill(TEXT));
    room.as_says(ALICE, &said).await.is("raised", &[]);
    for (who, line) in [(BOB, "wording 1 release"), (CAROL, "wording 1 expiry")] {
        room.as_says(who, line).await.is("needs_approval", &[]);
    }
    let listed = room.as_says(ALICE, "wordings").await;
    assert_eq!(listed.text.matches("waits for a second").count(), 1);
    listed.has("no longer counts: somebody has said something else");
}

#[tokio::test]
async fn it_ends_without_use_and_a_first_word_lapses() {
    let mut room = room().await;
    let said = format!("notice {}", ALL[0].fill(TEXT));
    room.as_says(ALICE, &said).await.is("raised", &[]);
    room.as_says(BOB, "wording 1 release")
        .await
        .is("needs_approval", &[]);
    room.advance("8d");
    room.as_says(CAROL, "wording 1 release")
        .await
        .is("needs_approval", &[]);
    room.as_says(BOB, "wording 1 release").await.is("done", &[]);
    let later = |room: &mut Room, days: &str| {
        room.advance(days);
    };
    later(&mut room, "179d");
    room.as_says(ALICE, "wordings")
        .await
        .has("release notice, from sandbox (notice 1): holds");
    later(&mut room, "1d");
    room.as_says(ALICE, "wordings")
        .await
        .has("ended: unused for 180 days");
    let now = "instance set orders --edition platinum --expires 2026-09-10 --action downgrade";
    room.as_says(ALICE, now).await.is("done", &[]);
    let again = said.replace("2026-03-08", "2026-09-17");
    room.as_says(ALICE, &again).await.is("raised", &[]);
}

/// Such a text would be suppressed as a release notice, so it cannot be one; as another it is raised as before.
#[rstest]
#[case(
    "instance MQID goes to release on REL, and so do others",
    "more instances"
)]
#[case("instance MQID has been released on REL", "happened already")]
#[case("Status of MQID: Released", "happened already")]
#[case("instance MQID does not exist any more", "happened already")]
#[case("您的实例MQID不存在", "happened already")]
#[case("instance MQID: we delete it on REL", "speaks of deleting")]
#[case(
    "instance MQID goes to release on REL, with it the node",
    "something else"
)]
#[case("instance MQID is wiped on REL", "speaks of deleting")]
#[case(
    "instance MQID goes to release on REL, and so do two more",
    "more instances"
)]
#[case("instance MQID goes to release on REL, et al.", "more instances")]
#[case(
    "instance MQID goes to release on REL, regardless of its action",
    "something else"
)]
#[case("无论到期后处理如何，实例 MQID 将于 REL 释放", "something else")]
#[case("MQID 的专属集群将于 REL 释放", "something else")]
#[case("the broker of instance MQID goes to release on REL", "something else")]
#[case("实例MQID……于REL走", "more instances")]
#[case(
    "the endpoint of instance MQID goes to release on REL",
    "something else"
)]
#[case("instance MQID goes tomorrow", "without a date")]
#[case("instance MQID goes on 27 Feb", "a number")]
#[case(
    "instance MQID goes to release on REL. Batch 95187 of it",
    "“batch 95187 of”"
)]
#[case("instance MQID goes to release on REL, and 2 more", "“and 2 more”")]
#[case("instance MQID goes to release on REL, in 3 days", "“in 3 days”")]
#[case("instance MQID goes to release on REL or 12-12", "“or 12-12”")]
#[case("instance MQID goes to release on REL or 12月13日", "12月13日")]
#[case("instance MQID goes to release on REL or 12.12", "“or 12.12”")]
#[case("instance MQID goes to release on REL. Room for 3", "“for 3”")]
#[case("instance MQID goes to release on REL. © 2026-13-12", "a number")]
#[case(
    "instance MQID goes to release on REL. Hotline 95187 2 of them",
    "“2 of”"
)]
#[case(
    "instance MQID goes to release on REL. Data is kept for 3 more days",
    "“for 3 more”"
)]
#[case(
    "instance MQID goes to release on REL. RocketMQ 4.x version will be released",
    "“version”"
)]
#[case("instance MQID goes to release on REL，共3台", "共3台")]
#[case("实例MQID等3个实例于REL走", "“等”")]
#[case("实例MQID等待释放，REL", "“等”")]
#[case(
    "instance MQID goes to release on REL, its topics will be deleted",
    "“deleted”"
)]
#[case(
    "instance MQID goes to release on REL, as billing-prod did",
    "another tracked instance"
)]
#[tokio::test]
async fn what_is_vetoed_is_taught_as_no_release(#[case] text: &str, #[case] why: &str) {
    let mut room = room().await;
    let said = format!("notice {}", ALL[0].fill(text));
    let heard = room.as_says(ALICE, &said).await;
    let gone = text.contains("has been");
    heard.is("raised", &[]).lacks("can be taught");
    room.as_says(BOB, "wording 1 release")
        .await
        .is("blocked", &[])
        .has(why);
    for who in [BOB, CAROL] {
        room.as_says(who, "wording 1 other").await;
    }
    room.passes("25h").await;
    let again = room.as_says(ALICE, &said).await;
    again.is("raised", &[]);
    if gone {
        again.has("something gone");
    }
}

#[rstest]
#[case(
    "see https://example.org/ about instance MQID on REL",
    "https to one of the hosts"
)]
#[case(
    "see https://aliyun.com/?i=MQID about instance MQID on REL",
    "https to one of the hosts"
)]
#[case(
    "see http://aliyun.com/ about instance MQID on REL",
    "https to one of the hosts"
)]
#[case("instance MQID of China (Shanghai) goes to release on REL", "region")]
#[case("instance MQID of cn-qingdao goes to release on REL", "region")]
#[case(
    "NAME come first. Now instance MQID goes to release on REL",
    "beside the id"
)]
#[case(
    "instance MQID goes to release on REL, 2026-01-02 and 2026-01-03",
    "3 different dates"
)]
#[case("instance MQID goes to release on REL or EXP", "--first")]
#[case("instance MQID goes on Monday, REL", "another weekday")]
#[case("instance MQID goes to release on REL. Sent on 2026-02-22", "a number")]
#[case(
    "instance MQ_INST_1080056302921134_BYdkf3Qa and MQID go on REL",
    "exactly one"
)]
#[case("instance NAME goes to release on REL", "exactly one")]
#[tokio::test]
async fn what_cannot_be_told_apart_is_not_taught(#[case] text: &str, #[case] why: &str) {
    let mut room = room().await;
    let said = format!("notice {}", ALL[0].fill(text));
    room.as_says(ALICE, &said).await.is("raised", &[]);
    room.as_says(BOB, "wording 1 release")
        .await
        .is("blocked", &[])
        .has(why);
    room.as_says(BOB, "wordings")
        .await
        .has("No wording was taught");
}

/// Who sends over HTTP is not the vendor unless the configuration says so, and cannot pass for somebody's own hand.
#[tokio::test]
async fn what_nobody_handed_in_is_not_taught() {
    let mut room = room().await;
    let relay = Actor {
        person: Person {
            id: "http:sandbox".into(),
            name: "sandbox".into(),
        },
        roles: vec![Role::Requester],
        ..Actor::sandbox("sandbox")
    };
    let message = |at: usize| ("sandbox", ALL[at].message(&[(Part::Body, TEXT)]));
    brings_as(&mut room, &relay, message(0))
        .await
        .is("raised", &[])
        .lacks("can be taught");
    room.as_says(BOB, "wording 1 release")
        .await
        .is("blocked", &[])
        .has("vendor = true");
    brings(&mut room, ALICE, ("watched channel 43", message(1).1))
        .await
        .is("raised", &[]);
    // Anyone who hands in is known by their name.
    brings(&mut room, ALICE, message(2)).await.is("raised", &[]);
    for (who, outcome) in [(BOB, "needs_approval"), (CAROL, "done")] {
        room.as_says(who, "wording 3 release")
            .await
            .is(outcome, &[]);
    }
    brings(&mut room, ALICE, message(3))
        .await
        .is("suppressed", RULE);
    brings_as(&mut room, &relay, message(4))
        .await
        .is("raised", &[]);
}

/// At the console, where nobody else is, one person says why.
#[tokio::test]
async fn who_is_alone_gives_a_reason() {
    let mut room = Room::open().await;
    room.advance("54d");
    room.add_platinum("--action downgrade").await;
    let said = format!("notice {}", ALL[0].fill(TEXT));
    room.says("alice", &said)
        .await
        .is("raised", &[])
        .has("you say `wording 1 release --alone --reason TEXT`")
        .lacks("two approvers");
    room.says("alice", "wording 1")
        .await
        .has("you say `wording 1 release --alone --reason TEXT`");
    let heard = room.says("alice", "wording 1 release").await;
    heard.is("blocked", &[]).has("--alone --reason TEXT");
    room.says("alice", "wording 1 release --alone")
        .await
        .is("invalid", &[]);
    room.says("alice", "wording 1 release --reason mine")
        .await
        .is("invalid", &[]);
    let heard = room
        .says(
            "alice",
            "wording 1 release --alone --reason nobody else is here",
        )
        .await;
    heard.is("done", &[]).has("suppressed: notice 1");
    room.says("alice", "wordings")
        .await
        .has("alone: “nobody else is here”");
    room.says("alice", "audit")
        .await
        .has("wording 1 of notice 1: taught");
}

/// Texts that no wording of the configuration takes.
const UNKNOWN: &[&str] = &[
    "RocketMQ news: instance ID (orders) goes for good on 2026-03-08.",
    "Notice\n\nInstance | ID\nName | orders\nLeaves us | 8 March 2026\n\nKind regards\nthe vendor",
    "【示例云】实例 ID（orders）在 12 天后（2026年3月8日）停止并清退。",
    r#"{"event":"leaving","instanceId":"ID","accountId":"1080056302921134","at":"2026-03-08 00:00:00"}"#,
];

/// What a text is understood to say once another is taught.
fn understood_once_taught(taught: &str, text: &str) -> Option<Understood> {
    let wordings = wordings();
    let lexicon = Lexicon {
        wordings: &wordings,
        taught: &[],
        zone: chrono_tz::Asia::Shanghai,
    };
    let instance = instance("orders");
    let now = instant("2026-02-24T01:00:00Z");
    let lesson = Lesson {
        kind: WordingKind::Release,
        first: None,
    };
    let message = Message::plain(taught);
    let learnt = lesson.learn(&message, &lexicon, &lexicon.whom(&instance, None, now));
    let taught = learnt.unwrap().0.taught(1, WordingKind::Release).unwrap();
    let lexicon = Lexicon {
        taught: &taught,
        ..lexicon
    };
    let whom = lexicon.whom(&instance, None, now);
    lexicon.understand(&Message::plain(text), &whom)
}

#[test]
fn what_is_taught_is_understood() {
    for text in UNKNOWN {
        let text = release_of(text);
        let understood = understood_once_taught(&text, &text).unwrap();
        assert_eq!(
            (understood.kind.as_str(), understood.vetoes.len()),
            ("release", 0),
            "{text}"
        );
    }
}

/// A weekday beside a date is a part of it where it is its own, and so are the vendor's zone by its name and midnight: the wording is
/// understood on other days. Another weekday is none.
#[rstest]
#[case(
    "ID leaves on Sunday, March 8, 2026.",
    "ID leaves on Monday, March 9, 2026.",
    true
)]
#[case(
    "ID leaves on Sunday, March 8, 2026.",
    "ID leaves on March 9, 2026.",
    true
)]
#[case(
    "ID leaves on Sunday, March 8, 2026.",
    "ID leaves on Sunday, March 9, 2026.",
    false
)]
#[case(
    "ID leaves on March 8, 2026.",
    "ID leaves on Sunday, March 9, 2026.",
    false
)]
#[case(
    "ID leaves on March 8, 2026.",
    "ID leaves on Sunday, ask, March 8, 2026.",
    false
)]
#[case(
    "Sun, 08 Mar 2026 00:00:00 +0800: ID leaves",
    "Tue, 10 Mar 2026 00:00:00 +0800: ID leaves",
    true
)]
#[case(
    "ID于2026年3月8日（星期日）离开",
    "ID于2026年3月9日（星期一）离开",
    true
)]
#[case(
    "ID于2026年3月8日（星期日）离开",
    "ID于2026年3月9日（星期日）离开",
    false
)]
#[case(
    "ID于北京时间2026年3月8日0点离开",
    "ID于北京时间2026年3月9日0点离开",
    true
)]
#[case(
    "ID于北京时间2026年3月8日0点离开",
    "ID于北京时间2026年3月9日9点离开",
    false
)]
#[case("ID于2026年3月8日离开", "ID于东京时间2026年3月8日离开", false)]
fn a_weekday_is_a_part_of_its_date(#[case] taught: &str, #[case] text: &str, #[case] fits: bool) {
    let whole = |text: &str| format!("News: {}", text.replace("ID", ORDERS));
    let understood = understood_once_taught(&whole(taught), &whole(text));
    assert_eq!(understood.is_some(), fits, "{understood:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// A taught wording takes nothing more than a shipped one does: with the same ids, names and dates it is the same text.
    #[test]
    fn nothing_can_be_put_into_what_was_taught(
        text in select(UNKNOWN),
        insertion in insertion(),
        place in any::<Index>(),
    ) {
        let text = release_of(text);
        let chars: Vec<char> = text.chars().collect();
        let (before, after) = chars.split_at(place.index(chars.len() + 1));
        let before: String = before.iter().collect();
        let after: String = after.iter().collect();
        let altered = format!("{before}{insertion}{after}");
        if let Some(found) = understood_once_taught(&text, &altered) {
            // Another date is judged by its window like every other.
            let same = understood_once_taught(&text, &text).map(|it| it.slots.values().clone());
            let dated = same.as_ref() != Some(found.slots.values());
            prop_assert!(dated || is_itself_understood(&text, &altered), "{altered:?}\n{found:?}");
        }
    }
}

/// What stands above and below every notice of a vendor's, and says nothing of this one.
const LETTERHEAD: &[&str] = &[
    "© 2009-2026 Example Cloud. All rights reserved.",
    "Copyright (c) 2026 Example Cloud",
    "2011 – 2026 Example Cloud Computing Ltd. All rights reserved",
    "Hotline: 95187",
    "95187 | Example Cloud",
    "Call us at 1-800-555-0100",
    "1-800-555-0100",
    "电话：0571-8502-2088，传真 +86 571 8502 2099",
    "致电95187咨询",
    "Support 24/7",
    "7×24小时在线",
    "All times are UTC+8",
    "浙B2-20080101",
    "浙公网安备 33010002000099号 浙ICP备12022327号-1",
    "969 West Wen Yi Road, Hangzhou 311121",
    "杭州市文一西路969号3号楼 邮编：311121",
    "Ref: 88123",
    "工单编号：A-20881",
    "Data is kept 7 days after expiry.",
    "到期后数据为您保留7天",
    "RocketMQ 4.x version",
    "RocketMQ 4.0 for existing customers",
    "消息队列RocketMQ 4.x版本",
    "您的实例已欠费停服",
    "The subscription is overdue.",
    "请耐心等待，服务等级协议见官网",
    "Its data will be permanently deleted.",
    "释放后数据将被删除且无法恢复",
    "Sent on 2026-02-24.",
    "发送时间：2026-02-24 07:30:00",
    "截至2026年2月24日，尚未续费。",
    "阿里云计算有限公司，2026年2月24日",
    "The Alibaba Cloud team, February 24, 2026",
    "© 2009-2026 Aliyun.com 版权所有，保留所有权利",
    "如有其他问题，请提交工单。",
    "如有其它疑问，请联系客服95187。",
    "If you have any other questions, submit a ticket.",
    "For further assistance, contact support.",
    "查看全部消息",
    "释放后，实例内所有数据将被清除。",
    "All its data will be permanently deleted.",
    "版本：铂金版",
    "版本类型：企业铂金版",
    "Alibaba Cloud (Singapore) Private Limited, 51 Bras Basah Road, #03-06 Lazada One, Singapore 189554",
];

/// Each can be taught once, and is understood of another instance then; what is altered in it is not.
#[tokio::test]
async fn ordinary_letterhead_can_be_taught() {
    let mut room = room().await;
    for (at, line) in LETTERHEAD.iter().enumerate() {
        let text = format!(
            "Case {}: instance MQID (NAME) goes to release on REL.\n\n{line}",
            "v".repeat(at + 1)
        );
        let said = |whom: usize| format!("notice {}", ALL[whom].fill(&text));
        let heard = room.as_says(ALICE, &said(0)).await;
        heard.is("raised", &[]).has("Its wording can be taught");
        let teach = format!("wording {} release", number(&heard));
        room.as_says(BOB, &teach).await.is("needs_approval", &[]);
        room.as_says(CAROL, &teach).await.is("done", &[]);
        room.as_says(ALICE, &said(1)).await.is("suppressed", RULE);
        let altered = format!("{} 2", said(2));
        room.as_says(ALICE, &altered).await.is("raised", &[]);
    }
}

/// What does not speak of a release is never suppressed as one, whatever two people say.
#[rstest]
#[case::maintenance("RocketMQ 版计划于 REL 升级，实例 MQID 期间可能闪断")]
#[case::arrears("您的账户未结清，请及时充值，否则实例 MQID 将于 REL 停止服务")]
#[case::suspension("Instance MQID runs out on REL. Renew it in time, or its service is suspended")]
#[tokio::test]
async fn a_text_without_a_word_of_a_release_is_taught_as_none(#[case] text: &str) {
    let mut room = room().await;
    let heard = room
        .as_says(ALICE, &format!("notice {}", ALL[0].fill(text)))
        .await;
    heard.is("raised", &[]).lacks("wording 1 release");
    for who in [BOB, CAROL] {
        let refused = room.as_says(who, "wording 1 release").await;
        refused
            .is("blocked", &[])
            .has("it says nothing of a release");
    }
    room.as_says(BOB, "wording 1 other")
        .await
        .is("needs_approval", &[]);
    room.as_says(CAROL, "wording 1 other").await.is("done", &[]);
}

/// A refusal names what it is for, and so does the notice itself.
#[tokio::test]
async fn what_forbids_is_named() {
    let mut room = room().await;
    let text = ALL[0].fill("notice Your instance MQID will be released on REL, and 2 more.");
    room.as_says(ALICE, &text)
        .await
        .is("raised", &[])
        .has("cannot be taught as a release notice: it may speak of more instances than the one it names (“and 2 more”) and holds a number that is no part of an id or a date (“and 2 more.”)");
}

/// Both ids of one instance name one instance.
#[tokio::test]
async fn both_ids_of_an_instance_name_one() {
    let mut room = room().await;
    let mut bring = Vec::new();
    for (at, end) in ["0pp1abc2d34", "0pp1abc2d99"].iter().enumerate() {
        let id = ALL[at].id;
        let line = format!("instance set {id} --commodity-id ons-cn-{end}");
        room.as_says(ALICE, &line).await.is("done", &[]);
        bring.push(ALL[at].fill(&format!(
            "notice The vendor lets MQID (ons-cn-{end}) go to release on REL"
        )));
    }
    room.as_says(ALICE, &bring[0])
        .await
        .is("raised", &[])
        .lacks("It names 2 ids")
        .has("{instance} ({commodity}) go");
    for who in [BOB, CAROL] {
        room.as_says(who, "wording 1 release").await;
    }
    room.as_says(ALICE, &bring[1]).await.is("suppressed", RULE);
    let mixed = bring[1].replace("d99", "d34");
    room.as_says(ALICE, &mixed)
        .await
        .is("raised", &[])
        .has("It names 2 ids");
}

/// Also a person whose notice was a duplicate has handed it in.
#[tokio::test]
async fn who_handed_in_the_same_does_not_teach_it() {
    let mut room = room().await;
    let said = format!("notice {}", ALL[0].fill(TEXT));
    room.as_says(ALICE, &said).await.is("raised", &[]);
    room.as_says("dan requester,approver", &said)
        .await
        .is("duplicate", &[]);
    room.as_says("dan approver", "wording 1 release")
        .await
        .is("blocked", &[])
        .has("you handed it in yourself");
    for who in [BOB, CAROL] {
        room.as_says(who, "wording 1 release").await;
    }
    room.as_says(ALICE, "wordings").await.has("holds");
}

/// A name that is a word like any other would stay one: another instance is to teach it.
#[tokio::test]
async fn a_common_name_teaches_nothing() {
    let mut room = room().await;
    room.as_says(ALICE, "instance set orders --name release")
        .await;
    let text = ALL[0].fill("notice The vendor lets MQID (release) go to its release on REL");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    room.as_says(BOB, "wording 1 release")
        .await
        .is("blocked", &[])
        .has("an instance that is called otherwise");
}
