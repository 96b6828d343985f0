import { signal } from '@preact/signals';
import { NoAnswer, Refused } from '../api/rest.ts';
import { endedSession, session, signIn, signOut } from '../api/session.ts';

/** Who is signed in; empty where nothing asks for it. */
export function Account() {
  const now = session.value;
  if (now === null || now === 'unknown' || now.kind === 'local') return <span class="account" />;
  return (
    <span class="account">
      <span title={`Owner ${now.owner}`}>
        {now.name} <small>{now.role}</small>
      </span>
      <button type="button" class="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </span>
  );
}

const key = signal('');
const problem = signal<string | null>(null);
const isBusy = signal(false);

export function SignIn() {
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    problem.value = null;
    try {
      await signIn(key.value.trim());
    } catch (error) {
      problem.value =
        error instanceof Refused || error instanceof NoAnswer ? error.message : 'The sign-in failed';
    } finally {
      key.value = '';
      isBusy.value = false;
    }
  };
  return (
    <main class="empty sign-in">
      <h1>Sign in</h1>
      {endedSession.value !== null && (
        <p class="note wait" role="alert">
          {`The access of ${endedSession.value.name} has ended: the key was revoked, or has expired.`}
        </p>
      )}
      <form onSubmit={(event) => void submit(event)}>
        <label>
          API key or token
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
            value={key.value}
            onInput={({ currentTarget }) => (key.value = currentTarget.value)}
          />
        </label>
        <button type="submit" class="button" disabled={isBusy.value}>
          Sign in
        </button>
        {problem.value !== null && <p role="alert">{problem.value}</p>}
      </form>
      <p>
        Keys are made by the operator: <code>npm run keys -- create</code>. The page keeps no key.
      </p>
    </main>
  );
}
