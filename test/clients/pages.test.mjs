// The status pages in a real browser: without JavaScript, in both languages, light and dark, on a
// narrow screen, and judged by axe. Screenshots are kept when SHOTS names a folder.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { writeFile } from 'node:fs/promises';
import { binary, until } from './demo.mjs';
import { startSite, storyBoard, storyDocument } from './status_site.mjs';

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((path) => existsSync(path));
const skip = browserPath ? false : 'no browser is installed (package chromium)';
const pages = ['/', '/en/', '/notices/inc12', '/en/notices/inc12', '/notices/inc11',
  '/maintenance/m4', '/en/maintenance/m4', '/history', '/en/history', '/nothing'];
const wide = { width: 1200, height: 900 };
const narrow = { width: 390, height: 844 };

describe('the status pages in a browser', { skip }, () => {
  let site;
  let browser;
  let end;
  let axe;
  before(async () => {
    site = await startSite({ options: ['--url', 'https://status.example.jp', '--faq',
      'https://example.jp/faq', '--support', 'https://example.jp/support', '--subscribe',
      'https://desk.example.jp/subscribe'] });
    end = site.green();
    const now = Date.now();
    await Promise.all(site.watches.map((watch) => watch.send(2, storyDocument(now))));
    await site.watches[0].send(3, storyBoard(now));
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    browser = await chromium.launch({ executablePath: browserPath,
      args: ['--no-sandbox', '--disable-gpu'] });
    await until('green', async () => {
      const { status } = await (await fetch(`${site.url}/api/v2/status.json`)).json();
      return status.indicator === 'none';
    });
  });
  after(async () => {
    await browser?.close();
    end?.();
    await site?.stop();
  });

  const shoot = async (page, name) => {
    if (!process.env.SHOTS) return;
    await mkdir(process.env.SHOTS, { recursive: true });
    await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });
  };
  const label = (path, scheme, size) => `${path.replaceAll('/', '_')}-${scheme}-${size.width}`;

  async function faults(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  }

  for (const scheme of ['light', 'dark']) {
    for (const size of [wide, narrow]) {
      it(`have no fault that axe knows, ${scheme}, ${size.width} px wide`, async () => {
        const context = await browser.newContext({ colorScheme: scheme, viewport: size,
          bypassCSP: true });
        const page = await context.newPage();
        for (const path of pages) {
          await page.goto(site.url + path);
          await shoot(page, label(path, scheme, size));
          assert.deepEqual(await faults(page), [], path);
          const overflow = await page.evaluate(() =>
            document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.equal(overflow, 0, `${path} scrolls sideways`);
        }
        await context.close();
      });
    }
  }

  it('say everything without JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: narrow });
    const page = await context.newPage();
    const refused = [];
    page.on('console', (message) => { if (message.type() === 'error') refused.push(message.text()); });
    await page.goto(site.url);
    const text = await page.locator('main').innerText();
    for (const words of ['すべての市場で取引できます', 'BTC/JPY の注文が受け付けられません', '影響範囲',
      '影響のない範囲', '次回のお知らせ', '日本時間', 'お客様の資産', 'メンテナンスの予定', '過去90日間']) {
      assert.ok(text.includes(words), words);
    }
    await page.getByRole('link', { name: '詳しく見る' }).first().click();
    assert.match(page.url(), /\/notices\/inc12$/);
    await page.getByRole('link', { name: 'English' }).click();
    assert.match(await page.locator('main').innerText(), /A wrong setting is the cause/);
    assert.deepEqual(refused, [], 'nothing is refused by the policy of the site');
    await context.close();
  });

  it('turn from green by themselves only when they are asked again, and then say why', async () => {
    const context = await browser.newContext({ viewport: wide });
    const page = await context.newPage();
    end();
    await until('unknown', async () => {
      const { status } = await (await fetch(`${site.url}/api/v2/status.json`)).json();
      return status.indicator === 'critical';
    });
    await page.goto(`${site.url}/en/`);
    await shoot(page, 'unknown');
    assert.match(await page.locator('h1').innerText(), /cannot be confirmed/);
    await Promise.all(site.watches.map((watch) => watch.lease({ overall: 3, reason: 1,
      states: [3, 3, 3, 3, 0, 0, 0, 0] })));
    await page.goto(site.url);
    await shoot(page, 'outage');
    assert.match(await page.locator('h1').innerText(), /取引が停止しています/);
    end = site.green();
    await context.close();
  });

  it('can be read from a folder, never green, and say when they are stale', async () => {
    await until('green', async () => {
      const { status } = await (await fetch(`${site.url}/api/v2/status.json`)).json();
      return status.indicator === 'none';
    });
    await writeFile(join(site.folder, 'copy.seed'), 'cd'.repeat(32));
    execFileSync(binary, ['status', 'export', '--from', site.url.replace('http://', ''), '--to',
      join(site.folder, 'copy'), '--key', join(site.folder, 'copy.seed')]);
    const home = pathToFileURL(join(site.folder, 'copy', 'index.html')).href;
    for (const javaScriptEnabled of [false, true]) {
      const context = await browser.newContext({ javaScriptEnabled, viewport: narrow });
      const page = await context.newPage();
      if (javaScriptEnabled) await page.clock.setFixedTime(Date.now() + 11 * 60_000);
      await page.goto(home);
      await shoot(page, `copy-${javaScriptEnabled ? 'stale' : 'plain'}`);
      assert.match(await page.locator('h1').innerText(), /の時点で、取引は正常でした/);
      assert.equal(await page.locator('.banner.state-operational').count(), 0);
      const main = await page.locator('main').innerText();
      assert.equal(main.includes('10分以上更新されていません'), javaScriptEnabled);
      if (javaScriptEnabled) assert.deepEqual(await faults(page), []);
      await page.getByRole('link', { name: '日ごとの記録' }).click();
      assert.match(page.url(), /history\.html$/);
      await context.close();
    }
  });
});
