/** What the API server writes down: who asked for what, when and with what result, without bodies. Leases and events only repeat themselves. */
export const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
    { level: "None", resources: [{ group: "", resources: ["events"] }, { group: "events.k8s.io" }] },
    { level: "None", nonResourceURLs: ["/*"] },
    { level: "Metadata" },
  ],
};
