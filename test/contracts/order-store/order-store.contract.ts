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
import { searches } from './order-store-searches.ts';
import { claims } from './work-store-claims.ts';
import { dueOrders } from './work-store-due.ts';
import { handingBack } from './work-store-handing-back.ts';
import { holds } from './work-store-holds.ts';
import { clockSetBack } from './work-store-set-back.ts';
import { workers } from './work-store-workers.ts';

export interface OpenedStore {
  readonly store: Store;
  /** Makes all times that are stored later by so much: for the store, as if its clock had been set back. */
  setBack(byMs: number): Promise<void>;
  /** Closes the store and removes its file or database. */
  close(): Promise<void>;
}

/** The store of the test that runs. */
export type TheStore = () => Store;

/** @param open gives an empty store, each time another */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`the store on ${name}`, () => {
    const shared = () => storeOf(opened(open, beforeAll, afterAll));
    const own = () => storeOf(opened(open, beforeEach, afterEach));
    describe('creation', () => creation(shared()));
    describe('commits', () => commits(shared()));
    describe('commands and commits', () => commandsInCommits(shared()));
    describe('lists', () => lists(shared()));
    describe('searches and counts', () => searches(shared()));
    describe('the journal', () => journal(shared()));
    describe('the inbox', () => inbox(shared()));
    describe('claims', () => claims(shared()));
    describe('handing back', () => handingBack(shared()));
    // These look at the whole store, or end it: one for each test.
    describe('changes', () => changes(own()));
    describe('due orders', () => dueOrders(own()));
    describe('holds', () => holds(own()));
    describe('workers', () => workers(own()));
    describe('a clock that is set back', () => clockSetBack(opened(open, beforeEach, afterEach)));
    describe('records', () => records(own()));
    describe('its end', () => endOfAStore(own()));
  });
}

function opened(
  open: () => Promise<OpenedStore>,
  before: typeof beforeAll,
  after: typeof afterAll,
): () => OpenedStore {
  let current: OpenedStore | null = null;
  before(async () => {
    current = await open();
  });
  after(async () => {
    await current?.close();
  });
  return () => {
    if (current === null) throw new Error('no store is open: the contract asked for one outside of a test');
    return current;
  };
}

function storeOf(current: () => OpenedStore): TheStore {
  return () => current().store;
}
