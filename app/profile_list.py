"""What `voltagraph profiles` prints: which profiles there are, and what each asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shapes.profiles import OWN, Choice, Profile, named_profiles
from shapes.shape_facts import ShapeFacts, shapes_of

if TYPE_CHECKING:
    from rich.console import Console

    from app.bootstrap import Services

Json = dict[str, Any]


def profiles_json(services: Services, names: Sequence[str]) -> list[Json]:
    """The profiles of these names, or every one, with their shapes.

    Raises:
        SettingsError: There is no such profile, or its file cannot be used.
    """
    profiles = named_profiles(names, services.profiles) if names else services.profiles
    choice = services.choices.default
    return [_profile_json(profile, choice) for profile in profiles]


def _profile_json(profile: Profile, choice: Choice) -> Json:
    return {
        "name": profile.name,
        "title": profile.title,
        "description": profile.description,
        "file": str(profile.file),
        "chosen": profile.name == OWN or profile.name in (choice.profiles or ()),
        "shapes": [_shape_json(facts, choice) for facts in shapes_of(profile)],
    }


def _shape_json(facts: ShapeFacts, choice: Choice) -> Json:
    severity = choice.severities.get(facts.code, facts.severity)
    return {**facts.to_json(), "severity": severity.value if severity else "off"}


def print_profiles(profiles: Sequence[Json], console: Console, *, with_shapes: bool) -> None:
    """Print what `profiles_json` gave: a line for each profile, or for each of its shapes.

    Args:
        profiles: The profiles.
        console: Where to print.
        with_shapes: Whether to print the shapes.
    """
    from rich.table import Table

    for profile in profiles if with_shapes else ():
        console.print(f"[bold]{profile['name']}[/]: {profile['title']}. {profile['description']}")
        table = Table(box=None, pad_edge=False)
        for title in ("finding", "severity", "what is wrong", "why it is asked"):
            table.add_column(title, overflow="fold")
        for shape in profile["shapes"]:
            table.add_row(shape["code"], shape["severity"], shape["message"], shape["reason"])
        console.print(table)
    if not with_shapes:
        table = Table(box=None, pad_edge=False)
        for title in ("profile", "asked", "findings", "about"):
            table.add_column(title, overflow="fold")
        for profile in profiles:
            asked = "of every record" if profile["chosen"] else ""
            table.add_row(profile["name"], asked, str(len(profile["shapes"])), f"{profile['title']}. {profile['description']}")
        console.print(table)
