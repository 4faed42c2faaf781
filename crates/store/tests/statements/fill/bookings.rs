//! Two years of bookings of the big hotel, many of others', and holds that wait or are overdue.

use vacancy_domain::codes::Code;
use vacancy_domain::ids::{BusinessId, HoldId, LineId, PaymentId, ReservationId};
use vacancy_domain::money::Currency;
use vacancy_domain::prices::{LinePrice, NightPrice, Price, Step};
use vacancy_domain::stays::Day;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::{ids::uuid, prices};

use super::house::{self, BIG_ROOMS, TYPES};
use super::{Of, Rows, TODAY, id, pool, property};
use crate::run::NOW_MS;

/// Bookings that were paid for, the oldest first.
pub(crate) const SOLD: i64 = 20_000;
/// Holds behind them: every other one is overdue.
pub(crate) const HELD: i64 = 200;
const ARRIVALS: i64 = 25;
pub(crate) const NIGHTS: i64 = 3;
/// Bookings from this one on have a room.
const ROOMED: i64 = 10_000;
/// Rooms that are slept in; the last ones of the big hotel are free.
const SLEPT_ROOMS: i64 = BIG_ROOMS - 20;

/// One booking of the big hotel by its number; every third is another's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Booking(pub(crate) i64);

impl Booking {
    pub(crate) fn hotel(self) -> i64 {
        if self.0 % 3 == 2 && self.0 < SOLD { 100 + self.0 % 1_000 } else { 0 }
    }

    fn business(self) -> BusinessId {
        house::business(house::business_of(self.hotel()))
    }

    pub(crate) fn reservation(self) -> ReservationId {
        ReservationId(id(Of::Reservation, self.0))
    }

    pub(crate) fn hold(self) -> HoldId {
        HoldId(id(Of::Hold, self.0))
    }

    pub(crate) fn line(self) -> LineId {
        LineId(id(Of::Line, self.0))
    }

    pub(crate) fn payment(self) -> PaymentId {
        PaymentId(id(Of::Payment, self.0))
    }

    pub(crate) fn first_day(self) -> i64 {
        TODAY - 700 + self.0 / ARRIVALS
    }

    pub(crate) fn code(self) -> Code {
        Code::draw(u64::try_from(self.0).unwrap())
    }

    pub(crate) fn email(self) -> String {
        format!("guest{}@example.org", self.0)
    }

    fn is_held(self) -> bool {
        SOLD <= self.0
    }

    fn stay_state(self) -> &'static str {
        let first_day = self.first_day();
        if self.is_held() {
            "held"
        } else if self.0 % 20 == 7 {
            "canceled"
        } else if first_day + NIGHTS <= TODAY {
            "completed"
        } else if first_day <= TODAY {
            "checked_in"
        } else {
            "confirmed"
        }
    }

    fn hold_state(self) -> &'static str {
        match self.stay_state() {
            "held" => "held",
            "canceled" => "returned",
            _ => "confirmed",
        }
    }

    fn expires_at_ms(self) -> i64 {
        if self.0 % 2 == 0 { NOW_MS - 1_000 } else { NOW_MS + 500_000 }
    }

    fn created_at_ms(self) -> i64 {
        NOW_MS - 100_000_000 + self.0
    }

    fn lines(self) -> String {
        let (line, pool) = (uuid(self.line().0), uuid(pool(self.hotel(), self.0 % TYPES).0));
        let (first, end) = (self.first_day(), self.first_day() + NIGHTS);
        format!("[[\"{line}\",\"{pool}\",{first},{end},1,\"TYPE{}\"]]", self.0 % TYPES)
    }
}

/// As long as a real one.
fn price() -> Price {
    let base = || vec![Step { name: "base".into(), bp: 0, amount_minor: 10_000 }];
    let night = |day| NightPrice { day: Day(day), amount_minor: 10_000, trace: base() };
    let line = LinePrice {
        line: Booking(0).line(),
        pool: pool(0, 0),
        units: 1,
        nights: (0..NIGHTS).map(night).collect(),
        guests: Vec::new(),
        total_minor: 30_000,
    };
    let lines = vec![line];
    Price { lines, total_minor: 30_000, ..Price::free(Currency::EUR) }
}

pub(crate) async fn fill(db: &Db) {
    for first in (0..SOLD + HELD).step_by(5_000) {
        let end = (first + 5_000).min(SOLD + HELD);
        let write = db.write(move |tx| {
            Box::pin(async move {
                holds(tx, first..end).await?;
                ledger(tx, first..end).await?;
                reservations(tx, first..end).await?;
                names(tx, first..end).await?;
                history(tx, first..end).await?;
                money(tx, first..end.min(SOLD)).await?;
                nights(tx, first.max(ROOMED)..end.min(SOLD)).await
            })
        });
        write.await.unwrap();
    }
}

type Numbers = std::ops::Range<i64>;

async fn holds(tx: &Tx<'_>, numbers: Numbers) -> Result<(), Fault> {
    Rows::of(numbers)
        .ids("property", |n| property(Booking(n).hotel()).0)
        .ids("id", |n| Booking(n).hold().0)
        .text("state", |n| Booking(n).hold_state().to_owned())
        .word("reference", "")
        .whole("created_at_ms", |n| Booking(n).created_at_ms())
        .whole("expires_at_ms", |n| Booking(n).expires_at_ms())
        .each("version", 2)
        .put(tx, "hold")
        .await
}

/// Held, and sold where it was.
async fn ledger(tx: &Tx<'_>, numbers: Numbers) -> Result<(), Fault> {
    let sold = numbers.start..numbers.end.min(SOLD);
    let returned = sold.clone().filter(|n| Booking(*n).stay_state() == "canceled");
    entries(tx, numbers, "held", 0).await?;
    entries(tx, sold.clone(), "posted", 1).await?;
    entries(tx, returned, "returned", 2).await
}

async fn entries(
    tx: &Tx<'_>,
    numbers: impl Iterator<Item = i64>,
    kind: &str,
    seq: i64,
) -> Result<(), Fault> {
    Rows::of(numbers)
        .ids("property", |n| property(Booking(n).hotel()).0)
        .ids("line", |n| Booking(n).line().0)
        .each("seq", seq)
        .word("kind", kind)
        .ids("hold", |n| Booking(n).hold().0)
        .ids("pool", |n| pool(Booking(n).hotel(), n % TYPES).0)
        .whole("first_slot", |n| Booking(n).first_day())
        .whole("first_day", |n| Booking(n).first_day())
        .each("slots", NIGHTS)
        .each("units", 1)
        .whole("at_ms", |n| Booking(n).created_at_ms())
        .put(tx, "ledger")
        .await
}

async fn reservations(tx: &Tx<'_>, numbers: Numbers) -> Result<(), Fault> {
    let price = prices::to_text(&price());
    Rows::of(numbers)
        .ids("property", |n| property(Booking(n).hotel()).0)
        .ids("id", |n| Booking(n).reservation().0)
        .ids("business", |n| Booking(n).business().0)
        .ids("hold", |n| Booking(n).hold().0)
        .text("code", |n| Booking(n).code().letters().to_owned())
        .text("request_id", |n| format!("request {n}"))
        .text("stay_state", |n| Booking(n).stay_state().to_owned())
        .text("money_state", |n| if n < SOLD { "paid" } else { "unpaid" }.to_owned())
        .whole("first_day", |n| Booking(n).first_day())
        .whole("end_day", |n| Booking(n).first_day() + NIGHTS)
        .text("lines", |n| Booking(n).lines())
        .each("adults", 2)
        .word("children", "")
        .text("guest_name", |n| format!("Guest {n}"))
        .text("guest_email", |n| Booking(n).email())
        .word("guest_phone", "")
        .word("guest_requests", "")
        .text("search_text", |n| format!("guest {n} {}", Booking(n).email()))
        .word("price", &price)
        .word("currency", "EUR")
        .each("total_minor", 30_000)
        .each("paid_minor", 30_000)
        .each("refunded_minor", 0)
        .whole("hold_expires_at_ms", |n| Booking(n).expires_at_ms())
        .whole("created_at_ms", |n| Booking(n).created_at_ms())
        .maybe("confirmed_at_ms", |n| (n < SOLD).then_some(NOW_MS))
        .each("token_version", 1)
        .each("version", 2)
        .put(tx, "reservation")
        .await
}

async fn names(tx: &Tx<'_>, numbers: Numbers) -> Result<(), Fault> {
    Rows::of(numbers.clone())
        .ids("business", |n| Booking(n).business().0)
        .text("code", |n| Booking(n).code().letters().to_owned())
        .ids("reservation", |n| Booking(n).reservation().0)
        .put(tx, "confirmation_code")
        .await?;
    Rows::of(numbers)
        .ids("property", |n| property(Booking(n).hotel()).0)
        .text("request_id", |n| format!("request {n}"))
        .word("body_hash", "hash")
        .word("outcome", "{}")
        .each("decided_at_ms", 0)
        .put(tx, "reservation_request")
        .await
}

async fn history(tx: &Tx<'_>, numbers: Numbers) -> Result<(), Fault> {
    for seq in 1..=2 {
        Rows::of(numbers.clone())
            .ids("property", |n| property(Booking(n).hotel()).0)
            .ids("reservation", |n| Booking(n).reservation().0)
            .each("seq", seq)
            .each("at_ms", NOW_MS)
            .word("actor", "guest")
            .word("action", "book")
            .word("detail", "")
            .text("stay_state", |n| Booking(n).stay_state().to_owned())
            .text("money_state", |n| if n < SOLD { "paid" } else { "unpaid" }.to_owned())
            .put(tx, "reservation_history")
            .await?;
    }
    Ok(())
}

/// A payment each, a refund of every tenth and a dispute of every fourth.
async fn money(tx: &Tx<'_>, numbers: Numbers) -> Result<(), Fault> {
    Rows::of(numbers.clone())
        .ids("property", |n| property(Booking(n).hotel()).0)
        .ids("id", |n| Booking(n).payment().0)
        .ids("reservation", |n| Booking(n).reservation().0)
        .word("provider", "sandbox")
        .text("provider_payment_id", |n| format!("pay {n}"))
        .text("provider_order_id", |n| format!("order {n}"))
        .word("checkout_url", "")
        .word("state", "SUCCESS")
        .each("amount_minor", 30_000)
        .word("currency", "EUR")
        .each("captured_minor", 30_000)
        .each("refunded_minor", 0)
        .word("method", "card")
        .whole("created_at_ms", |n| Booking(n).created_at_ms())
        .each("version", 2)
        .put(tx, "payment")
        .await?;
    Rows::of(numbers.clone())
        .word("provider", "sandbox")
        .text("provider_order_id", |n| format!("order {n}"))
        .ids("payment", |n| Booking(n).payment().0)
        .put(tx, "provider_order")
        .await?;
    Rows::of(numbers.clone().filter(|n| n % 4 == 0))
        .ids("property", |n| property(Booking(n).hotel()).0)
        .ids("id", |n| id(Of::Dispute, n))
        .ids("business", |n| Booking(n).business().0)
        .ids("payment", |n| Booking(n).payment().0)
        .ids("reservation", |n| Booking(n).reservation().0)
        .text("provider_dispute_id", |n| format!("dispute {n}"))
        .each("amount_minor", 30_000)
        .word("currency", "EUR")
        .word("reason", "general")
        .text("status", |n| if n % 1_000 == 0 { "needs_response" } else { "won" }.to_owned())
        .word("funds", "kept")
        .word("fee_currency", "")
        .each("asked_at_ms", NOW_MS)
        .each("opened_at_ms", NOW_MS)
        .each("created_at_ms", NOW_MS)
        .each("version", 1)
        .put(tx, "dispute")
        .await?;
    Rows::of(numbers.filter(|n| n % 10 == 0))
        .ids("property", |n| property(Booking(n).hotel()).0)
        .ids("id", |n| id(Of::Refund, n))
        .ids("payment", |n| Booking(n).payment().0)
        .ids("reservation", |n| Booking(n).reservation().0)
        .each("amount_minor", 100)
        .word("currency", "EUR")
        .word("reason", "kindness")
        .word("provider_refund_id", "")
        .each("created_at_ms", NOW_MS)
        .put(tx, "refund")
        .await
}

/// Who sleeps in the big hotel.
async fn nights(tx: &Tx<'_>, numbers: Numbers) -> Result<(), Fault> {
    let nights = numbers.filter(|n| Booking(*n).hotel() == 0);
    let nights = nights.flat_map(|n| (0..NIGHTS).map(move |night| n * NIGHTS + night));
    let (booking, night) = (|at: i64| Booking(at / NIGHTS), |at: i64| at % NIGHTS);
    Rows::of(nights)
        .ids("property", |_| property(0).0)
        .ids("room", |at| house::room(0, booking(at).0 % SLEPT_ROOMS).id.0)
        .whole("day", |at| booking(at).first_day() + night(at))
        .ids("line", |at| booking(at).line().0)
        .put(tx, "room_night")
        .await
}
