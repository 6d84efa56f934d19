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

/// What stands on the next line, in the next cell or behind an empty line is no part of the sentence.
#[rstest]
#[case("实例ID：ID\n状态：已释放\n时间：2026-11-27 10:00:00")]
#[case("您的实例ID已释放\n\n取消订阅此类邮件请点击这里")]
#[case("您的实例ID已释放\n前往控制台查看")]
#[case("您的实例ID已退订\n申请人：bob")]
#[case("如需帮助请提交工单\n实例ID：ID\n状态：已释放")]
fn a_line_ends_a_sentence(#[case] text: &str) {
    assert_eq!(kind(text), NoticeKind::Gone);
}

/// A release that has happened is taught as none, whatever its next line says.
#[test]
fn a_line_takes_no_veto_back() {
    for template in [
        "实例{instance}已释放\n时间：{release_date}",
        "实例{instance}已退订\n\n申请时间：{release_date}",
        "{instance} is gone. Release queue {release_date}",
        "{instance}已released，批次{release_date}",
    ] {
        let taught = [taught(WordingKind::Release, template, &[])];
        let text = template.replace("{instance}", "ID");
        let text = release_of(&text.replace("{release_date}", "2026-03-08"));
        let found = understand_of(&Message::plain(&text), "search", &taught);
        assert!(
            found.is_some_and(|found| found.vetoes.contains(&Veto::Gone)),
            "{template}"
        );
    }
}

/// An id, a name or a date ends no sentence.
#[test]
fn a_slot_gives_no_veto() {
    let template = "若您的实例{instance}已释放，请忽略，否则将于{release_date}释放";
    let taught = [taught(WordingKind::Release, template, &[])];
    let text = release_of(&template.replace("{instance}", "ID"));
    let text = text.replace("{release_date}", "2026-03-08");
    let found = understand_of(&Message::plain(&text), "search", &taught);
    assert_eq!(found.map(|found| found.vetoes), Some(Vec::new()));
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
