//! Who is called: nothing in danger calls nobody, also where the team of an instance is not described.

use rstest::rstest;

use super::platinum;
use crate::harness::{ORDERS, Room, STOCK};

const ROOT: &str = "root admin";
const ALICE: &str = "alice requester team:fraud";

/// The heads of the posts since a place in the transcript, without those that call nobody.
fn heads(said: &str) -> Vec<&str> {
    let heads = said.lines().filter(|line| line.starts_with("» "));
    heads.filter(|line| line.contains(" @")).collect()
}

async fn add(room: &mut Room, facts: &str) -> String {
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --action delete {facts}"
    );
    let heard = room.as_says(ALICE, &line).await;
    heard.is("done", &[]);
    heard.text.clone()
}

/// Of an instance that expires with Delete somebody is called, whatever is known of its team.
#[rstest]
#[case::not_described(&[], "nobody has described a team fraud")]
#[case::without_a_role_to_mention(&["settings team fraud --members m1,m2"], "team fraud has no role to mention")]
#[case::its_role_taken_away(&["settings team fraud --mention f1", "settings team fraud --mention none"], "team fraud has no role to mention")]
#[case::removed(&["settings team fraud --mention f1", "settings team fraud --remove"], "nobody has described a team fraud")]
#[tokio::test]
async fn a_team_by_which_nobody_is_called_counts_as_none(
    #[case] settings: &[&str],
    #[case] warning: &str,
) {
    let mut room = Room::of_nobody_called().await;
    for line in settings {
        room.as_says(ROOT, line).await.is("done", &[]);
    }
    let said = add(&mut room, "--team fraud").await;
    assert!(said.contains(warning), "{said}");
    assert!(
        said.contains("the approvers are mentioned in its place"),
        "{said}"
    );
    let before = room.transcript().len();
    room.passes("30d").await;
    let said = room.transcript()[before..].to_owned();
    let heads = heads(&said);
    assert!(heads.len() > 4, "{said}");
    for head in heads {
        assert!(head.contains("@role:approver"), "{head}");
        assert!(!head.contains("@team:"), "{head}");
    }
    // It is open where the settings are shown, and in the digest.
    let open = "so nobody is mentioned for it, and the approvers are mentioned in its place";
    room.as_says(ROOT, "settings show").await.has(open);
    assert!(said.contains(open), "{said}");
    // Described, it is called, and nothing is open of it.
    room.as_says(ROOT, "settings team fraud --mention f1")
        .await
        .is("done", &[]);
    room.as_says(ROOT, "settings show").await.lacks(open);
    let before = room.transcript().len();
    room.as_says(ALICE, "instance set orders --expires 2026-02-10")
        .await
        .is("done", &[]);
    room.passes("2d").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("@team:f1"), "{said}");
}

/// A notice, an alarm and a request call the approvers too.
#[tokio::test]
async fn whatever_calls_a_team_calls_somebody() {
    let mut room = Room::of_nobody_called().await;
    add(&mut room, "--team fraud").await;
    room.passes("1h").await;
    for line in [
        format!("notice {ORDERS} has been released"),
        "downgrade orders --by unsubscribe".to_owned(),
        "confirm 1 unsubscribe --outside --reason hurry".to_owned(),
        "instance lost orders --reason gone".to_owned(),
    ] {
        let before = room.transcript().len();
        room.as_says(ALICE, &line).await;
        room.passes("1m").await;
        let said = &room.transcript()[before..];
        assert!(!said.contains("@team:"), "{said}");
        if !line.starts_with("downgrade") {
            assert!(said.contains("@role:approver"), "{said}");
        }
    }
}

/// What an import names is said by its reply.
#[tokio::test]
async fn a_file_that_names_such_a_team_says_so() {
    let mut room = Room::of_nobody_called().await;
    room.as_says(ROOT, "settings team blue --members m1")
        .await
        .is("done", &[]);
    let file = format!(
        "id,name,region,edition,expires,team\n{ORDERS},orders,cn-hangzhou,platinum,2026-03-01,fraud\n{STOCK},stock,cn-hangzhou,platinum,2026-03-01,blue\n"
    );
    room.imports("", &file)
        .await
        .is("done", &[])
        .has("given them a role to mention: blue, fraud");
    room.as_says(ROOT, "settings show")
        .await
        .has("team blue has no role to mention")
        .has("instances belong to team fraud, which nobody has described");
}

/// Auto-renewal that is on promises nothing once it should have charged: the days before an expiry that deletes call people, also
/// after an acknowledgement.
#[rstest]
#[case::delete("--action delete", true)]
#[case::unknown("", true)]
#[case::downgrade("--action downgrade", false)]
#[tokio::test]
async fn a_renewal_that_did_not_come_calls_people(#[case] action: &str, #[case] calls: bool) {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew on --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("46d").await;
    if !action.is_empty() {
        let action = action.trim_start_matches("--action ");
        let line = format!("action orders {action}");
        room.as_says(ALICE, &line).await.is("done", &[]);
    }
    room.passes("3d").await;
    room.as_says(ALICE, "ack orders").await;
    room.passes("6d").await;
    if !calls {
        room.as_says(ALICE, "action orders downgrade")
            .await
            .is("done", &[]);
    }
    for span in ["2d", "1d"] {
        let before = room.transcript().len();
        room.passes(span).await;
        let said = &room.transcript()[before..];
        let reminders = said.lines().filter(|line| line.contains("· reminder"));
        let called = reminders
            .filter(|line| line.contains("@team:payments"))
            .count();
        assert_eq!(called > 0, calls, "{said}");
    }
}

/// Where what happens to it at its expiry gets worse, also with auto-renewal on, somebody is mentioned within a day, and again where
/// the auto-renewal ends that would have saved it.
#[rstest]
#[case::on("on")]
#[case::off("off")]
#[case::unknown("unknown")]
#[tokio::test]
async fn delete_instead_of_downgrade_calls_people(
    #[case] renews: &str,
    #[values(false, true)] acked: bool,
    #[values("30d", "47d")] after: &str,
) {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --auto-renew {renews} --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes(after).await;
    room.as_says(ALICE, "action orders downgrade").await;
    if acked {
        room.as_says(ALICE, "ack orders").await;
    }
    room.passes("1h").await;
    let before = room.transcript().len();
    let dora = "dora requester team:payments";
    room.as_says(dora, "action orders delete")
        .await
        .is("done", &[]);
    room.passes("24h").await;
    let said = room.transcript()[before..].to_owned();
    let called = heads(&said);
    assert!(
        called.iter().any(|head| head.contains("reminder")),
        "{said}"
    );
    let unless = said.contains("unless its auto-renewal succeeds");
    assert_eq!(unless, renews == "on", "{said}");
    if renews == "on" {
        let before = room.transcript().len();
        room.as_says(dora, "instance set orders --auto-renew off")
            .await
            .is("done", &[]);
        room.passes("24h").await;
        let said = &room.transcript()[before..];
        assert!(
            heads(said).iter().any(|head| head.contains("reminder")),
            "{said}"
        );
        assert!(!said.contains("unless its auto-renewal"), "{said}");
    }
}

/// Nobody hears of an instance again that is taken out of tracking: while something of it is open, its people are told.
#[rstest]
#[case::it_expires_soon("2026-01-20", None, true)]
#[case::a_notice_calls_it_gone("2026-12-20", Some("has been released"), true)]
#[case::nothing_is_open("2026-12-20", None, false)]
#[tokio::test]
async fn taking_it_out_of_tracking_is_told(
    #[case] expires: &str,
    #[case] notice: Option<&str>,
    #[case] tells: bool,
) {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires {expires} --action delete --auto-renew off --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("1h").await;
    if let Some(notice) = notice {
        room.as_says(ALICE, &format!("notice {ORDERS} {notice}"))
            .await
            .is("raised", &[]);
    }
    room.passes("1h").await;
    let before = room.transcript().len();
    room.as_says(ROOT, "instance remove orders --reason tidying")
        .await
        .is("done", &[]);
    room.passes("1m").await;
    let said = &room.transcript()[before..];
    assert_eq!(
        said.contains(
            "root took orders (MQ_INST_1080056302921134_BXuIbML7) out of tracking: “tidying”."
        ),
        tells,
        "{said}"
    );
    assert_eq!(
        said.contains("@role:approver @team:payments"),
        tells,
        "{said}"
    );
}

/// Who may settle nothing of what is open ends nobody's mentions.
#[tokio::test]
async fn only_who_may_settle_it_acknowledges() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --action downgrade --team payments"
    );
    room.as_says("alice requester", &line).await.is("done", &[]);
    room.passes("2d").await;
    room.as_says("bob approver", "ack orders")
        .await
        .is("denied", &[])
        .has("saying that you know of a reminder or a notice needs the role requester");
    room.as_says("alice requester", "ack orders")
        .await
        .is("done", &[]);
}

/// A team that gets an instance in danger is told at once, also if somebody of the former team had acknowledged it.
#[rstest]
#[case::known(true)]
#[case::told(false)]
#[tokio::test]
async fn a_team_that_gets_an_instance_in_danger_is_called(#[case] acked: bool) {
    let mut room = platinum("--expires 2026-03-01 --action delete").await;
    for team in ["payments", "fin"] {
        let line = format!(
            "settings team {team} --channel {team}-ops --members {team} --mention {team}-oncall"
        );
        room.as_says("root admin", &line).await.is("done", &[]);
    }
    room.passes("39d").await;
    room.as_says(super::ALICE, "action orders delete").await;
    if acked {
        room.as_says(super::ALICE, "ack orders")
            .await
            .is("done", &[]);
    }
    let before = room.transcript().len();
    room.as_says(
        "alice requester team:payments team:fin",
        "instance set orders --team fin",
    )
    .await
    .is("done", &[]);
    room.passes("1m").await;
    let said = room.transcript()[before..].to_owned();
    let called = said.contains("» fin-ops · reminder · @team:fin-oncall")
        && said.contains("belongs to fin from now on, no longer to payments, by alice. orders is deleted after its expiry");
    assert!(called, "{said}");
    let before = room.transcript().len();
    room.passes("7d").await;
    let said = room.transcript()[before..].to_owned();
    assert!(!said.contains("knows"), "{said}");
}

/// Of an instance about which nothing is open only the former team hears.
#[tokio::test]
async fn a_team_that_gets_an_instance_in_no_danger_is_not_called() {
    let mut room = platinum("--expires 2026-12-01 --action downgrade").await;
    let before = room.transcript().len();
    room.as_says(
        "alice requester team:payments team:fin",
        "instance set orders --team fin",
    )
    .await
    .is("done", &[]);
    room.passes("1m").await;
    let said = room.transcript()[before..].to_owned();
    assert!(
        said.contains("does not belong to payments any more"),
        "{said}"
    );
    assert!(!said.contains("from now on, no longer"), "{said}");
}
