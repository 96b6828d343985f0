import { submitterContract } from '../../contracts/submitter.contract.ts';
import { openSimulatedChain } from './open-simulated.ts';

submitterContract('simulated, mined at once', () => openSimulatedChain({ signers: 2 }));
submitterContract('simulated, a block each 20 ms', () =>
  openSimulatedChain({ blockTimeMs: 20, confirmations: 2 }),
);
