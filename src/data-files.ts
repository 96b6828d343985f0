import { join } from 'node:path';

/** What lies in the data folder. `src/embedded` adds its lock, run file and socket. */
export function dataFiles(dataDir: string) {
  return {
    orders: join(dataDir, 'orders.sqlite'),
    simulatedChain: join(dataDir, 'simulated-chain.sqlite'),
  };
}
