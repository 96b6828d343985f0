/** Signing in, what each role sees, how access ends, and what operators do, in a real browser over a stack with API keys. */
import { expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { SignJWT } from 'jose';
import type { Page } from 'playwright-core';
import { runKeys } from '../../src/app/commands/keys.ts';
import { readConfig } from '../../src/settings/config.ts';
import { dataFiles } from '../../src/settings/data-dir.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { parked } from '../contracts/order-store/order-store-samples.ts';
import { eventually } from '../support/eventually.ts';
import { ORDER, pageSuite } from './page-suite.ts';

const JWT_SECRET = 'a secret that only these tests know about';
const HALTED = `0x${'5'.repeat(40)}`;
/** Nothing executes it: it waits in a backoff that is longer than a test. */
const TOO_DEAR = { ...ORDER, minBuyAmount: '9'.repeat(30) };

interface Key {
  readonly id: string;
  readonly key: string;
}
const NO_KEY: Key = { id: '', key: '' };
const keys = { watch: NO_KEY, submit: NO_KEY, operate: NO_KEY };
const framePort = await freePort(0);

async function runKeysOn(env: NodeJS.ProcessEnv, ...args: string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  await runKeys(args, readConfig({ DATA_DIR: env['DATA_DIR'] }), (line) => lines.push(line));
  return lines;
}

async function makeKey(env: NodeJS.ProcessEnv, role: string, owner = 'desk'): Promise<Key> {
  const [about = '', key = ''] = await runKeysOn(
    env,
    'create',
    '--owner',
    owner,
    '--role',
    role,
    '--name',
    `the ${role} key`,
  );
  return { id: about.split(' ')[0] ?? '', key };
}

pageSuite(
  'a page that signs in',
  {
    env: {
      EXECUTION: 'simulated',
      SIMULATED_FAILURES: '0',
      SIMULATED_BLOCK_MS: '400',
      BACKOFF_BASE_MS: '60000',
      JWT_SECRET,
      FRAME_ANCESTORS: `http://127.0.0.1:${framePort}`,
    },
    prepare: async (env) => {
      for (const role of ['watch', 'submit', 'operate'] as const) keys[role] = await makeKey(env, role);
    },
  },
  (suite) => {
    const signIn = async (page: Page, key: string): Promise<void> => {
      await page.getByLabel('API key or token').fill(key);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };

    async function opened(path: string, { key }: Key): Promise<Page> {
      await suite.open(path);
      await signIn(suite.page, key);
      await suite.page.getByRole('button', { name: 'Sign out' }).waitFor();
      return suite.page;
    }

    /** As the owner of the keys. */
    async function submit(body: object, key = keys.submit.key): Promise<string> {
      const answer = await fetch(`${suite.url}/api/orders/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify(body),
      });
      return ((await answer.json()) as { readonly orderId: string }).orderId;
    }

    test('a wrong key is refused in words; a right one shows the list, and no script can read it', async () => {
      await suite.open('/');
      const { page } = suite;
      await signIn(page, 'fs_aaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
      await page.getByRole('alert').waitFor();
      expect(await page.getByLabel('API key or token').inputValue()).toBe('');
      await signIn(page, keys.submit.key);
      await page.waitForSelector('.link.live');
      await page.getByRole('button', { name: 'New order' }).first().waitFor();
      const readable = await page.evaluate(() =>
        JSON.stringify([
          localStorage,
          sessionStorage,
          document.cookie,
          document.documentElement.outerHTML,
          location.href,
          history.state,
        ]),
      );
      expect(readable).not.toContain(keys.submit.key.slice(3));
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
      expect(cookie?.value).not.toContain(keys.submit.key.slice(-20));
      // Another page of the same browser is signed in, too.
      await suite.open('/system');
      await page.getByRole('heading', { name: 'System' }).waitFor();
      expect(await page.getByRole('region', { name: 'Held orders' }).count()).toBe(0);
    });

    test('signing out shows the sign-in again, and the cookie is gone', async () => {
      const page = await opened('/', keys.submit);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await page.context().cookies()).toEqual([]);
      expect(await page.getByRole('alert').count()).toBe(0);
    });

    test('a key that may watch sees orders go on, and nothing that changes them', async () => {
      const orderId = await submit(TOO_DEAR);
      const page = await opened(`/orders/${orderId}`, keys.watch);
      await page.locator('.note .again').waitFor();
      for (const name of ['Cancel …', 'Retry now', 'New order', 'Lift the hold …']) {
        expect([name, await page.getByRole('button', { name }).count()]).toEqual([name, 0]);
      }
      await page.getByRole('link', { name: 'Orders' }).first().click();
      await page.locator('[role=row]', { hasText: orderId.slice(0, 8) }).waitFor();
      expect(await page.getByRole('button', { name: 'New order' }).count()).toBe(0);
      await page.keyboard.press('n');
      expect(await page.getByRole('dialog').count()).toBe(0);
    });

    test('the backoff of an order is ended from its page, and the next attempt begins at once', async () => {
      const orderId = await submit(TOO_DEAR);
      const page = await opened(`/orders/${orderId}`, keys.submit);
      const retries = page.locator('.timeline li', { hasText: 'select route failed' });
      await page.getByRole('button', { name: 'Retry now' }).click();
      await eventually(
        () => retries.count(),
        (count) => count === 2,
      );
      await page.locator('.timeline li', { hasText: 'RETRY_NOW' }).waitFor();
      // It is in its next backoff, which can be ended in turn.
      expect(await page.getByRole('button', { name: 'Retry now' }).isEnabled()).toBe(true);
    });

    test('an order is cancelled from its page', async () => {
      // Waits in its backoff, so that it cannot end by itself before the two clicks.
      const orderId = await submit(TOO_DEAR);
      const page = await opened(`/orders/${orderId}`, keys.submit);
      await page.locator('.note .again').waitFor();
      await page.getByRole('button', { name: 'Cancel …' }).click();
      await page.getByRole('button', { name: 'Cancel the order' }).click();
      await page.locator('.state.current.off').waitFor();
      await page.locator('.timeline li', { hasText: 'CANCEL' }).waitFor();
      expect(await page.getByRole('button', { name: 'Cancel …' }).count()).toBe(0);
    });

    test.each([
      ['the list', () => Promise.resolve('/')],
      ['an order', async () => `/orders/${await submit(TOO_DEAR)}`],
    ])('a key that is revoked ends the live page of %s, which says so', async (_place, path) => {
      const made = await makeKey(suite.env, 'submit');
      const page = await opened(await path(), made);
      await page.waitForSelector('.link.live');
      await runKeysOn(suite.env, 'revoke', made.id);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 15_000 });
      expect(await page.getByRole('alert').textContent()).toBe(
        'The access of the submit key has ended: the key was revoked, or has expired.',
      );
      await signIn(page, keys.watch.key);
      await page.waitForSelector('.link.live');
    });

    test('a token that expires ends the live page of an order, which says so', async () => {
      const orderId = await submit(TOO_DEAR);
      // It is taken for five seconds more: clocks differ.
      const token = await new SignJWT({ role: 'watch' })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('desk')
        .setExpirationTime(Math.floor(Date.now() / 1_000) + 3)
        .sign(new TextEncoder().encode(JWT_SECRET));
      const page = await opened(`/orders/${orderId}`, { id: '', key: token });
      await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 20_000 });
      expect(await page.getByRole('alert').textContent()).toContain('The access of desk has ended');
    });

    test('a share link is shown in a frame of a page elsewhere, follows the order, and ends when it is revoked', async () => {
      const post = async (path: string, body: object): Promise<unknown> =>
        (
          await fetch(`${suite.url}/api/orders/${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.submit.key}` },
            body: JSON.stringify(body),
          })
        ).json();
      const shared = async (orderId: string) =>
        (await post(`${orderId}/shares`, { seconds: 600 })) as { shareId: string; links: { embed: string } };
      const orderId = await submit(TOO_DEAR);
      let framed = `${suite.url}${(await shared(orderId)).links.embed}`;
      const elsewhere = createServer((_req, res) => {
        res.writeHead(200, { 'content-type': 'text/html' });
        res.end(
          `<!doctype html><title>Blog</title><iframe width="390" height="700" src="${framed}"></iframe>`,
        );
      });
      await new Promise<void>((resolve) => elsewhere.listen(framePort, '127.0.0.1', resolve));
      const context = await suite.browser.newContext();
      try {
        const page = await context.newPage();
        await page.goto(`http://127.0.0.1:${framePort}/`);
        const frame = page.frameLocator('iframe');
        await frame.locator('.state.current.wait[data-active]').waitFor();
        expect(await frame.locator('.deal').textContent()).toBe('Sell WETH for USDC');
        expect(await frame.locator('body').textContent()).not.toContain(TOO_DEAR.minBuyAmount);
        expect(await frame.getByRole('link').count()).toBe(0);
        await post(`${orderId}/cancel`, {});
        await frame.locator('.state.current.off[data-active]').waitFor();

        const other = await submit(TOO_DEAR);
        const { shareId, links } = await shared(other);
        framed = `${suite.url}${links.embed}`;
        await page.reload();
        await frame.locator('.state.current.wait[data-active]').waitFor();
        await post(`${other}/shares/${shareId}/revoke`, {});
        await frame.locator('main.empty').waitFor({ timeout: 15_000 });
        expect(await frame.locator('.state').count()).toBe(0);
      } finally {
        await context.close();
        elsewhere.closeAllConnections();
        await new Promise((resolve) => elsewhere.close(resolve));
      }
    }, 60_000);

    test('operators lift holds and cancel orders on the system page, which says what came of it and keeps a record', async () => {
      const store = await openSqliteStore({ file: dataFiles(suite.env['DATA_DIR'] ?? '').orders });
      const held: string[] = [];
      try {
        for (let count = 0; count < 2; count += 1) {
          const { orderId, version } = await parked(store);
          await store.work.hold(orderId, version, { code: 'unreadable_order', message: 'Why' }, 'a release');
          held.push(orderId);
        }
        await store.ledger.accounts.open(`1:${HALTED}`, '0x00', 7);
        await store.ledger.accounts.halt(`1:${HALTED}`, { code: 'foreign', message: 'nonce 7 was used' });
      } finally {
        await store.close();
      }
      const page = await opened('/system', keys.operate);
      const orders = page.getByRole('region', { name: 'Held orders' });
      const row = (orderId = '') => orders.getByRole('listitem').filter({ hasText: orderId.slice(0, 8) });

      await row(held[0]).getByRole('button', { name: 'Lift the hold …' }).click();
      await row(held[0]).getByRole('button', { name: 'Not now' }).click();
      await row(held[0]).getByRole('button', { name: 'Lift the hold …' }).click();
      await row(held[0]).getByRole('button', { name: 'Lift the hold' }).click();
      await row(held[0]).waitFor({ state: 'detached' });
      await row(held[1]).getByRole('button', { name: 'Cancel …' }).click();
      await row(held[1]).getByRole('button', { name: 'Cancel the order' }).click();
      await row(held[1]).getByRole('status').waitFor();

      const workers = page.getByRole('region', { name: 'Workers' });
      await workers.getByText(/^runs \d+, last heartbeat/).waitFor();
      // No chain is there on which to look at its nonces: the page says what the server answers.
      const signers = page.getByRole('region', { name: 'Signers' });
      await signers.getByText('nonce 7 was used').waitFor();
      await signers.getByRole('button', { name: 'Resume …' }).click();
      await signers.getByRole('button', { name: 'Resume the signer' }).click();
      expect(await signers.getByRole('alert').textContent()).toContain('RPC_URL is not set');

      const records = page.getByRole('region', { name: 'What operators did' });
      for (const action of ['lift hold', 'cancel', 'resume signer']) {
        await records.getByRole('listitem').filter({ hasText: action }).first().waitFor();
      }
      expect(await records.getByText('by the operate key').count()).toBeGreaterThanOrEqual(3);
    });

    test('an operator opens an order of another owner from the system page, reads it and cancels it', async () => {
      const { key } = await makeKey(suite.env, 'submit', 'other-desk');
      const orderId = await submit(TOO_DEAR, key);
      const store = await openSqliteStore({ file: dataFiles(suite.env['DATA_DIR'] ?? '').orders });
      try {
        // It is in its backoff, in which no worker has it.
        const waiting = await eventually(
          () => store.orders.load(orderId),
          (order) => order?.status === 'routing' && order.worker === null,
        );
        const hold = { code: 'unreadable_order', message: 'Why' };
        await store.work.hold(orderId, waiting?.version ?? 0, hold, 'a release');
      } finally {
        await store.close();
      }
      const page = await opened('/system', keys.operate);
      const orders = page.getByRole('region', { name: 'Held orders' });
      await orders.getByRole('link', { name: orderId.slice(0, 8) }).click();
      await page.locator('.state.current[data-active]').waitFor();
      await page.locator('.timeline li', { hasText: 'select route failed' }).waitFor();
      expect(await page.getByRole('button', { name: 'Retry now' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Cancel …' }).click();
      await page.getByRole('button', { name: 'Cancel the order' }).click();
      await page.locator('.state.current.off').waitFor();
      // Without the ticket it is not there, for an operator, too.
      await suite.open(`/orders/${orderId}`);
      await page.getByRole('heading', { name: 'There is no such order' }).waitFor();
    });
  },
);
