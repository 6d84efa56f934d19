//! Plain tables, as wide as their content.

use unicode_width::UnicodeWidthStr as _;

/// A table with a header; no colours, no wrapping.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let header = header.map(str::to_owned);
    self::rows(std::iter::once(header).chain(rows))
}

/// Rows without a header.
pub(super) fn rows<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = rows.collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            let lines = cell.lines().map(|line| line.width());
            *width = lines.chain([*width]).max().unwrap_or_default();
        }
    }
    let mut out = String::new();
    for row in rows {
        let tall = row.iter().map(|cell| cell.lines().count()).max();
        for line in 0..tall.unwrap_or_default().max(1) {
            let begins = out.len();
            for (width, cell) in widths.iter().zip(&row) {
                let cell = cell.lines().nth(line).unwrap_or_default();
                out.push_str("  ");
                out.push_str(cell);
                out.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width())));
            }
            let ends = out.trim_end().len().max(begins);
            out.truncate(ends);
            out.push('\n');
        }
    }
    out
}

/// How to see the next page.
pub(super) fn more(page: u32, more: bool) -> String {
    if more {
        format!("There is more: add --page {}.", page.saturating_add(1))
    } else {
        String::new()
    }
}
