import { parseArgs, type ParseArgsConfig } from 'node:util';
import { OperatorError } from '../operator-error.ts';

/**
 * Like `parseArgs`, for people: what it does not know is an error that says how the command is called.
 * @param usage the command with its options: `demo [--orders N]`
 * @throws OperatorError
 */
export function readOptions<Config extends Omit<ParseArgsConfig, 'args'>>(
  args: readonly string[],
  usage: string,
  config: Config,
) {
  try {
    return parseArgs({ ...config, args: [...args] });
  } catch (cause) {
    // Node.js adds how to pass an argument that begins with a dash, which no command here takes.
    const [what = ''] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new OperatorError(`${what}: expected ${usage}`, { cause });
  }
}
