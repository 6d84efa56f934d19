//! The plans of frequent statements on PostgreSQL. Needs a server.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use super::HOLD;
use crate::domain::place::DatabasePlace;
use crate::store::{Store, channel_queue, find, gauge, outbox, schedule, server};

/// Generic plans, with sequential scans only where nothing else is possible: empty tables would get them otherwise.
const PLANNING: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off";

async fn plan(connection: &mut AnyConnection, text: &str) -> String {
    let bound = (1..).take_while(|n| text.contains(&format!("${n}")));
    let nulls = vec!["NULL"; bound.count()].join(", ");
    let all =
        format!("PREPARE planned AS {text}; EXPLAIN EXECUTE planned({nulls}); DEALLOCATE planned");
    let rows = sqlx::raw_sql(AssertSqlSafe(all))
        .fetch_all(connection)
        .await;
    let lines = rows.unwrap().into_iter();
    let lines = lines.map(|row| sqlx::Row::get::<String, _>(&row, 0));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn due_work_and_waiting_messages_come_from_an_index_in_order() {
    let Some(address) = server::new_database().await else {
        return;
    };
    let place = DatabasePlace::parse(&address).unwrap();
    Store::open_at(&place).await.unwrap().close().await;
    let mut connection = AnyConnection::connect(&address).await.unwrap();
    sqlx::raw_sql(PLANNING)
        .execute(&mut connection)
        .await
        .unwrap();
    for (text, index) in [
        (schedule::NEXT, "workspace_by_due"),
        (schedule::DUE, "schedule_by_kind"),
        (schedule::ANY, "schedule_by_time"),
        (gauge::OLDEST, "outbox_oldest"),
        (gauge::DECISIVE, "instance_by_decisive"),
        (find::BEGUN_BY, "instance_by_lower_case"),
        (outbox::POSTED, "outbox_by_key"),
        (HOLD, "workspace_pkey"),
        (channel_queue::NEXT, "workspace_by_send"),
        (channel_queue::NEXT, "channel_queue_by_next"),
    ] {
        let plan = plan(&mut connection, text).await;
        assert!(plan.contains(index), "{text}\n{plan}");
        assert!(!plan.contains("Seq Scan"), "{text}\n{plan}");
        // The few rows of a join are sorted once more.
        let sorts = plan.contains("Sort") && text != channel_queue::NEXT;
        assert!(!sorts, "{text}\n{plan}");
    }
}
