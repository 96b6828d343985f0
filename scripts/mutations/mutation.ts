/** One way to break the source that a test must notice. */
export interface Mutation {
  readonly file: string;
  /** Lines of the file, exactly and without the margin of the first: they must be there once. */
  readonly before: string;
  readonly after: string;
  /** What the source then does wrong. */
  readonly fault: string;
  /** The number of the promise that this breaks, of the README's list "What is promised". */
  readonly promise: number;
  /** The test file that must fail. */
  readonly test: string;
  /** Part of the titles of the tests to run, where the whole file takes long. */
  readonly title?: string;
}
