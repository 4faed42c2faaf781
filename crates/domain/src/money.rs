//! Money: whole minor units and a currency. Never a float, never two currencies in one sum.
//!
//! Rounding happens in one place, `rounded`, by one rule: half away from zero.

use std::fmt;
use std::str::FromStr;

/// One whole in basis points: 10,000 bp are 100 %.
pub const WHOLE_BP: i64 = 10_000;

/// Largest amount that one sum may reach, in minor units: a thousand million major units of a
/// currency with three decimals. Far from the edge of `i64`, so that sums of sums cannot wrap.
pub const AMOUNT_MINOR_MAX: i64 = 1_000_000_000_000;

/// An ISO 4217 currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const EUR: Currency = Currency(*b"EUR");

    /// The three capital letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // ISO 4217's code for no currency; never told, for three capital letters are text.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit: 0 (JPY), 2 (EUR) or 3 (KWD). Source: ISO 4217 table.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        let known = iso_currency::Currency::from_code(self.code());
        known.and_then(|currency| currency.exponent()).map_or(2, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Text that names no currency in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCurrency;

impl fmt::Display for UnknownCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an ISO 4217 currency code")
    }
}

impl std::error::Error for UnknownCurrency {}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| UnknownCurrency)?;
        let known = iso_currency::Currency::from_code(text).ok_or(UnknownCurrency)?;
        // Gold, test codes and the like have no minor unit and buy no room.
        if known.exponent().is_none() {
            return Err(UnknownCurrency);
        }
        Ok(Currency(letters))
    }
}

/// An amount of one currency, in its minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    #[must_use]
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// The sum, or nothing when the currencies differ or the sum leaves [`AMOUNT_MINOR_MAX`].
    #[must_use]
    pub fn plus(self, other: Money) -> Option<Money> {
        if self.currency != other.currency {
            return None;
        }
        within_limit(self.minor.checked_add(other.minor)?, self.currency)
    }

    /// This amount `count` times.
    #[must_use]
    pub fn times(self, count: i64) -> Option<Money> {
        within_limit(self.minor.checked_mul(count)?, self.currency)
    }

    /// The part that `bp` basis points of this amount make, rounded half away from zero.
    #[must_use]
    pub fn share_bp(self, bp: i64) -> Option<Money> {
        self.part(bp, WHOLE_BP)
    }

    /// The part that `share` of `whole` makes, rounded half away from zero.
    #[must_use]
    pub fn part(self, share: i64, whole: i64) -> Option<Money> {
        if whole < 1 {
            return None;
        }
        let exact = i128::from(self.minor) * i128::from(share);
        within_limit(rounded(exact, whole)?, self.currency)
    }

    /// One of `count` equal parts, rounded half away from zero: an average, never a share of a
    /// bill.
    #[must_use]
    pub fn average(self, count: i64) -> Option<Money> {
        if count < 1 {
            return None;
        }
        within_limit(rounded(i128::from(self.minor), count)?, self.currency)
    }
}

/// `exact / whole`, rounded half away from zero. The product's only rounding of money.
fn rounded(exact: i128, whole: i64) -> Option<i64> {
    let whole = i128::from(whole);
    let half = if exact < 0 { -whole / 2 } else { whole / 2 };
    i64::try_from((exact + half) / whole).ok()
}

/// As a person writes it in a list: `EUR 112.00`, `JPY 9800`, `KWD 1.250`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let sign = if self.minor < 0 { "-" } else { "" };
        let amount = self.minor.unsigned_abs();
        if decimals == 0 {
            return write!(f, "{} {sign}{amount}", self.currency);
        }
        let unit = 10_u64.pow(decimals);
        let width = usize::try_from(decimals).unwrap_or(2);
        write!(f, "{} {sign}{}.{:0width$}", self.currency, amount / unit, amount % unit)
    }
}

fn within_limit(minor: i64, currency: Currency) -> Option<Money> {
    (-AMOUNT_MINOR_MAX..=AMOUNT_MINOR_MAX).contains(&minor).then_some(Money { minor, currency })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().expect("a currency"))
    }

    #[test]
    fn currencies_have_zero_two_or_three_decimals() {
        for (code, shown) in [("JPY", "JPY 112000"), ("EUR", "EUR 1120.00"), ("KWD", "KWD 112.000")]
        {
            assert_eq!(money(112_000, code).to_string(), shown);
        }
        assert_eq!(money(-5, "EUR").to_string(), "EUR -0.05");
    }

    #[test]
    fn a_code_nobody_uses_is_refused() {
        for code in ["", "EU", "EURO", "eur", "XXX", "XAU", "ÉÜ"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    #[test]
    fn two_currencies_never_add_up() {
        assert_eq!(money(1, "EUR").plus(money(1, "USD")), None);
    }

    #[test]
    fn shares_round_half_away_from_zero() {
        for (minor, bp, share) in [(105, 1000, 11), (104, 1000, 10), (-105, 1000, -11), (0, 600, 0)]
        {
            assert_eq!(money(minor, "EUR").share_bp(bp), Some(money(share, "EUR")));
        }
    }

    #[test]
    fn an_average_rounds_half_away_from_zero() {
        for (minor, count, average) in [(10, 4, 3), (9, 4, 2), (-10, 4, -3), (10, 3, 3), (11, 3, 4)]
        {
            assert_eq!(money(minor, "EUR").average(count), Some(money(average, "EUR")));
        }
        assert_eq!(money(10, "EUR").average(0), None);
    }

    #[test]
    fn no_amount_wraps() {
        assert_eq!(money(i64::MAX, "EUR").times(2), None);
        assert_eq!(money(AMOUNT_MINOR_MAX, "EUR").plus(money(1, "EUR")), None);
        assert_eq!(money(i64::MAX, "EUR").share_bp(i64::MAX), None);
        assert_eq!(money(i64::MIN, "EUR").plus(money(0, "EUR")), None);
        assert_eq!(money(i64::MIN, "EUR").times(1), None);
    }
}
