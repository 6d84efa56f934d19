//! The visible effects of a style itself, beside the text that it formats: pictures, words, numbers, another direction.
//!
//! Everything in a style counts as text unless it is known not to be: names of fonts, selectors, and the settings of word
//! processors.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The visible effects of a style.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct StyleContent {
    /// Whether it has words in quotation marks.
    pub(super) words: bool,
    /// Whether it strikes text out.
    pub(super) strikes: bool,
    /// Unread effects, each in words for people.
    pub(super) unread: Vec<&'static str>,
}

const PICTURE: &str = "a picture behind the text, or a style from elsewhere (not read)";
const MADE: &str = "what a style shows (not read)";
const TURNED: &str = "text whose direction a style turns (not read)";
pub(super) const LARGE: &str = "pictures that a style enlarges (not read)";

#[expect(
    clippy::expect_used,
    reason = "constant patterns, each compiled by the tests"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// A character by its code, as `\75`, or itself behind a backslash.
static ESCAPED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\\(?:(?<code>[0-9A-Fa-f]{1,6})[ \t\r\n\f]?|(?<char>[^\r\n]))"));
static COMMENTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)/\*.*?\*/"));
/// Parts with quotation marks or addresses that show nothing: fonts, the character set, selectors by attribute, settings of Office.
static NOTHING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?is)@font-face\s*\{[^}]*\}|@charset\s*(?:"[^"]*"|'[^']*')"#,
        r#"|\[[a-z-]+\s*[~|^$*]?=\s*(?:"[^"]*"|'[^']*'|[^\]"']*)\s*[is]?\s*\]"#,
        r"|(?:^|[;{\s])(?:font|font-family|mso-[a-z-]+)\s*:[^;}]*",
    ))
});
static PICTURES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)@import|\b(?:url|image|image-set|cross-fade|element|paint)\(|imageloader")
});
/// Quoted text, from its first mark to its last; without the last, whatever follows.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#""[^"]*(?:"|$)|'[^']*(?:'|$)"#));
static MADE_BY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)@counter-style|\b(?:attr|counters?)\("));
static BIDI: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:bidi|isolate)-override\b"));
/// A rule: what it is for, and its settings.
static RULES: LazyLock<Regex> = LazyLock::new(|| pattern(r"([^{}]*)\{([^{}]*)\}"));
/// The reach of a scaling style: everything in the element, pictures included.
static SCALED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:^|[;{\s])(?:-[a-z]+-)?(?:zoom|scale|transform)\s*:\s*(?<by>[^;}!]*)")
});
/// The size in CSS pixels up to which a rule for pictures enlarges none.
const SMALL: u32 = 120;
/// The settings that show a picture no larger than its sides are.
const PLAIN: &str = "width height max-width max-height min-width min-height border border-width border-style border-color \
    border-radius border-top border-bottom border-left border-right margin margin-top margin-bottom margin-left margin-right \
    padding padding-top padding-bottom padding-left padding-right display vertical-align outline text-decoration text-align \
    line-height font font-family font-size color background-color float clear box-sizing -ms-interpolation-mode opacity \
    visibility zoom transform scale letter-spacing word-break word-wrap overflow-wrap -webkit-text-size-adjust \
    -ms-text-size-adjust text-size-adjust -webkit-font-smoothing";

/// A style without comments, and with its escaped characters as they are read. `\9` and the like hide a setting from some programs.
fn plain(style: &str) -> String {
    let style = COMMENTS.replace_all(style, "");
    let style = ESCAPED.replace_all(&style, |found: &Captures<'_>| {
        let code = found.name("code").map(|code| code.as_str());
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let read = code.and_then(char::from_u32).filter(|c| !c.is_control());
        let read = read.map(String::from);
        let char = found.name("char").map(|char| char.as_str().to_owned());
        read.or(char).unwrap_or_default()
    });
    style.into_owned()
}

/// The visible effects of the style of one tag, or of the page.
pub(super) fn shown(style: &str) -> StyleContent {
    let style = plain(style);
    let kept = NOTHING.replace_all(&style, ";");
    let scales = |found: Captures<'_>| {
        let by = found.name("by").map_or("", |by| by.as_str()).trim();
        !["1", "100%", "none", "normal"].contains(&by)
    };
    let all = [
        (PICTURES.is_match(&kept), PICTURE),
        (MADE_BY.is_match(&kept), MADE),
        (BIDI.is_match(&kept), TURNED),
        (SCALED.captures_iter(&kept).any(scales), LARGE),
    ];
    StyleContent {
        words: (QUOTED.find_iter(&kept)).any(|text| text.as_str().contains(char::is_alphanumeric)),
        strikes: kept.to_ascii_lowercase().contains("line-through"),
        unread: all
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, what)| what)
            .collect(),
    }
}

/// The value of a property in a style.
fn value(style: &str, name: &str) -> Option<String> {
    let style = plain(style).to_ascii_lowercase();
    let mut settings = style.split(';').rev();
    settings.find_map(|setting| {
        let (of, value) = setting.split_once(':')?;
        (of.trim() == name).then(|| value.replace("!important", "").trim().to_owned())
    })
}

/// The length that the style of a picture gives a side of it, or at most gives it, in CSS pixels.
pub(super) fn side(style: &str, side: &str) -> Option<u32> {
    let px = |name: &str| {
        let value = value(style, name)?;
        value.strip_suffix("px")?.trim().parse().ok()
    };
    px(side).or_else(|| px(&format!("max-{side}")))
}

/// Whether the style of a picture may show it larger than this, in CSS pixels, along one side.
pub(super) fn enlarges(style: &str, side: &str, most: u32) -> bool {
    let value = |name: &str| value(style, name);
    let is_small = |value: &str| {
        let px = value.strip_suffix("px").unwrap_or(value);
        px.trim().parse::<f32>().is_ok_and(|px| px <= most as f32)
    };
    let bounded = value(&format!("max-{side}")).is_some_and(|most| is_small(&most));
    let least = value(&format!("min-{side}")).is_some_and(|least| !is_small(&least));
    let given = value(side).is_some_and(|given| {
        !is_small(&given) && !matches!(given.as_str(), "" | "auto" | "inherit" | "initial")
    });
    least || given && !bounded || !is_plain(style)
}

/// Whether each of its settings is known to enlarge nothing beyond the sides that it gives.
fn is_plain(style: &str) -> bool {
    let style = plain(style).to_ascii_lowercase();
    let mut names = style.split(';').filter_map(|setting| {
        let name = setting.split(':').next().unwrap_or_default().trim();
        (!name.is_empty()).then_some(name)
    });
    names
        .all(|name| name.starts_with("mso-") || PLAIN.split_ascii_whitespace().any(|it| it == name))
}

/// Whether a rule of a page may enlarge a picture with these marks: `img`, its classes and its name. A share of the width, as
/// pages for telephones give it, is none.
pub(super) fn enlarges_any(sheets: &str, marks: &[String]) -> bool {
    let sheets = plain(sheets).to_ascii_lowercase();
    let kept = NOTHING.replace_all(&sheets, ";");
    let mut rules = RULES.captures_iter(&kept);
    rules.any(|rule| {
        let of = |group| rule.get(group).map_or("", |found| found.as_str());
        let settings = of(2).replace("100%", "auto");
        let large = ["width", "height"];
        large.iter().any(|side| enlarges(&settings, side, SMALL))
            && of(1).split(',').any(|selector| may_mean(selector, marks))
    })
}

/// Whether a selector may mean a picture with these marks: not by another tag, nor by a mark that none has.
fn may_mean(selector: &str, marks: &[String]) -> bool {
    let last = selector
        .trim()
        .rsplit([' ', '\t', '\n', '\r', '>', '+', '~']);
    let last = last.into_iter().next().unwrap_or_default();
    let tag = last.split(['.', '#', ':', '[']).next().unwrap_or_default();
    let is_tag = tag.is_empty() || tag == "*" || marks.iter().any(|mark| mark == tag);
    let plain = last.split([':', '[']).next().unwrap_or_default();
    let mut named = plain.match_indices(['.', '#']).map(|(at, _)| {
        let rest = plain.get(at..).unwrap_or_default();
        let end = rest.get(1..).and_then(|rest| rest.find(['.', '#']));
        end.map_or(rest, |end| rest.get(..=end).unwrap_or_default())
    });
    is_tag && named.all(|name| marks.iter().any(|mark| mark == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_letterhead_is_styled_by_shows_nothing() {
        for style in [
            "font-family:\"Helvetica Neue\", 'PingFang SC', sans-serif; font-size:14px",
            "font: 12px/1.5 \"微软雅黑\"",
            "@charset \"utf-8\"; body{margin:0}",
            "@font-face{font-family:'Open Sans';src:local('Open Sans'),url(https://f.example/o.woff2) format('woff2')}",
            "a[href^=\"tel\"]{color:inherit} td[class='col']{width:100%}",
            "p.MsoNormal{mso-style-name:\"Table Normal\";mso-fareast-font-family:SimSun}",
            "@media (max-width:600px){.logo{width:100%!important;height:auto!important}}",
            "img{border:0;height:auto;outline:none} .x:after{content:\"\"} .y:before{content:' '}",
            "font-size:14px\\9;color:#333\\0",
            "background:linear-gradient(#fff,#eee);border-radius:4px",
            "direction:rtl",
            "zoom:1;transform:none;text-transform:uppercase",
            "table{width:600px} .img-box{width:600px}",
            "",
        ] {
            assert_eq!(shown(style), StyleContent::default(), "{style}");
        }
    }

    #[test]
    fn words_of_a_style_are_words() {
        for style in [
            "p:after{content:\" Delete Resource\"}",
            "list-style-type:\"billing and \"",
            ":root{--x:'and billing'} p:after{content:var(--x)}",
            "q{quotes:\"billing and \" \"\"}",
            "p:after{con\\74 ent:'billing'}",
            "p:after{content/**/:/*x*/'billing'}",
            "p:after{content:\"\\62 illing\"}",
        ] {
            assert!(shown(style).words, "{style}");
        }
    }

    #[test]
    fn what_else_a_style_shows_is_not_read() {
        for (style, what) in [
            ("td:before{content:attr(data-label)}", MADE),
            ("@counter-style x{symbols:a b}", MADE),
            ("li:before{content:counter(n)}", MADE),
            ("background:url(https://t.example/x.png)", PICTURE),
            ("background:\\75rl(https://t.example/x.png)", PICTURE),
            ("background/**/:url(x)", PICTURE),
            (
                "background-image:image-set('https://t.example/x.png' 1x)",
                PICTURE,
            ),
            ("@import 'x.css'", PICTURE),
            ("unicode-bidi:bidi-override;direction:rtl", TURNED),
            ("p{unicode-bidi : isolate-override}", TURNED),
            ("zoom:10", LARGE),
            ("td{-webkit-transform:scale(9)}", LARGE),
            ("scale : 4", LARGE),
        ] {
            assert!(shown(style).unread.contains(&what), "{style}");
        }
        assert!(shown("text-decoration: line\\-through").strikes);
    }

    #[test]
    fn a_picture_is_as_large_as_its_style_says() {
        for (style, is) in [
            ("width:600px", true),
            ("display:block; width : 100% ", true),
            ("min-width:40em", true),
            ("width:1px;width:600px!important", true),
            ("inline-size:900px", true),
            ("display:block;aspect-ratio:1", true),
            ("display:block;margin:0 auto;mso-hide:all", false),
            ("width:100%;max-width:120px", false),
            ("width:auto;height:600px", false),
            ("max-width:100%;border:0", false),
            ("width:120px", false),
            ("", false),
        ] {
            assert_eq!(enlarges(style, "width", 320), is, "{style}");
        }
    }

    #[test]
    fn a_rule_enlarges_what_it_may_mean() {
        let marks = ["img", ".a", "#logo"].map(str::to_owned);
        for (sheet, is) in [
            ("img{width:600px !important}", true),
            ("td img.a, b{color:red;height:400px}", true),
            (".a{width:600px}", true),
            ("#logo{min-width:20em}", true),
            ("td > *{height:400px}", true),
            ("[width]{height:400px}", true),
            (":nth-child(2){height:400px}", true),
            ("@media all{tr td .a{inline-size:600px}}", true),
            (
                "table{width:600px} .box{width:600px} .a.box{width:600px}",
                false,
            ),
            ("td.a{width:600px} img .b{width:600px}", false),
            (
                "img{border:0;height:auto;outline:none;max-width:100%}",
                false,
            ),
            (
                "@media (max-width:600px){.a{width:100%!important;height:auto!important}}",
                false,
            ),
        ] {
            assert_eq!(enlarges_any(sheet, &marks), is, "{sheet}");
        }
    }
}
