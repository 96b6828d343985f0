import type { IncomingMessage } from 'node:http';

interface WarningLog {
  warn(fields: object, text: string): void;
}

/**
 * Warns once, when a request shows that a proxy terminates TLS in front of this server while PUBLIC_URL is unset: `wsUrl` would
 * then say `ws://`, which a page served over https may not open.
 */
export function proxyWarning(publicUrl: string | null, log: WarningLog): (req: IncomingMessage) => void {
  let isDone = publicUrl !== null;
  return ({ headers }) => {
    if (isDone) return;
    const proto = headers['x-forwarded-proto'];
    const isHttps =
      /^\s*https\b/i.test(String(proto ?? '')) || /\bproto\s*=\s*"?https\b/i.test(headers.forwarded ?? '');
    if (!isHttps) return;
    isDone = true;
    log.warn(
      {},
      'A proxy in front of this server terminates TLS and PUBLIC_URL is not set: wsUrl in answers says ws://. Set PUBLIC_URL to the https:// address that clients use',
    );
  };
}
