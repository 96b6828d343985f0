/** A process that is told to stop ends, whatever its clients do. */
import { afterEach, expect, test } from '@jest/globals';
import { soon } from '../support/soon.ts';
import { OwnStacks } from '../support/own-stack.ts';

const READY_WITHIN_MS = 30_000;
/** Well below the 30 s for which Engine.IO waits for a last poll. */
const ENDS_WITHIN_MS = 10_000;
const POLL = '/socket.io/?EIO=4&transport=polling';

const stacks = new OwnStacks();
afterEach(() => stacks.remove());

test('an api ends soon after SIGTERM, also while Engine.IO waits for the last poll of a session that it closed', async () => {
  const api = await stacks.start('api', { EXECUTION: 'simulated' });
  await api.ready(READY_WITHIN_MS);
  const handshake = await (await fetch(`${api.url}${POLL}`)).text();
  const sid = /"sid":"([^"]+)"/.exec(handshake)?.[1] ?? '';
  // Not a packet of Socket.IO: the session is closed, and the client may poll once more to learn it.
  await fetch(`${api.url}${POLL}&sid=${sid}`, { method: 'POST', body: '4 no packet' });
  await soon('the end of the api', api.end('SIGTERM'), ENDS_WITHIN_MS);
  expect(api.child.exitCode).toBe(0);
}, 60_000);
