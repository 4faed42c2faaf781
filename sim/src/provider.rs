//! Somebody who takes money, and whose answers get lost. Keeps its own books; what the guest pays
//! there is the truth, whatever our store knows of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::listing::{ListRequest, Listing};
use vacancy_connect::payments::order::{
    CaptureRequest, LookUp, Order, OrderRequest, RefundRequest, VoidRequest,
};
use vacancy_connect::payments::standing::{Refund, RefundState, Standing};
use vacancy_connect::payments::webhook::{Event, Webhook, WebhookRefusal};
use vacancy_connect::payments::{Abilities, Answer, Checkout, Follow, Provider, Truth};
use vacancy_domain::ids::{PaymentId, RefundId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{News, Payment, PaymentState};

use crate::random::Random;

/// The name under which payments are made here.
pub const NAME: &str = "drawn";

const ABILITIES: Abilities = Abilities {
    name: NAME,
    checkout: Checkout::HostedPage,
    truth: Truth::Provider,
    manual_capture: false,
    charges_again: false,
    webhooks: true,
    follow: Follow::Never,
    test_outcomes: false,
};

/// One payment in the provider's books.
#[derive(Debug, Clone)]
struct Account {
    state: PaymentState,
    amount: Money,
    refunds: BTreeMap<RefundId, i64>,
}

struct Books {
    accounts: BTreeMap<PaymentId, Account>,
    random: Random,
    lost_answer: i64,
    lost_count: u64,
}

/// The provider. Clones share its books.
#[derive(Clone)]
pub struct Till(Arc<Mutex<Books>>);

impl Till {
    #[must_use]
    pub fn new(random: Random, lost_answer: i64) -> Till {
        let accounts = BTreeMap::new();
        Till(Arc::new(Mutex::new(Books { accounts, random, lost_answer, lost_count: 0 })))
    }

    /// From now on every answer arrives.
    pub fn heal(&self) {
        self.books().lost_answer = 0;
    }

    /// Answers that got lost.
    #[must_use]
    pub fn lost_count(&self) -> u64 {
        self.books().lost_count
    }

    /// The guest pays, or the bank declines, or the guest still thinks; `is_late` money comes even
    /// to an order that was closed. Gives what a webhook would tell.
    pub fn visit(&self, id: PaymentId, amount: Money, wish: PaymentState, is_late: bool) -> News {
        let mut books = self.books();
        let account = books.account(id, amount);
        let is_open = account.state.is_open() || is_late;
        if is_open && account.state != PaymentState::Succeeded {
            account.state = wish;
        }
        let captured = Money::new(account.captured_minor(), amount.currency);
        News {
            payment: id,
            state: account.state,
            provider_payment_id: String::new(),
            captured,
            method: String::new(),
        }
    }

    /// Refunds made.
    #[must_use]
    pub fn refunds_count(&self) -> u64 {
        self.books().accounts.values().map(|account| account.refunds.len() as u64).sum()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the deed; its answer may get lost.
    fn act<T>(
        &self,
        payment: (PaymentId, Money),
        deed: impl FnOnce(&mut Account) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut books = self.books();
        let answer = deed(books.account(payment.0, payment.1));
        let per_mille = books.lost_answer;
        if books.random.chance(per_mille) {
            books.lost_count += 1;
            return Err(Failure::Unknown { attempted: "reach the provider", source: None });
        }
        answer
    }
}

impl Books {
    fn account(&mut self, id: PaymentId, amount: Money) -> &mut Account {
        let (state, refunds) = (PaymentState::Pending, BTreeMap::new());
        self.accounts.entry(id).or_insert(Account { state, amount, refunds })
    }
}

impl Account {
    fn captured_minor(&self) -> i64 {
        if self.state == PaymentState::Succeeded { self.amount.minor } else { 0 }
    }

    fn standing(&self, id: PaymentId) -> Standing {
        Standing {
            provider_order_id: order_id(id),
            state: self.state,
            provider_payment_id: None,
            amount: self.amount,
            captured_minor: self.captured_minor(),
            refunded_minor: self.refunds.values().sum(),
            method: None,
            surplus: Vec::new(),
        }
    }
}

fn order_id(id: PaymentId) -> String {
    format!("order {id}")
}

fn of(payment: &Payment) -> (PaymentId, Money) {
    (payment.id, payment.amount)
}

impl Provider for Till {
    fn abilities(&self) -> &Abilities {
        &ABILITIES
    }

    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order> {
        let id = request.payment_id;
        let provider_order_id = order_id(id);
        let order = Order { provider_order_id, checkout_url: None, client_secret: None };
        Box::pin(async move { self.act((id, request.amount), |_| Ok(order)) })
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing> {
        let id = request.payment.id;
        Box::pin(async move { self.act(of(&request.payment), |account| Ok(account.standing(id))) })
    }

    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing> {
        let id = request.payment.id;
        let deed = move |account: &mut Account| {
            if account.state == PaymentState::Succeeded {
                return Err(Failure::Refused { code: Code::AlreadyCaptured });
            }
            if account.state.is_open() {
                account.state = PaymentState::Canceled;
            }
            Ok(account.standing(id))
        };
        Box::pin(async move { self.act(of(&request.payment), deed) })
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund> {
        let deed = |account: &mut Account| {
            let given: i64 = account.refunds.values().sum();
            let is_known = account.refunds.contains_key(&request.refund_id);
            if !is_known && account.captured_minor() < given + request.amount.minor {
                return Err(Failure::Refused { code: Code::AmountTooLarge });
            }
            account.refunds.insert(request.refund_id, request.amount.minor);
            Ok(Refund {
                refund_id: request.refund_id,
                provider_refund_id: format!("refund {}", request.refund_id),
                amount: request.amount,
                state: RefundState::Succeeded,
            })
        };
        Box::pin(async move { self.act(of(&request.payment), deed) })
    }

    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing> {
        let id = request.payment.id;
        Box::pin(async move { self.act(of(&request.payment), |account| Ok(account.standing(id))) })
    }

    fn list<'a>(&'a self, _request: &'a ListRequest) -> Answer<'a, Listing> {
        // Nobody compares in the simulator: its own oracle does.
        Box::pin(std::future::ready(Ok(Listing::default())))
    }

    fn parse_webhook(&self, _webhook: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        // The world brings its news itself.
        Err(WebhookRefusal::NotSupported)
    }
}
