//! Everything the database holds of a workspace, row by row, whatever tables there are.

use std::path::Path;

use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};

/// The rows of every table, each with its values written out as SQL would.
pub(super) struct Dump {
    connection: SqliteConnection,
    /// A table's name and its columns.
    tables: Vec<(String, Vec<String>)>,
}

impl Dump {
    /// Looks at a file, besides the bot.
    pub(super) async fn of(file: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let mut connection = options.connect().await.unwrap();
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' ORDER BY m.name, c.cid",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let mut tables: Vec<(String, Vec<String>)> = Vec::new();
        for (table, column) in columns {
            match tables.last_mut().filter(|(name, _)| *name == table) {
                Some((_, columns)) => columns.push(column),
                None => tables.push((table, vec![column])),
            }
        }
        tables.retain(|(_, columns)| columns.iter().any(|column| column == "workspace"));
        assert!(tables.len() >= 7, "{tables:?}");
        Self { connection, tables }
    }

    pub(super) async fn rows(&mut self, workspace: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (table, columns) in &self.tables {
            let quoted: Vec<String> = columns
                .iter()
                .map(|column| format!("quote(\"{column}\")"))
                .collect();
            let values = quoted.join(" || ', ' || ");
            let text = format!(
                "SELECT '{table}: ' || {values} FROM \"{table}\" WHERE workspace = $1 ORDER BY 1"
            );
            let rows = sqlx::query_scalar(AssertSqlSafe(text)).bind(workspace);
            let rows: Vec<String> = rows.fetch_all(&mut self.connection).await.unwrap();
            found.extend(rows);
        }
        found
    }
}
