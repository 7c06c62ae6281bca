import { GlobalFonts } from "@napi-rs/canvas";
import { isServiceError, ServiceError } from "@troupe/errors";
import type { ModelStore } from "@troupe/model-store";
import type { Logger } from "@troupe/stage";
import { wideTextFont } from "./scene/text-font.ts";

/**
 * Registers the font for characters that the built-in one lacks. Without it they are drawn as boxes, so its absence is told once.
 * @param id model or alias whose files are fonts
 * @throws ServiceError MODEL_UNKNOWN, MODEL_CORRUPT, ASSET_INVALID
 */
export async function registerWideFont(models: ModelStore, id: string, logger: Logger): Promise<void> {
  try {
    const font = await models.resolve(id);
    for (const { path } of font.manifest.files) {
      if (!GlobalFonts.registerFromPath(font.file(path), wideTextFont))
        throw new ServiceError("ASSET_INVALID", `${path} of ${id} is no font`);
    }
  } catch (error) {
    if (!isServiceError(error, "MODEL_MISSING")) throw error;
    logger.info({ model: id }, "captions have no Chinese characters: run `troupe models pull --pack zh`");
  }
}
