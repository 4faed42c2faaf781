-- Matters of payments are settled by steps: what a step needs to know, and who took which.
ALTER TABLE work_item ADD COLUMN data text NOT NULL DEFAULT '{}';
ALTER TABLE work_item ADD COLUMN resolution text NOT NULL DEFAULT '';
ALTER TABLE work_item ADD COLUMN note text NOT NULL DEFAULT '';
ALTER TABLE work_item ADD COLUMN settled_by text NOT NULL DEFAULT '';
CREATE INDEX work_item_money ON work_item (property, created_at_ms) WHERE kind <> 'oversold';
