//! Names that collide: the other instance, and the remedy.

use crate::answer::Alike;
use crate::domain::id::{Clash, InstanceName, Namesake};

/// The refusal of a typed name.
pub(super) fn clash(name: &InstanceName, clash: Clash, other: &Namesake) -> String {
    let whose = format!("{} in {}", other.id, other.region);
    match clash {
        Clash::Taken => format!(
            "{name} is the name of another instance, {whose}. Choose another name with --name."
        ),
        Clash::OtherCase => format!(
            "{name} differs only in case from {}, which is {whose}, and names are compared without case. Choose another name with --name.",
            other.name
        ),
        Clash::LooksAlike => format!(
            "{name} looks like {}, which is {whose}: {}. Choose a name that nobody takes for the other with --name.",
            other.name,
            strange(name, &other.name)
        ),
    }
}

/// The note that an instance of a file is shown with the end of its id, with the reason.
pub(super) fn alike(alike: &Alike) -> String {
    let Alike {
        called,
        handle,
        said,
        clash,
        other,
    } = alike;
    let why = match clash {
        Clash::Taken => "is called so as well".to_owned(),
        Clash::OtherCase => format!("is {}, which differs only in case", other.name),
        Clash::LooksAlike => format!(
            "is {}, which looks alike ({})",
            other.name,
            strange(said, &other.name)
        ),
    };
    format!(
        "{said} is shown as {called}, with the end of its id: {} in {} {why}. Another name: `instance set {handle} --name NAME`.",
        other.id, other.region
    )
}

/// The non-ASCII letters, and the name of the two that has them.
fn strange(name: &InstanceName, other: &InstanceName) -> String {
    let beyond = |name: &InstanceName| name.beyond_ascii().join(", ");
    match (beyond(name).as_str(), beyond(other).as_str()) {
        ("", there) => format!("{other} holds {there}"),
        (here, _) => format!("it holds {here}"),
    }
}
