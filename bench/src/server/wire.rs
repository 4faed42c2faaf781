//! HTTP as a client speaks it: one connection, version 1.1 or 2, and what was answered.

use std::convert::Infallible;
use std::net::SocketAddr;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpStream;

pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A body that is there at once.
pub(crate) fn whole(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).boxed_unsync()
}

/// The version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

/// Sends on one connection. The connection lives as long as this.
pub(crate) enum Connection {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The word of a problem; empty when it is none.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// A text of the body, or what was answered instead.
    pub(crate) fn text(&self, field: &str) -> Result<String, String> {
        let found = self.json()[field].as_str().map(str::to_owned);
        found.ok_or_else(|| format!("no {field} in {self:?}"))
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, version: Version) -> Result<Connection, String> {
        let stream = TcpStream::connect(address).await.map_err(told)?;
        stream.set_nodelay(true).map_err(told)?;
        let io = TokioIo::new(stream);
        Ok(match version {
            Version::Http1 => {
                let (sender, connection) = http1::handshake(io).await.map_err(told)?;
                tokio::spawn(connection);
                Connection::Http1(sender)
            }
            Version::Http2 => {
                let executor = TokioExecutor::new();
                let (sender, connection) = http2::handshake(executor, io).await.map_err(told)?;
                tokio::spawn(connection);
                Connection::Http2(sender)
            }
        })
    }

    /// Whether the server may still take a request on it: an idle one is closed after a while.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Connection::Http1(sender) => !sender.is_closed(),
            Connection::Http2(sender) => !sender.is_closed(),
        }
    }

    /// Another sender on the same connection, where its version has streams.
    pub(crate) fn stream(&self) -> Option<Connection> {
        match self {
            Connection::Http1(_) => None,
            Connection::Http2(sender) => Some(Connection::Http2(sender.clone())),
        }
    }

    /// Sends and waits for the whole answer.
    pub(crate) async fn ask(&mut self, request: Request<Body>) -> Result<Answer, String> {
        let response = match self {
            Connection::Http1(sender) => {
                sender.ready().await.map_err(told)?;
                sender.send_request(request).await
            }
            Connection::Http2(sender) => {
                sender.ready().await.map_err(told)?;
                sender.send_request(request).await
            }
        };
        collect(response.map_err(told)?).await
    }
}

async fn collect(response: Response<Incoming>) -> Result<Answer, String> {
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(told)?.to_bytes();
    Ok(Answer { status, body })
}

/// A request as a program sends it. `key`: a credential, or nothing.
pub(crate) fn request(
    method: &str,
    address: SocketAddr,
    path: &str,
    key: &str,
    body: Body,
) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://{address}{path}"))
        .header("host", address.to_string())
        .header("content-type", "application/json");
    if !key.is_empty() {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    request.body(body).expect("a method, an address and headers of plain letters")
}

fn told(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text.push_str(&format!(": {one}"));
        cause = one.source();
    }
    text
}
