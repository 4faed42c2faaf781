//! Samples of the pages from the booking form to the confirmation.

use askama::Template;
use vacancy_server::pages::pictures::{self, Scene};
use vacancy_server::pages::views::checkout::Checkout;
use vacancy_server::pages::views::confirmation::Confirmation;
use vacancy_server::pages::views::details::{Details, GuestFields, action};
use vacancy_server::pages::views::expired::Expired;
use vacancy_server::pages::views::hand_off::HandOff;
use vacancy_server::pages::views::parts::{
    Amount, Choice, Hidden, PriceTable, RoomPrice, Select, StayCard,
};
use vacancy_server::pages::views::pay::{Pay, WayToPay};
use vacancy_server::pages::views::waiting::Waiting;

use crate::{Page, samples_find};

const HELD_UNTIL: &str = "14:32 (Lisbon time)";

pub(crate) fn pages() -> Vec<Page> {
    vec![
        ("details", details(GuestFields::empty()).render().unwrap()),
        ("details-errors", details_with_errors()),
        ("pay", pay(None).render().unwrap()),
        (
            "pay-declined",
            pay(Some(
                "The payment was declined. Nothing was charged and the rooms are still held.",
            ))
            .render()
            .unwrap(),
        ),
        ("checkout", checkout(None).render().unwrap()),
        ("checkout-asked", asked().render().unwrap()),
        ("checkout-closed", checkout(Some("This payment was declined.")).render().unwrap()),
        ("hand-off", hand_off().render().unwrap()),
        (
            "waiting",
            Waiting {
                check_href: "/bookings/r1/return".to_owned(),
                held_until: HELD_UNTIL.to_owned(),
                amount: "€294.63".to_owned(),
            }
            .render()
            .unwrap(),
        ),
        ("confirmation", confirmation().render().unwrap()),
        ("expired", expired(true).render().unwrap()),
        ("expired-taken", expired(false).render().unwrap()),
    ]
}

pub(crate) fn stay() -> StayCard {
    StayCard {
        hotel_name: "Casa do Limoal".to_owned(),
        hotel_href: "/hotels/h1".to_owned(),
        address: "Beco do Limoal 9, Lisbon, Portugal".to_owned(),
        picture_src: pictures::hotel_path(41, Scene::OldTown),
        check_in: "Wed 10 Mar 2027".to_owned(),
        check_in_time: "from 15:00".to_owned(),
        check_out: "Fri 12 Mar 2027".to_owned(),
        check_out_time: "until 11:00".to_owned(),
        nights: "2 nights".to_owned(),
        rooms: vec!["1 × Deluxe double".to_owned(), "1 × Standard double".to_owned()],
        guests: "3 adults".to_owned(),
    }
}

pub(crate) fn price() -> PriceTable {
    let amount = |label: &str, amount: &str| Amount { label: label.into(), amount: amount.into() };
    PriceTable {
        rooms: vec![
            RoomPrice {
                label: "1 × Deluxe double".to_owned(),
                amount: "€276.00".to_owned(),
                nights: vec![amount("Wed 10 Mar", "€138.00"), amount("Thu 11 Mar", "€138.00")],
            },
            RoomPrice {
                label: "1 × Standard double".to_owned(),
                amount: "€196.00".to_owned(),
                nights: vec![amount("Wed 10 Mar", "€98.00"), amount("Thu 11 Mar", "€98.00")],
            },
        ],
        taxes: vec![amount("Tax 6 %", "€28.32")],
        total: "€500.32".to_owned(),
        note: "All taxes included. There is nothing to add at the desk.".to_owned(),
    }
}

fn details(fields: GuestFields) -> Details {
    let hidden = [
        ("requestId", "018f4e9e-6f7a-7c3e-9f35-2b1c5d7e9a10"),
        ("hotelId", "h1"),
        ("checkInDate", "2027-03-10"),
        ("checkOutDate", "2027-03-12"),
        ("adults", "3"),
        ("units.DELUXE", "1"),
        ("units.STANDARD", "1"),
        ("maxTotal", "50032"),
    ];
    Details {
        stay: stay(),
        price: price(),
        action: action(),
        hidden: hidden.map(|(n, v)| Hidden { name: n.to_owned(), value: v.to_owned() }).to_vec(),
        fields,
        alert: None,
        hold_note: "Your rooms are held for 10 minutes while you pay. Nothing is charged before."
            .to_owned(),
        cancellation: "Free cancellation until Tue 9 Mar 2027, 18:00 (Lisbon time).".to_owned(),
    }
}

fn details_with_errors() -> String {
    let empty = GuestFields::empty();
    let fields = GuestFields {
        name: empty.name.with_error("Enter the name of the guest"),
        email: empty
            .email
            .with_value("ana.ruiz@")
            .with_error("Enter an e-mail address like name@example.com"),
        phone: empty.phone.with_value("+351 912 345 678"),
    };
    details(fields).render().unwrap()
}

/// What a hostile guest types into the form comes back as text.
pub(crate) fn details_with_hostile_input() -> String {
    let empty = GuestFields::empty();
    let fields = GuestFields {
        name: empty.name.with_value("<b>Bobby</b>\"><img src=x>"),
        email: empty.email.with_error("<b>Bobby"),
        ..GuestFields::empty()
    };
    details(fields).render().unwrap()
}

fn pay(alert: Option<&str>) -> Pay {
    let way = |provider, label: &str, detail: &str| WayToPay {
        provider,
        label: label.to_owned(),
        detail: detail.to_owned(),
    };
    Pay {
        stay: stay(),
        price: price(),
        action: "/bookings/r1/pay".to_owned(),
        held_until: Some(HELD_UNTIL.to_owned()),
        paid_already: None,
        rest: None,
        is_free: false,
        ways: vec![
            way(
                "SANDBOX",
                "Pay €500.32 now",
                "You go to a test payment page. No real money moves.",
            ),
            way("OFFLINE", "Pay at the property", "Cash or card at check-in."),
        ],
        release_action: Some("/bookings/r1/cancel".to_owned()),
        back_href: "/bookings/r1".to_owned(),
        alert: alert.map(str::to_owned),
    }
}

fn checkout(closed: Option<&str>) -> Checkout {
    Checkout {
        action: "/sandbox/checkout/po_7f3a".to_owned(),
        payment_order_id: "po_7f3a".to_owned(),
        purpose: "Casa do Limoal, 10 – 12 Mar 2027".to_owned(),
        amount: "€500.32".to_owned(),
        open_until: HELD_UNTIL.to_owned(),
        cards: cards(),
        asked: None,
        alert: None,
        closed: closed.map(str::to_owned),
        bank: Vec::new(),
        back_href: "/bookings/r1/return".to_owned(),
    }
}

fn asked() -> Checkout {
    Checkout { asked: Some("4000 0027 6000 3184".to_owned()), ..checkout(None) }
}

fn hand_off() -> HandOff {
    HandOff {
        action: "/v1/checkout/embedded".to_owned(),
        fields: vec![Hidden { name: "order_id".to_owned(), value: "order_7f3a".to_owned() }],
        hotel_name: "Casa do Limoal".to_owned(),
        amount: "€500.32".to_owned(),
        payment_order_id: "order_7f3a".to_owned(),
        back_href: "/bookings/r1/return".to_owned(),
    }
}

fn cards() -> Select {
    let cards = [
        ("4242 4242 4242 4242", "pays"),
        ("4000 0000 0000 0002", "is declined"),
        ("4000 0000 0000 0119", "pays, but the answer is lost"),
    ];
    let options = cards.into_iter().enumerate().map(|(at, (number, says))| Choice {
        value: number.to_owned(),
        label: format!("{number} {says}"),
        is_selected: at == 0,
    });
    Select { name: "card".to_owned(), label: "Test card".to_owned(), options: options.collect() }
}

fn confirmation() -> Confirmation {
    Confirmation {
        code: "7K3QP-M2XWD".to_owned(),
        guest_name: "Ana Ruiz".to_owned(),
        email: "ana.ruiz@example.com".to_owned(),
        stay: stay(),
        price: price(),
        payment: "Paid €500.32 on Wed 3 Feb 2027".to_owned(),
        cancellation: "Free cancellation until Tue 9 Mar 2027, 18:00 (Lisbon time).".to_owned(),
        booking_href: "/bookings/r1".to_owned(),
    }
}

fn expired(still_free: bool) -> Expired {
    Expired {
        stay: stay(),
        expired_at: HELD_UNTIL.to_owned(),
        again_href: still_free.then(|| "/book?hotelId=h1".to_owned()),
        money_note: (!still_free).then(|| {
            "Your payment came after that and went straight back to your card.".to_owned()
        }),
        alternatives: if still_free { Vec::new() } else { samples_find::offers() },
        search_href: "/search?place=lisbon-pt".to_owned(),
    }
}
