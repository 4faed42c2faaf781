//! Every route of the OpenAPI document, asked by nobody and by the owner of another business. A
//! new route that forgets to ask for rights fails here without anybody writing a test for it: only
//! what is named below is open.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};
use vacancy_domain::ids::PaymentAccountId;
use vacancy_server::http::openapi;
use vacancy_store::payment_accounts::{self, PaymentAccount};

use super::house::{Answer, House, on_sqlite, text};

/// What anybody may ask, by its name in the document.
const PUBLIC: &[&str] = &[
    // Find
    "searchLocations",
    "getLocation",
    "listHotels",
    "getHotel",
    "listRoomTypes",
    "getRoomType",
    "listHotelListings",
    "getCalendar",
    "getRates",
    "askAvailability",
    "askAvailabilityBatch",
    "askPricing",
    "askPricingBatch",
    // Book: a guest who books needs no account, and one who is lost has a code.
    "createReservation",
    "createQuote",
    "lookUpReservation",
    // Operate
    "getLiveness",
    "getReadiness",
    "getMetrics",
    "getVersion",
    "getOpenapi",
    // Signed by its sender, and refused without.
    "receiveWebhook",
    "receiveAccountWebhook",
];

/// What a business asks about itself: another one gets its own, and nothing of ours.
const OWN: &[&str] = &[
    "createHotel",
    "getBusiness",
    "changeBusiness",
    "createApiKey",
    "listApiKeys",
    "listPaymentAccounts",
    "listReservations",
    "listPaymentInbox",
    "listDisputes",
];

/// Things of ours, by the route or the field that names them.
struct Ours {
    hotel: String,
    business: String,
    reservation: String,
    payment: String,
    order: String,
    hold: String,
    key: String,
    matter: String,
    account: String,
}

impl Ours {
    async fn make(house: &House) -> Ours {
        let hotel = house.hotel.to_string();
        let booked = house.book("r1", json!({"rooms": {"DELUXE": 3}})).await;
        let token = text(&booked["guestToken"]);
        let order = json!({
            "reservationId": booked["reservationId"], "paymentProvider": "SANDBOX",
            "returnUrl": "https://a.example/"
        });
        let order = house.post("/v1/payments/order").by(&token).send_json(&order).await.expect(200);
        let few = json!({"capacity": 1});
        let type_path = format!("/v1/hotels/{hotel}/room-types/DELUXE");
        let change = house.ask(Method::PATCH, type_path).by(&house.owner).header("if-match", "*");
        change.send_json(&few).await.expect(200);
        let matters = house.get(format!("/v1/hotels/{hotel}/work-items")).by(&house.owner);
        let keys = house.get("/v1/api-keys").by(&house.owner).send().await.expect(200);
        let business = house.get("/v1/business").by(&house.owner).send().await.expect(200);
        let account = account_of(house, &text(&business["businessId"])).await;
        Ours {
            account,
            hotel,
            business: text(&business["businessId"]),
            reservation: text(&booked["reservationId"]),
            payment: text(&order["paymentId"]),
            order: text(&order["paymentOrderId"]),
            hold: text(&booked["inventoryHold"]["holdId"]),
            key: text(&keys["items"][0]["apiKeyId"]),
            matter: text(&matters.send().await.expect(200)["items"][0]["workItemId"]),
        }
    }

    /// The address of a route with our things in it.
    fn path(&self, template: &str) -> String {
        let id = match template.split('/').nth(2).unwrap_or_default() {
            "hotels" => &self.hotel,
            "reservations" => &self.reservation,
            "payments" => &self.payment,
            "payment-accounts" => &self.account,
            "api-keys" => &self.key,
            "locations" => "lisbon-pt",
            _ => "",
        };
        let filled = [
            ("id", id),
            ("code", "DELUXE"),
            ("number", "DELUXE-1"),
            ("itemId", self.matter.as_str()),
            ("provider", "sandbox"),
            ("accountId", self.account.as_str()),
        ]
        .iter()
        .fold(template.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        });
        assert!(
            !filled.contains(['{', '}']) && !filled.contains("//"),
            "say what {template} names"
        );
        filled
    }

    /// The value of a field that names one of our things.
    fn named(&self, field: &str) -> Option<Value> {
        Some(match field {
            "hotelId" => json!(self.hotel),
            "hotelIds" => json!([self.hotel]),
            "businessId" => json!(self.business),
            "reservationId" => json!(self.reservation),
            "paymentOrderId" => json!(self.order),
            "holdId" => json!(self.hold),
            _ => return None,
        })
    }
}

/// An account at a provider, as it stands in the store.
async fn account_of(house: &House, business: &str) -> String {
    let account = PaymentAccount {
        id: PaymentAccountId(house.state.ids.next_id()),
        business: business.parse().unwrap(),
        provider: "stripe".to_owned(),
        label: "Ours".to_owned(),
        is_enabled: true,
        is_default: true,
        checkout: "hosted".to_owned(),
        credentials: BTreeMap::new(),
        created_at_ms: 0,
        version: 1,
    };
    let id = account.id.to_string();
    let kept = house.state.db.write(move |tx| {
        let account = account.clone();
        Box::pin(async move { payment_accounts::insert(tx, &account).await })
    });
    kept.await.unwrap();
    id
}

/// A body as the document describes it: its example, or its required fields, about our things.
fn body(schema: &Value, ours: &Ours) -> Value {
    let schema = resolved(schema);
    let mut body = match schema.get("example") {
        Some(example) => example.clone(),
        None => sample(schema),
    };
    let fields = schema["properties"].as_object().cloned().unwrap_or_default();
    for name in fields.keys() {
        if let Some(value) = ours.named(name) {
            body[name] = value;
        }
    }
    body
}

/// The schema itself, behind its name or beside the null of a body that may be left out.
fn resolved(schema: &Value) -> &Value {
    let choices = schema["oneOf"].as_array();
    if let Some(some) = choices.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
        return resolved(some);
    }
    match schema["$ref"].as_str() {
        Some(path) => openapi::document().pointer(path.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

fn sample(schema: &Value) -> Value {
    let schema = resolved(schema);
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("object"), _) => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let field = |name: &Value| {
                let name = name.as_str().unwrap().to_owned();
                let value = sample(&schema["properties"][&name]);
                (name, value)
            };
            Value::Object(required.iter().map(field).collect())
        }
        (Some("array"), _) => json!([sample(&schema["items"])]),
        (Some("integer" | "number"), _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
        (Some("boolean"), _) => json!(true),
        (Some("string"), Some("date")) => json!("2027-03-10"),
        (Some("string"), _) => json!("text"),
        _ => Value::Null,
    }
}

/// Required parameters of the query, as the document describes them.
fn query(says: &Value) -> String {
    let mut pairs = Vec::new();
    for parameter in says["parameters"].as_array().into_iter().flatten() {
        if parameter["in"] == "query" && parameter["required"] == true {
            let name = parameter["name"].as_str().unwrap();
            let example = parameter.get("example").or(parameter["schema"].get("example"));
            let value = example.cloned().unwrap_or_else(|| sample(&parameter["schema"]));
            pairs.push(format!("{name}={}", value.as_str().unwrap_or("1")));
        }
    }
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// Every operation, by its name: method, path, what the document says.
fn operations() -> BTreeMap<&'static str, (Method, &'static str, &'static Value)> {
    let paths = openapi::document()["paths"].as_object().unwrap();
    let mut found = BTreeMap::new();
    for (path, item) in paths {
        for (method, says) in item.as_object().unwrap() {
            let method = method.to_ascii_uppercase().parse().unwrap();
            found.insert(says["operationId"].as_str().unwrap(), (method, path.as_str(), says));
        }
    }
    found
}

async fn ask(house: &House, ours: &Ours, name: &str, by: &str) -> Answer {
    let (method, template, says) = &operations()[name];
    let path = format!("{}{}", ours.path(template), query(says));
    let ask = house.ask(method.clone(), path).by(by).header("if-match", "*");
    match says["requestBody"]["content"]["application/json"].get("schema") {
        Some(schema) => ask.send_json(&body(schema, ours)).await,
        None => ask.send().await,
    }
}

#[test]
fn what_is_open_is_named_and_is_there() {
    let known = operations();
    for name in PUBLIC.iter().chain(OWN) {
        assert!(known.contains_key(name), "{name} is no route any more");
    }
    for name in PUBLIC {
        let says = known[name].2;
        let needs_key = says["security"].as_array().is_some_and(|ways| {
            !ways.iter().any(|way| way.as_object().is_some_and(serde_json::Map::is_empty))
        });
        assert!(!needs_key, "{name}: the document asks for a credential");
    }
    for (name, (_, path, says)) in &known {
        let is_closed = !PUBLIC.contains(name);
        assert!(!is_closed || says["security"].is_array(), "{path}: {name} names no credential");
    }
}

#[test]
fn nobody_gets_through_a_route_that_is_not_open() {
    on_sqlite(|house| {
        Box::pin(async move {
            let ours = Ours::make(&house).await;
            for name in operations().into_keys().filter(|name| !PUBLIC.contains(name)) {
                let answer = ask(&house, &ours, name, "").await;
                let told = answer.problem(401, "unauthorized");
                assert_eq!(told["status"], 401, "{name}");
            }
        })
    });
}

#[test]
fn another_business_gets_nothing_of_ours() {
    on_sqlite(|house| {
        Box::pin(async move {
            let ours = Ours::make(&house).await;
            let paths = ["", "/room-types", "/rooms", "/work-items", "/overbooking"];
            let look = async || {
                let mut seen = Vec::new();
                for path in paths {
                    let path = format!("/v1/hotels/{}{path}", ours.hotel);
                    seen.push(house.get(path).by(&house.owner).send().await.expect(200));
                }
                let path = format!("/v1/reservations/{}", ours.reservation);
                seen.push(house.get(path).by(&house.owner).send().await.expect(200));
                seen.push(house.get("/v1/api-keys").by(&house.owner).send().await.expect(200));
                seen
            };
            let before = look().await;
            for name in operations().into_keys().filter(|name| !PUBLIC.contains(name)) {
                let answer = ask(&house, &ours, name, &house.stranger).await;
                let told = String::from_utf8_lossy(&answer.bytes).into_owned();
                let is_own = OWN.contains(&name) && answer.status < 300;
                assert!(is_own || [403, 404].contains(&answer.status), "{name}: {told}");
                for thing in [&ours.hotel, &ours.business, &ours.reservation, &ours.key] {
                    assert!(!told.contains(thing.as_str()), "{name} tells {thing}: {told}");
                }
            }
            assert_eq!(look().await, before);
        })
    });
}
