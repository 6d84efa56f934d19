//! Bodies of DingTalk, Feishu, WeCom, Slack and Alertmanager webhooks: known fields are interpreted, all others become text.

use std::borrow::Cow;

use super::contents::Contents;
use super::json::{Json, JsonFields, field, flat, gather as flatten, parse};
use super::names_id;
use crate::domain::notice::{Part, says_more_than_a_title};
use crate::domain::written::lists;

/// Fields with readable content, directly or nested.
const SAYS: &str = "text content markdown markdown_v2 description desc summary pretext value \
    elements fields attachments card post zh_cn zh_tw en_us ja_jp header link actionCard \
    action_card feedCard links news articles btns btn_json_list actions columns extra note \
    richText event message footer subtitle singleTitle single_title btntxt textcard accessory \
    author_name blocks";
/// Fields with sender, recipient, type and layout.
const STRUCTURE: &str = "msgtype msg_type message_type MsgType at atUsers atMobiles atUserIds \
    isAtAll mentioned_list mentioned_mobile_list safe agentid touser toparty totag \
    enable_id_trans enable_duplicate_check duplicate_check_interval robotCode conversationId \
    conversationType conversationTitle chatbotCorpId chatbotUserId msgId senderNick senderId \
    senderStaffId senderCorpId senderPlatform isAdmin isInAtList sessionWebhook \
    sessionWebhookExpiredTime createAt btnOrientation btn_orientation hideAvatar schema token \
    event_type create_time update_time event_id tenant_key app_id sender message_id \
    chat_id thread_id chat_type mentions user_agent timestamp sign uuid receive_id \
    config template tag is_short align text_align flex_mode weight width mode style type \
    block_id user_id user_name un_escape lines ts thread_ts channel channel_type team team_id \
    api_app_id user username icon_emoji client_msg_id mrkdwn mrkdwn_in color short verbatim \
    emoji event_context event_ts subtype";
/// Fields that name a message which this one answers, and which is not in the body.
const ANSWERED: &str = "root_id parent_id upper_message_id quote_message_id";
/// Those of the fields of structure that people see as a name beside the text.
const NAMES: &str = "conversationTitle senderNick user_name username";
const LINKS: &str = "messageUrl messageURL singleURL single_url actionURL action_url url href \
    card_link title_link author_link";
const PICTURES: &str = "picUrl picURL picurl image_key img_key image_url thumb_url icon_url \
    pictureDownloadCode";

/// Reads a body with a known structure.
pub(super) fn read(value: &Json) -> Option<Contents> {
    let Json::Object(fields) = value else {
        return None;
    };
    let has = |name| field(fields, name).is_some();
    let mut sink = Sink::default();
    if let Some(Json::Array(alerts)) = field(fields, "alerts") {
        sink.alertmanager(fields, alerts);
        let around = fields.iter().filter(|(name, _)| name != "alerts");
        let around = around.cloned().collect();
        sink.unseen(&Json::Object(around));
        let mut contents = sink.finish();
        contents.is_one_with_text_around();
        return Some(contents);
    } else if has("msgtype") || has("msg_type") {
        let kind = field(fields, "msgtype").or(field(fields, "msg_type"));
        sink.posted(fields, kind.and_then(Json::text).unwrap_or_default());
    } else if value
        .field("event")
        .is_some_and(|event| event.field("message").is_some())
    {
        sink.object(fields);
    } else if has("blocks") || has("attachments") || has("text") && (has("ts") || has("channel")) {
        sink.slack(fields);
    } else if let [(name, Json::Text(text))] = fields.as_slice()
        && name == "text"
    {
        sink.add_text(text);
    } else {
        return None;
    }
    sink.unseen(value);
    Some(sink.finish())
}

/// WeCom's XML callback.
pub(super) fn xml(text: &str) -> Option<Contents> {
    let mut rest = text
        .trim()
        .strip_prefix("<xml>")?
        .strip_suffix("</xml>")?
        .trim();
    let mut sink = Sink::default();
    let mut kind = String::new();
    while !rest.is_empty() {
        let (name, behind) = rest.strip_prefix('<')?.split_once('>')?;
        let (value, behind) = behind.split_once(&format!("</{name}>"))?;
        let inner = value.strip_prefix("<![CDATA[");
        let inner = inner.and_then(|value| value.strip_suffix("]]>"));
        let value = inner.unwrap_or(value);
        match name {
            "MsgType" => value.clone_into(&mut kind),
            "Content" => sink.add_text(value),
            "ToUserName" | "FromUserName" | "CreateTime" | "MsgId" | "AgentID"
                if !names_id(value) => {}
            _ => sink.add_text(&format!("{name}: {value}")),
        }
        rest = behind.trim_start();
    }
    if kind != "text" {
        sink.unread(&format!("a message of the kind {kind}"));
    }
    Some(sink.finish())
}

/// The most words in a name.
const NAME_WORDS: usize = 3;
/// The most non-ASCII letters in a name.
const NAME_LETTERS: usize = 12;

/// Whether the value of a name, id or setting looks like content: several words, or a number among words.
fn says_something(value: &Json) -> bool {
    match value {
        Json::Object(fields) => fields.iter().any(|(_, value)| says_something(value)),
        Json::Array(items) => items.iter().any(says_something),
        Json::Text(text) => {
            let words = text.split_whitespace().count();
            let beyond = text
                .chars()
                .filter(|c| !c.is_ascii() && c.is_alphabetic())
                .count();
            let counts = text.chars().any(char::is_numeric);
            words > NAME_WORDS || beyond > NAME_LETTERS || counts && (words > 1 || beyond > 0)
        }
        Json::Word(_) | Json::Null => false,
    }
}

/// The texts of a value, whatever they are called.
fn texts(value: &Json) -> Vec<&str> {
    match value {
        Json::Object(fields) => fields.iter().flat_map(|field| texts(&field.1)).collect(),
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::Text(text) => vec![text],
        Json::Word(_) | Json::Null => Vec::new(),
    }
}

/// Whether a value that is no text by its field tells of more instances, a loss, or deleting.
fn says_more(value: &Json) -> bool {
    texts(value).into_iter().any(says_more_than_a_title)
}

/// A text without the tags by which WeCom colours it, which hide nothing.
fn without_colours(text: &str) -> Cow<'_, str> {
    const BEGINS: [&str; 3] = ["info", "comment", "warning"];
    let begins = BEGINS.map(|colour| format!("<font color=\"{colour}\">"));
    let opened: usize = begins.iter().map(|tag| text.matches(tag).count()).sum();
    if opened == 0 || opened != text.matches("</font>").count() {
        return Cow::Borrowed(text);
    }
    let bare = begins
        .iter()
        .fold(text.replace("</font>", ""), |text, tag| {
            text.replace(tag, "")
        });
    Cow::Owned(bare)
}

/// Whether a value is a moment, as programs write it.
fn is_moment(value: &Json) -> bool {
    let text = value.text().unwrap_or_default();
    chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

#[derive(Default)]
struct Sink {
    contents: Contents,
    paragraph: String,
    pieces: Vec<String>,
    inline: bool,
}

impl Sink {
    fn finish(mut self) -> Contents {
        self.unit(Part::Body);
        self.contents
    }

    /// Ends a unit that contains the text since the last one.
    fn unit(&mut self, part: Part) {
        self.end_paragraph();
        let text = std::mem::take(&mut self.pieces).join("\n\n");
        self.contents.text(&text, part);
    }

    /// Adds where a link leads; Feishu gives one for each system.
    fn link(&mut self, value: &Json) {
        match value {
            Json::Object(fields) => fields.iter().for_each(|(_, value)| self.link(value)),
            Json::Array(items) => items.iter().for_each(|item| self.link(item)),
            Json::Text(target) => self.contents.link(target),
            Json::Word(_) | Json::Null => {}
        }
    }

    fn unread(&mut self, what: &str) {
        self.contents.unread(format!("{what} (not read)"));
    }

    fn add_text(&mut self, text: &str) {
        self.paragraph.push_str(&without_colours(text));
        if !self.inline {
            self.end_paragraph();
        }
    }

    fn end_paragraph(&mut self) {
        let said = std::mem::take(&mut self.paragraph);
        if !said.trim().is_empty() {
            self.pieces.push(said);
        }
    }

    /// Keeps what no field shows: ids in names of fields, and that a text is struck out.
    fn unseen(&mut self, value: &Json) {
        match value {
            Json::Object(fields) => {
                for (name, value) in fields {
                    if names_id(name) || says_more_than_a_title(&name.replace(['_', '-'], " ")) {
                        self.add_text(name);
                    }
                    let style = if name == "style" {
                        flat(value)
                    } else {
                        String::new()
                    };
                    if style.contains("lineThrough") || style.contains("strike") {
                        self.unread("a text that is struck out");
                    }
                    self.unseen(value);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.unseen(item)),
            Json::Text(_) | Json::Word(_) | Json::Null => {}
        }
    }

    /// DingTalk, WeCom and Feishu: a message type, and a field with its content.
    fn posted(&mut self, fields: &JsonFields, kind: &str) {
        let read = "text markdown markdown_v2 link actionCard action_card feedCard news \
            textcard richText post interactive";
        if !lists(read, kind) {
            self.unread(&format!("a message of the kind {kind}"));
        }
        self.object(fields);
    }

    fn object(&mut self, fields: &JsonFields) {
        for (name, value) in fields {
            self.field(name, value);
        }
    }

    fn field(&mut self, name: &str, value: &Json) {
        match value {
            Json::Null => {}
            value if name == "title" => {
                match value.text().or(value.field("content").and_then(Json::text)) {
                    Some(title) => self.contents.subject(title.trim()),
                    None => self.other(name, value),
                }
            }
            value if lists(SAYS, name) => self.value(name, value),
            value if name == "alt" || name == "alt_text" => self.value("text", value),
            value if lists(ANSWERED, name) => {
                if value.text().is_none_or(|text| !text.is_empty()) {
                    self.unread("the message that it answers");
                }
            }
            value if lists(STRUCTURE, name) || lists(LINKS, name) => {
                // A browser's user agent is not written by a person.
                let says = says_something(value) && name != "user_agent";
                let says = says || !lists(LINKS, name) && says_more(value);
                if says || names_id(&flat(value)) {
                    self.other(name, value);
                }
                if lists(NAMES, name) {
                    let names = texts(value).into_iter().map(str::to_owned);
                    self.contents.headers(names);
                }
                if lists(LINKS, name) {
                    self.link(value);
                }
            }
            value if lists(PICTURES, name) => {
                if value.text().is_none_or(|text| !text.is_empty()) {
                    self.unread("a picture");
                }
            }
            value => self.other(name, value),
        }
    }

    fn value(&mut self, name: &str, value: &Json) {
        match value {
            Json::Object(fields) => {
                // Slack splits a sentence into several text elements.
                let kind = value.field("type").and_then(Json::text).unwrap_or_default();
                let outer = self.inline;
                let sentences = "rich_text_section rich_text_quote rich_text_preformatted";
                self.inline |= lists(sentences, kind);
                self.object(fields);
                self.inline = outer;
                if !outer {
                    self.end_paragraph();
                }
            }
            Json::Array(items) => {
                for item in items {
                    let outer = self.inline;
                    // Feishu's paragraphs are lists of text elements; DingTalk's rich text is a single list.
                    self.inline |= matches!(item, Json::Array(_)) || name == "richText";
                    self.value(name, item);
                    self.inline = outer;
                    if !outer && name != "richText" {
                        self.end_paragraph();
                    }
                }
                if !self.inline {
                    self.end_paragraph();
                }
            }
            Json::Text(text) => match parse(text) {
                Some(inner) => self.value(name, &inner),
                None => self.add_text(text),
            },
            Json::Word(word) => self.add_text(word),
            Json::Null => {}
        }
    }

    /// Unknown fields become text.
    fn other(&mut self, name: &str, value: &Json) {
        let mut lines = Vec::new();
        let value = [(name.to_owned(), value.clone())];
        flatten(&Json::Object(value.into()), "", 8, &mut lines);
        self.end_paragraph();
        self.pieces.extend(lines);
    }

    /// Slack's `text` repeats the blocks for clients that do not show blocks.
    fn slack(&mut self, fields: &JsonFields) {
        let is_text = |name: &str| name == "text";
        let text = fields.iter().filter(|(name, _)| is_text(name));
        text.for_each(|(name, value)| self.field(name, value));
        self.unit(Part::Body);
        let blocks = fields.iter().filter(|(name, _)| name == "blocks");
        blocks.for_each(|(name, value)| self.field(name, value));
        if self.contents.units().any(|unit| unit.part != Part::Link) {
            self.contents.again(0);
            self.unit(Part::Alternative);
            self.contents.ends_form();
        } else {
            self.unit(Part::Body);
        }
        let rest = fields
            .iter()
            .filter(|(name, _)| !is_text(name) && name != "blocks");
        rest.for_each(|(name, value)| self.field(name, value));
    }

    /// Alertmanager: common fields are read as part of each alert; other fields become text.
    fn alertmanager(&mut self, fields: &JsonFields, alerts: &[Json]) {
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("alerts", _) => {}
                ("truncatedAlerts", Json::Word(number)) if number == "0" => {}
                ("truncatedAlerts", _) => self.unread("alerts that were left out"),
                ("status", Json::Text(text)) if text == "firing" => {}
                ("version" | "groupKey" | "receiver" | "externalURL", value)
                    if !names_id(&flat(value)) && !says_something(value) => {}
                ("groupLabels" | "commonLabels", Json::Object(common)) => {
                    self.unless_in_each(common, alerts, "labels");
                }
                ("commonAnnotations", Json::Object(common)) => {
                    self.unless_in_each(common, alerts, "annotations");
                }
                (name, value) => self.other(name, value),
            }
        }
        for alert in alerts {
            let Json::Object(fields) = alert else {
                self.other("alert", alert);
                continue;
            };
            // Each is a message of its own.
            self.unit(Part::Body);
            let outer = self.contents.begins_nested();
            fields
                .iter()
                .for_each(|(name, value)| self.alert(name, value));
            self.unseen(alert);
            self.unit(Part::Body);
            self.contents.ends_nested(outer);
        }
    }

    /// Reads common fields that are not in every alert.
    fn unless_in_each(&mut self, common: &JsonFields, alerts: &[Json], part: &str) {
        for (name, value) in common {
            let has = |alert: &Json| {
                let held = alert.field(part).and_then(|part| part.field(name));
                held.and_then(Json::text) == value.text()
            };
            if value.text().is_none() || !alerts.iter().all(has) {
                self.other(name, value);
            }
        }
    }

    fn alert(&mut self, name: &str, value: &Json) {
        match (name, value) {
            ("annotations", Json::Object(fields)) => {
                fields
                    .iter()
                    .for_each(|(_, value)| self.value("text", value));
            }
            ("labels", Json::Object(fields)) => {
                for (name, value) in fields {
                    match value.text() {
                        Some(text) if name == "alertname" => self.contents.subject(text.trim()),
                        _ => self.other(name, value),
                    }
                }
            }
            ("status", Json::Text(text)) if text == "firing" => {}
            ("startsAt" | "endsAt", value) if is_moment(value) => {}
            ("generatorURL" | "fingerprint", Json::Text(text))
                if !names_id(text) && !text.contains(char::is_whitespace) => {}
            (name, value) => self.other(name, value),
        }
    }
}
