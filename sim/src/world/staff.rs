//! What the people of the house do about money: they give some back as they please, two at a time under
//! one key or two, and work through their inbox.

use uuid::Uuid;
use vacancy_app::access::Actor;
use vacancy_app::desk::command::{Key, KeyName, RefundAsked};
use vacancy_app::errors::Error;
use vacancy_app::payments::Payments;
use vacancy_app::payments::inbox::Resolution;
use vacancy_app::payments::refunds::RefundWish;
use vacancy_domain::ids::{BusinessId, PaymentId};
use vacancy_domain::money::{Currency, Money};
use vacancy_store::testing::fixtures::BUSINESS_ID;
use vacancy_store::work_items::{Filed, WorkKind};

use super::World;
use crate::crowd::DAY_MS;
use crate::oracle::money::Told;
use crate::random::Random;

/// Matters that somebody looks at in one go.
const MATTERS_MAX: i64 = 100;

/// Money that somebody of the house wants to go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GoodWill {
    pub(super) payment: PaymentId,
    /// All that is left, when it is left out.
    minor: Option<i64>,
    pub(super) is_still_due: bool,
    pub(super) key: String,
}

impl GoodWill {
    pub(super) async fn ask(self, payments: Payments) -> Result<RefundAsked, Error> {
        let wish = RefundWish {
            payment: self.payment,
            amount: self.minor.map(|minor| Money::new(minor, Currency::EUR)),
            reason: "good will".to_owned(),
            is_still_due: self.is_still_due,
        };
        let (scope, key) = ("staff".to_owned(), self.key);
        let body_hash = format!("{:?} {}", self.minor, self.is_still_due);
        let key = Key { name: KeyName::Scoped { scope, key }, body_hash };
        payments.ask_refund(&Actor::Admin, &wish, key).await.map(|(asked, _)| asked)
    }
}

impl World {
    /// All or a part of what a payment brought, and which reservation it is of. The key is one of two for
    /// each day, so that some ask twice and some ask for other things under one key.
    pub(super) fn draw_good_will(&self, random: &mut Random) -> Option<(Uuid, GoodWill)> {
        let (payment, reservation, left_minor) =
            random.pick(&self.oracle.money.refundable()).copied()?;
        let parts = [None, Some(left_minor / 2), Some(left_minor / 2), Some(left_minor + 1)];
        let minor = random.pick(&parts).copied()?;
        let day = self.now_ms().div_euclid(DAY_MS);
        let key = format!("{payment} {} of {day}", random.between(0, 2));
        let payment = PaymentId(payment.as_u128());
        let is_still_due = random.chance(200);
        Some((reservation, GoodWill { payment, minor, is_still_due, key }))
    }

    pub(super) fn told_of(asked: &RefundAsked, is_still_due: bool) -> Told {
        Told {
            is_still_due,
            refund: Uuid::from_u128(asked.refund.0),
            payment: Uuid::from_u128(asked.payment.0),
            minor: asked.amount.minor,
        }
    }

    /// Somebody settles some of what waits for them, the way that makes it right.
    pub(super) async fn work_inbox(&mut self, random: &mut Random, per_mille: i64) {
        let payments = self.instances[0].payments.clone();
        let (actor, business) = (Actor::Admin, BusinessId(BUSINESS_ID));
        let page =
            payments.inbox(&actor, business, Filed::default(), None, Some(MATTERS_MAX)).await;
        for item in page.map(|page| page.items).unwrap_or_default() {
            let Some(step) = Resolution::of(item.kind).first() else { continue };
            if !random.chance(per_mille) {
                continue;
            }
            let mut code = match payments.resolve(&actor, item.id, *step, "seen to", None).await {
                Ok(_) => "settled",
                Err(error) => error.code(),
            };
            // Other money that a bank has cannot go back.
            if code == "provider_refused" && item.kind == WorkKind::PaymentMismatch {
                let left =
                    payments.resolve(&actor, item.id, Resolution::Dismiss, "left", None).await;
                code = left.map_or_else(|error| error.code(), |_| "left");
            }
            if self.plan.keeps_log {
                self.log.push(format!("{} {code}: {item:?}", self.now_ms()));
            }
            self.situations.note(&format!("inbox: {} {code}", item.kind.word()));
        }
    }
}
