//! The table of facts: what is known of an instance, one entry a fact.
//!
//! Everything else follows from it: the fields of [`Instance`](super::instance::Instance) and of what somebody says of
//! one, [`FactKind`], what a file may bring, what the store keeps, what is compared, what is shown.

use super::instance::words;

/// What it means for an open change that a fact moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveEffect {
    /// The change is decided on it: approvals of every step are void.
    Decides,
    /// A permit names it: approvals of a step that has a permit are void.
    Named,
    /// The permit that is out is withdrawn; approvals hold.
    Permit,
    /// Nothing: no rule reads it. It is shown once somebody said it, and no move of it is recorded.
    Told,
}

/// How a fact is taken: as it is said, or with what follows for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// As it is said.
    Plainly,
    /// With what only Platinum has.
    Edition,
    /// With the action, which a renewal unsettles.
    Expiry,
    /// With the looks at it, and what was settled at the expiry.
    Action,
}

/// What a file may make of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FromFile {
    /// It is known. Where that contradicts a person's word, neither is relied on.
    Known,
    /// It is known, whatever was held: it changes from day to day, and the latest is true.
    Latest,
    /// It is unverified: told, never relied on.
    Unverified,
}

/// Defines what follows from the table alone, and `each_fact!`, which hands the table to a macro.
macro_rules! table {
    (($d:tt) $(
        #[doc = $about:literal]
        $field:ident: $Kind:ident = $Value:ident($Type:ty), $word:literal $([$Only:ident])? {
            weight: $weight:ident, taking: $taking:ident, from_file: $from_file:ident, ages: $ages:literal,
            $(column: $column:literal,)? $(key: $key:literal,)? $(also: $also:literal,)*
        }
    )+) => {
        /// Which fact.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FactKind {
            $(#[doc = $about] $Kind,)+
        }

        words!(FactKind { $($Kind = $word),+ });

        impl FactKind {
            /// Every fact, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$Kind),+];

            /// What it is about, in a few words.
            pub fn about(self) -> &'static str {
                let about = match self {
                    $(Self::$Kind => $about),+
                };
                about.trim_start().trim_end_matches('.')
            }

            /// What it means for an open change that it moves.
            pub const fn weight(self) -> MoveEffect {
                match self {
                    $(Self::$Kind => MoveEffect::$weight),+
                }
            }

            /// How it is taken.
            pub const fn taking(self) -> Taking {
                match self {
                    $(Self::$Kind => Taking::$taking),+
                }
            }

            /// What a file may make of it.
            pub const fn from_file(self) -> FromFile {
                match self {
                    $(Self::$Kind => FromFile::$from_file),+
                }
            }

            /// The column of a CSV file that says it.
            pub fn column(self) -> Option<&'static str> {
                let column: &[&'static str] = match self {
                    $(Self::$Kind => &[$($column)?]),+
                };
                column.first().copied()
            }

            /// The vendor's key that says it in a JSON document, which people read in what is wrong with a row; without one,
            /// the column.
            pub fn key(self) -> Option<&'static str> {
                let key: &[&'static str] = match self {
                    $(Self::$Kind => &[$($key)?]),+
                };
                key.first().copied().or_else(|| self.column())
            }

            /// Every key that says it in a JSON document, whatever its letter case.
            pub fn keys(self) -> impl Iterator<Item = &'static str> {
                let also: &[&'static str] = match self {
                    $(Self::$Kind => &[$($also),*]),+
                };
                let own = [self.key(), self.column()].into_iter().flatten();
                own.chain(also.iter().copied())
            }

            /// Whether it is true for a while only, so that reading it again is news.
            pub const fn ages(self) -> bool {
                match self {
                    $(Self::$Kind => $ages),+
                }
            }

            /// Whether only Platinum has it: on Standard it is not known, and cannot be said.
            pub const fn is_platinums(self) -> bool {
                match self {
                    $(Self::$Kind => !stringify!($($Only)?).is_empty()),+
                }
            }
        }

        /// Hands the table to a macro: `#[doc] field: Kind = Value(Type) [Platinum];`, an entry a fact. What
        /// the type `When` of a moment is, says the place that it is handed to.
        macro_rules! each_fact {
            ($d name:ident) => {
                $d name! { $(#[doc = $about] $field: $Kind = $Value($Type) [$($Only)?];)+ }
            };
        }
        pub(crate) use each_fact;
    };
}

table! { ($)
    /// Its edition.
    edition: Edition = Edition(Edition), "edition" {
        weight: Decides, taking: Edition, from_file: Known, ages: false,
        column: "edition",
    }
    /// When it expires.
    expires: Expires = At(When), "expires" [Platinum] {
        weight: Decides, taking: Expiry, from_file: Known, ages: false,
        column: "expires", also: "EndTime",
    }
    /// The Post-expiration Action.
    action: Action = Action(PostExpirationAction), "action" [Platinum] {
        weight: Decides, taking: Action, from_file: Unverified, ages: true,
        column: "action", also: "PostExpirationAction", also: "PostReleaseAction",
    }
    /// Whether the vendor renews it by itself.
    auto_renew: AutoRenew = Switch(Switch), "auto-renew" [Platinum] {
        weight: Decides, taking: Plainly, from_file: Known, ages: false,
        column: "auto_renew",
    }
    /// Whether the vendor is deploying or upgrading it.
    busy: Busy = Switch(Switch), "busy" {
        weight: Permit, taking: Plainly, from_file: Known, ages: true,
    }
    /// Its size in messages a second, send and receive together.
    max_tps: MaxTps = Tps(u32), "max-tps" {
        weight: Named, taking: Plainly, from_file: Known, ages: false,
        column: "max_tps", key: "MaxTps",
    }
    /// The id that the vendor's refund list shows, ons-…
    commodity_id: CommodityId = Commodity(CommodityId), "commodity-id" {
        weight: Named, taking: Plainly, from_file: Known, ages: false,
        column: "commodity_id", key: "spInstanceId",
    }
    /// How many topics it has.
    topics: Topics = Count(u32), "topics" {
        weight: Told, taking: Plainly, from_file: Latest, ages: false,
        column: "topics", key: "TopicCount",
    }
    /// How many consumer groups it has.
    groups: Groups = Count(u32), "groups" {
        weight: Told, taking: Plainly, from_file: Latest, ages: false,
        column: "groups", key: "GroupCount",
    }
}

impl FactKind {
    /// Whether a dispute of it is a concern like that of any other fact that a change rests on: what is taken with more than
    /// itself has a concern of its own, and what is true for a while passes.
    pub const fn is_disputed_plainly(self) -> bool {
        matches!(self.taking(), Taking::Plainly)
            && matches!(self.weight(), MoveEffect::Decides | MoveEffect::Named)
    }

    /// The facts whose moves are recorded, in the order in which they are told: what becomes of an instance before when.
    pub fn moving() -> impl Iterator<Item = Self> {
        let first = [Self::Edition, Self::Action];
        let rest = Self::ALL
            .iter()
            .copied()
            .filter(move |fact| !first.contains(fact));
        let all = first.into_iter().chain(rest);
        all.filter(|fact| fact.weight() != MoveEffect::Told)
    }
}
