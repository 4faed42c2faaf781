//! Which field did not fit, told in the words of the contract: reads the error that serde gives
//! for a body or a query. The texts of serde are its only form, so a test holds each of them.

use serde_path_to_error::Segment;

use super::problem::WrongField;
use super::strict::pointer_part;

/// Longest part of a client's own text that an answer repeats.
const ECHO_CHARACTERS_MAX: usize = 60;

/// Where parameters are named, not pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Body,
    Query,
}

/// # Panics
/// Never: an error in unknown words becomes `invalid_value`.
#[must_use]
pub fn wrong_field<E: std::error::Error>(
    error: &serde_path_to_error::Error<E>,
    part: Part,
) -> WrongField {
    let path: Vec<String> = error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { variant } => Some(variant.clone()),
            Segment::Unknown => None,
        })
        .collect();
    let told = error.inner().to_string();
    let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(text, _)| text);
    let Told { code, field, detail } = read(told);
    let mut path = path;
    // What is missing is not on the way to itself, even where the object around it has its name.
    if let Some(field) = field
        && (code == "missing_field" || path.last() != Some(&field))
    {
        path.push(field);
    }
    let pointer = match part {
        Part::Body => path.iter().map(|name| format!("/{}", pointer_part(name))).collect(),
        Part::Query => path.join("."),
    };
    WrongField { pointer, code: code.into(), detail }
}

struct Told {
    code: &'static str,
    /// The field that the text itself names.
    field: Option<String>,
    detail: String,
}

fn read(text: &str) -> Told {
    let quoted = |rest: &str| rest.split('`').next().map(short);
    let told = |code, field, detail: String| Told { code, field, detail };
    if let Some(rest) = text.strip_prefix("unknown field `") {
        return told("unknown_field", quoted(rest), format!("is not known here{}", known(rest)));
    }
    if let Some(rest) = text.strip_prefix("missing field `") {
        return told("missing_field", quoted(rest), "must be given".to_owned());
    }
    if let Some(rest) = text.strip_prefix("duplicate field `") {
        return told("duplicate_field", quoted(rest), "must be given once".to_owned());
    }
    if let Some(rest) = text.strip_prefix("unknown variant `") {
        let known = rest.split_once(", expected ").map_or("", |(_, known)| known);
        return told("invalid_value", None, format!("must be {}", known.replace('`', "")));
    }
    if let Some((_, expected)) = text.strip_prefix("invalid type: ").and_then(split_expected) {
        return told("invalid_type", None, format!("must be {}", in_words(expected)));
    }
    if let Some((_, expected)) = text.strip_prefix("invalid value: ").and_then(split_expected) {
        return told("invalid_value", None, format!("must be {}", in_words(expected)));
    }
    told("invalid_value", None, "is not a value that can stand here".to_owned())
}

/// Our own names for the fields that could have been meant.
fn known(rest: &str) -> String {
    match rest.split_once(", expected ") {
        Some((_, names)) => {
            let names = names.trim_start_matches("one of ").replace('`', "");
            format!("; known: {names}")
        }
        None => String::new(),
    }
}

fn split_expected(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once(", expected ")
}

/// What serde expected, without Rust in it.
fn in_words(expected: &str) -> String {
    let expected = expected.trim_end_matches(" or null");
    match expected {
        "i64" | "i32" | "i16" | "i8" => "a whole number".to_owned(),
        "u64" | "u32" | "u16" | "u8" | "usize" => "a whole number, 0 or more".to_owned(),
        "f64" | "f32" => "a number".to_owned(),
        "a string" | "str" | "string" => "a text".to_owned(),
        "a boolean" | "bool" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        other if other.starts_with("tuple ") => "a list".to_owned(),
        other if other.starts_with("enum ") || other.contains("variant") => "a text".to_owned(),
        other => short(other),
    }
}

fn short(text: &str) -> String {
    text.chars().take(ECHO_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is asked")]
    struct Ask {
        hotel_id: String,
        adults: Option<u8>,
        rooms: Option<BTreeMap<String, i64>>,
        lines: Option<Vec<Line>>,
        sort: Option<Sort>,
        is_open: Option<bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is asked")]
    struct Line {
        room_type: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Sort {
        Price,
        Distance,
    }

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let mut json = serde_json::Deserializer::from_str(body);
        let error = serde_path_to_error::deserialize::<_, Ask>(&mut json).expect_err("a flaw");
        let WrongField { pointer, code, detail } = wrong_field(&error, Part::Body);
        assert_eq!(format!("{code} {pointer}: {detail}"), expected);
    }

    #[test]
    fn every_misfit_names_its_field() {
        check("{}", "missing_field /hotelId: must be given");
        check("1", "invalid_type : must be an object");
        check(r#"{"hotelId": 1}"#, "invalid_type /hotelId: must be a text");
        check(r#"{"hotelId": null}"#, "invalid_type /hotelId: must be a text");
        check(
            r#"{"hotelId": "a", "adults": "2"}"#,
            "invalid_type /adults: must be a whole number, 0 or more",
        );
        for number in ["256", "-1"] {
            check(
                &format!(r#"{{"hotelId": "a", "adults": {number}}}"#),
                "invalid_value /adults: must be a whole number, 0 or more",
            );
        }
        check(
            r#"{"hotelId": "a", "isOpen": "yes"}"#,
            "invalid_type /isOpen: must be true or false",
        );
        check(
            r#"{"hotelId": "a", "rooms": {"A/B": 1.5}}"#,
            "invalid_type /rooms/A~1B: must be a whole number",
        );
        check(r#"{"hotelId": "a", "rooms": []}"#, "invalid_type /rooms: must be an object");
        check(r#"{"hotelId": "a", "lines": {}}"#, "invalid_type /lines: must be a list");
        check(
            r#"{"hotelId": "a", "lines": [{}]}"#,
            "missing_field /lines/0/roomType: must be given",
        );
        check(
            r#"{"hotelId": "a", "sort": "beauty"}"#,
            "invalid_value /sort: must be price or distance",
        );
        check(
            r#"{"hotelId": "a", "sort": 1}"#,
            "invalid_value /sort: is not a value that can stand here",
        );
    }

    #[test]
    fn an_unknown_field_is_named_with_those_that_are_known() {
        check(
            r#"{"hotelId": "a", "lines": [{"roomType": "a", "price": 1}]}"#,
            "unknown_field /lines/0/price: is not known here; known: roomType",
        );
    }
}
