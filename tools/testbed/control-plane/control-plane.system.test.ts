import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { startControlPlane } from "@troupe/testbed";
import { describe, expect, it } from "vitest";

const { signal } = new AbortController();

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "rooms.example.test" },
  spec: {
    group: "example.test",
    scope: "Namespaced",
    names: { plural: "rooms", singular: "room", kind: "Room" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: { seats: { type: "integer" }, taken: { type: "integer" } },
                "x-kubernetes-validations": [{ rule: "self.taken <= self.seats", message: "more people than seats" }],
              },
            },
          },
        },
      },
    ],
  },
};

const room = (taken: number) => ({
  apiVersion: "example.test/v1",
  kind: "Room",
  metadata: { name: "hall", namespace: "default" },
  spec: { seats: 2, taken },
});

describe("a control plane", () => {
  it("refuses what a rule of a definition forbids, keeps objects over a restart of the API server, and leaves nothing behind", async () => {
    const controlPlane = await startControlPlane({ audit: true, signal });
    const pids = Object.values(controlPlane.pids);
    try {
      await controlPlane.apply([definition]);
      await controlPlane.kubectl("wait", "--for=condition=Established", "crd/rooms.example.test", "--timeout=20s");
      await expect(controlPlane.apply([room(3)])).rejects.toThrow("more people than seats");
      await controlPlane.apply([room(1)]);
      await controlPlane.restartApiServer();
      expect(await controlPlane.kubectl("get", "room", "hall", "-o", "jsonpath={.spec.taken}")).toBe("1");
      const audit = await readFile(controlPlane.auditLog, "utf8");
      expect(audit).toContain('"objectRef":{"resource":"rooms","namespace":"default","name":"hall"');
    } finally {
      await controlPlane.close();
    }
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(existsSync(controlPlane.stateFolder)).toBe(false);
  });

  it("runs beside another one", async () => {
    const [one, two] = await Promise.all([startControlPlane({ signal }), startControlPlane({ signal })]);
    await using _one = one;
    await using _two = two;
    await one.kubectl("create", "namespace", "only-here");
    await expect(two.kubectl("get", "namespace", "only-here")).rejects.toThrow("not found");
  });
});
