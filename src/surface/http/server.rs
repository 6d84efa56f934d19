//! Connections: accepted, bounded, cut off when they are slow, and ended with the program.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::{HttpLimits, router};
use crate::app::Warden;
use crate::config::Http;
use crate::delivery::{Chat, Delivery};

/// The most headers of a request.
const HEADERS: usize = 64;
/// The most bytes that are read ahead, and so the most that a request's head may have.
const READ_AHEAD: usize = 16 * 1024;
/// The wait after no connection could be accepted, as when there are no file descriptors left.
const BREATH: Duration = Duration::from_millis(100);

/// The listening socket and what is behind it. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Server {
    address: SocketAddr,
    stopping: Arc<watch::Sender<bool>>,
}

impl Server {
    /// Begins to listen and to answer.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start<C: Chat>(
        at: SocketAddr,
        http: &Http,
        warden: Warden,
        delivery: Delivery<C>,
        terms: HttpLimits,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            tracing::warn!(http.address = %address, "other machines can reach the bot over plain HTTP: put a proxy with TLS before it");
        }
        let (stopping, told) = watch::channel(false);
        let router = router(http, delivery, warden, terms);
        tokio::spawn(serve(listener, router, terms, told));
        let stopping = Arc::new(stopping);
        Ok(Self { address, stopping })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts nothing more, and waits for what is under way, though not for long.
    pub async fn stop(&self) {
        self.stopping.send_replace(true);
        self.stopping.closed().await;
    }
}

/// Serves until it is told to stop. Anyone who waits for that hears it when the last receiver is gone.
async fn serve(
    listener: TcpListener,
    router: Router,
    terms: HttpLimits,
    told: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(terms.connections));
    let mut stopping = told.clone();
    let accept = async {
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let Some(stream) = accept(&listener).await else {
                continue;
            };
            let service = TowerToHyperService::new(router.clone());
            let connection = builder(terms).serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(error = %error, "a connection ended early");
                }
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    drop(listener);
    let ended = tokio::time::timeout(terms.end_within, graceful.shutdown()).await;
    if ended.is_err() {
        tracing::warn!("requests were cut off: they took too long for the end of the program");
    }
    drop((stopping, told));
}

async fn accept(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, _)) => Some(stream),
        Err(error) => {
            tracing::warn!(error.kind = ?error.kind(), "a connection could not be accepted");
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}

fn builder(terms: HttpLimits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // One request a connection: nobody keeps a place without using it.
        .keep_alive(false)
        .header_read_timeout(terms.head_within)
        .max_headers(HEADERS)
        .max_buf_size(READ_AHEAD);
    builder
}
