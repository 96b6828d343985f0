/**
 * Builds the page: bundles what the browser runs, lays out the chart of every machine version, and writes a manifest that the server
 * reads (`src/http/page/open-page.ts`). `node --import tsx scripts/page/build.ts [FOLDER]`; default: page/dist.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { minify } from '@swc/core';
import { build, type Metafile, type Plugin } from 'esbuild';
import { machineRegistry } from '../../machines/registry.ts';
import { chartOf, type Chart } from '../../src/charts/chart.ts';
import type { Detail, Drawing, Drawings } from '../../src/charts/drawing.ts';
import { layOut } from './layout.ts';
import { digestOfPageSources } from './sources.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'charts');

/** uPlot hangs all that it can on one object, where no bundler sees what is not used: kinds of lines and calls that the page never makes. */
const UNUSED_OF_UPLOT =
  /^\s*(?:\(paths\.(?:stepped|bars|spline)\s*=.*|uPlot\.(?:fmtDate|tzDate|rangeNum|rangeLog|rangeAsinh|orient|sync|addGap|clipGaps|assign|join)\s*=.*)$/gm;
/** Of a machine's states: the page reads them in the chart that the server sends. */
const DESCRIPTION = /^\s*description:\s*'(?:[^'\\]|\\.)*',$/gm;
const leavesOut = (name: string, filter: RegExp, unused: RegExp, loader: 'js' | 'ts'): Plugin => ({
  name,
  setup(building) {
    building.onLoad({ filter }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(unused, ''),
      loader,
    }));
  },
});

const startedAt = performance.now();
const folder = resolve(process.argv[2] ?? join(ROOT, 'page', 'dist'));
// Another process may serve the old page, or build the same one: the folder is replaced when it is whole.
const unfinished = `${folder}-${process.pid}`;
rmSync(unfinished, { recursive: true, force: true });
mkdirSync(unfinished, { recursive: true });
const { outputs } = await bundle([
  { in: join(ROOT, 'page/main.tsx'), out: 'main' },
  { in: join(ROOT, 'page/style/main.css'), out: 'main' },
  { in: join(ROOT, 'page/icon.svg'), out: 'icon' },
]);
// Without a chunk to wait for.
const early = await bundle([{ in: join(ROOT, 'page/early.ts'), out: 'early' }]);
// Of its own, so that the page shares no chunk with it: Swagger UI is ten times as large.
const documents = await bundle([
  { in: join(ROOT, 'page/documents/main.ts'), out: 'documents' },
  { in: join(ROOT, 'page/documents/documents.css'), out: 'documents' },
]);
await shrink([...Object.keys(outputs), ...Object.keys(early.outputs)]);
const drawings: Record<number, Drawings> = {};
for (const [version, machine] of machineRegistry.machines) {
  const chart = chartOf(machine);
  drawings[version] = { full: await drawingOf(chart, 'full'), overview: await drawingOf(chart, 'overview') };
}
const ofPage = [...Object.keys(outputs), ...Object.keys(early.outputs)].map((path) => basename(path));
const assets = [...ofPage, ...Object.keys(documents.outputs).map((path) => basename(path))];
writeFileSync(
  join(unfinished, 'index.html'),
  html('page/index.html', assets)
    .replace('{{preloads}}', preloads())
    .replace('{{machine}}', String(machineRegistry.current)),
);
writeFileSync(join(unfinished, 'documents.html'), html('page/documents/index.html', assets));
writeFileSync(
  join(unfinished, 'page.json'),
  JSON.stringify({ sources: digestOfPageSources(ROOT), assets, drawings }),
);
rmSync(folder, { recursive: true, force: true });
renameSync(unfinished, folder);
console.log(`page: ${sizes()}, ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);

async function bundle(entryPoints: { in: string; out: string }[]): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints,
    loader: { '.svg': 'copy' },
    absWorkingDir: ROOT,
    outdir: join(unfinished, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [
      leavesOut('unused parts of uPlot', /uPlot\.esm\.js$/, UNUSED_OF_UPLOT, 'js'),
      leavesOut('descriptions', /[\\/]machines[\\/].*\.ts$/, DESCRIPTION, 'ts'),
    ],
  });
  return metafile;
}

/** SWC finds some 4 % of gzipped script that esbuild leaves. It may not take reads of properties for pure: a read of a signal subscribes. */
async function shrink(outputPaths: readonly string[]): Promise<void> {
  for (const path of outputPaths.filter((each) => each.endsWith('.js'))) {
    const file = join(ROOT, path);
    const { code } = await minify(readFileSync(file, 'utf8'), {
      module: true,
      ecma: 2022,
      compress: { passes: 3, ecma: 2022, toplevel: true, keep_fargs: false, hoist_props: true },
      mangle: { toplevel: true },
    });
    writeFileSync(file, code);
  }
}

/** The layout takes seconds: it is kept by what it follows from. */
async function drawingOf(chart: Chart, detail: Detail): Promise<Drawing> {
  const hash = createHash('sha256').update(detail).update(JSON.stringify(chart));
  for (const file of ['layout.ts', 'find-overlaps.ts', 'place-titles.ts']) {
    hash.update(readFileSync(join(ROOT, 'scripts/page', file)));
  }
  hash.update(readFileSync(join(ROOT, 'src/charts/drawing.ts')));
  const file = join(CACHE, `${hash.digest('hex')}.json`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Drawing;
  } catch {
    const drawing = await layOut(chart, detail);
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(file, JSON.stringify(drawing));
    return drawing;
  }
}

/** The chunks that the page's script imports, so that they are loaded beside it and not after it. */
function preloads(): string {
  const main = Object.entries(outputs).find(([path]) => /\/main-[^/]*\.js$/.test(path))?.[1];
  const chunks = main?.imports.filter(({ kind }) => kind === 'import-statement') ?? [];
  return chunks
    .map(({ path }) => `<link rel="modulepreload" href="{{base}}assets/${basename(path)}" />`)
    .join('\n    ');
}

/** `{{main.js}}` is replaced by the name of that asset with its hash. */
function html(file: string, names: readonly string[]): string {
  return readFileSync(join(ROOT, file), 'utf8').replace(
    /\{\{(\w+)\.(\w+)\}\}/g,
    (_, name: string, ending: string) => {
      const asset = names.find((each) => each.startsWith(`${name}-`) && each.endsWith(`.${ending}`));
      if (asset === undefined) throw new Error(`${file} names ${name}.${ending}, which was not built`);
      return asset;
    },
  );
}

/** As they travel: gzipped. */
function sizes(): string {
  const kilobytes = (ending: string): string => {
    const files = ofPage.filter((name) => name.endsWith(ending));
    const bytes = files.map((name) => gzipSync(readFileSync(join(folder, 'assets', name))).length);
    return `${(bytes.reduce((sum, each) => sum + each, 0) / 1024).toFixed(1)} KB`;
  };
  return `script ${kilobytes('.js')}, style ${kilobytes('.css')} gzipped`;
}
