//! Real payment providers, as they are set. One that is set wrongly is off and said to be so; the
//! others go on. A secret is read from the setting itself, or from a file that it names.

use std::fs;
use std::sync::Arc;

use vacancy_connect::payments::Checkout;
use vacancy_connect::payments::accounts::RAZORPAY_WEBHOOK_SECRET_BYTES_MIN;
use vacancy_connect::seal::Seals;
use vacancy_connect::secret::Secret;

use super::ConfigFault;
use super::sources::{Origin, Said, Sources};

/// Begins the value of a secret that stands in a file of its own.
const FILE: &str = "file:";
/// Most secrets of one webhook: the one that holds, and the next.
const SECRETS_MAX: usize = 4;
/// Longest secret or key of a provider.
const SECRET_BYTES_MAX: usize = 500;

/// What is set about taking money.
#[derive(Debug, Clone)]
pub struct ProvidersConfig {
    /// Whether the sandbox takes new orders: never by itself beside a provider of real money, or
    /// guests would book for nothing.
    pub sandbox_is_open: bool,
    pub stripe: Option<StripeConfig>,
    pub razorpay: Option<RazorpayConfig>,
    /// Where they are for accounts of businesses, too.
    pub stripe_url: String,
    pub razorpay_url: String,
    /// Opens and seals those accounts; none: they are off.
    pub seals: Option<Arc<Seals>>,
    /// Why a provider that somebody has set is off.
    pub faults: Vec<ConfigFault>,
}

#[derive(Debug, Clone)]
pub struct StripeConfig {
    pub secret_key: Secret,
    pub webhook_secrets: Vec<Secret>,
    pub checkout: Checkout,
    pub url: String,
}

#[derive(Debug, Clone)]
pub struct RazorpayConfig {
    pub key_id: String,
    pub key_secret: Secret,
    pub webhook_secrets: Vec<Secret>,
    pub url: String,
}

/// `faults` are those that stop the start; a provider's own do not.
pub(super) fn read(sources: &Sources, faults: &mut Vec<ConfigFault>) -> ProvidersConfig {
    let mut reader = Reader { sources, faults: vec![] };
    let has = |keys: &[&str]| keys.iter().any(|key| !sources.get(key).text.trim().is_empty());
    let has_stripe = has(&["stripe.secret_key", "stripe.webhook_secrets"]);
    let has_razorpay = has(&["razorpay.key_id", "razorpay.key_secret", "razorpay.webhook_secrets"]);
    let sandbox = sources.get("payments.sandbox");
    let sandbox_is_open = match sandbox.text.trim() {
        "auto" => !has_stripe && !has_razorpay,
        "on" => true,
        "off" => false,
        _ => {
            faults.push(wrong("payments.sandbox", sandbox, "must be auto, on or off"));
            false
        }
    };
    let stripe_url = reader.url("stripe.url");
    let stripe = if has_stripe { reader.stripe(stripe_url.clone()) } else { None };
    let razorpay_url = reader.url("razorpay.url");
    let razorpay = if has_razorpay { reader.razorpay(razorpay_url.clone()) } else { None };
    let seals = if has(&["secrets.key", "secrets.older_key"]) { reader.seals() } else { None };
    ProvidersConfig {
        sandbox_is_open,
        stripe,
        razorpay,
        stripe_url: stripe_url.unwrap_or_default(),
        razorpay_url: razorpay_url.unwrap_or_default(),
        seals: seals.map(Arc::new),
        faults: reader.faults,
    }
}

struct Reader<'s> {
    sources: &'s Sources,
    faults: Vec<ConfigFault>,
}

impl Reader<'_> {
    fn stripe(&mut self, url: Option<String>) -> Option<StripeConfig> {
        let key = self.text("stripe.secret_key", "Stripe's key, sk_… or rk_…", |text| {
            text.starts_with("sk_") || text.starts_with("rk_")
        });
        let secrets =
            self.secrets("stripe.webhook_secrets", "of Stripe's webhook, whsec_…", |text| {
                text.starts_with("whsec_")
            });
        let checkout = match self.sources.get("stripe.checkout").text.trim() {
            "hosted" => Some(Checkout::HostedPage),
            "embedded" => Some(Checkout::Embedded),
            _ => self.refuse("stripe.checkout", "must be hosted or embedded"),
        };
        Some(StripeConfig {
            secret_key: secret(&key?)?,
            webhook_secrets: secrets?,
            checkout: checkout?,
            url: url?,
        })
    }

    fn razorpay(&mut self, url: Option<String>) -> Option<RazorpayConfig> {
        let id = self
            .text("razorpay.key_id", "Razorpay's key id, rzp_…", |text| text.starts_with("rzp_"));
        let key = self.text("razorpay.key_secret", "the secret of razorpay.key_id", |text| {
            !text.starts_with("rzp_")
        });
        let expected = "of Razorpay's webhook, of 8 characters or more";
        let secrets = self.secrets("razorpay.webhook_secrets", expected, |text| {
            RAZORPAY_WEBHOOK_SECRET_BYTES_MIN <= text.len()
        });
        Some(RazorpayConfig {
            key_id: id?,
            key_secret: secret(&key?)?,
            webhook_secrets: secrets?,
            url: url?,
        })
    }

    /// An older key that is wrong leaves the accounts that need it off, and no other.
    fn seals(&mut self) -> Option<Seals> {
        let expected = "64 hexadecimal digits, as `openssl rand -hex 32` prints them";
        let is_key = |text: &str| Seals::from_hex(text, None).is_some();
        let key = self.text("secrets.key", expected, is_key);
        let has_older = !self.sources.get("secrets.older_key").text.trim().is_empty();
        let older = has_older.then(|| self.text("secrets.older_key", expected, is_key)).flatten();
        Seals::from_hex(&key?, older.as_deref())
    }

    /// A text that must be there, from the setting or from the file that it names.
    fn text(
        &mut self,
        key: &'static str,
        expected: &str,
        is_right: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let said = self.sources.get(key).text.trim();
        let text = match said.strip_prefix(FILE) {
            Some(path) => match fs::read_to_string(path) {
                Ok(text) => text.trim().to_owned(),
                Err(error) => {
                    return self.refuse(key, &format!("cannot be read from {path}: {error}"));
                }
            },
            None => said.to_owned(),
        };
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() {
            return self.refuse(key, &format!("is missing: must be {expected}"));
        }
        if !is_plain || SECRET_BYTES_MAX < text.len() || !is_right(&text) {
            return self.refuse(key, &format!("must be {expected}"));
        }
        Some(text)
    }

    fn secrets(
        &mut self,
        key: &'static str,
        expected: &str,
        is_right: impl Fn(&str) -> bool,
    ) -> Option<Vec<Secret>> {
        let all_are_right = |text: &str| {
            let secrets = text.split(',').count();
            secrets <= SECRETS_MAX && text.split(',').all(|one| !one.is_empty() && is_right(one))
        };
        let expected = format!("one to {SECRETS_MAX} secrets {expected}, with a comma between");
        let text = self.text(key, &expected, all_are_right)?;
        text.split(',').map(secret).collect()
    }

    /// A secret goes over TLS, or to this machine.
    fn url(&mut self, key: &'static str) -> Option<String> {
        let text = self.sources.get(key).text.trim().trim_end_matches('/').to_owned();
        let here = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
        let is_fine = text.starts_with("https://") || here.iter().any(|it| text.starts_with(it));
        if is_fine {
            return Some(text);
        }
        self.refuse(key, "must begin with https://")
    }

    fn refuse<T>(&mut self, key: &'static str, problem: &str) -> Option<T> {
        self.faults.push(wrong(key, self.sources.get(key), problem));
        None
    }
}

/// Never shows what was set.
fn wrong(key: &str, said: &Said, problem: &str) -> ConfigFault {
    let origin: Origin = said.origin.clone();
    ConfigFault { key: key.to_owned(), problem: problem.to_owned(), origin }
}

fn secret(text: &str) -> Option<Secret> {
    Secret::new(text).ok()
}

#[cfg(test)]
mod tests {
    //! Goal: a provider is on when all of it is right, and otherwise said to be off.

    use std::io::Write;

    use super::super::load;
    use super::*;

    const STRIPE: [(&str, &str); 2] =
        [("stripe.secret_key", "sk_test_hunter2"), ("stripe.webhook_secrets", "whsec_a,whsec_b")];
    const RAZORPAY: [(&str, &str); 3] = [
        ("razorpay.key_id", "rzp_test_1"),
        ("razorpay.key_secret", "hunter2"),
        ("razorpay.webhook_secrets", "hunter3-"),
    ];

    fn config(settings: &[(&str, &str)]) -> ProvidersConfig {
        let flags: Vec<(String, String)> =
            settings.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        load(&flags, &[], None).expect("the rest is fine").providers
    }

    #[track_caller]
    fn check_fault(settings: &[(&str, &str)], expected: &str) {
        let config = config(settings);
        let told: Vec<String> = config.faults.iter().map(ToString::to_string).collect();
        assert_eq!(told.join("\n"), expected);
        assert!(!format!("{config:?}").contains("hunter"), "{config:?}");
    }

    #[test]
    fn a_provider_is_on_when_all_of_it_is_right() {
        let both = config(&[&STRIPE[..], &RAZORPAY[..]].concat());
        assert!(both.faults.is_empty(), "{:?}", both.faults);
        let stripe = both.stripe.expect("Stripe is on");
        assert_eq!(stripe.webhook_secrets.len(), 2);
        assert_eq!(
            (stripe.checkout, stripe.url.as_str()),
            (Checkout::HostedPage, "https://api.stripe.com")
        );
        assert_eq!(both.razorpay.expect("Razorpay is on").url, "https://api.razorpay.com");
        assert!(!both.sandbox_is_open);
    }

    #[test]
    fn with_nothing_set_there_is_the_sandbox() {
        let none = config(&[]);
        assert!(none.stripe.is_none() && none.razorpay.is_none() && none.faults.is_empty());
        assert!(none.sandbox_is_open);
        assert!(!config(&[("payments.sandbox", "off")]).sandbox_is_open);
        let forced = config(&[&STRIPE[..], &[("payments.sandbox", "on")]].concat());
        assert!(forced.sandbox_is_open && forced.stripe.is_some());
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_and_the_other_goes_on() {
        let half = [&STRIPE[..1], &RAZORPAY[..]].concat();
        check_fault(
            &half,
            "stripe.webhook_secrets: is missing: must be one to 4 secrets of Stripe's webhook, \
             whsec_…, with a comma between (from the default)",
        );
        let config = config(&half);
        assert!(config.stripe.is_none() && config.razorpay.is_some());
        // Guests must not book for nothing because a key is wrong.
        assert!(!config.sandbox_is_open);
    }

    #[test]
    fn a_secret_is_never_shown() {
        check_fault(
            &[("stripe.secret_key", "hunter2"), STRIPE[1]],
            "stripe.secret_key: must be Stripe's key, sk_… or rk_… (from the command line)",
        );
        check_fault(
            &[RAZORPAY[0], RAZORPAY[1], ("razorpay.webhook_secrets", "hunter3")],
            "razorpay.webhook_secrets: must be one to 4 secrets of Razorpay's webhook, of 8 characters \
             or more, with a comma between (from the command line)",
        );
        check_fault(
            &[STRIPE[0], ("stripe.webhook_secrets", "whsec_hunter2,hunter3")],
            "stripe.webhook_secrets: must be one to 4 secrets of Stripe's webhook, whsec_…, with a \
             comma between (from the command line)",
        );
        check_fault(
            &[&STRIPE[..], &[("stripe.url", "http://elsewhere.example")]].concat(),
            "stripe.url: must begin with https:// (from the command line)",
        );
        check_fault(
            &[("razorpay.key_id", "hunter2"), ("razorpay.key_secret", "rzp_test_1"), RAZORPAY[2]],
            "razorpay.key_id: must be Razorpay's key id, rzp_… (from the command line)\n\
             razorpay.key_secret: must be the secret of razorpay.key_id (from the command line)",
        );
    }

    #[test]
    fn a_secret_may_stand_in_a_file_of_its_own() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(b"sk_test_hunter2\n").expect("write the file");
        let path = format!("file:{}", file.path().display());
        assert!(config(&[("stripe.secret_key", &path), STRIPE[1]]).stripe.is_some());
        check_fault(
            &[("stripe.secret_key", "file:/nowhere/key"), STRIPE[1]],
            "stripe.secret_key: cannot be read from /nowhere/key: No such file or directory \
             (os error 2) (from the command line)",
        );
    }

    #[test]
    fn the_key_of_credentials_is_on_when_it_is_right_and_never_shown() {
        let [key, older] = ["1f".repeat(32), "2e".repeat(32)];
        let both = config(&[("secrets.key", &key), ("secrets.older_key", &older)]);
        assert!(both.faults.is_empty() && both.seals.is_some());
        let told = format!("{both:?}");
        assert!(!told.contains("1f1f") && !told.contains("31, 31"), "{told}");
        assert!(config(&[]).seals.is_none() && config(&[]).faults.is_empty());

        let form = "must be 64 hexadecimal digits, as `openssl rand -hex 32` prints them";
        for wrong in ["hunter2", &key[1..], &format!("{key}0"), &"é".repeat(32)] {
            let expected = format!("secrets.key: {form} (from the command line)");
            check_fault(&[("secrets.key", wrong)], &expected);
        }
        check_fault(
            &[("secrets.older_key", &older)],
            &format!("secrets.key: is missing: {form} (from the default)"),
        );
        let half = config(&[("secrets.key", &key), ("secrets.older_key", "hunter2")]);
        assert!(half.seals.is_some() && half.faults.len() == 1 && half.sandbox_is_open);
    }
}
