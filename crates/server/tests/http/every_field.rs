//! Goal: whatever stands in any field of any documented body, the answer is a coded 4xx that names
//! the field.
//! Method: the OpenAPI document names the fields, their types and limits; each is broken in turn in
//! a body that fits otherwise. A new route is covered by being documented.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};
use vacancy_domain::ids::PaymentAccountId;
use vacancy_server::http::openapi;
use vacancy_store::businesses;
use vacancy_store::payment_accounts::{self, PaymentAccount};

use super::schemas::{Field, fields_of, put, sample};
use super::support::{Answer, TestApp, request};

/// Lists are tried up to this length: a longer one is refused as a body that is too large.
const ITEMS_TRIED_MAX: i64 = 1_000;

/// A documented operation that takes JSON, and the address it is asked at.
struct Operation {
    method: Method,
    template: &'static str,
    address: String,
    schema: &'static Value,
}

/// A server with something at every address.
struct Place {
    app: TestApp,
    hotel: String,
    reservation: String,
    account: String,
}

impl Place {
    async fn open() -> Place {
        let app = TestApp::open().await;
        let (hotel, reservation) = (String::new(), String::new());
        let account = account(&app).await;
        let mut place = Place { app, hotel, reservation, account };
        let hotel = json!({
            "name": "Casa da Ribeira", "city": "Lisbon", "country": "PT", "currency": "EUR",
            "timeZone": "Europe/Lisbon", "geo": {"latitude": 38.7223, "longitude": -9.1393},
        });
        place.hotel = place.make("/v1/hotels", &hotel, "hotelId").await;
        let rate = json!({"amount": 9_000, "currency": "EUR"});
        let path = format!("/v1/hotels/{}/room-types", place.hotel);
        // Those of the document's own examples.
        for code in ["STANDARD", "DELUXE"] {
            let room_type = json!({"code": code, "capacity": 5, "baseRate": rate});
            place.make(&path, &room_type, "code").await;
        }
        let today = place.app.state.db.read(|tx| Box::pin(async move { tx.now_ms().await }));
        let day = vacancy_domain::stays::Day(today.await.unwrap() / 86_400_000 + 30);
        let booking = json!({
            "requestId": "r1", "hotelId": place.hotel, "rooms": {"STANDARD": 1},
            "checkInDate": day.to_string(), "checkOutDate": day.plus(2).to_string(),
        });
        place.reservation = place.make("/v1/reservations", &booking, "reservationId").await;
        place
    }

    async fn make(&self, path: &str, body: &Value, id: &str) -> String {
        let answer = self.ask(&Method::POST, path, body.to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()[id].as_str().unwrap().to_owned()
    }

    async fn ask(&self, method: &Method, path: &str, body: impl Into<Body>) -> Answer {
        self.ask_as(method, path, "application/json", body.into()).await
    }

    async fn ask_as(&self, method: &Method, path: &str, kind: &str, body: Body) -> Answer {
        let request = request(method.clone(), path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.app.admin_key))
            .header(header::IF_MATCH, "*")
            .body(body);
        self.app.send(request.unwrap()).await
    }

    fn operations(&self) -> Vec<Operation> {
        let paths = openapi::document()["paths"].as_object().unwrap();
        let mut found = vec![];
        for (template, item) in paths {
            for (method, says) in item.as_object().unwrap() {
                let schema = &says["requestBody"]["content"]["application/json"]["schema"];
                if !schema.is_object() {
                    continue;
                }
                let id = match template.split('/').nth(2) {
                    Some("hotels") => &self.hotel,
                    Some("payment-accounts") => &self.account,
                    Some(_) | None => &self.reservation,
                };
                found.push(Operation {
                    method: method.to_ascii_uppercase().parse().unwrap(),
                    template,
                    address: template.replace("{id}", id).replace("{code}", "STANDARD"),
                    schema,
                });
            }
        }
        assert!(20 < found.len(), "the document has its operations");
        found
    }

    /// Sends a body that is wrong in one place; gives what is wrong about the answer.
    async fn check(&self, operation: &Operation, body: &Value, pointer: &str) -> Option<String> {
        let Operation { method, template, address, .. } = operation;
        let answer = self.ask(method, address, body.to_string()).await;
        let told = format!("{method} {template} {pointer}: {body}\n  {}", answer.text());
        if ![400, 422].contains(&answer.status.as_u16()) {
            return Some(format!("{} for {told}", answer.status));
        }
        let problem = answer.json();
        answer.problem(answer.status.as_u16(), problem["code"].as_str().unwrap());
        let is_named = problem["errors"].as_array().into_iter().flatten().any(|error| {
            let own = error["pointer"].as_str().unwrap();
            own == pointer || own.starts_with(&format!("{pointer}/"))
        });
        (!is_named).then(|| format!("not named by {told}"))
    }
}

/// An account at a provider, as it stands in the store.
async fn account(app: &TestApp) -> String {
    let id = PaymentAccountId(1);
    let kept = app.state.db.write(move |tx| {
        Box::pin(async move {
            let account = PaymentAccount {
                id,
                business: businesses::first(tx).await?.unwrap().id,
                provider: "stripe".to_owned(),
                label: "Ours".to_owned(),
                is_enabled: true,
                is_default: true,
                checkout: "hosted".to_owned(),
                credentials: BTreeMap::new(),
                created_at_ms: 0,
                version: 1,
            };
            payment_accounts::insert(tx, &account).await
        })
    });
    kept.await.unwrap();
    id.to_string()
}

/// Breaks every field of every operation in the ways that `ways` says.
async fn break_every_field(ways: impl Fn(&Field) -> Vec<Value>) {
    let place = Place::open().await;
    let (mut count, mut wrong) = (0, vec![]);
    for operation in place.operations() {
        for field in fields_of(operation.schema) {
            for value in ways(&field) {
                let mut body = sample(operation.schema);
                if ["/city", "/country"].contains(&&*field.pointer()) {
                    // Neither is read without the other.
                    (body["city"], body["country"]) = (json!("Lisbon"), json!("PT"));
                }
                put(&mut body, &field, operation.schema, value);
                wrong.extend(place.check(&operation, &body, &field.pointer()).await);
                count += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(20 < count, "only {count} ways were tried");
}

#[tokio::test]
async fn a_field_of_another_type_is_named() {
    let values =
        [Value::Null, json!(true), json!(1.5), json!("text"), json!([1]), json!({"a": []})];
    let type_of = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    break_every_field(|field| {
        let allowed = field.types();
        let is_wrong = |value: &&Value| !allowed.is_empty() && !allowed.contains(&type_of(value));
        values.iter().filter(is_wrong).cloned().collect()
    })
    .await;
}

#[tokio::test]
async fn a_field_beyond_its_limit_is_named() {
    break_every_field(|field| {
        let mut values = vec![];
        let length = |most: i64| usize::try_from(most).unwrap();
        values.extend(field.limit("maximum").map(|most| json!(most + 1)));
        values.extend(field.limit("minimum").map(|least| json!(least - 1)));
        values.extend(field.limit("maxLength").map(|most| json!("X".repeat(length(most) + 1))));
        values.extend(field.limit("minLength").map(|least| json!("X".repeat(length(least) - 1))));
        values.extend(field.limit("minItems").map(|_| json!([])));
        let items = field.limit("maxItems").filter(|most| *most < ITEMS_TRIED_MAX);
        values.extend(items.map(|most| json!(vec![field.item(); length(most) + 1])));
        values
    })
    .await;
}

#[tokio::test]
async fn a_field_of_another_form_is_named() {
    break_every_field(|field| {
        let is_formed = matches!(field.text("format"), Some("date" | "uuid" | "date-time"));
        let is_formed = is_formed || field.text("pattern").is_some();
        if is_formed { vec![json!("17!"), json!("")] } else { vec![] }
    })
    .await;
}

#[tokio::test]
async fn a_field_that_is_missing_or_unknown_is_named() {
    let place = Place::open().await;
    let mut answers = vec![];
    for operation in place.operations() {
        for field in fields_of(operation.schema) {
            let whole = sample(field.schema);
            let wrong = |name: &str, value: Option<Value>| {
                let mut object = whole.clone();
                match value {
                    Some(value) => object[name] = value,
                    None => drop(object.as_object_mut().unwrap().remove(name)),
                }
                let mut body = sample(operation.schema);
                put(&mut body, &field, operation.schema, object);
                (body, format!("{}/{name}", field.pointer()))
            };
            let mut bodies: Vec<_> =
                field.required().into_iter().map(|name| wrong(name, None)).collect();
            if field.is_closed() {
                bodies.push(wrong("frobnicate", Some(json!(1))));
            }
            for (body, pointer) in bodies {
                answers.extend(place.check(&operation, &body, &pointer).await);
            }
        }
    }
    assert!(answers.is_empty(), "{}", answers.join("\n"));
}

#[tokio::test]
async fn no_body_is_read_that_is_too_large_too_deep_or_of_another_kind() {
    let place = Place::open().await;
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(10 << 20));
    let deep = format!(r#"{{"a":{}"#, "[".repeat(100_000));
    for Operation { method, address, .. } in place.operations() {
        let ask = |body: Body| place.ask_as(&method, &address, "application/json", body);
        ask(large.clone().into()).await.problem(413, "body_too_large");
        ask(deep.clone().into()).await.problem(400, "too_deep");
        ask(b"{\"a\":\"\xff\"}"[..].into()).await.problem(400, "invalid_utf8");
        ask("{\"a\":".into()).await.problem(400, "invalid_json");
        for kind in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
            let answer = place.ask_as(&method, &address, kind, "{}".into()).await;
            answer.problem(415, "unsupported_media_type");
        }
    }
}
