/** How to stop each started part, in the order of the starts. A shutdown runs them in reverse. */
export type ShutdownSteps = (() => Promise<void>)[];
