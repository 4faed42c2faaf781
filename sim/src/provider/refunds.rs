//! Money that goes back: at once, or days later, or it comes back to us long after it was taken for made.

use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::order::RefundRequest;
use vacancy_connect::payments::standing::{Refund, RefundState};
use vacancy_domain::money::Money;

use super::books::Books;
use super::orders::{At, Back, Refunds, gone_minor, payment_name};
use super::{DAY_MS, refused};

/// How long a refund may be on its way.
const BACK_MS_MAX: i64 = 5 * DAY_MS;

impl Back {
    /// It arrives, or fails; tells what failed.
    pub(super) fn arrive(&mut self, now_ms: i64) -> Option<()> {
        if self.state != RefundState::Pending || now_ms < self.ends_at_ms {
            return None;
        }
        self.state = if self.fails { RefundState::Failed } else { RefundState::Succeeded };
        self.fails.then_some(())
    }
}

impl Books {
    pub(super) fn refund(
        &mut self,
        request: &RefundRequest,
        now_ms: i64,
    ) -> Result<Refund, Failure> {
        let id = self.find(&request.payment)?;
        let own = payment_name(&id);
        let extras = self.orders.get(&id).map(|order| order.extras.as_slice()).unwrap_or_default();
        let name = &request.payment.provider_payment_id;
        let is_extra = extras.iter().any(|extra| extra.name == *name);
        let at_the_bank_minor = self.at_the_bank_minor(if is_extra { name } else { &own });
        let fresh = self.draw_back(request.amount.minor, now_ms);
        let order = self.orders.get_mut(&id).ok_or_else(|| refused(Code::UnknownOrder))?;
        let (is_taken, whole) = (order.at == At::Taken, order.money());
        let extra = order.extras.iter_mut().find(|extra| extra.name == *name);
        let (refunds, money) = match extra {
            Some(extra) => (&mut extra.refunds, extra.money),
            None => (&mut order.refunds, whole),
        };
        let is_known = refunds.contains_key(&request.refund_id);
        if !is_known && !is_taken {
            return Err(refused(Code::NotCaptured));
        }
        if !is_known && 0 < at_the_bank_minor {
            return Err(refused(Code::PaymentDisputed));
        }
        let back = give_back(refunds, money, request, fresh)?;
        if !is_known {
            self.note(if is_extra {
                "money: what came twice went back"
            } else {
                "money: given back"
            });
            if request.amount.minor < money.minor {
                self.note("money: a part was given back");
            }
            if back.state == RefundState::Pending {
                self.note("provider: a refund was on its way for a while");
            }
            self.post.tell("refund.created", None, now_ms);
        }
        Ok(Refund {
            refund_id: request.refund_id,
            provider_refund_id: format!("refund {}", request.refund_id),
            amount: request.amount,
            state: back.state,
        })
    }

    fn draw_back(&mut self, minor: i64, now_ms: i64) -> Back {
        let is_slow = self.random.chance(self.troubles.slow_refund);
        let fails = self.random.chance(self.troubles.refund_fails);
        let ends_at_ms = now_ms + self.random.between(0, BACK_MS_MAX);
        let state = if is_slow || fails { RefundState::Pending } else { RefundState::Succeeded };
        Back { minor, state, ends_at_ms, fails }
    }
}

/// The refund by this id, which is made once.
fn give_back(
    refunds: &mut Refunds,
    money: Money,
    request: &RefundRequest,
    fresh: Back,
) -> Result<Back, Failure> {
    if let Some(made) = refunds.get(&request.refund_id) {
        let is_same = made.minor == request.amount.minor;
        return if is_same { Ok(*made) } else { Err(refused(Code::RefundMismatch)) };
    }
    if request.amount.currency != money.currency {
        return Err(refused(Code::CurrencyMismatch));
    }
    if money.minor < gone_minor(refunds) + request.amount.minor {
        return Err(refused(Code::AmountTooLarge));
    }
    refunds.insert(request.refund_id, fresh);
    Ok(fresh)
}
