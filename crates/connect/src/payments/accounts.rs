//! Accounts of businesses at providers: what each provider asks for, and how an account is opened
//! from its sealed credentials. Where the sealed texts are kept is the caller's.

use std::fmt;
use std::sync::Arc;

use super::razorpay::{self, Razorpay};
use super::stripe::{self, Stripe};
use super::{Checkout, Provider};
use crate::http::ClientFault;
use crate::seal::{SealFault, Seals};
use crate::secret::Secret;

/// Most secrets of one webhook: the one that holds, and the next.
pub const SECRETS_MAX: usize = 4;
/// Longest credential.
pub const CREDENTIAL_BYTES_MAX: usize = 500;
/// Between the values of a credential that may have several; no value has one.
const BETWEEN: char = ',';

/// A provider at which a business may have an account of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vendor {
    Stripe,
    Razorpay,
}

/// One credential that a provider gives out.
#[derive(Debug, Clone, Copy)]
pub struct Credential {
    /// As on the wire.
    pub name: &'static str,
    /// For people: what it must be.
    pub expected: &'static str,
    /// Whether there may be several, since it is changed while it is used.
    pub is_list: bool,
    begins: &'static [&'static str],
    bytes_min: usize,
}

/// People choose it themselves at Razorpay: what is shorter is guessed.
pub const RAZORPAY_WEBHOOK_SECRET_BYTES_MIN: usize = 8;

const STRIPE: &[Credential] = &[
    Credential {
        name: "secretKey",
        expected: "Stripe's key, sk_… or rk_…",
        is_list: false,
        begins: &["sk_", "rk_"],
        bytes_min: 1,
    },
    Credential {
        name: "webhookSecrets",
        expected: "a secret of Stripe's webhook, whsec_…",
        is_list: true,
        begins: &["whsec_"],
        bytes_min: 1,
    },
];

const RAZORPAY: &[Credential] = &[
    Credential {
        name: "keyId",
        expected: "Razorpay's key id, rzp_…",
        is_list: false,
        begins: &["rzp_"],
        bytes_min: 1,
    },
    Credential {
        name: "keySecret",
        expected: "the secret of the key id",
        is_list: false,
        begins: &[""],
        bytes_min: 1,
    },
    Credential {
        name: "webhookSecrets",
        expected: "a secret of Razorpay's webhook, of 8 characters or more",
        is_list: true,
        begins: &[""],
        bytes_min: RAZORPAY_WEBHOOK_SECRET_BYTES_MIN,
    },
];

impl Vendor {
    pub const ALL: [Vendor; 2] = [Vendor::Stripe, Vendor::Razorpay];

    /// As [`super::Abilities::name`].
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Stripe => "stripe",
            Vendor::Razorpay => "razorpay",
        }
    }

    /// In upper or lower case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Vendor> {
        Vendor::ALL.into_iter().find(|vendor| vendor.name().eq_ignore_ascii_case(name))
    }

    /// What an account there needs.
    #[must_use]
    pub fn credentials(self) -> &'static [Credential] {
        match self {
            Vendor::Stripe => STRIPE,
            Vendor::Razorpay => RAZORPAY,
        }
    }
}

impl Credential {
    /// Whether this can be one of its values.
    #[must_use]
    pub fn may_be(&self, value: &str) -> bool {
        let is_plain =
            value.bytes().all(|byte| byte.is_ascii_graphic()) && !value.contains(BETWEEN);
        let is_short = (self.bytes_min..=CREDENTIAL_BYTES_MAX).contains(&value.len());
        is_plain && is_short && self.begins.iter().any(|begin| value.starts_with(begin))
    }

    /// All values as the one secret that is sealed. They were looked at with `may_be`.
    #[must_use]
    pub fn join(values: &[String]) -> Option<Secret> {
        Secret::new(values.join(&BETWEEN.to_string())).ok()
    }
}

/// Where things are, of the whole installation.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// What guests reach the server by, without a slash at the end.
    pub public_url: String,
    pub stripe_url: String,
    pub razorpay_url: String,
}

/// An account that takes and gives money.
#[derive(Clone)]
pub struct Till {
    pub provider: Arc<dyn Provider>,
    /// The same, for the page that leads to its checkout.
    pub razorpay: Option<Arc<Razorpay>>,
}

/// Why an account cannot be used. None tells a credential.
#[derive(Debug, thiserror::Error)]
pub enum AccountFault {
    #[error("there is no key to open its credentials with")]
    NoKey,
    #[error("its {credential} does not open: {fault}")]
    Sealed { credential: &'static str, fault: SealFault },
    #[error("its {0} is missing")]
    Missing(&'static str),
    #[error("no client can be made for it")]
    Client(#[from] ClientFault),
}

impl AccountFault {
    /// Stable text for answers.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            AccountFault::NoKey => "key_missing",
            AccountFault::Sealed { fault: SealFault::OtherKey, .. } => "key_unknown",
            AccountFault::Sealed { fault: SealFault::Broken, .. } | AccountFault::Missing(_) => {
                "credentials_broken"
            }
            AccountFault::Client(_) => "client_failed",
        }
    }
}

/// A sealed account, and what is needed to open it.
pub struct Sealed<'a> {
    pub vendor: Vendor,
    pub checkout: Checkout,
    pub seals: &'a Seals,
    /// The sealed text of a credential, and the place that it was sealed for.
    pub find: &'a dyn Fn(&str) -> Option<(&'a str, String)>,
}

impl Sealed<'_> {
    /// # Errors
    /// When a credential is missing or does not open, or no client can be made.
    pub fn open(&self, addresses: &Addresses) -> Result<Till, AccountFault> {
        let Addresses { public_url, stripe_url, razorpay_url } = addresses.clone();
        match self.vendor {
            Vendor::Stripe => {
                let settings = stripe::Settings {
                    secret_key: self.one("secretKey")?,
                    webhook_secrets: self.several("webhookSecrets")?,
                    checkout: self.checkout,
                    public_url,
                    base_url: stripe_url,
                };
                Ok(Till { provider: Arc::new(Stripe::open(settings)?), razorpay: None })
            }
            Vendor::Razorpay => {
                let settings = razorpay::Settings {
                    key_id: self.one("keyId")?.text().to_owned(),
                    key_secret: self.one("keySecret")?,
                    webhook_secrets: self.several("webhookSecrets")?,
                    public_url,
                    base_url: razorpay_url,
                };
                let opened = Arc::new(Razorpay::open(settings)?);
                Ok(Till { provider: Arc::clone(&opened) as Arc<_>, razorpay: Some(opened) })
            }
        }
    }

    fn one(&self, credential: &'static str) -> Result<Secret, AccountFault> {
        let (sealed, place) = (self.find)(credential).ok_or(AccountFault::Missing(credential))?;
        let opened = self.seals.open(&place, sealed);
        opened.map_err(|fault| AccountFault::Sealed { credential, fault })
    }

    fn several(&self, credential: &'static str) -> Result<Vec<Secret>, AccountFault> {
        let joined = self.one(credential)?;
        let each = joined.text().split(BETWEEN).map(Secret::new);
        each.collect::<Result<_, _>>().map_err(|_| AccountFault::Missing(credential))
    }
}

/// Shows whose account it is at, and no credential.
impl fmt::Debug for Till {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Till({})", self.provider.abilities().name)
    }
}

#[cfg(test)]
mod tests {
    //! Goal: an account opens from what was sealed for it, and from nothing else.

    use super::*;

    const NONCE: [u8; crate::seal::NONCE_BYTES] = [1; crate::seal::NONCE_BYTES];

    fn seals() -> Seals {
        Seals::new(&[1; crate::seal::KEY_BYTES], None)
    }

    fn addresses() -> Addresses {
        let url = "http://127.0.0.1:1".to_owned();
        Addresses { public_url: url.clone(), stripe_url: url.clone(), razorpay_url: url }
    }

    /// Opens what was sealed for account 1 as if it stood in the row of `account`.
    fn opened(vendor: Vendor, given: &[(&str, &str)], account: u8) -> Result<Till, AccountFault> {
        let seals = seals();
        let sealed: Vec<(String, String)> = given
            .iter()
            .map(|(name, text)| {
                let secret = Secret::new(text).expect("a secret");
                ((*name).to_owned(), seals.seal(&format!("1 {name}"), &secret, NONCE))
            })
            .collect();
        let find = |name: &str| {
            let found = sealed.iter().find(|(known, _)| known == name);
            found.map(|(_, text)| (text.as_str(), format!("{account} {name}")))
        };
        let checkout = Checkout::HostedPage;
        Sealed { vendor, checkout, seals: &seals, find: &find }.open(&addresses())
    }

    const STRIPES: [(&str, &str); 2] =
        [("secretKey", "sk_test_hunter2"), ("webhookSecrets", "whsec_hunter2,whsec_b")];

    #[test]
    fn an_account_opens_from_its_own_row_only() {
        let till = opened(Vendor::Stripe, &STRIPES, 1).expect("an account");
        assert_eq!(till.provider.abilities().name, "stripe");
        assert!(!format!("{till:?}").contains("hunter"));
        let moved = opened(Vendor::Stripe, &STRIPES, 2).expect_err("another row");
        assert_eq!(moved.code(), "credentials_broken");
        assert!(!format!("{moved:?} {moved}").contains("hunter"));
    }

    #[test]
    fn a_page_of_ours_leads_to_razorpay() {
        let given = [("keyId", "rzp_test_1"), ("keySecret", "s"), ("webhookSecrets", "w")];
        assert!(opened(Vendor::Razorpay, &given, 1).expect("an account").razorpay.is_some());
        let short = opened(Vendor::Razorpay, &given[..2], 1).expect_err("no webhook secret");
        assert_eq!(short.code(), "credentials_broken");
    }

    #[test]
    fn what_is_plainly_no_credential_is_known_as_such() {
        for (vendor, name, value, may_be) in [
            (Vendor::Stripe, "secretKey", "sk_test_1", true),
            (Vendor::Stripe, "secretKey", "rk_live_1", true),
            (Vendor::Stripe, "secretKey", "pk_live_1", false),
            (Vendor::Stripe, "webhookSecrets", "whsec_1", true),
            (Vendor::Stripe, "webhookSecrets", "whsec_1,whsec_2", false),
            (Vendor::Razorpay, "keyId", "rzp_live_1", true),
            (Vendor::Razorpay, "keyId", "1", false),
            (Vendor::Razorpay, "keySecret", "", false),
            (Vendor::Razorpay, "keySecret", "two words", false),
            (Vendor::Razorpay, "keySecret", "é", false),
        ] {
            let credential = vendor.credentials().iter().find(|known| known.name == name);
            assert_eq!(credential.expect("known").may_be(value), may_be, "{name} {value}");
        }
        let long = "s".repeat(CREDENTIAL_BYTES_MAX + 1);
        assert!(!RAZORPAY[1].may_be(&long) && RAZORPAY[1].may_be(&long[1..]));
    }

    #[test]
    fn a_vendor_is_found_in_any_case() {
        assert_eq!(Vendor::from_name("STRIPE"), Some(Vendor::Stripe));
        assert_eq!(Vendor::from_name("razorpay"), Some(Vendor::Razorpay));
        assert_eq!(Vendor::from_name("sandbox"), None);
    }
}
