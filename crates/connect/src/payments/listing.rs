//! What a provider has opened for us in a window of time, for whoever compares its books with ours.

use vacancy_domain::ids::PaymentId;

use super::standing::Standing;

/// Orders of one page.
pub const PAGE_ORDERS_MAX: usize = 100;

/// Asks for the orders that were opened in a window, page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    pub from_ms: i64,
    /// Exclusive.
    pub until_ms: i64,
    /// `next` of the page before.
    pub after: Option<String>,
    pub now_ms: i64,
}

/// An order of ours, by the id that we noted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub payment_id: PaymentId,
    /// Where the guest pays. Stripe's element has no page, and its page none when nobody may pay there any more;
    /// Razorpay and the sandbox give an address always.
    pub checkout_url: Option<String>,
    pub standing: Standing,
}

/// One page. What is on the provider's account and names none of our payments is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    pub orders: Vec<Listed>,
    /// Asks for the next page; there is none on the last one.
    pub next: Option<String>,
}
