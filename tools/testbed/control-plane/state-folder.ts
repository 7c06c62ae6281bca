import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditPolicy } from "./audit-policy.ts";
import { createAuthority, createCertificate } from "./certificates.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

const clients = [
  { name: "admin", subject: "/O=system:masters/CN=admin" },
  { name: "kcm", subject: "/CN=system:kube-controller-manager" },
  { name: "scheduler", subject: "/CN=system:kube-scheduler" },
];

/** Service address of the API server itself: the first of the range. */
const kubernetesServiceAddress = "10.96.0.1";

/**
 * Writes what a control plane needs before it starts: keys, certificates, kubeconfigs and the audit policy.
 * @param address under which clients reach the API server, beside loopback
 */
export async function fillStateFolder(folder: string, url: string, address: string | undefined, signal: AbortSignal): Promise<void> {
  const pki = join(folder, "pki");
  await mkdir(pki, { recursive: true });
  await writeFile(join(folder, "audit-policy.json"), JSON.stringify(auditPolicy));
  await createAuthority(pki, signal);
  const names = [
    "IP:127.0.0.1",
    ...(address ? [`IP:${address}`] : []),
    `IP:${kubernetesServiceAddress}`,
    "DNS:localhost",
    "DNS:kubernetes.default.svc",
  ];
  await Promise.all([
    createCertificate(pki, { name: "apiserver", subject: "/CN=kube-apiserver", extensions: [`subjectAltName=${names.join(",")}`] }, signal),
    ...clients.map((client) => createClient(folder, client, url, signal)),
  ]);
}

/** A certificate for a user of the API server, and a kubeconfig with it. @returns the kubeconfig's path */
export async function createClient(
  folder: string,
  user: { readonly name: string; readonly subject: string },
  url: string,
  signal: AbortSignal,
): Promise<string> {
  await createCertificate(join(folder, "pki"), { ...user, extensions: ["extendedKeyUsage=clientAuth"] }, signal);
  return await writeKubeconfig(folder, user.name, url);
}
