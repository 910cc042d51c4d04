ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total_cents >= 0);
ALTER TABLE orders ALTER COLUMN note TYPE text USING upper(note);
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders DROP COLUMN legacy_state;
