//! Stripe's own description of its API, and whether a request or an answer keeps to it: what is
//! required, which words there are, which type each field has. A field that it does not name is
//! wrong.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::testkit;

/// The specification whose version we speak.
pub(crate) const FILE: &str = "stripe-openapi-spec3-2026-05-27.json.zst";

pub(crate) struct Spec(Value);

/// The specification, read once; none without the testkit.
pub(crate) fn spec() -> Option<&'static Spec> {
    static SPEC: OnceLock<Option<Spec>> = OnceLock::new();
    let read = || Some(Spec(serde_json::from_slice(&testkit::read(FILE)?).unwrap()));
    SPEC.get_or_init(read).as_ref()
}

/// What a value is checked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Every number is a text.
    Fields,
    Json,
}

impl Spec {
    pub(crate) fn version(&self) -> &str {
        self.0["info"]["version"].as_str().unwrap()
    }

    pub(crate) fn schema(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    /// What is wrong with a request.
    pub(crate) fn check_request(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: &[u8],
    ) -> Vec<String> {
        let Some(operation) = self.operation(method, path) else {
            return vec![format!("there is no {method} {path}")];
        };
        let mut wrong = Vec::new();
        let media = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"];
        let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        self.check(&media["schema"], &nested(&fields), Form::Fields, "body", &mut wrong);
        let parameters: Vec<&Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["in"] == "query")
            .collect();
        let asked = nested(query);
        for (name, value) in asked.as_object().unwrap() {
            match parameters.iter().find(|one| one["name"] == *name) {
                Some(one) => self.check(&one["schema"], value, Form::Fields, name, &mut wrong),
                None => wrong.push(format!("query: {name} is no parameter")),
            }
        }
        let required = parameters.iter().filter(|one| one["required"] == true);
        for one in required.filter(|one| asked.get(one["name"].as_str().unwrap()).is_none()) {
            wrong.push(format!("query: {} is required", one["name"]));
        }
        wrong
    }

    /// What is wrong with a good answer.
    pub(crate) fn check_answer(&self, method: &str, path: &str, body: &Value) -> Vec<String> {
        let operation = self.operation(method, path).expect("the request was fine");
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let mut wrong = Vec::new();
        self.check(schema, body, Form::Json, "answer", &mut wrong);
        wrong
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.0["paths"].as_object().unwrap();
        let exact = paths.get(path);
        let found = exact.or_else(|| {
            let mut like = paths.iter().filter(|(template, _)| is_like(template, path));
            like.next().map(|(_, found)| found)
        });
        found?.get(method.to_ascii_lowercase())
    }

    fn check(&self, schema: &Value, value: &Value, form: Form, at: &str, wrong: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            let schema = self.schema(name.rsplit('/').next().unwrap());
            return self.check(schema, value, form, at, wrong);
        }
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let tried = choices.iter().map(|choice| {
                let mut wrong = Vec::new();
                self.check(choice, value, form, at, &mut wrong);
                wrong
            });
            if let Some(least) = tried.min_by_key(Vec::len) {
                wrong.extend(least);
            }
            return;
        }
        let is_open = schema.get("properties").is_none() && schema.get("type").is_none();
        match schema["type"].as_str() {
            None if is_open => {}
            Some("object") | None => self.check_object(schema, value, form, at, wrong),
            Some("array") => {
                let Some(items) = value.as_array() else {
                    return wrong.push(format!("{at}: {value} is no list"));
                };
                for item in items {
                    self.check(&schema["items"], item, form, &format!("{at}[]"), wrong);
                }
            }
            Some(kind) => check_plain(schema, kind, value, form, at, wrong),
        }
    }

    fn check_object(
        &self,
        schema: &Value,
        value: &Value,
        form: Form,
        at: &str,
        wrong: &mut Vec<String>,
    ) {
        let Some(fields) = value.as_object() else {
            return wrong.push(format!("{at}: {value} is no object"));
        };
        for name in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                wrong.push(format!("{at}: {name} is required"));
            }
        }
        for (name, value) in fields {
            let known = schema["properties"].get(name);
            let more = schema.get("additionalProperties").filter(|more| more.is_object());
            match known.or(more) {
                Some(schema) => self.check(schema, value, form, &format!("{at}.{name}"), wrong),
                None => wrong.push(format!("{at}: {name} is no field")),
            }
        }
    }
}

fn check_plain(
    schema: &Value,
    kind: &str,
    value: &Value,
    form: Form,
    at: &str,
    wrong: &mut Vec<String>,
) {
    let text = value.as_str();
    let is_fine = match (kind, form) {
        ("string", _) => text.is_some(),
        ("integer", Form::Fields) => text.is_some_and(|text| text.parse::<i64>().is_ok()),
        ("boolean", Form::Fields) => matches!(text, Some("true" | "false")),
        ("number", Form::Fields) => text.is_some_and(|text| text.parse::<f64>().is_ok()),
        ("integer", Form::Json) => value.is_i64(),
        ("boolean", Form::Json) => value.is_boolean(),
        ("number", Form::Json) => value.is_number(),
        _ => false,
    };
    if !is_fine {
        wrong.push(format!("{at}: {value} is no {kind}"));
    }
    let words = schema["enum"].as_array();
    if words.is_some_and(|words| !words.contains(value)) {
        wrong.push(format!("{at}: {value} is none of the words"));
    }
    let max = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
    if text.is_some_and(|text| max < u64::try_from(text.chars().count()).unwrap()) {
        wrong.push(format!("{at}: longer than {max}"));
    }
}

fn is_like(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(part, named)| part.starts_with('{') || part == named)
}

/// `a[b][0][c]=d` as objects in objects; an object whose names are numbers is a list.
pub(crate) fn nested(fields: &[(String, String)]) -> Value {
    let mut all = Value::Object(Map::new());
    for (name, value) in fields {
        let mut place = &mut all;
        for part in name.split(['[', ']']).filter(|part| !part.is_empty()) {
            place = &mut place[part];
        }
        // `expand[]` names no place: each is one more of a list.
        if name.ends_with("[]") {
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            place.as_array_mut().unwrap().push(Value::from(value.as_str()));
        } else {
            *place = Value::from(value.as_str());
        }
    }
    listed(all)
}

fn listed(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let is_list = !fields.is_empty() && fields.keys().all(|name| name.parse::<u32>().is_ok());
    if is_list {
        return fields.into_iter().map(|(_, value)| listed(value)).collect();
    }
    Value::Object(fields.into_iter().map(|(name, value)| (name, listed(value))).collect())
}
