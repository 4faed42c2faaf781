//! From the search to the confirmation, and every way in which it can end otherwise.

use vacancy_app::access::Actor;
use vacancy_app::inventory::RangeWish;
use vacancy_app::rates;
use vacancy_domain::pools::StockPatch;
use vacancy_domain::stays::Stay;

use crate::site::{ANA, DATES, Site, UNITS, between, on_both, on_sqlite};

const PAYS: &str = "4242 4242 4242 4242";
const DECLINES: &str = "4000 0000 0000 0002";

#[test]
fn a_guest_searches_books_and_pays() {
    on_both(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let found = ana.get(&format!("/search?place=Lisbon&{DATES}")).await;
            found.says(200, "1\u{a0}stay in Lisbon");
            found.says(200, "€169.60");
            let hotel = ana.get(&format!("/hotels/{}?{DATES}", site.hotel)).await;
            hotel.says(200, "Rooms for 10 – 12 Mar 2027");
            let pay = ana.hold("units.STANDARD=1").await.location();
            ana.get(&pay).await.says(200, "Your rooms are held");
            let booking = pay.strip_suffix("/pay").unwrap();
            let confirmed = ana.pay(booking, PAYS).await.location();
            let page = ana.get(&confirmed).await;
            page.says(200, "You are booked, <bdi>Ana Ruiz</bdi>");
            page.says(200, "Paid €169.60 on Fri 1 Jan 2027");
            assert_eq!(page.header("cache-control"), "no-store");
        })
    });
}

#[test]
fn pressing_twice_books_once() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let form = ana.get(&site.book_href("units.DELUXE=1")).await;
            let first = ana.fill(&form, &ANA).await.location();
            let second = ana.fill(&form, &ANA).await.location();
            assert_eq!(first, second);
            let page = ana.get(&format!("/hotels/{}?{DATES}", site.hotel)).await;
            page.says(200, &format!("Only {} left", UNITS - 1));

            // Going back and sending other details under the same name holds nothing by itself.
            let typo = [ANA[0], ("email", "ana.ruiz@example.com"), ANA[2]];
            let again = ana.fill(&form, &typo).await;
            again.says(422, "you hold rooms already");
            assert_ne!(again.field("requestId"), form.field("requestId"));
        })
    });
}

#[test]
fn a_form_a_day_later_opens_nothing_by_itself() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let form = ana.get(&site.book_href("units.DELUXE=1")).await;
            ana.fill(&form, &ANA).await.location();
            site.advance_ms(25 * 60 * 60 * 1000).await;
            let mut thief = site.browser();
            assert_eq!(thief.fill(&form, &ANA).await.location(), "/bookings");
            assert_eq!(thief.cookie("guest"), None);
        })
    });
}

#[test]
fn every_wrong_field_is_told_and_all_is_kept() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let form = ana.get(&site.book_href("units.DELUXE=1")).await;
            let typed = [("guestName", "<b>Ana"), ("email", "ana@"), ("phone", "12")];
            let page = ana.fill(&form, &typed).await;
            page.says(422, "2 things to put right");
            page.says(422, "&#60;b&#62;Ana");
            assert_eq!(page.field("requestId"), form.field("requestId"));
            assert_eq!(page.field("units.DELUXE"), "1");
        })
    });
}

#[test]
fn rooms_that_are_gone_come_with_others() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut slow = site.browser();
            let form = slow.get(&site.book_href("units.DELUXE=1")).await;
            site.browser().hold(&format!("units.DELUXE={UNITS}")).await.location();
            let page = slow.fill(&form, &ANA).await;
            page.says(409, "Someone was a moment faster");
            page.says(409, "DELUXE: Sold out for these dates.");
            page.says(409, "STANDARD, same dates");
            page.says(409, "DELUXE, 8 – 10 Mar 2027");
            let asked = slow.get(&site.book_href("units.DELUXE=1")).await;
            asked.says(409, "Someone was a moment faster");
        })
    });
}

#[test]
fn a_higher_price_is_shown_and_never_taken() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let form = ana.get(&site.book_href("units.DELUXE=1")).await;
            let march = Stay::new("2027-03-01".parse().unwrap(), "2027-04-01".parse().unwrap());
            let (db, hotel) = (&site.state.db, (site.hotel, "DELUXE"));
            rates::set_range(db, &Actor::Admin, hotel, march, 15_000).await.unwrap();
            let page = ana.fill(&form, &ANA).await;
            page.says(409, "The price has changed");
            page.says(409, "It was €254.40 and is €318.00 now.");
            let again = between(&page.html, "class=\"button main\" href=\"", "\"").unwrap();
            let form = ana.get(&again.replace("&#38;", "&")).await;
            form.says(200, "€318.00");
            ana.fill(&form, &ANA).await.location();
        })
    });
}

#[test]
fn a_stay_that_costs_nothing_is_confirmed_without_paying() {
    on_both(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let march = Stay::new("2027-03-01".parse().unwrap(), "2027-04-01".parse().unwrap());
            let (db, hotel) = (&site.state.db, (site.hotel, "DELUXE"));
            rates::set_range(db, &Actor::Admin, hotel, march, 0).await.unwrap();
            let pay = ana.hold("units.DELUXE=1").await.location();
            let page = ana.get(&pay).await;
            page.says(200, "There is nothing to pay");
            ana.get(pay.strip_suffix("/pay").unwrap()).await.says(200, "Confirm the booking");
            let back = ana.fill(&page, &[]).await.location();
            let confirmed = ana.get(&back).await.location();
            ana.get(&confirmed).await.says(200, "You are booked");
            // Sent once more, it stays as it is.
            assert_eq!(ana.fill(&page, &[]).await.location(), back);
            assert_eq!(ana.get(&pay).await.location(), confirmed);
        })
    });
}

#[test]
fn a_declined_card_keeps_the_rooms() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let pay = ana.hold("units.DELUXE=1").await.location();
            let booking = pay.strip_suffix("/pay").unwrap().to_owned();
            let back = ana.pay(&booking, DECLINES).await.location();
            assert_eq!(back, pay);
            ana.get(&back).await.says(200, "The payment was declined.");
            assert!(ana.pay(&booking, PAYS).await.location().ends_with("/confirmed"));
        })
    });
}

#[test]
fn a_card_that_may_be_real_is_never_taken() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let pay = ana.hold("units.DELUXE=1").await.location();
            let page = ana.get(&pay).await;
            let checkout = ana.fill(&page, &[("paymentProvider", "SANDBOX")]).await.location();
            let page = ana.get(&checkout).await;
            let real = ana.fill(&page, &[("card", "4111 1111 1111 1111")]).await;
            real.says(422, "a real card is never taken here");
            assert!(!real.html.contains("4111"));
        })
    });
}

/// Two guests pay like this and are booked.
async fn pay_two(site: &Site, [one, other]: [&str; 2]) {
    for (rooms, way) in [("units.DELUXE=1", one), ("units.STANDARD=1", other)] {
        let mut ana = site.browser();
        let pay = ana.hold(rooms).await.location();
        let end = ana.pay(pay.strip_suffix("/pay").unwrap(), way).await;
        assert!(end.location().ends_with("/confirmed"), "{way}: {}", end.html);
    }
}

#[test]
fn the_test_page_takes_more_than_cards() {
    on_sqlite(|site| {
        Box::pin(async move {
            pay_two(&site, ["upi", "wallet"]).await;
            pay_two(&site, ["netbanking", "5555 5555 5555 4444"]).await;
        })
    });
}

#[test]
fn a_guest_is_booked_whatever_becomes_of_the_event() {
    on_sqlite(|site| {
        Box::pin(async move {
            pay_two(&site, ["4000 0000 0000 3212", "4000 0000 0000 3220"]).await;
            pay_two(&site, ["4000 0000 0000 3238", "4242 4242 4242 4242"]).await;
        })
    });
}

#[test]
fn a_bank_asks_the_guest_before_it_pays() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let pay = ana.hold("units.DELUXE=1").await.location();
            for (outcome, end) in [("decline", "/pay"), ("approve", "/confirmed")] {
                let page = ana.get(&pay).await;
                let checkout = ana.fill(&page, &[("paymentProvider", "SANDBOX")]).await.location();
                let page = ana.get(&checkout).await;
                let secure = [("card", "4000 0027 6000 3184"), ("outcome", "pay")];
                let asked = ana.fill(&page, &secure).await;
                asked.says(200, "3-D Secure: your bank wants to know");
                let back = ana.fill(&asked, &[("outcome", outcome)]).await.location();
                assert!(ana.get(&back).await.location().ends_with(end), "{outcome}");
            }
        })
    });
}

#[test]
fn a_hold_that_ran_out_offers_the_same_rooms_again() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let pay = ana.hold("units.DELUXE=2").await.location();
            site.advance_ms(11 * 60 * 1000).await;
            site.state.bookings.sweep().await.unwrap();
            let page = ana.get(&pay).await;
            page.says(410, "The time to pay is over");
            page.says(410, "Book the same rooms again");
            site.browser().hold("units.DELUXE=1").await.location();
            ana.get(&pay).await.says(410, "Someone else has taken them by now.");
        })
    });
}

#[test]
fn who_pays_at_the_property_is_booked_at_once() {
    on_both(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            let page = ana.get(&format!("{booking}/confirmed")).await;
            page.says(200, "€254.40 to pay at the property");
        })
    });
}

#[test]
fn closed_nights_are_told_on_the_hotels_page() {
    on_sqlite(|site| {
        Box::pin(async move {
            let stay = Stay::new("2027-03-10".parse().unwrap(), "2027-03-11".parse().unwrap());
            let patch = StockPatch { closed: Some(true), ..StockPatch::default() };
            let wish = RangeWish { room_type: "DELUXE".to_owned(), stay, patch };
            let bookings = &site.state.bookings;
            bookings.set_stock(&Actor::Admin, site.hotel, vec![wish]).await.unwrap();
            let page = site.browser().get(&format!("/hotels/{}?{DATES}", site.hotel)).await;
            page.says(200, "Not on sale on Wed 10 Mar.");
        })
    });
}
