//! The WebSocket end: one task a connection, which only carries what the world decides.

pub(crate) mod session;
mod talk;

use std::io::Write as _;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

use super::world::Shared;

/// What a connection is told to do.
#[derive(Debug, Clone)]
pub(crate) enum Out {
    Frame(Value),
    /// From now on frames are compressed, each by itself.
    Compress,
    Close(u16, &'static str),
    /// The socket is gone without a word.
    Cut,
    /// A zombie: open, but nothing is heard or said any more.
    Die,
}

pub(crate) async fn serve(shared: Shared, mut socket: WebSocket) {
    let (sender, mut outbox) = unbounded_channel();
    let link = shared.touch(|world| world.link_opens(sender));
    let (mut compress, mut dead) = (false, false);
    loop {
        tokio::select! {
            out = outbox.recv() => match out {
                Some(Out::Frame(_)) if dead => {}
                Some(Out::Frame(frame)) => {
                    if socket.send(encode(&frame, compress)).await.is_err() {
                        break;
                    }
                }
                Some(Out::Compress) => compress = true,
                Some(Out::Die) => dead = true,
                Some(Out::Close(code, reason)) => {
                    let frame = CloseFrame { code, reason: reason.into() };
                    let _ = socket.send(Message::Close(Some(frame))).await;
                    break;
                }
                Some(Out::Cut) | None => break,
            },
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(_) | Message::Binary(_))) if dead => {}
                Some(Ok(Message::Text(text))) => shared.touch(|world| world.link_hears(link, &text)),
                Some(Ok(Message::Binary(bytes))) => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    shared.touch(|world| world.link_hears(link, &text));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
        }
    }
    shared.touch(|world| world.link_closes(link));
}

fn encode(frame: &Value, compress: bool) -> Message {
    let text = frame.to_string();
    if !compress {
        return Message::text(text);
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    Message::binary(encoder.finish().unwrap())
}
