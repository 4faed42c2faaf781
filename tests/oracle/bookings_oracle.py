"""What a replay of a hotel's booking history must come to when every booking is taken.

An independent second opinion: it shares no code and no method with the product, works on calendar
dates and decimals, and counts night by night. It must stay simple rather than fast, and must not
be changed to agree with the product without a reason found in the data or in the rules:

- booking day = arrival day - lead_time; nights = [arrival, arrival + weekend nights + week nights)
- order within a day: cancellations of earlier bookings, new bookings, same-day cancellations,
  check-outs, check-ins, guests who leave on the day they came, no-shows (all nights return)
- rows without a night are day use: counted by themselves, no nights, no revenue
- a negative price counts as 0, no adult as 1; each such repair is counted
- revenue = adr in cents x nights actually stayed, by the month of the night; nights actually
  stayed = [arrival, reservation_status_date) of Check-Out rows, within the nights booked
- a no-show is one of the day of arrival, whatever day the row says

Usage: bookings_oracle.py FILE [--rooms N] (default: as many as the books ever needed)
Prints JSON. Needs Python 3.11 and, for a FILE that ends in .zst, the program zstd.
"""

import argparse
import calendar
import collections
import csv
import datetime
import decimal
import fractions
import io
import json
import subprocess
import sys

ONE_DAY = datetime.timedelta(days=1)
MONTH_NAMES = list(calendar.month_name)
UNKNOWN = {"", "NULL", "NA", "Undefined"}
MAY_BE_UNKNOWN = ["meal", "country", "market_segment", "distribution_channel", "agent", "company"]


def read_rows(path):
    if path.endswith(".zst"):
        done = subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE, check=True)
        text = done.stdout.decode("utf-8")
    else:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def each_night(first, end):
    night = first
    while night < end:
        yield night
        night += ONE_DAY


def to_cents(text):
    """Exact; a third decimal rounds half away from zero, and is said."""
    cents = decimal.Decimal(text) * 100
    whole = cents.quantize(decimal.Decimal(1), rounding=decimal.ROUND_HALF_UP)
    return int(whole), whole != cents


def round_half_up(part, whole):
    if whole == 0:
        return 0
    return int(fractions.Fraction(part, whole) + fractions.Fraction(1, 2))


def understand(row, repairs):
    arrival = datetime.date(
        int(row["arrival_date_year"]),
        MONTH_NAMES.index(row["arrival_date_month"]),
        int(row["arrival_date_day_of_month"]),
    )
    nights = int(row["stays_in_weekend_nights"]) + int(row["stays_in_week_nights"])
    booked_on = arrival - datetime.timedelta(days=int(row["lead_time"]))
    departure = arrival + datetime.timedelta(days=nights)
    status = row["reservation_status"]
    status_day = datetime.date.fromisoformat(row["reservation_status_date"])

    price, rounded = to_cents(row["adr"])
    if price < 0:
        repairs["price_negative"] += 1
        price = 0
    elif rounded:
        repairs["price_rounded"] += 1
    if int(row["adults"]) == 0:
        repairs["no_adult"] += 1
    for column in ["children", "babies"]:
        if row[column] in UNKNOWN:
            repairs["children_unknown"] += 1

    if status == "Check-Out":
        if status_day < arrival:
            repairs["left_before_arrival"] += 1
            status_day = arrival
        elif status_day > departure:
            repairs["left_after_departure"] += 1
            status_day = departure
    elif status == "Canceled":
        if status_day < booked_on:
            repairs["canceled_before_booked"] += 1
            status_day = booked_on
        elif status_day > arrival:
            repairs["canceled_after_arrival"] += 1
            status_day = arrival
    elif status == "No-Show":
        if status_day != arrival:
            repairs["no_show_moved"] += 1
            status_day = arrival
    else:
        sys.exit(f"unknown status {status!r}")
    if (status == "Check-Out") != (row["is_canceled"] == "0"):
        repairs["canceled_flag_disagrees"] += 1
    return booked_on, arrival, departure, status, status_day, price


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file")
    arguments.add_argument("--rooms", type=int)
    options = arguments.parse_args()

    rows = read_rows(options.file)
    repairs = collections.Counter()
    unknown = collections.Counter()
    day_use = {"checked_out": 0, "canceled": 0, "no_show": 0}
    word = {"Check-Out": "checked_out", "Canceled": "canceled", "No-Show": "no_show"}
    ended = collections.Counter()
    left_on_arrival_day = 0
    nights_by_month = collections.Counter()
    cents_by_month = collections.Counter()
    happenings = collections.defaultdict(lambda: collections.defaultdict(list))
    first_night = None
    last_night = None

    for row in rows:
        for column in MAY_BE_UNKNOWN:
            if row[column] in UNKNOWN:
                unknown[column] += 1
        booked_on, arrival, departure, status, status_day, price = understand(row, repairs)
        if arrival == departure:
            day_use[word[status]] += 1
            continue
        ended[word[status]] += 1
        first_night = min(arrival, first_night or arrival)
        last_night = max(departure - ONE_DAY, last_night or departure)
        everything = list(each_night(arrival, departure))
        happenings[booked_on]["2 book"].append((+1, everything))
        if status == "Canceled":
            when = "3 cancel same day" if status_day == booked_on else "1 cancel earlier"
            happenings[status_day][when].append((-1, everything))
        elif status == "No-Show":
            happenings[arrival]["7 no-show"].append((-1, everything))
        else:
            when = "6 leave on arrival day" if status_day == arrival else "4 check-out"
            happenings[status_day][when].append((-1, list(each_night(status_day, departure))))
            left_on_arrival_day += status_day == arrival
            for night in each_night(arrival, status_day):
                nights_by_month[night.year, night.month] += 1
                cents_by_month[night.year, night.month] += price

    on_the_books = collections.Counter()
    most = collections.Counter()
    for day in sorted(happenings):
        for when in sorted(happenings[day]):
            for change, nights in happenings[day][when]:
                for night in nights:
                    on_the_books[night] += change
                    most[night] = max(most[night], on_the_books[night])
    peak_rooms = max(most.values())
    peak_day = min(night for night in most if most[night] == peak_rooms)
    rooms = options.rooms or peak_rooms

    def figures(nights, cents, available):
        return {
            "room_nights": nights,
            "rooms_available": available,
            "occupancy_bp": round_half_up(nights * 10_000, available),
            "revenue_minor": cents,
            "adr_minor": round_half_up(cents, nights),
            "revpar_minor": round_half_up(cents, available),
        }

    months = []
    year_month = (first_night.year, first_night.month)
    while year_month <= (last_night.year, last_night.month):
        year, month = year_month
        days = calendar.monthrange(year, month)[1]
        line = {"month": f"{year:04}-{month:02}", "days": days}
        line |= figures(nights_by_month[year_month], cents_by_month[year_month], rooms * days)
        months.append(line)
        year_month = (year, month + 1) if month < 12 else (year + 1, 1)

    available = sum(line["rooms_available"] for line in months)
    json.dump(
        {
            "rows": len(rows),
            "rooms": rooms,
            "bookings": sum(ended.values()),
            "checked_out": ended["checked_out"],
            "left_on_arrival_day": left_on_arrival_day,
            "canceled": ended["canceled"],
            "no_show": ended["no_show"],
            "day_use": day_use,
            "repairs": repairs,
            "unknown": unknown,
            "over_capacity": {
                "for_a_time": sum(rooms < count for count in most.values()),
                "at_the_end": sum(rooms < count for count in on_the_books.values()),
                "peak_rooms": peak_rooms,
                "peak_day": peak_day.isoformat(),
            },
            "months": months,
            "total": figures(sum(nights_by_month.values()), sum(cents_by_month.values()), available),
        },
        sys.stdout,
        indent=2,
    )
    print()


if __name__ == "__main__":
    main()
