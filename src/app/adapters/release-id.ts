import type { MachineRegistry } from '../../../machines/registry.ts';
import { releaseVersion } from '../../settings/release-version.ts';

/** Names what this release can run: its version, its machines and its migrations. Two builds of one version may differ in these. */
export function releaseId({
  machines,
  migrations,
}: Pick<MachineRegistry, 'machines' | 'migrations'>): string {
  const list = (versions: Iterable<number>): string =>
    [...versions].sort((one, other) => one - other).join(',');
  return `${releaseVersion()} machines ${list(machines.keys())} migrations ${list(migrations.keys())}`;
}
