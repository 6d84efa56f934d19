//! Decoding of bytes to text: in the declared encoding if they are valid in it, otherwise in the detected one.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

/// Labels without meaning: mailers use them as a default.
const SAYS_NOTHING: [&str; 9] = [
    "",
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "iso-8859-1",
    "latin1",
    "windows-1252",
    "unknown-8bit",
    "x-unknown",
];
/// Labels that `encoding_rs` knows by another name.
const ALSO: [(&str, &str); 7] = [
    ("cp936", "gbk"),
    ("ms936", "gbk"),
    ("gb2312-80", "gbk"),
    ("cn-gb", "gbk"),
    ("cp950", "big5"),
    ("cn-big5", "big5"),
    ("utf8mb4", "utf-8"),
];

pub(super) struct DecodedBytes {
    pub(super) text: String,
    /// Whether every byte was decoded.
    pub(super) whole: bool,
}

/// Decodes bytes; `declared` and `meta` are the encodings stated by the header and by the HTML.
pub(super) fn decode(bytes: &[u8], declared: Option<&str>, meta: Option<&str>) -> DecodedBytes {
    let declared = declared.map(label).unwrap_or_default();
    let text = marked(bytes)
        .or_else(|| without_mark(bytes))
        .or_else(|| seven_bit(bytes, &declared))
        .or_else(|| utf8(bytes, &declared))
        .or_else(|| nearly_utf8(bytes))
        .or_else(|| labelled(bytes, &declared))
        .or_else(|| labelled(bytes, &meta.map(label).unwrap_or_default()))
        .or_else(|| guessed(bytes));
    let whole = text
        .as_ref()
        .is_some_and(|text| !text.contains(['\u{fffd}', '\0']));
    // The letters of wide characters, read one byte at a time, have zeros between them.
    let text = text.unwrap_or_else(|| in_part(bytes)).replace('\0', "");
    DecodedBytes {
        whole,
        text: text.replace("\r\n", "\n").replace('\r', "\n"),
    }
}

/// Whether bytes have signs that no text has, in whatever encoding; only those of two bytes have some within a letter.
pub(super) fn has_controls(bytes: &[u8]) -> bool {
    let is_control = |byte: &u8| *byte < b' ' && !b"\t\n\r\x1b".contains(byte);
    bytes.iter().any(is_control) && marked(bytes).or_else(|| without_mark(bytes)).is_none()
}

fn label(given: &str) -> String {
    let label = given.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    let also = ALSO.iter().find(|(known, _)| *known == label);
    also.map_or(label, |(_, known)| (*known).to_owned())
}

fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    // Private-use characters mean that this is not the right encoding.
    let private = |c: char| matches!(c, '\u{e000}'..='\u{f8ff}');
    (!text.contains(private)).then(|| text.into_owned())
}

/// Decodes text with a byte order mark.
fn marked(bytes: &[u8]) -> Option<String> {
    let (encoding, mark) = Encoding::for_bom(bytes)?;
    let bytes = bytes.get(mark..)?;
    strict(encoding, bytes).or_else(|| strict(encoding, bytes.strip_suffix(b"\n")?))
}

/// UTF-16 without a byte order mark: every second byte of Latin letters and digits is zero.
fn without_mark(bytes: &[u8]) -> Option<String> {
    // The line end that stands behind a part of an e-mail is one byte.
    let is_odd = !bytes.len().is_multiple_of(2);
    let bytes = if is_odd {
        bytes.strip_suffix(b"\n")?
    } else {
        bytes
    };
    if bytes.len() < 4 {
        return None;
    }
    let zeros = |first: usize| {
        let every_other = bytes.iter().skip(first).step_by(2);
        every_other.filter(|byte| **byte == 0).count()
    };
    let (high, low) = (zeros(0), zeros(1));
    let enough = bytes.len() / 8;
    match (high > enough, low > enough) {
        (true, false) if low == 0 => strict(UTF_16BE, bytes),
        (false, true) if high == 0 => strict(UTF_16LE, bytes),
        _ => None,
    }
}

/// Encodings that use only ASCII bytes.
fn seven_bit(bytes: &[u8], declared: &str) -> Option<String> {
    if !bytes.is_ascii() {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let open = SAYS_NOTHING.contains(&declared) || declared == "utf-8";
    match declared {
        "utf-7" | "unicode-1-1-utf-7" | "x-unicode-2-0-utf-7" => return utf7(text),
        "hz-gb-2312" | "hz" => return hz(bytes),
        _ if text.contains("\u{1b}$") => return strict(ISO_2022_JP, bytes),
        _ => {}
    }
    let is_chinese = |text: &String| {
        let chinese = |c: char| matches!(c, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
        let ascii_or_chinese = text.chars().all(|c| c.is_ascii() || chinese(c));
        ascii_or_chinese && text.contains(chinese)
    };
    let in_disguise = || {
        let hz = text.contains("~{").then(|| hz(bytes)).flatten();
        let utf7 = || text.contains('+').then(|| utf7(text)).flatten();
        hz.filter(is_chinese).or_else(|| utf7().filter(is_chinese))
    };
    open.then(in_disguise)
        .flatten()
        .or_else(|| Some(text.to_owned()))
}

/// Valid UTF-8 is taken as UTF-8 whatever its label: except for a few letters, no other encoding looks like it.
fn utf8(bytes: &[u8], declared: &str) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let of_three = text.chars().any(|c| c.len_utf8() > 2);
    let other = || Encoding::for_label(declared.as_bytes()).filter(|other| !other.is_single_byte());
    if !of_three
        && let Some(other) = other()
        && let Some(text) = strict(other, bytes)
    {
        return Some(text);
    }
    Some(text.to_owned())
}

/// UTF-8 with a few bytes missing, as where a relay cuts a text within a character. Read in another encoding, such a byte takes
/// the letter behind it along.
fn nearly_utf8(bytes: &[u8]) -> Option<String> {
    const FEW: usize = 8;
    let text = String::from_utf8_lossy(bytes);
    let lost = text.matches(char::REPLACEMENT_CHARACTER).count();
    let read = text.chars().filter(|c| c.len_utf8() > 2).count() - lost;
    (lost > 0 && lost * FEW <= read).then(|| text.into_owned())
}

/// The readable part of bytes in no known encoding; ids stay whole.
fn in_part(bytes: &[u8]) -> String {
    const ID: &str = "MQ_INST_";
    let ids = bytes.windows(ID.len()).filter(|run| *run == ID.as_bytes());
    let text = GB18030.decode_without_bom_handling(bytes).0;
    if text.matches(ID).count() < ids.count() {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let guess = detected(bytes, None);
    let guess = Some(guess).filter(|guess| guess.is_single_byte());
    guess
        .and_then(|guess| strict(guess, bytes))
        .unwrap_or_else(|| text.into_owned())
}

fn labelled(bytes: &[u8], label: &str) -> Option<String> {
    if SAYS_NOTHING.contains(&label) {
        return None;
    }
    let encoding = Encoding::for_label(label.as_bytes()).filter(|found| *found != UTF_8)?;
    // GB18030 is a superset of GBK and GB2312, and of the characters found under those labels.
    let encoding = if encoding == encoding_rs::GBK {
        GB18030
    } else {
        encoding
    };
    strict(encoding, bytes)
}

/// The detected encoding; notices are Chinese or English.
fn guessed(bytes: &[u8]) -> Option<String> {
    let (guess, chinese) = (detected(bytes, None), detected(bytes, Some(b"cn")));
    let wide = |encoding: &&'static Encoding| !encoding.is_single_byte();
    let first = [guess, chinese].into_iter().find(wide);
    first
        .and_then(|encoding| strict(encoding, bytes))
        .or_else(|| strict(GB18030, bytes))
        .or_else(|| strict(BIG5, bytes))
        .or_else(|| strict(guess, bytes).filter(|_| is_mostly_ascii(bytes)))
}

fn detected(bytes: &[u8], domain: Option<&[u8]>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(domain, Utf8Detection::Deny)
}

/// Any byte is a letter in some single-byte encoding, so only text with few non-ASCII bytes is accepted.
fn is_mostly_ascii(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| !byte.is_ascii()).count() * 10 <= bytes.len()
}

/// Decodes UTF-7: `+` starts UTF-16 in base64, which ends at the first other character.
fn utf7(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((plain, behind)) = rest.split_once('+') {
        out.push_str(plain);
        let end = behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '/'));
        let (run, behind) = behind.split_at(end.unwrap_or(behind.len()));
        let after = behind.strip_prefix('-');
        match (run.is_empty(), after) {
            (true, Some(after)) => {
                out.push('+');
                rest = after;
                continue;
            }
            (true, None) => return None,
            (false, _) => out.push_str(&utf7_run(run)?),
        }
        rest = after.unwrap_or(behind);
    }
    out.push_str(rest);
    Some(out)
}

fn utf7_run(run: &str) -> Option<String> {
    let (mut bits, mut held, mut units) = (0_u32, 0, Vec::new());
    for byte in run.bytes() {
        bits = bits << 6 | u32::from(super::code::sextet(byte)?);
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push(u16::try_from(bits >> held & 0xffff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    (held < 6 && bits == 0).then(|| String::from_utf16(&units).ok())?
}

/// Decodes HZ: GB2312 without high bits, between `~{` and `~}`.
fn hz(bytes: &[u8]) -> Option<String> {
    let mut gb = Vec::new();
    let mut wide = false;
    let mut all = bytes.iter().copied();
    while let Some(byte) = all.next() {
        match (byte, wide) {
            (b'~', _) => match (all.next()?, wide) {
                (b'{', false) => wide = true,
                (b'}', true) => wide = false,
                (b'~', false) => gb.push(b'~'),
                (b'\n', false) => {}
                _ => return None,
            },
            (b'\n', true) => {
                wide = false;
                gb.push(b'\n');
            }
            (0x21..=0x7d, true) => {
                let second = all.next().filter(|byte| (0x21..=0x7e).contains(byte))?;
                gb.extend([byte | 0x80, second | 0x80]);
            }
            (_, true) => return None,
            (_, false) => gb.push(byte),
        }
    }
    strict(GB18030, &gb)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE: &str =
        "尊敬的用户：您的实例MQ_INST_2080056302921134_AbCdEf12即将释放，释放时间：2026-12-12。";
    const TRADITIONAL: &str = "您的實例MQ_INST_2080056302921134_AbCdEf12即將釋放";

    fn read(bytes: &[u8], declared: Option<&str>) -> String {
        let decoded = decode(bytes, declared, None);
        assert!(decoded.whole);
        decoded.text
    }

    #[test]
    fn a_wrong_label_or_none_makes_no_difference() {
        let gbk = encoding_rs::GBK.encode(NOTICE).0;
        let big5 = BIG5.encode(TRADITIONAL).0;
        for label in [
            None,
            Some("us-ascii"),
            Some("ISO-8859-1"),
            Some("utf-8"),
            Some("nobody-knows"),
            Some("gb2312"),
        ] {
            assert_eq!(read(&gbk, label), NOTICE, "{label:?}");
            assert_eq!(read(NOTICE.as_bytes(), label), NOTICE, "{label:?}");
        }
        for label in [None, Some("big5"), Some("cp950"), Some("us-ascii")] {
            assert_eq!(read(&big5, label), TRADITIONAL, "{label:?}");
        }
        for short in ["释放提醒", "实例到期", "联通", "【阿里云】"] {
            let gbk = encoding_rs::GBK.encode(short).0;
            assert_eq!(read(&gbk, Some("gbk")), short);
        }
        for short in ["释放提醒：您的实例", "【阿里云】实例释放"] {
            let gbk = encoding_rs::GBK.encode(short).0;
            assert_eq!(read(&gbk, None), short);
        }
    }

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        for big in [true, false] {
            for mark in [true, false] {
                let text = format!("{}{NOTICE}", if mark { "\u{feff}" } else { "" });
                let bytes: Vec<u8> = text
                    .encode_utf16()
                    .flat_map(|unit| {
                        if big {
                            unit.to_be_bytes()
                        } else {
                            unit.to_le_bytes()
                        }
                    })
                    .collect();
                assert_eq!(read(&bytes, None), NOTICE);
            }
        }
    }

    #[test]
    fn what_is_written_in_ascii_alone_is_read() {
        let hz = b"~{JM7E~} MQ_INST_2080056302921134_AbCdEf12 ~~ ok";
        let said = "释放 MQ_INST_2080056302921134_AbCdEf12 ~ ok";
        assert_eq!(read(hz, Some("hz-gb-2312")), said);
        assert_eq!(read(hz, None), said);
        let utf7 = b"+kcplPg- MQ_INST_2080056302921134_AbCdEf12";
        assert_eq!(
            &*read(utf7, Some("utf-7")),
            "释放 MQ_INST_2080056302921134_AbCdEf12"
        );
        assert_eq!(&*read(utf7, None), "释放 MQ_INST_2080056302921134_AbCdEf12");
        // Text that only resembles an encoding stays unchanged.
        for text in ["call +86-95187, 1+1-2", "a ~{ b", "c++ and +x-"] {
            assert_eq!(read(text.as_bytes(), None), text);
        }
    }

    /// A relay cuts a text after so many bytes, or one byte is lost on the way: what is whole of it is read.
    #[test]
    fn a_cut_within_a_character_costs_that_character_alone() {
        const ID: &str = "MQ_INST_2080056302921134_AbCdEf12";
        let whole = NOTICE.as_bytes();
        let end = whole.len() - "。".len();
        for label in [None, Some("utf-8"), Some("gbk"), Some("us-ascii")] {
            for cut in [end + 1, end + 2] {
                let decoded = decode(&whole[..cut], label, None);
                assert!(!decoded.whole && decoded.text.contains(ID), "{label:?}");
                assert!(decoded.text.contains("即将释放"), "{}", decoded.text);
            }
            // Its last byte is missing right before the id.
            let at = NOTICE.find(ID).unwrap();
            let lacking = [&whole[..at - 1], &whole[at..]].concat();
            let decoded = decode(&lacking, label, None);
            assert!(
                !decoded.whole && decoded.text.contains(ID),
                "{label:?}: {}",
                decoded.text
            );
        }
        let stray = [b"\xe5\xffx \xfe".as_slice(), b"\x81", ID.as_bytes()].concat();
        assert!(decode(&stray, None, None).text.contains(ID));
    }

    /// A part of an e-mail in wide characters ends with a line end of one byte; other wide characters are named in part.
    #[test]
    fn an_id_in_wide_characters_is_found() {
        let id = "MQ_INST_2080056302921134_AbCdEf12";
        let two = |text: &str| {
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>()
        };
        let four = |text: &str| {
            text.chars()
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect::<Vec<u8>>()
        };
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}{NOTICE}");
            assert_eq!(read(&[two(&text), b"\n".to_vec()].concat(), None), NOTICE);
            for label in [None, Some("utf-32le")] {
                let decoded = decode(&four(&text), label, None);
                assert!(
                    !decoded.whole && decoded.text.contains(id),
                    "{}",
                    decoded.text
                );
            }
        }
    }

    #[test]
    fn what_is_in_no_encoding_is_said() {
        let cut = encoding_rs::GBK.encode(NOTICE).0;
        assert!(!decode(&cut[..7], None, None).whole);
        assert!(!decode(b"MQ \xff\xff\xfe\xff", Some("utf-8"), None).whole);
    }
}
