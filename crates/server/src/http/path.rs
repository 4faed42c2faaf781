//! Ids out of the path. Text that cannot be an id of ours names nothing: `404`, like any unknown
//! one, so that nobody learns what ids look like from the difference.

use axum::extract::{FromRequestParts, Path as AxumPath};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::state::AppState;

/// The parts of the path in the shape of `T`: one text, or a tuple of them.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let read = AxumPath::<T>::from_request_parts(parts, state).await;
        let AxumPath(value) = read.map_err(|_| Problem::not_found())?;
        Ok(Path(value))
    }
}
