-- Vacancy, the spine. One text per engine with equal tables; a test compares them.
-- Integers are INTEGER, times are milliseconds UTC, days are days since 1970-01-01.

CREATE TABLE business (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX business_by_age ON business (created_at_ms, id);

CREATE TABLE api_key (
    id BLOB PRIMARY KEY,
    business BLOB REFERENCES business (id),
    role TEXT NOT NULL,
    scopes TEXT NOT NULL,
    name TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER
) STRICT;
CREATE INDEX api_key_by_business ON api_key (business);

CREATE TABLE location (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    country TEXT NOT NULL,
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    hotel_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX location_by_name ON location (name_folded);

CREATE TABLE property (
    id BLOB PRIMARY KEY,
    business BLOB NOT NULL REFERENCES business (id),
    location TEXT NOT NULL REFERENCES location (id),
    external_id TEXT,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    stars INTEGER,
    rating_tenths INTEGER,
    amenities TEXT NOT NULL,
    image_urls TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    check_in_minutes INTEGER NOT NULL,
    check_out_minutes INTEGER NOT NULL,
    hold_ttl_ms INTEGER NOT NULL,
    overbook_cap_bp INTEGER NOT NULL,
    tax_bp INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (business, external_id)
) STRICT;
CREATE INDEX property_by_location ON property (location, id);
CREATE INDEX property_by_business ON property (business, id);
CREATE INDEX property_by_latitude ON property (latitude_e6, longitude_e6);

-- The folded words of a hotel's name, so that a search by name never reads all names.
CREATE TABLE hotel_word (
    word TEXT NOT NULL,
    property BLOB NOT NULL REFERENCES property (id),
    PRIMARY KEY (word, property)
) STRICT;
CREATE INDEX hotel_word_by_property ON hotel_word (property);

CREATE TABLE pool (
    property BLOB NOT NULL REFERENCES property (id),
    id BLOB NOT NULL UNIQUE,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    beds TEXT NOT NULL,
    image_urls TEXT NOT NULL,
    adults_max INTEGER NOT NULL,
    children_max INTEGER NOT NULL,
    guests_max INTEGER NOT NULL,
    base_rate_minor INTEGER,
    capacity INTEGER NOT NULL CHECK (capacity >= 0),
    blocked INTEGER NOT NULL,
    out_of_order INTEGER NOT NULL,
    type_overbook_bp INTEGER NOT NULL,
    overbook_bp INTEGER NOT NULL,
    limit_units INTEGER NOT NULL CHECK (limit_units >= 0),
    change_seq INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (property, id),
    UNIQUE (property, code)
) STRICT;

CREATE TABLE rate_range (
    property BLOB NOT NULL,
    pool BLOB NOT NULL,
    seq INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    end_day INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (property, pool, seq),
    FOREIGN KEY (property, pool) REFERENCES pool (property, id)
) STRICT;
CREATE INDEX rate_range_by_day ON rate_range (property, pool, first_day);

CREATE TABLE room (
    property BLOB NOT NULL REFERENCES property (id),
    id BLOB NOT NULL UNIQUE,
    pool BLOB NOT NULL REFERENCES pool (id),
    number TEXT NOT NULL,
    PRIMARY KEY (property, id),
    UNIQUE (property, number)
) STRICT;
CREATE INDEX room_by_pool ON room (pool);

CREATE TABLE room_night (
    property BLOB NOT NULL,
    room BLOB NOT NULL,
    day INTEGER NOT NULL,
    line BLOB NOT NULL,
    PRIMARY KEY (property, day, room)
) STRICT;
CREATE INDEX room_night_by_line ON room_night (property, line);

CREATE TABLE cell (
    property BLOB NOT NULL,
    pool BLOB NOT NULL,
    slot INTEGER NOT NULL,
    day INTEGER NOT NULL,
    capacity INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    out_of_order INTEGER NOT NULL,
    overbook_bp INTEGER NOT NULL,
    limit_units INTEGER NOT NULL,
    capacity_is_own INTEGER NOT NULL,
    held INTEGER NOT NULL,
    sold INTEGER NOT NULL,
    oversold INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    closed_to_arrival INTEGER NOT NULL,
    closed_to_departure INTEGER NOT NULL,
    stay_nights_min INTEGER,
    stay_nights_max INTEGER,
    version INTEGER NOT NULL,
    PRIMARY KEY (property, pool, slot, day),
    CONSTRAINT cell_never_oversold
        CHECK (held >= 0 AND sold >= 0 AND (held + sold <= limit_units OR oversold))
) STRICT, WITHOUT ROWID;

CREATE TABLE pool_change (
    property BLOB NOT NULL,
    pool BLOB NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    end_day INTEGER,
    value INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (property, pool, seq)
) STRICT;

CREATE TABLE hold (
    property BLOB NOT NULL,
    id BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    reference TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (property, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_overdue ON hold (property, expires_at_ms) WHERE state = 'held';
CREATE INDEX hold_deadline ON hold (expires_at_ms) WHERE state = 'held';

CREATE TABLE ledger (
    property BLOB NOT NULL,
    line BLOB NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    hold BLOB NOT NULL,
    pool BLOB NOT NULL,
    first_slot INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    slots INTEGER NOT NULL,
    units INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (property, line, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_by_hold ON ledger (hold);
CREATE INDEX ledger_by_day ON ledger (property, pool, first_day);

CREATE TABLE reservation (
    property BLOB NOT NULL,
    id BLOB NOT NULL UNIQUE,
    business BLOB NOT NULL,
    hold BLOB NOT NULL UNIQUE,
    code TEXT NOT NULL,
    request_id TEXT NOT NULL,
    stay_state TEXT NOT NULL,
    money_state TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    end_day INTEGER NOT NULL,
    lines TEXT NOT NULL,
    adults INTEGER NOT NULL,
    children TEXT NOT NULL,
    guest_name TEXT NOT NULL,
    guest_email TEXT NOT NULL,
    guest_phone TEXT NOT NULL,
    guest_requests TEXT NOT NULL,
    search_text TEXT NOT NULL,
    price TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    paid_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    hold_expires_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    confirmed_at_ms INTEGER,
    token_version INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (property, id)
) STRICT;
CREATE INDEX reservation_by_arrival ON reservation (property, first_day);
CREATE INDEX reservation_by_departure ON reservation (property, end_day);
CREATE INDEX reservation_at_desk ON reservation (property, first_day)
    WHERE stay_state IN ('confirmed', 'checked_in');
CREATE INDEX reservation_by_guest ON reservation (business, guest_email);
CREATE INDEX reservation_by_business ON reservation (business, id);

CREATE TABLE reservation_request (
    property BLOB NOT NULL,
    request_id TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    decided_at_ms INTEGER NOT NULL,
    PRIMARY KEY (property, request_id)
) STRICT;

-- Drawn at random, so the code comes first: one index serves the guest who knows no business, too.
CREATE TABLE confirmation_code (
    business BLOB NOT NULL,
    code TEXT NOT NULL,
    reservation BLOB NOT NULL,
    PRIMARY KEY (code, business)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_key (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    outcome TEXT NOT NULL,
    decided_at_ms INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;
CREATE INDEX idempotency_key_by_age ON idempotency_key (decided_at_ms);

CREATE TABLE reservation_history (
    property BLOB NOT NULL,
    reservation BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    stay_state TEXT NOT NULL,
    money_state TEXT NOT NULL,
    PRIMARY KEY (property, reservation, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE payment (
    property BLOB NOT NULL,
    id BLOB NOT NULL UNIQUE,
    reservation BLOB NOT NULL,
    provider TEXT NOT NULL,
    provider_payment_id TEXT NOT NULL,
    provider_order_id TEXT NOT NULL,
    checkout_url TEXT NOT NULL,
    state TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    captured_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    method TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    completed_at_ms INTEGER,
    version INTEGER NOT NULL,
    PRIMARY KEY (property, id),
    CHECK (0 <= refunded_minor AND refunded_minor <= captured_minor)
) STRICT;
CREATE INDEX payment_by_reservation ON payment (reservation);
CREATE INDEX payment_by_state ON payment (state, created_at_ms);

CREATE TABLE provider_order (
    provider TEXT NOT NULL,
    provider_order_id TEXT NOT NULL,
    payment BLOB NOT NULL,
    PRIMARY KEY (provider, provider_order_id)
) STRICT;

CREATE TABLE refund (
    property BLOB NOT NULL,
    id BLOB NOT NULL UNIQUE,
    payment BLOB NOT NULL,
    reservation BLOB NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    provider_refund_id TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (property, id)
) STRICT;
CREATE INDEX refund_by_payment ON refund (payment);

CREATE TABLE job (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    property BLOB,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at_ms INTEGER NOT NULL,
    lease_until_ms INTEGER,
    lease_owner TEXT,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    completed_at_ms INTEGER
) STRICT;
CREATE INDEX job_due ON job (state, due_at_ms) WHERE state = 'waiting';
CREATE INDEX job_leased ON job (state, lease_until_ms) WHERE state = 'leased';
CREATE INDEX job_by_state ON job (state, created_at_ms);

CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tx_id INTEGER NOT NULL DEFAULT 0,
    property BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX event_in_order ON event (tx_id, id);

CREATE TABLE work_item (
    property BLOB NOT NULL,
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    settled_at_ms INTEGER,
    PRIMARY KEY (property, id)
) STRICT;
CREATE INDEX work_item_open ON work_item (property, created_at_ms) WHERE settled_at_ms IS NULL;

CREATE TABLE fence (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;

CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
