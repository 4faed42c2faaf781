-- What guests' banks ask about or take back: each dispute as its provider last told of it, and what it
-- took of a payment and of a reservation.
CREATE TABLE dispute (
    property BLOB NOT NULL,
    id BLOB NOT NULL UNIQUE,
    business BLOB NOT NULL,
    payment BLOB NOT NULL,
    reservation BLOB NOT NULL,
    provider_dispute_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    funds TEXT NOT NULL,
    fee_minor INTEGER,
    -- Empty without a fee.
    fee_currency TEXT NOT NULL,
    due_by_ms INTEGER,
    asked_at_ms INTEGER NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    taken_at_ms INTEGER,
    returned_at_ms INTEGER,
    created_at_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (property, id),
    UNIQUE (payment, provider_dispute_id),
    CHECK (0 <= amount_minor)
) STRICT;
CREATE INDEX dispute_by_reservation ON dispute (reservation);
CREATE INDEX dispute_by_business ON dispute (business, created_at_ms, id);
CREATE INDEX dispute_open ON dispute (id) WHERE status IN ('needs_response', 'under_review');

ALTER TABLE payment ADD COLUMN charged_back_minor INTEGER NOT NULL DEFAULT 0
    CHECK (0 <= charged_back_minor);
ALTER TABLE reservation ADD COLUMN charged_back_minor INTEGER NOT NULL DEFAULT 0
    CHECK (0 <= charged_back_minor);
-- A dispute names the provider's payment, not its order.
CREATE INDEX payment_by_provider_payment ON payment (provider_payment_id)
    WHERE provider_payment_id <> '';
