"""Parse what staff send about tables and seats (floor 3)."""

from email_validator import EmailNotValidError, validate_email
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from consult.core.bounds import MAX_NUMBER
from consult.core.forms import Form, TextMapField, VersionField
from consult.core.i18n import lazy_gettext as _l
from consult.tables import rules


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
    """A new seat."""

    role = SelectField(choices=list(rules.SEAT_ROLES))


class InviteForm(Form):
    """The person invited on a seat."""

    name = StringField(validators=[InputRequired(_l("Write the person’s name.")), Length(max=120)])
    email = StringField(
        validators=[InputRequired(_l("Write the person’s e-mail address.")), Length(max=254)]
    )
    locale = SelectField(choices=["fr", "en"])
    ends_on = DateField(
        validators=[Optional()],
        format="%Y-%m-%d",
    )

    def validate_email(self, field: StringField) -> None:
        """Refuse an address that no mail server would take."""
        try:
            field.data = validate_email(field.data, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise ValidationError(_l("Write an address like name@example.org.")) from error
