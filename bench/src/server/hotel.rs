//! One hotel with one room type, made as a business makes it, and the bookings that guests ask.

use std::net::SocketAddr;

use serde_json::json;
use vacancy_domain::stays::Day;

use super::wire::{self, Connection, Version};

/// How far ahead the first night lies.
const LEAD_DAYS: i64 = 30;
const NIGHTS: i64 = 3;

#[derive(Debug, Clone)]
pub(crate) struct Hotel {
    id: String,
    first_day: Day,
}

impl Hotel {
    pub(crate) async fn build(
        address: SocketAddr,
        admin_key: &str,
        units: usize,
    ) -> Result<Hotel, String> {
        let mut connection = Connection::open(address, Version::Http1).await?;
        let hotel = json!({
            "name": "Casa do Rossio", "city": "Lisbon", "country": "PT", "currency": "EUR",
            "timeZone": "Europe/Lisbon", "geo": {"latitude": 38.7139, "longitude": -9.1394},
            // Whoever holds a room keeps it for longer than the bench takes.
            "holdSeconds": 1_800,
        });
        let body = wire::whole(hotel.to_string());
        let asked = wire::request("POST", address, "/v1/hotels", admin_key, body);
        let id = connection.ask(asked).await?.text("hotelId")?;
        let room_type = json!({
            "code": "STANDARD", "capacity": units,
            "baseRate": {"amount": 9_000, "currency": "EUR"},
        });
        let (path, body) =
            (format!("/v1/hotels/{id}/room-types"), wire::whole(room_type.to_string()));
        let asked = wire::request("POST", address, &path, admin_key, body);
        connection.ask(asked).await?.text("code")?;
        let path = format!("/v1/hotels/{id}/today");
        let asked = wire::request("GET", address, &path, admin_key, wire::whole(""));
        let today = connection.ask(asked).await?.text("date")?;
        let today: Day = today.parse().map_err(|_| format!("{today} is no day"))?;
        Ok(Hotel { id, first_day: today.plus(LEAD_DAYS) })
    }

    /// What a guest asks, under a name of the guest's own: the same three nights as everybody.
    pub(crate) fn booking(&self, request_id: &str) -> String {
        self.booking_from(request_id, 0)
    }

    /// The same so many days later.
    pub(crate) fn booking_from(&self, request_id: &str, later: i64) -> String {
        let first_day = self.first_day.plus(later);
        json!({
            "requestId": request_id,
            "hotelId": self.id,
            "checkInDate": first_day.to_string(),
            "checkOutDate": first_day.plus(NIGHTS).to_string(),
            "rooms": {"STANDARD": 1},
            "guest": {
                "fullName": "Maria Fernanda de Almeida",
                "email": format!("maria.{request_id}@example.org"),
            },
        })
        .to_string()
    }
}
