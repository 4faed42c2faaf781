-- What of a refund the guest was not owed lowers what the booking costs.
ALTER TABLE refund ADD COLUMN allowance_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reservation ADD COLUMN allowance_minor INTEGER NOT NULL DEFAULT 0;
