//! A server with one hotel of two room types, and somebody of every kind who may ask it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use vacancy_app::access::Actor;
use vacancy_app::access::keys::{self, Opens};
use vacancy_app::businesses;
use vacancy_app::hotels::bulk::{Made, NewHouse, create_many};
use vacancy_app::hotels::draft::NewHotel;
use vacancy_app::locations::PlaceName;
use vacancy_app::room_types::NewRoomType;
use vacancy_domain::access::{Role, Scope};
use vacancy_domain::ids::{BusinessId, PropertyId};
use vacancy_server::config::Config;
use vacancy_server::http;
use vacancy_server::state::{AppState, Background};
use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::idle::{patiently, until_idle};
use vacancy_store::testing::{TestFolder, on_engine};

/// 2027-01-01T12:00:00Z.
pub(crate) const NOON_MS: i64 = 1_798_804_800_000;
/// Rooms of each type.
pub(crate) const UNITS: i64 = 3;

pub(crate) struct House {
    pub(crate) state: AppState,
    pub(crate) hotel: PropertyId,
    /// Credentials by who has them.
    pub(crate) admin: String,
    pub(crate) owner: String,
    pub(crate) desk: String,
    pub(crate) accountant: String,
    /// A program that may only hold and set inventory.
    pub(crate) program: String,
    /// The owner of another business, with a hotel of their own.
    pub(crate) stranger: String,
    clock: Arc<AtomicI64>,
    router: Router,
    background: Background,
    _folder: TestFolder,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

/// A request in the making.
pub(crate) struct Ask<'h> {
    house: &'h House,
    request: axum::http::request::Builder,
}

/// What a test does with its house.
pub(crate) type Story = fn(Arc<House>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the test on a house of each engine.
pub(crate) fn on_both(body: Story) {
    on(Engine::Sqlite, body);
    on(Engine::Postgres, body);
}

/// Runs the test on a house on SQLite.
pub(crate) fn on_sqlite(body: Story) {
    on(Engine::Sqlite, body);
}

fn on(engine: Engine, body: Story) {
    at_noon(engine, move |db, clock| {
        Box::pin(async move {
            let house = Arc::new(House::open(db, clock, |_| {}).await);
            body(Arc::clone(&house)).await;
            House::close(house).await;
        })
    });
}

/// A store of this engine, and the clock that it goes by.
pub(crate) fn at_noon(
    engine: Engine,
    run: impl Fn(Db, Arc<AtomicI64>) -> Pin<Box<dyn Future<Output = ()> + Send>>,
) {
    let clock = Arc::new(AtomicI64::new(NOON_MS));
    let read = Arc::clone(&clock);
    let time = Time::Given(Arc::new(move || read.load(Ordering::SeqCst)));
    on_engine(engine, &time, move |db| run(db, Arc::clone(&clock)));
}

impl House {
    pub(crate) async fn open(
        db: Db,
        clock: Arc<AtomicI64>,
        change: impl FnOnce(&mut Config),
    ) -> House {
        let folder = TestFolder::new();
        let mut config = Config::for_data(folder.path());
        change(&mut config);
        let url = "http://127.0.0.1".to_owned();
        let (state, background) = AppState::open(config, db, url).await.unwrap();
        let (db, ids) = (&state.db, &state.ids);
        let business = businesses::create(db, ids, &Actor::Admin, "Ours").await.unwrap().id;
        let other = businesses::create(db, ids, &Actor::Admin, "Theirs").await.unwrap().id;
        let hotel = build(&state, business).await;
        build(&state, other).await;
        let admin = keys::make_admin_key(db, ids).await.unwrap().text;
        let role = |role| Opens::Role(role);
        House {
            hotel,
            admin,
            owner: key(&state, business, role(Role::Owner)).await,
            desk: key(&state, business, role(Role::FrontDesk)).await,
            accountant: key(&state, business, role(Role::Accountant)).await,
            program: key(&state, business, Opens::Scopes([Scope::InventoryWrite].into())).await,
            stranger: key(&state, other, role(Role::Owner)).await,
            clock,
            router: http::app(state.clone()),
            background,
            state,
            _folder: folder,
        }
    }

    /// Ends it; nobody else may have it any more.
    pub(crate) async fn close(house: Arc<House>) {
        let House { background, .. } = Arc::into_inner(house).unwrap();
        background.stop().await;
    }

    /// Ends what is due, and lets time pass: a lease of the house's own workers that runs out
    /// meanwhile would have its job done twice at once.
    pub(crate) async fn advance_ms(&self, ms: i64) {
        self.until_idle().await;
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) async fn advance_days(&self, days: i64) {
        self.advance_ms(days * 24 * 60 * 60 * 1000).await;
    }

    /// Does every job that is due, and waits for those that the house's own workers do.
    pub(crate) async fn until_idle(&self) {
        let jobs = &self.state.jobs;
        let run_due = || async move {
            jobs.run_due_once().await.unwrap();
        };
        until_idle(&self.state.db, run_due).await;
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub(crate) fn ask(&self, method: Method, path: impl AsRef<str>) -> Ask<'_> {
        Ask { house: self, request: Request::builder().method(method).uri(path.as_ref()) }
    }

    pub(crate) fn post(&self, path: impl AsRef<str>) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub(crate) fn get(&self, path: impl AsRef<str>) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    /// A booking of March 10 to 12, 2027, with some fields changed; `null` takes one out.
    pub(crate) fn booking(&self, request: &str, changes: Value) -> Value {
        let mut body = json!({
            "requestId": request,
            "hotelId": self.hotel.to_string(),
            "checkInDate": "2027-03-10",
            "checkOutDate": "2027-03-12",
            "rooms": {"DELUXE": 1},
        });
        for (name, value) in changes.as_object().unwrap() {
            let fields = body.as_object_mut().unwrap();
            if value.is_null() {
                fields.remove(name);
            } else {
                fields.insert(name.clone(), value.clone());
            }
        }
        body
    }

    /// Books, and gives the answer's body.
    pub(crate) async fn book(&self, request: &str, changes: Value) -> Value {
        let body = self.booking(request, changes);
        self.post("/v1/reservations").send_json(&body).await.expect(201)
    }

    /// Books and confirms by hand; gives address and guest token.
    pub(crate) async fn confirmed(&self, request: &str, changes: Value) -> (String, String) {
        let booked = self.book(request, changes).await;
        let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
        self.post(format!("{path}/confirm")).by(&self.desk).send().await.expect(200);
        (path, token)
    }

    /// Does every job that is due until the reservation has this status.
    pub(crate) async fn until_status(&self, path: &str, by: &str, status: &str) -> Value {
        let mut shown = Value::Null;
        for _ in patiently() {
            self.state.jobs.run_due_once().await.unwrap();
            shown = self.get(path).by(by).send().await.expect(200);
            if shown["status"] == status {
                return shown;
            }
            tokio::task::yield_now().await;
        }
        panic!("still {} instead of {status}", shown["status"]);
    }
}

async fn build(state: &AppState, business: BusinessId) -> PropertyId {
    let place = PlaceName::City { name: "Lisbon".to_owned(), country: "PT".to_owned() };
    let mut hotel = NewHotel::named("Test house", place, "Europe/Lisbon", "EUR");
    hotel.tax_bp = 600;
    let types = [("DELUXE", 12_000), ("STANDARD", 8_000)];
    let room_types = types.map(|(code, rate_minor)| {
        let mut room_type = NewRoomType::coded(code, UNITS, Some(rate_minor));
        room_type.rooms = (1..=UNITS).map(|number| format!("{code}-{number}")).collect();
        room_type
    });
    let house = NewHouse { hotel, room_types: room_types.into() };
    let made = create_many(&state.db, &state.ids, &Actor::Admin, business, &[house]).await.unwrap();
    match made.as_slice() {
        [Made::Created(hotel)] => *hotel,
        other => panic!("{other:?}"),
    }
}

async fn key(state: &AppState, business: BusinessId, opens: Opens) -> String {
    let made = keys::make(&state.db, &state.ids, &Actor::Admin, business, "test", opens).await;
    made.unwrap().text
}

/// The text of a JSON text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Where the reservation of an answer is.
pub(crate) fn path_of(booked: &Value) -> String {
    format!("/v1/reservations/{}", text(&booked["reservationId"]))
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With this credential; an empty one is none.
    pub(crate) fn by(self, credential: &str) -> Self {
        if credential.is_empty() {
            return self;
        }
        self.header("authorization", &format!("Bearer {credential}"))
    }

    pub(crate) async fn send(self) -> Answer {
        self.send_body(Body::empty()).await
    }

    pub(crate) async fn send_json(self, body: &Value) -> Answer {
        self.send_text(body.to_string()).await
    }

    pub(crate) async fn send_text(self, body: impl Into<Body>) -> Answer {
        self.header(header::CONTENT_TYPE.as_str(), "application/json").send_body(body.into()).await
    }

    pub(crate) async fn send_body(self, body: Body) -> Answer {
        let request = self.request.body(body).unwrap();
        let response = self.house.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn is_replayed(&self) -> bool {
        self.header("idempotency-replayed") == "true"
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        let body = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, status, "{body}");
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// A problem with this code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        body
    }

    /// A problem that blames this field first.
    #[track_caller]
    pub(crate) fn blames(&self, status: u16, code: &str, pointer: &str) {
        let body = self.problem(status, code);
        assert_eq!(body["errors"][0]["pointer"], pointer, "{body}");
    }
}
