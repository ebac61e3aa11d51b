// Notices and pages on their way out, as the programs at the other end see them: a TLS server of
// node with a certificate of its own, a real SMTP server, and the clients and checkers that others
// have written for the same services (masto, @atproto/api, cloudevents, standardwebhooks).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { AppBskyFeedPost } from '@atproto/api';
import { ensureValidTid } from '@atproto/syntax';
import { HTTP } from 'cloudevents';
import { createRestAPIClient } from 'masto';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { encodeNotice, someNotice } from './channels.notice.mjs';
import { binary } from './demo.mjs';

const run = promisify(execFile);
const webhookKey = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

// Every service behind one port: requests are kept by path.
class Services {
  requests = [];
  answer(request, body) {
    this.requests.push({ method: request.method, path: request.url, headers: request.headers, body });
    if (request.url.endsWith('createSession')) {
      return [200, { accessJwt: 'a', refreshJwt: 'r', did: 'did:plc:ewvi7nxzyoun6zhxrhs64oiz',
        handle: 'status.test' }];
    }
    if (request.url === '/moved') return [302, {}];
    return [200, { id: '7', uri: 'at://did:plc:x/app.bsky.feed.post/3', created_at: '2026-11-22T00:00:00Z' }];
  }
  handler = (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/lost') return response.destroy();
      const [status, json] = this.answer(request, Buffer.concat(chunks).toString());
      response.writeHead(status, { 'content-type': 'application/json', location: 'https://localhost:1/' });
      response.end(JSON.stringify(json));
    });
  };
  to(path) { return this.requests.filter((request) => request.path === path); }
  json(path) { return JSON.parse(this.to(path).at(-1).body); }
}

let folder, services, https, http, smtp, urls;
const mails = [];
const listen = (server) => new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(server.address().port));
});

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'okiagari-channels-'));
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'ca.pem'), '-days', '1',
    '-subj', '/CN=test', '-addext', 'subjectAltName=DNS:localhost']);
  services = new Services();
  https = createHttps({ key: await readFile(join(folder, 'key.pem')),
    cert: await readFile(join(folder, 'ca.pem')) }, services.handler);
  http = createHttp(services.handler);
  urls = { https: `https://localhost:${await listen(https)}`,
    http: `http://127.0.0.1:${await listen(http)}` };
  smtp = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo.map((each) => each.address),
          raw: Buffer.concat(chunks) });
        done();
      });
    } });
  const port = await new Promise((resolve) => {
    const server = smtp.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
  await writeFile(join(folder, 'channels.toml'), configuration(port));
  for (const [name, secret] of Object.entries({ token: 'secret-token', key: webhookKey,
    slack: `${urls.https}/services/T0/B0/secret`, password: 'app-password' })) {
    await writeFile(join(folder, name), `${secret}\n`);
  }
  await writeFile(join(folder, 'recipients'), 'taro@example.jp ja tok-1\nann@example.com en tok-2\n');
});
after(async () => {
  smtp?.close(); https?.close(); http?.close();
  https?.closeAllConnections(); http?.closeAllConnections();
  if (folder) await rm(folder, { recursive: true, force: true });
});

function configuration(smtpPort) {
  const place = (service, name, more) => `[[channel]]\nservice = "${service}"\nname = "${name}"\n${more}\n`;
  const secret = (name) => `secret_file = "${join(folder, name)}"\n`;
  return `[site]\nurl = "https://status.example.jp"\n[tls]\nca_file = "${join(folder, 'ca.pem')}"\n`
    + `[mail]\nserver = "127.0.0.1:${smtpPort}"\nfrom = "status@example.jp"\n`
    + place('mastodon', 'mastodon', `url = "${urls.https}"\nlanguages = ["ja", "en"]\n${secret('token')}`)
    + place('bluesky', 'bluesky', `url = "${urls.https}"\nto = "status.test"\n${secret('password')}`)
    + place('slack', 'slack', secret('slack'))
    + place('webhook', 'statuspage', `url = "${urls.http}/statuspage"\nlanguages = ["en"]\n${secret('key')}`)
    + place('webhook', 'events', `url = "${urls.https}/events"\nformat = "cloudevents"\n${secret('key')}`)
    + place('webhook', 'moved', `url = "${urls.https}/moved"\n${secret('key')}`)
    + `[pages]\noperator_url = "https://ops.example.jp/{incident}"\n`
    + `[[pages.way]]\nkind = "pagerduty"\nname = "ops"\nurl = "${urls.https}"\n${secret('token')}`;
}

async function okiagari(...words) {
  try {
    const { stdout, stderr } = await run(binary, words);
    return { code: 0, stdout, stderr };
  } catch (fault) {
    return { code: fault.code, stdout: fault.stdout, stderr: fault.stderr };
  }
}
async function publish(notice) {
  await writeFile(join(folder, 'notice'), encodeNotice(notice));
  const result = await okiagari('notices', 'publish', `--dir=${join(folder, 'outbox')}`,
    `--channels=${join(folder, 'channels.toml')}`, `--notice=${join(folder, 'notice')}`,
    `--recipients=${join(folder, 'recipients')}`, '--json');
  const lines = result.stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return { ...result, proofs: Object.fromEntries(lines.map((line) => [line.channel, line])) };
}

describe('a notice that is published', () => {
  let first;
  before(async () => { first = await publish(someNotice()); });

  it('reaches every place once, with a proof of each', async () => {
    for (const channel of ['mastodon_ja', 'mastodon_en', 'bluesky', 'slack', 'statuspage', 'events']) {
      assert.equal(first.proofs[channel]?.sent, 1, `${channel} ${first.stderr}`);
    }
    assert.equal(first.proofs.mail.sent, 2);
    const before = services.requests.length;
    await publish(someNotice());
    assert.equal(services.requests.length, before);
    assert.equal(mails.length, 2);
  });

  it('is not sent after a redirection', () => {
    assert.equal(first.proofs.moved.refused, 1);
    assert.equal(first.code, 3);
  });

  it('asks Mastodon as the masto client does', async () => {
    const ours = services.to('/api/v1/statuses').at(-1);
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const client = createRestAPIClient({ url: urls.http, accessToken: 'secret-token' });
    await client.v1.statuses.create(JSON.parse(ours.body),
      { requestInit: { headers: { 'Idempotency-Key': ours.headers['idempotency-key'] } } });
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    const theirs = services.to('/api/v1/statuses').at(-1);
    assert.notEqual(theirs, ours);
    assert.equal(ours.method, theirs.method);
    for (const header of ['authorization', 'content-type', 'idempotency-key']) {
      assert.equal(ours.headers[header], theirs.headers[header], header);
    }
    assert.deepEqual(JSON.parse(ours.body), JSON.parse(theirs.body));
  });

  it('is a post by the lexicon of Bluesky, under a valid name', () => {
    const { record, rkey, collection, repo } = services.json('/xrpc/com.atproto.repo.putRecord');
    assert.equal(collection, 'app.bsky.feed.post');
    assert.match(repo, /^did:/);
    ensureValidTid(rkey);
    const judged = AppBskyFeedPost.validateRecord(record);
    assert.ok(judged.success, String(judged.error));
    const link = record.facets[0];
    const bytes = Buffer.from(record.text).subarray(link.index.byteStart, link.index.byteEnd);
    assert.equal(bytes.toString(), link.features[0].uri);
    assert.ok([...new Intl.Segmenter().segment(record.text)].length <= 300);
  });

  it('is signed as Standard Webhooks says, and a forgery is told apart', () => {
    const { body, headers } = services.to('/statuspage').at(-1);
    const webhook = new Webhook(webhookKey);
    assert.equal(webhook.verify(body, headers).incident.id, 'inc1');
    assert.throws(() => webhook.verify(body.replace('inc1', 'inc2'), headers));
  });

  it('has the fields that readers of Statuspage webhooks take', () => {
    const { page, incident } = services.json('/statuspage');
    assert.equal(page.status_indicator, 'critical');
    assert.equal(incident.name, 'BTC/JPY orders are failing');
    assert.equal(incident.incident_updates[0].status, 'investigating');
    assert.equal(incident.incident_updates[0].body, 'We are investigating.');
    assert.match(incident.shortlink, /^https:\/\/status\.example\.jp\/en\/notices\/inc1$/);
    assert.ok(!Number.isNaN(Date.parse(incident.created_at)));
  });

  it('is a CloudEvent that the SDK reads', () => {
    const { body, headers } = services.to('/events').at(-1);
    const event = HTTP.toEvent({ headers, body });
    assert.equal(event.type, 'okiagari.notice.published');
    assert.equal(event.id, 'inc1/1');
    assert.equal(event.data.title.ja, 'BTC/JPY の注文が失敗しています');
    event.validate();
  });

  it('is a mail that others can read, and leave with one click', async () => {
    const english = mails.find((mail) => mail.to[0] === 'ann@example.com');
    const mail = await new PostalMime().parse(english.raw);
    const header = (name) => mail.headers.find((each) => each.key === name)?.value;
    assert.equal(mail.subject, '[Investigating] BTC/JPY orders are failing');
    assert.match(mail.text, /We are investigating\./);
    assert.match(mail.html, /We are investigating\./);
    assert.match(header('list-unsubscribe'), /^<https:\/\/status\.example\.jp\/[^>]*tok-2[^>]*>$/);
    assert.equal(header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
    assert.equal(header('auto-submitted'), 'auto-generated');
    const japanese = mails.find((each) => each.to[0] === 'taro@example.jp');
    assert.equal((await new PostalMime().parse(japanese.raw)).subject,
      '【調査中】BTC/JPY の注文が失敗しています');
  });

  it('leaves nowhere when it is one of a drill', async () => {
    const before = services.requests.length;
    const drill = await publish(someNotice({ incident: 'inc2', drill: true }));
    assert.deepEqual(drill.proofs, {});
    assert.equal(services.requests.length, before);
    assert.equal(mails.length, 2);
  });
});

describe('a notice of which nobody knows whether it arrived', () => {
  const settle = (...more) => okiagari('notices', 'settle', `--dir=${join(folder, 'lost')}`, ...more);

  it('waits for a person, and is settled by his word', async () => {
    await writeFile(join(folder, 'lost-hook'), `${urls.https}/lost\n`);
    await writeFile(join(folder, 'lost.toml'), `[site]\nurl = "https://status.example.jp"\n`
      + `[tls]\nca_file = "${join(folder, 'ca.pem')}"\n[[channel]]\nservice = "slack"\n`
      + `name = "slack"\nsecret_file = "${join(folder, 'lost-hook')}"\n`);
    await writeFile(join(folder, 'notice'), encodeNotice(someNotice({ incident: 'inc3' })));
    const sent = await okiagari('notices', 'publish', `--dir=${join(folder, 'lost')}`, '--json',
      `--channels=${join(folder, 'lost.toml')}`, `--notice=${join(folder, 'notice')}`);
    assert.equal(sent.code, 6, sent.stderr);
    const waiting = JSON.parse((await settle('--json')).stdout);
    assert.deepEqual([waiting.posting, waiting.channel], ['inc3/1', 'slack']);
    assert.equal((await settle('--id=999', '--decision=arrived', '--by=sato')).code, 2);
    assert.equal((await settle(`--id=${waiting.id}`, '--decision=arrived')).code, 2);
    const settled = await settle('--posting=inc3/1', '--channel=slack', '--decision=arrived',
      '--by=sato');
    assert.equal(settled.stdout.trim(), '1');
    assert.equal((await settle()).stdout, '');
    const again = await okiagari('notices', 'publish', `--dir=${join(folder, 'lost')}`, '--json',
      `--channels=${join(folder, 'lost.toml')}`, `--notice=${join(folder, 'notice')}`);
    assert.equal(again.code, 0);
    assert.match(JSON.parse(again.stdout).text, /decided by sato/);
    assert.equal(services.to('/lost').length, 0);
  });
});

describe('testing a channel', () => {
  const test = (channel, ...more) => okiagari('notices', 'channels', 'test',
    `--channels=${join(folder, 'channels.toml')}`, `--channel=${channel}`, ...more);

  it('calls PagerDuty in the shape of Events API v2', async () => {
    const result = await test('page_pagerduty_ops');
    assert.equal(result.code, 0, result.stdout + result.stderr);
    const event = services.json('/v2/enqueue');
    assert.deepEqual(Object.keys(event).filter((key) => ['routing_key', 'event_action', 'dedup_key',
      'payload'].includes(key)).length, 4);
    assert.equal(event.event_action, 'trigger');
    assert.ok(event.dedup_key.length <= 255 && event.payload.summary.length <= 1024);
    assert.ok(['critical', 'error', 'warning', 'info'].includes(event.payload.severity));
    assert.ok(!Number.isNaN(Date.parse(event.payload.timestamp)));
  });

  it('shows what it would send, without secrets, and sends nothing', async () => {
    const before = services.requests.length;
    for (const channel of ['mastodon', 'bluesky', 'slack', 'statuspage', 'page_pagerduty_ops']) {
      const shown = await test(channel, '--dry-run');
      assert.equal(shown.code, 0, shown.stderr);
      assert.match(shown.stdout, /POST (\/|\*\*\*)/);
      for (const secret of ['secret-token', 'app-password', '/T0/B0/']) {
        assert.ok(!shown.stdout.includes(secret), `${channel} shows ${secret}`);
      }
    }
    assert.equal(services.requests.length, before);
  });

  it('refuses a server whose certificate nobody has signed', async () => {
    const text = await readFile(join(folder, 'channels.toml'), 'utf8');
    await writeFile(join(folder, 'untrusted.toml'), text.replace(/ca_file = ".*"/, 'ca_file = ""'));
    const result = await okiagari('notices', 'channels', 'test', '--channel=slack',
      `--channels=${join(folder, 'untrusted.toml')}`);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /self-signed certificate/);
    assert.match(result.stdout, /nobody took it/);
  });
});
