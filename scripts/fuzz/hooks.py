"""Makes the fuzzer's requests meet something real.

A generated id names nothing and a generated date lies thousands of years away: left alone, most
requests would end at the first look-up. So three of four well-formed ids become ids of things that
exist, three of four periods become days within a year, and three of four room type codes become
known ones. What was made malformed on purpose stays as it is.
"""

import atexit
import collections
import datetime
import pathlib
import sys
import uuid

import schemathesis

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from world import World, days_from_now  # noqa: E402

WORLD = World()
PERIODS = [("checkInDate", "checkOutDate"), ("from", "to")]
# `/v1/reservations/{id}/cancel` and the like need a reservation that nothing has happened to.
ACTIONS = {"cancel", "check-in", "check-out", "confirm", "extend", "no-show", "reschedule"}
READS = {"GET", "HEAD", "OPTIONS"}
OUTCOMES = collections.defaultdict(collections.Counter)


@schemathesis.hook
def before_call(context, case, kwargs):
    """The last moment before a request goes out."""
    hotel = None
    if case.path_parameters:
        case.path_parameters, hotel = known_path(case)
    for name in ("Idempotency-Key", "If-Match"):
        if is_word(case.headers.get(name)) and WORLD.some():
            case.headers[name] = "*" if name == "If-Match" else WORLD.unique()
    if isinstance(case.query, dict) and case.query:
        case.query = known(case.query, hotel)
    if isinstance(case.body, (dict, list)):
        case.body = known(case.body, hotel)


@schemathesis.hook
def after_call(context, case, response):
    if case.method == case.operation.method.upper():
        OUTCOMES[f"{case.method} {case.path}"][outcome_of(response)] += 1


def outcome_of(response):
    """The status, and the code of a problem."""
    if "problem+json" in response.headers.get("content-type", [""])[0]:
        return f"{response.status_code} {response.json()['code']}"
    return str(response.status_code)


@atexit.register
def report():
    """What came of the requests: a route that never said yes was hardly tried."""
    print("fuzz: outcomes by route, the most frequent first", file=sys.stderr)
    for route, outcomes in sorted(OUTCOMES.items()):
        told = ", ".join(f"{name} ({count})" for name, count in outcomes.most_common(6))
        print(f"  {route}: {told}", file=sys.stderr)


def known_path(case):
    """The path with known ids, and the hotel that it names."""
    parameters = dict(case.path_parameters)
    parts = case.path.strip("/").split("/")
    hotel = None
    if isinstance(parameters.get("id"), str) and WORLD.some():
        if parts[1] == "hotels":
            hotel = WORLD.any("hotelId" if case.method in READS else "changedHotelId")
            parameters["id"] = hotel
        elif parts[1] == "reservations":
            is_action = parts[-1] in ACTIONS and case.method == "POST"
            parameters["id"] = WORLD.fresh(parts[-1]) if is_action else WORLD.any("reservationId")
        elif parts[1] == "payments":
            parameters["id"] = WORLD.any("paymentId")
        elif parts[1] == "locations":
            parameters["id"] = "lisbon-pt"
    if isinstance(parameters.get("code"), str) and hotel and case.method != "DELETE":
        parameters["code"] = code_of(hotel)
    if "provider" in parameters and WORLD.some():
        parameters["provider"] = "sandbox"
    return parameters, hotel


def code_of(hotel):
    codes = WORLD.codes[hotel or WORLD.any("hotelId")]
    return codes[WORLD.turn() % len(codes)]


def known(value, hotel):
    """The same value with known ids, codes and near days in it."""
    if isinstance(value, list):
        return [known(one, hotel) for one in value]
    if not isinstance(value, dict):
        return value
    if is_uuid(value.get("hotelId")) and WORLD.some():
        hotel = WORLD.any("hotelId")
    changed = {name: known_field(name, inner, hotel) for name, inner in value.items()}
    for first, end in PERIODS:
        if is_date(changed.get(first)) and is_date(changed.get(end)) and WORLD.some():
            day = WORLD.turn() * 7 % 300
            changed[first] = days_from_now(day)
            changed[end] = days_from_now(day + 1 + day % 4)
    return changed


def known_field(name, value, hotel):
    if name == "rooms" and isinstance(value, dict):
        return known_rooms(value, hotel)
    if name == "hotelIds" and isinstance(value, list):
        return [WORLD.any("hotelId") if is_uuid(one) else one for one in value]
    if name == "roomTypes" and isinstance(value, list) and WORLD.some():
        return [code_of(hotel) if isinstance(one, str) and one else one for one in value]
    if not isinstance(value, str):
        return known(value, hotel)
    if name == "hotelId" and hotel and is_uuid(value):
        return hotel
    if name == "roomType" and value and WORLD.some():
        return code_of(hotel)
    if name == "requestId" and is_word(value) and WORLD.some():
        return WORLD.unique()
    if name == "paymentOrderId" and value and WORLD.some():
        return WORLD.any(name)
    if name in WORLD.ids and is_uuid(value) and WORLD.some():
        return WORLD.any(name)
    return value


def known_rooms(rooms, hotel):
    """Whole numbers of rooms stay few, of types that the hotel has."""
    if not rooms or not WORLD.some():
        return rooms
    units = list(rooms.values())
    few = [1 + one % 2 if type(one) is int and 0 < one else one for one in units]
    return dict(zip(WORLD.codes[hotel or WORLD.any("hotelId")], few))


def is_word(value):
    return isinstance(value, str) and value.isascii() and value.isalnum() and len(value) <= 255


def is_uuid(value):
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


def is_date(value):
    try:
        return isinstance(value, str) and bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False
