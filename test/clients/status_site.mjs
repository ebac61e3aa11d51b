// A status site alone, and its watches played by the test: what is signed here is written after
// docs/formats/status.md and docs/formats/notice.md, with the cryptography of Node.js.
import { spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { binary, until } from './demo.mjs';

class Writer {
  parts = [];
  number(bytes, write) {
    const part = Buffer.alloc(bytes);
    write(part);
    this.parts.push(part);
    return this;
  }
  u8(value) { return this.number(1, (part) => part.writeUInt8(value)); }
  u16(value) { return this.number(2, (part) => part.writeUInt16LE(value)); }
  u32(value) { return this.number(4, (part) => part.writeUInt32LE(value)); }
  u64(value) { return this.number(8, (part) => part.writeBigUInt64LE(BigInt(value))); }
  time(value) { return this.number(8, (part) => part.writeBigInt64LE(BigInt(value))); }
  raw(bytes) { this.parts.push(Buffer.from(bytes)); return this; }
  blob(bytes) {
    const data = Buffer.from(bytes);
    return this.u32(data.length).raw(data);
  }
  text({ ja, en }) { return this.blob(ja).blob(en); }
  maybe(value, write) {
    this.u8(value === undefined ? 0 : 1);
    if (value !== undefined) write(value);
    return this;
  }
  component([kind, name]) {
    return this.u8(['market', 'edge', 'node', 'ledger'].indexOf(kind) + 1).blob(name);
  }
  bytes() { return Buffer.concat(this.parts); }
}

const phases = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem'];
const impacts = ['none', 'minor', 'major', 'critical', 'maintenance'];

export const components = [['market', 'btc_jpy'], ['market', 'eth_jpy'], ['edge', '1'],
  ['edge', '2'], ['node', '1'], ['node', '2'], ['node', '3'], ['ledger', 'house']];

// states: by position in `components`, 0 operational … 3 major outage.
export function leasePayload({ serial, at, overall = 0, reason = 0, states = [] }) {
  const out = new Writer().u64(serial).time(at).time(at + 2000).u64(0).u8(overall).u8(reason)
    .time(at - 5000).u32(2).u64(7).u16(components.length);
  components.forEach((id, i) => out.component(id).u8(states[i] ?? 0).time(at - 5000));
  return out.bytes();
}

// events: [{at, kind, state, reason, affected}]
export function documentPayload(sequence, firstSeen, events) {
  const out = new Writer().u64(sequence).u16(components.length);
  for (const id of components) out.component(id).time(firstSeen);
  out.u16(events.length);
  events.forEach((event, i) => {
    out.u64(i + 1).time(event.at).u8(event.kind).u8(event.state ?? 0).u8(event.reason ?? 0)
      .u64(event.affected ?? 0).u32(event.oldSeat ?? 0).u32(event.newSeat ?? 0)
      .u64(event.term ?? 0).u32(event.gapMs ?? 0).u8(event.component ?? 0);
  });
  return out.bytes();
}

function noticePayload(notice) {
  const out = new Writer().u8(1).blob(notice.incident).u32(notice.number)
    .u8(phases.indexOf(notice.phase)).u8(impacts.indexOf(notice.impact)).u8(0)
    .time(notice.at).time(notice.began);
  out.maybe(notice.ended, (time) => out.time(time));
  out.maybe(notice.nextUpdateAt, (time) => out.time(time));
  out.maybe(notice.recovery,
    (r) => out.time(r.from).time(r.to).u32(r.cases).u32(r.heldPercent));
  out.maybe(notice.support, (s) => out.u32(s.openInquiries).u32(s.waitMinutes));
  out.text(notice.title).text(notice.body);
  out.maybe(notice.cause, (cause) => out.text(cause));
  out.text(notice.assets).u8(notice.affected.length);
  for (const { id, before, now } of notice.affected) out.component(id).u8(before).u8(now);
  out.u8(notice.unaffected.length);
  for (const id of notice.unaffected) out.component(id);
  out.u8(notice.approvedBy.length);
  for (const name of notice.approvedBy) out.blob(name);
  return out.bytes();
}

export function boardPayload(sequence, notices, maintenances) {
  const out = new Writer().u8(1).u64(sequence).u8(notices.length);
  for (const notice of notices) out.blob(noticePayload(notice));
  out.u8(maintenances.length);
  for (const each of maintenances) {
    out.blob(each.name).u32(each.revision).u8(each.cancelled ? 1 : 0).time(each.announcedAt)
      .time(each.changedAt).time(each.from).time(each.to).text(each.title).text(each.body)
      .u8(each.components.length);
    for (const id of each.components) out.component(id);
  }
  return out.bytes();
}

class Watch {
  serial = Date.now();
  constructor(url) {
    this.url = url;
    this.seed = randomBytes(32);
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), this.seed]);
    this.key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.key).export({ format: 'der', type: 'spki' });
    this.publicHex = spki.subarray(-32).toString('hex');
  }
  async send(kind, payload) {
    const message = new Writer().raw('OKST').u8(kind).u8(1).blob(payload).bytes();
    const answer = await fetch(`${this.url}/internal/lease`, { method: 'POST',
      body: Buffer.concat([message, sign(null, message, this.key)]) });
    return { status: answer.status, ...(await answer.json()) };
  }
  lease(options = {}) {
    return this.send(1, leasePayload({ serial: ++this.serial, at: Date.now(), ...options }));
  }
}

export const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

// { url, metrics, watches, folder, green(), stop() }: `green` renews leases until its end is called.
export async function startSite({ watches = 3, options = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'okiagari-site-'));
  const [port, metricsPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const metrics = `http://127.0.0.1:${metricsPort}`;
  const all = Array.from({ length: watches }, () => new Watch(url));
  const files = await Promise.all(all.map(async (watch, seat) => {
    const file = join(folder, `watch${seat}.key`);
    await writeFile(file, watch.publicHex);
    return file;
  }));
  const child = spawn(binary, ['status', '--listen', `127.0.0.1:${port}`, '--metrics',
    `127.0.0.1:${metricsPort}`, '--dir', join(folder, 'status'), '--watch-key', files.join(','),
    ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes) => { said = (said + bytes).slice(-4000); });
  const ended = new Promise((resolve) => { child.on('exit', resolve); });
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, pause(10_000, null, { ref: false })]);
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  const green = () => {
    const renew = setInterval(() => all.forEach((watch) => watch.lease().catch(() => {})), 250);
    return () => clearInterval(renew);
  };
  try {
    await until(`the site: ${said}`, async () => (await fetch(`${url}/healthz`)).ok);
  } catch (why) {
    await stop();
    throw new Error(`${why.message}\n${said}`);
  }
  return { url, metrics, watches: all, folder, green, stop };
}

const minutes = 60_000;
const hours = 60 * minutes;

// One incident that people are telling of, one that is over, and planned work, as of `now`.
export function storyBoard(now, sequence = 1) {
  const open = {
    incident: 'inc12', impact: 'major', began: now - 25 * minutes,
    title: { ja: 'BTC/JPY の注文が受け付けられません', en: 'BTC/JPY orders are not being accepted' },
    assets: { ja: 'お客様の資産は影響を受けていません。残高の整合性は確認済みです。',
      en: 'Your assets are not affected. Balances have been checked and add up.' },
    affected: [{ id: ['market', 'btc_jpy'], before: 0, now: 3 }],
    unaffected: [['market', 'eth_jpy'], ['edge', '1'], ['edge', '2'], ['ledger', 'house']],
    approvedBy: [],
  };
  const over = {
    incident: 'inc11', number: 1, phase: 'resolved', impact: 'minor', at: now - 50 * hours,
    began: now - 51 * hours, ended: now - 50.5 * hours,
    title: { ja: '取引の応答が遅くなりました', en: 'Trading was slow' },
    body: { ja: '復旧を確認しました。ご不便をおかけしました。', en: 'Trading is back to normal. We are sorry.' },
    assets: open.assets, affected: [{ id: ['edge', '1'], before: 1, now: 0 }], unaffected: [],
    approvedBy: ['sato', 'tanaka'],
  };
  return boardPayload(sequence, [over,
    { ...open, number: 1, phase: 'investigating', at: now - 24 * minutes,
      nextUpdateAt: now - 10 * minutes,
      body: { ja: '注文の受付で障害が発生しています。原因を調査しています。',
        en: 'Orders are failing. We are investigating the cause.' } },
    { ...open, number: 2, phase: 'identified', at: now - 9 * minutes,
      nextUpdateAt: now + 6 * minutes, approvedBy: ['sato', 'tanaka'],
      body: { ja: '設定変更の誤りが原因と分かりました。\n変更を元に戻しています。',
        en: 'A wrong setting is the cause.\nIt is being taken back.' },
      cause: { ja: '呼値の設定の誤り', en: 'A wrong tick size was set' },
      recovery: { from: now + 5 * minutes, to: now + 20 * minutes, cases: 14, heldPercent: 79 },
      support: { openInquiries: 120, waitMinutes: 15 } },
  ], [{ name: 'm4', revision: 1, announcedAt: now - 24 * hours, changedAt: now - 2 * hours,
    from: now + 30 * hours, to: now + 32 * hours,
    title: { ja: '取引エンジンの更新', en: 'Update of the trading engine' },
    body: { ja: 'この間、注文と取消ができません。', en: 'No orders and no cancels meanwhile.' },
    components: [['market', 'btc_jpy'], ['market', 'eth_jpy']] }]);
}

// Three outages of the last weeks and a change of leader, and none of them now.
export function storyDocument(now, sequence = 1) {
  const day = 24 * hours;
  const outage = (began, lasts, state, affected) => [
    { at: began, kind: 1, state, reason: 1, affected },
    { at: began + lasts, kind: 3 }];
  return documentPayload(sequence, now - 60 * day, [
    ...outage(now - 41 * day, 7 * minutes, 2, 0b0101),
    ...outage(now - 12 * day, 95_000, 3, 0b1111),
    ...outage(now - 2 * day, 31 * minutes, 1, 0b0100),
    { at: now - 3 * hours, kind: 5, component: 4 },
    { at: now - 3 * hours + 400, kind: 4, oldSeat: 1, newSeat: 2, term: 7, gapMs: 350 },
    { at: now - 3 * hours + 9000, kind: 6, component: 4 }]);
}
