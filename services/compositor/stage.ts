import { create } from "@bufbuild/protobuf";
import type { Renderer } from "@troupe/avatar";
import { type PresentationSettings, PresentationSettingsSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Stage, StageSession } from "@troupe/stage";
import type { CompositorMetrics } from "./metrics.ts";
import { defaultForm, type OutputForm, readForm } from "./output/output-form.ts";
import { Presentation } from "./presentation.ts";
import { createScene, type Scene, type Surface } from "./scene/scene.ts";

export interface CompositorDeps {
  /** @throws ServiceError AVATAR_UNKNOWN, ASSET_INVALID */
  readonly loadRenderer: (avatar: string, scale: number) => Promise<Renderer>;
  readonly createSurface: (width: number, height: number) => Surface;
  /** Label drawn where the settings name none. */
  readonly label: string;
  readonly metrics: CompositorMetrics;
}

const defaultSampleRateHz = 24_000;
const maxLabel = 64;

/** The presenter: where sound and picture meet. */
export function compositorStage(deps: CompositorDeps): Stage {
  return {
    name: "compositor",
    async open(session) {
      const settings = readSettings(session, deps.label);
      const openScene = async ({ width, height }: OutputForm): Promise<Scene | undefined> => {
        if (width === 0) return undefined;
        const renderer = await deps.loadRenderer(session.context.avatar, Math.max(width, height) / defaultForm.width);
        return createScene({ renderer, surface: deps.createSurface(width, height), width, height, label: settings.label });
      };
      const form = readForm(session.state.output ?? settings);
      const scene = await openScene(form);
      return new Presentation({ session, settings, form, scene, openScene, metrics: deps.metrics });
    },
  };
}

function readSettings(session: StageSession, label: string): PresentationSettings {
  const isGiven = session.settings.case === "presentation";
  const given = session.settings.case === "presentation" ? session.settings.value : create(PresentationSettingsSchema);
  const withoutPicture = isGiven && given.width === 0 && given.height === 0;
  const settings: PresentationSettings = {
    ...given,
    sampleRateHz: given.sampleRateHz || defaultSampleRateHz,
    width: withoutPicture ? 0 : given.width || defaultForm.width,
    height: withoutPicture ? 0 : given.height || defaultForm.height,
    label: given.label.replaceAll(/\s+/g, " ").trim() || label,
  };
  check([16_000, 24_000, 48_000].includes(settings.sampleRateHz), "sample_rate_hz must be 16000, 24000 or 48000");
  check(
    settings.label.length <= maxLabel && /\p{L}/u.test(settings.label),
    `label must hold letters and have at most ${maxLabel} characters`,
  );
  return settings;
}

function check(valid: boolean, message: string): void {
  if (!valid) throw new ServiceError("INVALID_REQUEST", message);
}
