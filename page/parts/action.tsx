import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Refused } from '../api/rest.ts';

interface ActionProps {
  /** What the button says before it asks. */
  readonly name: string;
  /** What the button says that does it. */
  readonly confirm: string;
  readonly keep?: string;
  /** What it means, shown while it asks. */
  readonly children?: ComponentChildren;
  readonly isDanger?: boolean;
  readonly isSmall?: boolean;
  /** @returns what is shown once it is done */
  readonly run: () => Promise<string>;
}

type Phase = 'idle' | 'asking' | 'running' | { readonly done: string } | { readonly failed: string };

/** A button that asks before it does something, and then says what came of it. */
export function Action({ name, confirm, keep = 'Not now', children, isDanger, isSmall, run }: ActionProps) {
  const [phase, setPhase] = useState<Phase>('idle');
  const small = isSmall === true ? ' small' : '';
  const act = async (): Promise<void> => {
    setPhase('running');
    try {
      setPhase({ done: await run() });
    } catch (error) {
      setPhase({ failed: refusalText(error) });
    }
  };
  if (typeof phase === 'object' && 'done' in phase) {
    return (
      <span class="action" role="status">
        {phase.done}
      </span>
    );
  }
  if (phase === 'asking' || phase === 'running') {
    return (
      <span class="action">
        {children !== undefined && <small>{children}</small>}
        <button
          type="button"
          class={`button${small} ${isDanger === true ? 'danger' : 'primary'}`}
          disabled={phase === 'running'}
          onClick={() => void act()}
        >
          {confirm}
        </button>
        <button type="button" class={`button${small}`} onClick={() => setPhase('idle')}>
          {keep}
        </button>
      </span>
    );
  }
  return (
    <span class="action">
      {typeof phase === 'object' && <small role="alert">{phase.failed}</small>}
      <button type="button" class={`button${small}`} onClick={() => setPhase('asking')}>
        {name}
      </button>
    </span>
  );
}

export function refusalText(error: unknown): string {
  return error instanceof Refused ? error.message : 'The server does not answer';
}
