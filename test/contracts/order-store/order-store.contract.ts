/** What every store must do: each adapter runs this suite. It uses only the ports. */
import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import type { Store } from '../../../src/store/ports.ts';
import { commandsInCommits } from './order-store-commands.ts';
import { commits } from './order-store-commits.ts';
import { creation } from './order-store-creation.ts';
import { endOfAStore } from './order-store-end.ts';
import { changes } from './order-store-changes.ts';
import { inbox } from './order-store-inbox.ts';
import { journal } from './order-store-journal.ts';
import { lists } from './order-store-lists.ts';
import { records } from './order-store-records.ts';
import { claims } from './work-store-claims.ts';
import { dueOrders } from './work-store-due.ts';
import { handingBack } from './work-store-handing-back.ts';

export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and removes its file or database. */
  close(): Promise<void>;
}

/** The store of the test that runs. */
export type TheStore = () => Store;

/** @param open gives an empty store, each time another */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`the store on ${name}`, () => {
    describe('creation', () => creation(opened(open, beforeAll, afterAll)));
    describe('commits', () => commits(opened(open, beforeAll, afterAll)));
    describe('commands and commits', () => commandsInCommits(opened(open, beforeAll, afterAll)));
    describe('lists', () => lists(opened(open, beforeAll, afterAll)));
    describe('the journal', () => journal(opened(open, beforeAll, afterAll)));
    describe('the inbox', () => inbox(opened(open, beforeAll, afterAll)));
    describe('claims', () => claims(opened(open, beforeAll, afterAll)));
    describe('handing back', () => handingBack(opened(open, beforeAll, afterAll)));
    describe('changes', () => changes(opened(open, beforeEach, afterEach)));
    // These look at the whole store, or end it: one for each test.
    describe('due orders', () => dueOrders(opened(open, beforeEach, afterEach)));
    describe('records', () => records(opened(open, beforeEach, afterEach)));
    describe('its end', () => endOfAStore(opened(open, beforeEach, afterEach)));
  });
}

function opened(
  open: () => Promise<OpenedStore>,
  before: typeof beforeAll,
  after: typeof afterAll,
): TheStore {
  let current: OpenedStore | null = null;
  before(async () => {
    current = await open();
  });
  after(async () => {
    await current?.close();
  });
  return () => {
    if (current === null) throw new Error('no store is open: the contract asked for one outside of a test');
    return current.store;
  };
}
