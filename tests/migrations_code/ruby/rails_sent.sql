-- What Rails 6.1 sends for the migrations of rails_cases.py, by the label of each and the way.
-- customers up
CREATE TABLE "customers" ("id" bigserial primary key, "email" character varying(120) NOT NULL, "bio" text DEFAULT 'it''s', "active" boolean DEFAULT TRUE NOT NULL, "small" smallint, "large" bigint DEFAULT 0, "visits" bigint, "balance" decimal(12,2) DEFAULT 0.5, "points" decimal(6), "plain" decimal, "score" float, "avatar" bytea, "born" date, "wakes" time, "seen" timestamp, "exact" timestamp(3), "paid" timestamp, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
CREATE UNIQUE INDEX "index_customers_on_email" ON "customers" ("email");
-- customers down
DROP TABLE "customers";
-- kinds up
CREATE TABLE "kinds" ("id" uuid DEFAULT gen_random_uuid() NOT NULL PRIMARY KEY, "a" json DEFAULT '[1,{"b":"it''s"}]', "b" jsonb DEFAULT '{}' NOT NULL, "c" uuid DEFAULT gen_random_uuid(), "d" inet, "e" cidr, "f" macaddr, "g" interval, "h" tsvector, "i" int4range, "j" int8range, "k" numrange, "l" tsrange, "m" tstzrange, "n" daterange, "o" point, "p" line, "q" box, "r" bit(8), "s" bit varying, "t" money, "u" xml, "v" oid, "w" character varying[] DEFAULT '{}', "x" integer[] DEFAULT '{1,2}', "y" smallint, "z" double precision DEFAULT 1.5, "when" timestamptz DEFAULT now(), "number" serial, "big" bigserial, "code" character varying COLLATE "C");
-- kinds down
DROP TABLE "kinds";
-- extensions up
CREATE EXTENSION IF NOT EXISTS "citext";
CREATE EXTENSION IF NOT EXISTS "hstore";
CREATE TABLE "docs" ("id" bigserial primary key, "name" citext, "tags" hstore);
-- extensions down
DROP TABLE "docs";
DROP EXTENSION IF EXISTS "hstore" CASCADE;
DROP EXTENSION IF EXISTS "citext" CASCADE;
-- keys up
CREATE TABLE "by_code" ("code" character varying NOT NULL PRIMARY KEY);
CREATE TABLE "by_int" ("id" serial NOT NULL PRIMARY KEY);
CREATE TABLE "pairs" ("a" bigint, "b" bigint, PRIMARY KEY ("a", "b"));
CREATE TABLE "keyless" ("a" character varying NOT NULL);
CREATE UNIQUE INDEX "a_of_keyless" ON "keyless" ("a");
CREATE TABLE "own_key" ("number" bigserial primary key);
CREATE TABLE "quiet" ("id" bigserial primary key);
DROP TABLE IF EXISTS "more";
CREATE TABLE "more" ("id" bigserial primary key);
CREATE TABLE "with_comment" ("id" bigserial primary key, "a" character varying);
COMMENT ON TABLE "with_comment" IS 'what it is';
COMMENT ON COLUMN "with_comment"."a" IS 'its name';
-- keys down
DROP TABLE "with_comment";
DROP TABLE "more";
DROP TABLE "quiet";
DROP TABLE "own_key";
DROP TABLE "keyless";
DROP TABLE "pairs";
DROP TABLE "by_int";
DROP TABLE "by_code";
-- lines up
CREATE TABLE "shops" ("id" bigserial primary key);
CREATE TABLE "orders" ("id" bigserial primary key, "customer_id" bigint NOT NULL, "shop_id" bigint, "payer_id" bigint, "owner_type" character varying NOT NULL, "owner_id" bigint NOT NULL, "thing_id" uuid, "state" character varying DEFAULT 'new', "total" decimal, "note" text, CONSTRAINT "fk_rails_3dad120da9" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id") , CONSTRAINT "to_shop" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE, CONSTRAINT "fk_rails_0f94005636" FOREIGN KEY ("payer_id") REFERENCES "customers" ("id") ON DELETE SET NULL ON UPDATE RESTRICT, CONSTRAINT "fk_rails_126c9d1e47" FOREIGN KEY ("thing_id") REFERENCES "kinds" ("id") , CONSTRAINT positive CHECK (total >= 0), CONSTRAINT chk_rails_13f45d1fe3 CHECK (total < 100));
CREATE INDEX "index_orders_on_customer_id" ON "orders" ("customer_id");
CREATE INDEX "index_orders_on_payer_id" ON "orders" ("payer_id");
CREATE INDEX "index_orders_on_owner" ON "orders" ("owner_type", "owner_id");
CREATE UNIQUE INDEX "one_thing" ON "orders" ("thing_id");
CREATE INDEX "index_orders_on_state" ON "orders" ("state");
CREATE INDEX "index_orders_on_state_and_total" ON "orders" ("state", "total") WHERE total > 0;
-- lines down
DROP TABLE "orders";
DROP TABLE "shops";
-- columns up
ALTER TABLE "orders" ADD "region" character varying(2) DEFAULT 'eu' NOT NULL;
ALTER TABLE "orders" ADD "tags" text[] DEFAULT '{}';
ALTER TABLE "orders" ADD "extra" jsonb DEFAULT '{"a":1}';
ALTER TABLE "orders" ADD "remark" text;
ALTER TABLE "orders" ADD "about" character varying;
COMMENT ON COLUMN "orders"."about" IS 'free text';
ALTER TABLE "orders" DROP COLUMN "note";
ALTER TABLE "customers" DROP COLUMN "bio";
ALTER TABLE "customers" DROP COLUMN "score";
ALTER TABLE "orders" RENAME COLUMN "region" TO "area";
ALTER TABLE "orders" RENAME COLUMN "state" TO "stage";
ALTER INDEX "index_orders_on_state" RENAME TO "index_orders_on_stage";
ALTER INDEX "index_orders_on_state_and_total" RENAME TO "index_orders_on_stage_and_total";
ALTER TABLE "orders" ALTER COLUMN "stage" SET NOT NULL;
UPDATE "orders" SET "total"=0.5 WHERE "total" IS NULL;
ALTER TABLE "orders" ALTER COLUMN "total" SET NOT NULL;
ALTER TABLE "orders" ALTER COLUMN "stage" SET DEFAULT 'draft';
ALTER TABLE "orders" ALTER COLUMN "total" SET DEFAULT 1.5;
COMMENT ON COLUMN "orders"."about" IS 'words';
COMMENT ON TABLE "orders" IS 'of customers';
-- columns down
COMMENT ON TABLE "orders" IS NULL;
COMMENT ON COLUMN "orders"."about" IS 'free text';
ALTER TABLE "orders" ALTER COLUMN "total" DROP DEFAULT;
ALTER TABLE "orders" ALTER COLUMN "stage" SET DEFAULT 'new';
ALTER TABLE "orders" ALTER COLUMN "total" DROP NOT NULL;
ALTER TABLE "orders" ALTER COLUMN "stage" DROP NOT NULL;
ALTER TABLE "orders" RENAME COLUMN "stage" TO "state";
ALTER INDEX "index_orders_on_stage" RENAME TO "index_orders_on_state";
ALTER INDEX "index_orders_on_stage_and_total" RENAME TO "index_orders_on_state_and_total";
ALTER TABLE "orders" RENAME COLUMN "area" TO "region";
ALTER TABLE "customers" ADD "bio" text;
ALTER TABLE "customers" ADD "score" text;
ALTER TABLE "orders" ADD "note" text;
ALTER TABLE "orders" DROP COLUMN "about";
ALTER TABLE "orders" DROP COLUMN "remark";
ALTER TABLE "orders" DROP COLUMN "extra";
ALTER TABLE "orders" DROP COLUMN "tags";
ALTER TABLE "orders" DROP COLUMN "region";
-- changed up
ALTER TABLE "orders" ALTER COLUMN "total" TYPE decimal(14,4);
ALTER TABLE "orders" ALTER COLUMN "stage" TYPE text, ALTER COLUMN "stage" DROP DEFAULT, ALTER COLUMN "stage" DROP NOT NULL;
ALTER TABLE "orders" ALTER COLUMN "area" TYPE character varying(10), ALTER COLUMN "area" SET DEFAULT 'us', ALTER COLUMN "area" SET NOT NULL;
ALTER TABLE "customers" ALTER COLUMN "small" TYPE bigint USING small::bigint;
ALTER TABLE "orders" ALTER COLUMN "total" DROP DEFAULT;
ALTER TABLE "orders" ALTER COLUMN "about" SET DEFAULT 'x';
-- changed down
ALTER TABLE "orders" ALTER COLUMN "total" TYPE decimal;
ALTER TABLE "orders" ALTER COLUMN "stage" TYPE character varying, ALTER COLUMN "stage" SET DEFAULT 'draft', ALTER COLUMN "stage" SET NOT NULL;
ALTER TABLE "orders" ALTER COLUMN "area" TYPE character varying(2);
ALTER TABLE "customers" ALTER COLUMN "small" TYPE smallint;
ALTER TABLE "orders" ALTER COLUMN "total" SET DEFAULT 1.5;
ALTER TABLE "orders" ALTER COLUMN "about" DROP DEFAULT;
-- indexes up
CREATE INDEX "index_orders_on_area" ON "orders" ("area");
CREATE UNIQUE INDEX "area_total" ON "orders" ("area", "total");
CREATE INDEX "low" ON "orders" (lower(remark));
CREATE INDEX "index_orders_on_lower_area" ON "orders" (lower(area));
CREATE INDEX "index_orders_on_lower_area_total" ON "orders" ((lower(area)), total);
CREATE INDEX "index_orders_on_tags" ON "orders" USING gin ("tags");
CREATE INDEX "index_orders_on_total_and_stage" ON "orders" ("total" DESC, "stage" DESC NULLS LAST);
CREATE INDEX "index_orders_on_about" ON "orders" ("about" text_pattern_ops) WHERE about IS NOT NULL;
CREATE INDEX "patterns" ON "orders" ("about" varchar_pattern_ops, "area");
ALTER INDEX "area_total" RENAME TO "area_and_total";
DROP INDEX "index_orders_on_area";
DROP INDEX "index_orders_on_total_and_stage";
DROP INDEX "patterns";
-- indexes down
CREATE INDEX "patterns" ON "orders" ("about", "area");
CREATE INDEX "index_orders_on_total_and_stage" ON "orders" ("total" DESC, "stage" DESC NULLS LAST);
CREATE INDEX "index_orders_on_area" ON "orders" ("area");
ALTER INDEX "area_and_total" RENAME TO "area_total";
DROP INDEX "patterns";
DROP INDEX "index_orders_on_about";
DROP INDEX "index_orders_on_total_and_stage";
DROP INDEX "index_orders_on_tags";
DROP INDEX "index_orders_on_lower_area_total";
DROP INDEX "index_orders_on_lower_area";
DROP INDEX "low";
DROP INDEX "area_total";
DROP INDEX "index_orders_on_area";
-- apart up
CREATE INDEX CONCURRENTLY "index_orders_on_shop_id" ON "orders" ("shop_id");
CREATE INDEX CONCURRENTLY "index_customers_on_active" ON "customers" ("active");
DROP INDEX CONCURRENTLY "index_orders_on_payer_id";
ALTER TABLE "orders" ADD "seller_id" bigint;
CREATE INDEX CONCURRENTLY "index_orders_on_seller_id" ON "orders" ("seller_id");
ALTER TABLE "orders" ADD CONSTRAINT "fk_rails_f569184c98" FOREIGN KEY ("seller_id") REFERENCES "customers" ("id") NOT VALID;
ALTER TABLE "orders" VALIDATE CONSTRAINT "fk_rails_f569184c98";
-- apart down
ALTER TABLE "orders" VALIDATE CONSTRAINT "fk_rails_f569184c98";
ALTER TABLE "orders" DROP CONSTRAINT "fk_rails_f569184c98";
ALTER TABLE "orders" DROP COLUMN "seller_id";
CREATE INDEX CONCURRENTLY "index_orders_on_payer_id" ON "orders" ("payer_id");
DROP INDEX CONCURRENTLY "index_customers_on_active";
DROP INDEX CONCURRENTLY "index_orders_on_shop_id";
-- constraints up
ALTER TABLE "kinds" ADD CONSTRAINT "fk_rails_cd132e8668" FOREIGN KEY ("number") REFERENCES "customers" ("id") NOT VALID;
ALTER TABLE "kinds" VALIDATE CONSTRAINT "fk_rails_cd132e8668";
ALTER TABLE "kinds" ADD CONSTRAINT "to_code" FOREIGN KEY ("code") REFERENCES "by_code" ("code") ON DELETE RESTRICT;
ALTER TABLE "kinds" VALIDATE CONSTRAINT "to_code";
ALTER TABLE "customers" ADD CONSTRAINT small_positive CHECK (small > 0) NOT VALID;
ALTER TABLE "customers" VALIDATE CONSTRAINT "small_positive";
ALTER TABLE "customers" ADD CONSTRAINT chk_rails_96c8efe553 CHECK (large > 0);
ALTER TABLE "orders" DROP CONSTRAINT "to_shop";
ALTER TABLE "orders" DROP CONSTRAINT "fk_rails_0f94005636";
ALTER TABLE "orders" DROP CONSTRAINT "positive";
-- constraints down
ALTER TABLE "kinds" VALIDATE CONSTRAINT "fk_rails_cd132e8668";
ALTER TABLE "kinds" VALIDATE CONSTRAINT "to_code";
ALTER TABLE "customers" VALIDATE CONSTRAINT "small_positive";
ALTER TABLE "orders" ADD CONSTRAINT positive CHECK (total >= 0);
ALTER TABLE "orders" ADD CONSTRAINT "fk_rails_0f94005636" FOREIGN KEY ("payer_id") REFERENCES "customers" ("id");
ALTER TABLE "orders" ADD CONSTRAINT "to_shop" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") ON DELETE CASCADE;
ALTER TABLE "customers" DROP CONSTRAINT "chk_rails_96c8efe553";
ALTER TABLE "customers" DROP CONSTRAINT "small_positive";
ALTER TABLE "kinds" DROP CONSTRAINT "to_code";
ALTER TABLE "kinds" DROP CONSTRAINT "fk_rails_cd132e8668";
-- references up
ALTER TABLE "orders" ADD "driver_id" bigint;
CREATE INDEX "index_orders_on_driver_id" ON "orders" ("driver_id");
ALTER TABLE "orders" ADD CONSTRAINT "fk_rails_704256a413" FOREIGN KEY ("driver_id") REFERENCES "customers" ("id");
ALTER TABLE "orders" ADD "depot_id" bigint;
ALTER TABLE "docs" ADD "subject_type" character varying;
ALTER TABLE "docs" ADD "subject_id" bigint;
CREATE INDEX "by_subject" ON "docs" ("subject_type", "subject_id");
ALTER TABLE "orders" DROP COLUMN "owner_id";
ALTER TABLE "orders" DROP COLUMN "owner_type";
ALTER TABLE "orders" DROP CONSTRAINT "fk_rails_3dad120da9";
ALTER TABLE "orders" DROP COLUMN "customer_id";
-- references down
ALTER TABLE "orders" ADD "customer_id" bigint;
CREATE INDEX "index_orders_on_customer_id" ON "orders" ("customer_id");
ALTER TABLE "orders" ADD CONSTRAINT "fk_rails_3dad120da9" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id");
ALTER TABLE "orders" ADD "owner_type" character varying NOT NULL;
ALTER TABLE "orders" ADD "owner_id" bigint NOT NULL;
CREATE INDEX "index_orders_on_owner" ON "orders" ("owner_type", "owner_id");
ALTER TABLE "docs" DROP COLUMN "subject_id";
ALTER TABLE "docs" DROP COLUMN "subject_type";
ALTER TABLE "orders" DROP COLUMN "depot_id";
ALTER TABLE "orders" DROP CONSTRAINT "fk_rails_704256a413";
ALTER TABLE "orders" DROP COLUMN "driver_id";
-- tables up
ALTER TABLE "docs" RENAME TO "papers";
ALTER INDEX "docs_pkey" RENAME TO "papers_pkey";
ALTER TABLE "public"."docs_id_seq" RENAME TO "papers_id_seq";
ALTER TABLE "shops" ADD "city" character varying;
ALTER TABLE "shops" ADD "rank" integer DEFAULT 1;
ALTER TABLE "shops" ADD "parent_id" bigint;
CREATE INDEX "index_shops_on_parent_id" ON "shops" ("parent_id");
ALTER TABLE "shops" ADD CONSTRAINT "fk_rails_1c5551102e" FOREIGN KEY ("parent_id") REFERENCES "shops" ("id");
CREATE INDEX "index_shops_on_city" ON "shops" ("city");
ALTER TABLE "shops" ADD "created_at" timestamp(6);
ALTER TABLE "shops" ADD "updated_at" timestamp(6);
ALTER TABLE "shops" RENAME COLUMN "rank" TO "place";
ALTER TABLE "shops" ALTER COLUMN "place" SET DEFAULT 2;
ALTER TABLE "shops" ALTER COLUMN "place" SET NOT NULL;
CREATE TABLE "customers_shops" ("shop_id" bigint NOT NULL, "customer_id" bigint NOT NULL);
CREATE TABLE "shelf" ("kind_id" bigint, "paper_id" bigint);
CREATE UNIQUE INDEX "index_shelf_on_kind_id_and_paper_id" ON "shelf" ("kind_id", "paper_id");
CREATE INDEX "index_shelf_on_paper_id" ON "shelf" ("paper_id");
CREATE TABLE "temps" ("id" bigserial primary key, "a" character varying);
DROP TABLE "temps";
DROP TABLE "customers_shops";
ALTER TABLE "by_int" ADD "created_at" timestamp(6) DEFAULT now() NOT NULL;
ALTER TABLE "by_int" ADD "updated_at" timestamp(6) DEFAULT now() NOT NULL;
ALTER TABLE "customers" DROP COLUMN "updated_at";
ALTER TABLE "customers" DROP COLUMN "created_at";
-- tables down
ALTER TABLE "customers" ADD "created_at" timestamp(6) NOT NULL;
ALTER TABLE "customers" ADD "updated_at" timestamp(6) NOT NULL;
ALTER TABLE "by_int" DROP COLUMN "updated_at";
ALTER TABLE "by_int" DROP COLUMN "created_at";
CREATE TABLE "customers_shops" ("shop_id" bigint NOT NULL, "customer_id" bigint NOT NULL);
CREATE TABLE "temps" ("id" bigserial primary key, "a" character varying);
DROP TABLE "temps";
DROP TABLE "shelf";
DROP TABLE "customers_shops";
ALTER TABLE "shops" ALTER COLUMN "place" DROP NOT NULL;
ALTER TABLE "shops" ALTER COLUMN "place" SET DEFAULT 1;
ALTER TABLE "shops" RENAME COLUMN "place" TO "rank";
ALTER TABLE "shops" DROP COLUMN "updated_at";
ALTER TABLE "shops" DROP COLUMN "created_at";
DROP INDEX "index_shops_on_city";
ALTER TABLE "shops" DROP CONSTRAINT "fk_rails_1c5551102e";
ALTER TABLE "shops" DROP COLUMN "parent_id";
ALTER TABLE "shops" DROP COLUMN "rank";
ALTER TABLE "shops" DROP COLUMN "city";
ALTER TABLE "papers" RENAME TO "docs";
ALTER INDEX "papers_pkey" RENAME TO "docs_pkey";
ALTER TABLE "public"."papers_id_seq" RENAME TO "docs_id_seq";
-- bulk up
ALTER TABLE "by_code" ADD "street" character varying DEFAULT '' NOT NULL, ALTER COLUMN "code" TYPE text, ADD "zip" character varying;
CREATE INDEX "index_by_code_on_zip" ON "by_code" ("zip");
ALTER TABLE "by_code" ADD "created_at" timestamp(6), ADD "updated_at" timestamp(6);
-- bulk down
DROP INDEX "index_by_code_on_zip";
ALTER TABLE "by_code" DROP COLUMN "street", DROP COLUMN "zip", DROP COLUMN "updated_at", DROP COLUMN "created_at", ALTER COLUMN "code" TYPE character varying;
-- both up
CREATE VIEW shown AS SELECT 1 AS one;
UPDATE orders SET about = 'y';
ALTER TABLE "orders" ADD "last" character varying;
UPDATE orders SET last = 'z';
DROP TABLE "quiet";
-- both down
CREATE TABLE "quiet" ("id" bigserial primary key);
ALTER TABLE "orders" DROP COLUMN "last";
DROP VIEW shown;
-- of_six up
CREATE TABLE "sixes" ("id" bigserial primary key, "owner_type" character varying, "owner_id" bigint, "shop_id" bigint, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
CREATE INDEX "index_sixes_on_owner_type_and_owner_id" ON "sixes" ("owner_type", "owner_id");
CREATE INDEX "index_sixes_on_shop_id" ON "sixes" ("shop_id");
ALTER TABLE "sixes" ADD "thing_type" character varying;
ALTER TABLE "sixes" ADD "thing_id" bigint;
CREATE INDEX "index_sixes_on_thing_type_and_thing_id" ON "sixes" ("thing_type", "thing_id");
ALTER TABLE "sixes" ADD "seen" timestamp;
-- of_six down
ALTER TABLE "sixes" DROP COLUMN "seen";
ALTER TABLE "sixes" DROP COLUMN "thing_id";
ALTER TABLE "sixes" DROP COLUMN "thing_type";
DROP TABLE "sixes";
-- of_five up
CREATE TABLE "fives" ("id" bigserial primary key, "shop_id" bigint, "note" text, "created_at" timestamp NOT NULL, "updated_at" timestamp NOT NULL, CONSTRAINT "fk_rails_510c9d16da" FOREIGN KEY ("shop_id") REFERENCES "shops" ("id") );
CREATE INDEX "index_fives_on_shop_id" ON "fives" ("shop_id");
ALTER TABLE "keyless" ADD "created_at" timestamp NOT NULL;
ALTER TABLE "keyless" ADD "updated_at" timestamp NOT NULL;
ALTER TABLE "fives" ALTER COLUMN "note" TYPE character varying;
ALTER TABLE "fives" ALTER COLUMN "note" SET DEFAULT 'a';
UPDATE "fives" SET "note"='a' WHERE "note" IS NULL;
ALTER TABLE "fives" ALTER COLUMN "note" SET NOT NULL;
-- of_five down
ALTER TABLE "keyless" DROP COLUMN "updated_at";
ALTER TABLE "keyless" DROP COLUMN "created_at";
DROP TABLE "fives";
-- of_old up
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE TABLE "olds" ("id" uuid DEFAULT uuid_generate_v4() NOT NULL PRIMARY KEY, "shop_id" integer, "created_at" timestamp NOT NULL, "updated_at" timestamp NOT NULL);
CREATE INDEX "index_olds_on_shop_id" ON "olds" ("shop_id");
CREATE TABLE "elders" ("id" serial NOT NULL PRIMARY KEY, "old_id" uuid);
CREATE INDEX "index_elders_on_old_id" ON "elders" ("old_id");
CREATE TABLE "elders_olds" ("old_id" integer NOT NULL, "elder_id" integer NOT NULL);
ALTER TABLE "olds" ADD "elder_id" integer;
CREATE INDEX "index_olds_on_elder_id" ON "olds" ("elder_id");
ALTER TABLE "olds" ADD CONSTRAINT "fk_rails_defcfa6921" FOREIGN KEY ("elder_id") REFERENCES "elders" ("id");
ALTER TABLE "keyless" ADD "number" serial NOT NULL PRIMARY KEY;
-- of_old down
ALTER TABLE "keyless" DROP COLUMN "number";
ALTER TABLE "olds" DROP CONSTRAINT "fk_rails_defcfa6921";
ALTER TABLE "olds" DROP COLUMN "elder_id";
DROP TABLE "elders_olds";
DROP TABLE "elders";
DROP TABLE "olds";
DROP EXTENSION IF EXISTS "uuid-ossp" CASCADE;
-- of_oldest up
CREATE TABLE "ancients" ("id" serial NOT NULL PRIMARY KEY, "shop_id" integer, "created_at" timestamp, "updated_at" timestamp);
ALTER TABLE "ancients" ADD "old_id" integer;
ALTER TABLE "elders" ADD "created_at" timestamp;
ALTER TABLE "elders" ADD "updated_at" timestamp;
-- of_oldest down
ALTER TABLE "elders" DROP COLUMN "updated_at";
ALTER TABLE "elders" DROP COLUMN "created_at";
ALTER TABLE "ancients" DROP COLUMN "old_id";
DROP TABLE "ancients";
