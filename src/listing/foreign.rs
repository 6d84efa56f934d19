//! Detection of unsupported files, neither the vendor's JSON nor CSV, by their start.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::error::ListingError;
use super::json;
use crate::domain::id::excerpt;

/// The mark that git puts between two versions of a file.
const CONFLICT: &str = "<<<<<<< ";
/// The number of lines examined.
const LINES: usize = 20;

#[expect(
    clippy::expect_used,
    reason = "constant patterns, each compiled by the tests"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

static PYTHON: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[\[{(\s]+'"));
static YAML: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:---|- )|^[A-Za-z_][A-Za-z_0-9]*:\s*(?:$|[^,]*\n\s*(?:- )?[A-Za-z_][A-Za-z_0-9]*:)",
    )
});
static HCL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^(?:#.*\n|//.*\n|\s)*(?:resource|data|provider|terraform|module|variable|output)\b[^,\n]*\{"#,
    )
});
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:[\w.]*(?:error|exception)\b|usage:|traceback |(?:\S*(?:sh|jq|aliyun|curl|python3?)): |(?:HTTP/[0-9.]+ )?[1-5][0-9]{2} [a-z][a-z -]*$|--[0-9-]+ [0-9:]+--|.*(?:command not found|is not recognized as))",
    )
});

/// The code of an error in an XML document, which begins with it.
static ERROR_CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?is)^(?:<\?xml[^>]*>\s*)?<(?:[a-z]+:)?Error(?:Response)?\b[^>]*>.*?<Code>(?<text>[^<]*)</Code>",
    )
});
static ERROR_MESSAGE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?is)<Message>(?<text>[^<]*)</Message>"));
/// The length in which the code of an error is looked for, in bytes.
const ERROR_DOCUMENT: usize = 4_096;

/// The error for another kind of file; `Ok` if it may be JSON or CSV.
pub(super) fn refuse(text: &str) -> Result<(), ListingError> {
    let start = text.trim_start();
    let foreign = |what, way_out| Err(ListingError::Foreign { what, way_out });
    let beginning: String = text.chars().take(4_096).collect();
    if beginning.contains("\u{1b}[") {
        return foreign(
            "coloured for a terminal (it holds escape sequences)",
            "write it without colours: `jq -M`, or no `-C`",
        );
    }
    error_document(start)?;
    if start.starts_with(CONFLICT) || text.contains(&format!("\n{CONFLICT}")) {
        return foreign(
            "left in conflict by git",
            "decide which of its lines are right, and take git's marks out",
        );
    }
    if start.starts_with('<') {
        return foreign(
            "HTML or XML: a web page, or a sheet saved as one (.xls)",
            "save the sheet as CSV UTF-8, or fetch the listing as JSON",
        );
    }
    if PYTHON.is_match(start) {
        return foreign(
            "what Python prints, not JSON",
            "print `json.dumps(…)` instead",
        );
    }
    if start.starts_with(['{', '[']) {
        return Ok(());
    }
    if HCL.is_match(start) {
        return foreign(
            "a configuration of Terraform's, which says what is wanted and not what is",
            "fetch the listing with `aliyun ons OnsInstanceInServiceList`",
        );
    }
    saved_error(text)?;
    let first = start.lines().next().unwrap_or_default().trim();
    let json = text
        .lines()
        .take(LINES)
        .position(|line| line.trim_start().starts_with(['{', '[']));
    if let Some(line) = json {
        return Err(ListingError::Noise {
            line: line + 1,
            before: excerpt(first),
        });
    }
    let rules = |line: &str| !line.is_empty() && line.chars().all(|c| "-+|= ".contains(c));
    if start.lines().take(3).any(|line| rules(line.trim())) && !start.starts_with("---\n") {
        return foreign(
            "a table for reading",
            "fetch it as JSON: leave `--output` out",
        );
    }
    if COMMAND.is_match(first) {
        return Err(ListingError::CommandError(excerpt(first)));
    }
    if YAML.is_match(start) {
        return foreign("YAML", "save it as JSON: leave `--output` or `yq` out");
    }
    Ok(())
}

/// The vendor answers in XML where JSON was not asked for; of such answers only errors are told apart.
fn error_document(start: &str) -> Result<(), ListingError> {
    let beginning = start.get(..ERROR_DOCUMENT).unwrap_or(start);
    let of = |parts: Option<Captures<'_>>| {
        let found = parts.and_then(|parts| parts.name("text"));
        found.map(|found| found.as_str().trim().to_owned())
    };
    match of(ERROR_CODE.captures(beginning)) {
        Some(code) => {
            let message = of(ERROR_MESSAGE.captures(beginning));
            Err(json::answer(&code, message.as_deref().unwrap_or_default()))
        }
        None => Ok(()),
    }
}

/// The vendor's command line prints errors as text, which ends up in the file when both streams are saved.
fn saved_error(text: &str) -> Result<(), ListingError> {
    let after = |label: &str| {
        let mut lines = text.lines().take(LINES);
        let found = lines.find_map(|line| line.trim().strip_prefix(label));
        found.map(str::trim)
    };
    let first = text.trim_start().lines().next().unwrap_or_default();
    let is_error = COMMAND.is_match(first);
    let code = after("ErrorCode:").or_else(|| after("Code:").filter(|_| is_error));
    match code {
        Some(code) => Err(json::answer(code, after("Message:").unwrap_or_default())),
        None => Ok(()),
    }
}
