//! A provider's books as an auditor reads them, who compares them with ours.

use std::collections::BTreeMap;

use uuid::Uuid;
use vacancy_connect::payments::standing::RefundState;

use super::books::Books;
use super::orders::{At, Back, Extra, Order, payment_name};

/// An order as an auditor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub payment: Uuid,
    /// The provider's name for it.
    pub order: String,
    pub captured_minor: i64,
    /// It is another amount, or in another currency, than was asked.
    pub is_other: bool,
    /// By our id of each refund; what failed on its way is not here.
    pub refunds: BTreeMap<Uuid, i64>,
    /// Refunds that were made and came back.
    pub failed: BTreeMap<Uuid, i64>,
    /// What came once more for the same order and has not gone back.
    pub surplus_minor: i64,
    pub came_twice: bool,
    /// What banks have of what was captured.
    pub at_banks_minor: i64,
    /// What banks ask about, by the provider's names.
    pub disputes: BTreeMap<String, Complained>,
}

/// A dispute as an auditor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complained {
    pub minor: i64,
    pub status: &'static str,
    pub funds: &'static str,
    /// It is of money that is in no book of ours.
    pub is_apart: bool,
}

impl Books {
    pub(super) fn taken(&self) -> Vec<Taken> {
        let taken = |(name, order): (&String, &Order)| {
            let of = |is_failed: bool| {
                let meant = move |back: &Back| (back.state == RefundState::Failed) == is_failed;
                let backs = order.refunds.iter().filter(move |(_, back)| meant(back));
                backs.map(|(id, back)| (Uuid::from_u128(id.0), back.minor)).collect()
            };
            Taken {
                payment: Uuid::from_u128(order.payment.0),
                order: name.clone(),
                captured_minor: order.captured_minor(),
                is_other: order.at == At::Taken && order.came.is_some(),
                refunds: of(false),
                failed: of(true),
                surplus_minor: order.extras.iter().map(|extra| self.left_minor(extra)).sum(),
                came_twice: !order.extras.is_empty(),
                at_banks_minor: self.at_the_bank_minor(&payment_name(name)),
                disputes: self.complained(name),
            }
        };
        self.orders.iter().map(taken).collect()
    }

    /// What came twice, did not go back and is at no bank.
    fn left_minor(&self, extra: &Extra) -> i64 {
        (extra.left().minor - self.at_the_bank_minor(&extra.name)).max(0)
    }

    /// What banks ask about of an order.
    fn complained(&self, order: &str) -> BTreeMap<String, Complained> {
        let own = self.complaints.iter().filter(|(_, complaint)| complaint.order == order);
        let known = own.filter_map(|(name, complaint)| {
            let (_, (status, funds)) = complaint.stands?;
            let (status, funds) = (status.word(), funds.word());
            let (minor, is_apart) = (complaint.amount.minor, complaint.is_apart);
            Some((name.clone(), Complained { minor, status, funds, is_apart }))
        });
        known.collect()
    }
}
