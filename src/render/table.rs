//! Plain tables: as wide as their content, or folded to a known width.

use std::collections::{HashMap, HashSet};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::time::Reader;

/// A cell; a narrow table takes the short form.
pub(super) struct TableCell {
    pub(super) whole: String,
    pub(super) short: String,
}

/// How a table becomes narrow.
#[derive(Default)]
pub(super) struct Narrow<'a> {
    /// The columns that are left out, the least needed first.
    pub(super) least: &'a [&'a str],
    /// Said below a table of short cells.
    pub(super) note: String,
}

impl TableCell {
    /// The most columns of a name in a narrow table.
    const NAME: usize = 36;

    /// A name, which is cut in its middle where the table is narrow.
    pub(super) fn name(whole: String) -> Self {
        let short = cut(&whole, Self::NAME);
        Self { whole, short }
    }
}

/// A text with its middle left out if it is wider than this: names that begin alike differ at their ends.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let kept = |chars: &mut dyn Iterator<Item = char>, columns: usize| {
        let mut width = 0;
        let fits = |c: &char| {
            width += c.width().unwrap_or_default();
            width <= columns
        };
        chars.take_while(fits).collect::<Vec<char>>()
    };
    let begin = kept(&mut text.chars(), columns * 2 / 3);
    let end = kept(&mut text.chars().rev(), columns / 3 - 1);
    let end = end.into_iter().rev();
    begin
        .into_iter()
        .chain(std::iter::once('…'))
        .chain(end)
        .collect()
}

impl From<String> for TableCell {
    fn from(whole: String) -> Self {
        let short = whole.clone();
        Self { whole, short }
    }
}

/// A table with a header; no colours. If it is too wide, columns that are empty throughout are dropped; if it still is, cells become
/// short, and columns are left out, which is said below. If that is not enough either, each row becomes a heading with
/// the other cells below it, each with its column's name.
pub(super) fn table<const N: usize, C: Into<TableCell>>(
    header: [&str; N],
    how: &Narrow,
    rows: impl Iterator<Item = [C; N]>,
    reader: &Reader,
) -> String {
    let cells: Vec<[TableCell; N]> = rows.map(|row| row.map(Into::into)).collect();
    let whole = |row: &[TableCell; N]| row.iter().map(|cell| cell.whole.clone()).collect();
    let rows: Vec<Vec<String>> = cells.iter().map(whole).collect();
    let header = header.map(str::to_owned);
    if reader.has_buttons() {
        return in_a_card(&header, &rows);
    }
    let columns = reader.columns;
    let mut all = vec![header.to_vec()];
    all.extend(rows.iter().cloned());
    let Some(columns) = columns.filter(|columns| !fits(&all, *columns)) else {
        return aligned(&all);
    };
    let is_said = |at: &usize| {
        rows.iter()
            .any(|row| row.get(*at).is_some_and(|cell| !cell.is_empty()))
    };
    let mut kept: Vec<usize> = (0..N).filter(is_said).collect();
    let narrow = columns_of(&all, &kept);
    if fits(&narrow, columns) {
        return aligned(&narrow);
    }
    all.truncate(1);
    all.extend(shortened(&cells));
    let mut left_out = Vec::new();
    let mut least = how.least.iter();
    loop {
        let narrow = columns_of(&all, &kept);
        if fits(&narrow, columns) {
            let left_out = match left_out.as_slice() {
                [] => String::new(),
                names => format!("Left out at {columns} columns: {}. ", names.join(", ")),
            };
            let note = filled(&format!("{left_out}{}", how.note), "", columns);
            return aligned(&narrow) + &note;
        }
        let Some(name) = least.next() else { break };
        let before = kept.len();
        kept.retain(|at| header.get(*at).is_none_or(|column| column != name));
        if kept.len() < before {
            left_out.push(*name);
        }
    }
    let short = all.iter().skip(1);
    folded(&header, rows.iter().zip(short), columns)
}

/// The short cells of each row. A name stays whole where another one would read the same.
fn shortened<const N: usize>(cells: &[[TableCell; N]]) -> impl Iterator<Item = Vec<String>> {
    let mut named: HashMap<&str, HashSet<&str>> = HashMap::new();
    for cell in cells.iter().flatten() {
        named.entry(&cell.short).or_default().insert(&cell.whole);
    }
    let short = move |cell: &TableCell| {
        let is_cut = cell.short.contains('…');
        let is_alike = is_cut && named.get(&*cell.short).is_some_and(|all| all.len() > 1);
        if is_alike { &cell.whole } else { &cell.short }.clone()
    };
    cells
        .iter()
        .map(move |row| row.iter().map(&short).collect())
}

fn columns_of(rows: &[Vec<String>], kept: &[usize]) -> Vec<Vec<String>> {
    let of = |row: &Vec<String>| kept.iter().filter_map(|at| row.get(*at).cloned()).collect();
    rows.iter().map(of).collect()
}

/// Each row, whole and short, as a heading with the other cells below it. A cell that is too wide for a line is short.
fn folded<'a>(
    header: &[String],
    rows: impl Iterator<Item = (&'a Vec<String>, &'a Vec<String>)>,
    columns: usize,
) -> String {
    const INDENT: &str = "      ";
    let mut out = String::new();
    for (row, short) in rows {
        let cells = header.iter().zip(row.iter().zip(short));
        let mut cells = cells.filter(|(_, (cell, _))| !cell.is_empty());
        let fitting = |cell: &'a String, short: &'a String, beside: usize| {
            let is_too_wide = cell.width() + beside > columns;
            if is_too_wide { short } else { cell }
        };
        let first = cells
            .next()
            .map_or("", |(_, (cell, short))| fitting(cell, short, 2));
        let rest: Vec<String> = cells
            .map(|(name, (cell, short))| {
                let cell = fitting(cell, short, INDENT.len() + name.width() + 1);
                format!("{name} {}", in_one_line(cell))
            })
            .collect();
        out.push_str(&format!("  {first}\n"));
        out.push_str(&filled(&rest.join(" · "), INDENT, columns));
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
/// The text of a page after the last one of a list.
pub(super) fn no_such_page(list: &str) -> String {
    format!("There is no such page: `{list}` shows the first one.")
}

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
            &Narrow {
                least: &["team"],
                ..Narrow::default()
            },
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
            table(
                ["one", "two", "three"],
                &Narrow::default(),
                rows.into_iter(),
                &reader
            ),
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
            of(Some(32)),
            "  instance            edition\n  cn-hangzhou/orders  Platinum\n  cn-hangzhou/s       Platinum\nLeft out at 32 columns: team.\n"
        );
        assert_eq!(
            of(Some(28)),
            "  cn-hangzhou/orders\n      edition Platinum ·\n      team payments\n  cn-hangzhou/s\n      edition Platinum\n"
        );
    }

    #[test]
    fn a_narrow_table_takes_the_short_form_of_its_cells() {
        let cell = |whole: &str, short: &str| TableCell {
            whole: whole.to_owned(),
            short: short.to_owned(),
        };
        let rows = [[
            cell("orders", "orders"),
            cell("Delete (attested just now)", "Delete"),
        ]];
        let reader = Reader {
            columns: Some(30),
            ..Reader::new(chrono_tz::UTC, chrono::DateTime::UNIX_EPOCH)
        };
        let how = Narrow {
            least: &["action"],
            note: "In short.".to_owned(),
        };
        let told = table(["instance", "action"], &how, rows.into_iter(), &reader);
        assert_eq!(told, "  instance  action\n  orders    Delete\nIn short.\n");
    }

    #[test]
    fn a_long_name_is_cut_before_columns_are_left_out() {
        let row =
            |name: &str, next: &str| [TableCell::name(name.to_owned()), next.to_owned().into()];
        let long = "cn-hangzhou/支付中心生产环境主集群备用节点一号";
        let reader = |columns| Reader {
            columns: Some(columns),
            ..Reader::new(chrono_tz::UTC, chrono::DateTime::UNIX_EPOCH)
        };
        let how = Narrow {
            least: &["next"],
            ..Narrow::default()
        };
        let told = |columns| {
            let rows = [row(long, "unsubscribe"), row("cn-hangzhou/s", "verify")];
            table(
                ["instance", "next"],
                &how,
                rows.into_iter(),
                &reader(columns),
            )
        };
        assert!(told(62).contains(long));
        assert_eq!(
            told(50),
            "  instance                             next\n  cn-hangzhou/支付中心生产…用节点一号  unsubscribe\n  cn-hangzhou/s                        verify\n"
        );
        // Folded too, a heading stays on its line.
        assert!(
            told(24).starts_with("  cn-hangzhou/支付中心生产…用节点一号\n"),
            "{}",
            told(24)
        );
    }

    /// Names that would be cut to the same text stay whole.
    #[test]
    fn names_that_would_be_cut_alike_stay_whole() {
        let reader = Reader {
            columns: Some(80),
            ..Reader::new(chrono_tz::UTC, chrono::DateTime::UNIX_EPOCH)
        };
        let names = ["production", "staging"]
            .map(|of| format!("cn-hangzhou/settlement-service-{of}-hangzhou-01"));
        let rows = names.clone().map(|name| {
            [
                TableCell::name(name),
                "unsubscribe, and then verify-standard".to_owned().into(),
            ]
        });
        let told = table(
            ["instance", "next"],
            &Narrow::default(),
            rows.into_iter(),
            &reader,
        );
        for name in names {
            assert!(told.contains(&name), "{told}");
        }
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
