//! Turns announcements into posts: channel, mentions and key.

use super::Settings;
use super::unit_of_work::SavedCase;
use crate::domain::Timestamp;
use crate::domain::announce::{Announcement, Place, PostContent, Whom, announcements};
use crate::domain::approval::Told;
use crate::domain::authority::Role;
use crate::domain::case::Case;
use crate::domain::effect::{Mention, Post, PostKind};
use crate::domain::id::{ChannelId, TeamName};
use crate::domain::instance::Instance;
use crate::domain::team::{REQUEST_ESCALATES, REQUEST_REMINDS};

/// The posts of a decision. The key is the number of the event, so that nothing is posted twice.
pub(super) fn posts(settings: &Settings, kept: &SavedCase) -> Vec<Post> {
    let said = announcements(&kept.case).into_iter();
    let mut posts = Vec::new();
    for said in said {
        let due = due(settings, &said);
        if let Some(joined) = said.to_new_team() {
            let joined = announcement_post(settings, kept, joined, due);
            let key = format!("{}:to", joined.key);
            posts.push(Post { key, ..joined });
        }
        let said = called_once_a_day(settings, &kept.case, said);
        posts.extend(said.map(|said| announcement_post(settings, kept, said, due)));
    }
    posts
}

/// Where quiet hours would put the second call for approvals on the day of the last one, both are one, with the second: in the
/// alerts channel, where there is more time to answer.
fn called_once_a_day(settings: &Settings, case: &Case, said: Announcement) -> Option<Announcement> {
    let PostContent::ApprovalAsked { told, .. } = &said.message else {
        return Some(said);
    };
    let request = case.change.as_ref().and_then(|it| it.request.as_ref());
    let cadence = &settings.cadence;
    let is_one_day = request.is_some_and(|request| {
        let again = cadence.disturbable(request.asked_at + REQUEST_REMINDS);
        cadence.day(again) == cadence.day(request.asked_at + REQUEST_ESCALATES)
    });
    match told {
        Told::Reminded if is_one_day => Some(said.in_alerts()),
        Told::Escalated if is_one_day => None,
        Told::Asked | Told::Reminded | Told::Escalated => Some(said),
    }
}

fn announcement_post(
    settings: &Settings,
    kept: &SavedCase,
    said: Announcement,
    due: Timestamp,
) -> Post {
    let instance = &kept.case.instance;
    let mentions = said
        .whom
        .iter()
        .flat_map(|whom| settings.mentions(whom, instance))
        .collect();
    let event = kept.first_event.saturating_add(said.event as u64);
    Post {
        kind: kind(&said.message),
        channel: match &said.place {
            Place::Instance => settings.channel_of(instance),
            Place::Alerts => settings.channels.alerts.clone(),
            Place::Team(team) => settings.channel_of_team(team),
        },
        key: format!("e{event}"),
        due,
        change: kept.case.number(),
        instances: vec![instance.id.clone()],
        mentions,
        payload: said.message.into(),
    }
}

/// A repeated call for approvals waits for the end of the quiet hours; anything else is posted at once.
fn due(settings: &Settings, said: &Announcement) -> Timestamp {
    match &said.message {
        PostContent::ApprovalAsked {
            told: Told::Reminded,
            ..
        } => settings.cadence.disturbable(said.at),
        _ => said.at,
    }
}

impl Settings {
    /// Mentions. A team by whose name nobody is called counts as none: the approvers are mentioned in its place.
    pub(super) fn mentions(&self, whom: &Whom, instance: &Instance) -> Vec<Mention> {
        match whom {
            Whom::Person(person) => vec![person.into()],
            Whom::Team => vec![self.team_or_approvers(instance)],
            Whom::Former(team) => self.mention_of(team).into_iter().collect(),
            Whom::Approvers => std::iter::once(Mention::of_role(Role::Approver))
                .chain(self.team_mention(instance))
                .collect(),
        }
    }

    /// The mention of an instance's team, else of the approvers.
    pub(super) fn team_or_approvers(&self, instance: &Instance) -> Mention {
        let team = self.team_mention(instance);
        team.unwrap_or_else(|| Mention::of_role(Role::Approver))
    }

    /// The mention of an instance's team by its role; `None` where it is not described, or has no role to mention.
    fn team_mention(&self, instance: &Instance) -> Option<Mention> {
        self.mention_of(instance.team.as_ref()?)
    }

    fn mention_of(&self, name: &TeamName) -> Option<Mention> {
        let role = self.teams.get(name)?.mention.as_ref()?;
        Some(Mention::Team(role.to_string()))
    }

    /// The channel of a team: its own, else the workspace's.
    fn channel_of_team(&self, name: &TeamName) -> ChannelId {
        let channel = self.teams.get(name).and_then(|team| team.channel.as_ref());
        channel.unwrap_or(&self.channels.default).clone()
    }

    /// The channel of an instance: its own, else its team's, else the workspace's.
    pub(super) fn channel_of(&self, instance: &Instance) -> ChannelId {
        let team = instance.team.as_ref().and_then(|team| self.teams.get(team));
        let channel = instance
            .channel
            .as_ref()
            .or_else(|| team.and_then(|team| team.channel.as_ref()));
        channel.unwrap_or(&self.channels.default).clone()
    }
}

const fn kind(message: &PostContent) -> PostKind {
    match message {
        PostContent::ApprovalAsked {
            told: Told::Escalated,
            ..
        }
        | PostContent::ApprovalsOverridden { .. }
        | PostContent::Unapproved { .. }
        | PostContent::Outside { .. }
        | PostContent::EndedOutside { .. }
        | PostContent::PlatinumAgain { .. }
        | PostContent::Waiting
        | PostContent::PresumedDeleted
        | PostContent::PresumedTooEarly
        | PostContent::Lost { .. }
        | PostContent::SeenOnDelete { .. }
        | PostContent::ApprovalsVoided {
            on_delete: true, ..
        }
        | PostContent::PolicyChanged { .. }
        | PostContent::SafeguardLowered { .. } => PostKind::Alert,
        PostContent::ApprovalAsked { .. }
        | PostContent::ApprovalComplete { .. }
        | PostContent::RequestLapsed { .. }
        | PostContent::ApprovalLapsed { .. }
        | PostContent::ApproverGone { .. }
        | PostContent::HandedOver { .. }
        | PostContent::ObserverGone { .. }
        | PostContent::ApprovalsVoided { .. }
        | PostContent::OverrideEnded { .. }
        | PostContent::Rejected { .. } => PostKind::Approval,
        PostContent::JoinedTeam { .. } => PostKind::Reminder,
        PostContent::LeftTeam { .. } => PostKind::Status,
        PostContent::PermitWithdrawn { .. } | PostContent::OutcomeAsked { .. } => PostKind::Permit,
    }
}
