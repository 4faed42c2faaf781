//! The hotels that the crowd books, and the bookings it asks for: complete ones, with a guest, a
//! price per night, a request id and the digest of a body.

use std::sync::Arc;

use tokio::time::Instant;
use vacancy_app::desk::command::{Command, Key, KeyName, Order};
use vacancy_app::ids::Ids;
use vacancy_domain::codes::Code;
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, LineId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::levies::Charge;
use vacancy_domain::prices::{LinePrice, NightPrice, Price, Step, Terms};
use vacancy_domain::reservations::{Book, Guest};
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::sql::Db;
use vacancy_store::testing::fixtures;

use super::Shape;

/// Units of every pool: nobody is ever refused.
const UNITS: i64 = 1_000_000_000;
/// Nights of every booking.
pub(crate) const NIGHTS: i64 = 3;
const WIDE_PROPERTIES: u64 = 250;
const WIDE_POOLS: u64 = 4;
const WIDE_DAYS: u64 = 60;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How far ahead the first night lies.
const LEAD_DAYS: i64 = 30;
const NIGHT_MINOR: i64 = 12_000;

pub(crate) struct Town {
    pub(crate) ids: Ids,
    shape: Shape,
    first_day: Day,
}

impl Town {
    pub(crate) async fn build(db: &Db, shape: Shape, round: usize) -> Result<Town, String> {
        let now_ms = db.read(|tx| Box::pin(async move { tx.now_ms().await })).await;
        let now_ms = now_ms.map_err(|fault| fault.to_string())?;
        let start = Instant::now();
        let stamp = move || now_ms + i64::try_from(start.elapsed().as_millis()).unwrap_or(0);
        let ids = Ids::seeded(u64::try_from(round).unwrap_or(0), Arc::new(stamp));
        let (properties, pools) = match shape {
            Shape::Hot => (1, 1),
            Shape::Wide => (WIDE_PROPERTIES, WIDE_POOLS),
        };
        for property in 0..properties {
            let pools: Vec<(PoolId, i64)> =
                (0..pools).map(|pool| (pool_id(property, pool), UNITS)).collect();
            fixtures::property(db, property_id(property), &pools)
                .await
                .map_err(|fault| fault.to_string())?;
        }
        Ok(Town { ids, shape, first_day: Day(now_ms / DAY_MS + LEAD_DAYS) })
    }

    /// A new booking by somebody.
    pub(crate) fn order(&self) -> Order {
        let (property, pool, ahead) = match self.shape {
            Shape::Hot => (0, 0, 0),
            Shape::Wide => {
                let random = self.ids.next_u64();
                let (property, pool) = (random % WIDE_PROPERTIES, (random >> 16) % WIDE_POOLS);
                (property, pool, (random >> 32) % WIDE_DAYS)
            }
        };
        let first_day = self.first_day.plus(i64::try_from(ahead).unwrap_or(0));
        let (property, pool) = (property_id(property), pool_id(property, pool));
        let stay = Stay::new(first_day, first_day.plus(NIGHTS));
        let line = Line { id: LineId(self.ids.next_id()), pool, stay, units: 1 };
        let id = ReservationId(self.ids.next_id());
        // Clients draw theirs at random, so they do not come in order as our own ids do.
        let (drawn, more) = (self.ids.next_u64(), self.ids.next_u64());
        let request_id = HoldId(u128::from(drawn) << 64 | u128::from(more)).to_string();
        let book = Book {
            place: Place {
                property,
                hold: HoldId(self.ids.next_id()),
                reference: id.to_string(),
                lines: vec![line],
                advance_days_max: Some(730),
            },
            id,
            code: Code::draw(self.ids.next_u64()),
            request_id: request_id.clone(),
            room_types: vec!["DOUBLE".to_owned()],
            adults: 2,
            children: vec![7],
            guest: Guest {
                full_name: "Maria Fernanda de Almeida".to_owned(),
                email: format!("maria.almeida.{}@example.org", more % 1_000_000),
                phone: "+351 210 000 000".to_owned(),
            },
            price: price(&line),
            agreed: None,
        };
        let name = KeyName::Request { property, request_id };
        // As long as the digest of a real body.
        let body_hash = format!("{:032x}{:032x}", book.id.0, line.id.0);
        Order::new(property, "guest", Command::Book(Box::new(book)))
            .with_key(Key { name, body_hash })
    }
}

fn price(line: &Line) -> Price {
    let base = || vec![Step { name: "base".into(), bp: 0, amount_minor: NIGHT_MINOR }];
    let night = |day| NightPrice { day, amount_minor: NIGHT_MINOR, trace: base() };
    let nights: Vec<NightPrice> = line.stay.days().map(night).collect();
    let subtotal_minor = NIGHT_MINOR * NIGHTS;
    let tax_minor = subtotal_minor / 10;
    Price {
        currency: Currency::EUR,
        terms: Terms::default(),
        lines: vec![LinePrice {
            line: line.id,
            pool: line.pool,
            units: line.units,
            nights,
            guests: Vec::new(),
            total_minor: subtotal_minor,
        }],
        subtotal_minor,
        charges: vec![Charge::flat_tax(1_000, tax_minor)],
        total_minor: subtotal_minor + tax_minor,
        cancellation: None,
    }
}

/// Ids as random as real ones, so that rows of one table do not lie in a row.
fn property_id(number: u64) -> PropertyId {
    PropertyId(scattered(number, 1))
}

fn pool_id(property: u64, number: u64) -> PoolId {
    PoolId(scattered(property * WIDE_POOLS + number, 2))
}

fn scattered(number: u64, kind: u64) -> u128 {
    let ids = Ids::seeded(number * 16 + kind, Arc::new(|| 1_700_000_000_000));
    ids.next_id()
}
