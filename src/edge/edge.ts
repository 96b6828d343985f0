/** What REST and all streams share: the public address, the allowed pages and the form of errors. */
import type { IncomingMessage } from 'node:http';
import { originPolicy, type OriginPolicy } from './origin-policy.ts';
import { problemWriter, type Problems } from './problems.ts';
import { proxyWarning } from './proxy-warning.ts';
import { publicAddress, type PublicAddress } from './public-address.ts';

export interface EdgeSettings {
  /** `https://orders.example/prefix`; null: the Host header says where the server is. */
  readonly publicUrl: string | null;
  /** Origins of pages as browsers send them. */
  readonly allowedOrigins: readonly string[];
}

export interface Edge {
  readonly address: PublicAddress;
  readonly origins: OriginPolicy;
  readonly problems: Problems;
  /** Looks at a request's forwarding headers, to warn of a missing PUBLIC_URL. */
  readonly noticeProxy: (req: IncomingMessage) => void;
}

export function openEdge(
  { publicUrl, allowedOrigins }: EdgeSettings,
  log: { warn(fields: object, text: string): void },
): Edge {
  const address = publicAddress(publicUrl);
  return {
    address,
    origins: originPolicy(allowedOrigins, address),
    problems: problemWriter(address),
    noticeProxy: proxyWarning(publicUrl, log),
  };
}
