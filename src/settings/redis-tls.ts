/** How connections to Redis are secured. */
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

/** For the addresses whose form says TLS; the others take no notice. All are PEM texts. */
export interface RedisTls {
  /** Whom to believe, instead of the authorities that come with Node. */
  readonly ca?: string;
  /** The client's own certificate, where the servers ask for one, and its key. */
  readonly cert?: string;
  readonly key?: string;
}

/** Looks at the texts now: a client would find out at its first connection, and then at each. @throws InvalidRedisTls */
export function checkRedisTls(tls: RedisTls): void {
  const { ca, cert, key } = tls;
  if ((cert === undefined) !== (key === undefined)) {
    throw new InvalidRedisTls('a client has a certificate and its key: expected both of them or neither');
  }
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new InvalidRedisTls('the authority is no certificate: expected a PEM text');
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

/** What `node:tls` takes to speak to that host. */
export function tlsOptions(host: string | null, tls: RedisTls): RedisTls & { readonly servername?: string } {
  // Node offers a name by itself to nobody; servers behind one address tell their clients apart by it.
  return host === null || isIP(host) !== 0 ? { ...tls } : { ...tls, servername: host };
}
