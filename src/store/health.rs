//! The database's own integrity checks. PostgreSQL checks the data it reads, and rejects orphaned references.

use std::sync::Arc;

use crate::store::migrations::HAVE_RUN;
use crate::store::{Engine, StoreError, StoreResult, System, postgres, sql};

/// Damage of a file; a single `ok` if there is none.
const INTEGRITY: &str = "PRAGMA integrity_check(20)";

/// Rows with orphaned references, by table.
const ORPHANS: &str = "SELECT CAST(\"table\" AS TEXT), CAST(parent AS TEXT), COUNT(*) FROM pragma_foreign_key_check \
     GROUP BY 1, 2 ORDER BY 1, 2";

/// The integrity of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether its schema is that of this version.
    pub is_current: bool,
    /// Damage of the file, in the database's words.
    pub damage: Vec<String>,
    /// Rows with orphaned references.
    pub orphans: Vec<Orphans>,
}

/// Rows of one table with orphaned references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// The referring table.
    pub table: String,
    /// The referenced table.
    pub of: String,
    pub rows: i64,
}

impl System<'_> {
    /// Why nothing is recorded in a database that is sound: it is of the past.
    pub async fn past(self) -> StoreResult<Option<StoreError>> {
        match self.0.check_moved(None).await {
            Err(moved @ StoreError::MovedTo { .. }) => return Ok(Some(moved)),
            checked => checked?,
        }
        if self.0.engine == Engine::Sqlite {
            return Ok(None);
        }
        let home = sql::rows::<(Option<String>,)>(postgres::HOME);
        let home = self.glance().await?.all(home).await?;
        let is_home = home.iter().any(|(home,)| home.is_some());
        Ok((!is_home).then(|| StoreError::WentBack {
            database: Arc::clone(&self.0.database),
        }))
    }

    /// Checks the integrity of the database.
    pub async fn health(self) -> StoreResult<Health> {
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
