//! Notices by mail, by paste and by webhook, of the kinds in real mailboxes: a suppressed one was understood whole, and any further
//! text raises it.

use std::fmt::Write as _;

use edition_warden::app::{Actor, Incoming};
use edition_warden::domain::notice::{Message, Part};
use edition_warden::inbox;
use encoding_rs::{BIG5, Encoding, GB18030, GBK};

use super::doubts::room;
use crate::harness::ORDERS;

/// Another instance, which nobody tracks.
const OTHER: &str = "MQ_INST_2080056302921134_AbCdEf12";
const PLAIN: &str = "Content-Type: text/plain; charset=utf-8";
const PAGE: &str = "Content-Type: text/html; charset=utf-8";

const FLOWED: &str = "Content-Type: text/plain; charset=utf-8; format=flowed";

/// A page in which this stands around the text.
fn linked(before: &str, behind: &str, text: &str) -> Vec<u8> {
    mail(PAGE, format!("<p>{before}{text}{behind}</p>"))
}

fn release() -> String {
    format!("Your instance {ORDERS} will be released on 2026-03-08.")
}

fn chinese() -> String {
    format!("尊敬的用户：您的实例{ORDERS}将于2026-03-08释放。")
}

fn traditional() -> String {
    format!("您的實例{ORDERS}將於2026-03-08釋放。")
}

/// An e-mail with these further header lines.
fn mail(header: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let begin = format!(
        "From: Cloud <cloud@vendor.example>\r\nTo: ops@team.example\r\nSubject: Release notice\r\n\
         Date: Mon, 23 Feb 2026 09:00:00 +0800\r\nMessage-ID: <m@vendor.example>\r\nMIME-Version: 1.0\r\n{header}\r\n\r\n"
    );
    [begin.as_bytes(), body.as_ref()].concat()
}

/// One with parts, each with its header.
fn parts(kind: &str, before: &str, parts: &[(&str, &str)], behind: &str) -> Vec<u8> {
    let mut body = format!("{before}\r\n");
    for (header, part) in parts {
        write!(body, "--edge\r\n{header}\r\n\r\n{part}\r\n").unwrap();
    }
    write!(body, "--edge--{behind}").unwrap();
    mail(
        &format!("Content-Type: multipart/{kind}; boundary=edge"),
        body,
    )
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize]);
            text.push(if place > chunk.len() { '=' } else { digit });
        }
        if text.len() % 78 == 76 {
            text.push_str("\r\n");
        }
    }
    text
}

fn packed(kind: &str, bytes: &[u8]) -> Vec<u8> {
    mail(
        &format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: base64"),
        base64(bytes),
    )
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What each comes to, one after the other in a workspace of its own; of several notices, the one to look at first.
async fn come_to(outcome: &str, all: Vec<(&str, Vec<u8>)>) {
    for (name, bytes) in all {
        let room = room().await;
        let incoming = Incoming::mails(inbox::read(&bytes), "mail");
        let reply = room
            .warden
            .take_notices(&Actor::local("mailbox"), &incoming)
            .await;
        assert_eq!(reply.outcome.as_str(), outcome, "{name}: {incoming:?}");
    }
}

#[tokio::test]
async fn what_is_whole_is_understood_however_it_is_packed() {
    let (text, zh, tw) = (release(), chinese(), traditional());
    let encoded = |encoding: &'static Encoding, text: &str| encoding.encode(text).0.into_owned();
    let whole = mail(PLAIN, &text);
    let source = String::from_utf8(whole.clone()).unwrap();
    let forward = format!(
        "---------- Forwarded message ---------\r\nFrom: A <a@b.example>\r\nDate: Mon, Feb 23, 2026 at 9:00 AM\r\nSubject: Fwd: Release notice\r\nTo: <o@b.example>\r\n\r\n{text}"
    );
    come_to("suppressed", vec![
        ("plain", whole.clone()),
        ("line feeds", source.replace("\r\n", "\n").into()),
        ("carriage returns", source.replace("\r\n", "\r").into()),
        ("utf-16", utf_16(&format!("\u{feff}{source}"))),
        ("utf-16 without a mark", utf_16(&source)),
        ("a mark of utf-8", format!("\u{feff}{source}").into()),
        ("a mailbox", format!("From cloud@vendor.example Mon Feb 23 09:00:00 2026\r\n{source}").into()),
        ("Apple Mail", format!("{}\n{source}<?xml version=\"1.0\"?><plist><dict/></plist>\n", source.len()).into()),
        ("indented", source.lines().map(|line| format!("    {line}\n")).collect::<String>().into()),
        ("quoted", source.lines().map(|line| format!("> {line}\n")).collect::<String>().into()),
        ("pasted without its header", format!("--a\nContent-Type: text/plain\n\n{text}\n--a--\n").into()),
        ("pasted with little of it", format!("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{}", base64(text.as_bytes())).into()),
        ("GB18030", mail("Content-Type: text/plain; charset=\"gb18030\"", encoded(GB18030, &zh))),
        ("GBK as ASCII", mail("Content-Type: text/plain; charset=us-ascii", encoded(GBK, &zh))),
        ("GBK as UTF-8", mail(PLAIN, encoded(GBK, &zh))),
        ("GBK as Latin 1", mail("Content-Type: text/plain; charset=ISO-8859-1", encoded(GBK, &zh))),
        ("GBK as nothing", mail("Content-Type: text/plain", encoded(GBK, &zh))),
        ("GBK without a header for it", mail("X-Mailer: old", encoded(GBK, &zh))),
        ("GBK in base64", packed("text/plain", &encoded(GBK, &zh))),
        ("GBK as the page says", mail("Content-Type: text/html", encoded(GBK, &format!("<meta charset=gbk><p>{zh}</p>")))),
        ("UTF-8 as GBK", mail("Content-Type: text/plain; charset=gbk", &zh)),
        ("Big5", mail("Content-Type: text/plain; charset=big5", encoded(BIG5, &tw))),
        ("Big5 as nothing", mail("Content-Type: text/plain", encoded(BIG5, &tw))),
        ("UTF-16 as it is", mail("Content-Type: text/plain; charset=utf-16le", utf_16(&zh))),
        ("UTF-16 in base64", packed("text/plain; charset=utf-16le", &utf_16(&zh))),
        ("packed, though it is not", mail("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", &text)),
        ("two forms", parts("alternative", "", &[(PLAIN, &text), (PAGE, &format!("<p>{text}</p>"))], "\r\n")),
        ("an empty form", parts("alternative", "", &[(PLAIN, ""), (PAGE, &format!("<p>{text}</p>"))], "")),
        ("words for old readers", parts("mixed", "This is a multi-part message in MIME format.", &[(PLAIN, &text)], "")),
        ("another boundary", mail("Content-Type: multipart/mixed; boundary=none", format!("--edge\r\n{PLAIN}\r\n\r\n{text}\r\n--edge--"))),
        ("a signature", parts("signed", "", &[(PLAIN, &text), ("Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64", "MIAG")], "")),
        ("letterhead", parts("related", "", &[(PAGE, &format!("<img src='cid:l' alt=''><p>{text}</p>")), ("Content-Type: image/png\r\nContent-ID: <l>\r\nContent-Transfer-Encoding: base64", "iVBORw0KGgo=")], "")),
        ("a message within", parts("mixed", "", &[(PLAIN, ""), ("Content-Type: message/rfc822", &source)], "")),
        ("forwarded", mail(PLAIN, &forward)),
        ("answered", mail(PLAIN, format!("On Mon, Feb 23, 2026 at 9:00 AM A <a@b.example> wrote:\r\n\r\n> {text}"))),
        ("forwarded as a page", mail(PAGE, format!("<div>-------- 原始邮件 --------</div><div>发件人: x</div><div>主题: 释放提醒</div><div>{zh}</div>"))),
        ("cells and breaks in the id", mail(PAGE, format!("<p>{}</p>", text.replace("INST_", "INST_<wbr>").replace("BXu", "<b>BXu</b>")))),
        ("DingTalk", format!(r#"{{"msgtype":"text","text":{{"content":"{zh}"}},"at":{{"isAtAll":true}}}}"#).into()),
        ("Feishu", format!(r#"{{"msg_type":"text","content":"{{\"text\":\"{zh}\"}}"}}"#).into()),
        ("WeCom", format!("<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{zh}]]></Content></xml>").into()),
        ("WeCom, in a colour", serde_json::json!({"msgtype": "markdown", "markdown": {"content": text.replace(ORDERS, &format!("<font color=\"warning\">{ORDERS}</font>"))}}).to_string().into()),
        ("Alertmanager", alert(&text, "", "", "")),
        ("Alertmanager, what is common is in each", alert(&text, "", r#","commonLabels":{"alertname":"Release notice"},"groupLabels":{}"#, "")),
        ("DingTalk, from a group with a name", format!(r#"{{"msgtype":"text","text":{{"content":"{zh}"}},"senderNick":"On Call","conversationTitle":"运维告警群","createAt":1700000000000}}"#).into()),
        ("flowed", mail(FLOWED, text.replace("will be ", "will \r\nbe "))),
        ("flowed within the id", mail(&format!("{FLOWED}; delsp=yes"), text.replace("BXu", "BXu \r\n"))),
        ("flowed, in Chinese", mail("Content-Type: text/plain; charset=utf-8; format=\"Flowed\"; DelSp=Yes", zh.replace("释放", "释 \r\n放"))),
        ("a link to the vendor", linked("<a href='https://notice.aliyun.com/a?b=c'>", "</a>", &text)),
        ("a link within the page", linked("<a name=top href='#top'></a>", "<a href=''></a>", &text)),
        ("a link of a card", said_too(&text, r#""messageUrl":"https://notice.aliyun.com/1""#)),
        ("Slack", format!(r#"{{"text":"{text}","blocks":[{{"type":"section","text":{{"type":"mrkdwn","text":"{text}"}}}}]}}"#).into()),
    ]).await;
}

/// What Alertmanager sends of one alert: with more labels, and with more around it.
fn alert(text: &str, labels: &str, around: &str, more: &str) -> Vec<u8> {
    format!(
        r#"{{"version":"4","receiver":"warden"{around},"alerts":[{{"status":"firing","labels":{{"alertname":"Release notice"{labels}}},"annotations":{{"description":"{text}"}}}}{more}]}}"#
    )
    .into()
}

/// What DingTalk sends, with one more field.
fn said_too(text: &str, field: &str) -> Vec<u8> {
    format!(r#"{{"msgtype":"text","text":{{"content":"{text}"}},{field}}}"#).into()
}

/// What cannot be read in full is raised with the ids that can: a cut character, an unknown packing, a second block.
#[test]
fn an_id_is_found_in_what_is_read_in_part() {
    let (zh, other) = (
        chinese(),
        format!("实例{OTHER}即将释放，到期后动作：删除资源"),
    );
    let cut = |text: &str| text.as_bytes()[..text.len() - 1].to_vec();
    // The first block ends in padding.
    let mut first = zh.clone();
    while first.len().is_multiple_of(3) {
        first.push(' ');
    }
    let in_blocks = format!(
        "{}\r\n{}",
        base64(first.as_bytes()),
        base64(other.as_bytes())
    );
    let how = |how: &str| format!("{PLAIN}\r\nContent-Transfer-Encoding: {how}");
    for (name, bytes, ids) in [
        ("cut", mail(PLAIN, cut(&format!("{zh}。"))), vec![ORDERS]),
        (
            "cut in base64",
            packed("text/plain; charset=utf-8", &cut(&format!("{zh}。"))),
            vec![ORDERS],
        ),
        (
            "cut, as GBK",
            mail(
                "Content-Type: text/plain; charset=gbk",
                cut(&format!("{zh}。")),
            ),
            vec![ORDERS],
        ),
        (
            "two blocks",
            mail(&how("base64"), &in_blocks),
            vec![ORDERS, OTHER],
        ),
        ("unknown packing", mail(&how("x-none"), &zh), vec![ORDERS]),
        (
            "base64 by another name",
            mail(&how("base-64"), base64(zh.as_bytes())),
            vec![ORDERS],
        ),
    ] {
        let letters = inbox::read(&bytes);
        let [letter] = letters.as_slice() else {
            panic!("{name}: {letters:?}");
        };
        let text = letter.message.text();
        for id in ids {
            assert!(text.contains(id), "{name}: {text}");
        }
        let whole = letter.message.unread.is_empty() && !text.contains('\u{fffd}');
        assert!(!whole, "{name}: {:?}", letter.message);
    }
}

#[tokio::test]
async fn what_stands_beside_it_raises() {
    let text = release();
    let other = format!("Your instance {OTHER} will be released on 2026-03-08.");
    let source = String::from_utf8(mail(PLAIN, &text)).unwrap();
    let second = String::from_utf8(mail(PLAIN, &other))
        .unwrap()
        .replace("<m@", "<n@");
    let page = |html: &str| mail(PAGE, format!("<p>{text}</p>{html}"));
    let with = |header: &str, part: &str| parts("mixed", "", &[(PLAIN, &text), (header, part)], "");
    let file = |kind: &str, name: &str| {
        with(
            &format!("Content-Type: {kind}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64"),
            "AAAA",
        )
    };
    come_to("raised", vec![
        ("Feishu, an answer", format!(r#"{{"schema":"2.0","header":{{"event_type":"im.message.receive_v1"}},"event":{{"message":{{"message_type":"text","parent_id":"om_1","content":"{{\"text\":\"{text}\"}}"}}}}}}"#).into()),
        ("before the parts", parts("mixed", "and two more", &[(PLAIN, &text)], "")),
        ("behind the parts", parts("mixed", "", &[(PLAIN, &text)], "\r\nand two more\r\n")),
        ("a part more", with(PLAIN, "and two more")),
        ("another form says another", parts("alternative", "", &[(PLAIN, &text), (PAGE, &format!("<p>{other}</p>"))], "")),
        ("a form for calendars", parts("alternative", "", &[(PLAIN, &text), ("Content-Type: text/calendar", "SUMMARY:another")], "")),
        ("no last boundary", mail("Content-Type: multipart/mixed; boundary=edge", format!("--edge\r\n{PLAIN}\r\n\r\n{text}\r\n"))),
        ("the base64 is cut off", mail("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", base64(text.as_bytes()).split_at(61).0)),
        ("a footer behind base64", mail("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", format!("{}\r\n_____\r\nmore below", base64(text.as_bytes())))),
        ("bytes in no encoding", mail(PLAIN, [text.as_bytes(), b"\xff\xfe\xff"].concat())),
        ("a list", file("text/csv", "list.csv")),
        ("a list called bytes", file("application/octet-stream", "list.txt")),
        ("a table", file("application/vnd.ms-excel", "list.xls")),
        ("a picture", file("image/png", "screen.png")),
        ("Outlook's attachments", file("application/ms-tnef", "winmail.dat")),
        ("encrypted", mail("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "AAAA")),
        ("elsewhere", with("Content-Type: message/external-body; access-type=URL", "x")),
        ("a part of it", mail("Content-Type: message/partial; number=1; total=2", &text)),
        ("in the text", mail(PLAIN, format!("{text}\r\n\r\nbegin 644 list.xls\r\n#0V%T\r\nend\r\n"))),
        ("taken out", mail(PLAIN, format!("{text}\r\n\r\nAn attachment was scrubbed..."))),
        ("a message within, of another", with("Content-Type: message/rfc822", &second)),
        ("a file of a message", with("Content-Type: application/octet-stream; name=n.eml", &second)),
        ("a second one", format!("{source}\r\n\r\n{second}").into()),
        ("a second one first", format!("{second}\r\n\r\n{source}").into()),
        ("a second one behind parts", [parts("mixed", "", &[(PLAIN, &text)], "\r\n"), second.clone().into()].concat()),
        ("a mailbox of two", format!("From a@b Mon Feb 23 09:00:00 2026\r\n{source}\r\n\r\nFrom a@b Mon Feb 23 09:00:00 2026\r\n{second}").into()),
        ("the subject", source.replace("Subject: Release notice", &format!("Subject: Release of {OTHER}")).into()),
        ("a second subject", mail(&format!("Subject: also {OTHER}\r\n{PLAIN}"), &text)),
        ("the header", mail(&format!("X-More: {OTHER}\r\n{PLAIN}"), &text)),
        ("what only looks like a header", format!("Subject: Release notice\nAlso: two more\n\n{text}").into()),
        ("before a pasted source", format!("two more, too:\n\n{source}").into()),
        ("before what is forwarded", mail(PLAIN, format!("two more, too\r\n\r\nFrom: a\r\nSubject: Release notice\r\n\r\n{text}"))),
        ("its addresses", mail(PLAIN, format!("From: a\r\nTo: {OTHER}\r\nSubject: Release notice\r\n\r\n{text}"))),
        ("a link", page(&format!("<a href='https://cloud.example/{OTHER}'> </a>"))),
        ("a link to another host", linked("<a href='https://evil.example/'>", "</a>", &text)),
        ("a link beside it", linked("", "<a href=http://evil.example/> </a>", &text)),
        ("a link in the clear", linked("<a href='http://www.aliyun.com/'>", "</a>", &text)),
        ("a link to a host that begins alike", linked("<a href='https://aliyun.com.evil.example/'>", "</a>", &text)),
        ("a link to a host with a name before it", linked("<a href='https://aliyun.com@evil.example/'>", "</a>", &text)),
        ("a link to a mailbox with words", linked("<a href='mailto:cloud@aliyun.com?subject=billing%20too'>", "</a>", &text)),
        ("a link that runs", linked("<a href='javascript:alert()'>", "</a>", &text)),
        ("a link to nowhere in particular", linked("<a href='/renew'>", "</a>", &text)),
        ("a link behind a picture", linked("", "<map><area href='https://evil.example/'></map>", &text)),
        ("where its links begin", linked("<base href='https://evil.example/'>", "", &text)),
        ("a form", linked("<form action='https://evil.example/'>", "</form>", &text)),
        ("a button of a form", linked("<button formaction='https://evil.example/'>", "</button>", &text)),
        ("a link that only Outlook shows", linked("", "<!--[if mso]><a href='https://evil.example/'> </a><![endif]-->", &text)),
        ("a link in a page that is pasted", format!("<p>{text}</p><a href='https://evil.example/'> </a>").into()),
        ("a link in one form", parts("alternative", "", &[(PLAIN, &text), (PAGE, &format!("<a href='https://evil.example/'>{text}</a>"))], "")),
        ("a link of a card to another host", said_too(&text, r#""messageUrl":"https://evil.example/1""#)),
        ("a button of a card", said_too(&text, r#""btns":[{"actionURL":"https://evil.example/1"}]"#)),
        ("a link for each system", said_too(&text, r#""card_link":{"pc_url":"https://evil.example/1"}"#)),
        ("wrapped within the id, and not flowed", mail(&format!("{PLAIN}; delsp=yes"), text.replace("BXu", "BXu \r\n"))),
        ("flowed within the id, and the blank is kept", mail(FLOWED, text.replace("BXu", "BXu \r\n"))),
        ("flowed into a longer id", mail(&format!("{FLOWED}; delsp=yes"), text.replace(ORDERS, &format!("{ORDERS} \r\nX")))),
        ("flowed into a longer date", mail(&format!("{FLOWED}; delsp=yes"), text.replace("03-08", "03-08 \r\n1"))),
        ("a soft hyphen", mail(PLAIN, text.replace("released", "re\u{ad}leased"))),
        ("a soft hyphen of a page", mail(PAGE, format!("<p>{}</p>", text.replace("released", "re&shy;leased")))),
        ("an alternative text", page(&format!("<img alt='{OTHER}' src=x>"))),
        ("a picture without one", page("<img src='https://cloud.example/list.png'>")),
        ("a comment", page(&format!("<!-- {OTHER} -->"))),
        ("a hidden line", page("<p style='display:none'>and two more</p>")),
        ("a title", mail(PAGE, format!("<title>Two more</title><p>{text}</p>"))),
        ("a style that writes", page("<style>p::after { content: ' and two more' }</style>")),
            ("a frame", page("<iframe src=x></iframe>")),
            ("a picture in several sizes", page("<picture><source srcset=x.png></picture>")),
        ("a row", page(&format!("<table><tr><td>{OTHER}<td>billing</table>"))),
        ("struck out", mail(PAGE, format!("<p>{}</p>", text.replace("released", "<del>released</del>")))),
        ("a field twice", format!(r#"{{"text":"{text}","text":"{other}"}}"#).into()),
        ("another field", format!(r#"{{"msgtype":"text","text":{{"content":"{text}","more":"{OTHER}"}}}}"#).into()),
        ("a picture in a chat", format!(r#"{{"msgtype":"link","link":{{"title":"Release notice","text":"{text}","picUrl":"https://x.example/a.png"}}}}"#).into()),
        ("what is called common and is not", alert(&text, "", &format!(r#","commonLabels":{{"instance":"{OTHER}"}}"#), "")),
        ("a summary of all", alert(&text, "", r#","commonAnnotations":{"summary":"and 2 more instances: search, billing"}"#, "")),
        ("what they are grouped by", alert(&text, r#","severity":"page""#, r#","groupLabels":{"severity":"info"}"#, "")),
        ("the address of the alerts", alert(&text, "", &format!(r#","externalURL":"https://am.example/{OTHER}""#), "")),
        ("alerts that are over", alert(&text, "", r#","status":"resolved""#, "")),
        ("a receiver that says something", alert(&text, "", r#","receiver":"and the other two instances too""#, "")),
        ("a template that says something", said_too(&text, r#""template":"this is about another instance and 2 more""#)),
        ("a setting that says something", said_too(&text, r#""config":{"wide":"two other instances go too"}"#)),
        ("a nickname that counts", said_too(&text, r#""senderNick":"and 2 more""#)),
        ("a title that tells of a loss", said_too(&text, r#""conversationTitle":"全部实例已删除""#)),
        ("a user that is an action", format!(r##"{{"text":"{text}","username":"Delete Resource","channel":"#ops"}}"##).into()),
        ("an end that is no moment", format!(r#"{{"alerts":[{{"annotations":{{"summary":"{text}"}},"endsAt":"billing and 3 more will be deleted tomorrow"}}]}}"#).into()),
        ("the name of an annotation", format!(r#"{{"alerts":[{{"annotations":{{"and 3 more instances":"{text}"}}}}]}}"#).into()),
        ("a type that says something", format!(r#"{{"text":"{text}","ts":"1.2","channel":"C1","blocks":[{{"type":"rich_text","elements":[{{"type":"rich_text_section","elements":[{{"type":"billing deleted","text":"{text}"}}]}}]}}]}}"#).into()),
        ("a title that counts", said_too(&text, r#""conversationTitle":"另有2个实例""#)),
        ("a mention that tells", said_too(&text, r#""mentions":[{"name":"the instances of search and billing"}]"#)),
        ("a link that is none", said_too(&text, r#""messageUrl":"see the two others in the list""#)),
        ("an id as the name of an empty field", said_too(&text, &format!(r#""{OTHER}":null"#))),
        ("an id as the name of an empty text", said_too(&text, &format!(r#""at":{{"{OTHER}":""}}"#))),
        ("an id as the name of an annotation", alert(&text, &format!(r#","{OTHER}":"""#), "", "")),
        ("struck out in a chat", format!(r#"{{"msg_type":"post","content":{{"post":{{"zh_cn":{{"content":[[{{"tag":"text","text":"{text}","style":["lineThrough"]}}]]}}}}}}}}"#).into()),
        ("an id as a tag", page(&format!("<{OTHER}>"))),
        ("words as a tag", mail(PAGE, format!("<p>{}</p>", text.replace("will be", "will <not> be")))),
        ("words within the end of a tag", mail(PAGE, format!("<p>{text}</p and two others>"))),
        ("a figure raised", mail(PAGE, format!("<p>{}</p>", text.replace("03-08", "03-0<sup>8</sup>")))),
        ("two bodies", format!("{{\"text\":\"{text}\"}}\n{{\"text\":\"{other}\"}}").into()),
        ("alerts that were left out", format!(r#"{{"version":"4","truncatedAlerts":2,"alerts":[{{"annotations":{{"summary":"{text}"}}}}]}}"#).into()),
    ]).await;
}

/// The names of what was not read are said to people.
#[test]
fn what_cannot_be_read_is_called_what_it_is() {
    for (begin, words) in [
        (&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], ".msg"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "Office"),
        (b"\x89PNG", "picture"),
    ] {
        let letters = inbox::read(begin);
        assert_eq!(letters.len(), 1);
        let said = letters[0].message.unread.join("; ");
        assert!(said.contains(words), "{said}");
    }
}

/// A packed file is named as one, whatever it calls itself, and nothing is read into its bytes.
#[test]
fn a_packed_file_is_named_whatever_it_calls_itself() {
    let files: [&[u8]; 5] = [
        b"PK\x03\x04\x14\0\0\0\x08\0\xc5\xe2",
        b"\x1f\x8b\x08\x00\x9c\xff\x01",
        b"BZh91AY&SY\xc2\x01\x87",
        b"\xfd7zXZ\0\0\x04",
        b"7z\xbc\xaf\x27\x1c\0\x04",
    ];
    for file in files {
        assert!(inbox::read(file)[0].message.unread[0].contains("packed file"));
        for kind in [
            "text/plain; name=a.txt",
            "message/rfc822",
            "application/octet-stream; name=a.eml",
        ] {
            let letters = inbox::read(&packed(kind, file));
            let message = &letters[0].message;
            let named = |what: &String| what.contains("packed file");
            assert!(message.unread.iter().any(named), "{kind}: {message:?}");
            assert!(!message.text().contains('\u{1}'), "{kind}: {message:?}");
        }
    }
}

/// What has an id in a file that is not read is told, in letters of one or two bytes.
#[test]
fn an_id_in_a_file_that_is_not_read_is_found() {
    let said = format!("Your instance {ORDERS} has been released.");
    let zh = format!("您的实例{ORDERS}已释放");
    let wide = utf_16(&zh);
    let around = |inner: &[u8]| [b"\x30\x80\x06\x00\xff", inner, b"\x00\x01\xff"].concat();
    let outlook = |inner: &[u8]| [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", inner, b"\0\0"].concat();
    for (input, text) in [
        (
            packed(
                "application/pkcs7-mime; name=smime.p7m",
                &around(said.as_bytes()),
            ),
            &said,
        ),
        (
            packed(
                "application/pkcs7-mime; name=smime.p7m",
                &around(base64(zh.as_bytes()).as_bytes()),
            ),
            &zh,
        ),
        (
            packed(
                "application/ms-tnef; name=winmail.dat",
                &around(said.as_bytes()),
            ),
            &said,
        ),
        (
            packed("application/msword; name=a.doc", &around(&wide)),
            &zh,
        ),
        (
            packed("application/zip; name=a.zip", &around(said.as_bytes())),
            &said,
        ),
        (
            mail(
                "Content-Type: text/plain; charset=utf-32le",
                zh.chars()
                    .flat_map(|c| u32::from(c).to_le_bytes())
                    .collect::<Vec<u8>>(),
            ),
            &ORDERS.to_owned(),
        ),
        (outlook(&wide), &zh),
        (outlook(&[b"\x01", wide.as_slice()].concat()), &zh),
    ] {
        let Message { units, unread, .. } = inbox::read(&input).remove(0).message;
        assert!(
            units.iter().any(|unit| unit.text.contains(text)),
            "{units:?}"
        );
        assert!(!unread.is_empty());
    }
}

#[test]
fn each_message_is_a_notice_with_the_id_it_brings() {
    let one = String::from_utf8(mail(PLAIN, release())).unwrap();
    let both = format!("{one}\r\n\r\n{}", one.replace("<m@", "<n@"));
    let ids: Vec<_> = inbox::read(both.as_bytes())
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(
        ids,
        [
            Some("m@vendor.example".to_owned()),
            Some("n@vendor.example".to_owned())
        ]
    );
}

fn units(bytes: &[u8]) -> Vec<(Part, String)> {
    let Message { units, .. } = inbox::read(bytes).remove(0).message;
    units
        .into_iter()
        .map(|unit| (unit.part, unit.text))
        .collect()
}

#[test]
fn each_unit_is_called_what_it_is() {
    let inner = String::from_utf8(mail(PLAIN, "inner"))
        .unwrap()
        .replace("Release notice", "Re: Inner");
    let given = parts(
        "mixed",
        "before",
        &[
            (
                "Content-Type: multipart/alternative; boundary=b",
                "--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two\r\n--b--",
            ),
            ("Content-Type: message/rfc822", &inner),
            ("Content-Type: text/csv; name=a.csv", "a,b"),
        ],
        "\r\nbehind",
    );
    let said = units(&given);
    let said: Vec<(Part, &str)> = said
        .iter()
        .map(|(part, text)| (*part, text.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Part::Subject, "Release notice"),
            (Part::Body, "before"),
            (Part::Body, "one"),
            (Part::Alternative, "two"),
            (Part::Subject, "Inner"),
            (Part::Forwarded, "inner"),
            (Part::Attachment, "a,b"),
            (Part::Body, "behind"),
        ]
    );
}

/// A body that is text has its ids, whatever type it has, and however it is packed.
/// Characters that base64 does not have are passed over, and nothing with them is wholly understood.
#[test]
fn foreign_characters_in_base64_hide_no_id() {
    let said = format!(
        "Your instance {ORDERS} has been released. {}",
        "Please look. ".repeat(8)
    );
    let packed = base64(said.as_bytes());
    let (one, two) = packed.split_at(60);
    let header = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64";
    for body in [
        format!("{one}!\r\n{two}"),
        format!("> {one}\r\n> {two}"),
        format!("{one} {two}"),
    ] {
        let Message { units, unread, .. } = inbox::read(&mail(header, &body)).remove(0).message;
        assert!(units[1].text.contains(ORDERS), "{units:?}");
        assert!(!unread.is_empty());
    }
}

#[test]
fn a_text_of_an_unknown_type_is_read_beside_being_named() {
    let said = format!("Your instance {ORDERS} has been released.\n");
    for kind in [
        "Content-Type: plain/text; charset=utf-8",
        "Content-Type: application/octet-stream",
        "Content-Type: application/text",
        "Content-Type: application/x-note\r\nContent-Transfer-Encoding: x-other",
    ] {
        let Message { units, unread, .. } = inbox::read(&mail(kind, &said)).remove(0).message;
        assert!(
            units.iter().any(|unit| unit.text.contains(ORDERS)),
            "{kind}"
        );
        assert_eq!(unread.len(), 1, "{kind}: {unread:?}");
    }
    let binary = mail("Content-Type: application/octet-stream", b"\x01\x02 a\x03b");
    assert_eq!(units(&binary).len(), 1);
    // Packed line by line, in pieces that cut characters and ids.
    let text = format!("您的实例{ORDERS}将于2026-12-12释放。Your instance {OTHER} too.");
    let pieces = text.as_bytes().chunks(25).map(base64);
    let lines = pieces
        .map(|piece| format!("{piece}\r\n"))
        .collect::<String>();
    let header = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64";
    let Message { units, unread, .. } = inbox::read(&mail(header, lines)).remove(0).message;
    assert_eq!(units[1].text, text);
    assert_eq!(unread, ["text behind the end of its content"]);
}

/// A whole mailbox is too much at once, and what is left out is said.
#[test]
fn so_many_are_taken_at_once() {
    let one = mail(PLAIN, "one\r\n\r\n");
    let letters = inbox::read(&one.repeat(60));
    assert_eq!(letters.len(), 50);
    let unread = &letters[49].message.unread;
    assert!(unread[0].contains("first 50"), "{unread:?}");
    assert!(letters[48].message.unread.is_empty());
}
