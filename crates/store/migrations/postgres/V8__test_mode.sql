-- Whether a business only tests: fixed when it is made, so that nothing of it ever was real.

ALTER TABLE business ADD COLUMN is_test boolean NOT NULL DEFAULT FALSE;
