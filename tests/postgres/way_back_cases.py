"""Ways up, and what their way back cannot bring back."""

from __future__ import annotations

from typing import NamedTuple

HISTORY = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN email AS text;
CREATE TABLE parents (id bigint PRIMARY KEY, code text);
CREATE TABLE items (
    id bigint PRIMARY KEY,
    parent_id bigint,
    name varchar(20) NOT NULL DEFAULT 'x',
    price numeric,
    state mood,
    CONSTRAINT items_price_positive CHECK (price > 0)
);
CREATE TABLE keyless (a int, b text);
CREATE INDEX items_name_idx ON items (name);
CREATE UNIQUE INDEX items_parent_key ON items (parent_id);
CREATE UNIQUE INDEX keyless_a ON keyless (a);
CREATE TABLE events (id bigint NOT NULL, a int) PARTITION BY RANGE (id);
CREATE INDEX events_a_idx ON events (a);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (10);
CREATE TABLE events_old (id bigint NOT NULL, a int);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER items_noted BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION noted();
CREATE VIEW names AS SELECT name FROM items;
CREATE SEQUENCE numbers;
CREATE SCHEMA other;
"""
"""The schema before, as the first migration makes it."""

REVERSIBLE = {
    "table": "CREATE TABLE notes (id bigint PRIMARY KEY)",
    "table with a quoted name": 'CREATE TABLE "Odd Name" (id bigint PRIMARY KEY)',
    "table in another schema": "CREATE TABLE other.notes (id bigint PRIMARY KEY)",
    "tables that need each other": "CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (a_id bigint REFERENCES a)",
    "table with index, trigger and rows": "CREATE TABLE notes (id bigint PRIMARY KEY, t text);"
    "CREATE INDEX ON notes (t); CREATE TRIGGER g BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION noted();"
    "INSERT INTO notes VALUES (1, 'x'); ALTER TABLE notes ADD COLUMN more text; COMMENT ON TABLE notes IS 'n'",
    "table of a query": "CREATE TABLE copy AS SELECT * FROM items",
    "rename table": "ALTER TABLE items RENAME TO goods",
    "rename table, then use it": "ALTER TABLE items RENAME TO goods; ALTER TABLE goods ADD COLUMN note text",
    "set schema": "ALTER TABLE items SET SCHEMA other",
    "row security": "ALTER TABLE items ENABLE ROW LEVEL SECURITY; ALTER TABLE items FORCE ROW LEVEL SECURITY",
    "unlogged": "ALTER TABLE keyless SET UNLOGGED",
    "triggers off": "ALTER TABLE items DISABLE TRIGGER ALL",
    "user triggers off": "ALTER TABLE items DISABLE TRIGGER USER",
    "create partition": "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (20) TO (30)",
    "column": "ALTER TABLE items ADD COLUMN note text",
    "column, if it is not there": "ALTER TABLE items ADD COLUMN IF NOT EXISTS note text",
    "columns in one statement": "ALTER TABLE items ADD COLUMN note text, ADD COLUMN more int DEFAULT 7",
    "column that is filled and required": "ALTER TABLE items ADD COLUMN note text; UPDATE items SET note = 'x';"
    "ALTER TABLE items ALTER COLUMN note SET NOT NULL; ALTER TABLE items ALTER COLUMN note SET DEFAULT 'y'",
    "column with constraint and index": "ALTER TABLE items ADD COLUMN note text UNIQUE;"
    "CREATE INDEX note_idx ON items (note); ALTER TABLE items ADD CONSTRAINT note_long CHECK (note <> '')",
    "column of a new type": "CREATE TYPE colour AS ENUM ('red'); ALTER TABLE items ADD COLUMN hue colour",
    "column of a new domain": "CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);"
    "ALTER TABLE items ADD COLUMN brief short",
    "column that refers": "ALTER TABLE items ADD COLUMN other_id bigint REFERENCES parents (id)",
    "rename column": "ALTER TABLE items RENAME COLUMN name TO title",
    "rename column, then index it": "ALTER TABLE items RENAME COLUMN name TO title; CREATE INDEX ON items (title)",
    "set not null": "ALTER TABLE items ALTER COLUMN price SET NOT NULL",
    "drop not null": "ALTER TABLE items ALTER COLUMN name DROP NOT NULL",
    "foreign key": "ALTER TABLE items ADD CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parents (id)",
    "foreign key without a name": "ALTER TABLE items ADD FOREIGN KEY (parent_id) REFERENCES parents (id)",
    "foreign key, validated": "ALTER TABLE items ADD CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parents (id)"
    " NOT VALID; ALTER TABLE items VALIDATE CONSTRAINT fk",
    "unique": "ALTER TABLE items ADD CONSTRAINT items_name_key UNIQUE (name)",
    "unique without a name": "ALTER TABLE items ADD UNIQUE (name, price)",
    "primary key": "ALTER TABLE keyless ADD PRIMARY KEY (a)",
    "unique, using an index of its own": "CREATE UNIQUE INDEX u ON items (price);"
    "ALTER TABLE items ADD CONSTRAINT priced UNIQUE USING INDEX u",
    "check": "ALTER TABLE items ADD CONSTRAINT cheap CHECK (price < 100)",
    "exclusion": "ALTER TABLE items ADD CONSTRAINT ex EXCLUDE USING btree (price WITH =)",
    "rename constraint": "ALTER TABLE items RENAME CONSTRAINT items_price_positive TO costly",
    "index": "CREATE INDEX by_price ON items (price)",
    "index without a name": "CREATE INDEX ON items (price, state)",
    "index, concurrently": "CREATE INDEX CONCURRENTLY by_price ON items (price)",
    "index in another schema": "CREATE TABLE other.notes (id bigint); CREATE INDEX notes_idx ON other.notes (id)",
    "rename index": "ALTER INDEX items_name_idx RENAME TO by_name",
    "drop index": "DROP INDEX items_name_idx",
    "drop unique index": "DROP INDEX items_parent_key",
    "drop check": "ALTER TABLE items DROP CONSTRAINT items_price_positive",
    "enum": "CREATE TYPE colour AS ENUM ('red')",
    "rename enum value": "ALTER TYPE mood RENAME VALUE 'sad' TO 'it''s sad'",
    "rename type": "ALTER TYPE mood RENAME TO feeling",
    "domain": "CREATE DOMAIN short AS text",
    "composite type": "CREATE TYPE pair AS (a int, b int)",
    "range type": "CREATE TYPE span AS RANGE (subtype = int)",
    "function": "CREATE FUNCTION twice(n int, note text DEFAULT '') RETURNS int LANGUAGE sql AS 'SELECT 2 * n'",
    "function with results": "CREATE FUNCTION pair_of(n int, OUT a int, OUT b int) LANGUAGE sql AS 'SELECT n, n'",
    "procedure": "CREATE PROCEDURE tidy(n int) LANGUAGE sql AS 'SELECT 1'",
    "view": "CREATE VIEW prices AS SELECT price FROM items",
    "views on views": "CREATE VIEW a AS SELECT price FROM items; CREATE VIEW b AS SELECT * FROM a",
    "materialized view": "CREATE MATERIALIZED VIEW prices AS SELECT price FROM items; CREATE INDEX ON prices (price)",
    "sequence": "CREATE SEQUENCE counter",
    "schema": "CREATE SCHEMA fresh; CREATE TABLE fresh.notes (id int)",
    "extension": "CREATE EXTENSION btree_gist",
    "trigger": "CREATE TRIGGER g AFTER UPDATE ON items FOR EACH ROW EXECUTE FUNCTION noted()",
    "trigger with its function": "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER g AFTER UPDATE ON items FOR EACH ROW EXECUTE FUNCTION f()",
    "policy": "CREATE POLICY mine ON items USING (true)",
    "rule": "CREATE RULE kept AS ON DELETE TO items DO INSTEAD NOTHING",
    "rename view": "ALTER VIEW names RENAME TO titles",
    "rename sequence": "ALTER SEQUENCE numbers RENAME TO counts",
    "rename schema": "ALTER SCHEMA other RENAME TO another",
    "rename domain": "ALTER DOMAIN email RENAME TO address",
    "grant": "GRANT SELECT, INSERT ON items TO PUBLIC",
    "block": "DO $$ BEGIN CREATE TABLE notes (id int); ALTER TABLE items ADD COLUMN note text; END $$",
    "nothing to undo, and something": "COMMENT ON TABLE items IS 'i'; SET LOCAL lock_timeout = '5s';"
    "LOCK TABLE items; ALTER TABLE items ADD COLUMN note text; ANALYZE items",
    "transaction of its own": "BEGIN; ALTER TABLE items ADD COLUMN note text; CREATE INDEX ON items (price); COMMIT",
}
"""What a complete way back restores."""


STAYS = {
    "attach partition": (
        "ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM (10) TO (20)",
        "CREATE INDEX events_old_a_idx ON public.events_old",
    )
}
"""What a way back leaves that was not there before, by the piece of text it is known by."""


class Lost(NamedTuple):
    """A way up that cannot be undone as a whole, and words about what is lost."""

    sql: str
    words: str


LOST = {
    "drop table": Lost(
        "ALTER TABLE items ADD COLUMN note text; DROP TABLE keyless", "table `keyless` and its rows"
    ),
    "drop column": Lost("ALTER TABLE items DROP COLUMN price", "column `items.price` and its values"),
    "change type": Lost(
        "ALTER TABLE items ALTER COLUMN price TYPE numeric(9,2)", "previous type of `items.price`"
    ),
    "set default": Lost(
        "ALTER TABLE items ALTER COLUMN name SET DEFAULT 'y'", "previous default of `items.name`"
    ),
    "update": Lost("UPDATE items SET name = 'y'", "values of `items.name` before the update"),
    "delete": Lost("DELETE FROM items", "rows deleted from `items`"),
    "insert": Lost("INSERT INTO parents VALUES (7)", "rows inserted into `parents` stay"),
    "enum value": Lost("ALTER TYPE mood ADD VALUE 'glad'", "value `glad` of type `mood` cannot be removed"),
    "replace view": Lost(
        "CREATE OR REPLACE VIEW names AS SELECT name FROM items WHERE true",
        "previous version of view `names`",
    ),
    "drop view": Lost("DROP VIEW names", "definition of view `names`"),
    "check without a name": Lost("ALTER TABLE items ADD CHECK (price < 100)", "is not undone"),
    "unique, using an index": Lost(
        "ALTER TABLE keyless ADD CONSTRAINT u UNIQUE USING INDEX keyless_a",
        "index `keyless_a` goes with constraint `u`",
    ),
    "detach partition": Lost("ALTER TABLE events DETACH PARTITION events_1", "is not undone"),
}
