// Runs migrations of Knex or TypeORM on a database and tells what it looks like in between; see run_python.py.
// argv: the directory with node_modules.
'use strict';

const { createRequire } = require('node:module');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const load = createRequire(join(process.argv[2], 'package.json'));
const wanted = JSON.parse(readFileSync(0, 'utf8'));
const connection = { host: wanted.socket, user: 'postgres', database: wanted.database };

// Tools warn on the console; the answer goes there alone.
console.log = console.error;

async function look() {
  const { Client } = load('pg');
  const client = new Client(connection);
  await client.connect();
  const { rows } = await client.query({ text: wanted.schema, rowMode: 'array' });
  await client.end();
  return rows.map((row) => row[0]);
}

function knex() {
  const db = load('knex')({ client: 'pg', connection, migrations: { directory: join(wanted.directory, 'migrations') } });
  return {
    first: () => db.migrate.up(),
    up: () => db.migrate.latest(),
    down: async () => {
      while ((await db.migrate.list())[0].length > 1) await db.migrate.down();
    },
    state: () => [],
    end: () => db.destroy(),
  };
}

async function typeorm() {
  load('reflect-metadata');
  const home = join(wanted.directory, 'src/migrations');
  const migrations = readdirSync(home).sort().map((name) => require(join(home, name)));
  const { host, user: username, database } = connection;
  const open = async (all) => {
    const source = new (load('typeorm').DataSource)({
      type: 'postgres', host, username, database, migrations: all, migrationsTransactionMode: 'each',
    });
    return source.initialize();
  };
  const run = async (all) => {
    const source = await open(all);
    await source.runMigrations();
    await source.destroy();
  };
  return {
    first: () => run(migrations.slice(0, 1)),
    up: () => run(migrations),
    down: async () => {
      const source = await open(migrations);
      for (let left = migrations.length; left > 1; left -= 1) await source.undoLastMigration();
      await source.destroy();
    },
    state: () => [],
    end: () => {},
  };
}

async function pgm() {
  const { runner } = await import(join(process.argv[2], 'node_modules/node-pg-migrate/dist/bundle/index.js'));
  const dir = join(wanted.directory, 'migrations');
  const quiet = { info() {}, warn() {}, debug() {}, error: console.error };
  const run = (direction, count) =>
    runner({ databaseUrl: connection, dir, direction, count, migrationsTable: 'migrations', logger: quiet });
  const all = readdirSync(dir).length;
  return {
    first: () => run('up', 1),
    up: () => run('up', Infinity),
    down: () => run('down', all - 1),
    state: () => [],
    end: () => {},
  };
}

// Its command line keeps a list of what has run and does no more than this.
function sequelize() {
  const Sequelize = load('sequelize');
  const { host, user: username, database } = connection;
  const db = new Sequelize({ dialect: 'postgres', host, username, database, logging: false });
  const home = join(wanted.directory, 'migrations');
  const all = readdirSync(home).sort().map((name) => require(join(home, name)));
  const run = async (list, way) => {
    for (const one of list) await one[way](db.getQueryInterface(), Sequelize);
  };
  return {
    first: () => run(all.slice(0, 1), 'up'),
    up: () => run(all.slice(1), 'up'),
    down: () => run(all.slice(1).reverse(), 'down'),
    state: () => [],
    end: () => db.close(),
  };
}

async function main() {
  const acts = await { knex, 'node-pg-migrate': pgm, sequelize, typeorm }[wanted.tool]();
  const found = [];
  for (const act of wanted.acts) {
    const made = act === 'look' ? await look() : await acts[act]();
    if (act === 'look' || act === 'state') found.push(made);
  }
  await acts.end();
  process.stdout.write(JSON.stringify(found));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
