"""Migrations for Sequelize that show what its query interface offers."""

CASES = {
    "tables.js": """
module.exports = {
  async up(queryInterface, Sequelize) {
    const { DataTypes } = Sequelize;
    await queryInterface.createTable('users', {
      id: { type: Sequelize.INTEGER, primaryKey: true, autoIncrement: true, allowNull: false },
      big: { type: Sequelize.BIGINT, autoIncrement: true },
      num: { type: Sequelize.INTEGER, autoIncrement: true, autoIncrementIdentity: true },
      uid: { type: Sequelize.UUID, defaultValue: Sequelize.literal('gen_random_uuid()') },
      made: { type: Sequelize.UUID, defaultValue: Sequelize.UUIDV4 },
      name: { type: Sequelize.STRING, allowNull: false, defaultValue: "it's" },
      code: { type: Sequelize.STRING(10), unique: true, comment: "what it's for" },
      bin: Sequelize.STRING.BINARY,
      text: DataTypes.TEXT, long: { type: DataTypes.TEXT('long') }, ci: DataTypes.CITEXT, ch: DataTypes.CHAR(3),
      ok: { type: Sequelize.BOOLEAN, defaultValue: false, allowNull: false },
      price: { type: Sequelize.DECIMAL(10, 2), defaultValue: 0 }, dec: Sequelize.DECIMAL,
      f: Sequelize.FLOAT, d: Sequelize.DOUBLE, r: Sequelize.REAL, s: Sequelize.SMALLINT,
      at: { type: Sequelize.DATE, allowNull: false, defaultValue: Sequelize.fn('now') },
      at6: Sequelize.DATE(6), day: Sequelize.DATEONLY, t: Sequelize.TIME, now: { type: Sequelize.DATE, defaultValue: Sequelize.NOW },
      j: Sequelize.JSON, jb: { type: Sequelize.JSONB, defaultValue: {} }, blob: Sequelize.BLOB,
      tags: { type: Sequelize.ARRAY(Sequelize.STRING), defaultValue: [] },
      span: Sequelize.RANGE(Sequelize.DATE), ints: Sequelize.RANGE,
      kind: { type: Sequelize.ENUM('a', "b'c"), allowNull: false, defaultValue: 'a' },
      kinds: { type: Sequelize.ENUM, values: ['x', 'y'] },
      raw: { type: 'TIMESTAMP', field: 'raw_at' },
      org_id: { type: Sequelize.INTEGER, references: { model: 'orgs', key: 'uid' }, onDelete: 'cascade', onUpdate: 'SET NULL' },
      team_id: { type: Sequelize.INTEGER, references: { model: { tableName: 'teams', schema: 'app' } } },
    }, { comment: 'people', uniqueKeys: { both: { fields: ['name', 'code'] } } });
    await queryInterface.createTable('pairs', {
      a: { type: Sequelize.INTEGER, primaryKey: true }, b: { type: Sequelize.INTEGER, primaryKey: true } }, { schema: 'app' });
    await queryInterface.createTable({ tableName: 'camelCase', schema: 'app' }, { id: Sequelize.INTEGER });
    await queryInterface.renameTable('users', 'people');
    await queryInterface.createSchema('s');
    await queryInterface.dropSchema('s');
  },
  async down(queryInterface) {
    await queryInterface.dropTable('users');
    await queryInterface.dropTable({ tableName: 'pairs', schema: 'app' }, { cascade: true });
    await queryInterface.dropEnum('enum_users_kind');
    await queryInterface.sequelize.query('DROP TYPE IF EXISTS "enum_users_kinds";');
  },
};
""",
    "columns.js": """
'use strict';
const TABLE = 'orders';
module.exports = {
  up: async (queryInterface, Sequelize) => {
    await queryInterface.addColumn(TABLE, 'a', Sequelize.STRING);
    await queryInterface.addColumn(TABLE, 'b', { type: Sequelize.INTEGER, allowNull: false, defaultValue: 1, comment: 'x' });
    await queryInterface.addColumn({ tableName: 'orders', schema: 'app' }, 'c', {
      type: Sequelize.ENUM(['x', 'y']), allowNull: true });
    await queryInterface.addColumn('orders', 'd', { type: Sequelize.INTEGER, primaryKey: true, unique: true,
      references: { model: 'users', key: 'id', deferrable: Sequelize.Deferrable.INITIALLY_DEFERRED }, onDelete: 'SET NULL' });
    await queryInterface.changeColumn('orders', 'e', { type: Sequelize.TEXT });
    await queryInterface.changeColumn('orders', 'f', { type: Sequelize.STRING(20), allowNull: false, defaultValue: 'x' });
    await queryInterface.changeColumn('orders', 'g', { type: Sequelize.STRING, unique: true });
    await queryInterface.changeColumn('orders', 'h', { type: Sequelize.INTEGER, references: { model: 'users', key: 'id' }, onDelete: 'CASCADE' });
    await queryInterface.changeColumn('orders', 'i', Sequelize.BIGINT);
    await queryInterface.sequelize.query(`UPDATE ${TABLE} SET a = 'x'`);
    await queryInterface.bulkUpdate('orders', { a: 'y', b: null, c: true }, { d: 1, e: null });
    await queryInterface.bulkUpdate('orders', { a: 'y' }, {});
    await queryInterface.bulkInsert('orders', [{ a: 'x', b: 1 }, { a: "it's", d: false }]);
    await queryInterface.bulkDelete('orders', { a: 'x' });
    await queryInterface.bulkDelete('orders', null, {});
  },
  down: async (queryInterface, Sequelize) => {
    await Promise.all([queryInterface.removeColumn('orders', 'a'), queryInterface.removeColumn('orders', 'b')]);
  },
};
""",
    "keys.js": """
exports.up = (queryInterface, Sequelize) => queryInterface.addIndex('orders', ['code', 'customerId'])
  .then(() => queryInterface.addIndex('app.orders', ['code'], { name: 'by_code', unique: true, concurrently: true, using: 'btree' }))
  .then(() => queryInterface.addIndex('orders', { fields: [{ name: 'a', order: 'DESC' }, { attribute: 'b', operator: 'text_pattern_ops' }], type: 'UNIQUE' }))
  .then(() => queryInterface.addIndex({ tableName: 'orders', schema: 'app' }, [Sequelize.literal('lower(code)')], { name: 'lowered', where: { a: null, b: 2, c: 'x' } }))
  .then(async () => {
    await queryInterface.addConstraint('orders', { fields: ['a', 'b'], type: 'unique' });
    await queryInterface.addConstraint('app.orders', { fields: ['a'], type: 'UNIQUE', name: 'one', deferrable: Sequelize.Deferrable.INITIALLY_IMMEDIATE });
    await queryInterface.addConstraint('orders', { fields: ['a'], type: 'primary key' });
    await queryInterface.addConstraint('orders', { fields: ['a'], type: 'check', name: 'is_x', where: { a: 'x' } });
    await queryInterface.addConstraint('orders', { fields: ['a'], type: 'foreign key', references: { table: 'users', field: 'id' }, onDelete: 'cascade', onUpdate: 'no action' });
    await queryInterface.addConstraint('orders', { fields: ['a', 'b'], type: 'FOREIGN KEY', name: 'fk', references: { table: { tableName: 'pairs', schema: 'app' }, fields: ['c', 'd'] } });
  });
exports.down = async (queryInterface) => {
  await queryInterface.sequelize.transaction(async (transaction) => {
    await queryInterface.removeIndex('orders', 'by_code', { transaction });
    await queryInterface.removeIndex('orders', ['code', 'customerId'], { concurrently: true });
    await queryInterface.removeConstraint('orders', 'one', { transaction });
  });
};
""",
}
