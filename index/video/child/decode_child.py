"""The decode child: a process of its own that parses and decodes one film.

Started by `sandbox.Child`, never imported by the parent. It reads requests on standard input and
answers on standard output (`wire`); frames go into memory shared with the parent. Requests:

    scan   -> what the container says, every packet's times and flags, the text tracks' packets
    look   -> size, orientation, interlacing and colours of the first frame that decodes
    pick   -> the frames of some runs, slot by slot; `free` gives a slot back
    bitmaps -> the pictures of a picture subtitle track, one message each
    hear   -> the sound from a second on, block by block, as fast as the parent reads
"""

from __future__ import annotations

import json
import mmap
import time
from collections import deque
from dataclasses import asdict
from typing import Any

import numpy as np

from .. import messages as wire
from . import demux, gops, jail, packets, sound
from .bitmaps import BitmapTrack
from .bits import PROGRESSIVE
from .picture import Painter, describe_frame, has_captions
from .scan import scan

_IN, _OUT = 0, 1
_MOST_RUNS, _MOST_TRACKS = 10_000, 20


class Server:
    """Answers requests about one film until the parent hangs up."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.film_fd, self.memory_fd = config["film_fd"], config["memory_fd"]
        self.container, self.max_pixels = config["container"], config["max_pixels"]
        self.decoding: gops.Decoding | None = None
        self.queue: deque[wire.Message] = deque()
        # slots of shared memory that the parent has given back, and the one to fill next
        self.credits = self.slot = 0
        self.last_tick = time.monotonic()

    def serve(self) -> None:
        """Answer requests one by one."""
        while True:
            message = self.queue.popleft() if self.queue else wire.read_message(_IN)
            if message.header["op"] == "free":
                self.credits += 1
                continue
            try:
                getattr(self, f"_{message.header['op']}")(message)
            except demux.Refused as refusal:
                wire.write_message(_OUT, {"refused": str(refusal)})

    def tick(self) -> None:
        """Show the parent a sign of life, once a second."""
        now = time.monotonic()
        if now - self.last_tick >= 1:
            self.last_tick = now
            wire.write_message(_OUT, {"tick": 1})

    def _open(self, *, genpts: bool = False, sound: bool = False) -> demux.Film:
        return demux.Film(self.film_fd, self.container, self.max_pixels, genpts=genpts, sound=sound)

    def _scan(self, message: wire.Message) -> None:
        limit = message.header["max_packets"]
        film = self._open()
        result = scan(film, limit, self.tick)
        genpts, stored = bool(result.without_pts), len(result.pts)
        if genpts:
            # let libav derive the missing times from the decode order, then look again
            film.close()
            film = self._open(genpts=True)
            result = scan(film, limit, self.tick)
        cues = json.dumps(result.cues, ensure_ascii=False).encode()
        stream = film.stream
        ratio = stream.sample_aspect_ratio
        answer = {
            "codec": film.codec,
            "container": film.container.format.name,
            "width": stream.codec_context.width,
            "height": stream.codec_context.height,
            "sar": [ratio.numerator, ratio.denominator] if ratio else [1, 1],
            "time_base": [stream.time_base.numerator, stream.time_base.denominator],
            "format": self.container,
            "declared": film.declared_seconds(),
            "length": (film.container.duration or 0) / 1e6,
            "start": film.start_seconds(),
            # only here an index of samples tells how many there should be
            "listed": stream.frames - result.empty if self.container == "mov" else 0,
            "fields": stream.codec_context.field_order not in PROGRESSIVE,
            "interlaced": stream.codec_context.field_order > 1,
            "sound": [run.to_wire() for run in result.sound[:_MOST_RUNS]],
            "audio": film.tracks("audio"),
            "subtitles": film.tracks("subtitle"),
            "packets": len(result.pts),
            "placed": result.backward,
            "last_duration": result.last_duration,
            "derived": genpts,
            # libav hands some over no more, and leaves others without a time
            "undated": stored - len(result.pts) + result.without_pts,
            "packed": result.packed,
            "skippable": result.rule.skippable,
            "cues": len(cues),
            "cues_left_out": result.cues_left_out,
            "track": stream.index,
            "other_videos": [asdict(v) for v in result.other_videos.values()][:_MOST_TRACKS],
            "encrypted": result.encrypted,
            "read_to": result.read_to,
        }
        film.close()
        columns = [result.pts, result.dts, result.sizes, result.flags]
        if result.backward:
            columns.append(result.places)
        wire.write_message(_OUT, answer, b"".join([*(c.tobytes() for c in columns), cues]))

    def _hear(self, message: wire.Message) -> None:
        def emit(header: dict[str, Any], samples: bytes) -> None:
            wire.write_message(_OUT, header, samples)

        def reopen() -> demux.Film:
            return self._open(sound=True)

        hearing = sound.Hearing(reopen(), message.header, reopen, self.tick)
        hearing.run(emit)
        wire.write_message(_OUT, {"done": 1, **hearing.state})

    def _decoding(self, request: dict[str, Any]) -> gops.Decoding:
        if self.decoding is None:
            reader = packets.Reader(self._open, self.tick)
            self.decoding = gops.Decoding(reader, skippable=request["skip"])
        return self.decoding

    def _look(self, message: wire.Message) -> None:
        seen: list[Any] = []
        for run in packets.read_runs(message):
            self._decoding(message.header).decode(run, seen.append)
        answer: dict[str, Any] = {"looked": bool(seen)}
        if seen:
            sizes = {(frame.width, frame.height) for frame in seen}
            answer |= {"sizes": sorted(sizes, key=lambda size: (size[0] * size[1], size))}
            answer |= describe_frame(seen[0])
            answer["captions"] = any(has_captions(frame) for frame in seen)
        wire.write_message(_OUT, answer)

    def _bitmaps(self, message: wire.Message) -> None:
        film = self._open(genpts=message.header["genpts"])
        track = BitmapTrack(film, message.header["track"], self.max_pixels)
        for facts, picture in track:
            size = None if picture is None else picture.shape
            data = b"" if picture is None else picture.tobytes()
            wire.write_message(_OUT, facts | {"size": size}, data)
        film.close()
        wire.write_message(_OUT, {"done": 1, "unread": track.unread})

    def _pick(self, message: wire.Message) -> None:
        request = message.header
        decoding = self._decoding(request)
        with mmap.mmap(self.memory_fd, 0) as memory:
            slots = _Slots(self, memory, request)
            missing: list[int] = []
            for run in packets.read_runs(message):
                missing.extend(decoding.decode(run, slots.put))
            slots.flush()
            slots.release()
        wire.write_message(_OUT, {"done": request["id"], "missing": sorted(missing)})


class _Slots:
    """The shared memory, cut into slots that are filled in turn and given back by the parent."""

    def __init__(self, server: Server, memory: mmap.mmap, request: dict[str, Any]) -> None:
        self.server = server
        self.painter = Painter(request)
        self.capacity, self.count = request["capacity"], request["slots"]
        height, width = self.painter.shape
        frame = np.frombuffer(memory, np.uint8)
        self.stride = self.capacity * (height * width * 3 + 256)
        pictures = self.capacity * height * width * 3
        self.views = []
        for slot in range(self.count):
            part = frame[slot * self.stride : (slot + 1) * self.stride]
            self.views.append(
                (
                    part[:pictures].reshape(self.capacity, height, width, 3),
                    part[pictures:].reshape(self.capacity, 16, 16),
                )
            )
        self.taken: list[int] = []
        self.held = False

    def put(self, frame: Any) -> None:
        """Paint one frame into the current slot; hand the slot over when it is full."""
        if not self.held:
            self._acquire()
        pictures, thumbs = self.views[self.server.slot]
        row = len(self.taken)
        self.painter.paint(frame, pictures[row], thumbs[row])
        self.taken.append(frame.pts)
        self.server.tick()
        if len(self.taken) == self.capacity:
            self.flush()

    def flush(self) -> None:
        """Tell the parent about the frames of the current slot."""
        if self.taken:
            wire.write_message(_OUT, {"slot": self.server.slot, "pts": self.taken})
            self.taken, self.held = [], False
            self.server.slot = (self.server.slot + 1) % self.count

    def release(self) -> None:
        """Let go of the memory, so that it can be unmapped."""
        self.views.clear()

    def _acquire(self) -> None:
        while self.server.credits == 0:
            message = wire.read_message(_IN)
            if message.header["op"] == "free":
                self.server.credits += 1
            else:
                self.server.queue.append(message)
        self.server.credits -= 1
        self.held = True


def main(config: dict[str, Any]) -> None:
    """Lock the process in, then serve."""
    locked = jail.close_doors(config["parent"])
    wire.write_message(_OUT, {"ready": 1, "landlock": locked, "netless": config["netless"]})
    try:
        Server(config).serve()
    except wire.WireClosed:
        return
