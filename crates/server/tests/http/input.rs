//! Goal: whatever a body or a query holds, the answer is a coded 4xx that names the place.
//! Method: one route with every kind of field; a table of bodies and queries.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::http::{Method, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vacancy_domain::ids::PropertyId;
use vacancy_server::http::fields;
use vacancy_server::http::fields::{Amount, Fields};
use vacancy_server::http::json::JsonBody;
use vacancy_server::http::path::Path;
use vacancy_server::http::problem::Problem;
use vacancy_server::http::query::Query;

use super::support::{TestApp, request};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ask {
    hotel_id: String,
    check_in_date: String,
    check_out_date: String,
    rooms: BTreeMap<String, i64>,
    #[serde(default)]
    lines: Vec<Line>,
    amount: Option<Amount>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    room_type: String,
    units: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct Told {
    nights: i64,
}

#[utoipa::path(
    post, path = "/v1/asks", operation_id = "ask", request_body = Ask,
    responses((status = 200, description = "Heard", body = Told))
)]
async fn ask(body: JsonBody<Ask>) -> Result<Json<Told>, Problem> {
    let Ask { hotel_id, check_in_date, check_out_date, rooms, lines, amount } = body.value;
    let mut fields = Fields::new();
    let hotel = fields.id::<PropertyId>("/hotelId", &hotel_id);
    let stay = fields.stay(("/checkInDate", &check_in_date), ("/checkOutDate", &check_out_date));
    for (code, units) in rooms {
        fields.whole(&format!("/rooms/{code}"), units, 1..=fields::UNITS_MAX);
    }
    for (at, line) in lines.iter().enumerate() {
        fields.text(&format!("/lines/{at}/roomType"), &line.room_type, 32);
        fields.whole(&format!("/lines/{at}/units"), line.units, 1..=fields::UNITS_MAX);
    }
    if let Some(amount) = &amount {
        fields.money("/amount", amount);
    }
    let (Some(_hotel), Some(stay), true) = (hotel, stay, fields.is_fine()) else {
        return Err(fields.problem());
    };
    Ok(Json(Told { nights: stay.nights() }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct Look {
    location_id: String,
    adults: Option<u8>,
}

#[utoipa::path(
    get, path = "/v1/looks/{id}", operation_id = "look",
    params(Look, ("id" = String, Path)),
    responses((status = 200, description = "Seen", body = Told))
)]
async fn look(Path(id): Path<String>, Query(look): Query<Look>) -> Result<Json<Told>, Problem> {
    let _id: PropertyId = fields::path_id(&id)?;
    let nights = i64::try_from(look.location_id.len()).unwrap_or(0);
    Ok(Json(Told { nights: nights + look.adults.map_or(0, i64::from) }))
}

async fn open() -> TestApp {
    TestApp::with_routes(OpenApiRouter::new().routes(routes!(ask)).routes(routes!(look))).await
}

const HOTEL: &str = "0192f3a4-b5c6-7d8e-9f01-23456789abcd";

fn body(more: &str) -> String {
    format!(
        r#"{{"hotelId":"{HOTEL}","checkInDate":"2027-03-10","checkOutDate":"2027-03-12",
        "rooms":{{"DELUXE":2}}{more}}}"#
    )
}

#[tokio::test]
async fn a_good_request_is_heard() {
    let app = open().await;
    let answer = app.post("/v1/asks", body("")).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, r#"{"nights":2}"#));
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let app = open().await;
    let good = body("");
    for (from, to, status, code, pointer) in [
        (r#""hotelId""#, r#""hotel""#, 400, "unknown_field", "/hotel"),
        (HOTEL, "17", 400, "invalid_id", "/hotelId"),
        (r#""2027-03-10""#, "20270310", 400, "invalid_type", "/checkInDate"),
        ("2027-03-10", "2027-02-30", 400, "invalid_date", "/checkInDate"),
        ("2027-03-10", "10 March", 400, "invalid_date", "/checkInDate"),
        ("2027-03-12", "2027-03-10", 422, "check_out_before_check_in", "/checkOutDate"),
        (r#""checkOutDate":"2027-03-12","#, "", 400, "missing_field", "/checkOutDate"),
        (
            r#""checkOutDate":"2027-03-12""#,
            r#""checkOutDate":null"#,
            400,
            "invalid_type",
            "/checkOutDate",
        ),
        (r#"{"DELUXE":2}"#, "[]", 400, "invalid_type", "/rooms"),
        (r#"{"DELUXE":2}"#, r#"{"DELUXE":"2"}"#, 400, "invalid_type", "/rooms/DELUXE"),
        (r#"{"DELUXE":2}"#, r#"{"DELUXE":2.5}"#, 400, "invalid_type", "/rooms/DELUXE"),
        (r#"{"DELUXE":2}"#, r#"{"DELUXE":0}"#, 400, "out_of_range", "/rooms/DELUXE"),
        (r#"{"DELUXE":2}"#, r#"{"DELUXE":-1}"#, 400, "out_of_range", "/rooms/DELUXE"),
        (r#"{"DELUXE":2}"#, r#"{"DELUXE":1000000000000}"#, 400, "out_of_range", "/rooms/DELUXE"),
        (
            r#"{"DELUXE":2}"#,
            r#"{"DELUXE":99999999999999999999}"#,
            400,
            "invalid_type",
            "/rooms/DELUXE",
        ),
        (r#"{"DELUXE":2}"#, r#"{"DELUXE":2,"DELUXE":1}"#, 400, "duplicate_field", "/rooms/DELUXE"),
        ("DELUXE", r"D\u0000", 400, "invalid_text", "/rooms/D\u{0}"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        app.post("/v1/asks", changed).await.blames(status, code, pointer);
    }
}

#[tokio::test]
async fn fields_inside_lists_and_objects_are_named() {
    let app = open().await;
    for (more, code, pointer) in [
        (r#","lines":[{"roomType":"A","units":1,"price":1}]"#, "unknown_field", "/lines/0/price"),
        (
            r#","lines":[{"roomType":"A","units":1},{"units":1}]"#,
            "missing_field",
            "/lines/1/roomType",
        ),
        (r#","lines":[{"roomType":"","units":1}]"#, "empty", "/lines/0/roomType"),
        (r#","lines":[7]"#, "invalid_type", "/lines/0"),
        (r#","amount":{"amount":-1,"currency":"EUR"}"#, "out_of_range", "/amount/amount"),
        (r#","amount":{"amount":1,"currency":"EURO"}"#, "invalid_currency", "/amount/currency"),
        (r#","amount":{"amount":1}"#, "missing_field", "/amount/currency"),
        (r#","status":"CONFIRMED""#, "unknown_field", "/status"),
        (r#","overbookBp":10000"#, "unknown_field", "/overbookBp"),
    ] {
        app.post("/v1/asks", body(more)).await.blames(400, code, pointer);
    }
}

#[tokio::test]
async fn several_wrong_fields_are_told_together() {
    let app = open().await;
    let wrong = body("").replace(HOTEL, "x").replace("2027-03-12", "later");
    let problem = app.post("/v1/asks", wrong).await.problem(400, "invalid_request");
    let pointers: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["pointer"].as_str())
        .collect();
    assert_eq!(pointers, ["/hotelId", "/checkOutDate"]);
}

#[tokio::test]
async fn every_wrong_parameter_is_named() {
    let app = open().await;
    let base = format!("/v1/looks/{HOTEL}");
    for (query, code, pointer) in [
        ("", "missing_field", "locationId"),
        ("?locationId=a&adults=two", "invalid_type", "adults"),
        ("?locationId=a&adults=-1", "invalid_type", "adults"),
        ("?locationId=a&adults=300", "invalid_value", "adults"),
        ("?locationId=a&location=b", "unknown_parameter", "location"),
        ("?locationId=a&locationId=b", "duplicate_parameter", "locationId"),
        ("?locationId=%FF%FE", "invalid_text", "locationId"),
        ("?locationId=a%00b", "invalid_text", "locationId"),
    ] {
        app.get(&format!("{base}{query}")).await.blames(400, code, pointer);
    }
    let long = format!("{base}?locationId={}", "a".repeat(9_000));
    app.get(&long).await.problem(400, "query_too_long");
    assert_eq!(app.get(&format!("{base}?locationId=a%20b&adults=2")).await.status, 200);
}

#[tokio::test]
async fn a_route_without_parameters_takes_none() {
    let app = open().await;
    app.post("/v1/asks?dryRun=true", body("")).await.blames(400, "unknown_parameter", "dryRun");
}

#[tokio::test]
async fn an_id_that_cannot_be_ours_is_not_found() {
    let app = open().await;
    for id in ["17", "%FF", "0192f3a4-b5c6-7d8e-9f01-23456789abcg", "..", "%00"] {
        app.get(&format!("/v1/looks/{id}?locationId=a")).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let app = open().await;
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", ""]
    {
        let mut request = request(Method::POST, "/v1/asks");
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let answer = app.send(request.body(Body::from(body(""))).unwrap()).await;
        answer.problem(415, "unsupported_media_type");
    }
    let packed = request(Method::POST, "/v1/asks")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "gzip")
        .body(Body::from(vec![0x1f, 0x8b]));
    app.send(packed.unwrap()).await.problem(415, "unsupported_media_type");
}
