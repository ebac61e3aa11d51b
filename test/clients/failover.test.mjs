// Trading goes on while the leader is killed: every answer is a success or says that it may be
// tried again (503) or that the outcome is unknown (504), and afterwards nothing that was
// acknowledged is missing or there twice.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import bitbank from 'node-bitbankcc';
import ccxt from 'ccxt';
import { ccxtFor } from './ccxt_client.mjs';
import { killLeader, startDemo, until } from './demo.mjs';

const killAfterMs = 2000;
const tradeMs = 8000;
const tradePauseMs = 10;
const failoverMsMax = 10_000; // The promise is below 3 s; a loaded test machine gets more.

// What became of each price: every order of these tests has a price of its own.
class Orders {
  nextPrice = 10_000;
  placed = new Map(); // price -> order id, acknowledged.
  canceled = new Set(); // prices whose cancel was acknowledged.
  unknown = new Set(); // prices whose order or cancel may or may not have happened.
  notTaken = 0;
  acknowledgedAt = [];

  acknowledge() { this.acknowledgedAt.push(Date.now()); }
}

// The same two calls for both clients; `kindOf` tells 503 from 504 from everything else.
function ccxtTrader(client) {
  return {
    place: async (price) => (await client.createOrder('BTC/JPY', 'limit', 'buy', 0.001, price)).id,
    cancel: (id) => client.cancelOrder(id, 'BTC/JPY'),
    kindOf: (why) => {
      if (why instanceof ccxt.RequestTimeout) return 'unknown';
      if (why instanceof ccxt.ExchangeNotAvailable) return 'not taken';
      return 'wrong';
    },
  };
}
function bitbankTrader(api) {
  const pair = 'btc_jpy';
  return {
    place: async (price) => (await api.postOrder({ pair, side: 'buy', type: 'limit',
      amount: '0.001', price: String(price) })).data.order_id,
    cancel: (id) => api.cancelOrder({ pair, order_id: id }),
    kindOf: (why) => {
      if (/status code 504|timeout of 3000ms/.test(why.message)) return 'unknown';
      return /status code 503/.test(why.message) ? 'not taken' : 'wrong';
    },
  };
}

async function attempt(trader, orders, price, act, done) {
  try {
    done(await act());
    orders.acknowledge();
    return true;
  } catch (why) {
    const kind = trader.kindOf(why);
    assert.notEqual(kind, 'wrong', `${why.constructor.name}: ${why.message}`);
    if (kind === 'unknown') orders.unknown.add(price); else orders.notTaken += 1;
    return false;
  }
}

// Places an order, cancels it, and so on until `end`.
async function placeAndCancel(trader, orders, end) {
  while (Date.now() < end) {
    const price = orders.nextPrice++;
    const placed = await attempt(trader, orders, price, () => trader.place(price),
      (id) => orders.placed.set(price, id));
    if (placed) {
      const id = orders.placed.get(price);
      await attempt(trader, orders, price, () => trader.cancel(id),
        () => orders.canceled.add(price));
    } else {
      await pause(10);
    }
  }
}

// Two accounts trade with each other at the same price, slowly enough that one answer of
// trade_history can hold all of it.
async function cross(seller, buyer, end) {
  let trades = 0;
  for (let price = 5_000_000; Date.now() < end; ++price) {
    try {
      await seller.createOrder('BTC/JPY', 'limit', 'sell', 0.001, price);
      await buyer.createOrder('BTC/JPY', 'limit', 'buy', 0.001, price);
      trades += 1;
      await pause(tradePauseMs);
    } catch (why) {
      assert.ok(why instanceof ccxt.NetworkError, `${why.constructor.name}: ${why.message}`);
      await pause(10);
    }
  }
  return trades;
}

const exact = (text, digits) => {
  const [whole, part = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole + part.padEnd(digits, '0'));
  return text.startsWith('-') ? -value : value;
};

async function totals(clients, asset, digits) {
  let sum = 0n;
  for (const client of clients) {
    const { data } = await client.privateGetUserAssets();
    sum += exact(data.assets.find((row) => row.asset === asset).onhand_amount, digits);
  }
  return sum;
}

let demo, clients;
before(async () => {
  demo = await startDemo();
  clients = demo.accounts.map((account) => ccxtFor(demo, account));
  await Promise.all(clients.map((client) => client.loadMarkets()));
});
after(() => demo?.stop());

describe('with the leader killed under ccxt and node-bitbankcc', () => {
  const orders = new Orders();
  let killedAt, trades, before;

  it('every answer is a success, a 503 or a 504', async (test) => {
    before = { btc: await totals(clients, 'btc', 8), jpy: await totals(clients, 'jpy', 4) };
    const { key, secret } = demo.accounts[1];
    const api = new bitbank.PrivateApi({ endPoint: `${demo.rest}/v1`, apiKey: key,
      apiSecret: secret });
    const end = Date.now() + tradeMs;
    const [one] = clients;
    const traders = [ccxtTrader(one), ccxtTrader(one), ccxtTrader(one), bitbankTrader(api)];
    const work = [...traders.map((trader) => placeAndCancel(trader, orders, end)),
      cross(...clients, end)];
    await pause(killAfterMs);
    const { seat } = await killLeader(demo);
    killedAt = Date.now();
    trades = (await Promise.all(work)).at(-1);
    test.diagnostic(`killed seat ${seat}; ${orders.placed.size} orders acknowledged, ` +
      `${orders.notTaken} not taken, ${orders.unknown.size} unknown, ${trades} trades`);
    assert.ok(orders.placed.size > 50);
    assert.ok(trades > 10);
  });

  it('orders are acknowledged again soon', (test) => {
    const first = orders.acknowledgedAt.find((time) => time > killedAt + 20);
    const longest = Math.max(...orders.acknowledgedAt.map((time, i, all) =>
      (i > 0 ? time - all[i - 1] : 0)));
    test.diagnostic(`first acknowledgement ${first - killedAt} ms after the kill, ` +
      `longest silence ${longest} ms`);
    assert.ok(longest < failoverMsMax);
    assert.ok(orders.acknowledgedAt.at(-1) > killedAt + 1000);
  });

  it('each acknowledged order is there once, in the state that was acknowledged', async () => {
    const open = [];
    for (const client of clients) {
      const answer = await until('the open orders', () =>
        client.privateGetUserSpotActiveOrders({ pair: 'btc_jpy' }));
      open.push(...answer.data.orders.filter((order) => Number(order.price) < 5_000_000));
    }
    const prices = open.map((order) => Number(order.price));
    assert.equal(new Set(prices).size, prices.length, 'an order is there twice');
    for (const price of prices) {
      assert.ok(orders.unknown.has(price), `${price} is open although its cancel was acknowledged`);
    }
    for (const [price, id] of orders.placed) {
      if (!orders.canceled.has(price)) continue;
      const order = await findOrder(id);
      assert.equal(order.info.status, 'CANCELED_UNFILLED', String(id));
      assert.equal(order.price, price);
    }
  });

  it('no coin appeared or vanished, and no yen but the fees', async () => {
    assert.equal(await totals(clients, 'btc', 8), before.btc);
    let fees = 0n;
    const ids = [];
    for (const client of clients) {
      const { data } = await client.privateGetUserSpotTradeHistory({ pair: 'btc_jpy', count: 1000 });
      assert.ok(data.trades.length < 1000, 'more trades than one answer holds');
      for (const trade of data.trades) fees += exact(trade.fee_amount_quote, 4);
      ids.push(data.trades.map((trade) => trade.trade_id).sort());
    }
    assert.deepEqual(ids[0], ids[1]);
    assert.ok(ids[0].length >= trades);
    assert.equal(await totals(clients, 'jpy', 4), before.jpy - fees);
  });
});

// The orders of node-bitbankcc are the second account's.
async function findOrder(id) {
  for (const client of clients) {
    try {
      return await client.fetchOrder(String(id), 'BTC/JPY');
    } catch (why) {
      if (!(why instanceof ccxt.OrderNotFound)) throw why;
    }
  }
  throw new Error(`order ${id} was acknowledged and is gone`);
}
