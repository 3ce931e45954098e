"""MNIST from files that are broken, missing, unreadable or half downloaded."""

import contextlib
import gzip
import hashlib
import http.server
import io
import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from pathlib import Path
from unittest import mock

import torch
import torchvision
from mnist_vae.dataset import MyMNIST
from mnist_vae.idx import FILES

from . import PROJECT

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = FILES


def idx(*shape: int, values: bytes | None = None) -> bytes:
    """An IDX file of unsigned bytes."""
    header = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    count = torch.Size(shape).numel()
    return header + (bytes(i * 7 % 10 for i in range(count)) if values is None else values)


CORRECT = {
    TRAIN_IMAGES: idx(6, 28, 28),
    TRAIN_LABELS: idx(6),
    TEST_IMAGES: idx(4, 28, 28),
    TEST_LABELS: idx(4),
}


class FilesCase(unittest.TestCase):
    """A folder with a blank and letters of several scripts in its name."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="my däta 数字 ")
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.folder = self.root / "MNIST" / "raw"
        self.folder.mkdir(parents=True)

    def write(self, files: dict[str, bytes] = CORRECT):
        for name, content in files.items():
            (self.folder / name).write_bytes(content)

    def refuse(self, error: type, **arguments) -> str:
        """The message of the error that reading the folder ends in."""
        with self.assertRaises(error) as caught:
            self.read(**arguments)
        message = str(caught.exception)
        self.assertEqual(message.count("\n"), 0, message)
        self.assertTrue(message.endswith("."), message)
        return message

    def read(self, **arguments) -> MyMNIST:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            return MyMNIST(self.root, **arguments)

    def assert_correct(self, data: MyMNIST):
        images = torch.frombuffer(bytearray(CORRECT[TRAIN_IMAGES][16:]), dtype=torch.uint8)
        self.assertTrue(torch.equal(data.train_data.images, images.view(6, 28, 28)))
        self.assertEqual(data.train_data.labels.tolist(), list(CORRECT[TRAIN_LABELS][8:]))
        self.assertEqual((len(data.train_data), len(data.test_data)), (6, 4))


class TestReading(FilesCase):
    def test_correct_files(self):
        self.write()
        self.assert_correct(self.read())
        self.assert_correct(self.read(download=True))  # nothing is missing: no network is used

    def test_home_folder(self):
        self.write()
        variables = {"HOME": str(self.root.parent), "USERPROFILE": str(self.root.parent)}
        with mock.patch.dict(os.environ, variables):
            self.assert_correct(MyMNIST(f"~/{self.root.name}"))

    def test_broken_file_is_named_with_what_is_expected(self):
        images, labels = CORRECT[TRAIN_IMAGES], CORRECT[TRAIN_LABELS]
        for what, name, content, found in (
            ("empty", TRAIN_IMAGES, b"", "has 0 bytes, expected more than 16"),
            ("cut in the header", TEST_LABELS, labels[:5], "has 5 bytes, expected more than 8"),
            ("cut", TRAIN_IMAGES, images[:-1], "4719 bytes, expected 4720 for 6 samples"),
            ("cut", TRAIN_LABELS, labels[:-1], "13 bytes, expected 14 for 6 samples"),
            ("too long", TRAIN_IMAGES, images + b"0", "4721 bytes, expected 4720 for 6 samples"),
            ("too long", TEST_LABELS, CORRECT[TEST_LABELS] + b"0", "13 bytes, expected 12 for 4"),
            ("page of a portal", TEST_IMAGES, b"<html>" * 9, "number 1013478509, expected 2051"),
            ("gzipped", TRAIN_IMAGES, gzip.compress(os.urandom(99)), "number 529205248.*2051"),
            ("labels for images", TRAIN_IMAGES, idx(99), "magic number 2049, expected 2051"),
            ("images for labels", TEST_LABELS, images, "magic number 2051, expected 2049"),
            ("floats", TRAIN_IMAGES, b"\0\0\x0d" + images[3:], "number 3331, expected 2051"),
            ("one dimension more", TRAIN_LABELS, idx(6, 1), "magic number 2050, expected 2049"),
            ("sizes", TEST_IMAGES, idx(4, 32, 32), r"size \[32, 32\], expected \[28, 28\]"),
            ("no samples", TRAIN_IMAGES, idx(0, 28, 28), "has 16 bytes, expected more than 16"),
            ("header of none", TRAIN_LABELS, idx(0) + b"1", "9 bytes, expected 8 for 0 samples"),
            ("too few labels", TRAIN_LABELS, idx(5), "has 5 labels, expected 6, one per image"),
            ("label", TEST_LABELS, idx(4, values=b"\0\1\2\x0a"), "label 10, expected 0 to 9"),
        ):
            with self.subTest(what, file=name):
                self.write(CORRECT | {name: content})
                message = self.refuse(ValueError)
                self.assertRegex(message, f"{found}.*: delete it and download it again")
                self.assertIn(str(self.folder / name), message)
                self.assertEqual([other for other in FILES if other in message], [name])

    def test_missing_file_is_named(self):
        for name in FILES:
            with self.subTest(file=name):
                self.write()
                (self.folder / name).unlink()
                message = self.refuse(FileNotFoundError)
                expected = f"{name} not found in {self.folder}; download=True fetches it"
                self.assertIn(expected, message)

    @unittest.skipUnless(hasattr(os, "geteuid"), "Windows has no such permissions.")
    def test_unreadable_file_is_named(self):
        self.write()
        (self.folder / TEST_IMAGES).chmod(0)
        self.root.chmod(0o755)
        if os.geteuid() == 0:  # root may read everything
            os.seteuid(65534)
            self.addCleanup(os.seteuid, 0)
        for download in (False, True):
            message = self.refuse(ValueError, download=download)
            self.assertIn(f"{self.folder / TEST_IMAGES} cannot be read: Perm", message)

    def test_folder_in_place_of_a_file_is_named(self):
        self.write()
        (self.folder / TEST_LABELS).unlink()
        (self.folder / TEST_LABELS).mkdir()
        message = self.refuse(ValueError)
        self.assertIn(f"{self.folder / TEST_LABELS} cannot be read", message)


class Mirror(http.server.ThreadingHTTPServer):
    """A server of MNIST on this machine, which can stop in the middle of a file."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = {f"{name}.gz": gzip.compress(text) for name, text in CORRECT.items()}
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.cut: str | None = None  # the file that is sent by half
        self.hangs = False  # whether the connection then stays open
        self.was_cut = threading.Event()
        self.closing = threading.Event()

    def resources(self) -> list[tuple[str, str]]:
        """Names and MD5 sums, as torchvision has them."""
        return [
            (name, hashlib.md5(content, usedforsecurity=False).hexdigest())
            for name, content in self.files.items()
        ]


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/")
        content = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if name != self.server.cut:
            self.wfile.write(content)
            return
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        self.server.was_cut.set()
        if self.server.hangs:
            self.server.closing.wait()

    def log_message(self, *arguments):
        pass


class TestDownload(FilesCase):
    """What is left of an interrupted download is never taken for the dataset."""

    def setUp(self):
        super().setUp()
        self.mirror = Mirror()
        threading.Thread(target=self.mirror.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.mirror.server_close)
        self.addCleanup(self.mirror.shutdown)
        self.addCleanup(self.mirror.closing.set)
        self.patch(torchvision.datasets.MNIST, mirrors=[self.mirror.url])
        self.patch(torchvision.datasets.MNIST, resources=self.mirror.resources())
        no_proxy = mock.patch.dict(os.environ, {"no_proxy": "*"})
        no_proxy.start()
        self.addCleanup(no_proxy.stop)

    def patch(self, target, **attributes):
        patch = mock.patch.multiple(target, **attributes)
        patch.start()
        self.addCleanup(patch.stop)

    def test_complete(self):
        self.assert_correct(self.read(download=True))

    def test_cut_connection_is_reported_and_the_next_start_repairs(self):
        for name in FILES:
            with self.subTest(cut=name):
                self.mirror.cut = f"{name}.gz"
                message = self.refuse(FileNotFoundError, download=True)
                pattern = f"{name}.* not found in .*, and the download failed \\(.+\\)"
                self.assertRegex(message, pattern)
                self.assertFalse((self.folder / name).exists())
                self.refuse(FileNotFoundError)
                self.mirror.cut = None
                self.assert_correct(self.read(download=True))
                for path in self.folder.iterdir():
                    path.unlink()

    def test_killed_in_mid_download_the_next_start_repairs(self):
        self.mirror.cut, self.mirror.hangs = f"{TRAIN_LABELS}.gz", True
        script = f"""
            import sys, torchvision
            from mnist_vae.dataset import MyMNIST
            torchvision.datasets.MNIST.mirrors = [{self.mirror.url!r}]
            torchvision.datasets.MNIST.resources = {self.mirror.resources()!r}
            MyMNIST(sys.argv[1], download=True)
        """
        command = [sys.executable, "-c", textwrap.dedent(script), str(self.root)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, cwd=PROJECT, **quiet) as process:
            started = self.mirror.was_cut.wait(60)
            process.kill()
        self.assertTrue(started)
        self.assertEqual({path.name for path in self.folder.iterdir()} & set(FILES), {TRAIN_IMAGES})
        self.refuse(FileNotFoundError)
        self.mirror.cut = None
        self.assert_correct(self.read(download=True))

    def test_extraction_cut_short_is_repaired_where_files_are_missing(self):
        self.write({TRAIN_IMAGES: CORRECT[TRAIN_IMAGES][:2000]})
        self.assert_correct(self.read(download=True))

    def test_extraction_of_the_last_file_cut_short_is_named(self):
        self.write(CORRECT | {TEST_LABELS: CORRECT[TEST_LABELS][:10]})
        message = self.refuse(ValueError, download=True)
        self.assertRegex(message, f"{TEST_LABELS} has 10 bytes, expected 12.*: delete it and downl")
        (self.folder / TEST_LABELS).unlink()
        self.assert_correct(self.read(download=True))

    def test_gzipped_files_in_place_need_no_network(self):
        self.write(self.mirror.files)
        self.patch(torchvision.datasets.MNIST, mirrors=["http://127.0.0.1:9/"])
        self.assert_correct(self.read(download=True))

    @unittest.skipUnless(hasattr(os, "geteuid"), "Windows has no such permissions.")
    def test_folder_that_cannot_be_written_to_is_named(self):
        self.folder.chmod(0o555)
        self.root.chmod(0o755)
        if os.geteuid() == 0:  # root may write everywhere
            os.seteuid(65534)
            self.addCleanup(os.seteuid, 0)
        message = self.refuse(FileNotFoundError, download=True)
        self.assertRegex(message, f"not found in {self.folder}, and the download failed .*Permiss")
