// Notices in a real Bluesky server: what arrives there, that it takes a record twice as one, and
// what a wrong password does. Read back by @atproto/api.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { AtpAgent, RichText } from '@atproto/api';
import { startBluesky } from './bluesky_server.mjs';
import { encodeNotice, someNotice } from './channels.notice.mjs';
import { binary } from './demo.mjs';

const run = promisify(execFile);
let server, agent, folder;

before(async () => {
  server = await startBluesky();
  folder = await mkdtemp(join(tmpdir(), 'okiagari-bluesky-test-'));
  agent = new AtpAgent({ service: `http://127.0.0.1:${server.port}` });
  await agent.createAccount({ handle: 'okiagari.test', email: 'status@example.jp',
    password: 'app-password' });
  await writeFile(join(folder, 'password'), 'app-password\n');
  await writeFile(join(folder, 'wrong'), 'another\n');
});
after(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

// By a sender of its own: a new outbox knows nothing of what another one has sent.
async function publish(notice, outbox, { secret = 'password', more = [], options = {} } = {}) {
  const channels = join(folder, `${outbox}.toml`);
  await writeFile(channels, `[site]\nurl = "https://status.example.jp"
[[channel]]\nservice = "bluesky"\nname = "bluesky"\nlanguages = ["ja"]
url = "http://127.0.0.1:${server.port}"\nto = "okiagari.test"\nsecret_file = "${join(folder, secret)}"\n`);
  await writeFile(join(folder, 'notice'), encodeNotice(notice));
  const words = ['notices', 'publish', `--dir=${join(folder, outbox)}`, `--channels=${channels}`,
    `--notice=${join(folder, 'notice')}`, '--json', ...more];
  const { stdout } = await run(binary, words, options).catch((fault) => fault);
  return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
const records = async () => (await agent.com.atproto.repo.listRecords({
  repo: agent.session.did, collection: 'app.bsky.feed.post' })).data.records;

describe('a real Bluesky server', () => {
  it('takes a notice as a post with a link, in its language', async () => {
    const [proof] = await publish(someNotice(), 'first');
    assert.equal(proof.sent, 1, JSON.stringify(proof));
    const [post] = await records();
    assert.match(proof.text, new RegExp(post.uri));
    assert.match(post.value.text, /【調査中】BTC\/JPY の注文が失敗しています/);
    assert.deepEqual(post.value.langs, ['ja']);
    assert.equal(post.value.createdAt, new Date(someNotice().at).toISOString());
    const [part] = [...new RichText(post.value).segments()].filter((each) => each.isLink());
    assert.equal(part.link.uri, 'https://status.example.jp/notices/inc1');
    assert.equal(part.text, part.link.uri);
  });

  it('takes the same from another sender as the same record', async () => {
    const [before] = await records();
    const [proof] = await publish(someNotice(), 'second', { more: ['--in-doubt'] });
    assert.equal(proof.sent, 1);
    const all = await records();
    assert.equal(all.length, 1);
    assert.equal(all[0].cid, before.cid);
  });

  it('takes the next notice as another post, and keeps both in their order', async () => {
    await publish(someNotice({ number: 2, phase: 1, at: someNotice().at + 60_000 }), 'first');
    const all = await records();
    assert.equal(all.length, 2);
    assert.match(all[0].value.text, /【原因特定】/);  // Newest first, by the name of the record.
  });

  it('gets nothing with a wrong password, and what waited once a person has mended it', async () => {
    const third = someNotice({ number: 3, at: someNotice().at + 120_000 });
    await publish(third, 'third', { secret: 'wrong', options: { timeout: 3000 } });
    assert.equal((await records()).length, 2);
    const [proof] = await publish(third, 'third');
    assert.equal(proof.sent, 1, JSON.stringify(proof));
    assert.equal((await records()).length, 3);
  });
});
