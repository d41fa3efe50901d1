"""Name the fictional people of the demo, for its one-click roles (floor 9)."""

import msgspec

from consult.core.i18n import lazy_gettext as _l


class Person(msgspec.Struct, frozen=True):
    """One fictional person: her key, address, name and what she does."""

    key: str
    email: str
    name: str
    label: object


PEOPLE = (
    Person("facilitator", "camille@demo.invalid", "Camille Roy", _l("Facilitator")),
    Person("co_lead_staff", "sylvie@demo.invalid", "Sylvie Tremblay", _l("Co-lead, staff")),
    Person("co_lead_partner", "amadou@demo.invalid", "Amadou Diallo", _l("Co-lead, partner")),
    Person("analyst", "nadia@demo.invalid", "Nadia Haddad", _l("Analyst")),
    Person("admin", "admin@demo.invalid", "Josée Gagnon", _l("Administrator")),
)
