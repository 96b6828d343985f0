/**
 * The effects that the machine's states invoke, bound to venues and submitter. Each waits until the state that invoked it
 * is durable; each may run again after a crash, on this worker or another.
 */
import { fromPromise, type AnyActorRef } from 'xstate';
import { EffectError } from '../../machines/order/effect-error.ts';
import type { OrderMachine } from '../../machines/order/machine.ts';
import type { EffectName, Effects, Report } from '../../machines/order/types.ts';
import type { Submitter } from '../chain/port.ts';
import type { PassCrashPoint } from '../crash-points.ts';
import { requestQuotes } from '../venues/routing/request-quotes.ts';
import type { Venue } from '../venues/port.ts';
import { selectRoute } from '../venues/routing/select-route.ts';

/** How long one venue may keep the quotes of the others waiting. Half of the whole effect's time-out. */
const VENUE_PATIENCE_MS = 5_000;

/** What an effect may ask of the order that runs it. */
export interface RunningOrder {
  /** Resolves once every transition taken so far is stored. */
  durable(): Promise<void>;
  /** Tells the order something; resolves once that is stored. */
  report(report: Report): Promise<void>;
}

export interface EffectDeps {
  readonly venues: readonly Venue[];
  readonly submitter: Submitter;
  readonly passCrashPoint: PassCrashPoint;
  /** A throw that is no EffectError: a defect in a venue or submitter. */
  readonly onDefect: (where: string, thrown: unknown) => void;
  /** Finds the run that an actor system belongs to. */
  readonly runOf: (system: AnyActorRef['system']) => RunningOrder;
}

interface Acting {
  readonly signal: AbortSignal;
  readonly report: (report: Report) => Promise<void>;
}

/** The machine with its effects. Once a process and machine: `provide` is dear, an actor is not. */
export function provideEffects(machine: OrderMachine, deps: EffectDeps): OrderMachine {
  const { venues, submitter } = deps;
  const effect = <Name extends EffectName>(
    name: Name,
    act: (input: Effects[Name]['input'], acting: Acting) => Promise<Effects[Name]['output']>,
  ) =>
    fromPromise<Effects[Name]['output'], Effects[Name]['input']>(async ({ input, signal, system }) => {
      const run = deps.runOf(system);
      await run.durable();
      signal.throwIfAborted();
      deps.passCrashPoint(`effect.${name}.begun`);
      try {
        const output = await act(input, { signal, report: (report) => run.report(report) });
        deps.passCrashPoint(`effect.${name}.ended`);
        return output;
      } catch (thrown) {
        if (!(thrown instanceof EffectError) && !signal.aborted) deps.onDefect(`effect ${name}`, thrown);
        throw thrown;
      }
    });

  return machine.provide({
    actors: {
      quote: effect('quote', ({ terms, asking }, { signal }) =>
        requestQuotes(venues, terms, { asking, signal }, deps.onDefect, VENUE_PATIENCE_MS),
      ),
      selectRoute: effect('selectRoute', ({ terms, quotes }) =>
        Promise.resolve({ route: selectRoute(terms, quotes) }),
      ),
      assemble: effect('assemble', async ({ terms, route, asking }, { signal }) => {
        const venue = venueNamed(venues, route.venue);
        const signer = await submitter.assignSigner(terms);
        return { swap: await venue.build(terms, route, { asking, signal, signer }), signer };
      }),
      sign: effect('sign', (input, acting) => submitter.sign(input, acting)),
      broadcast: effect('broadcast', (input, acting) => submitter.broadcast(input, acting)),
      mine: effect('mine', (input, acting) => submitter.mine(input, acting)),
      confirm: effect('confirm', (input, acting) => submitter.confirm(input, acting)),
      cancel: effect('cancel', (input, acting) => submitter.cancel(input, acting)),
    },
  });
}

function venueNamed(venues: readonly Venue[], name: string): Venue {
  const venue = venues.find((candidate) => candidate.name === name);
  if (venue === undefined) {
    throw new EffectError('reroute', 'venue_gone', `The venue "${name}" is no longer configured`);
  }
  return venue;
}
