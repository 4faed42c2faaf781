//! Goal: credentials of a business open with the key that sealed them, in their own row, and on
//! every instance as they are now.
//! Method: accounts on both engines, seen by instances with one key, another, both, or none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;

use vacancy_app::access::Actor;
use vacancy_app::businesses;
use vacancy_app::errors::Error;
use vacancy_app::ids::Ids;
use vacancy_app::payments::accounts::Accounts;
use vacancy_app::payments::accounts::admin::{Change, Given, NewAccount};
use vacancy_connect::payments::accounts::Addresses;
use vacancy_connect::payments::circuit::Guards;
use vacancy_connect::seal::Seals;
use vacancy_domain::access::Role;
use vacancy_domain::ids::BusinessId;
use vacancy_store::payment_accounts::{self as stored, PaymentAccount};
use vacancy_store::sql::Db;
use vacancy_store::testing::on_both_engines;

const KEY: [u8; 32] = [1; 32];
const NEXT_KEY: [u8; 32] = [2; 32];

fn instance(db: &Db, seals: Option<Seals>) -> Accounts {
    let url = "http://127.0.0.1:1".to_owned();
    let (stripe_url, razorpay_url) = (url.clone(), url.clone());
    let addresses = Addresses { public_url: url, stripe_url, razorpay_url };
    Accounts::new(db, seals.map(Arc::new), addresses, Guards::default())
}

fn given(secret_key: &str) -> Given {
    let all = [("secretKey", secret_key), ("webhookSecrets", "whsec_hunter2hunter2")];
    all.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).into()
}

fn ids() -> Ids {
    Ids::seeded(1, Arc::new(|| 0))
}

async fn business(db: &Db) -> BusinessId {
    businesses::create(db, &ids(), &Actor::Admin, "Ours").await.unwrap().id
}

async fn make(accounts: &Accounts, ids: &Ids, business: BusinessId) -> PaymentAccount {
    let label = Some("Ours".to_owned());
    let change = Change { label, credentials: given("sk_live_hunter2"), ..Change::default() };
    let new = NewAccount { provider: "STRIPE".to_owned(), change };
    let owner = Actor::Staff { business, role: Role::Owner };
    accounts.create(ids, &owner, business, new).await.unwrap()
}

async fn change(accounts: &Accounts, account: &PaymentAccount, change: Change) -> PaymentAccount {
    accounts.change(&Actor::Admin, account.id, account.version, change).await.unwrap()
}

fn fault(accounts: &Accounts, account: &PaymentAccount) -> Option<&'static str> {
    accounts.open(account).err().map(|fault| fault.code())
}

#[test]
fn a_key_is_changed_while_accounts_are_used() {
    on_both_engines(|db| {
        Box::pin(async move {
            let business = business(&db).await;
            let before = instance(&db, Some(Seals::new(&KEY, None)));
            let account = make(&before, &ids(), business).await;
            let after = instance(&db, Some(Seals::new(&NEXT_KEY, None)));
            assert_eq!(fault(&after, &account), Some("key_unknown"));
            assert_eq!(fault(&instance(&db, None), &account), Some("key_missing"));
            assert_eq!(after.check_all().await.unwrap().1.len(), 1);

            let between = instance(&db, Some(Seals::new(&NEXT_KEY, Some(&KEY))));
            assert_eq!(fault(&between, &account), None);
            let label = Some("Ours, sealed anew".to_owned());
            let account = change(&between, &account, Change { label, ..Change::default() }).await;
            assert_eq!(fault(&after, &account), None);
            assert_eq!(after.check_all().await.unwrap().0, 1);
            assert_eq!(
                fault(&instance(&db, Some(Seals::new(&KEY, None))), &account),
                Some("key_unknown")
            );
        })
    });
}

#[test]
fn without_a_key_an_account_is_switched_off_and_nothing_is_kept() {
    on_both_engines(|db| {
        Box::pin(async move {
            let business = business(&db).await;
            let account =
                make(&instance(&db, Some(Seals::new(&KEY, None))), &ids(), business).await;
            let keyless = instance(&db, None);
            let credentials = given("sk_live_other");
            let refused = keyless
                .change(&Actor::Admin, account.id, 1, Change { credentials, ..Change::default() })
                .await;
            assert_eq!(refused.unwrap_err().code(), "payment_accounts_off");
            let off = Change { is_enabled: Some(false), ..Change::default() };
            let account = change(&keyless, &account, off).await;
            assert!(!account.is_enabled && account.version == 2);
        })
    });
}

#[test]
fn a_row_that_was_moved_opens_nothing() {
    on_both_engines(|db| {
        Box::pin(async move {
            let (business, ids) = (business(&db).await, ids());
            let accounts = instance(&db, Some(Seals::new(&KEY, None)));
            let ours = make(&accounts, &ids, business).await;
            let theirs = make(&accounts, &ids, business).await;
            let moved = PaymentAccount { credentials: theirs.credentials.clone(), ..ours.clone() };
            let fresh = instance(&db, Some(Seals::new(&KEY, None)));
            assert_eq!(fault(&fresh, &moved), Some("credentials_broken"));
            let [secret, webhook] = ["secretKey", "webhookSecrets"];
            let swapped: BTreeMap<_, _> = [(secret, webhook), (webhook, secret)]
                .map(|(to, from)| (to.to_owned(), ours.credentials[from].clone()))
                .into();
            let moved = PaymentAccount { credentials: swapped, ..ours.clone() };
            assert_eq!(fault(&fresh, &moved), Some("credentials_broken"));
            assert_eq!(fault(&fresh, &ours), None);
        })
    });
}

#[test]
fn a_change_on_one_instance_is_noticed_by_the_others() {
    on_both_engines(|db| {
        Box::pin(async move {
            let business = business(&db).await;
            let [one, other] = [(); 2].map(|()| instance(&db, Some(Seals::new(&KEY, None))));
            let account = make(&one, &ids(), business).await;
            let first = other.till(account.id).await.unwrap().provider;
            assert!(Arc::ptr_eq(&first, &other.till(account.id).await.unwrap().provider));
            let credentials = given("sk_live_another");
            change(&one, &account, Change { credentials, ..Change::default() }).await;
            assert!(!Arc::ptr_eq(&first, &other.till(account.id).await.unwrap().provider));
        })
    });
}

#[test]
fn one_account_is_the_default_and_a_stale_change_is_refused() {
    on_both_engines(|db| {
        Box::pin(async move {
            let (business, ids) = (business(&db).await, ids());
            let accounts = instance(&db, Some(Seals::new(&KEY, None)));
            let first = make(&accounts, &ids, business).await;
            let second = make(&accounts, &ids, business).await;
            assert!(first.is_default && !second.is_default);
            let wanted = Change { is_default: Some(true), ..Change::default() };
            assert!(change(&accounts, &second, wanted).await.is_default);
            let defaults: Vec<bool> = accounts
                .list(&Actor::Admin, business)
                .await
                .unwrap()
                .iter()
                .map(|account| account.is_default)
                .collect();
            assert_eq!(defaults, [false, true]);
            let stale = accounts.change(&Actor::Admin, first.id, 1, Change::default()).await;
            assert!(matches!(stale, Err(Error::Stale { version: 2 })), "{stale:?}");
            let gone = accounts.remove(&Actor::Admin, first.id, 2).await;
            assert!(gone.is_ok() && accounts.find(first.id).await.is_err());
        })
    });
}

#[test]
fn no_credential_is_stored_or_shown_in_full() {
    on_both_engines(|db| {
        Box::pin(async move {
            let business = business(&db).await;
            let accounts = instance(&db, Some(Seals::new(&KEY, None)));
            let account = make(&accounts, &ids(), business).await;
            let id = account.id;
            let row = db.read(move |tx| Box::pin(async move { stored::by_id(tx, id).await }));
            let row = row.await.unwrap().unwrap();
            let till = accounts.open(&row).unwrap();
            let told = format!("{account:?} {row:?} {till:?}");
            assert!(!told.contains("hunter") && told.contains("\"ter2\""), "{told}");
        })
    });
}
