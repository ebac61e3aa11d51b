// Planned work from the words of two people to what the public reads: a real watch alone (the
// exchange it watches is not there), the commands of operators, one status site, and unmodified
// readers of Statuspage, Atom and iCalendar.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import ICAL from 'ical.js';
import Parser from 'rss-parser';
import { Statuspage } from 'statuspage.io';
import { binary, until } from './demo.mjs';
import { freePort, startSite } from './status_site.mjs';

const run = promisify(execFile);
const house = `
[[component]]
id = "market btc_jpy"
[[person]]
id = 1
name = "Aki"
rights = ["all"]
[[person]]
id = 2
name = "Ben"
language = "en"
rights = ["all"]
`;

let site, watch, folder, operators, hook;
const hooks = [];
const incident = async (person, ...words) => {
  const { stdout } = await run(binary, ['incident', ...words, '--at', operators, '--token',
    join(folder, `${person}.token`)]);
  return stdout;
};
const planned = async () => (await (await fetch(`${site.url}/api/v2/scheduled-maintenances.json`))
  .json()).scheduled_maintenances;
// The exchange is not there, of which the webhook hears too.
const told = () => hooks.filter((each) => each.incident?.id === 'work1');
const agree = (wish) => incident(2, 'decide-wish', String(wish));
const events = async () => new ICAL.Component(ICAL.parse(
  await (await fetch(`${site.url}/calendar.ics`)).text())).getAllSubcomponents('vevent')
  .map((event) => new ICAL.Event(event));

before(async () => {
  site = await startSite({ watches: 1, options: ['--url', 'https://status.example.jp'] });
  folder = site.folder;
  const [metrics, port] = [await freePort(), await freePort()];
  operators = `127.0.0.1:${port}`;
  hook = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => { hooks.push(JSON.parse(Buffer.concat(chunks))); response.end('{}'); });
  });
  await new Promise((resolve) => { hook.listen(0, '127.0.0.1', resolve); });
  const file = async (name, text) => { await writeFile(join(folder, name), text); return join(folder, name); };
  const keys = await file('house.json', JSON.stringify({ accounts: [
    { key: 'a'.repeat(32), secret: 'b'.repeat(64) }, { key: 'c'.repeat(32), secret: 'd'.repeat(64) }] }));
  for (const person of [1, 2]) {
    await run(binary, ['incident', 'login-token', '--person', String(person), '--file',
      join(folder, 'tokens'), '--out', join(folder, `${person}.token`)]);
  }
  const secret = await file('hook.key', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n');
  const channels = await file('channels.toml', `[site]\nurl = "https://status.example.jp"\n
[[channel]]\nservice = "webhook"\nname = "watchers"\nlanguages = ["en"]\nformat = "statuspage"
url = "http://127.0.0.1:${hook.address().port}/hook"\nsecret_file = "${secret}"\n`);
  watch = spawn(binary, ['watch', '--nodes', '127.0.0.1:1', '--edges', '127.0.0.1:1', '--cluster',
    '7', '--status', site.url.slice('http://'.length), '--house-keys', keys, '--signing-key',
    await file('watch.key', site.watches[0].seed.toString('hex')), '--dir', join(folder, 'watch'),
    '--metrics', `127.0.0.1:${metrics}`, '--response', await file('house.toml', house),
    '--channels', channels, '--operators', operators, '--operator-tokens', join(folder, 'tokens'),
    '--response-cluster', '9'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  watch.stderr.on('data', (bytes) => { said = (said + bytes).slice(-4000); });
  try {
    // The right to configure comes last.
    await until('the house', async () => /person 2 Ben:.*configure/.test(await incident(1, 'house')));
  } catch (why) {
    throw new Error(`${why.message}\n${said}`);
  }
});
after(async () => {
  if (watch) {
    const ended = new Promise((resolve) => { watch.on('exit', resolve); });
    watch.kill('SIGTERM');
    await ended;
  }
  hook?.close();
  await site?.stop();
});

describe('planned work', () => {
  it('is announced when a second person agrees, in all three outputs', async () => {
    await incident(1, 'plan-work', '--title', 'エンジンの更新|Update of the engine', '--body',
      '注文ができません。|No orders meanwhile.', '--components', 'market btc_jpy', '--from', '+3600',
      '--to', '+7200', '--words', 'Release 7.');
    assert.deepEqual(await planned(), []);
    await assert.rejects(incident(1, 'decide-wish', '1'), /same_person/);
    await agree(1);
    await until('the board', async () => (await planned()).length === 1);
    const client = new Statuspage('okiagari');
    client.apiClient.defaults.baseURL = site.url;  // Its host is wired to statuspage.io.
    const [work] = (await client.api.scheduledMaintenances.getUpcoming()).scheduled_maintenances;
    assert.equal(work.name, 'Update of the engine');
    assert.equal(work.status, 'scheduled');
    assert.equal(work.impact, 'maintenance');
    assert.equal(Date.parse(work.scheduled_until) - Date.parse(work.scheduled_for), 3_600_000);
    const feed = await new Parser().parseString(await (await fetch(`${site.url}/history.atom`)).text());
    const entry = feed.items.find((item) => item.link.endsWith('/maintenance/work1'));
    assert.match(entry.title, /エンジンの更新/);
    const [event] = (await events()).filter((each) => each.uid.startsWith('maintenance-work1@'));
    assert.equal(event.startDate.toUnixTime(), Math.floor(Date.parse(work.scheduled_for) / 1000));
    assert.equal(event.component.getFirstPropertyValue('status'), 'CONFIRMED');
    const page = await (await fetch(`${site.url}/maintenance/work1`)).text();
    assert.ok(page.includes('注文ができません。'));
  });

  it('goes to the channels, where a webhook reads it as Statuspage writes it', async () => {
    await until('the webhook', async () => told().length === 1);
    const [{ incident: work, page }] = told();
    assert.equal(work.status, 'scheduled');
    assert.equal(work.impact, 'maintenance');
    assert.equal(page.status_indicator, 'maintenance');
    await until('the proof', async () => /watchers sent/.test(await incident(1, 'planned-work')));
  });

  it('makes no page green while it is under way', async () => {
    await incident(2, 'change-work', 'work1', '--from', '+0');
    await incident(1, 'decide-wish', '2');
    await until('under way', async () => (await planned())[0]?.status === 'in_progress');
    const status = await (await fetch(`${site.url}/api/v2/status.json`)).json();
    assert.notEqual(status.status.indicator, 'none');
    await until('the webhook', async () => told().some((each) =>
      each.incident.status === 'in_progress'));
  });

  it('ends when one person says so, and what was not begun is cancelled', async () => {
    await incident(1, 'end-work', '1');
    await until('over', async () => (await planned())[0].status === 'completed');
    await incident(1, 'plan-work', '--title', '中止|Not at all', '--body', '停止。|Stop.',
      '--components', 'market btc_jpy', '--from', '+3600', '--to', '+7200');
    await agree(3);
    await until('the second', async () => (await planned()).length === 2);
    await incident(2, 'end-work', 'work2');
    await until('cancelled', async () => (await planned()).length === 1);
    const [event] = (await events()).filter((each) => each.uid.startsWith('maintenance-work2@'));
    assert.equal(event.component.getFirstPropertyValue('status'), 'CANCELLED');
    await assert.rejects(incident(2, 'end-work', '2'), /unknown_subject/);
  });
});
