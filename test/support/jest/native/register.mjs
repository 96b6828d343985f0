/** `node --import` of this file: tests are TypeScript, and '@jest/globals' is `globals.mjs`. */
import { register } from 'node:module';
import 'tsx';

register('./resolve.mjs', import.meta.url);
