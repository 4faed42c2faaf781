//! Text of strangers made fit to store and compare: white space, invisible characters, a
//! double-decoded name, and the folded form that names are compared by. Unicode stays
//! as it is; nothing is guessed, no case is changed.

use vacancy_domain::names;

/// What [`clean`] had to do, for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    WhiteSpace,
    InvisibleCharacter,
    Mojibake,
    DoubledQuote,
}

impl Repair {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Repair::WhiteSpace => "white_space",
            Repair::InvisibleCharacter => "invisible_character",
            Repair::Mojibake => "mojibake",
            Repair::DoubledQuote => "doubled_quote",
        }
    }
}

/// The text trimmed, with single spaces, without control and invisible characters, decoded once
/// more where it was certainly encoded twice, and with `""` as `"`.
#[must_use]
pub fn clean(text: &str) -> (String, Vec<Repair>) {
    let mut repairs = Vec::new();
    let mut kept = text.to_owned();
    if let Some(decoded) = decode_again(&kept) {
        kept = decoded;
        repairs.push(Repair::Mojibake);
    }
    if kept.chars().any(is_invisible) {
        kept.retain(|letter| !is_invisible(letter));
        repairs.push(Repair::InvisibleCharacter);
    }
    if kept.contains("\"\"") {
        kept = kept.replace("\"\"", "\"");
        repairs.push(Repair::DoubledQuote);
    }
    let spaced = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    if spaced != kept {
        repairs.push(Repair::WhiteSpace);
    }
    (spaced, repairs)
}

/// What two names share when they name one house: folded words without `hotel`.
#[must_use]
pub fn name_key(name: &str) -> String {
    // An apostrophe parts words here: `L'Aldosa` and `Laldosa` may be two houses.
    let parted: String = name
        .chars()
        .map(|letter| if names::is_apostrophe(letter) { ' ' } else { letter })
        .collect();
    let folded = names::fold(&parted);
    let telling: Vec<&str> = folded.split(' ').filter(|word| *word != "hotel").collect();
    if telling.is_empty() { folded } else { telling.join(" ") }
}

/// Control characters other than white space, zero-width ones, and those that turn the direction
/// of text: none belongs in a name, and PostgreSQL refuses the first of them.
fn is_invisible(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(letter, '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// The text that was read as Windows-1252 although it was UTF-8 (`HÃ´tel`), if it certainly was:
/// all of it must turn back into bytes, and these must be UTF-8 with at least one longer letter.
fn decode_again(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(windows_1252_byte).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

fn windows_1252_byte(letter: char) -> Option<u8> {
    /// The letters that Windows-1252 has where Latin-1 has controls, from 0x80; `\0` is unused.
    const FROM_80: &str = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";
    if letter == '\0' {
        return Some(0);
    }
    let special = FROM_80.chars().position(|known| known == letter);
    match special {
        Some(place) => u8::try_from(0x80 + place).ok(),
        None => u8::try_from(u32::from(letter)).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, cleaned: &str, repairs: &[Repair]) {
        assert_eq!(clean(text), (cleaned.to_owned(), repairs.to_vec()), "{text:?}");
    }

    #[test]
    fn clean_text_stays_as_it_is() {
        for text in ["", "Ibis", "HÔTEL DU THÉÂTRE", "San Ġiljan", "Санса", "東京 Inn", "Ç", "22@"]
        {
            check(text, text, &[]);
        }
    }

    #[test]
    fn only_certain_defects_are_repaired() {
        check("  a \t b\r\n", "a b", &[Repair::WhiteSpace]);
        check("a\u{200B}b\0", "ab", &[Repair::InvisibleCharacter]);
        check("HÃ´tel", "Hôtel", &[Repair::Mojibake]);
        check("Lâ€™Aldosa", "L’Aldosa", &[Repair::Mojibake]);
        check("PARIS \"\"M\"\"", "PARIS \"M\"", &[Repair::DoubledQuote]);
        // One letter that no Windows-1252 byte could have made: not certain, left alone.
        check("HÃ´tel Ġ", "HÃ´tel Ġ", &[]);
    }

    #[test]
    fn names_are_compared_without_case_marks_and_the_word_hotel() {
        for (left, right) in [
            ("GRAND HÔTEL FRANÇAIS", "Grand Hôtel Français"),
            ("Mellieha Bay", "Mellieha Bay Hotel"),
            ("Le Clos d'Alésia", "Le Clos d’Alésia"),
        ] {
            assert_eq!(name_key(left), name_key(right));
        }
        assert_ne!(name_key("Casa Maca 3"), name_key("Casa Maca 4"));
        assert_eq!(name_key("Hotel"), "hotel");
    }
}
