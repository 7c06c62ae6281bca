import type { ControlPlane } from "@troupe/testbed";
import { type Observed, observe } from "../rig/observer.ts";
import { need } from "../rig/until.ts";
import { inParallel } from "./fixture.ts";

interface Tenant extends Observed {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export interface TenantsMeasured {
  readonly count: number;
  /** From the first write to the last answer. */
  readonly createdMs: number;
  /** From the first write until the last of them is Accepted. */
  readonly acceptedMs: number;
}

const parallel = 16;

/** Creates many tenants at once and waits until the operator has accepted every one. */
export async function measureTenants(control: ControlPlane, count: number, signal: AbortSignal): Promise<TenantsMeasured> {
  const collection = "/apis/troupe.dev/v1alpha1/tenants";
  using tenants = await observe<Tenant>(control, collection, signal);
  const accepted = new Set<string>();
  tenants.on(({ object: { metadata, status } }) => {
    if (metadata.name.startsWith("many-") && status?.conditions?.some(({ type, status: holds }) => type === "Accepted" && holds === "True"))
      accepted.add(metadata.name);
  });
  const startMs = performance.now();
  await inParallel(
    Array.from({ length: count }, (_, n) => `many-${n}`),
    parallel,
    (name) =>
      control.api.request(
        {
          method: "POST",
          path: collection,
          body: { apiVersion: "troupe.dev/v1alpha1", kind: "Tenant", metadata: { name }, spec: { residency: ["eu"] } },
        },
        signal,
      ),
  );
  const createdMs = performance.now() - startMs;
  await need(`${count} tenants are accepted`, () => accepted.size >= count, { signal, timeoutMs: 300_000 });
  return { count, createdMs, acceptedMs: performance.now() - startMs };
}
