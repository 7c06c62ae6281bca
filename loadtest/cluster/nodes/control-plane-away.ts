import { setTimeout } from "node:timers/promises";
import { need } from "../rig/until.ts";
import type { Crowd, Experience } from "./crowd.ts";
import { namespace, type RealCluster } from "./real-cluster.ts";

const changeEveryMs = 10_000;
const afterMs = 30_000;

export interface ControlPlaneAway {
  readonly minutes: number;
  /** New sessions while both were away, and those that were refused. */
  readonly admitted: number;
  readonly refusals: readonly string[];
  /** The time without them, their return, and 30 s more. */
  readonly experience: Experience;
}

/** Operator and API server are away; every 10 s somebody leaves and somebody new comes. */
export async function withoutControlPlane(
  cluster: RealCluster,
  crowd: Crowd,
  minutes: number,
  signal: AbortSignal,
): Promise<ControlPlaneAway> {
  const { control, pods } = cluster;
  const deployment = ["-n", namespace, "scale", "deployment", "troupe-operator"];
  const refusals: string[] = [];
  let admitted = 0;
  const experience = await crowd.during(async () => {
    await control.kubectl(...deployment, "--replicas=0");
    const isOperator = ({ metadata }: { readonly metadata: { readonly name: string } }) => metadata.name.startsWith("troupe-operator-");
    await need("the operator is gone", () => !pods.list().some(isOperator), { signal });
    await control.stopApiServer();
    for (const untilMs = performance.now() + minutes * 60_000; performance.now() < untilMs; ) {
      await setTimeout(changeEveryMs, undefined, { signal });
      await crowd.leaves();
      await crowd.comes().then(
        () => void admitted++,
        (refusal: Error) => refusals.push(refusal.message),
      );
    }
    await control.startApiServer();
    await control.kubectl(...deployment, "--replicas=2");
    await control.kubectl("-n", namespace, "rollout", "status", "deployment/troupe-operator", "--timeout=120s");
    await cluster.settled();
    await setTimeout(afterMs, undefined, { signal });
  });
  return { minutes, admitted, refusals, experience };
}
