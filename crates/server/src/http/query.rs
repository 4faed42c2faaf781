//! Reads query strings into the shape a handler asks for. That no unknown parameter stands there
//! is checked for every route of `/v1` in one layer, from the OpenAPI document itself.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};

use super::problem::{Problem, WrongField};
use super::shape::{self, Part};
use crate::state::AppState;

/// Longest query string, in bytes.
pub const QUERY_BYTES_MAX: usize = 8_192;

/// The query string in the shape of `T`.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Query)
    }
}

/// # Errors
/// The parameter that does not fit.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = pairs(query)?.into_iter().map(|(name, value)| (name, Value(value)));
    let map = MapDeserializer::<_, ValueError>::new(pairs);
    serde_path_to_error::deserialize(map).map_err(|error| {
        let field = shape::wrong_field(&error, Part::Query);
        Problem::wrong_fields(StatusCode::BAD_REQUEST, vec![field])
    })
}

/// The parameters in order, each decoded and named once.
fn pairs(query: &str) -> Result<Vec<(String, String)>, Problem> {
    if QUERY_BYTES_MAX < query.len() {
        let detail = format!("the query has at most {QUERY_BYTES_MAX} bytes");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "query_too_long", detail));
    }
    let mut found: Vec<(String, String)> = vec![];
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        // Bytes that are no UTF-8 were replaced, which nobody typed.
        if [&name, &value].iter().any(|text| text.contains(['\0', '\u{fffd}'])) {
            let name = name.replace(['\0', '\u{fffd}'], "?");
            return Err(Problem::wrong_field(name, "invalid_text", "must be plain UTF-8 text"));
        }
        if found.iter().any(|(seen, _)| *seen == name) {
            return Err(Problem::wrong_field(name, "duplicate_parameter", "must be given once"));
        }
        found.push((name.into_owned(), value.into_owned()));
    }
    Ok(found)
}

/// Query parameters by method and route template, as the OpenAPI document has them.
pub type KnownParameters = BTreeMap<(String, String), Vec<String>>;

/// Refuses parameters that the route does not know, wherever the route is under `/v1`.
pub async fn layer(
    State(known): State<std::sync::Arc<KnownParameters>>,
    request: Request,
    next: Next,
) -> Response {
    match unknown(&known, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn unknown(known: &KnownParameters, request: &Request) -> Result<(), Problem> {
    let Some(query) = request.uri().query() else { return Ok(()) };
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let Some(route) = route.filter(|route| route.starts_with("/v1")) else { return Ok(()) };
    let method = match request.method().as_str() {
        "HEAD" => "GET",
        method => method,
    };
    // A method that the route does not have is answered by the route.
    let Some(known) = known.get(&(method.to_owned(), route.to_owned())) else { return Ok(()) };
    let mut wrong = vec![];
    for (name, _) in pairs(query)? {
        if !known.contains(&name) {
            let detail = if known.is_empty() {
                "is not known here; this route has no parameters".to_owned()
            } else {
                format!("is not known here; known: {}", known.join(", "))
            };
            let pointer = name.chars().take(100).collect();
            wrong.push(WrongField { pointer, code: "unknown_parameter".into(), detail });
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Problem::wrong_fields(StatusCode::BAD_REQUEST, wrong))
}

/// A value of the query: text that may be read as a number or as yes and no.
struct Value(String);

impl<'de> IntoDeserializer<'de, ValueError> for Value {
    type Deserializer = Value;

    fn into_deserializer(self) -> Value {
        self
    }
}

/// Hands the text to the visitor as `$type`; text that is none goes as text, which it refuses.
macro_rules! read_as {
    ($($method:ident $type:ty => $visit:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            match self.0.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => visitor.visit_string(self.0),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    read_as! {
        deserialize_bool bool => visit_bool,
        deserialize_i8 i64 => visit_i64,
        deserialize_i16 i64 => visit_i64,
        deserialize_i32 i64 => visit_i64,
        deserialize_i64 i64 => visit_i64,
        deserialize_u8 u64 => visit_u64,
        deserialize_u16 u64 => visit_u64,
        deserialize_u32 u64 => visit_u64,
        deserialize_u64 u64 => visit_u64,
        deserialize_f32 f64 => visit_f64,
        deserialize_f64 f64 => visit_f64,
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Ask {
        location_id: String,
        limit: Option<u8>,
        min_price: Option<i64>,
        lat: Option<f64>,
        #[serde(default)]
        sort: Sort,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    enum Sort {
        #[default]
        Price,
        Rating,
    }

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let problem = parse::<Ask>(query).expect_err("a flaw");
        assert_eq!(format!("{} {}", problem.code(), problem.detail()), expected);
    }

    #[test]
    fn parameters_are_read_as_what_they_are() {
        let ask: Ask = parse("locationId=s%C3%A3o+paulo&limit=5&lat=-1.5&sort=rating").expect("ok");
        let expected = Ask {
            location_id: "são paulo".to_owned(),
            limit: Some(5),
            min_price: None,
            lat: Some(-1.5),
            sort: Sort::Rating,
        };
        assert_eq!(ask, expected);
    }

    #[test]
    fn a_parameter_that_does_not_fit_is_named() {
        check("", "missing_field locationId must be given");
        check("locationId=a&limit=many", "invalid_type limit must be a whole number, 0 or more");
        check("locationId=a&limit=256", "invalid_value limit must be a whole number, 0 or more");
        check("locationId=a&minPrice=1.5", "invalid_type minPrice must be a whole number");
        check("locationId=a&sort=x", "invalid_value sort must be price or rating");
        check("locationId=a&locationId=b", "duplicate_parameter locationId must be given once");
        check("locationId=%ff", "invalid_text locationId must be plain UTF-8 text");
        check("locationId=a%00", "invalid_text locationId must be plain UTF-8 text");
    }

    #[test]
    fn a_query_has_a_longest_length() {
        let problem = parse::<Ask>(&"a".repeat(QUERY_BYTES_MAX + 1)).expect_err("a flaw");
        assert_eq!(problem.code(), "query_too_long");
    }
}
