//! Disputes at the stand-in of Stripe: what a guest's bank asks, takes and gives back.

use serde_json::{Value, json};

use super::stripe::Account;

impl Account {
    /// The guest's bank disputes what paid an order: it asks first, or takes the money at once.
    pub(crate) fn dispute(&mut self, order_id: &str, takes: bool) -> String {
        let intent_id = self.intent_of(order_id);
        let charge_id = self.intents[&intent_id]["latest_charge"].as_str().unwrap().to_owned();
        let charge = self.charges.get_mut(&charge_id).unwrap();
        charge["disputed"] = json!(true);
        let id = format!("du_{order_id}");
        let made = json!({
            "id": id,
            "object": "dispute",
            "amount": charge["amount"],
            "balance_transactions": [],
            "charge": charge_id,
            "created": self.now_s,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": self.now_s + 7 * 86_400, "enhanced_eligibility": {},
                "has_evidence": false, "past_due": false, "submission_count": 0,
            },
            "is_charge_refundable": !takes,
            "livemode": false,
            "metadata": {},
            "payment_intent": intent_id,
            "reason": "fraudulent",
            "status": "warning_needs_response",
        });
        self.disputes.insert(id.clone(), made);
        if takes {
            self.dispute_becomes(&id, "needs_response");
            self.dispute_moves(&id, -1);
        }
        id
    }

    pub(crate) fn dispute_becomes(&mut self, id: &str, status: &str) {
        self.disputes.get_mut(id).unwrap()["status"] = json!(status);
    }

    /// The bank takes the money (-1), or gives it back (1).
    pub(crate) fn dispute_moves(&mut self, id: &str, sign: i64) {
        let now_s = self.now_s;
        let dispute = self.disputes.get_mut(id).unwrap();
        dispute["is_charge_refundable"] = json!(0 < sign);
        let amount = sign * dispute["amount"].as_i64().unwrap();
        let fee = if sign < 0 { 1_500 } else { 0 };
        let currency = dispute["currency"].clone();
        let moved = dispute["balance_transactions"].as_array_mut().unwrap();
        moved.push(json!({
            "id": format!("txn_{}_{id}", moved.len()),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now_s,
            "balance_type": "payments",
            "created": now_s,
            "currency": currency,
            "fee": fee,
            "fee_details": [],
            "net": amount - fee,
            "reporting_category": "dispute",
            "status": "available",
            "type": "adjustment",
        }));
    }

    /// An event about a dispute as Stripe posts it.
    pub(crate) fn dispute_event(&self, kind: &str, id: &str) -> (String, String) {
        self.event_of(kind, &format!("{kind}_{id}"), &self.disputes[id])
    }

    pub(super) fn is_disputed(&self, charge_id: &str) -> bool {
        let mut disputes = self.disputes.values();
        disputes
            .any(|one: &Value| one["charge"] == charge_id && one["is_charge_refundable"] == false)
    }
}
