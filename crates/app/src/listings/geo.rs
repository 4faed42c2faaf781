//! Distances on the globe, good to a few metres within a city: enough to sort hotels by.

use vacancy_domain::hotels::DEGREE_E6;
use vacancy_store::listings::GeoBox;

const EARTH_METRES: f64 = 6_371_008.8;
/// Metres in one degree of latitude, rounded down, so that a box is never too small.
const DEGREE_METRES: i64 = 111_000;

/// Latitude and longitude in micro-degrees.
type Point = (i64, i64);

/// The way between two points along the globe, in whole metres.
pub(super) fn metres(from: Point, to: Point) -> i64 {
    let (from, to) = (radians(from), radians(to));
    let half = |a: f64, b: f64| ((a - b) / 2.0).sin().powi(2);
    let chord = half(from.0, to.0) + from.0.cos() * to.0.cos() * half(from.1, to.1);
    let metres = 2.0 * EARTH_METRES * chord.sqrt().min(1.0).asin();
    whole(metres)
}

/// A box that holds every point within the radius.
pub(super) fn box_around((latitude_e6, longitude_e6): Point, radius_metres: i64) -> GeoBox {
    let high_e6 = radius_metres * DEGREE_E6 / DEGREE_METRES + 1;
    let south_e6 = (latitude_e6 - high_e6).max(-90 * DEGREE_E6);
    let north_e6 = (latitude_e6 + high_e6).min(90 * DEGREE_E6);
    let farthest = radians((south_e6.abs().max(north_e6.abs()), 0)).0;
    // Near a pole every longitude is near.
    let share = farthest.cos();
    let wide_e6 = if share < 0.01 { i64::MAX } else { whole(as_float(high_e6) / share) + 1 };
    if 180 * DEGREE_E6 <= wide_e6 {
        let (west_e6, east_e6) = (-180 * DEGREE_E6, 180 * DEGREE_E6);
        return GeoBox { south_e6, north_e6, west_e6, east_e6 };
    }
    let (west_e6, east_e6) = (around(longitude_e6 - wide_e6), around(longitude_e6 + wide_e6));
    GeoBox { south_e6, north_e6, west_e6, east_e6 }
}

/// The point in the middle of a box, also of one that crosses the date line.
pub(super) fn middle(area: GeoBox) -> Point {
    let wide_e6 = (area.east_e6 - area.west_e6).rem_euclid(360 * DEGREE_E6);
    ((area.south_e6 + area.north_e6) / 2, around(area.west_e6 + wide_e6 / 2))
}

/// The same longitude between -180 and 180 degrees.
fn around(longitude_e6: i64) -> i64 {
    (longitude_e6 + 180 * DEGREE_E6).rem_euclid(360 * DEGREE_E6) - 180 * DEGREE_E6
}

fn radians((latitude_e6, longitude_e6): Point) -> (f64, f64) {
    let degree = as_float(DEGREE_E6);
    ((as_float(latitude_e6) / degree).to_radians(), (as_float(longitude_e6) / degree).to_radians())
}

/// Micro-degrees and metres are far below the whole numbers that a float cannot hold.
fn as_float(value: i64) -> f64 {
    i32::try_from(value).map_or(f64::from(i32::MAX), f64::from)
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of a float stops at the limits")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISBON: Point = (38_722_000, -9_139_000);
    const PORTO: Point = (41_150_000, -8_610_000);

    #[test]
    fn lisbon_and_porto_are_274_kilometres_apart() {
        assert!((273_000..276_000).contains(&metres(LISBON, PORTO)), "{}", metres(LISBON, PORTO));
        assert_eq!(metres(LISBON, PORTO), metres(PORTO, LISBON));
        assert_eq!(metres(LISBON, LISBON), 0);
    }

    #[test]
    fn a_box_holds_what_is_within_its_radius() {
        for centre in
            [LISBON, (0, 179_990_000), (0, -179_990_000), (89_999_000, 0), (-60_000_000, 7)]
        {
            let area = box_around(centre, 5_000);
            for (north, east) in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1)] {
                // No point lies beyond a pole.
                let north_e6 = (centre.0 + north * 20_000).min(90 * DEGREE_E6);
                let at = (north_e6, around(centre.1 + east * 20_000));
                if metres(centre, at) <= 5_000 {
                    let fits = if area.west_e6 <= area.east_e6 {
                        (area.west_e6..=area.east_e6).contains(&at.1)
                    } else {
                        area.west_e6 <= at.1 || at.1 <= area.east_e6
                    };
                    assert!(fits && (area.south_e6..=area.north_e6).contains(&at.0), "{at:?}");
                }
            }
        }
    }

    #[test]
    fn the_middle_of_a_box_over_the_date_line_is_on_it() {
        let area = GeoBox {
            south_e6: -2_000_000,
            north_e6: 2_000_000,
            west_e6: 179_000_000,
            east_e6: -179_000_000,
        };
        assert_eq!(middle(area), (0, -180_000_000));
    }
}
