//! A price written in decimals as whole cents, exactly: the text is never a float on the way.

/// Highest price of a night that is believed, in cents.
pub const NIGHT_MINOR_MAX: i64 = 100_000_000;

/// A price read from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cents {
    pub minor: i64,
    /// The text had more than two decimals that said something: rounded half away from zero.
    pub rounded: bool,
}

/// `75` is 7500, `75.5` is 7550, `-6.38` is -638, `0.005` is 1 and `0.0049` is 0. Nothing for any
/// other text (exponents, commas, signs alone) and beyond [`NIGHT_MINOR_MAX`].
#[must_use]
pub fn parse_cents(text: &str) -> Option<Cents> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = match digits.split_once('.') {
        Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
        Some(_) => return None,
        None => (digits, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let mut minor: i64 = whole.parse().ok()?;
    for place in 0..2 {
        let digit = decimals.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0'));
        minor = minor.checked_mul(10)?.checked_add(digit)?;
    }
    let rest = decimals.as_bytes().get(2..).unwrap_or_default();
    if rest.first().is_some_and(|digit| b'5' <= *digit) {
        minor = minor.checked_add(1)?;
    }
    let rounded = rest.iter().any(|digit| *digit != b'0');
    let minor = if negative { -minor } else { minor };
    (minor.abs() <= NIGHT_MINOR_MAX).then_some(Cents { minor, rounded })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_cents_exactly() {
        for (text, minor) in [
            ("0", 0),
            ("75", 7500),
            ("75.5", 7550),
            ("0.26", 26),
            ("99.81", 9981),
            ("508", 50_800),
            ("-6.38", -638),
            ("96.490", 9649),
            ("1000000.00", NIGHT_MINOR_MAX),
        ] {
            assert_eq!(parse_cents(text), Some(Cents { minor, rounded: false }), "{text}");
        }
    }

    #[test]
    fn more_than_two_decimals_round_half_away_from_zero() {
        for (text, minor) in [
            ("0.005", 1),
            ("0.00499999999999999999999", 0),
            ("-0.005", -1),
            ("1.015", 102),
            ("0.995", 100),
        ] {
            assert_eq!(parse_cents(text), Some(Cents { minor, rounded: true }), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_price() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1,5",
            "1e3",
            "NaN",
            "inf",
            "+5",
            "--5",
            "0x10",
            " 5",
            "5 ",
            "1.2.3",
            "٣",
            "1000000.01",
            "99999999999999999999",
        ] {
            assert_eq!(parse_cents(text), None, "{text}");
        }
    }
}
