// The drills of the demo on real processes: what was acknowledged must still be there, once, and
// the status site must not have been green when it should not.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { binary } from './demo.mjs';

// Resolves to the JSON object on the last line and the exit code.
function drill(script) {
  return new Promise((resolve, reject) => {
    execFile(binary, ['demo', '--script', script, '--for', '40s', '--json'], { timeout: 150_000 },
      (why, stdout, stderr) => {
        const last = stdout.trim().split('\n').at(-1);
        try {
          resolve({ ...JSON.parse(last), exit: why ? why.code : 0 });
        } catch {
          reject(new Error(`${why?.message}\n${stdout}\n${stderr}`));
        }
      });
  });
}

function assertNothingLost(result) {
  assert.ok(result.acked > 100, `${result.acked} acknowledged`);
  assert.equal(result.lost, 0);
  assert.equal(result.duplicated, 0);
  assert.equal(result.hashes_equal, true);
  assert.equal(result.exit, 0);
}

it('failover: the leader is killed under load', async (test) => {
  const result = await drill('failover');
  test.diagnostic(JSON.stringify(result));
  assertNothingLost(result);
  assert.ok(result.failover_ms > 0 && result.failover_ms < 3000, `${result.failover_ms} ms`);
});

it('blackout: every node is killed at once', async (test) => {
  const result = await drill('blackout');
  test.diagnostic(JSON.stringify(result));
  assertNothingLost(result);
  assert.ok(result.status_nongreen_ms < 2000, `${result.status_nongreen_ms} ms`);
  assert.equal(result.falsely_green_ms, 0);
});

it('circuit-break: a break, an auction and a staged reopening', async (test) => {
  const result = await drill('circuit-break');
  const failed = result.checks.filter((check) => !check.ok);
  test.diagnostic(JSON.stringify({ ...result, checks: result.checks.length }));
  assert.deepEqual(failed, []);
  assertNothingLost(result);
  assert.equal(result.quarantined, 0);
  assert.equal(result.passed, true);
});
