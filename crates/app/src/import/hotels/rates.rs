//! Example prices for imported places (`--sample-rates`), so that a search finds something. They
//! are made up, the same on every run, and must never be shown as anybody's real price.

use vacancy_domain::money::{Currency, Money};

/// A night in whole units of a currency like the euro, by stars; first the price without stars.
const NIGHT_BY_STARS: [i64; 6] = [70, 45, 65, 95, 150, 290];

/// The base rate of one night: by stars, 80 to 120 % of it by the id, rounded down to a whole unit.
/// Currencies without decimals (yen) count a hundredfold.
#[must_use]
pub fn base_night(id: &str, stars: Option<i64>, currency: Currency) -> Money {
    let place = stars.and_then(|stars| usize::try_from(stars).ok()).unwrap_or(0);
    let usual = NIGHT_BY_STARS.get(place).copied().unwrap_or(NIGHT_BY_STARS[0]);
    let percent = 80 + i64::from(fingerprint(id) % 41);
    let units = usual * percent / 100;
    let minor_per_unit = match currency.decimals() {
        0 => 100,
        decimals => 10_i64.pow(decimals),
    };
    Money::new(units * minor_per_unit, currency)
}

/// FNV-1a, 32 bits: stable across versions and machines, which std's hashers do not promise.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_has_one_price_and_more_stars_cost_more() {
        let price = |id: &str, stars| base_night(id, stars, Currency::EUR).minor;
        assert_eq!(price("osm:node/1", Some(3)), price("osm:node/1", Some(3)));
        assert!(price("osm:node/1", Some(3)) < price("osm:node/1", Some(5)));
        for id in 0..1000 {
            let minor = price(&id.to_string(), Some(3));
            assert!((7600..=11_400).contains(&minor) && minor % 100 == 0, "{minor}");
        }
    }

    #[test]
    fn stars_nobody_has_count_as_none() {
        let price = |stars| base_night("x", stars, Currency::EUR);
        assert_eq!(price(Some(9)), price(None));
        assert_eq!(price(Some(-1)), price(None));
    }

    #[test]
    fn currencies_keep_their_decimals() {
        let minor = |code: &str| base_night("x", None, code.parse().expect("a currency")).minor;
        assert_eq!(minor("JPY"), minor("EUR"));
        assert_eq!(minor("KWD"), minor("EUR") * 10);
    }
}
