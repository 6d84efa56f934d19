//! Answers as cards: the console's text, formatted for Discord within its limits.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::help;
use super::hints::{TYPED, VERB};
use super::markdown::{FENCE, around_quotation, cut, escaped, in_parts};
use super::wire::{Embed, Footer, MessageBody};
use crate::answer::{Answer, Reply};
use crate::command;
use crate::domain::effect::PostKind;
use crate::domain::gravity::Gravity;
use crate::domain::outcome::Outcome;
use crate::render::{self, Reader};

/// Discord's limit for an embed's description; the limit for all embeds is 6,000 characters.
pub(super) const LONGEST: usize = 4_096;
/// The part of a longer text that is shown.
const SHOWN: usize = 3_900;
/// The longest first line that counts as a heading.
const HEADING: usize = 200;
/// The longest footer within Discord's limit, with room for a mark.
const FOOTER: usize = 1_900;

const GREEN: u32 = 0x2e_cc_71;
const RED: u32 = 0xe7_4c_3c;
const AMBER: u32 = 0xf1_c4_0f;
const BLUE: u32 = 0x34_98_db;
const GREY: u32 = 0x95_a5_a6;

/// The body of a message: an embed, and the whole text as attachment if it does not fit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Card {
    pub(super) embed: Embed,
    /// The whole text, if it was cut.
    pub(super) whole: Option<String>,
}

impl Card {
    /// A text in the colour of its gravity, with a footer.
    pub(super) fn of(text: &str, gravity: Gravity, footer: &str) -> Self {
        let (description, was_cut) = laid_out(text);
        let description = if was_cut {
            format!("{description}\n… cut here; the whole text is attached.")
        } else {
            description
        };
        let footer = (!footer.is_empty()).then(|| cut(footer, FOOTER).0);
        Self {
            embed: Embed {
                description,
                color: colour(gravity),
                footer: footer.map(|text| Footer { text }),
                url: None,
            },
            whole: was_cut.then(|| told_plainly(text)),
        }
    }

    /// Converts the text by `form`, if the result fits.
    #[must_use]
    pub(super) fn told(mut self, form: impl FnOnce(&str) -> String) -> Self {
        let told = form(&self.embed.description);
        if told.chars().count() <= LONGEST {
            self.embed.description = told;
        }
        self
    }

    /// Appends a line of Discord's Markdown, if it fits.
    #[must_use]
    pub(super) fn with_line(self, line: &str) -> Self {
        self.told(|text| format!("{text}\n{line}"))
    }

    /// Has the first mention of a change lead to its card.
    #[must_use]
    pub(super) fn leading_to_card(self, change: u64, link: &str) -> Self {
        let named = format!("(#{change})");
        self.told(|text| text.replacen(&named, &format!("([#{change}]({link}))"), 1))
    }

    /// Has the approvals of a change lead to the request for them.
    #[must_use]
    pub(super) fn leading_to_request(self, link: &str) -> Self {
        self.told(|text| text.replacen("**approvals**", &format!("**[approvals]({link})**"), 1))
    }

    /// The reply to a command line.
    pub(super) fn reply(reply: &Reply, line: &str, reader: &Reader) -> Self {
        let text = render::reply(reply, reader);
        let text = match &reply.answer {
            // The error quotes unknown input.
            Answer::Unusable(_) => echoing(&text, line),
            // Rows of a file quote input too, and rows of the trail contain whole lines.
            Answer::Imported(_) | Answer::Audit { .. } => with_typed_rows(&text),
            Answer::Verbs => with_verbs(&text),
            Answer::Help(_) => help::as_form(&text).unwrap_or_else(|| with_verbs(&text)),
            _ => text,
        };
        let rules: Vec<&str> = reply.rules.iter().map(|rule| rule.as_str()).collect();
        let gravity = match &reply.answer {
            // No success: what is done with it may be irreversible.
            Answer::Permit { shown, .. } => Gravity::of_step(shown.permit.step),
            Answer::Withheld { step, .. } => Gravity::of_step(*step),
            _ => reply.outcome.into(),
        };
        Self::of(&text, gravity, &rules.join(" · "))
    }

    /// A post. Its kind is in the footer, except for the card of a change and for requests, whose titles say it.
    pub(super) fn post(kind: PostKind, gravity: Gravity, text: &str) -> Self {
        let footer = match kind {
            PostKind::Card | PostKind::Approval => "",
            kind => kind.as_str(),
        };
        Self::of(text, gravity, footer)
    }

    /// Sets the embed's URL, by which the message is found again. Without a title it is not displayed.
    #[must_use]
    pub(super) fn known_by(mut self, address: &str) -> Self {
        self.embed.url = Some(address.to_owned());
        self
    }

    /// A message with only this card. It pings nobody.
    pub(super) fn into_body(self) -> MessageBody {
        let body = MessageBody {
            embeds: vec![self.embed],
            ..MessageBody::default()
        };
        body.attaching(self.whole)
    }
}

/// Whether only the requester sees the reply. Decisions are public, everything else is private. A decision on a change is visible
/// on its card and in its thread.
pub(super) fn is_private(reply: &Reply) -> bool {
    let decided = match reply.outcome {
        Outcome::Allowed
        | Outcome::Done
        | Outcome::Blocked
        | Outcome::Inconclusive
        | Outcome::NeedsApproval
        | Outcome::Raised => true,
        Outcome::Denied
        | Outcome::Invalid
        | Outcome::AlreadyDone
        | Outcome::Suppressed
        | Outcome::Duplicate
        | Outcome::Info => false,
    };
    let private = match reply.answer {
        Answer::Permit { .. } | Answer::Judged { .. } | Answer::Broken { .. } => true,
        Answer::Acked { .. } | Answer::Snoozed { .. } | Answer::NoticeTaken(_) => false,
        _ => reply.change.is_some(),
    };
    !decided || private
}

const fn colour(gravity: Gravity) -> u32 {
    match gravity {
        Gravity::Danger => RED,
        Gravity::Waiting => AMBER,
        Gravity::Done => GREEN,
        Gravity::Standing => BLUE,
        Gravity::Informing => GREY,
    }
}

/// The text in Discord's format: the first line in bold, table columns separated by dots.
fn laid_out(text: &str) -> (String, bool) {
    let mut lines = lines(text).into_iter();
    let first = lines.next().unwrap_or_default();
    // A table heading is partly bold already, and a whole paragraph is no heading.
    let is_long = first.chars().count() > HEADING;
    let mut out = if first.is_empty() || first.starts_with("**") || first == FENCE || is_long {
        first
    } else {
        format!("**{first}**")
    };
    for line in lines {
        out.push('\n');
        out.push_str(&line);
    }
    cut(&out, SHOWN)
}

/// Discord's limit for a message's content.
const CONTENT: usize = 2_000;

/// Text for a message without a card: all Markdown is escaped except for instants; `form` is applied if the result fits.
pub(super) fn told(text: &str, form: impl FnOnce(&str) -> String) -> String {
    let text = cut(&lines(text).join("\n"), CONTENT).0;
    let told = form(&text);
    if told.chars().count() <= CONTENT {
        told
    } else {
        text.replace(TYPED, "")
    }
}

/// Formats each line; lines to be copied are fenced and unchanged.
fn lines(text: &str) -> Vec<String> {
    let mut copied = false;
    let mut line = |line: &str| match line {
        "\u{e002}" | "\u{e003}" => {
            copied = line == "\u{e002}";
            FENCE.to_owned()
        }
        line if copied => line.trim_start().replace('`', "'"),
        line => timed(&row(&quoted_plainly(line))),
    };
    let mut lines: Vec<String> = text.lines().map(&mut line).collect();
    if copied {
        lines.push(FENCE.to_owned());
    }
    lines
}

/// A line without code spans in its quotation.
fn quoted_plainly(line: &str) -> String {
    let (before, quoted, after) = around_quotation(line);
    format!("{before}{}{after}", quoted.replace('`', "'"))
}

/// Marks the code spans that repeat the input.
fn echoing(text: &str, said: &str) -> String {
    let span = |span: &str| match said.contains(span) {
        true => format!("`{TYPED}{span}`"),
        false => format!("`{span}`"),
    };
    in_parts(text, str::to_owned, span)
}

/// Marks all code spans in rows as typed by somebody.
fn with_typed_rows(text: &str) -> String {
    let mark = |line: &str| match line.starts_with("  ") {
        true => line.replace('`', &format!("`{TYPED}")),
        false => line.to_owned(),
    };
    let lines: Vec<String> = text.lines().map(mark).collect();
    lines.join("\n")
}

/// Rows of verbs as verbs to press. Only the beginning of each description is kept, so that all of them fit a card.
fn with_verbs(text: &str) -> String {
    let line = |line: &str| {
        let row = line.strip_prefix("  ").and_then(|row| row.split_once("  "));
        let verb = row.and_then(|(name, _)| {
            let mut verbs = command::verbs().iter();
            verbs.find(|verb| verb.path.join(" ") == name)
        });
        let (Some(verb), Some((_, about))) = (verb, row) else {
            return line.to_owned();
        };
        let brief = about.split([';', ':', ',', '(']).next().unwrap_or(about);
        format!("`{VERB}{}` · {}", help::slash(verb), brief.trim())
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    lines.join("\n")
}

/// A table row with its first cell in bold; a label stands before its value without a dot, which a phone has no room for. Other
/// lines are unchanged.
fn row(line: &str) -> String {
    static GAP: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(" {2,}").ok());
    let cells: Vec<&str> = match &*GAP {
        Some(gap) => gap.split(line.trim()).collect(),
        None => vec![line],
    };
    match cells.as_slice() {
        [label, value] if line.starts_with("  ") => {
            format!("**{}** {}", escaped(label), escaped(value))
        }
        [first, rest @ ..] if !rest.is_empty() && line.starts_with("  ") => {
            let rest: Vec<String> = rest.iter().map(|cell| escaped(cell)).collect();
            format!("**{}** · {}", escaped(first), rest.join(" · "))
        }
        _ => escaped(line.trim_end()),
    }
}

/// Converts the instants that [`Reader::marked`] marked into Discord's timestamps.
fn timed(text: &str) -> String {
    static MARKED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("\u{e000}t\\\\?:(-?[0-9]+)\\\\?:([FfR])\u{e001}").ok());
    let form = |found: &Captures<'_>| {
        let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
        format!("<t:{}:{}>", part(1).replace('\\', ""), part(2))
    };
    match &*MARKED {
        Some(marked) => marked.replace_all(text, form).into_owned(),
        None => text.to_owned(),
    }
}

/// The text for an attachment, with instants in UTC.
fn told_plainly(text: &str) -> String {
    let text = &text
        .replace("\u{e002}\n", "")
        .replace("\u{e003}\n", "")
        .replace([TYPED, VERB], "");
    static MARKED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("\u{e000}t:(-?[0-9]+):([FfR])\u{e001}").ok());
    let plain = |found: &Captures<'_>| {
        let seconds = found.get(1).and_then(|part| part.as_str().parse().ok());
        let at = seconds.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
        at.map_or_else(String::new, render::rfc3339)
    };
    match &*MARKED {
        Some(marked) => marked.replace_all(text, plain).into_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(card: &Card) -> &str {
        &card.embed.description
    }

    #[test]
    fn tables_become_lines_and_instants_discords() {
        let text = "Done: x.\n  edition   Platinum   by \u{e000}t:5:R\u{e001}\nNext: `next 1`.";
        let card = Card::of(text, Gravity::Informing, "");
        assert_eq!(
            description(&card),
            "**Done: x.**\n**edition** · Platinum · by <t:5:R>\nNext: `next 1`."
        );
        assert_eq!(card.whole, None);
    }

    #[test]
    fn what_does_not_fit_is_cut_visibly_and_attached() {
        let text = "a line of words\n".repeat(1_000);
        let card = Card::of(&text, Gravity::Informing, "");
        assert!(description(&card).chars().count() <= 4_096);
        assert!(description(&card).ends_with("the whole text is attached."));
        assert_eq!(card.whole.as_deref(), Some(text.as_str()));
    }

    #[test]
    fn a_forged_instant_stays_text() {
        let card = Card::of("x \u{e000}@1\u{e001}", Gravity::Informing, "");
        assert!(!description(&card).contains("<@"));
    }
}
