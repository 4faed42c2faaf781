-- What a business sets beyond base rates and a flat tax: rate plans, price rules, what guests cost,
-- taxes and fees. Each part is a text that only the program reads.

CREATE TABLE tariff_part (
    property BLOB NOT NULL REFERENCES property (id),
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (property, kind, code)
) STRICT;

-- As rate_range, for the rates that a plan sets itself.
CREATE TABLE plan_rate (
    property BLOB NOT NULL,
    plan TEXT NOT NULL,
    pool BLOB NOT NULL,
    seq INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    end_day INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (property, plan, pool, seq),
    FOREIGN KEY (property, pool) REFERENCES pool (property, id)
) STRICT;
CREATE INDEX plan_rate_by_pool ON plan_rate (property, pool);
