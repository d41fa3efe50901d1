"""Say in the language of the page what is wrong with a questionnaire file (floor 6).

The rules speak English, for the command line; each of their sentences, and each of the JSON
reader's, has its words here.
"""

import re
from collections.abc import Callable

from consult.core.i18n import gettext as _
from consult.surveys.rules import Fault

_SAYINGS: tuple[tuple[str, Callable[..., str]], ...] = (
    (
        r"JSON is malformed|Input data was truncated|Invalid UTF-8|Input data is not",
        lambda: _("This is no JSON file, or it is damaged."),
    ),
    (
        r"Object missing required field `(?P<name>.+)`",
        lambda name: _("“%(name)s” is missing here.", name=name),
    ),
    (
        r"Object contains unknown field `(?P<name>.+)`",
        lambda name: _("“%(name)s” is not known here.", name=name),
    ),
    (
        r"Invalid enum value '?(?P<name>.+?)'?$",
        lambda name: _("“%(name)s” is not among the values allowed here.", name=name),
    ),
    (
        r"Expected `\w+` matching regex",
        lambda: _("A code begins with a letter and holds small letters, digits and “_” only."),
    ),
    (
        r"Expected `\w+` (?:of length )?>= (?P<limit>\d+)",
        lambda limit: _("Too little: at least %(limit)s is needed here.", limit=limit),
    ),
    (
        r"Expected `\w+` (?:of length )?<= (?P<limit>\d+)",
        lambda limit: _("Too much: the limit is %(limit)s here.", limit=limit),
    ),
    (
        r"Expected `(?P<wanted>[^`]+)`, got `(?P<found>[^`]+)`",
        lambda wanted, found: _(
            "A value of the kind “%(wanted)s” is expected here, not “%(found)s”.",
            wanted=wanted,
            found=found,
        ),
    ),
    (
        r"code '(?P<name>.+)' is already used at (?P<place>.+)",
        lambda name, place: _(
            "The code “%(name)s” is already used at %(place)s.", name=name, place=place
        ),
    ),
    (
        r"(?:page|option) code '(?P<name>.+)' is used twice",
        lambda name: _("The code “%(name)s” is used twice.", name=name),
    ),
    (
        r"(?P<count>\d+) items; the limit is (?P<limit>\d+)",
        lambda count, limit: _(
            "There are %(count)s items; the limit is %(limit)s.", count=count, limit=limit
        ),
    ),
    (
        r"give from 2 to (?P<limit>\d+) options",
        lambda limit: _("Give from 2 to %(limit)s options.", limit=limit),
    ),
    (
        r"an item of kind (?P<kind>\w+) has no options",
        lambda kind: _("An item of the kind “%(kind)s” has no options.", kind=kind),
    ),
    (
        r"max_choices and exclusive belong to several_choices",
        lambda: _("“max_choices” and “exclusive” belong to the kind “several_choices”."),
    ),
    (r"more than there are options", lambda: _("This is more than there are options.")),
    (
        r"dont_know and prefer_not are kept for non_answers",
        lambda: _("The codes “dont_know” and “prefer_not” are kept for “non_answers”."),
    ),
)


def fault_text(fault: Fault) -> str:
    """Return what is wrong at the place of ``fault``; a text of ours already passes as it is."""
    for pattern, say in _SAYINGS:
        found = re.match(pattern, fault.message)
        if found:
            return say(**found.groupdict())
    return fault.message
