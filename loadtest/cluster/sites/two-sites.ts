import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { connectNats, infrastructureSubject } from "@troupe/bus";
import { DemandReportSchema } from "@troupe/contracts";
import { stageNames } from "@troupe/kinds";
import { root } from "../rig/child.ts";
import { type Cluster, namespace, site as origin } from "../rig/cluster.ts";

const apiVersion = "troupe.dev/v1alpha1";
const image = "troupe:measured";
export const twoSites = ["near", "far"] as const;
export type SiteName = (typeof twoSites)[number];
const pipeline = "talk";
const manifestId = "piper-joe";

/** Sessions that a replica serves, as its model's profile says. */
export const sessionsPerReplica = 4;
const reportEveryMs = 1000;

/** Nodes at a site; they are made again under the same names. */
export async function addNodes({ kwok }: Cluster, name: SiteName, count: number, signal: AbortSignal): Promise<void> {
  await kwok.addFakeNodes(count, { prefix: name, labels: { where: name }, capacity: { cpu: "16", memory: "64Gi" } }, signal);
}

/**
 * Two sites that both could serve a pipeline of one stage, the nearer and cheaper one first, and a third without nodes where people are.
 * @returns path of the operator's pool templates
 */
export async function describeSites({ control, folder }: Cluster): Promise<string> {
  const manifest = await readFile(join(root, "models", manifestId, "manifest.json"));
  const { license: licence } = JSON.parse(manifest.toString()) as { license: string };
  const siteOf = (name: string, priceFactorPercent: number, roundTrips: readonly object[]) => ({
    ...{ apiVersion, kind: "Site", metadata: { name } },
    spec: { tier: "cloud", nodeSelector: { where: name }, priceFactorPercent, roundTrips },
  });
  await control.apply([
    siteOf(origin, 100, [
      { site: "near", milliseconds: 5 },
      { site: "far", milliseconds: 20 },
    ]),
    siteOf("near", 100, [{ site: "far", milliseconds: 20 }]),
    // Not so much dearer that anything moves back by itself.
    siteOf("far", 110, [{ site: "near", milliseconds: 20 }]),
    {
      ...{ apiVersion, kind: "Model", metadata: { name: "voice" } },
      spec: {
        stage: "tts",
        manifest: { id: manifestId, sha256: createHash("sha256").update(manifest).digest("hex") },
        needs: [{ acceleratorClass: "cpu", memoryMebibytes: 1000, share: { cpuMillicores: 2000 } }],
        licence,
      },
    },
    {
      ...{ apiVersion, kind: "Pipeline", metadata: { name: pipeline, namespace } },
      spec: {
        stages: stageNames.map((stage) =>
          stage === "tts" ? { stage, models: [{ model: "voice" }] } : { stage, endpoint: { url: "https://elsewhere.example" } },
        ),
        objective: { voiceToSoundMilliseconds: 800 },
        roundTripLimitMilliseconds: 50,
      },
    },
  ]);
  const templates = join(folder, "pool-templates.json");
  const template = { image, tolerations: [], resources: { requests: {}, limits: {} }, startupSeconds: 5 };
  await writeFile(templates, JSON.stringify(Object.fromEntries(stageNames.map((stage) => [stage, template]))));
  return templates;
}

/** What a replica's calibration would have found; here it is given. */
export async function giveProfile({ control }: Cluster, signal: AbortSignal): Promise<void> {
  const measuredTime = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const profile = [{ acceleratorClass: "cpu", image, sessions: sessionsPerReplica, p95EarlyMilliseconds: 200, measuredTime }];
  const body = { apiVersion, kind: "Model", metadata: { name: "voice" }, status: { profile } };
  const path = `/apis/${apiVersion}/models/voice/status?fieldManager=measurement&force=true`;
  await control.api.request({ method: "PATCH", path, body, contentType: "application/apply-patch+yaml" }, signal);
}

/** Reports the demand of a gateway, by its real message. */
export async function reportDemand({ nats }: Cluster, sessions: number): Promise<AsyncDisposable> {
  const bus = await connectNats({ servers: nats.url, name: "demand" });
  const stages = stageNames.map((stage) => ({ pipeline: `${namespace}/${pipeline}`, stage, active: sessions, refused: 0 }));
  const message = toBinary(DemandReportSchema, create(DemandReportSchema, { site: origin, gateway: "gateway-1", stages }));
  const report = () => bus.publish(infrastructureSubject(origin, "announce", "gateway-1", "demand"), message);
  report();
  const timer = setInterval(report, reportEveryMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await bus.drain();
    },
  };
}
