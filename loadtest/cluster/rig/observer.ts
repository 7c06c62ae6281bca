import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, get } from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ControlPlane } from "@troupe/testbed";

/** What the observer reads of an object. */
export interface Observed {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface Observation<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
  /** On `performance.now()`. */
  readonly atMs: number;
}

/** Looks at a collection from outside, by a plain HTTPS watch of its own. */
export interface Observer<T extends Observed> extends Disposable {
  list(): readonly T[];
  get(name: string): T | undefined;
  /** Of changes from now on; objects that are listed again after an outage are MODIFIED. */
  on(handler: (observation: Observation<T>) => void): () => void;
}

const againMs = 200;

/** @param path of the collection, such as `/api/v1/pods` */
export async function observe<T extends Observed>(control: ControlPlane, path: string, signal: AbortSignal): Promise<Observer<T>> {
  const pki = (name: string) => readFile(join(control.stateFolder, "pki", name));
  const [ca, cert, key] = await Promise.all([pki("ca.crt"), pki("admin.crt"), pki("admin.key")]);
  const agent = new Agent({ ca, cert, key, keepAlive: true } as ConstructorParameters<typeof Agent>[0]);
  const closing = new AbortController();
  const handlers = new Set<(observation: Observation<T>) => void>();
  const objects = new Map<string, T>();
  const first = Promise.withResolvers<void>();

  function take({ type, object, atMs }: Observation<T>): void {
    if (type === "DELETED") objects.delete(object.metadata.name);
    else objects.set(object.metadata.name, object);
    for (const handler of handlers) handler({ type, object, atMs });
  }

  const open = (query: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get(new URL(`${path}?${query}`, control.url), { agent, signal: closing.signal }, (response) =>
        response.statusCode === 200 ? resolve(response) : reject(new Error(`${path}: ${response.statusCode}`)),
      ).on("error", reject);
    });

  async function relist(): Promise<string> {
    const response = await open("");
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    const { items, metadata } = JSON.parse(text) as { items: readonly T[]; metadata: { resourceVersion: string } };
    const here = new Set(items.map((item) => item.metadata.name));
    const atMs = performance.now();
    for (const [name, object] of objects) if (!here.has(name)) take({ type: "DELETED", object, atMs });
    for (const object of items) take({ type: objects.has(object.metadata.name) ? "MODIFIED" : "ADDED", object, atMs });
    return metadata.resourceVersion;
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const from = await relist();
        first.resolve();
        const response = await open(`watch=true&resourceVersion=${from}`);
        for await (const line of createInterface({ input: response })) {
          const { type, object } = JSON.parse(line) as { type: Observation<T>["type"] | "ERROR"; object: T };
          if (type === "ERROR") break;
          take({ type, object, atMs: performance.now() });
        }
      } catch {
        // An outage of the server is part of what is measured: it looks again.
      }
      if (!closing.signal.aborted) await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
  void run();
  const ended = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  await Promise.race([first.promise, ended]);
  return {
    list: () => [...objects.values()],
    get: (name) => objects.get(name),
    on(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    [Symbol.dispose]() {
      closing.abort();
      agent.destroy();
    },
  };
}
