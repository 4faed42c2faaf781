-- Matters of payments are settled by steps: what a step needs to know, and who took which.
ALTER TABLE work_item ADD COLUMN data TEXT NOT NULL DEFAULT '{}';
ALTER TABLE work_item ADD COLUMN resolution TEXT NOT NULL DEFAULT '';
ALTER TABLE work_item ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE work_item ADD COLUMN settled_by TEXT NOT NULL DEFAULT '';
CREATE INDEX work_item_money ON work_item (property, created_at_ms) WHERE kind <> 'oversold';
