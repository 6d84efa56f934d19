//! A proxy in front of the server, which can cut every connection, or let nothing through for a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use url::Url;

pub(super) struct Proxy {
    port: u16,
    cuts: watch::Sender<u32>,
    flows: watch::Sender<bool>,
    lost: Arc<AtomicU8>,
}

/// What is lost of the next commit, together with its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    Commit = 1,
    Answer = 2,
}

/// What a connection through the proxy looks at.
#[derive(Clone)]
struct Line {
    flows: watch::Receiver<bool>,
    lost: Arc<AtomicU8>,
    /// Whether the next answer is lost: once the server has given it, so that the commit was made.
    loses_answer: Arc<AtomicBool>,
}

impl Proxy {
    /// In front of the server of a database.
    pub(super) async fn start(database: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cuts, cut) = watch::channel(0);
        let (flows, flowing) = watch::channel(true);
        let lost = Arc::new(AtomicU8::new(0));
        let line = Line {
            flows: flowing,
            lost: Arc::clone(&lost),
            loses_answer: Arc::default(),
        };
        let server = Url::parse(database).unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let mut cut = cut.clone();
                let line = Line {
                    loses_answer: Arc::default(),
                    ..line.clone()
                };
                let server = server.clone();
                cut.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        () = connect(client, &server, line) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self {
            port,
            cuts,
            flows,
            lost,
        }
    }

    /// The address of a database through this proxy.
    pub(super) fn address(&self, database: &str) -> String {
        let mut address = Url::parse(database).unwrap();
        address.set_query(None);
        address.set_host(Some("127.0.0.1")).unwrap();
        address.set_port(Some(self.port)).unwrap();
        address.into()
    }

    /// Cuts every connection; later ones are taken.
    pub(super) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Loses something of the next commit.
    pub(super) fn lose(&self, lost: Lost) {
        self.lost.store(lost as u8, Ordering::SeqCst);
    }

    /// Lets nothing through for a time, without an error to either side.
    pub(super) async fn stall(&self, span: Duration) {
        self.flows.send_replace(false);
        tokio::time::sleep(span).await;
        self.flows.send_replace(true);
    }
}

/// Connects a client with the server, until either ends.
async fn connect(client: TcpStream, server: &Url, line: Line) {
    let socket = server.query_pairs().find(|(name, _)| name == "host");
    let port = server.port().unwrap_or(5432);
    match socket {
        Some((_, directory)) if directory.starts_with('/') => {
            let path = format!("{directory}/.s.PGSQL.{port}");
            let server = UnixStream::connect(path).await;
            pump_both(client, server.unwrap(), line).await;
        }
        _ => {
            let host = server.host_str().unwrap();
            let server = TcpStream::connect((host, port)).await;
            pump_both(client, server.unwrap(), line).await;
        }
    }
}

async fn pump_both(
    client: impl AsyncRead + AsyncWrite,
    server: impl AsyncRead + AsyncWrite,
    line: Line,
) {
    let (client_says, client_hears) = tokio::io::split(client);
    let (server_says, server_hears) = tokio::io::split(server);
    tokio::select! {
        () = pump(client_says, server_hears, line.clone(), true) => {}
        () = pump(server_says, client_hears, line, false) => {}
    }
}

async fn pump(from: impl AsyncRead, to: impl AsyncWrite, mut line: Line, asks: bool) {
    let (mut from, mut to) = (std::pin::pin!(from), std::pin::pin!(to));
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let commits = asks && bytes[..read].windows(6).any(|part| part == b"COMMIT");
        let lost = match commits {
            true => line.lost.swap(0, Ordering::SeqCst),
            false => 0,
        };
        if lost == Lost::Answer as u8 {
            line.loses_answer.store(true, Ordering::SeqCst);
        }
        let is_lost = !asks && line.loses_answer.load(Ordering::SeqCst);
        if is_lost
            || lost == Lost::Commit as u8
            || line.flows.wait_for(|flows| *flows).await.is_err()
            || to.write_all(&bytes[..read]).await.is_err()
        {
            return;
        }
    }
}
