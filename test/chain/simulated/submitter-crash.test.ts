import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readExecutions } from '../../../src/chain/simulated/executions.ts';
import { program } from '../../support/programs.ts';
import { driveOrder } from '../drive-order.ts';
import { openSimulatedChain, orderOf, readAll } from './open-simulated.ts';

describe('a submitter that is killed', () => {
  test.each([
    ['submitter.signed', 0, 0],
    ['submitter.stored', 1, 0],
    ['submitter.sending', 1, 0],
    ['submitter.sent', 1, 1],
  ])(
    'at %s leaves %i signed and %i executed, and the next one executes the rest',
    async (point, signed, executed) => {
      const chain = await openSimulatedChain();
      try {
        const died = spawn(
          process.execPath,
          [...program('test/chain/simulated/dying-submitter.ts'), chain.file, point],
          {
            stdio: ['ignore', 'ignore', 'inherit'],
            env: { PATH: process.env['PATH'], TEST_SEED: process.env['TEST_SEED'] },
          },
        );
        expect(await once(died, 'exit')).toEqual([null, 'SIGKILL']);
        const counts = readExecutions(chain.file).map(({ count }) => count);
        expect(counts).toEqual(executed === 0 ? [] : [1]);
        expect(readAll(chain.file, 'SELECT hash FROM transactions')).toHaveLength(signed);
        const { transactions } = await driveOrder([await chain.connect()], orderOf('a'));
        expect(transactions).toMatchObject([{ nonce: 0, epoch: 1 }]);
        expect(readExecutions(chain.file)).toEqual([{ orderId: 'a', count: 1 }]);
      } finally {
        await chain.close();
      }
    },
  );
});
