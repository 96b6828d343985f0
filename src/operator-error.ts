/** Something that whoever starts the process can put right: printed without a stack. The message says how. */
export class OperatorError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UserFault';
  }
}
