//! Rows that belong to nothing, and lines that belong to two: what no walk from the top meets.

use vacancy_domain::ids::PropertyId;
use vacancy_domain::verify::{Check, Finding, Report};

use super::LISTED_MAX;
use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// What is wrong, and the question that finds it: one id per row.
struct Question {
    what: &'static str,
    detail: &'static str,
    sql: Sql,
}

const OF_PROPERTY: [Question; 7] = [
    Question {
        what: "line",
        detail: "its hold is gone or of another property",
        sql: Sql::new(
            "SELECT DISTINCT l.line FROM ledger AS l WHERE l.property = $1 AND NOT EXISTS \
             (SELECT 1 FROM hold AS h WHERE h.id = l.hold AND h.property = l.property) LIMIT $2",
        ),
    },
    Question {
        what: "line",
        detail: "it belongs to two holds",
        sql: Sql::new(
            "SELECT DISTINCT a.line FROM ledger AS a JOIN ledger AS b ON b.property = a.property \
             AND b.line = a.line AND b.seq > a.seq AND b.hold <> a.hold \
             WHERE a.property = $1 LIMIT $2",
        ),
    },
    Question {
        what: "line",
        detail: "its slots and days differ",
        sql: Sql::new(
            "SELECT DISTINCT l.line FROM ledger AS l \
             WHERE l.property = $1 AND l.first_slot <> l.first_day LIMIT $2",
        ),
    },
    Question {
        what: "pool",
        detail: "a cell of it has a slot that is not its day",
        sql: Sql::new(
            "SELECT DISTINCT c.pool FROM cell AS c \
             WHERE c.property = $1 AND c.slot <> c.day LIMIT $2",
        ),
    },
    Question {
        what: "reservation",
        detail: "it has a history and is gone",
        sql: Sql::new(
            "SELECT DISTINCT y.reservation FROM reservation_history AS y WHERE y.property = $1 \
             AND NOT EXISTS (SELECT 1 FROM reservation AS r WHERE r.id = y.reservation \
             AND r.property = y.property) LIMIT $2",
        ),
    },
    Question {
        what: "refund",
        detail: "its payment is gone",
        sql: Sql::new(
            "SELECT f.id FROM refund AS f WHERE f.property = $1 AND NOT EXISTS \
             (SELECT 1 FROM payment AS p WHERE p.id = f.payment AND p.property = f.property) \
             LIMIT $2",
        ),
    },
    Question {
        what: "dispute",
        detail: "its payment is gone or of another reservation",
        sql: Sql::new(
            "SELECT d.id FROM dispute AS d WHERE d.property = $1 AND NOT EXISTS \
             (SELECT 1 FROM payment AS p WHERE p.id = d.payment AND p.property = d.property \
             AND p.reservation = d.reservation) LIMIT $2",
        ),
    },
];

const BESIDE: [Question; 7] = [
    Question {
        what: "reservation",
        detail: "a code leads to it and it is gone",
        sql: Sql::new(
            "SELECT c.reservation FROM confirmation_code AS c WHERE NOT EXISTS \
             (SELECT 1 FROM reservation AS r WHERE r.id = c.reservation) LIMIT $1",
        ),
    },
    Question {
        what: "payment",
        detail: "an order leads to it and it is gone",
        sql: Sql::new(
            "SELECT o.payment FROM provider_order AS o WHERE NOT EXISTS \
             (SELECT 1 FROM payment AS p WHERE p.id = o.payment) LIMIT $1",
        ),
    },
    Question {
        what: "property",
        detail: "it has cells and is gone",
        sql: Sql::new(
            "SELECT DISTINCT t.property FROM cell AS t WHERE NOT EXISTS \
             (SELECT 1 FROM property AS p WHERE p.id = t.property) LIMIT $1",
        ),
    },
    Question {
        what: "property",
        detail: "it has lines and is gone",
        sql: Sql::new(
            "SELECT DISTINCT t.property FROM ledger AS t WHERE NOT EXISTS \
             (SELECT 1 FROM property AS p WHERE p.id = t.property) LIMIT $1",
        ),
    },
    Question {
        what: "property",
        detail: "it has holds and is gone",
        sql: Sql::new(
            "SELECT DISTINCT t.property FROM hold AS t WHERE NOT EXISTS \
             (SELECT 1 FROM property AS p WHERE p.id = t.property) LIMIT $1",
        ),
    },
    Question {
        what: "property",
        detail: "it has reservations and is gone",
        sql: Sql::new(
            "SELECT DISTINCT t.property FROM reservation AS t WHERE NOT EXISTS \
             (SELECT 1 FROM property AS p WHERE p.id = t.property) LIMIT $1",
        ),
    },
    Question {
        what: "property",
        detail: "it has payments and is gone",
        sql: Sql::new(
            "SELECT DISTINCT t.property FROM payment AS t WHERE NOT EXISTS \
             (SELECT 1 FROM property AS p WHERE p.id = t.property) LIMIT $1",
        ),
    },
];

struct StrayRow(PropertyId);

impl FromRow for StrayRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        // Whatever it is, its id is written like every other.
        Ok(StrayRow(PropertyId(Columns::of(row).id()?)))
    }
}

pub(super) async fn look(
    tx: &Tx<'_>,
    property: PropertyId,
    report: &mut Report,
) -> Result<(), Fault> {
    for Question { what, detail, sql } in &OF_PROPERTY {
        for StrayRow(id) in tx.query(sql, &[&uuid(property.0), &LISTED_MAX]).await? {
            report.add(Finding::new(Check::Stray, format!("{what} {id}"), detail));
        }
    }
    Ok(())
}

pub(super) async fn look_beside(tx: &Tx<'_>, report: &mut Report) -> Result<(), Fault> {
    for Question { what, detail, sql } in &BESIDE {
        for StrayRow(id) in tx.query(sql, &[&LISTED_MAX]).await? {
            report.add(Finding::new(Check::Stray, format!("{what} {id}"), detail));
        }
    }
    Ok(())
}
