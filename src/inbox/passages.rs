//! Passages with an id in a file that is not read as a whole, such as an Outlook message or one that is signed in S/MIME.

use super::names_id;
use crate::domain::notice::{Part, Unit};

/// How much of a file is searched, in bytes.
const SEARCHED: usize = 2 * 1024 * 1024;
/// The shortest text of an id, in bytes.
const SHORTEST: usize = "MQ_INST_".len();
/// The longest passage that is kept, in characters.
const LONGEST: usize = 4_000;

/// The passages of letters that have an id, in characters of one or two bytes.
pub(super) fn with_ids(bytes: &[u8]) -> Vec<Unit> {
    let bytes = bytes.get(..SEARCHED).unwrap_or(bytes);
    let wide = |from: usize| {
        let pairs = bytes.get(from..).unwrap_or_default().chunks_exact(2);
        let units = pairs.filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
        String::from_utf16_lossy(&units.collect::<Vec<_>>())
    };
    let texts = [
        String::from_utf8_lossy(bytes).into_owned(),
        wide(0),
        wide(1),
    ];
    let mut all: Vec<Unit> = Vec::new();
    for text in &texts {
        let ends =
            |c: char| c == char::REPLACEMENT_CHARACTER || c.is_control() && !c.is_whitespace();
        let passages = text.split(ends).filter(|passage| passage.len() >= SHORTEST);
        for passage in passages.filter(|passage| names_id(passage)) {
            let text: String = passage.trim().chars().take(LONGEST).collect();
            let part = Part::Attachment;
            all.push(Unit { part, text });
        }
    }
    all
}
