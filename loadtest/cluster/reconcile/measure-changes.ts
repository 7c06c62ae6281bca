import type { ControlPlane } from "@troupe/testbed";
import { type Observed, type Observer, observe } from "../rig/observer.ts";
import { exponential, pick, seededRandom } from "../rig/random.ts";
import { type ChangedKind, changedKinds } from "./changes.ts";

interface WithStatus extends Observed {
  readonly status?: { readonly observedGeneration?: number };
}

export interface MeasuredChange {
  readonly kind: string;
  /** From sending the write to its own event on the observer's watch: what the API server takes. */
  readonly seenMs: number;
  /** From sending the write to the first event whose observedGeneration is not below the object's generation. */
  readonly observedMs: number;
}

export interface ChangesOptions {
  readonly control: ControlPlane;
  readonly count: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly tell: (done: number) => void;
}

const writers = 4;
const meanPauseMs = 100;
const limitMs = 30_000;

/** Writes changes at random and watches from outside until the operator's status has caught up with each. */
export async function measureChanges(options: ChangesOptions): Promise<readonly MeasuredChange[]> {
  const { control, count, seed, signal } = options;
  const observers = new Map<string, Observer<WithStatus>>();
  using stack = new DisposableStack();
  for (const { kind, collection } of changedKinds) observers.set(kind, stack.use(await observe<WithStatus>(control, collection, signal)));
  const random = seededRandom(seed);
  const weighted = changedKinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  const busy = new Set<string>();
  const changes: MeasuredChange[] = [];
  let begun = 0;

  async function write(): Promise<void> {
    while (begun < count) {
      const n = begun++;
      const kind = pick(random, weighted);
      const name = pick(random, kind.names);
      const pauseMs = exponential(random, meanPauseMs);
      if (busy.has(`${kind.kind}/${name}`)) {
        begun--;
        await pause(pauseMs);
        continue;
      }
      busy.add(`${kind.kind}/${name}`);
      changes.push(await change(options, kind, { name, n, observer: observers.get(kind.kind) as Observer<WithStatus> }));
      busy.delete(`${kind.kind}/${name}`);
      if (changes.length % 100 === 0) options.tell(changes.length);
      await pause(pauseMs);
    }
  }
  await Promise.all(Array.from({ length: writers }, write));
  return changes;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Target {
  readonly name: string;
  readonly n: number;
  readonly observer: Observer<WithStatus>;
}

async function change({ control, signal }: ChangesOptions, kind: ChangedKind, { name, n, observer }: Target): Promise<MeasuredChange> {
  const events: { readonly generation: number; readonly observed: number; readonly atMs: number }[] = [];
  let wake: () => void = () => undefined;
  const end = observer.on(({ object: { metadata, status }, atMs }) => {
    if (metadata.name !== name) return;
    events.push({ generation: metadata.generation ?? 0, observed: status?.observedGeneration ?? 0, atMs });
    wake();
  });
  try {
    const startMs = performance.now();
    const written = await control.api.request<WithStatus>(
      { method: "PATCH", path: `${kind.collection}/${name}`, body: { spec: kind.spec(n) }, contentType: "application/merge-patch+json" },
      signal,
    );
    const generation = written.metadata.generation ?? 0;
    const first = async (is: (event: (typeof events)[number]) => boolean): Promise<number> => {
      const untilMs = performance.now() + limitMs;
      for (;;) {
        signal.throwIfAborted();
        const event = events.find(is);
        if (event) return event.atMs - startMs;
        if (performance.now() > untilMs)
          throw new Error(`${kind.kind} ${name}: generation ${generation} was not observed in ${limitMs} ms`);
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await Promise.race([promise, pause(1000)]);
      }
    };
    const seenMs = await first((event) => event.generation >= generation);
    return { kind: kind.kind, seenMs, observedMs: await first((event) => event.observed >= generation) };
  } finally {
    end();
  }
}
