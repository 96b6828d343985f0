export { stopMongo as default } from './mongo-for-tests.ts';
