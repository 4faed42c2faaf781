//! A hotel made through the API as a business makes one, and what the business's own lists and
//! calendar say of it at the end.

use std::net::SocketAddr;

use serde_json::{Value, json};
use vacancy_domain::stays::Day;

use crate::Trouble;
use crate::wire::{self, Answer, Ask};

/// What one night costs, in cents.
const NIGHT_MINOR: i64 = 9_000;

#[derive(Clone)]
pub(crate) struct House {
    pub(crate) id: String,
    pub(crate) rooms: usize,
    /// The night that everybody wants.
    pub(crate) hot: Day,
    admin_key: String,
}

/// A reservation as the business sees it.
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) email: String,
}

impl House {
    pub(crate) async fn build(
        address: SocketAddr,
        admin_key: &str,
        rooms: usize,
    ) -> Result<House, Trouble> {
        let hotel = json!({
            "name": "Casa do Rossio", "city": "Lisbon", "country": "PT", "currency": "EUR",
            "timeZone": "Europe/Lisbon", "geo": {"latitude": 38.7139, "longitude": -9.1394},
            // Whoever holds a room keeps it for longer than the test takes.
            "holdSeconds": 1_800,
        });
        let ask = Ask::post("/v1/hotels".into(), &hotel).by(admin_key);
        let id = expect(address, &ask, 201).await?.text("hotelId")?;
        let room_type = json!({
            "code": "STANDARD", "capacity": rooms,
            "baseRate": {"amount": NIGHT_MINOR, "currency": "EUR"},
        });
        let path = format!("/v1/hotels/{id}/room-types");
        expect(address, &Ask::post(path, &room_type).by(admin_key), 201).await?;
        let ask = Ask::get(format!("/v1/hotels/{id}/today")).by(admin_key);
        let today = expect(address, &ask, 200).await?.text("date")?;
        let today: Day = today.parse().map_err(|_| format!("{today} is no day"))?;
        Ok(House { id, rooms, hot: today.plus(30), admin_key: admin_key.to_owned() })
    }

    /// A guest's request: one to four nights, the hot one among them.
    pub(crate) fn wish(&self, request: &str, guest: usize) -> Ask {
        let before = i64::try_from(guest % 3).unwrap_or_default();
        let body = json!({
            "requestId": request,
            "hotelId": self.id,
            "checkInDate": self.hot.plus(-before).to_string(),
            "checkOutDate": self.hot.plus(1 + before / 2).to_string(),
            "rooms": {"STANDARD": 1},
            "guest": {"fullName": "Ana Sousa", "email": email(request)},
        });
        Ask::post("/v1/reservations".into(), &body)
    }

    /// What a guest asks before they book.
    pub(crate) fn search(&self) -> Ask {
        let body = json!({
            "hotelId": self.id,
            "checkInDate": self.hot.to_string(),
            "checkOutDate": self.hot.plus(1).to_string(),
        });
        Ask::post("/v1/availability".into(), &body)
    }

    /// A question that only the store can answer.
    pub(crate) fn today(&self) -> Ask {
        Ask::get(format!("/v1/hotels/{}/today", self.id)).by(&self.admin_key)
    }

    /// Every reservation of the house.
    pub(crate) async fn listed(&self, address: SocketAddr) -> Result<Vec<Listed>, Trouble> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/reservations?hotelId={}&limit=200{cursor}", self.id);
            let page = expect(address, &Ask::get(path).by(&self.admin_key), 200).await?;
            for item in page.body["items"].as_array().into_iter().flatten() {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                found.push(Listed {
                    id: text(&item["reservationId"]),
                    status: text(&item["status"]),
                    email: text(&item["guests"][0]["email"]),
                });
            }
            match page.body["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(found),
            }
        }
    }

    /// Units of the hot night that are held or sold, as the calendar says.
    pub(crate) async fn taken(&self, address: SocketAddr) -> Result<usize, Trouble> {
        let House { id, hot, admin_key, .. } = self;
        let path = format!("/v1/hotels/{id}/inventory?from={hot}&to={}", hot.plus(1));
        let calendar = expect(address, &Ask::get(path).by(admin_key), 200).await?;
        let night = &calendar.body["roomTypes"][0]["nights"][0];
        match (night["held"].as_u64(), night["sold"].as_u64()) {
            (Some(held), Some(sold)) => Ok(usize::try_from(held + sold)?),
            _ => Err(format!("no such night: {calendar:?}").into()),
        }
    }
}

pub(crate) fn email(request: &str) -> String {
    format!("{request}@example.com")
}

/// Asks a server that is well.
pub(crate) async fn expect(address: SocketAddr, ask: &Ask, status: u16) -> Result<Answer, Trouble> {
    let answer = wire::ask(address, ask).await?;
    if answer.status == status {
        return Ok(answer);
    }
    Err(format!("{} {}: {answer:?}", ask.method, ask.path).into())
}
