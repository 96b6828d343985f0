import { readFileSync } from 'node:fs';

/** `version` of the package that this file lies in, in the sources as in `dist`. */
export function releaseVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), 'utf8');
      const { version } = JSON.parse(text) as { readonly version?: string };
      if (version !== undefined) return version;
    } catch {
      // Not there: look one further up.
    }
  }
  return 'unknown';
}
