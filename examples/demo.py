"""The main job on a small shop: find, explain, fix, check again, plan. Run by `make demo`.

Everything happens in a temporary copy that is a git repository: its first commit is the shop as it ran
yesterday, today's changes lie over it.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SHOP = Path(__file__).resolve().parent / "shop"
ROLLSAFE = (sys.executable, "-m", "rollsafe")
NEW_TODAY = ("db/migrations/0005_tidy_orders.up.sql", "db/migrations/0005_tidy_orders.down.sql")
OVERLAY = "k8s/overlays/production/kustomization.yaml"


def main() -> int:
    """Run the demonstration; return 0 when every part did what it is there for."""
    with tempfile.TemporaryDirectory(prefix="rollsafe-demo-") as directory:
        shop = Path(directory) / "shop"
        make_repository(shop)
        title("rollsafe check: what would go wrong")
        rollsafe(shop, "check", "--fail-on", "never", "--format", "full")
        rollsafe(shop, "check", "--fail-on", "never", "--statistics", "--format", "concise", quiet=True)
        title("rollsafe explain disarmed-gate: why one of them matters")
        rollsafe(shop, "explain", "disarmed-gate")
        title("rollsafe fix: everything that is safe to fix unattended")
        rollsafe(shop, "fix", "--show-fixes", "--exit-zero")
        title("rollsafe fix again: nothing is left to do")
        again = rollsafe(shop, "fix", "--show-fixes", "--exit-zero", "--format", "concise", quiet=True)
        changed = git(shop, "status", "--short")
        print(f"Files changed by the fixes:\n{changed}")
        title("rollsafe plan deploy: into production and out again")
        plan = rollsafe(shop, "plan", "deploy", "--base", "HEAD")
        agents = agents_found(shop)
        print(f"\nFindings came from: {', '.join(agents)}.")
        return 0 if len(agents) == 5 and again == 0 and plan == 0 else 1


def make_repository(shop: Path) -> None:
    """Commit the shop as of yesterday and put today's change over it."""
    shutil.copytree(SHOP, shop)
    today = {path: (shop / path).read_text() for path in (*NEW_TODAY, OVERLAY)}
    for path in NEW_TODAY:
        (shop / path).unlink()
    (shop / OVERLAY).write_text(today[OVERLAY].replace("newTag: 1.9.0", "newTag: 1.8.0"))
    git(shop, "init", "--quiet", "--initial-branch", "main")
    git(shop, "add", "--all")
    identity = ("-c", "user.name=demo", "-c", "user.email=demo@shop.example")
    git(shop, *identity, "commit", "--quiet", "--message", "yesterday")
    for path, text in today.items():
        (shop / path).write_text(text)


def agents_found(shop: Path) -> list[str]:
    """Return the names of the agents that found something."""
    import json

    done = subprocess.run(
        (*ROLLSAFE, "check", ".", "--format", "json", "--exit-zero"),
        cwd=shop, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return sorted({finding["agent"] for finding in json.loads(done.stdout)["findings"]})


def rollsafe(shop: Path, *arguments: str, quiet: bool = False) -> int:
    """Run the command in the shop and show what it prints; return its exit status."""
    shown = subprocess.DEVNULL if quiet else None
    return subprocess.run((*ROLLSAFE, *arguments), cwd=shop, check=False, stdout=shown).returncode


def git(shop: Path, *arguments: str) -> str:
    """Run git in the shop and return what it prints."""
    done = subprocess.run(("git", *arguments), cwd=shop, check=True, capture_output=True, text=True)
    return done.stdout


def title(text: str) -> None:
    """Print a headline."""
    print(f"\n=== {text} {'=' * max(3, 96 - len(text))}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
