import { writeFileSync } from "node:fs";
import { launchChromium, LivePage } from "./browser/index.ts";
import { startLivePlatform } from "./platform/live-platform.ts";
import { askAloud } from "./parts/turn.ts";
import { trackMouth, idleBound } from "./judge/mouth.ts";
import { englishQuestions } from "./material/questions.ts";
import { linesOf, speakLines } from "./material/spoken-material.ts";
const lines = await speakLines(linesOf(englishQuestions.slice(0,3),"en"));
const platform = await startLivePlatform();
const browser = await launchChromium();
try {
 const page = await LivePage.open(browser,{url:platform.url,language:"en",signal:AbortSignal.timeout(90000)});
 await askAloud(page, lines[2]!, 1);
 for (const l of lines.slice(0,2)) {
 const t = await askAloud(page, l, 2.4);
 const m = trackMouth(t.recording.frames);
 console.log(l.text, {sound: t.soundS!-t.voiceEndS, speak: t.speakingS!-t.voiceEndS, bound: idleBound(m,t.recording.startS,t.voiceEndS-0.2), lat: t.recording.outputLatencyS, one:t.recording.oneClock});
 console.log(m.timesS.map((x,n)=>(x-t.voiceEndS).toFixed(2)+":"+m.motion[n]!.toFixed(1)).join(" "));
 console.log(t.recording.events.map(e=>(e.timeS-t.voiceEndS).toFixed(2)+" "+e.type+" "+(e["state"]??"")).join("; "));
 writeFileSync("/tmp/check-frame.json", JSON.stringify({t:t.recording.frames.timesS.map(x=>x-t.voiceEndS), c:t.recording.frames.cells.map(c=>[...c])}));
 }
 await page.page.screenshot({path:"/tmp/check-page.png"});
} catch(e) { console.log(String(e)); } finally { await browser.close(); await platform[Symbol.asyncDispose](); }
