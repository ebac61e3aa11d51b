// socket.io-client, unmodified, keeps a book from depth_whole and depth_diff by bitbank's documented
// algorithm; it must equal REST depth at the same sequence, also after the leader was killed.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { io } from 'socket.io-client';
import { killLeader, startDemo, until } from './demo.mjs';

const pair = 'btc_jpy';
const statesMax = 5000;

class Book {
  asks = new Map();
  bids = new Map();
  sequence = -1n;
  waiting = []; // Diffs that came before the first whole, or are newer than it.
  states = new Map(); // sequence -> { asks, bids }, to compare with REST later.
  faults = [];
  wholes = 0;
  diffs = 0;

  onWhole(whole) {
    const sequence = BigInt(whole.sequenceId);
    this.wholes += 1;
    this.asks = new Map(whole.asks);
    this.bids = new Map(whole.bids);
    if (sequence < this.sequence) this.faults.push(`whole ${sequence} after ${this.sequence}`);
    this.sequence = sequence;
    const newer = this.waiting.filter((diff) => BigInt(diff.s) > sequence);
    this.waiting = [];
    this.keep();
    for (const diff of newer) this.apply(diff);
  }

  onDiff(diff) {
    this.diffs += 1;
    if (this.sequence < 0n) this.waiting.push(diff); else this.apply(diff);
  }

  apply(diff) {
    const sequence = BigInt(diff.s);
    if (sequence <= this.sequence) {
      this.faults.push(`diff ${sequence} after ${this.sequence}`);
      return;
    }
    for (const [side, rows] of [[this.asks, diff.a], [this.bids, diff.b]]) {
      for (const [price, amount] of rows) {
        if (amount === '0') side.delete(price); else side.set(price, amount);
      }
    }
    this.sequence = sequence;
    this.keep();
  }

  keep() {
    const sorted = (side, sign) => [...side].sort((a, b) => sign * (Number(a[0]) - Number(b[0])))
      .slice(0, 200);
    this.states.set(this.sequence, { asks: sorted(this.asks, 1), bids: sorted(this.bids, -1) });
    if (this.states.size > statesMax) this.states.delete(this.states.keys().next().value);
  }
}

async function depth(demo) {
  const answer = await (await fetch(`${demo.rest}/${pair}/depth`)).json();
  assert.equal(answer.success, 1);
  return answer.data;
}

// Waits until REST shows a sequence that the book has seen, and compares everything there.
async function compare(demo, book, count) {
  let equal = 0;
  let last = null;
  await until(`${count} equal books`, async () => {
    const rest = await depth(demo);
    if (rest.sequenceId === last) return false;
    const own = await until(`sequence ${rest.sequenceId}`, () =>
      book.states.get(BigInt(rest.sequenceId)), 500).catch(() => null);
    if (!own) return false; // REST was read in the middle of what one diff covers.
    last = rest.sequenceId;
    assert.deepEqual(own.asks, rest.asks);
    assert.deepEqual(own.bids, rest.bids);
    equal += 1;
    return equal >= count;
  }, 30_000);
}

let demo, socket;
const book = new Book();
const rooms = new Map();
const disconnects = [];

before(async () => {
  demo = await startDemo([]);
  socket = io(demo.stream, { transports: ['websocket'], reconnection: true });
  socket.on('disconnect', (why) => disconnects.push(why));
  socket.on('message', ({ room_name: room, message }) => {
    rooms.set(room, message.data);
    if (room === `depth_whole_${pair}`) book.onWhole(message.data);
    if (room === `depth_diff_${pair}`) book.onDiff(message.data);
  });
  await until('the connection', () => socket.connected);
  for (const room of ['depth_whole', 'depth_diff', 'ticker', 'transactions']) {
    socket.emit('join-room', `${room}_${pair}`);
  }
});
after(async () => {
  socket?.close();
  await demo?.stop();
});

describe('socket.io-client', () => {
  it('keeps a book that equals REST depth', async () => {
    await until('a whole and ten diffs', () => book.wholes >= 1 && book.diffs >= 10, 30_000);
    await compare(demo, book, 5);
    assert.deepEqual(book.faults, []);
  });

  it('gets ticker and transactions in the shape of REST', async () => {
    const ticker = await until('a ticker', () => rooms.get(`ticker_${pair}`), 30_000);
    const rest = await (await fetch(`${demo.rest}/${pair}/ticker`)).json();
    assert.deepEqual(Object.keys(ticker).sort(), Object.keys(rest.data).sort());
    const { transactions } = await until('a trade', () => rooms.get(`transactions_${pair}`), 30_000);
    assert.deepEqual(Object.keys(transactions[0]).sort(),
      ['amount', 'executed_at', 'price', 'side', 'transaction_id']);
  });

  it('keeps it over the death of the leader, without a new connection', async () => {
    const before = book.sequence;
    await killLeader(demo);
    await until('diffs of the new leader', () => book.sequence > before + 50n, 30_000);
    await compare(demo, book, 5);
    assert.deepEqual(book.faults, []);
    assert.deepEqual(disconnects, []);
  });

  it('gets the same book when it joins after the death', async () => {
    const late = io(demo.stream, { transports: ['websocket'], forceNew: true });
    const fresh = new Book();
    late.on('message', ({ room_name: room, message }) => {
      if (room === `depth_whole_${pair}`) fresh.onWhole(message.data); else fresh.onDiff(message.data);
    });
    await until('the connection', () => late.connected);
    for (const room of ['depth_whole', 'depth_diff']) late.emit('join-room', `${room}_${pair}`);
    await until('a whole', () => fresh.wholes > 0, 30_000);
    await compare(demo, fresh, 3);
    assert.deepEqual(fresh.faults, []);
    late.close();
  });

  it('hears nothing more from a room that it left', async () => {
    socket.emit('leave-room', `ticker_${pair}`);
    socket.emit('leave-room', `depth_whole_${pair}`);
    const heard = book.diffs;
    await until('more diffs', () => book.diffs > heard + 5, 30_000);
    const { wholes } = book;
    rooms.delete(`ticker_${pair}`);
    await until('still more diffs', () => book.diffs > heard + 60, 30_000);
    assert.equal(book.wholes, wholes);
    assert.equal(rooms.has(`ticker_${pair}`), false);
  });
});
