//! Query plans: all statements that read or delete use an index.

use sqlx::AssertSqlSafe;

use super::attention;
use super::audit::AuditFilter;
use super::list::{InstanceFilter, InstanceQuery};
use super::{
    Engine, Store, around, audit, behind, card, census, channel_queue, claim, concern, digest,
    doctor, event, find, gauge, heard, import, instance, intake, lease, load, notice, outbox,
    pause, reminder, restoration, retention, save, schedule, setting, suggest, todo, upload, watch,
    wording, workspace,
};
use crate::domain::Timestamp;
use crate::domain::id::{InstanceId, TeamName};
use crate::domain::instance::{Edition, InstanceOrder, PostExpirationAction};

async fn plan(store: &Store, text: &str) -> String {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain)
        .fetch_all(store.writer.acquire().await.unwrap().connection().unwrap())
        .await
        .unwrap();
    let lines: Vec<String> = rows.into_iter().map(|row| row.3).collect();
    lines.join("\n")
}

async fn assert_searches(store: &Store, text: &str) -> String {
    let plan = plan(store, text).await;
    let scans = plan.lines().filter(|line| line.contains("SCAN"));
    // Constant rows, and the few rows of a preceding subquery, are no tables.
    let small = [
        "SCAN CONSTANT ROW",
        "SCAN 50 CONSTANT ROWS",
        "SCAN busy",
        "SCAN found",
        "SCAN here",
        "SCAN latest",
    ];
    let scans = scans.filter(|line| !small.contains(line) && !line.ends_with(" CONSTANT ROWS"));
    let scans: Vec<&str> = scans.collect();
    assert!(scans.is_empty(), "{text}\n{plan}");
    assert!(plan.contains("SEARCH"), "{text}\n{plan}");
    plan
}

/// Whether only the workspace narrows a search, which is as slow as a scan, except for the workspace's own row.
fn walks_workspace(plan: &str) -> bool {
    let mut lines = plan.lines();
    lines.any(|line| line.ends_with("(workspace=?)") && !line.contains("SEARCH workspace "))
}

#[tokio::test]
async fn no_statement_scans_a_table() {
    let store = Store::in_memory().await.unwrap();
    let fixed = [
        find::EXACT,
        find::BEGUN_BY,
        find::PREFIX,
        find::PREFIX_IN_REGION,
        find::FIRST,
        find::NAMESAKES,
        claim::CLAIMS,
        claim::LATER,
        claim::ITS,
        find::BILLED,
        find::BILLED_LOST,
        find::OF_REGION,
        find::LET_GO,
        load::BY_NUMBER,
        load::ALL,
        load::OPEN,
        load::OPEN_OF_TEAM,
        schedule::DUE,
        schedule::ANY,
        schedule::BY_TEAM,
        schedule::NEXT,
        schedule::MOVE,
        save::COUNT,
        concern::FORGET,
        concern::OF_KIND,
        notice::SETTLED_AFTER,
        notice::CALL_GONE,
        notice::WITH_CONTENT_OF,
        around::AROUND,
        todo::OF_ALL,
        todo::OF_TEAM,
        todo::BEGUN,
        todo::SETTLED,
        todo::PRUNE,
        reminder::AMEND,
        reminder::FORGET_AHEAD,
        lease::REKEY_EARLY,
        lease::WAITING_AHEAD,
        lease::FORGET_WAITING,
        lease::SEND_WAITING,
        lease::AWAY_UNREAD,
        outbox::POSTED,
        outbox::CALLED,
        outbox::REQUEST_IN,
        behind::BEHIND,
        behind::WAITING,
        behind::ENLARGE,
        behind::REKEY,
        event::SINCE,
        card::OF,
        card::IN,
        card::OPEN,
        card::SHOWN,
        setting::OF,
        setting::TO_RECORD,
        watch::ANY,
        watch::OF,
        watch::END,
        watch::LOOKED,
        upload::OF,
        doctor::COUNTED,
        doctor::COUNT_AGAIN,
        doctor::LOOK_UPS,
        doctor::DOCUMENT,
        doctor::WAKES,
        doctor::UNPLANNED,
        doctor::CHANNEL,
        doctor::EARLIEST,
        doctor::HEAD,
        restoration::ALL,
        restoration::OF,
        restoration::KEEP,
        restoration::INSTANCES,
        restoration::NOTICES,
        retention::PRUNED,
        retention::SET_PRUNED,
        retention::MESSAGES,
        retention::FORGET_MESSAGES,
        retention::FORGET_MARKS,
        retention::FORGET_TEXTS,
        retention::FORGET_FILES,
        retention::FORGET_UNDOS,
        import::LATEST,
        import::BY_NUMBER,
        import::CHANGES,
        import::FORGET,
        import::LAST,
        import::LAST_SEEN,
        import::SEEN_SINCE,
        import::SEEN_OTHERWISE,
        import::LATEST_CHANGE,
        upload::PRUNE,
        pause::HOLDINGS,
        digest::LAST_IMPORT,
        digest::LAST_DIGEST,
        digest::DIGESTED,
        event::OF_CHANGE,
        event::OF_INSTANCE,
        save::BEFORE,
        save::COUNTERS,
        save::POLICY,
        suggest::ANYWHERE,
        suggest::OPEN_CHANGES,
        suggest::CHANGES_BETWEEN,
        suggest::CHANGES_ANYWHERE,
        suggest::TEAMS,
        suggest::PEOPLE,
        suggest::REGIONS,
        outbox::CLAIM,
        outbox::SETTLE,
        pause::PAUSED,
        channel_queue::NEXT,
        channel_queue::NEXT_OF,
        channel_queue::SHORTEN,
        channel_queue::RECOUNT,
        channel_queue::HASTEN,
        channel_queue::TELL,
        channel_queue::REFUSING,
        lease::RELEASE,
        intake::FIRST,
        intake::PRUNE,
        heard::PRUNE,
        gauge::DEPTH,
        gauge::OLDEST,
        gauge::DECISIVE,
        gauge::HOLDER,
        gauge::ANOTHER,
        census::BOUND,
        census::INSTANCES,
        census::CONCERNS,
        census::CHANGES,
        census::EACH,
        census::RAISED,
        census::RESTING,
        census::IMPORTED,
        lease::WORKSPACES,
        lease::EVERY_WORKSPACE,
        audit::HEAD,
        audit::ROWS,
        audit::NUMBER,
        audit::IS_PERSON,
        audit::CALLED,
        audit::KNOWN_AS,
        audit::TOUCHED,
        attention::ACKED_BY,
        attention::END_ACK,
        notice::LAST,
        notice::UPDATE,
        notice::NAME,
        notice::UPDATE_INSTANCE,
        notice::BY_NUMBER,
        notice::BY_EXTERNAL_ID,
        notice::DUPLICATES,
        notice::HANDED_IN_AGAIN,
        notice::OPEN_OF_INSTANCE,
        notice::GONE,
        notice::AT_ONCE,
        notice::OF_INSTANCE,
        notice::SUPPRESSED,
        notice::RAISED,
        notice::UNNAMED,
        notice::TO_NAME,
        notice::LOOK_AT_ALL,
        wording::LAST,
        wording::BY_NUMBER,
        wording::OF_NOTICE,
        wording::IN_FORCE,
        wording::ALL,
        wording::SUPPRESSED_BY,
        wording::NOT_UNDERSTOOD,
        wording::REREAD,
        workspace::SEEN,
        workspace::OPEN,
        workspace::UNSEE,
        workspace::SETTLED,
    ];
    // These scan an index in the order of their page, or concern all rows.
    let walks = [
        attention::ACKED_BY,
        find::FIRST,
        find::OF_REGION,
        load::ALL,
        save::COUNTERS,
        save::POLICY,
        digest::LAST_IMPORT,
        digest::LAST_DIGEST,
        digest::DIGESTED,
        todo::OF_ALL,
        setting::OF,
        setting::TO_RECORD,
        suggest::REGIONS,
        save::COUNT,
        upload::PRUNE,
        doctor::COUNTED,
        doctor::EARLIEST,
        doctor::COUNT_AGAIN,
        retention::PRUNED,
        retention::SET_PRUNED,
        retention::FORGET_MESSAGES,
        retention::FORGET_FILES,
        retention::FORGET_UNDOS,
        import::LATEST,
        import::LAST,
        import::LAST_SEEN,
        import::LATEST_CHANGE,
        lease::REKEY_EARLY,
        lease::WAITING_AHEAD,
        lease::FORGET_WAITING,
        lease::SEND_WAITING,
        audit::HEAD,
        notice::LAST,
        notice::SETTLED_AFTER,
        restoration::OF,
        restoration::KEEP,
        notice::LOOK_AT_ALL,
        wording::LAST,
        wording::ALL,
        workspace::OPEN,
    ];
    for text in fixed {
        let plan = assert_searches(&store, text).await;
        let allowed = walks.contains(&text);
        assert!(allowed || !walks_workspace(&plan), "{text}\n{plan}");
    }
    for n in [1, 50] {
        // The next number is the end of an index.
        assert_searches(&store, &outbox::insert(n)).await;
        for text in [
            instance::select(n),
            import::seen(n),
            import::mark_seen(n),
            import::later(n),
            load::cases(n),
            concern::delete(n),
            schedule::delete(n),
            channel_queue::lengthen(n),
            notice::called(n),
            notice::named_of(n),
            find::namesakes(n),
            find::lower_case(n),
            claim::counted(n),
            todo::under(n, false),
            todo::under(n, true),
        ] {
            let plan = assert_searches(&store, &text).await;
            assert!(!walks_workspace(&plan), "{text}\n{plan}");
        }
    }
}

/// Data for the judgement of a notice comes from indexes, and its words are looked up one by one.
#[tokio::test]
async fn a_notice_is_judged_by_what_indexes_find() {
    let store = Store::in_memory().await.unwrap();
    for text in [
        notice::holders(Engine::Sqlite),
        notice::context(Engine::Sqlite),
    ] {
        let plan = plan(&store, &text).await;
        let words = |line: &&str| line.starts_with("SCAN said VIRTUAL TABLE");
        assert_eq!(plan.lines().filter(words).count(), 1, "{plan}");
        let named = "SEARCH instance USING INDEX instance_by_name_key (workspace=? AND tracking=? AND name_key=?)";
        assert!(plan.contains(named), "{plan}");
        let mut scans = plan
            .lines()
            .filter(|line| line.contains("SCAN") && !words(line));
        let known = ["SCAN CONSTANT ROW", "SCAN latest"];
        assert!(scans.all(|line| known.contains(&line)), "{plan}");
    }
    let like = plan(&store, notice::LIKE).await;
    assert!(like.contains("SEARCH notice USING"), "{like}");
    assert!(!like.contains("TEMP B-TREE"), "{like}");
}

#[tokio::test]
async fn pages_come_from_an_index_in_their_order() {
    let store = Store::in_memory().await.unwrap();
    let all = InstanceQuery::of(&InstanceFilter::default()).text;
    let ordered = [
        all.as_str(),
        load::ALL,
        load::OPEN,
        load::OPEN_OF_TEAM,
        find::FIRST,
        event::OF_CHANGE,
        event::OF_INSTANCE,
        watch::ANY,
        schedule::DUE,
        schedule::ANY,
        schedule::NEXT,
        save::COUNT,
        todo::OF_ALL,
        todo::OF_TEAM,
        todo::SETTLED,
        notice::RAISED,
        notice::UNNAMED,
        notice::TO_NAME,
        channel_queue::SHORTEN,
        gauge::OLDEST,
        gauge::DECISIVE,
        audit::HEAD,
        audit::ROWS,
        audit::NUMBER,
        notice::OPEN_OF_INSTANCE,
        notice::OF_INSTANCE,
        notice::SUPPRESSED,
        wording::OF_NOTICE,
        wording::IN_FORCE,
        wording::ALL,
        wording::SUPPRESSED_BY,
        wording::NOT_UNDERSTOOD,
    ];
    for text in ordered {
        let plan = assert_searches(&store, text).await;
        assert!(!plan.contains("TEMP B-TREE"), "{text}\n{plan}");
    }
}

/// The search for due work reads unpaused workspaces with scheduled work in the order of their due times, from a partial index;
/// the rows found are also read by an index.
#[tokio::test]
async fn neither_paused_workspaces_nor_many_rows_are_walked() {
    let store = Store::in_memory().await.unwrap();
    for (text, index) in [
        (schedule::NEXT, "workspace_by_due (due_ms>?)"),
        (channel_queue::NEXT, "workspace_by_send (send_ms>?)"),
        (
            channel_queue::NEXT,
            "channel_queue_by_next (workspace=? AND next_ms>?)",
        ),
        (
            channel_queue::NEXT_OF,
            "channel_queue_by_next (workspace=? AND next_ms>?)",
        ),
        (
            schedule::DUE,
            "schedule_by_kind (workspace=? AND kind=? AND due_ms<?)",
        ),
        (schedule::ANY, "schedule_by_time (workspace=? AND due_ms<?)"),
        (card::IN, "card_by_message (workspace=? AND message=?)"),
        (
            outbox::REQUEST_IN,
            "outbox_asked (workspace=? AND kind=? AND message=?)",
        ),
        (save::COUNT, "schedule_by_time (workspace=?)"),
        (save::COUNT, "channel_queue_by_next (workspace=?"),
    ] {
        let plan = assert_searches(&store, text).await;
        assert!(plan.contains(index), "{text}\n{plan}");
    }
}

#[tokio::test]
async fn each_filter_has_its_index() {
    let store = Store::in_memory().await.unwrap();
    let none = InstanceFilter::default();
    let delete = Some(PostExpirationAction::Delete);
    let downgrade = Some(PostExpirationAction::Downgrade);
    let by_action = |actions: Vec<_>| InstanceFilter {
        actions,
        ..none.clone()
    };
    let filters = [
        (
            "edition",
            InstanceFilter {
                edition: Some(Edition::Platinum),
                ..none.clone()
            },
        ),
        (
            "expiry",
            InstanceFilter {
                expiring_before: Some(Timestamp::UNIX_EPOCH),
                ..none.clone()
            },
        ),
        (
            "team",
            InstanceFilter {
                team: TeamName::parse("blue").ok(),
                ..none.clone()
            },
        ),
        ("action", by_action(vec![delete])),
        ("action", by_action(vec![None])),
        ("name", by_action(vec![delete, downgrade])),
        ("name", by_action(vec![None, delete])),
    ];
    // Several actions cover most instances: scanning them by name saves sorting.
    for (index, filter) in filters {
        let text = InstanceQuery::of(&filter).text;
        let plan = assert_searches(&store, &text).await;
        assert!(
            plan.contains(&format!("INDEX instance_by_{index}")),
            "{text}\n{plan}"
        );
        assert_searches(&store, &InstanceQuery::count(&filter).text).await;
    }
}

/// A sorted list reads the instances of its own workspace, and whole rows of the page only.
#[tokio::test]
async fn a_sorted_list_of_instances_reads_one_workspace() {
    let store = Store::in_memory().await.unwrap();
    for order in [InstanceOrder::Expires, InstanceOrder::Age] {
        for team in [None, TeamName::parse("blue").ok()] {
            let filter = InstanceFilter {
                order,
                team,
                ..InstanceFilter::default()
            };
            let text = InstanceQuery::of(&filter).text;
            let plan = assert_searches(&store, &text).await;
            let reads: Vec<&str> = plan.lines().filter(|line| line.contains(" i ")).collect();
            assert!(
                reads.iter().all(|line| line.contains("(workspace=?")),
                "{plan}"
            );
        }
    }
}

#[tokio::test]
async fn each_filter_of_the_audit_trail_has_its_index_in_order() {
    let store = Store::in_memory().await.unwrap();
    let instance = || InstanceId::parse("MQ_INST_1080056302921134_BXuIbML7").unwrap();
    let alice = || "alice".to_owned();
    for since in [None, Some(Timestamp::UNIX_EPOCH)] {
        for (n, column, index) in [
            (0b000, "by_id", "time"),
            (0b001, "by_id", "instance"),
            (0b010, "by_id", "change"),
            (0b100, "by_id", "person"),
            (0b100, "by_name", "name"),
            (0b101, "by_id", ""),
            (0b110, "by_name", ""),
        ] {
            let filter = AuditFilter {
                instance: (n & 0b001 != 0).then(instance),
                change: (n & 0b010 != 0).then_some(1),
                by: (n & 0b100 != 0).then(alice),
                since,
            };
            let text = audit::AuditQuery::of(&filter, column).unwrap().text;
            let plan = assert_searches(&store, &text).await;
            let index = format!("INDEX audit_by_{index}");
            assert!(plan.contains(&index), "{text}\n{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{text}\n{plan}");
            let alone = n == 0 && since.is_none();
            assert!(alone || !walks_workspace(&plan), "{text}\n{plan}");
        }
    }
}

#[tokio::test]
async fn the_names_of_workspaces_come_from_indexes() {
    let store = Store::in_memory().await.unwrap();
    let plan = plan(&store, audit::NEXT_WORKSPACE).await;
    for table in ["workspace", "audit"] {
        assert!(plan.contains(&format!("SEARCH {table} ")), "{plan}");
    }
    assert!(!plan.contains("SCAN"), "{plan}");
}
