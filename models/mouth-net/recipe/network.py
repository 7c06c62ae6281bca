"""The network: causal convolutions over 20 ms steps, a second and a half of past, state carried from call to call."""

import torch
from torch import nn

from log_mel import BANDS
from phones import CLASS_OF_PHONE, PHONES

LATE_STEPS = 3
"""Step n of the output tells of step n - 3: 60 ms from the end of the step told of to the end of the sound needed."""
CHANNELS = 160
DILATIONS = (1, 2, 4, 1, 2, 4, 1, 2)
TAPS = 5
FRONT_PAST = 4
"""Mel frames before a step's own two that its first layer sees."""


class Block(nn.Module):
    """Depthwise over time, then wide and narrow over channels; a residual."""

    def __init__(self, channels: int, dilation: int, drop: float):
        super().__init__()
        self.dilation, self.past = dilation, (TAPS - 1) * dilation
        self.taps = nn.Parameter(torch.randn(TAPS, channels) / TAPS**0.5)
        self.norm = nn.BatchNorm1d(channels)
        self.widen = nn.Linear(channels, 2 * channels)
        self.narrow = nn.Linear(2 * channels, channels)
        self.drop = drop

    def forward(self, x: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        joined = torch.cat([state, x], 1)
        steps = x.shape[1]
        y = sum(joined[:, tap * self.dilation : tap * self.dilation + steps] * self.taps[tap] for tap in range(TAPS))
        y = self.norm(y.transpose(1, 2)).transpose(1, 2)
        return x + self.narrow(self._drop(torch.relu(self.widen(y)))), joined[:, steps:]

    def _drop(self, x: torch.Tensor) -> torch.Tensor:
        """Whole channels of a stream: cheaper than single values, and harder to guess from the neighbours in time."""
        if not self.training:
            return x
        return x * nn.functional.dropout(torch.ones(x.shape[0], 1, x.shape[2]), self.drop)


class MouthNet(nn.Module):
    def __init__(self, channels: int = CHANNELS, drop: float = 0.15):
        super().__init__()
        self.front = nn.Linear((FRONT_PAST + 2) * BANDS, channels)
        self.blocks = nn.ModuleList(Block(channels, dilation, drop) for dilation in DILATIONS)
        self.out = nn.Linear(channels, len(PHONES))

    def initial_state(self, streams: int) -> list[torch.Tensor]:
        """What stands for the time before the first sound."""
        front = torch.zeros(streams, FRONT_PAST, BANDS)
        return [front, *(torch.zeros(streams, block.past, self.out.in_features) for block in self.blocks)]

    def forward(self, mel: torch.Tensor, *state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """@param mel [streams, 2 n, 64]; @returns logits [streams, n, phones] and the state for what follows"""
        joined = torch.cat([state[0], mel], 1)
        following = [joined[:, mel.shape[1] :]]
        pairs = joined.reshape(joined.shape[0], -1, 2 * BANDS)
        steps = mel.shape[1] // 2
        x = torch.relu(self.front(torch.cat([pairs[:, shift : shift + steps] for shift in range(FRONT_PAST // 2 + 1)], 2)))
        for block, own in zip(self.blocks, state[1:]):
            x, left = block(x, own)
            following.append(left)
        return (self.out(x), *following)


def class_matrix() -> torch.Tensor:
    """[phones, mouth classes], ones and zeros."""
    return nn.functional.one_hot(torch.tensor(CLASS_OF_PHONE)).float()
