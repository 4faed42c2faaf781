//! Reservations of one property against their hold, its open lines, their history, their names
//! and their payments.

use uuid::Uuid;
use vacancy_domain::holds::HoldState;
use vacancy_domain::ids::{HoldId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::reservations::state::StayState;
use vacancy_domain::verify::holds::{hold_state_of, judge_reserved};
use vacancy_domain::verify::{Check, Finding, Report};

use super::PAGE_ROWS;
use super::holds::{Entries, entries, open_lines};
use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::reservations::lines_from_text;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// `CAST`: PostgreSQL adds up to another type.
const RESERVATIONS: Sql = Sql::new(
    "SELECT t.id, t.hold, t.stay_state, t.money_state, t.lines, t.paid_minor, t.refunded_minor, \
     t.allowance_minor, t.charged_back_minor, t.version, \
     (SELECT h.state FROM hold AS h WHERE h.id = t.hold AND h.property = t.property), \
     (SELECT COUNT(*) FROM reservation_request AS r \
      WHERE r.property = t.property AND r.request_id = t.request_id), \
     (SELECT COUNT(*) FROM confirmation_code AS c \
      WHERE c.business = t.business AND c.code = t.code AND c.reservation = t.id), \
     (SELECT COUNT(*) FROM reservation_history AS y \
      WHERE y.property = t.property AND y.reservation = t.id), \
     (SELECT COALESCE(MIN(y.seq), 0) FROM reservation_history AS y \
      WHERE y.property = t.property AND y.reservation = t.id), \
     (SELECT COALESCE(MAX(y.seq), 0) FROM reservation_history AS y \
      WHERE y.property = t.property AND y.reservation = t.id), \
     (SELECT COUNT(*) FROM reservation_history AS y \
      WHERE y.property = t.property AND y.reservation = t.id AND y.seq = t.version \
      AND y.stay_state = t.stay_state AND y.money_state = t.money_state), \
     (SELECT CAST(COALESCE(SUM(p.captured_minor), 0) AS BIGINT) FROM payment AS p \
      WHERE p.reservation = t.id), \
     (SELECT CAST(COALESCE(SUM(p.refunded_minor), 0) AS BIGINT) FROM payment AS p \
      WHERE p.reservation = t.id), \
     (SELECT CAST(COALESCE(SUM(f.allowance_minor), 0) AS BIGINT) FROM refund AS f \
      JOIN payment AS p ON p.id = f.payment WHERE p.reservation = t.id), \
     (SELECT CAST(COALESCE(SUM(p.charged_back_minor), 0) AS BIGINT) FROM payment AS p \
      WHERE p.reservation = t.id) \
     FROM reservation AS t WHERE t.property = $1 AND t.id > $2 ORDER BY t.id LIMIT $3",
);

struct ReservationRow {
    id: ReservationId,
    hold: HoldId,
    stay_state: String,
    money_state: String,
    lines: String,
    paid_minor: i64,
    refunded_minor: i64,
    allowance_minor: i64,
    charged_back_minor: i64,
    version: i64,
    hold_state: Option<String>,
    requests_count: i64,
    codes_count: i64,
    history_count: i64,
    history_first: i64,
    history_last: i64,
    history_agrees: i64,
    captured_minor: i64,
    given_back_minor: i64,
    let_off_minor: i64,
    taken_back_minor: i64,
}

impl FromRow for ReservationRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(ReservationRow {
            id: ReservationId(columns.id()?),
            hold: HoldId(columns.id()?),
            stay_state: columns.get()?,
            money_state: columns.get()?,
            lines: columns.get()?,
            paid_minor: columns.get()?,
            refunded_minor: columns.get()?,
            allowance_minor: columns.get()?,
            charged_back_minor: columns.get()?,
            version: columns.get()?,
            hold_state: columns.get()?,
            requests_count: columns.get()?,
            codes_count: columns.get()?,
            history_count: columns.get()?,
            history_first: columns.get()?,
            history_last: columns.get()?,
            history_agrees: columns.get()?,
            captured_minor: columns.get()?,
            given_back_minor: columns.get()?,
            let_off_minor: columns.get()?,
            taken_back_minor: columns.get()?,
        })
    }
}

pub(super) async fn look(
    tx: &Tx<'_>,
    property: PropertyId,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut behind = Uuid::nil();
    loop {
        let rows: Vec<ReservationRow> =
            tx.query(&RESERVATIONS, &[&uuid(property.0), &behind, &PAGE_ROWS]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        behind = uuid(last.id.0);
        let holds: Vec<HoldId> = rows.iter().map(|row| row.hold).collect();
        let entries = entries(tx, &holds).await?;
        for row in &rows {
            report.looked.reservations_count += 1;
            row.judge(&entries, report);
        }
    }
}

impl ReservationRow {
    fn judge(&self, entries: &Entries, report: &mut Report) {
        self.judge_states(entries, report);
        let mut tell = |check, detail: String| {
            report.add(Finding::new(check, format!("reservation {}", self.id), detail));
        };
        // Requests that were answered before the row was there are no reservation's.
        if self.requests_count != 1 {
            tell(Check::ReservationNames, "the request that made it is not kept".to_owned());
        }
        if self.codes_count != 1 {
            tell(Check::ReservationNames, "its code does not lead to it".to_owned());
        }
        let (first, last) = (self.history_first, self.history_last);
        if (self.history_count, first, last) != (self.version, 1, self.version) {
            let (count, version) = (self.history_count, self.version);
            let detail = format!("{count} entries from {first} to {last} for version {version}");
            tell(Check::ReservationHistory, detail);
        } else if self.history_agrees != 1 {
            tell(
                Check::ReservationHistory,
                format!(
                    "it is {} and {}, its last entry says otherwise",
                    self.stay_state, self.money_state
                ),
            );
        }
        if self.allowance_minor != self.let_off_minor {
            let (told, should) = (self.allowance_minor, self.let_off_minor);
            let detail = format!("let off {told}, its refunds say {should}");
            tell(Check::ReservationMoney, detail);
        }
        let kept = (self.paid_minor, self.refunded_minor, self.charged_back_minor);
        let should = (self.captured_minor, self.given_back_minor, self.taken_back_minor);
        if kept != should {
            tell(
                Check::ReservationMoney,
                format!(
                    "paid {}, given back {} and charged back {}, its payments say {}, {} and {}",
                    kept.0, kept.1, kept.2, should.0, should.1, should.2
                ),
            );
        }
    }

    fn judge_states(&self, entries: &Entries, report: &mut Report) {
        let subject = format!("reservation {}", self.id);
        let Some(stay) = StayState::from_word(&self.stay_state) else {
            let detail = format!("nobody knows the state {}", self.stay_state);
            report.add(Finding::new(Check::ReservationHold, subject, detail));
            return;
        };
        let hold_state = self.hold_state.as_deref().and_then(HoldState::from_word);
        if hold_state != Some(hold_state_of(stay)) {
            let is = self.hold_state.as_deref().unwrap_or("gone");
            let detail = format!("it is {} and hold {} is {is}", stay.word(), self.hold);
            report.add(Finding::new(Check::ReservationHold, &subject, detail));
        }
        let detail = match lines_from_text(&self.lines) {
            Ok(reserved) => {
                let told: Vec<Line> = reserved.iter().map(|reserved| reserved.line).collect();
                judge_reserved(stay, &told, &open_lines(entries, self.hold))
            }
            Err(_) => Some("its lines cannot be read".to_owned()),
        };
        if let Some(detail) = detail {
            report.add(Finding::new(Check::ReservationLines, subject, detail));
        }
    }
}
