/** A suite over the page in a real browser and a whole stack. Without Chromium, which `npm test` installs where it may, it is skipped. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { isFinal } from '../../machines/order/state.ts';
import { getOrder, listTransitions, type OrderRequest } from '../../src/client/orders.ts';
import type { TransitionView } from '../../src/protocol/views.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { findChromium, launchBrowser, openWatchedPage, type WatchedPage } from './browser.ts';

export const ORDER: OrderRequest = {
  sellToken: 'WETH',
  buyToken: 'USDC',
  sellAmount: '1000000000000000000',
};

/** Settings of the stack, beside those that keep it to itself. */
const SIMULATED = {
  EXECUTION: 'simulated',
  SIMULATED_FAILURES: '0',
  SIMULATED_BLOCK_MS: '400',
  BACKOFF_BASE_MS: '30',
};

export interface PageSuite {
  /** A new one for each test. What it must not do fails the test. */
  readonly page: Page;
  readonly browser: Browser;
  readonly url: string;
  /** Settings with which commands run on the data of the stack. */
  readonly env: NodeJS.ProcessEnv;
  open(path: string): Promise<void>;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** The journal of an order, once it has ended. */
  journalOf(orderId: string): Promise<readonly TransitionView[]>;
  whenIn(state: string, orderId: string): Promise<void>;
}

interface PageSuiteOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Runs before the stack starts. */
  readonly prepare?: (env: NodeJS.ProcessEnv) => Promise<void>;
}

const chromium = findChromium();

export function pageSuite(
  name: string,
  { env: settings = SIMULATED, prepare }: PageSuiteOptions,
  tests: (suite: PageSuite) => void,
): void {
  if (chromium === null) {
    console.warn(`Skipped: ${name}. To run it, put chromium on the PATH, or set CHROMIUM to its file.`);
  }
  let dir: TempDir | null = null;
  let port = 0;
  let stack: StackProcess | null = null;
  let browser: Browser | null = null;
  let watched: WatchedPage | null = null;

  const suite: PageSuite = {
    get page() {
      return there(watched).page;
    },
    get browser() {
      return there(browser);
    },
    get url() {
      return there(stack).url;
    },
    get env() {
      return {
        ...process.env,
        MONGODB_URL: '',
        REDIS_URL: '',
        RPC_URL: '',
        DATA_DIR: there(dir).path,
        LOG_LEVEL: 'warn',
        ...settings,
      };
    },
    async open(path) {
      await suite.page.goto(`${suite.url}${path}`);
    },
    async start() {
      stack = startStack({
        main: MAIN,
        env: suite.env,
        port,
        output: openSync(join(there(dir).path, 'stack.log'), 'a'),
      });
      await stack.ready(60_000);
    },
    kill: () => there(stack).end('SIGKILL'),
    async journalOf(orderId) {
      await eventually(
        () => getOrder(suite.url, orderId),
        ({ status }) => isFinal(status),
      );
      return (await listTransitions(suite.url, orderId)).transitions;
    },
    async whenIn(state, orderId) {
      await eventually(
        () => getOrder(suite.url, orderId),
        (order) => order.state.startsWith(state),
      );
    },
  };

  (chromium === null ? describe.skip : describe)(name, () => {
    beforeAll(async () => {
      dir = tempDir();
      port = await freePort(0);
      await prepare?.(suite.env);
      [browser] = await Promise.all([launchBrowser(chromium ?? ''), suite.start()]);
    }, 90_000);
    afterAll(async () => {
      await browser?.close();
      await stack?.end('SIGTERM');
      dir?.remove();
    }, 30_000);
    beforeEach(async () => {
      watched = await openWatchedPage(suite.browser, suite.url);
    });
    afterEach(async () => {
      await suite.page.context().close();
      // No request to another origin, no violation of the policy, no error.
      expect(watched?.faults).toEqual([]);
    });
    tests(suite);
  });
}

function there<Part>(part: Part | null): Part {
  if (part === null) throw new Error('the suite has not started: expected this inside of a test');
  return part;
}
