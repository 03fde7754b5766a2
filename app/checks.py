"""From the settings to who chose which profiles and severities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from access.audiences import LOCAL, scope
from app.settings import ChosenChecks, Settings
from records.errors import SettingsError
from records.issues import Severity
from shapes.finding_pages import PAGES
from shapes.profiles import PROFILES, Choice, Choices, Profile
from shapes.shape_facts import shapes_of

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


def _codes(own: Iterable[Profile]) -> set[str]:
    return {path.stem for path in PAGES.glob("*.md")} | {facts.code for profile in own for facts in shapes_of(profile)}


def _choice(chosen: ChosenChecks) -> Choice:
    return Choice(chosen.get("profiles"), _severities(chosen.get("severities", {})))


def _severities(named: Mapping[str, str]) -> dict[str, Severity | None]:
    return {code: None if severity == _OFF else Severity(severity) for code, severity in named.items()}
