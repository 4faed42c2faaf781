//! `sandbox`: a payment vendor that lives in the program, for `make run`, tests and businesses in
//! test mode. Keeps its own books as a vendor would, apart from our database; moves no money.
//!
//! Absent on purpose: a clock, randomness, card numbers, HTML. The checkout page is the server's,
//! which calls [`Sandbox::view`], [`Sandbox::pay`] and [`Sandbox::decline`].

mod account;
mod books;
mod cards;
mod entry;
mod keys;
mod ledger;
mod page;

use std::path::PathBuf;

pub use books::{BOOKS_FILE, OpenFault};
pub use cards::{Card, Manner, TEST_CARDS, TestCard};
pub use keys::SIGNATURE_HEADER;
pub use ledger::{LATE_BY_MS, SLOW_BY_MS};
pub use page::{PayWith, SignedWebhook, TEST_WAYS, View, Visit};

use vacancy_domain::payments::Payment;

use books::Books;
use keys::Keys;
use ledger::{Decision, Ledger};

use super::disputes::{DisputeListing, DisputeLookUp, Disputed};
use super::failure::{Code, Failure, refused};
use super::listing::{ListRequest, Listing};
use super::order::{
    CaptureRequest, Claim, LookUp, Order, OrderRequest, RefundRequest, VoidRequest,
};
use super::standing::{Refund, Standing};
use super::webhook::{Event, Webhook, WebhookRefusal};
use super::{Abilities, Answer, Checkout, Follow, Provider, Truth};
use crate::secret::Secret;

/// The provider `sandbox`.
#[derive(Debug)]
pub struct Sandbox {
    books: Books,
    keys: Keys,
    public_url: String,
}

/// How a sandbox is opened.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Makes ids and signatures; another secret is another vendor.
    pub secret: Secret,
    /// Where the books are; in memory only when there is none.
    pub folder: Option<PathBuf>,
    /// What guests reach the server by, without a slash at the end: the page is
    /// `{public_url}/sandbox/checkout/{order}`.
    pub public_url: String,
}

const ABILITIES: Abilities = Abilities {
    name: "sandbox",
    checkout: Checkout::HostedPage,
    truth: Truth::Provider,
    manual_capture: true,
    charges_again: true,
    webhooks: true,
    follow: Follow::Never,
    test_outcomes: true,
};

impl Sandbox {
    /// Opens the books and reads them. Blocks: for start-up.
    pub fn open(settings: Settings) -> Result<Sandbox, OpenFault> {
        let books = match &settings.folder {
            Some(folder) => Books::open(folder)?,
            None => Books::in_memory(),
        };
        let keys = Keys::new(&settings.secret);
        Ok(Sandbox { books, keys, public_url: settings.public_url })
    }

    /// Whether the signature that a guest brought back is ours, in constant time.
    #[must_use]
    pub fn verify_signature(
        &self,
        order_id: &str,
        provider_payment_id: &str,
        signature: &str,
    ) -> bool {
        self.keys.verifies(order_id, provider_payment_id, signature)
    }

    async fn create_order(&self, request: OrderRequest) -> Result<Order, Failure> {
        let payment_id = request.payment_id;
        let order_id = self.keys.order_id(payment_id);
        let provider_payment_id = self.keys.payment_id(&order_id);
        let decide = move |ledger: &Ledger| ledger.create(&request, order_id, provider_payment_id);
        let answer = move |ledger: &Ledger| {
            ledger.account_of_payment(payment_id).map(|account| account.order_id.clone())
        };
        let order_id = self.books.act("create sandbox order", decide, answer).await?;
        Ok(Order {
            checkout_url: Some(page_of(&self.public_url, &order_id)),
            provider_order_id: order_id,
            client_secret: None,
        })
    }

    async fn stand(
        &self,
        attempted: &'static str,
        payment: Payment,
        now_ms: i64,
        decide: impl FnOnce(&Ledger) -> Result<Decision, Failure> + Send + 'static,
    ) -> Result<Standing, Failure> {
        let answer =
            move |ledger: &Ledger| ledger.account_of(&payment).map(|one| one.standing(now_ms));
        self.books.act(attempted, decide, answer).await
    }

    async fn refund_payment(&self, request: RefundRequest) -> Result<Refund, Failure> {
        let provider_refund_id = self.keys.refund_id(request.refund_id);
        let (refund_id, payment) = (request.refund_id, request.payment.clone());
        let decide = move |ledger: &Ledger| ledger.refund(&request, provider_refund_id);
        let answer = move |ledger: &Ledger| {
            let refund = ledger.account_of(&payment)?.refund(refund_id);
            refund.ok_or_else(|| refused(Code::RefundMismatch))
        };
        self.books.act("refund sandbox payment", decide, answer).await
    }

    fn check_claim(&self, claim: &Claim, standing: &Standing) -> Result<(), Failure> {
        let Claim { provider_payment_id, signature } = claim;
        if standing.provider_payment_id.as_ref() != Some(provider_payment_id) {
            return Err(refused(Code::PaymentMismatch));
        }
        let order_id = &standing.provider_order_id;
        let holds =
            |signature: &String| self.verify_signature(order_id, provider_payment_id, signature);
        if signature.as_ref().is_none_or(holds) {
            return Ok(());
        }
        Err(refused(Code::SignatureInvalid))
    }
}

fn page_of(public_url: &str, order_id: &str) -> String {
    format!("{public_url}/sandbox/checkout/{order_id}")
}

impl Provider for Sandbox {
    fn abilities(&self) -> &Abilities {
        &ABILITIES
    }

    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order> {
        Box::pin(self.create_order(request.clone()))
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing> {
        let (payment, now_ms, request) = (request.payment.clone(), request.now_ms, request.clone());
        Box::pin(self.stand("capture sandbox payment", payment, now_ms, move |ledger| {
            ledger.capture(&request)
        }))
    }

    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing> {
        let (payment, now_ms, request) = (request.payment.clone(), request.now_ms, request.clone());
        Box::pin(
            self.stand("void sandbox order", payment, now_ms, move |ledger| ledger.void(&request)),
        )
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund> {
        Box::pin(self.refund_payment(request.clone()))
    }

    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing> {
        Box::pin(async move {
            let payment = request.payment.clone();
            let standing = self
                .stand("look up sandbox order", payment, request.now_ms, |_| Ok(Decision::Repeat))
                .await?;
            if let Some(claim) = &request.claim {
                self.check_claim(claim, &standing)?;
            }
            Ok(standing)
        })
    }

    fn list<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, Listing> {
        let request = request.clone();
        let decide = |_: &Ledger| Ok(Decision::Repeat);
        let public_url = self.public_url.clone();
        let page = move |order_id: &str| page_of(&public_url, order_id);
        let answer = move |ledger: &Ledger| Ok(ledger.list(&request, &page));
        Box::pin(self.books.act("list sandbox orders", decide, answer))
    }

    fn dispute<'a>(&'a self, request: &'a DisputeLookUp) -> Answer<'a, Disputed> {
        let name = request.provider_dispute_id.clone();
        let decide = |_: &Ledger| Ok(Decision::Repeat);
        let answer = move |ledger: &Ledger| ledger.disputed(&name);
        Box::pin(self.books.act("look at sandbox dispute", decide, answer))
    }

    fn disputes<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, DisputeListing> {
        let request = request.clone();
        let decide = |_: &Ledger| Ok(Decision::Repeat);
        let answer = move |ledger: &Ledger| Ok(ledger.disputes(&request));
        Box::pin(self.books.act("list sandbox disputes", decide, answer))
    }

    fn parse_webhook(&self, webhook: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        self.keys.parse(webhook)
    }
}
