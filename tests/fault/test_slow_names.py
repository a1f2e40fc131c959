"""A name server that does not answer about some receivers of events keeps none from the others."""

import json
import os
import subprocess
import sys
from pathlib import Path

from support.report import figure

HERE = Path(__file__).parents[1]
SENT_WITHIN = 1.0


def test_names_that_nobody_answers_about_keep_no_receiver_waiting(tmp_path: Path) -> None:
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    program = [sys.executable, "-m", "support.faults.names", str(tmp_path)]
    done = subprocess.run(
        ["unshare", "--net", "--mount", *as_root, *program],
        stdout=subprocess.PIPE,
        cwd=HERE,
        timeout=60,
        check=True,
    )
    told = json.loads(done.stdout)

    assert told["quick"] == "200"
    assert set(told["slow"]) == {"no answer in time"}
    figure(
        "names, time of a request beside slow ones", told["seconds"], at_most=SENT_WITHIN, unit="s"
    )
