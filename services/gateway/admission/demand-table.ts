import type { MessageInitShape } from "@bufbuild/protobuf";
import type { StageDemandSchema } from "@troupe/contracts";

/** Whose demand it is. */
export interface DemandOf {
  readonly tenant: string;
  /** `namespace/name`; empty: the default one. */
  readonly pipeline: string;
}

interface Row {
  readonly tenant: string;
  readonly pipeline: string;
  readonly stage: string;
  active: number;
  refused: number;
}

/** Six rows each, of names as long as they may be: more would not fit into one message. */
const maxApart = 300;

/** Adds up demand by tenant, pipeline and stage. Of very many tenants the last are counted together, under none. */
export class DemandTable {
  readonly #rows = new Map<string, Row>();
  readonly #apart = new Set<string>();

  add({ tenant, pipeline }: DemandOf, stage: string, { active = 0, refused = 0 }: Partial<Pick<Row, "active" | "refused">>): void {
    const counted = this.#isApart(tenant, pipeline) ? tenant : "";
    const key = JSON.stringify([counted, pipeline, stage]);
    const row = this.#rows.get(key) ?? { tenant: counted, pipeline, stage, active: 0, refused: 0 };
    row.active += active;
    row.refused += refused;
    this.#rows.set(key, row);
  }

  rows(): MessageInitShape<typeof StageDemandSchema>[] {
    return [...this.#rows.values()];
  }

  #isApart(tenant: string, pipeline: string): boolean {
    const key = `${tenant} ${pipeline}`;
    if (this.#apart.size < maxApart) this.#apart.add(key);
    return this.#apart.has(key);
  }
}
