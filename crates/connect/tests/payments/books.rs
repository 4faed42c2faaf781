//! Goal: the sandbox's file survives restarts, crashes and company.
//! Method: a folder of its own for each test; a crash is a file cut at some byte.

use std::fs;
use std::sync::Arc;

use tempfile::tempdir;
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::order::{Capture, OrderRequest};
use vacancy_connect::payments::sandbox::{BOOKS_FILE, Sandbox, Settings};
use vacancy_connect::secret::Secret;
use vacancy_domain::payments::PaymentState;

use crate::support::{
    AMOUNT_MINOR, NOW_MS, capture, code, eur, good_card, look_up, order, refund, row, sandbox_in,
    void,
};

#[tokio::test]
async fn everything_is_still_there_after_a_restart() {
    let folder = tempdir().unwrap();
    let sandbox = sandbox_in(folder.path());
    let manual = OrderRequest { capture: Capture::Manual, ..order(1) };
    let order_id = sandbox.create(&manual).await.unwrap().provider_order_id;
    sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    capture(&sandbox, &row(1), eur(40_000)).await.unwrap();
    let given = refund(&sandbox, &row(1), 7, eur(100)).await.unwrap();
    sandbox.create(&order(2)).await.unwrap();
    void(&sandbox, &row(2), NOW_MS).await.unwrap();
    let declined = sandbox.create(&order(3)).await.unwrap().provider_order_id;
    sandbox.decline(&declined, NOW_MS).await.unwrap();
    let mut before = Vec::new();
    for number in 1..=3 {
        before.push(look_up(&sandbox, &row(number), NOW_MS).await.unwrap());
    }
    drop(sandbox);

    let sandbox = sandbox_in(folder.path());
    for (number, standing) in (1..).zip(before) {
        assert_eq!(look_up(&sandbox, &row(number), NOW_MS).await.unwrap(), standing);
    }
    assert_eq!(sandbox.create(&manual).await.unwrap().provider_order_id, order_id);
    assert_eq!(refund(&sandbox, &row(1), 7, eur(100)).await.unwrap(), given);
    assert_eq!(code(refund(&sandbox, &row(1), 8, eur(39_901)).await), "amount_too_large");
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_wherever_it_tore() {
    let folder = tempdir().unwrap();
    let file = folder.path().join(BOOKS_FILE);
    let sandbox = sandbox_in(folder.path());
    let order_id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    let whole = fs::read(&file).unwrap();
    sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    let both = fs::read(&file).unwrap();
    drop(sandbox);
    for cut in whole.len()..both.len() {
        fs::write(&file, &both[..cut]).unwrap();
        let sandbox = sandbox_in(folder.path());
        assert_eq!(fs::read(&file).unwrap(), whole, "cut at {cut}");
        let standing = look_up(&sandbox, &row(1), NOW_MS).await.unwrap();
        assert_eq!(standing.state, PaymentState::Created, "cut at {cut}");
        sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
        assert_eq!(fs::read(&file).unwrap(), both, "cut at {cut}");
    }
}

#[tokio::test]
async fn a_line_torn_by_a_neighbour_is_cut_off_while_running() {
    let folder = tempdir().unwrap();
    let file = folder.path().join(BOOKS_FILE);
    let sandbox = sandbox_in(folder.path());
    sandbox.create(&order(1)).await.unwrap();
    let whole = fs::read(&file).unwrap();
    fs::write(&file, [whole.as_slice(), b"{\"order_id\":\"ord"].concat()).unwrap();
    assert!(look_up(&sandbox, &row(1), NOW_MS).await.is_ok());
    assert_eq!(fs::read(&file).unwrap(), whole);
}

#[tokio::test]
async fn two_processes_on_one_folder_see_each_other_at_once() {
    let folder = tempdir().unwrap();
    let (one, other) = (sandbox_in(folder.path()), sandbox_in(folder.path()));
    let order_id = one.create(&order(1)).await.unwrap().provider_order_id;
    assert_eq!(other.create(&order(1)).await.unwrap().provider_order_id, order_id);
    other.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    assert_eq!(look_up(&one, &row(1), NOW_MS).await.unwrap().captured_minor, AMOUNT_MINOR);
    assert_eq!(code(void(&one, &row(1), NOW_MS).await), "already_captured");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_never_refund_more_than_was_captured() {
    let folder = tempdir().unwrap();
    let houses = [Arc::new(sandbox_in(folder.path())), Arc::new(sandbox_in(folder.path()))];
    let order_id = houses[0].create(&order(1)).await.unwrap().provider_order_id;
    houses[1].pay(&order_id, good_card(), NOW_MS).await.unwrap();
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..20 {
        let house = Arc::clone(&houses[usize::from(number % 2 == 0)]);
        asked.spawn(async move {
            refund(house.as_ref(), &row(1), number, eur(AMOUNT_MINOR / 10)).await.is_ok()
        });
    }
    let given = asked.join_all().await.into_iter().filter(|given| *given).count();
    assert_eq!(given, 10);
    for house in &houses {
        let standing = look_up(house.as_ref(), &row(1), NOW_MS).await.unwrap();
        assert_eq!(standing.refunded_minor, AMOUNT_MINOR);
    }
}

#[test]
fn books_that_make_no_sense_are_not_opened() {
    for line in ["nonsense\n", "{}\n", "{\"order_id\":\"o\",\"at_ms\":1,\"entry\":\"voided\"}\n"] {
        let folder = tempdir().unwrap();
        let file = folder.path().join(BOOKS_FILE);
        fs::write(&file, line).unwrap();
        let settings = Settings {
            secret: Secret::new("of the sandbox").unwrap(),
            folder: Some(folder.path().to_owned()),
            public_url: String::new(),
        };
        let fault = Sandbox::open(settings).unwrap_err();
        assert_eq!(fault.path, file);
        assert_eq!(fs::read_to_string(&file).unwrap(), line, "and they are left alone");
    }
}

#[tokio::test]
async fn books_that_lost_their_end_leave_every_outcome_unknown() {
    let folder = tempdir().unwrap();
    let sandbox = sandbox_in(folder.path());
    sandbox.create(&order(1)).await.unwrap();
    fs::write(folder.path().join(BOOKS_FILE), b"").unwrap();
    assert_eq!(code(look_up(&sandbox, &row(1), NOW_MS).await), "outcome_unknown");
    assert_eq!(code(sandbox.create(&order(2)).await), "outcome_unknown");
}

#[tokio::test]
async fn no_card_number_reaches_the_disk() {
    let folder = tempdir().unwrap();
    let sandbox = sandbox_in(folder.path());
    let order_id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    let text = fs::read_to_string(folder.path().join(BOOKS_FILE)).unwrap();
    assert!(text.contains("\"method\":\"card\"") && !text.contains("4242"), "{text}");
}
