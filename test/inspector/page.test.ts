import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { Supervisor } from '../../src/index.ts';
import type { Inspector, InspectorOptions } from '../../src/inspector/index.ts';
import { testGate } from '../cli/run-cli.ts';
import { nextEvent } from '../support/pools.ts';
import { child, openTree } from '../support/trees.ts';
import { openInspector } from './looking.ts';

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const patience = { timeout: 25_000 };

describe.skipIf(program === undefined)(
  'the page in Chromium (skipped where there is none)',
  { timeout: 90_000 },
  () => {
    let browser: Browser;
    let tree: Supervisor;

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: String(program), args: ['--no-sandbox'] });
    }, 60_000);
    afterAll(() => browser.close());

    beforeEach(async () => {
      tree = openTree({
        children: [
          child('git', { pool: { min: 1, max: 2, history: { output: true } } }),
          { id: 'remote', supervisor: { strategy: 'one_for_all', children: [child('mail')] } },
        ],
      });
      await tree.ready();
    });

    /** The page, open; whatever goes wrong in it fails the test. */
    async function openPage(options: BrowserContextOptions = {}, given?: InspectorOptions) {
      const inspector: Inspector = await openInspector(tree, given);
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      onTestFinished(() => context.close());
      await page.goto(inspector.url);
      await page.locator('#connection[data-state=live]').waitFor(patience);
      await page.locator('[role=treeitem][data-path="root/remote/mail"]').waitFor(patience);
      return { page, inspector, problems };
    }

    const item = (page: Page, path: string) => page.locator(`[role=treeitem][data-path="${path}"]`);
    const inState = (page: Page, path: string, state: string) =>
      page.locator(`[role=treeitem][data-path="${path}"][data-state="${state}"]`).waitFor(patience);
    const select = (page: Page, path: string) => item(page, path).locator('> .line > .name').click();

    test('shows the whole tree, and each shell going from idle to busy and back', async () => {
      const { page, problems } = await openPage();
      const paths = await page
        .locator('[role=treeitem]')
        .evaluateAll((items) => items.map((each) => each.getAttribute('data-path')));
      expect(paths).toEqual([
        'root',
        'root/git',
        'root/git/shell.0',
        'root/remote',
        'root/remote/mail',
        'root/remote/mail/shell.0',
      ]);
      for (const [path, pool] of [
        ['root/git/shell.0', tree.pool('git')],
        ['root/remote/mail/shell.0', tree.supervisor('remote').pool('mail')],
      ] as const) {
        await select(page, path);
        await inState(page, path, 'idle');
        await page.locator('#chart .state.active[data-id="idle.free"]').waitFor(patience);
        const gate = testGate();
        const run = pool.exec(`read x < ${gate.path}`);
        await inState(page, path, 'busy');
        await page.locator('#chart .state.active[data-id="busy"]').waitFor(patience);
        await page.locator('#focus-state', { hasText: 'busy' }).waitFor(patience);
        gate.open();
        await run;
        await inState(page, path, 'idle');
        await page.locator('#chart .state.active[data-id="idle"]').waitFor(patience);
      }
      expect(problems).toEqual([]);
    });

    test('shows a killed shell being replaced', async () => {
      const { page, problems } = await openPage();
      await select(page, 'root/git/shell.0');
      const pid = tree.pool('git').status().shells[0]?.pid ?? 0;
      await page.locator('#facts', { hasText: String(pid) }).waitFor(patience);
      const gone = nextEvent(tree.pool('git'), 'shell.destroyed');
      process.kill(pid, 'SIGKILL');
      await gone;
      await page.locator('.messages li', { hasText: 'process.exited' }).first().waitFor(patience);
      await item(page, 'root/git').locator('[role=treeitem][data-state=idle]').waitFor(patience);
      expect(await page.locator('#tree').textContent()).not.toContain(`pid ${pid}`);
      expect(problems).toEqual([]);
    });

    test('that is opened late shows what is now, and comes back when the server does', async () => {
      const gate = testGate();
      const started = nextEvent(tree.pool('git'), 'command.started');
      const run = tree.pool('git').exec(`read x < ${gate.path}`);
      await started;
      const token = 'a-token-of-this-test';
      const { page, inspector } = await openPage({}, { showCommands: true, token });
      await inState(page, 'root/git/shell.0', 'busy');
      await item(page, 'root/git/shell.0').locator('.about', { hasText: 'read x' }).waitFor(patience);
      await inspector.close();
      await page.locator('#connection[data-state=reconnecting]').waitFor(patience);
      gate.open();
      await run;
      await openInspector(tree, { token, port: Number(new URL(inspector.url).port) });
      await page.locator('#connection[data-state=live]').waitFor(patience);
      await inState(page, 'root/git/shell.0', 'idle');
    });

    test('filters the messages, holds them, and shows one', async () => {
      const { page, problems } = await openPage();
      await tree.pool('git').exec('true');
      const lines = page.locator('.messages li');
      await lines.filter({ hasText: 'shell.idle' }).first().waitFor(patience);
      await page.locator('#sequence-filter').fill('shell.0 -process busy');
      await page.locator('#sequence-count', { hasText: ' of ' }).waitFor(patience);
      expect(await lines.locator('.type').allTextContents()).toEqual(['shell.busy']);

      await lines.first().click();
      await page.locator('#message-detail', { hasText: '"slot": "shell.0"' }).waitFor(patience);
      await page.locator('#message-detail .link', { hasText: 'git/shell.0' }).click();
      await page.locator('#focus-title', { hasText: 'root/git/shell.0' }).waitFor(patience);

      await page.locator('#sequence-pause').click();
      await tree.pool('git').exec('true');
      await page.locator('#sequence-count', { hasText: 'new since the pause' }).waitFor(patience);
      expect(await lines.count()).toBe(1);
      await page.locator('#sequence-pause').click();
      await expect.poll(() => lines.count(), patience).toBe(2);
      await page.locator('#sequence-filter').fill('nothing-is-called-so');
      await expect.poll(() => lines.count(), patience).toBe(0);
      expect(problems).toEqual([]);
    });

    test('shows the history of a shell, with commands where that is asked for', async () => {
      await tree.pool('git').exec('echo OUT; echo ERR >&2; (exit 3)');
      const { page } = await openPage({}, { showCommands: true });
      await select(page, 'root/git/shell.0');
      const entry = page.locator('#history li', { hasText: 'echo OUT' });
      await entry.locator('.end', { hasText: 'exit 3' }).waitFor(patience);
      await entry.locator('summary').click();
      expect(await entry.locator('pre').allTextContents()).toEqual(['OUT\n', 'ERR\n']);

      const { page: closed } = await openPage();
      await select(closed, 'root/git/shell.0');
      await closed.locator('#history .end', { hasText: 'exit 3' }).waitFor(patience);
      expect(await closed.locator('body').textContent()).not.toContain('echo OUT');
      await closed.locator('#history-hint', { hasText: 'showCommands' }).waitFor(patience);
    });

    test.each([
      [1280, 'dark'],
      [1280, 'light'],
      [400, 'dark'],
      [400, 'light'],
    ] as const)('is readable at %i px, %s', async (width, colorScheme) => {
      const { page, problems } = await openPage({ viewport: { width, height: 860 }, colorScheme });
      await select(page, 'root/git/shell.0');
      await page.locator('#chart svg').waitFor(patience);
      const seen = await page.evaluate(`(() => {
      const wide = document.documentElement.scrollWidth;
      const texts = [...document.querySelectorAll('#chart text')].filter((text) => text.textContent && !text.closest('.label'));
      const { color, backgroundColor } = getComputedStyle(document.documentElement);
      return { wide, smallest: Math.min(...texts.map((text) => text.getBoundingClientRect().height)), color, backgroundColor };
    })()`);
      const { wide, smallest, color, backgroundColor } = seen as {
        wide: number;
        smallest: number;
        color: string;
        backgroundColor: string;
      };
      expect(wide).toBeLessThanOrEqual(width);
      expect(smallest).toBeGreaterThan(8);
      expect(contrastOf(color, backgroundColor)).toBeGreaterThan(7);
      expect(lightnessOf(backgroundColor) > 0.5).toBe(colorScheme === 'light');
      expect(problems).toEqual([]);
    });

    test('can be used by keyboard alone', async () => {
      const { page } = await openPage();
      const focused = () => page.evaluate('document.activeElement.dataset.path ?? document.activeElement.id');
      for (let tries = 0; (await focused()) !== 'root' && tries < 10; tries++) await page.keyboard.press('Tab');
      for (const key of ['ArrowDown', 'ArrowLeft', 'ArrowDown']) await page.keyboard.press(key);
      expect(await focused()).toBe('root/remote');
      expect(await item(page, 'root/git').getAttribute('aria-expanded')).toBe('false');
      await page.keyboard.press('Enter');
      await page.locator('#focus-title', { hasText: 'root/remote' }).waitFor(patience);
      const reached = new Set<unknown>();
      for (let tries = 0; tries < 30; tries++) {
        await page.keyboard.press('Tab');
        reached.add(await focused());
      }
      for (const id of ['theme', 'chart', 'sequence-filter', 'sequence-pause', 'messages'])
        expect(reached).toContain(id);
    });
  },
);

function channelsOf(color: string): number[] {
  return (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((value) => Number(value) / 255);
}

/** The relative luminance of WCAG. */
function lightnessOf(color: string): number {
  const [r = 0, g = 0, b = 0] = channelsOf(color).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrastOf(a: string, b: string): number {
  const [dark = 0, light = 0] = [lightnessOf(a), lightnessOf(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
