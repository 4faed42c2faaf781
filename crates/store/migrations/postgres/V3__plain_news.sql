-- The news of a full batch outgrow a row, and the lane waited while they were compressed. They are
-- read soon and purged, so they are stored as they are. Rows that stand already stay compressed;
-- both are read alike, by an older binary too.
ALTER TABLE event ALTER COLUMN body SET STORAGE EXTERNAL;
