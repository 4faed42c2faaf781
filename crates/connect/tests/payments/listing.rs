//! Goal: a provider's list has every order of ours and nothing else, each as a look-up shows it.
//! Method: more orders than a page holds, with each provider that has books.

use std::collections::BTreeMap;

use vacancy_connect::payments::listing::{ListRequest, Listed, PAGE_ORDERS_MAX};
use vacancy_connect::payments::offline::Offline;
use vacancy_connect::payments::standing::Standing;
use vacancy_connect::payments::{Checkout, Provider};
use vacancy_domain::ids::PaymentId;
use vacancy_domain::payments::{Payment, PaymentState};

use crate::support::{
    NOW_MS, good_card, look_up, order, razorpay, row, row_after, sandbox, stripe_in,
};

type Found = BTreeMap<u128, (Standing, Option<String>)>;

async fn list(provider: &dyn Provider, from_ms: i64, until_ms: i64) -> Found {
    let (mut found, mut after) = (BTreeMap::new(), None);
    loop {
        let request = ListRequest { from_ms, until_ms, after, now_ms: NOW_MS };
        let page = provider.list(&request).await.unwrap();
        assert!(page.orders.len() <= PAGE_ORDERS_MAX);
        for Listed { payment_id: PaymentId(id), checkout_url, standing } in page.orders {
            found.insert(id, (standing, checkout_url));
        }
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

/// Orders one more than a page has, and gives those of three payments.
async fn ordered(provider: &dyn Provider) -> [Payment; 3] {
    let last = u128::try_from(PAGE_ORDERS_MAX + 1).unwrap();
    let mut rows = Vec::new();
    for payment in 1..=last {
        let made = provider.create(&order(payment)).await.unwrap();
        let (provider_order_id, page) = (made.provider_order_id, made.checkout_url);
        let checkout_url = page.unwrap_or_default();
        rows.push(Payment { provider_order_id, checkout_url, ..row(payment) });
    }
    [rows[1].clone(), rows[2].clone(), rows[4].clone()]
}

/// `open` is an order that nobody has paid.
async fn check(provider: &dyn Provider, paid: &Payment, open: &Payment, strange: Option<u128>) {
    let all = list(provider, NOW_MS - 1_000, NOW_MS + 1_000).await;
    let count = PAGE_ORDERS_MAX + 1 - usize::from(strange.is_some());
    assert_eq!(all.len(), count, "{}", provider.abilities().name);
    assert!(strange.is_none_or(|strange| !all.contains_key(&strange)));
    let standing = look_up(provider, paid, NOW_MS).await.unwrap();
    assert_eq!(standing.state, PaymentState::Succeeded);
    assert_eq!(all[&paid.id.0].0, standing);
    let (other, page) = &all[&open.id.0];
    assert_eq!(*other, look_up(provider, &row_after(open.id.0, other), NOW_MS).await.unwrap());
    let page = page.as_deref().unwrap_or_default();
    // Where the guest goes afterwards is not in the list.
    assert_eq!(page, open.checkout_url.split('?').next().unwrap());
    assert_eq!(page.is_empty(), provider.abilities().checkout == Checkout::Embedded);
    assert_eq!(list(provider, NOW_MS - 10_000, NOW_MS - 1_000).await, BTreeMap::new());
}

#[tokio::test]
async fn the_sandbox_lists_its_orders() {
    let sandbox = sandbox();
    let [paid, _, open] = ordered(&sandbox).await;
    sandbox.pay(&paid.provider_order_id, good_card(), NOW_MS).await.unwrap();
    check(&sandbox, &paid, &open, None).await;
}

#[tokio::test]
async fn stripe_lists_sessions_and_intents_and_leaves_out_what_is_not_ours() {
    for checkout in [Checkout::HostedPage, Checkout::Embedded] {
        let (stripe, at_stripe) = stripe_in(checkout).await;
        let [paid, strange, open] = ordered(&stripe).await;
        at_stripe.with(|account| {
            account.pay(&paid.provider_order_id);
            let id = &strange.provider_order_id;
            if let Some(session) = account.sessions.get_mut(id) {
                session["client_reference_id"] = "of a shop on the same account".into();
            }
            if let Some(intent) = account.intents.get_mut(id) {
                intent["metadata"] = serde_json::json!({});
            }
        });
        check(&stripe, &paid, &open, Some(strange.id.0)).await;
    }
}

#[tokio::test]
async fn razorpay_lists_orders_with_their_payments_and_leaves_out_what_is_not_ours() {
    let (razorpay, at_razorpay) = razorpay().await;
    let [paid, strange, open] = ordered(&razorpay).await;
    at_razorpay.with(|account| {
        account.pay(&paid.provider_order_id);
        let order = account.orders.get_mut(&strange.provider_order_id).unwrap();
        order["receipt"] = "of a shop on the same account".into();
    });
    check(&razorpay, &paid, &open, Some(strange.id.0)).await;
}

#[tokio::test]
async fn who_has_no_books_lists_nothing() {
    assert_eq!(list(&Offline, 0, i64::MAX).await, BTreeMap::new());
}
