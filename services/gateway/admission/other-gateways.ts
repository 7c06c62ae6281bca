import { fromBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject } from "@troupe/bus";
import { type DemandReport, DemandReportSchema } from "@troupe/contracts";
import type { Clock } from "@troupe/timeline";

/** What the other gateways of the site say that they serve. */
export interface OtherGateways extends Disposable {
  /** Everybody who lives has been heard. */
  readonly heard: Promise<void>;
  sessions(tenant: string, pipeline: string): number;
}

/** A gateway that was not heard for so long is gone. */
const staleMs = 3500;
/** Each is heard once a second, and at every change. */
const listenMs = 1200;

export function hearOtherGateways({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }, site: string, self: string): OtherGateways {
  const reports = new Map<string, { readonly report: DemandReport; readonly seenMs: number }>();
  const subscription = bus.subscribe(infrastructureSubject(site, "announce", "*", "demand"), { limit: 1024, overflow: "drop-oldest" });
  const stop = new AbortController();
  void (async () => {
    for await (const { data } of subscription) {
      const report = readReport(data);
      if (report && report.gateway !== self) reports.set(report.gateway, { report, seenMs: clock.nowMs() });
    }
  })();
  return {
    heard: clock.sleep(listenMs, stop.signal).catch(() => undefined),
    sessions(tenant, pipeline) {
      let sessions = 0;
      for (const [gateway, { report, seenMs }] of reports) {
        if (clock.nowMs() - seenMs > staleMs) reports.delete(gateway);
        else sessions += sessionsOf(report, tenant, pipeline);
      }
      return sessions;
    },
    [Symbol.dispose]() {
      stop.abort();
      subscription.close();
    },
  };
}

/** Rows without a stage count whole sessions. */
const sessionsOf = ({ stages }: DemandReport, tenant: string, pipeline: string): number =>
  stages.find((row) => row.stage === "" && row.tenant === tenant && row.pipeline === pipeline)?.active ?? 0;

/** Undefined for bytes that are none: a stranger must not stop us from listening to the others. */
function readReport(data: Uint8Array): DemandReport | undefined {
  try {
    return fromBinary(DemandReportSchema, data);
  } catch {
    return undefined;
  }
}
