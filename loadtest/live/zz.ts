import { Track } from "@troupe/contracts";
import { ProtocolClient } from "./protocol/protocol-client.ts";
import { startLivePlatform } from "./platform/live-platform.ts";
await using platform = await startLivePlatform();
console.log(platform.url);
await using c = await ProtocolClient.connect({url: platform.url, language:"en", size:512, signal: AbortSignal.timeout(60000)});
console.log("session", c.sessionId);
await new Promise(r=>setTimeout(r,1500));
const t=performance.now();
c.type("When are you open on Sundays?");
await new Promise(r=>setTimeout(r,6000));
for (const e of c.events) { const {nowMs,...r}=e; console.log((nowMs-t).toFixed(0), JSON.stringify(r).slice(0,200)); }
const a=c.units.of(Track.AUDIO), v=c.units.of(Track.VIDEO);
console.log(a.length, v.length, "first loud", (a.find(u=>u.levelDb>-50 && u.nowMs>t)!?.nowMs-t));
