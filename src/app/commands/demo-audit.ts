/** Opens the demo's audit: of the chain in the data folder that the stack uses. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { localChainFiles } from '../../chain/local/deployment/deploy.ts';
import { readLocalChain } from '../../chain/local/local-chain.ts';
import { openSwapLog } from '../../chain/local/swap-log.ts';
import { readExecutions } from '../../chain/simulated/executions.ts';
import { dataFiles } from '../../settings/data-dir.ts';
import { chainAudit } from '../../demo/chain-audit.ts';
import { simulatedAudit, type DemoAudit } from '../../demo/audit.ts';
import { runFileOf } from '../../embedded/supervise-servers.ts';
import { readRunFile } from '../../embedded/run-file.ts';

export function openSimulatedAudit(dataDir: string): DemoAudit {
  return simulatedAudit(() => readExecutions(dataFiles(dataDir).simulatedChain));
}

/** @param url of the stack's API */
export async function openChainAudit(dataDir: string, url: string): Promise<DemoAudit> {
  const folder = realpathSync(dataDir);
  const anvil = readRunFile(runFileOf(folder))?.anvil;
  const chain = readLocalChain(localChainFiles(join(folder, 'chain')).manifest);
  if (anvil === undefined || chain === null) throw new Error(`no chain runs for the data folder ${folder}`);
  const swaps = await openSwapLog(`http://127.0.0.1:${anvil.port}`);
  const names = [
    ...chain.tokens.map(({ address, symbol }) => [address, symbol] as const),
    ...chain.exchanges.map(({ router, name }) => [router, name] as const),
  ];
  return chainAudit(
    {
      names: new Map(names.map(([address, name]) => [address.toLowerCase(), name])),
      swaps: () => swaps.read(),
      close: () => swaps.close(),
    },
    url,
  );
}
