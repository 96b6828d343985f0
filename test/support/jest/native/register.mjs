/** `node --import` of this file: tests are TypeScript, their stack traces name its lines, and '@jest/globals' is `globals.mjs`. */
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./hooks.mjs', import.meta.url);
