//! Parameters have names: no function takes a tuple to have fewer of them.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::layering::{bare, gather};

#[test]
fn no_function_takes_a_tuple() {
    let mut files = Vec::new();
    gather(Path::new("src"), &mut files);
    assert!(files.len() > 100);
    let found: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| {
            let found = tuples(&bare(text));
            found
                .into_iter()
                .map(move |found| format!("{file}: {found}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The parameters that are tuples, each with its function.
fn tuples(code: &str) -> Vec<String> {
    static FUNCTION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bfn\s+(\w+)").unwrap());
    static TUPLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[^:]+:\s*(?:&\s*(?:'\w+\s+)?(?:mut\s+)?)*\(\s*[^\s)]").unwrap()
    });
    let mut found = Vec::new();
    for function in FUNCTION.captures_iter(code) {
        let behind = &code[function.get(0).unwrap().end()..];
        let tuples = parameters(behind);
        let tuples = tuples.iter().filter(|one| TUPLE.is_match(one));
        found.extend(tuples.map(|one| {
            let words: Vec<&str> = one.split_whitespace().collect();
            format!("{}: {}", &function[1], words.join(" "))
        }));
    }
    found
}

/// The parameters of a function, from what stands behind its name.
fn parameters(code: &str) -> Vec<&str> {
    let (mut depth, mut before) = (0, ' ');
    let (mut from, mut all) = (None, Vec::new());
    for (at, c) in code.char_indices() {
        match c {
            '(' if depth == 0 && from.is_none() => from = Some(at + 1),
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if matches!(before, '-' | '=') => {}
            ')' | ',' if depth == 0 => {
                let one = code[from.unwrap_or(at)..at].trim();
                all.extend((!one.is_empty()).then_some(one));
                from = Some(at + 1);
                if c == ')' {
                    break;
                }
            }
            ')' | ']' | '}' | '>' => depth -= 1,
            _ => {}
        }
        before = c;
    }
    all
}

#[rstest::rstest]
#[case("fn f((a, b): (u8, u8)) {}")]
#[case("fn f(a: u8, (b, c): (&str, Option<u64>), d: u8) {}")]
#[case("pub(super) async fn f<T: Fn(u8) -> u8>(\n    &self,\n    both: (T, u8),\n) {}")]
#[case("fn f(both: &(u8, u8)) {}")]
#[case("fn f<'a>(both: &'a mut (u8, &'a str)) {}")]
#[case("fn f(mut both: (u8, u8)) {}")]
fn a_tuple_is_found(#[case] code: &str) {
    assert_eq!(tuples(code).len(), 1, "{code}");
}

#[rstest::rstest]
#[case("fn f() -> (u8, u8) { (1, 2) }")]
#[case("fn f(nothing: (), all: &[(u8, u8)], one: Option<(u8, u8)>) {}")]
#[case("fn f<K>(of: impl Fn((u8, K)) -> u8, then: fn(u8) -> (u8, u8)) {}")]
#[case("fn f(Digest { due, last }: Digest) { g((due, last)) }")]
fn what_is_no_tuple_is_let_be(#[case] code: &str) {
    assert_eq!(tuples(code), Vec::<String>::new(), "{code}");
}
