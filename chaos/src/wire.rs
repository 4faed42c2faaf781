//! HTTP as bytes on a connection of its own: an answer counts only when it has come whole.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Trouble;

/// Longest wait for an answer that has to come, or for the connection to break.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A request that may be sent any number of times.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    headers: Vec<(&'static str, String)>,
    body: Value,
    form: Option<&'static str>,
}

impl Ask {
    pub(crate) fn get(path: String) -> Ask {
        Ask { method: "GET", path, headers: Vec::new(), body: Value::Null, form: None }
    }

    pub(crate) fn post(path: String, body: &Value) -> Ask {
        Ask { method: "POST", path, headers: Vec::new(), body: body.clone(), form: None }
    }

    /// What a page of ours sends.
    pub(crate) fn form(path: String, form: &'static str) -> Ask {
        let ask =
            Ask { method: "POST", path, headers: Vec::new(), body: Value::Null, form: Some(form) };
        ask.with("sec-fetch-site", "same-origin")
    }

    pub(crate) fn by(self, token: &str) -> Ask {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn key(self, key: &str) -> Ask {
        self.with("idempotency-key", key)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Ask {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn at(mut self, path: &str) -> Ask {
        self.path = path.to_owned();
        self
    }

    pub(crate) fn remove(&mut self, fields: &[&str]) {
        if let Some(body) = self.body.as_object_mut() {
            body.retain(|name, _| !fields.contains(&name.as_str()));
        }
    }

    fn text(&self) -> String {
        let Ask { method, path, .. } = self;
        let (kind, body) = match self.form {
            Some(form) => ("application/x-www-form-urlencoded", form.to_owned()),
            None if self.body.is_null() => ("application/json", String::new()),
            None => ("application/json", self.body.to_string()),
        };
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len()));
        }
        text + "\r\n" + &body
    }
}

/// A whole answer. The body of a page is a text and no value.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The server says that it has answered this before.
    pub(crate) is_replay: bool,
    /// Whether it says when to come again.
    pub(crate) has_retry_after: bool,
    pub(crate) body: Value,
    pub(crate) text_body: String,
}

impl Answer {
    pub(crate) fn text(&self, field: &str) -> std::result::Result<String, Trouble> {
        let text = self.body[field].as_str().map(str::to_owned);
        text.ok_or_else(|| format!("no {field} in {self:?}").into())
    }
}

/// # Errors
/// When there is no server, or the connection broke before the last byte.
pub(crate) async fn ask(address: SocketAddr, ask: &Ask) -> Result<Answer> {
    ask_within(address, ask, PATIENCE).await
}

/// Leaves when there is no answer for so long.
///
/// # Errors
/// When there is no server, the connection broke before the last byte, or it took too long.
pub(crate) async fn ask_within(
    address: SocketAddr,
    ask: &Ask,
    time_max: Duration,
) -> Result<Answer> {
    let work = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(ask.text().as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        parse(&bytes).ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))
    };
    tokio::time::timeout(time_max, work).await.map_err(|_| Error::from(ErrorKind::TimedOut))?
}

/// Bytes of a request.
pub(crate) fn length(ask: &Ask) -> usize {
    ask.text().len()
}

/// Sends so many bytes of a request, hears so many of its answer, and leaves.
///
/// # Errors
/// When there is no server. A server that hangs up first is what is asked for.
pub(crate) async fn leave(address: SocketAddr, ask: &Ask, sent: usize, heard: usize) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let text = ask.text();
    stream.write_all(&text.as_bytes()[..sent.min(text.len())]).await?;
    let mut bytes = vec![0; heard];
    let _hung_up_first = tokio::time::timeout(PATIENCE, stream.read_exact(&mut bytes)).await;
    Ok(())
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
    let length: usize = header("content-length").unwrap_or("0").parse().ok()?;
    if body.len() != length {
        return None;
    }
    let is_replay = header("idempotency-replayed") == Some("true");
    let has_retry_after = header("retry-after").is_some();
    let value = serde_json::from_str(body).unwrap_or(Value::Null);
    Some(Answer { status, is_replay, has_retry_after, body: value, text_body: body.to_owned() })
}
