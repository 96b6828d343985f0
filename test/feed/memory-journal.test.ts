import { describe, expect, test } from '@jest/globals';
import { made } from '../../src/store/judge-commit.ts';
import { StoreUnavailable, type OrderStore as Orders } from '../../src/store/ports.ts';
import { journal } from '../contracts/order-store/order-store-journal.ts';
import { MemoryJournal } from './memory-journal.ts';

/** Orders are written by their entries alone. */
function opened() {
  const memory = new MemoryJournal();
  return {
    journal: memory.journal,
    orders: {
      load: memory.orders.load,
      create: ({ entry }: Parameters<Orders['create']>[0]) => {
        memory.append(entry);
        return Promise.resolve({ created: true } as const);
      },
      commit: (commit: Parameters<Orders['commit']>[0]) => {
        for (const entry of made(commit).entries) memory.append(entry);
        return Promise.resolve({ outcome: 'committed' } as const);
      },
    },
  };
}

describe('the journal in memory', () => {
  const store = opened();
  journal(() => store);

  test('rejects as a store does while it is unavailable', async () => {
    const memory = new MemoryJournal();
    memory.away = true;
    await expect(memory.journal.read('a', 0, 1)).rejects.toThrow(StoreUnavailable);
    await expect(memory.journal.lastSeqs(['a'])).rejects.toThrow(StoreUnavailable);
    await expect(memory.orders.load('a')).rejects.toThrow(StoreUnavailable);
  });
});
