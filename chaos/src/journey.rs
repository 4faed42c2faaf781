//! What a small hotel lives through in a day: it is made, a guest books, pays, cancels and has the
//! money back, another one never pays, a third waits for that room. Each part can be lived alone.
//! Every request may be sent again; what was answered once is compared with what is answered later.

use serde_json::{Value, json};
use vacancy_domain::stays::Day;

use crate::Trouble;
use crate::life::Life;
use crate::wire::{Answer, Ask};

/// Rooms of the hotel; the lapse needs all of them to be taken.
const ROOMS: i64 = 2;
/// What one night of one room costs, in cents, before tax.
const NIGHT_MINOR: i64 = 9_000;

#[derive(Clone)]
pub(crate) struct Hotel {
    id: String,
    admin_key: String,
    first_day: Day,
}

/// A reservation as it was answered first.
pub(crate) struct Booking {
    ask: Ask,
    first: Answer,
    id: String,
    token: String,
    total: Value,
}

impl Booking {
    /// The guest's own code.
    pub(crate) fn code(&self) -> &Value {
        &self.first.body["code"]
    }

    pub(crate) fn of(ask: Ask, first: Answer) -> Result<Booking, Trouble> {
        let (id, token) = (first.text("reservationId")?, first.text("guestToken")?);
        let total = first.body["price"]["finalPrice"].clone();
        Ok(Booking { ask, first, id, token, total })
    }

    fn path(&self) -> String {
        format!("/v1/reservations/{}", self.id)
    }

    pub(crate) fn show(&self) -> Ask {
        Ask::get(self.path()).by(&self.token)
    }
}

/// The whole day, one part after the other.
pub(crate) async fn live(life: &mut Life<'_>) -> Result<(), Trouble> {
    let hotel = open(life, ROOMS).await?;
    let booking = book(life, &hotel, "guest-1", 0).await?;
    let order = pay(life, &booking).await?;
    dispute(life, &booking, &order).await?;
    cancel(life, &booking).await?;
    same_again(life, &booking).await?;
    lapse(life, &hotel, "guest-2").await?;
    counts(life, &hotel, 0, 0).await?;
    life.stop()
}

/// Makes the hotel as a business does. A key names each request, so that it is made once.
pub(crate) async fn open(life: &mut Life<'_>, rooms: i64) -> Result<Hotel, Trouble> {
    life.server().await?;
    let admin_key = life.place.admin_key()?;
    let hotel = json!({
        "name": "Casa do Rossio", "city": "Lisbon", "country": "PT", "currency": "EUR",
        "timeZone": "Europe/Lisbon", "geo": {"latitude": 38.7139, "longitude": -9.1394},
    });
    let ask = Ask::post("/v1/hotels".into(), &hotel).by(&admin_key).key("the-hotel");
    let id = life.expect(&ask, &[201]).await?.text("hotelId")?;
    let room_type = json!({
        "code": "STANDARD", "capacity": rooms,
        "baseRate": {"amount": NIGHT_MINOR, "currency": "EUR"},
    });
    let path = format!("/v1/hotels/{id}/room-types");
    let ask = Ask::post(path, &room_type).by(&admin_key).key("the-room-type");
    life.expect(&ask, &[201]).await?;
    let ask = Ask::get(format!("/v1/hotels/{id}/today")).by(&admin_key);
    let today = life.expect(&ask, &[200]).await?.text("date")?;
    let today: Day = today.parse().map_err(|_| format!("{today} is no day"))?;
    Ok(Hotel { id, admin_key, first_day: today.plus(30) })
}

/// Two nights in one room, so many days after the hotel's first.
pub(crate) fn wish(hotel: &Hotel, request: &str, after_days: i64) -> Ask {
    let first = hotel.first_day.plus(after_days);
    let body = json!({
        "requestId": request,
        "hotelId": hotel.id,
        "checkInDate": first.to_string(),
        "checkOutDate": first.plus(2).to_string(),
        "rooms": {"STANDARD": 1},
        "guest": {"fullName": "Ana Sousa", "email": format!("{request}@example.com")},
    });
    Ask::post("/v1/reservations".into(), &body)
}

pub(crate) async fn book(
    life: &mut Life<'_>,
    hotel: &Hotel,
    request: &str,
    after_days: i64,
) -> Result<Booking, Trouble> {
    let ask = wish(hotel, request, after_days);
    let first = life.expect(&ask, &[201]).await?;
    life.check_replay(&ask, &first);
    let booking = Booking::of(ask, first)?;
    same_again(life, &booking).await?;
    Ok(booking)
}

/// The same request is answered as it was the first time.
async fn same_again(life: &mut Life<'_>, booking: &Booking) -> Result<(), Trouble> {
    let again = life.expect(&booking.ask, &[201]).await?;
    if again.body != booking.first.body || !again.is_replay {
        let told = format!("one request, two answers: {:?}, then {again:?}", booking.first);
        life.violations.push(told);
    }
    Ok(())
}

/// Opens an order, pays on the provider's page, comes back. Gives the order.
pub(crate) async fn pay(life: &mut Life<'_>, booking: &Booking) -> Result<String, Trouble> {
    let opened = life.expect(&order(booking), &[200]).await?;
    let order_id = opened.text("paymentOrderId")?;
    let page = Ask::form(format!("/sandbox/checkout/{order_id}"), "card=4242424242424242");
    // 409: it was paid before, and the answer was lost.
    life.expect(&page, &[303, 409]).await?;
    let back = json!({"reservationId": booking.id, "paymentOrderId": order_id});
    let back = Ask::post("/v1/payments/confirm".into(), &back).by(&booking.token);
    life.expect(&back, &[200, 202]).await?;
    let shown = life.until(&booking.show(), "status", "CONFIRMED").await?;
    one_payment(life, booking, &shown, "paid");
    Ok(order_id)
}

fn order(booking: &Booking) -> Ask {
    let body = json!({
        "reservationId": booking.id,
        "paymentProvider": "SANDBOX",
        "returnUrl": "https://app.example.com/return",
    });
    Ask::post("/v1/payments/order".into(), &body).by(&booking.token)
}

/// The guest's bank takes the money back, and returns it.
async fn dispute(life: &mut Life<'_>, booking: &Booking, order: &str) -> Result<(), Trouble> {
    let nothing = json!({"amount": 0, "currency": "EUR"});
    for (form, taken) in [("outcome=dispute", &booking.total), ("outcome=dispute_won", &nothing)] {
        let page = Ask::form(format!("/sandbox/checkout/{order}"), form);
        life.expect(&page, &[303]).await?;
        life.until_is(&booking.show(), "chargedBack", taken).await?;
    }
    Ok(())
}

/// Cancels, and has all of the money back once.
pub(crate) async fn cancel(life: &mut Life<'_>, booking: &Booking) -> Result<(), Trouble> {
    let reason = json!({"reason": "plans changed"});
    let ask = Ask::post(format!("{}/cancel", booking.path()), &reason).by(&booking.token);
    life.expect(&ask, &[200]).await?;
    let shown = life.until(&booking.show(), "status", "REFUNDED").await?;
    one_payment(life, booking, &shown, "refunded");
    if shown["refunded"] != booking.total {
        life.violations.push(format!("another amount went back: {shown}"));
    }
    Ok(())
}

/// However often it was asked, one payment took the money.
fn one_payment(life: &mut Life<'_>, booking: &Booking, shown: &Value, state: &str) {
    let payments = shown["payments"].as_array().map_or(0, Vec::len);
    if payments != 1 || shown["paymentState"] != state {
        life.violations.push(format!("{payments} payments of {}: {shown}", booking.id));
    }
}

/// One room is held and one reserved by somebody whose payment order got lost. Their time passes;
/// who waits gets the held room at once, and the provider is asked before the other one is free.
pub(crate) async fn lapse(
    life: &mut Life<'_>,
    hotel: &Hotel,
    request: &str,
) -> Result<(), Trouble> {
    let unpaid = book(life, hotel, &format!("{request}-unpaid"), 0).await?;
    let lost = order(&unpaid).with("vacancy-test", "payment_timeout");
    // 503: nobody knows whether the provider opened it.
    life.answered(&lost).await?;
    let mut held = wish(hotel, "", 0);
    held.remove(&["requestId", "guest"]);
    let held = held.at("/v1/inventory/hold").by(&hotel.admin_key).key(&format!("{request}-held"));
    life.expect(&held, &[201]).await?;
    let waiting = wish(hotel, &format!("{request}-waits"), 0);
    life.expect(&waiting, &[409]).await?;
    life.place.holds_run_out().await?;
    let got = book(life, hotel, &format!("{request}-gets"), 0).await?;
    life.until(&unpaid.show(), "status", "EXPIRED").await?;
    life.until(&got.show(), "status", "PENDING_PAYMENT").await?;
    expire(life, &got).await
}

/// Nobody waits for the room of who did not pay: the sweep frees it.
pub(crate) async fn expire(life: &mut Life<'_>, booking: &Booking) -> Result<(), Trouble> {
    life.place.holds_run_out().await?;
    life.until(&booking.show(), "status", "EXPIRED").await?;
    Ok(())
}

/// The calendar of the first night says what is sold and held.
pub(crate) async fn counts(
    life: &mut Life<'_>,
    hotel: &Hotel,
    sold: i64,
    held: i64,
) -> Result<(), Trouble> {
    let Hotel { id, admin_key, first_day } = hotel;
    let end_day = first_day.plus(1);
    let path = format!("/v1/hotels/{id}/inventory?from={first_day}&to={end_day}");
    let calendar = life.expect(&Ask::get(path).by(admin_key), &[200]).await?;
    let night = &calendar.body["roomTypes"][0]["nights"][0];
    if night["sold"] != sold || night["held"] != held {
        let told = format!("{sold} sold and {held} held are right, the calendar says {night}");
        life.violations.push(told);
    }
    Ok(())
}
