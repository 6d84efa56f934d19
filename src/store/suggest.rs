//! Completion: instances and open changes by any part of their names, teams, and regions, each with an index look-up or a limited
//! scan.

use std::collections::BTreeSet;

use super::find::{FIRST, PREFIX, PREFIX_IN_REGION, found};
use super::instance::{InstanceRow, columns};
use super::{InstanceMatch, StoreError, StoreResult, Tx, sql};
use crate::domain::id::{InstanceName, folded};

/// The most index entries scanned for a substring: about 15 ms. In a larger workspace, prefixes are still found completely.
const LOOKED_THROUGH: i64 = 20_000;
/// The most teams, regions or people returned.
const MOST_WORDS: i64 = 1_000;
/// The most digits of a change's number for completion.
const MOST_DIGITS: u32 = 12;

/// Whether an instance's name, id or team contains `$2`; both are folded.
macro_rules! anywhere {
    () => {
        "((region || '/' || name_key) LIKE $2 ESCAPE '\\' OR lower(id) LIKE $2 ESCAPE '\\' \
         OR lower(team) LIKE $2 ESCAPE '\\')"
    };
}

/// The tracked instances that contain `$2`, those whose name starts with `$3` first. Scans a covering index.
pub(super) const ANYWHERE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND id IN (SELECT id FROM (SELECT id, name_key, region, team FROM instance \
     WHERE workspace = $1 AND tracking = 'tracked' ORDER BY team, name, region, id LIMIT $4) AS found WHERE ",
    anywhere!(),
    " ORDER BY CASE WHEN name_key LIKE $3 ESCAPE '\\' THEN 0 WHEN name_key LIKE $2 ESCAPE '\\' THEN 1 ELSE 2 END, \
     name_key, region, id LIMIT $5)"
);

/// The latest open changes.
pub(super) const OPEN_CHANGES: &str = "SELECT c.number, i.name FROM change c \
     JOIN instance i ON i.workspace = c.workspace AND i.id = c.instance_id \
     WHERE c.workspace = $1 AND c.number IN (SELECT number FROM change WHERE workspace = $1 AND status = 'open' \
     ORDER BY number DESC LIMIT $2) ORDER BY c.number DESC";

/// The open changes between two numbers.
pub(super) const CHANGES_BETWEEN: &str = "SELECT c.number, i.name FROM change c \
     JOIN instance i ON i.workspace = c.workspace AND i.id = c.instance_id \
     WHERE c.workspace = $1 AND c.status = 'open' AND c.number BETWEEN $2 AND $3 ORDER BY c.number DESC LIMIT $4";

/// The open changes whose instance contains `$2`, those whose name starts with `$5` first.
pub(super) const CHANGES_ANYWHERE: &str = concat!(
    "SELECT found.number, found.name FROM (SELECT c.number, i.id, i.name, i.name_key, i.region, i.team FROM change c \
     JOIN instance i ON i.workspace = c.workspace AND i.id = c.instance_id \
     WHERE c.workspace = $1 AND c.number IN (SELECT number FROM change WHERE workspace = $1 AND status = 'open' \
     ORDER BY number DESC LIMIT $3)) AS found WHERE ",
    anywhere!(),
    " ORDER BY CASE WHEN name_key LIKE $5 ESCAPE '\\' THEN 0 WHEN name_key LIKE $2 ESCAPE '\\' THEN 1 ELSE 2 END, \
     found.number DESC LIMIT $4"
);

/// The teams of tracked instances, each found from the previous one.
pub(super) const TEAMS: &str = "WITH RECURSIVE found (word) AS (\
     SELECT min(team) FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND team IS NOT NULL \
     UNION ALL SELECT (SELECT min(team) FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND team > found.word) \
     FROM found WHERE found.word IS NOT NULL) SELECT word FROM found WHERE word IS NOT NULL LIMIT $2";

/// The regions of tracked instances, each found from the previous one.
pub(super) const REGIONS: &str = "WITH RECURSIVE found (word) AS (\
     SELECT min(region) FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND name_key <> '' \
     UNION ALL SELECT (SELECT min(region) FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND name_key <> '' \
     AND region > found.word) FROM found WHERE found.word IS NOT NULL) SELECT word FROM found WHERE word IS NOT NULL LIMIT $2";

/// The names in the audit trail, each found from the previous one.
pub(super) const PEOPLE: &str = "WITH RECURSIVE found (word) AS (\
     SELECT min(by_name) FROM audit WHERE workspace = $1 AND by_name IS NOT NULL \
     UNION ALL SELECT (SELECT min(by_name) FROM audit WHERE workspace = $1 AND by_name > found.word) \
     FROM found WHERE found.word IS NOT NULL) SELECT word FROM found WHERE word IS NOT NULL LIMIT $2";

/// An open change with its instance's name.
#[derive(Debug, sqlx::FromRow)]
struct NameRow {
    number: i64,
    name: String,
}

impl NameRow {
    fn read(&self) -> StoreResult<(u64, InstanceName)> {
        let damaged =
            |table, column| StoreError::damaged(table, format!("change {}", self.number), column);
        let number = u64::try_from(self.number).map_err(|_| damaged("change", "number"))?;
        let name = InstanceName::parse(&self.name).map_err(|_| damaged("instance", "name"))?;
        Ok((number, name))
    }
}

/// The LIKE pattern for a folded text, with its special characters escaped.
fn holding(text: &str) -> String {
    format!("%{}%", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut pattern = String::new();
    for c in folded(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// The rank of an instance for a typed text; lower is better.
fn rank(row: &InstanceRow, typed: &str) -> u8 {
    let name = row.name_key.as_str();
    let word_begins = || {
        let words = name.split(|c: char| !c.is_alphanumeric());
        words.skip(1).any(|word| word.starts_with(typed))
    };
    let id = row.id.to_lowercase();
    if name == typed || id == typed {
        0
    } else if name.starts_with(typed) {
        1
    } else if word_begins() {
        2
    } else if name.contains(typed) {
        3
    } else if id
        .rsplit('_')
        .next()
        .is_some_and(|end| end.starts_with(typed))
    {
        4
    } else {
        5
    }
}

impl Tx {
    /// Tracked instances whose name, `region/name`, id or team contains the typed text, ignoring case; best match first. For an
    /// empty text, the first by name.
    pub async fn complete_instances(
        &mut self,
        typed: &str,
        limit: u32,
    ) -> StoreResult<Vec<InstanceMatch>> {
        let limit = i64::from(limit);
        let mut rows = self.beginning(typed, limit).await?;
        if !typed.is_empty() {
            let query = self
                .rows::<InstanceRow>(ANYWHERE)
                .bind(holding(typed))
                .bind(format!("{}%", escaped(typed)))
                .bind(LOOKED_THROUGH)
                .bind(limit);
            let known: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
            let all = self.all(query).await?;
            rows.extend(all.into_iter().filter(|row| !known.contains(&row.id)));
            let typed = folded(typed);
            rows.sort_by_cached_key(|row| {
                (rank(row, &typed), row.name_key.clone(), row.id.clone())
            });
            rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        found(&rows)
    }

    /// Tracked instances whose name, `region/name`, id or commodity id starts with the text.
    pub(super) async fn beginning(
        &mut self,
        prefix: &str,
        limit: i64,
    ) -> StoreResult<Vec<InstanceRow>> {
        let query = if prefix.is_empty() {
            self.rows::<InstanceRow>(FIRST)
        } else if let Some((region, name)) = prefix.split_once('/') {
            self.rows::<InstanceRow>(PREFIX_IN_REGION)
                .bind(folded(name))
                .bind(sql::after_prefix(&folded(name)))
                .bind(region.to_owned())
        } else {
            self.rows::<InstanceRow>(PREFIX)
                .bind(prefix.to_owned())
                .bind(sql::after_prefix(prefix))
                .bind(folded(prefix))
                .bind(sql::after_prefix(&folded(prefix)))
        };
        self.all(query.bind(limit)).await
    }

    /// Open changes whose number starts with the typed text, with or without `#`, shortest first; then those whose instance
    /// contains it. For an empty text, the latest.
    pub async fn complete_changes(
        &mut self,
        typed: &str,
        limit: u32,
    ) -> StoreResult<Vec<(u64, InstanceName)>> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let limit = i64::from(limit);
        let text = typed.trim_start_matches('#');
        let mut rows: Vec<NameRow> = Vec::new();
        if text.is_empty() {
            let query = self.rows::<NameRow>(OPEN_CHANGES).bind(limit);
            rows = self.all(query).await?;
        } else {
            for (first, last) in numbers(text) {
                if rows.len() < most {
                    let query = self
                        .rows::<NameRow>(CHANGES_BETWEEN)
                        .bind(first)
                        .bind(last)
                        .bind(limit);
                    rows.extend(self.all(query).await?);
                }
            }
            if rows.len() < most && text == typed {
                let query = self
                    .rows::<NameRow>(CHANGES_ANYWHERE)
                    .bind(holding(text))
                    .bind(LOOKED_THROUGH)
                    .bind(limit)
                    .bind(format!("{}%", escaped(text)));
                let known: BTreeSet<i64> = rows.iter().map(|row| row.number).collect();
                let all = self.all(query).await?;
                rows.extend(all.into_iter().filter(|row| !known.contains(&row.number)));
            }
        }
        rows.truncate(most);
        rows.iter().map(NameRow::read).collect()
    }

    /// The teams of tracked instances.
    pub async fn teams_of_instances(&mut self) -> StoreResult<Vec<String>> {
        self.words(TEAMS).await
    }

    /// The regions of tracked instances.
    pub async fn regions_of_instances(&mut self) -> StoreResult<Vec<String>> {
        self.words(REGIONS).await
    }

    /// The names of the people in the audit trail.
    pub async fn people_of_trail(&mut self) -> StoreResult<Vec<String>> {
        self.words(PEOPLE).await
    }

    async fn words(&mut self, text: &'static str) -> StoreResult<Vec<String>> {
        let query = self.rows::<(String,)>(text).bind(MOST_WORDS);
        let rows = self.all(query).await?;
        Ok(rows.into_iter().map(|(word,)| word).collect())
    }
}

/// The ranges of numbers that start with these digits: 12, 120 to 129, 1200 to 1299 and so on.
fn numbers(digits: &str) -> Vec<(i64, i64)> {
    let begins = digits.parse::<u32>().ok().filter(|number| *number > 0);
    let Some(number) = begins.map(i64::from) else {
        return Vec::new();
    };
    let powers = (0..MOST_DIGITS).map(|digits| 10_i64.pow(digits));
    powers
        .map(|power| (number * power, (number + 1) * power - 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_pattern_means_itself() {
        assert_eq!(holding("A_b%\\"), "%a\\_b\\%\\\\%");
    }

    #[test]
    fn numbers_begin_with_their_digits() {
        assert_eq!(
            numbers("12").iter().take(3).copied().collect::<Vec<_>>(),
            [(12, 12), (120, 129), (1200, 1299)]
        );
        assert!(
            numbers("x1").is_empty()
                && numbers("0").is_empty()
                && numbers("99999999999").is_empty()
        );
    }
}
