/**
 * Binds the effects that the machine's states invoke to venues and submitter. An effect that changes the world waits until the
 * state that invoked it is durable. After a crash an effect may run again, on this worker or another one.
 */
import { fromPromise, type AnyActorRef } from 'xstate';
import { EffectError } from '../../machines/order/effect-error.ts';
import type { OrderMachine } from '../../machines/order/machine.ts';
import type { EffectName, Effects, Report } from '../../machines/order/types.ts';
import type { Execution, Submitter } from '../chain/port.ts';
import type { PassCrashPoint } from '../crash-points.ts';
import { requestQuotes } from '../venues/routing/request-quotes.ts';
import type { Venue } from '../venues/port.ts';
import { selectRoute, type MinNetValue } from '../venues/routing/select-route.ts';

/** The time-out of one venue's quote: half of that of the whole effect. */
const QUOTE_TIMEOUT_MS = 5_000;

/** What an effect may use of its order's run. */
export interface RunningOrder {
  readonly orderId: string;
  /** Resolves once all transitions taken so far are stored. */
  durable(): Promise<void>;
  /** Sends the report to the order, and resolves once its transition is stored. */
  report(report: Report): Promise<void>;
}

export interface EffectDeps {
  readonly venues: readonly Venue[];
  readonly submitter: Submitter;
  /** Left out: a swap must be worth more than its gas. */
  readonly minNetValue?: MinNetValue | undefined;
  readonly passCrashPoint: PassCrashPoint;
  /** An effect threw something other than an EffectError: a defect in a venue or submitter. */
  readonly onDefect: (orderId: string, where: string, thrown: unknown) => void;
  /** Finds the run that an actor system belongs to. */
  readonly runOf: (system: AnyActorRef['system']) => RunningOrder;
}

/**
 * When an effect begins. Those that only read the world run ahead of the write of their state: were it lost, nothing in the world
 * would show that they ran. `mine` and `confirm` watch; the steps in them that change the world wait one by one.
 */
const BEGINS: Readonly<Record<EffectName, 'at once' | 'when durable'>> = {
  quote: 'at once',
  selectRoute: 'at once',
  assemble: 'at once',
  sign: 'when durable',
  broadcast: 'when durable',
  mine: 'at once',
  confirm: 'at once',
  cancel: 'when durable',
};

/** The machine with its effects. Call it once for each machine: `provide` is expensive, an actor is not. */
export function provideEffects(machine: OrderMachine, deps: EffectDeps): OrderMachine {
  const { venues, submitter } = deps;
  const effect = <Name extends EffectName>(
    name: Name,
    act: (input: Effects[Name]['input'], options: Execution) => Promise<Effects[Name]['output']>,
  ) =>
    fromPromise<Effects[Name]['output'], Effects[Name]['input']>(async ({ input, signal, system }) => {
      const run = deps.runOf(system);
      if (BEGINS[name] === 'when durable') await run.durable();
      signal.throwIfAborted();
      deps.passCrashPoint(`effect.${name}.begun`);
      try {
        const output = await act(input, {
          signal,
          durable: () => run.durable(),
          report: (report) => run.report(report),
        });
        deps.passCrashPoint(`effect.${name}.ended`);
        return output;
      } catch (thrown) {
        if (!(thrown instanceof EffectError) && !signal.aborted)
          deps.onDefect(run.orderId, `effect ${name}`, thrown);
        throw thrown;
      }
    });

  return machine.provide({
    actors: {
      quote: effect('quote', ({ terms, asking }, { signal }) => {
        const onDefect = (venue: string, thrown: unknown): void =>
          deps.onDefect(terms.orderId, venue, thrown);
        return requestQuotes(venues, terms, { asking, signal }, onDefect, QUOTE_TIMEOUT_MS);
      }),
      selectRoute: effect('selectRoute', ({ terms, quotes }) =>
        Promise.resolve({ route: selectRoute(terms, quotes, deps.minNetValue) }),
      ),
      assemble: effect('assemble', async ({ terms, route, asking }, { signal }) => {
        const venue = venueNamed(venues, route.venue);
        const signer = await submitter.assignSigner(terms);
        return { swap: await venue.build(terms, route, { asking, signal, signer }), signer };
      }),
      sign: effect('sign', (input, options) => submitter.sign(input, options)),
      broadcast: effect('broadcast', (input, options) => submitter.broadcast(input, options)),
      mine: effect('mine', (input, options) => submitter.mine(input, options)),
      confirm: effect('confirm', (input, options) => submitter.confirm(input, options)),
      cancel: effect('cancel', (input, options) => submitter.cancel(input, options)),
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
