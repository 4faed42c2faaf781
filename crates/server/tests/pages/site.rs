//! One hotel of two room types behind the real router, and browsers that visit it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use http_body_util::BodyExt;
use tower::ServiceExt;
use vacancy_app::access::Actor;
use vacancy_app::access::keys::{self, Opens};
use vacancy_app::businesses;
use vacancy_app::hotels::bulk::{Made, NewHouse, create_many};
use vacancy_app::hotels::draft::NewHotel;
use vacancy_app::locations::PlaceName;
use vacancy_app::room_types::NewRoomType;
use vacancy_domain::access::Role;
use vacancy_domain::ids::{BusinessId, PropertyId};
use vacancy_server::config::Config;
use vacancy_server::http;
use vacancy_server::state::{AppState, Background};
use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::idle::{patiently, until_idle};
use vacancy_store::testing::{TestFolder, on_engine};

/// 2027-01-01T12:00:00Z.
const NOON_MS: i64 = 1_798_804_800_000;
/// Rooms of each type.
pub(crate) const UNITS: i64 = 2;
/// Two nights two months ahead.
pub(crate) const DATES: &str = "checkInDate=2027-03-10&checkOutDate=2027-03-12";

pub(crate) struct Site {
    pub(crate) state: AppState,
    pub(crate) hotel: PropertyId,
    /// Keys of the front desk, and of another business.
    pub(crate) desk: String,
    pub(crate) stranger: String,
    clock: Arc<AtomicI64>,
    router: Router,
    background: Background,
    _folder: TestFolder,
}

/// Somebody's browser: it keeps cookies, and follows nothing by itself.
pub(crate) struct Browser<'s> {
    site: &'s Site,
    cookies: BTreeMap<String, String>,
    /// Headers that say where a form was sent from.
    pub(crate) sent_from: Option<(&'static str, &'static str)>,
}

/// A page that was read to its end.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

pub(crate) type Story = fn(Arc<Site>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) fn on_both(story: Story) {
    on(Engine::Sqlite, "http://127.0.0.1", story);
    on(Engine::Postgres, "http://127.0.0.1", story);
}

pub(crate) fn on_sqlite(story: Story) {
    on(Engine::Sqlite, "http://127.0.0.1", story);
}

/// Behind TLS.
pub(crate) fn on_https(story: Story) {
    on(Engine::Sqlite, "https://book.example", story);
}

fn on(engine: Engine, url: &'static str, story: Story) {
    let clock = Arc::new(AtomicI64::new(NOON_MS));
    let read = Arc::clone(&clock);
    let time = Time::Given(Arc::new(move || read.load(Ordering::SeqCst)));
    on_engine(engine, &time, move |db| {
        let clock = Arc::clone(&clock);
        Box::pin(async move {
            let site = Arc::new(Site::open(db, clock, url).await);
            story(Arc::clone(&site)).await;
            let Site { background, .. } = Arc::into_inner(site).unwrap();
            background.stop().await;
        })
    });
}

impl Site {
    async fn open(db: Db, clock: Arc<AtomicI64>, url: &str) -> Site {
        let folder = TestFolder::new();
        let config = Config::for_data(folder.path());
        let (state, background) = AppState::open(config, db, url.to_owned()).await.unwrap();
        let (db, ids) = (&state.db, &state.ids);
        let business = businesses::create(db, ids, &Actor::Admin, "Ours").await.unwrap().id;
        let other = businesses::create(db, ids, &Actor::Admin, "Theirs").await.unwrap().id;
        Site {
            hotel: build(&state, business).await,
            desk: key(&state, business).await,
            stranger: key(&state, other).await,
            clock,
            router: http::app(state.clone()),
            background,
            state,
            _folder: folder,
        }
    }

    /// Ends what is due, and lets time pass: a lease of the site's own workers that runs out
    /// meanwhile would have its job done twice at once.
    pub(crate) async fn advance_ms(&self, ms: i64) {
        self.until_idle().await;
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    async fn until_idle(&self) {
        let jobs = &self.state.jobs;
        let run_due = || async move {
            jobs.run_due_once().await.unwrap();
        };
        until_idle(&self.state.db, run_due).await;
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        let sent_from = Some(("sec-fetch-site", "same-origin"));
        Browser { site: self, cookies: BTreeMap::new(), sent_from }
    }

    /// The address of the booking form for so many rooms of types.
    pub(crate) fn book_href(&self, rooms: &str) -> String {
        format!("/book?hotelId={}&{DATES}&adults=2&{rooms}", self.hotel)
    }

    /// Does the jobs that are due, until this page says so.
    pub(crate) async fn until(&self, browser: &mut Browser<'_>, path: &str, text: &str) -> Page {
        for _ in patiently() {
            self.state.jobs.run_due_once().await.unwrap();
            let page = browser.get(path).await;
            if page.html.contains(text) {
                return page;
            }
            tokio::task::yield_now().await;
        }
        panic!("{path} never says {text}");
    }
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, Body::empty()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.send("POST", path, Body::from(body)).await
    }

    /// Sends the page's form to where it goes, with some fields typed in.
    pub(crate) async fn fill(&mut self, page: &Page, typed: &[(&str, &str)]) -> Page {
        let mut fields = page.hidden();
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let action = between(&page.html, "method=\"post\" action=\"", "\"").unwrap();
        self.post(&action.replace("&amp;", "&"), &fields).await
    }

    /// Holds rooms as Ana; gives the answer, which leads to the payment.
    pub(crate) async fn hold(&mut self, rooms: &str) -> Page {
        let form = self.get(&self.site.book_href(rooms)).await;
        assert_eq!(form.status, 200, "{}", form.html);
        self.fill(&form, &ANA).await
    }

    /// Books as Ana and pays at the property; gives the address of the booking.
    pub(crate) async fn book(&mut self, rooms: &str) -> String {
        let pay = self.hold(rooms).await.location();
        let page = self.get(&pay).await;
        let back = self.fill(&page, &[("paymentProvider", "OFFLINE")]).await;
        let confirmed = self.get(&back.location()).await.location();
        confirmed.strip_suffix("/confirmed").unwrap().to_owned()
    }

    /// Pays what is due with a test card; gives where the guest ends up.
    pub(crate) async fn pay(&mut self, booking: &str, card: &str) -> Page {
        let page = self.get(&format!("{booking}/pay")).await;
        let checkout = self.fill(&page, &[("paymentProvider", "SANDBOX")]).await.location();
        let page = self.get(&checkout).await;
        let back = self.fill(&page, &[("card", card), ("outcome", "pay")]).await;
        self.get(&back.location()).await
    }

    pub(crate) async fn sign_in(&mut self, key: &str) -> Page {
        let page = self.get("/staff/sign-in").await;
        self.fill(&page, &[("adminKey", key)]).await
    }

    pub(crate) fn keep(&mut self, cookie: &str, value: &str) {
        self.cookies.insert(cookie.to_owned(), value.to_owned());
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    async fn send(&mut self, method: &str, path: &str, body: Body) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1")
            .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
            .header(header::COOKIE, cookies.join("; "));
        if method == "POST" {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            if let Some((name, value)) = self.sent_from {
                request = request.header(name, value);
            }
        }
        let request = request.body(body).unwrap();
        let answer = self.site.router.clone().oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let html = String::from_utf8(bytes.to_vec()).unwrap();
        Page { status: head.status.as_u16(), headers: head.headers, html }
    }
}

impl Page {
    #[track_caller]
    pub(crate) fn location(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.html);
        self.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn says(&self, status: u16, text: &str) {
        assert_eq!(self.status, status, "{}", self.html);
        assert!(self.html.contains(text), "no {text:?} in {}", self.html);
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The hidden fields of its first form that is posted.
    pub(crate) fn hidden(&self) -> Vec<(String, String)> {
        let form = between(&self.html, "method=\"post\"", "</form>").unwrap();
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        let field = |input: &str| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split('"').next().unwrap().to_owned())
        };
        inputs.map(field).collect()
    }

    pub(crate) fn field(&self, name: &str) -> String {
        let hidden = self.hidden();
        hidden.into_iter().find(|(known, _)| known == name).unwrap().1
    }
}

pub(crate) const ANA: [(&str, &str); 3] =
    [("guestName", "Ana Ruiz"), ("email", "ana@example.com"), ("phone", "+351 912 345 678")];

/// The text behind `start`, up to `end`.
pub(crate) fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.split_once(start)?.1.split_once(end).map(|(between, _)| between)
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

async fn key(state: &AppState, business: BusinessId) -> String {
    let opens = Opens::Role(Role::FrontDesk);
    let made = keys::make(&state.db, &state.ids, &Actor::Admin, business, "desk", opens).await;
    made.unwrap().text
}
