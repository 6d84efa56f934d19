//! Connections, limited in number and time, and closed at shutdown.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Sleep, sleep};

use super::authenticator::Authenticator;
use super::{HttpLimits, Listening, router};
use crate::app::{Figures, Warden};
use crate::config::Http;
use crate::delivery::{Chat, Delivery};

/// The HTTP server. Clones share it.
#[derive(Clone)]
pub struct Server {
    configured: Arc<Listening>,
    warden: Warden,
    address: SocketAddr,
    stopping: Arc<watch::Sender<bool>>,
}

impl Server {
    /// Starts to listen.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start<C: Chat>(
        at: SocketAddr,
        http: &Http,
        warden: Warden,
        delivery: Delivery<C>,
        limits: HttpLimits,
    ) -> io::Result<Self> {
        let socket = TcpListener::bind(at).await?;
        let address = socket.local_addr()?;
        if !address.ip().is_loopback() {
            tracing::warn!(http.address = %address, "other machines can reach the bot over plain HTTP: put a proxy with TLS before it");
        }
        let (stopping, told) = watch::channel(false);
        let listener = LimitedListener {
            socket,
            places: Arc::new(Semaphore::new(limits.connections)),
            within: limits.connection_within,
        };
        let configured = Arc::new(Listening {
            authenticator: RwLock::new(Arc::new(Authenticator::new(http, &warden))),
            figures: Figures::new(warden.clone(), http.per_instance),
        });
        let routes = router(Arc::clone(&configured), delivery, warden.clone(), limits);
        let serving = axum::serve(listener, routes).with_graceful_shutdown(stopped(told.clone()));
        tokio::spawn(async move {
            let too_late = async {
                stopped(told).await;
                sleep(limits.end_within).await;
            };
            tokio::select! {
                _ = serving => {}
                () = too_late => tracing::warn!("requests were cut off: they took too long for the end of the program"),
            }
        });
        let stopping = Arc::new(stopping);
        Ok(Self {
            configured,
            warden,
            address,
            stopping,
        })
    }

    /// Applies reread keys, rates and metrics settings. The address stays.
    pub fn configure(&self, http: &Http) {
        let new = Arc::new(Authenticator::new(http, &self.warden));
        let held = self.configured.authenticator.write();
        *held.unwrap_or_else(PoisonError::into_inner) = new;
        self.configured.figures.name_each(http.per_instance);
    }

    /// The bound address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting connections, and waits a limited time for requests under way.
    pub async fn stop(&self) {
        self.stopping.send_replace(true);
        // The last receiver is dropped when the serving task has ended.
        self.stopping.closed().await;
    }
}

async fn stopped(mut told: watch::Receiver<bool>) {
    // An error means that the server no longer exists, which is a stop too.
    let _ = told.wait_for(|stop| *stop).await;
}

/// A listener with a limit of concurrent connections and of their lifetime; further ones wait.
struct LimitedListener {
    socket: TcpListener,
    places: Arc<Semaphore>,
    within: Duration,
}

impl Listener for LimitedListener {
    type Io = LimitedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.socket).await;
        let stream = LimitedStream {
            stream,
            end: Box::pin(sleep(self.within)),
            _place: place,
        };
        (stream, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.socket.local_addr()
    }
}

/// A connection that fails at its deadline, however slowly its client sends or reads.
struct LimitedStream {
    stream: TcpStream,
    end: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl LimitedStream {
    /// The stream, until the deadline.
    fn in_time(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        match self.end.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(Pin::new(&mut self.stream)),
        }
    }
}

impl AsyncRead for LimitedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.in_time(context)?.poll_read(context, buffer)
    }
}

impl AsyncWrite for LimitedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.in_time(context)?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
