//! Plain tables: as wide as their content, or folded to a known width.

use unicode_width::UnicodeWidthStr as _;

use super::time::Reader;

/// A table with a header; no colours. If it is too wide, columns that are empty throughout are dropped; if it still is, each row
/// becomes a heading with the other cells below it, each with its column's name.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    reader: &Reader,
) -> String {
    let rows: Vec<Vec<String>> = rows.map(Vec::from).collect();
    if reader.has_buttons() {
        return in_a_card(&header.map(str::to_owned), &rows);
    }
    let columns = reader.columns;
    let mut whole = vec![header.map(str::to_owned).to_vec()];
    whole.extend(rows.iter().cloned());
    let Some(columns) = columns.filter(|columns| !fits(&whole, *columns)) else {
        return aligned(&whole);
    };
    let is_said = |at: &usize| {
        rows.iter()
            .any(|row| row.get(*at).is_some_and(|cell| !cell.is_empty()))
    };
    let said: Vec<usize> = (0..N).filter(is_said).collect();
    let kept = |row: &Vec<String>| said.iter().filter_map(|at| row.get(*at).cloned()).collect();
    let narrow: Vec<Vec<String>> = whole.iter().map(kept).collect();
    if fits(&narrow, columns) {
        return aligned(&narrow);
    }
    let mut out = String::new();
    for row in &rows {
        let mut cells = header.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let first = cells.next().map_or("", |(_, cell)| cell);
        let rest: Vec<String> = cells
            .map(|(name, cell)| format!("{name} {}", in_one_line(cell)))
            .collect();
        out.push_str(&format!("  {first}\n"));
        out.push_str(&filled(&rest.join(" · "), "      ", columns));
    }
    out
}

/// A table on a card, where letters differ in width: one line per row, with no cell left out.
fn in_a_card(header: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cell = |cell: &String| match in_one_line(cell) {
            empty if empty.is_empty() => "–".to_owned(),
            cell => cell.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        let cells: Vec<String> = cells.iter().map(cell).collect();
        format!("  {}\n", cells.join("  "))
    };
    let rows = rows.iter().map(|row| line(row));
    std::iter::once(line(header)).chain(rows).collect()
}

/// Rows without a header. If they are too wide, the first cell keeps its column, and the others follow one another.
pub(super) fn rows<const N: usize>(
    rows: impl Iterator<Item = [String; N]>,
    columns: Option<usize>,
) -> String {
    let rows: Vec<Vec<String>> = rows.map(Vec::from).collect();
    let Some(columns) = columns.filter(|columns| !fits(&rows, *columns)) else {
        return aligned(&rows);
    };
    let width = widths(&rows).first().copied().unwrap_or_default();
    let mut out = String::new();
    for row in &rows {
        let mut cells = row.iter().map(|cell| in_one_line(cell));
        let first = cells.next().unwrap_or_default();
        let rest: Vec<String> = cells.filter(|cell| !cell.is_empty()).collect();
        let indent = " ".repeat(width + 4);
        let body = filled(&rest.join(", "), &indent, columns);
        let body = body.trim_start();
        let gap = " ".repeat(width.saturating_sub(first.width()) + 2);
        out.push_str(format!("  {first}{gap}{body}").trim_end());
        out.push('\n');
    }
    out
}

/// A comparison of two things: the first row names the columns, the first cell names each row. If it is too wide, one is printed
/// below the other.
pub(super) fn compared(rows: &[[String; 3]], columns: Option<usize>) -> String {
    let whole: Vec<Vec<String>> = rows.iter().cloned().map(Vec::from).collect();
    let Some(columns) = columns.filter(|columns| !fits(&whole, *columns)) else {
        return aligned(&whole);
    };
    let Some((names, rest)) = rows.split_first() else {
        return String::new();
    };
    let [_, one, other] = names;
    let one_of = |name: &str, cell: fn(&[String; 3]) -> String| {
        let cells = rest.iter().map(|row| [row[0].clone(), cell(row)]);
        format!("{name}:\n{}", self::rows(cells, Some(columns)))
    };
    one_of(one, |[_, cell, _]| cell.clone()) + &one_of(other, |[_, _, cell]| cell.clone())
}

fn in_one_line(cell: &str) -> String {
    cell.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}

/// A text wrapped to a width, each line indented; empty for an empty text.
fn filled(text: &str, indent: &str, columns: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    let options = super::wrap::options(columns)
        .initial_indent(indent)
        .subsequent_indent(indent);
    textwrap::fill(text, options) + "\n"
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            let lines = cell.lines().map(|line| line.width());
            *width = lines.chain([*width]).max().unwrap_or_default();
        }
    }
    widths
}

fn fits(rows: &[Vec<String>], columns: usize) -> bool {
    widths(rows).iter().map(|width| width + 2).sum::<usize>() <= columns
}

fn aligned(rows: &[Vec<String>]) -> String {
    let widths = widths(rows);
    let mut out = String::new();
    for row in rows {
        let tall = row.iter().map(|cell| cell.lines().count()).max();
        for line in 0..tall.unwrap_or_default().max(1) {
            let begins = out.len();
            for (width, cell) in widths.iter().zip(row) {
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

/// The hint at the next page; on a card, a button leads to it.
pub(super) fn more(page: u32, more: bool, reader: &Reader) -> String {
    if more && reader.has_buttons() {
        "There is more.".to_owned()
    } else if more {
        format!("There is more: add --page {}.", page.saturating_add(1))
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(columns: Option<usize>) -> String {
        let row = |name: &str, team: &str| {
            [
                name.to_owned(),
                "Platinum".to_owned(),
                String::new(),
                team.to_owned(),
            ]
        };
        let rows = [
            row("cn-hangzhou/orders", "payments"),
            row("cn-hangzhou/s", ""),
        ];
        table(
            ["instance", "edition", "change", "team"],
            rows.into_iter(),
            &Reader {
                columns,
                ..Reader::new(chrono_tz::UTC, chrono::DateTime::UNIX_EPOCH)
            },
        )
    }

    #[test]
    fn in_a_card_no_cell_takes_the_place_of_another() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [row(["a  b", "", "x\ny"]), row(["c", "d", ""])];
        let reader = Reader::marked(chrono_tz::UTC, chrono::DateTime::UNIX_EPOCH);
        assert_eq!(
            table(["one", "two", "three"], rows.into_iter(), &reader),
            "  one  two  three\n  a b  –  x; y\n  c  d  –\n"
        );
        assert_eq!(more(1, true, &reader), "There is more.");
    }

    #[test]
    fn a_table_drops_what_is_empty_and_then_folds() {
        let whole = "  instance            edition   change  team\n  cn-hangzhou/orders  Platinum          payments\n  cn-hangzhou/s       Platinum\n";
        assert_eq!(of(None), whole);
        assert_eq!(of(Some(120)), whole);
        assert_eq!(
            of(Some(44)),
            whole
                .replace("change  ", "")
                .replace("        payments", "payments")
        );
        assert_eq!(
            of(Some(28)),
            "  cn-hangzhou/orders\n      edition Platinum ·\n      team payments\n  cn-hangzhou/s\n      edition Platinum\n"
        );
    }

    #[test]
    fn rows_keep_their_first_column() {
        let row = ["expiry", "2026-03-01 00:00 UTC+8", "attested by alice"].map(str::to_owned);
        let long = ["auto-renewal", "unknown", ""].map(str::to_owned);
        let rows = |columns| rows([row.clone(), long.clone()].into_iter(), columns);
        assert_eq!(
            rows(Some(40)),
            "  expiry        2026-03-01 00:00 UTC+8,\n                attested by alice\n  auto-renewal  unknown\n"
        );
        assert_eq!(rows(None), rows(Some(60)));
    }
}
