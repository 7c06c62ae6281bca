/** A program of the test bed and the Go module that it is built from. */
export interface Program {
  readonly name: ProgramName;
  /** Go module whose version this is; a built copy names it in its build information. */
  readonly module: string;
  /** Without the leading v. */
  readonly version: string;
  /** A folder under go/ with our own main.go, go.mod and go.sum, or the path of a command in `module`. */
  readonly source: { readonly folder: string } | { readonly command: string };
  /** Values of string variables that the linker sets. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Names under which it is called as well: links beside it. */
  readonly links?: readonly string[];
}

export type ProgramName = "kube" | "kwok" | "helm" | "nats-server" | "coredns" | "pause";

const componentVersion = "k8s.io/component-base/version";

export const programs: Readonly<Record<ProgramName, Program>> = {
  kube: {
    name: "kube",
    module: "k8s.io/kubernetes",
    version: "1.35.4",
    source: { folder: "kube" },
    variables: {
      [`${componentVersion}.gitVersion`]: "v1.35.4",
      [`${componentVersion}.gitMajor`]: "1",
      [`${componentVersion}.gitMinor`]: "35",
      [`${componentVersion}.gitTreeState`]: "clean",
      [`${componentVersion}.gitCommit`]: "module",
    },
    links: ["kubectl"],
  },
  kwok: { name: "kwok", module: "sigs.k8s.io/kwok", version: "0.8.0", source: { command: "cmd/kwok" } },
  helm: { name: "helm", module: "helm.sh/helm/v3", version: "3.22.0", source: { command: "cmd/helm" } },
  "nats-server": { name: "nats-server", module: "github.com/nats-io/nats-server/v2", version: "2.15.2", source: { command: "" } },
  coredns: { name: "coredns", module: "github.com/coredns/coredns", version: "1.15.0", source: { folder: "coredns" } },
  pause: { name: "pause", module: "troupe.dev/testbed/pause", version: "1", source: { folder: "pause" } },
};

/** Where the Go sources are. */
export const goFolder = new URL("../go/", import.meta.url).pathname;
