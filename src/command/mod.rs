//! What people can say: the one grammar of every surface.

mod value;

pub use value::{ChangeRef, Evidence, InstanceRef, Reason, Span, TargetRef, When, WhenError};

use clap::Subcommand;

use crate::domain::change::{Route, Step};
use crate::domain::id::{CommodityId, InstanceId, InstanceName, Label, Region};
use crate::domain::instance::{Edition, PostExpirationAction, Switch};
use crate::domain::rules::RuleId;
use value::{known_or, word};

/// Everything that can be said, whatever the surface.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Track instances, record what is known of them, and look them up
    #[command(subcommand)]
    Instance(InstanceCommand),
    /// Say that you looked, and what the Post-expiration Action is
    Action {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        /// What the vendor's console shows
        #[arg(value_parser = word(PostExpirationAction::WORDS))]
        action: PostExpirationAction,
    },
    /// Judge an intent by the documented rules, at this moment; writes nothing
    Check {
        /// What would be done
        #[arg(value_parser = word(CheckIntent::WORDS))]
        intent: CheckIntent,
        /// Name, region/name, id, or an unambiguous beginning of one
        instance: InstanceRef,
        #[command(flatten)]
        ack: Ack,
    },
    /// Open an upgrade from Standard to Platinum
    Upgrade {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
    },
    /// Open a downgrade from Platinum to Standard, or compare its two routes
    Downgrade {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        /// The route; without it the two are laid side by side and nothing is opened
        #[arg(long, value_parser = word(Route::WORDS))]
        by: Option<Route>,
        #[command(flatten)]
        ack: Ack,
    },
    /// Ask for the permit to unsubscribe
    Unsubscribe {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        #[command(flatten)]
        ack: Ack,
    },
    /// Show only the next legal step, with its permit where it needs one
    Next {
        /// An instance, or a change such as #12
        target: TargetRef,
        #[command(flatten)]
        ack: Ack,
    },
    /// Say that a step is done
    Confirm {
        /// The change, such as #12
        change: ChangeRef,
        /// The step; may be left out for the next one, except for upgrade and unsubscribe
        #[arg(value_parser = word(Step::WORDS))]
        step: Option<Step>,
        /// When the new subscription expires (for record-expiry)
        #[arg(long, value_name = "WHEN")]
        expires: Option<When>,
        /// Where the proof is
        #[arg(long, value_name = "URL")]
        evidence: Option<Evidence>,
        /// It happened without a permit
        #[arg(long, requires = "reason")]
        outside: bool,
        /// Why it happened without a permit
        #[arg(long, value_name = "TEXT", requires = "outside")]
        reason: Option<Reason>,
    },
    /// Take a confirmation back, with the steps after it
    Reopen {
        /// The change, such as #12
        change: ChangeRef,
        /// The step whose confirmation was a mistake
        #[arg(value_parser = word(Step::WORDS))]
        step: Step,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
    },
    /// Say that a change went wrong
    Fail {
        /// The change, such as #12
        change: ChangeRef,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
    },
    /// Call a change off
    Cancel {
        /// The change, such as #12
        change: ChangeRef,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
    },
    /// List the open changes
    Changes {
        /// The ended ones too
        #[arg(long)]
        all: bool,
        /// Which page, from 1
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        page: u32,
    },
    /// Show a change with its history
    Change {
        /// The change, such as #12
        change: ChangeRef,
    },
    /// Show every rule that applies, with the facts it used
    Why {
        /// An instance, or a change such as #12
        target: TargetRef,
    },
    /// List the documented rules
    Rules,
    /// Explain one documented rule
    Rule {
        /// Its id, such as action-before-exit
        #[arg(value_parser = word(RuleId::WORDS))]
        id: RuleId,
    },
    /// Take facts from a listing of the vendor's API (JSON) or from CSV
    Import(Import),
    /// Show the verbs, or explain one
    Help {
        /// The verb, such as `instance add`
        verb: Vec<String>,
    },
}

/// Verbs about instances themselves.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum InstanceCommand {
    /// Track an instance; the facts given are your word
    Add {
        /// The full id, MQ_INST_…
        id: InstanceId,
        /// What it is called, unique in its region
        #[arg(long)]
        name: InstanceName,
        /// Where it lives, such as cn-hangzhou
        #[arg(long)]
        region: Region,
        /// Its edition
        #[arg(long, value_parser = word(Edition::WORDS))]
        edition: Edition,
        #[command(flatten)]
        facts: Facts,
    },
    /// Say anew what is known of an instance; a renewal is --expires
    Set {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        /// What it is called, unique in its region
        #[arg(long)]
        name: Option<InstanceName>,
        /// Where it lives, such as cn-hangzhou
        #[arg(long)]
        region: Option<Region>,
        /// Its edition
        #[arg(long, value_parser = word(Edition::WORDS))]
        edition: Option<Edition>,
        #[command(flatten)]
        facts: Facts,
    },
    /// List instances
    List {
        /// Only this edition
        #[arg(long, value_parser = word(Edition::WORDS))]
        edition: Option<Edition>,
        /// Only those that expire within this time, such as 30d
        #[arg(long, value_name = "DURATION")]
        expiring: Option<Span>,
        /// Only these actions, separated by commas
        #[arg(long, value_delimiter = ',', value_parser = known_or(PostExpirationAction::WORDS))]
        action: Vec<Option<PostExpirationAction>>,
        /// Only this team
        #[arg(long)]
        team: Option<Label>,
        /// Which page, from 1
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        page: u32,
    },
    /// Show what is known of an instance, how old it is and who said it
    Show {
        /// Name, region/name, id, or an unambiguous beginning of one
        instance: InstanceRef,
    },
    /// Stop tracking an instance; its history stays
    Remove {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
    },
    /// Record that an instance was deleted at the vendor
    Lost {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        /// What happened
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
    },
}

/// Facts that can be said of an instance besides its edition.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Facts {
    /// When it expires: RFC 3339, or a date in the vendor's zone
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<When>,
    /// The Post-expiration Action you saw
    #[arg(long, value_parser = known_or(PostExpirationAction::WORDS))]
    pub action: Option<Option<PostExpirationAction>>,
    /// Whether the vendor renews it by itself
    #[arg(long, value_parser = known_or(Switch::WORDS))]
    pub auto_renew: Option<Option<Switch>>,
    /// Whether the vendor is deploying or upgrading it
    #[arg(long, value_parser = known_or(Switch::WORDS))]
    pub busy: Option<Option<Switch>>,
    /// Its size in messages a second, send and receive together
    #[arg(long, value_name = "N")]
    pub max_tps: Option<u32>,
    /// The id that the vendor's refund list shows, ons-…
    #[arg(long, value_name = "ID")]
    pub commodity_id: Option<CommodityId>,
    /// The team it belongs to
    #[arg(long)]
    pub team: Option<Label>,
    /// Where messages about it go
    #[arg(long)]
    pub channel: Option<Label>,
}

/// An acknowledgement given with the command it lets pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args)]
pub struct Ack {
    /// Accept what this rule warns of
    #[arg(long, value_name = "RULE", value_parser = word(ACKNOWLEDGEABLE))]
    pub ack: Option<RuleId>,
}

const ACKNOWLEDGEABLE: &[(&str, RuleId)] = &[(RuleId::FitsStandard.as_str(), RuleId::FitsStandard)];

/// What `check` can judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckIntent {
    /// Opening an upgrade.
    Upgrade,
    /// Opening a downgrade by either route.
    Downgrade,
    /// Unsubscribing now.
    Unsubscribe,
    /// Letting it expire.
    Expiry,
}

impl CheckIntent {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("upgrade", Self::Upgrade),
        ("downgrade", Self::Downgrade),
        ("unsubscribe", Self::Unsubscribe),
        ("expiry", Self::Expiry),
    ];
}

/// Taking facts from a file.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Import {
    /// The file, or - for standard input
    pub file: String,
    /// The region of instances whose rows do not say it
    #[arg(long)]
    pub region: Option<Region>,
    /// When the listing was made (default: the file's time)
    #[arg(long, value_name = "WHEN")]
    pub at: Option<When>,
    /// The file lists the whole region: what is missing in it is reported
    #[arg(long)]
    pub complete: bool,
    /// Where the file contradicts what is held, take the file's value
    #[arg(long)]
    pub accept: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}
