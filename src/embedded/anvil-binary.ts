import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { OperatorError } from '../operator-error.ts';

const ARCH_NAMES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** What to do where anvil cannot be had. */
export function instead(first: string): string {
  return `${first}, or set RPC_URL to a chain that you run, or EXECUTION=simulated, which swaps nothing`;
}

/**
 * The binary of npm's `@foundry-rs/anvil`, which lies in a package of its own for each platform. It is run directly: the
 * package's own script would stand between us and the pid.
 * @throws UserFault where the platform's package is not installed
 */
export function findAnvil(platform: string = process.platform, arch: string = process.arch): string {
  const wanted = `@foundry-rs/anvil-${platform}-${ARCH_NAMES[arch] ?? arch}`;
  try {
    // From the package that depends on it: only there is it sure to be found.
    const anvil = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'));
    const binary = anvil.resolve(`${wanted}/bin/anvil`);
    if (existsSync(binary)) return binary;
  } catch {
    // Told below.
  }
  throw new OperatorError(
    `anvil was not found: the package ${wanted} is not installed. ${instead('Run npm install without --omit=optional')}`,
  );
}
