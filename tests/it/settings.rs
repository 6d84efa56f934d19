//! The settings of a workspace.

use std::sync::Arc;

use edition_warden::app::{Actor, LOCAL_WORKSPACE, Role, Settings, Warden};
use edition_warden::domain::id::{Person, RoleId};
use edition_warden::domain::setting::{Guarded, Overrides, Set, Setting};
use edition_warden::domain::team::Policy;
use edition_warden::store::Served;
use proptest::prelude::*;

use crate::harness::{Heard, ORDERS, Room, instant};
use crate::sequence::runner;

const ALICE: &str = "alice requester team:payments";
const ROOT: &str = "root admin";

fn roles(ids: &[&str]) -> Vec<RoleId> {
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

async fn guild_actor(room: &Room, who: &str, outside: &[&str], manages: bool) -> Actor {
    let settings = room.warden.settings_of(&"guild".into()).await.unwrap();
    settings.actor(
        &"guild".into(),
        Person::named(who),
        &roles(outside),
        manages,
    )
}

async fn says_there(room: &mut Room, who: &str, outside: &[&str], line: &str) -> Heard {
    let manages = who == "owner";
    let actor = guild_actor(room, who, outside, manages).await;
    room.says_as(&actor, line).await
}

#[tokio::test]
async fn what_holds_is_shown_with_who_set_it() {
    let mut room = Room::of_nobody_called().await;
    let before = room.as_says("vic viewer", "settings").await;
    before
        .is("info", &[])
        .has("configuration")
        .has("No role of the chat");
    for line in [
        "settings role approver <@&17> <@&18>",
        "settings role viewer everyone",
        "settings team payments --channel <#42> --members <@&18>,19 --mention <@&18>",
        "settings channel alerts <#43>",
        "settings zone Europe/Berlin",
        "settings quiet-hours 22:00-08:00",
        "settings approvals unsubscribe 3",
        "settings observers 1",
        "settings watch <#44> 45 46",
        "settings threads off",
    ] {
        room.as_says(ROOT, line).await.is("done", &[]);
        room.as_says(ROOT, line).await.is("already_done", &[]);
        room.advance("1h");
    }
    let shown = room.as_says("vic viewer", "settings show").await;
    shown.is("info", &[]);
    insta::assert_snapshot!(shown.text);
}

#[tokio::test]
async fn until_roles_are_mapped_whoever_manages_the_server_is_admin() {
    let mut room = Room::of_nobody_called().await;
    let add =
        format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition standard");
    for line in [add.as_str(), "settings threads off"] {
        says_there(&mut room, "eve", &["17"], line)
            .await
            .is("denied", &[]);
    }
    says_there(&mut room, "eve", &["17"], "settings")
        .await
        .is("info", &[]);
    says_there(&mut room, "owner", &[], &add)
        .await
        .is("done", &[]);
    says_there(&mut room, "owner", &[], "settings role requester <@&17>")
        .await
        .is("done", &[]);
    // Only the mapping counts now; nobody else can be admin yet.
    says_there(&mut room, "eve", &["17"], "upgrade orders")
        .await
        .is("needs_approval", &[]);
    says_there(&mut room, "mallory", &[], "changes")
        .await
        .is("denied", &[])
        .has("viewer");
    says_there(&mut room, "owner", &[], "changes")
        .await
        .is("info", &[]);
    says_there(&mut room, "owner", &[], "settings role admin 99")
        .await
        .is("done", &[]);
    says_there(&mut room, "owner", &[], "changes")
        .await
        .is("denied", &[]);
    for line in ["settings", "settings role viewer 17 99"] {
        let heard = says_there(&mut room, "owner", &[], line).await;
        assert_ne!(heard.outcome, "denied", "{}", heard.text);
    }
    let trail = says_there(&mut room, "root", &["99"], "audit").await;
    trail
        .has("settings threads off")
        .has("settings role admin 99")
        .has("denied");
}

#[tokio::test]
async fn a_refusal_names_the_role() {
    let mut room = Room::of_nobody_called().await;
    let heard = room.as_says(ALICE, "settings observers 1").await;
    heard
        .is("denied", &[])
        .has("changing settings needs the role admin");
}

/// A city stands for its zone, and a slip in a team's name is told where a list would be empty because of it.
#[tokio::test]
async fn what_was_probably_meant_is_said() {
    let mut room = Room::of_nobody_called().await;
    room.as_says(ROOT, "settings team payments --channel 42")
        .await;
    for line in [
        "instance list --team paymnets",
        "changes --team Payment",
        "todo --team payment",
    ] {
        room.as_says(ROOT, line)
            .await
            .is("info", &[])
            .has("payments");
    }
    for (said, zone) in [
        ("shanghai", "Asia/Shanghai"),
        ("New York", "America/New_York"),
        ("los_angeles", "America/Los_Angeles"),
        ("Europe/Berlinn", "Europe/Berlin"),
    ] {
        room.as_says(ROOT, &format!("settings zone \"{said}\""))
            .await
            .is("invalid", &[])
            .has(&format!("did you mean `{zone}`?"));
    }
}

#[tokio::test]
async fn what_cannot_be_set_is_said_with_what_can() {
    let mut room = Room::of_nobody_called().await;
    let lines = [
        "settings zone Asia/Shangai",
        "settings quiet-hours night",
        "settings quiet-hours 08:00-08:00",
        "settings approvals unsubscribe 0",
        "settings approvals upgrade 11",
        "settings approvals unsubscibe 2",
        "settings observers 0",
        "settings role aprover 17",
        "settings role approver",
        "settings role approver 17 none",
        "settings team payments",
        "settings team payments --remove",
        "settings team payments --remove --channel 1",
        "settings channel alarms 1",
        "settings threads maybe",
        "settings chanel alerts 1",
    ];
    let mut told = String::new();
    for line in lines {
        let actor = guild_actor(&room, "owner", &[], true).await;
        let heard = room.says_as(&actor, line).await;
        heard.is("invalid", &[]);
        told.push_str(&format!("{line}\n  {}\n", heard.text));
    }
    insta::assert_snapshot!(told);
    Room::alone_as_a_team()
        .await
        .says("root", "settings approvals unsubscribe 0")
        .await
        .is("done", &[]);
}

#[tokio::test]
async fn a_lowered_safeguard_is_announced_and_open_requests_keep_their_numbers() {
    let mut room = Room::of_nobody_called().await;
    room.as_says(ROOT, "settings channel alerts alarms").await;
    room.add_standard("").await;
    room.as_says(ALICE, "upgrade orders")
        .await
        .is("needs_approval", &[])
        .has("asked: 1 approval");
    for line in [
        "settings approvals upgrade 0",
        "settings approvals upgrade 2",
        "settings observers 1",
        "settings role approver 17",
        "settings role approver none",
        "settings role admin 18",
        "settings role admin none",
        "settings role viewer 19",
        "settings channel alerts elsewhere",
    ] {
        room.as_says(ROOT, line).await.is("done", &[]);
    }
    room.as_says(ALICE, "next orders")
        .await
        .is("needs_approval", &[]);
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn a_number_that_was_set_is_not_announced_again_at_the_next_start() {
    let mut room = Room::of_nobody_called().await;
    room.warden
        .announce_policy(&LOCAL_WORKSPACE.into())
        .await
        .unwrap();
    room.as_says(ROOT, "settings observers 1").await;
    let said = room.transcript().len();
    let mut again = Room::of_team_on(room.store.clone());
    again
        .warden
        .announce_policy(&LOCAL_WORKSPACE.into())
        .await
        .unwrap();
    again.as_says(ROOT, "settings").await.has("observers");
    assert!(!again.transcript().contains("has changed"));
    assert!(said > 0);
}

#[tokio::test]
async fn what_is_said_goes_where_the_workspace_says() {
    let mut room = Room::of_nobody_called().await;
    room.add_platinum("--action delete --team payments").await;
    for line in [
        "settings team payments --channel pay --mention 77",
        "settings channel default general",
        "settings zone America/New_York",
    ] {
        room.as_says(ROOT, line).await.is("done", &[]);
    }
    room.passes("57d").await;
    let said = room.transcript().to_owned();
    assert!(said.contains("» pay · "), "{said}");
    assert!(said.contains("UTC-5"), "{said}");
    let gone = room.as_says(ROOT, "settings team payments --remove").await;
    gone.is("done", &[]).has("One instance keeps the name");
    room.as_says(ROOT, "instance show orders")
        .await
        .has("payments");
}

#[tokio::test]
async fn reminders_follow_the_quiet_hours_of_the_moment() {
    let mut room = Room::of_nobody_called().await;
    room.add_platinum("--action delete").await;
    room.as_says(ALICE, "reminders orders").await;
    let quiet = "settings quiet-hours 20:00-11:00";
    room.as_says(ROOT, quiet).await.has("planned again");
    room.passes("32d").await;
    let said = room.transcript();
    assert!(said.contains("2026-01-30T03:00:00Z"), "{said}");
}

#[tokio::test]
async fn nothing_of_it_reaches_another_workspace() {
    let mut room = Room::of_nobody_called().await;
    let before = room.says_in("theirs", "zoe", "settings").await.text;
    for line in [
        "settings role admin 17",
        "settings team payments --channel 42",
        "settings channel default 43",
        "settings zone Europe/Berlin",
        "settings approvals upgrade 0",
        "settings threads off",
    ] {
        room.says_in("ours", "alice", line).await.is("done", &[]);
    }
    let after = room.says_in("theirs", "zoe", "settings").await.text;
    assert_eq!(before, after);
    let theirs = room.warden.settings_of(&"theirs".into()).await.unwrap();
    assert!(theirs.own.is_empty());
}

#[tokio::test]
async fn a_paused_workspace_is_left_alone_until_it_is_resumed() {
    let mut room = Room::of_nobody_called().await;
    room.add_platinum("--action delete").await;
    assert!(room.warden.pause(&LOCAL_WORKSPACE.into()).await.unwrap());
    assert!(!room.warden.pause(&LOCAL_WORKSPACE.into()).await.unwrap());
    // What is written meanwhile does not wake it either.
    room.as_says(ALICE, "instance set orders --max-tps 10")
        .await
        .is("done", &[]);
    room.as_says(ROOT, "settings zone Europe/Berlin").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    assert_eq!(
        room.store.system().next_due(&Served::All).await.unwrap(),
        None
    );
    assert!(
        room.store
            .system()
            .upcoming(&Served::All, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        room.store
            .system()
            .queues(&Served::All, 9)
            .await
            .unwrap()
            .is_empty()
    );
    let quiet = room.transcript().len();
    room.passes("50d").await;
    let said = room.transcript().get(quiet..).unwrap().to_owned();
    assert!(!said.contains("orders"), "{said}");
    let held = room.warden.workspaces().await.unwrap();
    assert!(held[0].paused && held[0].totals.instances == 1, "{held:?}");
    assert!(room.warden.resume(&LOCAL_WORKSPACE.into()).await.unwrap());
    assert!(!room.warden.resume(&LOCAL_WORKSPACE.into()).await.unwrap());
    room.passes("1h").await;
    let said = room.transcript().get(quiet..).unwrap().to_owned();
    assert!(said.contains("orders"), "{said}");
    assert!(!room.warden.workspaces().await.unwrap()[0].paused);
}

#[tokio::test]
async fn what_cannot_be_read_of_one_workspace_keeps_no_other_waiting() {
    let mut room = Room::of_nobody_called().await;
    room.add_platinum("--action delete").await;
    let add = format!(
        "instance add {ORDERS} --name theirs --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete"
    );
    room.says_in("broken", "zoe", &add).await.is("done", &[]);
    let mut tx = room.store.write(&"broken".into()).await.unwrap();
    tx.put_setting(&Set {
        setting: Setting::Approvals {
            step: Guarded::Upgrade,
            number: 200,
        },
        by: Person::named("zoe"),
        at: instant("2026-01-01T00:00:00Z"),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    room.says_in("broken", "zoe", "settings")
        .await
        .is("inconclusive", &[]);
    room.passes("50d").await;
    let said = room.transcript();
    assert!(said.contains("The week's digest."), "{said}");
    assert!(said.contains("· reminder"), "{said}");
}

#[test]
fn a_setting_is_read_as_it_was_kept() {
    for (key, value) in [
        ("role admin", "[]"),
        ("role approver", "[\"17\",\"18\"]"),
        ("team the payers", "null"),
        ("channel alerts", "43"),
        ("zone", "America/Argentina/Ushuaia"),
        ("quiet-hours", "none"),
        ("quiet-hours", "22:00-08:00"),
        ("approvals await-expiry", "0"),
        ("observers", "5"),
        ("watch 44", "[\"45\"]"),
        ("threads", "off"),
    ] {
        let read = Setting::read(key, value).unwrap();
        assert_eq!(
            (read.key(), read.value()),
            (key.to_owned(), value.to_owned())
        );
    }
    for (key, value) in [
        ("", ""),
        ("role chief", "[]"),
        ("role admin", "17"),
        ("observers", "6"),
        ("approvals upgrade", "-1"),
        ("threads", "maybe"),
        ("zone", "Nowhere"),
        ("tune", "loud"),
    ] {
        assert_eq!(Setting::read(key, value), None, "{key} {value}");
    }
}

fn ids() -> impl Strategy<Value = Vec<RoleId>> {
    prop::collection::vec(
        (1..6_u8).prop_map(|id| id.to_string().parse().unwrap()),
        0..4,
    )
}

#[test]
fn nobody_has_more_than_the_mapping_gives() {
    let mapping = [ids(), ids(), ids(), ids()];
    runner(2_000)
        .run(
            &(mapping, ids(), any::<bool>()),
            |(mapping, outside, manages)| {
                let mut own = Overrides::default();
                for (role, means) in Role::ALL.into_iter().zip(mapping.clone()) {
                    own.put(Set {
                        setting: Setting::Role { role, means },
                        by: Person::named("root"),
                        at: instant("2026-01-01T00:00:00Z"),
                    });
                }
                let has = own.roles_of(&outside, manages);
                let mapped = mapping.iter().any(|means| !means.is_empty());
                for (role, means) in Role::ALL.into_iter().zip(&mapping) {
                    let given = means.iter().any(|id| outside.contains(id));
                    let orphaned = manages && role == Role::Admin && means.is_empty();
                    let looks = !mapped && !manages && role == Role::Viewer;
                    prop_assert_eq!(has.contains(&role), given || orphaned || looks);
                }
                Ok(())
            },
        )
        .unwrap();
}

/// `none` is no channel: alarms go to the default one, whichever that is, and the default one is the configuration's.
#[tokio::test]
async fn none_stands_for_no_channel() {
    let mut room = Room::of_nobody_called().await;
    for line in [
        "settings channel default general",
        "settings channel alerts alarms",
        "settings channel alerts None",
        "settings channel default wide",
    ] {
        room.as_says(ROOT, line).await.is("done", &[]);
    }
    room.as_says(ROOT, "settings channel alerts none")
        .await
        .is("already_done", &[]);
    room.add_platinum("").await;
    room.passes("60d").await;
    let posted = room.transcript().matches("» wide · ").count();
    assert!(posted > 5, "{}", room.transcript());
    assert!(!room.transcript().contains("» none"));
    room.as_says(ROOT, "settings channel default none")
        .await
        .is("done", &[]);
    room.passes("7d").await;
    assert!(
        room.transcript().contains("» console · "),
        "{}",
        room.transcript()
    );
}

/// The workspace of the prompt has the policy of the prompt in every process, and no other has it.
#[tokio::test]
async fn the_policy_of_the_prompt_is_that_of_its_workspace() {
    let room = Room::open().await;
    let (alone, team) = (Policy::alone(Policy::default().limits), Policy::default());
    let configured = Settings {
        policy: team.clone(),
        at_prompt: Some(alone.clone()),
        ..Settings::clone(&room.warden.settings())
    };
    let warden = Warden::new(room.store.clone(), room.clock.clone(), Arc::new(configured));
    for (workspace, policy) in [(LOCAL_WORKSPACE, alone), ("813847887657123840", team)] {
        let held = warden.settings_of(&workspace.into()).await.unwrap();
        assert_eq!(held.policy, policy, "{workspace}");
    }
}

/// Who maps another role in the place of one takes what it meant from that one, and those who guard it hear of both.
#[tokio::test]
async fn a_role_that_is_replaced_is_said_to_mean_nothing_any_more() {
    let mut room = Room::of_team().await;
    for role in ["leads", "viewers"] {
        let line = format!("settings role approver {role}");
        room.as_says("root admin", &line).await.is("done", &[]);
    }
    room.passes("1m").await;
    let said = room.transcript();
    let both = "role approver: viewers, and no longer leads";
    assert!(said.contains(both), "{said}");
}
