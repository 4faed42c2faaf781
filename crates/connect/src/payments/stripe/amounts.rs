//! Amounts as Stripe counts them. It takes the minor unit of ISO 4217 but for a few currencies, and
//! wants some amounts whole where ISO would not. Rounds nothing: an amount that Stripe cannot take
//! as it is, is refused.
//!
//! Source: <https://docs.stripe.com/currencies>, zero-decimal, three-decimal and special cases.

use vacancy_domain::money::{AMOUNT_MINOR_MAX, Currency, Money};

use crate::payments::failure::{Code, Failure, refused};

/// How an amount of a currency reaches Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// In our minor unit.
    AsIs,
    /// In our minor unit, whose last digit must be 0: three decimals, of which cards know two.
    Tens,
    /// ISO has no decimals any more, Stripe writes two, always zero.
    Hundredfold,
    /// ISO has two decimals, Stripe none.
    Hundredth,
}

fn rule(currency: Currency) -> Rule {
    match currency.code() {
        "ISK" | "UGX" => Rule::Hundredfold,
        "MGA" => Rule::Hundredth,
        _ if currency.decimals() == 3 => Rule::Tens,
        _ => Rule::AsIs,
    }
}

/// What to write for this amount.
pub(super) fn to_stripe(money: Money) -> Result<i64, Failure> {
    let Money { minor, currency } = money;
    let units = match rule(currency) {
        _ if !(1..=AMOUNT_MINOR_MAX).contains(&minor) => None,
        Rule::AsIs => Some(minor),
        Rule::Tens => Some(minor).filter(|minor| minor % 10 == 0),
        Rule::Hundredfold => minor.checked_mul(100),
        Rule::Hundredth => Some(minor / 100).filter(|_| minor % 100 == 0),
    };
    units.ok_or_else(|| refused(Code::AmountInvalid))
}

/// What this number says in our units; nothing when it is no amount of ours.
pub(super) fn from_stripe(units: i64, currency: Currency) -> Option<i64> {
    match rule(currency) {
        Rule::AsIs | Rule::Tens => Some(units),
        Rule::Hundredfold => Some(units / 100).filter(|_| units % 100 == 0),
        Rule::Hundredth => units.checked_mul(100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(minor: i64, code: &str, units: Option<i64>) {
        let currency: Currency = code.parse().expect("a currency");
        let told = to_stripe(Money::new(minor, currency)).ok();
        assert_eq!(told, units, "{minor} {code}");
        if let Some(units) = units {
            assert_eq!(from_stripe(units, currency), Some(minor), "{units} {code}");
        }
    }

    #[test]
    fn an_amount_is_written_as_stripe_counts_it() {
        check(1_000, "USD", Some(1_000));
        check(500, "JPY", Some(500));
        check(1, "HUF", Some(1));
        // Three decimals: the last one must be 0.
        check(5_120, "KWD", Some(5_120));
        for code in ["BHD", "JOD", "KWD", "OMR", "TND"] {
            check(5_124, code, None);
        }
        // Five krónur are written with two decimals, five shillings too.
        check(5, "ISK", Some(500));
        check(5, "UGX", Some(500));
        check(1_000, "MGA", Some(10));
        check(1_050, "MGA", None);
    }

    #[test]
    fn the_currencies_that_stripe_counts_without_decimals_have_none_here() {
        let zero_decimal = [
            "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF",
            "XOF", "XPF",
        ];
        for code in zero_decimal {
            check(7, code, Some(7));
            assert_eq!(code.parse::<Currency>().expect("a currency").decimals(), 0, "{code}");
        }
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for minor in [0, -1, i64::MIN, AMOUNT_MINOR_MAX + 1, i64::MAX] {
            check(minor, "EUR", None);
            check(minor, "ISK", None);
        }
        assert_eq!(from_stripe(i64::MAX, "MGA".parse().expect("a currency")), None);
        assert_eq!(from_stripe(101, "ISK".parse().expect("a currency")), None);
    }
}
