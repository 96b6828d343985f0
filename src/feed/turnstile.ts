/** Lets a few through at a time; the others wait in line. */
export class Turnstile {
  readonly #atOnce: number;
  #inside = 0;
  readonly #line: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  async pass<Result>(act: () => Promise<Result>): Promise<Result> {
    if (this.#inside >= this.#atOnce) await new Promise<void>((enter) => this.#line.push(enter));
    else this.#inside += 1;
    try {
      return await act();
    } finally {
      const next = this.#line.shift();
      // Whoever is next takes this place over.
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
