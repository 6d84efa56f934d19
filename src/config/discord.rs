//! Who the bot is in Discord, and where: `DISCORD_TOKEN` and `[discord]`.

use std::fmt;

use super::error::ConfigError;
use super::reader::ConfigReader;
use super::{GUILDS, TOKEN_FILE};

/// The variable with the bot's token.
const TOKEN: &str = "DISCORD_TOKEN";
/// The longest token that is believed.
const LONGEST: usize = 200;

/// The bot's token, which is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token as the developer portal gives it; `None` when it cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let usable = |c: char| c.is_ascii_graphic();
        let is_token = !text.is_empty() && text.len() <= LONGEST && text.chars().all(usable);
        is_token.then(|| Self(text.to_owned()))
    }

    /// The token itself: to be sent to Discord, never to be shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Who the bot is in Discord, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiscordConfig {
    /// Who it is; nobody without one.
    pub token: Option<Token>,
    /// The file that it is read from where the environment does not have it.
    pub token_file: Option<String>,
    /// Only these guilds, by id; empty: wherever it is invited.
    pub guilds: Vec<u64>,
}

/// Reads `[discord]`: the file with the token, and the guilds.
pub(super) fn discord(from: &mut ConfigReader) -> (Option<Option<String>>, Option<Vec<u64>>) {
    let file = from.text(
        TOKEN_FILE,
        "the path of a file, or empty for none",
        |text| Ok((!text.trim().is_empty()).then(|| text.to_owned())),
    );
    let allowed =
        "ids of servers separated by commas, such as \"81384788765712384\", or empty for all";
    let guilds = from.text(GUILDS, allowed, guilds);
    (file, guilds)
}

fn guilds(text: &str) -> Result<Vec<u64>, String> {
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| match word.parse() {
            Ok(id) if id > 0 => Ok(id),
            _ => Err(format!("`{word}` is not the id of a server")),
        })
        .collect()
}

/// The token: from the environment, else from its file, else there is none.
pub(super) fn token(
    file: Option<&str>,
    env: &[(String, String)],
) -> Result<Option<Token>, ConfigError> {
    let unusable = |place: String| ConfigError::NoToken(place);
    match (env.iter().find(|(name, _)| name == TOKEN), file) {
        (Some((_, text)), _) if text.trim().is_empty() => Ok(None),
        (Some((_, text)), _) => {
            let place = format!("the value of `{TOKEN}`");
            Token::new(text).map(Some).ok_or_else(|| unusable(place))
        }
        (None, Some(file)) => {
            let place = "the file that discord.token_file names".to_owned();
            let text = std::fs::read_to_string(file).map_err(|error| ConfigError::TokenFile {
                reason: error.kind().to_string(),
            })?;
            Token::new(&text).map(Some).ok_or_else(|| unusable(place))
        }
        (None, None) => Ok(None),
    }
}

/// Whether there is a token, for the summary.
pub(super) fn row(token: Option<&Token>) -> (&'static str, String) {
    let state = if token.is_some() { "set" } else { "not set" };
    (TOKEN, state.to_owned())
}
