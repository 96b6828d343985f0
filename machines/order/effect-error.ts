import type { Failure, FailureKind } from './types.ts';

/** How venues and submitters fail: `kind` decides what the machine does next. Any other thrown value is a defect. */
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
