"""How questions are worded: the patterns by which `search.asking.forms` tells their forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

NUMBERS: Final = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}  # noqa: SIM905

_BIGGER: Final = "heavier lighter denser thicker thinner wider narrower taller longer shorter"
_MORE: Final = "bigger larger greater higher more better smaller lower less fewer"
_BIGGEST: Final = (
    "heaviest lightest densest thickest thinnest widest narrowest tallest longest-lasting longest-lived longest shortest"
)
_MOST: Final = "highest largest greatest biggest most maximum maximal max top best lowest smallest least fewest minimum minimal min"

ADJECTIVES: Final[Mapping[str, tuple[str, bool]]] = {
    "heavier": ("weight", True),
    "lighter": ("weight", False),
    "denser": ("density", True),
    "thicker": ("thickness", True),
    "thinner": ("thickness", False),
    "wider": ("width", True),
    "narrower": ("width", False),
    "taller": ("height", True),
    "longer": ("length", True),
    "shorter": ("length", False),
    "heaviest": ("weight", True),
    "lightest": ("weight", False),
    "densest": ("density", True),
    "thickest": ("thickness", True),
    "thinnest": ("thickness", False),
    "widest": ("width", True),
    "narrowest": ("width", False),
    "tallest": ("height", True),
    "longest": ("length", True),
    "shortest": ("length", False),
    "longest-lasting": ("cycle life", True),
    "longest-lived": ("cycle life", True),
}
"""Adjectives that name a property by themselves, and whether more of it is meant."""
ORDINALS: Final[Mapping[str, int]] = {
    **{word: n for n, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)},  # noqa: SIM905
    "2nd": 2,
    "3rd": 3,
    **{f"{n}th": n for n in range(4, 21)},
    "next": 2,
}
"""Which of the values in order is wanted: *the second heaviest cell*."""
LESS: Final = frozenset("lowest smallest least fewest minimum minimal min shortest less fewer lower smaller bottom".split())  # noqa: SIM905
"""Words after which less of a property is meant."""
LIMITS: Final = frozenset(("maximum", "maximal", "max", "minimum", "minimal", "min"))
"""Superlatives that are also part of the names of properties, and bounds."""

LIMIT: Final = re.compile(r"(?P<word>maximum|maximal|max|minimum|minimal|min) (?=\w)", re.IGNORECASE)
"""A bound at the beginning of a property's name: *maximum capacity*."""

STATISTICS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("average", "mean", "on average", "in average"), "mean"),
    **dict.fromkeys(("median", "typical", "usual", "typically", "usually", "normally", "in the median"), "median"),
    **dict.fromkeys(("sum", "total", "combined", "sum total", "together", "altogether"), "sum"),
    **dict.fromkeys(("range", "ranges", "spread", "distribution", "minimum and maximum", "min and max"), "range"),
}
"""What a word asks to reckon."""
CALENDAR: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("newest", "latest", "most recent", "most recently published", "last published", "youngest"), True),
    **dict.fromkeys(("oldest", "earliest", "least recent", "first published"), False),
}
"""Superlatives of the date of records, and whether the latest is meant."""


BE: Final = r"(?:is|are|was|were)"
DO: Final = r"(?:do|does|did)"
"""Verbs that ask."""


def _any(words: str) -> str:
    return "|".join(words.split())


def _pattern(*pieces: str) -> re.Pattern[str]:
    return re.compile("".join(pieces), re.IGNORECASE)


_WHICH: Final = r"(?:what|which)"
_ARTICLES: Final = r"(?:(?:all|a|an|the) )*"
_THAT_OF: Final = r"(?:(?:that|those) of )?"
_COMPARED: Final = rf"(?:{_any(_BIGGER)}|{_any(_MORE)})"
_SORT: Final = (
    r"(?:(?:electrolyte|material|record|document|data ?set|parameter set|(?:test )?protocol|electrode|test|separator|substance"
    r"|cathode material|active material)s?)"
)
_MAKER: Final = (
    r"(?:manufacturers?|makers?|compan(?:y|ies)|brands?|producers?|vendors?|firms?|corporations?|suppliers?|enterprises?)"
)
_WHO: Final = rf"(?:who|{_WHICH} {_MAKER})"
_MADE: Final = r"(?:(?:make|produce|manufacture|build|sell)s?|made|produced|manufactured|built|sold|suppl(?:y|ies|ied))"

LASTS_LONGEST: Final = _pattern(r"\b(?:lasts?|lives?|survives?) (?:the )?longest\b")
CAN_BE: Final = _pattern(r" (?:can|may|could) be (?:used|(?:dis)?charged|run|operated) (?:with|at) (?=the [\w ]*charging )")
"""What *the highest charging current* says again: *which cell can be charged with the highest charging current*."""
KNOWN_OF: Final = _pattern(
    r"(?:what (?:do you know|is known) (?:about|of)|tell me(?: all| everything| more)? about|describe",
    r"|information (?:on|about)",
    r"|what is|what's)(?: the)? (?P<name>.+)",
)
KNOWN: Final = _pattern(
    r"(?:what (?:else )?(?:do you|is|do we|can you) (?:know|known|tell me|say|have)(?: about| of| on)?",
    r"|tell me(?: all| everything| more)? about|what is|what's|who is|describe|information (?:on|about)",
    r"|details (?:of|on|about|for)|everything (?:about|on)|show(?: me)?|about|properties of|data (?:on|for|of|about)",
    r"|give me (?:all|everything|information|details)(?: about| on| of)?",
    r"|(?:what|which) (?:data|information|properties|values) (?:is|are|do you have|exists?)(?: there| known| available)?",
    r"(?: about| for| of| on))?",
    r" ?(?:the )?⟦0⟧(?: (?:cell|battery|like))?|(?:does|do) (?:the )?⟦0⟧ exist",
)
"""All that is known of a thing is wanted."""
CHECK: Final = _pattern(rf"(?:{BE}|{DO}|has|have|can|could|may|will)\b")
"""Yes or no is wanted."""
CHOICE: Final = _pattern(r"\A(?!.*\bthan\b).*⟦\d+⟧[^⟦]{0,40}\bor\b[^⟦]{0,12}⟦\d+⟧")
"""One of several is wanted: *does A or B have the higher capacity*."""
ALL_NAMES: Final = _pattern(
    r"(?:(?:list|show|give|name)(?: me)?(?: of)?|what are|which are) (?:all )?(?:the |different |known |available )*",
    r"(?P<property>[\w ]+)",
)
"""*List all formats*, with nothing said of what."""
WHICH_OF: Final = _pattern(r"\bwhich (?:of|one|cell|battery|model|has|have|offers?|allows?|gives?|delivers?|supports?)\b")
"""One of several is asked for, before its property."""
EXISTS: Final = _pattern(
    rf"(?:{BE} there|do (?:you|we) (?:have|know(?: of)?|hold|list)|have (?:you|we)(?: got)?",
    rf"|(?:{BE}|{DO}|has|have)(?= (?:any|some|a|an)\b)|any(?= )) ?",
    r"(?:(?:any|some|a|an|such)(?: such)?\b)?",
)
_NUMERAL: Final = (
    rf"(?:about |around |roughly |approximately )?(?:[-−+~.\d]|(?:a |an )?(?:{'|'.join(NUMBERS)}|dozen|hundred|thousand|half"
    r"|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b)"
)
SET_AGAINST_SET: Final = _pattern(
    rf"\b{_COMPARED}\b(?: [\w-]+){{0,5}} than (?!{_NUMERAL})",
    r"|\b(?:is|are) there (?:more|fewer|less) (?!than\b)",
    r"|\b(?:more|fewer) (?:cells|batteries|records|models|datasets)\b(?! than \d)",
    r"|\A(?:do|does|is|are|has|have)\b.*\bboth\b.*\band\b",
)
"""One set beside another, where none of both is a number: *are there more LFP or NMC cells*, *heavier than LFP cells*."""
PER_UNIT: Final = _pattern(r"\bper (?:unit )?(?:of )?(?:weight|mass|volume|size|area|price|cost|euro|dollar|money|cent)\b")
"""A ratio that has no name as a property: *cycles per euro*."""
PER: Final = _pattern(
    r"\b(?:per|(?:for|of|in) (?:each|every)|grouped by)\b(?! ?\d)|\bby (?:maker|manufacturer|format|chemistry|year|size)\Z"
)
"""A number for each of several groups."""
_GROUP: Final = r"(?:maker|manufacturer|producer|company|brand|format|chemistry|size|shape|year|country|type|kind)"
PER_GROUP: Final = _pattern(
    r"\b(?:per|(?:for|of|in) (?:each|every))"
    rf" {_GROUP}\b"
)
BY_GROUP: Final = _pattern(rf"\b(?:grouped |sorted |broken down |split )?by (?:(?:the|each|their) )?{_GROUP}\Z")
"""The same behind a number over a set: *average mass of LFP cells by manufacturer*."""
DO_ALL: Final = _pattern(r"(?:do|does|are|is|have|has|can) (?:all|every|each)(?: of)?(?: the)?\b")
"""Whether all of a set are so."""
THERE: Final = _pattern(rf"{BE} there|(?:do|have) (?:you|we)|any")
ONLY_IT: Final = _pattern(r"\s*(?:(?:the|a|an|any)\s+)*⟦0⟧(?: (?:cell|battery))?")
NEEDED: Final = _pattern(
    r"how many\b.*\b(?:(?:do|would|will|should) (?:i|we|you|one) need|(?:are|is|would be) (?:needed|required|necessary))\b"
)
"""*How many LG M50 do I need for 1 kWh* asks for no number of records."""
ONLY_IT_THERE: Final = _pattern(
    r"\s*⟦0⟧(?: (?:cells?|batter(?:y|ies)|records?|entries|documents?))?(?: (?:are there|exist|(?:do (?:you|we)|are) .*))?"
)

HOW_MANY: Final = _pattern(
    r"(?:what(?: is|'s) )?(?:how many|(?:the )?(?:total |overall )?(?:number|count) of|count)(?: all)?(?: the| of the)?\b",
    r"(?P<different> (?:different|distinct|unique))?",
)
THERE_AT_END: Final = _pattern(r" (?:are there|there are|exist|are known|(?:do|have) (?:you|we) (?:have|know))\Z")
HAS_SO_MANY: Final = _pattern(rf" (?:{DO}|has|have|is|are|can|will)\b(?! (?:there|known|you|we)\b)")
"""So many units, and no records."""
SO_MANY_EACH: Final = _pattern(
    rf"\b(?:only|just|exactly|more than|fewer than|less than|at least|at most|over) {_NUMERAL}\S* (?:[\w-]+ )?",
    r"(?:cells?|models?|records?|batter(?:y|ies)|data ?sets?|products?)\b",
)
"""How many each maker has."""
SHARE: Final = _pattern(
    r"(?:what(?:'s| is| are)? )?(?:the )?(?:(?:what|which|how many|how large a) )?",
    r"(?:fraction|share|percentage|proportion|portion|per ?cent) of (?:(?:all|the|your|our|these) )*(?=\w)",
)
"""*What fraction of the cells are pouch cells*."""
SHARE_IS: Final = _pattern(
    r"(?<!\band )(?<!\bor )(?<!\bbut )\b(?:that |which |who )?(?:is|are|was|were|comes?|came|"
    r"(?P<verb>has|have|had|contains?|uses?|weighs?|gives?|costs?))\b"
)
"""Where a set ends and what is said of it begins."""
SHARE_WITH: Final = _pattern(r"\b(?P<verb>with|without)\b")
COMPARE_SETS: Final = _pattern(r"(?:compare|comparison of) (?:(?:the|typical) )*(?=\w)")
OF_SETS: Final = _pattern(r"(?: (?:of|for|between|among|in)|:) (?:(?:the|all) )*")
IN_HOW_MANY: Final = _pattern(
    rf"in how many (?P<set>.+?) {BE} (?P<what>.+?)(?: used)?(?: as)? (?P<role>(?:the|an?|its|their) .+)",
    rf"|in how many (?P<sets>.+?) {BE} (?:there )?(?P<thing>.+)",
)
"""*In how many cells is NMC the cathode*: how many cells have it as that."""
OF_HOW_MANY: Final = _pattern(
    r"(?:of|for) how many (?P<set>.+?) (?:(?:do|have) (?:you|we) (?:know|have|known)|(?:is|are) (?:known|given|stated|there))",
    r" (?:the |an? )?(?P<property>.+)",
    r"|(?:of|for) how many (?P<sets>.+?) (?:is|are) (?:the |an? )?(?P<properties>.+?)",
    r" (?:known|given|stated|available|recorded|reported)",
)
"""*Of how many cells do you know the mass*: how many cells with a mass."""
BETWEEN_SETS: Final = _pattern(rf"\s*,\s*(?:and\s+)?|\s+(?:and|vs\.?|versus|compared (?:to|with)|with|to|against)\s+{_THAT_OF}")
VERSUS: Final = _pattern(rf"\s+(?:vs\.?|versus|against|compared (?:to|with))\s+{_THAT_OF}")
LAST_NOUN: Final = _pattern(r"\b(?P<noun>cells|batteries|electrodes|electrolytes|materials|separators|cathodes|anodes)\Z")
"""What *LFP and NMC cells* both are."""
HOW_MANY_RECORDS: Final = _pattern(r"how many (?:records|documents|entries|sources|data ?sets?)\b")
HOW_MANY_MAKERS: Final = _pattern(
    rf"(?:how many|(?:the )?number of|count(?: the)?)(?: different| distinct)? {_MAKER}\b",
    r"(?: (?:are there|make|produce|manufacture|offer|sell|have|of|for))?",
)
MAKERS: Final = _pattern(rf"{_WHO}(?: (?:all|else))? (?:{_MADE}|offers?|supplies|has|have)\b")
LIST_MAKERS: Final = _pattern(
    rf"(?:(?:list|show|give|name|tell)(?: me| us)?(?: all)?(?: of)?|{_WHICH}(?: are)?)?(?: (?:all|the|different))* ?{_MAKER}",
    r"(?: (?:are there|there are|exist|(?:do you|we) (?:have|know)|do you (?:have|know)|known))?",
    r"(?P<set>(?: (?:of|for|that make|that produce|making|with|in) .+)?)",
)
"""*list the makers of LFP cells*."""
MAKERS_BEHIND: Final = _pattern(
    rf"(?:(?:list|show|give|name)(?: me| us)? |(?:who|{_WHICH}) are )?(?:all )?(?:the )?",
    r"(?P<set>(?:(?!\b(?:the|of|for|by|from|with|in|and|or|is|are|what|which|who|how|many|number)\b)[\w-]+ )+?)",
    r"(?:manufacturers|makers|producers|brands|companies)(?: (?:are there|do you (?:know|have)))?",
)
"""*LTO cell makers*."""
MOST_MADE: Final = _pattern(
    r"\s*the (?:most|largest number of|greatest number of|highest number of) (?:different )?",
    r"(?P<set>(?:.* )?(?:cells|batteries|records|models|entries)(?: .+)?)",
)
"""What is left of *who makes the most LFP cells*."""
PART_OF_SET: Final = _pattern(r"\s*(?:the |their )?(?P<part>[\w -]{3,40}?) (?:used )?(?:of|in|for) (?P<set>.+)")
"""*Who supplied the separators of Empa's cells* asks for no maker of cells."""
WHO_WROTE: Final = _pattern(
    r"\b(?:who|by whom)(?: (?:has|have|had|was|were|is|are))?",
    r" (?:published?|wrote|written|authored?|created?|recorded|measured|uploaded|contributed|performed|conducted|carried out",
    r"|did(?= the\b))\b(?: of| by| on)?",
    r"|\b(?:published|written|authored|created|measured|recorded|performed|conducted) by (?:whom|who)\b",
)
"""The people who made a record are wanted."""
WHO_RAN: Final = _pattern(
    r"\b(?:who|by whom)(?: (?:has|have|had|was|were))? (?:operated|ran|run|supervised)\b",
    r"|\b(?:operated|run|supervised) by (?:whom|who)\b",
)
"""The people who did a test are wanted, and not those who wrote its record."""
WHEN: Final = _pattern(
    rf"\b(?:when|(?:in )?{_WHICH} (?:year|date))(?: (?:is|was|were|did|has|have))?\b",
    r"(?=.*\b(?:perform|conduct|carried|done|publish|releas|creat|made|record|measur|issu|dat|introduc|launch|from|add",
    r"|c[ao]me (?:out|on)|appear|hit the))",
)
RELEASED: Final = _pattern(r"\b(?:releas\w+|launch\w*|introduced?|c[oa]me out|market)\b")
SAID_OF_DATES: Final = _pattern(
    r"\b(?:been )?(?:first )?(?:performed|conducted|carried out|done|published|publish|released?|created?|made|recorded|measured",
    r"|issued|dated?|introduced|launched|added|(?:come|came)(?: out)?|appear(?:ed)?|hit)\b(?: (?:in|on)?(?:to)? ?the market\b)?",
)
"""Verbs beside *when*."""
WHERE: Final = _pattern(
    rf"\b(?:where (?:is|are|can i find|do i find|does|do|did)|(?:in )?{_WHICH} (?:file|record|document|source)s?",
    r"(?: (?:gives?|has|have|holds?|contains?|says?|states?|tells?|describes?|mentions?))?(?: (?:is|are))?",
    r"|(?:the )?(?:sources?|origin|provenance) (?:of|for)|what is the (?:source|origin) (?:of|for))\b",
)
"""The place of something in the documents is wanted."""
PLACED: Final = _pattern(
    r"\b(?:come from|comes from|stored|located|found|from|data|information|value|record|document|given|written|stated|in)\b"
)
"""Words beside *where* that say nothing more."""
SORT: Final = _pattern(
    rf"\A(?:the )?{_SORT}\s+",
    rf"|\s+{_SORT}\Z",
)
"""What something is said to be, beside its title."""
LATEST: Final = _pattern(rf"(?<!\w)(?:the )?(?P<word>{'|'.join(word.replace(' ', r' +') for word in CALENDAR)})\b")
HAS_MADE: Final = _pattern(rf"\b(?:{_MADE}|offers?|supply|supplies|have|has|releas(?:e|ed)|launch(?:ed)?|introduced?)\b")
"""What somebody has or makes: *does Saft make LFP cells* asks for one of them."""
MODELS: Final = _pattern(r"(?:models|types|kinds) of (?=\w)|models\b")
NO_RECORDS: Final = _pattern(
    r"(?:more|fewer|less|(?:cathode|anode|electrode|active) materials?|chemistr(?:y|ies)|formats?|form factors?|shapes?|sizes?"
    r"|properties|materials? does|people|persons?|authors?|units?"
    r"|solvents?|salts?|binders?|additives?|(?:cell|battery) (?:instances?|specifications?|specs?|types?)"
    r"|researchers|institutions?|licen[cs]es?|words|times|instruments?|concepts?|classes|years?)\b"
)
"""What is counted here that is no record."""
_CELLS: Final = (
    r"(?:cells?|batter(?:y|ies)|accumulators?|records?|data ?sets?|documents?|tests?|protocols?|schemas?|electrodes?"
    r"|cathodes?|anodes?|electrolytes?|separators?|materials?|housings?|models|files|papers?)\b"
)
_ONE: Final = r"(?:an?|one|each|every|the) "
WHAT_IS: Final = _pattern(r"(?:what|who) is (?!.*\b(?:available|there|known|in|from|by|with)\b)(?:(?:an?|the) )?\S")
"""A word shall be explained: *what is graphite*."""
SUBSTANCES: Final = _pattern(rf"{_WHICH} (?:{BE} )?(?:the )?(?:\w+ )?(?:salts?|solvents?|binders?|additives?|metals?|polymers?)\b")
"""Names of substances are wanted, and no records."""
NAMES: Final = _pattern(
    rf"{_WHICH} (?:{BE} )?(?:the )?(?:instruments?|devices?|cyclers?|potentiostats?|equipment|persons?|people|authors?",
    r"|researchers?|institutions?|operators?|laborator(?:y|ies)|labs?|institutes?|universit(?:y|ies))\b",
)
"""Names of instruments and people are wanted, and no records."""
HOW_TO: Final = _pattern(r"(?:how (?:do|can|could|should|would) (?:i|we|one)|how to|why)\b")
"""No value answers that."""
PARTS_OF: Final = _pattern(
    rf"(?!.*{_CELLS}.* (?:is|are|was|were|in|on|inside|within))[\w -]+ (?:{BE} (?:there )?)?(?:in|on|inside|within)\b",
    rf"|.*{_CELLS} (?:{BE} (?:there )?)?(?:in|inside|within) {_ONE}.*\b(?:packs?|modules?|strings?|stacks?|systems?|cars?",
    r"|vehicles?|phones?|laptops?|scooters?|bikes?|buses|bus|robots?|drones?|tools?|powerwall)\b",
)
"""The parts of something: *electrons in one coulomb*, *tabs on a pouch cell*, *cells in the battery pack*."""
OF_ONE: Final = _pattern(
    r"[\w -]+? (?:do|does|did|can|could|would|will|should|must|has|have) (?!you\b|we\b|not\b|never\b)(?:\S+ )+",
    r"(?:have|has|contain|need|hold|take|use|fit|comprise|include|require|consist|weigh|make up)\b",
)
"""*How many tabs does a pouch cell have*, *how many cells do I need*."""
HOW_LONG: Final = _pattern(rf"how (?:long|many cycles) (?:do|does|can|will) {_ARTICLES}(?P<set>.+?) (?:last|live|survive|hold)s?")
HAS_IT: Final = _pattern(
    r" (?:have|has|use|uses|used|contain|contains|weigh|weighs|give|gives|deliver|delivers",
    r"|reach|reaches|achieve|achieves|show|shows|store|stores|hold|holds|provide|provides|offer|offers",
    r"|(?:run|runs|performed|carried out|conducted|executed)(?: (?:at|with))?",
    r"|published|released|available|distributed|under)\Z",
)
"""The verb at the end of *what cathode does X use*."""
OF_ALTERNATIVES: Final = re.compile(r",[^,?]*\bor\b[^,?]*[?\s.!]*\Z", re.IGNORECASE)
"""*Which salt is in it, this or that* asks for no others."""
NO_LIST: Final = _pattern(
    r".*\bin common\Z|",
    r"(?:who|whom|whose|where|when|why|how|compare|comparison|difference|convert)\b",
    rf"|what {DO}\b(?!.*\b(?:{_MADE}|offer|have)\b)",
)
"""A question of this beginning is not answered with a list of records."""
RECKONED: Final = _pattern(
    r"\b(?:mean|median|averages?|ratio|percentage|fraction|proportion|difference|(?:number|count|sum|total) of)\b",
    rf"|\bhow (?:many|much|heavy|long|old|big|large|thick|far)\b|[:;,–-] (?:{BE}|{DO}|has|have|can|who|when|why) (?!not\b)",
)
"""What is left of a question for a number, or for yes and no, when what stands before it is not understood."""
COUNTRY: Final = _pattern(
    rf"\b(?:in |from )?{_WHICH} country\b(?: (?:is|was|are|were|does|do|did))?",
    rf"|\bwhere (?:{BE} (?=.*\b{_MADE}\b)|(?:does|do) (?=.*\bget {_MADE}\b))",
)
"""The country of a thing is wanted: *in which country is it made*, *where was it manufactured*."""
SAID_OF_COUNTRIES: Final = _pattern(rf"\b(?:{_MADE}|assembled|com(?:es?|ing) from|from|originates? from|originates?)\b")
"""Verbs beside a country."""
WHO_MADE: Final = _pattern(
    rf"\b{_WHO} (?:is the |was the )?(?:has |is |was )?(?:{_MADE}|manufacturer|maker|producer)\b(?! up\b)(?: of| by)?",
    rf"|\b(?:made|produced|manufactured|built) by (?:whom|who|{_WHICH} {_MAKER})\b|\bby whom\b",
    rf"|\b{_WHO} (?:is|stands) behind\b",
)
"""The maker of a thing is wanted."""

DIFFERENCE: Final = _pattern(
    r"\b(?:difference|differs?|apart|gap|subtract(?:ed)?|minus)\b",
    rf"|\bhow many (?:more|fewer|less)\b|\b(?:by )?how much {_COMPARED}\b",
)
BY_HOW_MUCH: Final = _pattern(r"\bby how much\b")
BY_HOW_MANY: Final = _pattern(
    r"\bby how many (?!times\b|per ?cent)(?P<unit>[^\s⟦]{1,30})",
    rf"(?= (?:is|are|does|do|was)\b.*\b(?:{_COMPARED}|differ|apart)\b)",
)
"""*By how many grams is X heavier than Y*."""
PERCENT: Final = _pattern(r"\b(?:by )?(?:how many|what) per ?cent(?:age)?\b|\bhow much\b(?= .*\bin per ?cent\b)")
DIFFERENCE_IN: Final = _pattern(
    rf"\b(?:by )?how many (?!times\b)(?P<unit>[^\s⟦]{{1,30}}) (?P<word>{_any(_BIGGER)}|{_any(_MORE)})\b"
)
"""*how many grams heavier*."""
RATIO: Final = _pattern(
    r"\bratio (?:of|between|in|for)\b|\bratio\b|\bhow many times(?: (?:as|the))?\b|\b(?:by )?what factor\b",
)
ONE_OF_A_SORT: Final = _pattern(
    rf"\b(?:which|what) (?:of (?:the|these) )?(?:two |three )?{_SORT}(?= (?!of\b))",
    rf"|\b(?:the|a|an) {_SORT} (?=(?:with|of|that|which) )",
)
"""*Which material has more*, *is A or B the material with the higher density*."""
DIFFERENT: Final = _pattern(r"\bdifferent(?: from| in| to)?\b")
DIFFERS: Final = _pattern(rf"\A(?:{DO}) .*\bdiffers?\b|\A{BE} .*\bdifferent\b")
"""Whether two things are apart at all."""
_EITHER: Final = rf"(?:which|what|who|{BE}|{DO}|has|have|can)"
BETWEEN_UNKNOWN: Final = _pattern(
    rf"\A{_EITHER}\b(?!.*\bthan\b)(?=.*\b{_COMPARED}\b).*\bor\b",
    r"(?! (?:more|less|fewer|higher|lower|equal|below|above|larger|bigger))",
    rf"|.*\bor\b.*[:,] (?:which|what|who)\b(?!.*\bthan\b).*\b{_COMPARED}\b",
)
"""One of two is wanted, which are no things: *which has the higher voltage, LFP or LTO cells*."""
SAME: Final = _pattern(r"\b(?:the )?same\b|\bequal(?:ly)?\b|\bidentical\b")
COMPARE: Final = _pattern(
    r"\A(?:rank|order|sort)\b|\b(?:put|set|place|show|see)?\b ?\b(?:side[ -]by[ -]side|next to each other|beside each other)\b",
    r"|\b(?:comparison|compared?|contrast|juxtapose|versus|vs)\b\.?",
)
COMPARED: Final = _pattern(rf"\b(?P<word>{_any(_BIGGER)}|{_any(_MORE)})\b(?: (?:a|the)\b)?")
BEYOND: Final = _pattern(
    rf"\b(?:(?:with|of|that|which|have|has|are|is|weighs?) )*(?:a )?(?P<word>{_any(_BIGGER)}|{_any(_MORE)})\b",
    r" ?(?P<property>[^⟦]{0,60}?) ?\bthan (?:that of )?(?:the )?⟦0⟧(?:'s)?(?: (?:cell|battery))?",
)
"""*heavier than the A123 20AH*, *with a higher capacity than the A123 20AH*."""

SUPERLATIVE: Final = _pattern(
    rf"(?<!at )(?<!\w)(?:the )?(?:(?P<number>\d{{1,3}}|{'|'.join(NUMBERS)}) )?",
    rf"(?:(?P<rank>{'|'.join(ORDINALS)})[ -])?",
    rf"(?P<word>{_any(_BIGGEST)}|{_any(_MOST)})\b(?: (?P<top>\d{{1,3}}|{'|'.join(NUMBERS)})\b)?",
)
EXPLAINED: Final = _pattern(
    r"\s*(?:\((?:i\.?e\.? |that is,? |by )?(?P<brackets>[^()]{3,60})\)"
    r"|,? (?:by|in terms of|judged by|measured by) (?:its |their |the )?(?P<by>[\w -]{3,40}))\Z"
)
"""The property once more, behind a superlative: *the most energy (nominal energy)*, *the narrowest cell by width*."""
WEIGHED: Final = _pattern(r"\bweighs?\s*\Z")
ONE_WITH: Final = _pattern(r"\b(?:cell|battery|model|one) (?:with|has|having|(?:that|which) has)\s*\Z")
"""Before the limit of which the highest is meant: *the cell with the maximum discharge current*."""
TOP_BY: Final = _pattern(
    rf"(?:{_WHICH} (?:are|is) )?(?:the |list |show |give me )*",
    rf"(?:(?P<many>\d{{1,3}}|{'|'.join(NUMBERS)}) )?",
    r"(?P<word>top|best|strongest|most [a-z]+|highest|largest|biggest|greatest|heaviest|lowest|smallest|lightest|bottom|first) ?"
    r"(?P<number>\d{1,3}(?!\d)|[a-z]+(?= ))? ?",
    r"(?P<set>.+?),? (?:sorted |ranked |ordered )?(?:by|in terms of|with respect to)(?: the)? (?P<property>.+)",
)
"""*top 5 LFP cells by capacity*."""
STATISTIC: Final = _pattern(
    r"\b(?:the )?(?P<word>sum total|sum(?! formula)|total|combined|together|altogether|minimum and maximum|min and max",
    r"|usual|usually|typically|normally|on average|in average|in the median|average|mean|median|typical",
    r"|ranges?|spread|distribution)\b(?: (?:value|values))?(?: of)?",
)
OF_A_CELL: Final = _pattern(r"(?:cell|battery) ")
STATISTIC_AGAIN: Final = _pattern(r"\s*[(,:]\s*(?:the )?(?P<word>average|mean|median|sum|total|range)\)?\Z")
"""What was said in another word before: *typical cycle life of LFP cells (median)*."""
BESIDE: Final = _pattern(r"\s*[,:;–]\s+|\s+-\s+")
CELLS_LAST: Final = _pattern(
    r" (?P<set>(?!(?:of|for|in|with|and|or|above|below|over|under|between)\b)[\w -]*?(?:cells|batteries))\Z"
)
"""*Nominal voltage LTO cells*."""
BETWEEN_WORDS: Final = _pattern(
    r"(?<!\b(?:with|that|have))(?<!\b(?:has|the|for|and|not))(?<!\b(?:of|by|in|or|an|no))(?<!\ba)",
    r" (?!(?:and|or|of|in|is|are|per|vs)\b|&)",
)
"""Where a property can begin behind a set, or a set behind a property."""
ASKING: Final = _pattern(
    r"(?:(?:what|which|who)(?:'s| is| are| was| were)?|how (?:big|large|high|long) (?:is|are)|how (?:much|many)",
    r"|give|show|tell me|list)?\b ?(?:the )?",
)
OF: Final = _pattern(
    rf" (?:(?:{BE} )?(?:used|offered|employed|made|produced|sold) by |(?:{BE} )?(?:used |given |known |stated |measured )?",
    r"(?:of|for|among|across|in|do|does|is|are|has(?! an? )) )(?:(?:all|every|each|any|a|an|the|our|your) )*",
)
OF_IT: Final = _pattern(r" (?:of|does|is|has) (?=the\b|a\b|\w+(?:est|most|least)\b)")
OF_IT_WITH: Final = _pattern(
    r" (?:of|for|does) the (?P<set>(?:[\w-]+ ){0,4}(?:cell|battery|model|one)) (?:with|having|that has|which has) (?=the \w)"
)
"""*the mass of the LFP cell with the highest capacity*."""
NUMBERED: Final = _pattern(
    r"(?:(?:name|list|show|give|which|what are)(?: me| us)? )?(?:the )?",
    rf"(?P<number>\d{{1,2}}|{'|'.join(NUMBERS)}) (?=(?:\w+ )*\w+s\b)",
)
"""*5 cells with the highest capacity*."""
HOW: Final = _pattern(rf"how (?P<word>heavy|light|thick|thin|wide|tall|high|long|big|large) {BE} {_ARTICLES}(?P<set>.+)")
HOW_MUCH: Final = _pattern(rf"(?:how much|what) (?:do|does) {_ARTICLES}(?P<set>.+?) (?P<word>weighs?)")
