-- Prices that were promised for some minutes. Forgotten a day after they have run out.

CREATE TABLE quote (
    id BLOB PRIMARY KEY NOT NULL,
    property BLOB NOT NULL REFERENCES property (id),
    first_day INTEGER NOT NULL,
    end_day INTEGER NOT NULL,
    -- What was asked, as text that only the program reads.
    ask TEXT NOT NULL,
    price TEXT NOT NULL,
    terms_digest TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX quote_by_expiry ON quote (expires_at_ms);
