//! The OpenAPI document: written by the handlers themselves, finished here with what all routes
//! share (problems, headers, credentials). Served as it is kept in the repository.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr,
    tag::TagBuilder,
};

use super::problem::{PROBLEM_JSON, ProblemBody, WrongField};
use super::query::KnownParameters;
use super::{operate, router};

/// The tags in the order of the guide, with what they are for.
const TAGS: [(&str, &str); 6] = [
    ("Find", "Places, hotels, what is free and what it costs."),
    ("Book", "Reservations from the first hold to check-out, and bare holds for integrators."),
    ("Pay", "Orders, confirmations, refunds, and what providers tell us."),
    ("Run a business", "Hotels, room types, rooms, stock, prices and rules."),
    ("Access", "Businesses and their API keys."),
    (operate::TAG, "Health, measurements, version, this document."),
];

const ABOUT: &str = "Book places without double booking, lost booking, or money without a \
    booking.\n\nAmounts are whole minor units (`{\"amount\": 1120000, \"currency\": \"INR\"}`), \
    days are `YYYY-MM-DD` at the property with check-out exclusive, instants are RFC 3339 in \
    UTC. Unknown fields and unknown query parameters are refused. Every error is a problem \
    (RFC 9457) with a stable `code` and a `traceId`. `503 outcome_unknown` means: repeat it with \
    the same key or `requestId`.";

/// Answers that any route under `/v1` may give beside its own, with or without a body.
const COMMON: [(&str, &str); 9] = [
    ("400", "Malformed: the fields or parameters are named"),
    ("401", "The credential is missing where one is needed, or opens nothing"),
    ("403", "The credential does not allow it"),
    ("404", "There is no such thing, or you may not know that there is"),
    ("406", "Nothing in the form that `Accept` asks for"),
    ("422", "Well formed and impossible: the fields or parameters are named"),
    ("429", "Too many requests; `Retry-After` says when to come again"),
    ("500", "Something broke on our side; quote the trace id"),
    ("503", "Too much is waiting, or the outcome is unknown; see `Retry-After`"),
];

/// Further ones of routes that take a body.
const WITH_BODY: [(&str, &str); 3] = [
    ("408", "The body took too long to arrive"),
    ("413", "The body is too large"),
    ("415", "The body is not `application/json` in UTF-8"),
];

/// The finished document.
#[must_use]
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let document = router::api().into_openapi();
        let mut document = serde_json::to_value(document).expect("an OpenAPI document is JSON");
        finish(&mut document);
        document
    });
    &DOCUMENT
}

/// The document as text, the same for `/openapi.json`, `vacancy openapi` and the kept snapshot.
#[must_use]
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let text = serde_json::to_string_pretty(document()).expect("JSON becomes text");
        text + "\n"
    });
    &TEXT
}

/// This document
#[utoipa::path(
    get, path = "/openapi.json", tag = operate::TAG, operation_id = "getOpenapi",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
pub async fn show() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, text()).into_response()
}

/// What stands in the document before any route is added.
pub(super) fn skeleton() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Vacancy")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .contact(Some(ContactBuilder::new().name(Some("The operator of this server")).build()))
        .license(Some(LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).build()))
        .build();
    let bearer = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "An API key (`vk_live_…`), or the guest token of one reservation (`vg_…`).",
        ))
        .build();
    let mut schemas = vec![];
    ProblemBody::schemas(&mut schemas);
    WrongField::schemas(&mut schemas);
    let components = ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .schema(ProblemBody::name(), <ProblemBody as utoipa::PartialSchema>::schema())
        .schema(WrongField::name(), <WrongField as utoipa::PartialSchema>::schema())
        .schemas_from_iter(schemas)
        .build();
    let tags =
        TAGS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build());
    OpenApiBuilder::new().info(info).components(Some(components)).tags(Some(tags)).build()
}

/// Adds to every operation what no handler needs to repeat.
fn finish(document: &mut Value) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        for operation in operations_of(item) {
            add_answers(path, operation);
        }
    }
}

fn operations_of(item: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];
    item.as_object_mut()
        .into_iter()
        .flatten()
        .filter(|(name, _)| METHODS.contains(&name.as_str()))
        .filter_map(|(_, operation)| operation.as_object_mut())
}

fn add_answers(path: &str, operation: &mut Map<String, Value>) {
    let has_body = operation.contains_key("requestBody");
    let has_credential = operation.contains_key("security");
    let is_versioned = path.starts_with("/v1");
    let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    let own = ["429", "500", "503"];
    let common = COMMON.iter().filter(|(status, _)| {
        is_versioned || own.contains(status) || (has_credential && ["401", "403"].contains(status))
    });
    for (status, about) in common.chain(WITH_BODY.iter().filter(|_| has_body)) {
        answers.entry(*status).or_insert_with(|| json!({"description": about}));
    }
    for (status, answer) in answers {
        finish_answer(status, answer);
    }
}

/// A failure without a body of its own is a problem; every answer says which trace it belongs to.
fn finish_answer(status: &str, answer: &mut Value) {
    let Some(answer) = answer.as_object_mut() else { return };
    if status.starts_with(['4', '5']) && !answer.contains_key("content") {
        let problem = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
        answer.insert("content".to_owned(), json!({ PROBLEM_JSON: problem }));
    }
    let headers = answer.entry("headers").or_insert_with(|| json!({}));
    let Some(headers) = headers.as_object_mut() else { return };
    let text = |about: &str| json!({"description": about, "schema": {"type": "string"}});
    headers.entry("X-Trace-Id").or_insert_with(|| text("Names this request in our logs."));
    if ["429", "503"].contains(&status) {
        headers.entry("Retry-After").or_insert_with(
            || json!({"description": "Seconds to wait.", "schema": {"type": "integer"}}),
        );
    }
}

/// Which query parameters each route knows, by method and template.
#[must_use]
pub fn known_parameters(document: &OpenApi) -> KnownParameters {
    let mut known = KnownParameters::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in [
            ("GET", &item.get),
            ("PUT", &item.put),
            ("POST", &item.post),
            ("DELETE", &item.delete),
            ("PATCH", &item.patch),
        ] {
            let Some(operation) = operation else { continue };
            let parameters = operation.parameters.iter().flatten();
            let names = parameters
                .filter_map(|parameter| match parameter {
                    RefOr::T(own) if own.parameter_in == ParameterIn::Query => Some(&own.name),
                    // Every parameter of ours stands where it is used.
                    RefOr::T(_) | RefOr::Ref(_) => None,
                })
                .cloned()
                .collect();
            known.insert((method.to_owned(), path.clone()), names);
        }
    }
    known
}
