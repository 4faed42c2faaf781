"""Lets a server do a little of everything, so that it has something to measure: search, book, pay in
the sandbox, cancel with a refund, a refusal; then waits for the jobs.

  work.py URL
"""

import datetime
import json
import sys
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 60
URL = sys.argv[1]


def ask(method, path, body=None, token=None):
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(URL + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def well(method, path, body=None, token=None):
    status, text = ask(method, path, body, token)
    if status not in (200, 201, 202):
        raise SystemExit(f"work: {method} {path}: {status} {text}")
    return json.loads(text)


def metrics():
    return ask("GET", "/metrics")[1]


def wait_for(line):
    ends = time.monotonic() + PATIENCE_SECONDS
    while line not in metrics():
        if ends < time.monotonic():
            raise SystemExit(f"work: no {line} in /metrics")
        time.sleep(0.2)


day = datetime.date.today() + datetime.timedelta(days=40)
stay = {"checkInDate": day.isoformat(), "checkOutDate": (day + datetime.timedelta(days=2)).isoformat()}
hotel = well("GET", "/v1/hotels?locationId=lisbon-pt&limit=1")["items"][0]["hotelId"]
well("GET", f"/v1/hotel-listings?locationId=lisbon-pt&checkInDate={stay['checkInDate']}"
     f"&checkOutDate={stay['checkOutDate']}")
guest = {"fullName": "Ada Guest", "email": "ada@example.com"}
code = well("GET", f"/v1/hotels/{hotel}")["roomTypes"][0]["code"]
booked = well("POST", "/v1/reservations", {
    "requestId": "measured", "hotelId": hotel, "rooms": {code: 1}, "guest": guest, **stay})
reservation, token = booked["reservationId"], booked["guestToken"]
well("POST", "/v1/payments/order", {"reservationId": reservation, "paymentProvider": "SANDBOX",
     "returnUrl": URL + "/"}, token)
well("POST", f"/v1/reservations/{reservation}/cancel", {}, token)
if ask("GET", "/v1/locations/nowhere")[0] != 404:
    raise SystemExit("work: a place that is not there was found")
if ask("GET", "/v1/api-keys")[0] != 401:
    raise SystemExit("work: a house's keys were shown to anybody")
# A cancelled payment is settled by a job.
wait_for('vacancy_jobs_total{')
print(metrics())
