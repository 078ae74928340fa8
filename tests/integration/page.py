"""A page of the exporter, parsed by Prometheus' own Python library."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]


def labels(**pairs: object) -> Labels:
    return frozenset((name, str(value)) for name, value in pairs.items())


class Page:
    """{name: {labels: value}}. Raises AssertionError for duplicate series and NaN."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.series: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                values = self.series.setdefault(sample.name, {})
                key = frozenset(sample.labels.items())
                assert key not in values, f"twice on one page: {sample.name}{sample.labels}"
                assert sample.value == sample.value, f"NaN: {sample.name}{sample.labels}"
                values[key] = sample.value

    def get(self, name: str) -> dict[Labels, float]:
        """Returns all series of a name."""
        return self.series.get(name, {})

    def where(self, name: str, **pairs: object) -> dict[Labels, float]:
        """Returns the series of a name that have these labels, among others."""
        wanted = labels(**pairs)
        return {key: value for key, value in self.get(name).items() if wanted <= key}

    def value(self, name: str, **pairs: object) -> float | None:
        """Returns the value of the series with exactly these labels; None if absent."""
        return self.get(name).get(labels(**pairs))

    def names(self, name: str, label: str) -> set[str]:
        """Returns the values of `label` in the series of a name."""
        return {value for key in self.get(name) for label_name, value in key if label_name == label}

    def total(self, name: str) -> float:
        """Returns the sum of all series of a name."""
        return sum(self.get(name).values())
