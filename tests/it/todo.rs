//! The list of tasks: its owners, its order, and the remark on instances that could not be examined.

use edition_warden::domain::concern::{
    Concern, ConcernKind, Owner, Remedy, Rhythm, Weight, words_of,
};
use edition_warden::domain::id::{Person, TeamName};
use edition_warden::store::Store;
use regex::Regex;
use rstest::rstest;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::harness::{ORDERS, Room, STOCK, instant};

const ALICE: &str = "alice requester team:payments";
const CARL: &str = "carl requester team:search";
const BOB: &str = "bob approver";
const FEED: &str = "MQ_INST_1080056302921134_DZwKdNo9";
const CLICKS: &str = "MQ_INST_1080056302921134_EAxLePp1";
const LEDGER: &str = "MQ_INST_1080056302921134_FByMfQq2";

/// Two teams, and something that belongs to none.
async fn several(mut room: Room) -> Room {
    for (id, name, more) in [
        (ORDERS, "orders", "--expires 2026-01-04 --team payments"),
        (STOCK, "stock", "--team payments"),
        (
            FEED,
            "feed",
            "--expires 2026-01-20 --action delete --team search",
        ),
        (CLICKS, "clicks", "--expires 2026-12-01"),
        (
            LEDGER,
            "ledger",
            "--expires 2026-11-01 --action downgrade --team payments",
        ),
    ] {
        let line = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum {more}"
        );
        room.as_says("root admin", &line).await.is("done", &[]);
    }
    room.as_says(CARL, "downgrade feed --by unsubscribe")
        .await
        .is("allowed", &[]);
    room
}

/// The names at the beginning of the rows, in their order.
fn names(text: &str) -> Vec<&str> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("  "));
    let rows = rows.filter(|row| !row.starts_with(' ') && !row.starts_with("notice"));
    rows.filter_map(|row| row.split_once(':').map(|(name, _)| name))
        .collect()
}

#[tokio::test]
async fn what_is_to_be_done_is_listed_with_whose_it_is_and_how() {
    let mut room = several(Room::of_team().await).await;
    let mut said = Vec::new();
    said.push(room.as_says(ALICE, "todo").await.text);
    room.passes("4d").await;
    for (who, line) in [
        (ALICE, "todo"),
        (ALICE, "todo --team payments"),
        (CARL, "todo --mine"),
        (BOB, "todo --mine"),
        (ALICE, "todo --team search --mine"),
        (ALICE, "todo --team nobody-has-this"),
        (ALICE, "todo --page 2"),
    ] {
        let heard = room.as_says(who, line).await;
        said.push(format!("{who}: {line}\n{}", heard.text));
    }
    insta::assert_snapshot!(said.join("\n\n"));
}

#[tokio::test]
async fn mine_is_what_i_can_settle_and_what_nobody_owns() {
    let mut room = several(Room::of_team().await).await;
    let heard = room.as_says(ALICE, "todo --mine").await;
    let mine = names(&heard.text);
    for name in ["orders", "stock", "clicks"] {
        assert!(mine.contains(&name), "{name}: {}", heard.text);
    }
    assert!(!mine.contains(&"feed"), "{}", heard.text);
    // Who opened a change of another team has to go on with it.
    let heard = room.as_says(CARL, "todo --mine").await;
    let mine = names(&heard.text);
    assert!(
        mine.contains(&"feed") && mine.contains(&"clicks"),
        "{}",
        heard.text
    );
    assert!(!mine.contains(&"orders"), "{}", heard.text);
    // Nobody's, of a team: none, as the team owns it.
    let heard = room.as_says("zoe viewer", "todo --mine").await;
    assert_eq!(names(&heard.text), ["clicks"], "{}", heard.text);
}

/// What was written a moment ago is there, although nothing has looked at it since; what was settled is not.
#[tokio::test]
async fn what_was_just_written_is_in_the_list_at_once() {
    let mut room = Room::open().await;
    let add = format!("instance add {STOCK} --name stock --region cn-hangzhou --edition platinum");
    room.says("alice", &add).await.is("done", &[]);
    room.says("alice", "todo")
        .await
        .has("stock: ")
        .has("--expires WHEN");
    for line in [
        "instance set stock --expires 2027-01-01",
        "action stock downgrade",
    ] {
        room.says("alice", line).await.is("done", &[]);
    }
    room.says("alice", "todo")
        .await
        .has("Nothing to do; one instance is tracked.")
        .lacks("stock");
    room.says("alice", "instance lost stock --reason gone")
        .await;
    room.says("alice", "todo")
        .await
        .has("no instance is tracked");
}

/// Also where nothing is delivered in between, of an instance that was looked at long before.
#[tokio::test]
async fn a_raised_notice_is_in_both_lists_at_once() {
    for (action, notice) in [
        ("delete", "instance {} will be released on 2026-03-01."),
        ("downgrade", "instance {} has been released."),
        ("downgrade", "instance {} will expire on 2026-03-01."),
        ("downgrade", "instance {} is going to be moved elsewhere."),
        ("delete", "{} 即将释放"),
        ("delete", "{} 于 2026-02-11 到期"),
        ("downgrade", "Wartung: {}"),
    ] {
        let mut room = Room::of_team().await;
        room.add_platinum(&format!("--action {action}")).await;
        room.passes("3h").await;
        let mut room = room.undelivered();
        let line = format!("notice {}", notice.replace("{}", ORDERS));
        room.warden_says("alice", &line).await.is("raised", &[]);
        let todo = room.warden_says("alice", "todo").await;
        todo.has("orders: notice 1 ");
        let notices = room.warden_says("alice", "notices").await;
        notices.has("  1  ").has(ORDERS);
        // A look answers what calls it gone, and no acknowledgement does.
        let answer = match notice {
            "instance {} has been released." => "notice 1 still-there",
            _ => "ack notice 1",
        };
        room.warden_says("alice", answer).await.is("done", &[]);
        let todo = room.warden_says("alice", "todo").await;
        todo.lacks("notice 1");
    }
}

/// Where nobody else is there, no post calls for somebody else: it says what the one person can do, as the replies do.
#[tokio::test]
async fn posts_at_a_lone_terminal_are_for_the_one_who_is_there() {
    let mut room = Room::alone().await;
    room.add_platinum("--action downgrade").await;
    room.says(
        "alice",
        &format!("notice Farewell, {ORDERS}: its release is planned for 2026-03-08."),
    )
    .await
    .has("you say `wording 1 release --alone --reason TEXT`");
    room.passes("1m").await;
    let said = room.transcript();
    assert_eq!(
        said.matches("you say `wording 1 release --alone").count(),
        2,
        "{said}"
    );
    room.says("alice", "settings approvals unsubscribe 1").await;
    room.says("alice", "downgrade orders --by unsubscribe")
        .await;
    room.passes("37h").await;
    let said = room.transcript();
    assert!(said.contains("approvals unsubscribe: 1, was 0"), "{said}");
    assert!(
        said.contains("Approval asked: `unsubscribe` of orders")
            && said.contains("Still waiting for approval"),
        "{said}"
    );
    let way = "Either an admin says `settings approvals unsubscribe 0`, then `cancel 1 --reason TEXT`, and open it again";
    assert!(said.matches(way).count() >= 2, "{said}");
    // Time runs out, too.
    room.passes("56d").await;
    let said = room.transcript();
    assert!(said.contains("Time runs out: orders expires"), "{said}");
    let add = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-03-20 --action delete"
    );
    room.says("alice", &add).await;
    room.says("alice", "instance set stock --edition standard")
        .await;
    room.passes("1m").await;
    let said = room.transcript();
    assert!(
        said.contains("saying it again, or a listing read since, settles it"),
        "{said}"
    );
    for words in [
        "two approvers",
        "a second person",
        "`approve 1",
        "Approvers other",
    ] {
        assert!(!said.contains(words), "{words}: {said}");
    }
}

/// Two concerns of an instance that one command settles are one task, which says both.
#[tokio::test]
async fn what_one_command_settles_is_one_line() {
    let mut room = Room::of_team().await;
    room.add_platinum("--auto-renew off --team payments").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    let listed = room.as_says(ALICE, "todo").await;
    listed
        .has("orders: #1 waits since ")
        .has("; Post-expiration Action: unknown");
    assert_eq!(
        listed.text.matches("`next 1`").count(),
        1,
        "{}",
        listed.text
    );
}

#[tokio::test]
async fn a_page_is_bounded_and_the_next_goes_on() {
    let mut room = Room::open().await;
    for n in 0..30 {
        let line = format!(
            "instance add MQ_INST_1080056302921134_Page{n:04} --name page-{n:02} --region cn-hangzhou --edition platinum --expires 2026-02-{:02}",
            n % 28 + 1
        );
        room.says("alice", &line).await.is("done", &[]);
    }
    let first = room.says("alice", "todo --each").await;
    first.has("add --page 2");
    let second = room.says("alice", "todo --each --page 2").await;
    second.lacks("--page 3");
    let (one, two) = (names(&first.text), names(&second.text));
    assert_eq!(one.len(), 25, "{}", first.text);
    let mut all: Vec<&str> = one.iter().chain(&two).copied().collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 30, "each once: {}", second.text);
}

/// Sixty instances in a quarter each: expiring soon and never looked at, expiring later, without an expiry, on Delete.
async fn many(mut room: Room) -> Room {
    for n in 0..60 {
        let more = match n % 4 {
            0 => format!("--expires 2026-01-{:02}", 20 + n / 10),
            1 => "--expires 2026-12-01".to_owned(),
            2 => String::new(),
            _ => "--expires 2026-01-29 --action delete".to_owned(),
        };
        let team = if n % 8 < 4 { "payments" } else { "search" };
        let line = format!(
            "instance add MQ_INST_1080056302921134_Many{n:04} --name svc-{n:02} --region cn-hangzhou --edition platinum --team {team} {more}"
        );
        room.as_says("root admin", &line).await.is("done", &[]);
    }
    room
}

/// What does not fit a page is counted by its kind; what may be lost is named all the same.
#[tokio::test]
async fn many_tasks_of_a_kind_are_a_line_and_what_may_be_lost_is_named() {
    let mut room = many(Room::of_team().await).await;
    let mut said = Vec::new();
    for line in ["todo", "todo --mine --team search"] {
        let heard = room.as_says(ALICE, line).await;
        said.push(format!("{line}\n{}", heard.text));
    }
    room.passes("5d").await;
    said.extend(digests(&room));
    insta::assert_snapshot!(said.join("\n\n"));
    for text in [&said[0], said.last().unwrap()] {
        let open = (0..60).filter(|n| n % 4 != 1);
        for name in open.map(|n| format!("svc-{n:02}")) {
            assert!(text.contains(&name), "{name}: {text}");
        }
    }
}

/// However many there are, nothing is left out of the counts.
#[tokio::test]
async fn the_counts_are_all_that_there_is() {
    let mut room = many(Room::of_team().await).await;
    let overview = room.as_says(ALICE, "todo").await.text;
    let mut each = String::new();
    for page in 1..=9 {
        let line = format!("todo --each --page {page}");
        each += &room.as_says(ALICE, &line).await.text;
    }
    let rows = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("     "))
            .count()
    };
    // Of the twelve that are counted as expiring and never looked at, that count tells both.
    let told = 12;
    let counted = Regex::new(r"(?m)^  (\d+) (?:more|instances): ").unwrap();
    let counts = counted.captures_iter(&overview);
    let counted: usize = counts.map(|found| found[1].parse::<usize>().unwrap()).sum();
    assert_eq!(
        rows(&overview) + counted,
        rows(&each) - told,
        "{overview}\n{each}"
    );
}

/// Nothing of another workspace, anyone who asks and however.
#[tokio::test]
async fn nothing_of_another_workspace_is_in_a_list() {
    let mut room = Room::open().await;
    let theirs = format!(
        "instance add {FEED} --name vaultroom --region cn-hangzhou --edition platinum --team payments"
    );
    room.says_in("theirs", "alice", &theirs)
        .await
        .is("done", &[]);
    room.says_in("theirs", "alice", "notice the vault will be released")
        .await
        .is("raised", &[]);
    for line in [
        "todo",
        "todo --mine",
        "todo --team payments",
        "todo --team payments --mine",
        "notices",
    ] {
        room.says_in("ours", "alice", line)
            .await
            .lacks("vaultroom")
            .lacks(FEED)
            .lacks("notice 1");
        let heard = room.says_in("theirs", "alice", line).await;
        let whole = !line.contains("--mine") || line == "todo --mine";
        assert!(
            !whole || heard.text.contains("vault") || heard.text.contains("ack notice"),
            "{line}: {}",
            heard.text
        );
    }
}

#[tokio::test]
async fn raised_notices_are_listed_until_somebody_settles_them() {
    let mut room = Room::of_team().await;
    room.as_says(ALICE, "notices")
        .await
        .has("No notice is raised");
    for text in [
        "the queue of the moon will be released",
        "the queue of the sun will be released",
    ] {
        room.as_says(ALICE, &format!("notice {text}"))
            .await
            .is("raised", &[]);
    }
    room.as_says(ALICE, "notices")
        .await
        .has("Raised and not settled, newest first")
        .has("  2  ")
        .has("  1  ");
    room.as_says(ALICE, "todo")
        .await
        .has("notice 1, ")
        .has("`ack notice 2`");
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    room.as_says(ALICE, "notices")
        .await
        .has("  2  ")
        .lacks("  1  ");
    room.as_says(ALICE, "todo")
        .await
        .lacks("notice 1, ")
        .has("notice 2, ");
    room.as_says(ALICE, "notices --page 2")
        .await
        .has("no such page");
    room.as_says(ALICE, "notices orders --page 2")
        .await
        .is("invalid", &[]);
}

#[test]
fn the_worst_comes_first() {
    let now = instant("2026-01-01T00:00:00Z");
    let at = |day: i64| Some(now + chrono::TimeDelta::days(day));
    let open = |kind, rhythm, by| Concern {
        kind,
        since: now,
        weight: Weight::Open,
        rhythm,
        by,
        owner: Owner::Team,
        way: Remedy::SayExpiry,
    };
    let noted = Concern {
        weight: Weight::Noted,
        ..open(ConcernKind::ActionUnsure, Rhythm::Digest, at(2))
    };
    let old = Concern {
        since: now - chrono::TimeDelta::days(5),
        ..open(ConcernKind::FactDisputed, Rhythm::Ladder, None)
    };
    let order = [
        open(ConcernKind::Expired, Rhythm::AfterExpiry, at(1)),
        // Nobody said what happened to it, long after it expired.
        open(ConcernKind::Expired, Rhythm::Digest, at(7)),
        open(ConcernKind::StepOutcomeUnknown, Rhythm::Urgent, at(1)),
        open(ConcernKind::UnsubscribedUnseen, Rhythm::Urgent, at(40)),
        open(ConcernKind::Expires, Rhythm::Expiry, at(1)),
        open(ConcernKind::Unapproved, Rhythm::Ladder, at(2)),
        open(ConcernKind::Expires, Rhythm::Expiry, at(20)),
        // What has no moment is due a week after it opened.
        old,
        open(ConcernKind::RecordExpiry, Rhythm::Ladder, at(3)),
        open(ConcernKind::ExpiryUnknown, Rhythm::Ladder, None),
        open(ConcernKind::ChangeWaits, Rhythm::Digest, at(1)),
        noted,
    ];
    let urgencies: Vec<_> = order.iter().map(Concern::urgency).collect();
    assert!(urgencies.is_sorted(), "{urgencies:?}");
    let numbers: Vec<i64> = urgencies.iter().map(|it| it.rank.number()).collect();
    assert!(numbers.is_sorted(), "the store sorts by these: {numbers:?}");
}

#[test]
fn whose_it_is_is_found_under_its_owners_word() {
    let (alice, payments) = (Person::named("alice"), TeamName::parse("payments").unwrap());
    for (owner, team, who, teams, approves, is_found) in [
        (
            Owner::Person(alice.clone()),
            None,
            "alice",
            vec![],
            false,
            true,
        ),
        (
            Owner::Person(alice),
            Some(&payments),
            "bob",
            vec!["payments"],
            true,
            false,
        ),
        (
            Owner::Team,
            Some(&payments),
            "bob",
            vec!["payments"],
            false,
            true,
        ),
        (
            Owner::Team,
            Some(&payments),
            "bob",
            vec!["search"],
            true,
            false,
        ),
        (Owner::Team, None, "bob", vec![], false, true),
        (
            Owner::Approvers,
            Some(&payments),
            "bob",
            vec!["payments"],
            false,
            false,
        ),
        (Owner::Approvers, Some(&payments), "bob", vec![], true, true),
        // A person is not a team of the same name.
        (
            Owner::Team,
            Some(&payments),
            "payments",
            vec![],
            false,
            false,
        ),
    ] {
        let teams: Vec<TeamName> = teams
            .iter()
            .map(|name| TeamName::parse(name).unwrap())
            .collect();
        let words = words_of(&Person::named(who), &teams, approves);
        assert_eq!(
            words.contains(&owner.word(team)),
            is_found,
            "{owner:?} {who} {teams:?}"
        );
    }
}

/// From the digests of a transcript.
fn digests(room: &Room) -> Vec<String> {
    let parts = room.transcript().split("\n\n");
    parts
        .filter(|part| part.contains(" · digest"))
        .map(ToOwned::to_owned)
        .collect()
}

#[tokio::test]
async fn a_digest_has_a_section_a_team_and_says_what_changed() {
    let mut room = several(Room::of_team().await).await;
    room.passes("5d").await;
    room.as_says(ALICE, "instance set stock --expires 2026-12-24")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notice something will be released")
        .await
        .is("raised", &[]);
    room.passes("8d").await;
    insta::assert_snapshot!(digests(&room).join("\n\n"));
}

/// A channel of a team's own hears its part only where something is open there, once its ladder is over.
#[tokio::test]
async fn a_teams_own_channel_hears_what_is_past_its_ladder() {
    let mut room = Room::of_team().await;
    for line in [
        "settings channel default general",
        "settings team payments --channel payments-ops",
        "settings team search --channel search-ops",
    ] {
        room.as_says("root admin", line).await.is("done", &[]);
    }
    let mut room = several(room).await;
    room.passes("60d").await;
    let all = digests(&room);
    let to = |channel: &str| {
        let heading = format!("» {channel} · digest");
        all.iter()
            .filter(|part| part.contains(&heading))
            .collect::<Vec<_>>()
    };
    let weeks = to("general").len();
    assert!((8..=9).contains(&weeks), "{weeks}");
    let payments = to("payments-ops");
    assert!(
        !payments.is_empty() && payments.len() < weeks,
        "{}",
        payments.len()
    );
    for part in payments {
        assert!(
            part.contains("stock: ") && !part.contains("feed: "),
            "{part}"
        );
        assert!(!part.contains("Audit trail"), "{part}");
    }
    assert!(to("search-ops").iter().all(|part| part.contains("feed: ")));
}

/// What cannot be read is named, and nothing is said to be none for it.
#[tokio::test]
async fn what_could_not_be_looked_at_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let mut room = Room::of_team_on(Store::open(&path).await.unwrap());
    let add = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-02-01"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.as_says(ALICE, "todo").await.lacks("Not looked at");
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql("UPDATE instance SET document = '{}'")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    room.as_says(ALICE, "todo")
        .await
        .has("Not looked at: ")
        .has(STOCK)
        .lacks("one instance is tracked");
    room.passes("6d").await;
    let digest = digests(&room).pop().unwrap();
    assert!(
        digest.contains("cannot be read") && digest.matches(STOCK).count() == 1,
        "{digest}"
    );
    assert!(!digest.contains("Open: nothing"), "{digest}");
}

/// What `todo` proposes of a downgrade is not refused when it is typed.
#[rstest]
#[case::switched_off("--auto-renew off", "", &["--by unsubscribe", "--by expiry"])]
#[case::never_said("", "", &["--by unsubscribe"])]
#[case::switched_on("--auto-renew on", "", &["--by unsubscribe"])]
#[case::too_large("--auto-renew off --max-tps 9000", "", &["--by unsubscribe --ack fits-standard", "--by expiry --ack fits-standard"])]
#[case::busy("--auto-renew off --busy on", "", &[])]
#[case::two_expiries("--auto-renew off", "2026-06-20", &["--by unsubscribe"])]
#[tokio::test]
async fn the_downgrade_that_is_proposed_is_taken(
    #[case] facts: &str,
    #[case] listed: &str,
    #[case] expected: &[&str],
) {
    let command = Regex::new("`downgrade cn-hangzhou/orders (--by )<?([a-z|]+)>?([^`]*)`").unwrap();
    let mut proposed = Vec::new();
    let mut rest = vec![None];
    while let Some(typed) = rest.pop() {
        let mut room = Room::of_team().await;
        let add = format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --action delete {facts}"
        );
        room.as_says(ALICE, &add).await.is("done", &[]);
        if !listed.is_empty() {
            room.passes("1h").await;
            let file = format!(
                "id,name,region,edition,expires\n{ORDERS},orders,cn-hangzhou,platinum,{listed}\n"
            );
            room.imports("", &file).await;
        }
        let Some(typed) = typed else {
            let heard = room.as_says(ALICE, "todo").await;
            for found in command.captures_iter(&heard.text) {
                for route in found[2].split('|') {
                    proposed.push(format!("{}{route}{}", &found[1], &found[3]));
                }
            }
            rest.extend(proposed.iter().cloned().map(Some));
            continue;
        };
        let line = format!("downgrade cn-hangzhou/orders {typed}");
        room.as_says(ALICE, &line).await.is("allowed", &[]);
    }
    assert_eq!(proposed, expected);
}

/// What waits in the name of a team that cannot be called is shown to those who are called in its place; nobody is asked for an
/// approval that they cannot give.
#[tokio::test]
async fn mine_is_what_i_am_called_for_and_can_settle() {
    let mut room = Room::of_team().await;
    for (id, name, more) in [
        (
            ORDERS,
            "orders",
            "--edition platinum --expires 2026-01-20 --team ghosts",
        ),
        (STOCK, "stock", "--edition standard"),
    ] {
        let line = format!("instance add {id} --name {name} --region cn-hangzhou {more}");
        room.as_says("dora admin", &line).await.is("done", &[]);
    }
    room.as_says("dora admin", "upgrade stock").await;
    for who in [BOB, "dora admin"] {
        let mine = room.as_says(who, "todo --mine").await;
        mine.has("orders: ");
        assert_eq!(mine.text.contains("approve 1"), who == BOB, "{}", mine.text);
    }
    room.as_says(BOB, "approve 1").await;
    let mine = room.as_says(BOB, "todo --mine").await;
    assert!(!mine.text.contains("approve 1"), "{}", mine.text);
    let other = room.as_says(ALICE, "todo --mine").await;
    assert!(!other.text.contains("orders: "), "{}", other.text);
}

/// What may be lost already stands before what expires soon, however well that is known to end.
#[tokio::test]
async fn what_is_said_to_be_gone_stands_before_what_expires() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --action downgrade --auto-renew off"
    );
    room.as_says("alice requester", &add).await.is("done", &[]);
    let said = format!("notice Your instance {ORDERS} has been released.");
    room.as_says("alice requester", &said)
        .await
        .is("raised", &[]);
    let todo = room.as_says("alice requester", "todo").await.text;
    let gone = todo.find("notice 1 says that it is gone").unwrap();
    let expires = todo.find("orders: expires 2026-01-20").unwrap();
    assert!(gone < expires, "{todo}");
}

/// What a renewal may still save stands before what has been over for weeks.
#[tokio::test]
async fn what_can_still_be_saved_stands_before_what_is_over() {
    let mut room = Room::of_team().await;
    for (id, name, facts) in [
        (ORDERS, "orders", "--expires 2026-01-05 --action downgrade"),
        (STOCK, "stock", "--expires 2026-01-20 --action delete"),
    ] {
        let add = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --auto-renew off {facts}"
        );
        room.as_says("alice requester", &add).await.is("done", &[]);
    }
    room.passes("25d").await;
    let todo = room.as_says("alice requester", "todo").await.text;
    assert_eq!(names(&todo), ["stock", "orders"], "{todo}");
}

/// What has no team is named with who can do it, where those who approve cannot.
#[tokio::test]
async fn what_those_who_approve_cannot_do_says_who_can() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-18"
    );
    room.as_says("alice requester", &line).await.is("done", &[]);
    let todo = room.as_says(BOB, "todo --mine").await;
    todo.has("it has no team, so those who approve, by 2026-01-18");
    todo.has("it has no team, so those who approve, who ask a requester (or admin), by 2026-01-18");
}
