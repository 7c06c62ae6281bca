import type { Report } from "@troupe/report";
import type { Browser } from "playwright-core";
import type { SpokenLine } from "./material/spoken-material.ts";
import type { LivePlatform } from "./platform/live-platform.ts";

export interface PartContext {
  readonly platform: LivePlatform;
  /** Launched by the first part that needs it. */
  browser(): Promise<Browser>;
  /** Items of each kind that are taken; undefined: the part's own number. */
  readonly limit: number | undefined;
  /** Real minutes of `long`. */
  readonly minutes: number;
  readonly step: (text: string) => void;
  readonly signal: AbortSignal;
  /** Whether this share of the part's time is used up: what was measured by then is enough. */
  readonly timeIsUp: (share: number) => boolean;
  /** What a part found so far: a run that is cut off leaves it. */
  keep(figures: Figures): Promise<void>;
}

/** What a part contributes to out/live.json, by top-level key. */
export type Figures = Readonly<Record<string, unknown>>;

export interface PartResult {
  readonly figures: Figures;
  readonly report: Report;
}

/** One thing that is measured, runnable alone. */
export interface Part {
  readonly name: string;
  readonly description: string;
  /** It is cut off then. */
  readonly limitS: (minutes: number) => number;
  /** Settings of the platform that it needs. */
  readonly env?: Readonly<Record<string, string>>;
  run(context: PartContext): Promise<PartResult>;
}

export type Sayable = Pick<SpokenLine, "text" | "samples">;
