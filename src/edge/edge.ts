/** What REST and all streams share: the public address, the allowed pages and hosts, whose request it is, and the form of errors. */
import type { IncomingMessage } from 'node:http';
import type { Identity } from '../identity/identity.ts';
import { redactionOf, type Hideable, type Redaction } from '../protocol/redaction.ts';
import { NO_RATE_LIMIT, type CountRequest } from './rate-limit.ts';
import { requestAccess, type Access } from './access.ts';
import { hostPolicy, type HostCheck, type HostPolicy } from './host-policy.ts';
import { originPolicy, type OriginPolicy } from './origin-policy.ts';
import { problemWriter, type Problems } from './problems.ts';
import { proxyWarning } from './proxy-warning.ts';
import { publicAddress, type PublicAddress } from './public-address.ts';

export interface EdgeSettings {
  /** `https://orders.example/prefix`; null: the Host header says where the server is. */
  readonly publicUrl: string | null;
  /** Origins of pages as browsers send them. */
  readonly allowedOrigins: readonly string[];
  /** By which names the server may be called while it is open. */
  readonly hostCheck: HostCheck;
  /** What share links hide. */
  readonly shareHides: readonly Hideable[];
}

export interface Edge {
  readonly address: PublicAddress;
  readonly origins: OriginPolicy;
  readonly hosts: HostPolicy;
  readonly access: Access;
  readonly redaction: Redaction;
  readonly problems: Problems;
  /** Looks at a request's forwarding headers, to warn of a missing PUBLIC_URL. */
  readonly noticeProxy: (req: IncomingMessage) => void;
}

export function openEdge(
  { publicUrl, allowedOrigins, hostCheck, shareHides }: EdgeSettings,
  identity: Identity,
  log: { warn(fields: object, text: string): void },
  countRequest: CountRequest = NO_RATE_LIMIT,
): Edge {
  const address = publicAddress(publicUrl);
  return {
    address,
    origins: originPolicy(allowedOrigins, address),
    hosts: hostPolicy(hostCheck, address, () => identity.isOpen),
    access: requestAccess(identity, countRequest),
    redaction: redactionOf(shareHides),
    problems: problemWriter(address),
    noticeProxy: proxyWarning(publicUrl, log),
  };
}
