//! The provider's books against ours: every order stands for one payment, every unit of money that was
//! taken has a booking or went back whole, nobody paid twice, and no order of a stay that has ended can
//! still take money.

use std::collections::BTreeMap;

/// An order as the provider's books have it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    pub(crate) id: String,
    /// Our payment that it stands for.
    pub(crate) payment: String,
    pub(crate) captured: i64,
    pub(crate) returned: i64,
    /// How many refunds those are.
    pub(crate) refunds: usize,
    pub(crate) is_open: bool,
}

/// A reservation as our API shows it, with the balance of its folio.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stay {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) total: i64,
    pub(crate) paid: i64,
    pub(crate) refunded: i64,
    pub(crate) balance: i64,
    pub(crate) payments: Vec<String>,
}

/// What is wrong when nothing moves any more. `orders` are those of these stays and of nobody.
pub(crate) fn check(orders: &[Order], stays: &[Stay]) -> Vec<String> {
    let mut found = Vec::new();
    let mut of_stay: BTreeMap<&str, Vec<&Order>> = BTreeMap::new();
    let owner: BTreeMap<&str, &str> = stays
        .iter()
        .flat_map(|stay| stay.payments.iter().map(|payment| (payment.as_str(), stay.id.as_str())))
        .collect();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for order in orders {
        if let Some(other) = seen.insert(&order.payment, &order.id) {
            found.push(format!("payment {}: two orders, {other} and {}", order.payment, order.id));
        }
        match owner.get(order.payment.as_str()) {
            Some(stay) => of_stay.entry(stay).or_default().push(order),
            None => found.push(format!("{order:?}: an order that nobody here knows")),
        }
    }
    for stay in stays {
        let own = of_stay.remove(stay.id.as_str()).unwrap_or_default();
        found.extend(wrong(stay, &own).into_iter().map(|told| format!("{told}: {stay:?} {own:?}")));
    }
    found
}

fn wrong(stay: &Stay, own: &[&Order]) -> Vec<&'static str> {
    let captured: i64 = own.iter().map(|order| order.captured).sum();
    let returned: i64 = own.iter().map(|order| order.returned).sum();
    let is_booked = stay.status == "CONFIRMED";
    let is_waiting = stay.status == "PENDING_PAYMENT";
    let mut told = Vec::new();
    let mut demand = |is_right: bool, what| {
        if !is_right {
            told.push(what);
        }
    };
    demand(captured - returned <= stay.total, "charged twice");
    demand(!is_booked || captured - returned == stay.total, "a booking without its money");
    demand(is_booked || captured == returned, "money without a booking");
    demand(!is_waiting || captured == 0, "money and no end");
    demand(own.iter().all(|order| order.refunds <= 1), "more than one refund");
    demand(is_waiting || own.iter().all(|order| !order.is_open), "an order that can still be paid");
    demand((stay.paid, stay.refunded) == (captured, returned), "our books say something else");
    demand(is_waiting || stay.balance == 0, "a folio that does not add up");
    told
}

#[cfg(test)]
mod tests {
    //! Each rule has books that it must refuse.

    use super::*;

    fn order(payment: &str, captured: i64, returned: i64) -> Order {
        let refunds = usize::from(0 < returned);
        let (id, payment) = (format!("cs_{payment}"), payment.to_owned());
        Order { id, payment, captured, returned, refunds, is_open: false }
    }

    fn stay(status: &str, paid: i64, refunded: i64) -> Stay {
        let (id, status, payments) = ("s".to_owned(), status.to_owned(), vec!["p".to_owned()]);
        Stay { id, status, total: 100, paid, refunded, balance: 0, payments }
    }

    #[track_caller]
    fn refused(orders: &[Order], stay: Stay, wanted: &str) {
        let found = check(orders, &[stay]);
        assert!(found.iter().any(|told| told.contains(wanted)), "{found:?}");
    }

    #[test]
    fn a_booking_that_is_paid_and_money_that_went_back_are_right() {
        assert_eq!(check(&[order("p", 100, 0)], &[stay("CONFIRMED", 100, 0)]), [""; 0]);
        assert_eq!(check(&[order("p", 100, 100)], &[stay("REFUNDED", 100, 100)]), [""; 0]);
        assert_eq!(check(&[order("p", 0, 0)], &[stay("EXPIRED", 0, 0)]), [""; 0]);
        let open = Order { is_open: true, ..order("p", 0, 0) };
        let waiting = Stay { balance: 100, ..stay("PENDING_PAYMENT", 0, 0) };
        assert_eq!(check(&[open], &[waiting]), [""; 0]);
    }

    #[test]
    fn wrong_orders_are_caught() {
        let twice = [order("p", 100, 0), Order { id: "cs_2".into(), ..order("p", 0, 0) }];
        refused(&twice, stay("CONFIRMED", 100, 0), "two orders");
        let strange = [order("p", 100, 0), order("q", 0, 0)];
        refused(&strange, stay("CONFIRMED", 100, 0), "nobody here knows");
        let open = Order { is_open: true, ..order("p", 0, 0) };
        refused(&[open], stay("EXPIRED", 0, 0), "can still be paid");
    }

    #[test]
    fn wrong_money_is_caught() {
        let both = Stay { payments: vec!["p".into(), "q".into()], ..stay("CONFIRMED", 200, 0) };
        refused(&[order("p", 100, 0), order("q", 100, 0)], both, "charged twice");
        refused(&[order("p", 0, 0)], stay("CONFIRMED", 100, 0), "without its money");
        refused(&[order("p", 100, 0)], stay("EXPIRED", 100, 0), "without a booking");
        refused(&[order("p", 100, 50)], stay("REFUNDED", 100, 50), "without a booking");
        refused(&[order("p", 100, 0)], stay("PENDING_PAYMENT", 0, 0), "no end");
        let parts = Order { refunds: 2, ..order("p", 100, 100) };
        refused(&[parts], stay("REFUNDED", 100, 100), "more than one refund");
        refused(&[order("p", 100, 0)], stay("CONFIRMED", 90, 0), "something else");
        let folio = Stay { balance: -100, ..stay("EXPIRED", 0, 0) };
        refused(&[order("p", 0, 0)], folio, "does not add up");
    }
}
