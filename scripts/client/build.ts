/** Builds `fillstream/client` (its types come from tsc), and prints what a page pays for it: minified and gzipped. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { clientBundle, ROOT } from './bundle.ts';

const outfile = join(ROOT, 'dist', 'client.js');
await build(clientBundle(outfile));
const { outputFiles } = await build({ ...clientBundle(outfile), minify: true, write: false });
const bytes = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
console.log(`client: ${(bytes / 1024).toFixed(1)} KB minified and gzipped`);
