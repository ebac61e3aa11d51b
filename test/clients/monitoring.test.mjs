// A real Prometheus and a real Alertmanager: they scrape every process without a complaint, their
// rules find a fault, and what they say arrives as a signal that nothing turns green.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { metric, startDemo, until } from './demo.mjs';
import { ask, deploy, missing, startMonitoring } from './monitoring.mjs';

const files = (folder) => readdirSync(join(deploy, folder)).map((name) => join(folder, name));

describe('the configuration that ships', { skip: missing }, () => {
  it('is one for Prometheus', () => {
    const { code, said } = ask('promtool', ['check', 'config', 'prometheus/prometheus.yml']);
    assert.equal(code, 0, said);
  });
  it('has rules that say what their tests expect', () => {
    const checked = ask('promtool', ['check', 'rules', ...files('prometheus/rules')]);
    assert.equal(checked.code, 0, checked.said);
    const tested = ask('promtool', ['test', 'rules', ...files('prometheus/tests')]);
    assert.equal(tested.code, 0, tested.said);
  });
  it('is one for Alertmanager and for the blackbox exporter', () => {
    const alerts = ask('amtool', ['check-config', 'alertmanager/alertmanager.yml']);
    assert.equal(alerts.code, 0, alerts.said);
    const doors = ask('prometheus-blackbox-exporter',
      ['--config.check', '--config.file=prometheus/blackbox.yml']);
    assert.equal(doors.code, 0, doors.said);
  });
});

describe('a real Prometheus and Alertmanager', { skip: missing }, () => {
  let demo;
  let parts;
  before(async () => {
    demo = await startDemo();
    parts = await startMonitoring(demo);
  });
  after(async () => {
    for (const node of demo?.nodes ?? []) process.kill(node.pid, 'SIGCONT');
    await parts?.stop();
    await demo?.stop();
  });

  const api = async (name, path) => {
    const answer = await fetch(`${parts.url(name)}${path}`, { signal: AbortSignal.timeout(2000) });
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  const own = (name) => metric(`${parts.url('own')}/metrics`, name);
  // The last word that was told about an alert whose words hold this.
  const told = (words) => parts.said().findLast((line) => line.words?.includes(words));
  const phases = () => parts.said().filter((line) => line.phase).map((line) => line.phase);

  it('find nothing to complain about in any page of metrics', async () => {
    for (const url of [...demo.metrics, `${parts.url('own')}/metrics`]) {
      const text = await (await fetch(url)).text();
      const { code, said } = ask('promtool', ['check', 'metrics'], text);
      assert.equal(code, 0, `${url}: ${said}`);
      assert.match(text, /^okiagari_host_cpu_seconds_total\{mode="user"\} \d/m, url);
      assert.match(text, /^process_resident_memory_bytes \d/m, url);
    }
  });

  it('scrape every process, the machine and the doors', async () => {
    await until('all targets', async () => {
      const { data } = await api('prometheus', '/api/v1/targets?state=active');
      const bad = data.activeTargets.filter((target) => target.health !== 'up');
      if (bad.length > 0) throw new Error(bad.map((t) => `${t.scrapeUrl} ${t.lastError}`).join('; '));
      return data.activeTargets.length === parts.targets.length + 1 + 5;
    }, 30_000);
    await until('open doors', async () => {
      const { data } = await api('prometheus', '/api/v1/query?query=sum(probe_success)');
      return data.result[0]?.value[1] === '2';
    }, 20_000);
    const { data } = await api('prometheus', '/api/v1/rules');
    const sick = data.groups.flatMap((group) => group.rules).filter((rule) => rule.health === 'err');
    assert.deepEqual(sick.map((rule) => `${rule.name}: ${rule.lastError}`), []);
  });

  let node;
  it('bring a fault here by webhook', async () => {
    await until('a beating heart', async () => (await own('okiagari_signals_poll_up')) === 1, 20_000);
    node = demo.nodes.at(-1);
    process.kill(node.pid, 'SIGSTOP'); // It holds its connections and answers nothing.
    const signal = await until('the signal', () => told(`Node ${node.seat} does not answer`), 30_000);
    assert.equal(signal.firing, true);
    assert.equal(signal.source, 'alertmanager');
    assert.equal(signal.trust, 'evidence');
    assert.equal(signal.state, 'degraded_performance');
    assert.deepEqual(signal.components, [`node:${node.seat}`]);
    await until('the webhook', async () => (await own('okiagari_signals_requests_total')) > 0);
    assert.ok(phases().every((phase) => phase === 'suspected'), `${phases()}`);
  });

  it('turn nothing green when Alertmanager is killed, and heal when it is back', async () => {
    const before = told(`Node ${node.seat} does not answer`);
    await parts.alertmanager.kill('SIGKILL');
    await until('nobody who answers', async () => (await own('okiagari_signals_poll_up')) === 0);
    await pause(5000);
    assert.equal(told(`Node ${node.seat} does not answer`).firing, true);
    await parts.forget(); // It comes back and knows of nothing.
    parts.alertmanager.start();
    await until('polling', async () => (await own('okiagari_signals_poll_up')) === 1, 20_000);
    // Its first answers hold no alert at all, and that is no all-clear either.
    await until('the alert again', async () => {
      const alerts = await api('alertmanager', '/api/v2/alerts');
      return alerts.some((alert) => alert.labels.alertname === 'OkiagariNodeDown');
    }, 30_000);
    const again = await until('the signal again', () => {
      const last = told(`Node ${node.seat} does not answer`);
      return last.seen > before.seen && last.expires_ms > 110_000 && last;
    }, 20_000);
    assert.equal(again.key, before.key);
    assert.ok(parts.said().every((line) => line.firing !== false), 'nothing was said to be over');
    assert.ok(phases().every((phase) => phase === 'suspected'), `${phases()}`);
  });

  it('say that it is over, which ends that signal and no incident', async () => {
    process.kill(node.pid, 'SIGCONT');
    const over = await until('the end', () => {
      const last = told(`Node ${node.seat} does not answer`);
      return last.firing === false && last;
    }, 60_000);
    assert.deepEqual(over.components, [`node:${node.seat}`]);
    assert.ok(phases().every((phase) => phase === 'suspected'), `${phases()}`);
  });
});
