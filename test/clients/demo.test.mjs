// The demo as a program: its options do what they say, what it prints can be pasted, and it leaves
// nothing behind however it ends.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startDemo, until } from './demo.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const portOf = (url) => Number(new URL(url).port);

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('starts as many nodes and edges as asked for, on the ports asked for', async () => {
  const base = 20_000 + (process.pid % 10_000);
  const demo = await startDemo(['--no-makers', '--nodes', '1', '--edges', '1', '--ports', `${base}`]);
  const { nodes, rest, status, metrics } = demo;
  await demo.stop();
  assert.equal(nodes.length, 1);
  for (const url of [rest, status, ...metrics, nodes[0].metrics]) {
    assert.ok(portOf(url) >= base && portOf(url) < base + 20, url);
  }
});

it('leaves no process and no file after an interrupt', async () => {
  const demo = await startDemo();
  const pids = demo.nodes.map((node) => node.pid);
  assert.ok(pids.every(alive));
  const { how, left } = await demo.stop('SIGINT');
  assert.equal(how, 'demo ended: 130');
  assert.deepEqual(left, []);
  assert.deepEqual(pids.filter(alive), []);
  await assert.rejects(fetch(`${demo.status}/api/v2/summary.json`));
  await assert.rejects(fetch(`${demo.rest}/btc_jpy/ticker`));
});

it('takes its processes along when it is killed', async () => {
  const demo = await startDemo();
  const pids = demo.nodes.map((node) => node.pid);
  await demo.stop('SIGKILL');
  await until('the end of the nodes', () => !pids.some(alive));
  await until('the end of the edge', () => fetch(`${demo.rest}/btc_jpy/ticker`)
    .then(() => false, () => true));
});

it('prints a ccxt program that can be pasted', async () => {
  const demo = await startDemo();
  try {
    const program = demo.output().match(/^ *import ccxt [^]*?createOrder.*$/m)?.[0];
    assert.ok(program, demo.output());
    const { stdout } = await promisify(execFile)(process.execPath,
      ['--input-type=module', '-e', program], { cwd: here });
    assert.match(stdout, /status: '(open|closed)'/);
  } finally {
    await demo.stop();
  }
});
