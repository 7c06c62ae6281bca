import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes `<folder>/<user>.kubeconfig` for the certificate of that name. @returns its path */
export async function writeKubeconfig(folder: string, user: string, url: string): Promise<string> {
  const pki = join(folder, "pki");
  const path = join(folder, `${user}.kubeconfig`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "testbed", cluster: { server: url, "certificate-authority": join(pki, "ca.crt") } }],
    users: [{ name: user, user: { "client-certificate": join(pki, `${user}.crt`), "client-key": join(pki, `${user}.key`) } }],
    contexts: [{ name: "testbed", context: { cluster: "testbed", user } }],
    "current-context": "testbed",
  };
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return path;
}
