/** How every schema is: what it does not name is refused, in writes and in queries. */
export const strict = {
  versionKey: false,
  strict: 'throw',
  strictQuery: 'throw',
  autoIndex: false,
} as const;
