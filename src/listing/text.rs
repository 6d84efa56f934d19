//! From bytes to text, or a clear word on what they are instead.

use super::error::ListingError;

const SAVE_AS: &str = "save it again as UTF-8 (in a spreadsheet program: CSV UTF-8)";

/// The text without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, ListingError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let encoding = |found: String, way_out| Err(ListingError::Encoding { found, way_out });
    if bytes.starts_with(b"PK\x03\x04") {
        let found = "a workbook or another archive".to_owned();
        return encoding(found, "save the sheet as CSV UTF-8");
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || has_nul_early(bytes) {
        return encoding("UTF-16, or not text at all".to_owned(), SAVE_AS);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => Err(ListingError::Empty),
        Ok(text) => Ok(text),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            encoding(format!("not UTF-8 (at line {line})"), SAVE_AS)
        }
    }
}

fn has_nul_early(bytes: &[u8]) -> bool {
    bytes.iter().take(64).any(|byte| *byte == 0)
}
