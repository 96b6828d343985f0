/** Parses JSON and refuses a name that stands twice in one object, of which `JSON.parse` silently takes the last. */

/** The message names the name. */
export class RepeatedName extends SyntaxError {
  /** JSON pointer (RFC 6901) of the second of both. */
  readonly pointer: string;

  constructor(path: readonly (string | number)[]) {
    super(`the name ${JSON.stringify(String(path.at(-1)).slice(0, 64))} is given twice, expected once`);
    this.name = 'RepeatedName';
    this.pointer = path
      .map((part) => `/${String(part).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('');
  }
}

/** @throws SyntaxError for text that is not JSON; RepeatedName */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const repeated = findRepeatedName(text);
  if (repeated !== null) throw new RepeatedName(repeated);
  return value;
}

/** An array or object that the scan is inside of. */
interface Open {
  /** Null: an array. */
  readonly names: Set<string> | null;
  /** The name or index of the value that the scan is at. */
  at: string | number;
  expectsName: boolean;
}

/** @param text valid JSON. @returns the path to the second of two values of one name; null: there is none */
function findRepeatedName(text: string): readonly (string | number)[] | null {
  const open: Open[] = [];
  for (let position = 0; position < text.length; position += 1) {
    const inside = open.at(-1);
    switch (text[position]) {
      case '{':
        open.push({ names: new Set(), at: '', expectsName: true });
        break;
      case '[':
        open.push({ names: null, at: 0, expectsName: false });
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        if (inside === undefined) break;
        if (typeof inside.at === 'number') inside.at += 1;
        else inside.expectsName = true;
        break;
      case '"': {
        const end = endOfString(text, position);
        if (inside?.names !== undefined && inside.names !== null && inside.expectsName) {
          const name = String(JSON.parse(text.slice(position, end)));
          inside.at = name;
          inside.expectsName = false;
          if (inside.names.has(name)) return open.map(({ at }) => at);
          inside.names.add(name);
        }
        position = end - 1;
        break;
      }
      default:
    }
  }
  return null;
}

/** @param start where the opening quote is. @returns the position behind the closing one */
function endOfString(text: string, start: number): number {
  let position = start + 1;
  while (position < text.length && text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
  return position + 1;
}
