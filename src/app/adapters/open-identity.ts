/** Opens the identities of an api: API keys of the store, and tokens as the settings name them. */
import { isLoopback, type HostCheck } from '../../edge/host-policy.ts';
import { openIdentity, type Identity } from '../../identity/identity.ts';
import { tokenVerifier, type TokenSettings, type VerifyToken } from '../../identity/token-verifier.ts';
import { OperatorError } from '../../operator-error.ts';
import { every, systemClock } from '../../runtime/time.ts';
import type { Config } from '../../settings/config.ts';
import { readJsonFile } from '../../settings/json-file.ts';
import type { Backends } from './backends.ts';
import type { ShutdownSteps } from './shutdown.ts';

/** An open server closes within this time of the first key. */
const REFRESH_MS = 1_000;

/** @throws OperatorError where the server would be open to more than this machine, and nothing says that this is meant */
export async function openIdentities(
  config: Config,
  { store, log }: Pick<Backends, 'store' | 'log'>,
  stops: ShutdownSteps,
): Promise<Identity> {
  const identity = openIdentity({
    store: store.identity,
    verifyToken: verifierOf(config),
    ticketSeconds: config.TICKET_SECONDS,
    clock: systemClock,
  });
  await identity.refresh();
  if (!identity.isOpen) return identity;
  if (!isLoopback(config.HOST)) {
    if (config.ALLOW_OPEN !== 'yes') throw new OperatorError(openToMore(config.HOST));
    log.warn(
      { host: config.HOST },
      'ALLOW_OPEN: every client that reaches this address may submit orders, which sell what the signers own. An API key ends this: npm run keys -- create',
    );
  }
  const stop = every(
    REFRESH_MS,
    () => identity.refresh(),
    () => undefined,
  );
  stops.push(() => stop());
  return identity;
}

/** By which names an open server may be called. */
export function hostCheckOf({ ALLOW_OPEN }: Pick<Config, 'ALLOW_OPEN'>): HostCheck {
  return ALLOW_OPEN === 'yes' ? 'addresses' : 'loopback';
}

/** @throws OperatorError */
function verifierOf(config: Config): VerifyToken | null {
  const { JWT_SECRET: secret = null, JWT_JWKS: keySet } = config;
  if (secret === null && keySet === undefined) return null;
  try {
    return tokenVerifier(
      {
        secret,
        keySet: keySet === undefined ? null : keySetOf(keySet),
        issuer: config.JWT_ISSUER ?? null,
        audience: config.JWT_AUDIENCE ?? null,
        roleClaim: config.JWT_ROLE_CLAIM,
      },
      systemClock,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`JWT_JWKS is "${keySet ?? ''}": expected a JSON Web Key Set (${why})`, {
      cause: error,
    });
  }
}

function keySetOf(where: string): NonNullable<TokenSettings['keySet']> {
  return /^https?:\/\//.test(where) ? { url: new URL(where) } : { json: readJsonFile(where) };
}

function openToMore(host: string): string {
  return [
    `HOST is ${host} and there are no API keys: every client that reaches this address could submit orders, which sell what the signers own. Do one of these:`,
    '  npm run keys -- create --role submit --name my-desk      makes an API key, and the server asks for one from then on',
    '  JWT_SECRET=… or JWT_JWKS=…                               accepts the tokens of an identity provider',
    '  HOST=127.0.0.1                                           lets only this machine reach it',
    '  ALLOW_OPEN=yes                                           where something in front of it lets nobody else reach it',
  ].join('\n');
}
