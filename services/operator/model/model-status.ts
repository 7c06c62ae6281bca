import type { Model, ModelProfile } from "@troupe/kinds";
import { conditionsOf, decide, type Policy, type Statement } from "../kube/index.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { mergeProfiles } from "./merge-profiles.ts";

export interface ModelSighting {
  readonly model: Model;
  readonly entry: CatalogueEntry | undefined;
  /** By replicas, here and at the sites of other clusters. */
  readonly measured: readonly ModelProfile[];
  /** Sorted, so that equal clusters are told of equally. */
  readonly uses: readonly ModelUse[];
}

/** Why a model is not what it says; the first that speaks. */
const doubts: readonly Policy<ModelSighting>[] = [
  ({ model, entry }) =>
    entry ? undefined : { reason: "ManifestUnknown", message: `this release ships no manifest ${model.spec.manifest.id}` },
  ({ model, entry }) =>
    entry && entry.sha256 !== model.spec.manifest.sha256
      ? {
          reason: "ManifestDiffers",
          message: `the manifest ${entry.manifest.id} has sha256 ${entry.sha256}, not ${model.spec.manifest.sha256}`,
        }
      : undefined,
  ({ model, entry }) =>
    entry && entry.manifest.stage !== model.spec.stage
      ? { reason: "StageDiffers", message: `the manifest is of stage ${entry.manifest.stage}, not ${model.spec.stage}` }
      : undefined,
  ({ model, entry }) => {
    const served = entry?.manifest.languages ?? [];
    const foreign = served.length === 0 ? [] : model.spec.languages.filter((language) => !speaks(served, language));
    return foreign.length > 0 ? { reason: "LanguageUnserved", message: `the manifest does not serve ${foreign.join(", ")}` } : undefined;
  },
  ({ model, entry }) =>
    entry && entry.manifest.license !== model.spec.licence
      ? { reason: "LicenceDiffers", message: `the licence is ${entry.manifest.license}, not ${model.spec.licence}` }
      : undefined,
];

/** Whether one of the languages is the wanted one, or the same language of another region where one of both names none (RFC 4647). */
export function speaks(served: readonly string[], wanted: string): boolean {
  const is = (one: string, other: string) => one === other || one.startsWith(`${other}-`);
  return served.some((language) => is(language.toLowerCase(), wanted.toLowerCase()) || is(wanted.toLowerCase(), language.toLowerCase()));
}

function verified(sighting: ModelSighting): Statement {
  const doubt = decide(doubts, sighting);
  if (doubt) return { type: "Verified", status: "False", ...doubt };
  const { id } = sighting.model.spec.manifest;
  const message = `the manifest ${id} is the one named; replicas check each file against it before they load it`;
  return { type: "Verified", status: "True", reason: "ManifestMatches", message };
}

/** A pool that loads the model, and by which image. */
export interface ModelUse {
  readonly pool: string;
  readonly acceleratorClass: string;
  readonly image: string;
}

interface Measured {
  readonly model: Model;
  readonly profile: readonly ModelProfile[];
  readonly uses: readonly ModelUse[];
}

/** Why capacities are not known; the first that speaks. */
const unmeasured: readonly Policy<Measured>[] = [
  ({ model, profile }) => {
    const measured = new Set(profile.map(({ acceleratorClass }) => acceleratorClass));
    const missing = model.spec.needs.map(({ acceleratorClass }) => acceleratorClass).filter((name) => !measured.has(name));
    return missing.length > 0 ? { reason: "NotMeasured", message: `not measured on ${[...new Set(missing)].join(", ")}` } : undefined;
  },
  ({ profile, uses }) => {
    const isMeasured = ({ acceleratorClass, image }: ModelUse) =>
      profile.some((one) => one.acceleratorClass === acceleratorClass && one.image === image);
    const use = uses.find((one) => !isMeasured(one));
    return (
      use && {
        reason: "ImageNotMeasured",
        message: `not measured on ${use.acceleratorClass} with ${use.image}, which pool ${use.pool} runs`,
      }
    );
  },
];

function profiled(measured: Measured): Statement {
  const doubt = decide(unmeasured, measured);
  if (doubt) return { type: "Profiled", status: "False", ...doubt };
  const told = measured.profile.map(({ acceleratorClass, image, sessions }) => `${sessions} on ${acceleratorClass} with ${image}`);
  return { type: "Profiled", status: "True", reason: "Measured", message: `sessions that a replica serves: ${told.join(", ")}` };
}

/** What the model controller says of a model; pure. Without news it says what the status says. */
export function modelStatus(sighting: ModelSighting, utcNowMs: number) {
  const { model, measured, uses } = sighting;
  const profile = mergeProfiles(model.status?.profile ?? [], measured);
  return {
    observedGeneration: model.metadata.generation ?? 0,
    conditions: conditionsOf(model, [verified(sighting), profiled({ model, profile, uses })], utcNowMs),
    profile: profile.length > 0 ? profile : undefined,
  };
}
