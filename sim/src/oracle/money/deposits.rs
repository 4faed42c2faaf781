//! Deposits: what was agreed is a share of the price, who pays it has a booking, and the rest is charged
//! once, in time, when no earlier attempt can bring money any more, and never above the price.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;
use vacancy_domain::policies::Fee;
use vacancy_store::testing::money::{self, PaymentRow, StayRow};

use super::parts::{list, read, whole};
use super::{Money, parts, sort};
use crate::crowd::DEPOSITS;
use crate::oracle::{Checked, Violation, check};
use crate::provider::Taken;

/// We ask a provider to charge what paid before: what our store and the provider say at that moment.
#[derive(Debug, Clone)]
pub struct Charge {
    pub payment: Uuid,
    pub minor: i64,
    pub at_ms: i64,
    pub ours: money::Money,
    pub theirs: Vec<Taken>,
}

/// What was agreed to be paid to book, and from when the rest is collected.
type Agreed = (i64, Option<i64>);

fn agreed(stay: &StayRow) -> Result<Option<Agreed>, Violation> {
    let deposit = read(&stay.price)?["cancellation"]["deposit"].take();
    Ok(deposit.is_array().then(|| (whole(&deposit[0]), deposit[1].as_i64())))
}

/// The rest of a booking that was made in time for it.
fn rest_from_ms(stay: &StayRow) -> Result<Option<i64>, Violation> {
    let from_ms = agreed(stay)?.and_then(|(_, from_ms)| from_ms);
    Ok(from_ms.filter(|from_ms| stay.created_at_ms < *from_ms))
}

/// What a guest pays to have the booking: all of it where no deposit was agreed, or the rest would be
/// due when it is made.
pub(super) fn first_due_minor(stay: &StayRow) -> Result<i64, Violation> {
    let is_late = |from_ms: i64| from_ms <= stay.created_at_ms;
    Ok(match agreed(stay)? {
        Some((now_minor, from_ms)) if !from_ms.is_some_and(is_late) => {
            now_minor.min(stay.total_minor)
        }
        Some(_) | None => stay.total_minor,
    })
}

/// I11: a deposit is the share of the price, or the amount, that its policy names.
pub(super) fn judge(stay: &StayRow) -> Checked {
    let Some((now_minor, _)) = agreed(stay)? else { return Ok(()) };
    let price = read(&stay.price)?;
    let name = price["cancellation"]["policy"].as_str().unwrap_or_default();
    let Some((_, fee)) = DEPOSITS.iter().find(|(known, _)| *known == name) else {
        let told = format!("nobody knows the deposit of {}: {}", stay.id, stay.price);
        return Err(Violation { rule: "I11", told });
    };
    // What a repeated request costs more stands on top of what was agreed.
    let more = list(&price["charges"]).iter().filter(|charge| charge["name"] == "more").count();
    let total_minor = stay.total_minor - i64::try_from(more).unwrap_or(0);
    let is_share =
        |part: i64, whole: i64| 2 * (now_minor * whole - total_minor * part).abs() <= whole;
    let is_right = match fee {
        Fee::Percent { bp } => is_share(*bp, 10_000),
        Fee::FirstNight => is_share(first_night_minor(&price), whole(&price["subtotal"])),
        Fee::Fixed { minor } => now_minor == *minor.min(&total_minor),
        Fee::Nothing | Fee::All => false,
    };
    check("I11", is_right, || format!("a deposit of {now_minor} is not {name} of {}", stay.price))
}

fn first_night_minor(price: &Value) -> i64 {
    let lines = list(&price["lines"]);
    let first_day = lines.iter().map(|line| whole(&line["nights"][0][0])).min();
    let on_it = lines.iter().filter(|line| Some(whole(&line["nights"][0][0])) == first_day);
    let of = |line: &Value| {
        let guests: i64 = list(&line["guests"]).iter().map(|step| whole(&step[2])).sum();
        whole(&line["nights"][0][1]) * whole(&line["units"]) + guests
    };
    on_it.map(of).sum()
}

impl Money {
    /// I9, I11: the moment before what paid a deposit is charged again.
    ///
    /// # Errors
    /// When that is too early, too much, or an earlier attempt may still bring money.
    pub fn charged(&self, charge: &Charge, forgiven: &BTreeSet<Uuid>) -> Checked {
        let Charge { payment, minor, at_ms, ours, theirs } = charge;
        let row = ours.payments.iter().find(|row| row.id == *payment);
        let is_meant = row.is_some_and(|row| row.state == "CREATED" && row.amount_minor == *minor);
        check("I12", is_meant, || format!("{minor} is charged for {payment}, we know {row:?}"))?;
        let Some(PaymentRow { reservation, created_at_ms, .. }) = row else { return Ok(()) };
        let own = || ours.payments.iter().filter(|row| row.reservation == *reservation);
        if own().any(|row| forgiven.contains(&row.id)) {
            return Ok(());
        }
        let may_bring = |row: &&PaymentRow| {
            let is_open = matches!(row.state.as_str(), "CREATED" | "PENDING" | "AUTHORIZED");
            is_open && row.created_at_ms < *created_at_ms
        };
        let open = own().find(may_bring);
        check("I9", open.is_none(), || {
            format!("{minor} is charged for {payment} while {open:?} has no end")
        })?;
        let is_at_a_bank = self.is_at_a_bank(*reservation, ours);
        check("I9", !is_at_a_bank, || {
            format!("{minor} is charged for {payment} while a bank has money of {reservation}")
        })?;
        // As it stood when the step began, or stands now: it may have moved in between.
        let mut most = None;
        let their_books = sort(theirs);
        for known in [&self.ours, ours] {
            let Some(stay) = known.stays.iter().find(|stay| stay.id == *reservation) else {
                continue;
            };
            if !matches!(stay.state.as_str(), "confirmed" | "checked_in") {
                continue;
            }
            let at_provider = own().filter_map(|row| their_books.get(&row.id));
            // A refund that came back is on its way again, or people see to it.
            let has_minor: i64 = at_provider
                .map(|own| own.captured_minor - own.gone_minor() - own.back_minor())
                .sum();
            let left_minor = self.balance(stay)?.min(parts::kept_minor(stay)? - has_minor);
            let is_time = rest_from_ms(stay)?.is_some_and(|from_ms| from_ms <= *at_ms);
            most = most.max(Some(left_minor).filter(|_| is_time));
        }
        check("I11", most.is_some_and(|most| *minor <= most), || {
            format!("{minor} is charged again for {reservation} where {most:?} is due: {charge:?}")
        })
    }

    /// I20: a rest that is due by now was paid, or people know.
    pub(super) fn rests_are_collected(&self, now_ms: i64) -> Checked {
        for stay in &self.ours.stays {
            let is_due = rest_from_ms(stay)?.is_some_and(|from_ms| from_ms < now_ms)
                && matches!(stay.state.as_str(), "confirmed" | "checked_in")
                && 0 < self.balance(stay)? - stay.charged_back_minor;
            // Nobody is asked to pay again what a bank took; whose dates changed after the rest was collected pays what is dearer; and some of what
            // went back is due again.
            let is_apart =
                self.moved.contains(&stay.id) || stay.allowance_minor < stay.refunded_minor;
            let is_known = self.is_told(stay.id, "rest_unpaid") || self.is_somebodys(stay.id);
            check("I20", !is_due || is_apart || is_known, || {
                format!("the rest of {stay:?} was not collected, and nobody knows")
            })?;
        }
        Ok(())
    }
}
