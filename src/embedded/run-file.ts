/** `run.json` in the data folder: the children that belong to it, for whoever comes after a kill. */
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomically } from '../runtime/atomic-file.ts';

const pid = z.number().int().positive();

/** A part that cannot be read counts as missing; the other one stays. */
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

/** Null where there is none, or none that can be read. */
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

/** Notes one child and leaves the note of the other. Only the owner of the folder writes. */
export function noteInRunFile(file: string, child: Run): void {
  writeRunFile(file, { ...readRunFile(file), ...child });
}

export function removeRunFile(file: string): void {
  rmSync(file, { force: true });
}
