//! What a decision sees, and what it leaves behind. The desk loads a snapshot under locks, asks
//! `domain` about one command after the other, and applies each answer before the next question.

use std::collections::BTreeMap;

use crate::cells::{Cell, CellId, Restrictions, Stock};
use crate::disputes::{Dispute, Told};
use crate::guards::{self, Guard};
use crate::holds::{Hold, HoldState};
use crate::ids::{
    BusinessId, DisputeId, HoldId, LineId, PaymentId, PoolId, PropertyId, RefundId, ReservationId,
    RoomId,
};
use crate::ledger::{Entry, Kind, Line};
use crate::money::{Currency, Money};
use crate::payments::Payment;
use crate::pools::{Pool, PoolChange};
use crate::reservations::Reservation;
use crate::rooms::Room;
use crate::stays::Day;

/// What a property's decisions depend on beside its stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertySettings {
    pub business: BusinessId,
    pub currency: Currency,
    /// IANA name.
    pub time_zone: String,
    /// Life of a new hold.
    pub hold_ttl_ms: i64,
    /// Civil day at the property at the snapshot's time.
    pub today: Day,
}

/// The state a batch decides on. Cells that no row stands for come as their pool's default.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The store's clock, read after every lock was taken. The only time of a decision.
    pub now_ms: i64,
    pub properties: BTreeMap<PropertyId, PropertySettings>,
    pub pools: BTreeMap<PoolId, Pool>,
    pub cells: BTreeMap<CellId, Cell>,
    pub holds: BTreeMap<HoldId, Hold>,
    pub reservations: BTreeMap<HoldId, Reservation>,
    /// Payments that commands of this batch bring news of.
    pub payments: BTreeMap<PaymentId, Payment>,
    /// What staff asked back of payments and no provider has made yet, by payment and refund.
    pub refunds_asked: BTreeMap<PaymentId, BTreeMap<RefundId, i64>>,
    /// Disputes of the payments that this batch hears of a dispute of.
    pub disputes: BTreeMap<DisputeId, Dispute>,
    /// Holds past their time on the properties of this batch, read without a lock: a hint.
    pub overdue: BTreeMap<HoldId, Vec<Line>>,
    /// Physical rooms of the pools that commands of this batch assign.
    pub rooms: BTreeMap<RoomId, Room>,
    /// Who sleeps where: the line per room and night.
    pub room_nights: BTreeMap<(RoomId, Day), LineId>,
    /// Cells as they were read, kept from their first change on.
    pub touched: BTreeMap<CellId, Cell>,
}

/// One consequence of a decision. The store writes them, all or none.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    HoldPlaced(Hold),
    HoldMoved {
        hold: HoldId,
        state: HoldState,
        expires_at_ms: i64,
    },
    /// A line entered the ledger; `before` is its last entry until now.
    LineMoved {
        entry: Entry,
        before: Option<Kind>,
    },
    /// A night got other stock or rules.
    CellSet {
        cell: CellId,
        stock: Stock,
        capacity_is_own: bool,
        restrictions: Restrictions,
    },
    /// A pool got another default.
    PoolSet {
        pool: PoolId,
        stock: Stock,
    },
    /// The record of a stock change, from which cells can be rebuilt.
    StockChanged(PoolChange),
    /// Sold above what there is: somebody has to act.
    Oversold {
        cell: CellId,
        over_units: i64,
    },
    ReservationMade(Box<Reservation>),
    /// The reservation after its change, and what to write into its history.
    ReservationMoved {
        reservation: Box<Reservation>,
        action: &'static str,
        detail: String,
    },
    /// An attempt to pay began.
    PaymentMade(Payment),
    /// The payment after its change.
    PaymentMoved(Payment),
    /// The provider gave this back.
    RefundMade {
        refund: RefundId,
        payment: PaymentId,
        reservation: ReservationId,
        money: Money,
        /// What of it the guest was not owed, and the business lets the guest off.
        allowance_minor: i64,
        reason: String,
        /// The provider's own name for it.
        provider_refund_id: String,
    },
    /// A provider said more of a dispute; `before` is what it said until now, if we knew it.
    DisputeHeard {
        dispute: Box<Dispute>,
        before: Option<Box<Told>>,
    },
    /// Staff want this back to the guest; a job asks the provider.
    RefundAsked {
        refund: RefundId,
        payment: PaymentId,
        reservation: ReservationId,
        money: Money,
        reason: String,
        /// The guest is to pay it another way.
        is_still_due: bool,
    },
    /// The guest gets this back; a job asks the provider.
    RefundDue {
        reservation: ReservationId,
        amount_minor: i64,
        reason: &'static str,
    },
    /// A deadline passed while a payment was under way; a job asks the provider how it ended.
    SettleDue {
        reservation: ReservationId,
    },
    /// From then on the rest of what is due is collected; a job does it.
    RestDue {
        reservation: ReservationId,
        at_ms: i64,
    },
    RoomTaken {
        room: RoomId,
        day: Day,
        line: LineId,
    },
    RoomFreed {
        room: RoomId,
        day: Day,
    },
}

impl Snapshot {
    /// The cell as decided so far; an untouched one comes as its pool's default.
    ///
    /// Returns `None` for a pool that the snapshot does not know.
    #[must_use]
    pub fn cell(&self, id: CellId) -> Option<Cell> {
        self.cells
            .get(&id)
            .copied()
            .or_else(|| self.pools.get(&id.pool).map(|pool| Cell::untouched(pool.stock)))
    }

    /// Makes the changes of one decision visible to the next.
    ///
    /// # Panics
    /// When the changes do not fit the snapshot they were decided on: a bug.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            self.apply_one(change);
        }
    }

    fn apply_one(&mut self, change: &Change) {
        match change {
            Change::HoldPlaced(hold) => {
                self.holds.insert(hold.id, hold.clone());
            }
            Change::HoldMoved { hold, state, expires_at_ms } => {
                let hold = self.holds.get_mut(hold).expect("a moved hold was loaded");
                hold.state = *state;
                hold.expires_at_ms = *expires_at_ms;
            }
            Change::LineMoved { entry, before } => self.move_line(entry, *before),
            Change::CellSet { cell, stock, capacity_is_own, restrictions } => {
                let cell = self.touch(*cell);
                cell.restock(*stock);
                cell.capacity_is_own = *capacity_is_own;
                cell.restrictions = *restrictions;
            }
            Change::PoolSet { pool, stock } => {
                let pool = self.pools.get_mut(pool).expect("a changed pool was loaded");
                pool.stock = *stock;
            }
            Change::ReservationMade(reservation) | Change::ReservationMoved { reservation, .. } => {
                self.reservations.insert(reservation.hold, reservation.as_ref().clone());
            }
            Change::PaymentMade(payment) | Change::PaymentMoved(payment) => {
                self.payments.insert(payment.id, payment.clone());
            }
            Change::DisputeHeard { dispute, .. } => {
                self.disputes.insert(dispute.id, dispute.as_ref().clone());
            }
            Change::RoomTaken { room, day, line } => {
                self.room_nights.insert((*room, *day), *line);
            }
            Change::RoomFreed { room, day } => {
                self.room_nights.remove(&(*room, *day));
            }
            Change::StockChanged(recorded) => {
                let pool = self.pools.get_mut(&recorded.pool).expect("a changed pool was loaded");
                // The next command of the batch numbers on from here.
                pool.change_seq = recorded.seq;
            }
            Change::RefundAsked { refund, payment, money, .. } => {
                self.refunds_asked.entry(*payment).or_default().insert(*refund, money.minor);
            }
            Change::RefundMade { refund, payment, .. } => {
                if let Some(asked) = self.refunds_asked.get_mut(payment) {
                    asked.remove(refund);
                }
            }
            Change::Oversold { .. }
            | Change::RefundDue { .. }
            | Change::SettleDue { .. }
            | Change::RestDue { .. } => {}
        }
    }

    fn move_line(&mut self, entry: &Entry, before: Option<Kind>) {
        let (held_before, sold_before) = before.map_or((0, 0), Kind::counts);
        let (held_after, sold_after) = entry.kind.counts();
        let line = entry.line;
        for day in line.stay.days() {
            let held = (held_after - held_before) * line.units;
            let sold = (sold_after - sold_before) * line.units;
            let cell = self.touch(CellId { pool: line.pool, day });
            cell.shift(held, sold);
            if guards::is_off(Guard::FreedOnce) && before.is_some() && !entry.kind.occupies() {
                cell.shift(held.max(-cell.held), sold.max(-cell.sold));
            }
        }
        let Some(hold) = self.holds.get_mut(&entry.hold) else { return };
        let known = hold.lines.iter().any(|other| other.id == line.id);
        match (entry.kind.occupies(), known) {
            (true, false) => hold.lines.push(line),
            (false, true) => hold.lines.retain(|other| other.id != line.id),
            (true, true) | (false, false) => {}
        }
    }

    fn touch(&mut self, id: CellId) -> &mut Cell {
        let now = self.cell(id).expect("a touched cell's pool was loaded");
        self.touched.entry(id).or_insert(now);
        self.cells.entry(id).or_insert(now)
    }
}
