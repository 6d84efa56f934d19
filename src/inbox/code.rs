//! Transfer encodings: base64, quoted-printable, uuencode. Nothing is dropped silently.

use std::sync::LazyLock;

use regex::Regex;

pub(super) struct Unpacked<'a> {
    pub(super) bytes: Vec<u8>,
    /// The plain text after the encoded text, such as a mailing list's footer.
    pub(super) rest: &'a [u8],
    /// Whether the encoded text was complete.
    pub(super) whole: bool,
}

/// The six bits of a base64 character.
pub(super) const fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Decodes lines of base64, up to the first line that is not base64.
pub(super) fn base64(body: &[u8]) -> Unpacked<'_> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    let mut rest = body;
    let mut ended = false;
    while !rest.is_empty() {
        let (line, behind) = line(rest);
        let line = line.trim_ascii();
        let digits = line.iter().take_while(|byte| **byte != b'=').count();
        let (digits, padding) = line.split_at(digits);
        let valid = padding.len() <= 2
            && padding.iter().all(|byte| *byte == b'=')
            && digits.iter().all(|byte| sextet(*byte).is_some());
        if !valid || ended && !line.is_empty() {
            break;
        }
        for six in digits.iter().filter_map(|byte| sextet(*byte)) {
            bits = bits << 6 | u32::from(six);
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held & 0xff).try_into().unwrap_or(0));
                bits &= (1 << held) - 1;
            }
        }
        ended |= !padding.is_empty();
        rest = behind;
    }
    Unpacked {
        bytes,
        rest,
        whole: held < 6 && bits == 0,
    }
}

/// Decodes base64 with foreign characters in it, which are passed over (RFC 2045, 6.8).
pub(super) fn loose_base64(body: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = body
        .iter()
        .copied()
        .filter(|byte| sextet(*byte).is_some())
        .collect();
    base64(&digits).bytes
}

/// Decodes quoted-printable; invalid escapes stay unchanged.
pub(super) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        let (text, behind) = line(rest);
        let is_last = behind.is_empty() && !rest.ends_with(b"\n");
        rest = behind;
        let text = text.trim_ascii_end();
        let (text, soft) = match text.strip_suffix(b"=") {
            Some(text) => (text, true),
            None => (text, is_last),
        };
        escapes(text, b'=', &mut bytes);
        if !soft {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// Decodes a text with two-digit hexadecimal escapes and appends it to the bytes.
pub(super) fn escapes(text: &[u8], mark: u8, bytes: &mut Vec<u8>) {
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let byte = match behind {
            [high, low, ..] if *first == mark => hex(*high, *low),
            _ => None,
        };
        bytes.push(byte.unwrap_or(*first));
        rest = match byte {
            Some(_) => behind.get(2..).unwrap_or_default(),
            None => behind,
        };
    }
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Placeholders of mailing lists and scanners for removed attachments.
static TAKEN_OUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)attachment\s+(?:\S+\s+)?(?:was|has\s+been|have\s+been)?\s*(?:scrubbed|stripped|removed|deleted|blocked)|^-{6,} next part -{6,}|附件(?:已|被|已被)(?:删除|移除|剥离|拦截)",
    )
    .ok()
});

/// Removes inline files (uuencode, yEnc) from a text, and returns their names and a mention of attachments removed in transit.
pub(super) fn cut_files(text: &str) -> (String, Vec<String>) {
    let (mut kept, mut names) = (Vec::new(), Vec::new());
    if TAKEN_OUT.as_ref().is_some_and(|out| out.is_match(text)) {
        names.push("an attachment that was taken out on the way".to_owned());
    }
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((name, end)) = begins_file(line.trim_end()) else {
            kept.push(line);
            continue;
        };
        names.push(format!("{name} (a file in the text, not read)"));
        for line in lines.by_ref() {
            if line.trim_end() == end || line.starts_with("=yend") {
                break;
            }
        }
    }
    (kept.join("\n"), names)
}

fn begins_file(line: &str) -> Option<(&str, &'static str)> {
    if line.starts_with("=ybegin ") {
        return Some((line.split_once("name=")?.1, "=yend"));
    }
    let (line, end) = match line.strip_prefix("begin-base64 ") {
        Some(line) => (line, "===="),
        None => (line.strip_prefix("begin ")?, "end"),
    };
    let (mode, name) = line.split_once(' ')?;
    let is_mode = matches!(mode.len(), 3 | 4) && mode.bytes().all(|c| matches!(c, b'0'..=b'7'));
    (is_mode && !name.is_empty()).then_some((name, end))
}

/// The first line without its line break, and the rest.
pub(super) fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            let (line, behind) = bytes.split_at(end);
            (line, behind.get(1..).unwrap_or_default())
        }
        None => (bytes, b""),
    }
}

/// The first byte of the container of an S/MIME signature.
const DER_SEQUENCE: u8 = 0x30;

/// Whether these bytes begin as a picture does that mail programs show. One in SVG is a text.
pub(super) fn is_picture(bytes: &[u8]) -> bool {
    /// Nothing is said in what is not longer than that.
    const SHORTEST: usize = 8;
    const BEGIN: [&[u8]; 9] = [
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF87a",
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"\0\0\x01\0",
        b"RIFF",
    ];
    let has_kind = |kind: &[u8]| bytes.get(4..).is_some_and(|rest| rest.starts_with(kind));
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let says = text.len() > SHORTEST && !text.contains('\0');
    !says && (BEGIN.iter().any(|begin| bytes.starts_with(begin)) || has_kind(b"ftyp"))
}

/// Whether an attachment with this ending is a signature alone: S/MIME, or OpenPGP in its armor without comments or text beside it.
pub(super) fn is_signature(bytes: &[u8], ending: &str) -> bool {
    if bytes.first() == Some(&DER_SEQUENCE) {
        return matches!(ending, "" | "p7s");
    }
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let inner = text
        .trim()
        .strip_prefix("-----BEGIN PGP SIGNATURE-----")
        .and_then(|text| text.strip_suffix("-----END PGP SIGNATURE-----"));
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let encoded = |line: &str| {
        let program = matches!(line, "Version: GnuPG v1" | "Version: GnuPG v2");
        program || line.chars().all(base64)
    };
    inner.is_some_and(|inner| inner.lines().map(str::trim).all(encoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_base64_is_not_lost() {
        let packed = base64(b"aGVsbG8=\n\n____\nops list\n");
        assert_eq!(packed.bytes, b"hello");
        assert_eq!(packed.rest, b"____\nops list\n");
        assert!(packed.whole);
        assert!(!base64(b"aGVsb").whole && base64(b"aGVs\nbG8\n").whole);
        assert_eq!(base64(b"no packing").rest, b"no packing");
    }

    #[test]
    fn quoted_printable_joins_lines_and_keeps_what_is_no_escape() {
        assert_eq!(
            quoted_printable(b"=E9=87=\n=8A 1=2 \nb=\n"),
            "释 1=2\nb".as_bytes()
        );
    }

    #[test]
    fn files_in_the_text_are_cut_out_and_named() {
        let (text, names) = cut_files("a\nbegin 644 list one.xls\n#0V%T\n`\nend\nb\nbegin here\n");
        assert_eq!(text, "a\nb\nbegin here");
        assert_eq!(names, ["list one.xls (a file in the text, not read)"]);
    }
}
