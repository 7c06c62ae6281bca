"""Holds a spoken conversation with OpenAI's own client; prints what it got as JSON.

Usage: openai_conversation.py ADDRESS QUESTION.pcm QUESTION.pcm   (24 kHz, signed 16-bit; ADDRESS: ws://host:port/v1)
Asks the first question, speaks the second one into the answer, and hears the answer to that.
"""

import asyncio
import base64
import json
import sys

from openai import AsyncOpenAI
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

CHUNK_MS = 20
CHUNK = 24 * CHUNK_MS * 2
schema = TypeAdapter(RealtimeServerEvent)


class Talk:
    def __init__(self, connection):
        self.connection = connection
        self.saying = b""
        self.types = []
        self.transcripts = []
        self.responses = []
        self.audio = {}
        self.invalid = []
        self.errors = []
        self.changed = asyncio.Event()

    async def microphone(self):
        """Always open: silence in real time, and what is said in between."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            chunk, self.saying = self.saying[:CHUNK], self.saying[CHUNK:]
            chunk = chunk.ljust(CHUNK, b"\0")
            await self.connection.input_audio_buffer.append(audio=base64.b64encode(chunk).decode())
            due += CHUNK_MS / 1000
            await asyncio.sleep(max(0, due - loop.time()))

    async def listen(self):
        async for event in self.connection:
            self.types.append(event.type)
            try:
                schema.validate_python(event.to_dict())
            except Exception as error:
                self.invalid.append(f"{event.type}: {error}"[:600])
            if event.type == "response.output_audio.delta":
                self.audio.setdefault(event.response_id, bytearray()).extend(base64.b64decode(event.delta))
            elif event.type == "conversation.item.input_audio_transcription.completed":
                self.transcripts.append(event.transcript)
            elif event.type == "response.done":
                self.responses.append(event.response)
            elif event.type == "error":
                self.errors.append(event.error.to_dict())
            self.changed.set()

    async def until(self, what):
        while not what():
            self.changed.clear()
            await self.changed.wait()


async def main(address, first, second):
    client = AsyncOpenAI(api_key="none", base_url=address.replace("ws", "http", 1), websocket_base_url=address)
    async with client.realtime.connect(model="gpt-realtime") as connection:
        talk = Talk(connection)
        await connection.session.update(
            session={
                "type": "realtime",
                "audio": {"input": {"transcription": {"model": "whisper-1", "language": "en"}, "turn_detection": {"type": "server_vad"}}},
            }
        )
        tasks = [asyncio.create_task(talk.listen()), asyncio.create_task(talk.microphone())]
        await talk.until(lambda: "session.updated" in talk.types)
        talk.saying += open(first, "rb").read()
        await talk.until(lambda: any(len(sound) > 24_000 * 2 * 0.8 for sound in talk.audio.values()))
        talk.saying += open(second, "rb").read()
        await talk.until(lambda: any(response.status == "completed" for response in talk.responses))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(
        json.dumps(
            {
                "types": talk.types,
                "transcripts": talk.transcripts,
                "invalid": talk.invalid,
                "errors": talk.errors,
                "responses": [response.to_dict() for response in talk.responses],
                "seconds": {key: len(sound) / 48_000 for key, sound in talk.audio.items()},
            }
        )
    )


asyncio.run(main(*sys.argv[1:]))
