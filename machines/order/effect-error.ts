import type { Failure, FailureKind } from './types.ts';

/** How an effect fails: thrown by venues and submitters, judged by the machine. Anything else that is thrown is a defect. */
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
