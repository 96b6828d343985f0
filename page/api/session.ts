/** For whom this page acts, and its sign-in. The key goes to the server once and is kept nowhere: the server sets a cookie. */
import { signal } from '@preact/signals';
import { get, onUnauthorized, post, Refused } from './rest.ts';

export interface Session {
  readonly owner: string;
  readonly role: 'watch' | 'submit' | 'operate';
  readonly name: string;
  /** `local`: the server asks for no credentials. */
  readonly kind: string;
}

/** Null: the page has to sign in. `unknown`: the server has not answered yet. */
export const session = signal<Session | 'unknown' | null>('unknown');

/** For whom the page acted until the server refused it; null: it was not, or has signed in again. */
export const endedSession = signal<Session | null>(null);

const AGAIN_MS = 2_000;

export async function loadSession(): Promise<void> {
  onUnauthorized(() => {
    if (session.value !== null && session.value !== 'unknown') endedSession.value = session.value;
    session.value = null;
  });
  try {
    session.value = (await get('api/session')) as Session;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) session.value = null;
    // A server of a release without sessions asks for nothing.
    else if (error instanceof Refused && error.status === 404) session.value = LOCAL;
    else setTimeout(() => void loadSession(), AGAIN_MS);
  }
}

const LOCAL: Session = { owner: 'local', role: 'operate', name: 'local', kind: 'local' };

/** @throws Refused, NoAnswer */
export async function signIn(key: string): Promise<void> {
  session.value = (await post('api/session', {}, { authorization: `Bearer ${key}` })) as Session;
  endedSession.value = null;
}

export async function signOut(): Promise<void> {
  await post('api/session/end', {});
  // Everything that was loaded goes with it.
  location.reload();
}

/** Whether the page shows what this role does. The server decides in any case. */
export function mayDo(role: 'submit' | 'operate'): boolean {
  const now = session.value;
  if (now === null || now === 'unknown') return false;
  return now.role === 'operate' || now.role === role;
}
