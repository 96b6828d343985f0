import { readFileSync } from 'node:fs';

/** The `version` of this file's package, in the sources and in `dist`. */
export function releaseVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), 'utf8');
      const { version } = JSON.parse(text) as { readonly version?: string };
      if (version !== undefined) return version;
    } catch {
      // Not there: try the folder above.
    }
  }
  return 'unknown';
}
