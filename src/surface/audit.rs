//! The process's subcommands for the audit trail: verify it, print its heads, export it.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use super::migrate::refuse_in_use;
use crate::app::{self, TrailUse, check_key, check_trail};
use crate::domain::Timestamp;
use crate::domain::audit::{AuditKey, AuditRow, Head, Tampering, VerifyOptions};
use crate::domain::id::{Person, WorkspaceId};
use crate::domain::place::DatabasePlace;
use crate::render;
use crate::store::{MissingPart, ReadOnlyStore, Store, StoreError};

/// A task on the trail.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditTask {
    #[command(flatten)]
    Read(AuditReading),
    /// Continue a trail that began without a key with the one in WARDEN_AUDIT_KEY, for good
    ///
    /// No process may work with the database. From then on nothing is recorded in it without this key. Exit status: 0 done, 2 not
    /// done.
    BeginKey,
}

/// A task that only reads the trail.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditReading {
    /// Check that nobody changed, removed, inserted, reordered or cut off rows
    ///
    /// The key is taken from WARDEN_AUDIT_KEY. Exit status: 0 sound, 1 tampered with, 2 cannot be checked.
    Verify {
        /// A head that `audit head` printed earlier; the trail must still have it. May be repeated
        #[arg(long = "head", value_name = "HEAD")]
        heads: Vec<Head>,
        /// Reject rows that were made without a key
        #[arg(long)]
        require_key: bool,
    },
    /// Print the head of each trail, to be kept outside this machine
    Head,
    /// Print every row
    Export {
        /// One JSON object a line, or a table for spreadsheets
        #[arg(long, value_enum, default_value = "jsonl")]
        format: ExportFormat,
        /// Only this workspace
        #[arg(long, value_name = "NAME")]
        workspace: Option<WorkspaceId>,
    },
}

/// How rows are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One JSON object a line; nothing is left out.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

/// A row was tampered with or is missing.
const TAMPERED: u8 = 1;
/// The check was not possible.
const UNUSABLE: u8 = 2;

impl AuditTask {
    /// Whether a word names a task.
    pub(super) fn is_named(word: &str) -> bool {
        let tasks = Self::augment_subcommands(clap::Command::new("audit"));
        tasks.get_subcommands().any(|task| task.get_name() == word)
    }
}

/// Has every trail of the database that began without a key go on with this one.
///
/// # Errors
/// When no key is set, another one is that of a trail, a process works with the database, or no trail began without a key. Nothing is
/// changed in that case.
pub async fn begin_key(
    place: &DatabasePlace,
    key: Option<&AuditKey>,
    by: Person,
    now: Timestamp,
) -> anyhow::Result<()> {
    let Some(key) = key else {
        anyhow::bail!(
            "WARDEN_AUDIT_KEY is not set: set it to the key that is to hold from now on, such as `openssl rand -hex 32` prints, and keep it where it is not lost"
        );
    };
    if place.file().is_some_and(|path| !Store::is_there(path)) {
        let database = place.to_string().into();
        return Err(StoreError::Missing { database }.into());
    }
    refuse_in_use(place)?;
    let store = Store::open_at(place).await?;
    let begun = async {
        store.check_unused().await?;
        check_key(&store, Some(key), TrailUse::Read).await??;
        anyhow::Ok(app::begin_key(&store, key, now, by).await?)
    };
    let begun = begun.await;
    store.close().await;
    let begun = begun?;
    if begun.is_empty() {
        anyhow::bail!(
            "no trail of the database {place} began without a key; one without rows begins with the key that is set"
        );
    }
    writeln!(io::stdout(), "{}", render::audit::key_begun(&begun))?;
    Ok(())
}

impl AuditReading {
    /// Runs the task and writes to standard output.
    ///
    /// # Errors
    /// When the database cannot be read or standard output cannot be written, and when the options do not fit together.
    pub async fn run(
        &self,
        from: &ReadOnlyStore,
        key: Option<&AuditKey>,
    ) -> anyhow::Result<ExitCode> {
        let store = &from.store;
        // On standard error, because standard output may be piped. What cannot be read decides; what may be lacking is a remark.
        if let Some(unread @ MissingPart::Unread { .. }) = &from.lacking {
            writeln!(io::stderr(), "{}", render::audit::lacking(unread))?;
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        let code = match self {
            Self::Verify { heads, require_key } => {
                let terms = VerifyOptions {
                    key,
                    require_key: *require_key,
                    heads,
                };
                verify(store, terms, &mut out).await?
            }
            Self::Head => print_heads(store, &mut out).await?,
            Self::Export { format, workspace } => {
                export(store, *format, workspace.as_ref(), &mut out).await?
            }
        };
        out.flush()?;
        if let Some(part @ MissingPart::NotThere { .. }) = &from.lacking
            && !(code == 0 && self.has_all_heads(store).await?)
        {
            writeln!(io::stderr(), "{}", render::audit::lacking(part))?;
        }
        Ok(ExitCode::from(code))
    }

    /// Whether it compares every trail with a noted head: where they agree, nothing up to it is lacking.
    async fn has_all_heads(&self, store: &Store) -> anyhow::Result<bool> {
        let Self::Verify { heads, .. } = self else {
            return Ok(false);
        };
        let workspaces = store.system().workspaces().await?;
        let has_head = |one: &WorkspaceId| heads.iter().any(|head| head.workspace == *one);
        Ok(workspaces.iter().all(has_head))
    }
}

async fn verify(
    store: &Store,
    terms: VerifyOptions<'_>,
    out: &mut impl Write,
) -> anyhow::Result<u8> {
    if terms.require_key && terms.key.is_none() {
        anyhow::bail!(
            "--require-key checks rows with a key, and WARDEN_AUDIT_KEY is not set; set it to the key that warden runs with"
        );
    }
    let mut workspaces = store.system().workspaces().await?;
    // A workspace whose rows are all gone is known only from its noted head.
    workspaces.extend(terms.heads.iter().map(|head| head.workspace.clone()));
    workspaces.sort();
    workspaces.dedup();
    let (mut worst, mut any_unkeyed, mut any_row) = (0, false, false);
    for workspace in &workspaces {
        let result = check_trail(store, workspace, terms).await?;
        writeln!(out, "{}", render::audit::checked(workspace, &result))?;
        match result {
            Ok(sound) => {
                any_row |= sound.head.seq > 0;
                any_unkeyed |= sound.head.seq > 0 && sound.keyed_from != Some(1);
            }
            // Tampering in another trail has priority over a trail that cannot be checked.
            Err(Tampering::KeyNeeded(_)) if worst == 0 => worst = UNUSABLE,
            Err(Tampering::KeyNeeded(_)) => {}
            Err(_) => worst = TAMPERED,
        }
    }
    if workspaces.is_empty() {
        writeln!(out, "{}", render::audit::NO_TRAILS)?;
    }
    // Without any row, nothing was checked.
    if worst == 0 && !any_row {
        worst = UNUSABLE;
    }
    if let Some(words) = render::audit::worth(terms.key.is_some(), any_unkeyed) {
        writeln!(out, "{words}")?;
    }
    Ok(worst)
}

async fn print_heads(store: &Store, out: &mut impl Write) -> anyhow::Result<u8> {
    for workspace in store.system().workspaces().await? {
        let head = store.glance(&workspace).await?.audit_head().await?;
        writeln!(out, "{head}")?;
    }
    Ok(0)
}

async fn export(
    store: &Store,
    format: ExportFormat,
    only: Option<&WorkspaceId>,
    out: &mut impl Write,
) -> anyhow::Result<u8> {
    let mut workspaces = store.system().workspaces().await?;
    if let Some(only) = only {
        workspaces.retain(|workspace| workspace == only);
        if workspaces.is_empty() {
            anyhow::bail!("the database has no workspace `{only}`; `warden audit head` lists them");
        }
    }
    if format == ExportFormat::Csv {
        out.write_all(&csv_lines([render::audit::CSV_HEADER])?)?;
    }
    for workspace in &workspaces {
        export_one(store, format, workspace, out).await?;
    }
    Ok(0)
}

async fn export_one(
    store: &Store,
    format: ExportFormat,
    workspace: &WorkspaceId,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut tx = store.read(workspace).await?;
    let mut from = Some(i64::MIN);
    while let Some(at) = from {
        let part = tx.audit_part(at).await?;
        out.write_all(&lines(format, workspace, &part.rows)?)?;
        if let Some(row) = part.unreadable {
            anyhow::bail!(
                "row {row} of `{workspace}` cannot be read, so the export ends before it; `warden audit verify` says more"
            );
        }
        from = part.next;
    }
    Ok(())
}

fn lines(
    format: ExportFormat,
    workspace: &WorkspaceId,
    rows: &[AuditRow],
) -> anyhow::Result<Vec<u8>> {
    match format {
        ExportFormat::Csv => csv_lines(rows.iter().map(|row| render::audit::csv(workspace, row))),
        ExportFormat::Jsonl => {
            let line = |row| render::audit::json(workspace, row) + "\n";
            Ok(rows.iter().map(line).collect::<String>().into_bytes())
        }
    }
}

fn csv_lines<S: AsRef<[u8]>>(
    records: impl IntoIterator<Item = [S; 16]>,
) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record)?;
    }
    Ok(writer.into_inner()?)
}
