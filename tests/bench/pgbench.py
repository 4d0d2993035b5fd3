"""PostgreSQL's own benchmark, where it is installed."""

import os
import re
import subprocess

from tests.bench.surroundings import DATABASE, Surroundings

from valeo_erp.demo.postgres import server_programs


def pgbench(place: Surroundings, seconds: int, scale: int, clients: int = 16) -> dict[str, float]:
    """Transactions per second of its simple update (three statements and a commit) and of its select; {} without it."""
    program = server_programs() / "pgbench"
    if not program.is_file():
        return {}
    variables = os.environ | {"PGPASSWORD": place.connection["password"]}
    to = ["-h", "127.0.0.1", "-p", str(place.server.port), "-U", "postgres", DATABASE]

    def ran(*arguments: str) -> str:
        command = [str(program), *arguments, *to]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout

    ran("--initialize", f"--scale={scale}", "--quiet")
    common = (f"--client={clients}", f"--time={seconds}", "--no-vacuum", "--protocol=prepared")
    return {
        "update": _rate(ran("--builtin=simple-update", *common)),
        "select": _rate(ran("--builtin=select-only", *common)),
    }


def _rate(told: str) -> float:
    found = re.search(r"tps = ([0-9.]+)", told)
    if found is None:
        raise ValueError(f"pgbench told no rate:\n{told}")
    return float(found[1])
