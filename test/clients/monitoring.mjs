// Prometheus, Alertmanager and the exporters of Debian around a running demo, with the configuration
// that ships in deploy/, its addresses replaced by free ones.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { binary } from './demo.mjs';

export const deploy = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'deploy');

const programs = ['prometheus', 'promtool', 'amtool', 'prometheus-alertmanager',
  'prometheus-node-exporter', 'prometheus-blackbox-exporter'];

const installed = (program) => spawnSync(program, ['--version']).error === undefined;

// False when all are there, else the sentence that says what to do.
export const missing = (() => {
  const absent = programs.filter((program) => !installed(program));
  if (absent.length === 0) return false;
  return `${absent.join(', ')} not installed: apt-get install prometheus prometheus-alertmanager `
    + 'prometheus-node-exporter prometheus-blackbox-exporter';
})();

// What a tool says about files or about its input, with its exit code.
export function ask(program, options, input = '') {
  const done = spawnSync(program, options, { input, encoding: 'utf8', cwd: deploy });
  return { code: done.status, said: done.stdout + done.stderr };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

class Program {
  constructor(name, command, options, folder) {
    this.name = name;
    this.command = command;
    this.options = options;
    this.folder = folder;
    this.lines = [];
  }

  start() {
    this.rest = '';
    this.errors = '';
    this.child = spawn(this.command, this.options,
      { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.on('error', (why) => { this.errors += why.message; });
    this.child.stderr.on('data', (bytes) => { this.errors = (this.errors + bytes).slice(-4000); });
    this.child.stdout.on('data', (bytes) => {
      const parts = (this.rest + bytes).split('\n');
      this.rest = parts.pop();
      this.lines.push(...parts);
    });
    this.ended = new Promise((resolve) => { this.child.on('exit', resolve); });
  }

  async kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    const patience = pause(10_000, 'late', { ref: false });
    if (await Promise.race([this.ended, patience]) === 'late') this.child.kill('SIGKILL');
  }
}

// Which part of the exchange a page of metrics belongs to.
const marks = [['node', 'okiagari_replica_term'], ['edge', 'okiagari_edge_requests_total'],
  ['watch', 'okiagari_watch_green'], ['status', 'okiagari_notify_green']];

async function targetsOf(demo) {
  const seats = {};
  const rows = [];
  for (const url of demo.metrics) {
    const text = await (await fetch(url)).text();
    const role = marks.find(([, name]) => text.includes(`\n${name}`))?.[0];
    if (!role) throw new Error(`${url} is of no known process`);
    seats[role] = (seats[role] ?? 0) + 1;
    rows.push({ labels: { role, seat: `${seats[role]}` }, targets: [new URL(url).host] });
  }
  return rows;
}

// Replaces texts in a file; each must be there.
async function rewrite(file, pairs) {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
    text = text.replaceAll(from, to);
  }
  await writeFile(file, text);
}

// { prometheus, alertmanager, signals, … (Programs), url(name), targets, stop() }
export async function startMonitoring(demo) {
  const folder = await mkdtemp(join(tmpdir(), 'okiagari-monitoring-'));
  await cp(deploy, folder, { recursive: true });
  const ports = {};
  for (const name of ['prometheus', 'alertmanager', 'machine', 'blackbox', 'signals', 'own']) {
    ports[name] = await freePort();
  }
  const at = (name) => `127.0.0.1:${ports[name]}`;
  const targets = await targetsOf(demo);
  const doors = [{ labels: { role: 'edge', seat: '1' }, targets: [`${demo.rest}/btc_jpy/ticker`] },
    { labels: { role: 'status', seat: '1' }, targets: [`${demo.status}/api/v2/status.json`] }];
  const own = { labels: { role: 'signals', seat: '1' }, targets: [at('own')] };
  await writeFile(join(folder, 'prometheus/targets.yml'), JSON.stringify([...targets, own]));
  await writeFile(join(folder, 'prometheus/doors.yml'), JSON.stringify(doors));
  await rewrite(join(folder, 'prometheus/prometheus.yml'), [
    ['127.0.0.1:9093', at('alertmanager')], ['127.0.0.1:9090', at('prometheus')],
    ['127.0.0.1:9100', at('machine')], ['127.0.0.1:9115', at('blackbox')]]);
  await rewrite(join(folder, 'alertmanager/alertmanager.yml'), [['127.0.0.1:9201', at('signals')]]);
  await rewrite(join(folder, 'signals.toml'), [['127.0.0.1:9093', at('alertmanager')]]);
  const tokens = [];
  for (const source of ['alertmanager', 'pagerduty', 'otlp', 'provider']) {
    const token = randomBytes(32).toString('hex');
    tokens.push(`${source} ${createHash('sha256').update(token).digest('hex')}`);
    if (source === 'alertmanager') {
      await writeFile(join(folder, 'alertmanager/signals.token'), token, { mode: 0o600 });
    }
  }
  await writeFile(join(folder, 'signals.tokens'), `${tokens.join('\n')}\n`);

  const parts = {
    signals: new Program('signals', binary, ['signals', '--signals', at('signals'), '--metrics',
      at('own'), '--signal-settings', 'signals.toml', '--signal-tokens', 'signals.tokens'], folder),
    machine: new Program('node exporter', 'prometheus-node-exporter',
      [`--web.listen-address=${at('machine')}`, '--collector.disable-defaults',
        '--collector.filesystem', '--collector.loadavg'], folder),
    blackbox: new Program('blackbox exporter', 'prometheus-blackbox-exporter',
      [`--web.listen-address=${at('blackbox')}`, '--config.file=prometheus/blackbox.yml'], folder),
    alertmanager: new Program('alertmanager', 'prometheus-alertmanager',
      [`--web.listen-address=${at('alertmanager')}`, '--cluster.listen-address=',
        '--config.file=alertmanager/alertmanager.yml', '--storage.path=alertmanager.data'], folder),
    prometheus: new Program('prometheus', 'prometheus',
      [`--web.listen-address=${at('prometheus')}`, '--config.file=prometheus/prometheus.yml',
        '--storage.tsdb.path=prometheus.data', '--rules.alert.resend-delay=5s'], folder),
  };
  for (const part of Object.values(parts)) part.start();
  return {
    ...parts,
    targets,
    url: (name) => `http://${at(name)}`,
    said: () => parts.signals.lines.map((line) => JSON.parse(line)),
    forget: () => rm(join(folder, 'alertmanager.data'), { recursive: true, force: true }),
    troubles: () => Object.values(parts).map((part) => `${part.name}: ${part.errors}`).join('\n'),
    stop: async () => {
      await Promise.all(Object.values(parts).map((part) => part.kill('SIGTERM')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
