//! The values of header lines. A value counts as structure only if it has the form that its label promises; anything else is text
//! of the message.

use std::sync::LazyLock;

use regex::Regex;

use super::names_id;
use crate::domain::notice::says_of_notices;
use crate::domain::written::{lists, plain};

/// The longest name of a person or team, in characters.
const LONGEST_NAME: usize = 40;
/// The most words in one.
const NAME_WORDS: usize = 4;
/// The most letters of one that is not in Latin script.
const NAME_LETTERS: usize = 12;
/// Lower-case words within a name.
const PARTICLES: &str = "of the for de da di du la van von der den bin al";
/// Words for what has happened to an instance, which are part of no name.
pub(super) const LOST: &str = "released deleted cancelled canceled closed expired terminated removed destroyed unsubscribed \
    refunded gone";
/// The longest introduction of a quoted message, in characters.
const LONGEST_INTRODUCTION: usize = 320;

/// The days of a week and the months, as mail programs write them.
const WEEKDAYS: &str = "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun \
    montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so \
    lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim \
    lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom \
    lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab \
    segunda-feira terça-feira quarta-feira quinta-feira sexta-feira \
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag";
const MONTHS: &str = "january february march april may june july august september october november december \
    jan feb mar apr jun jul aug sep sept oct nov dec \
    januar februar märz mai juni juli oktober dezember jän mär okt dez \
    janvier février mars avril juin juillet août septembre octobre novembre décembre janv févr avr juil déc \
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ene abr ago dic \
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre \
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro \
    januari februari maart mei augustus";

/// A pattern for one of these words, the longest first.
fn one_of(words: &str) -> String {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    format!("(?:{})", words.join("|"))
}

/// A date, then an optional time of day, in lower case with single blanks.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let weekday = format!(r"{}\.?", one_of(WEEKDAYS));
    let month = format!(r"{}\.?", one_of(MONTHS));
    let year = "(?:19|20)[0-9]{2}";
    let day = format!(
        r"(?:[0-9]{{1,2}}(?:st|nd|rd|th|\.)?[ -](?:de )?{month},?[ -](?:de )?{year}|{month} [0-9]{{1,2}}(?:st|nd|rd|th)?,? {year}|{year}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.](?:{year}|[0-9]{{2}})|{year} ?[年년] ?[0-9]{{1,2}} ?[月월] ?[0-9]{{1,2}} ?[日号號일])"
    );
    let han_weekday = r"[(]?(?:(?:星期|周|週)[一二三四五六日天]|[月火水木金土日](?:曜日)?|[월화수목금토일]요일)[)]?";
    let part = "(?:上午|下午|凌晨|早上|中午|晚上|午前|午後|오전|오후|am|pm)";
    let time = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]{1,6})?(?: ?[ap]\.?m\.?| uhr)?";
    let zone = r"[(\[]?(?:(?:utc|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2})?|z|utc|gmt|cst|est|edt|pst|pdt|cet|cest|mez|mesz|bst|ist|jst|kst|msk|sgt|hkt|china standard time|北京时间)[)\]]?";
    Regex::new(&format!(
        "^(?:on |le |el |am |il )?(?:{weekday},? )?{day}(?:,? ?[(]?{weekday}[)]?|,? ?{han_weekday})?(?P<time>(?:,? (?:at|um|à|a las|alle|às|om) |,? ?(?:{zone} )?|t){part}? ?{time}(?: ?{zone}){{0,2}}(?: ?{han_weekday})?)?$"
    ))
    .ok()
});
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // A name, and what is or may be an address in brackets behind it.
    let address = r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*";
    Regex::new(&format!(
        r#"(?i)^(?:(?P<name>[^<>@\[\]()]*?)[ ]?[<\[](?:mailto:)?{address}(?: ?<mailto:{address}>)?[>\]]|["']?{address}["']?(?: ?[<\[(](?:mailto:)?{address}[>\])])?|{address} \((?P<behind>[^<>@()]*)\)|<>)$"#
    ))
    .ok()
});

/// Whether a value is a full date, with a time of day or without.
pub(super) fn is_date(value: &str) -> bool {
    matches_date(value).is_some()
}

/// Whether a value is a full date with a time of day, as a message's time of sending is written.
pub(super) fn is_moment(value: &str) -> bool {
    matches_date(value) == Some(true)
}

/// Whether a date has a time of day; `None` for anything else.
fn matches_date(value: &str) -> Option<bool> {
    if value.chars().count() > 80 {
        return None;
    }
    let value = plain(value).to_lowercase();
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = DATE
        .as_ref()?
        .captures(value.trim_matches([' ', ',', ';']))?;
    Some(found.name("time").is_some())
}

/// Whether a text may be the name of a person or a team: a few words that say nothing of notices.
pub(super) fn is_name(name: &str) -> bool {
    let name = name
        .trim()
        .trim_matches(['"', '\'', '“', '”', '‘', '’'])
        .trim();
    let words: Vec<&str> = name.split_whitespace().collect();
    let allowed = |c: char| {
        c.is_alphanumeric()
            || c.is_whitespace()
            || matches!(c, '.' | '\'' | '’' | '-' | '_' | '&' | '/' | '·')
    };
    let counts = words.iter().any(|word| {
        !word.is_empty()
            && !word.chars().any(char::is_alphabetic)
            && word.chars().any(char::is_numeric)
    });
    let is_latin = |c: char| c.is_ascii_alphanumeric();
    let is_other =
        |c: char| c.is_alphabetic() && !c.is_ascii() && !('\u{c0}'..='\u{24f}').contains(&c);
    let mixed = name
        .chars()
        .zip(name.chars().skip(1))
        .any(|(one, next)| is_latin(one) && is_other(next) || is_other(one) && is_latin(next));
    // Several words in lower case are a sentence.
    let begins = |word: &&str| {
        lists(PARTICLES, word) || !word.chars().next().is_some_and(char::is_lowercase)
    };
    let titled = words.len() < 2 || words.iter().all(begins);
    !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && words.len() <= NAME_WORDS
        && name.chars().filter(|c| is_other(*c)).count() <= NAME_LETTERS
        && name.chars().all(allowed)
        && !counts
        && !mixed
        && titled
        && !names_id(name)
        && !words.iter().any(|word| lists(LOST, &word.to_lowercase()))
        && !says_of_notices(name)
}

/// Whether a link leads to one address and says nothing else: no subject, and no text.
pub(super) fn is_address_link(link: &str) -> bool {
    let link = link.trim();
    let scheme = link.get(..7);
    let is_mail = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    let to = link.get(7..).unwrap_or_default();
    is_mail
        && !to.contains(|c: char| c.is_whitespace() || "?%&=<([\"'".contains(c))
        && !names_id(to)
        && ADDRESS.as_ref().is_some_and(|address| address.is_match(to))
}

/// The names in a list of addresses; `None` for anything else. `bare`: whether a name may have no address.
pub(super) fn addresses(value: &str, bare: bool) -> Option<Vec<String>> {
    if names_id(value) {
        return None;
    }
    let mut names = Vec::new();
    for element in elements(value) {
        names.extend(person(&element, bare)?);
    }
    Some(names)
}

/// The name of one person, if there is one; `None` for anything else.
fn person(element: &str, bare: bool) -> Option<Option<String>> {
    let element = element.trim();
    let lower = element.to_lowercase();
    if element.is_empty()
        || ["undisclosed-recipients:", "undisclosed recipients:"].contains(&lower.as_str())
    {
        return Some(None);
    }
    // Mail that is forwarded by a rule has several addresses with blanks between.
    let address = ADDRESS.as_ref()?;
    let nameless = |word: &str| {
        let found = address.captures(word);
        found.is_some_and(|found| {
            let mut names = found.iter().skip(1).flatten();
            names.all(|name| name.is_empty())
        })
    };
    if element.split_whitespace().all(nameless) {
        return Some(None);
    }
    let name = match address.captures(element) {
        Some(found) => {
            let name = found.name("name").or(found.name("behind"));
            let name = name.map_or("", |name| name.as_str());
            name.trim()
                .trim_matches(['"', '\'', '“', '”'])
                .trim()
                .to_owned()
        }
        None if bare => element.to_owned(),
        None => return None,
    };
    // Some programs repeat the address as the name.
    if name.is_empty() {
        return Some(None);
    }
    is_name(&name).then_some(Some(name))
}

/// The elements of a list, separated outside of quotation marks and brackets.
fn elements(value: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut quoted, mut deep) = (false, 0_usize);
    for c in value.chars() {
        match c {
            '"' => quoted = !quoted,
            '<' | '(' | '[' => deep += 1,
            '>' | ')' | ']' => deep = deep.saturating_sub(1),
            _ => {}
        }
        if matches!(c, ',' | ';' | '，' | '；' | '、') && !quoted && deep == 0 {
            all.push(String::new());
        } else if let Some(last) = all.last_mut() {
            last.push(c);
        }
    }
    all
}

/// The name in an introduction of a quoted message without its verb: a date, and a person before or after it.
pub(super) fn introduction(text: &str) -> Option<Vec<String>> {
    if text.chars().count() > LONGEST_INTRODUCTION {
        return None;
    }
    let joins = |text: &str| {
        let mut text = text.trim_matches([' ', ',', '，', '\t']);
        for word in ["On ", "At ", "在", "于", "於"] {
            text = text.strip_prefix(word).unwrap_or(text);
        }
        for word in [" on", " at", "于", "於", "在"] {
            text = text.strip_suffix(word).unwrap_or(text);
        }
        text.trim_matches([' ', ',', '，', '\t']).to_owned()
    };
    let people = |text: &str| {
        let one = elements(text);
        let one = one.first().filter(|_| one.len() == 1)?;
        let name = person(one, true)?;
        (!one.trim().is_empty() && !names_id(one)).then(|| name.into_iter().collect())
    };
    text.char_indices().skip(1).find_map(|(at, _)| {
        let (before, behind) = text.split_at(at);
        let (before, behind) = (joins(before), joins(behind));
        let dated_first = || is_date(&before).then(|| people(&behind)).flatten();
        dated_first().or_else(|| is_date(&behind).then(|| people(&before)).flatten())
    })
}

/// The name of a person with an optional date, as after `Forwarded by`; `None` for anything else.
pub(super) fn byline(text: &str) -> Option<Vec<String>> {
    let named = person(text, true).filter(|_| !text.trim().is_empty());
    let named = named.map(|name| name.into_iter().collect());
    named.or_else(|| introduction(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Sat, 28 Nov 2026 09:00:00 +0800", Some(true))]
    #[case("Sat, 28 Nov 2026 09:00:00 +0800 (CST)", Some(true))]
    #[case("Sat, Nov 28, 2026 at 9:00\u{202f}AM", Some(true))]
    #[case("Sunday, November 29, 2026 3:00 AM", Some(true))]
    #[case("24 February 2026 at 08:00:00 GMT+8", Some(true))]
    #[case("2026-02-24 08:00:00 (星期二)", Some(true))]
    #[case("2026年11月28日(星期六) 上午9:00", Some(true))]
    #[case("2026年11月28日周六 09:00", Some(true))]
    #[case("2026/11/28 (周六) 9:00", Some(true))]
    #[case("2026-02-24T08:00:00Z", Some(true))]
    #[case("2026年11月28日 GMT+8 09:00:00", Some(true))]
    #[case("On Saturday, November 28th, 2026 at 9:00 AM", Some(true))]
    #[case("11/28/26 09:00", Some(true))]
    #[case("28.11.2026", Some(false))]
    #[case("Tue, 24 Feb 2026", Some(false))]
    #[case("tomorrow at 10:00", None)]
    #[case("in 2 hours, at 10:00", None)]
    #[case("立即", None)]
    #[case("2小时内立即释放", None)]
    #[case("2026-02-24 08:00, within 2 hours", None)]
    #[case("24 Feb", None)]
    #[case("", None)]
    fn a_date_is_one_as_a_whole(#[case] text: &str, #[case] timed: Option<bool>) {
        assert_eq!(matches_date(text), timed, "{text}");
    }

    #[rstest]
    #[case("\"甲\" <a@b.example>;", true, Some(&["甲"][..]))]
    #[case("<o@b.example>, <p@b.example>", false, Some(&[][..]))]
    #[case("Alibaba Cloud <noreply@aliyun.com>", false, Some(&["Alibaba Cloud"][..]))]
    #[case("Alibaba Cloud [mailto:noreply@aliyun.com]", false, Some(&["Alibaba Cloud"][..]))]
    #[case("ops@x.example <ops@x.example>", false, Some(&[][..]))]
    #[case("\"ops@x.example\" <ops@x.example>", false, Some(&[][..]))]
    #[case("ops@x.example (Ops Team)", false, Some(&["Ops Team"][..]))]
    #[case("ops@x.example bot@x.example", false, Some(&[][..]))]
    #[case("ops@x.example billing", true, None)]
    #[case("ops", true, Some(&["ops"][..]))]
    #[case("阿里云", true, Some(&["阿里云"][..]))]
    #[case("undisclosed-recipients:;", false, Some(&[][..]))]
    #[case("", false, Some(&[][..]))]
    #[case("ops", false, None)]
    #[case("billing goes tomorrow as well, ask bob@x.y", true, None)]
    #[case("\"billing goes too\" <bob@x.y>", true, None)]
    #[case("\"Billing Will Be Released\" <bob@x.y>", true, None)]
    #[case("now on billing is in danger too, please look", true, None)]
    #[case("所有实例 <bob@x.y>", true, None)]
    #[case("billing也没了", true, None)]
    #[case("3 instances", true, None)]
    #[case("All Gone", true, None)]
    #[case("today", true, None)]
    #[case("MQ_INST_1080056302921134_BYdkf3Qa <bob@x.y>", true, None)]
    fn a_list_of_addresses_is_nothing_else(
        #[case] text: &str,
        #[case] bare: bool,
        #[case] names: Option<&[&str]>,
    ) {
        let found = addresses(text, bare);
        let found: Option<Vec<&str>> = found
            .as_ref()
            .map(|found| found.iter().map(String::as_str).collect());
        assert_eq!(found.as_deref(), names, "{text}");
    }

    #[rstest]
    #[case("mailto:ops@x.example", true)]
    #[case("MAILTO:ops@x.example", true)]
    #[case("mailto:ops@x.example?subject=billing%20is%20deleted", false)]
    #[case("mailto:billing%20is%20deleted@x.example", false)]
    #[case("mailto:MQ_INST_1080056302921134_BYdkf3Qa@x.example", false)]
    #[case("mailto:ops@x.example,bob@x.example", false)]
    #[case("mailto:", false)]
    #[case("https://ops@x.example", false)]
    fn a_link_to_an_address_says_nothing_else(#[case] link: &str, #[case] is_one: bool) {
        assert_eq!(is_address_link(link), is_one, "{link}");
    }

    #[rstest]
    #[case("On Sat, Nov 28, 2026 at 9:00 AM A <a@b.example>", true)]
    #[case("On 28 Nov 2026, at 09:00, Alibaba Cloud <a@b.example>", true)]
    #[case("At 2026-02-24 08:00:00, \"Alibaba Cloud\" <a@b.example>", true)]
    #[case("甲 <a@b.example> 于2026年11月28日周六 09:00", true)]
    #[case("在 2026年11月28日，上午9:00，阿里云 <a@b.example> ", true)]
    #[case("On 24 Feb billing was deleted too, alice", false)]
    #[case("On Sunday billing will be deleted too, as alice", false)]
    #[case("billing 2天后会被删除，阿里云", false)]
    #[case("On 24 Feb 2026 billing was deleted, alice", false)]
    #[case("alice", false)]
    fn an_introduction_is_a_date_and_a_person(#[case] text: &str, #[case] is_one: bool) {
        assert_eq!(introduction(text).is_some(), is_one, "{text}");
    }
}
