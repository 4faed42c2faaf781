//! Prices as agreed, on the wire: the parts always add up to the final price. Computes nothing.

use serde::Serialize;
use utoipa::ToSchema;
use vacancy_domain::money::Money;
use vacancy_domain::prices::{LinePrice, Price};

use super::fields::Amount;

/// What a stay costs, with all its parts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationPrice {
    lines: Vec<ReservationPriceLine>,
    /// All lines, before taxes and fees.
    total_price: Amount,
    taxes: Vec<ReservationTax>,
    fees: Vec<ReservationTax>,
    /// What is to be paid.
    final_price: Amount,
}

/// The part of one line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationPriceLine {
    line_id: String,
    #[schema(example = "DELUXE")]
    room_type: String,
    #[schema(example = 2)]
    units: i64,
    /// One unit, night by night; left out in the answer to a booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_night: Option<Vec<ReservationNight>>,
    /// All nights of all units.
    total_price: Amount,
}

/// One night of one unit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationNight {
    #[schema(example = "2027-03-10", format = Date)]
    date: String,
    price: Amount,
    /// How it came about, for people.
    #[schema(example = "base EUR 120.00")]
    trace: String,
}

/// A tax or a fee.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationTax {
    #[schema(example = "tax")]
    name: String,
    /// Hundredths of a percent.
    #[schema(example = 600)]
    basis_points: i64,
    amount: Amount,
}

impl ReservationNight {
    /// The nights of a price that has one line.
    #[must_use]
    pub fn of_one_unit(price: &Price) -> Vec<ReservationNight> {
        price.lines.first().map(|line| nights(price, line)).unwrap_or_default()
    }
}

impl ReservationTax {
    /// The taxes of a price; none when nothing is taxed.
    #[must_use]
    pub fn of(price: &Price) -> Vec<ReservationTax> {
        let tax = ReservationTax {
            name: "tax".to_owned(),
            basis_points: price.tax_bp,
            amount: Money::new(price.tax_minor, price.currency).into(),
        };
        if price.tax_bp == 0 { Vec::new() } else { vec![tax] }
    }
}

impl ReservationPrice {
    /// The price with every night. `room_types` has a code for each line.
    #[must_use]
    pub fn whole(price: &Price, room_types: &[&str]) -> ReservationPrice {
        render(price, room_types, |line| Some(nights(price, line)))
    }

    /// The price without its nights.
    #[must_use]
    pub fn short(price: &Price, room_types: &[&str]) -> ReservationPrice {
        render(price, room_types, |_| None)
    }
}

fn render(
    price: &Price,
    room_types: &[&str],
    per_night: impl Fn(&LinePrice) -> Option<Vec<ReservationNight>>,
) -> ReservationPrice {
    let amount = |minor| Amount::from(Money::new(minor, price.currency));
    let line = |(at, line): (usize, &LinePrice)| ReservationPriceLine {
        line_id: line.line.to_string(),
        room_type: room_types.get(at).map_or_else(String::new, |code| (*code).to_owned()),
        units: line.units,
        per_night: per_night(line),
        total_price: amount(line.total_minor),
    };
    ReservationPrice {
        lines: price.lines.iter().enumerate().map(line).collect(),
        total_price: amount(price.subtotal_minor),
        taxes: ReservationTax::of(price),
        fees: Vec::new(),
        final_price: amount(price.total_minor),
    }
}

fn nights(price: &Price, line: &LinePrice) -> Vec<ReservationNight> {
    let night = |night: &vacancy_domain::prices::NightPrice| ReservationNight {
        date: night.day.to_string(),
        price: Money::new(night.amount_minor, price.currency).into(),
        trace: night.trace.clone(),
    };
    line.nights.iter().map(night).collect()
}
