"""When each alert of ops/alerts.yml fires and when it stays silent, in the notation of `promtool
test rules`: `0+5x10` begins at 0 and grows by 5 ten times, `7x10` stays, `_x10` is missing.

A case is the series that are there and the moment that is looked at. Cases of minutes have a sample
every 15 s; cases of weeks one every 10 minutes. A group of cases that begins with True must fire."""

FIND = 'vacancy_requests_total{class="find", result="ok"}'
FAILED = 'vacancy_requests_total{class="book", result="failed"}'
PLACED = 'vacancy_holds_total{outcome="placed"}'
MEMORY = 'process_resident_memory_bytes{job="vacancy", instance="a"}'

# Samples of 10 minutes in a week, and in 12 hours on both sides of it.
WEEK = 1008
HALF_DAY = 72


def quantile(fast, slow):
    """A histogram of which so many per sample are quick and so many need up to a second."""
    both = f"0+{fast + slow}x{WEEK + HALF_DAY}"
    name = 'vacancy_request_seconds_bucket{class="book", le="%s"}'
    return {name % "0.1": f"0+{fast}x{WEEK + HALF_DAY}", name % "1": both, name % "+Inf": both}


def slower_after_a_week(slow):
    """Quick for a week; then of 100 requests so many need up to a second."""
    name = 'vacancy_request_seconds_bucket{class="book", le="%s"}'
    both = f"0+100x{WEEK + HALF_DAY}"
    quick = f"0+100x{WEEK} {100 * WEEK}+{100 - slow}x{HALF_DAY}"
    return {name % "0.1": quick, name % "1": both, name % "+Inf": both}


def then(before, after, days=7):
    """A counter that grows by one figure for a week, and by another for half a day."""
    count = days * 144
    return f"0+{before}x{count} {before * count}+{after}x{HALF_DAY}"


MINUTES = {
    "VacancyDown": [
        (True, {'up{job="vacancy", instance="a"}': "0x20"}, "2m"),
        (False, {'up{job="vacancy", instance="a"}': "1x20", 'up{job="other"}': "0x20"}, "2m"),
    ],
    "VacancyErrorBudgetBurnsFast": [
        (True, {FIND: "0+98x300", FAILED: "0+2x300"}, "1h10m"),
        (False, {FIND: "0+995x300", FAILED: "0+5x300"}, "1h10m"),
        # A burst that is over does not wake anybody any more.
        (False, {FIND: "0+90x300", FAILED: "0+40x240 9600x60"}, "1h10m"),
        (False, {FIND: "0+90x300", 'vacancy_requests_total{class="operate", result="failed"}': "0+50x300"}, "1h10m"),
    ],
    "VacancyOversold": [
        (True, {'vacancy_work_items_open{kind="oversold"}': "2x20"}, "1m"),
        (False, {'vacancy_work_items_open{kind="oversold"}': "0x20",
                 'vacancy_work_items_open{kind="payment_unsettled"}': "2x20"}, "1m"),
    ],
    "VacancyPaymentsWithoutEnd": [
        (True, {'vacancy_work_items_open{kind="payment_unsettled"}': "1x40"}, "6m"),
        (False, {'vacancy_work_items_open{kind="payment_unsettled"}': "1x8 0x40"}, "6m"),
    ],
    "VacancyProviderSilent": [
        (True, {'vacancy_provider_circuit_open{provider="stripe", instance="a"}': "1x20"}, "3m"),
        (False, {'vacancy_provider_circuit_open{provider="stripe", instance="a"}': "1x4 0x20"},
         "3m"),
    ],
    "VacancyWebhooksSilent": [
        (True, {'vacancy_provider_payments_total{provider="stripe"}': "0+1x200",
                'vacancy_webhooks_total{provider="stripe", outcome="taken"}': "7x200",
                # Forged ones are no sign of life, and another provider's are not its.
                'vacancy_webhooks_total{provider="stripe", outcome="webhook_signature_invalid"}': "0+1x200",
                'vacancy_webhooks_total{provider="razorpay", outcome="taken"}': "0+1x200"}, "45m"),
        (False, {'vacancy_provider_payments_total{provider="stripe"}': "0+1x200",
                 'vacancy_webhooks_total{provider="stripe", outcome="taken"}': "0+1x200",
                 # Nobody pays there, so nothing is to be told.
                 'vacancy_provider_payments_total{provider="razorpay"}': "3x200",
                 'vacancy_webhooks_total{provider="razorpay", outcome="taken"}': "3x200",
                 'vacancy_provider_payments_total{provider="sandbox"}': "0+1x200"}, "45m"),
    ],
    "VacancyPaymentDisputed": [
        (True, {'vacancy_work_items_open{kind="dispute_opened"}': "1x80"}, "16m"),
        (False, {'vacancy_work_items_open{kind="dispute_opened"}': "1x20 0x60",
                 'vacancy_work_items_open{kind="refund_failed"}': "1x80"}, "16m"),
    ],
    "VacancyPaymentInbox": [
        (True, {'vacancy_work_items_open{kind="refund_failed"}': "1x80"}, "16m"),
        (False, {'vacancy_work_items_open{kind="refund_failed"}': "1x20 0x60",
                 'vacancy_work_items_open{kind="payment_unsettled"}': "1x80"}, "16m"),
    ],
    "VacancyStoreAway": [
        (True, {'vacancy_store_up{instance="a"}': "0x20"}, "1m"),
        (False, {'vacancy_store_up{instance="a"}': "1x20"}, "1m"),
    ],
    "VacancyDurabilityUnsafe": [
        (True, {'vacancy_store_durability_unsafe{instance="a"}': "1x4"}, "15s"),
        (False, {'vacancy_store_durability_unsafe{instance="a"}': "0x20"}, "1m"),
    ],
    "VacancyClockSkew": [
        (True, {'vacancy_clock_skew_seconds{instance="a"}': "-0.6x20"}, "1m"),
        (False, {'vacancy_clock_skew_seconds{instance="a"}': "0.4x20"}, "1m"),
    ],
    "VacancyLapseLag": [
        (True, {"vacancy_lapse_lag_seconds": "11+15x20"}, "3m"),
        (False, {"vacancy_lapse_lag_seconds": "1x20"}, "3m"),
    ],
    "VacancyDeskFull": [
        (True, {'vacancy_desk_refused_total{instance="a"}': "0x4 5x20",
                'vacancy_desk_dropped_total{instance="a"}': "0x24"}, "3m"),
        (False, {'vacancy_desk_refused_total{instance="a"}': "5x24",
                 'vacancy_desk_dropped_total{instance="a"}': "3x24"}, "3m"),
    ],
    "VacancyLogDoesNotShrink": [
        (True, {'vacancy_store_file_bytes{file="log"}': "2000000000x60"}, "12m"),
        (False, {'vacancy_store_file_bytes{file="log"}': "67108864x60",
                 'vacancy_store_file_bytes{file="database"}': "2000000000x60"}, "12m"),
    ],
    "VacancyJobLag": [
        (True, {'vacancy_job_lag_seconds{kind="refund"}': "61+15x20"}, "3m"),
        (False, {'vacancy_job_lag_seconds{kind="refund"}': "59x20"}, "3m"),
    ],
    "VacancyJobsParked": [
        (True, {'vacancy_jobs{kind="refund", state="parked"}': "1x20"}, "1m"),
        (False, {'vacancy_jobs{kind="refund", state="parked"}': "0x20",
                 'vacancy_jobs{kind="refund", state="waiting"}': "9x20"}, "1m"),
    ],
    "VacancyOpenFilesNearLimit": [
        (True, {'process_open_fds{job="vacancy"}': "820x40", 'process_max_fds{job="vacancy"}': "1024x40"}, "6m"),
        (False, {'process_open_fds{job="vacancy"}': "700x40", 'process_max_fds{job="vacancy"}': "1024x40"}, "6m"),
    ],
    "VacancyRestarts": [
        (True, {'process_start_time_seconds{job="vacancy"}': "1x10 2x10 3x10 4x10"}, "10m"),
        # One start for an upgrade, and one more.
        (False, {'process_start_time_seconds{job="vacancy"}': "1x10 2x10 3x20"}, "10m"),
    ],
    "VacancyVersionsMixed": [
        (True, {'vacancy_build_info{version="1", instance="a"}': "1x280",
                'vacancy_build_info{version="2", instance="b"}': "1x280"}, "1h5m"),
        (False, {'vacancy_build_info{version="2", instance="a"}': "1x280",
                 'vacancy_build_info{version="2", instance="b"}': "1x280"}, "1h5m"),
    ],
}

WEEKS = {
    "VacancyErrorBudgetBurnsSlowly": [
        (True, {FIND: "0+998x600", FAILED: "0+2x600"}, "4d"),
        (False, {FIND: "0+9995x600", FAILED: "0+5x600"}, "4d"),
    ],
    "VacancySlowerThanLastWeek": [
        (True, slower_after_a_week(20), "7d6h"),
        (False, slower_after_a_week(2), "7d6h"),
        # As slow as last week: that is known.
        (False, quantile(50, 50), "7d6h"),
    ],
    "VacancyTrafficHigh": [
        (True, {FIND: then(6_000, 20_000)}, "7d6h"),
        (False, {FIND: then(6_000, 12_000)}, "7d6h"),
        # Ten times of next to nothing is still next to nothing.
        (False, {FIND: then(60, 600)}, "7d6h"),
    ],
    "VacancyTrafficLow": [
        (True, {FIND: then(6_000, 1_000)}, "7d6h"),
        (False, {FIND: then(6_000, 3_000)}, "7d6h"),
        (False, {FIND: then(200, 0)}, "7d6h"),
    ],
    "VacancyBookingsStopped": [
        (True, {PLACED: then(10, 0)}, "7d6h"),
        (False, {PLACED: then(10, 1)}, "7d6h"),
        (False, {PLACED: then(0, 0)}, "7d6h"),
    ],
    "VacancyMemoryAboveLastWeek": [
        (True, {MEMORY: f"200000000x{WEEK} 400000000x{HALF_DAY}"}, "7d6h"),
        (False, {MEMORY: f"200000000x{WEEK} 250000000x{HALF_DAY}"}, "7d6h"),
        (False, {MEMORY: f"40000000x{WEEK} 90000000x{HALF_DAY}"}, "7d6h"),
    ],
}
