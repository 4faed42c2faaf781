//! Disputes at the stand-in of Razorpay.

use serde_json::json;
use vacancy_connect::secret::Secret;

use super::razorpay::{Account, WEBHOOK_SECRET};

impl Account {
    /// The guest's bank disputes a payment: it asks first, or takes the money at once.
    pub(crate) fn dispute(&mut self, payment_id: &str, takes: bool) -> String {
        let payment = &self.payments[payment_id];
        let id = format!("disp_{payment_id}");
        let made = json!({
            "id": id,
            "entity": "dispute",
            "payment_id": payment_id,
            "amount": payment["amount"],
            "currency": payment["currency"],
            "amount_deducted": if takes { payment["amount"].clone() } else { json!(0) },
            "reason_code": "fraudulent",
            "respond_by": self.now_s + 7 * 86_400,
            "status": "open",
            "phase": "chargeback",
            "created_at": self.now_s,
        });
        self.disputes.insert(id.clone(), made);
        id
    }

    pub(crate) fn dispute_becomes(&mut self, id: &str, status: &str) {
        self.disputes.get_mut(id).unwrap()["status"] = json!(status);
    }

    /// An event about a dispute as Razorpay posts it.
    pub(crate) fn dispute_event(&self, kind: &str, id: &str) -> (String, String) {
        let dispute = &self.disputes[id];
        let payment = &self.payments[dispute["payment_id"].as_str().unwrap()];
        let body = json!({
            "entity": "event",
            "account_id": "acc_standin",
            "event": kind,
            "contains": ["payment", "dispute"],
            "payload": {"payment": {"entity": payment}, "dispute": {"entity": dispute}},
            "created_at": self.now_s,
        });
        let body = body.to_string();
        (Secret::new(WEBHOOK_SECRET).unwrap().sign(&[body.as_bytes()]), body)
    }

    pub(super) fn is_disputed(&self, payment_id: &str) -> bool {
        let mut disputes = self.disputes.values();
        disputes.any(|one| {
            let is_taken = one["amount_deducted"] != 0 && one["status"] != "won";
            one["payment_id"] == payment_id && is_taken
        })
    }
}
