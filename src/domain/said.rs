//! What somebody said of an instance: a person in a command, or a row of a file.

use super::Timestamp;
use super::facts::{FactKind, each_fact};
use super::id::{CommodityId, InstanceName, Label, Region};
use super::instance::{Edition, PostExpirationAction, Switch};

/// A moment that was said, resolved; any other value as it is.
macro_rules! resolved {
    (At, $said:expr, $read:ident) => {
        $said.map(|said| said.map(&$read).transpose()).transpose()?
    };
    ($Value:ident, $said:expr, $read:ident) => {
        $said
    };
}

macro_rules! said {
    ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
        /// What somebody said of an instance. `None` leaves a thing as it is; `Some(None)` says that it is not known, or that
        /// there is none.
        ///
        /// `When` is how moments are written: as they are, or as they were typed.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Said<When = Timestamp> {
            /// What it is called.
            pub name: Option<InstanceName>,
            /// Where it lives.
            pub region: Option<Region>,
            $(
                #[$about]
                pub $field: Option<Option<$Type>>,
            )+
            /// The team it belongs to.
            pub team: Option<Option<Label>>,
            /// Where messages about it go.
            pub channel: Option<Option<Label>>,
            /// Whether an expiry that looks like a slip is meant.
            pub sure: bool,
        }

        impl<When> Default for Said<When> {
            fn default() -> Self {
                Self {
                    name: None,
                    region: None,
                    $($field: None,)+
                    team: None,
                    channel: None,
                    sure: false,
                }
            }
        }

        impl<When> Said<When> {
            /// The facts it speaks of.
            pub fn facts(&self) -> Vec<FactKind> {
                let said = [$((FactKind::$Kind, self.$field.is_some())),+];
                said.into_iter().filter(|(_, said)| *said).map(|(fact, _)| fact).collect()
            }

            /// Whether it says a value of this fact, and not only that there is none.
            pub const fn has(&self, fact: FactKind) -> bool {
                match fact {
                    $(FactKind::$Kind => matches!(self.$field, Some(Some(_)))),+
                }
            }

            /// The same with moments as they are.
            ///
            /// # Errors
            /// What `read` says of a moment.
            pub fn resolve<E>(self, read: impl Fn(When) -> Result<Timestamp, E>) -> Result<Said, E> {
                Ok(Said {
                    name: self.name,
                    region: self.region,
                    $($field: resolved!($Value, self.$field, read),)+
                    team: self.team,
                    channel: self.channel,
                    sure: self.sure,
                })
            }
        }
    };
}

each_fact!(said);

impl<When: Clone + PartialEq> Said<When> {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        let said = Self {
            sure: false,
            ..self.clone()
        };
        said == Self::default()
    }
}
