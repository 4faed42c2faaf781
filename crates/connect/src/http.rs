//! HTTP to a provider: a pool of connections, TLS by rustls with the roots that browsers trust, and
//! limits on time and on the length of an answer. Follows no redirect and repeats nothing: who gets
//! [`Failure::Unknown`] decides whether to ask again.

use std::sync::Arc;
use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use serde::de::DeserializeOwned;

use crate::payments::failure::Failure;

/// Longest wait while a guest waits with us: for an order, or for how a payment stands.
pub(crate) const GUEST_MS_MAX: u64 = 4_500;
/// Longest wait in a job: for a capture, a void or a refund.
pub(crate) const JOB_MS_MAX: u64 = 9_000;
/// Longest wait for a connection.
const CONNECT_MS_MAX: u64 = 2_000;
/// Longest answer that is read: a page of a hundred orders is a tenth of it.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Connections to one provider that wait for the next call.
const IDLE_CONNECTIONS_MAX: usize = 16;

/// No client could be made of these settings.
#[derive(Debug, thiserror::Error)]
#[error("set up calls to {base_url}: {source}")]
pub struct ClientFault {
    base_url: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Calls to one provider.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base_url: String,
}

/// An answer that was read to its end, whatever it says.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    body: Vec<u8>,
    attempted: &'static str,
}

impl Client {
    /// `base_url` without a slash at the end.
    pub(crate) fn new(base_url: &str) -> Result<Client, ClientFault> {
        let fault = |source| ClientFault { base_url: base_url.to_owned(), source };
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| fault(error.into()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(Duration::from_millis(CONNECT_MS_MAX))
            .timeout(Duration::from_millis(JOB_MS_MAX))
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("vacancy/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| fault(error.into()))?;
        Ok(Client { http, base_url: base_url.to_owned() })
    }

    /// `path` with its query, already encoded.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.base_url))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.base_url))
    }
}

/// Sends, and reads the answer. Whatever goes wrong on the way is an unknown outcome.
pub(crate) async fn send(
    attempted: &'static str,
    request: RequestBuilder,
) -> Result<Reply, Failure> {
    let lost = |error: reqwest::Error| unknown(attempted, error.without_url());
    let mut response = request.send().await.map_err(lost)?;
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(lost)? {
        if ANSWER_BYTES_MAX < body.len() + part.len() {
            return Err(unknown(attempted, "the answer is too long"));
        }
        body.extend_from_slice(&part);
    }
    Ok(Reply { status: response.status().as_u16(), body, attempted })
}

/// Gives up a call that takes too long.
pub(crate) async fn within<T>(
    attempted: &'static str,
    ms_max: u64,
    call: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(Duration::from_millis(ms_max), call).await {
        Ok(answer) => answer,
        Err(elapsed) => Err(unknown(attempted, elapsed)),
    }
}

impl Reply {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it may have happened, or may happen yet: what the provider says is no answer to
    /// what we asked.
    pub(crate) fn is_unsure(&self) -> bool {
        // 409: the same key is being worked on. The rest are not about us.
        matches!(self.status, 408 | 409 | 425 | 429)
            || !(200..500).contains(&self.status)
            || (300..400).contains(&self.status)
    }

    /// The body; one that cannot be read tells nothing.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| unknown(self.attempted, error))
    }

    /// What an unsure answer is to the caller.
    pub(crate) fn unknown(&self) -> Failure {
        unknown(self.attempted, format!("status {}", self.status))
    }
}

pub(crate) fn unknown(
    attempted: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Failure {
    Failure::Unknown { attempted, source: Some(source.into()) }
}

/// One part of a path or query, so that nothing in it means more than itself.
pub(crate) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
