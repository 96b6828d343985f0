/** `keys`: creates, lists and revokes API keys. Processes may run at the same time, and see the change within some seconds. */
import { randomUUID } from 'node:crypto';
import { passNothing } from '../../crash-points.ts';
import { drawApiKey } from '../../identity/api-key.ts';
import { isOwner, isRole, LOCAL_OWNER, ROLES, type Role } from '../../identity/principal.ts';
import { OperatorError } from '../../operator-error.ts';
import { systemClock, type Clock } from '../../runtime/time.ts';
import type { Config } from '../../settings/config.ts';
import { openDataDir } from '../../settings/data-dir.ts';
import type { ApiKeyRecord, IdentityStore } from '../../store/identity.ts';
import { openStore } from '../adapters/open-store.ts';

const DAY_MS = 86_400_000;

export const KEYS_USAGE = `keys create [--owner O] [--role ${ROLES.join('|')}] [--name N] [--days D] | list | revoke ID`;

export interface NewKey {
  readonly owner: string;
  readonly role: Role;
  readonly name: string;
  /** Unix milliseconds. Null: it has no end. */
  readonly expiresAt: number | null;
}

/** @throws OperatorError */
export async function runKeys(
  args: readonly string[],
  config: Config,
  print: (line: string) => void,
): Promise<void> {
  const [verb, ...rest] = args;
  const act = actOf(verb, rest);
  const store = await openStore(config, openDataDir(config.DATA_DIR), passNothing);
  try {
    await act(store.identity, print);
  } finally {
    await store.close();
  }
}

type Act = (identity: IdentityStore, print: (line: string) => void) => Promise<void>;

/** Checked before a store is opened. @throws OperatorError */
function actOf(verb: string | undefined, rest: readonly string[]): Act {
  switch (verb) {
    case 'create': {
      const wanted = readNewKey(rest, systemClock);
      return async (identity, print) => {
        const { key, record } = await createKey(identity, wanted, systemClock);
        print(`${describe(record, systemClock)}\n`);
        print(key);
        print('\nThis is shown once: only its hash is stored.');
      };
    }
    case 'list':
      if (rest.length > 0) throw new OperatorError(`keys list takes no arguments: got ${rest.join(' ')}`);
      return async ({ keys }, print) => {
        const all = await keys.list();
        for (const key of all) print(describe(key, systemClock));
        print(all.length === 0 ? 'There are no keys.' : `${all.length} keys`);
      };
    case 'revoke': {
      const [id] = rest;
      if (id === undefined || rest.length > 1)
        throw new OperatorError(`expected the id of one key: ${KEYS_USAGE}`);
      return async (identity, print) => print(`${id} ${await revokeKey(identity, id, systemClock)}`);
    }
    default:
      throw new OperatorError(
        `${['keys', ...(verb === undefined ? [] : [verb])].join(' ')}: expected ${KEYS_USAGE}`,
      );
  }
}

/** @returns the key itself, which is stored nowhere */
export async function createKey(
  { keys, audit }: IdentityStore,
  { owner, role, name, expiresAt }: NewKey,
  clock: Clock,
): Promise<{ readonly key: string; readonly record: ApiKeyRecord }> {
  const { id, secretHash, key } = drawApiKey();
  const record = { id, secretHash, owner, role, name, createdAt: clock.now(), expiresAt, revokedAt: null };
  await audit.append(auditOf('create_key', id, clock));
  await keys.add(record);
  return { key, record };
}

/** @throws OperatorError for an unknown id */
export async function revokeKey(
  { keys, audit }: IdentityStore,
  id: string,
  clock: Clock,
): Promise<'is revoked' | 'was revoked before'> {
  if ((await keys.find(id)) === null)
    throw new OperatorError(`There is no key "${id}": keys list names them`);
  await audit.append(auditOf('revoke_key', id, clock));
  return (await keys.revoke(id, clock.now())) ? 'is revoked' : 'was revoked before';
}

function auditOf(action: string, subject: string, clock: Clock) {
  const who = { owner: '', role: 'operate', name: 'command line', keyId: null };
  return { id: randomUUID(), at: clock.now(), ...who, action, subject };
}

/** @throws OperatorError */
export function readNewKey(args: readonly string[], clock: Clock): NewKey {
  const given = new Map<string, string>();
  for (let index = 0; index < args.length; index += 2) {
    const [option = '', value] = args.slice(index, index + 2);
    if (!['--owner', '--role', '--name', '--days'].includes(option) || value === undefined) {
      throw new OperatorError(`${option}: expected ${KEYS_USAGE}`);
    }
    given.set(option, value);
  }
  const owner = given.get('--owner') ?? LOCAL_OWNER;
  const role: string = given.get('--role') ?? 'submit';
  const name = given.get('--name') ?? owner;
  const days = given.get('--days');
  if (!isOwner(owner)) {
    throw new OperatorError(
      `--owner ${JSON.stringify(given.get('--owner'))}: expected 1 to 128 printable ASCII characters without space`,
    );
  }
  if (!isRole(role)) throw new OperatorError(`--role "${role}": expected one of ${ROLES.join(', ')}`);
  if (!/^[^\p{C}]{1,100}$/u.test(name))
    throw new OperatorError('--name: expected 1 to 100 printable characters');
  if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days)) {
    throw new OperatorError(`--days "${days}": expected a whole number, 1 to 99999`);
  }
  return { owner, role, name, expiresAt: days === undefined ? null : clock.now() + Number(days) * DAY_MS };
}

function describe(
  { id, owner, role, name, createdAt, expiresAt, revokedAt }: ApiKeyRecord,
  clock: Clock,
): string {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const state =
    revokedAt !== null
      ? `revoked ${day(revokedAt)}`
      : expiresAt === null
        ? 'no end'
        : `${expiresAt <= clock.now() ? 'expired' : 'until'} ${day(expiresAt)}`;
  return `${id}  ${role.padEnd(7)}  ${owner}  ${name}  created ${day(createdAt)}  ${state}`;
}
