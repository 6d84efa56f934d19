//! The data of a reply, for scripts, beside the text. `docs/schema.json` is generated from these types.

mod gather;

use schemars::JsonSchema;
use serde::Serialize;

/// What a reply is about. A list that says nothing is left out.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Data {
    /// The instances it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<InstanceData>,
    /// The changes it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeData>,
    /// What the documented rules say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    verdicts: Vec<VerdictData>,
    /// The vendor's notices it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<NoticeData>,
    /// What is open, the worst first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    concerns: Vec<ConcernData>,
    /// Which page of a list it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageData>,
}

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
struct PageData {
    /// From 1.
    number: u32,
    /// Whether there is another one.
    more: bool,
    /// How many there are on all pages, where that is known.
    total: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct InstanceData {
    /// Its full id.
    id: String,
    name: String,
    region: String,
    team: Option<String>,
    channel: Option<String>,
    /// `tracked`, `lost` or `removed`.
    tracking: &'static str,
    /// Every fact, known or not.
    facts: Vec<FactData>,
    /// The number of its open change.
    change: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FactData {
    /// Which: `edition`, `expires`, `action`, `auto-renew`, `busy`, `max-tps`, `commodity-id`, `topics` or `groups`.
    fact: &'static str,
    /// `known`, `unknown` or `contradictory`: only what is known can be relied on.
    state: &'static str,
    /// What was said of it: none, one, or the two that disagree.
    values: Vec<ValueData>,
    /// Since when it is unknown, where it was known before.
    unknown_since: Option<String>,
}

/// A value with where it comes from.
#[derive(Debug, Serialize, JsonSchema)]
struct ValueData {
    /// A word, a number, an id, or an instant in RFC 3339.
    value: serde_json::Value,
    /// `attested`, `imported` or `derived`.
    source: &'static str,
    by: String,
    /// When it was true.
    at: String,
    /// How old it was when this was answered.
    age_seconds: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChangeData {
    number: u64,
    /// The full id of its instance.
    instance: String,
    /// `upgrade` or `downgrade`.
    kind: &'static str,
    /// `unsubscribe` or `expiry`, of a downgrade.
    route: Option<&'static str>,
    /// `open`, `done`, `failed`, `cancelled` or `rejected`.
    status: &'static str,
    opened_by: String,
    opened_at: String,
    ended_at: Option<String>,
    steps: Vec<StepData>,
    request: Option<RequestData>,
    permit: Option<PermitData>,
}

/// A step of a change, in the documented order.
#[derive(Debug, Serialize, JsonSchema)]
struct StepData {
    step: &'static str,
    /// Whether it was recorded as done. Whether `set-action` is done the fact `action` says.
    recorded: bool,
    by: Option<String>,
    at: Option<String>,
    evidence: Option<String>,
}

/// The latest request for approvals.
#[derive(Debug, Serialize, JsonSchema)]
struct RequestData {
    step: &'static str,
    /// `open`, `lapsed`, `void`, `used` or `missed`.
    state: &'static str,
    asked_at: String,
    needed: u8,
    approvals: Vec<ApprovalData>,
}

/// An approval that holds, or that was used.
#[derive(Debug, Serialize, JsonSchema)]
struct ApprovalData {
    by: String,
    at: String,
    /// The instance's team, where they belong to it.
    team: Option<String>,
}

/// The latest permit.
#[derive(Debug, Serialize, JsonSchema)]
struct PermitData {
    step: &'static str,
    holder: String,
    /// `out`, `lapsed`, `withdrawn` or `used`.
    state: &'static str,
    shown_at: String,
    lapses_at: String,
}

/// What the documented rules say of an intent.
#[derive(Debug, Serialize, JsonSchema)]
struct VerdictData {
    /// The full id of the instance.
    instance: String,
    /// `upgrade`, `downgrade`, `set-action`, `unsubscribe` or `expiry`.
    intent: &'static str,
    outcome: &'static str,
    findings: Vec<FindingData>,
}

/// One rule's word.
#[derive(Debug, Serialize, JsonSchema)]
struct FindingData {
    rule: &'static str,
    /// `already-done`, `blocks`, `blocks-until-acknowledged`, `inconclusive`, `informs` or `holds`.
    severity: &'static str,
    /// The facts it used.
    facts: Vec<&'static str>,
}

/// A notice of the vendor's.
#[derive(Debug, Serialize, JsonSchema)]
struct NoticeData {
    number: u64,
    /// What it announces: `release`, `expiry`, `gone` or `other`.
    kind: &'static str,
    /// `suppressed`, `raised` or `duplicate`.
    status: &'static str,
    /// The notice that it says the same as.
    duplicate_of: Option<u64>,
    /// The full ids of the known instances that it names.
    instances: Vec<String>,
    received: String,
    source: String,
    by: String,
    /// Whether something has ended it.
    settled: bool,
    /// The beginning of its text.
    text: String,
}

/// Something open.
#[derive(Debug, Serialize, JsonSchema)]
struct ConcernData {
    /// The full id of the instance.
    instance: String,
    kind: &'static str,
    since: String,
    /// By when it must be settled, where there is such a moment.
    by: Option<String>,
    /// Who can settle it: a person, `team` or `approvers`.
    owner: String,
    /// Whether people are told of it unasked, and it is not only noted.
    told: bool,
    /// With what it is settled, in words.
    settle: String,
}
