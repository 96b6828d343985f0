/** Gives each run its seed before the test files start, and prints how to repeat the draws of those that failed. */
import { randomInt } from 'node:crypto';
import { relative } from 'node:path';

export default class SeedReporter {
  #seed = (process.env.TEST_SEED ??= String(randomInt(2 ** 32)));

  onTestFileResult(test, { numFailingTests, testExecError }) {
    if (numFailingTests === 0 && !testExecError) return;
    const file = relative(process.cwd(), test.path);
    process.stderr.write(`Repeat the draws with: TEST_SEED=${this.#seed} npm test -- ${file}\n`);
  }
}
