-- Accounts of businesses at payment providers, with sealed credentials; each payment remembers
-- the account that it was begun at. Without one, it is the installation's own.

CREATE TABLE payment_account (
    id uuid PRIMARY KEY,
    business uuid NOT NULL REFERENCES business (id),
    provider text NOT NULL,
    label text NOT NULL,
    is_enabled boolean NOT NULL,
    is_default boolean NOT NULL,
    checkout text NOT NULL,
    -- Sealed text and endings by name, as JSON that only the program reads.
    credentials text NOT NULL,
    created_at_ms bigint NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX payment_account_by_business ON payment_account (business, id);

ALTER TABLE payment ADD COLUMN account uuid;
CREATE INDEX payment_by_account ON payment (account) WHERE account IS NOT NULL;
