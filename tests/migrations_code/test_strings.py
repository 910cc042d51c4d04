"""MikroORM and db-migrate, whose migrations are mostly SQL in strings."""

from tests.checking import check_rule
from tests.migrations_code import plain, read_migration, translated

MIKRO = """\
import { Migration } from '@mikro-orm/migrations';

export class Migration20240123112233_orders extends Migration {
  override async up(): Promise<void> {
    this.addSql(`create table if not exists "orders" ("id" text not null);`);
    const code = 'alter table "orders" add column "code" text;';
    this.addSql(code);
    this.addSql(raw('create index "by_code" on "orders" ("code");'));
    await this.execute('select 1');
  }

  override async down(): Promise<void> {
    this.addSql('drop table if exists "orders" cascade;');
  }
}
"""


def test_mikro_orm_sends_its_strings() -> None:
    path = "src/migrations/Migration20240123112233_orders.ts"
    found = translated(path, MIKRO)
    assert found.up == plain(
        "CREATE TABLE IF NOT EXISTS orders (id text NOT NULL); ALTER TABLE orders ADD COLUMN code text;"
        "CREATE INDEX by_code ON orders (code); SELECT 1"
    )
    assert found.down == plain("DROP TABLE IF EXISTS orders CASCADE")
    migration = read_migration(path, MIKRO).migration
    assert (migration.convention.version, migration.convention.transactional) == ("20240123112233", True)
    apart = MIKRO.replace(
        "  override async down", "  isTransactional() { return false; }\n\n  override async down"
    )
    assert read_migration(path, apart).migration.convention.transactional is False


def test_a_finding_points_into_a_string() -> None:
    text = MIKRO.replace("create table if not exists", "alter table").replace(
        '("id" text not null)', "add column n int not null"
    )
    (found,) = check_rule(
        "required-column-without-default", {"src/migrations/Migration20240123112233.ts": text}
    )
    assert (found.line, found.severity) == (5, "error")


DB_MIGRATE = """\
'use strict';
var async = require('async');

exports.up = function (db, callback) {
  db.runSql(`CREATE TABLE a (id int)`, [], function (err) {
    db.runSql('CREATE TABLE b (id int)', callback);
  });
  async.series([
    db.createTable.bind(db, 'users', {
      id: { type: 'bigint', primaryKey: true, autoIncrement: true },
      email: { type: 'string', length: 80, notNull: true, unique: true },
      at: { type: 'datetime', timezone: true, defaultValue: new String('now()') },
      org_id: { type: 'int', foreignKey: { name: 'by_org', table: 'orgs', rules: { onDelete: 'CASCADE' }, mapping: 'id' } },
      note: 'text',
    }),
    db.addColumn.bind(db, 'users', 'n', { type: 'int', defaultValue: 0 }),
    db.addIndex.bind(db, 'users', 'by_n', ['n', 'note'], true),
    db.changeColumn.bind(db, 'users', 'n', { type: 'bigint', notNull: true }),
    db.renameColumn.bind(db, 'users', 'note', 'remark'),
    db.addForeignKey.bind(db, 'users', 'teams', 'by_team', { team_id: 'id' }, { onUpdate: 'RESTRICT' }),
  ], callback);
};

exports.down = function (db) {
  return db.removeIndex('users', 'by_n')
    .then(() => db.removeColumn('users', 'n'))
    .then(() => db.removeForeignKey('users', 'by_team'))
    .then(() => db.dropTable('users', { ifExists: true }));
};
"""


def test_db_migrate_sends_what_its_driver_makes() -> None:
    found = translated("migrations/20240123112233-users.js", DB_MIGRATE)
    assert found.up == plain(
        "CREATE TABLE a (id int); CREATE TABLE b (id int);"
        "CREATE TABLE users (id bigserial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE,"
        " at timestamp with time zone DEFAULT now(), org_id integer, note text);"
        "ALTER TABLE users ADD CONSTRAINT by_org FOREIGN KEY (org_id) REFERENCES orgs (id) ON DELETE CASCADE;"
        "ALTER TABLE users ADD COLUMN n integer DEFAULT 0;"
        "CREATE UNIQUE INDEX by_n ON users (n, note);"
        "ALTER TABLE users ALTER COLUMN n SET NOT NULL;"
        "ALTER TABLE users ALTER COLUMN n DROP DEFAULT;"
        "ALTER TABLE users ALTER COLUMN n TYPE bigint USING n::bigint;"
        "ALTER TABLE users RENAME COLUMN note TO remark;"
        "ALTER TABLE users ADD CONSTRAINT by_team FOREIGN KEY (team_id) REFERENCES teams (id) ON UPDATE RESTRICT"
    )
    assert found.down == plain(
        "DROP INDEX by_n; ALTER TABLE users DROP COLUMN n;"
        "ALTER TABLE users DROP CONSTRAINT by_team; DROP TABLE IF EXISTS users"
    )
