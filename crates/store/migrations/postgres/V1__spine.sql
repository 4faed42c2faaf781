-- Vacancy, the spine. One text per engine with equal tables; a test compares them.
-- Integers are BIGINT, times are milliseconds UTC, days are days since 1970-01-01.

CREATE TABLE business (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    created_at_ms bigint NOT NULL
);
CREATE INDEX business_by_age ON business (created_at_ms, id);

CREATE TABLE api_key (
    id uuid PRIMARY KEY,
    business uuid REFERENCES business (id),
    role text NOT NULL,
    scopes text NOT NULL,
    name text NOT NULL,
    key_hash text NOT NULL UNIQUE,
    created_at_ms bigint NOT NULL,
    revoked_at_ms bigint
);
CREATE INDEX api_key_by_business ON api_key (business);

CREATE TABLE location (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    country text NOT NULL,
    latitude_e6 bigint NOT NULL,
    longitude_e6 bigint NOT NULL,
    hotel_count bigint NOT NULL DEFAULT 0
);
CREATE INDEX location_by_name ON location (name_folded);

CREATE TABLE property (
    id uuid PRIMARY KEY,
    business uuid NOT NULL REFERENCES business (id),
    location text COLLATE "C" NOT NULL REFERENCES location (id),
    external_id text,
    name text NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    description text NOT NULL,
    address text NOT NULL,
    latitude_e6 bigint NOT NULL,
    longitude_e6 bigint NOT NULL,
    stars bigint,
    rating_tenths bigint,
    amenities text NOT NULL,
    image_urls text NOT NULL,
    time_zone text NOT NULL,
    currency text NOT NULL,
    check_in_minutes bigint NOT NULL,
    check_out_minutes bigint NOT NULL,
    hold_ttl_ms bigint NOT NULL,
    overbook_cap_bp bigint NOT NULL,
    tax_bp bigint NOT NULL,
    created_at_ms bigint NOT NULL,
    version bigint NOT NULL,
    UNIQUE (business, external_id)
);
CREATE INDEX property_by_location ON property (location, id);
CREATE INDEX property_by_business ON property (business, id);
CREATE INDEX property_by_latitude ON property (latitude_e6, longitude_e6);

-- The folded words of a hotel's name, so that a search by name never reads all names.
CREATE TABLE hotel_word (
    word text COLLATE "C" NOT NULL,
    property uuid NOT NULL REFERENCES property (id),
    PRIMARY KEY (word, property)
);
CREATE INDEX hotel_word_by_property ON hotel_word (property);

CREATE TABLE pool (
    property uuid NOT NULL REFERENCES property (id),
    id uuid NOT NULL UNIQUE,
    code text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    beds text NOT NULL,
    image_urls text NOT NULL,
    adults_max bigint NOT NULL,
    children_max bigint NOT NULL,
    guests_max bigint NOT NULL,
    base_rate_minor bigint,
    capacity bigint NOT NULL CHECK (capacity >= 0),
    blocked bigint NOT NULL,
    out_of_order bigint NOT NULL,
    type_overbook_bp bigint NOT NULL,
    overbook_bp bigint NOT NULL,
    limit_units bigint NOT NULL CHECK (limit_units >= 0),
    change_seq bigint NOT NULL,
    created_at_ms bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (property, id),
    UNIQUE (property, code)
);

CREATE TABLE rate_range (
    property uuid NOT NULL,
    pool uuid NOT NULL,
    seq bigint NOT NULL,
    first_day bigint NOT NULL,
    end_day bigint NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (property, pool, seq),
    FOREIGN KEY (property, pool) REFERENCES pool (property, id)
);
CREATE INDEX rate_range_by_day ON rate_range (property, pool, first_day);

CREATE TABLE room (
    property uuid NOT NULL REFERENCES property (id),
    id uuid NOT NULL UNIQUE,
    pool uuid NOT NULL REFERENCES pool (id),
    number text NOT NULL,
    PRIMARY KEY (property, id),
    UNIQUE (property, number)
);
CREATE INDEX room_by_pool ON room (pool);

CREATE TABLE room_night (
    property uuid NOT NULL,
    room uuid NOT NULL,
    day bigint NOT NULL,
    line uuid NOT NULL,
    PRIMARY KEY (property, day, room)
);
CREATE INDEX room_night_by_line ON room_night (property, line);

CREATE TABLE cell (
    property uuid NOT NULL,
    pool uuid NOT NULL,
    slot bigint NOT NULL,
    day bigint NOT NULL,
    capacity bigint NOT NULL,
    blocked bigint NOT NULL,
    out_of_order bigint NOT NULL,
    overbook_bp bigint NOT NULL,
    limit_units bigint NOT NULL,
    capacity_is_own boolean NOT NULL,
    held bigint NOT NULL,
    sold bigint NOT NULL,
    oversold boolean NOT NULL,
    closed boolean NOT NULL,
    closed_to_arrival boolean NOT NULL,
    closed_to_departure boolean NOT NULL,
    stay_nights_min bigint,
    stay_nights_max bigint,
    version bigint NOT NULL,
    PRIMARY KEY (property, pool, slot, day),
    CONSTRAINT cell_never_oversold
        CHECK (held >= 0 AND sold >= 0 AND (held + sold <= limit_units OR oversold))
) WITH (fillfactor = 50);

CREATE TABLE pool_change (
    property uuid NOT NULL,
    pool uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    first_day bigint NOT NULL,
    end_day bigint,
    value bigint NOT NULL,
    at_ms bigint NOT NULL,
    PRIMARY KEY (property, pool, seq)
);

CREATE TABLE hold (
    property uuid NOT NULL,
    id uuid NOT NULL UNIQUE,
    state text NOT NULL,
    reference text NOT NULL,
    created_at_ms bigint NOT NULL,
    expires_at_ms bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (property, id)
);
CREATE INDEX hold_overdue ON hold (property, expires_at_ms) WHERE state = 'held';
CREATE INDEX hold_deadline ON hold (expires_at_ms) WHERE state = 'held';

CREATE TABLE ledger (
    property uuid NOT NULL,
    line uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    hold uuid NOT NULL,
    pool uuid NOT NULL,
    first_slot bigint NOT NULL,
    first_day bigint NOT NULL,
    slots bigint NOT NULL,
    units bigint NOT NULL,
    at_ms bigint NOT NULL,
    PRIMARY KEY (property, line, seq)
);
CREATE INDEX ledger_by_hold ON ledger (hold);
CREATE INDEX ledger_by_day ON ledger (property, pool, first_day);

CREATE TABLE reservation (
    property uuid NOT NULL,
    id uuid NOT NULL UNIQUE,
    business uuid NOT NULL,
    hold uuid NOT NULL UNIQUE,
    code text NOT NULL,
    request_id text NOT NULL,
    stay_state text NOT NULL,
    money_state text NOT NULL,
    first_day bigint NOT NULL,
    end_day bigint NOT NULL,
    lines text NOT NULL,
    adults bigint NOT NULL,
    children text NOT NULL,
    guest_name text NOT NULL,
    guest_email text NOT NULL,
    guest_phone text NOT NULL,
    guest_requests text NOT NULL,
    search_text text NOT NULL,
    price text NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL,
    paid_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    hold_expires_at_ms bigint NOT NULL,
    created_at_ms bigint NOT NULL,
    confirmed_at_ms bigint,
    token_version bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (property, id)
) WITH (fillfactor = 80);
CREATE INDEX reservation_by_arrival ON reservation (property, first_day);
CREATE INDEX reservation_by_departure ON reservation (property, end_day);
CREATE INDEX reservation_at_desk ON reservation (property, first_day)
    WHERE stay_state IN ('confirmed', 'checked_in');
CREATE INDEX reservation_by_guest ON reservation (business, guest_email);
CREATE INDEX reservation_by_business ON reservation (business, id);

CREATE TABLE reservation_request (
    property uuid NOT NULL,
    request_id text NOT NULL,
    body_hash text NOT NULL,
    outcome text NOT NULL,
    decided_at_ms bigint NOT NULL,
    PRIMARY KEY (property, request_id)
);

-- Drawn at random, so the code comes first: one index serves the guest who knows no business, too.
CREATE TABLE confirmation_code (
    business uuid NOT NULL,
    code text NOT NULL,
    reservation uuid NOT NULL,
    PRIMARY KEY (code, business)
);

CREATE TABLE idempotency_key (
    scope text NOT NULL,
    key text NOT NULL,
    body_hash text NOT NULL,
    outcome text NOT NULL,
    decided_at_ms bigint NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (decided_at_ms);

CREATE TABLE reservation_history (
    property uuid NOT NULL,
    reservation uuid NOT NULL,
    seq bigint NOT NULL,
    at_ms bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    detail text NOT NULL,
    stay_state text NOT NULL,
    money_state text NOT NULL,
    PRIMARY KEY (property, reservation, seq)
);

CREATE TABLE payment (
    property uuid NOT NULL,
    id uuid NOT NULL UNIQUE,
    reservation uuid NOT NULL,
    provider text NOT NULL,
    provider_payment_id text NOT NULL,
    provider_order_id text NOT NULL,
    checkout_url text NOT NULL,
    state text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    captured_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    method text NOT NULL,
    created_at_ms bigint NOT NULL,
    completed_at_ms bigint,
    version bigint NOT NULL,
    PRIMARY KEY (property, id),
    CHECK (0 <= refunded_minor AND refunded_minor <= captured_minor)
);
CREATE INDEX payment_by_reservation ON payment (reservation);
CREATE INDEX payment_by_state ON payment (state, created_at_ms);

CREATE TABLE provider_order (
    provider text NOT NULL,
    provider_order_id text NOT NULL,
    payment uuid NOT NULL,
    PRIMARY KEY (provider, provider_order_id)
);

CREATE TABLE refund (
    property uuid NOT NULL,
    id uuid NOT NULL UNIQUE,
    payment uuid NOT NULL,
    reservation uuid NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    provider_refund_id text NOT NULL,
    created_at_ms bigint NOT NULL,
    PRIMARY KEY (property, id)
);
CREATE INDEX refund_by_payment ON refund (payment);

CREATE TABLE job (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    property uuid,
    subject text NOT NULL,
    payload text NOT NULL,
    state text NOT NULL,
    due_at_ms bigint NOT NULL,
    lease_until_ms bigint,
    lease_owner text,
    attempts bigint NOT NULL,
    last_error text NOT NULL,
    created_at_ms bigint NOT NULL,
    completed_at_ms bigint
);
CREATE INDEX job_due ON job (state, due_at_ms) WHERE state = 'waiting';
CREATE INDEX job_leased ON job (state, lease_until_ms) WHERE state = 'leased';
CREATE INDEX job_by_state ON job (state, created_at_ms);

CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tx_id bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    property uuid NOT NULL,
    at_ms bigint NOT NULL,
    body text NOT NULL
);
CREATE INDEX event_in_order ON event (tx_id, id);

CREATE TABLE work_item (
    property uuid NOT NULL,
    id uuid NOT NULL UNIQUE,
    kind text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    created_at_ms bigint NOT NULL,
    settled_at_ms bigint,
    PRIMARY KEY (property, id)
);
CREATE INDEX work_item_open ON work_item (property, created_at_ms) WHERE settled_at_ms IS NULL;

CREATE TABLE fence (
    id bigint PRIMARY KEY,
    seq bigint NOT NULL
);

CREATE TABLE secret (
    name text PRIMARY KEY,
    value text NOT NULL
);
