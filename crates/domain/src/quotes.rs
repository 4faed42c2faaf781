//! Quotes: a price with its policy that is promised for some minutes. A booking that names one goes
//! through at the price of that moment when it is as good or better, and is refused when it is worse.

use std::collections::BTreeMap;

use crate::ids::{PropertyId, QuoteId};
use crate::money::Money;
use crate::policies;
use crate::prices::guests::Guests;
use crate::prices::{self, Price, Terms};
use crate::refusals::Refusal;
use crate::stays::Stay;

/// How long a quote may be booked.
pub const QUOTE_MS_MAX: i64 = 15 * 60 * 1000;
/// How long it can still be read after that, so that a repeated booking finds its hotel.
pub const QUOTE_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Rooms of one type, and who sleeps in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteLine {
    /// Code of the room type.
    pub room_type: String,
    pub units: i64,
    pub guests: Guests,
}

/// A price that was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub id: QuoteId,
    pub property: PropertyId,
    pub stay: Stay,
    /// In the order of their room types, each type once.
    pub lines: Vec<QuoteLine>,
    pub terms: Terms,
    pub price: Price,
    /// Digest of price, taxes and policy: equal digests are equal terms.
    pub terms_digest: String,
    pub expires_at_ms: i64,
}

impl Quote {
    /// Units by room type code.
    #[must_use]
    pub fn rooms(&self) -> BTreeMap<String, i64> {
        self.lines.iter().map(|line| (line.room_type.clone(), line.units)).collect()
    }

    #[must_use]
    pub fn adults(&self) -> i64 {
        self.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.guests.adults))
    }

    /// Ages in years, in the order of the lines.
    #[must_use]
    pub fn children(&self) -> Vec<i64> {
        self.lines.iter().flat_map(|line| line.guests.children.iter().copied()).collect()
    }

    /// Who sleeps where, line by line.
    #[must_use]
    pub fn guests(&self) -> Vec<Guests> {
        self.lines.iter().map(|line| line.guests.clone()).collect()
    }

    /// Refuses a booking of it that comes too late, or that would cost more than `most`, or than was
    /// promised where nothing is said, or whose cancellation would cost more.
    pub fn check(&self, current: &Price, most: Option<Money>, now_ms: i64) -> Result<(), Refusal> {
        if self.expires_at_ms <= now_ms {
            return Err(Refusal::QuoteExpired { expired_at_ms: self.expires_at_ms });
        }
        let agreed = most.unwrap_or(self.price.whole());
        prices::check_agreed(current, Some(agreed))?;
        let (promised, now) = (self.price.cancellation.as_ref(), current.cancellation.as_ref());
        // A guest who accepts another total has accepted the fees that go with it.
        if most.is_none() && policies::is_worse(now, promised) {
            return Err(Refusal::PriceChanged { agreed, current: current.whole() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::policies::{Cancellation, DueFrom};
    use crate::stays::Day;

    fn price(total_minor: i64, fee_minor: Option<i64>) -> Price {
        let cancellation = fee_minor.map(|amount_minor| Cancellation {
            steps: vec![DueFrom { from_ms: Some(1_000), amount_minor }],
            no_show_minor: amount_minor,
            ..Cancellation::default()
        });
        Price { total_minor, cancellation, ..Price::free(Currency::EUR) }
    }

    fn quote(price: Price) -> Quote {
        Quote {
            id: QuoteId(1),
            property: PropertyId(1),
            stay: Stay::new(Day(1), Day(2)),
            lines: Vec::new(),
            terms: Terms::default(),
            price,
            terms_digest: String::new(),
            expires_at_ms: 500,
        }
    }

    #[track_caller]
    fn check(current: Price, most: Option<i64>, now_ms: i64, expected: Option<&str>) {
        let most = most.map(|minor| Money::new(minor, Currency::EUR));
        let answer = quote(price(100, Some(40))).check(&current, most, now_ms);
        assert_eq!(answer.err().map(|refusal| refusal.code()), expected);
    }

    #[test]
    fn as_good_or_better_goes_through_until_it_has_run_out() {
        check(price(100, Some(40)), None, 499, None);
        check(price(90, Some(30)), None, 499, None);
        check(price(90, None), None, 499, Some("price_changed"));
        check(price(100, Some(40)), None, 500, Some("quote_expired"));
    }

    #[test]
    fn worse_is_refused_unless_the_guest_allowed_for_it() {
        check(price(101, Some(40)), None, 0, Some("price_changed"));
        check(price(101, Some(40)), Some(101), 0, None);
        check(price(102, Some(40)), Some(101), 0, Some("price_changed"));
        check(price(100, Some(41)), None, 0, Some("price_changed"));
    }
}
