//! Bodies that may be left out: every field of theirs has a default. A body that is there is read
//! as strictly as any other.

use axum::body::HttpBody;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::arrival::Flaw;
use super::json::JsonBody;
use super::problem::Problem;
use crate::state::AppState;

/// A body of the shape `T`, or its default.
#[derive(Debug)]
pub struct OptionalBody<T> {
    pub value: T,
    /// As [`JsonBody::hash`]; empty for no body.
    pub hash: String,
}

/// A body that says nothing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<T: DeserializeOwned + Default> FromRequest<AppState> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let is_empty = request.body().size_hint().exact() == Some(0)
            && request.extensions().get::<Flaw>().is_none();
        if is_empty && !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(OptionalBody { value: T::default(), hash: String::new() });
        }
        let body = JsonBody::<T>::from_request(request, state).await?;
        let hash = body.hash();
        Ok(OptionalBody { value: body.value, hash })
    }
}
