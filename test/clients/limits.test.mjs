// With the default limits of updates and queries, too many requests are what ccxt calls
// RateLimitExceeded, and the answer says when to come back.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import ccxt from 'ccxt';
import { ccxtFor } from './ccxt_client.mjs';
import { startDemo } from './demo.mjs';

let demo;
before(async () => { demo = await startDemo(['--no-makers', '--rate-limits', 'default']); });
after(() => demo?.stop());

async function burst(count, one) {
  const results = await Promise.allSettled(Array.from({ length: count }, one));
  const refused = results.filter((result) => result.status === 'rejected');
  for (const { reason } of refused) {
    assert.ok(reason instanceof ccxt.RateLimitExceeded, `${reason.constructor.name}: ${reason}`);
  }
  return { done: count - refused.length, refused: refused.length };
}

it('refuses the orders above the limit, and none below it', async () => {
  const client = ccxtFor(demo, demo.accounts[0]);
  await client.loadMarkets();
  const { done, refused } = await burst(30, () =>
    client.createOrder('BTC/JPY', 'limit', 'buy', 0.001, 1_000_000));
  assert.ok(done >= 6, `${done} done`);
  assert.ok(refused > 0);
});

it('says when to come back', async () => {
  const client = ccxtFor(demo, demo.accounts[0]);
  await client.loadMarkets();
  let refusal = null;
  for (let tries = 0; tries < 50 && !refusal; ++tries) {
    await client.fetchBalance().catch((why) => { refusal = why; });
  }
  assert.ok(refusal instanceof ccxt.RateLimitExceeded, String(refusal));
  const headers = new Map(Object.entries(client.last_response_headers)
    .map(([name, value]) => [name.toLowerCase(), value]));
  assert.match(headers.get('retry-after'), /^\d+$/);
});

it('limits one user, not the others', async () => {
  const busy = ccxtFor(demo, demo.accounts[0]);
  const quiet = ccxtFor(demo, demo.accounts[1]);
  await Promise.all([busy.loadMarkets(), quiet.loadMarkets()]);
  const [flood] = await Promise.all([
    burst(60, () => busy.fetchBalance()),
    quiet.fetchBalance(),
  ]);
  assert.ok(flood.refused > 0);
});
