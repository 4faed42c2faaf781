//! I11, prices: the trace of a night adds up to the night, nights and guests to their line, lines to the
//! subtotal, and with what stands on top to the total. And what the house may keep of it.

use serde_json::Value;
use vacancy_store::testing::money::StayRow;

use crate::oracle::{Checked, Violation, check};

pub(super) fn judge(stay: &StayRow) -> Checked {
    let StayRow { id, price: text, total_minor, .. } = stay;
    let price = read(text)?;
    let wrong = |what: &str| format!("the price of reservation {id}: {what} in {text}");
    let mut subtotal = 0;
    for line in list(&price["lines"]) {
        let (units, nights) = (whole(&line["units"]), list(&line["nights"]));
        for night in nights {
            if let Some(steps) = night[2].as_array() {
                let sum: i64 = steps.iter().map(|step| whole(&step[2])).sum();
                check("I11", sum == whole(&night[1]), || wrong("a trace is no sum of its night"))?;
            }
        }
        let rooms: i64 = nights.iter().map(|night| whole(&night[1]) * units).sum();
        let count = i64::try_from(nights.len()).unwrap_or(0);
        let guests: i64 = list(&line["guests"]).iter().map(|step| whole(&step[2]) * count).sum();
        check("I11", rooms + guests == whole(&line["total"]), || {
            wrong("the nights are no sum of their line")
        })?;
        subtotal += whole(&line["total"]);
    }
    check("I11", subtotal == whole(&price["subtotal"]), || wrong("the lines are no subtotal"))?;
    let total = subtotal + whole(&price["tax"]);
    let is_total = total == whole(&price["total"]) && total == *total_minor;
    check("I11", is_total, || wrong("the parts are no total"))
}

/// What the house keeps of a reservation as it stands: its price, or what was agreed for its end, less
/// what it let the guest off.
pub(super) fn kept_minor(stay: &StayRow) -> Result<i64, Violation> {
    Ok((charged_minor(stay)? - stay.allowance_minor).max(0))
}

/// The same before anything is let off.
fn charged_minor(stay: &StayRow) -> Result<i64, Violation> {
    let StayRow { state, price, total_minor, .. } = stay;
    let price = read(price)?;
    let agreed = &price["cancellation"];
    Ok(match state.as_str() {
        "released" | "expired" => 0,
        "canceled" => agreed["kept"].as_i64().unwrap_or(0),
        "no_show" => agreed["kept"].as_i64().unwrap_or(*total_minor),
        _ => *total_minor.max(&agreed["floor"].as_i64().unwrap_or(0)),
    })
}

/// What of a price only a change of dates changes.
pub(super) fn lines(text: &str) -> Result<Value, Violation> {
    Ok(read(text)?["lines"].take())
}

pub(super) fn read(text: &str) -> Result<Value, Violation> {
    let broken = |error| Violation { rule: "I11", told: format!("no price: {text}: {error}") };
    serde_json::from_str(text).map_err(broken)
}

pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(state: &str, price: &str) -> StayRow {
        StayRow {
            id: uuid::Uuid::nil(),
            state: state.to_owned(),
            price: price.to_owned(),
            total_minor: 2_150,
            paid_minor: 0,
            refunded_minor: 0,
            allowance_minor: 0,
            charged_back_minor: 0,
            code: String::new(),
            created_at_ms: 0,
        }
    }

    const PRICE: &str = r#"{"lines": [{"units": 2, "total": 2000,
        "nights": [[1, 400, "base"], [2, 600, [["base", 0, 500], ["more", 0, 100]]]]}],
        "subtotal": 2000, "tax": 150, "total": 2150,
        "cancellation": {"kept": 700, "floor": 0}}"#;

    #[test]
    fn parts_that_do_not_add_up_are_seen() {
        let rule = |price: &str| judge(&stay("held", price)).map_err(|broken| broken.rule);
        assert_eq!(rule(PRICE), Ok(()));
        for (right, wrong) in [
            ("0, 500", "0, 501"),
            ("400", "401"),
            ("\"total\": 2000", "\"total\": 2001"),
            ("\"tax\": 150", "\"tax\": 151"),
            ("\"subtotal\": 2000", "\"subtotal\": 1999"),
        ] {
            assert_eq!(rule(&PRICE.replacen(right, wrong, 1)), Err("I11"), "{wrong}");
        }
    }

    #[test]
    fn what_is_kept_was_agreed() {
        for (state, kept) in [("confirmed", 2_150), ("expired", 0), ("canceled", 700)] {
            assert_eq!(kept_minor(&stay(state, PRICE)).ok(), Some(kept), "{state}");
        }
    }
}
