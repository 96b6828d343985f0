/**
 * The order as a statechart. It decides; a worker acts: every state names the effect that it waits for, and the effects
 * are provided from outside. It reads no clock and draws no random number: both come stamped on every event, so
 * that the journal of an order replays to exactly the state that was stored.
 *
 * Every leaf answers RESUME by entering itself again, which starts its effect and its timer anew: so an order goes on in
 * another process. `deadline` and `retryAt` are absolute and are set by the transition into a state, so that
 * RESUME does not move them.
 */
import { boundTerms, initialContext, PROGRESS } from './decisions.ts';
import { orderRules } from './rules.ts';
import type { OrderContext, Route, SentInput, UnsignedSwap } from './types.ts';

/** Raised whenever a stored order might not be understood by the machine as it is; with a migration in `registry.ts`. */
export const MACHINE_VERSION = 1;

/** A stage's answers to a failed effect or a time-out; the first whose guard holds is taken. */
const ROUTING_FAILED = [
  { guard: 'mustWait', target: '#routing.backoff', actions: 'backOff' },
  { guard: { type: 'mayRetry', params: 'routing' }, target: '#routing.backoff', actions: 'backOff' },
  { target: '#failed', actions: 'fail' },
] as const;

const BUILDING_FAILED = [
  { guard: 'mustWait', target: '#building.backoff', actions: 'backOff' },
  { guard: 'mayReroute', target: '#routing', actions: ['reroute', { type: 'start', params: 'quote' }] },
  { guard: { type: 'mayRetry', params: 'building' }, target: '#building.backoff', actions: 'backOff' },
  { target: '#failed', actions: 'fail' },
] as const;

/** Once submitted no failure ends an order by itself: the nonce is contested and the chain decides. */
const SUBMITTED_FAILED = [
  { guard: 'mustWaitForChain', target: '#submitted.backoff', actions: 'backOff' },
  { guard: 'mayTryChainAgain', target: '#submitted.backoff', actions: 'backOff' },
  { target: '#submitted.cancelling', actions: ['giveUpUnfilled', { type: 'start', params: 'cancel' }] },
] as const;

function chosenRoute({ route, terms }: OrderContext): Route {
  if (route === null) throw new Error(`order ${terms.orderId}: building without a chosen route`);
  return route;
}

function builtSwap({ swap, terms }: OrderContext): UnsignedSwap {
  if (swap === null) throw new Error(`order ${terms.orderId}: signing without a built swap`);
  return swap;
}

function sentInput(context: OrderContext): SentInput {
  return {
    terms: boundTerms(context),
    venue: context.route?.venue ?? '',
    signer: context.signer ?? '',
    epoch: context.epoch,
    transactions: context.transactions,
  };
}

export const orderMachine = orderRules.createMachine({
  id: `order@${MACHINE_VERSION}`,
  description: 'A swap order, from acceptance to a verified fill or a stated reason why there is none.',
  context: ({ input }) => initialContext(input),
  initial: 'pending',
  states: {
    pending: {
      description: 'Accepted and stored; waits for a worker.',
      meta: { progress: 0, message: 'Accepted' },
      after: { untilDeadline: { target: 'failed', actions: 'failExpired' } },
      on: {
        START: { target: 'routing', actions: ['beginStage', { type: 'start', params: 'quote' }] },
        RESUME: { target: 'pending', reenter: true },
        CANCEL: { target: 'cancelled', actions: 'cancel' },
      },
    },

    routing: {
      id: 'routing',
      description: 'Finds the venue that gives most, net of gas.',
      initial: 'quoting',
      on: { CANCEL: { target: 'cancelled', actions: 'cancel' } },
      states: {
        quoting: {
          description: 'Asks every venue for a quote.',
          meta: { progress: PROGRESS.quote, message: 'Asking the venues' },
          invoke: {
            id: 'quote',
            src: 'quote',
            input: ({ context }) => ({ terms: context.terms, asking: context.begun.quote }),
            onDone: {
              target: 'selecting',
              actions: ['keepQuotes', { type: 'start', params: 'selectRoute' }],
            },
            onError: ROUTING_FAILED,
          },
          after: { untilDeadline: ROUTING_FAILED },
          on: { RESUME: { target: 'quoting', reenter: true } },
        },
        selecting: {
          description: 'Takes the best quote net of gas, if it yields minBuyAmount.',
          meta: { progress: PROGRESS.selectRoute, message: 'Choosing the best quote' },
          invoke: {
            id: 'selectRoute',
            src: 'selectRoute',
            input: ({ context }) => ({ terms: boundTerms(context), quotes: context.quotes }),
            onDone: {
              target: '#building',
              actions: ['keepRoute', 'beginStage', { type: 'start', params: 'assemble' }],
            },
            onError: ROUTING_FAILED,
          },
          after: { untilDeadline: ROUTING_FAILED },
          on: { RESUME: { target: 'selecting', reenter: true } },
        },
        backoff: {
          description: 'Waits before the venues are asked again.',
          meta: { progress: PROGRESS.quote, message: 'Will ask the venues again' },
          after: {
            untilRetry: { target: 'quoting', actions: ['tryAgain', { type: 'start', params: 'quote' }] },
          },
          on: { RESUME: { target: 'backoff', reenter: true } },
        },
      },
    },

    building: {
      id: 'building',
      description: 'Turns the route into a signed transaction. Nothing has left yet.',
      initial: 'assembling',
      on: { CANCEL: { target: 'cancelled', actions: 'cancel' } },
      states: {
        assembling: {
          description: 'Builds and simulates the call; picks the signer.',
          meta: { progress: PROGRESS.assemble, message: 'Building the transaction' },
          invoke: {
            id: 'assemble',
            src: 'assemble',
            input: ({ context }) => ({
              terms: boundTerms(context),
              route: chosenRoute(context),
              asking: context.begun.assemble,
            }),
            onDone: { target: 'signing', actions: ['keepSwap', { type: 'start', params: 'sign' }] },
            onError: BUILDING_FAILED,
          },
          after: { untilDeadline: BUILDING_FAILED },
          on: { RESUME: { target: 'assembling', reenter: true } },
        },
        signing: {
          description: 'Opens a nonce reservation, signs, and stores the bytes.',
          meta: { progress: PROGRESS.sign, message: 'Signing' },
          invoke: {
            id: 'sign',
            src: 'sign',
            input: ({ context }) => ({
              terms: boundTerms(context),
              swap: builtSwap(context),
              signer: context.signer ?? '',
              epoch: context.epoch,
            }),
            onDone: {
              target: '#submitted',
              actions: ['keepTransaction', 'beginStage', { type: 'start', params: 'broadcast' }],
            },
            onError: [
              {
                guard: 'lostItsNonce',
                target: 'assembling',
                actions: ['takeNewNonce', { type: 'start', params: 'assemble' }],
              },
              ...BUILDING_FAILED,
            ],
          },
          after: { untilDeadline: BUILDING_FAILED },
          on: { RESUME: { target: 'signing', reenter: true } },
        },
        backoff: {
          description: 'Waits before the transaction is built again.',
          meta: { progress: PROGRESS.assemble, message: 'Will build the transaction again' },
          after: {
            untilRetry: {
              target: 'assembling',
              actions: ['tryAgain', { type: 'start', params: 'assemble' }],
            },
          },
          on: { RESUME: { target: 'backoff', reenter: true } },
        },
      },
    },

    submitted: {
      id: 'submitted',
      description: 'The signed bytes may be out: from here only a closed nonce reservation ends the order.',
      initial: 'broadcasting',
      on: {
        CANCEL: {
          guard: 'isNotEnding',
          target: '.cancelling',
          actions: ['giveUpCancelled', { type: 'start', params: 'cancel' }],
        },
        REPLACED: { actions: 'keepTransaction' },
        WAITING: { actions: 'keepWaiting' },
      },
      states: {
        broadcasting: {
          description: 'Sends the stored bytes; sending them again does no harm.',
          meta: { progress: PROGRESS.broadcast, message: 'Sending the transaction' },
          invoke: {
            id: 'broadcast',
            src: 'broadcast',
            input: ({ context }) => sentInput(context),
            onDone: { target: 'mining', actions: { type: 'start', params: 'mine' } },
            onError: SUBMITTED_FAILED,
          },
          after: { untilDeadline: SUBMITTED_FAILED },
          on: { RESUME: { target: 'broadcasting', reenter: true } },
        },
        mining: {
          description: 'Waits for a receipt of any attempt; raises the fee on the same nonce.',
          meta: { progress: PROGRESS.mine, message: 'Waiting to be mined' },
          invoke: {
            id: 'mine',
            src: 'mine',
            input: ({ context }) => sentInput(context),
            onDone: [
              {
                guard: 'wasIncluded',
                target: 'confirming',
                actions: { type: 'start', params: 'confirm' },
              },
              {
                guard: 'wasDropped',
                target: 'broadcasting',
                actions: { type: 'start', params: 'broadcast' },
              },
              {
                guard: 'revertedButMayReroute',
                target: '#routing',
                actions: ['rerouteAfterRevert', { type: 'start', params: 'quote' }],
              },
              { target: '#failed', actions: 'failReverted' },
            ],
            onError: SUBMITTED_FAILED,
          },
          after: {
            untilDeadline: [
              {
                guard: 'isExpired',
                target: 'cancelling',
                actions: ['giveUpExpired', { type: 'start', params: 'cancel' }],
              },
              { target: 'broadcasting', actions: { type: 'start', params: 'broadcast' } },
            ],
          },
          on: { RESUME: { target: 'mining', reenter: true } },
        },
        confirming: {
          description: 'Waits for K confirmations and verifies the fill from the events.',
          meta: { progress: PROGRESS.confirm, message: 'Waiting for confirmations' },
          invoke: {
            id: 'confirm',
            src: 'confirm',
            input: ({ context }) => sentInput(context),
            onDone: [
              { guard: 'wasFilled', target: '#confirmed', actions: 'keepFill' },
              { target: 'mining', actions: { type: 'start', params: 'mine' } },
            ],
            onError: SUBMITTED_FAILED,
          },
          after: { untilDeadline: { target: 'mining', actions: { type: 'start', params: 'mine' } } },
          on: { RESUME: { target: 'confirming', reenter: true } },
        },
        cancelling: {
          description: 'Contests the nonce with a replacement; the receipt decides.',
          meta: { progress: PROGRESS.cancel, message: 'Replacing the transaction on its nonce' },
          invoke: {
            id: 'cancel',
            src: 'cancel',
            input: ({ context }) => sentInput(context),
            onDone: [
              { guard: 'wasFilled', target: '#confirmed', actions: 'keepFill' },
              { guard: 'endsCancelled', target: '#cancelled', actions: 'endAsPlanned' },
              { target: '#failed', actions: 'endAsPlanned' },
            ],
            onError: { target: 'backoff', actions: 'backOff' },
          },
          after: { untilDeadline: { target: 'backoff', actions: 'backOff' } },
          on: { RESUME: { target: 'cancelling', reenter: true } },
        },
        backoff: {
          description: 'Waits before the chain is asked again.',
          meta: { progress: PROGRESS.broadcast, message: 'Will ask the chain again' },
          after: {
            untilRetry: [
              {
                guard: 'isEnding',
                target: 'cancelling',
                actions: ['tryAgain', { type: 'start', params: 'cancel' }],
              },
              { target: 'broadcasting', actions: ['tryAgain', { type: 'start', params: 'broadcast' }] },
            ],
          },
          on: { RESUME: { target: 'backoff', reenter: true } },
        },
      },
    },

    confirmed: {
      id: 'confirmed',
      type: 'final',
      description: 'Executed, once; the amounts are read from the chain.',
      meta: { progress: 100, message: 'Confirmed' },
    },
    failed: {
      id: 'failed',
      type: 'final',
      description: 'Not executed, and never will be; `reason` says why.',
      meta: { progress: 0, message: 'Failed' },
    },
    cancelled: {
      id: 'cancelled',
      type: 'final',
      description: 'Not executed, and never will be: the user took it back.',
      meta: { progress: 0, message: 'Cancelled' },
    },
  },
});

export type OrderMachine = typeof orderMachine;
