//! Lists in pages, with a fixed number of statements per page.

use super::code::Coded;
use super::load::{ALL, CaseRow, OPEN, OPEN_OF_TEAM, WITH_OPEN_CHANGE};
use super::sql::{self, Rows};
use super::{StoreError, StoreResult, Tx};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::id::TeamName;
use crate::domain::instance::{Edition, InstanceOrder, PostExpirationAction};

/// A filter of instances, and their order. Conditions are combined; without any, lost instances come after tracked ones.
///
/// By name, an index has the order. By expiry or age, the keys of the workspace's instances that fit are sorted for each page, and
/// whole rows are read of the page only: other workspaces cost nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceFilter {
    /// Known to be of this edition.
    pub edition: Option<Edition>,
    /// With an expiry before this moment from any source.
    pub expiring_before: Option<Timestamp>,
    /// With one of these actions; `None` means unknown or contradictory. Empty: any action.
    pub actions: Vec<Option<PostExpirationAction>>,
    pub team: Option<TeamName>,
    pub order: InstanceOrder,
}

impl InstanceFilter {
    /// Whether it leaves out no instance, whatever the order.
    pub fn is_empty(&self) -> bool {
        let order = self.order;
        *self
            == Self {
                order,
                ..Self::default()
            }
    }
}

/// A value to bind.
#[derive(Debug)]
pub(super) enum Bound {
    Text(String),
    Number(i64),
}

impl Bound {
    pub(super) fn bind<R>(query: Rows<R>, value: Self) -> Rows<R> {
        match value {
            Self::Text(text) => query.bind(text),
            Self::Number(number) => query.bind(number),
        }
    }
}

/// The statement of a list of instances, and the values to bind after its first ones.
#[derive(Debug)]
pub(super) struct InstanceQuery {
    pub(super) text: String,
    values: Vec<Bound>,
    /// How many are bound before them: the workspace, and of a page its limit and offset.
    before: usize,
}

impl InstanceQuery {
    pub(super) fn of(filter: &InstanceFilter) -> Self {
        let mut listing = Self {
            text: WITH_OPEN_CHANGE.to_owned(),
            values: Vec::new(),
            before: 3,
        };
        let is_sorted = filter.order != InstanceOrder::Name;
        if is_sorted {
            listing
                .text
                .push_str(" AND i.id IN (SELECT i.id FROM instance i WHERE i.workspace = $1");
        }
        let lost_too = filter.is_empty();
        listing.narrow(filter);
        let lost_last = if lost_too { "i.tracking DESC, " } else { "" };
        let first = match filter.order {
            InstanceOrder::Name => String::new(),
            InstanceOrder::Expires => "i.expires_at_ms IS NULL, i.expires_at_ms, ".to_owned(),
            // Nobody has to look at an instance that is known to be Standard.
            InstanceOrder::Age => {
                let standard = listing.add(Bound::Text(Edition::Standard.encode()));
                format!(
                    "COALESCE(i.edition, '') = {standard}, i.decisive_at_ms IS NOT NULL, i.decisive_at_ms, "
                )
            }
        };
        let order = format!(" ORDER BY {lost_last}{first}i.name, i.region, i.id");
        let page = format!("{order} LIMIT $2 OFFSET $3");
        listing.text.push_str(&page);
        if is_sorted {
            listing.text.push(')');
            listing.text.push_str(&order);
        }
        listing
    }

    /// The number of a filter's instances.
    pub(super) fn count(filter: &InstanceFilter) -> Self {
        let mut counting = Self {
            text: "SELECT COUNT(*) FROM instance i WHERE i.workspace = $1".to_owned(),
            values: Vec::new(),
            before: 1,
        };
        counting.narrow(filter);
        counting
    }

    fn narrow(&mut self, filter: &InstanceFilter) {
        self.text.push_str(if filter.is_empty() {
            " AND i.tracking <> 'removed'"
        } else {
            " AND i.tracking = 'tracked'"
        });
        if let Some(edition) = filter.edition {
            self.require("edition =", Bound::Text(edition.encode()));
        }
        if let Some(before) = filter.expiring_before {
            self.require("expires_at_ms <", Bound::Number(before.timestamp_millis()));
        }
        if let Some(team) = &filter.team {
            self.require("team =", Bound::Text(team.to_string()));
        }
        self.require_action(&filter.actions);
    }

    fn require(&mut self, condition: &str, value: Bound) {
        let at = self.add(value);
        self.text.push_str(&format!(" AND i.{condition} {at}"));
    }

    fn add(&mut self, value: Bound) -> String {
        self.values.push(value);
        format!("${}", self.values.len() + self.before)
    }

    fn require_action(&mut self, actions: &[Option<PostExpirationAction>]) {
        let known: Vec<String> = actions
            .iter()
            .flatten()
            .map(|action| self.add(Bound::Text(action.encode())))
            .collect();
        let known = known.join(", ");
        match (known.is_empty(), actions.contains(&None)) {
            (true, false) => {}
            (true, true) => self.text.push_str(" AND i.action IS NULL"),
            (false, false) => self.text.push_str(&format!(" AND i.action IN ({known})")),
            (false, true) => self
                .text
                .push_str(&format!(" AND (i.action IN ({known}) OR i.action IS NULL)")),
        }
    }
}

/// A page number from 1, and the number of rows per page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRange {
    pub page: u32,
    /// The rows per page.
    pub rows: u32,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// The page number, from 1.
    pub page: u32,
    /// Whether there is a next page.
    pub more: bool,
}

impl<T> Page<T> {
    /// A page of rows collected completely, or up to one row after the page.
    pub fn of(gathered: Vec<T>, part: PageRange) -> Self {
        Self::cut(gathered.into_iter().skip(part.before()).collect(), part)
    }

    /// A page of its rows, and of the next one if there is a next page.
    pub(super) fn cut(mut rows: Vec<T>, part: PageRange) -> Self {
        let most = usize::try_from(part.rows).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        Self {
            rows,
            page: part.page,
            more,
        }
    }

    /// The page with its rows read.
    pub(super) fn read<U>(self, read: impl FnMut(T) -> StoreResult<U>) -> StoreResult<Page<U>> {
        let Self { rows, page, more } = self;
        let rows = rows.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { rows, page, more })
    }

    /// The number of rows on all pages, which is known on the last page.
    pub fn total(&self, part: PageRange) -> Option<u64> {
        // A page after the last one has no information.
        let is_last = !self.more && (self.page == 1 || !self.rows.is_empty());
        let all = part.before().saturating_add(self.rows.len());
        is_last.then(|| u64::try_from(all).unwrap_or(u64::MAX))
    }
}

/// A page of the usual length.
impl From<u32> for PageRange {
    fn from(page: u32) -> Self {
        let rows = u32::try_from(sql::PAGE_ROWS).unwrap_or(u32::MAX);
        Self { page, rows }
    }
}

impl PageRange {
    /// The limit, one row more than a page to detect a next one, and the offset.
    pub(super) fn window(self) -> (i64, i64) {
        let skipped = i64::try_from(self.before()).unwrap_or(i64::MAX);
        (i64::from(self.rows) + 1, skipped)
    }

    /// Binds the limit and the offset of [`PageRange::window`].
    pub(super) fn bind<R>(self, query: Rows<R>) -> Rows<R> {
        let (limit, offset) = self.window();
        query.bind(limit).bind(offset)
    }

    /// The rows before the page.
    pub(super) fn before(self) -> usize {
        let before = u64::from(self.page.saturating_sub(1)) * u64::from(self.rows);
        usize::try_from(before).unwrap_or(usize::MAX)
    }

    /// Whether this number of rows fills the page and shows if there is a next one.
    pub fn is_filled_by(self, gathered: usize) -> bool {
        let rows = usize::try_from(self.rows).unwrap_or(usize::MAX);
        gathered > self.before().saturating_add(rows)
    }
}

impl Tx {
    /// A page of instances with their open changes, by name and region. Pages are numbered from 1.
    pub async fn list_instances(
        &mut self,
        filter: &InstanceFilter,
        page: impl Into<PageRange>,
    ) -> StoreResult<Page<Case>> {
        let page = page.into();
        let listing = InstanceQuery::of(filter);
        let query = page.bind(self.rows(listing.text));
        let query = listing.values.into_iter().fold(query, Bound::bind);
        self.page_of_cases(query, page).await
    }

    /// The number of instances on all pages of [`Tx::list_instances`]; for a narrowed list, it walks the index of all that fit.
    pub async fn count_instances(&mut self, filter: &InstanceFilter) -> StoreResult<u64> {
        let counting = InstanceQuery::count(filter);
        let query = self.rows(counting.text);
        let query = counting.values.into_iter().fold(query, Bound::bind);
        let count: Vec<(i64,)> = self.all(query).await?;
        let count = count.first().map_or(0, |(count,)| *count);
        u64::try_from(count).map_err(|_| StoreError::damaged("instance", "all".to_owned(), "count"))
    }

    /// A page of changes with their instances, newest first: the open ones, those of a team, or all. Pages are numbered from 1.
    pub async fn list_changes(
        &mut self,
        all: bool,
        team: Option<&TeamName>,
        page: impl Into<PageRange>,
    ) -> StoreResult<Page<Case>> {
        let page = page.into();
        let text = match (all, team) {
            (true, _) => ALL,
            (false, None) => OPEN,
            (false, Some(_)) => OPEN_OF_TEAM,
        };
        let query = page.bind(self.rows(text));
        let query = match team.filter(|_| !all) {
            Some(team) => query.bind(team.to_string()),
            None => query,
        };
        self.page_of_cases(query, page).await
    }

    async fn page_of_cases(
        &mut self,
        query: Rows<CaseRow>,
        page: PageRange,
    ) -> StoreResult<Page<Case>> {
        let Page { rows, page, more } = Page::cut(self.all(query).await?, page);
        let rows = self.read_cases(rows)?;
        Ok(Page { rows, page, more })
    }
}
