import { get } from "node:https";
import type { DaemonGroup } from "../processes/daemon-group.ts";
import { waitFor } from "../processes/wait-for.ts";
import type { ApiClient } from "./api-client.ts";
import {
  apiServerArguments,
  type ComponentSettings,
  controllerManagerArguments,
  etcdArguments,
  schedulerArguments,
} from "./component-arguments.ts";

export interface Components {
  readonly kube: string;
  readonly settings: ComponentSettings;
  readonly group: DaemonGroup;
  readonly api: ApiClient;
}

const limitMs = 120_000;

/** Starts all four, and waits until pods can be made in the default namespace. */
export async function startComponents(components: Components, signal: AbortSignal): Promise<void> {
  const { kube, settings, group, api } = components;
  await group.start("etcd", [kube, "etcd", ...etcdArguments(settings)]);
  await startApiServer(components, signal);
  await group.start("controller-manager", [kube, "kube-controller-manager", ...controllerManagerArguments(settings)]);
  await group.start("scheduler", [kube, "kube-scheduler", ...schedulerArguments(settings)]);
  const wait = { signal, limitMs, daemons: group.running };
  const account = { path: "/api/v1/namespaces/default/serviceaccounts/default" };
  await waitFor("the default service account", async () => Boolean(await api.request(account, signal)), wait);
  await waitFor("the scheduler", () => isHealthy(settings.ports.scheduler), wait);
}

export async function startApiServer({ kube, settings, group, api }: Components, signal: AbortSignal): Promise<void> {
  await group.start("apiserver", [kube, "kube-apiserver", ...apiServerArguments(settings)]);
  const ready = async () => (await api.request({ path: "/readyz" }, signal)) === "ok";
  await waitFor("the API server", ready, { signal, limitMs, daemons: group.running });
}

// A component's own port serves a certificate that it made itself: this asks only whether it is there.
function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const sent = get({ host: "127.0.0.1", port, path: "/healthz", rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    sent.once("error", reject);
  });
}
