/**
 * Ends a process whose event loop makes no turn: a test that loops without end keeps Jest's own time-outs from firing, and the
 * run from ending. A thread watches the turns, since nothing of the loop's own can.
 */
const { Worker } = require('node:worker_threads');

/** Longer than any test keeps the loop, also on a machine that is busy. */
const BUSY_FOR_MS = 180_000;

const GUARD = `
  const { workerData: { turns, busyForMs } } = require('node:worker_threads');
  let seen = 0;
  let since = performance.now();
  setInterval(() => {
    const now = Atomics.load(turns, 0);
    if (now !== seen) {
      seen = now;
      since = performance.now();
    } else if (performance.now() - since > busyForMs) {
      require('node:fs').writeSync(2, 'The event loop made no turn for ' + busyForMs + ' ms: a test loops without end. The process ends.\\n');
      process.kill(process.pid, 'SIGKILL');
    }
  }, 1_000);
`;

/** Once a process. It keeps no process from ending. */
exports.guardAgainstBusyLoop = () => {
  const turns = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(turns, 0, 1), 500).unref();
  // Without this process's own arguments, which load the compiler of the tests.
  new Worker(GUARD, { eval: true, execArgv: [], workerData: { turns, busyForMs: BUSY_FOR_MS } }).unref();
};
