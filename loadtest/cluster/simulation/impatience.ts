import { annotations, labels } from "@troupe/kinds";
import { builtInKinds, createInformer, createKubeApi } from "@troupe/operator/testing";
import { createLogger } from "@troupe/service";
import { systemClock } from "@troupe/timeline";
import { impatienceConfig, readArgument } from "./config.ts";
import { tellStatus } from "./status.ts";

/** Takes the waiting out of a drain: every pod that is named to go is deleted at once, whoever it serves. */
const { kubeconfig } = readArgument(impatienceConfig);
const logger = createLogger("impatience", "warn");
const api = await createKubeApi({ kubeconfig });
const pods = createInformer({ api, clock: systemClock, logger }, builtInKinds.pods, { labelSelector: labels.pool });
pods.on(({ type, object: { metadata } }) => {
  const { name, namespace = "default", uid = "" } = metadata;
  if (type === "deleted" || metadata.deletionTimestamp !== undefined || !metadata.annotations?.[annotations.draining]) return;
  api.delete(builtInKinds.pods, { name, namespace }, { uid, gracePeriodSeconds: 0 }).catch(() => undefined);
});
tellStatus();
