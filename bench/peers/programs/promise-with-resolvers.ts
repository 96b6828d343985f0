/** Node 20 has no `Promise.withResolvers`, which Restate's SDK 1.17 calls. */
if (!('withResolvers' in Promise)) {
  Object.defineProperty(Promise, 'withResolvers', {
    value: () => {
      const settle: Partial<Record<'resolve' | 'reject', (value: unknown) => void>> = {};
      const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
      return { promise, ...settle };
    },
  });
}
