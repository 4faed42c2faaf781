//! Who takes money for a business: its own accounts, or, while it has none, the installation's
//! providers. Never both: what guests pay to a business must not end up with somebody else. A
//! business that only tests has the sandbox, even where others have not.

use std::sync::Arc;

use vacancy_connect::payments::{Provider, Truth};
use vacancy_domain::ids::{BusinessId, PaymentAccountId};

use super::Payments;
use crate::businesses;
use crate::errors::Error;

/// One place where a guest may pay.
#[derive(Clone)]
pub struct OpenTill {
    /// None: the installation's own.
    pub account: Option<PaymentAccountId>,
    pub provider: Arc<dyn Provider>,
}

/// All that take new orders of one business, each provider once.
pub struct Tills(Vec<OpenTill>);

impl Tills {
    /// By the provider's name, in upper or lower case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&OpenTill> {
        self.0.iter().find(|till| till.provider.abilities().name.eq_ignore_ascii_case(name))
    }

    /// The same for a client, who is told what there is.
    pub fn named(&self, name: &str) -> Result<&OpenTill, Error> {
        self.find(name).ok_or_else(|| {
            let known: Vec<&str> =
                self.0.iter().map(|till| till.provider.abilities().name).collect();
            let detail = format!("no such provider; there are {}", known.join(", "));
            Error::invalid("/paymentProvider", "unknown_provider", detail)
        })
    }

    fn add(&mut self, account: Option<PaymentAccountId>, provider: Arc<dyn Provider>) {
        if self.find(provider.abilities().name).is_none() {
            self.0.push(OpenTill { account, provider });
        }
    }
}

impl Payments {
    /// Who takes new orders of a business. An account that cannot be opened takes none, and nobody
    /// takes them in its place.
    pub async fn tills(&self, business: BusinessId) -> Result<Tills, Error> {
        let mut tills = Tills(Vec::new());
        if businesses::is_test(&self.bookings.db, business).await? {
            for provider in self.providers.for_tests().chain(self.staff()) {
                tills.add(None, Arc::clone(provider));
            }
            return Ok(tills);
        }
        let mut accounts = self.accounts.of_business(business).await?;
        accounts.sort_by_key(|account| (!account.is_default, account.id));
        for account in accounts.iter().filter(|account| account.is_enabled) {
            match self.accounts.open(account) {
                Ok(till) => tills.add(Some(account.id), till.provider),
                Err(fault) => {
                    let (id, code) = (account.id, fault.code());
                    tracing::warn!(payment.account = %id, code, "account {id} is off: {fault}");
                }
            }
        }
        if accounts.is_empty() {
            for provider in self.providers.open() {
                tills.add(None, Arc::clone(provider));
            }
        }
        for provider in self.staff() {
            tills.add(None, Arc::clone(provider));
        }
        Ok(tills)
    }

    /// What staff record themselves has no account anywhere.
    fn staff(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.providers.open().filter(|provider| provider.abilities().truth == Truth::OurRecord)
    }
}
