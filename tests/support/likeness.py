"""What a fake camera and a fake microphone give: a colour and a tone that tell people apart."""

import math
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

RATE = 48_000
FRAMES_PER_SECOND = 15


@dataclass(frozen=True, slots=True)
class Likeness:
    """One person's picture (a plain colour, as luma and chroma) and voice (a pulsed tone)."""

    name: str
    yuv: tuple[int, int, int]
    rgb: tuple[int, int, int]
    hertz: int

    def film(self, folder: Path, width: int, height: int) -> Path:
        """A raw film of two seconds in the person's colour; a dark bar wanders, so frames differ."""
        path = folder / f"{self.name}-{width}x{height}.y4m"
        if path.exists():
            return path
        small = (width // 2) * (height // 2)
        chroma = bytes([self.yuv[1]]) * small + bytes([self.yuv[2]]) * small
        frames = FRAMES_PER_SECOND * 2
        with path.open("wb") as film:
            film.write(
                f"YUV4MPEG2 W{width} H{height} F{FRAMES_PER_SECOND}:1 Ip A1:1 C420\n".encode()
            )
            for frame in range(frames):
                film.write(b"FRAME\n" + self._luma(width, height, at=frame / frames) + chroma)
        return path

    def _luma(self, width: int, height: int, *, at: float) -> bytes:
        # The bar keeps to the top quarter: the middle of the picture is always the plain colour.
        left = int(at * (width - 16))
        barred = bytearray([self.yuv[0]]) * width
        barred[left : left + 16] = bytes([40]) * 16
        plain = bytes([self.yuv[0]]) * width
        top = height // 4
        return bytes(barred) * top + plain * (height - top)

    def voice(self, folder: Path) -> Path:
        """A recording of two seconds: the tone in pulses, as noise suppression wants speech to be."""
        path = folder / f"{self.name}.wav"
        if path.exists():
            return path
        samples = (self._sample(n / RATE) for n in range(RATE * 2))
        with wave.open(str(path), "wb") as recording:
            recording.setnchannels(1)
            recording.setsampwidth(2)
            recording.setframerate(RATE)
            recording.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
        return path

    def _sample(self, second: float) -> int:
        swell = max(0.0, math.sin(2 * math.pi * 3 * second))
        return int(20_000 * swell * math.sin(2 * math.pi * self.hertz * second))


DOCTOR = Likeness("doctor", (82, 90, 240), (255, 0, 0), 440)
PATIENT = Likeness("patient", (145, 54, 34), (0, 255, 0), 1000)
STRANGER = Likeness("stranger", (41, 240, 110), (0, 0, 255), 2200)
