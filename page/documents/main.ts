/** The page at `/docs`: REST by Swagger UI, and the streams by a page of our own. Each is loaded when it is first shown. */
const shown = new Set<string>();

function show(): void {
  const name = location.hash === '#streams' ? 'stream' : 'rest';
  for (const each of ['rest', 'stream']) {
    document.getElementById(`${each}-documents`)?.toggleAttribute('hidden', each !== name);
  }
  for (const link of document.querySelectorAll('nav a')) {
    const isCurrent = link.getAttribute('href') === (name === 'stream' ? '#streams' : '#rest');
    if (isCurrent) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const place = document.getElementById(`${name}-documents`);
  if (place === null || shown.has(name)) return;
  shown.add(name);
  if (name === 'rest') void import('./rest.ts').then(({ showRest }) => showRest(place));
  else void import('./streams.tsx').then(({ showStreams }) => showStreams(place));
}

addEventListener('hashchange', show);
show();
