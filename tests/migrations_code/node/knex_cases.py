"""Migrations for Knex that show what its schema builder offers."""

CASES = {
    "columns.js": """
exports.up = async (knex) => {
  await knex.schema.createTable('everything', (t) => {
    t.bigIncrements('id');
    t.tinyint('a'); t.smallint('b'); t.mediumint('c'); t.integer('d'); t.bigInteger('e'); t.bigint('e2');
    t.decimal('f'); t.decimal('g', 12, 4); t.decimal('h', null); t.float('i'); t.double('j');
    t.boolean('l'); t.bool('m'); t.date('n'); t.datetime('o'); t.dateTime('p', { useTz: false });
    t.timestamp('q'); t.timestamp('r', { useTz: true, precision: 3 }); t.timestamp('s', true); t.time('u');
    t.string('v'); t.string('w', 40); t.text('x'); t.text('y', 'longtext'); t.binary('z');
    t.enu('aa', ['x', "y"]); t.enum('ab', ['x']); t.json('ac'); t.jsonb('ad'); t.uuid('ae');
    t.specificType('af', 'citext[]'); t.geometry('ag'); t.point('ah');
  });
  await knex.schema.createTable('keyed', (t) => { t.uuid('id', { primaryKey: true }); });
  await knex.schema.createTable('counted', (t) => { t.increments('id', { primaryKey: false }); t.primary(['id']); });
  await knex.schema.createTable('pairs', (t) => {
    t.increments();
    t.integer('left'); t.integer('right');
    t.primary(['left', 'right'], { constraintName: 'pair', deferrable: 'deferred' });
  });
  await knex.schema.createTable('named', (t) => { t.string('code').primary('by_code'); });
};
exports.down = async (knex) => {
  await knex.schema.dropTable('everything').dropTableIfExists('keyed');
  await knex.schema.withSchema('app').dropTable('counted');
};
""",
    "modifiers.js": """
exports.up = async (knex) => {
  await knex.schema.createTable('people', (t) => {
    t.string('a').notNullable().defaultTo('it\\'s');
    t.string('b').nullable().defaultTo(null);
    t.integer('c').defaultTo(0).notNull();
    t.boolean('d').defaultTo(false);
    t.boolean('e').notNullable().defaultTo('true');
    t.timestamp('f').defaultTo(knex.fn.now());
    t.timestamp('g').defaultTo(knex.fn.now(3));
    t.uuid('h').defaultTo(knex.fn.uuid());
    t.uuid('i').defaultTo(knex.raw('uuid_generate_v4()'));
    t.jsonb('j').defaultTo('{}');
    t.jsonb('k').notNullable().defaultTo({ a: [1, 'x', true] });
    t.integer('l').checkPositive();
    t.integer('m').checkNegative('below');
    t.string('n').checkIn(['a', 'b'], 'known');
    t.string('o').checkNotIn(['a']);
    t.integer('p').checkBetween([1, 5]);
    t.string('q').checkLength('>', 3);
    t.string('r').checkRegex('^a');
    t.string('u').comment('what it\\'s for');
    t.integer('v').unsigned().notNullable().default(3);
    t.check('c > 0');
    t.check('c < 9', {}, 'low');
    t.comment('All of them');
    t.timestamps();
  });
  await knex.schema.createTable('stamped', (t) => { t.timestamps(true, true); t.inherits('people'); });
  await knex.schema.createTable('camel', (t) => { t.timestamps({ useTimestamps: true, useCamelCase: true }); });
};
""",
    "keys.js": """
exports.up = async (knex) => {
  await knex.schema.createTable('lines', function () {
    this.integer('order_id').references('id').inTable('orders').onDelete('CASCADE').onUpdate('SET NULL').index();
    this.integer('user_id').references('users.id').withKeyName('who').notNullable();
    this.integer('team_id').unique().references('id').on('app.teams').deferrable('deferred');
    this.string('code').unique('one_code').index('by_code', 'hash');
    this.string('slug').unique({ indexName: 'one_slug', deferrable: 'immediate' });
    this.foreign(['a', 'b'], 'both').references(['c', 'd']).inTable('pairs');
    this.foreign('e').references('pairs.c').onDelete('RESTRICT');
    this.index(['a', 'b']);
    this.index(['a'], 'some', { indexType: 'UNIQUE', storageEngineIndexType: 'btree', predicate: knex.whereNull('b') });
    this.index([knex.raw('lower(code)')], 'lowered');
    this.unique(['a', 'b'], { indexName: 'partial', useConstraint: false, predicate: knex.whereRaw('a > 1') });
    this.unique(['a', 'b']);
  });
};
""",
    "alter.js": """
exports.up = async (knex) => {
  await knex.schema.alterTable('orders', (t) => {
    t.string('a');
    t.integer('b').notNullable().defaultTo(1);
    t.bigInteger('c').alter();
    t.string('d', 20).notNullable().defaultTo('x').alter();
    t.text('e').nullable().alter({ alterType: false });
    t.text('f').alter({ alterNullable: false });
    t.enu('g', ['x', 'y'], { useNative: true, enumName: 'kind' }).defaultTo('x');
    t.integer('h').references('id').inTable('users').index();
    t.primary(['a', 'b']);
    t.unique(['a']);
    t.index('b', 'by_b');
    t.check('b > 0', {}, 'positive');
  });
  await knex.schema.table('app.orders', (t) => { t.string('z').comment('last'); t.comment('late'); });
};
exports.down = async (knex) => {
  await knex.schema.withSchema('app').alterTable('orders', (t) => {
    t.dropColumn('a'); t.dropColumns('b', 'c'); t.dropColumn(['d', 'e']); t.dropTimestamps(); t.dropTimestamps(true);
    t.renameColumn('f', 'ff'); t.setNullable('g'); t.dropNullable('h');
    t.dropIndex('a'); t.dropIndex(['a', 'b']); t.dropIndex([], 'named');
    t.dropUnique(['a', 'b']); t.dropUnique([], 'named'); t.dropForeign('a'); t.dropForeign(['a'], 'named');
    t.dropPrimary(); t.dropPrimary('own'); t.dropChecks('x', 'y'); t.dropChecks(['z']);
  });
};
""",
    "schema.js": """
const TABLE = 'orders';
exports.up = async (knex) => {
  await knex.schema.renameTable(TABLE, 'purchases');
  await knex.schema.createSchema('a').createSchemaIfNotExists('b').dropSchema('c', true).dropSchemaIfExists('d');
  await knex.schema.createExtension('pgcrypto').createExtensionIfNotExists('citext').dropExtension('hstore');
  await knex.schema.createTableIfNotExists('x', (t) => { t.integer('y'); });
  await knex.schema.createTableLike('p', 'q', (t) => {});
  await knex.schema.dropView('v').dropViewIfExists('w').dropMaterializedView('m').refreshMaterializedView('n', true);
  if (!(await knex.schema.hasTable('later'))) {
    await knex.schema.createTable('later', (t) => t.increments());
  }
  await knex.schema.raw('ALTER TABLE x SET UNLOGGED');
  await knex.raw(`CREATE INDEX CONCURRENTLY ${TABLE}_x ON ${TABLE} (x)`);
  await knex.raw('UPDATE ?? SET a = ?, b = ? WHERE c = ?', [TABLE, "it's", 3, true]);
  await knex.raw('SET LOCAL lock_timeout = :wait', { wait: '5s' });
};
exports.down = (knex) =>
  knex.schema.dropTable('x').then(() => knex.schema.dropTable('y')).then(() => Promise.all([knex.raw('DROP VIEW z')]));
""",
    "rows.js": """
exports.up = async (knex) => {
  await knex('orders').update({ note: 'x', paid: true, at: null });
  await knex('orders').where({ a: 1, b: 'y' }).update('note', 'z');
  await knex('orders').where('a', 2).whereNull('b').andWhere('c', '>', 3).del();
  await knex('app.orders').whereRaw('a > b').delete();
  await knex('orders').insert({ a: 1, b: null });
  await knex.insert([{ a: 1 }, { a: 2 }]).into('orders');
  await knex('orders').truncate();
};
""",
}
