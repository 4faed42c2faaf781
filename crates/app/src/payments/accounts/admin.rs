//! What the owner of a business does with its accounts. Credentials come in, are sealed and are
//! never told again: only how each value ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vacancy_connect::payments::accounts::{Credential, SECRETS_MAX, Vendor};
use vacancy_connect::seal::{NONCE_BYTES, Seals};
use vacancy_connect::secret::Secret;
use vacancy_domain::access::Action;
use vacancy_domain::hotels::{Checks, NAME_CHARS_MAX};
use vacancy_domain::ids::{BusinessId, PaymentAccountId};
use vacancy_domain::refusals::Refusal;
use vacancy_store::payment_accounts::{self as stored, PaymentAccount, SealedCredential};

use super::{ACCOUNTS_MAX, Accounts, EMBEDDED, HOSTED, place};
use crate::access::keys::no_randomness;
use crate::access::{Actor, On};
use crate::businesses;
use crate::errors::{Error, FieldError};
use crate::fields::invalid_unless_clean;
use crate::ids::{Ids, secret_bytes};

/// Letters at the end of a credential that are shown.
const ENDING_LETTERS: usize = 4;
/// A shorter credential shows none: too little of it would stay secret.
const SHOWN_LETTERS_MIN: usize = 12;

/// Values by the name of the credential. They stand here only until they are sealed.
pub type Given = BTreeMap<String, Vec<String>>;

/// An account to make. Its `Debug` would tell credentials, so it has none.
pub struct NewAccount {
    pub provider: String,
    pub change: Change,
}

/// What is to be different; what is none stays.
#[derive(Default)]
pub struct Change {
    pub label: Option<String>,
    pub is_enabled: Option<bool>,
    pub is_default: Option<bool>,
    pub checkout: Option<String>,
    pub credentials: Given,
}

impl Accounts {
    /// Makes an account. The first one at a provider is the default there.
    pub async fn create(
        &self,
        ids: &Ids,
        actor: &Actor,
        business: BusinessId,
        new: NewAccount,
    ) -> Result<PaymentAccount, Error> {
        actor.may(Action::ManageAccess, On::Business(business))?;
        let NewAccount { provider, change } = new;
        let vendor = vendor(&provider)?;
        check(vendor, &change, true)?;
        if businesses::is_test(&self.0.db, business).await? {
            return Err(Error::Refused(Refusal::TestMode));
        }
        let known = self.of_business(business).await?;
        if usize::try_from(ACCOUNTS_MAX).is_ok_and(|max| max <= known.len()) {
            let detail = format!("a business has at most {ACCOUNTS_MAX} accounts");
            return Err(Error::invalid("/provider", "too_many", detail));
        }
        let is_first = known.iter().all(|account| account.provider != vendor.name());
        let id = PaymentAccountId(ids.next_id());
        let account = PaymentAccount {
            id,
            business,
            provider: vendor.name().to_owned(),
            label: change.label.unwrap_or_default().trim().to_owned(),
            is_enabled: change.is_enabled.unwrap_or(true),
            is_default: change.is_default.unwrap_or(is_first),
            checkout: change.checkout.unwrap_or_else(|| HOSTED.to_owned()),
            credentials: seal_all(self.seals()?, (business, id), change.credentials)?,
            created_at_ms: 0,
            version: 1,
        };
        let account = Arc::new(account);
        let made = self.0.db.write(move |tx| {
            let mut account = PaymentAccount::clone(&account);
            Box::pin(async move {
                account.created_at_ms = tx.now_ms().await?;
                stored::insert(tx, &account).await?;
                if account.is_default {
                    stored::unset_other_defaults(tx, &account).await?;
                }
                Ok(account)
            })
        });
        Ok(made.await?)
    }

    /// Changes the version that was read. Credentials that stay are sealed anew with the key that
    /// holds now.
    pub async fn change(
        &self,
        actor: &Actor,
        id: PaymentAccountId,
        version: i64,
        change: Change,
    ) -> Result<PaymentAccount, Error> {
        let mut account = self.get(actor, id).await?;
        if account.version != version {
            return Err(Error::Stale { version: account.version });
        }
        check(vendor(&account.provider)?, &change, false)?;
        let is_new_default = change.is_default == Some(true);
        account.label = change.label.map_or(account.label, |label| label.trim().to_owned());
        account.is_enabled = change.is_enabled.unwrap_or(account.is_enabled);
        account.is_default = change.is_default.unwrap_or(account.is_default);
        account.checkout = change.checkout.unwrap_or(account.checkout);
        if !change.credentials.is_empty() {
            let of = (account.business, id);
            account.credentials.extend(seal_all(self.seals()?, of, change.credentials)?);
        }
        if let Ok(seals) = self.seals() {
            seal_anew(seals, &mut account)?;
        }
        let account = Arc::new(account);
        let changed = self.0.db.write(move |tx| {
            let account = Arc::clone(&account);
            Box::pin(async move {
                if stored::update(tx, &account).await? && is_new_default {
                    stored::unset_other_defaults(tx, &account).await?;
                }
                stored::by_id(tx, id).await
            })
        });
        let changed = changed.await?.ok_or(Error::NotFound)?;
        if changed.version == version + 1 {
            return Ok(changed);
        }
        Err(Error::Stale { version: changed.version })
    }

    /// Takes an account away that no payment was ever begun at: whoever paid through it may have to
    /// get money back through it. One that is used is disabled instead.
    pub async fn remove(
        &self,
        actor: &Actor,
        id: PaymentAccountId,
        version: i64,
    ) -> Result<(), Error> {
        let account = self.get(actor, id).await?;
        if account.version != version {
            return Err(Error::Stale { version: account.version });
        }
        let removed = self.0.db.write(move |tx| {
            Box::pin(async move {
                if stored::has_payments(tx, id).await? {
                    return Ok(None);
                }
                stored::remove(tx, id, version).await.map(Some)
            })
        });
        match removed.await? {
            None => {
                let (from, action) = ("in_use", "delete");
                Err(Error::Refused(Refusal::InvalidTransition { from, action }))
            }
            Some(true) => Ok(()),
            Some(false) => Err(Error::Stale { version: version + 1 }),
        }
    }

    /// An account, for the owner of its business.
    pub async fn get(&self, actor: &Actor, id: PaymentAccountId) -> Result<PaymentAccount, Error> {
        if *actor == Actor::Anonymous {
            return Err(Error::Unauthorized);
        }
        let account = self.find(id).await?;
        actor.may(Action::ManageAccess, On::Business(account.business))?;
        Ok(account)
    }

    /// A business's accounts, for its owner.
    pub async fn list(
        &self,
        actor: &Actor,
        business: BusinessId,
    ) -> Result<Vec<PaymentAccount>, Error> {
        actor.may(Action::ManageAccess, On::Business(business))?;
        self.of_business(business).await
    }

    fn seals(&self) -> Result<&Seals, Error> {
        self.0.seals.as_deref().ok_or(Error::Refused(Refusal::PaymentAccountsOff))
    }
}

fn vendor(provider: &str) -> Result<Vendor, Error> {
    Vendor::from_name(provider).ok_or_else(|| {
        let known: Vec<String> =
            Vendor::ALL.iter().map(|vendor| vendor.name().to_ascii_uppercase()).collect();
        let detail = format!("must be one of {}", known.join(", "));
        Error::invalid("/provider", "unknown_provider", detail)
    })
}

/// What is wrong with what was given. A new account needs all credentials.
fn check(vendor: Vendor, change: &Change, is_new: bool) -> Result<(), Error> {
    if let Some(label) = &change.label {
        let mut checks = Checks::default();
        checks.name("label", label, NAME_CHARS_MAX);
        invalid_unless_clean(checks.defects)?;
    }
    let mut wrong = Vec::new();
    let mut refuse = |pointer: String, code, detail: String| {
        wrong.push(FieldError::new(pointer, code, detail));
    };
    if change.checkout.as_ref().is_some_and(|word| word != HOSTED && word != EMBEDDED) {
        refuse("/checkout".to_owned(), "invalid_value", "must be hosted or embedded".to_owned());
    } else if vendor == Vendor::Razorpay && change.checkout.as_deref() == Some(EMBEDDED) {
        refuse("/checkout".to_owned(), "invalid_value", "Razorpay has its page".to_owned());
    }
    let known: BTreeSet<&str> = vendor.credentials().iter().map(|known| known.name).collect();
    for name in change.credentials.keys().filter(|name| !known.contains(name.as_str())) {
        let detail = format!("{} gives out no such thing", vendor.name());
        refuse(format!("/credentials/{name}"), "unknown_field", detail);
    }
    for credential in vendor.credentials() {
        let pointer = format!("/credentials/{}", credential.name);
        let expected = format!("must be {}", credential.expected);
        match change.credentials.get(credential.name) {
            None if is_new => refuse(pointer, "missing_field", expected),
            None => {}
            Some(values) if values.is_empty() || SECRETS_MAX < values.len() => {
                refuse(pointer, "invalid_value", format!("must be 1 to {SECRETS_MAX} of them"));
            }
            Some(values) => {
                let is_list = credential.is_list;
                for (at, _) in values.iter().enumerate().filter(|(_, one)| !credential.may_be(one))
                {
                    let place = if is_list { format!("{pointer}/{at}") } else { pointer.clone() };
                    refuse(place, "invalid_value", expected.clone());
                }
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

fn seal_all(
    seals: &Seals,
    (business, account): (BusinessId, PaymentAccountId),
    given: Given,
) -> Result<BTreeMap<String, SealedCredential>, Error> {
    let mut sealed = BTreeMap::new();
    for (name, values) in given {
        let endings = values.iter().map(|value| ending(value)).collect();
        if let Some(secret) = Credential::join(&values) {
            let sealed_text = seal(seals, &place(business, account, &name), &secret)?;
            sealed.insert(name, SealedCredential { sealed: sealed_text, endings });
        }
    }
    Ok(sealed)
}

/// What does not open stays as it is: another key may open it one day.
fn seal_anew(seals: &Seals, account: &mut PaymentAccount) -> Result<(), Error> {
    let (business, id) = (account.business, account.id);
    for (name, credential) in &mut account.credentials {
        let place = place(business, id, name);
        if seals.is_current(&credential.sealed) {
            continue;
        }
        if let Ok(secret) = seals.open(&place, &credential.sealed) {
            credential.sealed = seal(seals, &place, &secret)?;
        }
    }
    Ok(())
}

fn seal(seals: &Seals, place: &str, secret: &Secret) -> Result<String, Error> {
    let nonce: [u8; NONCE_BYTES] = secret_bytes().map_err(no_randomness)?;
    Ok(seals.seal(place, secret, nonce))
}

/// The last letters, when enough others stay unknown. Credentials are ASCII.
fn ending(value: &str) -> String {
    if value.len() < SHOWN_LETTERS_MIN {
        return String::new();
    }
    value.get(value.len() - ENDING_LETTERS..).unwrap_or_default().to_owned()
}
