"""Fills `bundled/` with the server, its dependencies and the starter, for one platform.

Needs pip and a package index. Wheels only: nothing is compiled, so a bundle for another platform can
be made here. What is the same for every supported Python goes to `libs`, the rest to `cp311` and so on.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUNDLED = HERE.parent / "bundled"
REPOSITORY = HERE.parents[2]
PYTHONS = ("3.11", "3.12", "3.13")

# The platforms for which every compiled dependency has a wheel, with the tags that pip knows them by.
PLATFORMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    "alpine-x64": ("musllinux_1_2_x86_64", "musllinux_1_1_x86_64"),
    "alpine-arm64": ("musllinux_1_2_aarch64", "musllinux_1_1_aarch64"),
    "darwin-arm64": ("macosx_12_0_arm64", "macosx_11_0_arm64"),
    "win32-x64": ("win_amd64",),
}
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def main() -> None:
    """Builds the bundle for the platform named on the command line, or for this one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=sorted(PLATFORMS), default=None)
    parser.add_argument("--print-target", action="store_true", help="name this platform and stop")
    arguments = parser.parse_args()
    target = arguments.target or this_platform()
    if arguments.print_target:
        print(target)
        return
    shutil.rmtree(BUNDLED, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="rollsafe-bundle-") as scratch:
        wheel = build_wheel(Path(scratch))
        folders = [install(wheel, version, target) for version in PYTHONS]
    share(folders)
    shutil.copy2(HERE / "rollsafe_server.py", BUNDLED)
    compiled = [version for version in PYTHONS if compile_for(version)]
    print(f"bundled {wheel.name} for {target}; compiled for Python {', '.join(compiled) or 'none'}")


def this_platform() -> str:
    """The name that VS Code gives to this machine."""
    arch = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}[sys.platform]
    if system == "linux" and platform.libc_ver()[0] != "glibc":
        system = "alpine"
    return f"{system}-{arch[platform.machine().lower()]}"


def build_wheel(folder: Path) -> Path:
    """Builds the project's wheel into the folder."""
    subprocess.run([*PIP, "wheel", "--no-deps", "--wheel-dir", folder, REPOSITORY], check=True)
    return next(folder.glob("rollsafe-*.whl"))


def install(wheel: Path, version: str, target: str) -> Path:
    """Installs the wheel and its dependencies as `version` of Python on `target` would."""
    folder = BUNDLED / f"cp{version.replace('.', '')}"
    platforms = [part for name in PLATFORMS[target] for part in ("--platform", name)]
    command = [*PIP, "install", "--only-binary", ":all:", "--no-compile", "--no-warn-conflicts"]
    command += ["--root-user-action", "ignore", "--implementation", "cp"]
    command += ["--python-version", version, *platforms, "--target", str(folder), str(wheel)]
    subprocess.run(command, check=True)
    shutil.rmtree(folder / "bin", ignore_errors=True)
    return folder


def share(folders: list[Path]) -> None:
    """Moves each package that all folders have in the same form to `libs`."""
    libs = BUNDLED / "libs"
    libs.mkdir()
    first, *others = folders
    for entry in sorted(first.iterdir()):
        if all(same(entry, other / entry.name) for other in others):
            shutil.move(entry, libs / entry.name)
            for other in others:
                remove(other / entry.name)


def same(one: Path, two: Path) -> bool:
    """True if both are files, or trees of files, with the same content."""
    if one.is_file() or two.is_file():
        return one.is_file() and two.is_file() and filecmp.cmp(one, two, shallow=False)
    if not two.is_dir():
        return False
    names = sorted(each.name for each in one.iterdir())
    return names == sorted(each.name for each in two.iterdir()) and all(
        same(one / name, two / name) for name in names
    )


def remove(path: Path) -> None:
    """Removes a file or a tree."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def compile_for(version: str) -> bool:
    """Compiles the bundle with this version of Python; false if it is not on this machine.

    The files carry no date that unpacking could change, so the interpreter takes them as they are.
    """
    python = shutil.which(f"python{version}")
    if python is None:
        return False
    folders = [BUNDLED / "libs", BUNDLED / f"cp{version.replace('.', '')}"]
    mode = ("--invalidation-mode", "unchecked-hash")
    command = [python, "-I", "-m", "compileall", "-q", "-j", str(os.cpu_count() or 1), *mode]
    # A name on PATH may be a version manager's stand-in for a Python that is not there.
    return subprocess.run([*command, *folders], check=False, capture_output=True).returncode == 0


if __name__ == "__main__":
    main()
