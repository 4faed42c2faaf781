//! Why not, in words: one sentence for each reason code of the contract.
//!
//! The reasons and their data come from the rules; this file must not judge, only speak.

use vacancy_domain::refusals::Reason;
use vacancy_domain::stays::Day;

use crate::pages::format::{count, date_short};
use crate::pages::shown::clock_minutes;

/// The sentence a guest reads.
pub fn in_words(reason: &Reason) -> String {
    match reason {
        Reason::SoldOut { free_units: 0 } => "Sold out for these dates.".to_owned(),
        Reason::SoldOut { free_units } => {
            format!("Only {} left for these dates.", count(*free_units, "room", "rooms"))
        }
        Reason::PartlySoldOut { days, free_units: 0 } => format!("Sold out on {}.", listed(days)),
        Reason::PartlySoldOut { days, free_units } => {
            format!("Only {} left on {}.", count(*free_units, "room", "rooms"), listed(days))
        }
        Reason::Closed { days } => format!("Not on sale on {}.", listed(days)),
        Reason::ClosedToArrival => {
            "No arrivals on this day; another first night may work.".to_owned()
        }
        Reason::ClosedToDeparture => "No departures on this day; a night more may work.".to_owned(),
        Reason::MinimumStay { nights } => {
            format!("Stays of at least {} only.", count(*nights, "night", "nights"))
        }
        Reason::MaximumStay { nights } => {
            format!("Stays of at most {} only.", count(*nights, "night", "nights"))
        }
        Reason::StayLengthNotOffered { lengths } => {
            let lengths: Vec<String> = lengths.iter().map(i64::to_string).collect();
            format!("Stays of {} nights only.", lengths.join(" or "))
        }
        Reason::SameDayClosed { cutoff_minutes } => {
            format!("For tonight it could be booked until {}.", clock_minutes(*cutoff_minutes))
        }
        Reason::InfantsExceeded { infants_max: 0 } => "Has no space for infants.".to_owned(),
        Reason::InfantsExceeded { infants_max } => {
            format!("Takes at most {}.", count(*infants_max, "infant", "infants"))
        }
        Reason::ChildTooYoung { age_min } => {
            format!("Children from {} on only.", count(*age_min, "year", "years"))
        }
        Reason::AdultsOnly => "For adults only.".to_owned(),
        Reason::RoomsExceeded { rooms_max } => {
            format!("At most {} in one booking.", count(*rooms_max, "room", "rooms"))
        }
        Reason::TooEarly { advance_days_max } => {
            format!("Opens for booking {} ahead.", count(*advance_days_max, "day", "days"))
        }
        Reason::TooLate { advance_days_min } => {
            format!("Has to be booked {} ahead.", count(*advance_days_min, "day", "days"))
        }
        Reason::AdultsExceeded { adults_max } => {
            format!("Takes at most {}.", count(*adults_max, "adult", "adults"))
        }
        Reason::ChildrenExceeded { children_max: 0 } => "Has no space for children.".to_owned(),
        Reason::ChildrenExceeded { children_max } => {
            format!("Takes at most {}.", count(*children_max, "child", "children"))
        }
        Reason::OccupancyExceeded { guests_max } => {
            format!("Sleeps at most {}.", count(*guests_max, "person", "people"))
        }
        Reason::RateNotOffered => "Not offered for these dates.".to_owned(),
    }
}

fn listed(days: &[Day]) -> String {
    let days: Vec<String> = days.iter().map(|day| date_short(*day)).collect();
    match days.as_slice() {
        [] => "some nights".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_are_named_one_by_one() {
        let days = [20_887, 20_888, 20_890].map(Day).to_vec();
        let reason = Reason::PartlySoldOut { days: days.clone(), free_units: 0 };
        assert_eq!(in_words(&reason), "Sold out on Wed 10 Mar, Thu 11 Mar and Sat 13 Mar.");
        let reason = Reason::PartlySoldOut { days, free_units: 1 };
        assert!(in_words(&reason).starts_with("Only 1\u{a0}room left on Wed 10 Mar, "));
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        let reason = Reason::MinimumStay { nights: 1 };
        assert_eq!(in_words(&reason), "Stays of at least 1\u{a0}night only.");
        let reason = Reason::ChildrenExceeded { children_max: 0 };
        assert_eq!(in_words(&reason), "Has no space for children.");
        let reason = Reason::OccupancyExceeded { guests_max: 4 };
        assert_eq!(in_words(&reason), "Sleeps at most 4\u{a0}people.");
    }
}
