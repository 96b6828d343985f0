/** Bundles `PROGRAMS`, unless the bundles that are there come from the same sources. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../../../scripts/bundle.ts';
import { bundleName, PROGRAMS, PROGRAMS_DIR, ROOT } from '../programs.ts';

const STAMP = join(PROGRAMS_DIR, 'sources.sha256');

export async function buildPrograms(): Promise<void> {
  const sources = digestOfSources();
  if (readStamp() === sources) return;
  rmSync(PROGRAMS_DIR, { recursive: true, force: true });
  const entries = Object.fromEntries(PROGRAMS.map((path) => [bundleName(path), path]));
  await build(bundleOptions(entries, ROOT, PROGRAMS_DIR));
  writeFileSync(STAMP, sources);
}

function readStamp(): string | null {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return null;
  }
}

/** Of all that the bundles are made of. */
function digestOfSources(): string {
  const sources = ['machines', 'src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(folder, file)),
  );
  const hash = createHash('sha256').update(process.version);
  for (const file of ['package-lock.json', 'scripts/bundle.ts', ...sources.sort()]) {
    hash.update(file).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}
