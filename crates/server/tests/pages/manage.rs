//! A booking found again, changed and cancelled.

use crate::site::{between, on_both, on_sqlite};

const PAYS: &str = "4242 4242 4242 4242";

#[test]
fn a_booking_is_found_by_code_and_email_on_any_device() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            let page = ana.get(&format!("{booking}/confirmed")).await;
            let code = between(&page.html, "<p class=\"code\">", "<").unwrap().to_owned();
            let mut phone = site.browser();
            let form = phone.get("/bookings").await;
            let typed = [("code", code.to_lowercase()), ("email", " ANA@example.com ".to_owned())];
            let typed = typed.each_ref().map(|(name, value)| (*name, value.as_str()));
            assert_eq!(phone.fill(&form, &typed).await.location(), booking);
            phone.get(&booking).await.says(200, "Ana Ruiz");

            let wrong_email = [("code", code.as_str()), ("email", "eve@example.com")];
            let wrong_code = [("code", "ABCDE-FGHJK"), ("email", "ana@example.com")];
            for typed in [wrong_email, wrong_code] {
                let page = site.browser().fill(&form, &typed).await;
                page.says(404, "No booking has this code with this e-mail.");
            }
            let empty = site.browser().fill(&form, &[]).await;
            empty.says(422, "2 things to put right");
        })
    });
}

#[test]
fn cancelling_shows_the_refund_first_and_gives_it() {
    on_both(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let pay = ana.hold("units.DELUXE=1").await.location();
            let booking = pay.strip_suffix("/pay").unwrap().to_owned();
            ana.pay(&booking, PAYS).await;
            let preview = ana.get(&format!("{booking}/cancel")).await;
            preview.says(200, "You get back");
            assert_eq!(preview.field("refund"), "25440");
            ana.get(&booking).await.says(200, "Confirmed");
            let done = ana.fill(&preview, &[]).await.location();
            ana.get(&done).await.says(200, "Your booking is cancelled.");
            let page = site.until(&mut ana, &booking, "refunded €254.40").await;
            page.says(200, "Refunded");
            assert_eq!(ana.get(&format!("{booking}/cancel")).await.location(), booking);
        })
    });
}

#[test]
fn nobody_gets_less_back_than_was_shown() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            let fields = [("refund".to_owned(), "25440".to_owned())];
            let page = ana.post(&format!("{booking}/cancel"), &fields).await;
            page.says(409, "The refund is lower than the page showed before");
            ana.get(&booking).await.says(200, "Confirmed");
        })
    });
}

#[test]
fn rooms_are_given_back_from_the_payment_page() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let pay = ana.hold("units.DELUXE=2").await.location();
            let booking = pay.strip_suffix("/pay").unwrap().to_owned();
            ana.post(&format!("{booking}/cancel"), &[]).await.location();
            ana.get(&booking).await.says(200, "Cancelled");
            assert_eq!(ana.get(&pay).await.location(), booking);
            site.browser().hold("units.DELUXE=2").await.location();
        })
    });
}

#[test]
fn new_dates_are_priced_before_they_are_taken() {
    on_both(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let pay = ana.hold("units.DELUXE=1").await.location();
            let booking = pay.strip_suffix("/pay").unwrap().to_owned();
            ana.pay(&booking, PAYS).await;
            let change = format!("{booking}/change");
            ana.get(&change).await.says(200, "value=\"2027-03-10\"");
            let dates = "checkInDate=2027-03-10&checkOutDate=2027-03-13";
            let preview = ana.get(&format!("{change}?{dates}")).await;
            preview.says(200, "Change dates and pay €127.20");
            ana.get(&booking).await.says(200, "Fri 12 Mar 2027");

            // Whoever was shown less pays no more.
            let mut fields = preview.hidden();
            fields.retain(|(name, _)| name != "maxTotal");
            fields.push(("maxTotal".to_owned(), "38159".to_owned()));
            ana.post(&change, &fields).await.says(409, "Change dates and pay €127.20");

            assert_eq!(ana.fill(&preview, &[]).await.location(), pay);
            ana.get(&pay).await.says(200, "€254.40 is paid already.");
            ana.pay(&booking, PAYS).await;
            ana.get(&booking).await.says(200, "Sat 13 Mar 2027");
        })
    });
}

#[test]
fn dates_that_do_not_work_are_told_in_words() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            let mut other = site.browser();
            let form = format!(
                "/book?hotelId={}&checkInDate=2027-03-20&checkOutDate=2027-03-21&adults=2\
                 &units.DELUXE=2",
                site.hotel
            );
            let form = other.get(&form).await;
            other.fill(&form, &crate::site::ANA).await.location();
            let change = format!("{booking}/change");
            let dates = "checkInDate=2027-03-19&checkOutDate=2027-03-21";
            let page = ana.get(&format!("{change}?{dates}")).await;
            page.says(409, "DELUXE: Sold out on Sat 20 Mar.");
            let backwards = "checkInDate=2027-03-21&checkOutDate=2027-03-19";
            let page = ana.get(&format!("{change}?{backwards}")).await;
            page.says(422, "Check-out must be after check-in");
        })
    });
}

#[test]
fn what_was_not_done_is_not_said() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            for done in ["changed", "canceled", "%3Cb%3E"] {
                let page = ana.get(&format!("{booking}?done={done}")).await;
                assert!(!page.html.contains("role=\"status\""), "{done}: {}", page.html);
            }
        })
    });
}
