//! `/import file:`: reads and tries an attachment, and applies it on request. No local path is ever read.

use std::collections::HashSet;

use reqwest::Method;
use serenity::all::{CommandDataOptionValue, CommandInteraction};
use url::Url;

use super::Bot;
use super::api::Call;
use crate::answer::{Answer, Reply, UserError};
use crate::app::{Actor, ImportSource};
use crate::command::{self, Command, Import};
use crate::domain::Timestamp;
use crate::domain::id::{ChannelId, WorkspaceId};

/// The largest attachment.
const LIMIT_MIB: u64 = 5;

/// An attachment, as described by Discord.
#[derive(Debug, Clone)]
pub(super) struct Attached {
    /// The interaction that brought it.
    id: u64,
    name: String,
    url: String,
    size: u64,
    at: Option<Timestamp>,
}

impl Attached {
    /// The attachment of a command.
    pub(super) fn of(asked: &CommandInteraction) -> Option<Self> {
        let id = asked
            .data
            .options
            .iter()
            .find_map(|option| match option.value {
                CommandDataOptionValue::Attachment(id) => Some(id),
                _ => None,
            })?;
        let file = asked.data.resolved.attachments.get(&id)?;
        Some(Self {
            id: asked.id.get(),
            name: file.filename.clone(),
            url: file.url.clone(),
            size: u64::from(file.size),
            at: made(asked.id.get()),
        })
    }

    /// The file name in the command line.
    pub(super) fn name(&self) -> String {
        self.name.clone()
    }
}

/// The creation time encoded in a Discord id.
fn made(id: u64) -> Option<Timestamp> {
    const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;
    let ms = i64::try_from((id >> 22) + DISCORD_EPOCH_MS).ok()?;
    chrono::DateTime::from_timestamp_millis(ms)
}

impl Bot {
    /// Reads an attachment and tries it; applying it takes another press.
    pub(super) async fn try_file(
        &self,
        actor: &Actor,
        command: Command,
        line: &str,
        file: &Attached,
    ) -> Reply {
        let Command::Import(request) = command else {
            return self.warden.misunderstood(UserError::NoFilesHere);
        };
        if !actor.may(crate::domain::authority::Permission::Import) {
            return self.warden.handle(actor, &Command::Import(request)).await;
        }
        let source = match self.fetch(file).await {
            Ok(source) => source,
            Err(error) => return self.warden.misunderstood(error),
        };
        let tried = Import {
            dry_run: true,
            ..request
        };
        let mut reply = self.warden.import(actor, &tried, &source).await;
        let Answer::Imported(report) = &mut reply.answer else {
            return reply;
        };
        report.unknown_channels = self
            .strange(&actor.workspace, std::mem::take(&mut report.channels))
            .await;
        if report.aborted {
            return reply;
        }
        let kept = self
            .warden
            .keep_upload(&actor.workspace, file.id, line, &source);
        match kept.await {
            Ok(()) => reply,
            Err(error) => self.warden.broken(error),
        }
    }

    /// Applies a file that was tried in this guild. The id may be forged, so files of other guilds are not found.
    pub(super) async fn apply_file(&self, actor: &Actor, id: &str) -> Reply {
        let forgotten = || self.warden.misunderstood(UserError::FileForgotten);
        let Ok(id) = id.parse() else {
            return forgotten();
        };
        let (line, source) = match self.warden.upload(&actor.workspace, id).await {
            Ok(Some(kept)) => kept,
            Ok(None) => return forgotten(),
            Err(error) => return self.warden.broken(error),
        };
        let Ok(Command::Import(request)) = command::parse_line(&line) else {
            return forgotten();
        };
        let request = Import {
            dry_run: false,
            ..request
        };
        self.warden.import(actor, &request, &source).await
    }

    /// The channels that the guild does not have, or that the bot cannot see.
    async fn strange(
        &self,
        workspace: &WorkspaceId,
        mut channels: Vec<ChannelId>,
    ) -> Vec<ChannelId> {
        if channels.is_empty() {
            return channels;
        }
        let call = Call::new(Method::GET, format!("/guilds/{workspace}/channels"));
        let found = match self.api.send(&call, None).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(error = %error, "the channels of a server could not be read");
                return channels;
            }
        };
        let found = found.as_array().map(Vec::as_slice).unwrap_or_default();
        let ids = found
            .iter()
            .filter_map(|channel| channel.get("id")?.as_str());
        let ids: HashSet<&str> = ids.collect();
        channels.retain(|channel| !ids.contains(channel.as_str()));
        channels
    }

    async fn fetch(&self, file: &Attached) -> Result<ImportSource, UserError> {
        let too_large = || UserError::FileTooLarge {
            path: file.name.clone(),
            limit_mib: LIMIT_MIB,
        };
        let lost = || UserError::File {
            path: file.name.clone(),
            reason: std::io::ErrorKind::NotFound,
        };
        let limit = LIMIT_MIB * 1024 * 1024;
        if file.size > limit {
            return Err(too_large());
        }
        let url = Url::parse(&file.url).map_err(|_| lost())?;
        if !self.api.serves(&url) {
            return Err(lost());
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let bytes = self.api.fetch(&url, limit).await.map_err(|error| {
            tracing::warn!(error = %error, "an attachment could not be fetched");
            if error.status() == Some(413) {
                too_large()
            } else {
                lost()
            }
        })?;
        Ok(ImportSource {
            label: file.name.clone(),
            bytes,
            modified: file.at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_when_it_was_made() {
        let at = made(175_928_847_299_117_063).unwrap();
        assert_eq!(at.to_rfc3339(), "2016-04-30T11:18:25.796+00:00");
    }
}
