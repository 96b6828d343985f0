/**
 * Compiles programs of this repository, each into one file that starts two to five times as fast as its sources under tsx: a child
 * process of a test, and what `npm run dev` restarts. `npm run build` compiles file by file with tsc; a release runs that.
 */
import type { BuildOptions } from 'esbuild';

/** Packages that read files beside their own, or are compiled: they are left where they are. */
const NOT_BUNDLED = ['better-sqlite3', '@foundry-rs/anvil', 'pino', 'bee-queue', 'redis'];

/** @param programs paths from the root by the name of the output */
export function bundleOptions(
  programs: Readonly<Record<string, string>>,
  root: string,
  outdir: string,
): BuildOptions {
  return {
    entryPoints: programs,
    absWorkingDir: root,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    external: NOT_BUNDLED,
    // CommonJS packages call it; an ES module does not have it.
    banner: {
      js: "import { createRequire as createBundleRequire } from 'node:module'; const require = createBundleRequire(import.meta.url);",
    },
  };
}
