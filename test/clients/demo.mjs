// Starts a demo exchange for one test file and takes it down again.
//
// The demo writes its info file once everything answers; until then nothing is tested. Each demo is
// a child of the test process, with its own free ports, random keys and data folder.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const binary = process.env.OKIAGARI ?? join(root, 'build/release/okiagari');
const startMsMax = 90_000;
const stopMsMax = 20_000;

// The latest output of the demo.
class Tail {
  text = '';
  add(bytes) {
    this.text = (this.text + bytes).slice(-8000);
  }
}

async function readInfo(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null; // Not there yet, or half written.
  }
}

// What the info file says, with the demo's pid, what it printed and wrote, and how to stop it:
// { rest, stream, status, accounts, nodes, …, pid, folder, output(), stop(signal) }
export async function startDemo(options = ['--no-makers']) {
  const holder = await mkdtemp(join(tmpdir(), 'okiagari-clients-'));
  const file = join(holder, 'info.json');
  const folder = join(holder, 'tmp'); // Its temporary files go here.
  await mkdir(folder);
  const limits = options.includes('--rate-limits') ? [] : ['--rate-limits', 'off'];
  const child = spawn(binary, ['demo', '--script', 'serve', '--for', '600s', '--info', file,
    ...limits, ...options], { cwd: folder, env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'] });
  const tail = new Tail();
  child.stdout.on('data', (bytes) => tail.add(bytes));
  child.stderr.on('data', (bytes) => tail.add(bytes));
  const ended = new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(`demo ended: ${code ?? signal}`));
    child.on('error', (why) => resolve(`demo did not start: ${why.message}`));
  });
  // Resolves to how it ended and which files it left.
  const stop = async (signal = 'SIGINT') => {
    child.kill(signal);
    const how = await Promise.race([ended, pause(stopMsMax, 'demo did not end', { ref: false })]);
    child.kill('SIGKILL');
    const left = [...await readdir(holder), ...await readdir(folder)].filter((name) => name !== 'tmp');
    await rm(holder, { recursive: true, force: true });
    return { how, left };
  };
  const deadline = Date.now() + startMsMax;
  for (;;) {
    const info = await readInfo(file);
    if (info) return { ...info, pid: child.pid, folder, output: () => tail.text, stop };
    const end = await Promise.race([ended, pause(100, null)]);
    if (end || Date.now() > deadline) {
      await stop();
      throw new Error(`${end ?? 'the demo wrote no info file'}\n${tail.text}`);
    }
  }
}

// The value of a metric without labels at one metrics address, or null when nobody answers there.
export async function metric(url, name) {
  try {
    const text = await (await fetch(url, { signal: AbortSignal.timeout(1000) })).text();
    const match = text.match(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm'));
    return match ? Number(match[1]) : null;
  } catch {
    return null;
  }
}

export async function findLeader(demo) {
  for (let tries = 0; tries < 100; ++tries) {
    for (const node of demo.nodes) {
      if ((await metric(`${node.metrics}/metrics`, 'okiagari_replica_leader')) === 1) return node;
    }
    await pause(100);
  }
  throw new Error('no node says that it leads');
}

// As a power cut would: no goodbye.
export async function killLeader(demo) {
  const leader = await findLeader(demo);
  process.kill(leader.pid, 'SIGKILL');
  return leader;
}

// Repeats until `done` answers something true; the last failure explains a time-out.
export async function until(what, done, patienceMs = 10_000) {
  const deadline = Date.now() + patienceMs;
  let last = 'not yet';
  while (Date.now() < deadline) {
    try {
      const value = await done();
      if (value) return value;
    } catch (why) {
      last = why.message;
    }
    await pause(50);
  }
  throw new Error(`waited ${patienceMs} ms for ${what}: ${last}`);
}
