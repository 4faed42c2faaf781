//! HTTP as the stand-in hears it: one request on a connection, byte by byte, so that an answer can be
//! kept back or lost after everything was done.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest request that is read.
const BYTES_MAX: usize = 1 << 20;

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    query: BTreeMap<String, String>,
    /// Names in small letters.
    headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    pub(super) fn parse(head: &str, body: String) -> Option<Request> {
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers = lines.filter_map(header).collect();
        Some(Request { method, path: path.to_owned(), query: fields(query), headers, body })
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn queried(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    pub(super) fn form(&self) -> BTreeMap<String, String> {
        fields(&self.body)
    }

    pub(super) fn is_write(&self) -> bool {
        self.method == "POST"
    }
}

fn fields(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// `None`: they left before they had said everything.
pub(super) async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
            let body = String::from_utf8(bytes[end + 4..].to_vec()).ok()?;
            let request = Request::parse(&head, body)?;
            let length = request.header("content-length").parse().unwrap_or(0);
            if length <= request.body.len() {
                return Some(request);
            }
        }
        let count = stream.read(&mut part).await.ok().filter(|count| 0 < *count)?;
        bytes.extend_from_slice(&part[..count]);
        if BYTES_MAX < bytes.len() {
            return None;
        }
    }
}

pub(super) async fn write(stream: &mut TcpStream, status: u16, body: &Value) {
    let body = body.to_string();
    let text = format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    // Who has left does not hear it.
    let _gone = stream.write_all(text.as_bytes()).await;
}

/// Says nothing until they leave.
pub(super) async fn wait_until_they_leave(stream: &mut TcpStream) {
    let mut part = [0; 64];
    while matches!(stream.read(&mut part).await, Ok(count) if 0 < count) {}
}
