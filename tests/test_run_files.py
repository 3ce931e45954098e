"""Files of a run that are damaged, missing, foreign or made by somebody else."""

import copy
import shutil
import types
import zipfile

import torch
from mnist_vae.checkpoint import read_checkpoint
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer

from .run_folder import OPTIONS, RunTestCase, differences


class FilesTestCase(RunTestCase):
    """Begins with the files of a run of one epoch, made once."""

    @classmethod
    def setUpClass(cls):
        made = cls("run")
        made.setUp()
        cls.addClassCleanup(made.doCleanups)
        made.train(*OPTIONS, "--epochs=1")
        cls.made = made.log_dir

    def setUp(self):
        super().setUp()
        if hasattr(self, "made"):
            shutil.copytree(self.made, self.log_dir)

    def write_state(self, **changes):
        """Writes a checkpoint in which something is not as it was; None takes it away."""
        state = {**self.checkpoint(self.made), **changes}
        torch.save({name: part for name, part in state.items() if part is not None}, self.path)

    def assert_does_not_fit(self, reason: str):
        before = self.path.read_bytes()
        line = self.refuse("--resume")
        self.assertRegex(line, f"error: .*checkpoint\\.pt does not fit: .*{reason}")
        self.assertEqual(self.path.read_bytes(), before)


class TestDamagedCheckpoint(FilesTestCase):
    def flipped(self, place: int, bit: int):
        with self.path.open("r+b") as file:
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 1 << bit]))

    def test_a_flipped_bit_is_noticed_or_changes_nothing(self):
        """Bits all over the file, and more of them where the archive lists its parts."""
        expected, size = self.checkpoint(), self.path.stat().st_size
        with zipfile.ZipFile(self.path) as archive:
            listed = archive.start_dir
        places = [*range(0, size, size // 200), *range(listed, size, (size - listed) // 200)]
        refused = 0
        for number, place in enumerate(places):
            self.flipped(place, number % 8)
            with self.subTest(place=place, bit=number % 8):
                try:
                    self.assertEqual(differences(read_checkpoint(self.path), expected), [])
                except ValueError as error:
                    refused += 1
                    self.assertEqual(
                        str(error),
                        f"{self.path} is damaged, cut off, or no checkpoint of a training run.",
                    )
            self.flipped(place, number % 8)
        self.assertGreater(refused, 200)

    def test_a_part_that_is_marked_as_a_folder_is_noticed(self):
        """torch would read no content of it, and take what happens to lie in memory."""
        with zipfile.ZipFile(self.path) as archive:
            start, parts = archive.start_dir, archive.infolist()
        for part in parts:
            with self.subTest(part=part.filename), self.assertRaisesRegex(ValueError, "damaged"):
                self.flipped(start + 38, 4)
                try:
                    read_checkpoint(self.path)
                finally:
                    self.flipped(start + 38, 4)
            start += 46 + len(part.filename) + len(part.extra)

    def test_the_command_line_names_the_file_and_leaves_it(self):
        whole = self.path.read_bytes()
        middle = len(whole) // 2
        for what, content in (
            ("empty", b""),
            ("something else", b"not a checkpoint"),
            ("cut off", whole[:-1000]),
            ("half", whole[:middle]),
            ("flipped", whole[:middle] + bytes([whole[middle] ^ 16]) + whole[middle + 1 :]),
            ("a sector of zeros", whole[:middle] + bytes(512) + whole[middle + 512 :]),
        ):
            with self.subTest(what):
                self.path.write_bytes(content)
                line = self.refuse("--resume")
                self.assertIn(f"{self.path} is damaged, cut off, or no checkpoint", line)
                self.assertEqual(self.path.read_bytes(), content)

    def test_what_is_no_state_is_named(self):
        torch.save([1, 2], self.path)
        self.assertIn(f"{self.path} is no checkpoint of a training run", self.refuse("--resume"))


class TestForeignCheckpoint(FilesTestCase):
    def test_of_another_program(self):
        torch.save({"state_dict": {}}, self.path)
        self.assert_does_not_fit("it has no model, but this trainer has")

    def test_of_another_model(self):
        model = MLPVAE((1, 32, 32), 4).state_dict()
        self.write_state(model=model)
        self.assert_does_not_fit("its model: Missing key")
        model = self.checkpoint(self.made)["model"]
        self.write_state(model={n: w[:1] if w.dim() == 4 else w for n, w in model.items()})
        self.assert_does_not_fit("its model: size mismatch for encoder.0.weight")

    def test_with_another_scheduler_or_without(self):
        self.write_state(scheduler=None)
        self.assert_does_not_fit("it has no scheduler, but this trainer has")
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))])
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
        self.write_state(scheduler=scheduler.state_dict())
        self.assert_does_not_fit("its scheduler: it is of another kind")
        self.write_state(swa={})
        self.assert_does_not_fit("it has 'swa', but this trainer has not")

    def test_with_another_optimizer(self):
        optimizer = copy.deepcopy(self.checkpoint(self.made)["optimizer"])
        optimizer["param_groups"][0].pop("betas")
        optimizer["param_groups"][0]["momentum"] = 0.9
        self.write_state(optimizer=optimizer)
        self.assert_does_not_fit("its optimizer: it has no betas")

    def test_with_counters_that_are_no_counts(self):
        for value in (-1, 1.0, True, 10**30, "1", torch.tensor(1), [1]):
            for name in ("epoch", "step"):
                with self.subTest(name=name, value=value):
                    self.write_state(**{name: value})
                    self.assert_does_not_fit(f"its {name} is .*, which is no count")
            with self.subTest(name="position", value=value):
                self.write_state(loader={"seed": None, "position": value})
                self.assert_does_not_fit("its loader: its position is .*, which is no count")
            with self.subTest(name="seed", value=value):
                self.write_state(loader={"seed": value, "position": 0})
                self.assert_does_not_fit("its loader: its seed is .*, which is no count")
        self.write_state(loader={"seed": 1, "position": 99})
        self.assert_does_not_fit("its loader: its position is 99, but an epoch has 5 batches")

    def test_what_does_not_fit_changes_nothing(self):
        """Not even the parts that were loaded before the one that does not fit."""
        images = torch.zeros(4, 1, 32, 32)
        data = types.SimpleNamespace(train_data=images, test_data=images)
        trainers = []
        for seed in range(2):
            torch.manual_seed(seed)
            model = MLPVAE((1, 32, 32), 2)
            optimizer = torch.optim.Adam(model.parameters(), lr=1e-3 * (1 + seed))
            trainers.append(Trainer(model, data, optimizer, 2, "cpu", self.log_dir))
        state = trainers[1].state_dict()
        before = copy.deepcopy(trainers[0].state_dict())
        for broken in ({"random_states": {"processes": [{}]}}, {"loader": {}}, {"optimizer": 3}):
            with self.subTest(*broken), self.assertRaisesRegex(ValueError, f"its {[*broken][0]}: "):
                trainers[0].load_state_dict({**state, **broken})
            self.assertEqual(differences(trainers[0].state_dict(), before), [])
