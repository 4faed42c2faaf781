//! The desk's batch: what it must see, under which locks, and how its decisions are written. The
//! order of the locks is the same everywhere, so that instances never wait for each other in a
//! circle: holds, payments, pools, cells, each by key.

mod columns;
pub mod load;
pub mod overdue;
pub(crate) mod rows;
pub mod write;
mod write_money;
pub mod write_outcomes;
mod write_reservations;

use std::collections::{BTreeMap, BTreeSet};

use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::ids::{DisputeId, HoldId, PaymentId, PoolId, PropertyId, ReservationId};
use vacancy_domain::snapshot::Snapshot;
use vacancy_domain::stays::Day;

/// Most overdue holds that one look finds in the way, so that a neglected property does not slow
/// everybody. Who needs more looks again.
pub const OVERDUE_READ_MAX: i64 = 200;

/// What the commands of a batch name.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub properties: BTreeSet<PropertyId>,
    pub holds: BTreeSet<HoldId>,
    pub payments: BTreeSet<PaymentId>,
    /// Holds of whose payments there is news of a dispute.
    pub disputes_of: BTreeSet<HoldId>,
    /// Pools by their property.
    pub pools: BTreeMap<PoolId, PropertyId>,
    /// Cells that may be written: made where they are missing, then locked.
    /// By who asks, since somebody may name a pool that is not theirs.
    pub cells: BTreeSet<(PropertyId, CellId)>,
    /// Days whose rules are asked, not their stock: read where there is a row.
    pub rule_cells: BTreeSet<(PropertyId, CellId)>,
    /// A pool whose default changes: locked for update, with all its cells from this day on.
    pub whole_pool: Option<(PropertyId, PoolId, Day)>,
    /// The pools are written, not only read: locked against each other.
    pub pools_to_change: bool,
    /// Holds whose rooms, and all rooms of whose pools, are needed.
    pub rooms_of: BTreeSet<HoldId>,
    /// Client names of reservations: their earlier outcome, if there is one.
    pub requests: BTreeSet<(PropertyId, String)>,
    /// Idempotency keys by scope: their earlier outcome, if there is one.
    pub keys: BTreeSet<(String, String)>,
    /// Cells as somebody saw them before the locks, taken for true: nothing, unless a test takes
    /// that guard away.
    pub seen_before: Vec<(CellId, Cell)>,
}

/// An earlier answer to the same key. What it says is the caller's matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub body_hash: String,
    pub outcome: String,
    pub decided_at_ms: i64,
}

/// What a batch decides on.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    pub snapshot: Snapshot,
    pub requests: BTreeMap<(PropertyId, String), Earlier>,
    pub keys: BTreeMap<(String, String), Earlier>,
    /// Versions as read, against which the writes are guarded.
    pub reservation_versions: BTreeMap<ReservationId, i64>,
    pub payment_versions: BTreeMap<PaymentId, i64>,
    pub dispute_versions: BTreeMap<DisputeId, i64>,
}
