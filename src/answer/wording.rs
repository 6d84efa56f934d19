//! The results of teaching wordings.

use crate::domain::notice::{Learnt, NoticeRecord, NoticeStatus, Objection, Teaching, Unteachable};

/// The result of a command on a wording.
#[derive(Debug)]
pub enum WordingAnswer {
    /// A second person has to confirm it; `instead` is a different request for the same notice.
    Asked {
        teaching: Teaching,
        instead: Option<Box<Teaching>>,
    },
    /// It is in force; `quieted` are the open notices that it suppresses, `read` those that it explains and that stay raised.
    Taught {
        teaching: Teaching,
        quieted: Vec<u64>,
        read: Vec<u64>,
    },
    /// It cannot be taught.
    Refused { notice: u64, why: NotTaught },
    /// It is no longer in force; `raised` are the notices that it had suppressed. Not `is_new` if it was forgotten already.
    Forgotten {
        teaching: Teaching,
        raised: Vec<u64>,
        is_new: bool,
    },
}

/// The wording of a raised notice, as it would be taught.
#[derive(Debug)]
pub struct Offer {
    pub learnt: Learnt,
    /// The objections to teaching it as a release notice; as another kind it can be taught all the same.
    pub objections: Vec<Objection>,
    /// Whether who asks teaches it without a second person, as nobody else is there.
    pub alone: bool,
}

/// The wording that can be taught from a notice.
#[derive(Debug)]
pub struct Teachable {
    pub filed: NoticeRecord,
    pub offer: Result<Offer, NotTaught>,
    /// The statement of the first approver.
    pub asked: Option<Teaching>,
}

/// The reason why a notice's wording cannot be taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaught {
    /// It is not raised.
    Stands(NoticeStatus),
    /// It is understood already.
    Understood,
    /// It is too long to be kept whole.
    Long,
    /// It came from a source that the configuration does not vouch for.
    Vendor,
    /// It does not name exactly one tracked instance by id.
    NotOneInstance,
    /// The text does not make a wording.
    Text(Unteachable),
    /// The text has words that forbid suppression.
    Vetoed(Vec<Objection>),
    /// The person handed the notice in; `alone` if there is nobody else.
    HandedIn { alone: bool },
    /// There are others who have to confirm it.
    NotAlone,
}
