//! What teaching a wording comes to.

use crate::domain::notice::{Learnt, NoticeStatus, Objection, Teaching, Unteachable};

/// What came of a word on a wording.
#[derive(Debug)]
pub enum WordingAnswer {
    /// Somebody else has to say the same; `instead` is what another had said of the notice.
    Asked {
        teaching: Teaching,
        instead: Option<Box<Teaching>>,
    },
    /// It holds from now on; `quieted` are the open notices that are suppressed by it, `read` those that stay raised.
    Taught {
        teaching: Teaching,
        quieted: Vec<u64>,
        read: Vec<u64>,
    },
    /// It cannot be taught.
    Refused { notice: u64, why: NotTaught },
    /// It holds no more; `raised` are the notices that it had suppressed. Not `again` when it was forgotten already.
    Forgotten {
        teaching: Teaching,
        raised: Vec<u64>,
        is_new: bool,
    },
}

/// What is said of the wording of a raised notice.
#[derive(Debug)]
pub enum Offer {
    /// What it would look like if it were taught.
    Teach(Learnt),
    /// Why it cannot be as a release notice.
    Forbidden(Vec<Objection>),
}

/// Why a notice's wording cannot be taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaught {
    /// It is not raised.
    Stands(NoticeStatus),
    /// It is understood already.
    Understood,
    /// It is longer than is kept.
    Long,
    /// It came through something that the configuration does not vouch for.
    Vendor,
    /// It does not name exactly one tracked instance by id.
    NotOneInstance,
    /// Its text is not such that it can be taught.
    Text(Unteachable),
    /// It speaks of something that forbids to suppress it.
    Vetoed(Vec<Objection>),
    /// The speaker handed it in; `alone` where there is nobody else.
    HandedIn { alone: bool },
    /// There are others who have to agree.
    NotAlone,
}
