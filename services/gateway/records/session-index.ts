import type { SessionRecords } from "./session-records.ts";

/** What never changes of a session. */
export interface IndexedSession {
  readonly id: string;
  readonly tenant: string;
  /** In Unix milliseconds. */
  readonly openedUnixMs: number;
}

const width = 32;

/** Whose sessions there are at a site: of each record, read once, what never changes. */
export class SessionIndex {
  /** Undefined: it is over, and its record not gone yet. */
  readonly #known = new Map<string, IndexedSession | undefined>();

  /** The sessions that there are now. @throws ServiceError STORE_UNAVAILABLE */
  async refresh(records: SessionRecords): Promise<readonly IndexedSession[]> {
    const ids = new Set(await records.ids());
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    const missing = [...ids].filter((id) => !this.#known.has(id));
    while (missing.length > 0) await Promise.all(missing.splice(0, width).map((id) => this.#read(records, id)));
    return [...this.#known.values()].filter((session) => session !== undefined);
  }

  async #read(records: SessionRecords, id: string): Promise<void> {
    const kept = await records.find(id);
    const { tenant = "" } = kept?.record.context ?? {};
    this.#known.set(id, kept && { id, tenant, openedUnixMs: Number(kept.record.openedUnixMs) });
  }
}
