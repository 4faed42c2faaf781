//! Two instances at the same rooms, on PostgreSQL. A gate keeps the first one waiting between its
//! decision and its commit, so that the second decides in between, each time.

use vacancy_app::desk::command::{Answer, Command, Order};
use vacancy_app::errors::Error;
use vacancy_domain::guards::Guard;
use vacancy_store::testing::races::{self, Gate, Table, Wall};

use super::super::books::{findings, report};
use super::super::hotel::{Hotel, POOL, PROPERTY, TODAY, code};
use super::super::runs::with_two_instances_as_it_is;
use super::without;

/// What both were told when the second asked while the first could not yet commit.
async fn race(
    one: &Hotel,
    first: Order,
    two: &Hotel,
    second: Order,
    table: Table,
) -> [Result<Answer, Error>; 2] {
    let gate = Gate::shut(&one.db, table).await;
    let submit = |hotel: &Hotel, order| {
        let desk = hotel.desk.clone();
        tokio::spawn(async move { desk.submit(order).await })
    };
    let first = submit(one, first);
    gate.wait_for(1, || first.is_finished()).await;
    assert!(!first.is_finished(), "the gate keeps the first one waiting");
    let second = submit(two, second);
    gate.wait_for(2, || second.is_finished()).await;
    gate.open().await;
    [first.await.unwrap(), second.await.unwrap()]
}

fn yes_or_code(answer: Result<Answer, Error>) -> String {
    match answer {
        Ok(answer) if answer.is_replay => "replay".to_owned(),
        Ok(_) => "ok".to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

/// What kinds of wrong there are.
fn kinds(findings: &[String]) -> Vec<&str> {
    let mut kinds: Vec<&str> = findings.iter().filter_map(|told| told.split(' ').next()).collect();
    kinds.dedup();
    kinds
}

/// Two instances sell the last room at once: what they say, the night's units, what `verify` says.
fn last_room(is_touched: bool, walls: &[Wall], expected: [&str; 2], held: i64, wrong: &[&str]) {
    with_two_instances_as_it_is(1, |one, two| async move {
        if is_touched {
            let hold = one.hold(10, 11, 1).await.unwrap();
            let release = Command::Cancel { hold, reference: None, reason: String::new() };
            one.ask(release).await.unwrap();
        }
        for wall in walls {
            races::without(&one.db, *wall).await.unwrap();
        }
        let (first, second) = (one.book("r1", 10, 11, 1), two.book("r2", 10, 11, 1));
        let told = race(&one, first, &two, second, Table::Ledger).await;
        assert_eq!(told.map(yes_or_code), expected);
        assert_eq!(one.gone(10..11).await, [(held, 0)]);
        let findings = findings(&one.db).await;
        assert_eq!(kinds(&findings), wrong, "{findings:?}");
        two.end().await;
        one.end().await;
    });
}

const ONE_WINS: [&str; 2] = ["ok", "sold_out"];

#[test]
fn two_instances_on_first_touch_sell_the_last_room_once() {
    for is_touched in [false, true] {
        without(&[], || last_room(is_touched, &[], ONE_WINS, 1, &[]));
    }
}

#[test]
fn without_the_locks_the_version_still_sells_the_last_room_once() {
    for is_touched in [false, true] {
        without(&[Guard::CellLock], || last_room(is_touched, &[], ONE_WINS, 1, &[]));
        let walls = [Wall::CellCheck];
        without(&[Guard::CellLock], || last_room(is_touched, &walls, ONE_WINS, 1, &[]));
    }
}

#[test]
fn without_locks_and_version_the_check_still_sells_the_last_room_once() {
    for is_touched in [false, true] {
        let off = [Guard::CellLock, Guard::CellVersion];
        without(&off, || last_room(is_touched, &[], ONE_WINS, 1, &[]));
    }
}

#[test]
fn without_locks_version_and_check_the_last_room_is_sold_twice() {
    for is_touched in [false, true] {
        let off = [Guard::CellLock, Guard::CellVersion];
        let wrong = ["cell_oversold", "news"];
        without(&off, || last_room(is_touched, &[Wall::CellCheck], ["ok", "ok"], 2, &wrong));
    }
}

/// A retry reaches a second instance while the first has not committed.
fn retry(walls: &[Wall], expected: [&str; 2], reservations: i64) {
    with_two_instances_as_it_is(5, |one, two| async move {
        for wall in walls {
            races::without(&one.db, *wall).await.unwrap();
        }
        let (first, again) = (one.book("r1", 10, 11, 1), two.book("r1", 10, 11, 1));
        let told = race(&one, first, &two, again, Table::Ledger).await;
        let same = match &told {
            [Ok(first), Ok(again)] => first.outcome == again.outcome,
            [Err(_), _] | [_, Err(_)] => false,
        };
        assert_eq!(told.map(yes_or_code), expected);
        assert_eq!(same, reservations == 1, "both are told of the same reservation");
        let looked = report(&one.db).await.looked;
        assert_eq!((looked.reservations_count, looked.holds_count), (reservations, reservations));
        assert_eq!(one.gone(10..11).await, [(reservations, 0)]);
        two.end().await;
        one.end().await;
    });
}

#[test]
fn a_retry_on_a_second_instance_waits_and_gets_the_same_reservation() {
    without(&[], || retry(&[], ["ok", "replay"], 1));
    without(&[], || retry(&[Wall::RequestKey], ["ok", "replay"], 1));
}

#[test]
fn with_keys_read_before_the_locks_the_wall_of_the_database_still_holds() {
    without(&[Guard::KeyAfterLocks], || retry(&[], ["ok", "replay"], 1));
}

#[test]
fn with_keys_read_before_the_locks_and_no_wall_one_request_books_twice() {
    without(&[Guard::KeyAfterLocks], || retry(&[Wall::RequestKey], ["ok", "ok"], 2));
}

/// The default falls to nothing while somebody touches a night for the first time.
fn cut(second: &str, limit: Option<i64>, wrong: &[&str]) {
    with_two_instances_as_it_is(1, |one, two| async move {
        let command = Command::SetDefault {
            pool: POOL,
            capacity: Some(0),
            overbook_bp: None,
            from_day: TODAY,
        };
        let cut = Order::new(PROPERTY, "owner", command);
        let book = two.book("r1", 10, 11, 1);
        let told = race(&one, cut, &two, book, Table::PoolChange).await;
        assert_eq!(told.map(yes_or_code), ["ok", second]);
        let sold = limit.is_some();
        assert_eq!(one.gone(10..11).await, [(i64::from(sold), 0)]);
        if let Some(limit) = limit {
            assert_eq!(one.cell(10).await.limit_units, limit);
        }
        let findings = findings(&one.db).await;
        assert_eq!(kinds(&findings), wrong, "{findings:?}");
        two.end().await;
        one.end().await;
    });
}

#[test]
fn a_new_default_and_a_first_touch_wait_for_each_other() {
    without(&[], || cut("sold_out", None, &[]));
}

#[test]
fn without_the_pools_lock_a_night_is_sold_from_a_default_that_is_gone() {
    without(&[Guard::PoolLock], || cut("ok", Some(1), &["cell_stock"]));
}

/// One night's capacity is changed while another instance touches it for the first time.
fn cut_a_night(second: &str) {
    with_two_instances_as_it_is(1, |one, two| async move {
        let patch = vacancy_domain::pools::StockPatch { capacity: Some(0), ..Default::default() };
        let (first_day, end_day) = (TODAY.plus(10), TODAY.plus(11));
        let command = Command::SetStock { pool: POOL, first_day, end_day, patch };
        let cut = Order::new(PROPERTY, "owner", command);
        let book = two.book("r1", 10, 11, 1);
        let told = race(&one, cut, &two, book, Table::PoolChange).await;
        assert_eq!(told.map(yes_or_code), ["ok", second]);
        assert_eq!(findings(&one.db).await, Vec::<String>::new());
        two.end().await;
        one.end().await;
    });
}

#[test]
fn a_nights_new_capacity_and_its_first_touch_wait_for_each_other_twice_over() {
    without(&[], || cut_a_night("sold_out"));
    // The cell's own lock stands behind the pool's.
    without(&[Guard::PoolLock], || cut_a_night("sold_out"));
}

#[test]
fn a_refusal_of_one_is_no_refusal_of_the_other() {
    without(&[], || {
        with_two_instances_as_it_is(2, |one, two| async move {
            let (first, second) = (one.book("r1", 10, 11, 1), two.book("r2", 10, 11, 1));
            let [first, second] = race(&one, first, &two, second, Table::Ledger).await;
            assert!(first.is_ok() && second.is_ok());
            assert_eq!(code(two.desk.submit(two.book("r3", 10, 11, 1)).await), "sold_out");
            two.end().await;
            one.close().await;
        });
    });
}
