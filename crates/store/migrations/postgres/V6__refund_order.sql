-- Refunds of one reservation go one after the other: which of them are not done.
CREATE INDEX job_refund ON job (subject, created_at_ms)
    WHERE kind IN ('refund', 'refund_payment') AND state <> 'done';
