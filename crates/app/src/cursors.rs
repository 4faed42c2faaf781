//! Pages of a list: how many, and where the next one begins. A cursor is opaque outside; inside it
//! is the sort key and the id of the last item, so that a page never depends on a count.

use crate::encodings::{base64url, from_base64url};
use crate::errors::Error;

/// Items of a page when nobody says how many.
pub const PAGE_ITEMS: i64 = 20;
/// Most items of a page.
pub const PAGE_ITEMS_MAX: i64 = 200;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// `None`: this was the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` of these items, of which one more was read to know if it goes on.
    #[must_use]
    pub fn cut(mut items: Vec<T>, limit: i64, position: impl Fn(&T) -> Position) -> Page<T> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let goes_on = limit < items.len();
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| goes_on).map(|last| position(last).to_cursor());
        Page { items, next_cursor }
    }
}

/// Where in a sorted list an item stands. `list` tells lists and orders apart, so that a cursor of
/// one is refused by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub list: u8,
    pub key: i64,
    pub id: u128,
}

impl Position {
    #[must_use]
    pub fn of_id(list: u8, id: u128) -> Position {
        Position { list, key: 0, id }
    }

    #[must_use]
    pub fn to_cursor(self) -> String {
        let mut bytes = vec![self.list];
        bytes.extend_from_slice(&self.key.to_be_bytes());
        bytes.extend_from_slice(&self.id.to_be_bytes());
        base64url(&bytes)
    }

    /// The position that a cursor of this list stands for; no cursor is the beginning.
    pub fn parse(list: u8, cursor: Option<&str>) -> Result<Option<Position>, Error> {
        let Some(cursor) = cursor else { return Ok(None) };
        let position = read(cursor).filter(|position| position.list == list);
        match position {
            Some(position) => Ok(Some(position)),
            None => Err(Error::invalid("cursor", "malformed", "is no cursor of this list")),
        }
    }
}

fn read(cursor: &str) -> Option<Position> {
    let bytes = from_base64url(cursor)?;
    let (list, rest) = bytes.split_first()?;
    let (key, id) = rest.split_at_checked(8)?;
    let key = i64::from_be_bytes(key.try_into().ok()?);
    Some(Position { list: *list, key, id: u128::from_be_bytes(id.try_into().ok()?) })
}

/// How many items a page may have, as asked.
pub fn page_limit(asked: Option<i64>) -> Result<i64, Error> {
    match asked {
        None => Ok(PAGE_ITEMS),
        Some(limit) if (1..=PAGE_ITEMS_MAX).contains(&limit) => Ok(limit),
        Some(_) => {
            let detail = format!("must be from 1 to {PAGE_ITEMS_MAX}");
            Err(Error::invalid("limit", "out_of_range", detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_cursor() {
        for key in [0, -1, i64::MAX, i64::MIN] {
            let position = Position { list: 3, key, id: u128::MAX };
            let read = Position::parse(3, Some(&position.to_cursor()));
            assert_eq!(read.ok(), Some(Some(position)));
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let cursor = Position::of_id(1, 7).to_cursor();
        for text in [cursor.as_str(), "", "A", "é", "AAAA", &cursor[1..]] {
            let code = Position::parse(2, Some(text)).map_err(|error| error.code());
            assert_eq!(code, Err("malformed"), "{text}");
        }
    }

    #[test]
    fn a_page_that_goes_on_says_where() {
        let page = |count: u128, limit| {
            Page::cut((0..count).collect(), limit, |id| Position::of_id(1, *id))
        };
        assert_eq!(page(3, 3).next_cursor, None);
        assert_eq!(page(4, 3).items.len(), 3);
        assert_eq!(page(4, 3).next_cursor, Some(Position::of_id(1, 2).to_cursor()));
    }
}
