//! What nobody may open without a right to it, and from where forms are taken.

use crate::site::{on_https, on_sqlite};

/// Pages of one booking; the last part of the address, and whether it takes a form.
const OF_A_BOOKING: [(&str, bool); 6] = [
    ("", false),
    ("/pay", true),
    ("/return", false),
    ("/confirmed", false),
    ("/cancel", true),
    ("/change", true),
];

#[test]
fn a_booking_opens_for_its_own_browser_only() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            let mut other = site.browser();
            other.book("units.STANDARD=1").await;
            let nowhere = "/bookings/0192f3a4-b5c6-7d8e-9f01-23456789abcd";
            for (step, takes_form) in OF_A_BOOKING {
                for visitor in [&mut other, &mut site.browser()] {
                    let there = visitor.get(&format!("{booking}{step}")).await;
                    there.says(401, "This browser cannot open that booking yet");
                    let missing = visitor.get(&format!("{nowhere}{step}")).await;
                    assert_eq!(there.html, missing.html, "{step} tells whether it is there");
                    if takes_form {
                        let done = visitor.post(&format!("{booking}{step}"), &[]).await;
                        done.says(401, "This browser cannot open that booking yet");
                    }
                }
            }
            ana.get(&booking).await.says(200, "Confirmed");
        })
    });
}

#[test]
fn a_staff_page_shows_the_door() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut nobody = site.browser();
            let today = format!("/staff/today?hotelId={}", site.hotel);
            let door = nobody.get(&today).await.location();
            assert_eq!(
                door,
                format!("/staff/sign-in?next=%2Fstaff%2Ftoday%3FhotelId%3D{}", site.hotel)
            );
            for step in ["check-in", "check-out", "no-show"] {
                let path =
                    format!("/staff/reservations/0192f3a4-b5c6-7d8e-9f01-23456789abcd/{step}");
                let fields = [("hotelId".to_owned(), site.hotel.to_string())];
                assert!(nobody.post(&path, &fields).await.location().starts_with("/staff/sign-in"));
            }
            for wrong in ["", "vk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "vg_x", "secret"] {
                let page = nobody.sign_in(wrong).await;
                page.says(401, "This key does not open the door");
                assert!(wrong.len() < 5 || !page.html.contains(wrong), "the key is in the page");
            }
            assert_eq!(nobody.cookie("staff"), None);
        })
    });
}

#[test]
fn another_business_is_not_there() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            let mut stranger = site.browser();
            stranger.sign_in(&site.stranger).await.location();
            let today = format!("/staff/today?hotelId={}", site.hotel);
            stranger.get(&today).await.says(404, "There is nothing at this address");
            stranger.get(&booking).await.says(401, "This browser cannot open that booking yet");
            let id = booking.rsplit('/').next().unwrap();
            let path = format!("/staff/reservations/{id}/no-show");
            let fields = [("hotelId".to_owned(), site.hotel.to_string())];
            stranger.post(&path, &fields).await.says(404, "There is nothing at this address");
        })
    });
}

#[test]
fn signing_out_ends_the_session_of_this_browser() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut desk = site.browser();
            assert_eq!(desk.sign_in(&site.desk).await.location(), "/staff/today");
            desk.get("/staff/today").await.says(200, "Test house");
            desk.post("/staff/sign-out", &[]).await.location();
            assert!(desk.get("/staff/today").await.location().starts_with("/staff/sign-in"));

            desk.sign_in(&site.desk).await.location();
            site.advance_ms(12 * 60 * 60 * 1000).await;
            assert!(desk.get("/staff/today").await.location().starts_with("/staff/sign-in"));
        })
    });
}

#[test]
fn no_form_of_another_site_is_taken() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let booking = ana.book("units.DELUXE=1").await;
            let id = booking.rsplit('/').next().unwrap().to_owned();
            let paths = [
                "/book".to_owned(),
                "/bookings".to_owned(),
                format!("{booking}/pay"),
                format!("{booking}/cancel"),
                format!("{booking}/change"),
                "/sandbox/checkout/order_1".to_owned(),
                "/staff/sign-in".to_owned(),
                "/staff/sign-out".to_owned(),
                format!("/staff/reservations/{id}/no-show"),
            ];
            let sources = [
                None,
                Some(("sec-fetch-site", "cross-site")),
                Some(("sec-fetch-site", "same-site")),
                Some(("origin", "https://evil.example")),
                Some(("origin", "null")),
            ];
            for source in sources {
                ana.sent_from = source;
                for path in &paths {
                    let page = ana.post(path, &[]).await;
                    page.says(403, "This page is not yours to see");
                }
            }
            ana.get(&booking).await.says(200, "Confirmed");
        })
    });
}

#[test]
fn behind_tls_cookies_are_bound_to_the_host() {
    on_https(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let held = ana.hold("units.DELUXE=1").await;
            let cookie = held.header("set-cookie").to_owned();
            assert!(cookie.starts_with("__Host-guest=vg_"), "{cookie}");
            assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
            ana.get(&held.location()).await.says(200, "Your rooms are held");
            // The same token under the name that it has without TLS.
            let mut plain = site.browser();
            plain.keep("guest", ana.cookie("__Host-guest").unwrap());
            let page = plain.get(&held.location()).await;
            page.says(401, "This browser cannot open that booking yet");
        })
    });
}

#[test]
fn looking_up_is_throttled_by_code() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut guesser = site.browser();
            let mut statuses = Vec::new();
            for at in 0..8 {
                let fields = [
                    ("code".to_owned(), "ABCDE-FGHJK".to_owned()),
                    ("email".to_owned(), format!("{at}@example.com")),
                ];
                statuses.push(guesser.post("/bookings", &fields).await.status);
            }
            assert_eq!(statuses, [404, 404, 404, 404, 404, 404, 429, 429]);
        })
    });
}
