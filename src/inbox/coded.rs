//! Text within a text that is written in codes, as where a relay passes on the source of something: JSON's escapes, HTML's
//! references, encoded words, base64 and quoted-printable without a label, percent signs, tags. People see the codes, so nothing of
//! it is understood; what they stand for is read for its ids and words.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::code::{base64, escapes, quoted_printable};
use super::{IDS, charset, head, html};
use crate::domain::notice::{Message, Part};
use crate::domain::written::plain;

/// The remark for a decoded text.
pub(super) const IN_CODES: &str = "text written in codes (shown here as it reads)";
/// How often codes may be written in codes.
const DEEPEST: usize = 4;
/// The shortest text in base64, in characters: a name and a word.
const SHORTEST: usize = 20;

static ESCAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?P<units>(?:\\+u[0-9A-Fa-f]{4})+)|(?P<bytes>(?:\\+x[0-9A-Fa-f]{2})+)|\\+(?:u\{(?P<code>[0-9A-Fa-f]{1,6})\}|U(?P<long>[0-9A-Fa-f]{8}))|\\+(?P<sign>[/nrt\x22])").ok()
});
static REFERENCES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"&(?:amp;)*(?:#(?:[xX](?P<hex>[0-9A-Fa-f]{1,6})|(?P<number>[0-9]{1,7}))|(?P<name>[A-Za-z]{2,30}));").ok()
});
static PACKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s\x22'“”‘’:：,，;；()>\[])(?P<run>(?:[A-Za-z0-9+/_-]{40,}\s+)*[A-Za-z0-9+/_-]{4,}={0,2})").ok()
});
static PERCENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\S*%[0-9A-Fa-f]{2}\S*").ok());
static TAGS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"</?[A-Za-z][^<>]{0,200}>").ok());
/// Tags that only change how the text in them looks.
static JOINED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = html::JOINED.replace(' ', "|");
    Regex::new(&format!(r"(?i)(?:</?(?:{names})(?:\s[^<>]{{0,200}})?/?>)+")).ok()
});

/// Puts what codes stand for in their place.
pub(super) fn decode(message: &mut Message) {
    let mut any = false;
    for unit in &mut message.units {
        if unit.part != Part::Link
            && let Some(text) = decoded(&unit.text)
        {
            unit.text = match html::is_html(&text) {
                true => html::read(&text).text,
                false => text,
            };
            any = true;
        }
    }
    if any {
        message.unread.push(IN_CODES.to_owned());
    }
}

/// A text with what its codes stand for, where it has any.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut known = Cow::from(text);
    for _ in 0..DEEPEST {
        let Some(next) = once(&known) else { break };
        known = next.into();
    }
    match known {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    }
}

fn once(text: &str) -> Option<String> {
    let steps = [
        words,
        unescaped,
        dereferenced,
        unquoted,
        unpacked,
        unpercented,
        untagged,
    ];
    let mut known = Cow::from(text);
    for step in steps {
        if let Some(next) = step(&known).filter(|next| *next != known) {
            known = next.into();
        }
    }
    match known {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    }
}

/// Encoded words of mail headers.
fn words(text: &str) -> Option<String> {
    if !text.contains("=?") {
        return None;
    }
    let lines = text.split('\n').map(|line| match line.contains("=?") {
        true => head::text(line.as_bytes()),
        false => line.to_owned(),
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// JSON's and programs' escapes. Those of signs, such as `\n`, are also found in paths, so they count only where there are others.
fn unescaped(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let pattern = ESCAPES.as_ref()?;
    let is_code = |found: Captures<'_>| found.name("sign").is_none_or(|sign| sign.as_str() == "/");
    let is_json = text.contains("\":");
    if !is_json && !pattern.captures_iter(text).any(is_code) {
        return None;
    }
    let said = |found: &Captures<'_>| {
        let hex = |name| {
            let digits = found.name(name)?.as_str();
            char::from_u32(u32::from_str_radix(digits, 16).ok()?).map(String::from)
        };
        let bytes = |all: &str| {
            let mut bytes = Vec::new();
            escapes(all.replace("\\", "").as_bytes(), b'x', &mut bytes);
            match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
            }
        };
        let sign = || match found.name("sign").map(|sign| sign.as_str()) {
            Some("n" | "r") => Some("\n".to_owned()),
            Some("t") => Some(" ".to_owned()),
            sign => sign.map(str::to_owned),
        };
        let units = found.name("units").map(|all| utf_16(all.as_str()));
        units
            .or_else(|| found.name("bytes").map(|all| bytes(all.as_str())))
            .or_else(|| hex("code"))
            .or_else(|| hex("long"))
            .or_else(sign)
            .unwrap_or_default()
    };
    Some(pattern.replace_all(text, said).into_owned())
}

fn utf_16(escapes: &str) -> String {
    let digits = escapes.split('u').skip(1);
    let units = digits.filter_map(|four| u16::from_str_radix(four.trim_end_matches('\\'), 16).ok());
    String::from_utf16_lossy(&units.collect::<Vec<_>>())
}

/// HTML's references in what is no HTML: by number, and names of letters and of what nobody sees.
fn dereferenced(text: &str) -> Option<String> {
    if !text.contains('&') {
        return None;
    }
    let said = |found: &Captures<'_>| {
        if found.name("name").is_some() {
            return named(found.get(0).map_or("", |whole| whole.as_str()));
        }
        let code = match (found.name("hex"), found.name("number")) {
            (Some(hex), _) => u32::from_str_radix(hex.as_str(), 16).ok(),
            (None, number) => number.and_then(|number| number.as_str().parse().ok()),
        };
        code.and_then(char::from_u32).unwrap_or(' ').to_string()
    };
    Some(REFERENCES.as_ref()?.replace_all(text, said).into_owned())
}

/// The letter, or the sign without a width, that a reference by name stands for; else the reference itself.
fn named(reference: &str) -> String {
    // A page leaves out what stands at its ends and shows nothing.
    let read = html::read(&format!("|{}|", reference.replace("amp;", ""))).text;
    let read = read.trim_matches('|');
    let hides = |c: char| c.is_alphabetic() || plain(c.encode_utf8(&mut [0; 4])).is_empty();
    match read.chars().all(hides) {
        true => read.to_owned(),
        false => reference.to_owned(),
    }
}

/// Quoted-printable without a label.
fn unquoted(text: &str) -> Option<String> {
    let bytes = quoted_printable_alone(text.as_bytes())?;
    Some(charset::decode(&bytes, None, None).text)
}

/// Decodes a body that is quoted-printable without saying so: each equals sign begins an escape, and there are such as no plain
/// text has, or an id is whole only after decoding.
pub(super) fn quoted_printable_alone(body: &[u8]) -> Option<Vec<u8>> {
    if !body.is_ascii() || !body.contains(&b'=') {
        return None;
    }
    let is_escape = |at: &[u8]| match at {
        [b'\n', ..] | [] => true,
        [high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    };
    let mut signs = body.split(|byte| *byte == b'=').skip(1);
    let is_whole = signs.clone().all(is_escape);
    let is_clear = signs.any(|behind| behind.starts_with(b"3D") || behind.starts_with(b"\n"));
    let bytes = quoted_printable(body);
    let (raw, read) = (
        std::str::from_utf8(body).ok()?,
        charset::decode(&bytes, None, None),
    );
    let is_foreign = || read.whole && !read.text.is_ascii();
    let is_one = is_whole && (is_clear || is_foreign()) || has_more_ids(&read.text, raw);
    is_one.then_some(bytes)
}

/// Base64 without a label, of a text in Unicode, or of one with an id.
fn unpacked(text: &str) -> Option<String> {
    if !has_run(text) {
        return None;
    }
    let (mut out, mut end) = (String::new(), 0);
    for found in PACKED.as_ref()?.captures_iter(text) {
        let Some(run) = found.name("run").filter(|run| run.len() >= SHORTEST) else {
            continue;
        };
        let Some(said) = text_in_base64(run.as_str()) else {
            continue;
        };
        out.push_str(text.get(end..run.start())?);
        out.push_str(&said);
        end = run.end();
    }
    (end > 0).then(|| out + text.get(end..).unwrap_or_default())
}

/// Whether a text has as many of base64's digits in a row as the shortest text in it.
fn has_run(text: &str) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(byte);
    let padding = 2;
    let mut runs = text.as_bytes().split(|byte| !is_digit(byte));
    runs.any(|run| run.len() + padding >= SHORTEST)
}

fn text_in_base64(run: &str) -> Option<String> {
    let digits = run.split_whitespace().collect::<String>();
    let digits = digits.replace('-', "+").replace('_', "/");
    let bytes = base64(digits.as_bytes()).bytes;
    let decoded = charset::decode(&bytes, None, None);
    let shows = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    let is_unicode = std::str::from_utf8(&bytes).is_ok() || bytes.contains(&0);
    let is_prose = decoded.text.contains(char::is_whitespace)
        || !decoded.text.is_ascii()
        || unpacked(&decoded.text).is_some();
    let is_text = decoded.whole && decoded.text.chars().all(shows);
    let names = has_more_ids(&decoded.text, run);
    (is_text && (is_unicode && is_prose || names)).then_some(decoded.text)
}

/// Percent signs, where they hide an id, or words of a script without them.
fn unpercented(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let said = |found: &Captures<'_>| {
        let word = found.get(0).map_or("", |word| word.as_str());
        let mut bytes = Vec::new();
        escapes(word.as_bytes(), b'%', &mut bytes);
        let read = charset::decode(&bytes, None, None);
        let is_foreign = read.whole && !read.text.is_ascii() && word.is_ascii();
        let is_sentence = word.matches("%20").count() > 1;
        let is_link = word.contains("://");
        let is_one = has_more_ids(&read.text, word) || (is_foreign || is_sentence) && !is_link;
        match is_one {
            true => read.text,
            false => word.to_owned(),
        }
    };
    Some(PERCENT.as_ref()?.replace_all(text, said).into_owned())
}

/// Tags in what is no page, where they stand within an id or a word.
fn untagged(text: &str) -> Option<String> {
    if !text.contains('<') || html::is_html(text) {
        return None;
    }
    let bare = TAGS.as_ref()?.replace_all(text, "");
    if has_more_ids(&bare, text) {
        return Some(bare.into_owned());
    }
    let said = |found: &Captures<'_>| {
        let Some(tags) = found.get(0).filter(|tags| !cuts_a_word(text, tags.range())) else {
            return String::new();
        };
        tags.as_str().to_owned()
    };
    Some(JOINED.as_ref()?.replace_all(text, said).into_owned())
}

/// Whether tags stand within a word. Between Chinese ones, of which nobody sees where they end, it is only certain of a place for a
/// line break.
fn cuts_a_word(text: &str, tags: Range<usize>) -> bool {
    let before = text.get(..tags.start).unwrap_or_default();
    let behind = text.get(tags.end..).unwrap_or_default();
    let breaks = text
        .get(tags)
        .is_some_and(|tags| tags.to_lowercase().starts_with("<wbr"));
    let is_within = |c: char| match breaks {
        true => c.is_alphabetic(),
        false => c.is_lowercase() || c.is_uppercase(),
    };
    before.ends_with(is_within) && behind.starts_with(is_within)
}

/// Whether a text has ids that another one has not.
fn has_more_ids(text: &str, than: &str) -> bool {
    let Some(pattern) = IDS.as_ref() else {
        return true;
    };
    let known: BTreeSet<&str> = pattern.find_iter(than).map(|id| id.as_str()).collect();
    let mut ids = pattern.find_iter(text);
    ids.any(|id| !known.contains(id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::decoded;
    use rstest::rstest;

    const ID: &str = "MQ_INST_1080056302921134_BXuIbML7";

    #[rstest]
    #[case::of_json(
        r"\u0051: M\u0051_INST_1080056302921134_BXuIbML7",
        "Q: MQ_INST_1080056302921134_BXuIbML7"
    )]
    #[case::in_codes(r"M\\u0051 \\\u5df2", "MQ 已")]
    #[case::of_two_halves(r"\ud83d\ude00", "😀")]
    #[case::of_a_sign(r"2026\/12\/5", "2026/12/5")]
    #[case::with_lines(
        r#"{"a":"x\nons-cn-0pp1abc2d34\"}"#,
        "{\"a\":\"x\nons-cn-0pp1abc2d34\"}"
    )]
    #[case::of_programs(r"\xe5\xb7\xb2\u{51}\U00000051", "已QQ")]
    #[case::of_html("&#77;&#x51; &amp;#24050;", "MQ 已")]
    #[case::a_word_of_a_header("Subject: =?utf-8?B?5bey6YeK5pS+?=", "Subject: 已释放")]
    #[case::in_base64("see 5bey6YeK5pS+IGJpbGxpbmc= ok", "see 已释放 billing ok")]
    #[case::twice_in_base64("NWJleTZZZUs1cFMrSUdKcGJHeHBibWM9", "已释放 billing")]
    #[case::in_lines(
        "WW91ciBpbnN0YW5jZSBNUV9JTlNUXzEwODAwNTYzMDI5MjExMzRfQlh1SWJNTDcg\naGFzIGJlZW4gcmVsZWFzZWQu",
        "Your instance MQ_INST_1080056302921134_BXuIbML7 has been released."
    )]
    #[case::in_quoted_printable("=E5=B7=B2=E9=87=8A=E6=94=BE", "已释放")]
    #[case::cut(
        "MQ_INST_1080056302921134_BX=\nuIbML7 a=b",
        "MQ_INST_1080056302921134_BXuIbML7 a=b"
    )]
    #[case::of_a_link(
        "see %4DQ%5FINST_1080056302921134_BXuIbML7",
        "see MQ_INST_1080056302921134_BXuIbML7"
    )]
    #[case::of_words("%E5%B7%B2%E9%87%8A", "已释")]
    #[case::of_a_sentence("text=it%20is%20gone", "text=it is gone")]
    #[case::with_tags(
        "see MQ_INST_<b>1080056302921134</b>_BX<wbr>uIbML7",
        "see MQ_INST_1080056302921134_BXuIbML7"
    )]
    #[case::with_tags_in_words("re<wbr>l<b>ea</b>sed 已释<wbr/>放", "released 已释放")]
    #[case::of_letters(
        "re&shy;leased &amp;zwnj; lib&eacute;r&eacute;e",
        "re\u{ad}leased \u{200c} libérée"
    )]
    fn codes_are_read(#[case] text: &str, #[case] said: &str) {
        assert_eq!(
            decoded(text).as_deref().map(str::trim),
            Some(said),
            "{text}"
        );
    }

    #[test]
    fn what_only_looks_like_a_code_stays() {
        for text in [
            "Your instance will be released.",
            r"C:\new\table, and 1\2",
            "https://a.example/x?type=20&a=%E5%B7%B2",
            "https://a.example/a%20b%20c",
            "a <b>c</b> <https://a.example>",
            "100%25 of 5%",
            "a=b, a==b, --=--",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "internationalizationOfEverything",
            "AT&T &amp; co; R&#38D &lt; &nbsp; &unknown;",
            "been<br>released, a<b> c</b>, x<2>y, 实例<b>订单</b>将",
            ID,
        ] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
