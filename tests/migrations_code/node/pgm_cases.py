"""Migrations for node-pg-migrate that show what its builder offers."""

CASES = {
    "1700000000000_tables.js": """
exports.shorthands = {
  stamp: { type: 'timestamptz', notNull: true, default: { literal: true, value: 'now()' } },
  money: 'numeric(10,2)',
};
exports.up = (pgm) => {
  pgm.createTable('users', {
    id: 'id',
    name: { type: 'varchar(100)', notNull: true, unique: true, comment: "who it's" },
    code: { type: 'string', default: "it's", collation: '"C"' },
    n: { type: 'int', default: 0, check: 'n > 0' },
    f: { type: 'float', default: 1.5 }, ok: { type: 'bool', default: false, notNull: true },
    d: 'double', at: { type: 'datetime', default: pgm.func('current_timestamp') },
    tags: { type: 'text', array: true, default: ['a', 'b'] }, grid: { type: 'int', array: 3 },
    none: { type: 'text', default: null },
    paid: 'money', made: 'stamp', changed: { type: 'stamp', notNull: false },
    org_id: { type: 'integer', references: 'orgs', onDelete: 'CASCADE', onUpdate: 'SET NULL', notNull: true },
    team_id: { type: 'integer', references: '"teams"', referencesConstraintName: 'by_team', deferrable: true, deferred: true },
    kind_id: { type: 'integer', references: 'kinds(id)', match: 'FULL' },
    boss_id: { type: 'integer', references: { schema: 'app', name: 'users' } },
    num: { type: 'integer', sequenceGenerated: { precedence: 'ALWAYS', start: 10, increment: 2 } },
    twice: { type: 'integer', expressionGenerated: 'n * 2' },
    own: { type: { schema: 'app', name: 'kind' } },
  }, { ifNotExists: true, comment: 'people', constraints: {
    check: ['n < 9', 'f < 9'], unique: [['name', 'code'], ['n']],
    foreignKeys: [{ columns: ['n', 'f'], references: 'pairs(a, b)', onDelete: 'RESTRICT' }],
    exclude: 'USING gist (name WITH =)' } });
  pgm.createTable({ schema: 'app', name: 'camelCase' }, { a: { type: 'int', primaryKey: true }, b: { type: 'int', primaryKey: true } },
    { unlogged: true, constraints: { unique: 'a' } });
  pgm.createTable('parts', { at: 'date' }, { partition: { strategy: 'RANGE', columns: 'at' }, like: { table: 'users', options: { including: ['DEFAULTS', 'INDEXES'] } } });
  pgm.createTable('child', {}, { inherits: 'users', temporary: true });
  pgm.renameTable('users', 'people');
  pgm.alterTable('people', { levelSecurity: 'ENABLE' });
};
exports.down = (pgm) => {
  pgm.dropTable('people', { ifExists: true, cascade: true });
  pgm.dropTable({ schema: 'app', name: 'camelCase' });
};
""",
    "1700000000001_columns.js": """
const TABLE = 'orders';
module.exports.up = async (pgm) => {
  pgm.noTransaction();
  pgm.addColumn(TABLE, { a: { type: 'int', notNull: true, default: 1 } });
  pgm.addColumns({ schema: 'app', name: TABLE }, { b: 'text', c: { type: 'uuid', references: 'users', comment: 'x' } }, { ifNotExists: true });
  pgm.alterColumn('orders', 'd', { type: 'bigint', using: 'd::bigint', notNull: true, default: 5 });
  pgm.alterColumn('orders', 'e', { default: null, allowNull: true, comment: null });
  pgm.alterColumn('orders', 'f', { notNull: false, sequenceGenerated: false });
  pgm.dropColumn('orders', 'g');
  pgm.dropColumns('orders', ['h', 'i'], { ifExists: true, cascade: true });
  pgm.renameColumn('orders', 'j', 'k');
  pgm.sql('UPDATE {table} SET a = {value}', { table: 'orders', value: 3 });
  pgm.sql(`
    CREATE INDEX CONCURRENTLY by_a ON orders (a);
  `);
};
module.exports.down = false;
""",
    "1700000000002_keys.js": """
exports.up = (pgm) => {
  pgm.createIndex('orders', 'code');
  pgm.createIndex('orders', ['code', { name: 'at', sort: 'DESC' }], { unique: true, concurrently: true, where: 'code > 0', ifNotExists: true });
  pgm.addIndex({ schema: 'app', name: 'orders' }, ['lower(code)', { name: 'code', opclass: 'text_pattern_ops' }], { method: 'btree', include: 'at' });
  pgm.createIndex('orders', [pgm.func('(a + b)')], { name: 'by_sum' });
  pgm.createIndex({ schema: 'app', name: 'orders' }, 'a', { name: 'own', unique: true, nulls: 'not distinct' });
  pgm.addConstraint('orders', 'one', { unique: ['a', 'b'], deferrable: true });
  pgm.addConstraint('orders', 'two', 'CHECK (a > 0) NOT VALID');
  pgm.createConstraint('orders', 'three', { foreignKeys: { columns: 'a', references: 'users(id)', onDelete: 'CASCADE' } });
  pgm.addConstraint('orders', 'four', { primaryKey: 'a' });
  pgm.addConstraint('orders', 'five', { check: 'a > 0', comment: 'x' });
  pgm.renameConstraint('orders', 'one', 'uno');
  pgm.renameIndex('a', 'b');
};
exports.down = (pgm) => {
  pgm.dropConstraint('orders', 'uno', { ifExists: true, cascade: true });
  pgm.dropIndex('orders', 'code');
  pgm.dropIndex('orders', ['a', 'b'], { unique: true, concurrently: true, ifExists: true });
  pgm.dropIndex({ schema: 'app', name: 'orders' }, 'a', { name: 'own', cascade: true });
};
""",
    "1700000000003_objects.js": """
exports.up = (pgm) => {
  pgm.createExtension(['citext', 'uuid-ossp'], { ifNotExists: true });
  pgm.createSchema('s', { ifNotExists: true, authorization: 'joe' });
  pgm.createType('kind', ['a', "b'c"]);
  pgm.createType('pair', { a: 'int', b: { type: 'text' } });
  pgm.addTypeValue('kind', 'd', { ifNotExists: true, before: 'a' });
  pgm.renameTypeValue('kind', 'd', 'e');
  pgm.addTypeAttribute('pair', 'c', 'int');
  pgm.setTypeAttribute('pair', 'c', 'bigint');
  pgm.renameTypeAttribute('pair', 'c', 'd');
  pgm.renameType('kind', 'sort');
  pgm.createSequence('seq', { start: 5, increment: 2, cycle: false, owner: 'orders.a', minvalue: null });
  pgm.alterSequence('seq', { restart: 9 });
  pgm.createView('v', { replace: true, columns: ['a'] }, 'SELECT 1');
  pgm.createMaterializedView('m', { ifNotExists: true, data: false }, 'SELECT 1 AS a');
  pgm.refreshMaterializedView('m', { concurrently: true });
  pgm.renameView('v', 'w');
};
exports.down = (pgm) => {
  pgm.dropMaterializedView('m');
  pgm.dropView('w', { cascade: true });
  pgm.dropSequence('seq');
  pgm.dropType('pair', { ifExists: true });
  pgm.dropTrigger('orders', 't');
  pgm.dropSchema('s', { cascade: true });
  pgm.dropExtension('citext');
};
""",
    "1700000000004_undone.js": """
exports.up = (pgm) => {
  pgm.createTable('t', { id: 'id' });
  pgm.addColumns('t', { a: 'int', b: 'int' });
  pgm.createIndex('t', 'a', { name: 'by_a' });
  pgm.addConstraint('t', 'one', { unique: 'a' });
  pgm.renameColumn('t', 'a', 'c');
  pgm.renameTable('t', 'u');
  pgm.createType('kind', ['a']);
  pgm.renameTypeValue('kind', 'a', 'b');
  pgm.createExtension('citext');
};
""",
}
