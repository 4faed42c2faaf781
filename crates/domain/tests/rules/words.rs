//! Changes and refusals as short text, so that a table can be read and compared. One form per
//! change; nothing is left out that a rule decides.

use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::ledger::Line;
use vacancy_domain::pools::PoolChange;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::snapshot::{Change, Snapshot};
use vacancy_domain::stays::{Day, Stay};

use crate::world::pool_letter;

/// The whole answer to one order.
pub(crate) fn answer(stock: &Snapshot, decided: &Result<Vec<Change>, Refusal>) -> String {
    match decided {
        Ok(changes) if changes.is_empty() => "nothing".to_owned(),
        Ok(changes) => changes.iter().map(|one| change(stock, one)).collect::<Vec<_>>().join(", "),
        Err(refusal) => refused(refusal),
    }
}

pub(crate) fn refused(refusal: &Refusal) -> String {
    if let Refusal::Unavailable { reasons } = refusal {
        let reasons = reasons.iter().map(|refused| {
            let data = data(&format!("{:?}", refused.reason));
            format!("{} {}{data}", pool_letter(refused.pool), refused.reason.code())
        });
        return format!("no: {}", reasons.collect::<Vec<_>>().join(", "));
    }
    format!("no: {}{}", refusal.code(), data(&format!("{refusal:?}")))
}

/// The data of a variant, in a form that can be typed: `Day(11)` is `11`.
fn data(shown: &str) -> String {
    let Some((_, data)) = shown.split_once('{') else { return String::new() };
    let mut data = data.trim_end_matches('}').trim().to_owned();
    for name in ["Day", "LineId", "PoolId"] {
        while let Some(at) = data.find(&format!("{name}(")) {
            let end = at + data[at..].find(')').unwrap();
            data.replace_range(end..=end, "");
            data.replace_range(at..=at + name.len(), "");
        }
    }
    format!(" {data}")
}

fn change(stock: &Snapshot, change: &Change) -> String {
    match change {
        Change::HoldPlaced(hold) => format!("h{} until {}", hold.id.0, hold.expires_at_ms / 1000),
        Change::HoldMoved { hold, state, expires_at_ms } => {
            format!("h{} {} until {}", hold.0, state.word(), expires_at_ms / 1000)
        }
        Change::LineMoved { entry, .. } => format!("{} {}", entry.kind.word(), line(&entry.line)),
        Change::CellSet { cell: id, .. } => format!("set {}", cell_name(*id)),
        Change::PoolSet { pool, stock } => {
            let letter = pool_letter(*pool);
            format!("default {letter} {} +{}bp", stock.capacity, stock.overbook_bp)
        }
        Change::StockChanged(change) => recorded(change),
        Change::Oversold { cell, over_units } => {
            format!("oversold {} by {over_units}", cell_name(*cell))
        }
        Change::ReservationMade(reservation) => format!("made v{}", reservation.version),
        Change::ReservationMoved { reservation, action, .. } => {
            let (stay, money) = (reservation.stay_state, reservation.money_state);
            format!("{action}: {}/{} v{}", stay.word(), money.word(), reservation.version)
        }
        Change::PaymentMade(payment) | Change::PaymentMoved(payment) => {
            format!("p{} {}", payment.id.0, payment.state.word())
        }
        Change::RefundMade { payment, money, .. } => format!("refunded p{} {money}", payment.0),
        Change::RefundAsked { payment, money, .. } => format!("asked p{} {money}", payment.0),
        Change::DisputeHeard { dispute, .. } => {
            let told = &dispute.told;
            format!("d{} {} {}", dispute.id.0, told.status.word(), told.funds.word())
        }
        Change::RefundDue { amount_minor, reason, .. } => format!("refund {amount_minor} {reason}"),
        Change::SettleDue { .. } => "settle".to_owned(),
        Change::RestDue { .. } => "rest".to_owned(),
        Change::RoomTaken { room, day, .. } => format!("+{}@{}", stock.rooms[room].number, day.0),
        Change::RoomFreed { room, day } => format!("-{}@{}", stock.rooms[room].number, day.0),
    }
}

fn recorded(change: &PoolChange) -> String {
    let end = change.end_day.map_or(String::new(), |day| day.0.to_string());
    let first = change.first_day.0;
    format!("#{} {} {first}..{end} = {}", change.seq, change.kind.word(), change.value)
}

pub(crate) fn line(line: &Line) -> String {
    let Stay { first_day: Day(first), end_day: Day(end) } = line.stay;
    format!("{}{first}..{end}x{}", pool_letter(line.pool), line.units)
}

fn cell_name(id: CellId) -> String {
    format!("{}{}", pool_letter(id.pool), id.day.0)
}

/// As `World::new` reads it: limit, held, sold, then what else is set.
pub(crate) fn cell(id: CellId, cell: &Cell) -> String {
    let mut text = format!("{} {} {} {}", cell_name(id), cell.limit_units, cell.held, cell.sold);
    let rules = cell.restrictions;
    let marks = [
        (rules.closed, "closed"),
        (rules.closed_to_arrival, "cta"),
        (rules.closed_to_departure, "ctd"),
        (cell.oversold, "oversold"),
        (cell.capacity_is_own, "own"),
    ];
    for (_, mark) in marks.into_iter().filter(|(is_set, _)| *is_set) {
        text.push_str(&format!(" {mark}"));
    }
    for (name, nights) in [("min", rules.stay_nights_min), ("max", rules.stay_nights_max)] {
        text.push_str(&nights.map_or(String::new(), |nights| format!(" {name}={nights}")));
    }
    text
}
