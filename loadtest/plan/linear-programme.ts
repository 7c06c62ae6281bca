/** A minimisation in the making; `text` is CPLEX's LP format. Variables are 0 or more. */
export class LinearProgramme {
  #variables = 0;
  readonly #objective: string[] = [];
  readonly #rows = new Map<string, { readonly terms: string[]; relation: string }>();

  get variables(): number {
    return this.#variables;
  }

  /** @param cost of one unit @returns its name */
  variable(cost: number): string {
    const name = `v${this.#variables++}`;
    this.#objective.push(term(cost, name));
    return name;
  }

  add(row: string, coefficient: number, variable: string): void {
    const known = this.#rows.get(row) ?? { terms: [], relation: "<= 0" };
    this.#rows.set(row, known);
    known.terms.push(term(coefficient, variable));
  }

  /** Does nothing to a row that has no variables. */
  limit(row: string, relation: "<=" | "=", value: number): void {
    const known = this.#rows.get(row);
    if (known) known.relation = `${relation} ${value}`;
  }

  text(): string {
    const rows = [...this.#rows.values()].map(({ terms, relation }, at) => `r${at}: ${terms.join("\n ")} ${relation}`);
    return `Minimize\nobj: ${this.#objective.join("\n ")}\nSubject To\n${rows.join("\n")}\nEnd\n`;
  }
}

const term = (coefficient: number, variable: string): string =>
  `${coefficient < 0 ? "-" : "+"} ${Math.abs(coefficient).toPrecision(12)} ${variable}`;
