//! The front desk: rooms given and freed, what was done, and why not.

use crate::site::{ANA, Browser, Page, Site, between, on_both, on_sqlite};

/// Books for tonight and pays at the property.
async fn arrive(site: &Site, name: &str, rooms: &str) {
    let mut guest = site.browser();
    let form = format!(
        "/book?hotelId={}&checkInDate=2027-01-01&checkOutDate=2027-01-03&adults=2&{rooms}",
        site.hotel
    );
    let form = guest.get(&form).await;
    let pay = guest.fill(&form, &[("guestName", name), ANA[1], ANA[2]]).await.location();
    let page = guest.get(&pay).await;
    let back = guest.fill(&page, &[("paymentProvider", "OFFLINE")]).await.location();
    guest.get(&back).await.location();
}

async fn today(desk: &mut Browser<'_>, site: &Site) -> Page {
    desk.get(&format!("/staff/today?hotelId={}", site.hotel)).await
}

/// The row of a guest, up to the next one.
fn row<'p>(page: &'p Page, name: &str) -> &'p str {
    let at = page.html.find(&format!("<b><bdi>{name}</bdi></b>")).unwrap();
    page.html[at..].split("</tr>").next().unwrap()
}

/// Sends the form of a step in the row of a guest, with another number where one is given.
async fn step(
    desk: &mut Browser<'_>,
    page: &Page,
    name: &str,
    step: &str,
    room: Option<&str>,
) -> Page {
    let row = row(page, name);
    let forms = row.split("<form").find(|form| form.contains(&format!("/{step}\""))).unwrap();
    let action = between(forms, "action=\"", "\"").unwrap();
    let hotel = between(forms, "name=\"hotelId\" value=\"", "\"").unwrap();
    let mut fields = vec![("hotelId".to_owned(), hotel.to_owned())];
    for field in forms.split("name=\"room.").skip(1) {
        let place = field.split('"').next().unwrap();
        let proposed = between(field, "value=\"", "\"").unwrap();
        let number = room.unwrap_or(proposed).to_owned();
        fields.push((format!("room.{place}"), number));
    }
    desk.post(action, &fields).await
}

#[test]
fn a_guest_is_checked_in_to_a_proposed_room_and_out_again() {
    on_both(|site| {
        Box::pin(async move {
            arrive(&site, "Ana Ruiz", "units.DELUXE=1").await;
            let mut desk = site.browser();
            desk.sign_in(&site.desk).await.location();
            let page = today(&mut desk, &site).await;
            page.says(200, "1 of 4\u{a0}rooms");
            assert!(row(&page, "Ana Ruiz").contains("value=\"DELUXE-1\""));
            let done = step(&mut desk, &page, "Ana Ruiz", "check-in", None).await.location();
            let page = desk.get(&done).await;
            page.says(200, "Ana Ruiz is checked in to DELUXE-1.");
            let in_house = between(&page.html, "id=\"inhouse-title\"", "</section>").unwrap();
            let action = between(in_house, "action=\"", "\"").unwrap();
            let fields = [("hotelId".to_owned(), site.hotel.to_string())];
            let done = desk.post(action, &fields).await.location();
            let page = desk.get(&done).await;
            page.says(200, "Ana Ruiz is checked out.");
            page.says(200, "0 of 4\u{a0}rooms");
        })
    });
}

#[test]
fn no_two_arrivals_are_proposed_one_room() {
    on_sqlite(|site| {
        Box::pin(async move {
            arrive(&site, "Ana Ruiz", "units.DELUXE=1").await;
            arrive(&site, "Tom Okafor", "units.DELUXE=1").await;
            let mut desk = site.browser();
            desk.sign_in(&site.desk).await.location();
            let page = today(&mut desk, &site).await;
            assert!(row(&page, "Ana Ruiz").contains("value=\"DELUXE-1\""));
            assert!(row(&page, "Tom Okafor").contains("value=\"DELUXE-2\""));

            // Any free room, when the number is taken out.
            let done = step(&mut desk, &page, "Ana Ruiz", "check-in", Some("")).await.location();
            let page = desk.get(&done).await;
            page.says(200, "Ana Ruiz is checked in to DELUXE-1.");
            let taken = step(&mut desk, &page, "Tom Okafor", "check-in", Some("DELUXE-1")).await;
            taken.says(409, "Room DELUXE-1 is taken on 2027-01-01.");
            let other = step(&mut desk, &page, "Tom Okafor", "check-in", Some("STANDARD-1")).await;
            other.says(422, "Room STANDARD-1 is of another type.");
            let none = step(&mut desk, &page, "Tom Okafor", "check-in", Some("999")).await;
            none.says(422, "The hotel has no room 999.");
        })
    });
}

#[test]
fn a_second_room_may_follow_later() {
    on_sqlite(|site| {
        Box::pin(async move {
            arrive(&site, "Ana Ruiz", "units.DELUXE=2").await;
            let mut desk = site.browser();
            desk.sign_in(&site.desk).await.location();
            let page = today(&mut desk, &site).await;
            let row = row(&page, "Ana Ruiz");
            let action = between(row, "action=\"", "\"").unwrap().to_owned();
            let place = between(row, "name=\"room.", "\"").unwrap();
            let fields = [
                ("hotelId".to_owned(), site.hotel.to_string()),
                (format!("room.{place}"), "DELUXE-2".to_owned()),
            ];
            let done = desk.post(&action, &fields).await.location();
            let page = desk.get(&done).await;
            page.says(200, "Ana Ruiz is checked in to DELUXE-2.");
            let done = step(&mut desk, &page, "Ana Ruiz", "check-in", None).await.location();
            desk.get(&done).await.says(200, "Ana Ruiz is checked in to DELUXE-1, DELUXE-2.");
        })
    });
}

#[test]
fn who_did_not_come_gives_the_room_back() {
    on_sqlite(|site| {
        Box::pin(async move {
            arrive(&site, "Ana Ruiz", "units.DELUXE=2").await;
            let mut desk = site.browser();
            desk.sign_in(&site.desk).await.location();
            let page = today(&mut desk, &site).await;
            page.says(200, "2 × DELUXE");
            let done = step(&mut desk, &page, "Ana Ruiz", "no-show", None).await.location();
            desk.get(&done).await.says(200, "Ana Ruiz is marked as not come.");
            // The same link again, after something else: nothing is said that is not so.
            let other = done.replace("no-show", "check-in");
            let page = desk.get(&other).await;
            assert!(!page.html.contains("role=\"status\""), "{}", page.html);
            // The button of a page that was open for long.
            let id = between(&done, "of=", "&").or(done.split("of=").nth(1)).unwrap().to_owned();
            let fields = [("hotelId".to_owned(), site.hotel.to_string())];
            let late = desk.post(&format!("/staff/reservations/{id}/check-in"), &fields).await;
            late.says(409, "Check-in is not possible while it is no_show.");
        })
    });
}

#[test]
fn a_guests_booking_opens_for_the_desk() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            let mut desk = site.browser();
            desk.sign_in(&site.desk).await.location();
            desk.get(&booking).await.says(200, "Ana Ruiz");
        })
    });
}
