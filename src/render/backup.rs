//! What became of copies of the database, in words.

use std::fmt::Write as _;
use std::path::Path;

use crate::domain::audit::Head;

/// What was copied and how it was checked, and which older copies went.
pub fn copied(copy: &Path, bytes: u64, version: i64, heads: &[Head], gone: &[String]) -> String {
    let mut text = format!(
        "{}: {bytes} bytes, sound, schema {version}. Each trail ends at:\n",
        copy.display()
    );
    for head in heads {
        let _ = writeln!(text, "  {head}");
    }
    if heads.is_empty() {
        text.push_str("  (nothing was ever recorded)\n");
    }
    if !gone.is_empty() {
        let _ = writeln!(text, "Removed, as more than are kept: {}", gone.join(", "));
    }
    text
}
