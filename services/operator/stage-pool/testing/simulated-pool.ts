import { decidePool, type PoolFacts } from "../decide-pool.ts";
import type { PodFacts } from "../pod-facts.ts";

interface SimulatedPod {
  readonly name: string;
  readonly revision: string;
  ageTicks: number;
  readyAtTicks: number;
  sessions: number;
  /** It has been told that it drains. */
  told: boolean;
  drain?: { readonly reason: string; forTicks: number };
  leaving?: string;
}

const seats = 4;
const tickMs = 1000;

/** A cluster with room for every pod, whose sessions move away from replicas that drain, as fast as others have seats. */
export class SimulatedPool {
  readonly violations: string[] = [];
  readonly #maxSurge: number;
  #pods: SimulatedPod[] = [];
  #desired = 1;
  #revision = 0;
  #created = 0;

  constructor(maxSurge: number) {
    this.#maxSurge = maxSurge;
  }

  happen(kind: "scale" | "roll" | "cordon" | "crash" | "sessions" | "time", to: number): void {
    const pod = this.#pods[to % Math.max(1, this.#pods.length)];
    if (kind === "scale") this.#desired = to;
    if (kind === "roll") this.#revision++;
    if (kind === "cordon" && pod) pod.leaving = "Cordoned";
    if (kind === "crash" && pod) this.#pods.splice(this.#pods.indexOf(pod), 1);
    if (kind === "sessions") for (let count = 0; count < to; count++) this.#seat();
    if (kind === "sessions" && pod) pod.sessions = Math.floor(pod.sessions / 2);
    this.#tick();
  }

  /** Lets time pass until everything that waits has come. */
  rest(): void {
    for (let ticks = 0; ticks < 200; ticks++) this.#tick();
  }

  settled(): string {
    const right = this.#pods.filter((pod) => pod.revision === `${this.#revision}` && !pod.leaving && !pod.drain && this.#admits(pod));
    if (right.length === this.#desired && this.#pods.length === right.length) return "settled";
    // Nobody can take the sessions of what is to go: it waits, for the limit of time that people set.
    const seatsFree = right.reduce((sum, pod) => sum + seats - pod.sessions, 0);
    const stuck = this.#pods.filter((pod) => !right.includes(pod)).reduce((sum, pod) => sum + pod.sessions, 0);
    return stuck > seatsFree ? "settled" : `${JSON.stringify(this.#pods)} for ${this.#desired} of ${this.#revision}`;
  }

  #admits(pod: SimulatedPod): boolean {
    return pod.ageTicks >= pod.readyAtTicks && !pod.told;
  }

  #seat(): boolean {
    const free = this.#pods.find((pod) => this.#admits(pod) && pod.sessions < seats);
    if (free) free.sessions++;
    return free !== undefined;
  }

  #tick(): void {
    for (const pod of this.#pods) {
      pod.ageTicks++;
      if (pod.drain) {
        pod.drain.forTicks++;
        pod.told = true;
      }
      if (pod.told && pod.sessions > 0 && this.#seat()) pod.sessions--;
    }
    this.#carryOut(
      decidePool(
        this.#facts(),
        this.#pods.map((pod) => this.#read(pod)),
      ),
    );
  }

  #carryOut(decision: ReturnType<typeof decidePool>): void {
    const admitting = this.#pods.filter((pod) => this.#admits(pod) && !pod.drain);
    const named = new Set(decision.drain.map(({ pod }) => pod.name));
    const left = admitting.filter((pod) => !named.has(pod.name));
    const room = left.reduce((sum, pod) => sum + seats - pod.sessions, 0);
    const moved = admitting.filter((pod) => named.has(pod.name)).reduce((sum, pod) => sum + pod.sessions, 0);
    if (left.length < Math.min(this.#desired, admitting.length) && moved > room)
      this.violations.push(`${[...named]} are named with ${moved} sessions, ${room} seats elsewhere`);
    for (const { pod } of decision.remove) {
      const gone = this.#pods.find(({ name }) => name === pod.name);
      if (gone && gone.sessions > 0) this.violations.push(`${pod.name} is deleted with ${gone.sessions} sessions`);
    }
    // Without a surge, an idle pod makes room for its own successor.
    if (this.#maxSurge > 0 && named.size > 0 && this.#desired > 0 && admitting.length > 0 && left.length === 0)
      this.violations.push(`${[...named]} are named, and nobody admits any more`);
    const removed = new Set(decision.remove.map(({ pod }) => pod.name));
    this.#pods = this.#pods.filter(({ name }) => !removed.has(name));
    for (const { pod, reason } of decision.drain) {
      const victim = this.#pods.find(({ name }) => name === pod.name);
      if (victim) victim.drain = { reason, forTicks: 0 };
    }
    for (let count = 0; count < decision.create; count++) this.#create();
    const many = this.#pods.filter((pod) => !pod.drain).length;
    if (decision.create > 0 && many > this.#desired + this.#maxSurge) this.violations.push(`${many} pods, ${this.#desired} wanted`);
  }

  #create(): void {
    const name = `pod-${this.#created++}`;
    this.#pods.push({ name, revision: `${this.#revision}`, ageTicks: 0, readyAtTicks: 1 + (this.#created % 4), sessions: 0, told: false });
  }

  #facts(): PoolFacts {
    const common = { drainTimeoutMs: Number.POSITIVE_INFINITY, heard: true };
    return { ...common, desired: this.#desired, revision: `${this.#revision}`, maxSurge: this.#maxSurge };
  }

  #read(pod: SimulatedPod): PodFacts {
    const up = pod.ageTicks >= pod.readyAtTicks;
    return {
      name: pod.name,
      uid: pod.name,
      revision: pod.revision,
      state: up ? "ready" : "starting",
      ageMs: pod.ageTicks * tickMs,
      terminating: false,
      started: up,
      silentMs: up ? 0 : pod.ageTicks * tickMs,
      load: up
        ? { admitting: !pod.told, closed: pod.told, sessions: pod.sessions, headroom: pod.told ? 0 : seats - pod.sessions }
        : undefined,
      ...(pod.drain && { drain: { reason: pod.drain.reason, forMs: pod.drain.forTicks * tickMs } }),
      ...(pod.leaving !== undefined && { leaving: pod.leaving }),
    };
  }
}
