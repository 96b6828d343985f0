/**
 * A copy of the tree in the system's folder for temporary files, with the packages of this one. Mutations are applied there and
 * nowhere else. The folder's name has the id of its process: a run removes the copies of those that were killed.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import type { Mutation } from './mutation.ts';

const PREFIX = 'fillstream-mutations-';
const LEFT_OUT = ['node_modules', '.git', '.data', 'dist', 'coverage'];

export interface WorkingCopy {
  readonly path: string;
  /** Runs `act` while the mutation is applied. */
  mutated<Result>(mutation: Mutation, act: () => Promise<Result>): Promise<Result>;
  remove(): void;
}

export function copyTree(root: string): WorkingCopy {
  removeLeftovers();
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  cpSync(root, path, {
    recursive: true,
    filter: (from) => !LEFT_OUT.includes(relative(root, from).split(sep)[0] ?? ''),
  });
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'));

  return {
    path,
    mutated: async (mutation, act) => {
      const file = join(path, mutation.file);
      const source = readFileSync(file, 'utf8');
      writeFileSync(file, mutate(source, mutation));
      try {
        return await act();
      } finally {
        writeFileSync(file, source);
      }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** @throws Error when the lines before the mutation are not in the source, or more than once */
export function mutate(source: string, { file, before, after }: Mutation): string {
  const found = source.split(before).length - 1;
  if (found !== 1) {
    throw new Error(
      `${file} has these lines ${found} times, expected once; change scripts/mutations/table with the code:\n${before}`,
    );
  }
  // A function: `$` has a meaning in a text that replaces.
  return source.replace(before, () => after);
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const [pid = ''] = basename(name).slice(PREFIX.length).split('-');
    if (!isRunning(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of another user may not be signalled, but is there.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
