//! Who takes money here: opens the payment providers that are set. Decides nothing about payments.

use std::path::Path;
use std::sync::Arc;

use vacancy_app::errors::Error;
use vacancy_app::ids::secret_bytes;
use vacancy_app::payments::accounts::Accounts;
use vacancy_connect::payments::accounts::Addresses;
use vacancy_connect::payments::circuit::Guards;
use vacancy_connect::payments::failure::Failure;
use vacancy_connect::payments::offline::Offline;
use vacancy_connect::payments::providers::Providers;
use vacancy_connect::payments::razorpay::{self, Razorpay};
use vacancy_connect::payments::sandbox::{self, Sandbox};
use vacancy_connect::payments::stripe::{self, Stripe};
use vacancy_connect::secret::Secret;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use crate::config::{Config, ProvidersConfig, RazorpayConfig, StripeConfig};
use crate::state::AppState;

/// The providers, and by themselves those that have pages or keys of their own.
pub(crate) struct Opened {
    pub(crate) all: Providers,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) stripe: Option<Arc<Stripe>>,
    pub(crate) razorpay: Option<Arc<Razorpay>>,
}

/// # Errors
/// When the store fails, the system gives no randomness, the sandbox's books are broken, or no
/// client can be made for a provider.
pub(crate) async fn open(
    db: &Db,
    config: &Config,
    public_url: &str,
    guards: &Guards,
) -> Result<Opened, Error> {
    let ProvidersConfig { sandbox_is_open, stripe, razorpay, .. } = &config.providers;
    let sandbox = open_sandbox(db, &config.data, public_url).await?;
    let stripe = stripe.as_ref().map(|stripe| open_stripe(stripe, public_url)).transpose()?;
    let razorpay =
        razorpay.as_ref().map(|razorpay| open_razorpay(razorpay, public_url)).transpose()?;
    let mut all = Providers::default().with(Arc::new(Offline));
    let as_provider = guards.over(Arc::clone(&sandbox) as Arc<_>);
    all = if *sandbox_is_open { all.with(as_provider) } else { all.with_closed(as_provider) };
    if let Some(stripe) = &stripe {
        all = all.with(guards.over(Arc::clone(stripe) as Arc<_>));
    }
    if let Some(razorpay) = &razorpay {
        all = all.with(guards.over(Arc::clone(razorpay) as Arc<_>));
    }
    Ok(Opened { all, sandbox, stripe, razorpay })
}

/// Says which providers are off, and whether those that are on take our keys. A provider that does
/// not answer now may answer later: that is no fault of a key.
pub(crate) async fn tell(state: AppState) {
    for fault in &state.config.providers.faults {
        match fault.key.split('.').next().unwrap_or_default() {
            "secrets" => tracing::error!("payment accounts of businesses are off: {fault}"),
            name => tracing::error!(payment.provider = name, "{name} is off: {fault}"),
        }
    }
    tell_accounts(&state.payments.accounts).await;
    if let Some(stripe) = &state.stripe {
        tell_one("stripe", stripe.check_key().await);
    }
    if let Some(razorpay) = &state.razorpay {
        tell_one("razorpay", razorpay.check_key().await);
    }
}

/// The accounts of businesses, as they are set here.
pub(crate) fn accounts(db: &Db, config: &Config, public_url: &str, guards: &Guards) -> Accounts {
    let ProvidersConfig { stripe_url, razorpay_url, seals, .. } = config.providers.clone();
    let public_url = public_url.to_owned();
    let addresses = Addresses { public_url, stripe_url, razorpay_url };
    Accounts::new(db, seals, addresses, guards.clone())
}

/// An account that cannot be opened is off, and so is what its guests would pay.
async fn tell_accounts(accounts: &Accounts) {
    match accounts.check_all().await {
        Ok((_, faults)) => {
            for (id, fault) in faults {
                tracing::error!(payment.account = %id, "the payment account {id} is off: {fault}");
            }
        }
        Err(error) => tracing::warn!(%error, "look at the payment accounts: {error}"),
    }
}

fn tell_one(name: &'static str, checked: Result<(), Failure>) {
    match checked {
        Ok(()) => tracing::info!(payment.provider = name, "{name} takes our key"),
        Err(failure @ (Failure::Declined | Failure::Refused { .. })) => {
            tracing::error!(payment.provider = name, "{name} cannot be used: {failure}");
        }
        Err(failure @ Failure::Unknown { .. }) => {
            tracing::warn!(payment.provider = name, "{name} does not answer: {failure}");
        }
    }
}

fn open_stripe(config: &StripeConfig, public_url: &str) -> Result<Arc<Stripe>, Error> {
    let StripeConfig { secret_key, webhook_secrets, checkout, url } = config.clone();
    let public_url = public_url.to_owned();
    let settings =
        stripe::Settings { secret_key, webhook_secrets, checkout, public_url, base_url: url };
    Stripe::open(settings).map(Arc::new).map_err(|fault| not_opened("open stripe", fault.into()))
}

fn open_razorpay(config: &RazorpayConfig, public_url: &str) -> Result<Arc<Razorpay>, Error> {
    let RazorpayConfig { key_id, key_secret, webhook_secrets, url } = config.clone();
    let public_url = public_url.to_owned();
    let settings =
        razorpay::Settings { key_id, key_secret, webhook_secrets, public_url, base_url: url };
    let opened = Razorpay::open(settings);
    opened.map(Arc::new).map_err(|fault| not_opened("open razorpay", fault.into()))
}

/// The sandbox signs with a secret of its own, kept in the store: every instance has the same.
async fn open_sandbox(db: &Db, data: &Path, public_url: &str) -> Result<Arc<Sandbox>, Error> {
    let no_sandbox = |error| not_opened("open the sandbox", error);
    let bytes: [u8; 32] = secret_bytes().map_err(|error| no_sandbox(error.into()))?;
    let fresh = vacancy_app::encodings::hex(&bytes);
    let text = db
        .write(move |tx| {
            let fresh = fresh.clone();
            Box::pin(async move { vacancy_store::access::secret_or(tx, "sandbox", &fresh).await })
        })
        .await?;
    let settings = sandbox::Settings {
        secret: Secret::new(text).map_err(|error| no_sandbox(error.into()))?,
        folder: Some(data.join("sandbox")),
        public_url: public_url.to_owned(),
    };
    Sandbox::open(settings).map(Arc::new).map_err(|error| no_sandbox(error.into()))
}

fn not_opened(attempted: &'static str, error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Fault(Fault::Internal { attempted: attempted.into(), source: Some(Arc::from(error)) })
}
