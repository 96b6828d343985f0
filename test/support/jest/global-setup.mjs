/** Jest requires this file, and can require no TypeScript. */
export default async () => {
  const { default: run } = await import('./global-setup.ts');
  await run();
};
