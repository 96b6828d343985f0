/** What the demo is held against: the chain of the data folder that its stack runs on. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { localChainFiles } from '../../chain/local/deployment/deploy.ts';
import { readLocalChain } from '../../chain/local/local-chain.ts';
import { openSwapLog } from '../../chain/local/swap-log.ts';
import { readExecutions } from '../../chain/simulated/executions.ts';
import { dataFiles } from '../../settings/data-dir.ts';
import { chainEvidence } from '../../demo/chain-evidence.ts';
import type { Evidence } from '../../demo/evidence.ts';
import { ownersOf } from '../../demo/owners-of.ts';
import { simulatedEvidence } from '../../demo/simulated-evidence.ts';
import { runFileOf } from '../../embedded/supervise-servers.ts';
import { readRunFile } from '../../embedded/run-file.ts';

export function simulatedDemo(dataDir: string): Evidence {
  return simulatedEvidence(() => readExecutions(dataFiles(dataDir).simulatedChain));
}

/** @param url where the stack takes orders */
export async function chainDemo(dataDir: string, url: string): Promise<Evidence> {
  const folder = realpathSync(dataDir);
  const anvil = readRunFile(runFileOf(folder))?.anvil;
  const chain = readLocalChain(localChainFiles(join(folder, 'chain')).manifest);
  if (anvil === undefined || chain === null) throw new Error(`${folder} has no chain that runs`);
  const swaps = await openSwapLog(`http://127.0.0.1:${anvil.port}`);
  const names = [
    ...chain.tokens.map(({ address, symbol }) => [address, symbol] as const),
    ...chain.exchanges.map(({ router, name }) => [router, name] as const),
  ];
  return chainEvidence(
    {
      names: new Map(names.map(([address, name]) => [address.toLowerCase(), name])),
      swaps: () => swaps.read(),
      close: () => swaps.close(),
    },
    (hashes) => ownersOf(url, hashes),
  );
}
