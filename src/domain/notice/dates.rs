//! Full dates in the vendor's fixed formats, with a year. A partial date counts as words.

use std::sync::LazyLock;

use chrono::{Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;
use regex::Regex;

use super::normal::{BLANK, Normal};
use super::said::{pattern, patterns};
use crate::Timestamp;
use crate::written::month_number;

/// Characters after a number that make it part of something else than the date.
const GOES_ON: [char; 8] = ['号', '號', '时', '時', '点', '點', '分', '秒'];

/// A parsed date with its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated {
    /// The index after its last character.
    pub(super) end: usize,
    /// The day as written.
    pub(super) day: NaiveDate,
    /// The instant; the start of the day without a time.
    pub(super) at: Timestamp,
    /// Whether another weekday than its own stands beside it.
    pub(super) contradicts: bool,
}

/// A parser of dates.
#[derive(Clone, Copy)]
struct DateReader<'a> {
    chars: &'a [char],
    at: usize,
}

/// Parses the date at an index of a comparable text. A date without a zone is in `zone`.
pub(super) fn date(chars: &[char], at: usize, zone: Tz) -> Option<Dated> {
    let mut reader = DateReader { chars, at };
    let led = weekday_before(chars, at);
    let before = reader.attempt(DateReader::leading_weekday);
    let zone_word = reader.attempt(DateReader::zone_word);
    let day = reader.day()?;
    let behind = reader.attempt(DateReader::trailing_weekday);
    let timed_from = reader.at;
    let time = reader.attempt(DateReader::time);
    let is_exact = reader.is_exact(timed_from);
    let given = reader.attempt(|reader| reader.offset(time.is_some(), is_exact));
    if reader.goes_on() || given.is_some() && zone_word.is_some() && given != zone_word {
        return None;
    }
    let offset = given.or(zone_word);
    let mut weekdays = [led, before, behind].into_iter().flatten();
    let contradicts = weekdays.any(|said| said != day.weekday());
    let local = day.and_time(time.unwrap_or(NaiveTime::MIN));
    let at = match offset {
        Some(offset) => offset.from_local_datetime(&local).single()?.to_utc(),
        None => zone.from_local_datetime(&local).earliest()?.to_utc(),
    };
    let end = reader.at;
    Some(Dated {
        end,
        day,
        at,
        contradicts,
    })
}

patterns! {
    /// A moment as calendars write it: `20261212T000000Z`, `DTSTART;VALUE=DATE:20261212`.
    CALENDAR = r"(?i)(?:(?-u:\b)(?:dtstart|dtend|due)[^:\n]{0,60}: ?(?P<day>20\d{6})(?-u:\b)|(?-u:\b)(?P<date>20\d{6})T(?P<time>\d{6})(?P<utc>Z?)(?-u:\b))";
}

/// Whether a moment in a text, written as calendars do, is later than `than`.
pub(super) fn calendar_is_ahead(text: &str, zone: Tz, than: Timestamp) -> bool {
    CALENDAR.captures_iter(text).any(|found| {
        let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
        let written = match part("day") {
            "" => format!("{}{}", part("date"), part("time")),
            day => format!("{day}000000"),
        };
        let Ok(local) = NaiveDateTime::parse_from_str(&written, "%Y%m%d%H%M%S") else {
            return false;
        };
        let at = match part("utc") {
            "" => zone.from_local_datetime(&local).earliest(),
            _ => None,
        };
        at.map_or_else(|| local.and_utc(), |at| at.to_utc()) > than
    })
}

/// Whether a text contains a full date.
pub(super) fn holds_date(text: &Normal, zone: Tz) -> bool {
    (0..text.chars.len()).any(|at| date(&text.chars, at, zone).is_some())
}

/// Whether a lower-case word is used in dates and times.
pub(super) fn is_of_a_date(word: &str) -> bool {
    month_number(word).is_some() || matches!(word, "am" | "pm" | "utc" | "gmt" | "年" | "月" | "日")
}

/// A weekday by its English name, in full or by its first three letters.
fn weekday(word: &str) -> Option<Weekday> {
    let is_name = matches!(word.len(), 3) || word.ends_with("day");
    word.parse().ok().filter(|_| is_name)
}

/// The English weekday that stands before a position, with a comma or without.
fn weekday_before(chars: &[char], at: usize) -> Option<Weekday> {
    let before = chars.get(..at)?;
    let parted = |c: &&char| matches!(**c, BLANK | ',' | '.');
    let gap = before.iter().rev().take_while(parted).count();
    let letters = before.iter().rev().skip(gap);
    let letters = letters.take_while(|c| c.is_ascii_alphabetic()).take(10);
    let mut word: Vec<char> = letters.map(char::to_ascii_lowercase).collect();
    word.reverse();
    weekday(&word.into_iter().collect::<String>()).filter(|_| gap > 0)
}

impl DateReader<'_> {
    /// `Saturday, `
    fn leading_weekday(&mut self) -> Option<Weekday> {
        let said = self.weekday_name()?;
        self.one_of(&['.']);
        self.one_of(&[',']);
        self.one_of(&[BLANK])?;
        Some(said)
    }

    /// `(星期六)`, `星期六`, `(Sat)`, `, Saturday`
    fn trailing_weekday(&mut self) -> Option<Weekday> {
        let comma = self.one_of(&[',']);
        self.blank();
        if comma.is_none() && self.one_of(&['(']).is_some() {
            let said = self.chinese_weekday().or_else(|| self.weekday_name());
            return said.filter(|_| self.one_of(&[')']).is_some());
        }
        let chinese = self.chinese_weekday().filter(|_| comma.is_none());
        let in_full = |reader: &mut Self| {
            let is_full = reader.letters().ends_with("day");
            reader.weekday_name().filter(|_| is_full)
        };
        chinese.or_else(|| in_full(self))
    }

    fn weekday_name(&mut self) -> Option<Weekday> {
        let word = self.letters();
        let said = weekday(&word)?;
        self.at += word.len();
        Some(said)
    }

    fn chinese_weekday(&mut self) -> Option<Weekday> {
        self.attempt(|reader| {
            let leads = [
                &['星', '期'][..],
                &['礼', '拜'],
                &['禮', '拜'],
                &['周'],
                &['週'],
            ];
            leads.iter().find(|lead| reader.skip(lead))?;
            Some(
                match reader.one_of(&['一', '二', '三', '四', '五', '六', '日', '天'])? {
                    '一' => Weekday::Mon,
                    '二' => Weekday::Tue,
                    '三' => Weekday::Wed,
                    '四' => Weekday::Thu,
                    '五' => Weekday::Fri,
                    '六' => Weekday::Sat,
                    _ => Weekday::Sun,
                },
            )
        })
    }

    /// The vendor's zone by its name.
    fn zone_word(&mut self) -> Option<FixedOffset> {
        let names = [&['北', '京', '时', '间'], &['北', '京', '時', '間']];
        names.iter().find(|name| self.skip(&name[..]))?;
        self.blank();
        FixedOffset::east_opt(8 * 3_600)
    }

    /// Skips these characters, if they come next.
    fn skip(&mut self, wanted: &[char]) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let comes = rest.starts_with(wanted);
        self.at += if comes { wanted.len() } else { 0 };
        comes
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn one_of(&mut self, wanted: &[char]) -> Option<char> {
        let c = self.peek().filter(|c| wanted.contains(c))?;
        self.at += 1;
        Some(c)
    }

    fn blank(&mut self) {
        self.one_of(&[BLANK]);
    }

    /// Runs a parser, and backtracks when it fails.
    fn attempt<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.at;
        let found = read(self);
        if found.is_none() {
            self.at = before;
        }
        found
    }

    /// A number with this many digits, not next to further ones.
    fn number(&mut self, fewest: usize, most: usize) -> Option<u32> {
        let rest = self.chars.get(self.at..)?;
        let digits: String = rest
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .take(most + 1)
            .collect();
        if !(fewest..=most).contains(&digits.len()) {
            return None;
        }
        self.at += digits.len();
        digits.parse().ok()
    }

    fn day(&mut self) -> Option<NaiveDate> {
        self.attempt(Self::iso)
            .or_else(|| self.attempt(Self::chinese))
            .or_else(|| self.attempt(Self::day_month_year))
            .or_else(|| self.attempt(Self::month_day_year))
    }

    /// `2026-03-08`
    fn iso(&mut self) -> Option<NaiveDate> {
        let year = self.number(4, 4)?;
        self.one_of(&['-'])?;
        let month = self.number(2, 2)?;
        self.one_of(&['-'])?;
        ymd(year, month, self.number(2, 2)?)
    }

    /// `2026年3月8日`
    fn chinese(&mut self) -> Option<NaiveDate> {
        let year = self.counted(4, 4, '年')?;
        let month = self.counted(1, 2, '月')?;
        ymd(year, month, self.counted(1, 2, '日')?)
    }

    /// A number followed by its unit.
    fn counted(&mut self, fewest: usize, most: usize, unit: char) -> Option<u32> {
        self.blank();
        let number = self.number(fewest, most)?;
        self.blank();
        self.one_of(&[unit]).map(|_| number)
    }

    /// `8 March 2026`
    fn day_month_year(&mut self) -> Option<NaiveDate> {
        let day = self.number(1, 2)?;
        self.blank();
        let month = self.month()?;
        self.one_of(&[',']);
        self.blank();
        ymd(self.number(4, 4)?, month, day)
    }

    /// `March 8, 2026`
    fn month_day_year(&mut self) -> Option<NaiveDate> {
        let month = self.month()?;
        self.blank();
        let day = self.number(1, 2)?;
        self.one_of(&[',', BLANK])?;
        self.blank();
        ymd(self.number(4, 4)?, month, day)
    }

    /// An English month, in full or by its first three letters.
    fn month(&mut self) -> Option<u32> {
        let word = self.letters();
        let number = month_number(&word)?;
        self.at += word.chars().count();
        self.one_of(&['.']);
        Some(number)
    }

    /// The Latin letters from here, in lower case.
    fn letters(&self) -> String {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let letters = rest.iter().take_while(|c| c.is_ascii_alphabetic());
        letters.map(char::to_ascii_lowercase).collect()
    }

    /// A separator, then hours, minutes and optional seconds, or the Chinese midnight. What ends in Chinese or in a bracket needs none.
    fn time(&mut self) -> Option<NaiveTime> {
        self.one_of(&[',']);
        let before = self.at;
        self.one_of(&['T', BLANK]);
        let parts = |c: &char| matches!(c, ',' | '日' | ')');
        if self.at == before && !self.chars.get(before.checked_sub(1)?).is_some_and(parts) {
            return None;
        }
        if let Some(midnight) = self.attempt(Self::midnight) {
            return Some(midnight);
        }
        let hour = self.number(1, 2)?;
        self.one_of(&[':'])?;
        let minute = self.number(2, 2)?;
        let second = self.attempt(|reader| {
            reader.one_of(&[':'])?;
            let second = reader.number(2, 2)?;
            reader.attempt(|reader| {
                reader.one_of(&['.'])?;
                reader.number(1, 9)
            });
            Some(second)
        });
        NaiveTime::from_hms_opt(hour, minute, second.unwrap_or(0))
    }

    /// `0点`
    fn midnight(&mut self) -> Option<NaiveTime> {
        if self.one_of(&['零']).is_none() {
            self.number(1, 2).filter(|hour| *hour == 0)?;
        }
        self.one_of(&['点', '點'])?;
        self.one_of(&['整']);
        Some(NaiveTime::MIN)
    }

    /// Whether the time from here on has seconds, or a `T` before it.
    fn is_exact(&self, from: usize) -> bool {
        let time = self.chars.get(from..self.at).unwrap_or_default();
        time.contains(&'T') || time.iter().filter(|c| **c == ':').count() > 1
    }

    /// `Z`, `+08:00`, `UTC+8`, `(GMT+08:00)`. A bare offset requires a time before it, and a bare one to the west an exact one: what
    /// follows `02:00-` may be the end of a period.
    fn offset(&mut self, timed: bool, is_exact: bool) -> Option<FixedOffset> {
        self.blank();
        let open = self.one_of(&['(']);
        if let Some(named) = self.attempt(Self::zone_word) {
            let closed = open.is_none() || self.one_of(&[')']).is_some();
            return closed.then_some(named);
        }
        let word = self.letters();
        let named = word == "utc" || word == "gmt";
        let zulu = word == "z" && timed;
        let bare = word.is_empty() && timed;
        if !(named || zulu || bare) {
            return None;
        }
        self.at += word.len();
        if bare && !is_exact && self.peek() == Some('-') {
            return None;
        }
        let signed = (!zulu).then(|| self.attempt(Self::signed)).flatten();
        let seconds = match signed {
            Some(seconds) => seconds,
            None if word.is_empty() => return None,
            None => 0,
        };
        if open.is_some() {
            self.one_of(&[')'])?;
        }
        FixedOffset::east_opt(seconds)
    }

    fn signed(&mut self) -> Option<i32> {
        let sign = self.one_of(&['+', '-'])?;
        let (hours, minutes) = match self.attempt(|reader| reader.number(4, 4)) {
            Some(both) => (both / 100, both % 100),
            None => {
                let hours = self.number(1, 2)?;
                let minutes = self.attempt(|reader| {
                    reader.one_of(&[':'])?;
                    reader.number(2, 2)
                });
                (hours, minutes.unwrap_or(0))
            }
        };
        let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
        // Real offsets are whole quarters of an hour; anything else is an error or tampering.
        (hours <= 14 && minutes < 60 && minutes % 15 == 0).then_some(if sign == '-' {
            -seconds
        } else {
            seconds
        })
    }

    /// Whether the following text continues the date, so that it means another time.
    fn goes_on(mut self) -> bool {
        self.blank();
        let Some(next) = self.peek() else {
            return false;
        };
        let digit_behind = |mark: char| {
            let behind = self.chars.get(self.at + 1);
            next == mark && behind.is_some_and(char::is_ascii_digit)
        };
        let word = self.letters();
        let half = ["am", "pm"].contains(&word.as_str())
            || (["a", "p"].contains(&word.as_str()) && self.chars.get(self.at + 1) == Some(&'.'));
        next.is_numeric()
            || GOES_ON.contains(&next)
            || half
            || [':', '-', '/', '.', '~'].into_iter().any(digit_behind)
    }
}

fn ymd(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok()?;
    NaiveDate::from_ymd_opt(year, month, day).filter(|_| (2000..2100).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::date;
    use rstest::rstest;

    fn read(text: &str) -> Option<(String, String)> {
        let chars: Vec<char> = text.chars().collect();
        let found = date(&chars, 0, chrono_tz::Asia::Shanghai)?;
        assert!(!found.contradicts, "{text}");
        let rest = chars.get(found.end..).unwrap().iter().collect();
        Some((found.at.format("%Y-%m-%dT%H:%M:%S").to_string(), rest))
    }

    #[rstest]
    #[case("2026-03-08", "2026-03-07T16:00:00", "")]
    #[case("2026-03-08 00:00:00，", "2026-03-07T16:00:00", "，")]
    #[case("2026-03-08T08:30:00Z", "2026-03-08T08:30:00", "")]
    #[case("2026-03-08 08:30+0800.", "2026-03-08T00:30:00", ".")]
    #[case("2026-03-08, 8:30:00.123 (UTC+8)", "2026-03-08T00:30:00", "")]
    #[case("2026-03-08 (UTC+08:00)", "2026-03-07T16:00:00", "")]
    #[case("2026-03-08T02:00-06:00", "2026-03-08T08:00:00", "")]
    #[case("2026-03-08 02:00:00-06:00", "2026-03-08T08:00:00", "")]
    #[case("2026-03-08 UTC", "2026-03-08T00:00:00", "")]
    #[case("2026年3月8日释放", "2026-03-07T16:00:00", "释放")]
    #[case("2026 年 03 月 08 日 12:30", "2026-03-08T04:30:00", "")]
    #[case("8 March 2026", "2026-03-07T16:00:00", "")]
    #[case("8 Mar. 2026 at", "2026-03-07T16:00:00", " at")]
    #[case("March 8, 2026.", "2026-03-07T16:00:00", ".")]
    #[case("Sep 08 2026, 10:00", "2026-09-08T02:00:00", "")]
    #[case("Sunday, March 8, 2026", "2026-03-07T16:00:00", "")]
    #[case("Sun, 08 Mar 2026 00:00:00 +0800", "2026-03-07T16:00:00", "")]
    #[case("2026年3月8日(星期日)释放", "2026-03-07T16:00:00", "释放")]
    #[case("2026年3月8日 周日 12:30释放", "2026-03-08T04:30:00", "释放")]
    #[case("8 March 2026 (Sun), 08:00", "2026-03-08T00:00:00", "")]
    #[case("2026-03-08, Sunday.", "2026-03-07T16:00:00", ".")]
    #[case("北京时间2026年3月8日0点释放", "2026-03-07T16:00:00", "释放")]
    #[case("北京时间 2026-03-08 00:00", "2026-03-07T16:00:00", "")]
    #[case("2026年3月8日00:00:00(北京时间)", "2026-03-07T16:00:00", "")]
    #[case("2026年3月8日零点整", "2026-03-07T16:00:00", "")]
    fn a_full_date_is_read(#[case] text: &str, #[case] at: &str, #[case] rest: &str) {
        assert_eq!(read(text), Some((at.to_owned(), rest.to_owned())));
    }

    #[rstest]
    #[case("Saturday, March 8, 2026", 0, true)]
    #[case("Saturday, March 8, 2026", 10, true)]
    #[case("Sunday, March 8, 2026", 8, false)]
    #[case("2026年3月8日(星期六)", 0, true)]
    #[case("2026-03-08 (Mon)", 0, true)]
    #[case("2026-03-08 周六", 0, true)]
    fn another_weekday_than_its_own_contradicts_it(
        #[case] text: &str,
        #[case] at: usize,
        #[case] contradicts: bool,
    ) {
        let chars: Vec<char> = text.chars().collect();
        let found = date(&chars, at, chrono_tz::Asia::Shanghai).unwrap();
        assert_eq!(found.contradicts, contradicts);
    }

    #[rstest]
    #[case("2026-02-31")]
    #[case("2026-3-8")]
    #[case("26.02.2026")]
    #[case("02/26/2026")]
    #[case("20260308")]
    #[case("2026-03-081")]
    #[case("2026-03-08 24:00")]
    #[case("2026-03-08 3 pm")]
    #[case("2026-03-08 3:00 pm")]
    #[case("2026-03-08 3:00 P.M.")]
    #[case("2026年3月8号")]
    #[case("2026年3月8日12时")]
    #[case("2026年3月8日 24:00")]
    #[case("2026年3月8日9点")]
    #[case("2026年3月8日0点5分")]
    #[case("2026年3月8日0时")]
    #[case("2026-03-0800:00")]
    #[case("北京时间2026-03-08 00:00 UTC+9")]
    #[case("东京时间2026年3月8日")]
    #[case("3月8日")]
    #[case("2026年3月")]
    #[case("8 March")]
    #[case("March 8")]
    #[case("March 8, 26")]
    #[case("March 2026")]
    #[case("8 Marzo 2026")]
    #[case("2026-03-08-09")]
    #[case("2026-03-08 02:00-06:00")]
    #[case("2026-03-08 02:00 -06:00")]
    #[case("2026-03-08 8:3")]
    #[case("26-Feb-2026")]
    #[case("1772035200")]
    #[case("民国115年2月26日")]
    fn half_a_date_is_none(#[case] text: &str) {
        assert_eq!(read(text), None);
    }
}
