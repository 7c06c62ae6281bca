import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { loadAvatar } from "@troupe/compositor";
import { createPhonesBackend } from "@troupe/face/backends";


import { measureClosures } from "./closures.ts";
import { frameClasses } from "./frame-classes.ts";
import { chanceMatch, lipMatch, shifted, shuffled, strictLipMatch, type Track } from "./lip-match.ts";
import { createMouthCamera } from "./mouth-camera.ts";
import { chunksOf, readSentences, type Spoken, speakSet } from "./spoken.ts";
import { fits, readVisemeClasses } from "./viseme-classes.ts";

const setName = process.argv[2] ?? "en-tune";
const cache = `/tmp/spoken-${setName}.json`;
const signal = new AbortController().signal;
let spoken: Spoken[] = [];
if (existsSync(cache)) spoken = JSON.parse(readFileSync(cache, "utf8")).map((s: any) => ({ ...s, samples: Int16Array.from(s.samples) }));
const configs: any[] = JSON.parse(process.env["PS"] ?? "[{}]");
const classes = await readVisemeClasses();
const verbose = process.argv.includes("-v");
for (const P of configs) { (globalThis as any).P = P; console.log(JSON.stringify(P)); for (const avatar of (process.env["AV"] ?? "mara,pico").split(",")) {
  const camera = createMouthCamera(await loadAvatar("models/avatars", avatar));
  const face = createPhonesBackend();
  const measure = async (strip: boolean) => {
    const tracks: (Track & { phones: Spoken["phones"]; frames: any[]; text: string })[] = [];
    let at = 0;
    for (const s of spoken) {
      const frames = await Array.fromAsync(face.animate(chunksOf(strip ? { ...s, phones: [] } : s), { framesPerSecond: 25 }));
      const mouths = frames.map((f) => camera.measureOnIdle(f, (at += 0.04)));
      tracks.push({
        classes: frameClasses(s.phones, classes, { frames: frames.length, framesPerSecond: 25 }),
        mouths,
        phones: s.phones,
        frames,
        text: s.text,
      });
    }
    return tracks;
  };
  const tracks = await measure(false);
  const m = lipMatch(tracks),
    st = strictLipMatch(tracks),
    ch = chanceMatch(tracks);
  const base = verbose || process.argv.includes("-b") ? await measure(true) : tracks;
  const cl = measureClosures(tracks, classes, 25);
  console.log(
    `${avatar} ${setName}: match ${m.macro.toFixed(1)} strict ${st.macro.toFixed(1)} chance ${ch.macro.toFixed(1)} baseline ${lipMatch(base).macro.toFixed(1)} shuffled ${lipMatch(shuffled(tracks)).macro.toFixed(1)} +200 ${lipMatch(shifted(tracks, 5)).macro.toFixed(1)} -200 ${lipMatch(shifted(tracks, -5)).macro.toFixed(1)}`,
  );
  console.log(`  closures ${cl.closed.toFixed(1)}% of ${cl.phones}; frames ${cl.closedFrames.toFixed(1)}% of ${cl.frames}`);
  for (const c of m.classes)
    console.log(
      "   ",
      c.viseme.name.padEnd(15),
      String(c.frames).padStart(5),
      c.match.toFixed(1).padStart(6),
      st.classes
        .find((x) => x.viseme === c.viseme)!
        .match.toFixed(1)
        .padStart(6),
      ch.classes
        .find((x) => x.viseme === c.viseme)!
        .match.toFixed(1)
        .padStart(6),
    );
  if (verbose)
    for (const t of tracks) {
      t.classes.forEach((c, n) => {
        const mo = t.mouths[n]!;
        if (c && !c.accepted.some((a) => fits(a, mo))) {
          const us = (n + 0.5) * 40000;
          const i = t.phones.findIndex((p) => p.startUs <= us && us < p.endUs);
          const around = t.phones
            .slice(Math.max(0, i - 2), i + 3)
            .map((p, k) => (k === Math.min(2, i) ? `[${p.text}]` : p.text) + Math.round((p.endUs - p.startUs) / 1000))
            .join(" ");
          console.log(
            "     miss",
            c.own.name.padEnd(14),
            "ap",
            mo.aperture.toFixed(2),
            "sp",
            mo.spread.toFixed(2),
            "ll",
            mo.lowerLip.toFixed(2),
            around,
            "at",
            ((us - t.phones[i]!.startUs) / (t.phones[i]!.endUs - t.phones[i]!.startUs)).toFixed(2),
          );
        }
      });
    }
}
}
