// Every way of signing that is in the wild, sent raw, and what each spoiled one is answered.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { startDemo } from './demo.mjs';

let demo, account;
let nonce = Date.now();
before(async () => {
  demo = await startDemo();
  [account] = demo.accounts;
});
after(() => demo?.stop());

const hmac = (text, secret = account.secret) =>
  createHmac('sha256', secret).update(text).digest('hex');

// Resolves to { status, headers, text }; header names go out exactly as given.
function send(method, target, headers, body) {
  const url = new URL(demo.rest);
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: url.hostname, port: url.port, method, path: target, headers,
      agent: false }, (answer) => {
      let text = '';
      answer.on('data', (bytes) => { text += bytes; });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const variants = {
  'request time with window': (payload, now = Date.now(), window = '5000') => ({
    'ACCESS-KEY': account.key, 'ACCESS-REQUEST-TIME': String(now), 'ACCESS-TIME-WINDOW': window,
    'ACCESS-SIGNATURE': hmac(`${now}${window}${payload}`) }),
  'request time without window': (payload, now = Date.now()) => ({
    'ACCESS-KEY': account.key, 'ACCESS-REQUEST-TIME': String(now),
    'ACCESS-SIGNATURE': hmac(`${now}${payload}`) }),
  'nonce': (payload, value = ++nonce) => ({
    'ACCESS-KEY': account.key, 'ACCESS-NONCE': String(value),
    'ACCESS-SIGNATURE': hmac(`${value}${payload}`) }),
  'nonce with window': (payload, value = ++nonce) => ({
    'ACCESS-KEY': account.key, 'ACCESS-NONCE': String(value), 'ACCESS-TIME-WINDOW': '5000',
    'ACCESS-SIGNATURE': hmac(`${value}${payload}`) }),
};
const assets = '/v1/user/assets';
const codeOf = ({ text }) => JSON.parse(text).data.code;
const expectCode = async (code, headers, target = assets) => {
  const answer = await send('GET', target, headers);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(codeOf(answer), code);
};

describe('a signature is accepted', () => {
  for (const [name, sign] of Object.entries(variants)) {
    it(`by ${name}, for GET and POST`, async () => {
      const got = await send('GET', assets, sign(assets));
      assert.equal(JSON.parse(got.text).success, 1, got.text);
      // Odd spacing and order of keys: what was sent is verified, not what it means.
      const body = '{ "side":"buy","type" : "limit", "pair":"btc_jpy","price":"1000000",\n"amount":"0.01" }';
      const posted = await send('POST', '/v1/user/spot/order',
        { 'Content-Type': 'application/json', ...sign(body) }, body);
      assert.equal(JSON.parse(posted.text).data.status, 'UNFILLED', posted.text);
    });
  }

  it('over the raw query, as it was sent', async () => {
    const target = '/v1/user/spot/active_orders?pair=btc%5Fjpy&count=3&';
    const answer = await send('GET', target, variants.nonce(target));
    assert.equal(JSON.parse(answer.text).data.orders.length, 3, answer.text);
  });

  it('whatever the case of the header names', async () => {
    const lower = Object.fromEntries(Object.entries(variants.nonce(assets))
      .map(([name, value]) => [name.toLowerCase(), value]));
    assert.equal(JSON.parse((await send('GET', assets, lower)).text).success, 1);
  });

  it('twice at the same request time', async () => {
    const headers = variants['request time with window'](assets);
    const answers = await Promise.all([send('GET', assets, headers), send('GET', assets, headers)]);
    for (const answer of answers) assert.equal(JSON.parse(answer.text).success, 1);
  });
});

describe('a request is refused with the code of its fault', () => {
  const timed = (now, window) => variants['request time with window'](assets, now, window);

  it('no key, unknown key, wrong signature', async () => {
    const { 'ACCESS-KEY': _, ...keyless } = variants.nonce(assets);
    await expectCode(20003, keyless);
    await expectCode(20002, { ...variants.nonce(assets), 'ACCESS-KEY': 'nobody' });
    await expectCode(20005, { ...variants.nonce(assets), 'ACCESS-SIGNATURE': hmac('else') });
    await expectCode(20005, { ...variants.nonce(assets), 'ACCESS-SIGNATURE': 'short' });
  });
  it('neither time nor nonce', () =>
    expectCode(20036, { 'ACCESS-KEY': account.key, 'ACCESS-SIGNATURE': hmac(assets) }));
  it('time, window or nonce that are no numbers', async () => {
    await expectCode(20037, timed('soon'));
    await expectCode(20038, timed(Date.now(), 'wide'));
    await expectCode(20038, timed(Date.now(), '60001'));
    await expectCode(20039, variants.nonce(assets, '1x'));
  });
  it('a time outside its window, before or behind', async () => {
    await expectCode(20035, timed(Date.now() - 10_000));
    const early = await send('GET', assets, timed(Date.now() + 10_000));
    assert.ok([20034, 20035].includes(codeOf(early)), early.text);
  });
  it('a nonce that does not grow', async () => {
    const headers = variants.nonce(assets);
    assert.equal(JSON.parse((await send('GET', assets, headers)).text).success, 1);
    await expectCode(20001, headers);
  });
  it('one byte changed in the body', async () => {
    const body = '{"pair":"btc_jpy","side":"buy","type":"limit","price":"1000000","amount":"0.01"}';
    const answer = await send('POST', '/v1/user/spot/order',
      { 'Content-Type': 'application/json', ...variants.nonce(body) },
      body.replace('0.01', '0.02'));
    assert.equal(codeOf(answer), 20005);
  });
});

describe('bad bytes do no harm', () => {
  it('a body that is no JSON is 10002', async () => {
    for (const body of ['{', '[]', '"x"', '', '{"pair":"btc_jpy"', '\u0000', '9'.repeat(5000)]) {
      const answer = await send('POST', '/v1/user/spot/order',
        { 'Content-Type': 'application/json', ...variants.nonce(body) }, body);
      assert.ok(answer.status === 200 || answer.status >= 400, answer.text);
      if (answer.status === 200) assert.equal(JSON.parse(answer.text).success, 0, body);
    }
  });
  it('and the exchange still answers', async () => {
    assert.equal(JSON.parse((await send('GET', assets, variants.nonce(assets))).text).success, 1);
  });
});
