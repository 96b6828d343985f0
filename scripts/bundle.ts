/**
 * Compiles programs of this repository, each into one file that starts two to five times as fast as its sources under tsx: a child
 * process of a test, and what `npm run dev` restarts. `npm run build` compiles file by file with tsc; a release runs that.
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';

/** Compiled packages are left where they are. */
const NOT_BUNDLED = ['better-sqlite3', '@foundry-rs/anvil'];

/** Modules of packages that read files beside their own are given their own place, which a bundle does not have. */
const ownPlaces: Plugin = {
  name: 'own places',
  setup(build) {
    build.onLoad({ filter: /node_modules\/(bee-queue|pino|thread-stream)\/.*\.js$/ }, async ({ path }) => {
      const places = `var __filename = ${JSON.stringify(path)}, __dirname = ${JSON.stringify(dirname(path))};`;
      return { contents: `${places}${await readFile(path, 'utf8')}`, loader: 'js' };
    });
  },
};

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
    plugins: [ownPlaces],
    // CommonJS packages call it; an ES module does not have it.
    banner: {
      js: "import { createRequire as createBundleRequire } from 'node:module'; const require = createBundleRequire(import.meta.url);",
    },
  };
}
