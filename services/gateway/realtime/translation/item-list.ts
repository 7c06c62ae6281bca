import type { ContentPart, Item } from "../protocol/conversation-item.ts";

/** The items of a conversation in their order, as far as a connection remembers them: the oldest are forgotten first. */
export class ItemList {
  readonly #items: Item[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#items.length;
  }

  get(id: string): Item | undefined {
    return this.#items.find((item) => item.id === id);
  }

  /**
   * @param after id of the item before it; "root": at the very beginning; undefined: at the end
   * @returns id of the item that is before it now, null at the beginning; undefined where there is no item `after`
   */
  add(item: Item, after?: string): string | null | undefined {
    const index = after === undefined ? this.#items.length : this.#indexAfter(after);
    if (index === undefined) return undefined;
    this.#items.splice(index, 0, item);
    if (this.#items.length > this.#limit) this.#items.shift();
    return this.before(item.id);
  }

  before(id: string): string | null {
    return this.#items[this.#items.findIndex((item) => item.id === id) - 1]?.id ?? null;
  }

  last(): string | null {
    return this.#items.at(-1)?.id ?? null;
  }

  /** @returns the item as it is now; undefined where there is none */
  change(id: string, change: { readonly status?: Item["status"]; readonly content?: readonly ContentPart[] }): Item | undefined {
    const index = this.#items.findIndex((item) => item.id === id);
    const item = this.#items[index];
    if (!item) return undefined;
    const changed = { ...item, ...change };
    this.#items[index] = changed;
    return changed;
  }

  /** @returns whether there was one */
  remove(id: string): boolean {
    const index = this.#items.findIndex((item) => item.id === id);
    if (index >= 0) this.#items.splice(index, 1);
    return index >= 0;
  }

  #indexAfter(id: string): number | undefined {
    if (id === "root") return 0;
    const index = this.#items.findIndex((item) => item.id === id);
    return index < 0 ? undefined : index + 1;
  }
}

export const message = (id: string, role: Item["role"], content: readonly ContentPart[], status: Item["status"] = "completed"): Item => ({
  id,
  object: "realtime.item",
  type: "message",
  status,
  role,
  content,
});
