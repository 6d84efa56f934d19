//! The words of a reply that mark danger or doubt.

/// The highlighting of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A loss, certain or possible.
    Danger,
    /// Missing or outdated knowledge.
    Doubt,
}

const DANGER: &str = "Delete|LOST|OUTSIDE|BREAK-GLASS|DANGER|in doubt|may be deleted|will be deleted|\
    deleted for good|for good|is deleted|would delete|cannot be restored|contradictory|disputed|expired|gone";
const DOUBT: &str = "unknown|not known|stale|waits for approval|inconclusive";

/// The line in pieces, each with its highlighting.
pub fn marked(line: &str) -> Vec<(&str, Option<Mark>)> {
    // The marks of failed rules and of warnings.
    match line.trim_start().chars().next() {
        Some('✗' | '!') => return vec![(line, Some(Mark::Danger))],
        Some('?') => return vec![(line, Some(Mark::Doubt))],
        _ => {}
    }
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((at, phrase, mark)) = first_phrase(rest) {
        let (before, behind) = rest.split_at(at);
        let (found, behind) = behind.split_at(phrase.len());
        pieces.push((before, None));
        pieces.push((found, Some(mark)));
        rest = behind;
    }
    pieces.push((rest, None));
    pieces.retain(|(piece, _)| !piece.is_empty());
    pieces
}

fn first_phrase(text: &str) -> Option<(usize, &'static str, Mark)> {
    let danger = DANGER.split('|').map(|phrase| (phrase, Mark::Danger));
    let doubt = DOUBT.split('|').map(|phrase| (phrase, Mark::Doubt));
    danger
        .chain(doubt)
        .filter_map(|(phrase, mark)| Some((word_at(text, phrase)?, phrase, mark)))
        .min_by_key(|(at, phrase, _)| (*at, std::cmp::Reverse(phrase.len())))
}

/// The position of a phrase as whole words, outside of commands and quotations, and not as the case in which a command is to be said.
fn word_at(text: &str, phrase: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/');
    text.match_indices(phrase).map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).unwrap_or_default();
        let behind = text.get(at + phrase.len()..).unwrap_or_default();
        let in_command = before.matches('`').count() % 2 == 1;
        let in_quotation = before.matches('“').count() > before.matches('”').count();
        let is_case = behind.starts_with(": `");
        !in_command
            && !in_quotation
            && !is_case
            && !before.ends_with(part)
            && !behind.starts_with(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn danger_is_marked_wherever_it_stands() {
        let marks = |line: &'static str| -> Vec<(&str, Mark)> {
            let pieces = marked(line);
            assert_eq!(
                pieces.iter().map(|(piece, _)| *piece).collect::<String>(),
                line
            );
            pieces
                .into_iter()
                .filter_map(|(piece, mark)| Some((piece, mark?)))
                .collect()
        };
        assert_eq!(
            marks("  Post-expiration Action  Delete  attested by alice"),
            [("Delete", Mark::Danger)]
        );
        assert_eq!(
            marks("  auto-renewal  unknown  nobody has said it yet"),
            [("unknown", Mark::Doubt)]
        );
        assert_eq!(
            marks("its topics will be deleted and cannot be restored"),
            [
                ("will be deleted", Mark::Danger),
                ("cannot be restored", Mark::Danger)
            ]
        );
        assert_eq!(
            marks("  ✗ action-before-exit: it"),
            [("  ✗ action-before-exit: it", Mark::Danger)]
        );
        assert_eq!(
            marks("the topics are deleted for good, and its size is not known"),
            [
                ("deleted for good", Mark::Danger),
                ("not known", Mark::Doubt)
            ]
        );
        for plain in [
            "`action orders Delete`",
            "Deleted",
            "begone",
            "expired-orders is open",
            "look in the console; gone: `instance lost orders`",
            "the reason was “gone”",
            "",
            "✓ done",
        ] {
            assert_eq!(marks(plain), [], "{plain}");
        }
    }
}
