/** `demo`: the embedded stack as a child process, with orders flowing. */
import { join } from 'node:path';
import { readDemoArguments } from '../../demo/arguments.ts';
import { runDemo } from '../../demo/demo.ts';
import { OperatorError } from '../../operator-error.ts';
import type { Config } from '../../settings/config.ts';
import { openChainAudit, openSimulatedAudit } from './demo-audit.ts';

export interface DemoCommandDeps {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The arguments of `node` that run this command line; the command follows. */
  readonly main: readonly string[];
  readonly coloured: boolean;
  readonly print: (line: string) => void;
  readonly interrupted: AbortSignal;
}

/** @returns the exit code. @throws OperatorError */
export async function runDemoCommand(args: readonly string[], deps: DemoCommandDeps): Promise<number> {
  const { config, env, ...rest } = deps;
  const { simulated, ...flow } = readDemoArguments(args);
  const isSimulated = simulated || config.EXECUTION === 'simulated';
  if (!isSimulated && config.RPC_URL !== undefined) {
    throw new OperatorError(
      'RPC_URL is set, and the demo would spend what its signers have there: unset it to use a private chain, or run the demo with --simulated',
    );
  }
  // Another folder, because a simulated chain cannot finish what was signed for a real one, nor the reverse.
  const dataDir = simulated ? join(config.DATA_DIR, 'simulated') : config.DATA_DIR;
  const ok = await runDemo(flow, {
    ...rest,
    env: { ...env, DATA_DIR: dataDir, EXECUTION: isSimulated ? 'simulated' : 'chain' },
    wantedPort: config.PORT,
    announcement: isSimulated
      ? 'Starting Fillstream with simulated venues and a simulated chain: nothing is really swapped …'
      : 'Starting Fillstream with a private chain (anvil), and Uniswap V2 and V3 on it: every swap is real, the money is not …',
    openAudit: (url) =>
      isSimulated ? Promise.resolve(openSimulatedAudit(dataDir)) : openChainAudit(dataDir, url),
  });
  return ok ? 0 : 1;
}
