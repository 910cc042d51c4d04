// Runs migrations with their own tools and tells what statements these send, without a database.
// argv: the directory with node_modules. stdin: [{"tool", "file"}]. stdout: [{"up": [...], "down": [...]}]
'use strict';

const { createRequire } = require('node:module');
const { join } = require('node:path');

const installed = join(process.argv[2], 'package.json');
const load = createRequire(installed);
// What a migration requires is looked for where the tools are.
process.env.NODE_PATH = join(process.argv[2], 'node_modules');
require('node:module').Module._initPaths();

// Tools warn on the console; the answer goes there alone.
console.log = console.error;

const READS = /^\s*(select|show|with)\b/i;

const tools = { knex: withKnex, 'node-pg-migrate': withPgm, sequelize: withSequelize, typeorm: withTypeorm };

async function withKnex(file, direction) {
  const sent = [];
  const db = load('knex')({ client: 'pg', version: '15.0' });
  db.client.acquireConnection = async () => ({ __knexUid: '1' });
  db.client.releaseConnection = async () => {};
  db.client._query = async (connection, query) => {
    const value = (_, number) => db.client._escapeBinding(query.bindings[number - 1]);
    sent.push(query.sql.replace(/\$(\d+)/g, value));
    return { ...query, response: { rows: [], rowCount: 0, fields: [], command: '' } };
  };
  const migration = require(file);
  if (migration[direction]) await migration[direction](db);
  return sent;
}

async function withSequelize(file, direction) {
  const sent = [];
  const Sequelize = load('sequelize');
  const sequelize = new Sequelize({ dialect: 'postgres', databaseVersion: '15.0.0', logging: false });
  sequelize.query = async (sql, options) => {
    const given = typeof sql === 'string' ? { query: sql } : sql;
    const value = (_, number) => sequelize.escape(given.bind[number - 1]);
    sent.push(given.bind ? given.query.replace(/\$(\d+)/g, value) : given.query);
    return options && options.plain ? null : [[], {}];
  };
  sequelize.transaction = async (options, work) => {
    sent.push('BEGIN');
    const made = await (work ?? options)({});
    sent.push('COMMIT');
    return made;
  };
  sequelize.dialect.connectionManager._refreshDynamicOIDs = async () => {};
  const migration = require(file);
  if (migration[direction]) await migration[direction](sequelize.getQueryInterface(), Sequelize);
  return sent;
}

async function withTypeorm(file, direction) {
  load('reflect-metadata');
  const typeorm = load('typeorm');
  const source = new typeorm.DataSource({ type: 'postgres' });
  const runner = source.createQueryRunner();
  const sent = [];
  runner.connect = async () => ({});
  runner.query = async (sql) => {
    sent.push(sql);
    return [];
  };
  source.driver.version = '15.0';
  runner.getCurrentSchema = async () => 'public';
  runner.getCurrentDatabase = async () => 'app';
  runner.startTransaction = async () => { sent.push('BEGIN'); };
  runner.commitTransaction = async () => { sent.push('COMMIT'); };
  const tables = Object.values(require(file).tables ?? {}).map((one) => new typeorm.Table(one));
  runner.loadTables = async (names) => tables.filter((one) => !names || names.includes(one.name));
  runner.loadViews = async () => [];
  const found = Object.values(require(file)).find((one) => typeof one === 'function');
  if (found.prototype[direction]) await new found()[direction](runner);
  return sent;
}

async function withPgm(file, direction) {
  const { Migration, MigrationBuilder } = await import(join(process.argv[2], 'node_modules/node-pg-migrate/dist/bundle/index.js'));
  const sent = [];
  const db = { query: async (sql) => { sent.push(sql); return { rows: [] }; }, select: async () => [] };
  const logger = { info() {}, warn() {}, error() {} };
  const { up, down, shorthands = {} } = require(file);
  const options = { migrationsTable: 'pgmigrations', schema: 'public' };
  const migration = new Migration(db, file, { up, down }, options, shorthands, logger);
  if (migration[direction] === false) return sent;
  await migration.apply(direction);
  return sent.filter((sql) => !sql.includes('"pgmigrations"') && !/^(BEGIN|COMMIT);$/.test(sql));
}

async function main() {
  const wanted = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  const found = [];
  for (const { tool, file } of wanted) {
    const told = {};
    for (const direction of ['up', 'down']) {
      told[direction] = (await tools[tool](file, direction)).filter((sql) => !READS.test(sql));
    }
    found.push(told);
  }
  process.stdout.write(JSON.stringify(found));
  process.exit(0);
}

main();
