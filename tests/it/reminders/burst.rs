//! Much that is due at once is a message a channel, not one for each batch that is planned.

use std::fmt::Write as _;

use crate::harness::Room;

/// More than are planned at once, in teams of which several fit.
const TEAMS: usize = 6;
const OF_EACH: usize = 80;

#[tokio::test]
async fn what_is_due_at_once_in_many_channels_is_a_message_each() {
    let mut room = Room::of_team().await;
    let mut listing = "id,name,region,edition,expires,auto_renew,team\n".to_owned();
    for team in 0..TEAMS {
        let line = format!("settings team team-{team} --channel team-{team}-ops --members {team}");
        room.as_says("root admin", &line).await;
    }
    // Rows of all teams in turn: in the order of their ids, a batch holds some of each.
    for n in 0..TEAMS * OF_EACH {
        let team = n % TEAMS;
        let _ = writeln!(
            listing,
            "MQ_INST_1080056302921134_Burst{n:05},b-{n},cn-hangzhou,platinum,2026-03-01,off,team-{team}"
        );
    }
    room.imports("--at 2026-01-01", &listing)
        .await
        .is("done", &[]);
    room.passes("1d").await;
    let before = room.transcript().len();
    room.passes("30d").await;
    let said = &room.transcript()[before..];
    for team in 0..TEAMS {
        let head = format!("» team-{team}-ops · reminder");
        let posts: Vec<&str> = said
            .split("\n\n")
            .filter(|block| block.contains(&head))
            .collect();
        let names = posts
            .iter()
            .map(|post| post.matches("b-").count())
            .sum::<usize>();
        assert_eq!(posts.len(), 1, "{posts:#?}");
        assert!(names >= OF_EACH, "{names} of {OF_EACH}");
    }
}

/// What is said of many instances is said once, with every name. Another date is another line, whatever the names look like.
#[tokio::test]
async fn what_is_said_of_many_is_said_once_and_every_name_is_there() {
    let mut room = Room::of_team().await;
    let mut listing = "id,name,region,edition,expires,auto_renew\n".to_owned();
    let name = |n: usize| match n {
        0..4 => format!("2026-03-0{}", n + 1),
        n => format!("s-{n:02}"),
    };
    for n in 0..40 {
        let day = match n {
            0..4 => n + 1,
            n => 1 + n % 2,
        };
        let _ = writeln!(
            listing,
            "MQ_INST_1080056302921134_Many{n:04},{},cn-hangzhou,platinum,2026-03-0{day},off",
            name(n)
        );
    }
    room.passes("40d").await;
    room.imports("--at 2026-02-10", &listing)
        .await
        .is("done", &[]);
    room.passes("1d").await;
    let reminders = room.transcript().split("\n\n");
    let reminders: Vec<&str> = reminders
        .filter(|block| block.contains(" · reminder"))
        .collect();
    let said = reminders.join("\n\n");
    for n in 0..40 {
        assert!(said.contains(&name(n)), "{}: {said}", name(n));
    }
    assert_eq!(
        said.matches("The same holds for 18 more: ").count(),
        2,
        "{said}"
    );
    assert_eq!(said.matches("• On 2026-03-0").count(), 4, "{said}");
}

/// However many are due together in a channel, it is one message, which names the gravest, counts the rest, and calls once.
#[tokio::test]
async fn a_thousand_that_are_due_together_are_one_message() {
    let mut room = Room::of_team().await;
    let mut listing = "id,name,region,edition,expires,auto_renew\n".to_owned();
    for n in 0..1_000 {
        let day = match n {
            777 => "2025-12-30".to_owned(),
            n => format!("2026-01-{:02}", 2 + n % 25),
        };
        let _ = writeln!(
            listing,
            "MQ_INST_1080056302921134_Mass{n:04},m-{n},cn-hangzhou,platinum,{day},off"
        );
    }
    room.imports("--at 2026-01-01", &listing)
        .await
        .is("done", &[]);
    let before = room.transcript().len();
    room.passes("1m").await;
    let said = &room.transcript()[before..];
    let posts: Vec<&str> = said
        .split("\n\n")
        .filter(|block| block.contains(" · reminder"))
        .collect();
    let [post] = posts.as_slice() else {
        panic!("{posts:#?}");
    };
    let lines: Vec<&str> = post.lines().skip(1).collect();
    assert!(lines[0].ends_with(" · reminder · @role:approver"), "{post}");
    assert!(lines[1].contains("• m-777 expired 2025-12-30"), "{post}");
    assert!(lines[2].contains("• On 2026-01-02"), "{post}");
    let many = "The same holds for 39 more: m-25, m-50,";
    assert!(lines[3].contains(many), "{post}");
    assert!(lines[3].ends_with("m-500 and 19 more."), "{post}");
    let rest = "And 240 more: `todo --each` lists each of them.";
    assert!(lines.last().unwrap().contains(rest), "{post}");
}
