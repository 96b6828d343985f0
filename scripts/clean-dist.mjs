/** Before a package is built: what an older build left behind must not be packed. Bundles of tests stay. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
for (const part of ['src', 'machines', 'page', 'types', 'client.js']) {
  rmSync(`${dist}${part}`, { recursive: true, force: true });
}
