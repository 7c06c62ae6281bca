import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execute } from "../processes/execute.ts";
import type { Component } from "./bill-of-materials.ts";

/**
 * Downloads Debian packages with apt and unpacks them, without their install scripts. What such a script would make and Node needs is
 * made here: the bundle of certificates and an unprivileged user.
 * @param target folder that becomes the root of the image
 * @returns what was unpacked; each one's licence text is under usr/share/doc
 */
export async function unpackDebianPackages(
  names: readonly string[],
  target: string,
  work: string,
  signal: AbortSignal,
): Promise<readonly Component[]> {
  const debs = join(work, "debs");
  await mkdir(debs, { recursive: true });
  // apt drops root for downloads unless told not to, and then cannot write here.
  const download = ["-o", "APT::Sandbox::User=root", "download", "--quiet=2", ...names];
  await execute("apt-get", download, { cwd: debs, signal });
  const components: Component[] = [];
  for (const file of (await readdir(debs)).sort()) {
    const path = join(debs, file);
    await execute("dpkg-deb", ["-x", path, target], { signal });
    const field = async (name: string) => (await execute("dpkg-deb", ["-f", path, name], { signal })).stdout.trim();
    const [name, version, arch] = await Promise.all([field("Package"), field("Version"), field("Architecture")]);
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}`;
    components.push({ type: "library", name, version, purl });
  }
  await writeCertificates(target);
  await writeFile(join(target, "etc", "passwd"), "root:x:0:0::/:/sbin/nologin\ntroupe:x:65532:65532::/tmp:/sbin/nologin\n");
  await writeFile(join(target, "etc", "group"), "root:x:0:\ntroupe:x:65532:\n");
  await writeFile(join(target, "etc", "nsswitch.conf"), "hosts: files dns\n");
  await mkdir(join(target, "tmp"), { mode: 0o1777, recursive: true });
  await mkdir(join(target, "var", "cache", "troupe"), { recursive: true });
  return components;
}

async function writeCertificates(target: string): Promise<void> {
  const folder = join(target, "usr", "share", "ca-certificates", "mozilla");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".crt")).sort();
  const bundle = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  await mkdir(join(target, "etc", "ssl", "certs"), { recursive: true });
  await writeFile(join(target, "etc", "ssl", "certs", "ca-certificates.crt"), bundle.join(""));
}
