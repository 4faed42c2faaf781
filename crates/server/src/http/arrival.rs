//! Takes in the body of a request, within its limits of size and time. Whoever serves the connection
//! may do it before the request is worked on; then a body that did not come whole is remembered here
//! until the route asks for it, which may have another answer.

use std::time::{Duration, Instant};

use axum::body::{Bytes, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use http_body_util::BodyExt;

use super::problem::Problem;
use crate::config::HttpConfig;

/// How much of a body that is too long is still taken in, so that the client hears our answer
/// instead of a broken connection.
const BODY_DRAIN_BYTES_MAX: usize = 16 << 20;

/// When the head of a request was there, if it had to wait after that. Found in its extensions.
#[derive(Debug, Clone, Copy)]
pub struct Arrived(pub Instant);

/// There was no place for a request. Found in its extensions.
#[derive(Debug, Clone, Copy)]
pub struct TurnedAway;

/// Why a body is not there. Found in the extensions of a request whose body was taken in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    Late,
    Incomplete,
    TooLong,
}

/// Reads a body to its end.
///
/// # Errors
/// Why it did not come whole.
pub async fn take_in<B>(body: B, config: &HttpConfig) -> Result<Bytes, Flaw>
where
    B: HttpBody<Data = Bytes> + Unpin,
{
    let time = Duration::from_millis(config.body_ms_max);
    let read = tokio::time::timeout(time, collect(body, config.body_bytes_max));
    read.await.unwrap_or(Err(Flaw::Late))
}

/// The body of a request, taken in before or now.
pub(super) async fn body_of(request: Request, config: &HttpConfig) -> Result<Bytes, Problem> {
    let read = match request.extensions().get::<Flaw>() {
        Some(flaw) => Err(*flaw),
        None => take_in(request.into_body(), config).await,
    };
    read.map_err(|flaw| match flaw {
        Flaw::Late => {
            let detail = "the body took too long to arrive";
            Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", detail)
        }
        Flaw::Incomplete => {
            let detail = "the body ended before it was whole";
            Problem::new(StatusCode::BAD_REQUEST, "body_incomplete", detail)
        }
        Flaw::TooLong => {
            let bytes_max = config.body_bytes_max;
            let detail = format!("a body has at most {bytes_max} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
                .with("bytesMax", bytes_max)
        }
    })
}

async fn collect<B>(mut body: B, bytes_max: usize) -> Result<Bytes, Flaw>
where
    B: HttpBody<Data = Bytes> + Unpin,
{
    let mut kept: Vec<u8> = vec![];
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Flaw::Incomplete) };
        let Some(data) = frame.data_ref() else { continue };
        length = length.saturating_add(data.len());
        if length <= bytes_max {
            kept.extend_from_slice(data);
        } else if BODY_DRAIN_BYTES_MAX < length {
            break;
        } else {
            kept = vec![];
        }
    }
    if bytes_max < length { Err(Flaw::TooLong) } else { Ok(kept.into()) }
}
