//! The data of a reply, for scripts, beside the text. `docs/schema.json` is generated from these types.

mod gather;
mod record;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::concern::{ConcernKind, Rank};

/// The subject of a reply. Empty lists are left out.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Data {
    /// The instances it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<InstanceData>,
    /// The changes it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeData>,
    /// The verdicts of the documented rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    verdicts: Vec<VerdictData>,
    /// The requirements of a permit beside the rules, of `check` and `why`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<MissingData>,
    /// The vendor's notices it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<NoticeData>,
    /// The open concerns, the worst first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    concerns: Vec<ConcernData>,
    /// Of several instances that a line names, those of which it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<RefusedData>,
    /// The safeguards that do not work here, whatever instances there are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    safeguards: Vec<SafeguardData>,
    /// The reminders of the instance, those that are planned and those that are past.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reminders: Vec<ReminderData>,
    /// The handover, or its preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    handover: Option<HandoverData>,
    /// The documented rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RuleData>,
    /// The settings in force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settings: Vec<SettingData>,
    /// The files that were taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    imports: Vec<ImportData>,
    /// The wordings that were taught or asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wordings: Vec<WordingData>,
    /// The wordings of raised notices that can be taught.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    teachable: Vec<TeachableData>,
    /// Rows of the audit trail, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    audit: Vec<AuditData>,
    /// Which page of a list it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageData>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ReminderData {
    /// The full id of the instance.
    instance: String,
    /// `expiry`, `charge`, `attest`, or the kind of a concern.
    topic: &'static str,
    /// Hours after the expiry or the start of the concern; negative before it.
    hours: i32,
    due: String,
    /// `planned`, `muted` (planned, but something else tells it), `due` (and not yet sent), `sent` or `skipped`.
    state: &'static str,
    sent_at: Option<String>,
}

/// A handover, or the list of what would be handed over.
#[derive(Debug, Serialize, JsonSchema)]
struct HandoverData {
    of: String,
    /// Who takes it over; null where it is only listed.
    to: Option<String>,
    items: Vec<HandoverItemData>,
    /// The wordings of which they said something that nobody else has agreed to yet.
    wordings: Vec<u64>,
}

/// The leaver's open tasks in one instance, and the facts that rest on their word.
#[derive(Debug, Serialize, JsonSchema)]
struct HandoverItemData {
    /// The full id of the instance.
    instance: String,
    /// The number of its open change.
    change: Option<u64>,
    /// Whether they owned the change.
    owned: bool,
    /// The step of their permit.
    permit: Option<&'static str>,
    /// The step whose outcome they had yet to say.
    asked: Option<&'static str>,
    /// The step that they approved.
    approved: Option<&'static str>,
    /// Whether they looked at the action.
    observed: bool,
    /// The step whose permit somebody else held on their word.
    rests: Option<&'static str>,
    /// Whether they had acknowledged its reminders.
    acked: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RuleData {
    rule: &'static str,
    /// In one sentence.
    sentence: &'static str,
    /// The background, and what to do.
    detail: &'static str,
    /// The effect of the rule in a verdict.
    effect: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SettingData {
    /// Which, as `settings` names it.
    setting: String,
    /// The value, as it is typed.
    value: String,
    /// Who set it; null where the configuration does.
    by: Option<String>,
    at: Option<String>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct ImportData {
    /// Its number; null where nothing was taken.
    number: Option<u64>,
    label: String,
    /// When its facts were true.
    at: Option<String>,
    taken_at: Option<String>,
    by: Option<String>,
    /// Its rows by what happened to them.
    counts: Option<ImportCountsData>,
    /// Of a file that was just read, the rows that the text lists, the refused ones first: 1,000 with a problem and 1,000 others at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<ImportRowData>,
    /// The full ids of instances that a complete listing lacks, if that waits for `--accept-missing`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    held_back: Vec<String>,
    undone_by: Option<String>,
    undone_at: Option<String>,
}

/// The result of a row of a file.
#[derive(Debug, Serialize, JsonSchema)]
struct ImportRowData {
    /// Where it stands in the file, such as `line 7`.
    place: String,
    /// The instance by its name, if there is one.
    instance: String,
    /// `new`, `changed`, `unchanged`, `in conflict`, `released`, `skipped` or `refused`.
    became: String,
    /// The facts of the row, or the reason why it is refused.
    detail: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ImportCountsData {
    new: u64,
    changed: u64,
    unchanged: u64,
    conflicting: u64,
    skipped: u64,
    refused: u64,
    /// Instances that a complete listing lacks.
    missing: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct WordingData {
    number: u64,
    /// The notice that it was made from.
    notice: u64,
    /// `release`, `expiry` or `other`.
    kind: &'static str,
    /// The source that it is limited to.
    source: String,
    /// `asked`, `lapsed`, `holds`, `unused` or `forgotten`.
    state: &'static str,
    asked_by: String,
    taught_by: Option<String>,
    /// How many notices it has suppressed.
    uses: u32,
    /// Its texts with their slots, such as `{instance}`: the subject, if there is one, and the bodies; ` / ` is a line break.
    texts: Vec<String>,
}

/// A wording as it would be taught.
#[derive(Debug, Serialize, JsonSchema)]
struct TeachableData {
    notice: u64,
    /// As the texts of a wording; where nobody has said which of two dates is which, they are `{first_date}` and `{second_date}`.
    texts: Vec<String>,
    /// Whether it can be taught as a release notice; as `expiry` and `other` it always can.
    release: bool,
}

/// A row of the audit trail.
#[derive(Debug, Serialize, JsonSchema)]
struct AuditData {
    /// Its place in the trail, from 1.
    number: u64,
    at: String,
    /// Who said it; null for what time or the program decided.
    by: Option<String>,
    surface: String,
    /// The line that was typed, or one word for internal work.
    said: String,
    outcome: String,
    rules: Vec<&'static str>,
    /// The full id of the instance.
    instance: Option<String>,
    change: Option<u64>,
    /// The facts that it moved.
    moved: Vec<MovedData>,
    /// Further details; `audit export` has them whole.
    detail: Option<String>,
}

/// A fact that moved.
#[derive(Debug, Serialize, JsonSchema)]
struct MovedData {
    /// As in an instance's facts.
    fact: &'static str,
    /// The value before: a word, a number, an id or an instant in RFC 3339; null for unknown.
    from: serde_json::Value,
    /// The value after, likewise.
    to: serde_json::Value,
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
    /// Who has looked at the action, and seen Downgrade.
    looks: Vec<LookData>,
    /// The number of its open change.
    change: Option<u64>,
}

/// A person's look at the action in the vendor's console.
#[derive(Debug, Serialize, JsonSchema)]
struct LookData {
    by: String,
    at: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FactData {
    /// Which: `edition`, `expires`, `action`, `auto-renew`, `busy`, `max-tps`, `commodity-id`, `topics` or `groups`.
    fact: &'static str,
    /// `known`, `unknown` or `contradictory`: only what is known can be relied on.
    state: &'static str,
    /// The reported values: none, one, or the two that disagree.
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
    /// Whose it is: who opened it, or took it over.
    owner: String,
    /// Since when, where it was handed over.
    owner_since: Option<String>,
    /// The reason given when it was opened.
    reason: Option<String>,
    opened_at: String,
    ended_at: Option<String>,
    /// Who ended it, if a person did.
    ended_by: Option<String>,
    steps: Vec<StepData>,
    request: Option<RequestData>,
    /// The override of missing approvals (`break-glass`); it is never removed.
    overridden: Option<OverrideData>,
    permit: Option<PermitData>,
    /// The step whose outcome nobody has reported.
    in_doubt: Option<&'static str>,
    /// Since when it may be deleted at any moment: it expired then, and Downgrade was not known.
    may_be_deleted_since: Option<String>,
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
    /// When an open one lapses, unless its approvals are complete by then.
    lapses_at: String,
    needed: u8,
    /// The team that one of the approvals has to be from.
    team: Option<String>,
    approvals: Vec<ApprovalData>,
    /// How many people must have looked at the action; they are the instance's `looks`.
    observers: u8,
}

/// An admin's override of missing approvals.
#[derive(Debug, Serialize, JsonSchema)]
struct OverrideData {
    by: String,
    at: String,
    reason: String,
    ticket: String,
    /// Whether it is the latest request that it overrides.
    of_request: bool,
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

/// The verdict of the documented rules on an intent.
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

/// Something that a permit lacks.
#[derive(Debug, Serialize, JsonSchema)]
struct MissingData {
    /// The full id of the instance.
    instance: String,
    /// An open `change`, `approvals`, `observers`, or the `permit` itself.
    what: &'static str,
    /// How many approvals or observers are needed.
    needed: Option<u8>,
    /// Who has approved or looked, as far as it counts.
    so_far: Vec<String>,
    /// The team from which one of the approvals is still missing.
    team: Option<String>,
    /// The same for people, with the command where there is one.
    text: String,
}

/// A notice of the vendor's.
#[derive(Debug, Serialize, JsonSchema)]
struct NoticeData {
    number: u64,
    /// The kind of announcement: `release`, `expiry`, `gone` or `other`.
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

/// One of several instances, of which the line was refused or not tried any more.
#[derive(Debug, Serialize, JsonSchema)]
struct RefusedData {
    /// As the line names it.
    named: String,
    /// As the `outcome` of a line for it alone; null where it was not tried.
    outcome: Option<&'static str>,
    /// Why, in words.
    why: Option<String>,
}

/// A safeguard that does not work in the workspace.
#[derive(Debug, Serialize, JsonSchema)]
struct SafeguardData {
    /// Which, in words that stay the same while it is open, such as `few-approvers` or `team-not-called payments`.
    safeguard: String,
    since: String,
    /// The failure and its remedy, in words.
    settle: String,
}

/// The words of an enum, for its schema.
fn words_of<T>(words: &[(&'static str, T)]) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).collect()
}

/// Who can settle something.
#[derive(Debug, Serialize, JsonSchema)]
struct OwnerData {
    /// One person, the instance's team, or everybody with the role approver.
    #[schemars(extend("enum" = ["person", "team", "approvers"]))]
    kind: &'static str,
    /// The id of the person.
    id: Option<String>,
    /// The name of the person or of the team.
    name: Option<String>,
}

/// Something open.
#[derive(Debug, Serialize, JsonSchema)]
struct ConcernData {
    /// The full id of the instance.
    instance: String,
    #[schemars(extend("enum" = words_of(ConcernKind::WORDS)))]
    kind: &'static str,
    /// How grave it is, the worst first: `expired` and may be deleted at any moment; `urgent`, something irreversible is in doubt; it
    /// `expires` soon; `open`, and people are reminded of it; `digest`, and no more than that; `noted`.
    #[schemars(extend("enum" = words_of(Rank::WORDS)))]
    urgency: &'static str,
    since: String,
    /// By when it must be settled, where there is such a moment.
    by: Option<String>,
    /// Who can settle it.
    owner: OwnerData,
    /// The number of the change whose command settles it.
    change: Option<u64>,
    /// The number of the notice that it is about.
    notice: Option<u64>,
    /// Whether people are told of it unasked, and it is not only noted.
    told: bool,
    /// With what it is settled, in words.
    settle: String,
}
