//! Help.

use edition_warden::command::help;
use insta::assert_snapshot;

fn explain(words: &str) -> String {
    let path: Vec<String> = words.split(' ').map(str::to_owned).collect();
    match help::verb(&path) {
        Ok(text) => text,
        Err(error) => format!("! {error}"),
    }
}

#[test]
fn every_verb_in_one_line() {
    assert_snapshot!(help::overview());
}

#[test]
fn the_table_of_the_readme() {
    assert_snapshot!(help::markdown_table());
}

#[test]
fn one_verb() {
    assert_snapshot!(explain("confirm"));
}

#[test]
fn a_verb_under_instance() {
    assert_snapshot!(explain("Instance add"));
    assert_eq!(explain("instance add"), explain("instance add orders"));
}

#[test]
fn a_group() {
    assert_snapshot!(explain("instance"));
}

#[test]
fn an_unknown_verb() {
    assert_eq!(
        explain("confrim"),
        "! there is no verb `confrim`; did you mean `confirm`?"
    );
    assert_eq!(explain(""), help::overview());
}
