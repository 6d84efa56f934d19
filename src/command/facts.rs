//! The arguments that describe an instance: an option for each fact, and options that are no facts.

use clap::{Arg, ArgAction, ArgMatches};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::settings::{NONE, or_none};
use super::value::{UNKNOWN, count, known_or, or_unknown, size_or_unknown};
use super::{OrUnknown, When};
use crate::domain::facts::{FactKind, each_fact};
use crate::domain::id::{ChannelId, CommodityId, TeamName};
use crate::domain::instance::{Edition, PostExpirationAction, Switch};
use crate::domain::said::Said;

/// Statements about an instance, with moments as typed. Edition, name and region are separate arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(pub Said<When>);

const TEAM: &str = "team";
const CHANNEL: &str = "channel";
const SURE: &str = "yes_really";

/// A count that is never `unknown`.
fn counted(text: &str) -> Result<OrUnknown<u32>, super::ValueError> {
    count(text).map(Some)
}

/// The option of a fact by the kind of its value: additional help text, value name, and parser.
macro_rules! option {
    ($option:expr, Edition) => {
        $option("", None).value_parser(known_or(Edition::WORDS))
    };
    ($option:expr, Action) => {
        $option(" you saw", None).value_parser(known_or(PostExpirationAction::WORDS))
    };
    ($option:expr, Switch) => {
        $option("", None).value_parser(known_or(Switch::WORDS))
    };
    ($option:expr, At) => {
        $option(
            ": RFC 3339, or a date in the vendor's zone; or unknown",
            Some("WHEN"),
        )
        .value_parser(or_unknown::<When>)
    };
    ($option:expr, Tps) => {
        $option("; or unknown", Some("N")).value_parser(size_or_unknown)
    };
    ($option:expr, Commodity) => {
        $option("; or unknown", Some("ID")).value_parser(or_unknown::<CommodityId>)
    };
    ($option:expr, Count) => {
        $option("", Some("N")).value_parser(counted)
    };
}

fn option(fact: FactKind, id: &'static str) -> impl Fn(&str, Option<&'static str>) -> Arg {
    move |besides, value| {
        let help = format!("{}{besides}", fact.about());
        let option = Arg::new(id).long(fact.as_str()).help(help);
        let option = option.action(ArgAction::Set);
        value.map_or_else(|| option.clone(), |value| option.clone().value_name(value))
    }
}

macro_rules! facts {
    ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
        impl clap::Args for Facts {
            fn augment_args(command: clap::Command) -> clap::Command {
                let mut command = command;
                $(if FactKind::$Kind != FactKind::Edition {
                    let option = option(FactKind::$Kind, stringify!($field));
                    command = command.arg(option!(option, $Value));
                })+
                let team = clap::value_parser!(TeamName);
                let team = Arg::new(TEAM).long(TEAM).help("Its team, or none").value_parser(team);
                let channel = clap::value_parser!(ChannelId);
                let channel = Arg::new(CHANNEL).long(CHANNEL).help("The channel for messages about it, or none").value_parser(channel);
                let sure = "Accept a region that is not on the vendor's list, or an expiry that looks like a mistake: before the upgrade, more than a year back, or more than six years ahead";
                command
                    .arg(team.value_name("TEAM"))
                    .arg(channel.value_name("CHANNEL"))
                    .arg(Arg::new(SURE).long("yes-really").help(sure).action(ArgAction::SetTrue))
            }

            fn augment_args_for_update(command: clap::Command) -> clap::Command {
                Self::augment_args(command)
            }
        }

        impl clap::FromArgMatches for Facts {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                let mut said = Said {
                    team: matches.get_one(TEAM).cloned().map(or_none),
                    channel: matches.get_one(CHANNEL).cloned().map(or_none),
                    sure: matches.get_flag(SURE),
                    ..Said::default()
                };
                $(if FactKind::$Kind != FactKind::Edition {
                    said.$field = matches.get_one::<OrUnknown<$Type>>(stringify!($field)).cloned();
                })+
                Ok(Self(said))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = <Self as clap::FromArgMatches>::from_arg_matches(matches)?;
                Ok(())
            }
        }

        impl Serialize for Facts {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut said = to.serialize_map(None)?;
                $(match &self.0.$field {
                    Some(Some(value)) => said.serialize_entry(stringify!($field), value)?,
                    Some(None) => said.serialize_entry(stringify!($field), UNKNOWN)?,
                    None => {}
                })+
                if let Some(team) = &self.0.team {
                    said.serialize_entry(TEAM, team.as_ref().map_or(NONE, TeamName::as_str))?;
                }
                if let Some(channel) = &self.0.channel {
                    said.serialize_entry(CHANNEL, channel.as_ref().map_or(NONE, ChannelId::as_str))?;
                }
                said.serialize_entry(SURE, &self.0.sure)?;
                said.end()
            }
        }
    };
}

each_fact!(facts);
