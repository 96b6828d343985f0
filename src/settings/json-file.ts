import { parseJson } from '../runtime/strict-json.ts';
import { readTextFile } from '../runtime/text-file.ts';

/** A JSON file of a setting, with or without a byte order mark. @throws InvalidText, SyntaxError; what `readFileSync` throws */
export function readJsonFile(file: string): unknown {
  return parseJson(readTextFile(file));
}
