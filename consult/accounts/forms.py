"""Parse what people send about their account (floor 2)."""

from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from consult.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from consult.core.forms import Form, VersionField
from consult.core.i18n import lazy_gettext as _l


class SignInForm(Form):
    """Address and password."""

    email = StringField(
        validators=[InputRequired(_l("Write your e-mail address.")), Length(max=254)]
    )
    password = PasswordField(
        validators=[InputRequired(_l("Write your password.")), Length(max=MAX_LENGTH)]
    )


class ResetForm(Form):
    """The address that has lost its password."""

    email = StringField(
        validators=[InputRequired(_l("Write your e-mail address.")), Length(max=254)]
    )


class PasswordForm(Form):
    """A new password, twice never asked: it can be shown and pasted."""

    password = PasswordField(validators=[InputRequired(_l("Write a password."))])

    def validate_password(self, field: PasswordField) -> None:
        """Ask for length, not for kinds of characters."""
        if not MIN_LENGTH <= len(field.data or "") <= MAX_LENGTH:
            raise ValidationError(
                _l("Choose a password of at least %(count)s characters.", count=MIN_LENGTH)
            )


class ChangePasswordForm(PasswordForm):
    """A new password, and the present one as proof."""

    present = PasswordField(
        validators=[
            InputRequired(_l("Write your present password.")),
            Length(max=MAX_LENGTH),
        ]
    )


class AccountForm(Form):
    """How one is called and in which language one is written to."""

    name = StringField(validators=[DataRequired(_l("Write your name.")), Length(max=120)])
    locale = SelectField(choices=["fr", "en"])
    version = VersionField()
