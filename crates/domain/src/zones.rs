//! Civil days and times at a property. The time-zone data is compiled in (decision record 0002),
//! so the same instant is the same day on every machine.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::stays::Day;

/// Text that names no zone of the IANA data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownZone;

/// What the calendar and the clock at a property say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    pub day: Day,
    /// After midnight, whole.
    pub minutes: i64,
}

/// The civil time at the property at an instant.
pub fn local_at(now_ms: i64, time_zone: &str) -> Result<Local, UnknownZone> {
    let zone = TimeZone::get(time_zone).map_err(|_| UnknownZone)?;
    let now = Timestamp::from_millisecond(now_ms).map_err(|_| UnknownZone)?.to_zoned(zone);
    let minutes = i64::from(now.hour()) * 60 + i64::from(now.minute());
    Ok(Local { day: Day::from(now.date()), minutes })
}

/// The civil day at the property at an instant.
pub fn day_at(now_ms: i64, time_zone: &str) -> Result<Day, UnknownZone> {
    local_at(now_ms, time_zone).map(|local| local.day)
}

/// The instant of a civil time at the property. In a gap of the clock the time after it counts,
/// in an overlap the first one.
pub fn instant_ms(day: Day, minutes: i64, time_zone: &str) -> Result<i64, UnknownZone> {
    let zone = TimeZone::get(time_zone).map_err(|_| UnknownZone)?;
    let midnight = day.civil().to_datetime(Time::midnight());
    let civil = midnight
        .checked_add(jiff::Span::new().minutes(minutes.clamp(0, 24 * 60)))
        .map_err(|_| UnknownZone)?;
    let at = zone.to_ambiguous_zoned(civil).compatible().map_err(|_| UnknownZone)?;
    Ok(at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_one_at_the_property() {
        // 2027-03-10T20:00:00Z
        let now_ms = 1_804_708_800_000;
        assert_eq!(
            day_at(now_ms, "Europe/Lisbon").map(|day| day.to_string()),
            Ok("2027-03-10".into())
        );
        assert_eq!(
            day_at(now_ms, "Asia/Tokyo").map(|day| day.to_string()),
            Ok("2027-03-11".into())
        );
        assert_eq!(day_at(now_ms, "Mars/Olympus"), Err(UnknownZone));
    }

    #[test]
    fn a_time_in_a_gap_moves_past_it() {
        // Clocks in Lisbon jump from 01:00 to 02:00 on 2027-03-28.
        let day: Day = "2027-03-28".parse().expect("a day");
        let before = instant_ms(day, 59, "Europe/Lisbon");
        let inside = instant_ms(day, 90, "Europe/Lisbon");
        assert_eq!((before, inside), (Ok(1_806_195_540_000), Ok(1_806_197_400_000)));
    }
}
