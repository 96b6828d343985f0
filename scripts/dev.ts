/**
 * `npm run dev` and `npm run dev:worker`: runs the role that is named and starts it again when a source file changes. The sources are
 * bundled, which starts faster than tsx. While sources do not compile, the process that runs goes on.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, watch } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import { bundleOptions } from './bundle.ts';

const [role = 'api'] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
/** Each role its own: they run beside each other. */
const name = `dev-${role}`;
const outdir = join(root, 'dist', name);
const bundle = join(outdir, `${name}.mjs`);

/** One save of an editor, or a checkout, is several changes. */
const SETTLED_MS = 60;

const builds = await context({
  ...bundleOptions({ [name]: 'src/main.ts' }, root, outdir),
  // What is bundled again with each change is our own code alone.
  packages: 'external',
  splitting: false,
  sourcemap: true,
  sourcesContent: false,
});

let child: ChildProcess | null = null;
let isStopping = false;

async function restart(): Promise<void> {
  if (await compiles()) await replaceChild();
}

/** esbuild prints what is wrong. */
async function compiles(): Promise<boolean> {
  try {
    await builds.rebuild();
    return true;
  } catch {
    return false;
  }
}

async function replaceChild(): Promise<void> {
  if (child !== null) {
    console.log(`${role}: a source file changed, starting again`);
    await ended(child);
  }
  if (isStopping) return;
  const places = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')) as SourceMapPayload);
  const started = spawn(process.execPath, [bundle, role], { cwd: root, stdio: ['inherit', 'pipe', 'pipe'] });
  child = started;
  for (const [from, to] of [
    [started.stdout, process.stdout],
    [started.stderr, process.stderr],
  ] as const) {
    createInterface({ input: from }).on('line', (line) => to.write(`${inSources(line, places)}\n`));
  }
  started.once('exit', (code) => {
    if (isStopping) process.exit(code ?? 1);
    if (child === started && code !== 0 && code !== null)
      console.log(`${role}: it ended with ${code}; it starts again when a source file changes`);
  });
}

async function ended(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null || running.signalCode !== null) return;
  const exit = once(running, 'exit');
  running.kill('SIGTERM');
  await exit;
}

/** A line of a stack trace names a place in the bundle: names it in the sources instead. */
function inSources(line: string, places: SourceMap): string {
  return line.replace(/file:\/\/\S*?\.mjs:(\d+):(\d+)/g, (place, row: string, column: string) => {
    const found = places.findEntry(Number(row) - 1, Number(column) - 1);
    if (!('originalSource' in found)) return place;
    return `${fileURLToPath(new URL(found.originalSource, `file://${outdir}/`))}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

// A terminal sends Ctrl-C to the child, too, which takes signals that come within a moment for one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    isStopping = true;
    if (child?.exitCode !== null || child.signalCode !== null) process.exit(0);
    child.kill(signal);
  });
}

let restarting = restart();
let settling: NodeJS.Timeout | undefined;
for (const folder of ['machines', 'src']) {
  watch(join(root, folder), { recursive: true }, (_event, file) => {
    if (file?.endsWith('.ts') !== true) return;
    clearTimeout(settling);
    settling = setTimeout(() => {
      restarting = restarting.then(restart);
    }, SETTLED_MS);
  });
}
