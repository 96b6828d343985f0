/**
 * Programs that tests start as processes of their own. They are bundled once before the tests run (`build-programs.ts`): under tsx each
 * start would take seconds.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Paths from the root. Each file name occurs once: it names the bundle. */
export const PROGRAMS = [
  'src/main.ts',
  'test/chain/local/deploy-in-child.ts',
  'test/chain/simulated/dying-submitter.ts',
  'test/contracts/signer-ledger/use-account-until-killed.ts',
  'test/embedded/supervise-anvil.ts',
  'test/embedded/supervise-redis.ts',
  'test/flows/next-release.ts',
  'test/store/sqlite/write-until-killed.ts',
] as const;

/** In a folder that git, eslint and prettier leave alone, at the depth of `dist/src`: `release-version.ts` finds package.json from there. */
export const PROGRAMS_DIR = join(ROOT, 'dist', 'test-programs');

export function bundleName(program: (typeof PROGRAMS)[number]): string {
  return program.slice(program.lastIndexOf('/') + 1, -'.ts'.length);
}

/** Arguments of `node` that run the program; its own arguments follow. */
export function program(path: (typeof PROGRAMS)[number]): readonly string[] {
  return [join(PROGRAMS_DIR, `${bundleName(path)}.mjs`)];
}

/** The command line of Fillstream; the command follows. */
export const MAIN = program('src/main.ts');
