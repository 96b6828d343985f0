import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

const SHOWN_MS = 1_400;

interface CopyProps {
  /** What is copied, or how to get it when it is asked for. */
  readonly text: string | (() => string | Promise<string>);
  readonly label: string;
  readonly children?: ComponentChildren;
}

export function Copy({ text, label, children }: CopyProps) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
      setOutcome('copied');
    } catch {
      setOutcome('failed');
    }
    setTimeout(() => setOutcome(null), SHOWN_MS);
  };
  const said = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Not copied' : null;
  return (
    <button
      type="button"
      class={children === undefined ? 'icon-button' : 'button'}
      title={label}
      aria-label={children === undefined ? (said ?? label) : undefined}
      onClick={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void copy();
      }}
    >
      {children === undefined ? <Icon name={outcome === 'copied' ? 'check' : 'copy'} /> : (said ?? children)}
    </button>
  );
}
