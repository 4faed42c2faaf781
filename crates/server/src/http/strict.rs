//! The first look at a JSON body: is it text, is it JSON, is it flat enough, does any object name
//! a key twice, is there a character that no database stores. Says where; knows no field names.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep lists and objects may nest. The deepest request of the contract has five levels.
pub const DEPTH_MAX: usize = 32;

/// What is wrong with a body before anybody asks what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub pointer: String,
    pub code: &'static str,
    pub detail: String,
}

/// # Errors
/// The first flaw, with its place.
pub fn check(body: &[u8]) -> Result<(), Flaw> {
    let flaw = |code, detail: &str| Flaw { pointer: String::new(), code, detail: detail.into() };
    if let Err(error) = std::str::from_utf8(body) {
        let detail = format!("is no UTF-8 from byte {} on", error.valid_up_to());
        return Err(flaw("invalid_utf8", &detail));
    }
    let look = Look { path: RefCell::new(vec![]), found: RefCell::new(None) };
    let mut json = serde_json::Deserializer::from_slice(body);
    // Our own limit is lower and says so by name.
    let read = Level { look: &look, depth: 0 }.deserialize(&mut json).and_then(|()| json.end());
    match (read, look.found.into_inner()) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(found)) => Err(found),
        (Err(error), None) => {
            let place = format!("line {} column {}", error.line(), error.column());
            Err(flaw("invalid_json", &format!("is no JSON at {place}")))
        }
    }
}

/// A key or an index as part of a JSON pointer (RFC 6901).
#[must_use]
pub fn pointer_part(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

struct Look {
    path: RefCell<Vec<String>>,
    found: RefCell<Option<Flaw>>,
}

impl Look {
    /// Notes the flaw and stops the reading.
    fn stop<E: serde::de::Error>(&self, code: &'static str, detail: &str) -> E {
        let pointer = self.path.borrow().iter().map(|part| format!("/{part}")).collect();
        *self.found.borrow_mut() = Some(Flaw { pointer, code, detail: detail.to_owned() });
        E::custom(code)
    }

    fn text<E: serde::de::Error>(&self, text: &str) -> Result<(), E> {
        if text.contains('\0') {
            return Err(self.stop("invalid_text", "must not contain the character U+0000"));
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Level<'l> {
    look: &'l Look,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.look.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inner = self.deeper::<A::Error>()?;
        let mut index = 0_usize;
        loop {
            self.look.path.borrow_mut().push(index.to_string());
            if list.next_element_seed(inner)?.is_none() {
                break;
            }
            self.look.path.borrow_mut().pop();
            index += 1;
        }
        self.look.path.borrow_mut().pop();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inner = self.deeper::<A::Error>()?;
        let mut keys = BTreeSet::new();
        while let Some(key) = object.next_key::<String>()? {
            self.look.path.borrow_mut().push(pointer_part(&key));
            self.look.text::<A::Error>(&key)?;
            if !keys.insert(key) {
                return Err(self.look.stop("duplicate_field", "stands twice in one object"));
            }
            object.next_value_seed(inner)?;
            self.look.path.borrow_mut().pop();
        }
        Ok(())
    }
}

impl Level<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if DEPTH_MAX <= self.depth {
            let detail = format!("must not nest deeper than {DEPTH_MAX} levels");
            // The whole way down would be a longer answer than the question.
            self.look.path.borrow_mut().clear();
            return Err(self.look.stop("too_deep", &detail));
        }
        Ok(Level { depth: self.depth + 1, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_flaw(body: impl AsRef<[u8]>, expected: &str) {
        let found = check(body.as_ref()).err();
        let found = found.map_or("fine".into(), |flaw| format!("{} {}", flaw.code, flaw.pointer));
        assert_eq!(found.trim_end(), expected);
    }

    #[test]
    fn plain_json_passes() {
        for body in
            ["{}", "[]", "null", "1", "-1.5e3", r#"{"a": [{"b": "é"}, 18446744073709551615]}"#]
        {
            check_flaw(body, "fine");
        }
    }

    #[test]
    fn what_is_no_json_says_so() {
        for body in ["", "{", "{} {}", "{'a': 1}", "nul", "{\"a\": 01}", "\u{feff}{}"] {
            check_flaw(body, "invalid_json");
        }
        check_flaw(b"{\"a\": \"\xff\"}", "invalid_utf8");
        check_flaw(br#"{"a": "\ud800"}"#, "invalid_json");
    }

    #[test]
    fn a_key_that_stands_twice_is_named() {
        check_flaw(r#"{"a": 1, "b": {"c": 1, "c": 1}}"#, "duplicate_field /b/c");
        check_flaw(r#"{"rooms": {"A": 1, "A": 2}}"#, "duplicate_field /rooms/A");
        check_flaw(r#"[{"a": 1}, {"a": 1, "a": 1}]"#, "duplicate_field /1/a");
        check_flaw(r#"{"a/b~": [1, {"x": 1, "x": 1}]}"#, "duplicate_field /a~1b~0/1/x");
    }

    #[test]
    fn a_character_that_no_database_stores_is_refused() {
        check_flaw(r#"{"guest": {"fullName": "a\u0000b"}}"#, "invalid_text /guest/fullName");
        check_flaw(r#"{"a\u0000": 1}"#, "invalid_text /a\0");
    }

    #[test]
    fn a_deep_body_stops_at_the_limit() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        check_flaw(nested(DEPTH_MAX), "fine");
        check_flaw(nested(DEPTH_MAX + 1), "too_deep");
        check_flaw("[".repeat(100_000), "too_deep");
        check_flaw(r#"{"a":"#.repeat(100_000), "too_deep");
    }
}
