/** A process that drives one order on the chain in a file and dies by SIGKILL at a crash point: `FILE CRASH_AT`. */
import { openSimulatedSubmitter } from '../../../src/chain/simulated/submitter.ts';
import { crashAt } from '../../../src/crash-points.ts';
import { systemClock } from '../../../src/runtime/time.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { driveOrder } from '../drive-order.ts';
import { orderOf } from './open-simulated.ts';

const [file = '', point = ''] = process.argv.slice(2);
const submitter = openSimulatedSubmitter({
  file,
  clock: systemClock,
  random: seededRandom('pauses before a locked file is tried again'),
  settings: { blockTimeMs: 0, confirmations: 0, seed: 'seven', failures: {} },
  passCrashPoint: crashAt(point, () => process.kill(process.pid, 'SIGKILL')),
  classifyRevert: (venue, { reason }) => ({ kind: 'reroute', code: reason, message: venue }),
});
await driveOrder([submitter], orderOf('a'));
await submitter.close();
