import { SETTING_NAMES } from './config.ts';

/** Names that other programs, and the command line's own commands, read from a `.env` file. */
const OF_OTHERS =
  /^(COMPOSE_|DOCKER_|NODE_|NPM_|npm_)|^(NO_COLOR|FORCE_COLOR|TZ|PATH|HTTPS?_PROXY|NO_PROXY|FILLSTREAM_URL|FILLSTREAM_API_KEY)$/;

/** A line for each of the names that is not a setting: a misspelt one would be ignored silently. */
export function unknownSettings(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => !SETTING_NAMES.includes(name) && !OF_OTHERS.test(name))
    .map((name) => `${name} is not a setting and is ignored: see docs/reference/settings.md`);
}
