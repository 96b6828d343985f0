import { describe, expect, test } from '@jest/globals';
import { MicroBatcher, unanswered, type MicroBatcherOptions } from '../../src/runtime/micro-batcher.ts';

class Unavailable extends Error {}

/** Sends nothing: each batch is answered when the test says so. */
class Flights {
  /** Batches whose sending began, in order. */
  readonly begun: string[] = [];
  readonly batcher: MicroBatcher<string, string>;
  #landings: (() => void)[] = [];

  constructor(options: MicroBatcherOptions<string> = {}) {
    this.batcher = new MicroBatcher(async (batch) => {
      this.begun.push(batch.join(' '));
      await new Promise<void>((resolve) => this.#landings.push(resolve));
      if (batch.includes('away')) throw new Unavailable('the server is away');
      if (batch.includes('bad')) throw new TypeError('a bad item');
      return batch.map((item) => `${item}!`);
    }, options);
  }

  add(...items: readonly string[]): Promise<string>[] {
    return items.map((item) => this.batcher.add(item));
  }

  /** Answers what is in the air, until nothing more is sent. */
  async landAll(): Promise<void> {
    do {
      this.land();
      await turn();
    } while (this.#landings.length > 0);
  }

  land(): void {
    for (const land of this.#landings.splice(0)) land();
  }
}

/** Long enough for what is scheduled now, and for what that schedules. */
async function turn(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${n}`);

describe('a batch', () => {
  test('holds what was added in one turn, and each item gets its own answer', async () => {
    const flights = new Flights();
    const answers = Promise.all(flights.add('a', 'b', 'c'));
    expect(flights.begun).toEqual([]);
    await turn();
    expect(flights.begun).toEqual(['a b c']);
    flights.land();
    expect(await answers).toEqual(['a!', 'b!', 'c!']);
  });

  test('is not larger than maxBatch', async () => {
    const flights = new Flights({ maxBatch: 2 });
    const answers = Promise.all(flights.add(...numbered(5)));
    await flights.landAll();
    expect(flights.begun).toEqual(['0 1', '2 3', '4']);
    expect(await answers).toEqual(['0!', '1!', '2!', '3!', '4!']);
  });

  test('is unbounded by default, and does not wait for another one', async () => {
    const flights = new Flights();
    const answers = flights.add(...numbered(1_000));
    await turn();
    answers.push(...flights.add('next'));
    await turn();
    expect(flights.begun.map((batch) => batch.split(' ').length)).toEqual([1_000, 1]);
    flights.land();
    expect(await Promise.all(answers)).toHaveLength(1_001);
  });
});

describe('maxInFlight', () => {
  test('makes later items wait and go together once a batch is answered', async () => {
    const flights = new Flights({ maxInFlight: 2 });
    const answers = flights.add('a');
    await turn();
    answers.push(...flights.add('b'));
    await turn();
    answers.push(...flights.add('c'));
    await turn();
    answers.push(...flights.add('d'));
    await turn();
    expect(flights.begun).toEqual(['a', 'b']);
    await flights.landAll();
    expect(flights.begun).toEqual(['a', 'b', 'c d']);
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!']);
  });

  test('counts a failed batch as answered', async () => {
    const flights = new Flights({ maxInFlight: 1, maxBatch: 1 });
    const answers = Promise.allSettled(flights.add('bad', 'b'));
    await flights.landAll();
    expect(await answers).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'b!' }]);
  });
});

describe('keyOf', () => {
  test('keeps the items of two keys apart, and sends those of one key one batch after the other', async () => {
    const flights = new Flights({ maxInFlight: 1, keyOf: (item) => item.charAt(0) });
    const answers = flights.add('x1', 'y1', 'x2');
    await turn();
    answers.push(...flights.add('x3', 'y2', 'x4', 'z1'));
    await turn();
    expect(flights.begun).toEqual(['x1 x2', 'y1', 'z1']);
    await flights.landAll();
    expect(flights.begun.slice(3).toSorted()).toEqual(['x3 x4', 'y2']);
    expect(await Promise.all(answers)).toEqual(['x1!', 'y1!', 'x2!', 'x3!', 'y2!', 'x4!', 'z1!']);
  });

  test('tells the sender the key of its batch', async () => {
    const batcher = new MicroBatcher(
      (batch: readonly string[], key) => Promise.resolve(batch.map(() => key)),
      { keyOf: (item) => item.toUpperCase() },
    );
    expect(await Promise.all([batcher.add('a'), batcher.add('b')])).toEqual(['A', 'B']);
  });

  test('a key whose batch fails does not fail the others', async () => {
    const flights = new Flights({ keyOf: (item) => (item === 'bad' ? 'bad' : 'good') });
    const answers = Promise.allSettled(flights.add('a', 'bad', 'b'));
    await flights.landAll();
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('a batch that fails', () => {
  test('fails all of its items, and is not sent again', async () => {
    const flights = new Flights();
    const answers = Promise.allSettled(flights.add('a', 'bad', 'c'));
    await flights.landAll();
    for (const answer of await answers) expect(answer).toMatchObject({ reason: new TypeError('a bad item') });
    expect(flights.begun).toEqual(['a bad c']);
  });

  test('with retriesAlone, only the bad item fails, and each of the others is sent once more, in order', async () => {
    const flights = new Flights({ retriesAlone: () => true, maxInFlight: 1 });
    const answers = Promise.allSettled(flights.add('a', 'bad', 'c'));
    await turn();
    const later = flights.add('later');
    await flights.landAll();
    expect(await answers).toMatchObject([
      { value: 'a!' },
      { reason: new TypeError('a bad item') },
      { value: 'c!' },
    ]);
    expect(await Promise.all(later)).toEqual(['later!']);
    expect(flights.begun).toEqual(['a bad c', 'a', 'bad', 'c', 'later']);
  });

  test('fails as a whole for an error that retriesAlone refuses', async () => {
    const flights = new Flights({ retriesAlone: (thrown) => !(thrown instanceof Unavailable) });
    const answers = Promise.allSettled(flights.add('a', 'away', 'c'));
    await flights.landAll();
    for (const answer of await answers)
      expect(answer).toMatchObject({ reason: new Unavailable('the server is away') });
    expect(flights.begun).toHaveLength(1);
  });

  test('fails when the sender throws at once, or gives another number of answers', async () => {
    const broken = new MicroBatcher<string, string>(() => {
      throw new Error('not sent');
    });
    await expect(broken.add('a')).rejects.toThrow('not sent');
    const short = new MicroBatcher<string, string>(() => Promise.resolve(['only one']));
    const answers = await Promise.allSettled([short.add('a'), short.add('b')]);
    for (const answer of answers)
      expect(answer).toMatchObject({ reason: new Error('2 items got 1 answers, expected one each') });
  });

  test('is followed by others as if nothing had happened', async () => {
    const flights = new Flights({ maxInFlight: 1 });
    const failed = Promise.allSettled(flights.add('bad'));
    await flights.landAll();
    expect(await failed).toMatchObject([{ status: 'rejected' }]);
    const answers = Promise.all(flights.add('a', 'b'));
    await flights.landAll();
    expect(await answers).toEqual(['a!', 'b!']);
  });
});

describe('flush', () => {
  test('sends what waits before it returns, once', async () => {
    const flights = new Flights({ maxBatch: 2 });
    const answers = Promise.all(flights.add('a', 'b', 'c'));
    flights.batcher.flush();
    expect(flights.begun).toEqual(['a b', 'c']);
    await flights.landAll();
    expect(await answers).toHaveLength(3);
    expect(flights.begun).toHaveLength(2);
  });

  test('does not go beyond maxInFlight', async () => {
    const flights = new Flights({ maxBatch: 1, maxInFlight: 1 });
    const answers = Promise.all(flights.add('a', 'b'));
    flights.batcher.flush();
    flights.batcher.flush();
    expect(flights.begun).toEqual(['a']);
    await flights.landAll();
    expect(await answers).toEqual(['a!', 'b!']);
  });
});

describe('close', () => {
  test('sends what waits, resolves when all is answered, and rejects what comes later', async () => {
    const flights = new Flights({ maxInFlight: 1, maxBatch: 2, keyOf: (item) => item.charAt(0) });
    const answers = Promise.all(flights.add('x1', 'x2', 'x3', 'y1'));
    let isClosed = false;
    const closing = flights.batcher.close().then(() => {
      isClosed = true;
    });
    expect(flights.begun).toEqual(['x1 x2', 'y1']);
    await expect(flights.batcher.add('late')).rejects.toThrow('the batcher was closed');
    flights.land();
    await turn();
    expect(isClosed).toBe(false);
    await flights.landAll();
    await closing;
    expect(await answers).toEqual(['x1!', 'x2!', 'x3!', 'y1!']);
  });

  test('resolves for a batch that fails, at once where nothing waits, and any number of times', async () => {
    const flights = new Flights();
    const failed = Promise.allSettled(flights.add('bad'));
    const closings = [flights.batcher.close(), flights.batcher.close()];
    await flights.landAll();
    await Promise.all(closings);
    expect(await failed).toMatchObject([{ status: 'rejected' }]);
    await flights.batcher.close();
    await new Flights().batcher.close();
  });
});

test('a batch that is only sent answers each of its items once it was', async () => {
  const sent: (readonly number[])[] = [];
  const batcher = new MicroBatcher<number, undefined>(unanswered((batch) => void sent.push(batch)));
  expect(await Promise.all([batcher.add(1), batcher.add(2)])).toEqual([undefined, undefined]);
  expect(sent).toEqual([[1, 2]]);
  const failing = new MicroBatcher<number, undefined>(
    unanswered(() => Promise.reject(new Error('not sent'))),
  );
  await expect(failing.add(1)).rejects.toThrow('not sent');
});
