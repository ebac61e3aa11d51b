// The status site as other people's programs read it: three watches played by the test, one real
// process, and unmodified readers of Statuspage, Atom, iCalendar and Prometheus text.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHmac, createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import ICAL from 'ical.js';
import Parser from 'rss-parser';
import { Statuspage } from 'statuspage.io';
import { binary, until } from './demo.mjs';
import { startSite, storyBoard, storyDocument } from './status_site.mjs';

const run = promisify(execFile);
let site;
let now;
const get = async (path) => {
  const answer = await fetch(site.url + path);
  assert.equal(answer.status, 200, path);
  return answer;
};
const indicator = async () => (await (await get('/api/v2/status.json')).json()).status.indicator;

before(async () => {
  site = await startSite({ options: ['--security-contact', 'mailto:security@example.jp',
    '--url', 'https://status.example.jp', '--subscribe', 'https://desk.example.jp/subscribe'] });
  now = Date.now();
});
after(() => site?.stop());

describe('three watches', () => {
  it('make green together and not alone', async () => {
    const [a, b] = site.watches;
    assert.equal(await indicator(), 'critical');
    assert.equal((await a.lease()).result, 'accepted');
    assert.equal(await indicator(), 'critical');
    await b.lease();
    assert.equal(await indicator(), 'none');
  });

  it('lose green within two seconds when two fall silent', async () => {
    const [a, b, c] = site.watches;
    await Promise.all([a.lease(), b.lease(), c.lease()]);
    assert.equal(await indicator(), 'none');
    const renewing = setInterval(() => c.lease().catch(() => {}), 200);
    const started = Date.now();
    await until('not green', async () => (await indicator()) === 'critical', 5000);
    clearInterval(renewing);
    assert.ok(Date.now() - started <= 2100, `${Date.now() - started} ms`);
  });

  it('believe one proof of a wrong ledger', async () => {
    const [a, b, c] = site.watches;
    await Promise.all([a.lease(), b.lease()]);
    await c.lease({ overall: 3, reason: 3, states: [0, 0, 0, 0, 0, 0, 0, 3] });
    assert.equal(await indicator(), 'critical');
    await c.lease();
    assert.equal(await indicator(), 'none');
  });

  it('are not forged', async () => {
    const stranger = Object.assign(Object.create(Object.getPrototypeOf(site.watches[0])),
      site.watches[0]);
    stranger.key = (await import('node:crypto')).generateKeyPairSync('ed25519').privateKey;
    assert.equal((await stranger.lease()).status, 403);
  });
});

describe('what people tell', () => {
  let end;
  before(async () => {
    end = site.green();
    assert.equal((await site.watches[0].send(2, storyDocument(now))).result, 'accepted');
    assert.equal((await site.watches[1].send(2, storyDocument(now))).result, 'accepted');
    assert.equal((await site.watches[2].send(3, storyBoard(now))).result, 'accepted');
    await until('green', async () => (await indicator()) === 'none');
  });
  after(() => end());

  it('is read by the statuspage.io client', async () => {
    const client = new Statuspage('okiagari');
    client.apiClient.defaults.baseURL = site.url; // Its host is wired to statuspage.io.
    const { api } = client;
    const summary = await api.getSummary();
    assert.equal(summary.status.indicator, 'none');
    assert.equal(summary.incidents[0].name, 'BTC/JPY orders are not being accepted');
    assert.equal(summary.incidents[0].incident_updates.length, 2);
    assert.equal(summary.scheduled_maintenances.length, 1);
    assert.equal((await api.getStatus()).status.description, 'All Systems Operational');
    assert.equal((await api.getComponents()).components.length, 8);
    // Silences of the tests above are there too.
    const lasting = ({ incidents }) => incidents.filter(({ name }) => name !== 'Monitoring lost');
    assert.equal(lasting(await api.incidents.getAll()).length, 5);
    assert.equal(lasting(await api.incidents.getUnresolved()).length, 1);
    const [work] = (await api.scheduledMaintenances.getUpcoming()).scheduled_maintenances;
    assert.equal(work.status, 'scheduled');
    assert.equal(Date.parse(work.scheduled_until) - Date.parse(work.scheduled_for), 7_200_000);
  });

  for (const [path, title] of [['/history.atom', '【原因特定】BTC/JPY の注文が受け付けられません'],
    ['/en/history.atom', '[Identified] BTC/JPY orders are not being accepted']]) {
    it(`is read from ${path} by rss-parser`, async () => {
      const feed = await new Parser().parseString(await (await get(path)).text());
      const lasting = feed.items.filter(({ title }) => !/Monitoring lost|監視の途絶/.test(title));
      assert.equal(lasting.length, 6);
      const told = feed.items.find((item) => item.id.endsWith('notices/inc12'));
      assert.equal(told.title, title);
      assert.equal(told.id, 'tag:status.example.jp,2026:notices/inc12');
      assert.ok(Math.abs(Date.parse(told.isoDate) - (now - 24 * 60_000)) < 1000 ||
        Math.abs(Date.parse(told.isoDate) - (now - 9 * 60_000)) < 1000, told.isoDate);
      assert.doesNotMatch(told.content, /<script/);
    });
  }

  it('is read from /calendar.ics by ical.js, and a change raises SEQUENCE', async () => {
    const events = async () => {
      const text = await (await get('/calendar.ics')).text();
      return new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent')
        .map((part) => new ICAL.Event(part));
    };
    const first = (await events()).find((event) => event.uid.startsWith('maintenance-m4@'));
    assert.equal(first.sequence, 1);
    assert.equal(first.startDate.toUnixTime(), Math.floor((now + 30 * 3_600_000) / 1000));
    assert.equal(first.duration.toSeconds(), 7200);
    assert.match(first.description, /この間、注文と取消ができません/);
    const told = (await events()).find((event) => event.uid.startsWith('notices-inc12@'));
    assert.equal(told.sequence, 1);
  });

  it('has a badge, a security.txt and a feed that other pages may read', async () => {
    const badge = await get('/badge.svg');
    assert.equal(badge.headers.get('access-control-allow-origin'), '*');
    assert.match(await badge.text(), /正常稼働中/);
    const security = await (await get('/.well-known/security.txt')).text();
    assert.match(security, /^Contact: mailto:security@example\.jp$/m);
    const [, expires] = security.match(/^Expires: (.*)$/m);
    const daysLeft = (Date.parse(expires) - Date.now()) / 86_400_000;
    assert.ok(daysLeft > 30 && daysLeft < 365, expires);
  });

  it('leaves metrics that promtool accepts', async (context) => {
    const has = await run('promtool', ['--version']).then(() => true, () => false);
    if (!has) return context.skip('promtool is not installed (package prometheus)');
    const text = await (await fetch(`${site.metrics}/metrics`)).text();
    assert.match(text, /okiagari_notify_live_watches 3/);
    const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { said += bytes; });
    child.stdin.end(text);
    const code = await new Promise((resolve) => { child.on('exit', resolve); });
    assert.equal(code, 0, said);
  });
});

// A host that speaks S3, and checks each signature anew from what arrived (AWS, Signature Version 4).
async function startBucket(secret) {
  const objects = new Map();
  const faults = [];
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const { authorization } = request.headers;
    const [, scope, names, given] = authorization.match(
      /^AWS4-HMAC-SHA256 Credential=test\/(\S+),SignedHeaders=(\S+),Signature=(\S+)$/);
    const hash = createHash('sha256').update(body).digest('hex');
    const canonical = [request.method, request.url, '',
      ...names.split(';').map((name) => `${name}:${request.headers[name]}`), '', names, hash];
    const [day, region] = scope.split('/');
    let key = hmac(`AWS4${secret}`, day);
    for (const part of [region, 's3', 'aws4_request']) key = hmac(key, part);
    const wanted = hmac(key, ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope,
      createHash('sha256').update(canonical.join('\n')).digest('hex')].join('\n')).toString('hex');
    if (given !== wanted || request.headers['x-amz-content-sha256'] !== hash) {
      faults.push(request.url);
      response.writeHead(403).end();
      return;
    }
    if (request.method === 'PUT') objects.set(request.url, body);
    if (request.method === 'DELETE') objects.delete(request.url);
    response.writeHead(200).end();
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { address: `127.0.0.1:${server.address().port}`, objects, faults,
    stop: () => server.close() };
}

describe('copies', () => {
  const address = () => site.url.replace('http://', '');
  const file = (name) => join(site.folder, name);
  const seed = 'ab'.repeat(32);
  before(async () => {
    await writeFile(file('copy.seed'), seed);
    const { createPrivateKey, createPublicKey } = await import('node:crypto');
    const key = createPrivateKey({ format: 'der', type: 'pkcs8',
      key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex') });
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    await writeFile(file('copy.key'), spki.subarray(-32).toString('hex'));
    await Promise.all(site.watches.map((watch) => watch.lease()));
  });
  const verify = (folder) => run(binary, ['status', 'verify', folder, '--key', file('copy.key')]);

  it('go to two folders, are verified, and say when they were made', async () => {
    await run(binary, ['status', 'export', '--from', address(), '--to',
      `${file('copy1')},${file('copy2')}`, '--key', file('copy.seed')]);
    for (const folder of [file('copy1'), file('copy2')]) {
      assert.match((await verify(folder)).stdout, /files as they were signed, made at 20/);
    }
    assert.deepEqual(await readdir(file('copy1')), await readdir(file('copy2')));
    const home = await readFile(file('copy1/en.html'), 'utf8');
    assert.match(home, /Trading was working as of/);
    assert.doesNotMatch(home, /(banner|badge) state-operational/);
    assert.ok(!(await readdir(file('copy1'))).includes('api-v2-summary.json'));
  });

  it('do not pass with another file, a changed one or a missing one', async () => {
    const fails = async (words) => assert.rejects(verify(file('copy2')), (why) => {
      assert.equal(why.code, 7);
      assert.match(why.stderr, words);
      return true;
    });
    await writeFile(file('copy2/extra.html'), 'x');
    await fails(/extra\.html: is not in the manifest/);
    const page = await readFile(file('copy2/index.html'), 'utf8');
    await writeFile(file('copy2/index.html'), page.replace('時点', '今'));
    await fails(/index\.html: is not what was signed/);
    await writeFile(file('copy2/manifest.txt'), 'okiagari site copy 1\nas-of-ms 1\n');
    await fails(/not signed by this key/);
  });

  it('go to a bucket with signatures that hold, and only what changed goes again', async () => {
    const bucket = await startBucket('hidden');
    await writeFile(file('s3.json'), JSON.stringify({ access_key: 'test', secret_key: 'hidden' }));
    const child = spawn(binary, ['status', 'export', '--from', address(), '--key', file('copy.seed'),
      '--every', '1s', '--s3', bucket.address, '--s3-bucket', 'pages', '--s3-prefix', 'status',
      '--s3-region', 'ap-northeast-1', '--s3-keys', file('s3.json')], { stdio: 'ignore' });
    try {
      await until('the copy in the bucket', () => bucket.objects.has('/pages/status/manifest.sig'));
      const style = bucket.objects.get('/pages/status/style.css');
      const signature = bucket.objects.get('/pages/status/manifest.sig');
      await until('the next copy',
        () => !bucket.objects.get('/pages/status/manifest.sig').equals(signature));
      assert.equal(bucket.objects.get('/pages/status/style.css'), style, 'not sent again');
      assert.deepEqual(bucket.faults, []);
      await mkdir(file('fetched'));
      child.kill('SIGTERM');
      await pause(200);
      for (const [path, body] of bucket.objects) {
        await writeFile(file(`fetched/${path.split('/').pop()}`), body);
      }
      assert.match((await verify(file('fetched'))).stdout, /as they were signed/);
    } finally {
      child.kill('SIGKILL');
      bucket.stop();
    }
  });
});
