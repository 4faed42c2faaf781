//! One page for every "no": what happened, in words, and what to do next.
//!
//! The words stand here, the status code is the router's. A page must not show internal text: the
//! trace id is all that leads to the log.

use askama::Template;

use super::parts::{Link, Offer};
use crate::pages::links;

/// No form.
#[derive(Debug, Clone, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    pub title: String,
    pub message: String,
    /// More lines: reasons in words.
    pub reasons: Vec<String>,
    /// The first is the one we suggest.
    pub actions: Vec<Link>,
    pub alternatives: Vec<Offer>,
    pub trace_id: Option<String>,
}

impl Problem {
    fn new(title: &str, message: &str, actions: Vec<Link>) -> Self {
        Self {
            title: title.to_owned(),
            message: message.to_owned(),
            reasons: Vec::new(),
            actions,
            alternatives: Vec::new(),
            trace_id: None,
        }
    }

    pub fn not_found() -> Self {
        Self::new(
            "There is nothing at this address",
            "The link may be old, or a letter went missing on the way.",
            vec![
                link("Search for a stay", links::HOME),
                link("Find my booking", links::FIND_BOOKING),
            ],
        )
    }

    /// Sold out between looking and booking. `reasons` come from `reasons`, the fix from the app.
    pub fn sold_out(reasons: Vec<String>, alternatives: Vec<Offer>, search_href: &str) -> Self {
        let mut page = Self::new(
            "Someone was a moment faster",
            "These rooms were free when you looked and are taken now. Nothing was charged.",
            vec![link("Search these dates again", search_href)],
        );
        page.reasons = reasons;
        page.alternatives = alternatives;
        page
    }

    /// The price is higher than the one the guest agreed to.
    pub fn price_changed(agreed: &str, current: &str, book_href: &str) -> Self {
        let mut page = Self::new(
            "The price has changed",
            "We do not book at a price you have not seen. Nothing was charged.",
            vec![link("See the new price", book_href), link("Search again", links::HOME)],
        );
        page.reasons = vec![format!("It was {agreed} and is {current} now.")];
        page
    }

    /// The action is not possible in the booking's present state.
    pub fn not_now(detail: &str, booking_href: &str) -> Self {
        Self::new("This is not possible now", detail, vec![link("See the booking", booking_href)])
    }

    /// Well-formed but impossible, where no form can be shown again.
    pub fn cannot_be_done(reasons: Vec<String>, back_href: &str) -> Self {
        let mut page = Self::new(
            "This cannot be booked as it stands",
            "Something in the request does not fit together.",
            vec![link("Go back and change it", back_href)],
        );
        page.reasons = reasons;
        page
    }

    pub fn gone() -> Self {
        Self::new(
            "This page has had its time",
            "It was open only for a while. Nothing was charged.",
            vec![
                link("Find my booking", links::FIND_BOOKING),
                link("Search for a stay", links::HOME),
            ],
        )
    }

    pub fn too_many_requests(retry_after_seconds: i64) -> Self {
        Self::new(
            "That was a little fast",
            &format!("Please wait {retry_after_seconds} seconds and try once more."),
            vec![link("Back to the start", links::HOME)],
        )
    }

    /// Definitely not done: it may be tried again at once.
    pub fn unavailable(trace_id: &str, again_href: &str) -> Self {
        let mut page = Self::new(
            "We could not do this just now",
            "Nothing was booked and nothing was charged. It usually works a few seconds later.",
            vec![link("Try again", again_href)],
        );
        page.trace_id = Some(trace_id.to_owned());
        page
    }

    /// A fault of ours: it may have gone through or not, and somebody has to look.
    pub fn broken(trace_id: &str, again_href: &str) -> Self {
        let mut page = Self::new(
            "Something broke on our side",
            "It is written down and will be looked at. If you were booking or paying, look at your \
             booking first.",
            vec![link("Find my booking", links::FIND_BOOKING), link("Try again", again_href)],
        );
        page.trace_id = Some(trace_id.to_owned());
        page
    }

    /// Perhaps done: the same form, sent again, tells and never books twice.
    pub fn outcome_unknown(trace_id: &str, again_href: &str) -> Self {
        let mut page = Self::new(
            "We do not know yet whether this went through",
            "Send the same form once more: it never books or charges twice, and then we know.",
            vec![link("Ask again", again_href), link("Find my booking", links::FIND_BOOKING)],
        );
        page.trace_id = Some(trace_id.to_owned());
        page
    }

    pub fn refused() -> Self {
        Self::new(
            "This page is not yours to see",
            "Bookings open with their code and e-mail, the front desk with its key.",
            vec![
                link("Find my booking", links::FIND_BOOKING),
                link("Staff sign-in", links::STAFF_SIGN_IN),
            ],
        )
    }
}

fn link(label: &str, href: &str) -> Link {
    Link { label: label.to_owned(), href: href.to_owned() }
}
