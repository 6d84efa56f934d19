//! Who may do what where: the permission bits the bot can meet, and Discord's way of adding them up.

use super::clock::Id;
use super::model::{Channel, Guild};

pub(crate) const ADMINISTRATOR: u64 = 1 << 3;
pub(crate) const MANAGE_GUILD: u64 = 1 << 5;
pub(crate) const ADD_REACTIONS: u64 = 1 << 6;
pub(crate) const VIEW_CHANNEL: u64 = 1 << 10;
pub(crate) const SEND_MESSAGES: u64 = 1 << 11;
pub(crate) const MANAGE_MESSAGES: u64 = 1 << 13;
pub(crate) const EMBED_LINKS: u64 = 1 << 14;
pub(crate) const ATTACH_FILES: u64 = 1 << 15;
pub(crate) const READ_MESSAGE_HISTORY: u64 = 1 << 16;
pub(crate) const MENTION_EVERYONE: u64 = 1 << 17;
pub(crate) const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
pub(crate) const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
pub(crate) const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;

/// Every bit Discord has given a meaning to.
pub(crate) const ALL: u64 = (1 << 52) - 1;

/// What everyone in a fresh guild has: to talk, not to ping everybody.
pub(crate) const EVERYONE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS;

/// An exception for one role or one member in one channel.
#[derive(Debug, Clone)]
pub(crate) struct Overwrite {
    pub(crate) of: Id,
    pub(crate) member: bool,
    pub(crate) allow: u64,
    pub(crate) deny: u64,
}

/// What a member may do in the guild as a whole; nothing for who is not in it.
pub(crate) fn of_guild(guild: &Guild, user: Id) -> u64 {
    let Some(member) = guild.members.get(&user) else {
        return 0;
    };
    if guild.owner == user {
        return ALL;
    }
    let bits = guild
        .roles
        .iter()
        .filter(|role| role.id == guild.id || member.roles.contains(&role.id))
        .fold(0, |bits, role| bits | role.permissions);
    if bits & ADMINISTRATOR != 0 { ALL } else { bits }
}

/// What a member may do in a channel: everyone's exceptions first, then the roles', then the member's own.
pub(crate) fn of_channel(guild: &Guild, channel: &Channel, user: Id) -> u64 {
    let base = of_guild(guild, user);
    let Some(member) = guild.members.get(&user) else {
        return 0;
    };
    if base == ALL {
        return ALL;
    }
    let everyone = channel.overwrites.iter().filter(|one| one.of == guild.id);
    let roles = channel
        .overwrites
        .iter()
        .filter(|one| !one.member && one.of != guild.id && member.roles.contains(&one.of));
    let own = channel
        .overwrites
        .iter()
        .filter(|one| one.member && one.of == user);
    let bits = settle(settle(settle(base, everyone), roles), own);
    if bits & VIEW_CHANNEL == 0 { 0 } else { bits }
}

fn settle<'a>(base: u64, exceptions: impl Iterator<Item = &'a Overwrite>) -> u64 {
    let (allow, deny) = exceptions.fold((0, 0), |(allow, deny), one| {
        (allow | one.allow, deny | one.deny)
    });
    (base & !deny) | allow
}
