//! What the world is told of a batch: one event row per property, with every cell it touched, in
//! full and with its version, and what happened to holds and reservations.

use std::collections::BTreeMap;

use serde::Serialize;
use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::disputes::{self, Alarm};
use vacancy_domain::holds::HoldState;
use vacancy_domain::ids::{PropertyId, WorkItemId};
use vacancy_domain::snapshot::Change;
use vacancy_store::events::{self, NewEvent};
use vacancy_store::faults::Fault;
use vacancy_store::holds::Loaded;
use vacancy_store::holds::write::Decided;
use vacancy_store::sql::tx::Tx;

/// The body of an event row.
#[derive(Serialize, Default)]
struct Body {
    cells: Vec<CellNews>,
    events: Vec<Happened>,
}

/// A cell as it is now; the newest version wins, whatever the order of arrival.
#[derive(Serialize)]
struct CellNews {
    pool: String,
    day: i64,
    free: i64,
    limit: i64,
    closed: bool,
    version: i64,
}

#[derive(Serialize)]
struct Happened {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    /// Per reservation 1, 2, 3 … without a gap; 0 for bare holds.
    seq: i64,
}

pub(super) fn of(loaded: &Loaded, decided: &[Decided]) -> Vec<NewEvent> {
    let snapshot = &loaded.snapshot;
    let mut bodies: BTreeMap<PropertyId, Body> = BTreeMap::new();
    for (id, before) in &snapshot.touched {
        let property = snapshot.pools[&id.pool].property;
        let cell: Cell = snapshot.cells[id];
        let news = cell_news(*id, &cell, before.version + 1);
        bodies.entry(property).or_default().cells.push(news);
    }
    for change in decided.iter().flat_map(|decided| &decided.changes) {
        if let Some((property, happened)) = happened(loaded, change) {
            bodies.entry(property).or_default().events.push(happened);
        }
        // Nights that nobody touched have changed with their pool.
        if let Change::PoolSet { pool, .. } = change {
            bodies.entry(snapshot.pools[pool].property).or_default();
        }
    }
    bodies.iter().map(|(property, body)| event(*property, body)).collect()
}

/// News of a hotel whose rooms, rates or descriptions changed: whoever keeps them reads them anew. Every
/// transaction that writes what `listings` keeps of a hotel ends with this.
pub(crate) async fn tell_changed(tx: &Tx<'_>, property: PropertyId) -> Result<(), Fault> {
    let kind = "hotel.changed".to_owned();
    let changed = Happened { kind, id: property.to_string(), seq: 0 };
    let news = event(property, &Body { cells: Vec::new(), events: vec![changed] });
    events::append(tx, tx.now_ms().await?, &[news]).await
}

/// News of a matter that somebody settled.
pub(crate) async fn tell_settled(
    tx: &Tx<'_>,
    property: PropertyId,
    matter: WorkItemId,
) -> Result<(), Fault> {
    let settled = Happened { kind: "matter.settled".to_owned(), id: matter.to_string(), seq: 0 };
    let news = event(property, &Body { cells: Vec::new(), events: vec![settled] });
    events::append(tx, tx.now_ms().await?, &[news]).await
}

/// News of cells that changed without an order: each with its new version.
pub(crate) fn of_cells(property: PropertyId, cells: &[(CellId, Cell)]) -> NewEvent {
    let cells = cells.iter().map(|(id, cell)| cell_news(*id, cell, cell.version)).collect();
    event(property, &Body { cells, events: Vec::new() })
}

fn cell_news(id: CellId, cell: &Cell, version: i64) -> CellNews {
    CellNews {
        pool: id.pool.to_string(),
        day: id.day.0,
        free: cell.free_units(),
        limit: cell.limit_units,
        closed: cell.restrictions.closed,
        version,
    }
}

fn event(property: PropertyId, body: &Body) -> NewEvent {
    let body = serde_json::to_string(body).expect("news of plain fields have a text");
    NewEvent { property, body }
}

fn happened(loaded: &Loaded, change: &Change) -> Option<(PropertyId, Happened)> {
    if let Change::ReservationMade(made) = change {
        let kind = "reservation.created".to_owned();
        return Some((
            made.property,
            Happened { kind, id: made.id.to_string(), seq: made.version },
        ));
    }
    if let Change::ReservationMoved { reservation: moved, action, .. } = change {
        let (kind, id) = (format!("reservation.{action}"), moved.id.to_string());
        return Some((moved.property, Happened { kind, id, seq: moved.version }));
    }
    if let Change::DisputeHeard { dispute, before } = change {
        let was_over = before.as_ref().is_some_and(|before| before.status.is_end());
        let kind = match dispute.told.status.is_end() {
            true if !was_over => "payment.dispute_closed",
            false if before.is_none() => "payment.dispute_opened",
            false if disputes::alarm(before.as_deref(), &dispute.told) == Some(Alarm::Taken) => {
                "payment.dispute_taken"
            }
            true | false => return None,
        };
        let mut reservations = loaded.snapshot.reservations.values();
        let property = reservations.find(|known| known.id == dispute.reservation)?.property;
        let id = dispute.payment.to_string();
        return Some((property, Happened { kind: kind.to_owned(), id, seq: 0 }));
    }
    let (hold, kind) = if let Change::HoldPlaced(hold) = change {
        (hold.id, "hold.placed")
    } else if let Change::HoldMoved { hold, state, .. } = change {
        (*hold, word(*state))
    } else {
        return None;
    };
    let property = loaded.snapshot.holds.get(&hold)?.property;
    Some((property, Happened { kind: kind.to_owned(), id: hold.to_string(), seq: 0 }))
}

fn word(state: HoldState) -> &'static str {
    match state {
        HoldState::Held => "hold.extended",
        HoldState::Confirmed => "hold.confirmed",
        HoldState::Released => "hold.released",
        HoldState::Expired => "hold.expired",
        HoldState::Returned => "hold.returned",
    }
}
