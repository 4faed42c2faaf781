//! Guests who have booked and gone to pay, before the provider tells of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::a_moment;
use crate::server::hotel::Hotel;
use crate::server::wire::{self, Connection, Version};

/// Guests who book at the same time.
const AT_ONCE: usize = 16;
/// Days over which arrivals are spread.
const ARRIVAL_DAYS: usize = 60;

/// A reservation whose guest has paid at the provider.
pub(crate) struct Ordered {
    reservation: String,
    guest_token: String,
    /// What the provider says of it.
    pub(crate) event: String,
}

/// Makes so many.
///
/// # Errors
/// When one cannot be made.
pub(crate) async fn order(
    address: SocketAddr,
    hotel: &Hotel,
    count: usize,
) -> Result<Vec<Ordered>, String> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut guests = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (hotel, next) = (hotel.clone(), Arc::clone(&next));
        guests.spawn(async move {
            let mut connection = Connection::open(address, Version::Http1).await?;
            let mut made = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if count <= number {
                    return Ok::<_, String>(made);
                }
                made.push(book(address, &mut connection, &hotel, number).await?);
            }
        });
    }
    let mut orders = Vec::with_capacity(count);
    while let Some(made) = guests.join_next().await {
        orders.extend(made.map_err(|ended| format!("a guest ended: {ended}"))??);
    }
    Ok(orders)
}

async fn book(
    address: SocketAddr,
    connection: &mut Connection,
    hotel: &Hotel,
    number: usize,
) -> Result<Ordered, String> {
    let later = i64::try_from(number % ARRIVAL_DAYS).unwrap_or(0);
    let body = wire::whole(hotel.booking_from(&format!("paid-{number}"), later));
    let asked = wire::request("POST", address, "/v1/reservations", "", body);
    let booked = connection.ask(asked).await?;
    let (reservation, guest_token) = (booked.text("reservationId")?, booked.text("guestToken")?);
    let wish = json!({
        "reservationId": reservation, "paymentProvider": "STRIPE",
        "returnUrl": "https://book.example.com/return",
    });
    let body = wire::whole(wish.to_string());
    let asked = wire::request("POST", address, "/v1/payments/order", &guest_token, body);
    let opened = connection.ask(asked).await?;
    let (session, payment) = (opened.text("paymentOrderId")?, opened.text("paymentId")?);
    let event = json!({
        "id": format!("evt_{number}"), "object": "event", "type": "checkout.session.completed",
        "data": {"object": {
            "id": session, "object": "checkout.session", "client_reference_id": payment,
            "payment_status": "paid", "status": "complete",
        }},
    });
    Ok(Ordered { reservation, guest_token, event: event.to_string() })
}

/// Waits until every reservation is confirmed, or the time is over. Gives how many are.
///
/// # Errors
/// When one cannot be looked at.
pub(crate) async fn confirmed(
    address: SocketAddr,
    orders: &[Ordered],
    wait_max: Duration,
) -> Result<usize, String> {
    let until = Instant::now() + wait_max;
    let mut connection = Connection::open(address, Version::Http1).await?;
    let mut confirmed = 0;
    for order in orders {
        let path = format!("/v1/reservations/{}", order.reservation);
        loop {
            let token = &order.guest_token;
            let asked = wire::request("GET", address, &path, token, wire::whole(""));
            let status = connection.ask(asked).await?.text("status")?;
            if status == "CONFIRMED" {
                confirmed += 1;
                break;
            }
            if until <= Instant::now() {
                break;
            }
            a_moment().await;
        }
    }
    Ok(confirmed)
}
