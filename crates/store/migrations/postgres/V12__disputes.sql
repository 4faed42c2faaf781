-- What guests' banks ask about or take back: each dispute as its provider last told of it, and what it
-- took of a payment and of a reservation.
CREATE TABLE dispute (
    property uuid NOT NULL,
    id uuid NOT NULL UNIQUE,
    business uuid NOT NULL,
    payment uuid NOT NULL,
    reservation uuid NOT NULL,
    provider_dispute_id text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    status text NOT NULL,
    funds text NOT NULL,
    fee_minor bigint,
    -- Empty without a fee.
    fee_currency text NOT NULL,
    due_by_ms bigint,
    asked_at_ms bigint NOT NULL,
    opened_at_ms bigint NOT NULL,
    taken_at_ms bigint,
    returned_at_ms bigint,
    created_at_ms bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (property, id),
    UNIQUE (payment, provider_dispute_id),
    CHECK (0 <= amount_minor)
);
CREATE INDEX dispute_by_reservation ON dispute (reservation);
CREATE INDEX dispute_by_business ON dispute (business, created_at_ms, id);
CREATE INDEX dispute_open ON dispute (id) WHERE status IN ('needs_response', 'under_review');

ALTER TABLE payment ADD COLUMN charged_back_minor bigint NOT NULL DEFAULT 0
    CHECK (0 <= charged_back_minor);
ALTER TABLE reservation ADD COLUMN charged_back_minor bigint NOT NULL DEFAULT 0
    CHECK (0 <= charged_back_minor);
-- A dispute names the provider's payment, not its order.
CREATE INDEX payment_by_provider_payment ON payment (provider_payment_id)
    WHERE provider_payment_id <> '';
