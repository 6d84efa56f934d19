//! Sentences as people and vendors write them, in English and in both Chinese scripts: what is gone, what is not, and what no
//! wording may say, however often it was taught.

use edition_warden::domain::notice::{Message, NoticeKind, Veto, WordingKind};
use rstest::rstest;

use super::closed::{release_of, taught, understand_of};
use super::grammars::kind;

const GONE: &str = include_str!("sentences/gone.txt");
const NOT_GONE: &str = include_str!("sentences/not_gone.txt");
const ANOTHER_THING: &str = include_str!("sentences/another_thing.txt");
const MORE_INSTANCES: &str = include_str!("sentences/more_instances.txt");

fn sentences(file: &str) -> Vec<&str> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let all: Vec<&str> = lines.collect();
    assert!(all.len() >= 100, "{}", all.len());
    all
}

#[test]
fn what_is_gone_is_called_so() {
    let mut all = sentences(GONE);
    all.retain(|text| kind(text) != NoticeKind::Gone);
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn nobody_is_called_for_what_is_not_gone() {
    let mut all = sentences(NOT_GONE);
    all.retain(|text| kind(text) == NoticeKind::Gone);
    assert!(all.is_empty(), "{all:#?}");
}

/// Taught as a release, each is understood and never suppressed.
#[rstest]
#[case::another_thing(ANOTHER_THING, Veto::Other)]
#[case::more_instances(MORE_INSTANCES, Veto::More)]
fn what_is_about_more_or_another_is_never_suppressed(#[case] file: &str, #[case] veto: Veto) {
    let mut all = sentences(file);
    all.retain(|text| {
        let template = text
            .replace("ID", "{instance}")
            .replace("2026-03-08", "{release_date}");
        let taught = [taught(WordingKind::Release, &template, &[])];
        let found = understand_of(&Message::plain(&release_of(text)), "search", &taught);
        !found.is_some_and(|found| found.vetoes.contains(&veto))
    });
    assert!(all.is_empty(), "{all:#?}");
}
