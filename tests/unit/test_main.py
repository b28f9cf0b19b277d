import subprocess
import sys


def test_the_module_is_the_command():
    ran = subprocess.run(
        [sys.executable, "-m", "ibkit", "--help"], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "demo" in ran.stdout
