"""Run as: python3 convert.py <input folder> <output folder>. The conversion itself is shared by all Whisper models."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "whisper"))

from whisper_conversion import convert  # noqa: E402

convert(Path(sys.argv[1]), Path(sys.argv[2]))
