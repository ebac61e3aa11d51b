// node-bitbankcc 3.0.0 from npm, unmodified: nonce signatures, a connection per request, and the
// three seconds after which it gives up.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import bitbank from 'node-bitbankcc';
import { startDemo, until } from './demo.mjs';

const pair = 'btc_jpy';
let demo, publicApi, maker, taker;
before(async () => {
  demo = await startDemo();
  publicApi = new bitbank.PublicApi({ endPoint: demo.rest });
  [maker, taker] = demo.accounts.map(({ key, secret }) =>
    new bitbank.PrivateApi({ endPoint: `${demo.rest}/v1`, apiKey: key, apiSecret: secret }));
});
after(() => demo?.stop());

const order = (side, amount, price, more = {}) =>
  ({ pair, side, amount, price, type: 'limit', ...more });
const refusedWith = (code) => (why) => {
  assert.equal(why.message, String(code));
  return true;
};

describe('node-bitbankcc', () => {
  it('reads ticker, depth, transactions and candles', async () => {
    await maker.postOrder(order('sell', '0.01', 5_100_000)); // The price as a JSON number.
    await maker.postOrder(order('buy', '0.01', '5000000'));
    await taker.postOrder(order('buy', '0.01', '5100000'));
    const { data } = await until('the trade', async () => {
      const answer = await publicApi.getTransactions({ pair });
      return answer.data.transactions.length > 0 && answer;
    });
    const [trade] = data.transactions;
    assert.deepEqual([trade.side, trade.price, trade.amount], ['buy', '5100000', '0.0100']);
    assert.equal(typeof trade.executed_at, 'number');
    const { data: ticker } = await publicApi.getTicker({ pair });
    assert.deepEqual([ticker.last, ticker.buy, ticker.vol], ['5100000', '5000000', '0.0100']);
    const { data: depth } = await publicApi.getDepth({ pair });
    assert.deepEqual(depth.bids[0], ['5000000', '0.0100']);
    assert.match(depth.sequenceId, /^\d+$/);
    const yyyymmdd = new Date(trade.executed_at).toISOString().slice(0, 10).replaceAll('-', '');
    for (const [candleType, date] of [['1min', yyyymmdd], ['1hour', yyyymmdd],
      ['4hour', yyyymmdd.slice(0, 4)], ['1day', yyyymmdd.slice(0, 4)],
      ['1month', yyyymmdd.slice(0, 4)]]) {
      const answer = await publicApi.getCandlestick({ pair, candleType, yyyymmdd: date });
      const [{ type, ohlcv }] = answer.data.candlestick;
      assert.equal(type, candleType);
      assert.equal(ohlcv.at(-1)[3], '5100000');
      assert.equal(typeof ohlcv.at(-1)[5], 'number');
    }
    const dated = await publicApi.getTransactions({ pair, yyyymmdd });
    assert.equal(dated.data.transactions.length, 1);
  });

  it('reads the balances', async () => {
    const { data } = await maker.getAssets();
    const rows = Object.fromEntries(data.assets.map((row) => [row.asset, row]));
    assert.deepEqual(Object.keys(rows).sort(), ['btc', 'eth', 'jpy', 'xrp']);
    for (const row of Object.values(rows)) {
      assert.equal((Number(row.free_amount) + Number(row.locked_amount)).toFixed(4),
        Number(row.onhand_amount).toFixed(4));
    }
    assert.equal(rows.btc.onhand_amount, '99.99000000');
  });

  it('places, looks up, lists and cancels', async () => {
    const { data: placed } = await taker.postOrder(order('buy', '0.02', '4000000',
      { post_only: true }));
    assert.equal(placed.status, 'UNFILLED');
    assert.equal(placed.post_only, true);
    assert.equal(placed.expire_at - placed.ordered_at, 15_552_000_000);
    const id = placed.order_id;
    assert.ok(Number.isSafeInteger(id));
    const { data: seen } = await taker.getOrder({ pair, order_id: id });
    assert.deepEqual([seen.price, seen.start_amount, seen.remaining_amount, seen.executed_amount],
      ['4000000', '0.0200', '0.0200', '0.0000']);
    const { data: active } = await taker.getActiveOrders({ pair });
    assert.deepEqual(active.orders.map((one) => one.order_id), [id]);
    const { data: info } = await taker.getOrdersInfo({ pair, order_ids: [id, 999_999_999] });
    assert.deepEqual(info.orders.map((one) => one.order_id), [id]);
    const { data: gone } = await taker.cancelOrder({ pair, order_id: id });
    assert.equal(gone.status, 'CANCELED_UNFILLED');
    assert.equal(typeof gone.canceled_at, 'number');
    const { data: rest } = await taker.getActiveOrders({ pair });
    assert.deepEqual(rest.orders, []);
  });

  it('accepts the odd ranges of its own test suite', async () => {
    const { success } = await maker.getActiveOrders({ pair, count: 1, from_id: 14541346,
      end_id: 14541343, since: 1523419311277, end: 1523419024484 });
    assert.equal(success, 1);
  });

  it('reads its trades, newest first', async () => {
    const { data } = await taker.getTradeHistory({ pair, count: 10 });
    assert.equal(data.trades.length, 1);
    const [trade] = data.trades;
    assert.deepEqual([trade.side, trade.price, trade.amount, trade.maker_taker],
      ['buy', '5100000', '0.0100', 'taker']);
    assert.equal(trade.fee_amount_quote, '61.2000');
    assert.equal(trade.fee_amount_base, '0.00000000');
    assert.ok('fee_occurred_amount_quote' in trade);
  });

  it('gets the code of each refusal as its message', async () => {
    await assert.rejects(maker.postOrder(order('buy', '900', '7000000')), refusedWith(60001));
    await assert.rejects(maker.postOrder(order('buy', '0.00001', '5000000')), refusedWith(40001));
    await assert.rejects(maker.postOrder(order('buy', '2000', '1')), refusedWith(60003));
    await assert.rejects(maker.postOrder({ pair, side: 'buy', type: 'limit', amount: '1' }),
      refusedWith(30012));
    await assert.rejects(maker.postOrder({ pair, type: 'limit', amount: '1', price: '1' }),
      refusedWith(30013));
    await assert.rejects(maker.getOrder({ pair, order_id: 999_999_999 }), refusedWith(50009));
    await assert.rejects(publicApi.getTicker({ pair: 'doge_jpy' }), (why) => why instanceof Error);
    const stranger = new bitbank.PrivateApi({ endPoint: `${demo.rest}/v1`, apiKey: 'nobody',
      apiSecret: 'nothing' });
    await assert.rejects(stranger.getAssets(), refusedWith(20002));
  });

  it('is refused when it goes back with its nonce', async () => {
    const { key, secret } = demo.accounts[0];
    const late = new bitbank.PrivateApi({ endPoint: `${demo.rest}/v1`, apiKey: key,
      apiSecret: secret });
    late.nonce -= 3_600_000;
    await assert.rejects(late.postOrder(order('buy', '0.01', '4000000')), refusedWith(20001));
  });
});
