//! What a person may ask of a replay: how many rooms the hotel has and how far it overbooks. Text
//! in, values or a clear error out; nothing is known here of the history itself.

use std::collections::BTreeMap;
use std::str::FromStr;

/// Most rooms of one type.
pub const ROOMS_MAX: i64 = 10_000;

/// Most that may be sold above the rooms there are: as many again.
pub const OVERBOOK_BP_MAX: i64 = 10_000;

/// Longest code of a room type, in bytes.
pub const ROOM_TYPE_BYTES_MAX: usize = 32;

/// The name of the one pool when room types do not count.
pub const ALL: &str = "ALL";

/// How many rooms there are to sell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rooms {
    /// One pool with as many as the books ever needed for one night: nothing is refused.
    Ample,
    /// `all=187`: one pool whatever the reserved type.
    All { rooms: i64 },
    /// `A=142,B=1,…`: one pool per reserved type.
    PerType { rooms: BTreeMap<String, i64> },
}

/// Why an option cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionFault {
    #[error("rooms: {part:?} is not of the form A=142")]
    Form { part: String },
    #[error("rooms: {part:?} needs a whole number from 0 to {ROOMS_MAX}")]
    Count { part: String },
    #[error("rooms: the type {code} stands twice")]
    Twice { code: String },
    #[error("rooms: all stands for every type, so no other may stand beside it")]
    AllBesideOthers,
    #[error("rooms: there is no room")]
    NoRoom,
    #[error("overbook-bp: {text:?} is not a whole number from 0 to {OVERBOOK_BP_MAX} (200 is 2 %)")]
    Overbook { text: String },
}

impl FromStr for Rooms {
    type Err = OptionFault;

    fn from_str(text: &str) -> Result<Rooms, OptionFault> {
        let mut rooms = BTreeMap::new();
        for part in text.split(',') {
            let form = || OptionFault::Form { part: part.to_owned() };
            let (code, count) = part.trim().split_once('=').ok_or_else(form)?;
            if code.is_empty()
                || ROOM_TYPE_BYTES_MAX < code.len()
                || !code.bytes().all(|byte| byte.is_ascii_graphic())
            {
                return Err(form());
            }
            let count: i64 = match count.parse() {
                Ok(count) if (0..=ROOMS_MAX).contains(&count) => count,
                Ok(_) | Err(_) => return Err(OptionFault::Count { part: part.to_owned() }),
            };
            if rooms.insert(code.to_owned(), count).is_some() {
                return Err(OptionFault::Twice { code: code.to_owned() });
            }
        }
        if rooms.values().sum::<i64>() == 0 {
            return Err(OptionFault::NoRoom);
        }
        match rooms.get("all") {
            None => Ok(Rooms::PerType { rooms }),
            Some(count) if rooms.len() == 1 => Ok(Rooms::All { rooms: *count }),
            Some(_) => Err(OptionFault::AllBesideOthers),
        }
    }
}

/// `200` is 2 %: the share of the rooms that may be sold above them.
pub fn parse_overbook_bp(text: &str) -> Result<i64, OptionFault> {
    match text.parse() {
        Ok(bp) if (0..=OVERBOOK_BP_MAX).contains(&bp) => Ok(bp),
        Ok(_) | Err(_) => Err(OptionFault::Overbook { text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_one_pool_or_one_per_type() {
        assert_eq!("all=187".parse(), Ok(Rooms::All { rooms: 187 }));
        let rooms = BTreeMap::from([("A".to_owned(), 142), ("B".to_owned(), 0)]);
        assert_eq!("A=142, B=0".parse(), Ok(Rooms::PerType { rooms }));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (text, error) in [
            ("", r#"rooms: "" is not of the form A=142"#),
            ("187", r#"rooms: "187" is not of the form A=142"#),
            ("A=1,,B=2", r#"rooms: "" is not of the form A=142"#),
            ("=4", r#"rooms: "=4" is not of the form A=142"#),
            ("A=", r#"rooms: "A=" needs a whole number from 0 to 10000"#),
            ("A=-1", r#"rooms: "A=-1" needs a whole number from 0 to 10000"#),
            ("A=10001", r#"rooms: "A=10001" needs a whole number from 0 to 10000"#),
            ("A=1,A=2", "rooms: the type A stands twice"),
            ("all=1,A=2", "rooms: all stands for every type, so no other may stand beside it"),
            ("A=0", "rooms: there is no room"),
        ] {
            assert_eq!(text.parse::<Rooms>().map_err(|fault| fault.to_string()), Err(error.into()));
        }
    }

    #[test]
    fn overbooking_is_a_whole_number_of_basis_points() {
        assert_eq!(parse_overbook_bp("200"), Ok(200));
        for text in ["", "-1", "10001", "2%", "2.5"] {
            assert!(parse_overbook_bp(text).is_err(), "{text}");
        }
    }
}
