//! Accounts of businesses at providers, opened from their sealed credentials when somebody pays.
//! An opened one is kept for as long as its row has the same version, so that a change on another
//! instance is noticed by the next payment here.

pub mod admin;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use vacancy_connect::payments::Checkout;
use vacancy_connect::payments::accounts::{AccountFault, Addresses, Sealed, Till, Vendor};
use vacancy_connect::payments::circuit::Guards;
use vacancy_connect::seal::Seals;
use vacancy_domain::ids::{BusinessId, PaymentAccountId};
use vacancy_store::faults::{Fault, Told};
use vacancy_store::payment_accounts::{self as stored, PaymentAccount};
use vacancy_store::sql::Db;

use crate::errors::{Error, RETRY_AFTER_MS};

/// Most accounts of one business.
pub const ACCOUNTS_MAX: i64 = 20;
/// Most accounts that stay open at once.
const OPEN_MAX: usize = 1_000;

const HOSTED: &str = "hosted";
const EMBEDDED: &str = "embedded";

/// The accounts of all businesses. Clones share what is open.
#[derive(Clone)]
pub struct Accounts(Arc<Parts>);

struct Parts {
    db: Db,
    /// None: there is no key, and every account is off.
    seals: Option<Arc<Seals>>,
    addresses: Addresses,
    guards: Guards,
    open: Mutex<BTreeMap<PaymentAccountId, (i64, Till)>>,
}

impl Accounts {
    #[must_use]
    pub fn new(
        db: &Db,
        seals: Option<Arc<Seals>>,
        addresses: Addresses,
        guards: Guards,
    ) -> Accounts {
        let (db, open) = (db.clone(), Mutex::default());
        Accounts(Arc::new(Parts { db, seals, addresses, guards, open }))
    }

    /// With no key to open any with.
    #[must_use]
    pub fn closed(db: &Db) -> Accounts {
        let nowhere = String::new();
        let addresses = Addresses {
            public_url: nowhere.clone(),
            stripe_url: nowhere.clone(),
            razorpay_url: nowhere,
        };
        Accounts::new(db, None, addresses, Guards::default())
    }

    /// The account's provider, ready to be asked.
    pub fn open(&self, account: &PaymentAccount) -> Result<Till, AccountFault> {
        if let Some(till) = self.recall(account) {
            return Ok(till);
        }
        let seals = self.0.seals.as_ref().ok_or(AccountFault::NoKey)?;
        let vendor = Vendor::from_name(&account.provider);
        let vendor = vendor.ok_or(AccountFault::Missing("provider"))?;
        let find = |name: &str| {
            let credential = account.credentials.get(name)?;
            Some((credential.sealed.as_str(), place(account.business, account.id, name)))
        };
        let checkout = checkout_of(&account.checkout);
        let mut till = Sealed { vendor, checkout, seals, find: &find }.open(&self.0.addresses)?;
        till.provider = self.0.guards.over(till.provider);
        self.remember(account, till.clone());
        Ok(till)
    }

    /// The account with this id.
    pub async fn find(&self, id: PaymentAccountId) -> Result<PaymentAccount, Error> {
        let found = self.0.db.read(move |tx| Box::pin(async move { stored::by_id(tx, id).await }));
        found.await?.ok_or(Error::NotFound)
    }

    /// The till of a payment that was begun at this account.
    pub async fn till(&self, id: PaymentAccountId) -> Result<Till, Error> {
        let account = match self.find(id).await {
            Err(Error::NotFound) => {
                return Err(Error::Fault(Fault::internal("find the account of a payment")));
            }
            found => found?,
        };
        self.open(&account).map_err(|fault| unusable(&account, &fault))
    }

    /// A business's accounts, the oldest first.
    pub async fn of_business(&self, business: BusinessId) -> Result<Vec<PaymentAccount>, Error> {
        let found = self.0.db.read(move |tx| {
            Box::pin(async move { stored::of_business(tx, business, ACCOUNTS_MAX).await })
        });
        Ok(found.await?)
    }

    /// How many there are, and each that cannot be used, with the reason.
    pub async fn check_all(&self) -> Result<(usize, Vec<(PaymentAccountId, AccountFault)>), Error> {
        let (mut count, mut faults, mut after) = (0, Vec::new(), PaymentAccountId(0));
        loop {
            let page = self.0.db.read(move |tx| {
                Box::pin(async move { stored::list(tx, after, ACCOUNTS_MAX).await })
            });
            let page = page.await?;
            let Some(last) = page.last() else { return Ok((count, faults)) };
            after = last.id;
            count += page.len();
            for account in &page {
                if let Err(fault) = self.open(account) {
                    faults.push((account.id, fault));
                }
            }
        }
    }

    /// Where the provider shall post what happens at an account.
    #[must_use]
    pub fn webhook_url(&self, account: &PaymentAccount) -> String {
        let PaymentAccount { provider, id, .. } = account;
        format!("{}/v1/webhooks/{provider}/{id}", self.0.addresses.public_url)
    }

    fn recall(&self, account: &PaymentAccount) -> Option<Till> {
        let open = self.0.open.lock().expect("no thread panics while it looks");
        let (version, till) = open.get(&account.id)?;
        (*version == account.version).then(|| till.clone())
    }

    fn remember(&self, account: &PaymentAccount, till: Till) {
        let mut open = self.0.open.lock().expect("no thread panics while it looks");
        if OPEN_MAX <= open.len() {
            open.clear();
        }
        open.insert(account.id, (account.version, till));
    }
}

/// Somebody must see to it; until then whoever asks shall come again.
pub(super) fn unusable(account: &PaymentAccount, fault: &AccountFault) -> Error {
    let (id, code) = (account.id, fault.code());
    tracing::error!(
        payment.account = %id, payment.provider = account.provider, code,
        "the payment account {id} cannot be used: {fault}"
    );
    match fault {
        AccountFault::NoKey | AccountFault::Sealed { .. } => {
            Error::Busy { retry_after_ms: RETRY_AFTER_MS }
        }
        AccountFault::Missing(_) | AccountFault::Client(_) => {
            Error::Fault(Fault::internal_because("open a payment account", Told(fault.to_string())))
        }
    }
}

/// What a sealed credential is bound to: it opens nowhere else.
fn place(business: BusinessId, account: PaymentAccountId, credential: &str) -> String {
    format!("payment account {business} {account} {credential}")
}

#[must_use]
pub fn checkout_of(word: &str) -> Checkout {
    if word == EMBEDDED { Checkout::Embedded } else { Checkout::HostedPage }
}
