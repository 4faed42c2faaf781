//! The requests of the contract that must work as they stand, ids and dates aside.

use serde_json::json;
use vacancy_connect::payments::sandbox::PayWith;

use super::house::{on_both, text};

#[test]
fn the_requests_of_the_contract_work_as_they_stand() {
    on_both(|house| {
        Box::pin(async move {
            let hotel = house.hotel.to_string();
            let hold = format!(
                r#"{{"reservationId":"R789","hotelId":"{hotel}","checkInDate":"2027-03-10","checkOutDate":"2027-03-12","rooms":{{"DELUXE":2,"STANDARD":1}}}}"#
            );
            let held = house.post("/v1/inventory/hold").by(&house.program).send_text(hold).await;
            let hold_id = text(&held.expect(201)["holdId"]);
            let confirm = format!(r#"{{"holdId":"{hold_id}","reservationId":"R789"}}"#);
            let confirm = house.post("/v1/inventory/confirm").by(&house.program).send_text(confirm);
            assert_eq!(confirm.await.expect(200)["status"], "CONFIRMED");

            let hold = format!(
                r#"{{"reservationId":"R790","hotelId":"{hotel}","checkInDate":"2027-03-10","checkOutDate":"2027-03-12","rooms":{{"DELUXE":1,"STANDARD":1}}}}"#
            );
            let held = house.post("/v1/inventory/hold").by(&house.program).send_text(hold).await;
            let hold_id = text(&held.expect(201)["holdId"]);
            let release = format!(
                r#"{{"holdId":"{hold_id}","reservationId":"R790","reason":"PAYMENT_FAILED"}}"#
            );
            let release = house.post("/v1/inventory/release").by(&house.program).send_text(release);
            assert_eq!(release.await.expect(200)["status"], "RELEASED");

            let book = format!(
                r#"{{"requestId":"req-12345","hotelId":"{hotel}","checkInDate":"2027-05-10","checkOutDate":"2027-05-12","rooms":{{"DELUXE":2,"STANDARD":1}}}}"#
            );
            let booked = house.post("/v1/reservations").send_text(book).await.expect(201);
            let (id, token) = (text(&booked["reservationId"]), text(&booked["guestToken"]));
            let order = format!(
                r#"{{"reservationId":"{id}","paymentProvider":"SANDBOX","returnUrl":"https://app.example.com/return"}}"#
            );
            let order = house.post("/v1/payments/order").by(&token).send_text(order).await;
            let order_id = text(&order.expect(200)["paymentOrderId"]);
            let visit = house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await;
            let visit = visit.unwrap();
            let (payment_id, signature) =
                (visit.provider_payment_id.unwrap(), visit.signature.unwrap());
            let confirm = format!(
                r#"{{"reservationId":"{id}","paymentOrderId":"{order_id}","paymentId":"{payment_id}","signature":"{signature}"}}"#
            );
            let confirm = house.post("/v1/payments/confirm").by(&token).send_text(confirm).await;
            let expected = json!({"paymentStatus": "SUCCESS", "bookingStatus": "CONFIRMED"});
            let told = confirm.expect(200);
            for name in ["paymentStatus", "bookingStatus"] {
                assert_eq!(told[name], expected[name]);
            }
        })
    });
}
