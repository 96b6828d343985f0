/** The close codes of a plain WebSocket: RFC 6455; from 4000 on they are this application's. */
import { ERROR_CODES, ERRORS, type ErrorCode } from '../errors.ts';

export interface CloseCode {
  readonly code: number;
  /** The error that is sent before; null: the order has ended, and nothing follows. */
  readonly error: ErrorCode | null;
  readonly title: string;
}

export const CLOSE_CODES: readonly CloseCode[] = [
  { code: 1000, error: null, title: 'The order has ended; nothing follows' },
  ...ERROR_CODES.flatMap((error) => {
    const { closeCode, title } = ERRORS[error];
    return closeCode === null ? [] : [{ code: closeCode, error, title }];
  }),
].sort((a, b) => a.code - b.code);
