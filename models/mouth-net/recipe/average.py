"""The mean of several checkpoints' weights (Izmailov et al., "Averaging weights leads to wider optima", 2018): average.py <out run folder> <checkpoint>..."""

import shutil
import sys
from pathlib import Path

import torch


def main(run: Path, paths: list[Path]) -> None:
    nets = [torch.load(path)["net"] for path in paths]
    mean = {name: sum(net[name].double() for net in nets) / len(nets) for name in nets[0]}
    run.mkdir(parents=True, exist_ok=True)
    torch.save({"net": {name: value.to(nets[0][name].dtype) for name, value in mean.items()}}, run / "checkpoint.pt")
    shutil.copy(paths[0].parent / "prior.json", run / "prior.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
