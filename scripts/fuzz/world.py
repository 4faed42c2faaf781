"""What the fuzzer's requests may meet: hotels of the demonstration, and reservations, payments and
holds made in them. Knows nothing of schemathesis."""

import datetime
import os
import uuid

import requests

API = os.environ["VACANCY_FUZZ_URL"]
KEY = {"Authorization": "Bearer " + os.environ["VACANCY_FUZZ_KEY"]}
TIMEOUT_SECONDS = 30
PLACES = ["lisbon-pt", "athens-gr", "barcelona-es"]
# Request ids of one run never meet those of another.
RUN = uuid.uuid4().hex
TODAY = datetime.date.today()
GUEST = {"fullName": "Ada Guest", "email": "ada@example.com"}


def ask(method, path, body=None):
    """One request of our own: what was answered, or nothing when it was refused."""
    answer = requests.request(method, API + path, json=body, headers=KEY, timeout=TIMEOUT_SECONDS)
    if 500 <= answer.status_code:
        raise SystemExit(f"fuzz: {method} {path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.ok and answer.content else None


def days_from_now(count):
    return (TODAY + datetime.timedelta(days=count)).isoformat()


class World:
    """Ids of things that exist, by what a field is called."""

    def __init__(self):
        self.counter = 0
        self.codes = {}
        for place in PLACES:
            for found in ask("GET", f"/v1/hotels?locationId={place}&limit=4")["items"]:
                types = ask("GET", f"/v1/hotels/{found['hotelId']}")["roomTypes"]
                self.codes[found["hotelId"]] = [one["code"] for one in types]
        hotels = list(self.codes)
        # Some hotels are changed by requests, the others keep what they sell.
        self.ids = {"hotelId": hotels[2:], "changedHotelId": hotels[:2]}
        for hotel in hotels:
            self.all_of_one(hotel)
        for name in ["reservationId", "paymentId", "paymentOrderId", "holdId"]:
            if len(self.ids.get(name, [])) < len(hotels):
                raise SystemExit(f"fuzz: too few to meet: {name}")

    def all_of_one(self, hotel):
        """A reservation with a payment begun, and a bare hold."""
        for days in range(20, 80):
            booked = self.book(hotel, days)
            if booked is None:
                continue
            order = ask("POST", "/v1/payments/order", {
                "reservationId": booked["reservationId"],
                "paymentProvider": "SANDBOX",
                "returnUrl": API + "/",
            })
            hold = self.stay(hotel, days) | {"reservationId": f"{RUN}-{hotel}-{days}"}
            held = ask("POST", "/v1/inventory/hold", hold)
            if order and held:
                self.know("reservationId", booked["reservationId"])
                self.know("paymentId", order["paymentId"])
                self.know("paymentOrderId", order["paymentOrderId"])
                self.know("holdId", held["holdId"])
                return

    def stay(self, hotel, days):
        codes = self.codes[hotel]
        return {
            "hotelId": hotel,
            "checkInDate": days_from_now(days),
            "checkOutDate": days_from_now(days + 2),
            "rooms": {codes[self.turn() % len(codes)]: 1},
        }

    def book(self, hotel, days):
        """A reservation, unless there is no room on these days."""
        booking = self.stay(hotel, days) | {"guest": GUEST, "adults": 1}
        booking["requestId"] = self.unique()
        return ask("POST", "/v1/reservations", booking)

    def fresh(self, action):
        """A reservation that this action may find in the right state."""
        turn = self.turn()
        hotel = self.ids["hotelId"][turn % len(self.ids["hotelId"])]
        is_today = action in ("check-in", "check-out", "no-show")
        is_confirmed = is_today or action == "reschedule"
        booked = self.book(hotel, 0 if is_today else turn % 300)
        if booked is None:
            return self.any("reservationId")
        path = f"/v1/reservations/{booked['reservationId']}"
        if is_confirmed:
            ask("POST", f"{path}/confirm", {})
        if action == "check-out":
            ask("POST", f"{path}/check-in")
        return booked["reservationId"]

    def know(self, name, one):
        self.ids.setdefault(name, []).append(one)

    def turn(self):
        """Counts, so that the same seed changes the same requests in the same way."""
        self.counter += 1
        return self.counter

    def unique(self):
        return f"{RUN}-{self.turn()}"

    def any(self, name):
        known = self.ids[name]
        return known[self.turn() % len(known)]

    def some(self):
        """Three times out of four."""
        return self.turn() % 4 != 0
