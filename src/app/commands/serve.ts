/** `start`, `api` and `worker`: a process of one role, until a signal ends it. */
import { OperatorError } from '../../operator-error.ts';
import type { Config } from '../../settings/config.ts';
import { startFillstream, type Role } from '../fillstream.ts';

export interface ServeDeps {
  readonly config: Config;
  readonly print: (line: string) => void;
  /** The name of the signal that ends the process. */
  readonly interrupted: Promise<string>;
}

/** @throws OperatorError */
export function takesNoArguments(command: string, args: readonly string[]): void {
  if (args.length > 0) throw new OperatorError(`${command} takes no arguments: got ${args.join(' ')}`);
}

/** @returns the exit code. @throws OperatorError */
export async function runServe(role: Role, { config, print, interrupted }: ServeDeps): Promise<number> {
  const running = await startFillstream(config, role, { interrupted });
  if (running === null) return 0;
  const page = role === 'worker' ? null : (config.PUBLIC_URL ?? running.url);
  if (page !== null) print(`See it at ${page}/`);
  const does = role === 'worker' ? 'runs orders' : 'takes orders';
  print(`Fillstream ${does}${running.url === null ? '' : ` at ${running.url}`}`);
  for (const [what, which] of Object.entries(running.uses)) print(`  ${what.padEnd(6)} ${which}`);
  print('  stop   Ctrl-C');
  const signal = await interrupted;
  print(`${signal}: handing over and stopping`);
  await running.close();
  return 0;
}
