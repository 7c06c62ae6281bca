import { GlobalFonts } from "@napi-rs/canvas";
import { wideTextFont } from "@troupe/avatar";
import { ServiceError } from "@troupe/errors";
import type { ModelStore } from "@troupe/model-store";
import type { Logger } from "@troupe/stage";

/** Why a font may be left out: it was not fetched, there is no such manifest, or the policy refuses it. */
const bearable = ["MODEL_MISSING", "MODEL_UNKNOWN", "MODEL_REFUSED"];

/**
 * Registers the font for characters that the built-in one lacks. Without it they are drawn as boxes, so its absence is told once.
 * @param id model or alias whose files are fonts; empty: none
 * @throws ServiceError MODEL_CORRUPT, ASSET_INVALID
 */
export async function registerWideFont(models: ModelStore, id: string, logger: Logger): Promise<void> {
  if (id === "") return;
  try {
    const font = await models.resolve(id);
    for (const { path } of font.manifest.files) {
      if (!GlobalFonts.registerFromPath(font.file(path), wideTextFont))
        throw new ServiceError("ASSET_INVALID", `${path} of ${id} is no font`);
    }
  } catch (error) {
    const failure = ServiceError.from(error);
    if (!bearable.includes(failure.reason)) throw error;
    logger.info({ model: id, reason: failure.reason }, "captions have no Chinese characters: run `troupe models pull --pack zh`");
  }
}
