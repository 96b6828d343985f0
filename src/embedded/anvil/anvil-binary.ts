import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { OperatorError } from '../../operator-error.ts';

const ARCH_NAMES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Advice for when anvil cannot be used. @param first what to try first */
export function withAlternatives(first: string): string {
  return `${first}, or set RPC_URL to a chain that you run, or EXECUTION=simulated, which swaps nothing`;
}

/**
 * Finds the binary of npm's `@foundry-rs/anvil`, which is in a separate package for each platform. It is run directly, because
 * the package's script would hide its pid.
 * @throws OperatorError when the platform's package is not installed
 */
export function findAnvil(platform: string = process.platform, arch: string = process.arch): string {
  const wanted = `@foundry-rs/anvil-${platform}-${ARCH_NAMES[arch] ?? arch}`;
  try {
    // Resolved from the package that depends on it: it need not be visible from here.
    const anvil = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'));
    const binary = anvil.resolve(`${wanted}/bin/anvil`);
    if (existsSync(binary)) return binary;
  } catch {
    // The error below reports it.
  }
  throw new OperatorError(
    `anvil was not found: the package ${wanted} is not installed. ${withAlternatives('Run npm install without --omit=optional')}`,
  );
}
