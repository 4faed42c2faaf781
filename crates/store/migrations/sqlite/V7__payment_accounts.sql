-- Accounts of businesses at payment providers, with sealed credentials; each payment remembers
-- the account that it was begun at. Without one, it is the installation's own.

CREATE TABLE payment_account (
    id BLOB PRIMARY KEY NOT NULL,
    business BLOB NOT NULL REFERENCES business (id),
    provider TEXT NOT NULL,
    label TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    is_default INTEGER NOT NULL,
    checkout TEXT NOT NULL,
    -- Sealed text and endings by name, as JSON that only the program reads.
    credentials TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_account_by_business ON payment_account (business, id);

ALTER TABLE payment ADD COLUMN account BLOB;
CREATE INDEX payment_by_account ON payment (account) WHERE account IS NOT NULL;
