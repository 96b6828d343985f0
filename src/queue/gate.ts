/** Lets so many in at a time, whichever connection their wake-ups came over; the others wait in line. */
export class Gate {
  readonly #inLine: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  async pass<Result>(act: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((enter) => this.#inLine.push(enter));
    try {
      return await act();
    } finally {
      const next = this.#inLine.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
