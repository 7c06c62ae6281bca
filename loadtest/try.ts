import { readFile } from "node:fs/promises";
import { VideoDecoder, EncodedVideoChunk, VideoEncoder, VideoFrame } from "@napi-rs/webcodecs";
import { readMedia } from "./av-offset/media-file.ts";
const m = await readMedia(new Uint8Array(await readFile("/tmp/lt/long.mp4")));
const rgba:Uint8Array[]=[], i420:Uint8Array[]=[]; const jobs:Promise<void>[]=[];
const d = new VideoDecoder({output(f){ jobs.push((async()=>{ if(rgba.length<200){const a=new Uint8Array(f.allocationSize({format:"RGBA"} as never)); const b=new Uint8Array(f.allocationSize()); await f.copyTo(b); await f.copyTo(a,{format:"RGBA"} as never); rgba.push(a); i420.push(b);} f.close();})());},error(e){console.log(e)}});
d.configure(m.video.config as never);
for (const u of m.video.units.slice(0,200)) d.decode(new EncodedVideoChunk({type:u.keyframe?"key":"delta",timestamp:u.ptsUs,duration:u.durationUs,data:u.data}));
await d.flush(); await Promise.all(jobs);
async function bench(name:string, cfg:any, frames:Uint8Array[], format:any) {
  let bytes=0, n=0; const e = new VideoEncoder({output(c){bytes+=c.byteLength;n++}, error(x){console.log(name,"ERR",String(x))}});
  try { e.configure({codec:"avc1.640028",width:512,height:512,bitrate:1_200_000,framerate:25,latencyMode:"realtime",avc:{format:"avc"},...cfg}); } catch(x){console.log(name,"CFG",String(x));return;}
  const c0=process.cpuUsage(), t0=process.threadCpuUsage(), w0=performance.now();
  for (let i=0;i<frames.length;i++){ const f=new VideoFrame(frames[i]!,{format,codedWidth:512,codedHeight:512,timestamp:i*40000,duration:40000}); e.encode(f,{keyFrame:i%50===0}); f.close(); while(e.encodeQueueSize>2) await new Promise(r=>setTimeout(r,1)); }
  await e.flush(); const c=process.cpuUsage(c0), t=process.threadCpuUsage(t0); e.close();
  console.log(name.padEnd(40), "cpu/frame", ((c.user+c.system)/1000/n).toFixed(2), "main", ((t.user+t.system)/1000/n).toFixed(2), "wall", ((performance.now()-w0)/n).toFixed(2), "kbit/s", (bytes*8/(n/25)/1000).toFixed(0), n);
}
await bench("warm", {}, rgba, "RGBA");
await bench("RGBA high realtime", {}, rgba, "RGBA");
await bench("I420 high realtime", {}, i420, "I420");
await bench("I420 high quality-latency", {latencyMode:"quality"}, i420, "I420");
await bench("I420 baseline 42e01f", {codec:"avc1.42e01f"}, i420, "I420");
await bench("I420 baseline 42001f", {codec:"avc1.42001f"}, i420, "I420");
await bench("I420 main", {codec:"avc1.4d0028"}, i420, "I420");
await bench("I420 constant bitrate", {bitrateMode:"constant"}, i420, "I420");
await bench("I420 500k", {bitrate:500_000}, i420, "I420");
await bench("I420 contentHint motion", {contentHint:"motion"}, i420, "I420");
await bench("RGBA baseline", {codec:"avc1.42e01f"}, rgba, "RGBA");
await bench("RGBA high hwaccel soft", {hardwareAcceleration:"prefer-software"}, rgba, "RGBA");
await bench("vp8 I420", {codec:"vp8",avc:undefined}, i420, "I420");
