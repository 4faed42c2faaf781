//! Rows of the desk's tables as domain values.

use uuid::Uuid;
use vacancy_domain::cells::{Cell, CellId, Restrictions, Stock};
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::holds::{Hold, HoldState};
use vacancy_domain::ids::{
    BusinessId, HoldId, LineId, PaymentAccountId, PaymentId, PoolId, PropertyId, ReservationId,
    RoomId,
};
use vacancy_domain::ledger::{Entry, Kind, Line};
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_domain::pools::Pool;
use vacancy_domain::rooms::Room;
use vacancy_domain::snapshot::PropertySettings;
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::zones;

use super::Earlier;
use crate::faults::Fault;
use crate::ids::Columns;
use crate::sql::row::{FromRow, Row};

pub(crate) const CELL: &str = "t.pool, t.day, t.capacity, t.blocked, t.out_of_order, \
    t.overbook_bp, t.limit_units, t.capacity_is_own, t.held, t.sold, t.oversold, t.closed, \
    t.closed_to_arrival, t.closed_to_departure, t.stay_nights_min, t.stay_nights_max, t.version";

pub(crate) struct CellRow(pub(crate) CellId, pub(crate) Cell);

impl FromRow for CellRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let id = CellId { pool: PoolId(columns.id()?), day: Day(columns.get()?) };
        let cell = Cell {
            stock: Stock {
                capacity: columns.get()?,
                blocked: columns.get()?,
                out_of_order: columns.get()?,
                overbook_bp: columns.get()?,
            },
            limit_units: columns.get()?,
            capacity_is_own: columns.get()?,
            held: columns.get()?,
            sold: columns.get()?,
            oversold: columns.get()?,
            restrictions: Restrictions {
                closed: columns.get()?,
                closed_to_arrival: columns.get()?,
                closed_to_departure: columns.get()?,
                stay_nights_min: columns.get()?,
                stay_nights_max: columns.get()?,
            },
            version: columns.get()?,
        };
        Ok(CellRow(id, cell))
    }
}

pub(crate) const POOL: &str = "t.id, t.property, t.capacity, t.blocked, t.out_of_order, \
    t.overbook_bp, t.version, t.change_seq";

pub(crate) struct PoolRow(pub(crate) Pool);

impl FromRow for PoolRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(PoolRow(Pool {
            id: PoolId(columns.id()?),
            property: PropertyId(columns.id()?),
            stock: Stock {
                capacity: columns.get()?,
                blocked: columns.get()?,
                out_of_order: columns.get()?,
                overbook_bp: columns.get()?,
            },
            version: columns.get()?,
            change_seq: columns.get()?,
        }))
    }
}

pub(crate) const HOLD: &str =
    "t.id, t.property, t.state, t.created_at_ms, t.expires_at_ms, t.reference, t.version";

pub(crate) struct HoldRow(pub(crate) Hold);

impl FromRow for HoldRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(HoldRow(Hold {
            id: HoldId(columns.id()?),
            property: PropertyId(columns.id()?),
            state: columns.word(HoldState::from_word)?,
            created_at_ms: columns.get()?,
            expires_at_ms: columns.get()?,
            reference: columns.get()?,
            version: columns.get()?,
            lines: Vec::new(),
        }))
    }
}

pub(crate) const ENTRY: &str =
    "t.property, t.hold, t.kind, t.line, t.pool, t.first_day, t.slots, t.units";

pub(crate) struct EntryRow(pub(crate) Entry);

impl FromRow for EntryRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let property = PropertyId(columns.id()?);
        let hold = HoldId(columns.id()?);
        let kind = columns.word(Kind::from_word)?;
        let (id, pool) = (LineId(columns.id()?), PoolId(columns.id()?));
        let first_day = Day(columns.get()?);
        let stay = Stay::new(first_day, first_day.plus(columns.get()?));
        let line = Line { id, pool, stay, units: columns.get()? };
        Ok(EntryRow(Entry { property, hold, kind, line }))
    }
}

pub(crate) struct SettingsRow {
    property: PropertyId,
    business: BusinessId,
    currency: Currency,
    time_zone: String,
    hold_ttl_ms: i64,
}

impl SettingsRow {
    pub(crate) fn at(self, now_ms: i64) -> Result<(PropertyId, PropertySettings), Fault> {
        let is_off = guards::is_off(Guard::CivilDay);
        let zone = if is_off { "UTC" } else { self.time_zone.as_str() };
        let today = zones::day_at(now_ms, zone)
            .map_err(|_| Fault::internal("find the time zone of a property"))?;
        let settings = PropertySettings {
            business: self.business,
            currency: self.currency,
            time_zone: self.time_zone,
            hold_ttl_ms: self.hold_ttl_ms,
            today,
        };
        Ok((self.property, settings))
    }
}

impl FromRow for SettingsRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(SettingsRow {
            property: PropertyId(columns.id()?),
            business: BusinessId(columns.id()?),
            currency: columns.word(|word| word.parse().ok())?,
            time_zone: columns.get()?,
            hold_ttl_ms: columns.get()?,
        })
    }
}

pub(crate) const PAYMENT: &str = "t.id, t.reservation, t.provider, t.account, t.provider_order_id, \
    t.provider_payment_id, t.checkout_url, t.state, t.amount_minor, t.currency, \
    t.captured_minor, t.refunded_minor, t.charged_back_minor, t.method, t.created_at_ms, \
    t.completed_at_ms, t.version";

pub(crate) struct PaymentRow(pub(crate) Payment);

impl FromRow for PaymentRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(PaymentRow(Payment {
            id: PaymentId(columns.id()?),
            reservation: ReservationId(columns.id()?),
            provider: columns.get()?,
            account: columns.get::<Option<Uuid>>()?.map(|id| PaymentAccountId(id.as_u128())),
            provider_order_id: columns.get()?,
            provider_payment_id: columns.get()?,
            checkout_url: columns.get()?,
            state: columns.word(PaymentState::from_word)?,
            amount: Money {
                minor: columns.get()?,
                currency: columns.word(|word| word.parse().ok())?,
            },
            captured_minor: columns.get()?,
            refunded_minor: columns.get()?,
            charged_back_minor: columns.get()?,
            method: columns.get()?,
            created_at_ms: columns.get()?,
            completed_at_ms: columns.get()?,
            version: columns.get()?,
        }))
    }
}

pub(crate) struct RoomRow(pub(crate) Room);

impl FromRow for RoomRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let (id, pool) = (RoomId(columns.id()?), PoolId(columns.id()?));
        Ok(RoomRow(Room { id, pool, number: columns.get()? }))
    }
}

pub(crate) struct RoomNightRow(pub(crate) (RoomId, Day), pub(crate) LineId);

impl FromRow for RoomNightRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let at = (RoomId(columns.id()?), Day(columns.get()?));
        Ok(RoomNightRow(at, LineId(columns.id()?)))
    }
}

pub(crate) struct RequestRow(pub(crate) (PropertyId, String), pub(crate) Earlier);

impl FromRow for RequestRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let key = (PropertyId(columns.id()?), columns.get()?);
        Ok(RequestRow(key, earlier(&mut columns)?))
    }
}

pub(crate) struct KeyRow(pub(crate) (String, String), pub(crate) Earlier);

impl FromRow for KeyRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let key = (columns.get()?, columns.get()?);
        Ok(KeyRow(key, earlier(&mut columns)?))
    }
}

fn earlier(columns: &mut Columns<'_, '_>) -> Result<Earlier, Fault> {
    Ok(Earlier {
        body_hash: columns.get()?,
        outcome: columns.get()?,
        decided_at_ms: columns.get()?,
    })
}
