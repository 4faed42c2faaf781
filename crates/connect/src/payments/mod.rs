//! Payment providers behind one trait. Asks and tells; never decides what an answer
//! means for a booking, never keeps a payment of ours (that is `store`), never retries.
//!
//! Every call is idempotent by our own ids: the same payment id is the same order, the same refund
//! id is the same refund. So whoever got [`Failure::Unknown`] repeats the call, or looks up.
//!
//! A provider's status that nobody here knows is `PaymentState::Pending`, never success.

pub mod accounts;
pub mod circuit;
pub mod disputes;
pub mod failure;
pub mod listing;
pub mod offline;
pub mod order;
pub mod providers;
pub mod razorpay;
mod return_address;
pub mod sandbox;
pub mod standing;
pub mod stripe;
pub mod webhook;

use std::pin::Pin;

use disputes::{DisputeListing, DisputeLookUp, Disputed};
use failure::Failure;
use listing::{ListRequest, Listing};
use order::{CaptureRequest, LookUp, Order, OrderRequest, RefundRequest, VoidRequest};
use standing::{Refund, Standing};
use webhook::{Event, Webhook, WebhookRefusal};

/// What a call will answer. Boxed, so that providers can stand behind `dyn Provider`.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Somebody who takes money for us. No call may be made inside a database transaction.
pub trait Provider: Send + Sync {
    /// What this provider can do; a constant of the provider.
    fn abilities(&self) -> &Abilities;

    /// Opens an order that a guest can pay; or gives the one already opened for this payment id.
    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order>;

    /// Takes money that was only authorised. Again with the same amount: the same answer.
    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing>;

    /// Closes an order so that it cannot be paid any more, or lets an authorisation go. Refused as
    /// `already_captured` when the money is there.
    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing>;

    /// Gives captured money back, all or a part; or tells of the refund already made by this id.
    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund>;

    /// The truth about an order, at any time.
    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing>;

    /// The orders of ours that it opened in a window of time. Who has no books of its own has none.
    fn list<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, Listing>;

    /// The truth about a dispute, at any time.
    fn dispute<'a>(&'a self, request: &'a DisputeLookUp) -> Answer<'a, Disputed>;

    /// The disputes that were opened in a window of time, of whosever money.
    fn disputes<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, DisputeListing>;

    /// Verifies the raw bytes and says which order to look up. An event is never itself believed.
    fn parse_webhook(&self, webhook: &Webhook<'_>) -> Result<Event, WebhookRefusal>;
}

/// What a provider can do, for those who must choose or offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abilities {
    /// Lower case, as stored and as in `/v1/webhooks/{provider}`.
    pub name: &'static str,
    pub checkout: Checkout,
    pub truth: Truth,
    /// Can authorise first and capture later.
    pub manual_capture: bool,
    /// Understands [`order::Payer::Again`].
    pub charges_again: bool,
    /// Sends webhooks.
    pub webhooks: bool,
    pub follow: Follow,
    /// Understands [`order::TestOutcome`]; nobody real does.
    pub test_outcomes: bool,
}

/// Whether a payment must be asked for, since its webhook may never come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// Nobody outside knows more than we do, or it tells us itself.
    Never,
    /// Until it has succeeded, or this long after its beginning when it has not: so long may a
    /// failed one turn good.
    UntilItsEnd { late_ms: i64 },
}

/// Where the guest pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkout {
    /// On a page of the provider, reached by redirect: card data never touches us.
    HostedPage,
    /// In an element of the provider within a page of the business, by the order's client secret:
    /// card data goes from the browser to the provider.
    Embedded,
    /// At the desk, or by bank transfer: staff record it.
    AtProperty,
}

/// Whose books say whether money came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// The provider's: look-up and reconciliation mean something.
    Provider,
    /// Ours: look-up repeats what our own row says.
    OurRecord,
}
