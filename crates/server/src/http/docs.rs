//! `/docs`: the OpenAPI document as a page that can be read, with no script and no other machine.
//! It shows what the document says and knows nothing of any route.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value};

use super::openapi;

const STYLE: &str = include_str!("../../assets/css/docs.css");

/// The page may load its own style sheet and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

pub async fn show() -> Response {
    static PAGE: LazyLock<String> = LazyLock::new(|| page(openapi::document()));
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE.as_str())).into_response()
}

pub async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, STYLE).into_response()
}

/// One operation of the document.
struct Operation<'d> {
    method: &'d str,
    path: &'d str,
    says: &'d Map<String, Value>,
}

impl Operation<'_> {
    fn text(&self, name: &str) -> &str {
        self.says.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn has_tag(&self, tag: &str) -> bool {
        let tags = self.says.get("tags").and_then(Value::as_array);
        tags.is_some_and(|tags| tags.iter().any(|one| one == tag))
    }
}

fn page(document: &Value) -> String {
    let title = document["info"]["title"].as_str().unwrap_or_default();
    let version = document["info"]["version"].as_str().unwrap_or_default();
    let operations = operations(document);
    let mut html = String::new();
    put(
        &mut html,
        format_args!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} API</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>\
         <a class=\"skip\" href=\"#main\">To the content</a>\
         <header><h1>{title} <small>API {version}</small></h1>\
         <a href=\"/openapi.json\">openapi.json</a></header>\n",
            title = escaped(title),
            version = escaped(version),
        ),
    );
    html.push_str("<nav aria-label=\"Contents\">");
    for (tag, _) in tags(document) {
        navigation(&mut html, tag, &operations);
    }
    html.push_str("<h2>Shapes</h2><ul>");
    for (name, _) in schemas(document) {
        let name = escaped(name);
        put(&mut html, format_args!("<li><a href=\"#shape-{name}\">{name}</a></li>"));
    }
    html.push_str("</ul></nav>\n<main id=\"main\">");
    paragraphs(&mut html, document["info"]["description"].as_str().unwrap_or_default());
    for (tag, about) in tags(document) {
        section(&mut html, tag, about, &operations);
    }
    html.push_str("<h2 id=\"shapes\">Shapes</h2>");
    for (name, schema) in schemas(document) {
        let name = escaped(name);
        put(
            &mut html,
            format_args!("<section class=\"shape\" id=\"shape-{name}\"><h3>{name}</h3>"),
        );
        paragraphs(&mut html, schema["description"].as_str().unwrap_or_default());
        fields(&mut html, schema);
        html.push_str("</section>\n");
    }
    html.push_str("</main></body></html>\n");
    html
}

fn navigation(html: &mut String, tag: &str, operations: &[Operation<'_>]) {
    let mut own = operations.iter().filter(|operation| operation.has_tag(tag)).peekable();
    if own.peek().is_none() {
        return;
    }
    put(html, format_args!("<h2>{}</h2><ul>", escaped(tag)));
    for operation in own {
        let (id, summary) = (operation.text("operationId"), operation.text("summary"));
        put(html, format_args!("<li><a href=\"#{}\">{}</a></li>", escaped(id), escaped(summary)));
    }
    html.push_str("</ul>");
}

fn section(html: &mut String, tag: &str, about: &str, operations: &[Operation<'_>]) {
    let mut own = operations.iter().filter(|operation| operation.has_tag(tag)).peekable();
    if own.peek().is_none() {
        return;
    }
    put(html, format_args!("<h2>{}</h2>", escaped(tag)));
    paragraphs(html, about);
    for operation in own {
        show_operation(html, operation);
    }
}

fn show_operation(html: &mut String, operation: &Operation<'_>) {
    let Operation { method, path, says } = operation;
    put(
        html,
        format_args!(
            "<section class=\"operation\" id=\"{id}\"><h3>{summary}</h3>\
         <p class=\"address\"><b class=\"{method}\">{method}</b> <code>{path}</code></p>",
            id = escaped(operation.text("operationId")),
            summary = escaped(operation.text("summary")),
            path = escaped(path),
        ),
    );
    paragraphs(html, operation.text("description"));
    if says.contains_key("security") {
        html.push_str(
            "<p class=\"key\">Takes a credential: <code>Authorization: Bearer</code>.</p>",
        );
    }
    parameters(html, says.get("parameters"));
    if let Some(content) = says.get("requestBody").map(|body| &body["content"]) {
        html.push_str("<h4>Body</h4>");
        contents(html, content);
    }
    answers(html, says.get("responses"));
    html.push_str("</section>\n");
}

fn parameters(html: &mut String, parameters: Option<&Value>) {
    let Some(parameters) = parameters.and_then(Value::as_array) else { return };
    html.push_str("<h4>Parameters</h4><dl>");
    for parameter in parameters {
        let text = |name: &str| escaped(parameter[name].as_str().unwrap_or_default());
        let must = if parameter["required"] == true { ", required" } else { "" };
        let example = parameter.get("example").map(plain).unwrap_or_default();
        let example = if example.is_empty() {
            example
        } else {
            format!(" <i>e.g. <code>{}</code></i>", escaped(&example))
        };
        put(
            html,
            format_args!(
                "<dt><code>{}</code> <span>{}, {}{must}</span></dt><dd>{}{example}</dd>",
                text("name"),
                text("in"),
                kind(&parameter["schema"]),
                with_code(&text("description")),
            ),
        );
    }
    html.push_str("</dl>");
}

/// The answers, those of success open and the others folded.
fn answers(html: &mut String, answers: Option<&Value>) {
    let Some(answers) = answers.and_then(Value::as_object) else { return };
    html.push_str("<h4>Answers</h4>");
    let (fine, other): (Vec<_>, Vec<_>) =
        answers.iter().partition(|(status, _)| status.starts_with('2'));
    for (status, answer) in fine {
        let about = answer["description"].as_str().unwrap_or_default();
        put(html, format_args!("<p><b>{status}</b> {}</p>", escaped(about)));
        contents(html, &answer["content"]);
    }
    html.push_str("<details><summary>When it does not work</summary><dl>");
    for (status, answer) in other {
        let about = answer["description"].as_str().unwrap_or_default();
        put(html, format_args!("<dt><b>{status}</b></dt><dd>{}</dd>", escaped(about)));
    }
    html.push_str("</dl></details>");
}

fn contents(html: &mut String, content: &Value) {
    for (kind_of_media, said) in content.as_object().into_iter().flatten() {
        let schema = &said["schema"];
        let kind_of_media = escaped(kind_of_media);
        put(html, format_args!("<p><code>{kind_of_media}</code> {}</p>", kind(schema)));
        let example = said.get("example").or_else(|| schema.get("example"));
        if let Some(example) = example {
            let text = serde_json::to_string_pretty(example).unwrap_or_default();
            put(html, format_args!("<pre><code>{}</code></pre>", escaped(&text)));
        }
        fields(html, schema);
    }
}

/// The fields of an object; nothing for a shape that has its own place.
fn fields(html: &mut String, schema: &Value) {
    if let Some(choices) = schema["enum"].as_array() {
        let words: Vec<String> = choices.iter().map(|one| escaped(&plain(one))).collect();
        put(html, format_args!("<p>One of: <code>{}</code></p>", words.join("</code>, <code>")));
    }
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|name| schema[*name].as_array()) {
        part.iter().for_each(|one| fields(html, one));
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let required = schema["required"].as_array();
    html.push_str("<dl>");
    for (name, field) in properties {
        let is_required = required.is_some_and(|names| names.iter().any(|one| one == name));
        let must = if is_required { "" } else { ", optional" };
        put(
            html,
            format_args!(
                "<dt><code>{}</code> <span>{}{must}</span></dt><dd>{}",
                escaped(name),
                kind(field),
                escaped(field["description"].as_str().unwrap_or_default()),
            ),
        );
        if let Some(example) = field.get("example") {
            put(html, format_args!(" <i>e.g. <code>{}</code></i>", escaped(&plain(example))));
        }
        html.push_str("</dd>");
    }
    html.push_str("</dl>");
}

/// The kind of a value in a few words, with a link where it is a shape.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    for part in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[part].as_array() {
            return parts.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(name) if name == "object" && schema["additionalProperties"].is_object() => {
            format!("object of {}", kind(&schema["additionalProperties"]))
        }
        Value::String(name) => escaped(name),
        Value::Array(names) => {
            names.iter().map(|name| escaped(&plain(name))).collect::<Vec<_>>().join(" or ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "any".to_owned(),
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut found = vec![];
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, says) in item.as_object().into_iter().flatten() {
            if let Some(says) = says.as_object() {
                found.push(Operation { method, path, says });
            }
        }
    }
    found
}

fn tags(document: &Value) -> impl Iterator<Item = (&str, &str)> {
    document["tags"].as_array().into_iter().flatten().map(|tag| {
        let text = |name: &str| tag[name].as_str().unwrap_or_default();
        (text("name"), text("description"))
    })
}

fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document["components"]["schemas"].as_object().into_iter().flatten()
}

fn paragraphs(html: &mut String, text: &str) {
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        put(html, format_args!("<p>{}</p>", with_code(&escaped(paragraph))));
    }
}

/// `a` in a text becomes code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(at, part)| {
        if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }
    });
    parts.collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).expect("a String takes any text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_every_shape_has_its_place() {
        let document = openapi::document();
        let html = page(document);
        for operation in operations(document) {
            let id = operation.text("operationId");
            assert!(!id.is_empty(), "{} {}", operation.method, operation.path);
            assert_eq!(html.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
        }
        for (name, _) in schemas(document) {
            assert!(html.contains(&format!("id=\"shape-{name}\"")), "{name}");
        }
        for link in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(html.contains(&format!("id=\"{link}\"")), "nothing at #{link}");
        }
    }

    #[test]
    fn text_of_the_document_becomes_no_markup() {
        assert_eq!(with_code(&escaped("`a<b>` & c")), "<code>a&lt;b&gt;</code> &amp; c");
        let html = page(openapi::document());
        assert!(!html.contains("<script"));
    }
}
