-- What a business sets beyond base rates and a flat tax: rate plans, price rules, what guests cost,
-- taxes and fees. Each part is a text that only the program reads.

CREATE TABLE tariff_part (
    property uuid NOT NULL REFERENCES property (id),
    kind text NOT NULL,
    code text NOT NULL,
    body text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (property, kind, code)
);

-- As rate_range, for the rates that a plan sets itself.
CREATE TABLE plan_rate (
    property uuid NOT NULL,
    plan text NOT NULL,
    pool uuid NOT NULL,
    seq bigint NOT NULL,
    first_day bigint NOT NULL,
    end_day bigint NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (property, plan, pool, seq),
    FOREIGN KEY (property, pool) REFERENCES pool (property, id)
);
CREATE INDEX plan_rate_by_pool ON plan_rate (property, pool);
