//! Data of every earlier version survives every migration.

use std::path::Path;

use edition_warden::domain::authority::Role;
use edition_warden::domain::change::{Failure, PermitState, Status, Step};
use edition_warden::domain::id::InstanceId;
use edition_warden::domain::instance::{Edition, PostExpirationAction, Tracking};
use edition_warden::domain::setting::{Set, Setting};
use edition_warden::store::{AuditFilter, InstanceFilter, MIGRATIONS, MigrationScript, Store};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqlSafeStr};

/// What to put in right after each migration: data as that version wrote it, what later versions added left to them.
const SAMPLES: &[(&str, &str)] = &[
    ("0001_init.sql", include_str!("samples/0001_init.sql")),
    (
        "0002_glossary.sql",
        include_str!("samples/0002_glossary.sql"),
    ),
    (
        "0003_instance_by_age.sql",
        include_str!("samples/0003_instance_by_age.sql"),
    ),
    (
        "0004_restoration.sql",
        include_str!("samples/0004_restoration.sql"),
    ),
    (
        "0005_instance_by_lower_case.sql",
        include_str!("samples/0005_instance_by_lower_case.sql"),
    ),
    (
        "0006_import_accounts.sql",
        include_str!("samples/0006_import_accounts.sql"),
    ),
    (
        "0007_unnamed_gone.sql",
        include_str!("samples/0007_unnamed_gone.sql"),
    ),
    (
        "0008_by_message.sql",
        include_str!("samples/0008_by_message.sql"),
    ),
];

fn migrator(upto: &[MigrationScript]) -> Migrator {
    let each = upto.iter().map(|migration| {
        let text = migration.text.into_sql_str();
        let name = migration.file.into();
        Migration::new(migration.version, name, MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(each.collect())
}

/// A database as the version with the first `n` migrations left it.
pub(crate) async fn as_left_by(n: usize, path: &Path) {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = options.create_if_missing(true).connect().await.unwrap();
    for (at, (_, sample)) in SAMPLES.iter().enumerate().take(n) {
        let migrator = migrator(&MIGRATIONS[..=at]);
        migrator.run(&mut connection).await.unwrap();
        sqlx::raw_sql(*sample)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
}

#[test]
fn every_migration_is_run_and_has_a_sample() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let entries = std::fs::read_dir(directory).unwrap();
    let mut files: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let run: Vec<&str> = MIGRATIONS.iter().map(|migration| migration.file).collect();
    assert_eq!(run, files, "register the file in MIGRATIONS");
    let samples: Vec<&str> = SAMPLES.iter().map(|(file, _)| *file).collect();
    assert_eq!(samples, run, "give the migration its sample data");
    let versions = MIGRATIONS.iter().map(|migration| migration.version);
    assert!(versions.is_sorted_by(|one, next| one < next));
    for MigrationScript { version, file, .. } in MIGRATIONS {
        assert!(file.starts_with(&format!("{version:04}_")));
    }
}

#[tokio::test]
async fn data_of_every_version_is_carried_along() {
    for n in 1..=SAMPLES.len() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("warden.db");
        as_left_by(n, &path).await;
        let store = Store::open(&path).await.unwrap();
        nothing_is_lost(&store).await;
        settings_are_carried_along(&store).await;
        the_trail_goes_on(&store, 2).await;
        store.close().await;
    }
}

async fn nothing_is_lost(store: &Store) {
    let mut tx = store.write(&"w".into()).await.unwrap();
    assert_eq!(tx.totals().await.unwrap().instances, 1);
    assert_eq!(tx.next_number().await.unwrap(), 3);
    let all = tx
        .list_instances(&InstanceFilter::default(), 1)
        .await
        .unwrap();
    assert_eq!(all.rows.len(), 2);

    let id = InstanceId::parse("MQ_INST_1080056302921134_BXuIbML7").unwrap();
    let case = tx.load_case(&id).await.unwrap().unwrap();
    let orders = &case.instance;
    assert_eq!(orders.edition.value(), Some(&Edition::Platinum));
    assert_eq!(
        orders.action.value(),
        Some(&PostExpirationAction::Downgrade)
    );
    let unverified = orders.action_unverified.as_ref().unwrap();
    assert_eq!(unverified.value, PostExpirationAction::Delete);
    assert_eq!(
        orders
            .max_tps
            .candidates()
            .map(|known| known.value)
            .sum::<u32>(),
        11_000
    );
    let change = case.change.as_ref().unwrap();
    assert_eq!(change.records[0].step, Step::SetAction);
    let permit = change.permit.as_ref().unwrap();
    assert_eq!((permit.serial, permit.state), (3, PermitState::Out));

    let lost = tx.load_change_case(1).await.unwrap().unwrap();
    assert!(matches!(lost.instance.tracking, Tracking::Lost(_)));
    let change = lost.change.as_ref().unwrap();
    assert!(matches!(change.status, Status::Failed(Failure::Lost(_))));
    assert_eq!(tx.instance_history(&id, 9).await.unwrap().len(), 3);
    assert_eq!(tx.change_history(2, 9).await.unwrap().len(), 2);

    tx.save(&case).await.unwrap();
    assert_eq!(
        tx.load_case(&id).await.unwrap(),
        Some(case),
        "and it can be written"
    );
    tx.commit().await.unwrap();
    let mut tx = store.read(&"other".into()).await.unwrap();
    assert_eq!(tx.find_exact("eu-west-1/orders").await.unwrap().len(), 1);
}

async fn settings_are_carried_along(store: &Store) {
    let mut tx = store.read(&"w".into()).await.unwrap();
    let own = tx.own_settings().await.unwrap();
    assert_eq!(own.iter().count(), 4);
    let observers = |set: &Set| matches!(set.setting, Setting::Observers { number: 1 });
    assert!(own.iter().any(observers));
    assert_eq!(own.means(Role::Approver).len(), 2);
    let held = store.system().holdings().await.unwrap();
    assert!(held.iter().all(|held| !held.paused), "{held:?}");
}

async fn the_trail_goes_on(store: &Store, rows: usize) {
    let mut tx = store.write(&"w".into()).await.unwrap();
    let all = tx.list_audit(&AuditFilter::default(), 1).await.unwrap();
    assert_eq!(all.rows.len(), rows);
    let mut entry = crate::audit::entry("changes");
    entry.by = None;
    tx.append_audit(&entry, None).await.unwrap();
    assert_eq!(tx.audit_head().await.unwrap().seq, rows as u64 + 1);
}
