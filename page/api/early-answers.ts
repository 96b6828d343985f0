/** What `early.ts` has asked for before the page ran. Each answer is used once: what is read again is asked for again. */
export type EarlyAnswers = Map<string, Promise<Response>>;

/** The first page of the list: more than a window shows. What is older comes as the list is scrolled. */
export const FIRST_ORDERS = 'api/orders?limit=60';
export const FIRST_TRANSITIONS = 'transitions?after=0&limit=200';
/** An answer that waited longer may be old. */
const GOOD_FOR_MS = 10_000;

export function takeEarlyAnswer(path: string): Promise<Response> | undefined {
  const answers = Reflect.get(globalThis, 'fillstreamEarly') as EarlyAnswers | undefined;
  const answer = answers?.get(path);
  answers?.delete(path);
  return performance.now() < GOOD_FOR_MS ? answer : undefined;
}
