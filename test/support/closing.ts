import { soon } from './soon.ts';

const CLOSES_WITHIN_MS = 5_000;

interface Step {
  readonly what: string;
  readonly close: () => unknown;
}

/**
 * What a test has opened. All of it is closed, the last first, also when the test's body failed or when one of them does not
 * close: nothing that stays open may keep the run from ending.
 */
export class Closing {
  #steps: Step[] = [];

  /** @param what as an error is to name it: "worker 1" */
  add(what: string, close: () => unknown): void {
    this.#steps.push({ what, close });
  }

  /** @throws AggregateError with what did not close in time, or failed to; the others are closed */
  async closeAll(): Promise<void> {
    const failures: unknown[] = [];
    const steps = this.#steps.reverse();
    this.#steps = [];
    for (const { what, close } of steps) {
      const closed = Promise.resolve().then(close);
      await soon(`closing ${what}`, closed, CLOSES_WITHIN_MS).catch((thrown: unknown) =>
        failures.push(thrown),
      );
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }
}
