"""What a run leaves for its reader: how to read its curves, figures, pictures, where all is."""

from typing import Any, cast

from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from .distributed import is_main_process
from .results import CHARTS, READING, measure, show
from .trainer import Trainer


def explain_curves(summary: SummaryWriter) -> None:
    """Adds charts that compare, and a text that says how to read the curves, to TensorBoard."""
    summary.add_custom_scalars(CHARTS)
    summary.add_text("how to read the curves", READING)


def report(trainer: Trainer, options: dict) -> None:
    """Draws the pictures and says what was reached and where everything is."""
    metrics = measure(trainer)  # of all processes together
    if not is_main_process():
        return
    lines = {
        "epochs, optimizer steps": f"{trainer.epoch}, {trainer.step}",
        **show(trainer, metrics, options["sample"]),
        "checkpoint": trainer.checkpoint_path,
        "options, versions, commit": trainer.log_dir / "run.json",
        "curves": f'tensorboard --logdir "{trainer.log_dir}"',
    }
    given = {name: value for name, value in options.items() if value is not None}
    # The metrics are curves already: SummaryWriter.add_hparams would draw them once more.
    for summary in hparams(given, metrics):
        cast(Any, trainer.summary.file_writer).add_summary(summary)
    trainer.summary.close()
    for name, value in lines.items():
        print(f"{name:36}{value}")
