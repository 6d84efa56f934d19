//! Decoding of a file's bytes to text, or a clear error about its format.

use std::borrow::Cow;

use super::error::ListingError;

const SAVE_SHEET: &str = "save the sheet as CSV UTF-8";
const UNPACK: &str = "unpack it first";

/// Magic bytes of files that are not text.
const FOREIGN: [(&[u8], &str, &str); 10] = [
    (b"PK\x03\x04", "a workbook or another archive", SAVE_SHEET),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old workbook (.xls)",
        SAVE_SHEET,
    ),
    (b"\x1f\x8b", "compressed (gzip)", UNPACK),
    (b"BZh", "compressed (bzip2)", UNPACK),
    (b"\xfd7zXZ", "compressed (xz)", UNPACK),
    (b"7z\xbc\xaf", "compressed (7z)", UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", UNPACK),
    (b"%PDF", "a PDF", SAVE_SHEET),
    (b"{\\rtf", "rich text (.rtf)", "save it as plain text"),
    (b"\x89PNG", "a picture", "hand in the listing itself"),
];

/// The text of a file without its byte order mark, and its encoding if that is not UTF-8.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) encoding: Option<&'static str>,
}

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, ListingError> {
    for (mark, what, way_out) in FOREIGN {
        if bytes.starts_with(mark) {
            return Err(ListingError::Foreign { what, way_out });
        }
    }
    let decoded = match bytes {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes)?,
        _ => Decoded {
            text: Cow::Borrowed(utf_8(bytes)?),
            encoding: None,
        },
    };
    if decoded.text.trim().is_empty() {
        return Err(ListingError::Empty);
    }
    Ok(decoded)
}

fn utf_8(bytes: &[u8]) -> Result<&str, ListingError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().take(64).any(|byte| *byte == 0) {
        return Err(ListingError::Encoding {
            found: "UTF-16 without its mark, or not text at all".to_owned(),
            way_out: save_as(bytes),
        });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        ListingError::Encoding {
            found: format!("not UTF-8 (at line {line})"),
            way_out: save_as(bytes),
        }
    })
}

/// UTF-16, as PowerShell and the "Unicode text" of spreadsheet programs have it.
fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Decoded<'static>, ListingError> {
    let broken = || ListingError::Encoding {
        found: "UTF-16 that is broken, or not text at all".to_owned(),
        way_out: "fetch or save it again",
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(broken());
    }
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    let text = String::from_utf16(&units).map_err(|_| broken())?;
    if text.contains('\0') {
        return Err(broken());
    }
    Ok(Decoded {
        text: Cow::Owned(text),
        encoding: Some("UTF-16"),
    })
}

fn save_as(bytes: &[u8]) -> &'static str {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'{' | b'[')) {
        "write the JSON again as UTF-8 (in PowerShell: `| Out-File -Encoding utf8`)"
    } else {
        "save it again as UTF-8 (in a spreadsheet program: CSV UTF-8)"
    }
}
