-- Prices that were promised for some minutes. Forgotten a day after they have run out.

CREATE TABLE quote (
    id uuid PRIMARY KEY,
    property uuid NOT NULL REFERENCES property (id),
    first_day bigint NOT NULL,
    end_day bigint NOT NULL,
    -- What was asked, as text that only the program reads.
    ask text NOT NULL,
    price text NOT NULL,
    terms_digest text NOT NULL,
    expires_at_ms bigint NOT NULL
);
CREATE INDEX quote_by_expiry ON quote (expires_at_ms);
