"""Keep questionnaires that staff are writing, finished or not."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of working copies."""
    op.create_table(
        "questionnaire_working_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_questionnaire_working_copy_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_working_copy")),
        sa.UniqueConstraint(
            "consultation_id", name=op.f("uq_questionnaire_working_copy_consultation_id")
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("questionnaire_working_copy")
