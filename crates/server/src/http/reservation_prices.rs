//! Prices as agreed, on the wire: the parts always add up to the final price. Computes nothing.

use serde::Serialize;
use utoipa::ToSchema;
use vacancy_domain::ids::LineId;
use vacancy_domain::money::Money;
use vacancy_domain::prices::levies::Charge;
use vacancy_domain::prices::tariff::{Collected, LevyKind};
use vacancy_domain::prices::{LinePrice, NightPrice, Price, Step};

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
    /// What the guest pays in the end: all of this together, except taxes that are inside.
    final_price: Amount,
    /// The part of it that is paid at the property, beside the booking.
    due_at_property: Amount,
}

/// The part of one line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationPriceLine {
    /// Left out in a quote, whose lines are of no booking yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    line_id: Option<String>,
    #[schema(example = "DELUXE")]
    room_type: String,
    #[schema(example = 2)]
    units: i64,
    /// One unit, night by night; left out in the answer to a booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_night: Option<Vec<ReservationNight>>,
    /// What the guests add on each night, for all units together; left out when nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    guests_per_night: Vec<PriceStep>,
    /// All nights of all units, with their guests.
    total_price: Amount,
}

/// One step of how an amount came about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceStep {
    #[schema(example = "extra adult")]
    name: String,
    amount: Amount,
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
    /// Hundredths of a percent; 0 for a fixed amount.
    #[schema(example = 600)]
    basis_points: i64,
    amount: Amount,
    /// `onTop` of the price, `included` in it, or paid `atProperty`.
    #[schema(example = "onTop")]
    collected: &'static str,
}

impl ReservationNight {
    /// The nights of a price that has one line.
    #[must_use]
    pub fn of_one_unit(price: &Price) -> Vec<ReservationNight> {
        price.lines.first().map(|line| nights(price, line)).unwrap_or_default()
    }
}

impl ReservationTax {
    /// The taxes of a price, or its fees.
    #[must_use]
    pub fn of(price: &Price, kind: LevyKind) -> Vec<ReservationTax> {
        let tax = |charge: &Charge| ReservationTax {
            name: charge.name.clone(),
            basis_points: charge.bp,
            amount: Money::new(charge.amount_minor, price.currency).into(),
            collected: match charge.collected {
                Collected::OnTop => "onTop",
                Collected::Included => "included",
                Collected::AtProperty => "atProperty",
            },
        };
        price.charges.iter().filter(|charge| charge.kind == kind).map(tax).collect()
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
        line_id: (line.line != LineId(0)).then(|| line.line.to_string()),
        room_type: room_types.get(at).map_or_else(String::new, |code| (*code).to_owned()),
        units: line.units,
        per_night: per_night(line),
        guests_per_night: steps(price, line),
        total_price: amount(line.total_minor),
    };
    ReservationPrice {
        lines: price.lines.iter().enumerate().map(line).collect(),
        total_price: amount(price.subtotal_minor),
        taxes: ReservationTax::of(price, LevyKind::Tax),
        fees: ReservationTax::of(price, LevyKind::Fee),
        final_price: price.whole().into(),
        due_at_property: amount(price.at_property_minor()),
    }
}

/// What the guests of a line add on each night.
pub(super) fn steps(price: &Price, line: &LinePrice) -> Vec<PriceStep> {
    let step = |step: &Step| PriceStep {
        name: step.name.to_string(),
        amount: Money::new(step.amount_minor, price.currency).into(),
    };
    line.guests.iter().map(step).collect()
}

fn nights(price: &Price, line: &LinePrice) -> Vec<ReservationNight> {
    let night = |night: &NightPrice| ReservationNight {
        date: night.day.to_string(),
        price: Money::new(night.amount_minor, price.currency).into(),
        trace: night.text(price.currency),
    };
    line.nights.iter().map(night).collect()
}
