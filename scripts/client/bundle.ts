/** `fillstream/client` as one module: what a page loads, and what Node.js, Bun and Deno import. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Loaded when they are needed, if at all: they stay imports. */
const LOADED_LATER = ['ws', 'socket.io-client'];

export function clientBundle(outfile: string): BuildOptions {
  return {
    entryPoints: [join(ROOT, 'src/client/index.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: ['es2022', 'node20', 'chrome111', 'firefox113', 'safari16.4'],
    external: LOADED_LATER,
    legalComments: 'none',
    logLevel: 'warning',
  };
}
