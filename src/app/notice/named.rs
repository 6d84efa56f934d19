//! Whom a notice names, and what is known of them.

use crate::answer::Found;
use crate::app::Settings;
use crate::domain::Timestamp;
use crate::domain::event::{EventKind, FactValue};
use crate::domain::id::{CommodityId, InstanceId};
use crate::domain::instance::{Edition, Instance};
use crate::domain::notice::{Exit, Read};
use crate::domain::rules::FactKind;
use crate::store::{StoreError, Tx};

/// How far back an exit is looked for, in events of the instance.
const HISTORY: u32 = 200;
const PLATINUM: FactValue = FactValue::Edition(Edition::Platinum);

/// The instances with these ids, as they are at this moment.
pub(in crate::app) async fn instances(
    tx: &mut Tx,
    settings: &Settings,
    ids: &[InstanceId],
    now: Timestamp,
) -> Result<Vec<Instance>, StoreError> {
    let mut found = Vec::new();
    for id in ids {
        if let Some(mut case) = tx.load_case(id).await? {
            case.advance(&settings.policy, now);
            found.push(case.instance);
        }
    }
    Ok(found)
}

pub(super) async fn of_commodity(
    tx: &mut Tx,
    written: &str,
) -> Result<Option<InstanceId>, StoreError> {
    let Ok(commodity) = CommodityId::parse(written) else {
        return Ok(None);
    };
    let mut having = Vec::new();
    for found in tx.find_exact(written).await? {
        let case = tx.load_case(&found.id).await?;
        // An instance may be called so.
        let has = |instance: &Instance| instance.commodity_id.value() == Some(&commodity);
        having.extend(case.filter(|case| has(&case.instance)).map(|_| found.id));
    }
    Ok(match having.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    })
}

/// The instances that a notice's names suggest, where it names none by id.
pub(super) async fn suggested(
    tx: &mut Tx,
    read: &Read,
    known: &[Instance],
) -> Result<Vec<Found>, StoreError> {
    let mut near: Vec<Found> = Vec::new();
    if known.is_empty() {
        for name in read.names.iter().take(3) {
            let found = tx.find_exact(name).await?;
            near.extend(found);
        }
    }
    near.truncate(3);
    Ok(near)
}

/// The subscription that an instance has left, as its history tells.
pub(in crate::app) async fn exit_of(
    tx: &mut Tx,
    id: &InstanceId,
) -> Result<Option<Exit>, StoreError> {
    let history = tx.instance_history(id, HISTORY).await?;
    let was_platinum = history.iter().any(|event| match &event.kind {
        EventKind::Moved { from, to, .. } => [from, to].contains(&&PLATINUM),
        _ => false,
    });
    let expired = history.iter().rev().find_map(|event| match &event.kind {
        EventKind::Moved {
            fact: FactKind::Expires,
            from: FactValue::At(expired),
            ..
        } => Some(*expired),
        _ => None,
    });
    Ok(was_platinum.then_some(Exit { expired }))
}
