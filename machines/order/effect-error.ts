import type { Failure, FailureKind } from './types.ts';

/** A failure of an effect: venues and submitters throw it, and its `kind` decides what the machine does. Any other thrown value is a defect. */
export class EffectError extends Error implements Failure {
  readonly kind: FailureKind;
  readonly code: string;

  constructor(kind: FailureKind, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EffectError';
    this.kind = kind;
    this.code = code;
  }
}
