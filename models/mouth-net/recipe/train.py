"""Trains the network: /usr/bin/python3 train.py <data folder> <run folder> --minutes 8; goes on from the run folder's checkpoint."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

import augment
import corpus
from log_mel import FOURIER, FLOOR, HOP, WINDOW, filter_bank, hann, log_mel, normalise
from network import LATE_STEPS, MouthNet, class_matrix
from phones import CLASS_NAMES, CLASS_OF_PHONE, PHONES, SILENCE

SEED = 20261122
BATCH = 16
FRAMES = 360
WARPS = np.geomspace(0.84, 1.22, 13)
# How often each source is heard, whatever its length: those nearest to people most.
SHARES = {"kokoro-en": 0.3, "kokoro-zh": 0.12, "festival": 0.2, "flite": 0.1, "hibari": 0.08, "piper": 0.06, "espeak-en": 0.09, "espeak-zh": 0.05}


class Examples(torch.utils.data.IterableDataset):
    """Endless batches of (log mel before normalisation, labels, which streams start as if heard before)."""

    def __init__(self, sources: dict[str, list[corpus.Utterance]], seed: int):
        self.sources, self.seed = sources, seed
        self.names = [name for name in SHARES if name in sources]
        self.shares = np.array([SHARES[name] for name in self.names])
        self.babble = np.concatenate([u.samples for u in sources[self.names[0]][:80]]).astype(np.float32) / 32768
        self.banks = torch.from_numpy(np.stack([filter_bank(warp) for warp in WARPS]))

    def example(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        pool = self.sources[self.names[rng.choice(len(self.names), p=self.shares / self.shares.sum())]]
        waves, tracks, count = [], [], 0
        factor = float(np.exp(rng.normal(0, 0.09)))
        while count < FRAMES:
            chosen = pool[rng.integers(len(pool))]
            wave, labels = augment.speed(chosen.samples.astype(np.float32) / 32768, chosen.labels, factor)
            waves.append(wave)
            tracks.append(labels)
            count += len(labels)
        wave, labels = np.concatenate(waves), np.concatenate(tracks)
        start = int(rng.integers(0, count - FRAMES + 1))
        wave, labels = wave[start * HOP : (start + FRAMES) * HOP], labels[start : start + FRAMES]
        return augment.degrade(wave, rng, self.babble).astype(np.float32), labels

    def __iter__(self):
        torch.set_num_threads(1)
        rng = np.random.default_rng(self.seed)
        window = torch.from_numpy(hann())
        while True:
            pairs = [self.example(rng) for _ in range(BATCH)]
            waves = torch.from_numpy(np.stack([wave for wave, _ in pairs]))
            frames = functional.pad(waves, (WINDOW - HOP, 0)).unfold(1, WINDOW, HOP)
            power = torch.fft.rfft(frames * window, FOURIER).abs().square()
            mel = torch.log(torch.bmm(power, self.banks[torch.from_numpy(rng.integers(0, len(WARPS), BATCH))]) + FLOOR)
            yield mel.numpy(), np.stack([labels for _, labels in pairs]), rng.random(BATCH) < 0.5


def normalised(mel: np.ndarray, again: np.ndarray, prior: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
    """Normalised, with a random tilt and masks over bands and time (Park et al., "SpecAugment", 2019)."""
    bands = mel.shape[2]
    knots = rng.normal(0, 0.5, (len(mel), 6))
    curve = np.stack([np.interp(np.arange(bands), np.linspace(0, bands - 1, 6), row) for row in knots])
    x = normalise(mel + curve[:, None].astype(np.float32), prior, again)
    for stream in x:
        for _ in range(2):
            if rng.random() < 0.6:
                width = rng.integers(2, 11)
                start = rng.integers(0, bands - width)
                stream[:, start : start + width] = 0
        if rng.random() < 0.4:
            start = rng.integers(0, len(stream) - 12)
            stream[start : start + rng.integers(3, 12)] = 0
    return torch.from_numpy(x)


def loss_of(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Cross-entropy over phones and over mouth classes; both 10 ms halves of a step count."""
    told, log_phones = labels.shape[1] // 2 - LATE_STEPS, functional.log_softmax(logits, 2)[:, LATE_STEPS:].transpose(1, 2)
    log_classes = torch.log(torch.einsum("bpt,pc->bct", log_phones.exp(), classes) + 1e-6)
    of_class = torch.tensor(CLASS_OF_PHONE)
    total = torch.zeros(())
    for half in (0, 1):
        truth = labels[:, half : 2 * told : 2]
        total = total + functional.nll_loss(log_phones, truth, weight=weights) + functional.nll_loss(
            log_classes, of_class[truth], weight=class_weights(weights, classes)
        )
    return total / 2 - 0.05 * log_phones.mean()


def class_weights(weights: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    return (weights[:, None] * classes).sum(0) / classes.sum(0)


def phone_weights(sources: dict[str, list[corpus.Utterance]]) -> torch.Tensor:
    """Rarer phones count more, by the square root."""
    counts = sum(SHARES[name] * np.bincount(np.concatenate([u.labels for u in found]), minlength=len(PHONES)) / sum(len(u.labels) for u in found) for name, found in sources.items())
    weights = 1 / np.sqrt(np.maximum(counts, 2e-3))
    weights[SILENCE] *= 1.5
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))


@torch.no_grad()
def evaluate(net: MouthNet, utterances: list[corpus.Utterance], prior: np.ndarray) -> dict[str, float]:
    """Share of right frames of speech, over phones and mouth classes, and the mean over classes."""
    net.eval()
    right = np.zeros(len(CLASS_NAMES))
    total = np.zeros(len(CLASS_NAMES))
    classes, of_class, phones = class_matrix(), np.array(CLASS_OF_PHONE), [0, 0]
    for spoken in utterances:
        mel = log_mel(spoken.samples.astype(np.float32) / 32768)
        mel = mel[: len(mel) // 2 * 2]
        x = torch.from_numpy(normalise(mel[None], prior))
        logits = net(x, *net.initial_state(1))[0][0, LATE_STEPS:]
        truth = spoken.labels[1::2][: len(logits)]
        said = (functional.softmax(logits, 1) @ classes).argmax(1).numpy()[: len(truth)]
        right += np.bincount(of_class[truth], said == of_class[truth], len(CLASS_NAMES))
        total += np.bincount(of_class[truth], minlength=len(CLASS_NAMES))
        speech = truth != SILENCE
        phones[0] += (logits.argmax(1).numpy()[: len(truth)] == truth)[speech].sum()
        phones[1] += speech.sum()
    net.train()
    shares = right[1:] / np.maximum(total[1:], 1)
    return {"phones": round(100 * phones[0] / phones[1], 1), "classes": round(100 * right[1:].sum() / total[1:].sum(), 1), "macro": round(100 * shares[total[1:] > 0].mean(), 1), "lips": round(100 * shares[0], 1)}


def load_sources(folder: Path, codecs: bool) -> dict[str, list[corpus.Utterance]]:
    sources: dict[str, list[corpus.Utterance]] = {}
    for name in SHARES:
        for path in sorted(path for path in folder.glob(f"{name}*.npz") if path.stem.rstrip("0123456789") == name):
            found = corpus.load(path)
            sources.setdefault(name, []).extend(found)
            if codecs:
                sources[name] += _coded(found, path)
    return sources


def _coded(found: list[corpus.Utterance], path: Path) -> list[corpus.Utterance]:
    """A third of the utterances through each codec, beside the plain ones; kept in a file, as encoding takes long."""
    cache = path.parent / "coded" / path.name
    if not cache.exists():
        made = []
        for index, codec in enumerate(augment.CODECS):
            part = found[index::3]
            joined = augment.through_codec(np.concatenate([u.samples for u in part]), codec)
            waves = np.split(joined, np.cumsum([len(u.samples) for u in part])[:-1])
            made += [corpus.Utterance(f"{u.speaker} {codec}", u.language, wave, u.labels) for u, wave in zip(part, waves)]
        corpus.save(cache, made)
    return corpus.load(cache)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=8, help="of this call")
    parser.add_argument("--steps", type=int, default=3000, help="of the whole training; the learning rate falls to zero over them")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    arguments = parser.parse_args()
    arguments.run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    sources = load_sources(arguments.data, codecs=True)
    tests = {path.stem: corpus.load(path)[:20] for path in sorted(arguments.data.glob("test-*.npz"))}
    net = MouthNet()
    optimiser = torch.optim.AdamW(net.parameters(), arguments.rate, weight_decay=1e-2)
    checkpoint, prior_path = arguments.run / "checkpoint.pt", arguments.run / "prior.json"
    step = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        net.load_state_dict(saved["net"])
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
        prior = np.array(json.loads(prior_path.read_text()))
    examples = Examples(sources, SEED + step)
    if not checkpoint.exists():
        mel = next(iter(examples))[0]
        level = mel.mean(2, keepdims=True)
        prior = (mel * (level > level.max(1, keepdims=True) - 5)).sum((0, 1)) / (level > level.max(1, keepdims=True) - 5).sum()
        prior_path.write_text(json.dumps([round(float(value), 4) for value in prior]))
        prior = np.array(json.loads(prior_path.read_text()))
    minutes = {name: round(sum(len(u.labels) for u in found) / 6000, 1) for name, found in sources.items()}
    print(f"minutes with codecs {minutes}, parameters {sum(p.numel() for p in net.parameters())}, from step {step}", flush=True)
    weights, classes, rng = phone_weights(sources), class_matrix(), np.random.default_rng(SEED + step)
    started, last = time.monotonic(), time.monotonic()
    for mel, labels, again in torch.utils.data.DataLoader(examples, batch_size=None, num_workers=1, prefetch_factor=4):
        progress = step / arguments.steps
        optimiser.param_groups[0]["lr"] = arguments.rate * min(1, (step + 1) / 100) * max(0.01, (1 + np.cos(np.pi * min(1, progress))) / 2)
        x = normalised(np.asarray(mel), np.asarray(again), prior, rng)
        logits = net(x, *net.initial_state(len(x)))[0]
        loss = loss_of(logits, torch.as_tensor(labels).long(), weights, classes)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        step += 1
        over = time.monotonic() - started > arguments.minutes * 60 or step >= arguments.steps
        if over or time.monotonic() - last > 120:
            last = time.monotonic()
            print(round(time.monotonic() - started), step, round(float(loss), 3), {name: evaluate(net, found, prior) for name, found in tests.items()}, flush=True)
            torch.save({"net": net.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, checkpoint)
        if over:
            break


if __name__ == "__main__":
    main()
