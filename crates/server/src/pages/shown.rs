//! Hotels, stays and prices as the pieces that pages are made of. Words and order only: every
//! number comes from elsewhere.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use vacancy_app::demo::data::{PLACES, Place};
use vacancy_app::hotels::Profile;
use vacancy_domain::hotels::{Location, RoomType};
use vacancy_domain::ids::PoolId;
use vacancy_domain::money::Money;
use vacancy_domain::prices::Price;
use vacancy_domain::prices::levies::Charge;
use vacancy_domain::prices::tariff::Collected;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::stays::{Day, Stay};

use super::views::parts::{Amount, Hidden, Link, PriceTable, RoomPrice, StayCard};
use super::views::results::Rating;
use super::{countries, format, links, pictures};
use crate::http::policy_views::in_words;

/// Said of a booking that was agreed without a policy: the rules give all back.
const FREE_CANCELLATION: &str = "Free cancellation until check-in: everything you paid comes back.";

/// "Free cancellation until Tue 9 Mar 2027, 15:00 (Lisbon time). After that it costs €104.00."
pub(super) fn cancellation(price: &Price, now_ms: i64, profile: &Profile) -> String {
    let Some(agreed) = &price.cancellation else { return FREE_CANCELLATION.to_owned() };
    let money = |minor| format::money(Money::new(minor, price.currency));
    let next = agreed.timeline().into_iter().find_map(|(from_ms, penalty_minor)| {
        let from_ms = from_ms.filter(|from_ms| now_ms < *from_ms)?;
        Some((moment(from_ms, profile), penalty_minor))
    });
    match (agreed.due_minor(now_ms), next) {
        (0, Some((at, penalty_minor))) => {
            format!("Free cancellation until {at}. After that it costs {}.", money(penalty_minor))
        }
        (0, None) => FREE_CANCELLATION.to_owned(),
        (due, Some((at, penalty_minor))) if due < penalty_minor => {
            let (due, later) = (money(due), money(penalty_minor));
            format!("Cancelling costs {due}, and {later} from {at} on.")
        }
        (due, _) if price.total_minor <= due => {
            "Not refundable: nothing comes back if you cancel.".to_owned()
        }
        (due, _) => format!("Cancelling costs {}.", money(due)),
    }
}

/// What a guest pays to book where that is not the whole, and how the rest is paid.
fn deposit(price: &Price, profile: &Profile) -> Option<String> {
    let agreed = price.cancellation.as_ref()?.deposit?;
    let money = |minor| format::money(Money::new(minor, price.currency));
    let rest_minor = price.total_minor.saturating_sub(agreed.now_minor);
    let (now, rest) = (money(agreed.now_minor), money(rest_minor));
    (0 < rest_minor).then(|| match agreed.rest_from_ms {
        None => format!("Deposit {now} to book. The rest, {rest}, is paid at the property."),
        Some(at_ms) => {
            let at = moment(at_ms, profile);
            format!(
                "Deposit {now} to book. The rest, {rest}, is taken on {at} by what you pay with."
            )
        }
    })
}

/// Both for a price that nobody has agreed yet.
pub(super) fn terms(price: &Price, now_ms: i64, profile: &Profile) -> String {
    let agreed = price.cancellation.as_ref().and_then(|agreed| agreed.deposit);
    // A rest that would be taken by now is paid with the deposit.
    let is_ahead = agreed.is_some_and(|own| own.rest_from_ms.is_none_or(|at_ms| now_ms < at_ms));
    let cancellation = cancellation(price, now_ms, profile);
    match deposit(price, profile).filter(|_| is_ahead) {
        Some(deposit) => format!("{cancellation} {deposit}"),
        None => cancellation,
    }
}

/// The deposit of a booking: nothing where all is paid at once.
pub(super) fn rest(reservation: &Reservation, profile: &Profile) -> Option<String> {
    let has_deposit = reservation.first_due_minor() < reservation.price.total_minor;
    deposit(&reservation.price, profile).filter(|_| has_deposit)
}

/// What a cancellation at the standard rate costs, whatever the dates.
pub(super) fn hotel_cancellation(profile: &Profile) -> String {
    match &profile.policy {
        Some(policy) => in_words(Some(policy), profile.hotel.currency).description,
        None => FREE_CANCELLATION.to_owned(),
    }
}

/// "Tue 9 Mar 2027, 15:00 (Lisbon time)"
fn moment(at_ms: i64, profile: &Profile) -> String {
    let zone = zone(&profile.hotel.time_zone);
    format!("{} ({} time)", format::moment(at_ms, &zone), profile.location.name)
}

pub(super) fn link(label: impl Into<String>, href: impl Into<String>) -> Link {
    Link { label: label.into(), href: href.into() }
}

pub(super) fn hidden(name: impl Into<String>, value: impl Into<String>) -> Hidden {
    Hidden { name: name.into(), value: value.into() }
}

pub(super) fn amount(label: impl Into<String>, amount: impl Into<String>) -> Amount {
    Amount { label: label.into(), amount: amount.into() }
}

/// "Lisbon, Portugal"
pub(super) fn place_name(location: &Location) -> String {
    format!("{}, {}", location.name, countries::name(&location.country))
}

/// A drawing of the place: that of the demonstration where it has one.
pub(super) fn place_picture(location: &Location) -> String {
    let known = PLACES.iter().find(|place| place.location_id == location.id);
    known.map_or_else(|| pictures::any_place_path(&location.name), Place::image_url)
}

/// The first picture that we serve ourselves; a page asks no other machine for anything.
pub(super) fn picture(urls: &[String], name: &str) -> String {
    own_pictures(urls).next().map_or_else(|| pictures::any_place_path(name), str::to_owned)
}

pub(super) fn own_pictures(urls: &[String]) -> impl Iterator<Item = &str> {
    urls.iter().map(String::as_str).filter(|url| url.starts_with('/'))
}

pub(super) fn stars(stars: Option<i64>) -> usize {
    usize::try_from(stars.unwrap_or(0).clamp(0, 5)).unwrap_or(0)
}

pub(super) fn rating(tenths: Option<i64>) -> Option<Rating> {
    let tenths = tenths?;
    Some(Rating { score: format::rating(tenths), word: format::rating_word(tenths) })
}

/// Time zone of a hotel; the catalogue took only names that are known.
pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// "14:32 (Lisbon time)", with the date when it is not today there.
pub(super) fn until(at_ms: i64, now_ms: i64, profile: &Profile) -> String {
    let zone = zone(&profile.hotel.time_zone);
    let (day, today) = (format::moment(at_ms, &zone), format::moment(now_ms, &zone));
    let is_today = day.split(',').next() == today.split(',').next();
    let at = if is_today { format::clock(at_ms, &zone) } else { day };
    format!("{at} ({} time)", profile.location.name)
}

/// "15:00" from minutes after midnight.
pub(crate) fn clock_minutes(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

pub(super) fn nights(stay: Stay) -> String {
    format::count(stay.nights(), "night", "nights")
}

pub(super) fn adults(count: i64) -> String {
    format::count(count, "adult", "adults")
}

pub(super) fn rooms(count: i64) -> String {
    format::count(count, "room", "rooms")
}

/// "Rua das Flores 12, Baixa, Lisbon, Portugal"
pub(super) fn address(profile: &Profile) -> String {
    let place = place_name(&profile.location);
    match profile.hotel.address.as_str() {
        "" => place,
        street => format!("{street}, {place}"),
    }
}

/// The same question about this hotel's place.
pub(super) fn ask_of(stay: Stay, adults: i64, room_count: i64, place: &str) -> links::Ask {
    let place = place.to_owned();
    links::Ask { place, check_in: stay.first_day, check_out: stay.end_day, adults, room_count }
}

/// The card of a stay that is not booked yet, or is.
pub(super) fn stay_card(
    profile: &Profile,
    stay: Stay,
    rooms: &[(String, i64)],
    adult_count: i64,
) -> StayCard {
    let hotel = &profile.hotel;
    let units = rooms.iter().map(|(_, units)| units).sum();
    let ask = ask_of(stay, adult_count, units, &hotel.location);
    StayCard {
        hotel_name: hotel.name.clone(),
        hotel_href: links::hotel(&hotel.id.to_string(), &ask),
        address: address(profile),
        picture_src: picture(&hotel.image_urls, &hotel.name),
        check_in: format::date(stay.first_day),
        check_in_time: format!("from {}", clock_minutes(hotel.check_in_minutes)),
        check_out: format::date(stay.end_day),
        check_out_time: format!("until {}", clock_minutes(hotel.check_out_minutes)),
        nights: nights(stay),
        rooms: rooms.iter().map(|(name, units)| format!("{units} × {name}")).collect(),
        guests: adults(adult_count),
    }
}

/// The card of a reservation.
pub(super) fn reserved_card(profile: &Profile, reservation: &Reservation) -> StayCard {
    stay_card(profile, reservation.stay, &reserved_rooms(profile, reservation), reservation.adults)
}

/// Names and units of a reservation's rooms; a type that is gone shows its code.
pub(super) fn reserved_rooms(profile: &Profile, reservation: &Reservation) -> Vec<(String, i64)> {
    let names = names(&profile.room_types);
    let room = |reserved: &vacancy_domain::reservations::ReservedLine| {
        let name = names.get(&reserved.line.pool).unwrap_or(&reserved.room_type);
        (name.clone(), reserved.line.units)
    };
    reservation.lines.iter().map(room).collect()
}

pub(super) fn names(room_types: &[RoomType]) -> BTreeMap<PoolId, String> {
    room_types.iter().map(|room_type| (room_type.pool, room_type.name.clone())).collect()
}

/// The price of a reservation, in its own words.
pub(super) fn reserved_price(profile: &Profile, reservation: &Reservation) -> PriceTable {
    let mut names = names(&profile.room_types);
    for reserved in &reservation.lines {
        names.entry(reserved.line.pool).or_insert_with(|| reserved.room_type.clone());
    }
    price_table(&reservation.price, &names)
}

/// How a price is made up. Nights are shown for all units of a line, so that they add up.
pub(super) fn price_table(price: &Price, names: &BTreeMap<PoolId, String>) -> PriceTable {
    let shown = |minor: i64| format::money(Money::new(minor, price.currency));
    let rooms = price.lines.iter().map(|line| {
        let name = names.get(&line.pool).map_or("Room", String::as_str);
        let nights = line.nights.iter().map(|night| {
            let guests: i64 = line.guests.iter().map(|step| step.amount_minor).sum();
            let minor = night.amount_minor.saturating_mul(line.units).saturating_add(guests);
            amount(format::date_short(night.day), shown(minor))
        });
        RoomPrice {
            label: format!("{} × {name}", line.units),
            amount: shown(line.total_minor),
            nights: nights.collect(),
        }
    });
    let tax = |charge: &Charge| amount(levy_label(charge), shown(charge.amount_minor));
    let note = match price.at_property_minor() {
        0 => "All taxes included. There is nothing to add at the desk.".to_owned(),
        minor => format!("All taxes included. {} of it are paid at the hotel.", shown(minor)),
    };
    PriceTable {
        rooms: rooms.collect(),
        taxes: price.charges.iter().map(tax).collect(),
        total: format::money(price.whole()),
        note,
    }
}

/// "Tax 6 %", "City tax, paid at the hotel".
fn levy_label(charge: &Charge) -> String {
    let mut name = charge.name.clone();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let share = if charge.bp == 0 { String::new() } else { format!(" {}", percent(charge.bp)) };
    let paid = match charge.collected {
        Collected::OnTop => "",
        Collected::Included => ", in the price",
        Collected::AtProperty => ", paid at the hotel",
    };
    format!("{name}{share}{paid}")
}

/// "6 %" from 600 basis points, "6.5 %" from 650.
pub(super) fn percent(bp: i64) -> String {
    let (whole, part) = (bp / 100, bp % 100);
    match (part / 10, part % 10) {
        (0, 0) => format!("{whole}\u{a0}%"),
        (tenths, 0) => format!("{whole}.{tenths}\u{a0}%"),
        (_, _) => format!("{whole}.{part:02}\u{a0}%"),
    }
}

/// "Only 2 left", when that is worth saying.
pub(super) fn few_left(rooms_left: i64) -> Option<String> {
    const FEW: i64 = 3;
    (1..=FEW).contains(&rooms_left).then(|| format!("Only {rooms_left} left"))
}

/// What a night of one room costs on average, as a card says it: "€104 a night".
pub(super) fn per_night(total: Money, stay: Stay, units: i64) -> String {
    let average = stay.nights().checked_mul(units).and_then(|count| total.average(count));
    average.map_or_else(String::new, |night| format!("{} a night", format::money_short(night)))
}

/// The earliest today there is anywhere on Earth: twelve hours behind UTC.
pub(super) fn earliest_today(now_ms: i64) -> Day {
    const HALF_A_DAY_MS: i64 = 12 * 60 * 60 * 1_000;
    Day((now_ms - HALF_A_DAY_MS).div_euclid(2 * HALF_A_DAY_MS))
}

#[cfg(test)]
mod tests {
    use vacancy_domain::money::Currency;

    use super::*;

    #[test]
    fn percents_are_as_short_as_they_can_be() {
        assert_eq!(percent(600), "6\u{a0}%");
        assert_eq!(percent(650), "6.5\u{a0}%");
        assert_eq!(percent(625), "6.25\u{a0}%");
        assert_eq!(percent(605), "6.05\u{a0}%");
    }

    #[test]
    fn a_night_is_an_average_of_all_rooms() {
        let stay = Stay::new(Day(10), Day(12));
        let total = Money::new(41_552, Currency::EUR);
        assert_eq!(per_night(total, stay, 2), "€103.88 a night");
        assert_eq!(per_night(total, stay, 0), "");
    }

    #[test]
    fn today_begins_late_at_the_end_of_the_world() {
        const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
        assert_eq!(earliest_today(DAY_MS * 20_000 + DAY_MS / 2), Day(20_000));
        assert_eq!(earliest_today(DAY_MS * 20_000 + DAY_MS / 2 - 1), Day(19_999));
    }

    #[test]
    fn few_is_three_or_less() {
        assert_eq!(few_left(3).as_deref(), Some("Only 3 left"));
        assert_eq!((few_left(4), few_left(0)), (None, None));
    }
}
