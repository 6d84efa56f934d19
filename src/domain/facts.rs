//! The table of facts of an instance, one entry per fact.
//!
//! The table generates the fields of [`Instance`](super::instance::Instance) and of an attestation, [`FactKind`], the columns of
//! a file, the stored form, the comparisons and the display.

use super::words::words;

/// The effect of a moved fact on an open change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveEffect {
    /// The change rests on it: approvals of every step are void.
    Decides,
    /// A permit shows it: approvals of a step with a permit are void.
    Named,
    /// The outstanding permit is withdrawn; approvals hold.
    Permit,
    /// None: no rule reads it. It is shown once given, and its moves are not recorded.
    Told,
}

/// The way a fact is set: alone, or with consequences for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// Alone.
    Plainly,
    /// With the facts that only Platinum has.
    Edition,
    /// With the action, which a renewal makes unknown.
    Expiry,
    /// With the observations, and the state at expiry.
    Action,
}

/// The effect of a file on a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FromFile {
    /// Sets it. Where that contradicts an attestation, neither is relied on.
    Known,
    /// Sets it, whatever was held: it changes daily, and the latest value is right.
    Latest,
    /// Unverified: shown, never relied on.
    Unverified,
}

/// Generates the items that follow from the table alone, and `each_fact!`, which passes the table to a macro.
macro_rules! table {
    (($d:tt) $(
        #[doc = $about:literal]
        $field:ident: $Kind:ident = $Value:ident($Type:ty), $word:literal $([$Only:ident])? {
            weight: $weight:ident, taking: $taking:ident, from_file: $from_file:ident, ages: $ages:literal,
            $(column: $column:literal,)? $(key: $key:literal,)? $(also: $also:literal,)*
        }
    )+) => {
        words! {
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub enum FactKind {
                $(#[doc = $about] $Kind = $word,)+
            }
        }

        impl FactKind {
            /// Every fact, in display order.
            pub const ALL: &'static [Self] = &[$(Self::$Kind),+];

            pub fn about(self) -> &'static str {
                let about = match self {
                    $(Self::$Kind => $about),+
                };
                about.trim_start().trim_end_matches('.')
            }

            /// The effect of its move on an open change.
            pub const fn weight(self) -> MoveEffect {
                match self {
                    $(Self::$Kind => MoveEffect::$weight),+
                }
            }

            pub const fn taking(self) -> Taking {
                match self {
                    $(Self::$Kind => Taking::$taking),+
                }
            }

            pub const fn from_file(self) -> FromFile {
                match self {
                    $(Self::$Kind => FromFile::$from_file),+
                }
            }

            /// Its column in a CSV file.
            pub fn column(self) -> Option<&'static str> {
                let column: &[&'static str] = match self {
                    $(Self::$Kind => &[$($column)?]),+
                };
                column.first().copied()
            }

            /// Its vendor key in a JSON document, as named in errors; the column, if it has none.
            pub fn key(self) -> Option<&'static str> {
                let key: &[&'static str] = match self {
                    $(Self::$Kind => &[$($key)?]),+
                };
                key.first().copied().or_else(|| self.column())
            }

            /// Every accepted key in a JSON document; case-insensitive.
            pub fn keys(self) -> impl Iterator<Item = &'static str> {
                let also: &[&'static str] = match self {
                    $(Self::$Kind => &[$($also),*]),+
                };
                let own = [self.key(), self.column()].into_iter().flatten();
                own.chain(also.iter().copied())
            }

            /// Whether it ages, so that the same value read again is news.
            pub const fn ages(self) -> bool {
                match self {
                    $(Self::$Kind => $ages),+
                }
            }

            /// Whether only Platinum has it: on Standard it is unknown and cannot be attested.
            pub const fn is_platinums(self) -> bool {
                match self {
                    $(Self::$Kind => !stringify!($($Only)?).is_empty()),+
                }
            }
        }

        /// Passes the table to a macro: `#[doc] field: Kind = Value(Type) [Platinum];`, one entry per fact. The caller defines
        /// the type `When`.
        #[macro_export]
        macro_rules! each_fact {
            ($d name:ident) => {
                $d name! { $(#[doc = $about] $field: $Kind = $Value($Type) [$($Only)?];)+ }
            };
        }
        pub use each_fact;
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
    /// Whether it renews automatically.
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
    /// The number of topics.
    topics: Topics = Count(u32), "topics" {
        weight: Told, taking: Plainly, from_file: Latest, ages: false,
        column: "topics", key: "TopicCount",
    }
    /// The number of consumer groups.
    groups: Groups = Count(u32), "groups" {
        weight: Told, taking: Plainly, from_file: Latest, ages: false,
        column: "groups", key: "GroupCount",
    }
}

impl FactKind {
    /// Whether a dispute about it is a concern like that of any other fact a change rests on. Facts with consequences for others
    /// have their own concern, and temporary ones need none.
    pub const fn is_disputed_plainly(self) -> bool {
        matches!(self.taking(), Taking::Plainly)
            && matches!(self.weight(), MoveEffect::Decides | MoveEffect::Named)
    }

    /// The facts whose moves are recorded, in display order: edition and action before the dates.
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
