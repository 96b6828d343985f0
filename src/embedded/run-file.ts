/** `run.json` in the data folder notes its servers, so that the next owner finds them after a kill. */
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomically } from '../runtime/atomic-file.ts';

const pid = z.number().int().positive();

/** An unreadable part counts as missing. The other part stays. */
const runSchema = z.object({
  redis: z
    .object({ pid, socketPath: z.string().min(1) })
    .optional()
    .catch(undefined),
  anvil: z
    .object({ pid, port: z.number().int().min(1).max(65_535) })
    .optional()
    .catch(undefined),
});

export type Run = z.infer<typeof runSchema>;

/** Null: there is no file, or it cannot be read. */
export function readRunFile(file: string): Run | null {
  try {
    const parsed = runSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function writeRunFile(file: string, run: Run): void {
  writeFileAtomically(file, `${JSON.stringify(run)}\n`);
}

/** Notes one server, and keeps the note of the other one. Only the owner of the folder writes. */
export function noteInRunFile(file: string, server: Run): void {
  writeRunFile(file, { ...readRunFile(file), ...server });
}

export function removeRunFile(file: string): void {
  rmSync(file, { force: true });
}
