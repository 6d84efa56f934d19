//! Plain tables, as wide as their content.

use comfy_table::{ContentArrangement, Table, presets};

/// A table with a header; no colours, no wrapping.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for row in rows {
        table.add_row(row);
    }
    trimmed(&table)
}

/// Rows without a header.
pub(super) fn rows<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    for row in rows {
        table.add_row(row);
    }
    trimmed(&table)
}

fn trimmed(table: &Table) -> String {
    table
        .lines()
        .map(|line| format!(" {}\n", line.trim_end()))
        .collect()
}

/// How to see the next page.
pub(super) fn more(page: u32, more: bool) -> String {
    if more {
        format!("There is more: add --page {}.", page.saturating_add(1))
    } else {
        String::new()
    }
}
