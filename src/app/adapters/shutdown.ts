/** How to stop what was started, in the order of starting. */
export type ShutdownSteps = (() => Promise<void>)[];
