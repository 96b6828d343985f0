/**
 * Loaded into a server by `node --expose-gc --import`, before its own code: at each message of the parent it collects garbage and answers
 * with its memory, so that what is measured is what the server keeps.
 */
process.on('message', () => {
  globalThis.gc();
  globalThis.gc();
  process.send(process.memoryUsage());
});
// The channel alone keeps no process running.
process.channel.unref();
