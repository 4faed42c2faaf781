//! The guests of the demonstration: who they are, when they book, come and leave, counted from
//! today. Only data; nobody here is real, and their mail goes nowhere.

/// One booking around today.
#[derive(Debug, Clone, Copy)]
pub(super) struct DemoGuest {
    pub(super) hotel: &'static str,
    pub(super) room_type: &'static str,
    pub(super) name: &'static str,
    /// Before `@example.com`.
    pub(super) mail: &'static str,
    pub(super) adults: i64,
    /// Ages in years.
    pub(super) children: &'static [i64],
    /// Days from today, never after it.
    pub(super) booked: i64,
    pub(super) arrives: i64,
    pub(super) nights: i64,
    pub(super) life: Life,
}

/// What has happened by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// Confirmed, and not here yet.
    Expected,
    /// Came on the day of arrival, into a room.
    Came,
    /// Came, and left on the last day.
    Left,
    /// Changed their mind on the day after the booking.
    Canceled,
    /// Was expected on a day that is over.
    StayedAway,
}

const LIMOAL: &str = "casa-do-limoal";
const AURORA: &str = "miradouro-da-aurora";
const ARMAZEM: &str = "armazem-do-cais";

use Life::{Came, Canceled, Expected, Left, StayedAway};

/// In the order in which they book on one day.
pub(super) const GUESTS: &[DemoGuest] = &[
    // In house, some of them leaving today.
    guest(LIMOAL, "STANDARD", "Inês Carvalhal", "ines.carvalhal", (-5, -3, 3), Came),
    guest(LIMOAL, "STANDARD", "Tobias Brandt-Lund", "tobias.brandt-lund", (-5, -2, 4), Came),
    guest(LIMOAL, "DELUXE", "Amara Oyelaran", "amara.oyelaran", (-4, -1, 1), Came),
    guest(LIMOAL, "SUITE", "Pierre and Odile Vasseur", "vasseur", (-5, -2, 5), Came),
    guest(AURORA, "STANDARD", "Kenji Morikawa", "kenji.morikawa", (-5, -3, 3), Came),
    guest(AURORA, "SINGLE", "Ruth Aldersley", "ruth.aldersley", (-4, -2, 6), Came).alone(),
    guest(AURORA, "FAMILY", "Família Teixeira Rocha", "teixeira.rocha", (-5, -1, 3), Came)
        .with(&[9, 4]),
    guest(ARMAZEM, "STANDARD", "Lakshmi Raghunathan", "lakshmi.r", (-5, -2, 2), Came),
    guest(ARMAZEM, "STANDARD", "Jonas Ekdahl", "jonas.ekdahl", (-3, -1, 4), Came).alone(),
    guest(ARMAZEM, "DELUXE", "Beatriz Montenegro", "b.montenegro", (-5, -3, 7), Came),
    guest(ARMAZEM, "SUITE", "Samir Haddadi", "samir.haddadi", (-4, -1, 2), Came),
    // Gone this morning, and one who never came.
    guest(LIMOAL, "STANDARD", "Greta Nussbaum", "greta.nussbaum", (-5, -2, 2), Left).alone(),
    guest(AURORA, "STANDARD", "Owen Pritchard-Hale", "owen.ph", (-4, -1, 1), Left),
    guest(ARMAZEM, "STANDARD", "Claudia Ferrante", "claudia.ferrante", (-5, -3, 3), Left),
    guest(ARMAZEM, "STANDARD", "Dmitri Aslanov", "dmitri.aslanov", (-4, -2, 2), StayedAway),
    // Arriving today.
    guest(LIMOAL, "STANDARD", "Hannah Lindqvist", "hannah.lindqvist", (-5, 0, 3), Expected),
    guest(LIMOAL, "DELUXE", "Mateus Sardinha", "mateus.sardinha", (-3, 0, 2), Expected).with(&[6]),
    guest(LIMOAL, "STANDARD", "Noor van der Wal", "noor.vdwal", (-1, 0, 1), Expected).alone(),
    guest(AURORA, "STANDARD", "Fiona and Callum Baird", "baird", (-5, 0, 4), Expected),
    guest(AURORA, "FAMILY", "Wanjiru Kamande", "wanjiru.kamande", (-4, 0, 5), Expected)
        .with(&[11, 7]),
    guest(ARMAZEM, "STANDARD", "Eszter Vadász", "eszter.vadasz", (-5, 0, 2), Expected),
    guest(ARMAZEM, "DELUXE", "Rafael Quintela", "rafael.quintela", (-2, 0, 3), Expected),
    guest(ARMAZEM, "SUITE", "Mei-Ling Zhao", "meiling.zhao", (-5, 0, 6), Expected),
    // To come.
    guest(LIMOAL, "STANDARD", "Søren Bjerregaard", "soren.bjerregaard", (-4, 1, 2), Expected),
    guest(LIMOAL, "SUITE", "Chiara Bellandi", "chiara.bellandi", (-2, 5, 3), Expected),
    guest(AURORA, "STANDARD", "Abena Owusu-Mensah", "abena.om", (-3, 2, 3), Expected),
    guest(AURORA, "SINGLE", "Lucas Weidmann", "lucas.weidmann", (-1, 3, 2), Expected).alone(),
    guest(ARMAZEM, "STANDARD", "Yasmin El Khatib", "yasmin.elkhatib", (-5, 1, 4), Expected),
    guest(ARMAZEM, "DELUXE", "Tomás Echeverría", "tomas.echeverria", (-1, 9, 5), Expected),
    guest(ARMAZEM, "STANDARD", "Ingrid Solheim", "ingrid.solheim", (-4, 3, 2), Canceled),
];

/// Two adults; `(booked, arrives, nights)`.
const fn guest(
    hotel: &'static str,
    room_type: &'static str,
    name: &'static str,
    mail: &'static str,
    (booked, arrives, nights): (i64, i64, i64),
    life: Life,
) -> DemoGuest {
    let children = &[];
    DemoGuest { hotel, room_type, name, mail, adults: 2, children, booked, arrives, nights, life }
}

impl DemoGuest {
    const fn alone(self) -> DemoGuest {
        DemoGuest { adults: 1, ..self }
    }

    const fn with(self, children: &'static [i64]) -> DemoGuest {
        DemoGuest { children, ..self }
    }

    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.mail)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::demo::data::PLACES;

    #[test]
    fn everyone_fits_into_a_room_type_that_is_there() {
        for guest in GUESTS {
            let mut hotels = PLACES.iter().flat_map(|place| place.hotels);
            let hotel = hotels.find(|hotel| hotel.slug == guest.hotel).expect("a hotel");
            let mut types = hotel.room_types.iter();
            let kind = types.find(|kind| kind.code == guest.room_type).expect("a room type");
            assert!((1..=kind.adults_max).contains(&guest.adults), "{}", guest.name);
            let children = i64::try_from(guest.children.len());
            assert!(children.is_ok_and(|count| count <= kind.children_max), "{}", guest.name);
        }
    }

    #[test]
    fn everyone_has_a_mail_address_and_days_that_fit_their_story() {
        let mails: BTreeSet<String> = GUESTS.iter().map(DemoGuest::email).collect();
        assert_eq!(mails.len(), GUESTS.len());
        for guest in GUESTS {
            let (arrives, leaves) = (guest.arrives, guest.arrives + guest.nights);
            assert!(guest.booked <= 0 && guest.booked <= arrives && arrives < leaves);
            let fits = match guest.life {
                Life::Expected => 0 <= arrives,
                Life::Came => arrives < 0 && 0 <= leaves,
                Life::Left => arrives < 0 && leaves <= 0,
                Life::Canceled => guest.booked < 0 && guest.booked + 1 < arrives,
                Life::StayedAway => arrives < 0,
            };
            assert!(fits, "{}", guest.name);
        }
    }
}
