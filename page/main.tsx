import { render } from 'preact';
import { loadChain } from './api/chain.ts';
import { loadSession } from './api/session.ts';
import { App } from './app/app.tsx';
import { startClock } from './app/clock.ts';
import { retryAfterSleep } from './app/link.ts';
import { startRouter } from './app/router.ts';

startRouter();
startClock();
retryAfterSleep();
void loadChain();
void loadSession();
const root = document.getElementById('page');
if (root !== null) render(<App />, root);
