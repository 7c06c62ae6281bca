import type { PoolAction, TracedPool } from "./trace.ts";

/** Something that keeps pods, to which the trace happens. */
export interface Subject extends AsyncDisposable {
  readonly name: string;
  readonly namespace: string;
  create(pools: readonly TracedPool[]): Promise<void>;
  apply(pool: string, action: PoolAction): Promise<void>;
  /** Whether the pool is as the last action wants it. */
  settled(pool: string): boolean;
  /** Empties a node as its administrator would. */
  leave(node: string): Promise<void>;
  comeBack(node: string): Promise<void>;
}
