//! HTTP as bytes on a connection of its own: a request that is known to be sent before its answer
//! is waited for, and an answer that counts only when it has come whole.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest wait for an answer that has to come, or for the connection to break.
const PATIENCE: Duration = Duration::from_secs(60);

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The server says that it has answered this before.
    pub(crate) is_replay: bool,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_else(|| panic!("no {field} in {self:?}"))
    }

    pub(crate) fn reservation(&self) -> &str {
        self.text("reservationId")
    }

    /// The same reservation in the same words, or the same refusal.
    pub(crate) fn says_the_same_as(&self, other: &Answer) -> bool {
        let is_same = match self.status {
            201 => self.body == other.body,
            _ => self.body["code"] == other.body["code"],
        };
        self.status == other.status && is_same
    }
}

/// One request on its way.
pub(crate) struct Asking(TcpStream);

impl Asking {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Asking> {
        Ok(Asking(TcpStream::connect(address).await?))
    }

    pub(crate) async fn post(self, path: &str, body: &str) -> Result<Asking> {
        self.post_as("", path, body).await
    }

    /// `credential` is a header line, or nothing.
    async fn post_as(self, credential: &str, path: &str, body: &str) -> Result<Asking> {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{credential}\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        self.send(&(head + body)).await
    }

    async fn send(mut self, text: &str) -> Result<Asking> {
        self.0.write_all(text.as_bytes()).await?;
        Ok(self)
    }

    /// # Errors
    /// When the connection broke before the last byte.
    pub(crate) async fn answer(mut self) -> Result<Answer> {
        let mut bytes = vec![];
        let read = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut bytes));
        read.await.expect("an answer or a broken connection comes in time")?;
        parse(&bytes).ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))
    }
}

/// Asks a live server.
pub(crate) async fn get(address: SocketAddr, path: &str, token: &str) -> Answer {
    let asking = Asking::connect(address).await.unwrap();
    let text = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    asking.send(&text).await.unwrap().answer().await.unwrap()
}

/// Tells a live server something.
pub(crate) async fn post(address: SocketAddr, path: &str, token: &str, body: &Value) -> Answer {
    let asking = Asking::connect(address).await.unwrap();
    let credential = format!("Authorization: Bearer {token}\r\n");
    let asking = asking.post_as(&credential, path, &body.to_string()).await;
    asking.unwrap().answer().await.unwrap()
}

/// `None` for a part of an answer.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let (head, body) = std::str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (its_name, value) = line.split_once(": ")?;
            its_name.eq_ignore_ascii_case(name).then_some(value)
        })
    };
    let length: usize = header("content-length")?.parse().ok()?;
    if body.len() != length {
        return None;
    }
    let is_replay = header("idempotency-replayed") == Some("true");
    Some(Answer { status, is_replay, body: serde_json::from_str(body).ok()? })
}
