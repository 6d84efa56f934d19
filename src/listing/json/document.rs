//! The rows of one JSON document: which keys hold instances, pages, regions and errors.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::super::error::{Caveat, ListingError, PageTotal, RowProblem, UnknownKey};
use super::super::fields::{self, ListKind};
use super::super::node::{Node, key};
use super::super::{ListingRow, ReadSoFar};
use crate::domain::id::{Region, excerpt};
use crate::domain::written::lists;

/// Known keys of a document around its instances, with or without meaning for an import.
const OUTER: &str = "requestid helpurl hostid recommend success code message data headers \
    statuscode body instancevo instancelist instancebaseinfo region regionid pagenum pagesize \
    maxresults";
/// The expected form of a row.
const INSTANCE: &str = "an instance (an object with InstanceId)";
const TOTAL: &str = "totalcount";
const NEXT: &str = "nexttoken";
/// Parts of the names of keys for the total, the page or a continuation of a list.
const PAGING: [&str; 9] = [
    "total", "page", "next", "more", "truncat", "count", "marker", "offset", "limit",
];

/// A position in the file, and the region that applies to it.
#[derive(Debug, Clone, Default)]
pub(super) struct At {
    /// The first line of its document, if there are several.
    line: Option<usize>,
    keys: String,
    region: Option<String>,
}

impl At {
    pub(super) fn of_document(line: Option<usize>) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    fn child(&self, name: &str) -> Self {
        let dot = if self.keys.is_empty() { "" } else { "." };
        self.with(format!("{}{dot}{name}", self.keys))
    }

    pub(super) fn item(&self, number: usize) -> Self {
        self.with(format!("{}[{number}]", self.keys))
    }

    fn with(&self, keys: String) -> Self {
        Self {
            keys,
            ..self.clone()
        }
    }

    fn place(&self) -> String {
        match (self.line, self.keys.as_str()) {
            (None, "") => "the instance".to_owned(),
            (None, keys) => keys.to_owned(),
            (Some(line), "") => format!("line {line}"),
            (Some(line), keys) => format!("line {line}: {keys}"),
        }
    }
}

/// Reads documents, or the items of a list, into rows.
#[derive(Debug)]
pub(super) struct DocumentReader {
    zone: Tz,
    /// Whether this is the only document, so that its errors are errors of the file.
    pub(super) alone: bool,
    /// The rows of the last document or item.
    pub(super) rows: Vec<ListingRow>,
    found: ReadSoFar,
    unknown: BTreeMap<String, UnknownKey>,
    /// The pages of each region's list, by the total that they state.
    pages: BTreeMap<(Option<String>, Option<i64>), Pages>,
}

/// The pages of one list.
#[derive(Debug, Default)]
struct Pages {
    /// How many rows they have.
    rows: usize,
    /// Whether the last of them says that another one follows.
    goes_on: bool,
}

impl DocumentReader {
    pub(super) fn new(zone: Tz, alone: bool) -> Self {
        Self {
            zone,
            alone,
            rows: Vec::new(),
            found: ReadSoFar::default(),
            unknown: BTreeMap::new(),
            pages: BTreeMap::new(),
        }
    }

    pub(super) fn document(&mut self, at: &At, node: &Node) -> Result<(), ListingError> {
        match node {
            Node::List(items) => {
                self.alone &= items.len() == 1;
                for (number, item) in items.iter().enumerate() {
                    self.item(&at.item(number), item)?;
                }
                Ok(())
            }
            Node::Nothing | Node::Text(_) | Node::Number(_) | Node::Other(_) | Node::Object(_) => {
                self.object(at, node, at.line.is_some())
            }
        }
    }

    pub(super) fn item(&mut self, at: &At, node: &Node) -> Result<(), ListingError> {
        match node {
            Node::List(_) => self.document(at, node),
            _ => self.object(at, node, true),
        }
    }

    fn take_row(&mut self, row: ListingRow) {
        self.rows.push(row);
    }

    /// A document, or a single instance where one is allowed.
    fn object(&mut self, at: &At, node: &Node, among_others: bool) -> Result<(), ListingError> {
        let Node::Object(pairs) = node else {
            return self.mistyped(at, INSTANCE, among_others);
        };
        let of_terraform = [
            "terraformversion",
            "formatversion",
            "plannedvalues",
            "resourcechanges",
        ];
        let is_output =
            |value: &Node| value.get("sensitive").is_some() && value.get("value").is_some();
        if of_terraform.iter().any(|key| node.get(key).is_some())
            || pairs.iter().any(|(_, value)| is_output(value))
        {
            return Err(ListingError::Foreign {
                what: "a state of Terraform's, or part of one, which may be of any age",
                way_out: "fetch the listing with `aliyun ons OnsInstanceInServiceList`",
            });
        }
        if let Some(failure) = failure(node) {
            return self.failed(at, failure);
        }
        let mut at = at.clone();
        if let Some(region) = node.get("region").or_else(|| node.get("regionid"))
            && let Node::Text(region) = region
        {
            at.region = Some(region.clone());
        }
        if let Some(body) = node.get("body") {
            self.outer_keys(&at, pairs);
            let within = at.child("body");
            // Some tools keep the body as text.
            let parsed = match body {
                Node::Text(text) => serde_json::from_str::<Node>(text).ok(),
                _ => None,
            };
            return self.document(&within, parsed.as_ref().unwrap_or(body));
        }
        let data = node.get("data").filter(|data| !data.is_nothing());
        match data {
            Some(data @ Node::Object(inner)) => {
                let within = at.child("Data");
                if self.container(&within, data, node)? {
                    self.outer_keys(&at, pairs);
                    self.outer_keys(&within, inner);
                    return Ok(());
                }
            }
            Some(_) => return self.mistyped(&at.child("Data"), "an object with InstanceVO", false),
            None => {}
        }
        if self.container(&at, node, node)? {
            self.outer_keys(&at, pairs);
            Ok(())
        } else if node.get("instanceid").is_some()
            || node.get("id").is_some()
            || (among_others && data.is_none())
        {
            self.row(&at, node, ListKind::Ons);
            Ok(())
        } else {
            self.by_region(&at, pairs)
        }
    }

    /// An object keyed by region: `{"cn-hangzhou": {…}, "cn-beijing": {…}}`
    fn by_region(&mut self, at: &At, pairs: &[(String, Node)]) -> Result<(), ListingError> {
        let regions = pairs.iter().all(|(name, _)| Region::parse(name).is_ok());
        if pairs.is_empty() || !regions {
            let keys = pairs.iter().map(|(name, _)| excerpt(name)).take(8);
            let keys = keys.collect();
            if self.alone {
                return Err(ListingError::NoInstances(keys));
            }
            self.refuse(at, RowProblem::NoInstances(keys));
            return Ok(());
        }
        self.alone &= pairs.len() == 1;
        for (name, node) in pairs {
            let mut within = at.child(name);
            within.region = Some(name.clone());
            self.document(&within, node)?;
        }
        Ok(())
    }

    /// Takes the instances out of what holds them; `false` where nothing does.
    fn container(&mut self, at: &At, node: &Node, around: &Node) -> Result<bool, ListingError> {
        let lists = [
            ("instancevo", "InstanceVO", ListKind::Ons),
            ("instancelist", "InstanceList", ListKind::Billing),
        ];
        for (wanted, name, kind) in lists {
            match node.get(wanted) {
                None | Some(Node::Nothing) => {}
                Some(Node::List(items)) => {
                    self.pages(at, node, around, items.len());
                    match kind {
                        ListKind::Ons => {
                            self.found.listings += 1;
                            let named = at.region.as_deref().map(Region::parse);
                            self.found.regions.extend(named.and_then(Result::ok));
                        }
                        ListKind::Billing => self.found.is_billing = true,
                    }
                    let at = at.child(name);
                    for (number, item) in items.iter().enumerate() {
                        let at = at.item(number);
                        match item {
                            Node::Object(_) => self.row(&at, item, kind),
                            _ => self.mistyped(&at, INSTANCE, true)?,
                        }
                    }
                    return Ok(true);
                }
                Some(_) => {
                    self.mistyped(&at.child(name), "a list of instances", false)?;
                    return Ok(true);
                }
            }
        }
        match node.get("instancebaseinfo") {
            None | Some(Node::Nothing) => Ok(false),
            Some(info @ Node::Object(_)) => {
                self.row(&at.child("InstanceBaseInfo"), info, ListKind::Ons);
                Ok(true)
            }
            Some(_) => {
                self.mistyped(&at.child("InstanceBaseInfo"), INSTANCE, false)?;
                Ok(true)
            }
        }
    }

    fn row(&mut self, at: &At, node: &Node, kind: ListKind) {
        let Node::Object(pairs) = node else {
            return;
        };
        let read = fields::row(pairs, kind, at.region.as_deref(), self.zone);
        let place = at.place();
        for (name, value) in read.unknown {
            self.strange(name, value, &place);
        }
        self.found.is_billing |= read.is_billing;
        self.take_row(ListingRow {
            place,
            id_text: excerpt(&read.id_text),
            entry: read.entry,
        });
    }

    /// Only some of the pages are lost without a word, unless it is looked for: in what holds the list, and around that.
    fn pages(&mut self, at: &At, container: &Node, around: &Node, rows: usize) {
        let said = |wanted| container.get(wanted).or_else(|| around.get(wanted));
        let total = said(TOTAL).and_then(Node::number);
        let pages = self.pages.entry((at.region.clone(), total)).or_default();
        pages.rows += rows;
        pages.goes_on = said(NEXT).is_some_and(|token| !token.is_nothing());
    }

    fn outer_keys(&mut self, at: &At, pairs: &[(String, Node)]) {
        for (name, value) in pairs {
            let name_key = key(name);
            let known = lists(OUTER, &name_key) || [TOTAL, NEXT].contains(&&*name_key);
            if !known {
                self.found.in_part |= PAGING.iter().any(|word| name_key.contains(word));
                self.strange(name, value, &at.place());
            }
        }
    }

    fn strange(&mut self, name: &str, value: &Node, place: &str) {
        let seen = self.unknown.entry(name.to_owned());
        let seen = seen.or_insert_with(|| UnknownKey {
            key: excerpt(name),
            count: 0,
            first: String::new(),
            values: Vec::new(),
            nearest: None,
        });
        seen.note(&value.shown(), place);
    }

    /// If other documents of the file hold instances, an error counts as one unusable row.
    fn failed(&mut self, at: &At, failure: VendorError) -> Result<(), ListingError> {
        if self.alone {
            return Err(failure.into());
        }
        let problem = RowProblem::Answer {
            code: excerpt(&failure.code),
            message: excerpt(&failure.message),
        };
        self.refuse(at, problem);
        Ok(())
    }

    /// Takes what stands in the place of a row, and is none.
    pub(super) fn refuse(&mut self, at: &At, problem: RowProblem) {
        self.take_row(ListingRow {
            place: at.place(),
            id_text: String::new(),
            entry: Err(problem),
        });
    }

    /// A value of another type: an error of the file, or, among others, of this row.
    fn mistyped(
        &mut self,
        at: &At,
        expected: &'static str,
        among_others: bool,
    ) -> Result<(), ListingError> {
        if self.alone && !among_others {
            return Err(ListingError::JsonType {
                path: excerpt(&at.place()),
                expected,
            });
        }
        self.refuse(at, RowProblem::NotType(expected));
        Ok(())
    }

    pub(super) fn end(mut self) -> ReadSoFar {
        let lacking = self.pages.iter().filter_map(|((_, total), pages)| {
            let (found, total) = (pages.rows, (*total)?);
            let lacks = usize::try_from(total).is_ok_and(|total| total > found);
            lacks.then_some(PageTotal { found, total })
        });
        let lacking = lacking.max_by_key(|page| page.total);
        if lacking.is_some() || self.pages.values().any(|pages| pages.goes_on) {
            self.found.caveats.push(Caveat::MorePages(lacking));
        }
        if !self.unknown.is_empty() {
            let unknown = self.unknown.into_values().collect();
            self.found.caveats.push(Caveat::UnknownKeys(unknown));
        }
        self.found
    }
}

pub(super) struct VendorError {
    code: String,
    message: String,
}

impl From<VendorError> for ListingError {
    fn from(failure: VendorError) -> Self {
        answer(&failure.code, &failure.message)
    }
}

/// The error in a document: an error field, or a code that does not mean success.
pub(super) fn failure(node: &Node) -> Option<VendorError> {
    let shown = |wanted| node.get(wanted).map_or_else(String::new, Node::shown);
    let code = shown("code");
    let fine = ["", "success", "ok", "200", "0"];
    let fine = fine.iter().any(|fine| code.eq_ignore_ascii_case(fine));
    let denied = shown("success").eq_ignore_ascii_case("false");
    let is_error = denied || (!fine && node.get("instanceid").is_none());
    is_error.then(|| VendorError {
        code: if code.is_empty() {
            "no code".to_owned()
        } else {
            code
        },
        message: shown("message"),
    })
}

/// The error for a response of the vendor's API, with a way out.
pub(in crate::listing) fn answer(code: &str, message: &str) -> ListingError {
    let way_out = if code.starts_with("Throttling") {
        "wait a minute and fetch the listing again"
    } else if code.starts_with("AUTH_")
        || code.contains("NoPermission")
        || code.contains("Forbidden")
    {
        "let somebody fetch it who may read the instances (mq:QueryInstanceBaseInfo)"
    } else if code.starts_with("BIZ_REGION") || code.contains("InvalidRegionId") {
        "name the right --region and fetch it again"
    } else if code.contains("AccessKey") || code.contains("Signature") {
        "check the access key and fetch it again"
    } else if code == "NotApplicable" {
        "the account belongs to the vendor's other site: ask there"
    } else {
        "put that right and fetch the listing again"
    };
    ListingError::Answer {
        code: excerpt(code),
        message: excerpt(message),
        way_out,
    }
}
