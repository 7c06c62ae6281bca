"""Holds a conversation over WHIP and WHEP with aiortc, a peer that shares no code with the gateway.

Speaks a recording once the picture is there, then stays silent; writes what it hears and sees into a folder:
sound.f32 (48 kHz mono), picture.gray (8 bits, frame after frame), and prints one JSON object at the end.
"""

import argparse
import asyncio
import fractions
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / ".tools" / "py-webrtc"))

import av  # noqa: E402
import numpy  # noqa: E402
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription  # noqa: E402
from aiortc.mediastreams import MediaStreamError  # noqa: E402

RATE = 48_000
FRAME = RATE // 50


class Microphone(MediaStreamTrack):
    """Silence in real time, and in between what is said."""

    kind = "audio"

    def __init__(self, samples):
        super().__init__()
        self.samples = samples
        self.speaking_from = None
        self.sent = 0
        self.begin = None

    def speak(self):
        self.speaking_from = self.sent

    async def recv(self):
        if self.begin is None:
            self.begin = time.monotonic()
        await asyncio.sleep(max(0, self.begin + self.sent / RATE - time.monotonic()))
        block = numpy.zeros(FRAME, numpy.int16)
        if self.speaking_from is not None:
            said = self.samples[self.sent - self.speaking_from :][:FRAME]
            block[: len(said)] = said
        frame = av.AudioFrame.from_ndarray(block[None, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.sent, fractions.Fraction(1, RATE)
        self.sent += FRAME
        return frame


class Sink:
    """What comes in, with when it came."""

    def __init__(self, out):
        self.sound, self.frames, self.out = [], [], out
        self.sound_ms, self.frame_ms, self.size = [], [], None
        self.first_frame = asyncio.Event()

    async def take(self, track, begin):
        try:
            while True:
                frame = await track.recv()
                ms = (time.monotonic() - begin) * 1000
                if track.kind == "video":
                    self.size = [frame.width, frame.height]
                    self.frames.append(frame.to_ndarray(format="gray"))
                    self.frame_ms.append(ms)
                    self.first_frame.set()
                else:
                    block = frame.to_ndarray().reshape(-1, len(frame.layout.channels)).mean(axis=1) / 32768
                    self.sound.append(block.astype(numpy.float32))
                    self.sound_ms.append(ms)
        except MediaStreamError:
            pass

    def write(self):
        numpy.concatenate(self.sound or [numpy.zeros(0, numpy.float32)]).tofile(self.out / "sound.f32")
        numpy.stack(self.frames or [numpy.zeros((1, 1), numpy.uint8)]).tofile(self.out / "picture.gray")


def request(method, url, token, body=None, headers=None):
    given = {"authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        given["content-type"] = "application/sdp"
    sent = urllib.request.Request(url, data=body and body.encode(), method=method, headers={**given, **(headers or {})})
    try:
        with urllib.request.urlopen(sent, timeout=20) as reply:
            return reply.status, reply.headers, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


async def connect(connection, url, token):
    await connection.setLocalDescription(await connection.createOffer())
    status, headers, answer = await asyncio.to_thread(request, "POST", url, token, connection.localDescription.sdp)
    if status != 201:
        raise SystemExit(f"{url}: {status} {answer}")
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    return headers


def read_wav(path):
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        blocks = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return numpy.concatenate(blocks)


async def converse(options):
    out = Path(options.out)
    microphone, sink = Microphone(read_wav(options.wav)), Sink(out)
    speaker, player = RTCPeerConnection(), RTCPeerConnection()
    locations, begin = [], time.monotonic()

    def follow(connection):
        connection.on("track", lambda track: asyncio.ensure_future(sink.take(track, begin)))

    def listen(connection):
        connection.addTransceiver("video", direction="recvonly")
        if options.order != "one":
            connection.addTransceiver("audio", direction="recvonly")
        follow(connection)

    def speak(connection):
        direction = "sendrecv" if options.order == "one" else "sendonly"
        connection.addTransceiver(microphone, direction=direction)

    session = None
    if options.order == "one":
        speak(speaker)
        listen(speaker)
        headers = await connect(speaker, f"{options.base}/v1/webrtc?{options.query}", options.token)
        session = headers["Troupe-Session"]
        locations.append(headers["Location"])
    else:
        speak(speaker)
        listen(player)
        steps = [("whip", speaker), ("whep", player)]
        for path, connection in steps if options.order == "whip-first" else reversed(steps):
            query = f"session={session}" if session else options.query
            headers = await connect(connection, f"{options.base}/v1/{path}?{query}", options.token)
            session = headers["Troupe-Session"]
            locations.append(headers["Location"])
    posted_ms = (time.monotonic() - begin) * 1000
    await asyncio.wait_for(sink.first_frame.wait(), 15)
    microphone.speak()
    spoke_ms = (time.monotonic() - begin) * 1000
    await asyncio.sleep(options.seconds)
    deleted = []
    for location in locations + locations[-1:]:
        status, _, _ = await asyncio.to_thread(request, "DELETE", options.base + location, options.token)
        deleted.append(status)
    await speaker.close()
    await player.close()
    sink.write()
    print(json.dumps({
        "session": session, "postedMs": posted_ms, "spokeMs": spoke_ms, "size": sink.size, "frames": len(sink.frames),
        "frameMs": sink.frame_ms, "soundMs": sink.sound_ms, "deleted": deleted,
    }))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", required=True)
    parser.add_argument("--wav", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--token", default="")
    parser.add_argument("--query", default="language=en")
    parser.add_argument("--order", choices=["whip-first", "whep-first", "one"], default="whip-first")
    parser.add_argument("--seconds", type=float, default=12)
    asyncio.run(converse(parser.parse_args()))
