//! The wordings and requirements of a workspace after a copy was restored: they may have been made stricter since the copy.

use edition_warden::domain::team::Policy;
use rstest::rstest;

use super::distrust::{copied, restored, room, say};

const ROOT: &str = "root admin";
/// Of the vendor's, in words that nobody has vouched for yet.
const TEXT: &str = "notice \"RocketMQ news: instance MQ_INST_1080056302921134_BXuIbML7 (orders) goes to release on DATE. Log in to the console to renew it.\"";

fn of(date: &str) -> String {
    TEXT.replace("DATE", date)
}

/// What was understood by a taught wording is so no more, whatever had become of it, until that is taught again.
#[rstest]
#[case::taught_and_used(&["action orders downgrade"], &["carol: wording 1 release"])]
#[case::taught_and_not_proved(&["action orders delete"], &["carol: wording 1 release"])]
#[case::asked_for_by_one(&["action orders downgrade"], &[])]
#[tokio::test]
async fn a_taught_wording_counts_no_more_until_it_is_taught_again(
    #[case] before: &[&str],
    #[case] second: &[&str],
) {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await.set_clock("2026-02-20T00:00:00Z");
    let (first, next) = (of("2026-03-08"), of("2026-03-07"));
    for line in before
        .iter()
        .copied()
        .chain([first.as_str(), "bob: wording 1 release"])
    {
        say(&mut room, line).await;
    }
    for line in second {
        say(&mut room, line).await.is("done", &[]);
    }
    copied(&room, &directory).await;
    let mut room = restored(&directory, "2026-02-20T06:00:00Z").await;
    // Everything that proves it is said again.
    for line in [
        "instance set orders --edition platinum --expires 2026-03-01",
        "action orders downgrade",
    ] {
        say(&mut room, line).await.is("done", &[]);
    }
    room.passes("2h").await;
    say(&mut room, "suppressed").await.lacks("notice 1");
    say(&mut room, &next).await.is("raised", &[]);
    // One word of before and one of now are not two.
    say(&mut room, "carol: wording 1 release")
        .await
        .is("needs_approval", &[]);
    say(&mut room, "bob: wording 1 release")
        .await
        .is("done", &[]);
    say(&mut room, &of("2026-03-06"))
        .await
        .is("suppressed", &["release-notice-redundant"]);
    room.passes("1m").await;
    let said = room.transcript();
    assert!(
        said.contains("Wordings that no longer count until they are taught again"),
        "{said}"
    );
}

/// What is asked for now is said, where it was made stricter meanwhile and where it is lower than the configuration.
#[rstest]
#[case(&["settings approvals unsubscribe 1"], "approvals unsubscribe: 1 (lower than the configuration: 2)")]
#[case(&["settings observers 1"], "observers: 1 (lower than the configuration: 2)")]
#[case(&["settings approvals upgrade 3"], "approvals upgrade: 3 (configuration: 1)")]
#[case(&["settings quiet-hours 20:00-09:00"], "quiet-hours: 20:00-09:00 (configuration: ")]
#[case(&["settings role approver <@&17>"], "role approver: 17")]
#[case(&["settings watch <#44> 45"], "watch 44: 45")]
#[case(&["settings channel alerts <#43>"], "channel alerts: 43 (configuration: ")]
#[case(&[], "approvals unsubscribe: 2")]
#[tokio::test]
async fn what_guards_people_now_is_said(#[case] before: &[&str], #[case] says: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut room = room(&directory).await;
    for line in before {
        room.as_says(ROOT, line).await.is("done", &[]);
    }
    copied(&room, &directory).await;
    for line in ["settings approvals unsubscribe 5", "settings observers 3"] {
        room.as_says(ROOT, line).await.is("done", &[]);
    }
    let mut room = restored(&directory, "2026-01-01T02:00:00Z").await;
    room.passes("1m").await;
    let said = room.transcript();
    let said = said.split("I was restored to the state of").nth(1).unwrap();
    assert!(said.contains(&format!("\n    {says}")), "{said}");
    assert!(!said.contains("unsubscribe: 5"), "{said}");
    let printed = room
        .warden
        .in_force_since_restored(&Policy::default())
        .await
        .unwrap();
    assert_eq!(printed.is_empty(), before.is_empty());
    assert!(
        printed.iter().all(|(_, text)| text.contains(says)),
        "{printed:?}"
    );
}
