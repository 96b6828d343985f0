/** Opens the simulated venues and the simulated chain of the settings. They implement the same ports as real ones. */
import { openSimulatedSubmitter, type SimulatedSubmitter } from '../../chain/simulated/submitter.ts';
import type { Config } from '../../settings/config.ts';
import type { PassCrashPoint } from '../../crash-points.ts';
import { dataFiles } from '../../settings/data-dir.ts';
import { systemClock } from '../../runtime/time.ts';
import type { Venue } from '../../venues/port.ts';
import { simulatedVenue } from '../../venues/simulated/simulated-venue.ts';

/** Blocks after that of a swap before the swap counts as final. */
const CONFIRMATIONS = 2;

export function openSimulation(
  config: Config,
  passCrashPoint: PassCrashPoint,
): { readonly venues: readonly Venue[]; readonly submitter: SimulatedSubmitter } {
  const venues = simulatedVenues(config);
  const failureRate = config.SIMULATED_FAILURES;
  const submitter = openSimulatedSubmitter({
    file: dataFiles(config.DATA_DIR).simulatedChain,
    clock: systemClock,
    random: Math.random,
    passCrashPoint,
    classifyRevert: (name, revert) =>
      venues.find((venue) => venue.name === name)?.classifyRevert(revert) ?? {
        kind: 'reroute',
        code: 'reverted',
        message: `${name} reverted: ${revert.reason}`,
      },
    settings: {
      seed: config.SIMULATED_SEED,
      signers: config.SIMULATED_SIGNERS,
      blockTimeMs: config.SIMULATED_BLOCK_MS,
      confirmations: config.SIMULATED_BLOCK_MS === 0 ? 0 : CONFIRMATIONS,
      failures: {
        unavailable: failureRate,
        lostReply: failureRate,
        dropped: failureRate / 2,
        stuck: failureRate,
        reverted: failureRate,
        reorganised: failureRate / 2,
      },
    },
  });
  return { venues, submitter };
}

/** Pure: several of the same settings give the same quotes. */
export function simulatedVenues(config: Config): readonly Venue[] {
  const failureRate = config.SIMULATED_FAILURES;
  const latencyMs = { from: config.SIMULATED_LATENCY_MS / 2, to: config.SIMULATED_LATENCY_MS * 1.5 };
  const venue = (name: string, feeBps: number, factor: number): Venue =>
    simulatedVenue({
      name,
      seed: config.SIMULATED_SEED,
      feeBps,
      latencyMs,
      failures: {
        timeout: failureRate * factor,
        unavailable: failureRate * factor,
        rateLimited: failureRate,
        noLiquidity: failureRate,
        slippage: failureRate * factor,
      },
    });
  return [venue('alpha', 30, 2), venue('beta', 25, 4), venue('gamma', 35, 1)];
}
