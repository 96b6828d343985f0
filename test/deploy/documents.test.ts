/** The documents name files and link to each other: each path, relative link and anchor in them must exist. */
import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'examples/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

/** A file or folder of the repository, also with a pattern (`test/store/*.test.ts`) or a placeholder (`v<n>`) at its end. */
const REPOSITORY_PATH = /(?<![\w./@-])(?:src|test|machines|bench|scripts|deploy|docs|examples)\/[\w./*<>-]*/g;
const LINK = /\]\(([^)\s]+)\)/g;
const HEADING = /^#+ +(.+)$/gm;
const CODE_BLOCK = /^```[\s\S]*?^```$/gm;

/** @returns the paths that `text` names, each up to its first pattern or placeholder */
function pathsIn(text: string): string[] {
  return [...text.matchAll(REPOSITORY_PATH)].map(([path]) => {
    const fixed = /[*<]/.test(path) ? dirname(path.replace(/[*<].*$/, '_')) : path;
    return fixed.replace(/[./]+$/, '');
  });
}

/** @returns the addresses of the links of `text` that are neither absolute nor to another site */
function relativeLinksIn(text: string): string[] {
  return [...text.matchAll(LINK)]
    .map(([, address = '']) => address)
    .filter((address) => !/^\w+:/.test(address));
}

/** @returns the anchors that GitHub makes of the headings of `text`; a repeated heading gets `-1`, `-2` … */
function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replace(CODE_BLOCK, '').matchAll(HEADING)) {
    const name = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = name;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${name}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

function linkWorks(document: string, address: string): boolean {
  const [path = '', anchor] = address.split('#');
  const target = path === '' ? document : join(dirname(document), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsIn(readFileSync(target, 'utf8')).has(anchor);
}

test.each(DOCUMENTS)('every repository path that %s names exists', (document) => {
  const paths = pathsIn(readFileSync(document, 'utf8'));
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

test.each(DOCUMENTS)('every relative link of %s leads to a file and to a heading', (document) => {
  const links = relativeLinksIn(readFileSync(document, 'utf8'));
  expect(links.filter((address) => !linkWorks(document, address))).toEqual([]);
});

test('the checks find a missing path, a missing file and a missing heading', () => {
  const text =
    'See `src/missing.ts`, `test/missing/*.ts` and [a](docs/missing.md), [b](docs/glossary.md#missing).';
  expect(pathsIn(text).filter((path) => !existsSync(path))).toEqual([
    'src/missing.ts',
    'test/missing',
    'docs/missing.md',
  ]);
  expect(relativeLinksIn(text).filter((address) => !linkWorks('README.md', address))).toEqual([
    'docs/missing.md',
    'docs/glossary.md#missing',
  ]);
});
