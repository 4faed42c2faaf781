//! The one form of every answer that is not a success: `application/problem+json` (RFC 9457).
//! A handler returns a `Problem`; it becomes bytes in one layer, which knows the trace id.
//! Nothing of the inside may get in: a fault is carried for the log only.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vacancy_store::faults::Fault;

use super::trace::Trace;
use crate::pages::problems::Wanted;

pub const PROBLEM_JSON: &str = "application/problem+json";

/// Most wrong fields that one answer names.
pub const FIELDS_MAX: usize = 50;

/// What went wrong, for a program (`code`), for a person (`detail`), and for us (`fault`). Boxed,
/// because almost every function that may give one gives something small instead.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    errors: Vec<WrongField>,
    data: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    fault: Option<Fault>,
}

/// One field that cannot be what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WrongField {
    /// A JSON pointer into the body, as `/lines/0/units`, or the name of a parameter or header.
    #[schema(example = "/checkInDate")]
    pub pointer: String,
    #[schema(example = "invalid_date")]
    pub code: Cow<'static, str>,
    /// For people.
    #[schema(example = "must be a date as 2027-03-10")]
    pub detail: String,
}

/// What an error looks like; further members carry the data of its reasons.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub struct ProblemBody<'a> {
    /// Stable name of the kind of problem.
    #[schema(example = "urn:vacancy:problem:sold_out")]
    r#type: String,
    /// The kind of problem in words; the same for every problem of the kind.
    #[schema(example = "Sold out")]
    title: String,
    #[schema(example = 409)]
    status: u16,
    /// Stable code for programs.
    #[schema(example = "sold_out")]
    code: &'a str,
    /// What happened here, for people.
    detail: &'a str,
    /// Quote it when you ask for help; the log has the rest.
    #[schema(example = "0af7651916cd43dd8448eb211c80319c")]
    trace_id: &'a str,
    /// The fields that are wrong, if fields are.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [WrongField],
    #[serde(flatten)]
    #[schema(ignore)]
    data: &'a Map<String, Value>,
}

impl Problem {
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Problem {
        Problem(Box::new(Parts {
            status,
            code: code.into(),
            detail: detail.into(),
            errors: vec![],
            data: Map::new(),
            headers: vec![],
            fault: None,
        }))
    }

    /// A request that cannot be read: one field is wrong, and the problem has its code.
    #[must_use]
    pub fn wrong_field(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Problem {
        let field =
            WrongField { pointer: pointer.into(), code: code.into(), detail: detail.into() };
        Problem::wrong_fields(StatusCode::BAD_REQUEST, vec![field])
    }

    /// Several fields are wrong; one alone gives the problem its code.
    #[must_use]
    pub fn wrong_fields(status: StatusCode, mut fields: Vec<WrongField>) -> Problem {
        fields.truncate(FIELDS_MAX);
        let code = match fields.as_slice() {
            [only] => only.code.clone(),
            [] | [_, _, ..] => Cow::Borrowed("invalid_request"),
        };
        let detail = match fields.as_slice() {
            [only] if only.pointer.is_empty() => format!("the body {}", only.detail),
            [only] => format!("{} {}", only.pointer, only.detail),
            [] => "the request is not as it must be".to_owned(),
            [_, _, ..] => format!("{} fields are not as they must be", fields.len()),
        };
        let mut problem = Problem::new(status, code, detail);
        problem.0.errors = fields;
        problem
    }

    #[must_use]
    pub fn not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here that you may see")
    }

    /// A named part of the reason.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.0.data.insert(name.to_owned(), value.into());
        self
    }

    /// A field that is to blame, beside the reason.
    #[must_use]
    pub fn blaming(mut self, pointer: &str) -> Problem {
        let (code, detail) = (self.0.code.clone(), self.0.detail.clone().into_owned());
        self.0.errors.push(WrongField { pointer: pointer.to_owned(), code, detail });
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.headers.push((name, value));
        self
    }

    /// When to come again: whole seconds, one at least.
    #[must_use]
    pub fn retry_after_ms(self, ms: i64) -> Problem {
        let seconds = (ms.max(0) + 999) / 1_000;
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// The cause, for the log.
    #[must_use]
    pub fn because(mut self, fault: Fault) -> Problem {
        self.0.fault = Some(fault);
        self
    }

    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_ref()
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// For people, also on pages.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// For people: `Sold out`.
    #[must_use]
    pub fn title(&self) -> String {
        let words = self.0.code.replace('_', " ");
        let mut letters = words.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    }

    fn to_json(&self, trace_id: &str) -> Vec<u8> {
        let body = ProblemBody {
            r#type: format!("urn:vacancy:problem:{}", self.0.code),
            title: self.title(),
            status: self.0.status.as_u16(),
            code: &self.0.code,
            detail: &self.0.detail,
            trace_id,
            errors: &self.0.errors,
            data: &self.0.data,
        };
        serde_json::to_vec(&body).expect("text, numbers and lists become JSON")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        for (name, value) in &self.0.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Writes the body of every problem that passes: for people at a browser as a page.
pub async fn layer(request: Request, next: Next) -> Response {
    let trace = request.extensions().get::<Trace>().map(Trace::id).unwrap_or_default();
    let wanted_page = Wanted::of(&request);
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions().get::<Arc<Problem>>() {
        if let Some(page) = wanted_page {
            let problem = Arc::clone(problem);
            page.dress(&mut response, &problem, &trace);
            return response;
        }
        let body = problem.to_json(&trace);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        let kind = HeaderValue::from_static(PROBLEM_JSON);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        *response.body_mut() = Body::from(body);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_every_member_of_the_standard() {
        let problem = Problem::new(StatusCode::CONFLICT, "sold_out", "no night has two rooms")
            .with("roomsLeft", 1)
            .blaming("/rooms");
        let json: Value = serde_json::from_slice(&problem.to_json("abc")).expect("JSON");
        let expected = serde_json::json!({
            "type": "urn:vacancy:problem:sold_out",
            "title": "Sold out",
            "status": 409,
            "code": "sold_out",
            "detail": "no night has two rooms",
            "traceId": "abc",
            "errors": [
                {"pointer": "/rooms", "code": "sold_out", "detail": "no night has two rooms"}
            ],
            "roomsLeft": 1,
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn one_wrong_field_names_the_problem_and_two_share_a_name() {
        assert_eq!(Problem::wrong_field("/a", "too_long", "is too long").code(), "too_long");
        let field = |code| WrongField { pointer: "/a".into(), code, detail: String::new() };
        let two = vec![field("too_long".into()), field("missing".into())];
        let two = Problem::wrong_fields(StatusCode::BAD_REQUEST, two);
        assert_eq!(two.code(), "invalid_request");
    }

    #[test]
    fn a_client_is_never_told_to_come_again_at_once() {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "").retry_after_ms(1);
        assert_eq!(problem.into_response().headers()[header::RETRY_AFTER], "1");
    }
}
