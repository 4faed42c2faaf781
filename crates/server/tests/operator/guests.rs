//! A hotel with room for everybody, and guests who book one after the other until told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use vacancy_domain::stays::Day;

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Who books at the same time.
const GUESTS: usize = 8;

pub(crate) struct Hotel {
    url: String,
    id: String,
    night: Day,
}

impl Hotel {
    pub(crate) async fn build(url: &str, admin_key: &str) -> Hotel {
        let hotel = json!({
            "name": "Casa do Rossio", "city": "Lisbon", "country": "PT", "currency": "EUR",
            "timeZone": "Europe/Lisbon", "geo": {"latitude": 38.7139, "longitude": -9.1394},
        });
        let made = post(&format!("{url}/v1/hotels"), admin_key, &hotel).await.unwrap();
        let id = made["hotelId"].as_str().unwrap().to_owned();
        let room_type = json!({
            "code": "STANDARD", "capacity": 9_000,
            "baseRate": {"amount": 9_000, "currency": "EUR"},
        });
        post(&format!("{url}/v1/hotels/{id}/room-types"), admin_key, &room_type).await.unwrap();
        let today = get(&format!("{url}/v1/hotels/{id}/today"), admin_key).await;
        let today: Day = today["date"].as_str().unwrap().parse().unwrap();
        Hotel { url: url.to_owned(), id, night: today.plus(30) }
    }

    /// The reservation's id, once it was answered.
    pub(crate) async fn book(&self, number: usize) -> Option<String> {
        let booking = json!({
            "requestId": format!("guest-{number}"), "hotelId": self.id,
            "checkInDate": self.night.to_string(), "checkOutDate": self.night.plus(2).to_string(),
            "rooms": {"STANDARD": 1},
            "guest": {"fullName": "=Ana Sousa", "email": format!("ana+{number}@example.com")},
        });
        let booked = post(&format!("{}/v1/reservations", self.url), "", &booking).await?;
        Some(booked["reservationId"].as_str().unwrap().to_owned())
    }

    /// Guests who book until they are told to stop. Every answered booking is told at once.
    pub(crate) fn crowd(self: &Arc<Hotel>) -> Crowd {
        let (tell, answered) = mpsc::unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        let next = Arc::new(AtomicUsize::new(0));
        let guest = |_| {
            let (hotel, tell, next) = (Arc::clone(self), tell.clone(), Arc::clone(&next));
            let stopped = stopped.clone();
            tokio::spawn(async move {
                while !*stopped.borrow() {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let id = hotel.book(number).await.expect("there is room for everybody");
                    let _nobody_listens = tell.send(id);
                }
            })
        };
        Crowd { guests: (0..GUESTS).map(guest).collect(), answered, stop }
    }
}

pub(crate) struct Crowd {
    guests: Vec<JoinHandle<()>>,
    answered: mpsc::UnboundedReceiver<String>,
    stop: watch::Sender<bool>,
}

impl Crowd {
    /// Waits until so many more were answered.
    pub(crate) async fn answered(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        while ids.len() < count {
            ids.push(self.answered.recv().await.unwrap());
        }
        while let Ok(id) = self.answered.try_recv() {
            ids.push(id);
        }
        ids
    }

    /// Sends everybody home, and gives those who were answered since.
    pub(crate) async fn stop(mut self) -> Vec<String> {
        self.stop.send(true).unwrap();
        for guest in self.guests {
            guest.await.unwrap();
        }
        self.answered.close();
        let mut ids = Vec::new();
        while let Some(id) = self.answered.recv().await {
            ids.push(id);
        }
        ids
    }
}

/// `None`: the server did not say yes.
pub(crate) async fn post(url: &str, key: &str, body: &Value) -> Option<Value> {
    let asked = client().post(url).header("content-type", "application/json");
    let asked = if key.is_empty() { asked } else { asked.bearer_auth(key) };
    let answer = asked.body(body.to_string()).send().await.ok()?;
    let is_done = answer.status() == 201;
    let text = answer.text().await.ok()?;
    is_done.then(|| serde_json::from_str(&text).unwrap())
}

pub(crate) async fn status(url: &str, key: &str) -> u16 {
    client().get(url).bearer_auth(key).send().await.unwrap().status().as_u16()
}

async fn get(url: &str, key: &str) -> Value {
    let answer = client().get(url).bearer_auth(key).send().await.unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

fn client() -> reqwest::Client {
    // The build can speak TLS to payment providers, and names no cryptography by default. Whoever
    // comes second finds it installed.
    let _second = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(PATIENCE).build().unwrap()
}
