/**
 * What the server signs for itself: tickets, share links and the page's sessions, as JWTs of HS256. Each kind has a key of its own,
 * derived from a secret that the store holds, so that every api of the store reads what another signed.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { Clock } from '../runtime/time.ts';
import type { Secrets } from '../store/identity.ts';
import { unauthorized } from './unauthorized.ts';

export type SignedKind = 'ticket' | 'session';

const SECRET_NAME = 'signing';
const KEY_BYTES = 32;

export class Signed {
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  #keys: Promise<Readonly<Record<SignedKind, Uint8Array>>> | null = null;

  constructor(secrets: Secrets, clock: Clock) {
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** @param expiresAt Unix milliseconds; rounded up to seconds. @throws StoreUnavailable */
  async sign(kind: SignedKind, payload: JWTPayload, expiresAt: number): Promise<string> {
    const keys = await this.#derived();
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', typ: typeOf(kind) })
      .setExpirationTime(Math.ceil(expiresAt / 1000))
      .sign(keys[kind]);
  }

  /** @throws FillstreamError unauthorized. @throws StoreUnavailable */
  async read(kind: SignedKind, text: string): Promise<JWTPayload> {
    const keys = await this.#derived();
    try {
      const { payload } = await jwtVerify(text, keys[kind], {
        algorithms: ['HS256'],
        typ: typeOf(kind),
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(this.#clock.now()),
      });
      return payload;
    } catch {
      throw unauthorized(`The ${kind} is not valid or has expired`);
    }
  }

  #derived(): Promise<Readonly<Record<SignedKind, Uint8Array>>> {
    this.#keys ??= this.#derive().catch((thrown: unknown) => {
      this.#keys = null;
      throw thrown;
    });
    return this.#keys;
  }

  async #derive(): Promise<Readonly<Record<SignedKind, Uint8Array>>> {
    const secret = await this.#secrets.keep(SECRET_NAME, randomBytes(KEY_BYTES).toString('hex'));
    const derive = (kind: SignedKind): Uint8Array =>
      new Uint8Array(hkdfSync('sha256', Buffer.from(secret, 'hex'), '', `fillstream ${kind} 1`, KEY_BYTES));
    return { ticket: derive('ticket'), session: derive('session') };
  }
}

function typeOf(kind: SignedKind): string {
  return `fillstream-${kind}+jwt`;
}
