//! Confirmation codes: ten characters that a guest can read over a bad telephone line, the last
//! one a check character, shown `ABCDE-FGHJK`.

use std::fmt;
use std::str::FromStr;

/// Crockford's base 32: no I, L, O, U. Source: Douglas Crockford, "Base 32".
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters drawn at random: 45 bits.
const DRAWN: usize = 9;

/// A confirmation code whose check character is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code([u8; DRAWN + 1]);

/// Text that is no confirmation code; most likely a slip of the hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotACode;

impl Code {
    /// The code of 45 random bits; the rest is left aside.
    #[must_use]
    pub fn draw(random: u64) -> Code {
        let mut letters = [0; DRAWN + 1];
        for (at, letter) in letters.iter_mut().take(DRAWN).enumerate() {
            *letter = ALPHABET[usize::try_from((random >> (5 * at)) & 31).unwrap_or(0)];
        }
        letters[DRAWN] = check_letter(&letters[..DRAWN]);
        Code(letters)
    }

    /// The ten characters without the dash, as they are stored.
    #[must_use]
    pub fn letters(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = self.letters().split_at(5);
        write!(f, "{head}-{tail}")
    }
}

impl FromStr for Code {
    type Err = NotACode;

    /// Takes what people type: any case, dashes and blanks anywhere, I and L for 1, O for 0.
    fn from_str(text: &str) -> Result<Code, NotACode> {
        let mut letters = [0; DRAWN + 1];
        let mut count = 0;
        for typed in text.bytes().filter(|typed| !matches!(typed, b'-' | b' ')) {
            let letter = match typed.to_ascii_uppercase() {
                b'I' | b'L' => b'1',
                b'O' => b'0',
                other => other,
            };
            if count == letters.len() || !ALPHABET.contains(&letter) {
                return Err(NotACode);
            }
            letters[count] = letter;
            count += 1;
        }
        if count < letters.len() || letters[DRAWN] != check_letter(&letters[..DRAWN]) {
            return Err(NotACode);
        }
        Ok(Code(letters))
    }
}

/// Weighted sum mod 32. Odd weights catch every single wrong character; as they differ, most
/// swapped neighbours too.
fn check_letter(letters: &[u8]) -> u8 {
    let mut sum = 0;
    for (at, letter) in letters.iter().enumerate() {
        let value = ALPHABET.iter().position(|known| known == letter).unwrap_or(0);
        sum += (2 * at + 1) * value;
    }
    ALPHABET[sum % 32]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_what_people_type() {
        let code = Code::draw(0x0123_4567_89ab);
        let shown = code.to_string();
        assert_eq!(shown.len(), 11);
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', " "),
            shown.replace('1', "l").replace('0', "o"),
        ] {
            assert_eq!(typed.parse(), Ok(code), "{typed}");
        }
    }

    #[test]
    fn one_wrong_character_is_always_caught() {
        let code = Code::draw(0x1234_5678_9abc);
        for at in 0..10 {
            for letter in ALPHABET {
                let mut typed = code.0;
                typed[at] = *letter;
                let text = std::str::from_utf8(&typed).expect("ASCII");
                assert_eq!(text.parse::<Code>().is_ok(), typed == code.0, "{text}");
            }
        }
    }

    #[test]
    fn other_text_is_no_code() {
        for text in ["", "ABCDE", "ABCDE-FGHJK-M", "ÄBCDE-FGHJK", "UUUUU-UUUUU"] {
            assert_eq!(text.parse::<Code>(), Err(NotACode), "{text}");
        }
    }
}
