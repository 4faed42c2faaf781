"""Guests for a drill: makes a hotel, or books in it from several threads.

  guests.py hotel URL KEY                    prints the hotel's id
  guests.py book URL HOTEL FIRST COUNT FILE  appends each answered reservation's id to FILE
  guests.py compare EXPORT BEFORE AFTER      is all of BEFORE in the export, and nothing of AFTER?
"""

import concurrent.futures
import datetime
import json
import pathlib
import sys
import threading
import urllib.request

THREADS = 8
TIMEOUT_SECONDS = 60


def post(url, body, key=None):
    headers = {"content-type": "application/json"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        return json.load(answer)


def hotel(url, key):
    made = post(f"{url}/v1/hotels", {
        "name": "Casa do Rossio", "city": "Lisbon", "country": "PT", "currency": "EUR",
        "timeZone": "Europe/Lisbon", "geo": {"latitude": 38.7139, "longitude": -9.1394}}, key)
    post(f"{url}/v1/hotels/{made['hotelId']}/room-types", {
        "code": "STANDARD", "capacity": 9000,
        "baseRate": {"amount": 9000, "currency": "EUR"}}, key)
    print(made["hotelId"])


def book(url, hotel_id, first, count, path):
    day = datetime.date.today() + datetime.timedelta(days=30)
    lock = threading.Lock()
    with open(path, "a", buffering=1) as answered:

        def one(number):
            booked = post(f"{url}/v1/reservations", {
                "requestId": f"guest-{number}", "hotelId": hotel_id, "rooms": {"STANDARD": 1},
                "checkInDate": day.isoformat(),
                "checkOutDate": (day + datetime.timedelta(days=2)).isoformat(),
                "guest": {"fullName": "Ana Sousa", "email": f"ana+{number}@example.com"}})
            with lock:
                answered.write(booked["reservationId"] + "\n")

        with concurrent.futures.ThreadPoolExecutor(THREADS) as guests:
            list(guests.map(one, range(int(first), int(first) + int(count))))


def compare(export, before, after):
    there = {json.loads(line)["reservation_id"] for line in open(export)}
    before, after = (set(pathlib.Path(path).read_text().split()) for path in (before, after))
    lost, unknown = before - there, there & after
    if lost or unknown or not before or not after:
        raise SystemExit(f"drill: {len(lost)} of {len(before)} are lost, {len(unknown)} of {len(after)} "
                         "from after the moment are there")
    print(f"drill: all {len(before)} bookings answered before the moment are there, none of the "
          f"{len(after)} after it")


match sys.argv[1:]:
    case ["hotel", url, key]:
        hotel(url, key)
    case ["book", url, hotel_id, first, count, path]:
        book(url, hotel_id, first, count, path)
    case ["compare", export, before, after]:
        compare(export, before, after)
    case _:
        raise SystemExit(__doc__)
