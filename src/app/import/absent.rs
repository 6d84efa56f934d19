//! Tracked instances that a complete listing lacks.

use std::collections::BTreeSet;

use super::ImportRun;
use crate::answer::{Fatal, HeldBack};
use crate::app::RequestContext;
use crate::app::unit_of_work::UnitOfWork;
use crate::app::workspace::IMPORTS;
use crate::domain::case::Case;
use crate::domain::id::{InstanceId, Region};

/// Fewer than this many are marked as missing: more suggest that the listing is of something else, or cut short.
const FEW: usize = 3;
/// And fewer than one in this many.
const ONE_IN: usize = 5;

impl RequestContext<'_> {
    /// Marks the tracked instances that the listing lacks as missing if they are few, or if the command confirms their number;
    /// otherwise, and for any partial listing, holds them back.
    pub(super) async fn look_for_absent(
        &self,
        work: &mut UnitOfWork,
        taking: &mut ImportRun<'_>,
    ) -> Result<(), Fatal> {
        let region = taking.region()?;
        let earlier = work.tx.imports(IMPORTS).await?;
        let mut earlier = earlier
            .iter()
            .filter(|before| taking.number != Some(before.number))
            .filter(|before| before.region.as_ref() == Some(&region));
        // A listing is of the accounts whose instances it has: of another one it says nothing. An empty one does not say of which
        // it is.
        let mut accounts = taking.plan.accounts();
        let mut same_file = earlier
            .clone()
            .filter(|before| before.label == taking.label);
        let before = same_file.find(|before| before.undone.is_none());
        // The file that had one of these and another one is of that other one too: it may have had a single instance there.
        if let Some(before) = before.filter(|it| !it.accounts.is_disjoint(&accounts)) {
            accounts.extend(before.accounts.iter().cloned());
        }
        taking.accounts.clone_from(&accounts);
        if !taking.listing.is_partial() && !taking.request.dry_run {
            self.find_lost_again(work, taking, &region).await?;
        }
        let is_of_it = |id: &InstanceId| accounts.is_empty() || accounts.contains(id.account());
        let mut all = work.tx.region_ids(&region).await?;
        let in_region = all.len();
        all.retain(is_of_it);
        let lacks = |id: &&InstanceId| !taking.plan.ids.contains(*id);
        let absent: Vec<InstanceId> = all.iter().filter(lacks).cloned().collect();
        if absent.is_empty() {
            return Ok(());
        }
        let in_part = taking.listing.is_partial();
        let accepted = taking.request.accept_missing;
        let are_few = absent.len() < FEW && absent.len() * ONE_IN < all.len();
        let are_accepted = accepted.is_some_and(|count| count as usize == absent.len());
        if !in_part && (are_few || are_accepted) {
            for id in &absent {
                if let Some(mut case) = work.tx.load_case(id).await? {
                    let came_to = case.missing(taking.terms, &self.moment());
                    taking.absent.push((case, came_to));
                }
            }
            return Ok(());
        }
        let found = work.tx.found_by_ids(&absent).await?;
        let before = earlier.find(|before| before.accounts == accounts);
        taking.held = Some(HeldBack {
            names: found.into_iter().map(|found| found.name).collect(),
            of: all.len(),
            again: before.is_some_and(|before| before.held == absent),
            ids: absent,
            region,
            accounts: match all.len() == in_region {
                true => BTreeSet::new(),
                false => accounts,
            },
            in_part,
            accepted,
        });
        Ok(())
    }

    /// Of what is recorded as deleted, and was in a listing since: a complete one read later that lacks it settles that.
    async fn find_lost_again(
        &self,
        work: &mut UnitOfWork,
        taking: &ImportRun<'_>,
        region: &Region,
    ) -> Result<(), Fatal> {
        let accounts = &taking.accounts;
        for id in work.tx.listed_although_lost().await? {
            if !accounts.is_empty() && !accounts.contains(id.account()) {
                continue;
            }
            let case = work.tx.load_case(&id).await?;
            let lacks = |case: &Case| {
                let instance = &case.instance;
                let earlier = instance.listed_since_lost;
                instance.region == *region
                    && !taking.plan.ids.contains(&id)
                    && earlier.is_some_and(|earlier| earlier < taking.terms.at)
            };
            if let Some(mut case) = case.filter(lacks) {
                case.not_listed(&self.moment());
                work.keep_case(&case).await?;
            }
        }
        Ok(())
    }
}
