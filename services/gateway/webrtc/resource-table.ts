import { ServiceError } from "@troupe/errors";
import type { Principal } from "../access/principal.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { PeerResource } from "./peer-resource.ts";
import type { WebRtcOptions } from "./webrtc-options.ts";

/** Every resource of this gateway, and room for those being made. */
export class ResourceTable {
  readonly #options: WebRtcOptions;
  readonly #resources = new Map<string, PeerResource>();
  /** Being made, by key. */
  readonly #making = new Map<string, number>();

  constructor(options: WebRtcOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#resources.size;
  }

  /**
   * Room for one more peer of the principal.
   * @returns gives it back; to be called once the resource is added, or could not be made
   * @throws ServiceError LIMIT_REACHED, NO_CAPACITY
   */
  reserve({ key }: Principal): () => void {
    const making = this.#making.get(key) ?? 0;
    const open = [...this.#resources.values()];
    const { maxResourcesPerKey, maxConnecting } = this.#options;
    if (open.filter(({ facts }) => facts.principal.key === key).length + making >= maxResourcesPerKey)
      throw new ServiceError("LIMIT_REACHED", `a key may have ${maxResourcesPerKey} WebRTC peers`);
    const connecting =
      open.filter(({ connected }) => !connected).length + [...this.#making.values()].reduce((sum, count) => sum + count, 0);
    if (connecting >= maxConnecting)
      throw new ServiceError("NO_CAPACITY", "too many WebRTC peers are connecting", { retryAfterMs: this.#options.connectTimeoutMs });
    this.#making.set(key, making + 1);
    return () => {
      const left = (this.#making.get(key) ?? 1) - 1;
      if (left > 0) this.#making.set(key, left);
      else this.#making.delete(key);
    };
  }

  /** @throws ServiceError LIMIT_REACHED */
  checkRoom(session: LiveSession): void {
    const { maxResourcesPerSession } = this.#options;
    if (this.#of(session).length >= maxResourcesPerSession)
      throw new ServiceError("LIMIT_REACHED", `a session may have ${maxResourcesPerSession} WebRTC peers`);
  }

  add(resource: PeerResource): void {
    this.#resources.set(resource.id, resource);
  }

  remove(resource: PeerResource): void {
    this.#resources.delete(resource.id);
  }

  /** @throws ServiceError SESSION_UNKNOWN where there is none of that id and purpose in the principal's tenant */
  find(id: string, purpose: string, { tenant }: Principal): PeerResource {
    const resource = this.#resources.get(id);
    if (resource?.facts.principal.tenant !== tenant || resource.facts.purpose !== purpose)
      throw new ServiceError("SESSION_UNKNOWN", "there is no such resource, or it is gone");
    return resource;
  }

  /** Whether nobody but peers of this table is attached to the session. */
  hasAlone(session: LiveSession): boolean {
    return session.attached <= this.#of(session).filter(({ connected }) => connected).length;
  }

  /** Whether any peer is bound to the session. */
  has(session: LiveSession): boolean {
    return this.#of(session).length > 0;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#resources.values()].map((resource) => resource.close()));
  }

  #of(session: LiveSession): PeerResource[] {
    return [...this.#resources.values()].filter(({ facts }) => facts.session === session);
  }
}
