//! What a house has, in words: one for each amenity code.
//!
//! A code that has no word here is shown readable all the same; owners may bring their own.

/// Codes with their words, in the order in which a page lists them.
const WORDS: [(&str, &str); 21] = [
    ("breakfast", "Breakfast"),
    ("wifi", "Wi-Fi"),
    ("pool", "Pool"),
    ("beach", "Beach"),
    ("spa", "Spa"),
    ("gym", "Gym"),
    ("restaurant", "Restaurant"),
    ("bar", "Bar"),
    ("roof_terrace", "Roof terrace"),
    ("terrace", "Terrace"),
    ("garden", "Garden"),
    ("air_conditioning", "Air conditioning"),
    ("lift", "Lift"),
    ("step_free", "Step-free access"),
    ("parking", "Parking"),
    ("airport_shuttle", "Airport shuttle"),
    ("bicycles", "Bicycles"),
    ("kitchen", "Guest kitchen"),
    ("laundry", "Laundry"),
    ("family_rooms", "Family rooms"),
    ("pets", "Pets welcome"),
];

/// The word for this code; `bowling_alley` becomes "Bowling alley".
pub fn word(code: &str) -> String {
    if let Some((_, word)) = WORDS.iter().find(|(known, _)| *known == code) {
        return (*word).to_owned();
    }
    let spaced = code.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Words for a whole list, the most asked-for first, codes of the owner's own last.
pub fn words(codes: &[&str]) -> Vec<String> {
    let place = |code: &str| WORDS.iter().position(|(known, _)| *known == code);
    let mut sorted: Vec<&str> = codes.to_vec();
    sorted.sort_by_key(|code| place(code).unwrap_or(WORDS.len()));
    sorted.into_iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guests_ask_for_most_comes_first() {
        let codes = ["bowling_alley", "pets", "wifi", "breakfast"];
        assert_eq!(words(&codes), ["Breakfast", "Wi-Fi", "Pets welcome", "Bowling alley"]);
        assert_eq!(word(""), "");
    }
}
