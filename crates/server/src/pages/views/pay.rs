//! The rooms are held, or something is due on a booking: how to pay.

use askama::Template;

use super::parts::{PriceTable, StayCard};

/// Form: POST `action` with `paymentProvider`, the value of the button pressed.
#[derive(Debug, Clone, Template)]
#[template(path = "pay.html")]
pub struct Pay {
    pub stay: StayCard,
    pub price: PriceTable,
    pub action: String,
    /// "14:32 (Lisbon time)"; `None` when the booking stands and something is due on it.
    pub held_until: Option<String>,
    /// "€166.42": what was paid before on a booking that costs more now.
    pub paid_already: Option<String>,
    /// "This is the deposit. The rest, €297.00, is paid at the property."
    pub rest: Option<String>,
    /// Nothing is to be paid: a button confirms, and there is no way to pay.
    pub is_free: bool,
    pub ways: Vec<WayToPay>,
    /// POST here gives the rooms back before the time is up.
    pub release_action: Option<String>,
    pub back_href: String,
    /// "The card was declined. Nothing was charged; the rooms are still held."
    pub alert: Option<String>,
}

/// One provider as the guest sees it; the first is the one we suggest.
#[derive(Debug, Clone)]
pub struct WayToPay {
    /// `SANDBOX`, `OFFLINE`, `STRIPE` …
    pub provider: &'static str,
    /// "Pay €208.00 now", "Pay at the property"
    pub label: String,
    /// "You go to a test payment page. No real money moves."
    pub detail: String,
}
