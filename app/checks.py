"""From the settings to who chose which profiles and severities, and from these to what is asked of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from access.audiences import LOCAL, scope
from app.settings import ChosenChecks, Settings
from records.errors import SettingsError
from records.issues import Severity
from shapes.finding_pages import PAGES
from shapes.profiles import OWN, PROFILES, Checks, Choice, Choices, Profile, files_of, named_profiles
from shapes.shape_facts import shapes_of
from shapes.validator import Validator

_OFF = "off"


def choices(settings: Settings, profiles: Iterable[Profile]) -> Choices:
    """The choices of the settings.

    Args:
        settings: The settings; the profiles they name are known to exist.
        profiles: Every profile that can be chosen.

    Raises:
        SettingsError: A severity is set for a kind of finding that there is not, or a community is none.
    """
    made = Choices(
        Choice(settings.profiles, _severities(settings.severities)),
        {source: _choice(chosen) for source, chosen in settings.source_checks.items()},
        {scope(name, LOCAL): _choice(chosen) for name, chosen in settings.community_checks.items()},
    )
    named = {code for choice in made.all() for code in choice.severities}
    known = _codes(profile for profile in profiles if profile not in PROFILES) if named else set()
    if unknown := sorted(named - known):
        near = get_close_matches(unknown[0], known, n=3)
        remedy = f"Did you mean {', '.join(near)}?" if near else "docs/findings.md and `voltagraph profiles` list them."
        raise SettingsError(f"A severity is set for {unknown[0]!r}, and no finding is called that.", remedy)
    return made


class ProfileChecks:
    """Makes an engine for each set of profiles, once: their shapes in one graph are faster than an engine for each of them.

    Args:
        choices: Who chose what.
        profiles: Every profile that can be chosen; one called `OWN` is asked of every record whose checks are chosen.
        make: Makes the engine that checks the shapes of some files.
    """

    def __init__(self, choices: Choices, profiles: Sequence[Profile], make: Callable[[tuple[Path, ...]], Validator]) -> None:
        self._choices = choices
        self._profiles = profiles
        self._make = make
        self._own = (OWN,) if any(profile.name == OWN for profile in profiles) else ()
        self._made: dict[tuple[Profile, ...], Validator] = {}
        self.of = lru_cache(maxsize=1024)(self._of)

    def prepare(self) -> None:
        """Read the shapes of everything chosen: those that cannot be used end the program now, not in the middle of a harvest."""
        for choice in self._choices.all():
            self._chosen(choice)

    def named(self, profiles: tuple[str, ...]) -> Checks:
        """What these profiles ask, with the severities of the settings.

        Raises:
            SettingsError: There is no such profile.
        """
        return Checks(self._validator(profiles), self._choices.default.severities)

    def _of(self, source: str, communities: tuple[str, ...]) -> Checks:
        """What is asked of a record of a source and some communities."""
        return self._chosen(self._choices.of(source, communities))

    def _chosen(self, choice: Choice) -> Checks:
        return Checks(self._validator((*(choice.profiles or ()), *self._own)), choice.severities)

    def _validator(self, names: tuple[str, ...]) -> Validator:
        chosen = named_profiles(names, self._profiles)
        if chosen not in self._made:
            self._made[chosen] = self._make(files_of(chosen))
        return self._made[chosen]


def _codes(own: Iterable[Profile]) -> set[str]:
    return {path.stem for path in PAGES.glob("*.md")} | {facts.code for profile in own for facts in shapes_of(profile)}


def _choice(chosen: ChosenChecks) -> Choice:
    return Choice(chosen.get("profiles"), _severities(chosen.get("severities", {})))


def _severities(named: Mapping[str, str]) -> dict[str, Severity | None]:
    return {code: None if severity == _OFF else Severity(severity) for code, severity in named.items()}
