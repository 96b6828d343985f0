import { expect, test } from '@jest/globals';
import { Batches } from '../../../src/store/mongo/batches.ts';
import { StoreUnavailable } from '../../../src/store/ports.ts';
import { eventually } from '../../support/eventually.ts';

/** Sends nothing anywhere: each flight lands when it is told to. */
class Flights {
  readonly begun: (readonly string[])[] = [];
  readonly #landings: (() => void)[] = [];
  readonly batches = new Batches<string, string>(async (batch) => {
    this.begun.push(batch);
    await new Promise<void>((resolve) => this.#landings.push(resolve));
    if (batch.includes('away')) throw new StoreUnavailable('nobody there');
    if (batch.includes('bad')) throw new TypeError('a bad one');
    return batch.map((request) => `${request}!`);
  });

  async hasBegun(count: number): Promise<void> {
    await eventually(
      () => this.begun.length,
      (begun) => begun === count,
    );
  }

  land(): void {
    for (const land of this.#landings.splice(0)) land();
  }
}

test('what is asked in one turn goes together, and each is answered for itself', async () => {
  const flights = new Flights();
  const answers = Promise.all(['a', 'b', 'c'].map((request) => flights.batches.ask(request)));
  await flights.hasBegun(1);
  flights.land();
  expect(await answers).toEqual(['a!', 'b!', 'c!']);
  expect(flights.begun).toEqual([['a', 'b', 'c']]);
});

test('two flights are in the air at a time; what comes meanwhile waits and goes together', async () => {
  const flights = new Flights();
  const answers = [flights.batches.ask('a')];
  await flights.hasBegun(1);
  answers.push(flights.batches.ask('b'));
  await flights.hasBegun(2);
  answers.push(flights.batches.ask('c'));
  await new Promise(setImmediate);
  answers.push(flights.batches.ask('d'));
  await new Promise(setImmediate);
  expect(flights.begun).toEqual([['a'], ['b']]);
  flights.land();
  await flights.hasBegun(3);
  flights.land();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!']);
  expect(flights.begun).toEqual([['a'], ['b'], ['c', 'd']]);
});

test('no batch is larger than 64', async () => {
  const flights = new Flights();
  const answers = Promise.all(Array.from({ length: 100 }, (_, index) => flights.batches.ask(String(index))));
  await flights.hasBegun(2);
  flights.land();
  expect(await answers).toHaveLength(100);
  expect(flights.begun.map(({ length }) => length)).toEqual([64, 36]);
});

test('a request that spoils its batch fails alone', async () => {
  const flights = new Flights();
  const answers = Promise.allSettled(['a', 'bad', 'c'].map((request) => flights.batches.ask(request)));
  for (const flight of [1, 2, 3, 4]) {
    await flights.hasBegun(flight);
    flights.land();
  }
  expect(await answers).toMatchObject([
    { status: 'fulfilled', value: 'a!' },
    { status: 'rejected', reason: new TypeError('a bad one') },
    { status: 'fulfilled', value: 'c!' },
  ]);
});

test('a store that is away is not asked again for each', async () => {
  const flights = new Flights();
  const answers = Promise.allSettled(['a', 'away', 'c'].map((request) => flights.batches.ask(request)));
  await flights.hasBegun(1);
  flights.land();
  for (const answer of await answers) {
    expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) as unknown });
  }
  expect(flights.begun).toHaveLength(1);
});
