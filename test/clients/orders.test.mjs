// Every order type and what is added to bitbank's API: by node-bitbankcc and ccxt where they have a
// method, else as raw requests, the way the documents say.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import bitbank from 'node-bitbankcc';
import { io } from 'socket.io-client';
import { ccxtFor } from './ccxt_client.mjs';
import { startDemo, until } from './demo.mjs';

const pair = 'btc_jpy';
let demo, maker, taker, client;
before(async () => {
  demo = await startDemo();
  [maker, taker] = demo.accounts.map(({ key, secret }) =>
    new bitbank.PrivateApi({ endPoint: `${demo.rest}/v1`, apiKey: key, apiSecret: secret }));
  client = ccxtFor(demo, demo.accounts[0]);
  await maker.postOrder(limit('sell', '0.1', '5000000'));
  await taker.postOrder(limit('buy', '0.1', '5000000')); // A last price, and with it a band.
});
after(() => demo?.stop());

const limit = (side, amount, price, more = {}) =>
  ({ pair, side, amount, price, type: 'limit', ...more });
const refusedWith = (code) => (why) => {
  assert.equal(why.message, String(code));
  return true;
};

// A signed request of the first account; resolves to the JSON.
function send(method, path, body, agent = false) {
  const { key, secret } = demo.accounts[0];
  const now = String(Date.now());
  const text = body === undefined ? '' : JSON.stringify(body);
  const url = new URL(demo.rest);
  const signature = createHmac('sha256', secret)
    .update(`${now}5000${method === 'POST' ? text : path}`).digest('hex');
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: url.hostname, port: url.port, method, path, agent, headers: {
      'ACCESS-KEY': key, 'ACCESS-REQUEST-TIME': now, 'ACCESS-TIME-WINDOW': '5000',
      'ACCESS-SIGNATURE': signature } }, (answer) => {
      let received = '';
      answer.on('data', (bytes) => { received += bytes; });
      answer.on('end', () => resolve(JSON.parse(received)));
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}
const post = (path, body, agent) => send('POST', `/v1/user/spot/${path}`, body, agent);
const statusOf = async (id) => {
  const { data } = await maker.getOrder({ pair, order_id: id });
  return data.status;
};

describe('stop orders', () => {
  it('wait inactive, and fire when the price reaches them', async () => {
    const { data: stop } = await maker.postOrder({ pair, side: 'sell', type: 'stop', amount: '0.01',
      trigger_price: '4900000' });
    assert.deepEqual([stop.status, stop.type, stop.trigger_price, stop.start_amount],
      ['INACTIVE', 'stop', '4900000', '0.0100']);
    assert.equal('price' in stop, false);
    const { data: stopLimit } = await maker.postOrder({ pair, side: 'sell', type: 'stop_limit',
      amount: '0.01', price: '4800000', trigger_price: '4900000' });
    assert.deepEqual([stopLimit.status, stopLimit.price], ['INACTIVE', '4800000']);
    await taker.postOrder(limit('buy', '0.03', '4890000'));
    await maker.postOrder(limit('sell', '0.01', '4890000'));
    await until('both are filled', async () =>
      (await statusOf(stop.order_id)) === 'FULLY_FILLED' &&
      (await statusOf(stopLimit.order_id)) === 'FULLY_FILLED');
    const { data: fired } = await maker.getOrder({ pair, order_id: stop.order_id });
    assert.equal(typeof fired.triggered_at, 'number');
  });

  it('are listed while they wait, and can be cancelled', async () => {
    const { data } = await maker.postOrder({ pair, side: 'buy', type: 'stop', amount: '0.01',
      trigger_price: '5500000' });
    const { data: active } = await maker.getActiveOrders({ pair });
    assert.ok(active.orders.some((one) => one.order_id === data.order_id));
    const { data: gone } = await maker.cancelOrder({ pair, order_id: data.order_id });
    assert.equal(gone.status, 'CANCELED_UNFILLED');
  });

  it('are refused by code', async () => {
    await assert.rejects(maker.postOrder({ pair, side: 'sell', type: 'stop', amount: '0.01' }),
      refusedWith(30101));
    await assert.rejects(maker.postOrder({ pair, side: 'sell', type: 'stop', amount: '0.01',
      trigger_price: '9000000' }), refusedWith(60018));
    await assert.rejects(maker.postOrder({ pair, side: 'sell', type: 'take_profit',
      trigger_price: '6000000' }), refusedWith(40164));
    await assert.rejects(maker.postOrder(limit('buy', '0.01', '4000000',
      { position_side: 'long' })), refusedWith(40165));
  });
});

describe('what ccxt calls by bitbank\'s own names', () => {
  it('circuit_break_info has a band around the reference price', async () => {
    const { data } = await client.publicGetPairCircuitBreakInfo({ pair });
    assert.deepEqual([data.mode, data.fee_type, data.reopen_timestamp], ['NONE', 'NORMAL', null]);
    assert.equal(Number(data.upper_trigger_price), Number(data.lower_trigger_price) * 1.5);
  });

  it('margin status and positions of an account without margin', async () => {
    const { data: status } = await client.privateGetUserMarginStatus();
    assert.deepEqual([status.status, status.total_margin_balance_percentage], ['NORMAL', null]);
    const { data: positions } = await client.privateGetUserMarginPositions();
    assert.deepEqual(Object.keys(positions).sort(),
      ['losscut_threshold', 'notice', 'payables', 'positions']);
    assert.deepEqual(positions.positions, []);
  });
});

describe('client_order_id', () => {
  it('places once, however often it is sent', async () => {
    const body = limit('buy', '0.01', '4000000', { client_order_id: `once-${process.pid}` });
    const first = await post('order', body);
    const second = await post('order', body);
    assert.equal(first.data.order_id, second.data.order_id);
    assert.equal(first.data.client_order_id, body.client_order_id);
    await maker.cancelOrder({ pair, order_id: first.data.order_id });
    const third = await post('order', body);
    assert.deepEqual([third.data.order_id, third.data.status],
      [first.data.order_id, 'CANCELED_UNFILLED']);
    const found = await send('GET',
      `/v1/user/spot/order?pair=${pair}&client_order_id=${body.client_order_id}`);
    assert.equal(found.data.order_id, first.data.order_id);
  });
});

describe('a batch of orders', () => {
  it('is taken by a demo as it starts, each order for itself', async () => {
    const { success, data } = await post('orders', { orders: [
      limit('buy', '0.01', '4000000'), limit('buy', '0', '4000000')] });
    assert.equal(success, 1);
    assert.deepEqual(data.orders.map((one) => one.success), [1, 0]);
    const { order_id: id } = data.orders[0].data;
    assert.equal(await statusOf(id), 'UNFILLED');
    await maker.cancelOrder({ pair, order_id: id });
  });
});

describe('orders changed and cancelled in our ways', () => {
  it('amends price and amount under the same id', async () => {
    const { data } = await post('order', limit('buy', '0.02', '4000000'));
    const amended = await post('amend_order',
      { pair, order_id: data.order_id, price: '4100000', amount: '0.03' });
    assert.deepEqual([amended.data.order_id, amended.data.price, amended.data.start_amount],
      [data.order_id, '4100000', '0.0300']);
    const same = await post('amend_order', { pair, order_id: data.order_id, price: '4100000' });
    assert.deepEqual([same.success, same.data.code], [0, 50010]);
  });

  it('cancels everything at once, and everything later', async () => {
    await post('order', limit('buy', '0.01', '4000000'));
    const { data } = await post('cancel_all', { pair });
    assert.ok(data.orders.length >= 1);
    const { data: resting } = await post('order', limit('buy', '0.01', '4000000'));
    const { data: set } = await post('cancel_all_after', { timeout_ms: 1000 });
    assert.ok(set.cancel_at > Date.now() - 5000);
    await until('the switch strikes', async () =>
      (await statusOf(resting.order_id)) === 'CANCELED_UNFILLED');
  });
});

describe('cancel_on_disconnect', () => {
  it('cancels with the HTTP connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { data } = await post('order',
      limit('buy', '0.01', '4000000', { cancel_on_disconnect: true }), agent);
    assert.equal(await statusOf(data.order_id), 'UNFILLED');
    agent.destroy();
    await until('it is cancelled', async () =>
      (await statusOf(data.order_id)) === 'CANCELED_UNFILLED');
    const { data: order } = await maker.getOrder({ pair, order_id: data.order_id });
    assert.equal(order.cancel_reason, 'session_closed');
  });

  it('cancels with the stream that it names', async () => {
    const socket = io(demo.rest, { transports: ['websocket'] });
    await new Promise((resolve) => socket.on('connect', resolve));
    const { data } = await post('order',
      limit('buy', '0.01', '4000000', { cancel_on_disconnect: socket.id }));
    assert.equal(await statusOf(data.order_id), 'UNFILLED');
    socket.close();
    await until('it is cancelled', async () =>
      (await statusOf(data.order_id)) === 'CANCELED_UNFILLED');
  });
});

describe('the room circuit_break_info', () => {
  it('tells the state on joining', async () => {
    const socket = io(demo.rest, { transports: ['websocket'] });
    const told = new Promise((resolve) => socket.on('message', resolve));
    socket.on('connect', () => socket.emit('join-room', `circuit_break_info_${pair}`));
    const { room_name: room, message } = await told;
    assert.equal(room, `circuit_break_info_${pair}`);
    assert.equal(message.data.mode, 'NONE');
    socket.close();
  });
});
