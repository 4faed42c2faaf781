-- What was begun when: a provider's list is compared with ours by days.
CREATE INDEX payment_by_time ON payment (created_at_ms, id);
