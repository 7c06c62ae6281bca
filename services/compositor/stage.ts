import { create } from "@bufbuild/protobuf";
import { type PresentationSettings, PresentationSettingsSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Stage, StageSession } from "@troupe/stage";
import { Presentation } from "./presentation.ts";
import type { Renderer } from "./renderers/renderer.ts";
import { createScene, type Surface } from "./scene/scene.ts";

export interface CompositorDeps {
  /** @throws ServiceError AVATAR_UNKNOWN, ASSET_INVALID */
  readonly loadRenderer: (avatar: string, scale: number) => Promise<Renderer>;
  readonly createSurface: (width: number, height: number) => Surface;
  /** Label drawn where the settings name none. */
  readonly label: string;
  readonly onTick?: (renderMs: number) => void;
}

export const presentationDefaults = {
  width: 512,
  height: 512,
  framesPerSecond: 25,
  videoBitrateBps: 1_200_000,
  sampleRateHz: 24_000,
} as const;
const maxSide = 1920;
const maxLabel = 64;

/** The presenter: where sound and picture meet. */
export function compositorStage(deps: CompositorDeps): Stage {
  return {
    name: "compositor",
    async open(session) {
      const settings = readSettings(session, deps.label);
      const voiceOnly = settings.width === 0;
      const scene = voiceOnly ? undefined : await openScene(deps, session.context.avatar, settings);
      const { fromNumber: fromResponse } = session;
      return new Presentation({ session, settings, scene, fromResponse, ...(deps.onTick ? { onTick: deps.onTick } : {}) });
    },
  };
}

async function openScene(deps: CompositorDeps, avatar: string, settings: PresentationSettings) {
  const { width, height, label, captions } = settings;
  const renderer = await deps.loadRenderer(avatar, Math.max(width, height) / 512);
  return createScene({ renderer, surface: deps.createSurface(width, height), width, height, label, captions });
}

function readSettings(session: StageSession, label: string): PresentationSettings {
  const given = session.settings.case === "presentation" ? session.settings.value : create(PresentationSettingsSchema);
  const voiceOnly = given.width === 0 && given.height === 0 && session.settings.case === "presentation";
  const settings: PresentationSettings = {
    ...given,
    framesPerSecond: given.framesPerSecond || presentationDefaults.framesPerSecond,
    sampleRateHz: given.sampleRateHz || presentationDefaults.sampleRateHz,
    videoBitrateBps: given.videoBitrateBps || presentationDefaults.videoBitrateBps,
    width: voiceOnly ? 0 : given.width || presentationDefaults.width,
    height: voiceOnly ? 0 : given.height || presentationDefaults.height,
    label: given.label.replaceAll(/\s+/g, " ").trim() || label,
  };
  check(settings.framesPerSecond === 25 || settings.framesPerSecond === 30, "frames_per_second must be 25 or 30");
  check([16_000, 24_000, 48_000].includes(settings.sampleRateHz), "sample_rate_hz must be 16000, 24000 or 48000");
  check(
    settings.label.length <= maxLabel && /\p{L}/u.test(settings.label),
    `label must hold letters and have at most ${maxLabel} characters`,
  );
  if (!voiceOnly)
    for (const side of [settings.width, settings.height])
      check(side >= 64 && side <= maxSide && side % 2 === 0, `width and height must be even and 64 to ${maxSide}`);
  return settings;
}

function check(valid: boolean, message: string): void {
  if (!valid) throw new ServiceError("INVALID_REQUEST", message);
}
