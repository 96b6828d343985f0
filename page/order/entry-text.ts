/** One journal entry in words. */
import type { TransitionView } from '../../src/protocol/views.ts';
import { eventText, readable } from '../parts/format.ts';

/** The colour of an entry: of what happened, not of where it led. */
export function entryTone({ event, message }: TransitionView): 'ok' | 'bad' | 'wait' | 'off' | 'run' {
  if (message.type === 'failed') return 'bad';
  if (message.type === 'cancelled') return 'off';
  if (message.type === 'confirmed') return 'ok';
  if (message.type === 'retry') return 'bad';
  if ('waitingFor' in message && message.waitingFor !== undefined) return 'wait';
  if (event.type.startsWith('xstate.error.')) return 'bad';
  if (event.type.startsWith('xstate.after.')) return 'wait';
  return event.type.startsWith('xstate.done.') ? 'ok' : 'run';
}

export function entryTitle({ event }: TransitionView): string {
  return eventText(event.type);
}

/** What the message adds, with amounts and addresses for people. */
export function entryMessage({ message }: TransitionView): string {
  return readable(message.message);
}
