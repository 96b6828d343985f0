/** The built page, read once: a few hundred kilobytes that every request is answered from. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Drawings } from '../../charts/drawing.ts';

export interface PageFile {
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

export interface Page {
  /** The names end with a hash of their content. */
  readonly assets: ReadonlyMap<string, PageFile>;
  /** @param base what leads from the requested path to the root of the server: `./`, `../` … */
  readonly index: (base: string) => PageFile;
  /** The page that shows the documents of the API. */
  readonly documents: (base: string) => PageFile;
  /** Of each machine version. */
  readonly drawings: Readonly<Record<string, Drawings>>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Where `scripts/page/build.ts` writes to: beside the sources, beside what `npm run build` compiles, beside a test's bundles. */
const PLACES = ['../../../page/dist/', '../../../page/', '../../page/dist/'];

const manifestSchema = z.object({
  assets: z.array(z.string()),
  /** Written by this release's own build. */
  drawings: z.record(
    z.string(),
    z.custom<Drawings>((value) => typeof value === 'object'),
  ),
});

/** Null: it is not built. */
export function openPage(): Page | null {
  for (const place of PLACES) {
    const folder = new URL(place, import.meta.url);
    const manifest = readManifest(folder);
    if (manifest !== null) return readPage(folder, manifest);
  }
  return null;
}

type Manifest = z.infer<typeof manifestSchema>;

function readManifest(folder: URL): Manifest | null {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(new URL('page.json', folder), 'utf8')));
  } catch {
    return null;
  }
}

function readPage(folder: URL, { assets, drawings }: Manifest): Page {
  return {
    assets: new Map(
      assets.map((name) => {
        const bytes = readFileSync(new URL(`assets/${name}`, folder));
        return [name, fileOf(bytes, CONTENT_TYPES[extname(name)] ?? 'application/octet-stream')];
      }),
    ),
    index: htmlOf(readFileSync(new URL('index.html', folder), 'utf8')),
    documents: htmlOf(readFileSync(new URL('documents.html', folder), 'utf8')),
    drawings,
  };
}

function htmlOf(template: string): Page['index'] {
  const files = new Map<string, PageFile>();
  return (base) => {
    const known = files.get(base);
    if (known !== undefined) return known;
    const file = fileOf(Buffer.from(template.replaceAll('{{base}}', base)), 'text/html; charset=utf-8');
    files.set(base, file);
    return file;
  };
}

function fileOf(bytes: Buffer, contentType: string): PageFile {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  let gzipped: Buffer | null = null;
  return {
    contentType,
    bytes,
    // When it is first asked for: a start does not wait for files that most processes never send.
    get gzipped() {
      return (gzipped ??= gzipSync(bytes));
    },
    etag,
  };
}
