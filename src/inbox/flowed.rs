//! Flowed text (RFC 3676): lines that a mail program wrapped are joined, as a reader shows them.

/// The line before a signature. It is never joined, although it ends with a blank.
const SIGNATURE: &str = "-- ";

/// The text with its wrapped lines joined. `cut`: whether the blank at which a line was wrapped is not part of the text.
pub(super) fn joined(text: &str, cut: bool) -> String {
    let mut out = String::new();
    // The depth of quotes of a line that goes on.
    let mut open: Option<usize> = None;
    for (at, written) in text.split('\n').enumerate() {
        let written = written.strip_suffix('\r').unwrap_or(written);
        let content = written.trim_start_matches('>');
        let depth = written.len() - content.len();
        // A blank protects what would be taken for a quote mark, or for the start of a message.
        let content = content.strip_prefix(' ').unwrap_or(content);
        if open != Some(depth) || content == SIGNATURE {
            if at > 0 {
                out.push('\n');
            }
            if depth > 0 {
                out.push_str(&">".repeat(depth));
                out.push(' ');
            }
        }
        let goes_on = content.ends_with(' ') && content != SIGNATURE;
        out.push_str(match goes_on && cut {
            true => content.strip_suffix(' ').unwrap_or(content),
            false => content,
        });
        open = goes_on.then_some(depth);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::joined;
    use rstest::rstest;

    #[rstest]
    #[case::wrapped(
        "It will \nbe released.\nNow.",
        "It will be released.\nNow.",
        "It willbe released.\nNow."
    )]
    #[case::within_an_id("MQ_INST_1 \n234", "MQ_INST_1 234", "MQ_INST_1234")]
    #[case::blank_kept("It will  \nbe", "It will  be", "It will be")]
    #[case::chinese("即将 \r\n释放", "即将 释放", "即将释放")]
    #[case::stuffed(" a\n > b\n From c", "a\n> b\nFrom c", "a\n> b\nFrom c")]
    #[case::quoted("> a \n> b\n>> c \n> d", "> a b\n>> c \n> d", "> ab\n>> c\n> d")]
    #[case::quote_ends_it("> a \nb", "> a \nb", "> a\nb")]
    #[case::signature("a \n-- \nb", "a \n-- \nb", "a\n-- \nb")]
    #[case::paragraphs("a \n\nb \n", "a \nb ", "a\nb")]
    fn wrapped_lines_are_joined(#[case] text: &str, #[case] kept: &str, #[case] cut: &str) {
        assert_eq!(joined(text, false), kept, "the blank is kept");
        assert_eq!(joined(text, true), cut, "the blank is cut");
    }
}
