//! The identities of things: 128-bit numbers, shown as UUID text. Making one is somebody else's
//! job, since that takes a clock and randomness.

use std::fmt;
use std::str::FromStr;

/// Text that is not a UUID in its hyphenated form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a UUID")
    }
}

impl std::error::Error for NotAnId {}

/// One newtype per kind of thing, so that a hold can never stand where a line is asked.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                read_uuid(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A tenant: who runs properties.
    BusinessId,
    /// A hotel, or a tour operator's place.
    PropertyId,
    /// Countable stock of a property: a room type, a tour departure series, a staff calendar.
    PoolId,
    /// One physical room.
    RoomId,
    /// The only ticket to stock.
    HoldId,
    /// One part of a hold: pool × span × units.
    LineId,
    /// What a guest has.
    ReservationId,
    /// One attempt to pay.
    PaymentId,
    /// A business's own account at a payment provider.
    PaymentAccountId,
    /// Money going back; never changed once made.
    RefundId,
    /// A payment that a guest's bank asks about or takes back.
    DisputeId,
    /// A price that was promised.
    QuoteId,
    /// A piece of work to be done later.
    JobId,
    /// A matter that a person has to settle.
    WorkItemId,
    /// A credential of an integrator or of staff.
    ApiKeyId,
}

fn write_uuid(id: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        id >> 96,
        (id >> 80) & 0xffff,
        (id >> 64) & 0xffff,
        (id >> 48) & 0xffff,
        id & 0xffff_ffff_ffff,
    )
}

fn read_uuid(text: &str) -> Result<u128, NotAnId> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return Err(NotAnId);
    }
    let mut id: u128 = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return Err(NotAnId);
            }
            continue;
        }
        let digit = char::from(*byte).to_digit(16).ok_or(NotAnId)?;
        id = (id << 4) | u128::from(digit);
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        let text = "0192f3a4-b5c6-7d8e-9f01-23456789abcd";
        assert_eq!(text.parse::<HoldId>().map(|id| id.to_string()), Ok(text.to_owned()));
    }

    #[test]
    fn other_text_is_no_id() {
        for text in [
            "",
            "0192f3a4",
            "0192f3a4xb5c6-7d8e-9f01-23456789abcd",
            "é192f3a4-b5c6-7d8e-9f01-23456789abc",
        ] {
            assert_eq!(text.parse::<HoldId>(), Err(NotAnId), "{text}");
        }
    }
}
