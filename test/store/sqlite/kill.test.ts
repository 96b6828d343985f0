import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { program } from '../../support/programs.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

/** Lets a process of its own write until it has answered so many writes, then kills it. @returns the last seq it answered, by order */
async function writeAndKill(file: string, afterWrites: number): Promise<ReadonlyMap<string, number>> {
  const child = spawn(
    process.execPath,
    [...program('test/store/sqlite/write-until-killed.ts'), file, `writer-${afterWrites}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const answered = new Map<string, number>();
  let writes = 0;
  const gone = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const [orderId, lastSeq] = line.split(' ');
    // The last line may be half written.
    if (orderId?.length === 32 && lastSeq !== undefined) answered.set(orderId, Number(lastSeq));
    if (++writes === afterWrites) child.kill('SIGKILL');
  }
  await gone;
  expect(child.signalCode).toBe('SIGKILL');
  return answered;
}

describe('kill -9', () => {
  test('of a process that writes loses nothing that it answered, and leaves no order half written', async () => {
    const file = join(dir.path, 'orders.sqlite');
    const answered = new Map<string, number>();
    for (const afterWrites of [1, 300, 700]) {
      for (const [orderId, lastSeq] of await writeAndKill(file, afterWrites)) answered.set(orderId, lastSeq);
    }
    expect(answered.size).toBeGreaterThan(100);

    const store = await openSqliteStore({ file });
    for (const [orderId, answeredSeq] of answered) {
      const order = await store.orders.load(orderId);
      expect(order?.lastSeq).toBeGreaterThanOrEqual(answeredSeq);
      const entries = await store.journal.read(orderId, 0, 100);
      expect(entries.map(({ seq }) => seq)).toEqual(
        Array.from({ length: order?.lastSeq ?? 0 }, (_, n) => n + 1),
      );
      expect(order?.version).toBe(order?.lastSeq);
    }
    await store.close();
  });
});
