/**
 * Jest's environment for suites that run in Node.js itself: no `vm` context. Suites of one worker share its globals and its modules. What a
 * suite changes of the environment variables, the working directory, `console` and `process.exit` is put back after it.
 */
const { ModernFakeTimers } = require('@jest/fake-timers');
const { guardAgainstBusyLoop } = require('./busy-loop-guard.cjs');

guardAgainstBusyLoop();

module.exports = class NativeEnvironment {
  global = globalThis;
  moduleMocker = null;
  fakeTimers = null;
  #before = { console, exit: process.exit, env: { ...process.env }, cwd: process.cwd() };

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  getVmContext() {
    return null;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  async setup() {
    // Jest has put its own there, which knows nothing of what the hooks compiled; Node.js maps stacks to the sources by itself.
    Error.prepareStackTrace = undefined;
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    const { console, exit, env, cwd } = this.#before;
    globalThis.console = console;
    process.exit = exit;
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    process.chdir(cwd);
  }
};
