-- irreversible: legacy_state is not kept anywhere
ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_total_positive;
