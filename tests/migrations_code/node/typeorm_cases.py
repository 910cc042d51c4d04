"""Migrations for TypeORM that show what its query runner offers; `tables` is what there is before them."""

_HEAD = """
const { Table, TableColumn, TableIndex, TableForeignKey, TableUnique, TableCheck, TableExclusion, View } = require('typeorm');
exports.tables = ['orders', 'app.orders'].map((name) => ({ name, columns: ['id', 'code', 'note', 'qty'].map((one) => (
  { name: one, type: 'varchar', isNullable: true })) }));
"""

CASES = {
    "tables.js": _HEAD
    + """
const users = new Table({
  name: 'app.users', schema: 'app', comment: 'people',
  columns: [
    { name: 'id', type: 'int', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
    { name: 'uid', type: 'uuid', isGenerated: true, generationStrategy: 'uuid' },
    { name: 'num', type: 'bigint', isGenerated: true, generationStrategy: 'identity' },
    { name: 'email', type: 'varchar', length: '120', isUnique: true, comment: "it's theirs" },
    { name: 'kind', type: 'enum', enum: ['a', "b'c"], default: "'a'" },
    { name: 'kinds', type: 'enum', enumName: 'kind_t', enum: ['a'], isArray: true, isNullable: true },
    { name: 'price', type: 'decimal', precision: 10, scale: 2, default: 0 },
    { name: 'tags', type: 'text', isArray: true, isNullable: true },
    { name: 'at', type: 'timestamp with time zone', precision: 3, default: 'now()' },
    { name: 'on', type: 'timestamp', default: 'CURRENT_TIMESTAMP' },
    { name: 'ok', type: 'boolean', default: false },
    { name: 'twice', type: 'int', generatedType: 'STORED', asExpression: 'price * 2', isNullable: true },
    { name: 'org_id', type: 'int' },
  ],
  indices: [{ columnNames: ['email', 'kind'], isUnique: true }, { name: 'own', columnNames: ['at'], where: 'ok' }],
  uniques: [{ columnNames: ['kind', 'email'] }, new TableUnique({ name: 'uq', columnNames: ['at'], deferrable: 'INITIALLY DEFERRED' })],
  checks: [{ expression: 'price > 0' }, { name: 'low', expression: 'price < 9' }],
  exclusions: [{ name: 'ex', expression: 'USING gist (at WITH =)' }],
  foreignKeys: [{ columnNames: ['org_id'], referencedTableName: 'orgs', referencedColumnNames: ['id'], onDelete: 'CASCADE', onUpdate: 'NO ACTION' }],
});
exports.Tables1700000000000 = class Tables1700000000000 {
  async up(queryRunner) {
    await queryRunner.createTable(new Table({ name: 'plain', columns: [
      { name: 'a', type: 'varchar', isPrimary: true, primaryKeyConstraintName: 'pk' }, { name: 'b', type: 'int', isPrimary: true } ] }), true);
    await queryRunner.createTable(new Table({ name: 'bare', columns: [{ name: 'a', type: 'int' }],
      indices: [{ columnNames: ['a'] }], foreignKeys: [{ columnNames: ['a'], referencedTableName: 'x', referencedColumnNames: ['id'] }],
    }), false, false, false);
    await queryRunner.renameTable('orders', 'purchases');
    await queryRunner.createSchema('s', true);
    await queryRunner.dropSchema('s', true, true);
    await queryRunner.clearTable('orders');
    await queryRunner.createView(new View({ name: 'v', expression: 'SELECT 1 AS a' }));
  }
  async down(queryRunner) {
    await queryRunner.dropTable('orders');
    await queryRunner.dropTable('app.orders');
  }
};
""",
    "columns.js": _HEAD
    + """
exports.Columns1700000000001 = class {
  async up(queryRunner) {
    await queryRunner.addColumn('orders', new TableColumn({ name: 'a', type: 'int' }));
    await queryRunner.addColumn('app.orders', new TableColumn({ name: 'b', type: 'varchar', length: '10', isNullable: true, isUnique: true, comment: 'x' }));
    await queryRunner.addColumns('orders', [
      new TableColumn({ name: 'c', type: 'enum', enum: ['x'], default: "'x'" }),
      new TableColumn({ name: 'd', type: 'uuid', isPrimary: true }),
    ]);
    await queryRunner.renameColumn('orders', 'code', 'number');
    await queryRunner.changeColumn('orders', new TableColumn({ name: 'qty', type: 'varchar', isNullable: true }),
      new TableColumn({ name: 'qty', type: 'int', isNullable: true }));
    await queryRunner.changeColumn('orders', new TableColumn({ name: 'note', type: 'varchar', isNullable: true }),
      new TableColumn({ name: 'remark', type: 'varchar', isUnique: true, default: "''" }));
    await queryRunner.changeColumn('orders', new TableColumn({ name: 'code', type: 'decimal', precision: 10, scale: 2, isNullable: true }),
      new TableColumn({ name: 'code', type: 'decimal', precision: 12, scale: 2, isNullable: true }));
    const table = await queryRunner.getTable('orders');
    await queryRunner.dropColumn(table, 'id');
    await queryRunner.query(`UPDATE orders SET a = 1`);
  }
  async down(queryRunner) {
    await queryRunner.dropColumns('orders', ['code', 'note']);
  }
};
""",
    "keys.js": _HEAD
    + """
exports.Keys1700000000002 = class Keys1700000000002 {
  transaction = false;
  async up(queryRunner) {
    await queryRunner.createIndex('orders', new TableIndex({ columnNames: ['code', 'qty'] }));
    await queryRunner.createIndices('app.orders', [
      new TableIndex({ name: 'one', columnNames: ['code'], isUnique: true, where: '"qty" > 1' }),
      new TableIndex({ name: 'two', columnNames: ['note'], isConcurrent: true }),
      new TableIndex({ name: 'three', columnNames: ['note'], isSpatial: true }),
      new TableIndex({ columnNames: ['note'], where: 'qty > 1' }),
    ]);
    await queryRunner.createForeignKey('orders', new TableForeignKey({ columnNames: ['qty', 'code'], referencedTableName: 'app.x',
      referencedColumnNames: ['a', 'b'], onDelete: 'SET NULL', deferrable: 'INITIALLY DEFERRED' }));
    await queryRunner.createForeignKeys('orders', [new TableForeignKey({ name: 'fk', columnNames: ['qty'], referencedSchema: 's',
      referencedTableName: 'x', referencedColumnNames: ['id'] })]);
    await queryRunner.createUniqueConstraint('orders', new TableUnique({ columnNames: ['code'] }));
    await queryRunner.createUniqueConstraints('orders', [new TableUnique({ name: 'u', columnNames: ['code', 'qty'] })]);
    await queryRunner.createCheckConstraint('orders', new TableCheck({ expression: '"qty" > 0' }));
    await queryRunner.createCheckConstraints('orders', [new TableCheck({ name: 'c', expression: '"qty" < 9' })]);
    await queryRunner.createExclusionConstraint('orders', new TableExclusion({ name: 'e', expression: 'USING gist (code WITH =)' }));
    await queryRunner.createPrimaryKey('orders', ['id', 'code']);
    await queryRunner.startTransaction();
    await queryRunner.query('VACUUM orders');
    await queryRunner.commitTransaction();
  }
  async down(queryRunner) {
    await queryRunner.dropIndex('app.orders', new TableIndex({ name: 'two', columnNames: ['note'], isConcurrent: true }));
    await queryRunner.dropIndex('orders', new TableIndex({ columnNames: ['code', 'qty'] }));
    await queryRunner.dropForeignKey('orders', new TableForeignKey({ name: 'fk', columnNames: ['qty'], referencedTableName: 'x', referencedColumnNames: ['id'] }));
    await queryRunner.dropUniqueConstraint('orders', new TableUnique({ name: 'u', columnNames: ['code'] }));
    await queryRunner.dropCheckConstraint('orders', new TableCheck({ name: 'c', expression: 'x' }));
  }
};
""",
}
