//! Header fields: which are only structure, and which are text for people.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use regex::Regex;

use super::{HeaderValue, kind};
use crate::domain::notice::{says_of_notices, speaks_of_a_loss};
use crate::domain::written::{lists, moment};
use crate::inbox::header_value::{LOST, addresses, is_date, is_moment, is_name};
use crate::inbox::names_id;

/// Fields with addresses.
const PEOPLE: &str = "from sender reply-to to cc bcc delivered-to envelope-to return-path errors-to \
    resent-from resent-sender resent-to resent-cc x-original-to x-forwarded-to x-forwarded-for \
    mail-followup-to disposition-notification-to x-beenthere x-sender x-envelope-from x-envelope-to \
    apparently-to bounces-to old-return-path";
/// Fields with a time.
const TIMES: &str = "date sent resent-date delivery-date";
/// Fields with ids in angle brackets, or one word.
const MESSAGE_IDS: &str = "message-id in-reply-to references resent-message-id content-id \
    x-attachment-id original-message-id content-location";
/// Fields with one of a few words, or a number.
const SETTINGS: &str = "precedence auto-submitted importance priority sensitivity status x-status \
    x-priority x-msmail-priority lines content-length content-transfer-encoding \
    x-auto-response-suppress x-mozilla-status x-mozilla-status2 x-ms-has-attach";
/// The words of those fields.
const SETTING_WORDS: &str = "bulk list junk normal high low urgent non-urgent highest lowest no none yes \
    auto-generated auto-replied auto-notified personal private company-confidential confidential \
    r ro o a rf all dr rn nrn oof autoreply 7bit 8bit binary base64 quoted-printable x-uuencode \
    us-ascii utf-8";
/// Fields with a media type or a disposition.
const KINDS: &str = "content-type content-disposition";
/// The parameters of those that say nothing to people. A file name is shown with the file.
const PARAMETERS: &str = "charset boundary name filename format delsp type protocol micalg method \
    smime-type start start-info size creation-date modification-date read-date x-mac-type \
    x-mac-creator x-unix-mode x-apple-part-url report-type reply-type component version number total \
    id access-type url expiration site directory mode hash-alg";
/// Fields that mail programs and servers write of the delivery, in free form.
const TRACE: &str = "received x-received received-spf authentication-results \
    authentication-results-original dkim-signature dkim-filter domainkey-signature \
    x-google-dkim-signature x-gm-message-state x-google-smtp-source x-mailer user-agent x-mimeole \
    x-originating-ip x-sender-ip feedback-id thread-index autocrypt accept-language acceptlanguage \
    content-language list-id list-help list-unsubscribe list-unsubscribe-post list-subscribe \
    list-post list-owner list-archive archived-at x-mailing-list x-virus-scanned x-virus-status \
    x-spam-status x-spam-score x-spam-level x-spam-flag x-spam-checker-version";
/// Fields of mail with a form of their own.
const NAMED: &str = "subject thread-topic mime-version content-description organization";
/// Fields that are written for people, in words.
const OF_PEOPLE: &str = "comments keywords summary";
/// Words in the name of a field that no mail program or server writes of the delivery.
const OF_INSTANCES: &str = "instance instances resource resources number count total release releasing delete expires \
    expiry more also affected deadline due note notes notice remark remarks warning";
/// Words in the value of a field that no mail program or server writes of the delivery.
const OF_THE_END: &str = "release releases releasing removal reclaim reclaimed ended ends ending stopped stops lost expire expires \
    expiring suspended frozen dropped shut deadline soon today tonight tomorrow immediately minutes hour hours days";
/// A time that is written of a delivery lies at most this long after the sending.
const DELIVERY: TimeDelta = TimeDelta::hours(12);
/// Dates with a year, within a text.
static DATES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}";
    Regex::new(&format!(
        r"(?i)\b20[0-9]{{2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|\b[0-9]{{1,2}}[ -]{month},?[ -]20[0-9]{{2}}|\b{month} [0-9]{{1,2}},? 20[0-9]{{2}}"
    ))
    .ok()
});
/// Names of mail programs for the signature of a message.
const SIGNATURES: [&str; 3] = [
    "s/mime cryptographic signature",
    "openpgp digital signature",
    "message signed with openpgp",
];
const TRACE_BEGIN: [&str; 9] = [
    "arc-",
    "x-ms-",
    "x-microsoft-",
    "x-forefront-",
    "x-exchange-",
    "x-qq-",
    "x-coremail-",
    "x-alimail-",
    "x-ses-",
];

/// A field: its name in lower case, and its value as it was sent.
#[derive(Debug)]
pub(super) struct HeaderField {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
}

impl HeaderField {
    /// Whether it is a field of mail as such, whose name says nothing else.
    pub(super) fn is_of_mail(&self) -> bool {
        let name = self.name.as_str();
        let known = [PEOPLE, TIMES, MESSAGE_IDS, SETTINGS, KINDS, TRACE, NAMED];
        known.iter().any(|known| lists(known, name))
            || TRACE_BEGIN.iter().any(|begin| name.starts_with(begin))
    }

    /// Whether the name of a field that is not known says something of instances.
    pub(super) fn is_named_for_people(&self) -> bool {
        let words = self.name.replace(['-', '_', '.', '/'], " ");
        let mut each = words.split_whitespace();
        names_id(&self.name)
            || speaks_of_a_loss(&words)
            || lists(OF_PEOPLE, &self.name)
            || each.any(|word| lists(OF_INSTANCES, word) || lists(LOST, word))
    }

    /// Whether it is a field of a delivered e-mail that no mail program shows and that says nothing of instances either: mail
    /// programs, lists and filters write what they like of a delivery, so their fields are not listed here. `sent`: when the
    /// e-mail was sent, if it says so.
    pub(super) fn is_hidden(&self, value: &str, sent: Option<DateTime<FixedOffset>>) -> bool {
        let lower = value.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-'));
        !self.is_named_for_people()
            && !names_id(value)
            && !words.any(|word| lists(OF_THE_END, word) || lists(LOST, word))
            && is_trace(value)
            && !looks_ahead(value, sent)
    }

    /// Whether its value is what its name says, and nothing that a person would have to read.
    pub(super) fn is_structure(&self, value: &str, by_mail: bool) -> bool {
        let name = self.name.as_str();
        if value.is_empty() {
            return self.is_of_mail();
        }
        if names_id(value) {
            return false;
        }
        if lists(PEOPLE, name) {
            addresses(value, true).is_some()
        } else if lists(TIMES, name) {
            is_moment(value)
        } else if lists(MESSAGE_IDS, name) {
            let is_id = |word: &str| word.starts_with('<') && word.ends_with('>');
            let mut words = value.split_whitespace();
            let is_bare = !value.contains(['<', '>']) && !says_of_notices(value);
            words.clone().count() == 1 && is_bare || words.all(is_id)
        } else if lists(SETTINGS, name) {
            is_setting(value)
        } else if lists(KINDS, name) {
            kind(&self.value).is_plain()
        } else if name == "mime-version" {
            let (version, comment) = value.split_once('(').unwrap_or((value, ""));
            is_setting(version) && is_trace(comment)
        } else if name == "content-description" {
            SIGNATURES.contains(&value.to_ascii_lowercase().as_str())
        } else if name == "organization" {
            is_name(value)
        } else if name == "thread-topic" {
            // Shown like a subject.
            false
        } else {
            // Pasted text may start with lines that only look like a header.
            by_mail && is_trace(value)
        }
    }
}

impl HeaderValue {
    /// Whether it is a media type or a disposition with known parameters.
    fn is_plain(&self) -> bool {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "/.+-_".contains(c);
        let known = |name: &str, value: &str| {
            lists(PARAMETERS, name) || name.chars().all(is_token) && is_no_prose(value)
        };
        let mut parameters = self.parameters.iter();
        self.value.chars().all(is_token)
            && self.value.split_whitespace().count() < 2
            && parameters.all(|(name, value)| known(name, value))
    }
}

/// Whether a value is a number or one of a few words, also both: `3 (Normal)`.
fn is_setting(value: &str) -> bool {
    let parts = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';');
    let lower = value.to_ascii_lowercase();
    let mut words = lower.split(parts).filter(|word| !word.is_empty());
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == '.');
    words.all(|word| is_number(word) || lists(SETTING_WORDS, word))
}

/// Whether what a server wrote of the delivery is no more than that.
fn is_trace(value: &str) -> bool {
    let words = value.split_whitespace();
    let words = words.filter(|word| !word.contains('@') && !word.contains("://"));
    let said = words.collect::<Vec<_>>().join(" ");
    // Filters name the lists in which they found a sender, and whether something is attached.
    let said = ["listed in", "including", "attachment"]
        .iter()
        .fold(said, |said, word| said.replace(word, ""));
    let beyond = said.chars().filter(|c| !c.is_ascii() && c.is_alphabetic());
    beyond.count() == 0 && !speaks_of_a_loss(&said)
}

/// Whether a value has a date that may be another one than that of the delivery.
fn looks_ahead(value: &str, sent: Option<DateTime<FixedOffset>>) -> bool {
    let last = sent.map(|sent| (sent + DELIVERY).date_naive());
    let is_ahead = |date: &str| {
        let date = moment(date).and_then(|date| date.get(..10)?.parse::<NaiveDate>().ok());
        date.zip(last).is_none_or(|(date, last)| date > last)
    };
    let Some(dates) = DATES.as_ref() else {
        return true;
    };
    let mut found = dates.find_iter(value).map(|date| date.as_str());
    is_date(value) && !dates.is_match(value) || found.any(is_ahead)
}

/// Whether a value is a word, a number or a code, and no sentence.
fn is_no_prose(value: &str) -> bool {
    let words = value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let plain = words.filter(|word| {
        let word = word.trim_matches(['.', ':', '!', '?', '(', ')', '"']);
        word.chars().count() > 1 && word.chars().all(char::is_alphabetic)
    });
    let beyond = value.chars().filter(|c| !c.is_ascii() && c.is_alphabetic());
    plain.count() < 2 && beyond.count() == 0 && !says_of_notices(value)
}
