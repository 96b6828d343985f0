/**
 * The order as a statechart. The machine decides and a worker acts: each state names the effect that it waits for, and the
 * worker provides the effects. The machine reads no clock and draws no random numbers: each event carries its time and its
 * draw, so that the journal of an order replays to exactly the state that was stored.
 *
 * Each leaf state answers RESUME by re-entering itself, which restarts its effect and its timer. That is how an order continues
 * in another process. `deadline` and `retryAt` are absolute times, set by the transition into a state, so RESUME does not
 * move them.
 */
import { boundTerms, initialContext, PROGRESS } from './decisions.ts';
import { orderSetup } from './machine-setup.ts';
import type { OrderContext, Route, SentInput, UnsignedSwap } from './types.ts';

/** Raise it, and add a migration to `registry.ts`, when the changed machine could misread orders stored by the one before. */
export const MACHINE_VERSION = 1;

/** A stage's transitions for a failed effect or a time-out. The first one whose guard holds is taken. */
const ROUTING_FAILED = [
  { guard: 'shouldWait', target: '#routing.backoff', actions: 'backOff' },
  { guard: { type: 'canRetry', params: 'routing' }, target: '#routing.backoff', actions: 'backOff' },
  { target: '#failed', actions: 'fail' },
] as const;

const BUILDING_FAILED = [
  { guard: 'shouldWait', target: '#building.backoff', actions: 'backOff' },
  { guard: 'canReroute', target: '#routing', actions: ['reroute', { type: 'startEffect', params: 'quote' }] },
  { guard: { type: 'canRetry', params: 'building' }, target: '#building.backoff', actions: 'backOff' },
  { target: '#failed', actions: 'fail' },
] as const;

/** After submission no failure ends an order by itself: a replacement transaction is sent on the nonce, and the chain decides. */
const SUBMITTED_FAILED = [
  { guard: 'shouldWaitForChain', target: '#submitted.backoff', actions: 'backOff' },
  { guard: 'canRetryChain', target: '#submitted.backoff', actions: 'backOff' },
  {
    target: '#submitted.cancelling',
    actions: ['setEndingFailed', { type: 'startEffect', params: 'cancel' }],
  },
] as const;

function chosenRoute({ route, terms }: OrderContext): Route {
  if (route === null) throw new Error(`order ${terms.orderId}: building without a chosen route`);
  return route;
}

function builtSwap({ built: { swap }, terms }: OrderContext): UnsignedSwap {
  if (swap === null) throw new Error(`order ${terms.orderId}: signing without a built swap`);
  return swap;
}

function sentInput(context: OrderContext): SentInput {
  return {
    terms: boundTerms(context),
    venue: context.route?.venue ?? '',
    signer: context.built.signer ?? '',
    epoch: context.epoch,
    transactions: context.transactions,
  };
}

export const orderMachine = orderSetup.createMachine({
  id: `order@${MACHINE_VERSION}`,
  description: 'A swap order, from acceptance to a verified fill, or to the reason why there is none.',
  context: ({ input }) => initialContext(input),
  initial: 'pending',
  states: {
    pending: {
      description: 'Accepted and stored. Waits for a worker.',
      meta: { progress: 0, message: 'Accepted' },
      after: { untilDeadline: { target: 'failed', actions: 'failExpired' } },
      on: {
        START: { target: 'routing', actions: ['startStage', { type: 'startEffect', params: 'quote' }] },
        RESUME: { target: 'pending', reenter: true },
        CANCEL: { target: 'cancelled', actions: 'cancel' },
      },
    },

    routing: {
      id: 'routing',
      description: 'Finds the venue that pays the most, net of gas.',
      initial: 'quoting',
      on: { CANCEL: { target: 'cancelled', actions: 'cancel' } },
      states: {
        quoting: {
          description: 'Asks every venue for a quote.',
          meta: { progress: PROGRESS.quote, message: 'Asking the venues' },
          invoke: {
            id: 'quote',
            src: 'quote',
            input: ({ context }) => ({ terms: context.terms, asking: context.effects.begun.quote }),
            onDone: {
              target: 'selecting',
              actions: ['setQuotes', { type: 'startEffect', params: 'selectRoute' }],
            },
            onError: ROUTING_FAILED,
          },
          after: { untilDeadline: ROUTING_FAILED },
          on: { RESUME: { target: 'quoting', reenter: true } },
        },
        selecting: {
          description: 'Chooses the best quote net of gas, if it yields minBuyAmount.',
          meta: { progress: PROGRESS.selectRoute, message: 'Choosing the best quote' },
          invoke: {
            id: 'selectRoute',
            src: 'selectRoute',
            input: ({ context }) => ({ terms: boundTerms(context), quotes: context.offers.quotes }),
            onDone: {
              target: '#building',
              actions: ['setRoute', 'startStage', { type: 'startEffect', params: 'assemble' }],
            },
            onError: ROUTING_FAILED,
          },
          after: { untilDeadline: ROUTING_FAILED },
          on: { RESUME: { target: 'selecting', reenter: true } },
        },
        backoff: {
          description: 'Waits before it asks the venues again.',
          meta: { progress: PROGRESS.quote, message: 'Will ask the venues again' },
          after: {
            untilRetry: {
              target: 'quoting',
              actions: ['startNextAttempt', { type: 'startEffect', params: 'quote' }],
            },
          },
          on: {
            RETRY_NOW: {
              guard: 'isItsBackoff',
              target: 'quoting',
              actions: ['startNextAttempt', { type: 'startEffect', params: 'quote' }],
            },
            RESUME: { target: 'backoff', reenter: true },
          },
        },
      },
    },

    building: {
      id: 'building',
      description: 'Turns the route into a signed transaction. Nothing has been sent yet.',
      initial: 'assembling',
      on: { CANCEL: { target: 'cancelled', actions: 'cancel' } },
      states: {
        assembling: {
          description: 'Builds and simulates the call, and picks the signer.',
          meta: { progress: PROGRESS.assemble, message: 'Building the transaction' },
          invoke: {
            id: 'assemble',
            src: 'assemble',
            input: ({ context }) => ({
              terms: boundTerms(context),
              route: chosenRoute(context),
              asking: context.effects.begun.assemble,
            }),
            onDone: { target: 'signing', actions: ['setSwap', { type: 'startEffect', params: 'sign' }] },
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
              signer: context.built.signer ?? '',
              epoch: context.epoch,
            }),
            onDone: {
              target: '#submitted',
              actions: ['addTransaction', 'startStage', { type: 'startEffect', params: 'broadcast' }],
            },
            onError: [
              {
                guard: 'canTakeNewNonce',
                target: 'assembling',
                actions: ['takeNewNonce', { type: 'startEffect', params: 'assemble' }],
              },
              ...BUILDING_FAILED,
            ],
          },
          after: { untilDeadline: BUILDING_FAILED },
          on: { RESUME: { target: 'signing', reenter: true } },
        },
        backoff: {
          description: 'Waits before it builds the transaction again.',
          meta: { progress: PROGRESS.assemble, message: 'Will build the transaction again' },
          after: {
            untilRetry: {
              target: 'assembling',
              actions: ['startNextAttempt', { type: 'startEffect', params: 'assemble' }],
            },
          },
          on: {
            RETRY_NOW: {
              guard: 'isItsBackoff',
              target: 'assembling',
              actions: ['startNextAttempt', { type: 'startEffect', params: 'assemble' }],
            },
            RESUME: { target: 'backoff', reenter: true },
          },
        },
      },
    },

    submitted: {
      id: 'submitted',
      description:
        'The signed bytes may have been sent. From here on only a closed nonce reservation ends the order.',
      initial: 'broadcasting',
      on: {
        CANCEL: {
          guard: 'isNotEnding',
          target: '.cancelling',
          actions: ['setEndingCancelled', { type: 'startEffect', params: 'cancel' }],
        },
        REPLACED: { actions: 'addTransaction' },
        WAITING: { actions: 'setFailure' },
      },
      states: {
        broadcasting: {
          description: 'Sends the stored bytes. Sending them again is harmless.',
          meta: { progress: PROGRESS.broadcast, message: 'Sending the transaction' },
          invoke: {
            id: 'broadcast',
            src: 'broadcast',
            input: ({ context }) => sentInput(context),
            onDone: { target: 'mining', actions: { type: 'startEffect', params: 'mine' } },
            onError: SUBMITTED_FAILED,
          },
          after: { untilDeadline: SUBMITTED_FAILED },
          on: { RESUME: { target: 'broadcasting', reenter: true } },
        },
        mining: {
          description: 'Waits for a receipt of any of its transactions. Raises the fee on the same nonce.',
          meta: { progress: PROGRESS.mine, message: 'Waiting to be mined' },
          invoke: {
            id: 'mine',
            src: 'mine',
            input: ({ context }) => sentInput(context),
            onDone: [
              {
                guard: 'wasIncluded',
                target: 'confirming',
                actions: ['setReceipt', { type: 'startEffect', params: 'confirm' }],
              },
              {
                guard: 'wasDropped',
                target: 'broadcasting',
                actions: ['setReceipt', { type: 'startEffect', params: 'broadcast' }],
              },
              {
                guard: 'canRerouteAfterRevert',
                target: '#routing',
                actions: ['setReceipt', 'rerouteAfterRevert', { type: 'startEffect', params: 'quote' }],
              },
              { target: '#failed', actions: ['setReceipt', 'failReverted'] },
            ],
            onError: SUBMITTED_FAILED,
          },
          after: {
            untilDeadline: [
              {
                guard: 'isExpired',
                target: 'cancelling',
                actions: ['setEndingExpired', { type: 'startEffect', params: 'cancel' }],
              },
              { target: 'broadcasting', actions: { type: 'startEffect', params: 'broadcast' } },
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
              { guard: 'wasFilled', target: '#confirmed', actions: ['setReceipt', 'setFill'] },
              { target: 'mining', actions: ['setReceipt', { type: 'startEffect', params: 'mine' }] },
            ],
            onError: SUBMITTED_FAILED,
          },
          after: { untilDeadline: { target: 'mining', actions: { type: 'startEffect', params: 'mine' } } },
          on: { RESUME: { target: 'confirming', reenter: true } },
        },
        cancelling: {
          description: 'Sends a replacement on the same nonce. The receipt decides how the order ends.',
          meta: { progress: PROGRESS.cancel, message: 'Replacing the transaction on its nonce' },
          invoke: {
            id: 'cancel',
            src: 'cancel',
            input: ({ context }) => sentInput(context),
            onDone: [
              { guard: 'wasFilled', target: '#confirmed', actions: ['setReceipt', 'setFill'] },
              { guard: 'endsCancelled', target: '#cancelled', actions: ['setReceipt', 'applyEnding'] },
              { target: '#failed', actions: ['setReceipt', 'applyEnding'] },
            ],
            onError: { target: 'backoff', actions: 'backOff' },
          },
          after: { untilDeadline: { target: 'backoff', actions: 'backOff' } },
          on: { RESUME: { target: 'cancelling', reenter: true } },
        },
        backoff: {
          description: 'Waits before it asks the chain again.',
          meta: { progress: PROGRESS.broadcast, message: 'Will ask the chain again' },
          after: {
            untilRetry: [
              {
                guard: 'isEnding',
                target: 'cancelling',
                actions: ['startNextAttempt', { type: 'startEffect', params: 'cancel' }],
              },
              {
                target: 'broadcasting',
                actions: ['startNextAttempt', { type: 'startEffect', params: 'broadcast' }],
              },
            ],
          },
          on: {
            RETRY_NOW: [
              {
                guard: 'isItsBackoffAndEnding',
                target: 'cancelling',
                actions: ['startNextAttempt', { type: 'startEffect', params: 'cancel' }],
              },
              {
                guard: 'isItsBackoff',
                target: 'broadcasting',
                actions: ['startNextAttempt', { type: 'startEffect', params: 'broadcast' }],
              },
            ],
            RESUME: { target: 'backoff', reenter: true },
          },
        },
      },
    },

    confirmed: {
      id: 'confirmed',
      type: 'final',
      description: 'Executed once. The amounts are read from the chain.',
      meta: { progress: 100, message: 'Confirmed' },
    },
    failed: {
      id: 'failed',
      type: 'final',
      description: 'Not executed, and it never will be. `reason` says why.',
      meta: { progress: 0, message: 'Failed' },
    },
    cancelled: {
      id: 'cancelled',
      type: 'final',
      description: 'Not executed, and it never will be: the user cancelled it.',
      meta: { progress: 0, message: 'Cancelled' },
    },
  },
});

export type OrderMachine = typeof orderMachine;
