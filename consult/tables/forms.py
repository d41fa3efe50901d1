"""Parse what staff send about tables and seats (floor 3)."""

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from consult.core.bounds import MAX_NUMBER
from consult.core.clock import today
from consult.core.forms import Form, TextMapField, VersionField
from consult.core.i18n import lazy_gettext as _l
from consult.tables import rules
from consult.tables.services import Invitation

DEMO = "@demo.invalid"


class CreateTableForm(Form):
    """A new table: its organisation and its name in both languages."""

    organisation = IntegerField(
        validators=[
            InputRequired(_l("Choose an organisation.")),
            NumberRange(1, MAX_NUMBER, _l("Choose an organisation.")),
        ]
    )
    name = TextMapField(required=True, limit=160)


class EditTableForm(Form):
    """The texts and the standing of a table."""

    name = TextMapField(required=True, limit=160)
    purpose = TextMapField(limit=1000)
    mandate = TextMapField(limit=4000)
    visibility = SelectField(choices=list(rules.VISIBILITIES))
    state = SelectField(choices=list(rules.STATES))
    version = VersionField()


class AddSeatForm(Form):
    """A new seat, or an alternate of the seat whose number is given."""

    role = SelectField(choices=list(rules.SEAT_ROLES))
    alternate_of = IntegerField(validators=[Optional(), NumberRange(1, MAX_NUMBER)])


class PersonForm(Form):
    """A person to invite: name, address, language."""

    name = StringField(validators=[DataRequired(_l("Write the person’s name.")), Length(max=120)])
    email = StringField(
        validators=[InputRequired(_l("Write the person’s e-mail address.")), Length(max=254)]
    )
    locale = SelectField(choices=["fr", "en"])

    def validate_email(self, field: StringField) -> None:
        """Refuse an address that no mail server would take, save those of the demo's people."""
        if current_app.extensions["consult_settings"].demo and field.data.endswith(DEMO):
            return
        try:
            field.data = validate_email(field.data, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise ValidationError(_l("Write an address like name@example.org.")) from error


class InviteForm(PersonForm):
    """The person invited on a seat, and the last day of the mandate."""

    ends_on = DateField(validators=[Optional()], format="%Y-%m-%d")

    def validate_ends_on(self, field: DateField) -> None:
        """Refuse a mandate that would be over before it starts."""
        if field.data is not None and field.data < today():
            raise ValidationError(_l("The last day is already past."))

    def invitation(self) -> Invitation:
        """Return whom to invite."""
        return Invitation(self.email.data, self.name.data, self.locale.data, self.ends_on.data)


class GrantForm(PersonForm):
    """The person, the role and the organisation."""

    role = SelectField(choices=list(rules.GRANT_ROLES))
    organisation = IntegerField(
        validators=[InputRequired(_l("Choose an organisation.")), NumberRange(1, MAX_NUMBER)]
    )

    def invitation(self) -> Invitation:
        """Return whom to give the role to."""
        return Invitation(self.email.data, self.name.data, self.locale.data)
