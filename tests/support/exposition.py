"""What a page of metrics says, in Prometheus' text form."""


def samples(page: bytes) -> dict[str, float]:
    """The values of all metrics that have no labels, by their names."""
    lines = [line.split(" ") for line in page.decode().splitlines() if not line.startswith("#")]
    return {line[0]: float(line[1]) for line in lines if len(line) == 2 and "{" not in line[0]}
