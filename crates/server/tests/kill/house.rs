//! A hotel that is too small for the crowd, and what the crowd asks of it.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use vacancy_app::access::{Actor, keys};
use vacancy_app::businesses;
use vacancy_app::hotels::bulk::{Made, NewHouse, create_many};
use vacancy_app::hotels::draft::NewHotel;
use vacancy_app::ids::Ids;
use vacancy_app::locations::PlaceName;
use vacancy_app::room_types::NewRoomType;
use vacancy_domain::holds::HOLD_TTL_MS_MAX;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::stays::Day;

use super::server::Place;
use super::wire;

/// Guests who ask.
const GUESTS: usize = 200;
/// Rooms they ask for.
pub(crate) const ROOMS: usize = 150;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(crate) struct House {
    id: PropertyId,
    /// The night that every guest wants.
    hot: Day,
    /// What the platform's admin sends.
    admin_key: String,
}

impl House {
    pub(crate) async fn build(place: &Place) -> House {
        let db = place.db().await;
        let now_ms = db.read(|tx| Box::pin(async move { tx.now_ms().await })).await.unwrap();
        let ids = Ids::from_system(Arc::new(move || now_ms)).unwrap();
        let business = businesses::ensure_default(&db).await.unwrap().id;
        let place = PlaceName::City { name: "Lisbon".into(), country: "PT".into() };
        let hotel = NewHotel {
            // Whoever holds a room keeps it for longer than the test takes.
            hold_ttl_ms: HOLD_TTL_MS_MAX,
            ..NewHotel::named("Casa do Rossio", place, "Europe/Lisbon", "EUR")
        };
        let rooms = i64::try_from(ROOMS).unwrap();
        let room_types = vec![NewRoomType::coded("STANDARD", rooms, Some(9_000))];
        let houses = [NewHouse { hotel, room_types }];
        let made = create_many(&db, &ids, &Actor::System, business, &houses).await.unwrap();
        let [Made::Created(id)] = made[..] else { panic!("not made: {made:?}") };
        let admin_key = keys::make_admin_key(&db, &ids).await.unwrap().text;
        House { id, hot: Day(now_ms / DAY_MS + 30), admin_key }
    }

    /// One body per guest: one to four nights, the hot night among them.
    pub(crate) fn bookings(&self) -> Vec<String> {
        let booking = |guest: usize| {
            let offset = i64::try_from(guest % 3).unwrap();
            let check_in = self.hot.plus(-offset);
            let check_out = self.hot.plus(1 + offset / 2);
            let body = json!({
                "requestId": format!("guest-{guest}"),
                "hotelId": self.id.to_string(),
                "checkInDate": check_in.to_string(),
                "checkOutDate": check_out.to_string(),
                "rooms": {"STANDARD": 1},
                "guest": {"fullName": "Ana Sousa", "email": format!("ana+{guest}@example.com")},
            });
            body.to_string()
        };
        (0..GUESTS).map(booking).collect()
    }

    /// What the business's own calendar says of the hot night.
    pub(crate) async fn held_on_the_hot_night(&self, address: SocketAddr) -> usize {
        let House { id, hot, admin_key } = self;
        let path = format!("/v1/hotels/{id}/inventory?from={hot}&to={}", hot.plus(1));
        let calendar = wire::get(address, &path, admin_key).await;
        let night = &calendar.body["roomTypes"][0]["nights"][0];
        assert_eq!((&night["roomsLeft"], &night["sold"]), (&json!(0), &json!(0)), "{calendar:?}");
        usize::try_from(night["held"].as_u64().unwrap()).unwrap()
    }
}
