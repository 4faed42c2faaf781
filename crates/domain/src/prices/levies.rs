//! Taxes and fees: how much each is, and whether it stands on top of the price, inside it, or is
//! paid by the guest at the property.

use super::guests::Guests;
use super::tariff::{Collected, Levy, LevyAmount, LevyKind, Per, Rates};
use crate::ledger::Line;
use crate::money::{Money, WHOLE_BP};

/// What one tax or fee comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub name: String,
    pub kind: LevyKind,
    /// Its share in basis points; 0 for a fixed amount.
    pub bp: i64,
    pub amount_minor: i64,
    pub collected: Collected,
}

impl Charge {
    /// The one tax of a hotel that has set none of its own.
    #[must_use]
    pub fn flat_tax(bp: i64, amount_minor: i64) -> Charge {
        let (name, kind) = ("tax".to_owned(), LevyKind::Tax);
        Charge { name, kind, bp, amount_minor, collected: Collected::OnTop }
    }
}

/// What all taxes and fees come to on this price of the rooms. `None` when one is more than money
/// may be.
pub(super) fn charges(
    rates: &Rates,
    lines: &[Line],
    guests: &[Guests],
    subtotal: Money,
) -> Option<Vec<Charge>> {
    let levies = &rates.tariff.levies;
    if levies.is_empty() {
        if rates.tax_bp == 0 {
            return Some(Vec::new());
        }
        let amount = subtotal.share_bp(rates.tax_bp)?;
        return Some(vec![Charge::flat_tax(rates.tax_bp, amount.minor)]);
    }
    let inside = levies.iter().filter(|levy| levy.collected == Collected::Included);
    let inside_bp = inside.fold(WHOLE_BP, |sum, levy| match levy.amount {
        LevyAmount::Percent { bp } => sum.saturating_add(bp),
        LevyAmount::Fixed { .. } => sum,
    });
    let mut charges = Vec::with_capacity(levies.len());
    for levy in levies {
        let (bp, amount) = match levy.amount {
            // Inside the price, a part of it is the tax: of 107 with 7 %, 7.
            LevyAmount::Percent { bp } if levy.collected == Collected::Included => {
                (bp, subtotal.part(bp, inside_bp)?)
            }
            LevyAmount::Percent { bp } => (bp, subtotal.share_bp(bp)?),
            LevyAmount::Fixed { minor, per } => {
                let count = count(levy, per, lines, guests);
                (0, Money::new(minor, rates.currency).times(count)?)
            }
        };
        charges.push(Charge {
            name: levy.name.clone(),
            kind: levy.kind,
            bp,
            amount_minor: amount.minor,
            collected: levy.collected,
        });
    }
    Some(charges)
}

/// How often a fixed amount is due.
fn count(levy: &Levy, per: Per, lines: &[Line], guests: &[Guests]) -> i64 {
    let counted = |nights: i64| levy.nights_max.map_or(nights, |most| nights.min(most));
    let sum = |of: &dyn Fn(&Line, i64) -> i64| {
        let people = |at: usize| guests.get(at).map_or(0, |guests| persons(levy, guests));
        let parts = lines.iter().enumerate().map(|(at, line)| of(line, people(at)));
        parts.fold(0_i64, i64::saturating_add)
    };
    match per {
        Per::Stay => 1,
        Per::Night => sum(&|line, _| line.units.saturating_mul(counted(line.stay.nights()))),
        Per::Person => sum(&|_, people| people),
        Per::PersonNight => sum(&|line, people| people.saturating_mul(counted(line.stay.nights()))),
    }
}

fn persons(levy: &Levy, guests: &Guests) -> i64 {
    let old_enough = guests.children.iter().filter(|age| levy.age_min <= **age).count();
    guests.adults.saturating_add(i64::try_from(old_enough).unwrap_or(i64::MAX))
}
