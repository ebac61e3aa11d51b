// A real Bluesky server: @atproto/pds as Bluesky runs it, with the directory of identities
// (@did-plc/server, in memory), both in this process. The only part that is not theirs is SQLite:
// the PDS wants better-sqlite3, which is native code that an installation without scripts does not
// build, so the same SQLite compiled to WebAssembly stands in behind the few calls it makes.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './status_site.mjs';

const require = createRequire(import.meta.url);
const { Database } = require('node-sqlite3-wasm');

const bound = (value) => (value instanceof Uint8Array && !(value instanceof Buffer)
  ? Buffer.from(value) : value);

class Statement {
  constructor(database, sql) {
    this.database = database;
    this.sql = sql;
    this.reader = /^\s*(select|with|pragma|values|explain)\b|\breturning\b/i.test(sql);
  }
  all(values = []) {
    return this.database.all(this.sql, values.map(bound))
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) =>
        [name, value instanceof Uint8Array ? Buffer.from(value) : value])));
  }
  run(values = []) {
    const { changes, lastInsertRowId } = this.database.run(this.sql, values.map(bound));
    return { changes, lastInsertRowid: lastInsertRowId };
  }
}

class BetterSqlite {
  constructor(location) { this.database = new Database(location); }
  prepare(sql) { return new Statement(this.database, sql); }
  pragma(words) { return this.database.all(`PRAGMA ${words}`); }
  close() { if (this.database.isOpen) this.database.close(); }
}
BetterSqlite.SqliteError = class SqliteError extends Error {};

const load = Module._load;
Module._load = function (name, ...rest) {
  return name === 'better-sqlite3' ? BetterSqlite : load.call(this, name, ...rest);
};

const key = () => randomBytes(32).toString('hex');

// { port, stop() }: an empty server; accounts are made by its own API.
export async function startBluesky() {
  const pds = require('@atproto/pds');
  const plc = require('@did-plc/server');
  const folder = await mkdtemp(join(tmpdir(), 'okiagari-bluesky-'));
  const [plcPort, port] = [await freePort(), await freePort()];
  const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: plcPort });
  await directory.start();
  const { Secp256k1Keypair } = require('@atproto/crypto');
  const env = { devMode: true, port, hostname: 'localhost', dataDirectory: folder,
    blobstoreDiskLocation: join(folder, 'blobs'), recoveryDidKey: (await Secp256k1Keypair.create()).did(),
    didPlcUrl: `http://localhost:${plcPort}`, adminPassword: key(), jwtSecret: key(),
    serviceHandleDomains: ['.test'], plcRotationKeyK256PrivateKeyHex: key(), inviteRequired: false,
    disableSsrfProtection: true, logEnabled: false };
  const server = await pds.PDS.create(pds.envToCfg(env), pds.envToSecrets(env));
  await server.start();
  return { port, folder, async stop() {
    await server.destroy();
    await directory.destroy();
    await rm(folder, { recursive: true, force: true });
  } };
}
