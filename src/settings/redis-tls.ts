/** TLS of connections to Redis. */
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

/** For addresses with TLS; others ignore it. All are PEM texts. */
export interface RedisTls {
  /** The authorities to trust, instead of those that come with Node. */
  readonly ca?: string;
  /** The client certificate, where the servers ask for one, and its key. */
  readonly cert?: string;
  readonly key?: string;
}

/** Checks the texts at the start, before a client fails at each connection. @throws InvalidRedisTls */
export function checkRedisTls(tls: RedisTls): void {
  const { ca, cert, key } = tls;
  if ((cert === undefined) !== (key === undefined)) {
    throw new InvalidRedisTls('a certificate needs its key: expected both of them or neither');
  }
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new InvalidRedisTls('the authority is not a certificate: expected a PEM text');
  }
  try {
    createSecureContext({ ...tls });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidRedisTls(`the certificates cannot be used (${why}): expected PEM texts`, {
      cause: error,
    });
  }
}

/** The message says what is wrong and what was expected. */
export class InvalidRedisTls extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvalidRedisTls';
  }
}

/** The options that `node:tls` takes for that host. */
export function tlsOptions(host: string | null, tls: RedisTls): RedisTls & { readonly servername?: string } {
  // Node sends no server name by itself. Servers behind one address are told apart by it.
  return host === null || isIP(host) !== 0 ? { ...tls } : { ...tls, servername: host };
}
