/** Says which suites run when nothing was printed for 20 seconds, and at the end which took longest. */
import { relative } from 'node:path';

const QUIET_MS = 20_000;
const LOOK_MS = 1_000;
const SLOWEST = 10;
const SLOW_SECONDS = 5;

export default class ProgressReporter {
  #root;
  #running = new Map();
  #took = new Map();
  #spokeAt = performance.now();
  #suites = 0;
  #timer = null;

  constructor({ rootDir }) {
    this.#root = rootDir;
  }

  onRunStart({ numTotalTestSuites }) {
    this.#suites = numTotalTestSuites;
    this.#spokeAt = performance.now();
    this.#timer = setInterval(() => this.#lookAround(), LOOK_MS);
    this.#timer.unref();
  }

  onTestFileStart({ path }) {
    this.#running.set(path, performance.now());
  }

  onTestFileResult({ path }) {
    const startedAt = this.#running.get(path);
    this.#running.delete(path);
    if (startedAt !== undefined) this.#took.set(path, performance.now() - startedAt);
    this.#spokeAt = performance.now();
  }

  onRunComplete() {
    clearInterval(this.#timer);
    const slowest = [...this.#took]
      .filter(([, ms]) => ms > SLOW_SECONDS * 1_000)
      .sort(([, one], [, other]) => other - one)
      .slice(0, SLOWEST);
    if (slowest.length === 0) return;
    this.#say('Slowest suites:');
    for (const [path, ms] of slowest) this.#say(`  ${seconds(ms).padStart(6)}  ${this.#name(path)}`);
  }

  #lookAround() {
    const now = performance.now();
    if (this.#running.size === 0 || now - this.#spokeAt < QUIET_MS) return;
    this.#spokeAt = now;
    const running = [...this.#running].map(([path, at]) => `${this.#name(path)} (${seconds(now - at)})`);
    this.#say(`${this.#took.size} of ${this.#suites} suites have ended; running: ${running.join(', ')}`);
  }

  #name(path) {
    return relative(this.#root, path);
  }

  #say(line) {
    process.stderr.write(`${line}\n`);
  }
}

function seconds(ms) {
  return `${(ms / 1_000).toFixed(0)} s`;
}
