//! What the database itself finds wrong with it. PostgreSQL checks what it reads, and lets in no row that refers to none.

use crate::store::migrations::HAVE_RUN;
use crate::store::{Engine, StoreError, System, sql};

/// Damage of a file; a single `ok` where there is none.
const INTEGRITY: &str = "PRAGMA integrity_check(20)";

/// Rows that refer to one that is not there, by table.
const ORPHANS: &str = "SELECT CAST(\"table\" AS TEXT), CAST(parent AS TEXT), COUNT(*) FROM pragma_foreign_key_check \
     GROUP BY 1, 2 ORDER BY 1, 2";

/// What is wrong with a database as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether it is set up as this version sets one up.
    pub is_current: bool,
    /// Damage of the file, in the database's words.
    pub damage: Vec<String>,
    /// Rows that refer to one that is not there.
    pub orphans: Vec<Orphans>,
}

/// Rows of a table that refer to one that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// The table that they are in.
    pub table: String,
    /// The table that they refer to.
    pub of: String,
    pub rows: i64,
}

impl System<'_> {
    /// What is wrong with the database as a whole.
    pub async fn health(self) -> Result<Health, StoreError> {
        let mut tx = self.read().await?;
        let versions = tx.all(sql::rows::<(i64, Vec<u8>)>(HAVE_RUN)).await?;
        let is_current = versions.into_iter().eq(self.0.engine.scripts().known());
        if self.0.engine == Engine::Postgres {
            return Ok(Health {
                is_current,
                ..Health::default()
            });
        }
        let damage = match tx.all(sql::rows::<(String,)>(INTEGRITY)).await {
            Err(error @ StoreError::Corrupt { .. }) => vec![error.to_string()],
            lines => lines?.into_iter().map(|(line,)| line).collect(),
        };
        let orphans = tx.all(sql::rows::<(String, String, i64)>(ORPHANS)).await?;
        let orphans = orphans.into_iter();
        Ok(Health {
            is_current,
            damage: damage.into_iter().filter(|line| line != "ok").collect(),
            orphans: orphans
                .map(|(table, of, rows)| Orphans { table, of, rows })
                .collect(),
        })
    }
}
