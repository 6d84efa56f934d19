//! Normalisation of input from phones, Chinese keyboards, spreadsheets and the vendor's console.
//!
//! Only for words with a fixed meaning (verbs, numbers, dates, choices, ids): names and reasons stay as typed.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::id::is_invisible;

/// Whether a word is in a list of words with blanks between them.
pub fn lists(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// Converts full-width characters and circled digits to ASCII, dashes to `-` and blanks to spaces, and removes invisible characters.
pub fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !is_unseen(*c))
        .map(plain_char)
        .collect()
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}')
        || (is_invisible(c) && !c.is_control())
}

const fn plain_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => match char::from_u32(c as u32 - 0xfee0) {
            Some(ascii) => ascii,
            None => c,
        },
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => ' ',
        '①'..='⑨' => match char::from_u32(c as u32 - '①' as u32 + '1' as u32) {
            Some(digit) => digit,
            None => c,
        },
        '。' | '｡' => '.',
        '、' => ',',
        _ => c,
    }
}

/// A text without the marks of emphasis and code that chats have around what is copied. Within a word of Latin letters and digits they
/// stay, because they may mask an id.
pub fn unmarked(text: &str) -> String {
    let unescaped = text
        .replace(r"\_", "_")
        .replace(r"\*", "*")
        .replace(r"\-", "-");
    let mut out = String::with_capacity(unescaped.len());
    let mut rest = unescaped.as_str();
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let (marks, behind) = rest.split_at(length_of_marks(rest));
        if marks.is_empty() {
            out.push(c);
            before = c;
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            continue;
        }
        let goes_on = behind.chars().next().is_some_and(in_a_word);
        if in_a_word(before) && (goes_on || marks.contains("***")) {
            out.push_str(marks);
        }
        rest = behind;
    }
    out
}

/// The length of the marks that a text begins with.
fn length_of_marks(text: &str) -> usize {
    let mut rest = text;
    while let Some(behind) = rest.strip_prefix("**").or(rest.strip_prefix('`')) {
        rest = behind;
    }
    text.len() - rest.len()
}

const fn in_a_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*')
}

/// A name, an id or a number without the marks around it, also in angle brackets.
pub fn undressed(text: &str) -> String {
    let bare = unmarked(&plain(text));
    let inner = bare.trim().strip_prefix('<');
    let inner = inner.and_then(|inner| inner.strip_suffix('>'));
    inner.map_or_else(|| bare.trim().to_owned(), str::to_owned)
}

#[expect(
    clippy::expect_used,
    reason = "constant patterns, each compiled by the tests"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

static MOMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        "^(?<year>[0-9]{4})",
        "(?:-(?<m1>[0-9]{1,2})-(?<d1>[0-9]{1,2})|/(?<m2>[0-9]{1,2})/(?<d2>[0-9]{1,2})",
        r"|\.(?<m3>[0-9]{1,2})\.(?<d3>[0-9]{1,2})| ?年 ?(?<m4>[0-9]{1,2}) ?月 ?(?<d4>[0-9]{1,2}) ?[日号])",
        "(?:(?:(?<gap>[Tt]|,? *)(?<hour>[0-9]{1,2})(?::(?<minute>[0-9]{2})(?::(?<second>[0-9]{2}(?:[.][0-9]{1,9})?))?|[时時点點]整?))?",
        " *(?<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?|[(]?(?i:UTC|GMT)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?[)]?|[(]?北京时间[)]?)?)?$",
    ))
});

static OFFSET: LazyLock<Regex> =
    LazyLock::new(|| pattern("(?<sign>[+-])(?<hours>[0-9]{1,2}):?(?<minutes>[0-9]{2})?"));

/// Dates with an English month name, and eight-digit ones.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:(?:(?<month>[a-z]{3,9})\.? (?<day>[0-9]{1,2})(?:st|nd|rd|th)?",
        r"|(?<day2>[0-9]{1,2})(?:st|nd|rd|th)?[ -](?<month2>[a-z]{3,9})\.?),?[ -](?<year>[0-9]{4})",
        "|(?<year3>[0-9]{4})(?<month3>[0-9]{2})(?<day3>[0-9]{2}))(?<rest>$|,?[ T].*$)",
    ))
});

const MONTHS: &str = "january february march april may june july august september october \
    november december";

/// The number of a month, from 1, by its English name in lower case, in full or by its first three letters.
pub(super) fn month_number(name: &str) -> Option<u32> {
    let is = |month: &str| month == name || month.get(..3) == Some(name);
    let place = MONTHS.split(' ').position(is)?;
    u32::try_from(place + 1).ok()
}

/// Converts `March 1, 2026`, `1 March 2026` and `20260301` to `2026-03-01`, keeping the rest.
fn with_iso_date(text: &str) -> Option<String> {
    let parts = NAMED.captures(text)?;
    let of = |names: &[&str]| names.iter().find_map(|name| parts.name(name));
    let (year, day) = (of(&["year", "year3"])?, of(&["day", "day2", "day3"])?);
    let month = match of(&["month", "month2"]) {
        Some(name) => month_number(&name.as_str().to_ascii_lowercase())?,
        None => of(&["month3"])?.as_str().parse().ok()?,
    };
    let (year, day, rest) = (year.as_str(), day.as_str(), of(&["rest"])?.as_str());
    let rest = rest.trim_start_matches(',');
    Some(format!("{year}-{month:0>2}-{day:0>2}{rest}"))
}

/// Converts a date or moment with a year to `2026-03-01` or `2026-03-01T10:00:00+08:00`, from forms such as `2026/3/1`,
/// `2026年3月1日`, `March 1, 2026`, `20260301`, `2026-03-01 00:00:00 (UTC+8)`, `2026年3月1日0时`. `None` for anything else, also where
/// day and month could be swapped.
///
/// The calendar is not checked: 30 February passes, and the caller rejects it.
pub fn moment(text: &str) -> Option<String> {
    if is_iso_date(text) {
        return Some(text.to_owned());
    }
    let text = plain(text);
    let text = text.trim();
    let iso = with_iso_date(text);
    let parts = MOMENT.captures(iso.as_deref().unwrap_or(text))?;
    let of = |names: [&str; 4]| {
        let found = names.iter().find_map(|name| parts.name(name));
        found.map_or("", |found| found.as_str())
    };
    let year = parts.name("year").map_or("", |found| found.as_str());
    let (month, day) = (of(["m1", "m2", "m3", "m4"]), of(["d1", "d2", "d3", "d4"]));
    let date = format!("{year}-{month:0>2}-{day:0>2}");
    let Some(hour) = parts.name("hour") else {
        let zone = zone(&parts);
        // A bare sign may also separate two dates.
        let named = parts
            .name("zone")
            .is_none_or(|zone| !zone.as_str().starts_with(['+', '-', 'Z', 'z']));
        return named.then(|| match zone.is_empty() {
            true => date,
            false => format!("{date}T00:00:00{zone}"),
        });
    };
    // Without a blank, only `日` marks the end of the day.
    let apart = parts.name("gap").is_some_and(|gap| !gap.is_empty()) || parts.name("m4").is_some();
    // Databases write an offset of whole hours behind a full time; elsewhere a number behind a sign may be another hour.
    let is_short = |zone: &str| zone.len() == 3 && zone.starts_with(['+', '-']);
    let short = parts
        .name("zone")
        .is_some_and(|zone| is_short(zone.as_str()));
    // The time behind `02:00-` may be the end of a period.
    let is_exact = parts.name("second").is_some()
        || (parts.name("gap")).is_some_and(|gap| gap.as_str().eq_ignore_ascii_case("t"));
    let is_west = parts
        .name("zone")
        .is_some_and(|zone| zone.as_str().starts_with('-'));
    if short && parts.name("second").is_none() || is_west && !is_exact {
        return None;
    }
    let zone = zone(&parts);
    let hour = hour.as_str();
    let minute = parts.name("minute").map_or("00", |minute| minute.as_str());
    let second = match parts.name("second") {
        Some(second) => format!(":{}", second.as_str()),
        // An instant includes seconds.
        None if zone.is_empty() => String::new(),
        None => ":00".to_owned(),
    };
    apart.then(|| format!("{date}T{hour:0>2}:{minute}{second}{zone}"))
}

/// A date with its year last, and maybe a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum YearLast {
    /// Day and month could be swapped, as in `5/12/2026`, or the year is short.
    Ambiguous,
    /// Only one of the numbers can be the month: the date with its year first.
    Date(String),
}

/// Reads a text as a date with its year last.
pub fn year_last(text: &str) -> Option<YearLast> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            "^(?<a>[0-9]{1,2})[/.-](?<b>[0-9]{1,2})[/.-](?<year>[0-9]{4}|[0-9]{2})(?:,?[ T][0-9: apmAPM.]*)?$",
        )
    });
    let text = plain(text);
    let parts = FORM.captures(text.trim())?;
    let number = |name| {
        parts
            .name(name)
            .and_then(|found| found.as_str().parse::<u32>().ok())
    };
    let (first, second) = (number("a")?, number("b")?);
    let months = 1..=12;
    let year = parts.name("year").filter(|year| year.len() == 4);
    let date = |month, day| {
        year.map(|year| YearLast::Date(format!("{}-{month:02}-{day:02}", year.as_str())))
    };
    match (months.contains(&first), months.contains(&second)) {
        (true, true) => Some(YearLast::Ambiguous),
        (false, true) => Some(date(second, first).unwrap_or(YearLast::Ambiguous)),
        (true, false) => Some(date(first, second).unwrap_or(YearLast::Ambiguous)),
        (false, false) => None,
    }
}

/// Whether it has the form `2026-03-01`, the most frequent one.
fn is_iso_date(text: &str) -> bool {
    let form = b"0000-00-00";
    let fits = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        dash => byte == *dash,
    };
    text.len() == form.len() && text.bytes().zip(form).all(fits)
}

fn zone(parts: &Captures<'_>) -> String {
    let Some(written) = parts.name("zone").map(|zone| zone.as_str()) else {
        return String::new();
    };
    if written.contains("北京时间") {
        return "+08:00".to_owned();
    }
    OFFSET.captures(written).map_or_else(
        || "Z".to_owned(),
        |parts| {
            let part = |name| parts.name(name).map_or("00", |found| found.as_str());
            format!("{}{:0>2}:{}", part("sign"), part("hours"), part("minutes"))
        },
    )
}

/// The digits of a whole number with thousands separators, a unit, or the decimals of a spreadsheet: `5,000`, `5 000`, `5000 TPS`, `5000.0`. `None` for anything else, and
/// for bare digits.
pub fn number(text: &str) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:\.0{1,2})? ?(?i:tps)?$",
        )
    });
    let text = plain(text);
    let found = NUMBER.captures(text.trim())?;
    let digits = found.name("digits")?.as_str().replace([',', ' '], "");
    (digits != text).then_some(digits)
}

/// The phrases of the vendor's console, in English and Chinese, for the words of commands; blanks and hyphens are equivalent.
/// Whole phrases only, with `|` between them.
const PHRASES: [(&str, &str); 6] = [
    (
        "downgrade",
        "downgrade to standard edition|downgrade to the standard edition|downgrade to standard|\
         降级|降级为标准版|降级到标准版|降级至标准版|降为标准版|降配为标准版|降配到标准版|\
         转为标准版|转换为标准版|变更为标准版|降級|降級為標準版|降級到標準版|降級至標準版|\
         降為標準版|降配為標準版|轉為標準版|轉換為標準版|變更為標準版",
    ),
    (
        "delete",
        "delete resource|delete resources|delete the resource|delete instance|\
         delete the instance|release resource|release resources|删除|删除资源|删除实例|释放资源|\
         释放实例|刪除|刪除資源|刪除實例|釋放資源|釋放實例",
    ),
    (
        "platinum",
        "enterprise platinum edition|enterprise platinum|platinum edition|铂金版|企业铂金版|\
         企业版铂金版|鉑金版|白金版|企業鉑金版|企業白金版",
    ),
    ("standard", "standard edition|标准版|標準版"),
    (
        "on",
        "auto renewal|autorenewal|enabled|enable|yes|true|自动续费|自動續費|开启|已开启|開啟|\
         已開啟|y|是|开|開|开通|已开通|開通|已開通",
    ),
    (
        "off",
        "manual renewal|manualrenewal|non renewal|nonrenewal|notrenewal|disabled|disable|no|\
         false|手动续费|手動續費|到期不续费|到期不續費|不续费|不續費|关闭|已关闭|未开启|關閉|\
         已關閉|未開啟|n|否|关|關|未开通|未開通",
    ),
];

/// The console's names for the setting itself, current and former.
const SETTING: &str = "post expiration action|post release action|到期后操作|到期后处理|\
    到期后处理方式|释放后操作|到期後操作|到期後處理|到期後處理方式|釋放後操作";

/// The console's names for the edition of an instance.
const EDITION: &str = "edition|instance edition|版本|实例版本|實例版本";

/// Whether a text is the console's name for the setting.
pub fn is_setting(text: &str) -> bool {
    let name = folded(text);
    let name = name.trim_end_matches([':', '=']).trim_end();
    SETTING.split('|').any(|setting| setting == name)
}

/// Lower case, with single blanks between words.
fn folded(text: &str) -> String {
    let text = plain(text).to_lowercase().replace(['-', '_'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The word for a phrase of the vendor's console, case-insensitive, with or without the name of the setting or the edition before it.
pub fn panel_word(text: &str) -> Option<&'static str> {
    let text = folded(text);
    let named = SETTING
        .split('|')
        .chain(EDITION.split('|'))
        .filter(|setting| text.starts_with(setting));
    let setting = named.map(|setting| setting.len()).max().unwrap_or(0);
    let value = text.get(setting..).unwrap_or_default();
    let value = value.trim_start_matches([' ', ':', '=']);
    let phrase = value.trim_matches(['"', '“', '”', '\'', '`', '.', ',', ' ']);
    let mut all = PHRASES.iter();
    let found = all
        .find(|(word, phrases)| *word == phrase || phrases.split('|').any(|known| known == phrase));
    found.map(|(word, _)| *word)
}
