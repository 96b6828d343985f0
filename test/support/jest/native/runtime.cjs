/**
 * Jest's runtime for suites that run in Node.js itself: modules are loaded by `import`, once a worker, and not once a suite in a `vm`
 * context of its own, which costs a second of CPU time a suite. TypeScript is compiled by `hooks.mjs`. Modules must not be
 * mocked, and what a module keeps, it keeps for the suites after it. jest-circus and Jest's reporters are unchanged.
 */
const { pathToFileURL } = require('node:url');

/** jest-circus keeps its event handlers there from suite to suite. */
const EVENT_HANDLERS = Symbol.for('EVENT_HANDLERS');

let suites = 0;

module.exports = class NativeRuntime {
  #environment;
  #globals = {};
  #setupFiles;
  #suite = ++suites;

  constructor(config, environment) {
    this.#environment = environment;
    this.#setupFiles = new Set(config.setupFilesAfterEnv);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  /** A set-up file is run again for each suite. */
  async unstable_importModule(path) {
    const { useGlobals } = await import('./globals.mjs');
    useGlobals(this.#globals);
    const { href } = pathToFileURL(path);
    return import(this.#setupFiles.has(path) ? `${href}?suite=${this.#suite}` : href);
  }

  /** Loads jest-circus, anew for each suite: it holds the suite's state. */
  requireInternalModule(path) {
    delete globalThis[EVENT_HANDLERS];
    delete require.cache[path];
    return require(path);
  }

  requireModule(path) {
    return require(path);
  }

  setGlobalsForRuntime(globals) {
    this.#globals = { ...globals, jest: jestFunctions(this.#environment) };
  }

  getSourceMaps() {
    return null;
  }

  getAllCoverageInfoCopy() {
    return undefined;
  }

  enterTestCode() {}
  leaveTestCode() {}
  teardown() {}
};

/** Those of `jest` that the tests use. */
function jestFunctions({ fakeTimersModern: timers }) {
  return {
    useFakeTimers: (options) => timers.useFakeTimers(options),
    useRealTimers: () => timers.useRealTimers(),
    advanceTimersByTime: (ms) => timers.advanceTimersByTime(ms),
    getTimerCount: () => timers.getTimerCount(),
  };
}
