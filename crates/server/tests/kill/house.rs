//! A hotel that is too small for the crowd, made as a business makes one, and what the crowd asks.

use std::net::SocketAddr;

use serde_json::json;
use vacancy_domain::stays::Day;

use super::wire;

/// Guests who ask.
const GUESTS: usize = 200;
/// Rooms they ask for.
pub(crate) const ROOMS: usize = 150;

pub(crate) struct House {
    id: String,
    /// The night that every guest wants.
    hot: Day,
    /// What the platform's admin sends.
    admin_key: String,
}

impl House {
    pub(crate) async fn build(address: SocketAddr, admin_key: String) -> House {
        let hotel = json!({
            "name": "Casa do Rossio", "city": "Lisbon", "country": "PT", "currency": "EUR",
            "timeZone": "Europe/Lisbon", "geo": {"latitude": 38.7139, "longitude": -9.1394},
            // Whoever holds a room keeps it for longer than the test takes.
            "holdSeconds": 1_800,
        });
        let made = wire::post(address, "/v1/hotels", &admin_key, &hotel).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.text("hotelId").to_owned();
        let room_type = json!({
            "code": "STANDARD", "capacity": ROOMS,
            "baseRate": {"amount": 9_000, "currency": "EUR"},
        });
        let path = format!("/v1/hotels/{id}/room-types");
        let made = wire::post(address, &path, &admin_key, &room_type).await;
        assert_eq!(made.status, 201, "{made:?}");
        let today = wire::get(address, &format!("/v1/hotels/{id}/today"), &admin_key).await;
        let today: Day = today.text("date").parse().unwrap();
        House { id, hot: today.plus(30), admin_key }
    }

    /// One body per guest: one to four nights, the hot night among them.
    pub(crate) fn bookings(&self) -> Vec<String> {
        let booking = |guest: usize| {
            let offset = i64::try_from(guest % 3).unwrap();
            let check_in = self.hot.plus(-offset);
            let check_out = self.hot.plus(1 + offset / 2);
            let body = json!({
                "requestId": format!("guest-{guest}"),
                "hotelId": self.id,
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
