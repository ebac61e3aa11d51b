// The status site as watchers of Statuspage read it, and as a person without JavaScript does.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { killLeader, startDemo, until } from './demo.mjs';

let demo;
before(async () => { demo = await startDemo(); });
after(() => demo?.stop());

const summary = async () => {
  const answer = await fetch(`${demo.status}/api/v2/summary.json`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  return answer.json();
};
const page = async (path, language) => {
  const answer = await fetch(`${demo.status}${path}`, { headers: { 'accept-language': language } });
  assert.equal(answer.status, 200, path);
  assert.match(answer.headers.get('content-type'), /^text\/html/);
  return answer.text();
};
const states = ['operational', 'degraded_performance', 'partial_outage', 'major_outage',
  'under_maintenance'];

describe('the status site', () => {
  it('has the shape of Statuspage v2', async () => {
    const now = await until('green', async () => {
      const read = await summary();
      return read.status.indicator === 'none' && read;
    });
    for (const key of ['id', 'name', 'url', 'time_zone', 'updated_at']) {
      assert.equal(typeof now.page[key], 'string', key);
    }
    assert.equal(typeof now.status.description, 'string');
    assert.ok(Array.isArray(now.incidents) && Array.isArray(now.scheduled_maintenances));
    assert.ok(now.components.length > 0);
    for (const component of now.components) {
      assert.equal(typeof component.id, 'string');
      assert.equal(typeof component.name, 'string');
      assert.ok(states.includes(component.status), component.status);
    }
    assert.ok(Math.abs(Date.parse(now.page.updated_at) - Date.now()) < 60_000);
  });

  it('is not kept by caches', async () => {
    const answer = await fetch(`${demo.status}/api/v2/summary.json`);
    assert.match(answer.headers.get('cache-control') ?? '', /no-store|no-cache|max-age=[01]\b/);
  });

  it('is readable in English and Japanese without JavaScript', async () => {
    const english = await page('/en/', 'en');
    assert.match(english, /<html[^>]* lang="en"/);
    assert.match(english, /Operational/);
    const japanese = await page('/', 'ja');
    assert.match(japanese, /<html[^>]* lang="ja"/);
    assert.match(japanese, /正常稼働中/);
    assert.match(japanese, /日本時間/);
    for (const text of [english, japanese]) assert.doesNotMatch(text, /http-equiv="refresh"/);
  });

  it('tells of a change of leader, with its time', async () => {
    const { seat } = await killLeader(demo);
    const words = new RegExp(`Leader changed: node ${seat} → node \\d+ \\(term \\d+\\)`);
    const english = await until('the event on the page', async () => {
      const text = await page('/en/', 'en');
      return words.test(text) && text;
    }, 20_000);
    assert.match(english, /\d\d:\d\d:\d\d JST/);
    assert.match(await page('/', 'ja'), new RegExp(`リーダー交代: ノード${seat}`));
    await until('green again', async () => (await summary()).status.indicator === 'none', 30_000);
  });
});
