"""A history of two apps for Django, in which nothing is told by the names of files alone."""

from typing import Final

_HEAD: Final = """from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
"""

FILES: Final = {
    "crm/apps.py": """
from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    label = "clients"
""",
    "crm/migrations/0001_initial.py": _HEAD
    + """
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Person", [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=20, unique=True)), ("code", models.SlugField())], options={"db_table": "people"}),
        migrations.CreateModel("Tag", [("slug", models.CharField(max_length=30, primary_key=True))]),
        migrations.CreateModel("Old", [("id", models.AutoField(primary_key=True)), ("a", models.IntegerField()), ("b", models.IntegerField())], options={"unique_together": {("a", "b")}}),
        migrations.CreateModel("Ghost", [("id", models.AutoField(primary_key=True)), ("a", models.IntegerField())], options={"managed": False}),
    ]
""",
    "shop/migrations/0001_initial.py": _HEAD
    + """
    initial = True
    dependencies = [("clients", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel("Order", [
            ("id", models.BigAutoField(primary_key=True)),
            ("person", models.ForeignKey("clients.Person", on_delete=models.CASCADE)),
            ("user", models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)),
            ("note", models.TextField(blank=True)),
            ("amount", models.PositiveIntegerField(null=True)),
            ("code", models.CharField(max_length=20, null=True)),
            ("tags", models.ManyToManyField("clients.Tag")),
            ("friends", models.ManyToManyField("self", db_table="order_friends")),
        ], options={"indexes": [models.Index(fields=["person", "code"], name="by_person")], "constraints": [models.UniqueConstraint(fields=["person", "note"], name="once")]}),
        migrations.CreateModel("Line", [
            ("id", models.BigAutoField(primary_key=True)),
            ("order", models.ForeignKey("Order", on_delete=models.CASCADE)),
            ("tag", models.ForeignKey("clients.Tag", db_column="label", on_delete=models.CASCADE)),
            ("person", models.ForeignKey("clients.Person", to_field="name", on_delete=models.CASCADE, db_constraint=False)),
        ]),
    ]
""",
    "shop/migrations/0002_change.py": _HEAD
    + """
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AlterField("order", "code", models.CharField(max_length=40, null=True)),
        migrations.AlterField("order", "code", models.CharField(max_length=40, null=True, help_text="x")),
        migrations.AlterField("order", "code", models.TextField(null=True)),
        migrations.AlterField("order", "code", models.TextField(default="x")),
        migrations.AlterField("order", "amount", models.BigIntegerField(null=True)),
        migrations.AlterField("order", "amount", models.BigIntegerField(null=True, db_index=True)),
        migrations.AlterField("order", "amount", models.BigIntegerField(null=True, unique=True)),
        migrations.AlterField("order", "amount", models.BigIntegerField(null=True)),
        migrations.AlterField("line", "tag", models.ForeignKey("clients.Tag", null=True, db_column="label", on_delete=models.CASCADE)),
        migrations.AlterField("line", "tag", models.ForeignKey("clients.Tag", null=True, db_column="label", related_name="+", on_delete=models.SET_NULL)),
        migrations.RenameField("line", "order", "parent"),
        migrations.RemoveField("order", "user"),
        migrations.RemoveField("order", "tags"),
        migrations.AddField("line", "also", models.ManyToManyField("Order", db_table="also_them", related_name="+")),
        migrations.AddField("line", "who", models.ForeignKey("clients.Person", default=1, on_delete=models.CASCADE)),
        migrations.AlterUniqueTogether("line", {("parent", "who"), ("tag", "who")}),
        migrations.AlterUniqueTogether("line", {("parent", "who")}),
    ]
""",
    "shop/migrations/0003_rename.py": _HEAD
    + """
    dependencies = [("shop", "0002_change"), ("clients", "0002_big")]
    operations = [
        migrations.RenameModel("Order", "Purchase"),
        migrations.AlterModelTable("line", "lines"),
        migrations.AlterModelTable("line", None),
        migrations.AddConstraint("line", models.UniqueConstraint(fields=["parent", "tag"], name="pair")),
    ]
""",
    "crm/migrations/0002_big.py": _HEAD
    + """
    dependencies = [("clients", "0001_initial"), ("shop", "0002_change")]
    operations = [
        migrations.AlterField("person", "id", models.BigAutoField(primary_key=True)),
        migrations.AlterUniqueTogether("old", set()),
        migrations.DeleteModel("Old"),
        migrations.AddField("ghost", "b", models.IntegerField(null=True)),
        migrations.DeleteModel("Ghost"),
        migrations.RenameField("person", "name", "full_name"),
    ]
""",
    "shop/migrations/0004_index.py": _HEAD
    + """
    atomic = False
    dependencies = [("shop", "0003_rename"), ("clients", "0002_big")]
    operations = [
        AddIndexConcurrently("line", models.Index(fields=["parent", "-who"], name="line_parent")),
        migrations.RenameIndex("line", new_name="line_p", old_name="line_parent"),
        RemoveIndexConcurrently("line", "line_p"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AddField("purchase", "state", models.CharField(max_length=3, default="n"))],
            state_operations=[migrations.AddField("purchase", "state", models.CharField(max_length=3, default="n"))],
        ),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.AddField("purchase", "gone", models.CharField(max_length=3, default="n"))]),
        migrations.AlterField("purchase", "state", models.CharField(max_length=5, default="n")),
    ]
""",
    "proj/settings.py": """
INSTALLED_APPS = []
""",
}

SENT: Final = {
    "shop/migrations/0001_initial.py": (
        """
CREATE TABLE "shop_order" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "person_id" integer NOT NULL, "user_id" integer NULL UNIQUE, "note" text NOT NULL, "amount" integer NULL CHECK ("amount" >= 0), "code" varchar(20) NULL, CONSTRAINT "once" UNIQUE ("person_id", "note"));
CREATE TABLE "shop_order_tags" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "order_id" bigint NOT NULL, "tag_id" varchar(30) NOT NULL);
CREATE TABLE "order_friends" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "from_order_id" bigint NOT NULL, "to_order_id" bigint NOT NULL);
CREATE TABLE "shop_line" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "order_id" bigint NOT NULL, "label" varchar(30) NOT NULL, "person_id" varchar(20) NOT NULL);
ALTER TABLE "shop_order" ADD CONSTRAINT "shop_order_person_id_8af31d25_fk_people_id" FOREIGN KEY ("person_id") REFERENCES "people" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shop_order" ADD CONSTRAINT "shop_order_user_id_00aba627_fk_auth_user_id" FOREIGN KEY ("user_id") REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX "shop_order_person_id_8af31d25" ON "shop_order" ("person_id");
CREATE INDEX "by_person" ON "shop_order" ("person_id", "code");
ALTER TABLE "shop_order_tags" ADD CONSTRAINT "shop_order_tags_order_id_tag_id_2fbdacc8_uniq" UNIQUE ("order_id", "tag_id");
ALTER TABLE "shop_order_tags" ADD CONSTRAINT "shop_order_tags_order_id_5bb25cfa_fk_shop_order_id" FOREIGN KEY ("order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shop_order_tags" ADD CONSTRAINT "shop_order_tags_tag_id_9a3f0a99_fk_clients_tag_slug" FOREIGN KEY ("tag_id") REFERENCES "clients_tag" ("slug") DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX "shop_order_tags_order_id_5bb25cfa" ON "shop_order_tags" ("order_id");
CREATE INDEX "shop_order_tags_tag_id_9a3f0a99" ON "shop_order_tags" ("tag_id");
CREATE INDEX "shop_order_tags_tag_id_9a3f0a99_like" ON "shop_order_tags" ("tag_id" varchar_pattern_ops);
ALTER TABLE "order_friends" ADD CONSTRAINT "order_friends_from_order_id_to_order_id_e9f8667b_uniq" UNIQUE ("from_order_id", "to_order_id");
ALTER TABLE "order_friends" ADD CONSTRAINT "order_friends_from_order_id_d7d26a3a_fk_shop_order_id" FOREIGN KEY ("from_order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "order_friends" ADD CONSTRAINT "order_friends_to_order_id_614e3a4e_fk_shop_order_id" FOREIGN KEY ("to_order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX "order_friends_from_order_id_d7d26a3a" ON "order_friends" ("from_order_id");
CREATE INDEX "order_friends_to_order_id_614e3a4e" ON "order_friends" ("to_order_id");
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_order_id_6871eda7_fk_shop_order_id" FOREIGN KEY ("order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_label_42f9df52_fk_clients_tag_slug" FOREIGN KEY ("label") REFERENCES "clients_tag" ("slug") DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX "shop_line_order_id_6871eda7" ON "shop_line" ("order_id");
CREATE INDEX "shop_line_label_42f9df52" ON "shop_line" ("label");
CREATE INDEX "shop_line_label_42f9df52_like" ON "shop_line" ("label" varchar_pattern_ops);
CREATE INDEX "shop_line_person_id_dcdcb1b6" ON "shop_line" ("person_id");
CREATE INDEX "shop_line_person_id_dcdcb1b6_like" ON "shop_line" ("person_id" varchar_pattern_ops);
""",
        """
DROP TABLE "shop_line" CASCADE;
DROP TABLE "shop_order_tags" CASCADE;
DROP TABLE "order_friends" CASCADE;
DROP TABLE "shop_order" CASCADE;
""",
    ),
    "shop/migrations/0002_change.py": (
        """
ALTER TABLE "shop_order" ALTER COLUMN "code" TYPE varchar(40);
ALTER TABLE "shop_order" ALTER COLUMN "code" TYPE text USING "code"::text;
ALTER TABLE "shop_order" ALTER COLUMN "code" SET DEFAULT 'x';
UPDATE "shop_order" SET "code" = 'x' WHERE "code" IS NULL; SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE "shop_order" ALTER COLUMN "code" SET NOT NULL;
ALTER TABLE "shop_order" ALTER COLUMN "code" DROP DEFAULT;
ALTER TABLE "shop_order" DROP CONSTRAINT "shop_order_amount_check";
ALTER TABLE "shop_order" ALTER COLUMN "amount" TYPE bigint USING "amount"::bigint;
CREATE INDEX "shop_order_amount_671b311a" ON "shop_order" ("amount");
DROP INDEX IF EXISTS "shop_order_amount_671b311a";
ALTER TABLE "shop_order" ADD CONSTRAINT "shop_order_amount_671b311a_uniq" UNIQUE ("amount");
ALTER TABLE "shop_order" DROP CONSTRAINT "shop_order_amount_671b311a_uniq";
DROP INDEX IF EXISTS "shop_order_amount_671b311a_like";
SET CONSTRAINTS "shop_line_label_42f9df52_fk_clients_tag_slug" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_label_42f9df52_fk_clients_tag_slug";
ALTER TABLE "shop_line" ALTER COLUMN "label" DROP NOT NULL;
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_label_42f9df52_fk_clients_tag_slug" FOREIGN KEY ("label") REFERENCES "clients_tag" ("slug") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "shop_line_order_id_6871eda7_fk_shop_order_id" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_order_id_6871eda7_fk_shop_order_id";
ALTER TABLE "shop_line" RENAME COLUMN "order_id" TO "parent_id";
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_parent_id_aee6e095_fk_shop_order_id" FOREIGN KEY ("parent_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "shop_order_user_id_00aba627_fk_auth_user_id" IMMEDIATE; ALTER TABLE "shop_order" DROP CONSTRAINT "shop_order_user_id_00aba627_fk_auth_user_id";
ALTER TABLE "shop_order" DROP COLUMN "user_id" CASCADE;
DROP TABLE "shop_order_tags" CASCADE;
CREATE TABLE "also_them" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "line_id" bigint NOT NULL, "order_id" bigint NOT NULL);
ALTER TABLE "shop_line" ADD COLUMN "who_id" integer DEFAULT 1 NOT NULL CONSTRAINT "shop_line_who_id_c3dedc68_fk_people_id" REFERENCES "people"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "shop_line_who_id_c3dedc68_fk_people_id" IMMEDIATE;
ALTER TABLE "shop_line" ALTER COLUMN "who_id" DROP DEFAULT;
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_parent_id_who_id_656f68df_uniq" UNIQUE ("parent_id", "who_id");
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_label_who_id_c6c8498c_uniq" UNIQUE ("label", "who_id");
ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_label_who_id_c6c8498c_uniq";
ALTER TABLE "also_them" ADD CONSTRAINT "also_them_line_id_order_id_61fdb422_uniq" UNIQUE ("line_id", "order_id");
ALTER TABLE "also_them" ADD CONSTRAINT "also_them_line_id_ebe0e345_fk_shop_line_id" FOREIGN KEY ("line_id") REFERENCES "shop_line" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "also_them" ADD CONSTRAINT "also_them_order_id_e74ccbe4_fk_shop_order_id" FOREIGN KEY ("order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX "also_them_line_id_ebe0e345" ON "also_them" ("line_id");
CREATE INDEX "also_them_order_id_e74ccbe4" ON "also_them" ("order_id");
CREATE INDEX "shop_line_who_id_c3dedc68" ON "shop_line" ("who_id");
""",
        """
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_label_who_id_c6c8498c_uniq" UNIQUE ("label", "who_id");
ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_parent_id_who_id_656f68df_uniq";
ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_label_who_id_c6c8498c_uniq";
SET CONSTRAINTS "shop_line_who_id_c3dedc68_fk_people_id" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_who_id_c3dedc68_fk_people_id";
ALTER TABLE "shop_line" DROP COLUMN "who_id" CASCADE;
DROP TABLE "also_them" CASCADE;
CREATE TABLE "shop_order_tags" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "order_id" bigint NOT NULL, "tag_id" varchar(30) NOT NULL);
ALTER TABLE "shop_order" ADD COLUMN "user_id" integer NULL UNIQUE CONSTRAINT "shop_order_user_id_00aba627_fk_auth_user_id" REFERENCES "auth_user"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "shop_order_user_id_00aba627_fk_auth_user_id" IMMEDIATE;
SET CONSTRAINTS "shop_line_parent_id_aee6e095_fk_shop_order_id" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_parent_id_aee6e095_fk_shop_order_id";
ALTER TABLE "shop_line" RENAME COLUMN "parent_id" TO "order_id";
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_order_id_6871eda7_fk_shop_order_id" FOREIGN KEY ("order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "shop_line_label_42f9df52_fk_clients_tag_slug" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_label_42f9df52_fk_clients_tag_slug";
ALTER TABLE "shop_line" ALTER COLUMN "label" SET NOT NULL;
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_label_42f9df52_fk_clients_tag_slug" FOREIGN KEY ("label") REFERENCES "clients_tag" ("slug") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shop_order" ADD CONSTRAINT "shop_order_amount_671b311a_uniq" UNIQUE ("amount");
ALTER TABLE "shop_order" DROP CONSTRAINT "shop_order_amount_671b311a_uniq";
CREATE INDEX "shop_order_amount_671b311a" ON "shop_order" ("amount");
DROP INDEX IF EXISTS "shop_order_amount_671b311a";
ALTER TABLE "shop_order" ALTER COLUMN "amount" TYPE integer USING "amount"::integer;
ALTER TABLE "shop_order" ADD CONSTRAINT "shop_order_amount_671b311a_check" CHECK ("amount" >= 0);
ALTER TABLE "shop_order" ALTER COLUMN "code" DROP NOT NULL;
ALTER TABLE "shop_order" ALTER COLUMN "code" TYPE varchar(40) USING "code"::varchar(40);
ALTER TABLE "shop_order" ALTER COLUMN "code" TYPE varchar(20);
ALTER TABLE "shop_order_tags" ADD CONSTRAINT "shop_order_tags_order_id_tag_id_2fbdacc8_uniq" UNIQUE ("order_id", "tag_id");
ALTER TABLE "shop_order_tags" ADD CONSTRAINT "shop_order_tags_order_id_5bb25cfa_fk_shop_order_id" FOREIGN KEY ("order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shop_order_tags" ADD CONSTRAINT "shop_order_tags_tag_id_9a3f0a99_fk_clients_tag_slug" FOREIGN KEY ("tag_id") REFERENCES "clients_tag" ("slug") DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX "shop_order_tags_order_id_5bb25cfa" ON "shop_order_tags" ("order_id");
CREATE INDEX "shop_order_tags_tag_id_9a3f0a99" ON "shop_order_tags" ("tag_id");
CREATE INDEX "shop_order_tags_tag_id_9a3f0a99_like" ON "shop_order_tags" ("tag_id" varchar_pattern_ops);
""",
    ),
    "shop/migrations/0003_rename.py": (
        """
ALTER TABLE "shop_order" RENAME TO "shop_purchase";
SET CONSTRAINTS "order_friends_to_order_id_614e3a4e_fk_shop_order_id" IMMEDIATE; ALTER TABLE "order_friends" DROP CONSTRAINT "order_friends_to_order_id_614e3a4e_fk_shop_order_id";
ALTER TABLE "order_friends" RENAME COLUMN "to_order_id" TO "to_purchase_id";
ALTER TABLE "order_friends" ADD CONSTRAINT "order_friends_to_purchase_id_35c1d6e3_fk_shop_purchase_id" FOREIGN KEY ("to_purchase_id") REFERENCES "shop_purchase" ("id") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "order_friends_from_order_id_d7d26a3a_fk_shop_order_id" IMMEDIATE; ALTER TABLE "order_friends" DROP CONSTRAINT "order_friends_from_order_id_d7d26a3a_fk_shop_order_id";
ALTER TABLE "order_friends" RENAME COLUMN "from_order_id" TO "from_purchase_id";
ALTER TABLE "order_friends" ADD CONSTRAINT "order_friends_from_purchase_id_15f1bd07_fk_shop_purchase_id" FOREIGN KEY ("from_purchase_id") REFERENCES "shop_purchase" ("id") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "shop_line_parent_id_aee6e095_fk_shop_order_id" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_parent_id_aee6e095_fk_shop_order_id";
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_parent_id_aee6e095_fk_shop_purchase_id" FOREIGN KEY ("parent_id") REFERENCES "shop_purchase" ("id") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "also_them_order_id_e74ccbe4_fk_shop_order_id" IMMEDIATE; ALTER TABLE "also_them" DROP CONSTRAINT "also_them_order_id_e74ccbe4_fk_shop_order_id";
ALTER TABLE "also_them" RENAME COLUMN "order_id" TO "purchase_id";
ALTER TABLE "also_them" ADD CONSTRAINT "also_them_purchase_id_da37d348_fk_shop_purchase_id" FOREIGN KEY ("purchase_id") REFERENCES "shop_purchase" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shop_line" RENAME TO "lines";
ALTER TABLE "lines" RENAME TO "shop_line";
ALTER TABLE "shop_line" ADD CONSTRAINT "pair" UNIQUE ("parent_id", "label");
""",
        """
ALTER TABLE "shop_line" DROP CONSTRAINT "pair";
ALTER TABLE "shop_line" RENAME TO "lines";
ALTER TABLE "lines" RENAME TO "shop_line";
ALTER TABLE "shop_purchase" RENAME TO "shop_order";
SET CONSTRAINTS "order_friends_to_purchase_id_35c1d6e3_fk_shop_purchase_id" IMMEDIATE; ALTER TABLE "order_friends" DROP CONSTRAINT "order_friends_to_purchase_id_35c1d6e3_fk_shop_purchase_id";
ALTER TABLE "order_friends" RENAME COLUMN "to_purchase_id" TO "to_order_id";
ALTER TABLE "order_friends" ADD CONSTRAINT "order_friends_to_order_id_614e3a4e_fk_shop_order_id" FOREIGN KEY ("to_order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "order_friends_from_purchase_id_15f1bd07_fk_shop_purchase_id" IMMEDIATE; ALTER TABLE "order_friends" DROP CONSTRAINT "order_friends_from_purchase_id_15f1bd07_fk_shop_purchase_id";
ALTER TABLE "order_friends" RENAME COLUMN "from_purchase_id" TO "from_order_id";
ALTER TABLE "order_friends" ADD CONSTRAINT "order_friends_from_order_id_d7d26a3a_fk_shop_order_id" FOREIGN KEY ("from_order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "shop_line_parent_id_aee6e095_fk_shop_purchase_id" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_parent_id_aee6e095_fk_shop_purchase_id";
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_parent_id_aee6e095_fk_shop_order_id" FOREIGN KEY ("parent_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
SET CONSTRAINTS "also_them_purchase_id_da37d348_fk_shop_purchase_id" IMMEDIATE; ALTER TABLE "also_them" DROP CONSTRAINT "also_them_purchase_id_da37d348_fk_shop_purchase_id";
ALTER TABLE "also_them" RENAME COLUMN "purchase_id" TO "order_id";
ALTER TABLE "also_them" ADD CONSTRAINT "also_them_order_id_e74ccbe4_fk_shop_order_id" FOREIGN KEY ("order_id") REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED;
""",
    ),
    "shop/migrations/0004_index.py": (
        """
CREATE INDEX CONCURRENTLY "line_parent" ON "shop_line" ("parent_id", "who_id" DESC);
ALTER INDEX "line_parent" RENAME TO "line_p";
DROP INDEX CONCURRENTLY IF EXISTS "line_p";
ALTER TABLE "shop_purchase" ADD COLUMN "state" varchar(3) DEFAULT 'n' NOT NULL;
ALTER TABLE "shop_purchase" ALTER COLUMN "state" DROP DEFAULT;
ALTER TABLE "shop_purchase" ALTER COLUMN "state" TYPE varchar(5);
""",
        """
ALTER TABLE "shop_purchase" ALTER COLUMN "state" TYPE varchar(3);
ALTER TABLE "shop_purchase" DROP COLUMN "state" CASCADE;
CREATE INDEX CONCURRENTLY "line_p" ON "shop_line" ("parent_id", "who_id" DESC);
ALTER INDEX "line_p" RENAME TO "line_parent";
DROP INDEX CONCURRENTLY IF EXISTS "line_parent";
""",
    ),
    "crm/migrations/0001_initial.py": (
        """
CREATE TABLE "people" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "name" varchar(20) NOT NULL UNIQUE, "code" varchar(50) NOT NULL);
CREATE TABLE "clients_tag" ("slug" varchar(30) NOT NULL PRIMARY KEY);
CREATE TABLE "clients_old" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "a" integer NOT NULL, "b" integer NOT NULL);
CREATE INDEX "people_name_5e71aad4_like" ON "people" ("name" varchar_pattern_ops);
CREATE INDEX "people_code_bc71a9cb" ON "people" ("code");
CREATE INDEX "people_code_bc71a9cb_like" ON "people" ("code" varchar_pattern_ops);
CREATE INDEX "clients_tag_slug_476c0ec6_like" ON "clients_tag" ("slug" varchar_pattern_ops);
ALTER TABLE "clients_old" ADD CONSTRAINT "clients_old_a_b_0475c87e_uniq" UNIQUE ("a", "b");
""",
        """
DROP TABLE "clients_old" CASCADE;
DROP TABLE "clients_tag" CASCADE;
DROP TABLE "people" CASCADE;
""",
    ),
    "crm/migrations/0002_big.py": (
        """
SET CONSTRAINTS "shop_line_who_id_c3dedc68_fk_people_id" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_who_id_c3dedc68_fk_people_id";
SET CONSTRAINTS "shop_order_person_id_8af31d25_fk_people_id" IMMEDIATE; ALTER TABLE "shop_order" DROP CONSTRAINT "shop_order_person_id_8af31d25_fk_people_id";
ALTER TABLE "people" ALTER COLUMN "id" TYPE bigint USING "id"::bigint;
ALTER SEQUENCE IF EXISTS "people_id_seq" AS bigint;
ALTER TABLE "shop_line" ALTER COLUMN "who_id" TYPE bigint USING "who_id"::bigint;
ALTER TABLE "shop_order" ALTER COLUMN "person_id" TYPE bigint USING "person_id"::bigint;
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_who_id_c3dedc68_fk" FOREIGN KEY ("who_id") REFERENCES "people" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shop_order" ADD CONSTRAINT "shop_order_person_id_8af31d25_fk" FOREIGN KEY ("person_id") REFERENCES "people" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "clients_old" DROP CONSTRAINT "clients_old_a_b_0475c87e_uniq";
DROP TABLE "clients_old" CASCADE;
ALTER TABLE "people" RENAME COLUMN "name" TO "full_name";
""",
        """
ALTER TABLE "people" RENAME COLUMN "full_name" TO "name";
CREATE TABLE "clients_old" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "a" integer NOT NULL, "b" integer NOT NULL);
ALTER TABLE "clients_old" ADD CONSTRAINT "clients_old_a_b_0475c87e_uniq" UNIQUE ("a", "b");
SET CONSTRAINTS "shop_line_who_id_c3dedc68_fk" IMMEDIATE; ALTER TABLE "shop_line" DROP CONSTRAINT "shop_line_who_id_c3dedc68_fk";
SET CONSTRAINTS "shop_order_person_id_8af31d25_fk" IMMEDIATE; ALTER TABLE "shop_order" DROP CONSTRAINT "shop_order_person_id_8af31d25_fk";
ALTER TABLE "people" ALTER COLUMN "id" TYPE integer USING "id"::integer;
ALTER SEQUENCE IF EXISTS "people_id_seq" AS integer;
ALTER TABLE "shop_line" ALTER COLUMN "who_id" TYPE integer USING "who_id"::integer;
ALTER TABLE "shop_order" ALTER COLUMN "person_id" TYPE integer USING "person_id"::integer;
ALTER TABLE "shop_line" ADD CONSTRAINT "shop_line_who_id_c3dedc68_fk" FOREIGN KEY ("who_id") REFERENCES "people" ("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shop_order" ADD CONSTRAINT "shop_order_person_id_8af31d25_fk" FOREIGN KEY ("person_id") REFERENCES "people" ("id") DEFERRABLE INITIALLY DEFERRED;
""",
    ),
}
"""What Django 5.2 sends for them, the way up and the way back, as its connection executed it."""

ONE_WAY: Final = ("crm/migrations/0002_big.py", "shop/migrations/0004_index.py")
"""Files whose way back Django words by names that only a database tells."""
