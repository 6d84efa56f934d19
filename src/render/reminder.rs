//! Reminders: first the consequence, then the time, the age of the decisive fact, and the next step that the rules allow.

mod expiry;

use std::cmp::Reverse;
use std::collections::HashMap;

use super::concern;
use super::fact;
use super::handle;
use super::time::Reader;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{ChangeKind, Route};
use crate::domain::concern::{Concern, ConcernKind, Owner};
use crate::domain::gravity::Gravity;
use crate::domain::id::{InstanceName, TeamName};
use crate::domain::instance::{Instance, Switch};
use crate::domain::reminder::{Point, Situation, Topic, Why};
use crate::domain::rules::FactKind;
use crate::domain::team::auto_renewal_charges_from;

pub(super) use expiry::last_seen_on_delete;
use expiry::{expiry, say_standard};

/// The reason why a planned reminder was skipped.
pub const fn why(why: Why) -> &'static str {
    match why {
        Why::Nearer => "a later one takes its place",
        Why::ChangeTells => "the alert of its change says it",
        Why::StillFresh => "what is known will still be fresh",
        Why::ExpiryTells => "the reminder of the expiry says it",
        Why::NoticeTells => "the post about a notice of that day says it",
        Why::Moved => "facts have moved",
        Why::Settled => "what was open is settled",
        Why::Replanned => "the expiry is another",
        Why::Over => "it is Standard, lost, or not followed any more",
    }
}

/// The most lines that say the same of different instances one by one.
const FEW: usize = 3;
/// The most instances of a message that are all named.
const NAMED: usize = 125;
/// Beyond that, the most names behind one that the same holds for, and the most different lines.
const NAMES: usize = 20;
const DIFFERENT: usize = 20;
/// The most different lines of a card with a menu of its instances.
const OF_CARD: usize = 12;
/// How to see the instances that a message only counts.
const EACH: &str = "`todo --each` lists each of them";

/// A line about an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderText {
    pub text: String,
    called: String,
    /// The text with a placeholder for the instance's name: where it is equal, the same is said of several instances.
    of_any: String,
}

impl ReminderText {
    /// Says to the approvers why they are called: what it names is not theirs to do.
    pub fn tell_approvers(&mut self, concern: &Concern, team: Option<&TeamName>, reader: &Reader) {
        let who = match (&concern.owner, team) {
            (Owner::Person(person), _) => format!("{person}, or another requester,"),
            (Owner::Team | Owner::Approvers, Some(team)) => format!("a requester of {team}"),
            (Owner::Team | Owner::Approvers, None) => "a requester".to_owned(),
        };
        self.text.push_str(&format!(
            "{}The approvers are told because it is open since {}: {who} has to settle it.",
            reader.gap(),
            reader.instant(concern.since)
        ));
    }

    /// The lines of a card of one instance as a paragraph for a list; indented lines stay lines.
    pub fn paragraph(&self) -> String {
        in_one(&self.text)
    }
}

/// How many instances the reminders are about that were due when the prompt opened, where they are longer than a screen.
pub fn were_due(instances: usize) -> String {
    let instances = match instances {
        1 => "1 instance".to_owned(),
        more => format!("{more} instances"),
    };
    format!("Reminders of {instances} were due: `todo` lists what to do, worst first.")
}

/// A message of one or several lines. What is said of many instances is said once, with all of their names, or the first names
/// where there are very many. A card has the next step of each instance behind its menu, instead of in each line.
pub fn message(lines: &[&ReminderText], checklist: bool, reader: &Reader) -> String {
    let on_card = reader.has_buttons();
    let (most_names, most) = match lines.len() {
        0..=NAMED if on_card => (NAMED, OF_CARD),
        0..=NAMED => (NAMED, NAMED),
        _ => (NAMES, if on_card { OF_CARD } else { DIFFERENT }),
    };
    let mut same: Vec<Vec<&ReminderText>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for line in lines {
        let place = *places.entry(&line.of_any).or_insert(same.len());
        match same.get_mut(place) {
            Some(of) => of.push(line),
            None => same.push(vec![line]),
        }
    }
    let mut told: Vec<String> = Vec::new();
    let (mut untold, mut is_folded) = (0, false);
    for of in &same {
        match of.as_slice() {
            _ if told.len() >= most => untold += of.len(),
            [first, others @ ..] if of.len() > FEW => {
                is_folded |= others.len() > most_names;
                told.push(format!(
                    "{}\n  The same holds for {} more: {}.",
                    first.text,
                    others.len(),
                    names_of(others, most_names)
                ));
            }
            few => told.extend(few.iter().map(|line| line.text.clone())),
        }
    }
    let is_folded = is_folded || lines.len() > NAMED;
    let last = match (untold, is_folded) {
        (0, false) => String::new(),
        (0, true) => format!("\n{EACH}."),
        (untold, false) => format!("\nAnd {untold} more."),
        (untold, true) => format!("\nAnd {untold} more: {EACH}."),
    };
    let lines = told;
    if let ([only], false) = (lines.as_slice(), checklist) {
        return format!("{only}{last}");
    }
    let last = match on_card {
        true => {
            format!("{last}\nNext: choose one below; what can be said of it has buttons there.")
        }
        false => last,
    };
    // In a list, each is a paragraph.
    let brief = |line: &String| match on_card {
        true => in_one(&without_next(line)),
        false => in_one(line),
    };
    let lines: Vec<String> = lines.iter().map(brief).collect();
    match (lines.as_slice(), checklist) {
        (lines, false) => format!("• {}{last}", lines.join("\n• ")),
        (lines, true) => format!(
            "To be looked at in the vendor's console, and attested again:\n☐ {}{last}",
            lines.join("\n☐ ")
        ),
    }
}

/// A text of several lines without the one that names the next step.
fn without_next(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("Next: "));
    lines.collect::<Vec<_>>().join("\n")
}

fn names_of(lines: &[&ReminderText], most: usize) -> String {
    let names = lines.iter().take(most);
    let names: Vec<&str> = names.map(|line| line.called.as_str()).collect();
    match lines.len().saturating_sub(most) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn in_one(text: &str) -> String {
    let mut out = String::new();
    for line in text.split('\n') {
        if !out.is_empty() {
            out.push(if line.starts_with(' ') { '\n' } else { ' ' });
        }
        out.push_str(line);
    }
    out
}

/// The line about an instance.
pub fn line(
    situation: &Situation<'_>,
    points: &[Point],
    open: &[Concern],
    late: Option<Timestamp>,
    reader: &Reader,
) -> ReminderText {
    let told = |situation: &Situation<'_>| text(situation, points, open, late, reader);
    let instance = &situation.case.instance;
    let of_any = InstanceName::parse("any").map(|name| {
        let instance = Instance {
            name,
            ..instance.clone()
        };
        let case = &Case::new(instance, situation.case.change.clone());
        told(&Situation { case, ..*situation })
    });
    ReminderText {
        text: told(situation),
        called: instance.called(),
        of_any: of_any.unwrap_or_else(|_| instance.id.to_string()),
    }
}

fn text(
    situation: &Situation<'_>,
    points: &[Point],
    open: &[Concern],
    late: Option<Timestamp>,
    reader: &Reader,
) -> String {
    let topics = || points.iter().map(|point| point.level.topic);
    let mut points = points.to_vec();
    points.sort_by_key(|point| {
        let gravity = Gravity::of_line(situation, &[*point], open, reader.now);
        Reverse((gravity, point.rhythm(reader.now)))
    });
    let mut parts: Vec<String> = points
        .iter()
        .filter_map(|point| match point.level.topic {
            Topic::Expiry => {
                let text = expiry(situation, *point, reader);
                let doubts = doubts(&situation.case.instance, topics(), reader);
                Some(format!("{text}{doubts}"))
            }
            Topic::Charge => Some(charge(situation, point.of, reader)),
            Topic::Attest => Some(attest(situation, point.of, reader)),
            Topic::Concern(kind) => {
                let concern = open.iter().find(|concern| concern.kind == kind)?;
                let with_expiry = topics().any(|topic| topic == Topic::Expiry);
                let case = situation.case;
                Some(concern::line(concern, case, with_expiry, reader))
            }
        })
        .collect();
    let mut raised: Vec<u64> = open.iter().filter_map(|one| one.way.notice()).collect();
    if !raised.is_empty() && !parts.is_empty() {
        raised.sort_unstable();
        let raised: Vec<String> = raised
            .iter()
            .map(|number| format!("notice {number}"))
            .collect();
        parts.push(format!(
            "Raised about it: {}; `notices {}` shows what was made of it.",
            raised.join(", "),
            handle(&situation.case.instance)
        ));
    }
    if let Some(late) = late {
        parts.push(format!("(Late: this was due {}.)", reader.instant(late)));
    }
    parts.join(reader.gap())
}

/// The reason why a late message was not posted by itself.
pub(crate) const GOES_WITH_ANOTHER: &str = "said with a later message in the same channel";

/// The doubts about edition and expiry that no concern of the same message tells.
fn doubts(instance: &Instance, topics: impl Iterator<Item = Topic>, reader: &Reader) -> String {
    let (mut edition, mut expiry) = (
        instance.edition.value().is_none(),
        instance.expires.is_contradictory() && instance.renewed_from().is_none(),
    );
    for topic in topics {
        match topic {
            Topic::Concern(
                ConcernKind::EditionDisputed | ConcernKind::EditionUnknown | ConcernKind::Missing,
            ) => edition = false,
            Topic::Concern(ConcernKind::ExpiryDisputed) => expiry = false,
            Topic::Concern(_) | Topic::Expiry | Topic::Charge | Topic::Attest => {}
        }
    }
    let mut text = String::new();
    if edition {
        text.push_str(&format!(
            " {}; it counts as Platinum.",
            fact::phrase(instance, FactKind::Edition, reader)
        ));
    }
    if expiry {
        text.push_str(&format!(
            " {}. Each of them is reminded of.",
            fact::phrase(instance, FactKind::Expires, reader)
        ));
    }
    text
}

fn charge(situation: &Situation<'_>, expiry: Timestamp, reader: &Reader) -> String {
    let instance = &situation.case.instance;
    let gap = reader.gap();
    let (name, handle) = (instance.called(), handle(instance));
    let from = auto_renewal_charges_from(expiry).map(|at| reader.moment(at));
    let if_on = match instance.auto_renew_at(reader.now) {
        Some(Switch::On) => "",
        Some(Switch::Off) | None => ", if it is on",
    };
    let open = situation.case.open_change();
    let then = match open.map(|change| change.kind) {
        Some(ChangeKind::Downgrade(Route::Unsubscribe)) => "its expiry moves then",
        _ => "the downgrade does not happen then",
    };
    format!(
        "Auto-renewal charges for {name} from {} on{if_on}, and {then} (auto-renewal).{gap}{}.{gap}Next: look, switch it off in the console, then `instance set {handle} --auto-renew off`.",
        from.unwrap_or_else(|| "nine days before its expiry".to_owned()),
        fact::phrase(instance, FactKind::AutoRenew, reader)
    )
}

fn attest(situation: &Situation<'_>, expiry: Timestamp, reader: &Reader) -> String {
    let instance = &situation.case.instance;
    let (name, handle, when) = (instance.called(), handle(instance), reader.moment(expiry));
    if expiry <= reader.now {
        return format!(
            "{name} expired {when}. {}. {}",
            fact::phrase(instance, FactKind::Edition, reader),
            say_standard(situation, &handle)
        );
    }
    format!(
        "{name} expires {when}, and this would be too old by then: {}. Look, then `action {handle} <downgrade|delete>`.",
        fact::phrase(instance, FactKind::Action, reader)
    )
}

/// The text for an instance with damaged rows.
pub fn unreadable(instance: &str) -> ReminderText {
    let text = format!(
        "{instance}: the database's rows of it cannot be read, so what is due about it cannot be said. Look at it in the vendor's console now; the operator finds the details in the bot's log."
    );
    ReminderText {
        called: instance.to_owned(),
        of_any: text.clone(),
        text,
    }
}
