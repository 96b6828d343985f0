import { getText } from '../api/rest.ts';
import { hrefOf } from '../app/router.ts';
import { Copy } from '../parts/copy.tsx';

/** The machine of the order, for other tools. */
export function ChartCopies({ version }: { readonly version: number }) {
  const as = (format: string) => () => getText(`api/machines/${version}?format=${format}`);
  return (
    <footer class="copies">
      <Copy text={() => location.href} label="Copy a link to this step">
        Copy link
      </Copy>
      <Copy text={as('typescript')} label="XState code that Stately's editor opens">
        Copy for Stately
      </Copy>
      <Copy text={as('json')} label="The machine's config as JSON">
        Copy JSON
      </Copy>
      <Copy text={as('mermaid')} label="A Mermaid state diagram">
        Copy Mermaid
      </Copy>
      <a class="button" href={hrefOf(`machines/${version}`)}>
        {`Machine version ${version}`}
      </a>
    </footer>
  );
}
