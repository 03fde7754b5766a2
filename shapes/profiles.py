"""Profiles: which shapes are asked of which record, and how grave its findings are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from records.errors import SettingsError
from records.issues import Issue, Severity
from shapes.validator import Validator

_FOLDER = Path(__file__).with_name("profiles")

COMMON: Final = _FOLDER / "common.ttl"
"""Shapes that several profiles use; they have no target of their own."""

OWN: Final = "own"
"""Name of the profile that the setting ``shapes_file`` makes."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A group of shapes that a community can choose.

    Args:
        name: What it is chosen by.
        title: What it is called.
        description: What it asks for, in one sentence.
        file: Its shapes, in Turtle.
        is_default: Whether it is asked of every record unless the settings say otherwise.
    """

    name: str
    title: str
    description: str
    file: Path
    is_default: bool = False


def _profile(name: str, title: str, description: str, *, is_default: bool = False) -> Profile:
    return Profile(name, title, description, _FOLDER / f"{name}.ttl", is_default)


PROFILES: Final = (
    _profile("readable", "Readable", "A name, and numbers with a unit and a kind: the least to be indexed.", is_default=True),
    _profile("battinfo-cell", "Cell or its specification", "Maker, format, chemistry, capacity and voltage.", is_default=True),
    _profile("battinfo-test", "Battery test", "Test object, procedure, instrument, time and output.", is_default=True),
    _profile(
        "measurement", "Measurement", "Plausible numbers; conditions, sample and instrument of a measurement.", is_default=True
    ),
    _profile("experiment", "Experiment (data management plan)", "Materials, protocols, instrument, time, place and output."),
    _profile("computation", "Computation (data management plan)", "Inputs, code, computer, outputs, person and time."),
    _profile("ml-model", "Machine-learned model (data management plan)", "Initialisation, training data and hardware."),
)
"""The profiles that come with the program, from the least that is asked to the most."""

DEFAULT_PROFILES: Final = tuple(profile.name for profile in PROFILES if profile.is_default)


def files_of(profiles: Iterable[Profile]) -> tuple[Path, ...]:
    """The files of these profiles and of what they share: what a validator is made from.

    >>> [file.name for file in files_of(PROFILES[:2])]
    ['common.ttl', 'readable.ttl', 'battinfo-cell.ttl']
    """
    return (COMMON, *(profile.file for profile in profiles))


DEFAULT_SHAPES: Final = files_of(profile for profile in PROFILES if profile.is_default)
"""The shapes of the default profiles."""

Severities: TypeAlias = Mapping[str, Severity | None]
"""How grave a kind of finding is, by its code; ``None`` leaves it out."""


def with_severities(issues: Iterable[Issue], severities: Severities) -> tuple[Issue, ...]:
    """These findings, each as grave as its kind was set to be; those that are switched off are left out.

    >>> from records.issues import Issue
    >>> found = [Issue("missing-unit", "no unit"), Issue("missing-name", "no name"), Issue("several-units", "two units")]
    >>> for issue in with_severities(found, {"missing-unit": Severity.INFO, "missing-name": None}):
    ...     print(issue)
    : info [missing-unit] no unit
    : violation [several-units] two units
    """
    if not severities:
        return tuple(issues)
    graded = ((issue, severities.get(issue.code, issue.severity)) for issue in issues)
    kept = ((issue, severity) for issue, severity in graded if severity is not None)
    return tuple(issue if severity is issue.severity else replace(issue, severity=severity) for issue, severity in kept)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose.

    Args:
        profiles: Names of profiles; ``None``: those of whoever chose before.
        severities: How grave kinds of findings are, where it differs.
    """

    profiles: tuple[str, ...] | None = None
    severities: Severities = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choices:
    """Who chose what: everybody, then a source, then the communities of a record, the last word being theirs.

    Args:
        default: For every record; its profiles are given.
        sources: By the name of the source.
        communities: By community, written as the audience of its members.

    >>> choices = Choices(
    ...     Choice(("readable",)), {"archive": Choice(severities={"missing-name": Severity.INFO})},
    ...     {"archive/community:cells": Choice(("readable", "battinfo-cell"))},
    ... )
    >>> choices.of("archive", ("archive/community:cells",))
    Choice(profiles=('readable', 'battinfo-cell'), severities={'missing-name': <Severity.INFO: 'info'>})
    """

    default: Choice
    sources: Mapping[str, Choice] = field(default_factory=dict)
    communities: Mapping[str, Choice] = field(default_factory=dict)

    def of(self, source: str, communities: Sequence[str] = ()) -> Choice:
        """The choice for a record of this source and these communities.

        A record of several communities is asked for what any of them asks; of their severities the gravest holds.
        """
        own = self.sources.get(source, Choice())
        theirs = [self.communities[name] for name in communities if name in self.communities]
        profiles = own.profiles if own.profiles is not None else self.default.profiles
        asked = [profiles if choice.profiles is None else choice.profiles for choice in theirs] or [profiles]
        profiles = tuple(dict.fromkeys(name for names in asked for name in names or ()))
        return Choice(profiles, {**self.default.severities, **own.severities, **_gravest(choice.severities for choice in theirs)})

    def all(self) -> tuple[Choice, ...]:
        """Every choice that somebody made."""
        return (self.default, *self.sources.values(), *self.communities.values())


def _gravest(all_severities: Iterable[Severities]) -> dict[str, Severity | None]:
    order = (*Severity, None)
    gravest: dict[str, Severity | None] = {}
    for severities in all_severities:
        for code, severity in severities.items():
            gravest[code] = min(severity, gravest.get(code), key=order.index)
    return gravest


@dataclass(frozen=True, slots=True)
class Checks:
    """What is asked of a record.

    Args:
        validator: An engine with the shapes of the chosen profiles.
        severities: How grave kinds of findings are, where it differs from their own.
    """

    validator: Validator
    severities: Severities = field(default_factory=dict)


ChecksFor: TypeAlias = Callable[[str, tuple[str, ...]], Checks]
"""The checks for a source's name and the communities of a record."""


def always(checks: Checks) -> ChecksFor:
    """The same checks for every record."""
    return lambda _source, _communities: checks


def named_profiles(names: Iterable[str], known: Iterable[Profile] = PROFILES) -> tuple[Profile, ...]:
    """The profiles of these names, each once.

    Raises:
        SettingsError: There is no such profile; the names that there are stand in the error.

    >>> [profile.title for profile in named_profiles(["readable", "readable"])]
    ['Readable']
    """
    by_name = {profile.name: profile for profile in known}
    wanted = tuple(dict.fromkeys(names))
    if unknown := [name for name in wanted if name not in by_name]:
        raise SettingsError(f"There is no profile {unknown[0]!r}.", f"Choose from {', '.join(by_name)}.")
    return tuple(by_name[name] for name in wanted)
