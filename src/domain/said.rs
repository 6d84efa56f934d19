//! Statements about an instance, from a command or from a row of a file.

use super::Timestamp;
use super::facts::{FactKind, each_fact};
use super::id::{ChannelId, CommodityId, InstanceName, Region, TeamName};
use super::instance::{Edition, PostExpirationAction, Switch};

/// Resolves a moment; passes any other value through.
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
        /// A statement about an instance. `None` leaves a field unchanged; `Some(None)` means unknown or none.
        ///
        /// `When` is the form of moments: resolved, or as typed.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Said<When = Timestamp> {
            pub name: Option<InstanceName>,
            pub region: Option<Region>,
            $(
                #[$about]
                pub $field: Option<Option<$Type>>,
            )+
            pub team: Option<Option<TeamName>>,
            /// The channel for its messages.
            pub channel: Option<Option<ChannelId>>,
            /// Whether an unlikely expiry is confirmed.
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
            /// The facts it mentions.
            pub fn facts(&self) -> Vec<FactKind> {
                let said = [$((FactKind::$Kind, self.$field.is_some())),+];
                said.into_iter().filter(|(_, said)| *said).map(|(fact, _)| fact).collect()
            }

            /// Whether it has a value for this fact, other than unknown.
            pub const fn has(&self, fact: FactKind) -> bool {
                match fact {
                    $(FactKind::$Kind => matches!(self.$field, Some(Some(_)))),+
                }
            }

            /// Resolves its moments.
            ///
            /// # Errors
            /// The error of `read`.
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
    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        let said = Self {
            sure: false,
            ..self.clone()
        };
        said == Self::default()
    }
}
