/** One way to break the source. A test must detect it. */
export interface Mutation {
  readonly file: string;
  /** Lines of the file, exact except for the indentation of the first. The file must contain them once. */
  readonly before: string;
  readonly after: string;
  /** What the source then does wrong. */
  readonly fault: string;
  /** The number of the broken promise in the README's list "What is promised". */
  readonly promise: number;
  /** The test file that must fail. */
  readonly test: string;
  /** Part of the titles of the tests to run, if the whole file takes long. */
  readonly title?: string;
}
