//! What a business changes about its stock, on both engines, and what that does to the nights
//! that are sold already.

use vacancy_app::desk::command::{Command, Order, Outcome};
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::pools::StockPatch;
use vacancy_store::testing::fixtures;
use vacancy_store::work_items::{self, Cursor, WorkItem, WorkKind};

use super::hotel::{Hotel, POOL, PROPERTY, TODAY, code};
use super::runs::on_both;

fn set(first: i64, end: i64, patch: StockPatch) -> Command {
    let (first_day, end_day) = (TODAY.plus(first), TODAY.plus(end));
    Command::SetStock { pool: POOL, first_day, end_day, patch }
}

fn default_of(capacity: Option<i64>, overbook_bp: Option<i64>) -> Command {
    Command::SetDefault { pool: POOL, capacity, overbook_bp, from_day: TODAY }
}

async fn work(hotel: &Hotel) -> Vec<WorkItem> {
    let read = hotel.db.read(|tx| {
        Box::pin(async move { work_items::list_open(tx, PROPERTY, Cursor::START, 100).await })
    });
    read.await.unwrap()
}

#[test]
fn blocked_rooms_are_not_sold_and_come_back_when_unblocked() {
    on_both(2, |hotel, _| {
        Box::pin(async move {
            let block = |delta| {
                set(10, 12, StockPatch { blocked_delta: Some(delta), ..StockPatch::default() })
            };
            let done = hotel.ask(block(1)).await.unwrap();
            assert_eq!(done.outcome, Outcome::Done);
            hotel.hold(10, 11, 1).await.unwrap();
            assert_eq!(hotel.hold(10, 11, 1).await, Err("sold_out".to_owned()));
            hotel.ask(block(-1)).await.unwrap();
            assert!(hotel.hold(10, 11, 1).await.is_ok());
            assert_eq!(code(hotel.ask(block(-1)).await), "not_blocked");
            assert_eq!(hotel.cell(10).await.stock.blocked, 0);
            hotel.close().await;
        })
    });
}

#[test]
fn a_closed_night_is_not_sold_and_keeps_who_has_it() {
    on_both(2, |hotel, _| {
        Box::pin(async move {
            let sold = hotel.sold("r1", 10, 12).await;
            let closed =
                |closed| set(11, 12, StockPatch { closed: Some(closed), ..StockPatch::default() });
            hotel.ask(closed(true)).await.unwrap();
            assert_eq!(hotel.hold(10, 12, 1).await, Err("closed".to_owned()));
            assert!(hotel.hold(10, 11, 1).await.is_ok());
            assert_eq!(hotel.cell(11).await.limit_units, 2);
            assert_eq!(hotel.gone(11..12).await, [(0, 1)]);
            hotel.ask(closed(false)).await.unwrap();
            assert!(hotel.hold(11, 12, 1).await.is_ok());
            let reason = String::new();
            let canceled = Command::Cancel { hold: sold.hold, reference: None, reason };
            hotel.ask(canceled).await.unwrap();
            hotel.close().await;
        })
    });
}

#[test]
fn the_rules_of_arrival_and_departure_are_asked_of_their_own_days() {
    on_both(2, |hotel, _| {
        Box::pin(async move {
            let rules = |patch| set(10, 11, patch);
            let patch = StockPatch {
                closed_to_arrival: Some(true),
                stay_nights_min: Some(0),
                ..StockPatch::default()
            };
            hotel.ask(rules(patch)).await.unwrap();
            assert_eq!(hotel.hold(10, 12, 1).await, Err("closed_to_arrival".to_owned()));
            assert!(hotel.hold(9, 12, 1).await.is_ok());
            let patch = StockPatch {
                closed_to_arrival: Some(false),
                closed_to_departure: Some(true),
                stay_nights_min: Some(3),
                ..StockPatch::default()
            };
            hotel.ask(rules(patch)).await.unwrap();
            assert_eq!(hotel.hold(9, 10, 1).await, Err("closed_to_departure".to_owned()));
            assert_eq!(hotel.hold(10, 12, 1).await, Err("minimum_stay".to_owned()));
            assert!(hotel.hold(10, 13, 1).await.is_ok());
            hotel.close().await;
        })
    });
}

#[test]
fn a_cut_below_what_is_sold_is_allowed_marked_and_somebodys_work() {
    on_both(2, |hotel, _| {
        Box::pin(async move {
            let (sold, _also) = (hotel.sold("r1", 10, 12).await, hotel.sold("r2", 10, 11).await);
            let capacity =
                |units| set(10, 11, StockPatch { capacity: Some(units), ..StockPatch::default() });
            hotel.ask(capacity(1)).await.unwrap();
            let cell = hotel.cell(10).await;
            assert!(cell.oversold && cell.capacity_is_own && cell.free_units() == -1);
            let items = work(&hotel).await;
            assert_eq!(items.len(), 1);
            assert_eq!(items[0].kind, WorkKind::Oversold);
            assert_eq!(items[0].subject, format!("{POOL} {}", TODAY.plus(10)));
            assert_eq!(hotel.hold(10, 11, 1).await, Err("sold_out".to_owned()));
            hotel.ask(capacity(0)).await.unwrap();
            assert_eq!(work(&hotel).await.len(), 1, "one open matter is enough");
            hotel.ask(capacity(1)).await.unwrap();
            let reason = String::new();
            let canceled = Command::Cancel { hold: sold.hold, reference: None, reason };
            hotel.ask(canceled).await.unwrap();
            assert!(!hotel.cell(10).await.oversold, "the mark goes with the guest");
            hotel.close().await;
        })
    });
}

#[test]
fn a_room_out_of_order_and_overbooking_move_the_limit() {
    on_both(10, |hotel, _| {
        Box::pin(async move {
            let patch = StockPatch {
                out_of_order: Some(2),
                overbook_bp: Some(2_500),
                ..StockPatch::default()
            };
            hotel.ask(set(10, 11, patch)).await.unwrap();
            assert_eq!(hotel.cell(10).await.limit_units, 10);
            hotel.hold(10, 11, 10).await.unwrap();
            assert_eq!(hotel.hold(10, 11, 1).await, Err("sold_out".to_owned()));
            hotel.close().await;
        })
    });
}

#[test]
fn a_new_default_reaches_touched_nights_and_untouched_ones_and_spares_what_was_set() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            hotel.hold(10, 11, 1).await.unwrap();
            let own = StockPatch { capacity: Some(5), ..StockPatch::default() };
            hotel.ask(set(11, 12, own)).await.unwrap();
            hotel.ask(default_of(Some(2), None)).await.unwrap();
            assert_eq!(hotel.cell(10).await.limit_units, 2);
            assert_eq!(hotel.cell(11).await.limit_units, 5);
            assert!(hotel.hold(12, 13, 2).await.is_ok());
            hotel.ask(default_of(Some(1), None)).await.unwrap();
            assert!(hotel.cell(12).await.oversold && !hotel.cell(10).await.oversold);
            assert_eq!(work(&hotel).await.len(), 1);
            hotel.ask(default_of(None, Some(10_000))).await.unwrap();
            assert_eq!(
                (hotel.cell(12).await.limit_units, hotel.cell(12).await.oversold),
                (2, false)
            );
            hotel.close().await;
        })
    });
}

#[test]
fn absurd_stock_is_refused_and_nothing_of_it_stays() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let capacity = |units| StockPatch { capacity: Some(units), ..StockPatch::default() };
            for (command, expected) in [
                (set(10, 11, capacity(-1)), "out_of_range"),
                (set(10, 11, capacity(100_001)), "out_of_range"),
                (set(10, 10, capacity(1)), "stay_is_empty"),
                (set(10, 9, capacity(1)), "stay_is_empty"),
                (set(0, 801, capacity(1)), "range_too_long"),
                (default_of(Some(-1), None), "out_of_range"),
                (default_of(None, Some(10_001)), "out_of_range"),
            ] {
                let named = format!("{command:?}");
                assert_eq!(code(hotel.ask(command).await), expected, "{named}");
            }
            assert!(hotel.hold(10, 11, 1).await.is_ok());
            hotel.close().await;
        })
    });
}

#[test]
fn nobody_changes_the_stock_of_another_hotel() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let other = PropertyId(0xa2);
            fixtures::property(&hotel.db, other, &[(PoolId(0xc2), 1)]).await.unwrap();
            hotel.hold(10, 11, 1).await.unwrap();
            let closed = StockPatch { closed: Some(true), ..StockPatch::default() };
            let far = TODAY.plus(i64::MAX);
            for command in [
                set(10, 11, closed),
                default_of(Some(9), None),
                Command::SetStock { pool: POOL, first_day: far, end_day: far, patch: closed },
            ] {
                let named = format!("{command:?}");
                let order = Order::new(other, "thief", command);
                assert_eq!(code(hotel.desk.submit(order).await), "unknown_room_type", "{named}");
            }
            assert_eq!(hotel.hold(10, 11, 1).await, Err("sold_out".to_owned()));
            assert!(hotel.hold(11, 12, 1).await.is_ok());
            hotel.close().await;
        })
    });
}
