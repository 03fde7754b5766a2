"""What is made at first use is made when the server starts, beside the first requests: so no reader waits for it."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Final

import structlog

from records.errors import VoltagraphError
from records.rights import PUBLIC

if TYPE_CHECKING:
    from app.bootstrap import Services

_log = structlog.get_logger("server")

_QUESTIONS: Final = ("How heavy is the NMC cathode cell above 1 Ah of 2020?", "datasets of graphite, not lithium")
"""Between them they need every table of the understanding."""


def warm_up(services: Services) -> None:
    """Answer questions as an anonymous reader would ask them; what fails is logged, and told to whoever asks next."""
    from search.asking.ask import ask
    from search.service import Wish, search, suggest

    began = time.perf_counter()
    _ = services.lookup, services.concepts, services.units
    gc.collect()
    gc.freeze()  # the ontologies stay as long as the server: looking through them again takes a quarter of a second each time
    try:
        for question in _QUESTIONS:
            ask(services.asking, question, PUBLIC)
            search(services.search, question, PUBLIC, wish=Wish(reaches=True))
        suggest(services.search, "li", PUBLIC)
        for hit in search(services.search, "", PUBLIC, limit=1).hits:
            services.similar.find(hit.record, PUBLIC)
    except VoltagraphError as error:
        _log.warning("not warm", problem=str(error))
    else:
        _log.info("warm", seconds=round(time.perf_counter() - began, 2))
