import { H264Encoder, frameOf } from "./encode/h264-encoder.ts";
import { VideoCodec } from "@troupe/contracts";
for (const codec of [VideoCodec.H264_HIGH, VideoCodec.H264_BASELINE]) {
try { const e = await H264Encoder.open({codec,width:128,height:96,framesPerSecond:25,bitrateBps:300000});
console.log(e.description.codec, Buffer.from(e.description.description).toString("hex"));
for (let i=0;i<4;i++){ const p=await e.encode(frameOf(new Uint8Array(128*96*4).fill(i*20),128,96),i*40000,i===0||i===3); console.log(p?.ptsUs,p?.keyframe,p?.data.length,Buffer.from(p?.data.subarray(0,8)??[]).toString("hex")); }
e.close(); } catch(e) { console.log(e); } }
