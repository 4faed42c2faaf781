//! Reads request schemas of the OpenAPI document: which fields there are, what may stand in them,
//! and a body that fits. Asks nothing of the server.

use serde_json::{Map, Value, json};
use vacancy_server::http::openapi;

/// How deep schemas are followed; no request nests deeper.
const DEPTH_MAX: usize = 6;
/// A key of objects whose keys are free: a room type.
pub(crate) const FREE_KEY: &str = "STANDARD";

/// A field of a body: where it stands and what may stand there.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) path: Vec<String>,
    pub(crate) schema: &'static Value,
}

impl Field {
    pub(crate) fn pointer(&self) -> String {
        self.path.iter().map(|name| format!("/{name}")).collect()
    }

    /// The types that may stand here.
    pub(crate) fn types(&self) -> Vec<&'static str> {
        types_of(self.schema)
    }

    /// A limit of the schema behind references.
    pub(crate) fn limit(&self, name: &str) -> Option<i64> {
        resolved(self.schema)[name].as_i64()
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'static str> {
        resolved(self.schema)[name].as_str()
    }

    pub(crate) fn item(&self) -> Value {
        sample(&resolved(self.schema)["items"])
    }

    /// Names that must be there if this is an object.
    pub(crate) fn required(&self) -> Vec<&'static str> {
        required_of(resolved(self.schema))
    }

    /// Whether this is an object with names of its own.
    pub(crate) fn is_closed(&self) -> bool {
        resolved(self.schema)["additionalProperties"] == false
    }
}

/// The body itself, then every field in it.
pub(crate) fn fields_of(schema: &'static Value) -> Vec<Field> {
    let mut found = vec![Field { path: vec![], schema }];
    let mut at = 0;
    while at < found.len() {
        let Field { path, schema } = found[at].clone();
        if path.len() < DEPTH_MAX {
            found.extend(inner(schema).into_iter().map(|(name, schema)| {
                let path = [path.clone(), vec![name]].concat();
                Field { path, schema }
            }));
        }
        at += 1;
    }
    found
}

/// What stands directly in an object or a list.
fn inner(schema: &'static Value) -> Vec<(String, &'static Value)> {
    let schema = resolved(schema);
    let named = schema["properties"].as_object().into_iter().flatten();
    let mut found: Vec<_> = named.map(|(name, inner)| (name.clone(), inner)).collect();
    if schema["additionalProperties"].is_object() {
        found.push((FREE_KEY.to_owned(), &schema["additionalProperties"]));
    }
    if schema["items"].is_object() {
        found.push(("0".to_owned(), &schema["items"]));
    }
    found
}

/// A body that fits: the document's own example, or what must be there.
pub(crate) fn sample(schema: &'static Value) -> Value {
    let own = &schema["example"];
    let schema = resolved(schema);
    let example = if own.is_null() { &schema["example"] } else { own };
    if !example.is_null() {
        return example.clone();
    }
    match (schema["type"].as_str().or(types_of(schema).first().copied()), &schema["format"]) {
        (Some("string"), format) if format == "date" => json!("2027-03-10"),
        (Some("string"), format) if format == "uuid" => {
            json!("0192f3a4-b5c6-7d8e-9f01-23456789abcd")
        }
        (Some("string"), _) => json!(FREE_KEY),
        (Some("integer" | "number"), _) => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
        (Some("boolean"), _) => json!(false),
        (Some("array"), _) => json!([sample(&schema["items"])]),
        _ => object(schema),
    }
}

fn object(schema: &'static Value) -> Value {
    let mut body = Map::new();
    for name in required_of(schema) {
        body.insert(name.to_owned(), sample(&schema["properties"][name]));
    }
    if schema["additionalProperties"].is_object() {
        body.insert(FREE_KEY.to_owned(), sample(&schema["additionalProperties"]));
    }
    body.into()
}

/// Puts a value in its place; what is missing on the way is made as it must be.
pub(crate) fn put(body: &mut Value, field: &Field, root: &'static Value, value: Value) {
    let (mut place, mut schema) = (body, root);
    for name in &field.path {
        let (_, next) = inner(schema).into_iter().find(|(own, _)| own == name).unwrap();
        place = if let Value::Array(list) = place {
            if list.is_empty() {
                list.push(sample(next));
            }
            &mut list[0]
        } else {
            let object = place.as_object_mut().unwrap();
            object.entry(name.clone()).or_insert_with(|| sample(next))
        };
        schema = next;
    }
    *place = value;
}

/// A schema behind references and "this or null".
fn resolved(schema: &'static Value) -> &'static Value {
    let schema = referred(schema);
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let mut own = choices.filter(|choice| choice["type"] != "null");
    own.next().map_or(schema, resolved)
}

fn referred(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        None => schema,
        Some(reference) => {
            referred(openapi::document().pointer(reference.trim_start_matches('#')).unwrap())
        }
    }
}

fn types_of(schema: &'static Value) -> Vec<&'static str> {
    let choices = referred(schema)["oneOf"].as_array();
    let is_optional = choices.is_some_and(|all| all.iter().any(|one| one["type"] == "null"));
    let own = &resolved(schema)["type"];
    let several = own.as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut types: Vec<&str> = own.as_str().into_iter().chain(several).collect();
    if is_optional {
        types.push("null");
    }
    types
}

fn required_of(schema: &'static Value) -> Vec<&'static str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
