//! Samples of the pages on which a guest finds, changes or cancels a booking.

use askama::Template;
use vacancy_server::pages::format;
use vacancy_server::pages::views::booking::{Booking, HistoryLine};
use vacancy_server::pages::views::cancel::Cancel;
use vacancy_server::pages::views::change::{Change, Preview};
use vacancy_server::pages::views::find_booking::FindBooking;
use vacancy_server::pages::views::parts::{Amount, Badge, Field, Hidden, Link, Tone};

use crate::Page;
use crate::samples_book::{price, stay};
use crate::samples_find::ARRIVAL;

const CODE: &str = "7K3QP-M2XWD";

pub(crate) fn pages() -> Vec<Page> {
    let not_found = FindBooking::empty().not_found("7K3QP-M2XWX", "ana.ruiz@example.com");
    vec![
        ("find-booking", FindBooking::empty().render().unwrap()),
        ("find-booking-not-found", not_found.render().unwrap()),
        ("booking", booking().render().unwrap()),
        ("booking-held", held().render().unwrap()),
        ("cancel", cancel().render().unwrap()),
        ("change", change(None, &[]).render().unwrap()),
        (
            "change-refused",
            change(None, &["Deluxe double: sold out on Sat 13 Mar."]).render().unwrap(),
        ),
        ("change-preview", change(Some(preview()), &[]).render().unwrap()),
    ]
}

fn amounts(rows: &[(&str, &str)]) -> Vec<Amount> {
    rows.iter()
        .map(|(label, amount)| Amount { label: (*label).into(), amount: (*amount).into() })
        .collect()
}

fn link(label: &str, href: &str) -> Link {
    Link { label: label.to_owned(), href: href.to_owned() }
}

fn booking() -> Booking {
    Booking {
        code: CODE.to_owned(),
        state: Badge { label: "Confirmed".into(), tone: Tone::Good },
        state_detail: "The rooms are yours. See you on Wed 10 Mar.".to_owned(),
        guest: amounts(&[
            ("Guest", "Ana Ruiz"),
            ("E-mail", "ana.ruiz@example.com"),
            ("Phone", "+351 912 345 678"),
        ]),
        stay: stay(),
        price: price(),
        payment: "Paid €500.32 on Wed 3 Feb 2027".to_owned(),
        cancellation: "Free until Tue 9 Mar 2027, 18:00 (Lisbon time), then the first night."
            .to_owned(),
        notice: Some("Your dates are changed.".to_owned()),
        main_action: None,
        actions: vec![
            link("Change dates", "/bookings/r1/change"),
            link("Cancel booking", "/bookings/r1/cancel"),
        ],
        history: [
            ("Wed 3 Feb 2027, 14:22", "Rooms held"),
            ("Wed 3 Feb 2027, 14:25", "Paid €500.32"),
            ("Wed 3 Feb 2027, 14:25", "Booking confirmed"),
        ]
        .map(|(at, what)| HistoryLine { at: at.to_owned(), what: what.to_owned() })
        .to_vec(),
    }
}

fn held() -> Booking {
    let mut page = booking();
    page.state = Badge { label: "Waiting for payment".into(), tone: Tone::Warn };
    page.state_detail = "Held until 14:32 (Lisbon time).".to_owned();
    page.payment = "Not paid yet".to_owned();
    page.notice = None;
    page.main_action = Some(link("Pay €500.32 now", "/bookings/r1/pay"));
    page.actions = vec![link("Cancel booking", "/bookings/r1/cancel")];
    page.history.truncate(1);
    page
}

fn cancel() -> Cancel {
    Cancel {
        code: CODE.to_owned(),
        stay: stay(),
        action: "/bookings/r1/cancel".to_owned(),
        back_href: "/bookings/r1".to_owned(),
        lines: amounts(&[("You paid", "€500.32"), ("Cancellation fee", "€0.00")]),
        refund: "€500.32".to_owned(),
        refund_minor: 50_032,
        refund_detail: "On the card you paid with, usually within 5 days.".to_owned(),
        policy: "You are inside the free time: it ends on Tue 9 Mar 2027 at 18:00 (Lisbon time)."
            .to_owned(),
        alert: None,
    }
}

fn change(preview: Option<Preview>, refusals: &[&str]) -> Change {
    let date = |name, label, day| Field {
        name,
        label,
        kind: "date",
        autocomplete: "off",
        value: format::date_iso(day),
        max_length: 10,
        ..Field::default()
    };
    Change {
        code: CODE.to_owned(),
        stay: stay(),
        back_href: "/bookings/r1".to_owned(),
        preview_action: "/bookings/r1/change".to_owned(),
        check_in: date("checkInDate", "New check-in", ARRIVAL.plus(2)),
        check_out: date("checkOutDate", "New check-out", ARRIVAL.plus(5)),
        earliest_date: format::date_iso(ARRIVAL.plus(-30)),
        latest_date: format::date_iso(ARRIVAL.plus(500)),
        refusals: refusals.iter().map(|text| (*text).to_owned()).collect(),
        preview,
        apply_action: "/bookings/r1/change".to_owned(),
        apply_hidden: [
            ("checkInDate", "2027-03-12"),
            ("checkOutDate", "2027-03-15"),
            ("maxTotal", "25016"),
        ]
        .map(|(name, value)| Hidden { name: name.to_owned(), value: value.to_owned() })
        .to_vec(),
    }
}

fn preview() -> Preview {
    Preview {
        new_stay: "12 – 15 Mar 2027 · 3 nights".to_owned(),
        lines: amounts(&[
            ("New price with tax", "€750.48"),
            ("Already paid", "€500.32"),
            ("Fee for the change", "€0.00"),
        ]),
        result_label: "To pay now".to_owned(),
        result: "€250.16".to_owned(),
        button: "Change dates and pay €250.16".to_owned(),
    }
}
