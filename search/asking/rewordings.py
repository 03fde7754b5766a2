"""Questions in other words: without greetings, and with the name of a property for what people say by verbs and adjectives."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final


def _pattern(*pieces: str) -> re.Pattern[str]:
    return re.compile("".join(pieces), re.IGNORECASE)


_COULD_YOU: Final = r"(?:can|could|would|will) (?:you|someone|somebody|anyone|anybody) (?:please |kindly )?"
_LEAD: Final = _pattern(
    r"(?:(?:hi|hello|hey|please|so|ok|okay|well|and)\b[ ,!.]*",
    rf"|{_COULD_YOU}(?=tell|show|give|list|find|name|compare|say|explain|describe)",
    rf"|(?:{_COULD_YOU})?(?:look up|check|find out|work out|calculate|determine|state|report|tell)",
    r"(?: for)?(?: me| us)?[ ,:]+(?=what|which|who|how|where|when|if|whether|the (?!makers?|manufacturers?)|⟦)",
    r"|i(?:'d| would)? (?:want|like|need|wish) to (?:know|find out|see|find) (?:about )?|i(?:'m| am) looking for ",
    r"|(?:do you know|tell me|say|let me know|find out)(?: please)?[ ,:]+(?=what|which|who|how|where|when|if|whether|the|⟦)",
    r"|(?:show|give|get|find|name|state|quote|provide|print|display)(?: me| us)?[ ,:]+",
    r"(?=what|which|who|how|the (?:\w+ )?\w+ (?:of|for) (?:the )?⟦|⟦)",
    r"|(?:if|whether) |(?:at|under|with|from|in) (?=(?:what|which) (?!year|date|file|record|document|source)))",
)
"""Greetings and what only says that something is asked."""
_LASTING: Final = r"(?:lasts?|lives?|survives?|endures?|keeps going|holds? out)"
_IT: Final = r"(?:the )?⟦\d+⟧"
_MAY: Final = r"(?:must|may|should|can|shall|could)"
_PER: Final = r"(?:per|to)(?: unit)?(?: of)?(?: the)?"
_SORT: Final = r"(?:lower|upper|min(?:imum)?|max(?:imum)?|rated|nominal|typical|standard|continuous|pulse|peak)"
_PER_UNITS: Final[Sequence[tuple[str, str, str]]] = (
    (r"mAh(?: ?/ ?| per )g(?:ram(?:me)?)?", "specific capacity", "mAh/g"),
    (r"Ah(?: ?/ ?| per )(?:kg|kilo(?:gram(?:me)?)?)", "specific capacity", "Ah/kg"),
    (r"mAh(?: ?/ ?| per )(?:cm2|cm²|cm\^2|square centimet(?:re|er))", "areal capacity", "mAh/cm²"),
    (r"Wh(?: ?/ ?| per )(?:kg|kilo(?:gram(?:me)?)?)", "specific energy", "Wh/kg"),
    (r"Wh(?: ?/ ?| per )(?:l|lit(?:re|er))", "energy density", "Wh/L"),
    (r"mg(?: ?/ ?| per )(?:cm2|cm²|cm\^2|square centimet(?:re|er))", "mass loading", "mg/cm²"),
)
"""Units that only one property has, and how they are written."""
_GIVES: Final = (
    r"(?:offer|have|store|deliver|hold|give|provide|contain|reach|achieve|pack|supply|carry|possess|yield|show|get|allow)"
)
_APART: Final = r"(?:(?:lie|are|is|lies)(?: there)? between|separates?|divides?|(?:sets?|puts?) apart)"
_UNIT_MEANS: Final = (
    (re.compile(r"(?:milli)?volts?|m?V"), "nominal voltage"),
    (re.compile(r"(?:milli)?amp(?:ere)?[ -]?hours?|m?Ah"), "capacity"),
    (re.compile(r"(?:kilo)?watt[ -]?hours?|k?Wh"), "energy"),
    (re.compile(r"(?:kilo|milli)?gram(?:me)?s?|k?g|kilos?|pounds"), "mass"),
    (re.compile(r"(?:milli)?ohms?|m?Ω"), "internal resistance"),
)
"""Units and the property of a cell that they mean by themselves."""


def _in_unit(said: re.Match[str]) -> str:
    """*How many volts has the heaviest cell* as *nominal voltage of the heaviest cell in volts*."""
    name = next((name for unit, name in _UNIT_MEANS if unit.fullmatch(said["unit"])), "")
    name = name or (said["unit"] if "/" in said["unit"] else "")
    return f"{'average ' if said['mean'] else ''}{name} of {said['set']} in {said['unit']}" if name else said.group()


def _counted_of(said: re.Match[str]) -> str:
    """*Saft: how many cells are there* as *how many Saft cells are there*; makers are counted of something."""
    whose = said["whose"] or said["of_whom"]
    return f"{said['many']} {said['what']} of {whose}" if said["makers"] else f"{said['many']} {whose} {said['what']}"


_QUALITIES: Final = {
    "dense": "density",
    "viscous": "viscosity",
    "porous": "porosity",
    "tortuous": "tortuosity",
    "conductive": "conductivity",
    "concentrated": "concentration",
}
"""Adjectives -> the property that they are about."""
_MAKERS: Final = r"(?:makers?|manufacturers?|producers?|compan(?:y|ies)|brands?|suppliers?)"
_WHOSE: Final = r"(?:(?P<whose>[^?:;,⟦]{2,50}?)\s*(?::|;|\s[–—-])|(?:for|with|of|from|by|at) (?P<of_whom>[^?:;,⟦]{2,50}?),)\s*"
"""Of what is counted, said first: *Saft: how many …*, *for Saft, how many …*."""
_HOW_MANY: Final = r"(?P<many>how many|(?:the )?number of|count of)"
_COUNTED: Final = (
    r"(?:(?:[\w-]+ ){0,2}?(?:cells|batteries|models|records|entries|data ?sets|documents|products|types|tests"
    r"|electrolytes|materials)\b"
    r"|(?:are|weigh|have|has|last|contain|use|come)\b(?! (?:there|known)\b))"
)
_APPEAR: Final = r"appears?|occurs?|features?|figures?|exists?|(?:shows?|turns?|crops?|comes?) up"
_ON_RECORD: Final = (
    r"(?:on|in|among|amongst|within) (?:(?:the|your|our|this|these|any) )?"
    r"(?:records?|file|data(?:base|set)?|archive|collection|catalogue)"
)
_REWORDED: Final[Sequence[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]]] = (
    (_pattern(r"\bavg\b\.?|\bave\."), "average"),
    (_pattern(r"\bnom\b\.?(?= (?:volt|capac|energ))"), "nominal"),
    (_pattern(r"\bmax\b\.?(?= [a-z])"), "maximum"),
    (_pattern(r"(?<!\d)(?<!\d )\bmin\b\.?(?= (?:temp|volt|capac|charg|disch|stor|oper|value|current|and max))"), "minimum"),
    (
        _pattern(r"\A(?:the )?(?:#|number) ?of (?P<what>[\w -]+?) (?=(?:does|do|is|are|has|have|can) (?:the )?⟦)"),
        r"how many \g<what> ",
    ),
    (_pattern(r"\A(?P<set>[^?]+?)[\s,:;–-]+how many(?: (?:are there|exist|do you have|of them))?\Z"), r"how many \g<set>"),
    (_pattern(rf"\A{_WHOSE}{_HOW_MANY} (?P<what>(?:(?:different |distinct )?(?P<makers>{_MAKERS})\b|{_COUNTED}).*)"), _counted_of),
    (
        _pattern(rf"\A(?:do|does|did) (?P<who>.+?) (?:{_APPEAR}) (?:with|as (?:the )?makers? of|among (?:the )?makers of) "),
        r"does \g<who> have ",
    ),
    (
        _pattern(
            r"\A(?:is|are) (?P<who>[^⟦]+?) (?:represented|listed|included|recorded|mentioned|named|present) with",
            r" (?=(?:an?|any|some) )",
        ),
        r"does \g<who> have ",
    ),
    (
        _pattern(rf"\A(?:do|does|did) (?:any |some )?(?P<who>.+?) (?:{_APPEAR})(?: (?:at all|anywhere|{_ON_RECORD}))?\Z"),
        lambda said: f"does {said['who']} exist" if "⟦" in said["who"] else f"is there any {said['who']}",
    ),
    (
        _pattern(rf"\b{_MAKERS} (?:{_APPEAR}|is (?:listed|represented|recorded)) (?:the )?(?:most often|most frequently|most)\Z"),
        "maker has the most records",
    ),
    (
        _pattern(r"\Ahow many (?P<unit>\S+) (?P<how>heavy|thick|wide|tall|high|long) (?P<be>is|are) (?P<set>[^⟦]+)\Z"),
        r"how \g<how> \g<be> \g<set> in \g<unit>",
    ),
    (
        _pattern(
            r"\bhow many (?P<unit>hours|h|minutes|min) does (?:it take to (?:re)?charge (?P<it>.+)",
            r"|(?P<what>.+?) take to (?:re)?charge)\Z",
        ),
        lambda said: f"what is the charging time of {said['it'] or said['what']} in {said['unit']}",
    ),
    (
        _pattern(
            r"\A[^?⟦\d]*(?P<it>⟦0⟧)[^?⟦\d]*[.;!] ",
            r"(?=(?:what|which|how|who|is|does|can|has|at|in)\b[^⟦]*\b(?:its?|this cell)\b)",
        ),
        r"\g<it>: ",
    ),
    (
        _pattern(r"\A(?:the )?(?P<set>(?:\w+est|most|least) [^⟦?]+?)'s (?P<property>[\w ]+)\Z"),
        r"\g<property> of the \g<set>",
    ),
    (
        _pattern(r"\A(?P<maker>[\w&-]+)'s (?P<most>\w+est|most|least) (?P<what>[^⟦?]+?)'s (?P<property>[\w ]+)\Z"),
        r"\g<property> of the \g<most> \g<maker> \g<what>",
    ),
    (_pattern(r"\A(?:what|how much) (?:do|does) (?P<set>the (?:\w+est|most|least) [^⟦?]+?) weigh\Z"), r"weight of \g<set>"),
    (_pattern(r"\A(?:#|n[or]\.|num(?:ber)?\.?) ?of\b"), "number of"),
    (_pattern(r"\b(?:out(?:lasts?|lives?)|survives? longer than)\b"), "has more cycle life than"),
    (_pattern(rf"\b{_LASTING} (?:for )?longer\b|\blonger(?:[- ]lasting|[- ]lived)\b"), "has more cycle life"),
    (_pattern(rf"\blonger\b(?=.*\b{_LASTING}\b)"), "more cycle life"),
    (_pattern(r"\b(?P<much>more|less|most|least|much) (?:electric(?:al)? )?charge\b(?! current| voltage)"), r"\g<much> capacity"),
    (_pattern(r"\bconducts? (?:the )?(?P<much>best|better|worst|worse|most|least|more|less)\b"), r"has the \g<much> conductivity"),
    (_pattern(r"\b(?:what|which|how much) (?:electric(?:al)? )?charge (?=(?:do|does|can|will|has|have)\b)"), "what capacity "),
    (_pattern(r"\b(?:full |complete |equivalent )?(?:charg(?:e|ing)|charge[ /-](?:and[ -])?discharge) cycles\b"), "cycles"),
    (_pattern(r"\bdenser than (?=\d)"), "with a density above "),
    (
        _pattern(r"\A(?P<does>do|does|can|will) (?P<it>.+?) (?:reach|attain|achieve) (?=\d)(?!.*\bcycles\b)"),
        r"\g<does> \g<it> have at least ",
    ),
    (  # *which salt is in ⟦0⟧, LiPF6 or LiFSI*
        _pattern(
            r"\A(?:which|what) (?P<role>[a-z ]+?) (?:is|are) (?P<where>(?:used |found )?(?:in|of) (?:the )?⟦0⟧),",
            r" (?P<ways>[^,⟦]+ or [^,⟦]+)\Z",
        ),
        r"is \g<ways> the \g<role> \g<where>",
    ),
    (  # *how many cycles does CATL promise for ⟦0⟧*
        _pattern(
            r"\A(?P<what>(?:how many|what|which) [\w -]+?) (?:does|do|did) [^⟦?]{2,40}? ",
            r"(?:promise|guarantee|state|quote|claim|specify|declare|advertise|indicate|list|report) for (?=(?:the )?⟦0⟧)",
        ),
        r"\g<what> has ",
    ),
    (
        _pattern(r"\A(?P<set>(?:the )?(?:\w+est) [^?⟦,:]+?)[,:]? how many (?P<unit>\S+)(?: is it| does it have)?\Z"),
        r"how many \g<unit> has \g<set>",
    ),
    (
        _pattern(
            r"\b(?P<by>by how (?:many|much)\b[^⟦?]*?) (?:does|do) (?P<it>(?:the )?⟦0⟧) (?:exceed|surpass|beat|top)(?= (?:the )?⟦1⟧)"
        ),
        r"\g<by> is \g<it> larger than",
    ),
    (
        _pattern(
            r"\bhow many (?P<unit>\S+) (?P<does>does|do) (?P<it>(?:the )?⟦0⟧) weigh (?P<more>more|less)(?= than (?:the )?⟦1⟧)",
        ),
        lambda said: f"how many {said['unit']} {'heavier' if said['more'].lower() == 'more' else 'lighter'} is {said['it']}",
    ),
    (_pattern(r"\A(?P<where>where (?:does|do|did|is|was) .*?⟦0⟧.*?),? (?:in |from )?(?:which|what) country\Z"), r"\g<where>"),
    (
        _pattern(
            r"\A(?P<set>[^?:⟦]+?)\s*[:,] (?:what|how much) (?:do|does) (?:they|these|those|it) weigh",
            r"(?P<mean> (?:on|in) average| typically| usually)?,?(?P<unit> in \S+)?\Z",
        ),
        lambda said: f"{'average ' if said['mean'] else ''}weight of {said['set']}{said['unit'] or ''}",
    ),
    (_pattern(r"\b(?:after|for) how many cycles\b"), "how many cycles"),
    (
        _pattern(rf"\bhow (?:many times|often) (?P<it>{_MAY} .+? be) (?:re|dis)?(?:charged|cycled)\b"),
        r"how many cycles \g<it> used",
    ),
    (_pattern(r"\bhow much (?P<what>[^⟦]+?) in (?:per ?cent|%)(?=\s|\Z)"), r"by what percent \g<what>"),
    (
        _pattern(r"\bhow many (?P<unit>[^\s⟦]+) (?P<more>more|fewer|less)\b(?= (?:is|are|do|does|can|will|has|have)\b)"),
        r"how many \g<more> \g<unit>",
    ),
    (
        _pattern(
            r"\b(?:what|how (?:long|many|much)) (?P<does>do|does|can|will) (?P<it>.+?) (?P<last>last|survive|reach),? in cycles\Z"
        ),
        r"how many cycles \g<does> \g<it> \g<last>",
    ),
    (
        _pattern(r"(?P<half>\b(?:capacity|voltage|potential)\b.*) (?:vs\.?|versus|against) (?:Li|Na)(?:\+? ?/ ?(?:Li|Na)\+?)?\Z"),
        r"\g<half>",
    ),
    (
        _pattern(r"\Abetween (?:what|which) (?:values|limits|bounds) (?:do|does) (?:the )?(?P<what>.+?) (?:lie|range|vary|fall)\Z"),
        r"range of \g<what>",
    ),
    (
        _pattern(
            r"\A(?:(?:from )?what to what|over (?:what|which) range|how (?:widely|far|much)) (?:do|does) (?:the )?(?P<what>.+?)",
            r" (?:range|vary|spread)\Z",
        ),
        r"range of \g<what>",
    ),
    (_pattern(r"\bhow long (?:to|it takes to) (?:re)?charge\b"), "charging time of"),
    (_pattern(r"\bhow long does (?:the )?(?:re)?charging (?:of )?(?P<what>.+?) take\b"), r"what is the charging time of \g<what>"),
    (_pattern(r"\bas (?P<how>heavy|thick|wide|tall|long|high|big|large) as (?=(?:the |an? )?⟦)"), r"the same \g<how> as "),
    (_pattern(r"\breach(?:es)? (?=[\d.,]+ cycles\b)"), "last "),
    (
        _pattern(r"\b(?P<much>more|less|most|least) (?P<what>porous|viscous|tortuous|conductive|concentrated|dense)\b(?=.*⟦|\Z)"),
        lambda said: f"{said['much']} {_QUALITIES[said['what'].lower()]}",
    ),
    (
        _pattern(
            r"\A(?:is|are) (?P<what>[^⟦]+?) (?:ever )?(?:used|found|contained|present) in (?:any|some|an?) (?P<set>[^⟦]+)",
        ),
        r"is there any \g<set> with \g<what>",
    ),
    (
        _pattern(
            r"\b(?P<what>(?:(?!(?:the|of|is|an?|what|which)\b)\w+ ){0,2}\w+) \((?P<sort>",
            rf"{_SORT}(?:[ ,]+{_SORT})*)\)",
        ),
        r"\g<sort> \g<what>",
    ),
    (_pattern(r"\b(?:the|an?|my|our|this|that) (?:[\w-]+ )?(?:cell|battery|accumulator) (?=⟦)"), "the "),
    (_pattern(r"\bhow (?:far|much|wide) apart\b"), "difference of"),
    (_pattern(r"\bhow (?:far|strongly|widely|greatly|much) (?=(?:do|does|did)\b.*⟦.*\bdiffer\b)"), "how "),
    (
        _pattern(rf"\bhow many (?!(?:cells|batteries|records|models)\b)(?P<unit>[^\s⟦]+) (?:do |does )?{_APART} (?=(?:the )?⟦0⟧)"),
        r"in \g<unit>, what is the difference between ",
    ),
    (_pattern(rf"\b(?:what|which|how much) (?P<what>\w[\w ]*?) {_APART} (?=(?:the )?⟦0⟧)"), r"difference in \g<what> between "),
    (_pattern(r"\bdifference in (?P<unit>\S+) between (?P<both>(?!.* in ).*⟦0⟧.+)"), r"difference between \g<both> in \g<unit>"),
    (
        _pattern(
            r"(?:\b(?:of|between|among) (?:the|these|those) (?:two|three)(?: (?:cells|batteries|models))?,? )?",
            r"\bwhich (?:one )?(?:of|among) (?:the|these|those) (?:two|three)(?: (?:cells|batteries|models|ones))?(?=[ ,])",
        ),
        "which one",
    ),
    (_pattern(r"\b(?:typical|average|usual|mean) \((?P<word>mean|average)\)"), r"\g<word>"),
    (_pattern(r"\b(?:typical|usual|average) \(median\)"), "median"),
    *(
        (
            _pattern(
                rf"\bhow many {unit} (?:do|does|can|could|will|would) (?!.*\b(?:more|less|fewer|than)\b)(?P<what>.+?)",
                rf"(?: {_GIVES})?(?P<theory>,? (?:in theory|theoretically))?\Z",
            ),
            lambda said, name=name, written=written: (
                f"what is the {'theoretical ' if said['theory'] else ''}{name} of {said['what']} in {written}"
            ),
        )
        for unit, name, written in _PER_UNITS
    ),
    (  # *how many volts do LTO cells have on average*, *how many volts has the cell with the highest capacity*
        _pattern(
            r"\Ahow many (?P<unit>\S+) (?:do|does|has|have|is) (?!.*\b(?:more|less|fewer|than|need|there)\b)(?P<set>[^⟦]+?)",
            rf"(?: {_GIVES}| weigh| hold)?(?P<mean> (?:on|in) average| typically| usually)?\Z",
        ),
        _in_unit,
    ),
    (
        _pattern(r"\b(?:active )?(?:material )?mass per (?:unit )?(?:area|cm2|cm²|square centimet(?:re|er))(?=\s|\Z)"),
        "mass loading",
    ),
    (
        _pattern(
            r"(?P<be> (?:is|was|are|were))? (?:put|filled|injected|poured|dispensed|pipetted) (?:in|into)(?= (?:the |an? )?\S)"
        ),
        lambda said: f"{said['be'] or ''} in",
    ),
    (
        _pattern(
            r"\b(?P<what>instrument|device|cycler|potentiostat)s? (?:(?:was|were) used (?:to|for) )?",
            r"(?:measured?|measuring|recorded?|recording|tested|test|testing|took|take|cycled|cycling) (?=(?:the )?⟦0⟧)",
        ),
        r"\g<what> of ",
    ),
    (_pattern(r"\A(?:the )?names? of (?=(?:all|the|every)\b)(?!.*\b(?:makers?|manufacturers?)\b)"), "list "),
    (_pattern(r"\b(?:all the time|at all times|without a break)\b"), "continuously"),
    (_pattern(r"\b(?<!country of )(?:the )?origin of (?=(?:the )?⟦)"), "the country of origin of "),
    (
        _pattern(r"\Awhere (?:does|do|did) (?P<what>(?:the )?⟦0⟧(?: (?:cell|battery))?) (?:come|originate|stem)(?: from)?\Z"),
        r"country of \g<what>",
    ),
    (_pattern(r"\b(?:bring|put|tip)s?(?: [\w.,]+)? (?:up)?(?:on ?to|on|at)? ?(?:the )?scales\b"), "weigh"),
    *(
        (_pattern(rf"\bhow {adjective} (?:is|are|was|were)\b"), f"what is the {meant} of")
        for adjective, meant in _QUALITIES.items()
    ),
    (_pattern(r"\bhow long does it take to (?:re)?charge\b"), "what is the charging time of"),
    (_pattern(r"\bhow long does (?P<what>.+?) take to (?:re)?charge\b"), r"what is the charging time of \g<what>"),
    (_pattern(r"\bhow (?:large|big|high|great|low|good) (?:is|are)(?= (?:the|its) (?!⟦))"), "what is"),
    *(
        (_pattern(rf"\bhow (?:{words}) (?:is|are) the (?P<part>[\w -]{{3,40}}?) (?:of|in|inside) (?=(?:the |an? )?⟦)"), meant)
        for words, meant in (
            ("heavy|light", r"what is the mass of the \g<part> of "),
            ("thick|thin", r"what is the thickness of the \g<part> of "),
            ("wide", r"what is the width of the \g<part> of "),
            ("tall", r"what is the height of the \g<part> of "),
        )
    ),
    (
        _pattern(r"\Ahow (?:do|does|did) (?P<sets>.+?) compare (?:in(?: terms of)?|by|regarding)(?: the| their)? (?P<property>.+)"),
        r"compare the \g<property> of \g<sets>",
    ),
    (  # *energy of the ⟦0⟧ per litre*
        _pattern(
            r"\b(?P<what>energy(?: density| content)?|capacity|density|mass|weight)(?P<of> (?:of|for|in|has|have|does|do) .+?)",
            r"(?P<per> (?:per|to) (?:unit )?(?:of )?(?:volume|area|mass|weight|amount|mole?|lit(?:re|er)|l|kilo(?:gram)?|kg"
            r"|gram|g|cm[23²³]"
            r"|(?:square|cubic) centimet(?:re|er)))\Z",
        ),
        r"\g<what>\g<per>\g<of>",
    ),
    (
        _pattern(rf"\b(?:specific |gravimetric )?energy(?: content| density)? {_PER} (?:weight|mass|kilo(?:gram)?s?|kg)\b"),
        "specific energy",
    ),
    (
        _pattern(
            rf"\b(?:volumetric )?energy(?: content| density)? {_PER} (?:volume|lit(?:re|er)s?|l)\b|\benergy[- ]dens(?:e|est)\b"
        ),
        "energy density",
    ),
    (_pattern(rf"\b(?:specific )?capacity {_PER} (?:weight|mass|grams?|g|kilo(?:gram)?s?|kg)\b"), "specific capacity"),
    (_pattern(rf"\b(?:mass|weight) {_PER} (?:amount(?: of substance)?|moles?|mol)\b"), "molar mass"),
    (_pattern(rf"\bdensity {_PER} (?:volume|cubic centimet(?:re|er)s?|cm[3³]|lit(?:re|er)s?|l)\b"), "density"),
    (
        _pattern(r"\b(?:what|how much|how many grams) (?:do|does|would) (?:one|a|1) mole? of (?P<what>.+?) weigh\Z"),
        r"what is the molar mass of \g<what>",
    ),
    (
        _pattern(r"\b(?:mass|weight) of (?:one|a|1) mole? of\b"),
        "molar mass of",
    ),
    (_pattern(rf"\b(?:areal )?capacity {_PER} (?:area|cm2|cm²|square centimet(?:re|er)s?)\b"), "areal capacity"),
    *(
        (
            _pattern(
                rf"\b{_MAY}(?P<who> (?:i|you|it|we|one|{_IT}))? (?:not|never)(?: be)?",
                rf"(?P<done> (?!{words}|⟦)\w+)?(?P<it> {_IT})? (?:{words})\b",
            ),
            rf"\g<who>\g<it> {bound}\g<done>",
        )
        for words, bound in (("below|under|less than", "minimum"), ("exceed|above|over|beyond|more than", "maximum"))
    ),
    (_pattern(r"\b(?:coldest|coolest)(?= (?:temperature|it))"), "lowest"),
    (_pattern(r"\b(?:hottest|warmest)(?= (?:temperature|it))"), "highest"),
)
"""What people say by verbs, and the same with the name of a property."""
_WHETHER: Final = _pattern(
    rf"\A(?:if|whether) (?P<what>{_IT}|there|you|we) (?P<verb>is|are|was|has|have|can|does|weighs|contains|uses|know)\b"
)
_ASKING_VERBS: Final = frozenset(("is", "are", "was", "can", "does"))
_IS: Final = _pattern(r"\b(?P<word>what|who|where|when|which|how)'?s\b")
_END: Final = re.compile(r"(?:[\s?!.,;:]+|[\s,]+(?:please|thanks|thank you))+\Z", re.IGNORECASE)


def cleaned(text: str) -> str:
    """The question without greetings and the signs at its end, in the words that its forms are told by.

    >>> cleaned("Hello, can you tell me how heavy is it?"), cleaned("What's the mass, please?")
    ('how heavy is it', 'What is the mass')
    """
    asked = _IS.sub(r"\g<word> is", _END.sub("", " ".join(text.replace("’", "'").split())))
    while True:
        asked = _WHETHER.sub(_as_question, asked, count=1)
        lead = _LEAD.match(asked)
        if lead is None or not asked[lead.end() :].strip():
            return _reworded(asked)
        asked = asked[lead.end() :].lstrip()


def _as_question(said: re.Match[str]) -> str:
    """*Whether the ⟦0⟧ is round* as *is the ⟦0⟧ round*."""
    if said["verb"].lower() in _ASKING_VERBS:
        return f"{said['verb']} {said['what']}"
    return f"does {said['what']} {'have' if said['verb'].lower() == 'has' else said['verb'].removesuffix('s')}"


def _reworded(asked: str) -> str:
    for pattern, meant in _REWORDED:
        asked = pattern.sub(meant, asked)
    return asked
