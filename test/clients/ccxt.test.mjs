// ccxt, unmodified, with only its base URLs changed: everything its bitbank class can do without
// deposits and withdrawals.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import ccxt from 'ccxt';
import { startDemo, until } from './demo.mjs';
import { ccxtFor } from './ccxt_client.mjs';

let demo, maker, taker;
before(async () => {
  demo = await startDemo();
  [maker, taker] = demo.accounts.map((account) => ccxtFor(demo, account));
});
after(async () => {
  await Promise.all([maker, taker].map((client) => client?.close()));
  await demo?.stop();
});

const pair = 'BTC/JPY';

describe('ccxt reads what is public', () => {
  it('loads the markets with their fees, digits and limits', async () => {
    const markets = await maker.loadMarkets();
    assert.deepEqual(Object.keys(markets).sort(), ['BTC/JPY', 'ETH/JPY', 'XRP/JPY']);
    const market = markets[pair];
    assert.equal(market.active, true);
    assert.equal(market.taker, 0.0012);
    assert.equal(market.maker, -0.0002);
    assert.deepEqual(market.precision, { amount: 0.0001, price: 1 });
    assert.equal(market.limits.amount.min, 0.0001);
  });

  it('sees a trade in ticker, trades, candles and the book', async () => {
    await maker.createOrder(pair, 'limit', 'sell', 0.5, 5_000_000);
    await maker.createOrder(pair, 'limit', 'buy', 0.3, 4_900_000);
    await taker.createOrder(pair, 'limit', 'buy', 0.2, 5_000_000);
    const ticker = await until('the ticker', async () => {
      const now = await taker.fetchTicker(pair);
      return now.last === 5_000_000 && now;
    });
    assert.equal(ticker.ask, 5_000_000);
    assert.equal(ticker.bid, 4_900_000);
    assert.equal(ticker.baseVolume, 0.2);
    const book = await taker.fetchOrderBook(pair);
    assert.deepEqual(book.asks[0], [5_000_000, 0.3]);
    assert.deepEqual(book.bids[0], [4_900_000, 0.3]);
    const [trade] = (await taker.fetchTrades(pair)).slice(-1);
    assert.equal(trade.side, 'buy');
    assert.equal(trade.price, 5_000_000);
    assert.equal(trade.amount, 0.2);
    const day = trade.timestamp - (trade.timestamp % 86_400_000);
    for (const frame of ['1m', '5m', '15m', '30m', '1h', '4h', '8h', '12h', '1d']) {
      const candles = await taker.fetchOHLCV(pair, frame, day);
      const [start, open, high, low, close, volume] = candles.at(-1);
      assert.ok(start <= trade.timestamp, frame);
      assert.deepEqual([open, high, low, close], Array(4).fill(5_000_000), frame);
      assert.equal(volume, 0.2, frame);
    }
  });

  it('reads the fees and the state of the markets', async () => {
    const fees = await maker.fetchTradingFees();
    assert.equal(fees[pair].taker, 0.0012);
    const { data } = await maker.privateGetSpotStatus();
    assert.deepEqual(data.statuses.map((row) => [row.pair, row.status]).sort(), [
      ['btc_jpy', 'NORMAL'], ['eth_jpy', 'NORMAL'], ['xrp_jpy', 'NORMAL']]);
  });
});

describe('ccxt trades', () => {
  it('holds the money of an open order and gives it back when it is canceled', async () => {
    const before = await maker.fetchBalance();
    const order = await maker.createOrder('ETH/JPY', 'limit', 'buy', 2, 300_000);
    assert.equal(order.status, 'open');
    const during = await maker.fetchBalance();
    assert.ok(during.JPY.free <= before.JPY.free - 600_000);
    assert.equal(during.JPY.total, before.JPY.total);
    const open = await maker.fetchOpenOrders('ETH/JPY');
    assert.deepEqual(open.map((one) => one.id), [order.id]);
    const gone = await maker.cancelOrder(order.id, 'ETH/JPY');
    assert.equal(gone.status, 'canceled');
    assert.equal((await maker.fetchOrder(order.id, 'ETH/JPY')).status, 'canceled');
    assert.deepEqual(await maker.fetchOpenOrders('ETH/JPY'), []);
    assert.equal((await maker.fetchBalance()).JPY.free, before.JPY.free);
  });

  it('fills a market order against the best price and pays the fees', async () => {
    const before = [await maker.fetchBalance(), await taker.fetchBalance()];
    const sold = await maker.createOrder('XRP/JPY', 'limit', 'sell', 100, 80.5);
    const bought = await taker.createOrder('XRP/JPY', 'market', 'buy', 100);
    assert.equal(bought.status, 'closed');
    assert.equal(bought.filled, 100);
    assert.equal(bought.average, 80.5);
    const own = await taker.fetchMyTrades('XRP/JPY');
    assert.equal(own.length, 1);
    assert.equal(own[0].order, bought.id);
    assert.equal(own[0].takerOrMaker, 'taker');
    assert.equal(own[0].fee.cost, 9.66); // 0.12 % of 8,050 yen.
    const theirs = await maker.fetchMyTrades('XRP/JPY');
    assert.deepEqual([theirs[0].order, theirs[0].takerOrMaker, theirs[0].fee.cost],
      [sold.id, 'maker', -1.61]);
    const after = [await maker.fetchBalance(), await taker.fetchBalance()];
    const change = (asset, who) => Number((after[who][asset].total - before[who][asset].total)
      .toFixed(4));
    assert.deepEqual([change('XRP', 0), change('XRP', 1)], [-100, 100]);
    assert.deepEqual([change('JPY', 0), change('JPY', 1)], [8051.61, -8059.66]);
  });

  it('cancels a post-only order that would have crossed, and keeps one that rests', async () => {
    await maker.createOrder('XRP/JPY', 'limit', 'sell', 10, 90);
    const crossed = await taker.createOrder('XRP/JPY', 'limit', 'buy', 10, 90, { post_only: true });
    assert.equal((await taker.fetchOrder(crossed.id, 'XRP/JPY')).status, 'canceled');
    const rests = await taker.createOrder('XRP/JPY', 'limit', 'buy', 10, 89, { post_only: true });
    assert.equal((await taker.fetchOrder(rests.id, 'XRP/JPY')).status, 'open');
    assert.equal(rests.info.post_only, true);
  });

  it('fills partly, and cancels many orders at once', async () => {
    const big = await maker.createOrder('ETH/JPY', 'limit', 'sell', 3, 400_000);
    await taker.createOrder('ETH/JPY', 'limit', 'buy', 1, 400_000);
    const now = await maker.fetchOrder(big.id, 'ETH/JPY');
    assert.deepEqual([now.info.status, now.filled, now.remaining], ['PARTIALLY_FILLED', 1, 2]);
    const other = await maker.createOrder('ETH/JPY', 'limit', 'sell', 1, 410_000);
    const ids = [big.id, other.id].map(Number);
    const gone = await maker.privatePostUserSpotCancelOrders({ pair: 'eth_jpy', order_ids: ids });
    assert.deepEqual(gone.data.orders.map((order) => order.status).sort(),
      ['CANCELED_PARTIALLY_FILLED', 'CANCELED_UNFILLED']);
    const info = await maker.privatePostUserSpotOrdersInfo({ pair: 'eth_jpy', order_ids: ids });
    assert.deepEqual(info.data.orders.map((order) => Number(order.order_id)).sort(),
      ids.sort());
  });

  it('rejects a market order that the book cannot fill, and takes nothing', async () => {
    const before = await taker.fetchBalance();
    const order = await taker.createOrder('ETH/JPY', 'market', 'buy', 99);
    assert.equal((await taker.fetchOrder(order.id, 'ETH/JPY')).info.status, 'REJECTED');
    assert.equal((await taker.fetchBalance()).JPY.free, before.JPY.free);
  });
});

describe('ccxt understands the refusals', () => {
  const refused = (promise, kind) => assert.rejects(promise, (why) => {
    assert.ok(why instanceof kind, `${why.constructor.name}: ${why.message}`);
    return true;
  });

  it('too little money is InsufficientFunds', () =>
    refused(maker.createOrder(pair, 'limit', 'buy', 900, 7_000_000), ccxt.InsufficientFunds));
  it('an unknown order is OrderNotFound', async () => {
    await refused(maker.fetchOrder('999999999', pair), ccxt.OrderNotFound);
    await refused(maker.cancelOrder('999999999', pair), ccxt.OrderNotFound);
  });
  it("another's order is OrderNotFound", async () => {
    const order = await maker.createOrder(pair, 'limit', 'buy', 0.01, 1_000_000);
    await refused(taker.fetchOrder(order.id, pair), ccxt.OrderNotFound);
    await refused(taker.cancelOrder(order.id, pair), ccxt.OrderNotFound);
  });
  it('a canceled order cannot be canceled again', async () => {
    const order = await maker.createOrder(pair, 'limit', 'buy', 0.01, 1_000_000);
    await maker.cancelOrder(order.id, pair);
    await refused(maker.cancelOrder(order.id, pair), ccxt.ExchangeError);
  });
  it('a wrong secret or key is AuthenticationError', async () => {
    const [account] = demo.accounts;
    const broken = { ...account, secret: account.secret.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')) };
    await refused(ccxtFor(demo, broken).fetchBalance(), ccxt.AuthenticationError);
    await refused(ccxtFor(demo, { ...account, key: 'nobody' }).fetchBalance(),
      ccxt.AuthenticationError);
  });
  it('a side in capitals and a price out of range are InvalidOrder', async () => {
    await refused(maker.createOrder(pair, 'limit', 'BUY', 0.01, 1_000_000), ccxt.InvalidOrder);
    await refused(maker.createOrder(pair, 'limit', 'buy', 0.01, 900_000_000), ccxt.InvalidOrder);
  });
  it('an unknown address of the API is an ExchangeError', () =>
    refused(maker.publicGetPairTicker({ pair: 'nothing_jpy' }), ccxt.ExchangeError));
});

describe('ccxt signs both ways', () => {
  it('by request time, with many requests at once on one key', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => maker.fetchBalance()));
    assert.equal(answers.length, 20);
  });

  it('by nonce', async () => {
    // ccxt counts milliseconds, so it must not be faster than one request each.
    const client = ccxtFor(demo, demo.accounts[1], { authMethod: 'nonce' });
    client.enableRateLimit = true;
    const order = await client.createOrder(pair, 'limit', 'buy', 0.01, 1_200_000);
    assert.equal((await client.fetchOrder(order.id, pair)).status, 'open');
    assert.equal((await client.cancelOrder(order.id, pair)).status, 'canceled');
    await client.close();
  });
});
