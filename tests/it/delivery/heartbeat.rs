//! A dead-man's switch hears from the bot while it delivers, and not more often than it needs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use edition_warden::app::Warden;
use edition_warden::clock::Clock;
use edition_warden::delivery::{Delivery, DeliveryOptions};

use super::recording::settings;
use crate::harness::{Ears, instant};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_heard_every_five_minutes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hearing) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            stream.write_all(OK).unwrap();
            if heard.send(line).is_err() {
                return;
            }
        }
    });
    let store = crate::harness::new_store().await;
    let clock = Arc::new(Clock::manual(instant("2026-01-01T00:00:00Z")));
    let warden = Warden::new(store.clone(), Arc::clone(&clock), Arc::new(settings()));
    let delivery = Delivery::alone(warden, Ears::default(), DeliveryOptions::default());
    let url = format!("http://{address}/ping?key=hush");
    delivery.show_life(url.parse().unwrap());
    let running = tokio::spawn({
        let delivery = delivery.clone();
        async move { delivery.run().await }
    });
    let answer = Duration::from_secs(20);
    let line = hearing.recv_timeout(answer).unwrap();
    assert_eq!(line, "GET /ping?key=hush HTTP/1.1\r\n");
    for (later, beats) in [("00:04:59", false), ("00:05:00", true)] {
        let at = instant(&format!("2026-01-01T{later}Z"));
        clock.advance_to(at).unwrap();
        store.alarm().ring();
        let patience = if beats {
            answer
        } else {
            Duration::from_millis(300)
        };
        assert_eq!(hearing.recv_timeout(patience).is_ok(), beats, "{later}");
    }
    delivery.stop().await.unwrap();
    running.await.unwrap();
}
