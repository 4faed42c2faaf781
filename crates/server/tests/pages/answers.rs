//! Headers, files, and addresses that nobody meant: never a fault, always a page.

use crate::site::{DATES, Page, between, on_sqlite};

#[test]
fn files_are_asked_for_once() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let home = ana.get("/").await;
            home.says(200, "A room for your dates");
            assert_eq!(home.header("cache-control"), "no-cache");
            let sheet = between(&home.html, "rel=\"stylesheet\" href=\"", "\"").unwrap();
            let picture = between(&home.html, "<img src=\"", "\"").unwrap();
            let forever = "public, max-age=31536000, immutable";
            for (path, kind, cache) in [
                (sheet, "text/css; charset=utf-8", forever),
                (picture, "image/svg+xml", "public, max-age=604800"),
            ] {
                let file = ana.get(path).await;
                assert_eq!((file.status, file.header("content-type")), (200, kind));
                assert_eq!(file.header("cache-control"), cache);
                assert!(file.header("etag").starts_with("W/\""), "{path}");
            }
            for path in ["/assets/site-000000000000.css", "/pictures/hotel-moon-1.svg"] {
                ana.get(path).await.says(404, "There is nothing at this address");
            }
        })
    });
}

#[test]
fn every_page_forbids_what_it_does_not_need() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let held = ana.hold("units.DELUXE=1").await.location();
            let hotel = format!("/hotels/{}?{DATES}", site.hotel);
            let pages =
                ["/", "/search?place=Lisbon", hotel.as_str(), &held, "/bookings", "/nowhere"];
            for path in pages {
                let page = ana.get(path).await;
                let policy = page.header("content-security-policy");
                assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{path}");
                assert!(policy.contains("frame-ancestors 'none'"), "{path}");
                assert!(!page.html.contains("<script"), "{path}");
                assert_eq!(page.header("x-content-type-options"), "nosniff");
            }
        })
    });
}

#[test]
fn addresses_that_nobody_meant_are_answered_with_a_page() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let hotel = site.hotel;
            let long = "x".repeat(5_000);
            let huge = "9".repeat(40);
            let mut paths = vec![
                "/search".to_owned(),
                "/search?place=".to_owned(),
                format!("/search?place={long}"),
                "/search?place=%00".to_owned(),
                "/search?place=%FF%FE".to_owned(),
                format!("/search?place=Lisbon&{DATES}&cursor=nonsense"),
                format!("/search?place=Lisbon&{DATES}&sort=%3Cb%3E&adults={huge}&roomCount=-1"),
                "/search?place=Lisbon&checkInDate=2027-03-10".to_owned(),
                "/search?place=Lisbon&checkInDate=9999-12-31&checkOutDate=0000-01-01".to_owned(),
                "/search?place=Lisbon&checkInDate=2027-01-01&checkOutDate=2028-03-01".to_owned(),
                format!("/search?place=Atlantis&{DATES}"),
                format!("/search?place=...&{DATES}"),
                format!("/search?place=a-b&{DATES}"),
                "/hotels/x".to_owned(),
                "/hotels/%FF".to_owned(),
                "/hotels/0192f3a4-b5c6-7d8e-9f01-23456789abcd".to_owned(),
                format!("/hotels/{hotel}?checkInDate=2020-01-01&checkOutDate=2020-01-02"),
                format!("/hotels/{hotel}?{DATES}&adults=40&roomCount=20"),
                "/book".to_owned(),
                format!("/book?hotelId={hotel}"),
                format!("/book?hotelId={hotel}&{DATES}&units.NONE=1"),
                format!("/book?hotelId={hotel}&{DATES}&units.DELUXE={}", i64::MAX),
                format!("/book?hotelId={hotel}&{DATES}&units.DELUXE=1&units.STANDARD=10000"),
                format!("/book?hotelId={hotel}&{DATES}&units.%3Cb%3E=1"),
                "/bookings/x".to_owned(),
                "/bookings/x/pay".to_owned(),
                "/sandbox/checkout/x".to_owned(),
                format!("/sandbox/checkout/{long}"),
                "/staff/today?hotelId=x".to_owned(),
                "/staff/sign-in?next=https://evil.example".to_owned(),
            ];
            paths.extend((0..30).map(|days| {
                format!("/search?place=Lisbon&checkInDate=2027-01-{days:02}&checkOutDate=2027-01-3")
            }));
            for path in paths {
                let page = ana.get(&path).await;
                assert!(page.status < 500, "{} {path}", page.status);
                assert!(page.status == 303 || is_whole(&page), "{path}: {}", page.html);
                assert!(!page.html.contains("<b>\""), "{path}");
                assert!(!page.html.contains("evil.example"), "{path}");
            }
        })
    });
}

#[test]
fn forms_that_nobody_sends_are_answered_with_a_page() {
    on_sqlite(|site| {
        Box::pin(async move {
            let mut ana = site.browser();
            let form = ana.get(&site.book_href("units.DELUXE=1")).await;
            let good = form.hidden();
            let long = "x".repeat(20_000);
            for (name, value) in [
                ("requestId", ""),
                ("requestId", long.as_str()),
                ("hotelId", "x"),
                ("checkInDate", "soon"),
                ("checkOutDate", "2027-03-10"),
                ("adults", "-1"),
                ("maxTotal", "free"),
                ("maxTotal", "-1"),
                ("units.DELUXE", "0"),
                ("units.DELUXE", "400"),
                ("guestName", long.as_str()),
                ("guestName", "a\u{0}b"),
                ("guestName", "a\nb"),
                ("email", "a@b@c"),
                ("phone", "😀😀😀😀😀"),
            ] {
                let mut fields = good.clone();
                fields.extend(crate::site::ANA.map(|(n, v)| (n.to_owned(), v.to_owned())));
                fields.retain(|(known, _)| known != name);
                fields.push((name.to_owned(), value.to_owned()));
                let page = ana.post("/book", &fields).await;
                assert!(page.status < 500, "{} {name}={value}", page.status);
                assert!(page.status == 303 || is_whole(&page), "{name}: {}", page.html);
            }
            let flood: Vec<(String, String)> =
                (0..400).map(|at| (format!("f{at}"), "1".to_owned())).collect();
            ana.post("/bookings", &flood).await.says(400, "This cannot be booked as it stands");
        })
    });
}

/// A whole page with the way home, not a bare text.
fn is_whole(page: &Page) -> bool {
    page.html.starts_with("<!doctype html>") && page.html.trim_end().ends_with("</html>")
}
