import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { LockTimeout } from '../../src/sqlite/errors.ts';
import { GroupCommit } from '../../src/sqlite/group-commit.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

let dir: TempDir;
let db: Database.Database;
/** Another connection: what it sees is committed. */
let other: Database.Database;
let passed: (readonly [string, readonly unknown[]])[];
let writes: GroupCommit;

class Unavailable extends Error {}

beforeEach(() => {
  dir = tempDir();
  const file = join(dir.path, 'group.sqlite');
  db = new Database(file, { timeout: 0 });
  db.pragma('journal_mode = WAL');
  db.exec("CREATE TABLE notes (note TEXT NOT NULL CHECK (note <> 'bad'))");
  other = new Database(file, { timeout: 0 });
  passed = [];
  writes = new GroupCommit(
    db,
    { file, limitMs: 30, random: () => 0.5 },
    {
      committing: () => passed.push(['committing', committed()]),
      committed: () => passed.push(['committed', committed()]),
      toError: (thrown) => new Unavailable('not written', { cause: thrown }),
    },
  );
});
afterEach(() => {
  other.close();
  db.close();
  dir.remove();
});

function committed(): readonly unknown[] {
  return other.prepare('SELECT note FROM notes ORDER BY rowid').pluck().all();
}

function write(note: string): Promise<string> {
  const insert = db.prepare<[string]>('INSERT INTO notes VALUES (?)');
  return writes.write(() => {
    insert.run(note);
    return note;
  });
}

describe('writes that share a commit', () => {
  test('writes of one turn are committed together, and answered only then', async () => {
    const answers = Promise.all([write('a'), write('b'), write('c')]);
    expect(committed()).toEqual([]);
    expect(await answers).toEqual(['a', 'b', 'c']);
    expect(passed).toEqual([
      ['committing', []],
      ['committed', ['a', 'b', 'c']],
    ]);
  });

  test('a bad write fails alone; the others of its batch are written, in order, once', async () => {
    const answers = await Promise.allSettled([write('a'), write('bad'), write('b'), write('c')]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(committed()).toEqual(['a', 'b', 'c']);
  });

  test('a write that throws after it has written leaves nothing', async () => {
    const insert = db.prepare<[string]>('INSERT INTO notes VALUES (?)');
    const broken = writes.write(() => {
      insert.run('half');
      throw new Error('the other half is missing');
    });
    const whole = write('whole');
    await expect(broken).rejects.toMatchObject({ cause: new Error('the other half is missing') });
    await whole;
    expect(committed()).toEqual(['whole']);
  });

  test('what comes while a spoiled batch is written again comes after it', async () => {
    const spoiled = [write('a'), write('bad').catch(() => 'refused'), write('b')];
    const [first] = await Promise.all([spoiled[0]]);
    const later = write('later');
    await Promise.all([...spoiled, later]);
    expect(first).toBe('a');
    expect(committed()).toEqual(['a', 'b', 'later']);
  });

  test('thousands of writes of one turn are all written, in order', async () => {
    const notes = Array.from({ length: 3_000 }, (_, n) => `note ${n}`);
    await Promise.all(notes.map(write));
    expect(committed()).toEqual(notes);
  });

  test('a full disk fails the writes with the error that was injected, and writes go on once there is room', async () => {
    const pages = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${pages}`);
    const tooMuch = write('x'.repeat(100_000));
    await expect(tooMuch).rejects.toThrow(Unavailable);
    await expect(tooMuch).rejects.toMatchObject({ cause: { code: 'SQLITE_FULL' } });

    db.pragma('max_page_count = 1000000');
    expect(await write('fits')).toBe('fits');
    expect(committed()).toEqual(['fits']);
  });

  test('a lock that outlasts the limit fails all that wait, and later writes go on', async () => {
    other.exec('BEGIN IMMEDIATE');
    const answers = await Promise.allSettled([write('a'), write('b')]);
    for (const answer of answers)
      expect(answer).toMatchObject({ reason: { cause: expect.any(LockTimeout) as unknown } });
    other.exec('COMMIT');
    expect(await write('c')).toBe('c');
    expect(committed()).toEqual(['c']);
  });

  test('without an injected error, callers get what was thrown', async () => {
    const plain = new GroupCommit(db, { file: db.name, limitMs: 30, random: () => 0.5 });
    const thrown = new Error('as it is');
    await expect(
      plain.write(() => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
  });

  test('is empty once all writes were answered', async () => {
    await writes.emptied();
    const answer = write('a');
    await writes.emptied();
    expect(committed()).toEqual(['a']);
    await answer;
  });
});
