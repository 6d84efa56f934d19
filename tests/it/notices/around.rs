//! The surroundings of a notice: headers of forwarded messages, header fields, introductions, pictures and files. Only exact
//! matches are skipped; everything else is text, and text that nobody understands raises.

use edition_warden::app::{Actor, Incoming};
use edition_warden::domain::notice::NoticeKind;
use edition_warden::inbox;

use super::doubts::room;
use crate::harness::{ORDERS, Room};

const SAID: &str = "Your instance ID will be released on 2026-03-08.";
const SAID_ZH: &str = "您的实例ID将于2026-03-08释放。";
const MAIL: &str = "From: Cloud <cloud@vendor.example>\nTo: ops@team.example\nSubject: Release notice\n\
    Date: Mon, 23 Feb 2026 09:00:00 +0800\nMessage-ID: <m@vendor.example>\nMIME-Version: 1.0\n";

async fn rooms() -> Room {
    let mut room = room().await;
    for (id, name) in [("BYdkf3Qa", "billing"), ("BZaaaaaa", "search")] {
        let line = format!(
            "instance add MQ_INST_1080056302921134_{id} --name {name} --region cn-hangzhou --edition standard"
        );
        room.as_says("alice requester", &line).await.is("done", &[]);
    }
    room
}

/// What each of these comes to in a workspace of its own: the outcome, and whether it says that something is gone.
async fn come_to(outcome: &str, gone: bool, all: &[String]) {
    let mut wrong = Vec::new();
    for text in all {
        let room = rooms().await;
        let text = text
            .replace("SAID_ZH", SAID_ZH)
            .replace("SAID", SAID)
            .replace("ID will", &format!("{ORDERS} will"))
            .replace("ID将", &format!("{ORDERS}将"));
        let incoming = Incoming::mails(inbox::read(text.as_bytes()), "mail");
        let reply = room
            .warden
            .take_notices(&Actor::local("mailbox"), &incoming)
            .await;
        let filed = match &reply.answer {
            edition_warden::answer::Answer::NoticeTaken(taken) => taken.filed.read.kind,
            other => panic!("{other:?}"),
        };
        if reply.outcome.as_str() != outcome || (filed == NoticeKind::Gone) != gone {
            wrong.push(format!("{} {filed:?}: {text}", reply.outcome.as_str()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n-----\n"));
}

fn owned(all: &[&str]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// As mail programs write it: nothing of it is text.
#[tokio::test]
async fn real_headers_are_passed_over() {
    let mut all = owned(&[
        "---------- Forwarded message ---------\nFrom: Alibaba Cloud <noreply@aliyun.com>\nDate: Tue, Feb 24, 2026 at 8:00\u{202f}AM\nSubject: Release notice\nTo: <ops@example.com>\nCc: <a@example.com>,\n <b@example.com>\n\nSAID",
        "From: Alibaba Cloud <noreply@aliyun.com>\nSent: Tuesday, February 24, 2026 8:00 AM\nTo: ops@example.com\nCc:\n\nSAID",
        "发件人：阿里云\n收件人：ops@example.com\n抄送：\n\nSAID_ZH",
        "-----原始邮件-----\n发件人: \"阿里云\" <noreply@aliyun.com>\n发送时间: 2026-02-24 08:00:00 (星期二)\n收件人: ops@example.com; \"甲\" <a@example.com>\n抄送: \n主题: 实例释放通知\n\nSAID_ZH",
        "Begin forwarded message:\n\nFrom: Alibaba Cloud\nSubject: Release notice\nDate: 24 February 2026 at 08:00:00 GMT+8\nTo: ops@example.com\n\nSAID",
        "----- Forwarded by Jane Doe/Example on 02/24/2026 10:00 AM -----\n\nFrom: Alibaba Cloud <noreply@aliyun.com>\nTo: ops@example.com\nDate: 02/24/2026 08:00 AM\n\nSAID",
        "On Tue, Feb 24, 2026 at 8:00 AM Alibaba Cloud <noreply@aliyun.com> wrote:\n\n> SAID",
        "On Tue, Feb 24, 2026 at 8:00 AM Alibaba Cloud\n<noreply@aliyun.com> wrote:\n> SAID",
        "在 2026年2月24日，上午8:00，阿里云 <noreply@aliyun.com> 写道：\n\n> SAID_ZH",
        "At 2026-02-24 08:00:00, \"Alibaba Cloud\" <noreply@aliyun.com> wrote:\n>SAID",
        "Am Di., 24. Feb. 2026 um 08:00 Uhr schrieb Alibaba Cloud <noreply@aliyun.com>:\n\n> SAID",
        "Le mar. 24 févr. 2026 à 08:00, Alibaba Cloud <noreply@aliyun.com> a écrit :\n\n> SAID",
        "El mar, 24 feb 2026 a las 8:00, Alibaba Cloud (<noreply@aliyun.com>) escribió:\n\n> SAID",
        "2026年2月24日(火) 8:00 Alibaba Cloud <noreply@aliyun.com>:\n\n> SAID",
        // In other languages, and in one line.
        "Von: Alibaba Cloud <noreply@aliyun.com>\nGesendet: Dienstag, 24. Februar 2026 08:00\nAn: ops@example.com\nBetreff: Release notice\n\nSAID",
        "---------- Forwarded message ---------\nVon: Alibaba Cloud <noreply@aliyun.com>\nDate: Di., 24. Feb. 2026 um 08:00 Uhr\nSubject: Release notice\nTo: <ops@example.com>\n\nSAID",
        "Anfang der weitergeleiteten Nachricht:\n\nVon: Alibaba Cloud <noreply@aliyun.com>\nBetreff: WG: Release notice\nDatum: 24. Februar 2026 um 08:00:00 MEZ\nAn: ops@example.com\n\nSAID",
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tRelease notice\nDatum: \tTue, 24 Feb 2026 08:00:00 +0800\nVon: \tAlibaba Cloud <noreply@aliyun.com>\nAn: \tops@example.com\n\nSAID",
        "De : Alibaba Cloud <noreply@aliyun.com>\nEnvoyé : mardi 24 février 2026 08:00\nÀ : ops@example.com\nObjet : Release notice\n\nSAID",
        "---------- Forwarded message ---------\nDe : Alibaba Cloud <noreply@aliyun.com>\nDate: mar. 24 févr. 2026 à 08:00\nSubject: Release notice\nTo: <ops@example.com>\n\nSAID",
        "Début du message réexpédié :\n\nDe: Alibaba Cloud <noreply@aliyun.com>\nObjet: Release notice\nDate: 24 février 2026 à 08:00:00 UTC+8\nÀ: ops@example.com\n\nSAID",
        "De: Alibaba Cloud <noreply@aliyun.com>\nEnviado el: martes, 24 de febrero de 2026 8:00\nPara: ops@example.com\nAsunto: RV: Release notice\n\nSAID",
        "---------- Forwarded message ---------\nDe: Alibaba Cloud <noreply@aliyun.com>\nDate: mar, 24 feb 2026 a las 8:00\nSubject: Release notice\nTo: <ops@example.com>\n\nSAID",
        "差出人: Alibaba Cloud <noreply@aliyun.com>\n送信日時: 2026年2月24日火曜日 8:00\n宛先: ops@example.com\n件名: Release notice\n\nSAID",
        "---------- Forwarded message ---------\nFrom: Alibaba Cloud <noreply@aliyun.com>\nDate: 2026年2月24日(火) 8:00\nSubject: Release notice\nTo: <ops@example.com>\n\nSAID",
        "転送されたメッセージ:\n\n差出人: Alibaba Cloud <noreply@aliyun.com>\n件名: Release notice\n日付: 2026年2月24日 8:00:00 JST\n宛先: ops@example.com\n\nSAID",
        "---------- 转发邮件 ----------\n发件人：阿里云 <noreply@aliyun.com>\n发送时间：2026年2月24日(星期二) 08:00\n收件人：ops@example.com\n主题：释放通知\n\nSAID_ZH",
        "보낸 사람: Alibaba Cloud <noreply@aliyun.com>\n보낸 날짜: 2026년 2월 24일 화요일 오전 8:00\n받는 사람: ops@example.com\n제목: Release notice\n\nSAID",
        "----- Forwarded Message -----From: Alibaba Cloud <noreply@aliyun.com>To: \"ops@example.com\" <ops@example.com>Sent: Tuesday, February 24, 2026 at 08:00:00 AM GMT+8Subject: Release notice\nSAID",
    ]);
    for field in [
        "Received: from a.example (a.example [192.0.2.1]) by b.example with ESMTPS id x; Tue, 24 Feb 2026 08:00:00 +0800",
        "X-Mailer: Microsoft Outlook Express 6.00",
        "List-Unsubscribe: <https://aliyun.com/u>",
        "X-Priority: 3 (Normal)",
    ] {
        all.push(format!("{MAIL}{field}\n\nSAID"));
    }
    for image in [
        "<img src='https://img.example/p.gif' width=1 height=1>",
        "<img src='https://img.example/logo.png' width=160 height=40 alt=''>",
        "<img src='data:image/png;base64,AAAA' alt=''>",
    ] {
        all.push(format!(
            "{MAIL}Content-Type: text/html\n\n{image}<p>SAID</p>"
        ));
    }
    come_to("suppressed", false, &all).await;
}

#[tokio::test]
async fn what_stands_in_the_header_of_a_forwarded_message_is_text() {
    let forwarded = owned(&[
        // An empty label takes nothing that stands below it.
        "发件人：阿里云\n收件人：ops@x.y\n抄送：\n\n您的另一个实例billing明天将被删除。\n\nSAID_ZH",
        "From: Alibaba Cloud <n@aliyun.com>\nTo: ops@example.com\nCc:\n\nBilling will be deleted tomorrow.\n\nSAID",
        "From: Alibaba Cloud <n@aliyun.com>\nTo:\n\nSearch and billing too.\n\nSAID",
        "From: Alibaba Cloud\nTo: ops\nSent:\nbilling goes as well\nSAID",
        "发件人：\n\n阿里云\n\n抄送：\n\n另一个实例也将被删除\n\nSAID_ZH",
        "发件人：\n\n阿里云\n\n抄送：\n\nbilling\n\nSAID_ZH",
        // A line with an address is no list of addresses.
        "From: Alibaba Cloud\nTo: ops@x.y\nbilling goes tomorrow as well, ask bob@x.y\n\nSAID",
        "From: Alibaba Cloud\nTo: ops@x.y,\n  billing, see bob@x.y\n\nSAID",
        "From: Alibaba Cloud\nTo: ops@x.y\n\"Search goes too\" <bob@x.y>\n\nSAID",
        // An indented line continues an address list or a subject only.
        "From: Alibaba Cloud\nDate: Tue, 24 Feb 2026 08:00:00 +0800\n   The other instance goes as well.\nSAID",
        "From: Alibaba Cloud\nTo: ops\n billing goes as well\nSAID",
        "From: Alibaba Cloud\nSubject: Release notice\n of billing\nTo: ops\n\nSAID",
        // The line before it says who forwarded it, and nothing else.
        "Forwarded by bob, billing will be deleted tomorrow too\nFrom: Alibaba Cloud\nTo: ops\n\nSAID",
        "---- Forwarded by bob and one more instance goes ----\nFrom: Alibaba Cloud\nTo: ops\n\nSAID",
        // A value is what its label says.
        "发件人：阿里云\n时间：立即\n\nSAID_ZH",
        "发件人：阿里云\n主题：释放通知\n日期：2小时内立即释放\n\nSAID_ZH",
        "From: Alibaba Cloud\nDate: immediately, within 2 hours\n\nSAID",
        "From: Alibaba Cloud\nDate: 2026-02-25\n\nSAID",
        "From: now on billing is in danger too, please look\nTo: everybody\n\nSAID",
        "From: Alibaba Cloud\nTo: everybody, also the owners of the other two\n\nSAID",
        "From: today\nTo: ops\n\nSAID",
        "Am Di., 24. Feb. 2026 um 08:00 Uhr schrieb billing <n@aliyun.com>:\n\n> SAID",
        "Am 24. Feb. 2026 wird auch billing gelöscht, schrieb Alibaba Cloud <n@aliyun.com>:\n\n> SAID",
        "2026年2月24日(火) 8:00 と billing も Alibaba Cloud <n@aliyun.com>:\n\n> SAID",
        "Also for billing, see <n@aliyun.com>:\n\n> SAID",
        // In other languages too, and in one line.
        "Von: billing wird auch gelöscht <n@aliyun.com>\nAn: ops@example.com\n\nSAID",
        "Von: Alibaba Cloud <n@aliyun.com>\nGesendet: Dienstag, 24. Februar 2026, mit billing\nAn: ops\n\nSAID",
        "Von: Alibaba Cloud <n@aliyun.com>\nGesendet: morgen 08:00\nAn: ops\n\nSAID",
        "De : Alibaba Cloud <n@aliyun.com>\nObjet : billing sera supprimé\n\nSAID",
        "De: Alibaba Cloud <n@aliyun.com>\nPara: ops@example.com, billing también\n\nSAID",
        "差出人: Alibaba Cloud\n送信日時: 明日 8:00\n宛先: ops@example.com\n\nSAID",
        "发件人：阿里云\n主题：释放通知 billing\n\nSAID_ZH",
        "----- and billing -----From: Alibaba Cloud <n@aliyun.com>To: ops <ops@example.com>Sent: Tuesday, February 24, 2026 at 08:00:00 AMSubject: Release notice\nSAID",
        "From: Alibaba Cloud <n@aliyun.com>To: ops <ops@example.com> and the owner of billingSent: Tuesday, February 24, 2026 at 08:00:00 AMSubject: Release notice\nSAID",
        "From: Alibaba Cloud <n@aliyun.com>To: ops <ops@example.com>Sent: Tuesday, February 24, 2026 at 08:00:00 AMSubject: Release notice SAID",
        // A tracked name, wherever it stands.
        "From: Alibaba Cloud\nTo: billing\n\nSAID",
        "From: \"search\" <n@aliyun.com>\nTo: ops\n\nSAID",
        // What stands in an introduction.
        "On 24 Feb billing was deleted too, alice wrote:\n> SAID",
        "On Sunday the other one will be deleted too, as alice wrote:\n\n> SAID",
        "On Nov 29 the vendor deletes more, see what support wrote:\n> SAID",
        "billing 2天后会被删除，阿里云写道：\n> SAID_ZH",
        "2026年2月24日 08:00 另一个也没了，阿里云写道：\n> SAID_ZH",
        "On Tue, Feb 24, 2026 at 8:00 AM billing <n@aliyun.com> wrote:\n\n> SAID",
    ]);
    let told_gone = |text: &&String| text.contains("was deleted too") || text.contains("没了");
    let plain: Vec<String> = forwarded
        .iter()
        .filter(|text| !told_gone(text))
        .cloned()
        .collect();
    come_to("raised", false, &plain).await;
    let mails = plain
        .iter()
        .map(|text| format!("{MAIL}Content-Type: text/plain; charset=utf-8\n\n{text}"));
    come_to("raised", false, &mails.collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn what_is_gone_is_heard_wherever_it_stands() {
    come_to(
        "raised",
        true,
        &owned(&[
            "发件人：阿里云\n收件人：ops@x.y\n抄送：\n\n更正：该实例已释放。\n\nSAID_ZH",
            "From: Alibaba Cloud\nDate: Tue, 24 Feb 2026\n  It has been released already.\nSAID",
            "Subject: Release notice\nStatus: Released\n\nSAID",
            "From: Alibaba Cloud\nStatus: deleted already\nPriority: high\n\nSAID",
            "On 24 Feb billing was deleted too, alice wrote:\n> SAID",
            "2026年2月24日 08:00 另一个也没了，阿里云写道：\n> SAID_ZH",
        ]),
    )
    .await;
}

#[tokio::test]
async fn a_field_that_is_not_what_it_is_called_is_text() {
    let mut all = Vec::new();
    for field in [
        "List-of-instances: orders, billing",
        "Date: in 2 hours, at 10:00",
        "Content-of-this-notice: 3 instances will be deleted",
        "X-Also: billing will be deleted tomorrow",
        "Organization: all instances of the Shanghai office",
        "Priority: your instance billing goes first",
        "Comments: another one as well",
        "Content-Description: one more instance",
        "X-Sender: \"Search\" <n@aliyun.com>",
        "Sender: billing",
    ] {
        all.push(format!("Subject: Release notice\n{field}\n\nSAID"));
        all.push(format!("{MAIL}{field}\n\nSAID"));
    }
    let part = |header: &str| {
        format!("{MAIL}Content-Type: multipart/mixed; boundary=b\n\n--b\n{header}\n\nSAID\n--b--\n")
    };
    all.push(part(
        "Content-Type: text/plain\nContent-Description: one more instance",
    ));
    all.push(part("Content-Type: text/plain\nSubject: also billing"));
    all.push(part("Content-Type: text/plain\nX-Note: see billing"));
    come_to("raised", false, &all).await;
}

#[tokio::test]
async fn a_picture_or_a_file_is_letterhead_or_unread() {
    let page = |html: &str| format!("{MAIL}Content-Type: text/html\n\n<p>SAID</p>{html}");
    let with = |html: &str, header: &str, body: &str| {
        format!(
            "{MAIL}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n{html}<p>SAID</p>\n--b\n{header}\n\n{body}\n--b--\n"
        )
    };
    let logo = "<img src='cid:logo' alt=''>";
    come_to("raised", false, &[
        page("<img src='https://img.example/list.png' width=600 height=400 alt=''>"),
        page("<img src='https://img.example/list.png' alt=''>"),
        page("<img src='https://img.example/list.png' width=160 alt=''>"),
        page("<img src='cid:list' width='100%' alt=''>"),
        page("<img src='data:image/png;base64,AAAA' width=600 height=400 alt=''>"),
        page("<img src='https://img.example/list.png' width=600 height=400 alt='Alibaba Cloud'>"),
        with(logo, "Content-Type: image/png\nContent-ID: <logo>\nContent-Disposition: attachment; filename=\"list of instances.png\"\nContent-Transfer-Encoding: base64", "iVBORw0KGgo="),
        with(logo, "Content-Type: image/png\nContent-ID: <other>\nContent-Transfer-Encoding: base64", "iVBORw0KGgo="),
        with("", "Content-Type: text/plain; name=\"billing will be deleted.txt\"", ""),
        with("", "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"the other one goes.txt\"", " "),
        with("", "Content-Type: application/json; name=list.json", ""),
        with(logo, "Content-Type: image/png\nContent-ID: <logo>", "MQ_INST_1080056302921134_BYdkf3Qa as well"),
        with(logo, "Content-Type: image/png\nContent-ID: <logo>", "A filter took list.png out"),
        with(logo, "Content-Type: image/png; name=billing.png\nContent-ID: <logo>\nContent-Transfer-Encoding: base64", "iVBORw0KGgo="),
    ])
    .await;
}

/// Two mails that differ in a file that is not read are two notices; the same file is the same.
#[tokio::test]
async fn what_is_not_read_is_told_apart_by_its_content() {
    let room = rooms().await;
    let mail = |id: &str, bytes: &str| {
        let text = format!(
            "{MAIL}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n{SAID}\n--b\nContent-Type: application/vnd.ms-excel; name=list.xlsx\nContent-Transfer-Encoding: base64\n\n{bytes}\n--b--\n"
        );
        text.replace("<m@", &format!("<{id}@"))
            .replace("ID will", &format!("{ORDERS} will"))
    };
    for (id, bytes, outcome) in [
        ("1", "AAAA", "raised"),
        ("2", "AAAA", "duplicate"),
        ("3", "BBBB", "raised"),
    ] {
        let incoming = Incoming::mails(inbox::read(mail(id, bytes).as_bytes()), "mail");
        let actor = Actor::local("mailbox");
        let reply = room.warden.take_notices(&actor, &incoming).await;
        assert_eq!(reply.outcome.as_str(), outcome, "{id}");
    }
}

/// A mail with this HTML as its body.
fn html(body: &str) -> String {
    format!("{MAIL}Content-Type: text/html; charset=utf-8\n\n<html>{body}</html>")
}

/// What a style or a drawing shows, and what is marked up for mail programs, is read, or named as not read.
#[tokio::test]
async fn what_is_shown_beside_the_text_of_a_page_raises() {
    let said = "<p>SAID</p>";
    let shown = [
        "<style>td:before{content:attr(data-label)}</style><table><tr><td data-label='This and 2 more: '>SAID</td></tr></table>",
        "<ul><li style='list-style-type:\"billing and \"'>SAID</li></ul>",
        "<style>:root{--x:\"and billing\"} p:after{content:var(--x)}</style><p>SAID</p>",
        "<style>@counter-style x{symbols:\"billing\";suffix:\" and \"}</style><p>SAID</p>",
        "<p>SAID</p><!--[if gte vml 1]><v:shape style=\"width:600pt;height:400pt\"><v:imagedata src=\"cid:image001.png\"/></v:shape><![endif]-->",
        "<p>SAID</p><v:textpath string=\"billing will be deleted\"/>",
        "<p>SAID</p><input type=\"image\" src=\"https://t.example/x.png\" width=600 height=400>",
        "<p style=\"background-image:image-set('https://t.example/x.png' 1x)\">SAID</p>",
        "<p>SAID</p><img width=1 height=1 style=\"width:600px;height:400px\" src=\"https://t.example/x.png\">",
        "<style>img{width:600px !important}</style><p>SAID</p><img width=1 height=1 src=\"https://t.example/x.png\">",
        "<script type=\"application/ld+json\">{\"@type\":\"EmailMessage\",\"description\":\"billing too\"}</script><p>SAID</p>",
        "<p style=\"unicode-bidi:bidi-override;direction:rtl\">SAID</p>",
    ];
    come_to("raised", false, &shown.map(html)).await;
    come_to("suppressed", false, &[html(said)]).await;
}

/// The name of a field is text where no mail program has such a field; so is a first line that only begins like a mailbox's.
#[tokio::test]
async fn what_begins_like_a_header_is_text() {
    let pasted = "From: Cloud <cloud@vendor.example>\nSubject: Release notice\n\nSAID";
    let all = [
        format!("MQ_INST_1080056302921134_BYdkf3Qa:\n{pasted}"),
        format!("Delete-Resource:\n{pasted}"),
        format!("and-2-more:\n{pasted}"),
        format!("MQ_INST_1080056302921134_BYdkf3Qa: release\n{pasted}"),
        format!("Also-deleted-billing-and: release\n{pasted}"),
        format!("From MQ_INST_1080056302921134_BYdkf3Qa too\n{pasted}"),
        format!(">From now on billing is gone\n{pasted}"),
        format!("Instances: 3\n{MAIL}\nSAID"),
        format!("Release-Date: 2026-12-01\n{MAIL}\nSAID"),
        format!("Deleted: yes\n{MAIL}\nSAID"),
    ];
    for text in &all {
        let room = rooms().await;
        let text = text.replace("SAID", &SAID.replace("ID", ORDERS));
        let incoming = Incoming::mails(inbox::read(text.as_bytes()), "mail");
        let reply = room
            .warden
            .take_notices(&Actor::local("mailbox"), &incoming)
            .await;
        assert_eq!(reply.outcome.as_str(), "raised", "{text}");
    }
    come_to(
        "suppressed",
        false,
        &[
            pasted.to_owned(),
            format!("{MAIL}Thread-Topic: Release notice\n\nSAID"),
        ],
    )
    .await;
}

/// Whom a chat shows beside the text may be another instance.
#[tokio::test]
async fn the_names_that_a_chat_shows_are_read_as_names() {
    let said = r#"{"msgtype":"text","text":{"content":"SAID"},"senderNick":"NAME"}"#;
    let mentioned = r#"{"msg_type":"post","content":{"post":{"zh_cn":{"title":"Release notice","content":[[{"tag":"text","text":"SAID"},{"tag":"at","user_id":"ou","user_name":"NAME"}]]}}}}"#;
    let titled = r#"{"msgtype":"text","text":{"content":"SAID"},"conversationTitle":"NAME"}"#;
    let all = [said, mentioned, titled];
    come_to(
        "raised",
        false,
        &all.map(|text| text.replace("NAME", "billing")),
    )
    .await;
    come_to(
        "suppressed",
        false,
        &all.map(|text| text.replace("NAME", "ops")),
    )
    .await;
}
