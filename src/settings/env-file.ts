import { existsSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { OperatorError } from '../operator-error.ts';
import { readTextFile } from '../runtime/text-file.ts';

/** The settings of a `.env` file; none where there is no file. @throws OperatorError */
export function readEnvFile(file: string): Readonly<Record<string, string>> {
  if (!existsSync(file)) return {};
  try {
    return Object.fromEntries(
      Object.entries(parseEnv(readTextFile(file))).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`${file} cannot be read: ${why}`, { cause: error });
  }
}
