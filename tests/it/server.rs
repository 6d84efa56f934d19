//! Databases for tests on the server of PostgreSQL that `WARDEN_TEST_POSTGRES` names, each of its own. A test's databases are
//! dropped when its thread ends, whether it passed or not.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, LazyLock, Mutex};

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Threads that drop what they are told to. Where a thread ends, it can run nothing of the kind itself.
static CLEANERS: LazyLock<Sender<Dropped>> = LazyLock::new(|| {
    let (drops, dropped) = channel::<Dropped>();
    let dropped = Arc::new(Mutex::new(dropped));
    for _ in 0..4 {
        let dropped = Arc::clone(&dropped);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = runtime.unwrap();
            loop {
                let next = dropped.lock().unwrap().recv();
                let Ok(each) = next else {
                    return;
                };
                let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", each.name);
                let _ = runtime.block_on(try_run(&each.server, &drop));
                let _ = each.done.send(());
            }
        });
    }
    drops
});

/// A database that is of no more use.
struct Dropped {
    server: String,
    name: String,
    done: Sender<()>,
}

/// The databases of a thread.
#[derive(Default)]
struct Owned {
    server: String,
    names: Vec<String>,
}

impl Drop for Owned {
    fn drop(&mut self) {
        let (done, is_done) = channel();
        for name in self.names.drain(..) {
            let _ = CLEANERS.send(Dropped {
                server: self.server.clone(),
                name,
                done: done.clone(),
            });
        }
        drop(done);
        // Until all are gone.
        while is_done.recv().is_ok() {}
    }
}

thread_local! {
    static OWNED: RefCell<Owned> = RefCell::default();
}

/// The address of a new database, where there is a server; else tests use databases of `SQLite`.
pub(crate) async fn new_database() -> Option<String> {
    let server = std::env::var("WARDEN_TEST_POSTGRES").ok()?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("warden_{}_{number}", std::process::id());
    OWNED.with_borrow_mut(|owned| {
        owned.server.clone_from(&server);
        owned.names.push(name.clone());
    });
    // What a process with this number left that was killed.
    run(
        &server,
        &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await;
    run(&server, &format!("CREATE DATABASE {name}")).await;
    let mut address = url::Url::parse(&server).unwrap();
    address.set_path(&name);
    Some(address.into())
}

/// Runs statements as one, on any of these databases.
pub(crate) async fn run(address: &str, text: &str) {
    try_run(address, text).await.unwrap();
}

/// As [`run`], where an error is an answer.
pub(crate) async fn try_run(address: &str, text: &str) -> sqlx::Result<()> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(address).await?;
    let run = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
    run.execute(&mut connection).await?;
    connection.close().await
}
